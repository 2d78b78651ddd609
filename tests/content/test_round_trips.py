"""What other tools write of our files says the same: every text, mark and comment of every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pytest

from ivr.content.load import load
from ivr.content.merge import merge, open_po
from ivr.content.po_document import Entry, PoDocument
from ivr.content.po_reader import read_document
from ivr.content.texts import Texts
from tests.conftest import TODAY
from tests.content.conftest import REAL
from tests.content.gettext import run

SOURCE = REAL / "prompts.pot"
LANGUAGES = sorted(path.stem for path in REAL.glob("*.po"))
OTHER_TOOLS = Path(__file__).parent / "other_tools"
POEDIT = '"X-Generator: Poedit 3.4.2\\n"\n"X-Poedit-SourceCharset: UTF-8\\n"\n"X-Poedit-Basepath: ..\\n"\n'


def by_msgcat(*options: str) -> Callable[[Path], bytes]:
    return lambda path: run("msgcat", "--force-po", *options, path)


def through(charset: str) -> Callable[[Path], bytes]:
    """Converted to another charset and back."""

    def convert(path: Path) -> bytes:
        there = path.with_suffix(".there.po")
        there.write_bytes(run("msgconv", "--force-po", f"--to-code={charset}", path))
        refused, issues = read_document(there.read_bytes(), "x")
        assert refused is None, "other letters would be read for those that stand there"
        assert "save it as UTF-8" in issues[0].remedy
        return run("msgconv", "--force-po", "--to-code=UTF-8", there)

    return convert


def by_poedit(path: Path, *, line_end: bytes = b"\n") -> bytes:
    """Poedit wraps at 79, adds fields of its own to the header, and ends lines as the file or its settings say."""
    written = run("msgcat", "--force-po", "--width=79", path)
    header = re.compile(rb'(?m)^"Content-Transfer-Encoding: 8bit\\n"\n')
    return header.sub(lambda found: found[0] + POEDIT.encode(), written, count=1).replace(b"\n", line_end)


TOOLS: dict[str, Callable[[Path], bytes]] = {
    "msgcat": by_msgcat(),
    "msgcat --width=30": by_msgcat("--width=30"),
    "msgcat --no-wrap": by_msgcat("--no-wrap"),
    "msgcat --sort-output": by_msgcat("--sort-output"),
    "msgcat --escape": by_msgcat("--escape"),
    "msgcat --indent": by_msgcat("--indent"),
    "msgmerge": lambda path: run("msgmerge", "--quiet", "--previous", "--force-po", path, SOURCE, "--output-file=-"),
    "msgattrib": lambda path: run("msgattrib", "--force-po", path),
    "msgconv": through("GB18030"),
    "Poedit": by_poedit,
    "Poedit, Windows": partial(by_poedit, line_end=b"\r\n"),
}


@cache
def texts() -> Texts:
    found = load(REAL, TODAY).texts
    assert found
    return found


def marked(path: Path) -> PoDocument:
    """A real file in which a translator and a change of the source have left every kind of mark and comment."""
    document = open_po(path)
    first, second, third, fourth, *_ = document.entries
    first.flags, first.previous_msgid = ["fuzzy"], "The sentence before."
    second.notes.append(" a note by hand, long enough to be wrapped by whoever wraps comments as well as texts, or so")
    second.flags = ["no-wrap"]
    third.flags = ["fuzzy"]
    fourth.references = [" calls.yaml:12"]
    document.entries.append(Entry("old.one", "Old.", "Vanha.", notes=[" kept aside"], obsolete=True))
    stale = Entry("old.two", "Older too.", "Sekin.", flags=["fuzzy"], previous_msgid="Older.", obsolete=True)
    document.entries.append(stale)
    return document


def content(document: PoDocument) -> dict[str, Entry]:
    return {entry.id: replace(entry, line=0) for entry in document.entries}


def read(data: bytes) -> PoDocument:
    document, issues = read_document(data, "x.po")
    assert issues == []
    assert document
    return document


def updated(code: str, document: PoDocument) -> str:
    """What `ivr texts update` makes of a file."""
    merge(source(), document, partial(texts().needs, code))
    return str(document)


@cache
def source() -> PoDocument:
    return open_po(SOURCE)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("tool", TOOLS)
def test_no_tool_changes_a_text_a_mark_or_a_comment_and_an_update_leaves_all_whole(
    tmp_path: Path, code: str, tool: str
) -> None:
    document = marked(REAL / f"{code}.po")
    path = tmp_path / f"{code}.po"
    path.write_text(str(document), encoding="utf-8")
    written = read(TOOLS[tool](path))
    if tool == "msgmerge":  # it takes references and formats from the source, and brings what need not be translated
        document.entries[1].flags = document.entries[3].references = []
        written.entries = [entry for entry in written.entries if entry.id in content(document)]
    assert content(written) == content(document)
    assert written.header.notes == document.header.notes
    assert {name: written.metadata.get(name) for name in document.metadata} == document.metadata
    written.metadata, written.line_end = document.metadata, document.line_end
    assert updated(code, written) == updated(code, document)


def test_the_source_is_the_same_after_every_tool(tmp_path: Path) -> None:
    path = tmp_path / "prompts.pot"
    path.write_bytes(SOURCE.read_bytes())
    for name, tool in TOOLS.items():
        assert content(read(tool(path))) == content(source()), name


def test_weblate_changes_only_how_lines_are_wrapped_and_the_header() -> None:
    plain, written = (read((OTHER_TOOLS / name).read_bytes()) for name in ("plain.po", "weblate.po"))
    assert content(written) == content(plain)
    assert written.header.notes == plain.header.notes
    assert written.metadata.items() >= plain.metadata.items()
    assert len(written.metadata["Plural-Forms"]) > 80
    written.metadata = plain.metadata
    assert str(written) == (OTHER_TOOLS / "plain.po").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["fi", "sv"])
def test_a_file_in_latin_1_is_refused_and_the_same_after_it_is_converted(tmp_path: Path, code: str) -> None:
    path = tmp_path / f"{code}.po"
    path.write_bytes((REAL / f"{code}.po").read_bytes())
    assert content(read(through("ISO-8859-1")(path))) == content(open_po(path))


def test_lines_end_after_an_update_as_they_did_before() -> None:
    ended = read((REAL / "fi.po").read_bytes().replace(b"\n", b"\r\n"))
    assert updated("fi", ended).encode() == (REAL / "fi.po").read_bytes().replace(b"\n", b"\r\n")
