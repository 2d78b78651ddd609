"""What is kept of a proof changes no result: a check by parts finds what one from nothing finds, whatever changes."""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from ivr.core.call import CallState, Dial, Step
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.hours import parse_week
from ivr.core.office import Office
from ivr.core.prompts import Catalogue
from ivr.core.utterance import Utterance
from ivr.proof import prove as proving
from ivr.proof.evidence import Evidence
from ivr.proof.kept import NOTHING_KEPT, Kept
from ivr.proof.moves import Places
from ivr.proof.prove import Proved, find_moves, load_and_prove, walk_all
from ivr.proof.registry import Rule, rules
from ivr.proof.report import as_json, as_text
from ivr.proof.walk import Transition, Walk, moments, with_any_closing
from tests.conftest import ROOT, TODAY
from tests.content.conftest import FIRST, Prompts

untraced = pytest.mark.untraced
BY_MOVES = [rule for rule in rules().values() if rule.reads == "moves"]
FEW, MANY = 6, 20
"""Changes of a site, one after the other; each is proved twice."""


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    return Prompts.copied_to(tmp_path, *FIRST)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "var")


@pytest.fixture(scope="module")
def proved_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder after the site of `prompts` was proved from nothing; not to be changed."""
    folder = tmp_path_factory.mktemp("proved")
    assert load_and_prove(Prompts.copied_to(folder, *FIRST).folder, TODAY, kept=Kept(folder / "var")).walked
    return folder / "var"


@pytest.fixture
def kept_before(proved_state: Path, tmp_path: Path) -> Kept:
    """What is kept once `prompts` was proved as it is."""
    return Kept(Path(shutil.copytree(proved_state, tmp_path / "var")))


@pytest.fixture(scope="module")
def few(content: Content) -> Content:
    """The real content, with two languages of two kinds: workers speak one, and not the other."""
    return replace(content, offered=frozenset({"fi", "ar"}))


# --- by parts as from nothing -------------------------------------------------------------------------------------


def found(proved: Proved) -> object:
    """All that a check finds and prints, but whether it was proved now."""
    printed = as_text(replace(proved, walked=None)) if proved.walked else as_text(proved)
    numbers = (proved.walked.steps, len(proved.walked.after), proved.walked.transitions_count) if proved.walked else ()
    return (
        proved.issues,
        proved.proofs,
        proved.ringing,
        proved.measured,
        proved.offered,
        printed,
        as_json(proved),
        numbers,
    )


def every_transition(walk: Walk) -> list[object]:
    states = [(state, tuple(transitions)) for state, transitions in walk.after.items()]
    return [walk.starts, states, walk.steps, walk.transitions_count, walk.different_steps]


Change = Callable[[random.Random, str], str]


def exchanged(pattern: str, *instead: str) -> Change:
    """One of the places that match is something else."""

    def change(chance: random.Random, text: str) -> str:
        places = list(re.finditer(pattern, text, re.MULTILINE))
        if not places:
            return text
        place = chance.choice(places)
        return text[: place.start()] + place.expand(chance.choice(instead)) + text[place.end() :]

    return change


def moved_line(chance: random.Random, text: str) -> str:
    """Some line stands elsewhere, twice or not at all."""
    lines = text.splitlines(keepends=True)
    line = lines.pop(chance.randrange(len(lines)))
    for _ in range(chance.randrange(3)):
        lines.insert(chance.randrange(len(lines)), line)
    return "".join(lines)


ANY_FILE = [
    ("*.po", exchanged(r'^(msgstr ".*?) (\w+)', r"\1 \2 \2", r"\1")),
    ("*.po", exchanged(r'^(msgstr ".*?) (\w+) (\w+)', r"\1 \3 \2")),
    ("*.po", exchanged(r"^(#\. .*\n)?(msgctxt)", r"#, fuzzy\n\2")),
    ("*.po", exchanged(r'^msgstr ".+"$', 'msgstr ""')),
    ("prompts.pot", exchanged(r'^(msgid ".*?) (\w+)', r"\1 \2 \2")),
    ("office.yaml", exchanged(r"\d\d:00-15:00", "09:30-15:00", "10:00-15:00", "08:00-09:00, 10:00-14:30", "closed")),
    ("office.yaml", exchanged(r"^exceptions: \[\]", 'exceptions: [{date: 2026-12-01, hours: {phone: "10:00-11:00"}}]')),
    ("office.yaml", exchanged(r"^exceptions: .*", "exceptions: [{date: 2026-12-02, hours: {all: closed}}]")),
    ("office.yaml", exchanged(r"0400 291 141", "0400 291 14", "0400 291 222", "0400 29 11 41")),
    ("office.yaml", exchanged(r"ring: \d+", "ring: 12", "ring: 30")),
    ("languages.yaml", exchanged(r"pace: [\d.]+", "pace: 0.7", "pace: 1.1")),
    (
        "languages.yaml",
        exchanged(r"characters_per_second: \d+", "characters_per_second: 9", "characters_per_second: 17"),
    ),
    ("languages.yaml", exchanged(r'digit: "\d"', 'digit: "7"', 'digit: "9-2"')),
    ("flow.yaml", exchanged(r"(say|closing|reprompt): \[([\w.]+), ([\w.]+)", r"\1: [\3, \2", r"\1: [\2")),
    ("flow.yaml", exchanged(r"(rounds|tries): \d", r"\1: 1", r"\1: 2", r"\1: 4")),
    ("flow.yaml", exchanged(r"to: \w+", "to: instructor", "to: goodbye", "to: main_open", "to: on_call")),
    ("*.*", moved_line),
]


def change_something(chance: random.Random, folder: Path) -> tuple[Path, str]:
    """Change a file of a site; gives it and its text before."""
    while True:
        pattern, change = chance.choice(ANY_FILE)
        path = chance.choice(sorted(p for p in folder.glob(pattern) if p.suffix in (".po", ".pot", ".yaml")))
        before = path.read_text(encoding="utf-8")
        if (after := change(chance, before)) != before:
            path.write_text(after, encoding="utf-8")
            return path, before


@untraced
@pytest.mark.parametrize(
    ("seed", "changes"), [(1, FEW), *(pytest.param(seed, MANY, marks=pytest.mark.long) for seed in range(2, 12))]
)
def test_whatever_changes_a_check_by_parts_finds_what_one_from_nothing_finds(
    seed: int, changes: int, prompts: Prompts, kept_before: Kept
) -> None:
    chance, new = random.Random(seed), set[bool]()  # noqa: S311 - no secret
    for _ in range(changes):
        path, before = change_something(chance, prompts.folder)
        today = TODAY + timedelta(days=chance.choice((0, 0, 1, 30)))
        by_parts, from_nothing = (
            load_and_prove(prompts.folder, today, kept=each) for each in (kept_before, NOTHING_KEPT)
        )
        assert found(by_parts) == found(from_nothing), (path.name, before)
        if by_parts.walked:
            assert from_nothing.walked
            assert from_nothing.walked.is_new
            new.add(by_parts.walked.is_new)
        if not by_parts.proofs or chance.random() < 0.5:
            path.write_text(before, encoding="utf-8")
    assert new == {True, False}, "some changes are of words and hours only, others are not"


@untraced
@pytest.mark.parametrize("change", ["a sentence", "an hour", "a closing day", "the day", "nothing"])
def test_where_words_hours_or_the_day_change_the_walk_that_was_kept_is_that_of_now(
    change: str, prompts: Prompts, kept_before: Kept
) -> None:
    today = TODAY
    match change:
        case "a sentence":
            prompts.translate("sv.po", "nobody_free.sorry", "Tyvärr är ingen ledig.")
        case "an hour":
            prompts.write("office.yaml", prompts.read("office.yaml").replace("15:00", "14:30"))
        case "a closing day":
            prompts.edit("office.yaml", "exceptions: []", "exceptions: [{date: 2026-12-02, hours: {all: closed}}]")
        case "the day":
            today += timedelta(days=1)
    by_parts = load_and_prove(prompts.folder, today, kept=kept_before)
    from_nothing = load_and_prove(prompts.folder, today)
    assert by_parts.walked
    assert from_nothing.walked
    assert (by_parts.walked.is_new, from_nothing.walked.is_new) == (False, True)
    assert every_transition(by_parts.walked) == every_transition(from_nothing.walked)
    assert found(by_parts) == found(from_nothing)
    events = {event for state in by_parts.walked.after for event in keys_and_kinds(by_parts.walked.after[state])}
    for state in by_parts.walked.after:
        for event in events:
            assert [*by_parts.walked.on(state, event)] == [*from_nothing.walked.on(state, event)]


def keys_and_kinds(transitions: Iterable[Transition]) -> Iterable[Any]:
    for transition in transitions:
        yield type(transition.event)
        yield getattr(transition.event, "key", type(transition.event))


# --- what the moves depend on -------------------------------------------------------------------------------------


def name_of(content: Content, today: date = TODAY) -> str:
    walkable = with_any_closing(content, today)
    return Places(walkable, moments(walkable.office, today)).name


def office(content: Content, **changes: object) -> Content:
    fields = {name: getattr(content.office, name) for name in Office.model_fields}
    return replace(content, office=Office.model_construct(**{**fields, **changes}))


def other_texts(content: Content, change: Callable[[str, str], str | None]) -> Content:
    """The same with other Arabic texts: `change` gives the new one of an id and a text, None for one that is gone."""
    arabic = {id_: text for id_, old in content.catalogue.texts["ar"].items() if (text := change(id_, old)) is not None}
    return replace(content, catalogue=Catalogue({**content.catalogue.texts, "ar": arabic}))


def another_contact(content: Content) -> Content:
    return office(content, contacts={**content.office.contacts, "third": content.office.contacts["social_instructor"]})


def another_number(content: Content) -> Content:
    changed = content.office.contacts["on_call"].model_copy(update={"number": "0400 291 14"})
    return office(content, contacts={**content.office.contacts, "on_call": changed})


def another_digit(content: Content) -> Content:
    languages = content.languages.languages
    changed = languages["ar"].model_copy(update={"digit": "9-8"})
    return replace(content, languages=content.languages.model_copy(update={"languages": {**languages, "ar": changed}}))


OTHER_MOVES: dict[str, Callable[[Content], Content]] = {
    "the flow": lambda content: replace(content, flow=content.flow.model_copy(update={"help": "instructor"})),
    "a digit": another_digit,
    "what is offered": lambda content: replace(content, offered=content.offered - {"ar"}),
    "a page that is left out": lambda content: replace(content, left_out=frozenset({("street", "ar")})),
    "a contact": another_contact,
    "a number that is spoken": another_number,
    "the numbers of a contact": lambda content: content.with_numbers({"on_call": 1}),
    "a service": lambda content: office(content, hours={**content.office.hours, "club": content.office.hours["door"]}),
    "what is ever open": lambda content: office(content, hours={**content.office.hours, "phone": {}}),
    "a sentence that is gone": lambda content: other_texts(
        content, lambda id_, text: None if id_ == "main.wait" else text
    ),
}


@pytest.mark.parametrize("what", OTHER_MOVES)
def test_what_the_moves_depend_on_gives_them_another_name(what: str, few: Content) -> None:
    assert name_of(OTHER_MOVES[what](few)) != name_of(few)


def test_words_and_hours_do_not(few: Content) -> None:
    written = {"phone": "10:00-14:30", "walk_in": "12:00-14:30", "door": "08:30-11:00, 12:00-14:30"}
    hours = {name: parse_week({"mon-fri": times}) for name, times in written.items()}
    assert office(few, hours=hours).office.hours_to_come(TODAY) != few.office.hours_to_come(TODAY)
    assert name_of(other_texts(few, lambda _id, text: f"{text} {text}")) == name_of(few)
    assert name_of(office(few, hours=hours)) == name_of(few)
    assert name_of(few, TODAY + timedelta(days=3)) == name_of(few)


@pytest.mark.parametrize("part", ["program", "Python", "a package"])
def test_another_program_python_or_package_is_another_installation(
    part: str, few: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ivr.program import this_installation, this_program, what_was_read

    monkeypatch.setattr("ivr.STARTED", time.time() + 10)  # whatever was written until now was read
    monkeypatch.setattr("ivr.program.this_program", this_program.__wrapped__)
    monkeypatch.setattr("ivr.program.this_installation", this_installation.__wrapped__)
    monkeypatch.setattr("ivr.proof.moves.what_was_read", what_was_read.__wrapped__)
    before = name_of(few)
    assert name_of(few) == before
    match part:
        case "program":
            monkeypatch.setattr("ivr.program.this_program", lambda: b"another")
        case "Python":
            monkeypatch.setattr("sys.version", "3.99")
        case "a package":
            (tmp_path / "twilio-99.dist-info").mkdir()
            monkeypatch.syspath_prepend(str(tmp_path))
    assert name_of(few) != before


def test_a_program_that_was_changed_after_it_was_read_is_like_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is proved by the old one must not be kept as proved by the new."""
    from ivr.program import what_was_read

    ask = what_was_read.__wrapped__
    newest = max(max(s.st_mtime, s.st_ctime) for s in map(Path.stat, (ROOT / "ivr").rglob("*.py")))
    monkeypatch.setattr("sys.path", [])
    monkeypatch.setattr("ivr.STARTED", newest + 10)
    assert ask() == ask()
    monkeypatch.setattr("ivr.STARTED", newest - 1)
    assert ask() != ask()


def test_packages_are_known_by_the_names_of_their_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip writes name and version there; without one of them a new version would not be noticed."""
    import sys
    from importlib.metadata import version

    folders = {path.name.lower() for folder in sys.path for path in Path(folder or ".").glob("*.dist-info")}
    for name in ("twilio", "pydantic", "holidays", "tzdata", "numpy"):
        assert f"{name}-{version(name)}.dist-info" in folders


# --- rules by moves read no more ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A sentence of which only its ids are known; `place` tells two with the same ids apart."""

    prompt: str
    language: str
    slow: bool
    place: int


class WithoutWords(Evidence):
    """Evidence of which a rule can read the moves only."""

    def _none(self, *_: object) -> NoReturn:
        raise AssertionError("a rule by moves reads words, hours or seconds")

    seconds = length = silence = from_step = _none  # type: ignore[assignment]
    script = made = property(_none)


def without_words(walk: Walk) -> Evidence:
    content = walk.content
    places = dict[Utterance, int]()
    steps = dict[int, Step]()

    ids = Places(content, walk.moments)

    def named(plays: tuple[Utterance, ...]) -> tuple[Any, ...]:
        return tuple(Named(ids.id_of(p), p.language, p.slow, places.setdefault(p, len(places))) for p in plays)

    def wordless(each: Transition) -> Transition:
        step = each.step
        if id(step) not in steps:
            action = (
                replace(step.action, announce=named(step.action.announce))
                if isinstance(step.action, Dial)
                else step.action
            )
            steps[id(step)] = step._replace(plays=named(step.plays), action=action)
        return each._replace(step=steps[id(step)])

    after = {state: tuple(map(wordless, transitions)) for state, transitions in walk.after.items()}
    known: Any = SimpleNamespace(contacts=content.office.contacts)
    silent: Any = None
    bare = replace(content, office=known, catalogue=silent, safety=silent, plain=silent)
    no_moments = tuple(replace(moment, now=silent) for moment in walk.moments)
    return WithoutWords(Walk(bare, no_moments, tuple(map(wordless, walk.starts)), after, walk.steps), silent)


@pytest.fixture(scope="module")
def walked(few: Content) -> Walk:
    return walk_all(few, TODAY)


@pytest.fixture(scope="module")
def wordless(walked: Walk) -> Evidence:
    return without_words(walked)


@untraced
@pytest.mark.parametrize("rule", BY_MOVES, ids=lambda rule: rule.id)
def test_a_rule_by_moves_needs_no_words_hours_or_seconds(rule: Rule, walked: Walk, wordless: Evidence) -> None:
    assert rule.prove(wordless) == rule.prove(Evidence(walked, TODAY))


@untraced
@pytest.mark.parametrize("rule", ["K5", "M1", "M2", "M4", "F1", "F2", "F3", "F4", "T1", "T2", "W1", "W2", "W3", "W4"])
def test_the_others_would_not_be_proved_so(rule: str, wordless: Evidence) -> None:
    assert rules()[rule].reads == "words"
    with pytest.raises((AssertionError, AttributeError, TypeError)):
        rules()[rule].prove(wordless)


@untraced
def test_a_walk_without_words_goes_the_same_way(few: Content) -> None:
    """The engine and the provider do not look at the words of a sentence."""
    texts = {code: dict.fromkeys(texts, "<Gather action='x'>") for code, texts in few.catalogue.texts.items()}
    mute = replace(few, catalogue=Catalogue(texts))

    def where(walk: Walk) -> list[object]:
        ids = {
            s: [(t.event, t.old, t.phone, t.step.state, t.step.exit, t.step.path) for t in ts]
            for s, ts in walk.after.items()
        }
        return [ids, walk.steps, len(walk.different_steps)]

    assert where(walk_all(mute, TODAY)) == where(walk_all(few, TODAY))


# --- when it is walked --------------------------------------------------------------------------------------------


class Walked:
    """How often a content is walked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        monkeypatch.setattr(proving, "walk_all", self._walk_all)

    def _walk_all(self, content: Content, today: date) -> Walk:
        self.times += 1
        return walk_all(content, today)


@untraced
def test_it_is_walked_once_as_long_as_the_moves_are_the_same(
    few: Content, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = Walked(monkeypatch)
    first = find_moves(few, TODAY, kept)
    again = find_moves(other_texts(few, lambda _id, text: f"{text} {text}"), TODAY, kept)
    assert walks.times == 1
    assert again.proofs == first.proofs
    assert list(again.proofs) == [rule.id for rule in BY_MOVES]
    find_moves(replace(few, offered=frozenset({"fi"})), TODAY, kept)
    assert walks.times == 2


@untraced
def test_a_new_combination_of_open_and_closed_was_walked_before(
    prompts: Prompts, kept_before: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = Walked(monkeypatch)
    load_and_prove(prompts.folder, TODAY, kept=kept_before)
    assert walks.times == 0
    prompts.edit("office.yaml", "exceptions: []", "exceptions: [{date: 2026-12-02, hours: {phone: closed}}]")
    load_and_prove(prompts.folder, TODAY, kept=kept_before)
    assert walks.times == 0, "the walk knows every combination, as somebody may close the phone alone"


@untraced
def test_a_walk_that_says_something_else_than_its_nodes_is_not_kept(
    few: Content, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talks(content: Content, state: CallState, event: Any, now: Any) -> Step:
        taken = step(content, state, event, now)
        return taken._replace(plays=(*taken.plays, Utterance("other", "fi", "Jotain muuta.")))

    monkeypatch.setattr("ivr.proof.walk.step", talks)
    assert find_moves(few, TODAY, kept).walk.is_new
    assert find_moves(few, TODAY, kept).walk.is_new


def test_make_test_proves_from_nothing() -> None:
    assert "lint check CHECK=--all" in (ROOT / "Makefile").read_text(encoding="utf-8")
