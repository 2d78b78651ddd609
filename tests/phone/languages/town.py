"""A line whose calls are played once and kept, and what its callers do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import yaml

from ivr.commands.phone import simulated_app
from ivr.core.call import StepTaken
from ivr.core.content import Content
from ivr.journal import Journal
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Bridged, Event, Pressed, Requested, Ringing, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import CALLER, OUR_NUMBER, carrier_for, contact_numbers, language_numbers
from ivr.speech.estimate import seconds_by_locale
from tests.conftest import ROOT

LANGUAGES, NODES = (
    yaml.safe_load((ROOT / "prompts" / name).read_text(encoding="utf-8"))[part]
    for name, part in (("languages.yaml", "languages"), ("flow.yaml", "nodes"))
)
CODES = tuple(LANGUAGES)
FIRST = ("fi", "sv", "en")
"""The languages in which the line speaks before it knows one."""
languages = pytest.mark.parametrize("code", CODES)
HELSINKI = ZoneInfo("Europe/Helsinki")
DAY = datetime(2026, 11, 24, 10, 0, tzinfo=HELSINKI)
NIGHT = datetime(2026, 11, 24, 22, 0, tzinfo=HELSINKI)
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=HELSINKI)
"""When the phone opens."""
AFTERNOON = datetime(2026, 11, 24, 13, 0, tzinfo=HELSINKI)
"""When one may come without an appointment."""
day_and_night = pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
CHOOSE, LEAVE, LISTEN = "choose", "leave", "listen"
"""Steps of a script: press the digits of the language; press `*` where it leads back to the language menu; press
nothing while it is said, before it rings, that the worker may not speak the language."""
TALK = "answers after 3, listens 12, talks 30"
"""Somebody who hears all of the whisper at least once, takes the call and talks."""


@dataclass(frozen=True)
class Script:
    """What the caller presses (then is silent for ever), what every phone does ring by ring, and the matter told."""

    does: tuple[str, ...]
    phones: tuple[str, ...] = ("no_answer",)
    matter: str = "guidance"
    matter_by_night: str = ""
    dials: bool = False

    def told(self, at: datetime) -> str:
        """The matter that whoever picks up is told."""
        return (self.matter_by_night if at == NIGHT else "") or self.matter

    def steps(self, code: str, digits: Sequence[str]) -> tuple[list[str], list[bool]]:
        """The caller's steps, and whether a language is known before the first key and after each."""
        steps, known = list[str](), [self.dials]
        for step in self.does:
            if step == LISTEN:
                steps += () if code in FIRST else ("wait",)
                continue
            keys = digits if step == CHOOSE else ("*",) if step == LEAVE else (step,)
            steps += keys
            known += [known[-1]] * len(keys)
            if step in (CHOOSE, LEAVE):
                known[-1] = step == CHOOSE
        return steps, known


def pages(menu: str) -> dict[str, str]:
    """The pages of information that a menu leads to: key -> node."""
    targets = {key: option["to"] for key, option in NODES[menu]["options"].items()}
    return {key: node for key, node in targets.items() if NODES[node]["kind"] == "page"}


def to_each_page(menu: str) -> tuple[str, ...]:
    """The keys from the language to a menu and to each of its pages, one after the other, and back to the menu."""
    (key,) = (key for key, option in NODES["main_open"]["options"].items() if option["to"] == menu)
    return (CHOOSE, key, *(pressed for page in pages(menu) for pressed in (page, "*")))


SCRIPTS = {
    "nobody": Script((CHOOSE, "1")),
    "voicemail": Script((CHOOSE,), ("voicemail",), "silent", "closed"),
    "talk": Script((CHOOSE, "1"), (TALK,)),
    "talk and again": Script((CHOOSE, "1", LISTEN, "1"), (TALK,)),
    "busy and again": Script((CHOOSE, "1", LISTEN, "1"), ("busy", TALK)),
    "child": Script((CHOOSE, "2"), ("no_answer", TALK), "child"),
    "help": Script((CHOOSE, "0"), (TALK,), "help"),
    "wrong keys": Script((CHOOSE, "7", "7"), (TALK,), "silent"),
    "hours": Script((*to_each_page("opening_hours"), "2", "9", "*", "*", "1"), (TALK,)),
    "information": Script(to_each_page("information"), (TALK,), "silent"),
    "waits on a page": Script((CHOOSE, "3", "2"), (TALK,)),
    "leaves the language": Script((CHOOSE, LEAVE, "9", "*", CHOOSE, "9", "1"), (TALK,)),
    "dials": Script(("1",), (TALK,), dials=True),
    "dials and leaves": Script((LEAVE, CHOOSE, "1"), (TALK,), dials=True),
}
HELP_AT_ONCE = Script((CHOOSE, "early 0"))
SILENT, SILENT_TALK = Script(()), Script((), (TALK,))


@dataclass(frozen=True)
class Heard:
    """One sentence: the code of its language, its words, and whether they were slow."""

    code: str
    text: str
    slow: bool


@dataclass(frozen=True)
class Call:
    """A call that is over. `known`: whether a language is known before the first key and after each."""

    events: Sequence[Event]
    steps: Sequence[StepTaken]
    known: Sequence[bool]
    codes: Mapping[str, str]

    @cached_property
    def keys(self) -> list[str]:
        """The keys that the caller pressed."""
        return [event.key for event in self.events if isinstance(event, Pressed)]

    @cached_property
    def heard(self) -> list[list[Heard]]:
        """What the caller heard before the first key and after each."""
        heard = [list[Heard]()]
        for event in self.events:
            if isinstance(event, Pressed):
                heard.append([])
            elif isinstance(event, Said) and event.where != "whisper":
                heard[-1].append(self._heard(event))
        return heard

    @cached_property
    def whispered(self) -> list[Heard]:
        """What those who picked up heard."""
        return [self._heard(event) for event in self.events if isinstance(event, Said) and event.where == "whisper"]

    def while_known(self, *, known: bool) -> list[Heard]:
        """What the caller heard while a language was known, or while none was."""
        return [heard for after, here in zip(self.heard, self.known, strict=True) if here is known for heard in after]

    @cached_property
    def nodes(self) -> set[str]:
        """Every node that was entered, also those that do not wait for anything."""
        return {node for taken in self.steps for node in taken.step.path}

    @cached_property
    def waits(self) -> list[str]:
        """The nodes at which the caller's leg waited, in order, by the addresses that were asked."""
        paths = [urlsplit(event.url).path for event in self.events if isinstance(event, Requested)]
        names = [path.removeprefix("/voice/at/") for path in paths if path.startswith("/voice/at/")]
        return [name for name in names if name not in ("whisper", "status")]

    def numbers(self, kind: type[Ringing] | type[Bridged]) -> list[str]:
        """The numbers that rang, or that the caller talked to."""
        return [event.number for event in self.events if isinstance(event, kind)]

    def _heard(self, said: Said) -> Heard:
        return Heard(self.codes[said.spoken.language], said.spoken.text, said.spoken.slow)


class Town:
    """One line, as `ivr call` simulates it; every call is played once and kept."""

    def __init__(self, content: Content) -> None:
        self.content, self._steps, self._clock = content, list[StepTaken](), VirtualClock(DAY)
        self._kept: dict[object, Call] = {}
        self._seconds = seconds_by_locale(content.languages)
        self._codes = {language.locale: code for code, language in content.languages.languages.items()}
        self.numbers = {name: several[0] for name, several in contact_numbers(content.office.contacts).items()}
        with pytest.MonkeyPatch.context() as patch:  # the app keeps what records its steps
            patch.setattr(Journal, "record", lambda _journal, taken: self._steps.append(taken))
            self._app = simulated_app(content, lambda: self._clock.now())

    def digits(self, code: str) -> list[str]:
        """The keys that choose a language."""
        return self.content.languages.languages[code].digit.split("-")

    def call(self, script: Script, at: datetime, code: str = "fi", from_: str = CALLER) -> Call:
        """Play one call of a caller of a language."""
        key = (script, at, code, from_)
        if key not in self._kept:
            self._kept[key] = self._play(script, at, code, from_)
        return self._kept[key]

    def _play(self, script: Script, at: datetime, code: str, from_: str) -> Call:
        self._clock, begun = VirtualClock(at), len(self._steps)
        steps, known = script.steps(code, self.digits(code))
        contacts = ScriptedContacts(dict.fromkeys(self.numbers.values(), script.phones))
        to = language_numbers(self.content.languages.languages)[code] if script.dials else OUR_NUMBER
        carrier = carrier_for(self._app, self._clock, self._seconds)
        events = carrier.call(ScriptedCaller(steps), contacts, from_=from_, to=to)
        call = Call(events, self._steps[begun:], known, self._codes)
        assert len(call.keys) == len(known) - 1, f"{script} in {code}: pressed only {call.keys}"
        return call

    def calls(self, code: str, at: datetime) -> list[Call]:
        """Every script in one language."""
        return [self.call(script, at, code) for script in SCRIPTS.values()]

    def while_nine_passes(self, code: str) -> Call:
        """Nobody answers, and the phone opens while it rings for the second time."""
        rings = [event.at for event in self.call(HELP_AT_ONCE, NIGHT, code).events if isinstance(event, Ringing)]
        return self.call(HELP_AT_ONCE, NINE - timedelta(seconds=rings[1] + 10), code)

    def all_calls(self, code: str) -> list[Call]:
        """Every call of a caller of one language that is played here."""
        afternoon = self.call(SCRIPTS["hours"], AFTERNOON, code)
        return [*self.calls(code, DAY), *self.calls(code, NIGHT), self.while_nine_passes(code), afternoon]
