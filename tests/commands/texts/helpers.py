"""`ivr texts` as it is typed, and the files that it reads and writes."""

from __future__ import annotations

import re

import polib
import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.core.issue import Issue
from tests.content.conftest import FIRST, Prompts
from tests.folders import files_of

FOREIGN = ("ru", "uk", "ar", "fa", "so", "ckb", "sw")
TRANSLATED = ("fi", "sv", *FOREIGN)
FEW = (*FIRST, "ar", "fa")
SLOT = re.compile(r"\{([a-z_0-9]+)\}")
GERMAN = ("add", "de", "Deutsch", "--english", "German", "--finnish", "saksa")
HEBREW = ("add", "he", "עברית", "--english", "Hebrew", "--finnish", "heprea")


def chosen(copy: Prompts, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The content that the commands read and write."""
    monkeypatch.setenv("IVR_SITE", str(copy.folder))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(copy.folder.parent)
    return copy


def texts(*words: str) -> Result:
    return CliRunner().invoke(main, ["texts", *words])


def done(*words: str) -> str:
    """What a command says that must succeed."""
    result = texts(*words)
    assert result.exit_code == 0, result.output
    return result.output


def files(prompts: Prompts) -> dict[str, bytes]:
    """Every file below the working directory: what is there, and nothing beside it."""
    return {str(path): held for path, held in files_of(prompts.folder.parent).items()}


def sentence(prompts: Prompts, id_: str) -> str:
    return prompts.entry("prompts.pot", id_).partition('msgid "')[2].partition('"\n')[0]


def matter(prompts: Prompts, message: str) -> list[Issue]:
    return [issue for issue in prompts.load().issues if message in issue.message]


def line_of_today(prompts: Prompts, name: str) -> int:
    """Break the entry `today` so that its file is no PO any more, and tell on which line."""
    prompts.edit(name, 'msgid "today"', 'msgid "today')
    return prompts.line(name, 'msgid "today')


def assert_refused(result: Result, remedy: str, exit_code: int = 2) -> None:
    """Told on the command line as a mistake of the user, and not as one of the program."""
    assert result.exit_code == exit_code, result.output
    assert isinstance(result.exception, SystemExit)
    assert remedy in re.sub(r"\s+", " ", result.output)


def rows() -> dict[str, list[str]]:
    """Translated, missing, stale, approved and by whom, as the table tells them of each language."""
    lines = [[cell.strip() for cell in line.split("│")] for line in done("status").splitlines() if "│" in line]
    return {cells[0]: cells[1:] for cells in lines if cells[0] not in ("", "lang")}


ACCENTED = {"e": "ë", "i": "ï", "o": "ö"}


def translate_all(prompts: Prompts, name: str) -> None:
    """Fill every text with its English, accented outside slots so that nothing is the same."""
    file = polib.pofile(prompts.read(name), wrapwidth=0)
    for entry in file:
        entry.msgstr = re.sub(r"[eio](?![^{]*})", lambda vowel: ACCENTED[vowel[0]], entry.msgid)
    prompts.write(name, str(file))
