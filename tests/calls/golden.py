"""Golden calls: whole calls as the office can read them, played again at every test.

What was heard is written by the machine; what `must` hold is written by hand and never rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from ivr.content.yaml import read_yaml, validate
from ivr.core.closing import Closing
from ivr.core.content import Content
from ivr.core.flow import Menu
from ivr.core.hours import Day, parse_day
from ivr.core.issue import Issue
from ivr.core.office import ExceptionDay, Office
from ivr.core.values import Frozen
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Ended, Event, Ringing, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.sounds import ClipOf, SecondsOf
from ivr.phone.network.transcript import Transcript, lines
from ivr.phone.ring import BuildApp
from ivr.phone.simulation import (
    CALLER,
    OUR_NUMBER,
    carrier_for,
    codes_by_locale,
    contact_numbers,
    language_numbers,
    names_by_number,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Several = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
RING = re.compile(r"(?P<name>[a-z_]+)(?: by (?P<second>\d+))?")


class Deploy(Frozen):
    """Another version of the flow takes over during the call: options that moved, nodes that are gone."""

    after: Annotated[float, Field(ge=0)]
    moved: dict[str, dict[str, str]] = Field(default_factory=dict)
    gone: tuple[str, ...] = ()

    def apply(self, content: Content) -> Content:
        """The content after the deploy."""
        nodes = {name: node for name, node in content.flow.nodes.items() if name not in self.gone}
        for name, options in self.moved.items():
            menu = nodes[name]
            if not isinstance(menu, Menu):
                raise TypeError(f"deploy: '{name}' has no options to move")
            changed = {key: menu.options[key].model_copy(update={"to": to}) for key, to in options.items()}
            nodes[name] = menu.model_copy(update={"options": {**menu.options, **changed}})
        return replace(content, flow=content.flow.model_copy(update={"nodes": nodes}))


class Must(Frozen):
    """What has to hold, under every way in which a carrier may behave.

    `rings`: who rings, in this order and nobody else; `name by 60`: at the latest 60 s after pick-up. `last`: the
    last sentence that the caller hears. `ends`: who ends the call. `never`: words that are never said. `counted`: how
    whoever heard the call would count it by docs/counts.md, `nothing` where it is no caller's; None: not judged.
    """

    rings: Several = ()
    last: str
    ends: Literal["line", "caller", "rejected"]
    says: Several = ()
    never: Several = ()
    counted: str | None = None


class ByHand(Frozen):
    """A schedule is closed by hand for a time, or has other hours then."""

    schedule: str
    begins: datetime
    ends: datetime
    hours: Annotated[Day, BeforeValidator(parse_day)] = ()

    def closing(self, zone: ZoneInfo) -> Closing:
        """The closing, on the clock of the office."""
        return Closing(self.schedule, self.begins.replace(tzinfo=zone), self.ends.replace(tzinfo=zone), self.hours)


class GoldenCall(Frozen):
    """One call: when, who rings, what the caller and the contacts do, and what must hold.

    `dials`: a language whose own number is dialled. `without`: languages that have no voice yet. `closed`: the first
    and the last day of a time in which office.yaml shuts the office. `closings`: what is closed by hand. `lacks`:
    language -> the optional pages that it lacks.
    """

    title: str
    at: datetime
    caller: Several = ()
    contacts: dict[str, Several] = Field(default_factory=dict)
    calls_from: str | None = None
    dials: str | None = None
    without: tuple[str, ...] = ()
    closed: tuple[date, date] | None = None
    closings: tuple[ByHand, ...] = ()
    lacks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    deploy: Deploy | None = None
    must: Must
    heard: str = ""

    def begins(self, content: Content) -> datetime:
        """When it begins; on the clock of the office, unless it names another."""
        return self.at.replace(tzinfo=self.at.tzinfo or ZoneInfo(content.office.zone))


@dataclass(frozen=True)
class Played:
    """A golden call that was played: what happened, and how it reads."""

    events: Sequence[Event]
    transcript: Transcript

    def text(self) -> str:
        """Everything that happened, a line each."""
        return "\n".join(lines(self.events, self.transcript)) + "\n"


def read_golden(path: Path) -> tuple[GoldenCall | None, list[Issue]]:
    """Read one file; everything wrong with it is an issue."""
    file, issues = read_yaml(path, path.name)
    if file is None or issues:
        return None, issues
    return validate(file, GoldenCall)


def play(
    golden: GoldenCall,
    content: Content,
    build: BuildApp,
    seconds_of: SecondsOf,
    behaviour: CarrierBehaviour,
    hearing: Callable[[WSGIApplication], ClipOf] | None = None,
) -> Played:
    """Play a golden call against a simulated line; `hearing` makes what hears the clips of its application."""
    left_out = frozenset((page, code) for code, pages in golden.lacks.items() for page in pages)
    if golden.without or left_out != content.left_out:  # else it is the same, with all that it has worked out so far
        content = replace(content, offered=content.offered - {*golden.without}, left_out=left_out)
    if golden.closed:
        content = replace(content, office=shut(content.office, *golden.closed))
    if golden.closings:
        zone = ZoneInfo(content.office.zone)
        content = content.with_closings(tuple(by_hand.closing(zone) for by_hand in golden.closings))
    clock = VirtualClock(golden.begins(content))
    numbers = contact_numbers(content.office.contacts)
    app = build(content, clock.now)
    if golden.deploy:
        app = _deploying(app, build(golden.deploy.apply(content), clock.now), clock, golden.deploy.after)
    carrier = carrier_for(app, clock, seconds_of, behaviour, hearing(app) if hearing else None)
    contacts = ScriptedContacts({numbers[name][0]: does for name, does in golden.contacts.items()})
    to = language_numbers(content.languages.languages)[golden.dials] if golden.dials else OUR_NUMBER
    from_ = _number(golden.calls_from, numbers)
    events = carrier.call(ScriptedCaller(golden.caller), contacts, from_=from_, to=to)
    return Played(events, Transcript(names_by_number(numbers), codes_by_locale(content.languages)))


def shut(office: Office, first: date, last: date) -> Office:
    """An office that is shut from one day to another, both included."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    closed = [ExceptionDay.model_validate({"date": str(day), "hours": {"all": "closed"}}) for day in days]
    fields = {name: getattr(office, name) for name in Office.model_fields}
    return Office.model_construct(**{**fields, "exceptions": (*office.exceptions, *closed)})


def broken_promises(golden: GoldenCall, played: Played) -> list[str]:
    """What must hold and does not, in words."""
    names = played.transcript.names
    rung = [(names[event.number], event.at) for event in played.events if isinstance(event, Ringing)]
    said = [event.spoken.text for event in played.events if isinstance(event, Said) and event.where != "whisper"]
    ended = next(event for event in played.events if isinstance(event, Ended))
    found = []
    expected = [RING.fullmatch(ring) for ring in golden.must.rings]
    if [ring["name"] for ring in expected if ring] != [name for name, _ in rung]:
        found.append(f"must ring {', '.join(golden.must.rings) or 'nobody'}; rang {', '.join(n for n, _ in rung)}")
    for ring, (name, at) in zip(expected, rung, strict=False):
        if ring and ring["second"] and at > int(ring["second"]):
            found.append(f"{name} must ring by {ring['second']} s; rang at {at:.0f} s")
    if golden.must.last != (said[-1] if said else ""):
        found.append(f"the last sentence must be '{golden.must.last}'; it was '{said[-1] if said else ''}'")
    if golden.must.ends != ended.by:
        found.append(f"the {golden.must.ends} must end the call; it was the {ended.by}")
    found += [f"must say '{words}'" for words in golden.must.says if words not in said]
    found += [f"must never say '{words}'" for words in golden.must.never if words in said]
    return found


def rewrite(path: Path, heard: str) -> None:
    """Write what was heard into a file; what stands above it, written by hand, stays as it is."""
    by_hand = path.read_text(encoding="utf-8").split("\nheard:")[0].rstrip("\n")
    block = "".join(f"  {line}\n" for line in heard.splitlines())
    path.write_text(f"{by_hand}\nheard: |\n{block}", encoding="utf-8")


def _number(name: str | None, numbers: dict[str, tuple[str, ...]]) -> str:
    match name:
        case None:
            return CALLER
        case "ourselves":
            return OUR_NUMBER
        case _:
            return numbers[name][0] if name in numbers else name


def _deploying(before: WSGIApplication, after: WSGIApplication, clock: VirtualClock, seconds: float) -> WSGIApplication:
    change = clock.now() + timedelta(seconds=seconds)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        return (after if clock.now() >= change else before)(environ, start_response)

    return app
