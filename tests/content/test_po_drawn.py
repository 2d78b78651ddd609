"""Drawn PO files, in all spellings and many scripts, are read exactly as written, or refused by line with a remedy."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.content.po_document import PoDocument
from ivr.content.po_reader import read_document
from ivr.core.characters import CONTROL
from ivr.core.issue import Issue
from tests.content.gettext import accepts, compiled_texts

HEADER = 'msgid ""\nmsgstr ""\n"Language: fi\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
SCRIPTS = (
    *(
        "abz AZ äöåÄ ñ",
        "a\N{COMBINING DIAERESIS}o\N{COMBINING RING ABOVE}",
        "жщїґ Ё",
        "مرحبًا كُتِبَ ء آ",
        "گچپ نمی\u200cشود",
    ),
    *(
        "وەرگێڕ",
        "ሰላም",
        "汉字",
        "'’{key}.?!:،؟",
        '"\\\\" \\n \t\n',
        "😀\U0001ffff",
        "\x85\u2028\u2029\x1c\v\f\x00\ufffe\ufeff\u200f",
    ),
)
"""Letters, marks, punctuation, what must be escaped, and what other readers take for the end of a line."""
words = st.lists(st.sampled_from(SCRIPTS).flatmap(lambda script: st.text(script, max_size=4)), max_size=4).map("".join)
between = st.sampled_from(["", " ", "\t", "  ", "\n", "\n\n", " \n "])


@dataclass(frozen=True)
class Drawn:
    """What an entry says, and how it is written."""

    id: str
    source: str
    text: str
    fuzzy: bool
    obsolete: bool
    written: str


@st.composite
def string(draw: st.DrawFn, text: str) -> str:
    """A text in quotation marks: escaped where it must be or may be, in one or several parts."""
    parts = [""]
    for character in text:
        how = draw(st.sampled_from(("plain", "plain", "plain", "octal", "part")))
        if how == "part":
            parts.append("")
        plain = ESCAPES.get(character, character)
        parts[-1] += "".join(f"\\{byte:03o}" for byte in character.encode()) if how == "octal" else plain
    return draw(between).join(f'"{part}"' for part in parts)


@st.composite
def entry(draw: st.DrawFn, number: int) -> Drawn:
    """An entry with comments; its id is its own."""
    id_, source, text = f"{draw(words)}{number}", draw(words), draw(words)
    fuzzy, obsolete = draw(st.booleans()), draw(st.sampled_from((False, False, True)))
    lines = draw(
        st.lists(st.sampled_from(("# note", "#note", "#", "#. source", "#: a:1", "#= x", "  # more", "")), max_size=3)
    )
    flags = ["#, fuzzy", "#,fuzzy", "#, x,fuzzy", "#, y\n#! fuzzy"] if fuzzy else ["#, x", "# fuzzy"]
    lines.append(draw(st.sampled_from(flags)))
    if draw(st.booleans()):
        old = f"#{'~' * obsolete}| "
        lines.append(f"{old}msgid {draw(string('Before.'))}".replace("\n", f"\n{old}"))
    says = (("msgctxt", id_), ("msgid", source), ("msgstr", text))
    body = "".join(f"{word}{draw(between)}{draw(string(value))}{draw(between)}" for word, value in says)
    return Drawn(id_, source, text, fuzzy, obsolete, "\n".join([*lines, _aside(body) if obsolete else body]))


def _aside(body: str) -> str:
    return "\n".join(f"#~{' ' * (index % 2)}{line}" for index, line in enumerate(body.split("\n")))


@st.composite
def files(draw: st.DrawFn) -> tuple[list[Drawn], str]:
    """A file and the entries in it."""
    entries = [draw(entry(number)) for number in range(draw(st.integers(0, 4)))]
    return entries, HEADER + draw(st.sampled_from(("\n", "\n\n"))).join(each.written for each in entries) + "\n"


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def assert_told(issues: list[Issue], data: bytes) -> None:
    """A translator finds the place, and what to do."""
    assert issues
    for issue in issues:
        assert issue.file == "prompts/fi.po"
        assert 1 <= issue.line <= data.count(b"\n") + 1
        assert issue.message
        assert issue.remedy


def said(document: PoDocument) -> dict[tuple[str, str], str]:
    """What gettext would compile."""
    there = (each for each in document.entries if not each.obsolete and not each.fuzzy and each.msgstr)
    return {(each.id, each.msgid): each.msgstr for each in there}


@settings(max_examples=100)
@given(files(), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_a_file_is_read_exactly_as_it_was_written(
    drawn: tuple[list[Drawn], str], line_end: str, marked: bool, ended: bool
) -> None:
    entries, text = drawn
    text = ("\ufeff" if marked else "") + (text if ended else text.rstrip("\n")).replace("\n", line_end)
    document, issues = read_document(text.encode(), "prompts/fi.po")
    if hidden := [c for each in entries for c in CONTROL.findall(each.id + each.source + each.text)]:
        assert document is None
        assert_told(issues, text.encode())
        assert any(f"U+{ord(character):04X}" in issues[0].message for character in hidden)
        return
    assert issues == []
    assert document
    read = {each.id: (each.msgid, each.msgstr, each.fuzzy, each.obsolete) for each in document.entries}
    assert read == {
        composed(each.id): (composed(each.source), composed(each.text), each.fuzzy, each.obsolete) for each in entries
    }
    again, issues = read_document(str(document).encode(), "prompts/fi.po")
    assert again
    assert str(again) == str(document)


ODD_LINES = (
    *('msgctxt "a"', 'msgid "b"', 'msgstr "c"', '"more"', "# note", '#| msgid "old"', "#~ msgid", '#~ msgstr "d"'),
    *('msgid_plural "s"', 'msgstr[0] "c"', 'domain "x"', "#~", "#|", "#~|", "#, fuzzy", 'msgstr "open', "words", '"'),
    *(
        'msgstr "\\q"',
        'msgstr "\\344"',
        'msgstr "a\\v"',
        "msgstr “c”",
        "\\",
        "\x00",
        "\ufeff",
        "\x0c",
        "\r",
        "msgstr",
        "[0]",
        "",
    ),
)


@settings(max_examples=120)
@given(
    files(), st.lists(st.tuples(st.integers(0, 60), st.sampled_from(ODD_LINES), st.booleans()), min_size=1, max_size=4)
)
def test_whatever_else_is_in_a_file_it_is_read_or_told(
    drawn: tuple[list[Drawn], str], odd: list[tuple[int, str, bool]]
) -> None:
    data = spoilt(drawn[1], odd)
    document, issues = read_document(data, "prompts/fi.po")
    if document is None:
        assert_told(issues, data)
    else:
        assert read_document(str(document).encode(), "prompts/fi.po")[1] == []


def spoilt(text: str, odd: list[tuple[int, str, bool]]) -> bytes:
    """A file with other lines at some places, or instead of those that were there."""
    lines = text.removeprefix(HEADER).split("\n")
    for at, line, instead in odd:
        lines[at % len(lines) : at % len(lines) + instead] = [line]
    return (HEADER + "\n".join(lines)).encode()


@given(st.binary(max_size=60))
def test_bytes_that_are_no_po_file_at_all_are_told(data: bytes) -> None:
    document, issues = read_document(data, "prompts/fi.po")
    assert document or issues
    if document is None:
        assert_told(issues, data)


@settings(max_examples=40)
@given(files(), st.lists(st.tuples(st.integers(0, 60), st.sampled_from(ODD_LINES), st.booleans()), max_size=1))
def test_what_msgfmt_accepts_is_read_as_gettext_reads_it_or_refused_by_its_line(
    drawn: tuple[list[Drawn], str], odd: list[tuple[int, str, bool]]
) -> None:
    data = spoilt(drawn[1], odd)
    document, issues = read_document(data, "prompts/fi.po")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fi.po"
        path.write_bytes(data)
        if not accepts(path):
            return
        if document is None:
            assert_told(issues, data)
        else:
            compiled = compiled_texts(path)
            assert said(document) == {
                (composed(id_), composed(source)): composed(text) for (id_, source), text in compiled.items()
            }
