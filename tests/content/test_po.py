"""PO files are read strictly: a line that is passed over would be a text that nobody hears."""

from pathlib import Path

import pytest

from ivr.content.po import PoFile, read_po
from ivr.content.po_reader import read_document
from ivr.content.texts import Text
from ivr.core.issue import Issue

HEADER = """# Finnish.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

"""
TODAY = """#. A day.
msgctxt "today"
msgid "today"
msgstr "tänään"
"""
TOMORROW = """msgctxt "tomorrow"
msgid "tomorrow"
msgstr "huomenna"
"""


def read(folder: Path, text: str) -> tuple[PoFile | None, list[Issue]]:
    path = folder / "fi.po"
    path.write_text(text, encoding="utf-8")
    return read_po(path, "prompts/fi.po")


def whole(folder: Path, text: str) -> PoFile:
    file, issues = read(folder, text)
    assert file
    assert issues == []
    return file


def fault(folder: Path, text: str) -> Issue:
    _, issues = read(folder, text)
    assert len(issues) == 1, "\n".join(map(str, issues))
    assert (issues[0].severity, issues[0].file) == ("broken", "prompts/fi.po")
    assert issues[0].remedy
    return issues[0]


def test_entries_are_read_with_their_lines(tmp_path: Path) -> None:
    file = whole(tmp_path, f"{HEADER}{TODAY}\n{TOMORROW}")
    assert file.texts == {"today": Text("today", "tänään"), "tomorrow": Text("tomorrow", "huomenna")}
    assert file.lines == {"today": 7, "tomorrow": 11}


def test_a_text_may_run_over_several_lines_and_hold_quotation_marks(tmp_path: Path) -> None:
    long = 'msgctxt "long"\nmsgid ""\n"Say: "\n"\\"today\\"."\nmsgstr "Sano: "\n"\\"tänään\\"."\n'
    assert whole(tmp_path, HEADER + long).texts == {"long": Text('Say: "today".', 'Sano: "tänään".')}


def test_a_mark_of_doubt_is_kept(tmp_path: Path) -> None:
    assert whole(tmp_path, f"{HEADER}#, fuzzy\n{TODAY}").texts["today"].fuzzy


def test_what_a_translator_has_retired_is_passed_over(tmp_path: Path) -> None:
    old = '#~ msgctxt "old"\n#~ msgid "old"\n#~ msgstr "vanha"\n'
    assert list(whole(tmp_path, f"{HEADER}{TODAY}\n{old}").texts) == ["today"]


@pytest.mark.parametrize("mark", ["\ufeff", "\r\n"])
def test_the_marks_of_other_editors_do_no_harm(tmp_path: Path, mark: str) -> None:
    text = mark + HEADER + TODAY if mark == "\ufeff" else (HEADER + TODAY).replace("\n", mark)
    (tmp_path / "fi.po").write_bytes(text.encode())
    file, issues = read_po(tmp_path / "fi.po", "prompts/fi.po")
    assert issues == []
    assert file
    assert file.texts == {"today": Text("today", "tänään")}
    assert file.lines == {"today": 7}


def test_blanks_around_a_line_do_no_harm(tmp_path: Path) -> None:
    file = whole(tmp_path, HEADER + TODAY.replace('msgctxt "today"', '  msgctxt "today"  '))
    assert file.lines == {"today": 7}


OUTSIDE = ("there is something outside of the quotation marks: '{}'", 'Write \\" for " within the text')
UNCLOSED = ("a quotation mark is not closed: '{}'", 'End the text with ", and write \\" for " within it')
NO_WORD = ("this line begins with no word of a PO file: '{}'", 'Begin it with msgctxt, msgid, msgstr, # or "')
NO_PLURALS = ("the line has no plural forms", "Remove msgid_plural and its msgstr[...], and write one msgstr")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('msgstr "tänään', UNCLOSED),
        ("msgstr tänään", OUTSIDE),
        ('msgstr "tänään" huomenna', OUTSIDE),
        ('msgstr "tänään"huomenna"', OUTSIDE),
        ('msgstr "tänään\\"', UNCLOSED),
        ('mgstr "tänään"', NO_WORD),
        ('MSGSTR "tänään"', NO_WORD),
        ('msgstrs "tänään"', NO_WORD),
        ("tänään", NO_WORD),
        ('msgstr[0] "tänään"', NO_PLURALS),
        ('msgid_plural "days"', NO_PLURALS),
        ("msgstr “tänään”", ("a quotation mark is not a plain one: '{}'", 'Write " at both ends of the text')),
        ("#~ old words", ("this is no part of an entry: '{}'", "Begin a comment with # and a blank")),
        ("#| old words", ("this is no part of an entry: '{}'", "Begin a comment with # and a blank")),
        ('domain "x"', ("there are no domains here", "Remove what stands from domain on")),
        ('msgstr "\\q"', ("\\q means nothing in a PO file", "Write \\\\ for a backslash")),
        ('msgstr "\\u00e4"', ("\\u means nothing in a PO file", "Write \\\\ for a backslash")),
        ('msgstr "\\344"', ("the numbers behind backslashes are no UTF-8 text", "Write the letters themselves")),
        (
            'msgstr "\\355\\240\\200"',
            ("the numbers behind backslashes are no UTF-8 text", "Write the letters themselves"),
        ),
        (
            "# päivä",
            ("a comment stands inside of an entry", "Write the comments above the entry, those with #| last of them"),
        ),
        ('#| msgid "day"', ("#| stands inside of an entry", "Write it above msgctxt")),
        ('#~ msgstr "old"', ("#~ stands before a part of the entry only", "Write it before each line")),
        ('msgstr "tä"\n#~ "nään"', ("#~ or #| stands before a part of the text only", "Write it before each line")),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_remedy(tmp_path: Path, wrong: str, told: tuple[str, str]) -> None:
    issue = fault(tmp_path, HEADER + TODAY.replace('msgstr "tänään"', wrong))
    line = 7 if wrong.startswith("#~ ms") else 9
    assert (issue.line, issue.message, issue.remedy) == (line, told[0].format(wrong), told[1])


def test_a_text_behind_a_comment_belongs_to_nothing(tmp_path: Path) -> None:
    issue = fault(tmp_path, f'{HEADER}{TODAY}# more\n"ja huomenna"\n')
    assert (issue.line, issue.message) == (11, "this text belongs to no msgctxt, msgid or msgstr")


def test_every_line_that_is_no_po_is_found_at_once(tmp_path: Path) -> None:
    text = f"{HEADER}{TODAY}\n{TOMORROW}".replace('ään"', "ään").replace('huomenna"', "huomenna")
    _, issues = read(tmp_path, text)
    assert [issue.line for issue in issues] == [9, 13]


def test_an_entry_without_an_id_is_found(tmp_path: Path) -> None:
    issue = fault(tmp_path, HEADER + TODAY + "\n" + TOMORROW.replace('msgctxt "tomorrow"\n', ""))
    assert issue.line == 11
    assert (issue.message, issue.remedy) == ("'tomorrow' has no msgctxt", "Give it the id of its prompt")


@pytest.mark.parametrize("blanks", ["", "  "])
def test_an_id_that_stands_twice_is_found_at_the_second(tmp_path: Path, blanks: str) -> None:
    issue = fault(tmp_path, f"{HEADER}{TODAY}\n{TODAY.replace('tänään', 'nyt').replace('msgctxt', blanks + 'msgctxt')}")
    assert issue.line == 12
    assert (issue.message, issue.remedy) == ("'today' stands twice", "Keep one of the two")


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ('msgid "today"\nmsgctxt "today"\nmsgstr "tänään"\n', 7),
        ('msgctxt "today"\nmsgstr "tänään"\nmsgid "today"\n', 7),
        ('msgctxt "today"\nmsgid "today"\nmsgstr "tänään"\nmsgstr "nyt"\n', 9),
        ('msgctxt "today"\nmsgid "today"\n\nmsgctxt "tomorrow"\nmsgid "tomorrow"\nmsgstr "huomenna"\n', 9),
    ],
)
def test_lines_in_the_wrong_order_are_found(tmp_path: Path, entry: str, line: int) -> None:
    issue = fault(tmp_path, HEADER + entry)
    assert issue.line == line
    assert (issue.message, issue.remedy) == ("the order of the lines is wrong", "Write msgctxt, msgid, msgstr")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert read_po(tmp_path / "fi.po", "prompts/fi.po") == (
        None,
        [
            Issue(
                "broken",
                "prompts/fi.po",
                (),
                "the file is missing, or cannot be read",
                "Restore it, or remove the language",
            )
        ],
    )


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "fi.po").write_bytes((HEADER + TODAY).encode("latin-1"))
    file, issues = read_po(tmp_path / "fi.po", "prompts/fi.po")
    assert file is None
    assert [(issue.line, issue.message, issue.remedy) for issue in issues] == [
        (9, "this is not UTF-8 text", "Save it as UTF-8")
    ]


@pytest.mark.parametrize("charset", ["ISO-8859-1", "iso-8859-15", "KOI8-R", "UTF-16", "windows-1252", "no-such"])
@pytest.mark.parametrize("letters", ["tänään", "t\\303\\244n\\303\\244\\303\\244n", "nyt"])
def test_a_header_that_names_another_charset_is_told_so_that_no_letter_is_taken_for_another(
    tmp_path: Path, charset: str, letters: str
) -> None:
    issue = fault(tmp_path, HEADER.replace("UTF-8", charset) + TODAY.replace("tänään", letters))
    assert issue.line == 4
    assert issue.message == f"the header says that the file is {charset}"
    assert issue.remedy == "Save it as UTF-8, and write charset=UTF-8"


@pytest.mark.parametrize("charset", ["UTF-8", "utf-8", "utf8", "CHARSET", "ASCII", "US-ASCII"])
def test_a_header_that_names_utf_8_or_a_part_of_it_is_fine(tmp_path: Path, charset: str) -> None:
    document, issues = read_document((HEADER.replace("UTF-8", charset) + TODAY).encode(), "prompts/fi.po")
    assert issues == []
    assert document
    assert document.metadata == {"Content-Type": "text/plain; charset=UTF-8"}


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        ('"Language fi\\n"', 5, "this line of the header is no field: 'Language fi'"),
        ('"Language: fi\\n"\n"Language: sv\\n"', 6, "'Language' stands twice in the header"),
    ],
)
def test_a_header_of_which_something_would_be_lost_is_told(
    tmp_path: Path, header: str, line: int, message: str
) -> None:
    issue = fault(tmp_path, f"{HEADER.rstrip()}\n{header}\n\n{TODAY}")
    assert (issue.line, issue.message) == (line, message)


def test_an_empty_file_has_no_entries(tmp_path: Path) -> None:
    assert whole(tmp_path, "").texts == {}
