"""A call to a contact, to see that a real phone rings and sends a key: for `ivr doctor --ring`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Literal, NamedTuple

import click

from ivr.commands.asking import ask
from ivr.commands.probe_seen import LOG
from ivr.core.call import CallState
from ivr.core.content import Content
from ivr.settings.read import Settings
from ivr.telephony.twilio.account import AccountFault
from ivr.telephony.twilio.calls import LATE, RINGS_LONGER, WAITS, Calls, StartedCall, path_of
from ivr.telephony.twilio.codes import what_code_means
from ivr.telephony.twiml.events import LONGEST_WHISPER
from ivr.telephony.twiml.urls import whisper_url
from ivr.telephony.web import address_of

Outcome = Literal["key heard", "no key", "busy", "no answer", "failed", "not known"]
LISTENS = "<Gather"
"""What stands in a document that asks for a key; one of a line that has failed connects at once."""
OF_A_CALL = (13, 21, 32)
"""Thousands of the codes that are about a call or a number; others are about the account."""
REMEDIES: dict[Outcome, str] = {
    "no key": "ask whoever answered to press a key; see that the phone sends tones, and that no voicemail answers",
    "busy": "ring it again when it is free; see that a second call is let through, or add another number",
    "no answer": "see that the phone is on and lets our number through, or that a voicemail does not refuse it",
    "failed": "see that the number is right: ring it once from a phone",
    "not known": "look at the call in the Twilio console",
}
BY_STATUS: dict[str | None, Outcome] = {"busy": "busy", "no-answer": "no answer", "failed": "failed", None: "not known"}


@dataclass(frozen=True)
class Rung:
    """What became of one number of a contact: the `place`-th of `count`, counted from 1.

    `good`: a real call would have reached a person. `code`: of the error at Twilio, where it tells one.
    """

    contact: str
    place: int
    count: int
    outcome: Outcome
    good: bool = False
    remedy: str = ""
    code: int | None = None

    @property
    def which(self) -> str:
        """The contact, and which of its numbers: never the number itself."""
        return self.contact if self.count == 1 else f"{self.contact}, number {self.place} of {self.count}"

    def __str__(self) -> str:
        code = f" ({self.code})" if self.code else ""
        remedy = f". Remedy: {self.remedy}" if self.remedy else ""
        return f"{self.which}: {self.outcome}{code}{remedy}."


def ring_contact(
    calls: Calls,
    settings: Settings,
    content: Content,
    contact: str,
    *,
    yes: bool = False,
    tell: Callable[[str], None] = click.echo,
) -> tuple[Rung, ...]:
    """Ring every number of a contact in turn, as the line does, and see whether a key is heard.

    Whoever answers hears what a call of the line says; the line does not count it. It asks first, unless `yes`.
    ClickException where nobody says yes, where there is no such contact, or where it is interrupted or Twilio cannot be
    asked any more; AccountFault where Twilio refuses.
    """
    numbers = settings.contacts.get(contact)
    if not numbers:
        raise click.ClickException(
            f"nobody was rung: '{contact}' is no contact. Remedy: name one of {', '.join(sorted(settings.contacts))}."
        )
    rings = content.office.rings[contact]
    phones = "one phone rings now" if len(numbers) == 1 else f"{len(numbers)} phones ring now, one after the other"
    tell(
        f"{contact}: {phones}, each for {rings} s at most. A real person answers: they hear what a call of the "
        "line says, and press a key. Twilio charges each call as a whole minute, at the prices of your account."
    )
    if not yes:
        ask(f"Ring {contact} now?", "nobody was rung")
    try:
        return _rung(calls, settings, content, contact, tell)
    except (AccountFault, KeyboardInterrupt) as stopped:
        if isinstance(stopped, AccountFault) and stopped.is_refusal:
            raise
        raise click.ClickException(
            f"{str(stopped) or 'It was interrupted.'} What is not told above is not known; a call ends by itself after "
            f"{LONGEST_WHISPER} s."
        ) from None


def _rung(
    calls: Calls, settings: Settings, content: Content, contact: str, tell: Callable[[str], None]
) -> tuple[Rung, ...]:
    """Ring each number, then wait until Twilio lists what those who answered have pressed."""
    numbers, answered = settings.contacts[contact], dict[int, str]()
    rung = [Rung(contact, place, len(numbers), "not known") for place in range(1, len(numbers) + 1)]
    for place, number in enumerate(numbers):
        became = _ring(calls, settings, content, contact, number)
        if isinstance(became, StartedCall):
            answered[place] = became.sid
            tell(f"{rung[place].which}: answered.")
        else:
            rung[place] = replace(rung[place], **became._asdict())
            tell(str(rung[place]))
    if answered:
        tell(WAITS)
    for place, sid in answered.items():
        became = _pressed(calls, settings, sid, needs_key=content.office.contacts[contact].accept == "any_key")
        rung[place] = replace(rung[place], **became._asdict())
        tell(str(rung[place]))
    return tuple(rung)


class _Became(NamedTuple):
    """What became of a call, in the words of `Rung`."""

    outcome: Outcome
    good: bool = False
    remedy: str = ""
    code: int | None = None


def _ring(calls: Calls, settings: Settings, content: Content, contact: str, number: str) -> StartedCall | _Became:
    """Ring a number until the call has ended: the call, if somebody answered."""
    says = whisper_url(settings.public_url, CallState("", content.languages.before_choice[0]))
    rings = content.office.rings[contact]
    try:
        started = calls.start(number, settings.caller_id, rings=rings, limit=LONGEST_WHISPER, url=says, method="POST")
    except AccountFault as fault:
        if fault.code is None or fault.code // 1000 not in OF_A_CALL:
            raise  # it is about the account, and not about this number
        return _failed(fault.code)
    ended = calls.end(started.sid, rings + RINGS_LONGER + LONGEST_WHISPER + LATE, lambda _status: None)
    if ended == "completed":
        return started
    errors, _ = calls.codes(started.sid)
    outcome = BY_STATUS.get(ended, "failed")
    return _failed(errors[0]) if outcome == "failed" and errors else _Became(outcome, remedy=REMEDIES[outcome])


def _pressed(calls: Calls, settings: Settings, sid: str, *, needs_key: bool) -> _Became:
    """What somebody who answered has pressed, as the line was told."""
    asked = calls.asked(sid)
    if errors := calls.codes(sid)[0]:
        return _failed(errors[0])
    whispers = [each for each in asked if address_of(path_of(each, settings.public_url) or "") == ("whisper", None)]
    if any(each.key and each.status == HTTPStatus.OK for each in whispers):
        return _Became("key heard", good=True)
    if needs_key and any(each.answer and LISTENS not in each.answer for each in whispers if not each.key):
        return _Became("failed", remedy=f"the line did not ask for a key: {LOG}")
    if not whispers:
        return _Became("not known", remedy=REMEDIES["not known"])
    return _Became("no key", good=not needs_key, remedy=REMEDIES["no key"] if needs_key else "")


def _failed(code: int) -> _Became:
    what, remedy = what_code_means(code)
    return _Became("failed", remedy=f"{what}: {remedy}", code=code)
