"""Every spelling of an entry that GNU gettext takes is read as it reads it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.content.merge import open_po, save
from ivr.content.po import read_po
from ivr.content.po_reader import read_document
from ivr.content.texts import Text
from ivr.core.issue import Issue
from tests.content.gettext import compiled_texts

HEADER = 'msgid ""\nmsgstr ""\n"Language: fi\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
FIRST_LINE = HEADER.count("\n") + 1
PLAIN = 'msgctxt "wait"\nmsgid "Wait."\nmsgstr "Odota: ä."\n'
SPELLINGS = {
    "no blank": 'msgctxt"wait"msgid"Wait."msgstr"Odota: ä."\n',
    "blanks": 'msgctxt  "wait" \n  msgid   "Wait."\nmsgstr "Odota: ä."  \n',
    "tabs": 'msgctxt\t"wait"\n\tmsgid \t"Wait."\nmsgstr\t\t"Odota: ä."\t\n',
    "form feeds": 'msgctxt\f"wait"\nmsgid\v"Wait."\nmsgstr "Odota: ä."\n',
    "several strings on a line": 'msgctxt "wa" "it"\nmsgid "Wait""."\nmsgstr "Odo" "ta:" " ä."\n',
    "wrapped": 'msgctxt ""\n"wa"\n"it"\nmsgid ""\n"Wait."\nmsgstr "Odota: "\n\n"ä."\n',
    "the text on the next line": 'msgctxt\n"wait"\nmsgid\n\n"Wait."\nmsgstr\n"Odota: ä."\n',
    "all on one line": 'msgctxt "wait" msgid "Wait." msgstr "Odota: ä."\n',
    "blank lines inside": 'msgctxt "wait"\n\nmsgid "Wait."\n\n\nmsgstr "Odota: ä."\n',
    "octal": 'msgctxt "\\167ait"\nmsgid "Wait\\56"\nmsgstr "Odota: \\303\\244."\n',
    "octal over two strings": 'msgctxt "wait"\nmsgid "Wait."\nmsgstr "Odota: \\303" "\\244."\n',
    "hexadecimal": 'msgctxt "wait"\nmsgid "Wait."\nmsgstr "Odota: \\xc3\\xA4."\n',
    "a line that goes on": 'msgctxt "wait"\nmsgid "Wait."\nmsgstr "Odota\\\n: ä."\n',
    "no final end of a line": PLAIN.rstrip("\n"),
    "ends of lines as in Windows": PLAIN.replace("\n", "\r\n"),
    "comments of all kinds": f"#note\n#\n#  two\n#= c-format\n#. source\n#: a.c:1 b.c:2\n#, c-format\n{PLAIN}",
    "comments that are indented": f" # note\n\t#. source\n{PLAIN}",
    "comments on the same line": f"{PLAIN.rstrip()} # note\n",
    "what was before": f'#| msgctxt "w"\n#| msgid "W"\n#| "ait!"\n{PLAIN}',
    "what was before, without blanks": f'#|msgid"Wait!"\n{PLAIN}',
    "what is kept aside": f'#~ msgctxt "old"\n#~ msgid "Old."\n#~ msgstr "Vanha."\n#~\n\n{PLAIN}',
    "what is kept aside, without blanks": f'#~msgctxt "old"\n#~msgid "Old."\n#~msgstr "Van"\n#~"ha."\n{PLAIN}',
    "what is kept aside, and was before": f'#~|msgid "O"\n#~ msgctxt "o"\n#~ msgid "O."\n#~ msgstr "V"\n{PLAIN}',
    "a comment of what is kept aside": f'#~ # note\n#~ msgctxt "old"\n#~ msgid "O"\n#~ msgstr "V"\n{PLAIN}',
}
MARKS = (
    "#, fuzzy",
    "#,fuzzy",
    "#,\tfuzzy",
    "#, c-format,fuzzy",
    "#, fuzzy, range: 1..6",
    "#! fuzzy",
    "#, a fuzzy",
    "#, fuzzy\n#",
)


def read(folder: Path, data: str | bytes) -> tuple[dict[str, Text], list[Issue]]:
    path = folder / "fi.po"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    file, issues = read_po(path, "prompts/fi.po")
    return dict(file.texts) if file else {}, issues


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_the_same_text(tmp_path: Path, spelling: str) -> None:
    assert read(tmp_path, HEADER + spelling) == ({"wait": Text("Wait.", "Odota: ä.")}, [])
    assert compiled_texts(tmp_path / "fi.po") == {("wait", "Wait."): "Odota: ä."}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_written_in_the_plain_one_and_stays_so(tmp_path: Path, spelling: str) -> None:
    path = tmp_path / "fi.po"
    path.write_bytes((HEADER + spelling).encode())
    before = open_po(path)
    save(before, path)
    assert save(open_po(path), path) is False
    assert 'msgctxt "wait"\nmsgid "Wait."\nmsgstr "Odota: ä."\n' in path.read_text(encoding="utf-8")
    in_order = sorted(before.entries, key=lambda entry: entry.obsolete)
    assert [replace(entry, line=0) for entry in open_po(path).entries] == [replace(entry, line=0) for entry in in_order]
    assert ("\r\n" in spelling) == (b"\r\n" in path.read_bytes())


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_of_doubt_is_seen_however_it_is_written(tmp_path: Path, mark: str) -> None:
    texts, issues = read(tmp_path, f"{HEADER}{mark}\n\n{PLAIN}")
    assert (texts["wait"].fuzzy, issues) == (True, [])
    assert compiled_texts(tmp_path / "fi.po") == {}  # gettext leaves out what is in doubt


@pytest.mark.parametrize("mark", ["#, FUZZY", "# fuzzy", "#. fuzzy", "#, no-fuzzy", "#fuzzy"])
def test_what_is_no_mark_of_doubt_is_none(tmp_path: Path, mark: str) -> None:
    texts, _ = read(tmp_path, f"{HEADER}{mark}\n{PLAIN}")
    assert not texts["wait"].fuzzy
    assert len(compiled_texts(tmp_path / "fi.po")) == 1


@pytest.mark.parametrize("marks", ["#, fuzzy\n#, c-format", "#, c-format\n#, fuzzy"])
def test_a_doubt_stays_where_other_flags_stand_on_a_line_of_their_own(tmp_path: Path, marks: str) -> None:
    """gettext itself keeps the last line only."""
    document, _ = read_document(f"{HEADER}{marks}\n{PLAIN}".encode(), "x")
    assert document
    assert sorted(document.entries[0].flags) == ["c-format", "fuzzy"]


def test_a_mark_at_the_beginning_of_the_file_and_no_header_do_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff" + PLAIN) == ({"wait": Text("Wait.", "Odota: ä.")}, [])


def test_a_header_may_stand_anywhere(tmp_path: Path) -> None:
    document, issues = read_document((PLAIN + HEADER).encode(), "x")
    assert issues == []
    assert document
    assert str(document) == f"{HEADER}{PLAIN}"


CONTROL = [
    *(c for c in map(chr, range(0x20)) if c not in "\t\n"),
    *map(chr, range(0x7F, 0xA0)),
    "\ufffd",
    "\ufffe",
    "\uffff",
]


@pytest.mark.parametrize("field", ["msgctxt", "msgid", "msgstr", "spoken"])
@pytest.mark.parametrize("character", CONTROL, ids=[f"{ord(c):04X}" for c in CONTROL])
def test_a_control_character_is_refused_by_its_code_and_line(tmp_path: Path, character: str, field: str) -> None:
    lines = {"spoken": "# spoken: a", "msgctxt": 'msgctxt "a"', "msgid": 'msgid "a"', "msgstr": 'msgstr "b" "a"'}
    escaped = "".join(f"\\{byte:03o}" for byte in character.encode())
    for odd in (character, escaped)[: 1 if field == "spoken" else 2]:
        written = [line.replace("a", f"{odd}a") if name == field else line for name, line in lines.items()]
        _, issues = read(tmp_path, (HEADER + "\n".join(written) + "\n"))
        assert [issue.line for issue in issues] == [FIRST_LINE + [*lines].index(field)]
        assert f"U+{ord(character):04X}" in issues[0].message
        assert issues[0].severity == "broken"


@pytest.mark.parametrize("escape", ["\\v", "\\f", "\\a", "\\b", "\\r", "\\0", "\\x0b", "\\13"])
def test_a_control_character_is_found_on_its_own_line_of_a_long_text(tmp_path: Path, escape: str) -> None:
    _, issues = read(tmp_path, f'{HEADER}msgctxt "a"\nmsgid "a"\nmsgstr ""\n"b"\n"c{escape}"\n')
    assert [issue.line for issue in issues] == [FIRST_LINE + 4]


def test_a_backslash_and_a_letter_are_no_control_character(tmp_path: Path) -> None:
    """`\\\\v` is a backslash and a v: another reader makes U+000B of it."""
    assert (
        read(tmp_path, f'{HEADER}msgctxt "a"\nmsgid "a"\nmsgstr "b\\\\v\\\\n\\t\\n"\n')[0]["a"].translation
        == "b\\v\\n\t\n"
    )


@pytest.mark.parametrize("character", ["\u200e", "\u202e", "\u2066", "\u061c"])
def test_an_id_with_a_mark_that_nobody_sees_is_refused(tmp_path: Path, character: str) -> None:
    _, issues = read(tmp_path, HEADER + PLAIN.replace('"wait"', f'"wa{character}it"'))
    told = f"the name after msgctxt has an invisible character (U+{ord(character):04X})"
    remedy = 'Delete this line and type: msgctxt "wait"'
    assert [(issue.line, issue.message, issue.remedy) for issue in issues] == [(FIRST_LINE, told, remedy)]


@pytest.mark.parametrize(
    ("text", "where", "remedy"),
    [
        ("Odota,\vtai paina.", "after 'Odota,'", "Delete all from 'Odota,' to 'tai', and type it again"),
        ("Odota \vtai paina.", "after 'Odota'", "Delete all from 'Odota' to 'tai', and type it again"),
        ("Odota\v\v tai\v paina.", "after 'Odota'", "Delete all from 'Odota' to 'tai', and type it again"),
        ("\vOdota.", "at the beginning", "Delete all from the beginning to 'Odota.', and type it again"),
        ("Odota nyt. \v", "at the end", "Delete all from 'nyt.' to the end, and type it again"),
        ("\v", "", "Delete it"),
    ],
)
def test_a_character_that_nobody_sees_is_told_by_the_words_around_it(
    tmp_path: Path, text: str, where: str, remedy: str
) -> None:
    _, issues = read(tmp_path, f'{HEADER}msgctxt "a"\nmsgid "a"\nmsgstr "{text}"\n')
    told = f"an invisible character (U+000B) {where}".strip()
    assert [(issue.message, issue.remedy) for issue in issues] == [(told, remedy)]


def test_a_letter_that_a_program_has_lost_is_called_so(tmp_path: Path) -> None:
    _, issues = read(tmp_path, f'{HEADER}msgctxt "a"\nmsgid "a"\nmsgstr "Odota t\ufffdn\ufffd\ufffdn."\n')
    assert issues[0].message.startswith("a lost letter (U+FFFD) after 't'")


def test_ends_of_lines_of_an_old_mac_are_told(tmp_path: Path) -> None:
    _, issues = read(tmp_path, f"# note\n{HEADER}{PLAIN}".replace("\n", "\r"))
    assert [(issue.line, issue.message) for issue in issues] == [(1, "an invisible character (U+000D) after 'note'")]


class TestComposed:
    def test_letters_and_marks_that_are_stored_apart_are_the_same_text(self, tmp_path: Path) -> None:
        apart = unicodedata.normalize("NFD", HEADER + PLAIN.replace("wait", "ö"))
        assert apart != HEADER + PLAIN
        assert read(tmp_path, apart)[0] == {"ö": Text("Wait.", "Odota: ä.")}

    @pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
    def test_a_shadda_of_a_spoken_form_stands_before_its_vowel_whatever_an_editor_does(
        self, tmp_path: Path, form: str
    ) -> None:
        """The offline voice loses a vowel that stands before it, where Unicode puts it."""
        spoken = "\u062e\u064e\u0637\u0651\u064c\u0627\u0628\u0651\u064e"
        stored = unicodedata.normalize(form, spoken)  # type: ignore[arg-type]
        assert stored != spoken
        assert read(tmp_path, f"{HEADER}# spoken: {stored}\n{PLAIN}")[0]["wait"].spoken == spoken


@pytest.mark.parametrize(
    "comment", ["# spoken: x y", "#spoken: x y", "#. spoken: x y", "#.spoken:x y", "#  spoken:  x y "]
)
def test_a_spoken_form_is_understood_in_either_kind_of_comment_and_kept(tmp_path: Path, comment: str) -> None:
    path = tmp_path / "fi.po"
    assert read(tmp_path, f"{HEADER}{comment}\n{PLAIN}")[0]["wait"].spoken == "x y"
    save(open_po(path), path)
    assert read(tmp_path, path.read_bytes())[0]["wait"].spoken == "x y"
    assert "#." not in path.read_text(
        encoding="utf-8"
    )  # as a comment of the source it would be replaced by the source's
