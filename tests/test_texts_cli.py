"""`ivr texts`, as the office and its translators type it, on a copy of the real content in all its languages."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polib
import pytest
from click.testing import CliRunner, Result

from ivr.cli import main
from ivr.core.issue import Issue
from ivr.core.review import fingerprint
from tests.content.conftest import FIRST, REAL, Prompts

FOREIGN = ("ru", "uk", "ar", "fa", "so", "ckb", "sw")
TRANSLATED = ("fi", "sv", *FOREIGN)
FEW = (*FIRST, "ar", "fa")
SLOT = re.compile(r"\{([a-z_0-9]+)\}")
GERMAN = ("add", "de", "Deutsch", "--english", "German", "--finnish", "saksa")
HEBREW = ("add", "he", "עברית", "--english", "Hebrew", "--finnish", "heprea")


@pytest.fixture
def prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The content of all ten languages."""
    return chosen(Prompts.copied_to(tmp_path), monkeypatch)


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The same with five, where the others make no difference: it is read faster."""
    copy = Prompts.copied_to(tmp_path, *FEW[3:])
    for name in ("prompts.pot", "fi.po"):
        copy.write(name, re.sub(r"\n{3,}", "\n\n", copy.read(name)))
    return chosen(copy, monkeypatch)


def chosen(copy: Prompts, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The content that the commands read and write, as if nobody had reviewed it yet."""
    for name in ("prompts.pot", *(path.name for path in copy.folder.glob("*.po"))):
        copy.write(name, re.sub(r'"X-Reviewed:.*\n', "", copy.read(name)))
    monkeypatch.setenv("IVR_CONTENT", str(copy.folder))
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
    return {str(path): path.read_bytes() for path in prompts.folder.parent.rglob("*") if path.is_file()}


def sentence(prompts: Prompts, id_: str) -> str:
    return prompts.entry("prompts.pot", id_).partition('msgid "')[2].partition('"\n')[0]


def about(prompts: Prompts, message: str) -> list[Issue]:
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


# --- update -----------------------------------------------------------------------------------------------------------


class TestUpdate:
    @pytest.mark.parametrize(
        ("id_", "having"),
        [
            ("main.press", TRANSLATED),
            ("calling.say_language", FOREIGN),
            ("staff.no_language", ("fi",)),
        ],
    )
    def test_one_changed_sentence_marks_its_translations_and_nothing_else(
        self, prompts: Prompts, id_: str, having: tuple[str, ...]
    ) -> None:
        old = sentence(prompts, id_)
        prompts.reword(id_, "Another sentence.")
        expected = files(prompts)
        for code in having:
            was = f'msgctxt "{id_}"\nmsgid "{old}"\n'
            now = f'#, fuzzy\n#| msgid "{old}"\nmsgctxt "{id_}"\nmsgid "Another sentence."\n'
            assert prompts.read(f"{code}.po").count(was) == 1
            expected[str(prompts.path(f"{code}.po"))] = prompts.read(f"{code}.po").replace(was, now).encode()
        told = [f"{code}.po: {f'1 stale ({id_})' if code in having else 'up to date'}" for code in TRANSLATED]
        assert done("update").splitlines() == [f"prompts/{line}" for line in told]
        assert files(prompts) == expected

    def test_a_stale_text_is_told_and_a_stale_safety_text_is_never_spoken(self, prompts: Prompts) -> None:
        for id_ in ("main.press", "safety.danger"):
            prompts.reword(id_, "Another sentence.")
        done("update")
        found = about(prompts, "was translated from another sentence")
        ordinary = {(f"prompts/{code}.po", "main.press", "note") for code in TRANSLATED}
        safety = {(f"prompts/{code}.po", "safety.danger", "broken") for code in ("fi", "sv")}
        safety |= {(f"prompts/{code}.po", "safety.danger", "incomplete") for code in FOREIGN}
        assert {(issue.file, issue.where[0], issue.severity) for issue in found} == ordinary | safety
        for issue in found:
            assert issue.line == prompts.line(Path(issue.file).name, f'msgctxt "{issue.where[0]}"')

    def test_sentences_that_are_changed_and_changed_back_leave_no_trace(self, prompts: Prompts) -> None:
        before, ids = files(prompts), ("safety.opening", "main.press", "time_until.2000")
        source = prompts.read("prompts.pot")
        for english, told in (("Another sentence.", "3 stale"), ("A third sentence.", "tidied")):
            for id_ in ids:
                prompts.reword(id_, english)
            assert done("update").count(told) == len(TRANSLATED)
        prompts.write("prompts.pot", source)
        assert done("update").count("3 fresh again") == len(TRANSLATED)
        assert files(prompts) == before

    def test_an_untouched_project_stays_as_it_is_to_the_byte(self, prompts: Prompts) -> None:
        before = files(prompts)
        assert done("update").splitlines() == [f"prompts/{code}.po: up to date" for code in TRANSLATED]
        assert files(prompts) == before

    def test_a_language_that_is_named_is_the_only_one_that_changes(self, few: Prompts) -> None:
        few.reword("main.press", "Another sentence.")
        before = files(few)
        assert done("update", "fa") == "prompts/fa.po: 1 stale (main.press)\n"
        after = files(few)
        assert [path for path in after if after[path] != before.get(path)] == [str(few.path("fa.po"))]

    @pytest.mark.parametrize("code", ["xx", "en"])
    def test_what_is_no_translation_is_told_with_those_that_are(self, few: Prompts, code: str) -> None:
        before = files(few)
        remedy = f"'{code}' is no language to choose here; there are {', '.join(code for code in FEW if code != 'en')}"
        assert_refused(texts("update", "sv", code), remedy)
        assert files(few) == before

    @pytest.mark.parametrize("name", ["fi.po", "fa.po", "prompts.pot"])
    def test_a_file_that_is_no_po_is_told_with_its_line_and_stays_as_it_is(self, few: Prompts, name: str) -> None:
        line = line_of_today(few, name)
        before = files(few)
        assert_refused(texts("update"), f"prompts/{name}:{line}: ", exit_code=1)
        assert files(few) == before

    def test_a_file_that_is_not_utf_8_is_told_and_stays_as_it_is(self, few: Prompts) -> None:
        few.path("fa.po").write_bytes(few.read("fa.po").encode() + "# päivä\n".encode("latin-1"))
        before = files(few)
        assert_refused(texts("update"), "prompts/fa.po:1: ", exit_code=1)
        assert files(few) == before

    def test_a_text_that_stands_twice_is_told_and_neither_is_lost(self, few: Prompts) -> None:
        """A merge by two people leaves such: which of the two is right, only they know."""
        entry = few.entry("fa.po", "today")
        again = entry.partition("msgstr ")[0] + 'msgstr "حالا"\n'
        few.write("fa.po", f"{few.read('fa.po')}\n{again}")
        before = files(few)
        line = len(few.read("fa.po").splitlines()) - again.count("\n") + 1
        assert_refused(texts("update"), f"prompts/fa.po:{line}: ", exit_code=1)
        assert files(few) == before

    def test_a_language_whose_file_is_gone_gets_one_with_every_text_to_translate(self, few: Prompts) -> None:
        ids = [entry.msgctxt for entry in polib.pofile(few.read("fa.po"))]
        few.path("fa.po").unlink()
        assert done("update", "fa").startswith(f"prompts/fa.po: {len(ids)} new (")
        assert [(entry.msgctxt, entry.msgstr) for entry in polib.pofile(few.read("fa.po"))] == [
            (id_, "") for id_ in ids
        ]


# --- msgfmt -----------------------------------------------------------------------------------------------------------


def assert_msgfmt_accepts(folder: Path) -> None:
    """The tool of those who translate with other tools than ours."""
    program = shutil.which("msgfmt")
    assert program, "msgfmt is not there: install the Debian package gettext"
    for path in (*folder.glob("*.po"), folder / "prompts.pot"):
        words = [program, "--check", f"--output-file={os.devnull}", str(path)]
        result = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False)
        assert result.returncode == 0, result.stderr


class TestMsgfmt:
    def test_accepts_every_file_of_the_project(self) -> None:
        assert {path.stem for path in REAL.glob("*.po")} == set(TRANSLATED)
        assert_msgfmt_accepts(REAL)

    def test_accepts_every_file_with_a_stale_text_one_kept_aside_and_a_review(self, prompts: Prompts) -> None:
        for code in ("en", "fi"):
            done("review", code, "--by", 'Some "Nick" Näme \\ Co')
            assert '"X-Reviewed: ' in prompts.read("prompts.pot" if code == "en" else f"{code}.po")
        prompts.reword("main.press", r"A sentence with \"quotation marks\" and more.")
        prompts.cut("prompts.pot", "main.wait")
        done("update")
        for code in TRANSLATED:
            assert all(f"\n{mark} " in prompts.read(f"{code}.po") for mark in ("#,", "#|", "#~"))
        assert_msgfmt_accepts(prompts.folder)

    def test_accepts_every_file_after_a_language_was_added(self, prompts: Prompts) -> None:
        done(*GERMAN)
        assert_msgfmt_accepts(prompts.folder)


# --- status -----------------------------------------------------------------------------------------------------------


def rows() -> dict[str, list[str]]:
    """Translated, missing, stale and reviewed, as the table tells them of each language."""
    lines = [[cell.strip() for cell in line.split("│")] for line in done("status").splitlines() if "│" in line]
    return {cells[1]: cells[3:-1] for cells in lines}


class TestStatus:
    def test_of_the_real_texts_all_is_there_and_nobody_has_read_them(self, prompts: Prompts) -> None:
        ids = {code: len(polib.pofile(prompts.read(f"{code}.po"))) for code in TRANSLATED}
        ids["en"] = ids["sv"]
        found = rows()
        assert list(found) == [*FIRST, *FOREIGN]
        for code, (*counts, reviewed) in found.items():
            assert counts == [f"{ids[code]} of {ids[code]}", "0", "0"]
            assert "draft" in reviewed

    def test_counts_what_is_missing_and_what_is_stale(self, few: Prompts) -> None:
        ids = len(polib.pofile(few.read("fa.po")))
        few.cut("fa.po", "main.wait")
        few.translate("fa.po", "main.calm", "")
        few.mark_fuzzy("fa.po", "main.person")
        few.reword("main.press", "Another sentence.")
        few.reword("main.hours", "One more sentence.")
        found = rows()
        assert found["fa"][:3] == [f"{ids - 5} of {ids}", "2", "3"]
        assert found["ar"][:3] == [f"{ids - 2} of {ids}", "0", "2"]
        done("update")
        assert rows() == found

    def test_tells_who_has_reviewed_and_whether_texts_have_changed_since(self, few: Prompts) -> None:
        done("review", "sv", "--by", "Some Name")
        (day,) = {line.split()[1] for line in few.read("sv.po").splitlines() if line.startswith('"X-Reviewed')}
        found = rows()
        assert found["sv"][3] == f"Reviewed by Some Name on {day}."
        assert "draft" in found["fi"][3]
        few.translate("sv.po", "main.press", "En annan mening.")
        assert rows()["sv"][3] == f"Reviewed by Some Name on {day}; texts have changed since."


# --- review -----------------------------------------------------------------------------------------------------------


def notes(prompts: Prompts) -> dict[str, str]:
    """What is noted about the review of each language, by file."""
    return {Path(issue.file).name: issue.message for issue in about(prompts, "review")}


class TestReview:
    @pytest.mark.parametrize("code", ["ar", "en"])
    def test_signs_in_one_line_of_the_header(self, few: Prompts, code: str) -> None:
        name = "prompts.pot" if code == "en" else f"{code}.po"
        before, days = files(few), [datetime.now(UTC).date()]
        ids = len(polib.pofile(few.read("sv.po" if code == "en" else name)))
        assert done("review", code, "--by", "  Some\n Name ") == f"{code}: {ids} texts signed by Some Name\n"
        days.append(datetime.now(UTC).date())
        after = files(few)
        (line,) = (line for line in few.read(name).splitlines() if line.startswith('"X-Reviewed: '))
        loaded = few.load()
        assert loaded.texts
        texts_of = fingerprint(loaded.texts.of(code))
        assert line in {f'"X-Reviewed: {day} {texts_of} Some Name\\n"' for day in days}
        assert f"prompts/{name}" not in {issue.file for issue in loaded.issues}
        assert re.search(r" [0-9a-f]{12} ", line)
        after[str(few.path(name))] = few.read(name).replace(f"{line}\n", "").encode()
        assert after == before
        assert few.read(name).index(line) < few.read(name).index("\n\n")

    def test_ends_the_note_until_a_text_changes(self, few: Prompts) -> None:
        nobody = {f"{code}.po": f"no native reader has reviewed {code}" for code in FEW if code != "en"}
        nobody["prompts.pot"] = "no native reader has reviewed en"
        assert notes(few) == nobody
        done("review", "ar", "--by", "Some Name")
        assert notes(few) == {file: note for file, note in nobody.items() if file != "ar.po"}
        entry = few.entry("ar.po", "main.press")
        few.translate("ar.po", "main.press", "انتظروا.")
        assert notes(few)["ar.po"] == "texts of ar have changed since Some Name reviewed it"
        few.edit("ar.po", few.entry("ar.po", "main.press"), entry)
        assert "ar.po" not in notes(few)

    def test_of_the_source_ends_with_a_changed_sentence(self, few: Prompts) -> None:
        done("review", "en", "--by", "Some Name")
        few.reword("main.press", "Another sentence.")
        assert notes(few)["prompts.pot"] == "texts of en have changed since Some Name reviewed it"

    def test_is_kept_by_an_update(self, few: Prompts) -> None:
        done("review", "ar", "--by", "Some Name")
        before = files(few)
        assert "ar.po: up to date" in done("update")
        assert files(few) == before

    def test_again_takes_the_place_of_the_one_before(self, few: Prompts) -> None:
        for name in ("Some Name", 'Other "Nick" Name'):
            done("review", "ar", "--by", name)
        assert few.read("ar.po").count("X-Reviewed") == 1
        loaded = few.load().texts
        assert loaded
        assert loaded.reviews["ar"].by == 'Other "Nick" Name'

    def test_of_texts_that_are_missing_or_stale_is_refused_with_their_ids(self, few: Prompts) -> None:
        few.cut("ar.po", "main.wait")
        few.translate("ar.po", "main.calm", "")
        few.mark_fuzzy("ar.po", "main.person")
        few.reword("main.press", "Another sentence.")
        before = files(few)
        remedy = "4 texts of ar are missing or stale: main.press, main.person, main.calm, main.wait."
        assert_refused(texts("review", "ar", "--by", "Some Name"), remedy, exit_code=1)
        assert files(few) == before

    @pytest.mark.parametrize(
        ("words", "remedy"),
        [
            (("xx", "--by", "Some Name"), f"there are {', '.join(FEW)}"),
            (("ar", "--by", " \t\n"), "write the name of the person"),
            (("ar",), "--by"),
        ],
    )
    def test_of_no_language_or_by_nobody_is_refused(self, few: Prompts, words: tuple[str, ...], remedy: str) -> None:
        before = files(few)
        assert_refused(texts("review", *words), remedy)
        assert files(few) == before


# --- sheet ------------------------------------------------------------------------------------------------------------


class Article(NamedTuple):
    """One text of the sheet, as it is marked up."""

    id: str
    state: str
    body: str

    def lines(self, kind: str) -> list[str]:
        """The words of its paragraphs of one kind, as a reader sees them."""
        return [visible(words) for words in re.findall(rf'<p class="{kind}"[^>]*>(.*?)</p>', self.body)]


def visible(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).replace("\u200b", "")


def sheet(code: str) -> str:
    """The page of a language."""
    path = Path(f"page-{code}.html")
    assert str(path) in done("sheet", code, "--output", str(path))
    return path.read_text(encoding="utf-8")


def articles(page: str) -> dict[str, Article]:
    found = re.findall(r'<article class="(\w+)" id="([^"]+)">\n(.*?)</article>', page, re.DOTALL)
    assert len(found) == page.count("<article")
    return {id_: Article(id_, state, body) for state, id_, body in found}


def real(code: str) -> polib.POFile:
    return polib.pofile(str(REAL / f"{code}.po"))


def filled(text: str) -> str:
    """A text of a PO file with the names of its slots, as the page has them."""
    return SLOT.sub(r"\1", text)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The pages of the real texts, which no test changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IVR_CONTENT", str(REAL))
        patch.chdir(tmp_path_factory.mktemp("pages"))
        return {code: sheet(code) for code in ("fa", "sv", "fi")}


class TestSheet:
    def test_needs_nothing_from_anywhere(self, pages: dict[str, str]) -> None:
        page = pages["fa"].casefold()
        assert page.startswith("<!doctype html>")
        for outside in ("http", "//", "src=", "href", "<script", "<link", "<iframe", "@import", "url("):
            assert outside not in page

    def test_is_written_here_when_no_other_place_is_named(self, few: Prompts) -> None:
        before, page = files(few), str(few.folder.parent / "sheet-fa.html")
        assert done("sheet", "fa").startswith("sheet-fa.html: ")
        after = files(few)
        assert after.pop(page).startswith(b"<!doctype html>")
        assert after == before

    @pytest.mark.parametrize(("code", "direction"), [("fa", "rtl"), ("sv", "ltr")])
    def test_has_each_text_in_its_language_and_direction(
        self, pages: dict[str, str], code: str, direction: str
    ) -> None:
        for article in articles(pages[code]).values():
            (opened,) = re.findall(r'<p class="text"[^>]*>', article.body)
            assert opened == f'<p class="text" lang="{code}" dir="{direction}">'

    @pytest.mark.parametrize("code", ["fa", "sv", "fi"])
    def test_has_every_text_once_and_english_and_finnish_beside_it(self, pages: dict[str, str], code: str) -> None:
        own = real(code)
        finnish = {entry.msgctxt: entry.msgstr for entry in real("fi") if code != "fi"}
        assert re.findall(r'\bid="([^"]*)"', pages[code]) == [entry.msgctxt for entry in own]
        found = articles(pages[code])
        for entry in own:
            beside = [f"English: {filled(entry.msgid)}"]
            beside += [f"suomeksi: {filled(finnish[entry.msgctxt])}"] if entry.msgctxt in finnish else []
            assert found[entry.msgctxt].lines("source") == beside
            assert found[entry.msgctxt].lines("text") == [filled(entry.msgstr)]

    def test_shows_slots_as_boxes_of_their_own_direction(self, pages: dict[str, str]) -> None:
        found = articles(pages["fa"])
        box = re.compile(r'<bdi class="slot" dir="ltr"(?: title="[^"]+")?>(\w+)</bdi>')
        for entry in real("fa"):
            (text,) = re.findall(r'<p class="text"[^>]*>(.*?)</p>', found[entry.msgctxt].body)
            assert box.findall(text) == SLOT.findall(entry.msgstr)
            assert "{" not in text
        assert sorted(box.findall(found["hours.phone.opens"].body)) == 3 * ["phone_day"] + 3 * ["phone_time"]
        assert '<bdi class="slot" dir="ltr" title="one">key</bdi>' in found["main.person"].body

    def test_has_words_to_tick_beside_each_text_and_a_line_to_write_on(self, pages: dict[str, str]) -> None:
        for article in articles(pages["fa"]).values():
            ticks = [article.body.count(f"<span>{word}</span>") for word in ("right", "change", "discuss")]
            assert [*ticks, article.body.count('<div class="line"></div>')] == [1, 1, 1, 1]

    def test_marks_what_is_missing_and_what_is_stale(self, few: Prompts) -> None:
        few.cut("fa.po", "main.wait")
        few.translate("fa.po", "main.calm", "")
        few.reword("main.press", "Another sentence.")
        found = articles(sheet("fa"))
        marked = {id_: article.state for id_, article in found.items() if article.state != "fresh"}
        assert marked == {"main.press": "stale", "main.calm": "missing", "main.wait": "missing"}
        assert [id_ for id_ in found if 'class="mark"' in found[id_].body] == list(marked)
        assert found["main.press"].lines("source")[0] == "English: Another sentence."
        for id_ in ("main.wait", "main.calm"):
            assert "not translated yet" in found[id_].body
            assert found[id_].lines("text") == [""]

    @pytest.mark.parametrize("updated", [False, True])
    def test_shows_the_sentence_that_a_stale_text_was_made_from(self, few: Prompts, updated: bool) -> None:
        old = sentence(few, "main.press")
        few.reword("main.press", "Another sentence.")
        if updated:
            done("update")
        article = articles(sheet("fa"))["main.press"]
        assert article.state == "stale"
        assert f'it was "{old}"' in visible(article.body)

    def test_does_not_say_of_a_doubted_text_that_its_english_has_changed(self, few: Prompts) -> None:
        few.mark_fuzzy("fa.po", "main.press")
        article = articles(sheet("fa"))["main.press"]
        assert article.state == "stale"
        assert 'class="mark"' in article.body
        assert "English has changed" not in article.body

    def test_shows_marks_of_html_as_they_are_written(self, few: Prompts) -> None:
        few.translate("fa.po", "main.press", "<b>x</b> & &amp; \\\"y\\\" 'z' {key} <")
        body = articles(sheet("fa"))["main.press"].body
        assert "&lt;b&gt;x&lt;/b&gt; &amp; &amp;amp; &#34;y&#34; &#39;z&#39; <bdi " in body
        assert "<b>" not in body

    @pytest.mark.usefixtures("few")
    def test_tells_who_has_reviewed_it(self) -> None:
        assert "No native reader has reviewed it yet: it is a draft." in sheet("fa")
        done("review", "fa", "--by", "A <Name>")
        assert "Reviewed by A &lt;Name&gt; on " in sheet("fa")

    def test_of_no_language_is_refused(self, few: Prompts) -> None:
        before = files(few)
        assert_refused(texts("sheet", "xx", "--output", "f.html"), f"there are {', '.join(FEW)}")
        assert files(few) == before


# --- add --------------------------------------------------------------------------------------------------------------

ACCENTED = {"e": "ë", "i": "ï", "o": "ö"}


def translate_all(prompts: Prompts, name: str) -> None:
    """Fill every text with its English, accented outside slots so that nothing is the same."""
    file = polib.pofile(prompts.read(name), wrapwidth=0)
    for entry in file:
        entry.msgstr = re.sub(r"[eio](?![^{]*})", lambda vowel: ACCENTED[vowel[0]], entry.msgid)
    prompts.write(name, str(file))


class TestAdd:
    def test_leaves_all_other_files_as_they_are_but_for_its_name(self, prompts: Prompts) -> None:
        before = files(prompts)
        assert "ivr texts review de" in done(*GERMAN)
        after = files(prompts)
        assert after.pop(str(prompts.path("de.po")))
        for name, translation in (("prompts.pot", ""), ("fi.po", "saksa")):
            entry = f'msgctxt "language.de"\nmsgid "German"\nmsgstr "{translation}"\n'
            assert f"{prompts.entry(name, 'language.sw')}\n{entry}" in prompts.read(name)
            after[str(prompts.path(name))] = prompts.read(name).replace(f"{entry}\n", "").encode()
        languages = str(prompts.path("languages.yaml"))
        assert after[languages].startswith(before[languages])
        assert after | {languages: before[languages]} == before

    def test_is_left_out_only_because_nothing_is_translated(self, prompts: Prompts) -> None:
        done(*GERMAN)
        loaded = prompts.load()
        assert loaded.content
        assert loaded.content.offered == {*FIRST, *FOREIGN}
        faults = [issue for issue in loaded.issues if issue.severity != "note"]
        assert {(issue.severity, issue.language, issue.file) for issue in faults} == {
            ("incomplete", "de", "prompts/de.po")
        }
        needed = [entry.msgctxt for entry in polib.pofile(prompts.read("sw.po"))]
        assert [issue.message for issue in faults] == [f"'{id_}' has no text in de" for id_ in needed]
        assert {"safety.danger", "calling.say_language", "time_until.2000"} <= set(needed)
        assert rows()["de"][:3] == [f"0 of {len(needed)}", str(len(needed)), "0"]

    def test_is_offered_as_soon_as_all_is_translated(self, prompts: Prompts) -> None:
        done(*GERMAN)
        translate_all(prompts, "de.po")
        content = prompts.load().content
        assert content
        assert content.offered == {*FIRST, *FOREIGN, "de"}

    def test_takes_the_next_free_keys_and_the_direction_of_its_name(self, prompts: Prompts) -> None:
        for words in (GERMAN, HEBREW):
            done(*words)
        loaded = prompts.load().texts
        assert loaded
        added = {code: loaded.languages.languages[code] for code in ("de", "he")}
        assert {code: (language.digit, language.direction, language.name) for code, language in added.items()} == {
            "de": ("9-3", "ltr", "Deutsch"),
            "he": ("9-4", "rtl", "עברית"),
        }
        assert "direction: rtl" in prompts.read("languages.yaml").partition("  he:\n")[2]

    @pytest.mark.parametrize("name", ["Deutsch: hoch # x", "'Deutsch"])
    def test_writes_any_name_so_that_it_is_read_as_it_is(self, few: Prompts, name: str) -> None:
        done("add", "de", name, "--english", "German", "--finnish", "saksa")
        loaded = few.load().texts
        assert loaded, "\n".join(map(str, few.broken()))
        assert loaded.languages.languages["de"].name == name

    def test_takes_the_keys_that_are_named_and_a_code_that_yaml_would_read_as_false(self, few: Prompts) -> None:
        done("add", "no", "norsk", "--english", "Norwegian", "--finnish", "norja", "--digit", "9-7")
        assert done("update").count("up to date") == len(FEW)
        translate_all(few, "no.po")
        content = few.load().content
        assert content
        assert "no" in content.offered
        assert content.languages.languages["no"].digit == "9-7"

    def test_keeps_what_was_translated_before_a_language_was_removed(self, few: Prompts) -> None:
        """Its file is still there when the language comes back."""
        changed = {name: few.read(name) for name in ("prompts.pot", "fi.po", "languages.yaml")}
        done(*GERMAN)
        translate_all(few, "de.po")
        translated = few.read("de.po")
        for name, text in changed.items():
            few.write(name, text)
        texts(*GERMAN)
        assert few.read("de.po") == translated

    @pytest.mark.parametrize(
        ("words", "remedy"),
        [
            (("sv", "svenska"), "sv is a language of the line already"),
            (("DE", "Deutsch"), "'DE' is no language code"),
            (("deut", "Deutsch"), "'deut' is no language code"),
            (("../de", "Deutsch"), "'../de' is no language code"),
        ],
    )
    def test_a_code_that_is_taken_or_is_none_is_refused(
        self, few: Prompts, words: tuple[str, ...], remedy: str
    ) -> None:
        before = files(few)
        assert_refused(texts("add", *words, "--english", "German", "--finnish", "saksa"), remedy)
        assert files(few) == before

    @pytest.mark.parametrize(
        ("option", "value"),
        [("--digit", "1"), ("--digit", "6"), ("--digit", "9"), ("--english", " "), ("--finnish", "")],
    )
    def test_what_would_stop_the_line_is_refused(self, few: Prompts, option: str, value: str) -> None:
        before = files(few)
        assert_refused(texts(*GERMAN, option, value), option)
        assert files(few) == before


def test_a_file_that_is_no_po_is_told_by_every_command(few: Prompts) -> None:
    line = line_of_today(few, "fi.po")
    before = files(few)
    for words in (("status",), ("sheet", "fa"), ("review", "fa", "--by", "Some Name"), GERMAN):
        assert_refused(texts(*words), f"prompts/fi.po:{line}: ", exit_code=1)
    assert files(few) == before
