"""`ivr call`: one call from the command line, shown in the terminal or printed as a golden call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import click
import yaml

from ivr.core.content import Content
from ivr.phone.clock import VirtualClock
from ivr.phone.events import Ended, Event, Ringing, Said
from ivr.phone.golden import BuildApp
from ivr.phone.hearing import Hearing, Subtitle
from ivr.phone.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import carrier_for, contact_numbers, language_numbers, names_by_number
from ivr.phone.terminal import HELP, LiveCaller, LiveContacts, Screen, ShownCaller, keyboard
from ivr.phone.transcript import Transcript, lines

BY_DEFAULT = "answers"
SecondsOf = Callable[[str, str], float]


@dataclass(frozen=True)
class Ring:
    """A call that is asked for: when, what the caller does first, what each contact does, and a language's number."""

    at: datetime
    steps: tuple[str, ...]
    contacts: dict[str, str]
    dials: str | None = None

    @classmethod
    def read(
        cls, content: Content, at: datetime, keys: str, lang: str | None, dials: str | None, contacts: tuple[str, ...]
    ) -> Ring:
        """Read the options of the command line; ValueError tells what is wrong and what would be right."""
        steps = tuple(step.strip() for step in keys.split(",") if step.strip())
        for option, code in (("--lang", lang), ("--dials", dials)):
            if code is not None and code not in content.offered:
                offered = ", ".join(sorted(content.offered))
                raise ValueError(f"{option}: '{code}' is not offered; offered are {offered}")
        chosen = content.languages.languages[lang].digit.split("-") if lang else ()
        return cls(at, (*chosen, *_checked(steps)), _contacts(content, contacts), dials)


def ring(
    wanted: Ring,
    content: Content,
    build: BuildApp,
    seconds_of: SecondsOf,
    subtitle: Subtitle,
    *,
    as_golden: bool,
    live: bool,
) -> None:
    """Play the call and show it."""
    clock = VirtualClock(wanted.at)
    app = build(content, clock.now)
    carrier = carrier_for(app, clock, seconds_of, hearing=Hearing(app, subtitle))
    numbers = contact_numbers(content.office.contacts)
    transcript = Transcript(names_by_number(numbers), content.languages)
    scripted = ScriptedContacts(
        {numbers[name][0]: [does] for name, does in wanted.contacts.items()}, default=BY_DEFAULT
    )
    screen = Screen(transcript)
    to = language_numbers(content.languages.languages)[wanted.dials] if wanted.dials else None
    if as_golden:
        print_golden(wanted, carrier.call(ScriptedCaller(wanted.steps), scripted, to=to), transcript)
    elif not live:
        carrier.call(ShownCaller(wanted.steps, screen), scripted, to=to)
    else:
        decided = frozenset(numbers[name][0] for name in wanted.contacts)
        screen.note(HELP)
        with keyboard() as keys:
            caller = LiveCaller(wanted.steps, screen, keys)
            carrier.call(caller, LiveContacts(scripted, decided, screen, keys), to=to)


def print_golden(wanted: Ring, events: list[Event], transcript: Transcript) -> None:
    """Print the call as a file for tests/calls/; whoever keeps it names it and checks what must hold."""
    rings = [f"{transcript.names[event.number]} by {event.at:.0f}" for event in events if isinstance(event, Ringing)]
    said = [event.spoken.text for event in events if isinstance(event, Said) and event.where != "whisper"]
    ended = next(event.by for event in events if isinstance(event, Ended))
    by_hand = {
        "title": "What this call shows",
        "at": f"{wanted.at:%Y-%m-%d %H:%M}",
        "caller": list(wanted.steps),
        "contacts": wanted.contacts,
        **({"dials": wanted.dials} if wanted.dials else {}),
        "must": {"rings": rings, "last": said[-1] if said else "", "ends": ended},
    }
    click.echo(yaml.safe_dump(by_hand, sort_keys=False, allow_unicode=True, width=120), nl=False)
    click.echo("heard: |\n" + "".join(f"  {line}\n" for line in lines(events, transcript)), nl=False)


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
