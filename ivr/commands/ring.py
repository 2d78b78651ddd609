"""A call to a contact, to see that a real phone rings and sends a key: for `ivr doctor --ring`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import click

from ivr.commands.asking import ask
from ivr.core.call import CallState
from ivr.core.content import Content
from ivr.settings.read import Settings
from ivr.telephony.twilio.account import AccountFault
from ivr.telephony.twilio.calls import LATE, Asked, Calls, path_of, what_code_means
from ivr.telephony.twiml.events import LONGEST_WHISPER
from ivr.telephony.twiml.urls import whisper_url
from ivr.telephony.web import address_of

Outcome = Literal["key heard", "no key", "busy", "no answer", "failed", "not known"]
OF_A_CALL = (13, 21, 32)
"""Thousands of the codes that are about a call or a number; others are about the account."""
SLACK = 10
"""Seconds that ringing may take longer (docs/twilio.md, Ringing)."""
REMEDIES: dict[Outcome, str] = {
    "key heard": "",
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
    good: bool
    remedy: str = ""
    code: int | None = None

    def __str__(self) -> str:
        which = self.contact if self.count == 1 else f"{self.contact}, number {self.place} of {self.count}"
        code = f" ({self.code})" if self.code else ""
        remedy = f". Remedy: {self.remedy}" if self.remedy else ""
        return f"{which}: {self.outcome}{code}{remedy}."


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
    ClickException where nobody says yes, where there is no such contact, or where it is interrupted; AccountFault where
    Twilio cannot be asked.
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
        return tuple(_all_rung(calls, settings, content, contact, tell))
    except KeyboardInterrupt:
        raise click.ClickException(
            f"It was interrupted. What became of the call is not known; it ends by itself after {LONGEST_WHISPER} s."
        ) from None


def _all_rung(
    calls: Calls, settings: Settings, content: Content, contact: str, tell: Callable[[str], None]
) -> Iterator[Rung]:
    numbers = settings.contacts[contact]
    for place, number in enumerate(numbers, 1):
        rung = _rung(calls, settings, content, contact, number, place)
        tell(str(rung))
        yield rung


def _rung(calls: Calls, settings: Settings, content: Content, contact: str, number: str, place: int) -> Rung:
    office, count = content.office, len(settings.contacts[contact])

    def rung(outcome: Outcome, *, good: bool = False, remedy: str = "", code: int | None = None) -> Rung:
        return Rung(contact, place, count, outcome, good, "" if good else remedy or REMEDIES[outcome], code)

    says = whisper_url(settings.public_url, CallState("", content.languages.before_choice[0]))
    rings = office.rings[contact]
    try:
        started = calls.start(number, settings.caller_id, rings=rings, limit=LONGEST_WHISPER, url=says, method="POST")
    except AccountFault as fault:
        if (fault.code or 0) // 1000 not in OF_A_CALL:
            raise  # it is about the account, and not about this number
        return _failed(rung, fault.code)
    ended = calls.end(started.sid, rings + SLACK + LONGEST_WHISPER + LATE, lambda _status: None)
    if ended != "completed":
        return _not_reached(rung, calls, started.sid, BY_STATUS.get(ended, "failed"))
    heard = calls.until(lambda: _is_key_heard(calls.asked(started.sid), settings.public_url), SLACK)
    if errors := calls.codes(started.sid)[0]:
        return _failed(rung, errors[0])
    if heard:
        return rung("key heard", good=True)
    return rung("no key", good=office.contacts[contact].accept == "at_once")


def _not_reached(rung: Callable[..., Rung], calls: Calls, sid: str, outcome: Outcome) -> Rung:
    errors, _ = calls.codes(sid)
    return _failed(rung, errors[0]) if outcome == "failed" and errors else rung(outcome)


def _failed(rung: Callable[..., Rung], code: int | None) -> Rung:
    what, remedy = what_code_means(code or 0)
    return rung("failed", remedy=f"{what}: {remedy}", code=code)


def _is_key_heard(asked: tuple[Asked, ...], public_url: str) -> bool:
    """Whether the line's whisper was told a key, and answered."""
    paths = ((path_of(each, public_url) or "", each.status) for each in asked if each.key)
    return any(status == 200 and address_of(path) == ("whisper", None) for path, status in paths)
