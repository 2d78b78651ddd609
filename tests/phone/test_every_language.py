"""Every language carries the whole flow, by day and by night, and what is heard in it stands in its own PO file.

The texts are read here once more, with polib alone: nothing of the line's own catalogue is believed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import polib
import pytest
from click.testing import CliRunner, Result
from ivr.cli import main, simulated_app

from ivr.core.call import StepTaken
from ivr.core.content import Content
from ivr.core.flow import Flow, Hours, Menu
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.journal import Journal
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Bridged, Ended, Event, PickedUp, Pressed, Requested, Ringing, Said, TalkEnded
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import CALLER, OUR_NUMBER, carrier_for, contact_numbers, language_numbers
from ivr.speech.estimate import seconds_by_locale
from tests.conftest import ROOT

CODES = ("fi", "sv", "en", "ru", "uk", "ar", "fa", "so", "ckb", "sw")
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


# --- what a caller does ---------------------------------------------------------------------------------------------

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


SCRIPTS = {
    "nobody": Script((CHOOSE, "1")),
    "voicemail": Script((CHOOSE,), ("voicemail",), "silent", "closed"),
    "talk": Script((CHOOSE, "1"), (TALK,)),
    "talk and again": Script((CHOOSE, "1", LISTEN, "1"), (TALK,)),
    "busy and again": Script((CHOOSE, "1", LISTEN, "1"), ("busy", TALK)),
    "child": Script((CHOOSE, "2"), ("no_answer", TALK), "child"),
    "help": Script((CHOOSE, "0"), (TALK,), "help"),
    "wrong keys": Script((CHOOSE, "7", "7"), (TALK,), "silent"),
    "hours": Script((CHOOSE, "3", "2", "*", "3", "*", "4", "9", "*", "*", "1"), (TALK,)),
    "information": Script((CHOOSE, "4", "2", "*", "3", "*", "4", "*", "5", "*"), (TALK,), "silent"),
    "waits on a page": Script((CHOOSE, "3", "2"), (TALK,)),
    "leaves the language": Script((CHOOSE, LEAVE, "9", "*", CHOOSE, "9", "1"), (TALK,)),
    "dials": Script(("1",), (TALK,), dials=True),
    "dials and leaves": Script((LEAVE, CHOOSE, "1"), (TALK,), dials=True),
}
HELP_AT_ONCE = Script((CHOOSE, "early 0"))
SILENT, SILENT_TALK = Script(()), Script((), (TALK,))


# --- the line -------------------------------------------------------------------------------------------------------


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
        names = [path.removeprefix("/voice/") for path in paths if path.startswith("/voice/")]
        return [name for name in names if name not in ("whisper", "status")]

    def numbers(self, kind: type[Ringing] | type[Bridged]) -> list[str]:
        """The numbers that rang, or that the caller talked to."""
        return [event.number for event in self.events if isinstance(event, kind)]

    def _heard(self, said: Said) -> Heard:
        return Heard(self.codes[said.spoken.language], said.spoken.text, said.spoken.slow)


class Town:
    """One line, as `ivr call` simulates it; every call is played once and kept."""

    def __init__(self, content: Content, patch: pytest.MonkeyPatch) -> None:
        self.content, self._steps, self._clock = content, list[StepTaken](), VirtualClock(DAY)
        self._kept: dict[object, Call] = {}
        self._seconds = seconds_by_locale(content.languages)
        self._codes = {language.locale: code for code, language in content.languages.languages.items()}
        self.numbers = {name: several[0] for name, several in contact_numbers(content.office.contacts).items()}
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


# --- what its PO file says ------------------------------------------------------------------------------------------

SLOT = re.compile(r"\{(\w+)\}")
TABLES = {
    "key": r"key\.[1-5]",
    "help_key": r"key\.0",
    "person_key": r"key\.1",
    "again_key": r"key\.9",
    "digit": r"digit\.[1-9]",
    "language": r"language\.\w+",
    "language_in_finnish": r"language_in_finnish",
    r"\w+_day": r"today|tomorrow|day_on\.\w+",
    r"\w+_time": r"time_at\.\d+",
    r"\w+_week_from(_2)?": r"time_from\.\d+",
    r"\w+_until(_2)?": r"time_until\.\d+",
}
"""Slots of a sentence, and the entries that may fill them."""
ENTRY = re.compile(r"(key|digit|time_at|time_from|time_until|day_on|language)\..+|today|tomorrow|language_in_finnish")
"""What fills slots and is no sentence."""
DIGIT = "digit."
"""Entries that are heard also alone, in a phone number."""


class Book:
    """The texts of one language, from its file."""

    def __init__(self, code: str) -> None:
        source = code == "en"
        path = ROOT / "prompts" / ("prompts.pot" if source else f"{code}.po")
        entries = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
        self._texts = {entry.msgctxt: entry.msgid if source else entry.msgstr for entry in entries}
        self.sentences = frozenset(id_ for id_ in self._texts if not ENTRY.fullmatch(id_))
        heard = {id_ for id_ in self._texts if id_ in self.sentences or id_.startswith(DIGIT)}
        self._patterns = {id_: re.compile(self._pattern(self._texts[id_])) for id_ in heard}

    def fill(self, id_: str, **slots: str) -> str:
        """A text with these entries in its slots."""
        return SLOT.sub(lambda slot: self._texts[slots[slot[1]]], self._texts[id_])

    def ids_of(self, text: str) -> set[str]:
        """The sentences, or the digit, that a heard text can be."""
        return {id_ for id_, pattern in self._patterns.items() if pattern.fullmatch(text)}

    def _pattern(self, text: str) -> str:
        fixed = SLOT.split(text)
        return "".join(self._any_entry(part) if at % 2 else re.escape(part) for at, part in enumerate(fixed))

    def _any_entry(self, slot: str) -> str:
        (table,) = (ids for names, ids in TABLES.items() if re.fullmatch(names, slot))
        return f"(?:{'|'.join(re.escape(text) for id_, text in self._texts.items() if re.fullmatch(table, id_))})"


BEFORE = frozenset(
    {
        "safety.opening",
        "choose_language.wait",
        "nobody_free.short.wait",
        "still_nobody_free.short.wait",
        "safety.on_call_again.wait",
        "after_talk.short",
    }
)
"""Said only while no language is known: three languages are heard, and every language has them in its file."""
NAME_LINE = "choose_language.choice"
"""The one sentence that every language says before it is chosen."""
FOREIGN = frozenset({"safety.only_these_languages", "calling.say_language", "safety.languages_of_112"})
"""Never said in the languages that workers and 112 speak."""


def not_for_the_caller(book: Book, code: str) -> set[str]:
    """The sentences that a caller of a language never hears once it is chosen, each kind with its reason."""
    found = {
        id_
        for id_ in book.sentences
        if id_.endswith(".plain")  # a twin without day and time, for recordings that lack the exact sentence
        or id_.endswith(".closed_long")  # the office closes for a week at no time of these calls
        or id_.startswith("staff.")  # for the ear of whoever picks up, and for our own contacts
    }
    return found | BEFORE | {NAME_LINE} | (FOREIGN if code in FIRST else set())


@pytest.fixture(scope="module")
def town(content: Content) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        yield Town(content, patch)


@pytest.fixture(scope="module")
def books() -> dict[str, Book]:
    return {code: Book(code) for code in CODES}


def test_these_are_the_languages_of_the_content(content: Content) -> None:
    assert content.offered == content.languages.languages.keys() == set(CODES)
    assert content.languages.before_choice == FIRST


# --- the whole flow -------------------------------------------------------------------------------------------------

ONLY_WHEN_IT_OPENS = {"nobody_yet"}
"""For whoever is still unanswered when the phone opens during the call."""
FOR_OUR_CONTACTS = {"own_contact"}
"""In Finnish, for whoever rings from a phone that the line itself rings."""


def reachable(flow: Flow, phone: str | None = None) -> set[str]:
    """Every node that a caller can come to; `phone`: it is 'open' or 'closed' all along (None: that may change)."""
    found, waiting = set[str](), [flow.start, flow.language_known, flow.help]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        by_hours = phone is not None and isinstance(flow.nodes[name], Hours)
        waiting += [target.to for exit_, target in flow.exits(name) if not by_hours or exit_ == phone]
    return found


def visited(calls: Sequence[Call]) -> set[str]:
    return {node for call in calls for node in call.nodes}


@languages
def test_every_node_is_visited(town: Town, content: Content, code: str) -> None:
    day, night = visited(town.calls(code, DAY)), visited(town.calls(code, NIGHT))
    assert day == reachable(content.flow, "open")
    assert night == reachable(content.flow, "closed")
    assert content.flow.nodes.keys() - day - night == ONLY_WHEN_IT_OPENS | FOR_OUR_CONTACTS
    assert town.while_nine_passes(code).nodes >= ONLY_WHEN_IT_OPENS
    assert visited(town.all_calls(code)) == reachable(content.flow)


@languages
@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_only_a_dialled_number_of_the_language_is_greeted_without_a_menu(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    call = town.call(SCRIPTS["dials"], at, code)
    assert not call.nodes & {"opening", "choose_language", "other_languages"}
    assert call.heard[0][0] == Heard(code, books[code].fill("welcome.office"), slow=False)
    greeted = {name for name, script in SCRIPTS.items() if "greeting" in town.call(script, at, code).nodes}
    assert greeted == {name for name, script in SCRIPTS.items() if script.dials}


def test_our_own_contact_is_told_so_in_finnish(town: Town, books: dict[str, Book]) -> None:
    call = town.call(Script(()), DAY, from_=town.numbers[ON_CALL])
    assert call.nodes == FOR_OUR_CONTACTS
    assert call.heard == [[Heard("fi", books["fi"].fill("staff.own_contact"), slow=False)]]


@languages
@pytest.mark.parametrize(("at", "menu"), [(DAY, "main_open"), (NIGHT, "main_closed")], ids=["day", "night"])
def test_star_leads_up_from_every_page(town: Town, code: str, at: datetime, menu: str) -> None:
    chosen = len(town.digits(code))
    hours, pages = (town.call(SCRIPTS[name], at, code).waits[chosen:] for name in ("hours", "information"))
    opening = ["opening_hours", "walk_in", "opening_hours", "door", "opening_hours", "urgent_number"]
    assert hours[:10] == [menu, *opening, "urgent_number", "opening_hours", menu]
    several = ["help_with", "information", "health", "information", "newcomers", "information", "services"]
    assert pages[:10] == [menu, "information", *several, "information"]


@languages
@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_nine_says_the_same_again_slowly(town: Town, code: str, at: datetime) -> None:
    for name in ("hours", "leaves the language"):
        call = town.call(SCRIPTS[name], at, code)
        (again,) = [n for n, key in enumerate(call.keys, 1) if key == "9" and call.known[n - 1]]
        before, after = call.heard[again - 1], call.heard[again]
        assert len(after) >= 5
        assert [heard.text for heard in after] == [heard.text for heard in before[-len(after) :]]
        assert all(heard.slow for heard in after)
        assert not any(heard.slow for heard in before)


@languages
@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_a_person_takes_the_call_and_the_end_of_the_talk_is_told(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    person = town.numbers[INSTRUCTOR if at == DAY else ON_CALL]
    for name, rings, talks in (("talk", 1, 1), ("talk and again", 2, 2), ("busy and again", 2, 1)):
        call = town.call(SCRIPTS[name], at, code)
        assert call.numbers(Ringing) == [person] * rings
        assert call.numbers(Bridged) == [person] * talks
        ended = max(n for n, event in enumerate(call.events) if isinstance(event, TalkEnded))
        words = [event.spoken.text for event in call.events[ended:] if isinstance(event, Said)]
        assert words[0] == books[code].fill("after_talk.ended")
        assert words[-1] == books[code].fill("goodbye.again")


@languages
@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_help_and_child_ring_the_urgent_line_first(town: Town, code: str, at: datetime) -> None:
    for name in ("help", "child"):
        assert town.call(SCRIPTS[name], at, code).numbers(Ringing)[0] == town.numbers[ON_CALL]


@languages
@pytest.mark.parametrize(("at", "rings"), [(DAY, 9), (NIGHT, 5)], ids=["day", "night"])
def test_nobody_and_voicemail_are_no_talk_and_the_line_says_goodbye(
    town: Town, books: dict[str, Book], code: str, at: datetime, rings: int
) -> None:
    for name in ("nobody", "voicemail"):
        call = town.call(SCRIPTS[name], at, code)
        assert not call.numbers(Bridged)
        rung = call.numbers(Ringing)
        assert set(rung) == ({*town.numbers.values()} if at == DAY else {town.numbers[ON_CALL]})
        picked_up = [event.how for event in call.events if isinstance(event, PickedUp)]
        assert picked_up == (["voicemail"] * len(rung) if name == "voicemail" else [])
        assert len(rung) == rings
        last = [books[code].fill("safety.goodbye"), books[code].fill("goodbye.again")]
        assert [heard.text for heard in call.heard[-1][-2:]] == last
        assert [event.by for event in call.events if isinstance(event, Ended)] == ["line"]


# --- once a language is known ---------------------------------------------------------------------------------------


def in_the_language(town: Town, code: str) -> list[Heard]:
    """All that was heard after the language was chosen, in every call."""
    return [heard for call in town.all_calls(code) for heard in call.while_known(known=True)]


@languages
def test_nothing_but_the_chosen_language_is_heard(town: Town, code: str) -> None:
    assert {heard.code for heard in in_the_language(town, code)} == {code}


@languages
def test_every_text_heard_is_one_of_its_file(town: Town, books: dict[str, Book], code: str) -> None:
    book, texts = books[code], {heard.text for heard in in_the_language(town, code)}
    assert not {text for text in texts if not book.ids_of(text)}
    never = not_for_the_caller(book, code)
    assert not {text for text in texts if book.ids_of(text) <= never}, "said, and not meant for this caller"


@languages
def test_every_text_of_its_file_is_heard(town: Town, books: dict[str, Book], code: str) -> None:
    book = books[code]
    told = {id_ for text in {heard.text for heard in in_the_language(town, code)} for id_ in book.ids_of(text)}
    assert not book.sentences - told - not_for_the_caller(book, code)


def test_what_is_never_heard_is_in_the_files(books: dict[str, Book]) -> None:
    for code, book in books.items():
        expected = BEFORE | {NAME_LINE} | (set() if code in FIRST else FOREIGN)
        assert book.sentences >= expected


@languages
def test_every_option_is_offered_with_its_key(town: Town, content: Content, books: dict[str, Book], code: str) -> None:
    menus = [node for node in content.flow.nodes.values() if isinstance(node, Menu)]
    options = {(key, option.say) for menu in menus for key, option in menu.options.items() if option.say}
    offering = {say for _, say in options}
    texts = {heard.text for heard in in_the_language(town, code)}
    offered = {text for text in texts if books[code].ids_of(text) & offering}
    assert offered == {books[code].fill(say, key=f"key.{key}") for key, say in options}


@languages
def test_the_urgent_number_is_said_twice_digit_by_digit(
    town: Town, content: Content, books: dict[str, Book], code: str
) -> None:
    number = (content.office.contacts[ON_CALL].number or "").replace(" ", "")
    digits = [books[code].fill(f"digit.{digit}") for digit in number]
    for at in (DAY, NIGHT):
        for name, before in (("hours", "urgent_number.intro"), ("nobody", "last_words.number")):
            texts = [heard.text for heard in town.call(SCRIPTS[name], at, code).while_known(known=True)]
            begins = texts.index(books[code].fill(before)) + 1
            assert texts[begins : begins + 2 * len(digits)] == 2 * digits


WEEK = (
    ("hours.phone.week", {"phone_week_from": "time_from.0900", "phone_week_until": "time_until.1500"}),
    ("hours.walk_in.week", {"walk_in_week_from": "time_from.1200", "walk_in_week_until": "time_until.1500"}),
    ("hours.door.week", {"door_week_from": "time_from.0800", "door_week_until": "time_until.1100"}),
    ("hours.door.week_2", {"door_week_from_2": "time_from.1200", "door_week_until_2": "time_until.1500"}),
)
AT = {
    DAY: (
        ("hours.phone.open", {"phone_until": "time_until.1500"}),
        ("hours.walk_in.opens", {"walk_in_day": "today", "walk_in_time": "time_at.1200"}),
        ("hours.door.open", {"door_until": "time_until.1100"}),
    ),
    AFTERNOON: (
        ("hours.phone.open", {"phone_until": "time_until.1500"}),
        ("hours.walk_in.open", {"walk_in_until": "time_until.1500"}),
        ("hours.door.open", {"door_until": "time_until.1500"}),
    ),
    NIGHT: (
        ("hours.phone.opens", {"phone_day": "tomorrow", "phone_time": "time_at.0900"}),
        ("hours.walk_in.opens", {"walk_in_day": "tomorrow", "walk_in_time": "time_at.1200"}),
        ("hours.door.opens", {"door_day": "tomorrow", "door_time": "time_at.0800"}),
    ),
}


@languages
@pytest.mark.parametrize("at", AT, ids=["day", "afternoon", "night"])
def test_the_hours_are_told_in_its_own_words(town: Town, books: dict[str, Book], code: str, at: datetime) -> None:
    texts = [heard.text for heard in town.call(SCRIPTS["hours"], at, code).while_known(known=True)]
    told = [text for text in dict.fromkeys(texts) if any(id_.startswith("hours.") for id_ in books[code].ids_of(text))]
    expected = {books[code].fill(id_, **slots) for id_, slots in (*AT[at], *WEEK)}
    assert set(told) == expected


# --- before a language is known, and in the ear of whoever picks up --------------------------------------------------


def name_lines(town: Town, books: dict[str, Book], page: str) -> list[Heard]:
    """How the languages name themselves, in the order of their digits: on the first page or behind 9."""
    by_digits = sorted((town.digits(code), code) for code in CODES)
    lines = []
    for digits, code in by_digits:
        if digits[: len(page)] == list(page):
            digit = digits[len(page)]
            lines.append(Heard(code, books[code].fill(NAME_LINE, digit=f"digit.{digit}"), slow=False))
    return lines


def first_words(town: Town, books: dict[str, Book]) -> list[Heard]:
    return [
        *(Heard(code, books[code].fill("safety.opening"), slow=False) for code in FIRST),
        *name_lines(town, books, ""),
    ]


@languages
@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_the_opening_is_in_three_languages_and_each_language_names_itself(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    behind = name_lines(town, books, "9")
    assert [line.code for line in name_lines(town, books, "")] == list(CODES)
    assert [line.code for line in behind] == ["ckb", "sw"]
    call = town.call(SCRIPTS["nobody"], at, code)
    assert call.heard[0] == first_words(town, books)
    assert call.heard[1 : len(town.digits(code))] == ([behind] if code in ("ckb", "sw") else [])


@languages
def test_before_the_choice_three_languages_speak_and_the_others_only_name_themselves(
    town: Town, books: dict[str, Book], code: str
) -> None:
    names = {*name_lines(town, books, ""), *name_lines(town, books, "9")}
    for call in town.all_calls(code):
        before = call.while_known(known=False)
        assert not {heard for heard in before if heard.code not in FIRST and heard not in names}
        assert not {heard for heard in before if not books[heard.code].ids_of(heard.text)}
        assert {heard.code for heard in before} == (set(CODES) if before else set())


@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_whoever_never_presses_a_key_hears_only_the_three_languages(
    town: Town, books: dict[str, Book], at: datetime
) -> None:
    names = {*name_lines(town, books, "")}
    for script in (SILENT, SILENT_TALK):
        (heard,) = town.call(script, at).heard
        assert heard[: len(CODES) + 3] == first_words(town, books)
        after = [sentence for sentence in heard if sentence not in names]
        assert {sentence.code for sentence in after} == set(FIRST)
        assert not {sentence for sentence in after if not books[sentence.code].ids_of(sentence.text)}


def test_every_short_text_is_heard_in_the_three_languages(town: Town, books: dict[str, Book]) -> None:
    heard = {
        sentence
        for at in (DAY, NIGHT)
        for script in (SILENT, SILENT_TALK)
        for sentence in town.call(script, at).heard[0]
    }
    for code in FIRST:
        told = {id_ for said in heard if said.code == code for id_ in books[code].ids_of(said.text)}
        assert told >= BEFORE


@languages
@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_the_whisper_names_the_language_and_the_matter_in_finnish(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    finnish = books["fi"]
    for script in SCRIPTS.values():
        whispered = town.call(script, at, code).whispered
        if script.phones == ("no_answer",):
            assert not whispered
            continue
        expected = [
            finnish.fill("staff.press"),
            finnish.fill("staff.language", language=f"language.{code}"),
            finnish.fill(f"staff.about.{script.told(at)}"),
        ]
        assert [heard.text for heard in whispered[:3]] == expected
        assert {heard.text for heard in whispered} == set(expected)
        assert {heard.code for heard in whispered} == {"fi"}


@pytest.mark.parametrize("at", [DAY, NIGHT], ids=["day", "night"])
def test_the_whisper_tells_that_nothing_was_pressed(town: Town, at: datetime) -> None:
    whispered = town.call(SILENT_TALK, at).whispered
    assert [heard.text for heard in whispered[:3]] == [
        "Paina mitä vain numeroa. Kemin neuvonta.",
        "Soittaja ei valinnut kieltä.",
        "Soittaja ei valinnut mitään.",
    ]
    assert {heard.code for heard in whispered} == {"fi"}


# --- the command ----------------------------------------------------------------------------------------------------

SPOKEN = re.compile(rf" *\d+:\d\d  (?P<code>{'|'.join(CODES)}): (?P<text>.*?)( \(slowly\))?")


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content without any clips beside it: the same calls whether or not a voice was made on this machine."""
    folder = tmp_path_factory.mktemp("line") / "prompts"
    shutil.copytree(ROOT / "prompts", folder)
    return folder


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(prompts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(prompts.parent)
    monkeypatch.delenv("IVR_CONTENT", raising=False)
    monkeypatch.delenv("IVR_LOG", raising=False)


def ivr(*words: str) -> Result:
    """The command, on a screen that is wide enough for every sentence."""
    return CliRunner().invoke(main, words, env={"COLUMNS": "1000"})


def shown(*words: str) -> list[str]:
    result = ivr("call", *words)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def spoken(lines: Sequence[str]) -> list[tuple[str, str]]:
    """The code and the words of every line in which somebody speaks to the caller."""
    return [(line["code"], line["text"]) for line in map(SPOKEN.fullmatch, lines) if line]


NOBODY = ("--contact", f"{ON_CALL}=no_answer", "--contact", f"{INSTRUCTOR}=no_answer")


@pytest.mark.parametrize(("code", "at"), [("so", DAY), *((code, NIGHT) for code in CODES)])
def test_the_command_plays_a_whole_call_in_the_language(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    lines = shown("--at", f"{at:%Y-%m-%d %H:%M}", "--lang", code, "--keys", "1", *NOBODY)
    pressed = [n for n, line in enumerate(lines) if "  caller presses " in line]
    chosen = pressed[len(town.digits(code)) - 1]
    assert [text for _, text in spoken(lines[: pressed[0]])] == [heard.text for heard in first_words(town, books)]
    after = spoken(lines[chosen:])
    assert [text for _, text in after] == [
        heard.text for heard in town.call(SCRIPTS["nobody"], at, code).while_known(known=True)
    ]
    assert {said for said, _ in after} == {code}
    assert not {text for _, text in after if not books[code].ids_of(text)}
    assert after[-1] == (code, books[code].fill("goodbye.again"))
    assert lines[-1].endswith("  the line ends the call")


def test_the_command_dials_a_number_that_begins_in_its_language(books: dict[str, Book]) -> None:
    lines = shown("--at", "2026-11-24 22:00", "--dials", "so", "--keys", "1")
    assert lines[0] == f" 0:00  so: {books['so'].fill('welcome.office')}"
    said = spoken(lines)
    assert {code for code, _ in said} == {"so"}
    assert len(said) > 10
    assert f"whisper: {books['fi'].fill('staff.language', language='language.so')}" in "\n".join(lines)


@pytest.mark.parametrize("option", ["--lang", "--dials"])
def test_the_command_refuses_an_unknown_language_and_names_the_known(option: str) -> None:
    result = ivr("call", option, "xx")
    assert result.exit_code == 2
    assert f"{option}: 'xx' is not offered; offered are {', '.join(sorted(CODES))}" in result.output
