"""The whole of `prompts/`: what is loaded, what is refused, and what costs only a language."""

from datetime import date

import pytest

from ivr.content.load import load
from tests.conftest import TODAY
from tests.content.conftest import GERMAN, REAL, UNAPPROVED, Prompts


def test_the_real_content_has_no_fault() -> None:
    loaded = load(REAL, TODAY)
    assert [str(issue) for issue in loaded.issues if issue.severity != "note"] == []
    assert [issue.message for issue in loaded.issues if UNAPPROVED not in issue.message] == []
    assert loaded.content
    assert loaded.content.offered == {"fi", "sv", "en", "ru", "uk", "ar", "fa", "so", "ckb", "sw"}


def test_the_words_of_the_source_language_are_those_of_the_source(prompts: Prompts) -> None:
    prompts.reword("nobody_free.sorry", "Press something.")
    content = prompts.load().content
    assert content
    assert content.catalogue.utter("nobody_free.sorry", "en", {}).text == "Press something."


def test_a_fault_is_one_line_with_its_place_and_its_remedy(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "next: choose_language", "next: nowhere")
    line = prompts.line("flow.yaml", "nowhere")
    assert str(prompts.only_broken()) == (
        f"prompts/flow.yaml:{line}: broken: nodes.opening.next leads to 'nowhere', which is no node. "
        "Correct or add the node."
    )


def test_faults_of_all_files_are_told_at_once(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "next: choose_language", "next: nowhere")
    prompts.edit("office.yaml", 'walk_in: {mon-fri: "12:00-15:00"}', 'walk_in: {mon-fri: "12:10-15:00"}')
    prompts.edit("prompts.pot", 'msgid "today"', 'msgid "today  "')
    prompts.cut("fi.po", "today")
    prompts.translate("sv.po", "main.person", "En person.")
    loaded = prompts.load()
    assert loaded.content is None
    assert [issue.file for issue in loaded.issues if issue.severity == "broken"] == [
        "prompts/fi.po",
        "prompts/flow.yaml",
        "prompts/office.yaml",
        "prompts/prompts.pot",
        "prompts/sv.po",
    ]


def test_files_that_cannot_be_read_are_told_at_once(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "start: opening", "start: [opening")
    prompts.edit("office.yaml", "zone: Europe/Helsinki", "zone: Europe/Kemi")
    prompts.edit("prompts.pot", 'msgid "today"', 'msgid "today')
    prompts.edit("fi.po", 'msgid "today"', 'msgid "today')
    prompts.edit("sv.po", 'msgid "today"', "today")
    assert [issue.file for issue in prompts.broken()] == [
        "prompts/fi.po",
        "prompts/flow.yaml",
        "prompts/office.yaml",
        "prompts/prompts.pot",
        "prompts/sv.po",
    ]
    assert all(issue.line and issue.remedy for issue in prompts.broken())


def test_several_faults_of_one_file_are_told_in_the_order_of_its_lines(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "end: goodbye", "ende: goodbye")
    prompts.edit("flow.yaml", 'prefix: "9"', 'prefix: "8"')
    prompts.edit("flow.yaml", "  own_contact:\n    kind: disconnect", "  own_contact:\n    kind: hang_up")
    issues = prompts.broken()
    assert {issue.file for issue in issues} == {"prompts/flow.yaml"}
    lines = [prompts.line("flow.yaml", text) for text in ("start:", "ende:", 'prefix: "8"', "kind: hang_up")]
    assert [issue.line for issue in issues] == lines  # `end` is missing where the file begins
    assert [issue.message for issue in issues][:2] == ["'end' is missing", "'ende' is not a known word"]


@pytest.mark.parametrize("name", ["flow.yaml", "office.yaml", "languages.yaml", "prompts.pot", "fi.po", "sv.po"])
def test_a_file_that_is_missing_is_told_by_name(prompts: Prompts, name: str) -> None:
    prompts.path(name).unlink()
    loaded = prompts.load()
    assert loaded.content is None
    missing = [issue for issue in loaded.issues if issue.message == "the file is missing, or cannot be read"]
    assert [(issue.severity, issue.file) for issue in missing] == [("broken", f"prompts/{name}")]
    assert missing[0].remedy.startswith("Restore it")


@pytest.mark.parametrize("name", ["flow.yaml", "office.yaml", "languages.yaml", "prompts.pot", "fi.po", "sv.po"])
def test_a_file_that_is_not_utf_8_is_told_by_name(prompts: Prompts, name: str) -> None:
    prompts.path(name).write_bytes(prompts.read(name).encode() + "# päivä\n".encode("latin-1"))
    found = [issue for issue in prompts.broken() if "UTF-8" in issue.message]
    assert [issue.file for issue in found] == [f"prompts/{name}"]


def test_a_text_is_not_looked_for_in_a_file_that_cannot_be_read(prompts: Prompts) -> None:
    prompts.edit("fi.po", 'msgid "today"', 'msgid "today')
    assert prompts.only_broken().line == prompts.line("fi.po", 'msgid "today')


def test_an_exception_that_is_past_does_not_stop_the_line(prompts: Prompts) -> None:
    prompts.edit("office.yaml", "exceptions: []", "exceptions:\n  - {date: 2026-12-31, hours: {all: closed}}")
    assert prompts.issues(date(2026, 12, 31)) == []
    assert prompts.load(date(2027, 1, 1)).content
    assert [(issue.severity, issue.line) for issue in prompts.issues(date(2027, 1, 1))] == [
        ("note", prompts.line("office.yaml", "2026-12-31, hours"))
    ]


def test_a_range_is_past_after_its_last_day(prompts: Prompts) -> None:
    holidays = "{from: 2026-07-01, to: 31.7.2026, hours: {phone: closed}}"
    prompts.edit("office.yaml", "exceptions: []", f"exceptions:\n  - {holidays}")
    assert prompts.issues(date(2026, 7, 31)) == []
    (issue,) = prompts.issues(date(2026, 8, 1))
    line = prompts.line("office.yaml", holidays)
    assert (issue.severity, issue.line, issue.message) == ("note", line, "2026-07-01 to 2026-07-31 is past")


def test_a_key_that_no_menu_can_have_is_told_on_its_line_and_once(prompts: Prompts) -> None:
    """The options of all pages stand in one place; a fault there is a fault of each page."""
    prompts.edit("flow.yaml", '  options: {"1": {to: person, matter: guidance, say: main.person}}\n', OPTION_6)
    issue = prompts.only_broken()
    assert str(issue) == (
        f"prompts/flow.yaml:{prompts.line('flow.yaml', OPTION_6.strip())}: broken: "
        "6: a menu has only the keys 1 to 5. Write one of them that is still free in this menu, "
        "or remove an option first."
    )
    prompts.edit("flow.yaml", OPTION_6, "")
    issue = prompts.only_broken()
    assert (issue.line, issue.message) == (prompts.line("flow.yaml", "page:"), "'options' is missing below 'page'")


def test_what_reading_has_told_of_a_line_is_not_told_again(prompts: Prompts) -> None:
    prompts.edit("office.yaml", "zone: Europe/Helsinki", "zone: ”Europe/Helsinki”")
    assert "the quotation mark ” is the wrong kind" in prompts.only_broken().message


OPTION_6 = '  options: {"6": {to: person, matter: guidance, say: main.person}}\n'

# --- languages ------------------------------------------------------------------------------------------------------


def test_a_whole_further_language_is_offered(prompts: Prompts) -> None:
    prompts.add_german()
    loaded = prompts.load()
    assert prompts.issues() == []
    assert loaded.content
    assert loaded.content.offered == {"fi", "sv", "en", "de"}


def test_a_further_language_with_a_gap_is_left_out_and_told(prompts: Prompts) -> None:
    prompts.add_german()
    prompts.cut("de.po", "tomorrow")
    loaded = prompts.load()
    assert loaded.content
    assert loaded.content.offered == {"fi", "sv", "en"}
    assert [(issue.severity, issue.language, issue.file, issue.line) for issue in prompts.issues()] == [
        ("incomplete", "de", "prompts/de.po", prompts.line("de.po", 'msgctxt "today"'))
    ]


def test_a_further_language_that_cannot_be_read_is_left_out_and_told(prompts: Prompts) -> None:
    prompts.add_german()
    prompts.edit("de.po", 'msgid "today"', 'msgid "today')
    loaded = prompts.load()
    assert loaded.content
    assert loaded.content.offered == {"fi", "sv", "en"}
    assert [(issue.severity, issue.language, issue.line) for issue in prompts.issues()] == [
        ("incomplete", "de", prompts.line("de.po", 'msgid "today'))
    ]


def test_a_further_language_with_an_id_twice_is_left_out_and_told(prompts: Prompts) -> None:
    prompts.add_german()
    prompts.write("de.po", prompts.read("de.po") + "\n" + prompts.entry("de.po", "today"))
    loaded = prompts.load()
    assert loaded.content
    assert "de" not in loaded.content.offered
    assert [(issue.severity, issue.language) for issue in prompts.issues()] == [("incomplete", "de")]


def test_a_further_language_without_a_file_is_left_out_and_told(prompts: Prompts) -> None:
    prompts.add_german()
    prompts.path("de.po").unlink()
    loaded = prompts.load()
    assert loaded.content
    assert loaded.content.offered == {"fi", "sv", "en"}
    assert [(issue.severity, issue.language, issue.message) for issue in prompts.issues()] == [
        ("incomplete", "de", "the file is missing, or cannot be read")
    ]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('digit: "4"', 'digit: "1"', "digit: fi and de both have digit 1. Give each its own"),
        ('digit: "4"', 'digit: "9"', "Write a key from 1 to 8, or from 9-1 to 9-8"),
        ('digit: "4"', 'digit: "0"', "Write a key from 1 to 8, or from 9-1 to 9-8"),
        ("staff: fi ", "staff: xx ", "staff: 'xx' is not among the languages. Add it below 'languages:'"),
        ("before_choice: [fi, sv, en]", "before_choice: []", "before_choice: nothing is named. Write one at least"),
    ],
)
def test_languages_that_do_not_fit_together_are_told(prompts: Prompts, old: str, new: str, complaint: str) -> None:
    prompts.write("languages.yaml", prompts.read("languages.yaml").rstrip("\n") + GERMAN)
    prompts.edit("languages.yaml", old, new)
    issue = prompts.only_broken()
    assert complaint in str(issue)
    wrong = [line for line, text in enumerate(prompts.read("languages.yaml").splitlines(), 1) if new in text]
    assert issue.line == wrong[-1]


@pytest.mark.parametrize("name", ["fi.po", "prompts.pot", "flow.yaml", "office.yaml", "languages.yaml"])
def test_what_git_leaves_of_two_versions_is_told_as_that(prompts: Prompts, name: str) -> None:
    lines = prompts.read(name).split("\n")
    marks = {12: "<<<<<<< HEAD", 15: "||||||| 1f2e3d4", 18: "=======", 21: ">>>>>>> the other's"}
    for line, mark in marks.items():
        lines.insert(line - 1, mark)
    prompts.write(name, "\n".join(lines))
    told = {(issue.line, issue.message) for issue in prompts.broken() if issue.file == f"prompts/{name}"}
    assert told == {(line, "git has left two versions of these lines here") for line in marks}


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("provider: {voice: Polly.Suvi-Neural}", "provider: {voice: }", "voice:"),
        ("offline: {voice: fi, ", 'offline: {voice: " fi", ', "voice:"),
        ("locale: fi-FI", "locale: fi_FI", "locale:"),
        ("locale: fi-FI", "locale: Finnish language", "locale:"),
        ("locale: fi-FI", 'locale: ""', "locale:"),
        ("name: suomi", 'name: ""', "name:"),
        ("before_choice: [fi, sv, en]", "before_choice: [fi, sv, fi]", "fi stands twice"),
    ],
)
def test_what_no_provider_could_say_is_told_at_its_line(prompts: Prompts, right: str, wrong: str, told: str) -> None:
    prompts.edit("languages.yaml", right, wrong)
    issue = prompts.only_broken()
    assert issue.line == prompts.line("languages.yaml", wrong)
    assert issue.message.startswith(told)
