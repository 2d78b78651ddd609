"""`ivr call` plays whole calls in every language."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.core.office import INSTRUCTOR, ON_CALL
from tests.conftest import ROOT
from tests.phone.languages.book import Book, first_words
from tests.phone.languages.town import CODES, DAY, NIGHT, SCRIPTS, Town

SPOKEN = re.compile(rf" *\d+:\d\d  (?P<code>{'|'.join(CODES)}): (?P<text>.*?)( \(slowly\))?( \(draft voice.*\))?")


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content without any clips beside it: the same calls whether or not a voice was made on this machine."""
    folder = tmp_path_factory.mktemp("line") / "prompts"
    shutil.copytree(ROOT / "prompts", folder)
    return folder


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(prompts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(prompts.parent)
    monkeypatch.delenv("IVR_SITE", raising=False)
    monkeypatch.delenv("IVR_LOG", raising=False)


def ivr(*words: str) -> Result:
    """The command, on a screen that is wide enough for every sentence."""
    return CliRunner().invoke(main, words, env={"COLUMNS": "1000"})


def shown(*words: str) -> list[str]:
    result = ivr("call", *words)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def spoken(lines: Sequence[str]) -> list[tuple[str, str]]:
    """The code and the words of every line in which somebody speaks to the caller."""
    return [(line["code"], line["text"]) for line in map(SPOKEN.fullmatch, lines) if line]


NOBODY = ("--contact", f"{ON_CALL}=no_answer", "--contact", f"{INSTRUCTOR}=no_answer")


@pytest.mark.parametrize(("code", "at"), [("so", DAY), *((code, NIGHT) for code in CODES)])
def test_the_command_plays_a_whole_call_in_the_language(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    lines = shown("--at", f"{at:%Y-%m-%d %H:%M}", "--lang", code, "--keys", "1", "--waiting", *NOBODY)
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
    label = "(draft voice, not heard by callers)"
    assert lines[0] == f" 0:00  so: {books['so'].fill('welcome.office')} {label}"
    said = spoken(lines)
    assert {code for code, _ in said} == {"so"}
    assert len(said) > 10
    assert f"whisper: {books['fi'].fill('staff.language', language='language.so')}" in "\n".join(lines)


@pytest.mark.parametrize("option", ["--lang", "--dials"])
def test_the_command_refuses_an_unknown_language_and_names_the_known(option: str) -> None:
    result = ivr("call", option, "xx")
    assert result.exit_code == 2
    assert f"{option}: " in result.output
    assert f"'xx' is no language that has all its texts; write one of {', '.join(sorted(CODES))}" in result.output
