"""The guide of the office, prompts/README.md: each example works as it stands, in both of its languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import click
import pytest

from ivr.commands import main
from ivr.content.value_faults import words_of
from ivr.core.content import Content
from ivr.core.flow import Flow
from ivr.core.hours import Interval
from ivr.core.languages import Languages
from ivr.core.letters import Letters
from ivr.core.office import Office
from tests.content.conftest import FIRST, REAL, Prompts

GUIDE = (REAL / "README.md").read_text(encoding="utf-8")
FINNISH, ENGLISH = GUIDE.split("# For the office")
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w.-]+\.(?:yaml|po|pot)")
NO_YAML = ("msgstr", "msgid", ".venv/bin/ivr", "{phone_until}")
"""What stands between the signs of code and is neither a file, a command, a word of the files nor an example."""


def spans(text: str) -> list[str]:
    return SPAN.findall(BLOCK.sub("", text))


def interval(opens: str, closes: str) -> Interval:
    return Interval(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


NINE_TO_NOON, NINE_TO_THREE = (interval("09:00", "12:00"),), (interval("09:00", "15:00"),)
DOOR = (interval("08:00", "11:00"), interval("12:00", "15:00"))
USUAL = {"phone": NINE_TO_THREE, "walk_in": (interval("12:00", "15:00"),), "door": DOOR}
NONE = dict.fromkeys(USUAL, ())


def on(content: Content, day: date) -> dict[str, tuple[Interval, ...]]:
    return {name: schedule.day(day) for name, schedule in content.office.schedules.items()}


def row(prompts: Prompts, written: str) -> None:
    """Paste a row where the guide says, below `exceptions`."""
    prompts.edit("office.yaml", "exceptions: []\n", "exceptions:\n")
    prompts.edit("office.yaml", "exceptions:\n", f"exceptions:\n  {written}\n")


def block(prompts: Prompts, written: str) -> None:
    prompts.edit("office.yaml", "exceptions: []\n", written)


def hours(prompts: Prompts, written: str) -> None:
    prompts.edit("office.yaml", 'door:    {mon-fri: "08:00-11:00, 12:00-15:00"}', f"door: {{mon-fri: {written}}}")


def days(prompts: Prompts, written: str) -> None:
    prompts.edit("office.yaml", 'phone:   {mon-fri: "09:00-15:00"}', f'phone: {{{written}: "09:00-15:00"}}')


def dated(prompts: Prompts, written: str) -> None:
    row(prompts, f"- {{date: {written}, hours: {{all: closed}}}}")


def language_by_number(prompts: Prompts, written: str) -> None:
    prompts.edit("office.yaml", "languages_by_number: {}", f"languages_by_number:\n  {written}")


def means_door(*day: Interval) -> Callable[[Content], bool]:
    return lambda content: on(content, date(2026, 12, 30)) == {**USUAL, "door": day}


def closed_on_the_last(content: Content) -> bool:
    return on(content, date(2026, 12, 31)) == NONE and on(content, date(2026, 12, 30)) == USUAL


def closed_in_july(content: Content) -> bool:
    found = [on(content, date(2027, 7, day)) for day in range(1, 32)]
    assert found[0] == {**USUAL, "phone": ()}
    around = on(content, date(2027, 6, 30)) == on(content, date(2027, 8, 2)) == USUAL
    return around and not any(each["phone"] for each in found)


Paste = Callable[[Prompts, str], None]
EXAMPLES: dict[str, tuple[Paste, Callable[[Content], bool]]] = {
    '"09:00-15:30"': (hours, means_door(interval("09:00", "15:30"))),
    '"08:00-11:00, 12:00-15:00"': (hours, means_door(*DOOR)),
    '"09:00-15:00"': (hours, means_door(*NINE_TO_THREE)),
    "9-15": (hours, means_door(*NINE_TO_THREE)),
    "mon-fri": (days, lambda content: on(content, date(2026, 12, 30)) == USUAL),
    "ma-pe": (days, lambda content: on(content, date(2026, 12, 30)) == USUAL),
    "2026-12-31": (dated, closed_on_the_last),
    "31.12.2026": (dated, closed_on_the_last),
    "- {date: 2026-12-30, hours: {phone: closed}}": (
        row,
        lambda content: on(content, date(2026, 12, 30)) == {**USUAL, "phone": ()},
    ),
    "- {from: 2027-07-01, to: 2027-07-31, hours: {phone: closed}}": (row, closed_in_july),
    '- {date: 2026-12-29, hours: {phone: "09:00-12:00"}}': (
        row,
        lambda content: on(content, date(2026, 12, 29)) == {**USUAL, "phone": NINE_TO_NOON},
    ),
    "optional: true": (
        lambda prompts, written: prompts.edit("flow.yaml", "  health:\n", f"  health:\n    {written}\n"),
        lambda content: content.flow.nodes["health"].optional,
    ),
    "0400 291 141": (
        lambda prompts, written: prompts.edit("office.yaml", "number: 0400 291 141", f"number: {written}"),
        lambda content: content.office.contacts["on_call"].number == "0400 291 141",
    ),
    "FI": (
        lambda prompts, written: prompts.edit("office.yaml", "country: FI", f"country: {written}"),
        lambda content: on(content, date(2026, 12, 24)) == NONE,
    ),
    "0753 250 111: so": (
        language_by_number,
        lambda content: content.office.languages_by_number == {"0753 250 111": "so"},
    ),
    "kind: page": (
        lambda prompts, written: prompts.edit(
            "flow.yaml", "  walk_in:\n    kind: page\n", f"  walk_in:\n    {written}\n"
        ),
        lambda content: getattr(content.flow.nodes["walk_in"], "kind", "") == "page",
    ),
    "päivysty*": (
        lambda prompts, written: prompts.edit("languages.yaml", "[päivysty*, arkipäiv*]", f"[{written}]"),
        lambda content: content.languages.languages["fi"].jargon == ("päivysty*",),
    ),
    "exceptions:\n  - {date: 2026-12-31, why: inventaario, hours: {all: closed}}\n": (block, closed_on_the_last),
    "exceptions:\n  - {date: 2026-12-31, why: inventory, hours: {all: closed}}\n": (block, closed_on_the_last),
}
"""What stands in the guide -> where it says to write it, and what must then be so."""


@pytest.mark.parametrize("written", EXAMPLES)
def test_an_example_loads_and_means_what_it_says(written: str, tmp_path: Path) -> None:
    paste, means = EXAMPLES[written]
    prompts = Prompts.copied_to(tmp_path, *FIRST, *(("so",) if written.endswith(": so") else ()))
    paste(prompts, written)
    assert [str(issue) for issue in prompts.broken()] == []
    content = prompts.load().content
    assert content
    assert means(content)


def test_the_rows_of_the_guide_fit_below_each_other(prompts: Prompts) -> None:
    rows = [written for written in EXAMPLES if written.startswith("- ")]
    assert len(rows) == 3
    block(prompts, BLOCK.findall(ENGLISH)[0] + "".join(f"  {written}\n" for written in rows))
    content = prompts.load().content
    assert content
    assert len(content.office.exceptions) == 4


def test_the_examples_in_the_file_itself_hold_where_they_stand(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path, *FIRST, "so")
    prompts.edit("office.yaml", "exceptions: []\n", "exceptions:\n")
    prompts.edit("office.yaml", "languages_by_number: {}\n", "languages_by_number:\n")
    prompts.write("office.yaml", re.sub(r"(?m)^#(?=  (?:- \{|[0-9]))", "", prompts.read("office.yaml")))
    content = prompts.load().content
    assert content, prompts.broken()
    assert len(content.office.exceptions) == 2
    assert content.office.languages_by_number == {"0753 250 111": "so"}


def test_everything_that_stands_in_the_guide_as_code_is_known() -> None:
    """So a new example needs a line above, and no example can be a syntax error."""
    source = (REAL / "prompts.pot").read_text(encoding="utf-8")
    words = {*words_of(Office), *words_of(Flow), *words_of(Languages), *words_of(Letters)} | {
        *USUAL,
        "all",
        "last_words",
    }
    unknown = [
        span
        for span in spans(GUIDE)
        if not (
            (FILE.fullmatch(span) and (REAL / span).is_file())
            or span in ("ivr", "--safety", ".approved.yaml")
            or span.startswith("ivr ")
            or span in EXAMPLES
            or span in words
            or span in NO_YAML
            or (span.endswith(".") and f'msgctxt "{span}' in source)
        )
    ]
    assert unknown == []
    assert {*EXAMPLES} <= {*spans(GUIDE), *BLOCK.findall(GUIDE)}


def test_both_languages_of_the_guide_have_the_same_examples() -> None:
    finnish, english = ([span for span in spans(text) if span in EXAMPLES] for text in (FINNISH, ENGLISH))
    assert finnish == english
    assert [len(BLOCK.findall(text)) for text in (FINNISH, ENGLISH)] == [1, 1]


COMMANDS = sorted({span for span in spans(GUIDE) if span.startswith("ivr ")})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide_can_be_typed(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked up, and its words are read; what it does, its own tests know."""
    monkeypatch.chdir(tmp_path)
    for name in ("1.wav", "2.wav"):
        (tmp_path / name).touch()
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)][1:]
    context, current = click.Context(main), main
    while isinstance(current, click.Group):
        if words[0] == "--site":
            words = words[2:]
        found = current.get_command(context, words[0])
        assert found, command
        current, words = found, words[1:]  # type: ignore[assignment]
    current.make_context("it", words, parent=context)


def test_no_recording_is_named_by_a_number_alone() -> None:
    """Which the import refuses, as numbers move (rule S4)."""
    assert GUIDE.count("ivr audio import") == 2
    assert not re.search(r"audio import [^`]*\b\d+\.\w", GUIDE)
