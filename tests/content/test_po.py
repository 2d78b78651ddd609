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


OUTSIDE = ("'tänään' stands outside of quotation marks: '{}'", 'Write " at both ends of the text')
ENDED = (
    "the text ends before 'huomenna': '{}'",
    'Keep the first and the last " of the line, write \\" for each between them, and nothing after the last',
)
UNCLOSED = ("a quotation mark is not closed: '{}'", 'Add " at the end of the text (within it, \\" stands for ")')
NO_WORD = ("'tänään' is not a known word", 'Begin a remark with # and a space, and more of a text with "')
NO_PLURALS = (
    "this text can have one form only",
    'Delete the lines that begin with msgid_plural or msgstr[, and write one line: msgstr "..."',
)
MOVE_UP = 'Move it up, above the line msgctxt "today"'
BACKSLASH = "Delete the \\ (a backslash that is meant is written \\\\)"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('msgstr "tänään', UNCLOSED),
        ("msgstr tänään", OUTSIDE),
        ('msgstr: "tänään"', ("':' stands outside of quotation marks: '{}'", OUTSIDE[1])),
        ('msgstr "tänään" huomenna', ENDED),
        ('msgstr "tänään"huomenna"', ENDED),
        ('msgstr "tänään\\"', UNCLOSED),
        *(
            (f'{obsolete}{word} "tänään"', (f"'{word}' is not a known word", "Write msgstr"))
            for obsolete in ("", "#~ ")
            for word in ("mgstr", "MSGSTR", "msgstrs")
        ),
        ("tänään", NO_WORD),
        ('msgstr[0] "tänään"', NO_PLURALS),
        ('msgid_plural "days"', NO_PLURALS),
        ("msgstr “tänään”", ("a quotation mark is not a plain one: '{}'", 'Write " at both ends of the text')),
        ("#~ old words", ("'#~' cannot begin a remark", "Write # and a space: # old words")),
        ("#| old words", ("'#|' cannot begin a remark", "Write # and a space: # old words")),
        ('domain "x"', ("'domain' is not a known word", "Delete this line")),
        ('msgstr "\\q"', ("\\q means nothing here", BACKSLASH)),
        ('msgstr "\\u00e4"', ("\\u means nothing here", BACKSLASH)),
        *(
            (
                f'msgstr "tä{escape}nään"',
                (f"{escape} makes a character that cannot be spoken ({code})", f"Delete {escape}"),
            )
            for escape, code in {"\\v": "U+000B", "\\a": "U+0007", "\\013": "U+000B", "\\x7F": "U+007F"}.items()
        ),
        (
            'msgstr "\\302\\205"',
            (
                "the numbers behind backslashes make a character that cannot be spoken (U+0085)",
                "Delete them, or write the letters themselves",
            ),
        ),
        ('msgstr "\\344"', ("the numbers behind backslashes are no UTF-8 text", "Write the letters themselves")),
        (
            'msgstr "\\355\\240\\200"',
            ("the numbers behind backslashes are no UTF-8 text", "Write the letters themselves"),
        ),
        ("# päivä", ("a remark stands between the lines of one text", MOVE_UP)),
        ('#msgstr "tänään"', ("a # stands before msgstr, so this line is not read", "Delete the #")),
        ('# msgstr "tänään"', ("a # stands before msgstr, so this line is not read", "Delete the #")),
        ('#| msgid "day"', ("a line with #| stands within a text", MOVE_UP)),
        ('#~ msgstr "old"', ("#~ stands before some lines of this text only", "Write it before each")),
        ('msgstr "tä"\n#~ "nään"', ("#~ or #| stands before some lines of this text only", "Write it before each")),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_remedy(tmp_path: Path, wrong: str, told: tuple[str, str]) -> None:
    issue = fault(tmp_path, HEADER + TODAY.replace('msgstr "tänään"', wrong))
    line = 7 if wrong.startswith('#~ msgstr "') else 9
    assert (issue.line, issue.message, issue.remedy) == (line, told[0].format(wrong), told[1])


def test_a_text_behind_a_comment_belongs_to_nothing(tmp_path: Path) -> None:
    issue = fault(tmp_path, f'{HEADER}{TODAY}# more\n"ja huomenna"\n')
    assert (issue.line, issue.message) == (11, "this text stands alone")


def test_every_line_that_is_no_po_is_found_at_once(tmp_path: Path) -> None:
    text = f"{HEADER}{TODAY}\n{TOMORROW}".replace('ään"', "ään").replace('huomenna"', "huomenna")
    _, issues = read(tmp_path, text)
    assert [issue.line for issue in issues] == [9, 13]


def test_an_entry_without_an_id_is_found(tmp_path: Path) -> None:
    issue = fault(tmp_path, HEADER + TODAY + "\n" + TOMORROW.replace('msgctxt "tomorrow"\n', ""))
    assert issue.line == 11
    assert issue.message == "'tomorrow' has no msgctxt"


def test_a_msgctxt_behind_a_mark_of_a_remark_is_told(tmp_path: Path) -> None:
    issue = fault(tmp_path, HEADER + TODAY + "\n" + TOMORROW.replace("msgctxt", "#msgctxt"))
    assert issue.line == 12
    assert (issue.message, issue.remedy) == ("a # stands before the msgctxt of this text", "Delete the #")


@pytest.mark.parametrize("blanks", ["", "  "])
def test_an_id_that_stands_twice_is_found_at_the_second(tmp_path: Path, blanks: str) -> None:
    issue = fault(tmp_path, f"{HEADER}{TODAY}\n{TODAY.replace('tänään', 'nyt').replace('msgctxt', blanks + 'msgctxt')}")
    assert issue.line == 12
    assert (issue.message, issue.remedy) == (
        "'today' stands twice, here and on line 7",
        "Keep the better one, and delete the other with its msgctxt, msgid and msgstr",
    )


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
        (
            9,
            "the letters of this file are not saved as UTF-8",
            "Open it, see that they look right, and save it as UTF-8 (Notepad: Save as, Encoding, UTF-8)",
        )
    ]


@pytest.mark.parametrize("charset", ["ISO-8859-1", "iso-8859-15", "KOI8-R", "UTF-16", "windows-1252", "no-such"])
@pytest.mark.parametrize("letters", ["tänään", "t\\303\\244n\\303\\244\\303\\244n", "nyt"])
def test_a_header_that_names_another_charset_is_told_so_that_no_letter_is_taken_for_another(
    tmp_path: Path, charset: str, letters: str
) -> None:
    issue = fault(tmp_path, HEADER.replace("UTF-8", charset) + TODAY.replace("tänään", letters))
    assert issue.line == 4
    assert issue.message == f"this line says charset={charset}"
    assert issue.remedy.startswith("Change it to charset=UTF-8, and save the file as UTF-8")


@pytest.mark.parametrize("charset", ["UTF-8", "utf-8", "utf8", "CHARSET", "ASCII", "US-ASCII"])
def test_a_header_that_names_utf_8_or_a_part_of_it_is_fine(tmp_path: Path, charset: str) -> None:
    document, issues = read_document((HEADER.replace("UTF-8", charset) + TODAY).encode(), "prompts/fi.po")
    assert issues == []
    assert document
    assert document.metadata == {"Content-Type": "text/plain; charset=UTF-8"}


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        ('"Language fi\\n"', 5, "'Language fi' has no colon"),
        ('"Language: fi\\n"\n"Language: sv\\n"', 6, "'Language' stands twice, here and on line 5"),
        ('"Language: fi\\nLanguage: sv\\n"', 5, "'Language' stands twice"),
        (
            '"Language: fi\\n"\n"Language: sv\\n"\n"Language-Team: x\\n"',
            6,
            "'Language' stands twice, here and on line 5",
        ),
    ],
)
def test_a_header_of_which_something_would_be_lost_is_told(
    tmp_path: Path, header: str, line: int, message: str
) -> None:
    issue = fault(tmp_path, f"{HEADER.rstrip()}\n{header}\n\n{TODAY}")
    assert (issue.line, issue.message) == (line, message)


def test_an_empty_file_has_no_entries(tmp_path: Path) -> None:
    assert whole(tmp_path, "").texts == {}
