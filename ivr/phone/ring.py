"""`ivr call`: one call, shown in the terminal or printed as a golden call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from ivr.core.content import Content
from ivr.phone.golden import golden_text
from ivr.phone.hearing import Hearing, Subtitle
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.sounds import SecondsOf
from ivr.phone.network.transcript import Transcript
from ivr.phone.simulation import carrier_for, codes_by_locale, contact_numbers, language_numbers, names_by_number
from ivr.phone.terminal import HELP, LiveCaller, LiveContacts, Screen, ShownCaller, keyboard

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BY_DEFAULT = "answers"
BuildApp = Callable[[Content, Callable[[], datetime]], "WSGIApplication"]
"""Takes a content and a clock; returns the application of a simulated line."""


@dataclass(frozen=True)
class RequestedCall:
    """The options of one call: its time, the caller's steps, what each contact does, and whose number is dialled."""

    at: datetime
    steps: tuple[str, ...]
    contacts: dict[str, str]
    dials: str | None = None

    @classmethod
    def read(
        cls, content: Content, at: datetime, keys: str, lang: str | None, dials: str | None, contacts: tuple[str, ...]
    ) -> RequestedCall:
        """Check the options of the command line; ValueError tells what is wrong and what is allowed.

        `content`: all of it, also what has no voice.
        """
        steps = tuple(step.strip() for step in keys.split(",") if step.strip())
        for option, code in (("--lang", lang), ("--dials", dials)):
            if code is not None and code not in content.offered:
                whole = ", ".join(sorted(content.offered))
                raise ValueError(f"{option}: '{code}' is no language that has all its texts; write one of {whole}")
        if lang and dials:
            raise ValueError("--lang and --dials: the number chooses the language already; leave one out")
        chosen = content.languages.languages[lang].digit.split("-") if lang else ()
        return cls(at, (*chosen, *_checked(steps)), _contacts(content, contacts), dials)


def play_call(
    wanted: RequestedCall,
    content: Content,
    build: BuildApp,
    seconds_of: SecondsOf,
    subtitle: Subtitle,
    *,
    as_golden: bool,
    live: bool,
    remarks: Mapping[str, str],
) -> None:
    """Make the call and show it; CarrierError if the line breaks a rule. `live`: the keyboard is the phone.

    `content`: offers what the call shall offer. `remarks`: language -> what is told with its sentences, but in a golden
    call.
    """
    clock = VirtualClock(wanted.at)
    app = build(content, clock.now)
    carrier = carrier_for(app, clock, seconds_of, hearing=Hearing(app, subtitle))
    numbers = contact_numbers(content.office.contacts)
    transcript = Transcript(names_by_number(numbers), codes_by_locale(content.languages))
    scripted = ScriptedContacts(
        {numbers[name][0]: [does] for name, does in wanted.contacts.items()}, default=BY_DEFAULT
    )
    screen = Screen(replace(transcript, remarks=remarks))
    to = language_numbers(content.languages.languages)[wanted.dials] if wanted.dials else None
    if as_golden:
        events = carrier.call(ScriptedCaller(wanted.steps), scripted, to=to)
        contacts = {name: [does] for name, does in wanted.contacts.items()}
        click.echo(golden_text(wanted.at, wanted.steps, contacts, wanted.dials, events, transcript), nl=False)
    elif not live:
        carrier.call(ShownCaller(wanted.steps, screen), scripted, to=to)
    else:
        decided = frozenset(numbers[name][0] for name in wanted.contacts)
        screen.note(HELP)
        with keyboard() as keys:
            caller = LiveCaller(wanted.steps, screen, keys)
            carrier.call(caller, LiveContacts(scripted, decided, screen, keys), to=to)


def _checked(steps: tuple[str, ...]) -> tuple[str, ...]:
    try:
        ScriptedCaller(steps)
    except ValueError as error:
        raise ValueError(f"--keys: {error}") from None
    return steps


def _contacts(content: Content, contacts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in contacts:
        name, equals, does = text.partition("=")
        if not equals or name not in content.office.contacts:
            known = ", ".join(sorted(content.office.contacts))
            raise ValueError(f"--contact: '{text}': write NAME=WHAT, where NAME is one of {known}")
        try:
            ScriptedContacts({name: [does]})
        except ValueError as error:
            raise ValueError(f"--contact: {error}") from None
        found[name] = does
    return found
