"""`ivr texts sheet`: the page on which a native speaker corrects every text."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import NamedTuple

import polib
import pytest
from click.testing import CliRunner

from ivr.commands import main
from tests.commands.texts.helpers import FEW, SLOT, assert_refused, done, files, sentence, texts
from tests.content.conftest import REAL, Prompts


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


def approval(article: Article) -> list[str]:
    return re.findall(r'<div class="approval">(.*?)</div>', article.body, re.DOTALL)


def filled(text: str) -> str:
    """A text of a PO file with the names of its slots, as the page has them."""
    return SLOT.sub(r"\1", text)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The pages of the real texts, which no test changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IVR_SITE", str(REAL))
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
        few.reword("nobody_free.sorry", "Another sentence.")
        found = articles(sheet("fa"))
        marked = {id_: article.state for id_, article in found.items() if article.state != "fresh"}
        assert marked == {"nobody_free.sorry": "stale", "main.calm": "missing", "main.wait": "missing"}
        assert [id_ for id_ in found if 'class="mark"' in found[id_].body] == list(marked)
        assert found["nobody_free.sorry"].lines("source")[0] == "English: Another sentence."
        for id_ in ("main.wait", "main.calm"):
            assert "not translated yet" in found[id_].body
            assert found[id_].lines("text") == [""]

    def test_tells_of_what_is_missing_whether_it_may_be_left_out(self, few: Prompts) -> None:
        few.cut("fa.po", "month.8")
        found = articles(sheet("fa"))
        assert found["month.8"].state == "missing"
        assert "not translated; it may be left out" in found["month.8"].body

    @pytest.mark.parametrize("updated", [False, True])
    def test_shows_the_sentence_that_a_stale_text_was_made_from(self, few: Prompts, updated: bool) -> None:
        old = sentence(few, "nobody_free.sorry")
        few.reword("nobody_free.sorry", "Another sentence.")
        if updated:
            done("update")
        article = articles(sheet("fa"))["nobody_free.sorry"]
        assert article.state == "stale"
        assert f'it was "{old}"' in visible(article.body)

    def test_does_not_say_of_a_doubted_text_that_its_english_has_changed(self, few: Prompts) -> None:
        few.mark_fuzzy("fa.po", "nobody_free.sorry")
        article = articles(sheet("fa"))["nobody_free.sorry"]
        assert article.state == "stale"
        assert 'class="mark"' in article.body
        assert "English has changed" not in article.body

    def test_shows_marks_of_html_as_they_are_written(self, few: Prompts) -> None:
        few.translate("fa.po", "nobody_free.sorry", "<b>x</b> & &amp; \\\"y\\\" 'z' {key} <")
        body = articles(sheet("fa"))["nobody_free.sorry"].body
        assert "&lt;b&gt;x&lt;/b&gt; &amp; &amp;amp; &#34;y&#34; &#39;z&#39; <bdi " in body
        assert "<b>" not in body

    def test_tells_of_each_sentence_whether_it_is_approved_and_by_whom(self, few: Prompts) -> None:
        assert "No native speaker has approved any of it yet: it is a draft." in sheet("fa")
        few.approve("fa", "nobody_free.sorry", "safety.danger", by="A <Name>")
        old = few.load().said("fa", "safety.danger")
        few.translate("fa.po", "safety.danger", "در خطر هستید؟")
        page = sheet("fa")
        assert "1 of 251 texts are approved, the last by A &lt;Name&gt; on 2026-11-24." in page
        marks = {id_: visible(found[0]) for id_, article in articles(page).items() if (found := approval(article))}
        assert marks == {
            "nobody_free.sorry": "approved by A <Name> on 2026-11-24",
            "safety.danger": f'approved by A <Name> on 2026-11-24 as\n  "{old}"; changed since',
        }

    @pytest.mark.usefixtures("few")
    def test_has_the_numbers_of_the_recording_script_and_no_others(self) -> None:
        """Fault E2: whoever recorded from the sheet was off, silently."""
        page = sheet("fa")
        printed = CliRunner().invoke(main, ["audio", "script", "--lang", "fa", "--json"]).output
        (script,) = json.loads(printed)
        assert f"the recording script <strong>{script['code']}</strong>" in page
        of_text = {id_: list[int]() for id_ in articles(page)}
        for row in script["sentences"]:
            of_text[row["prompt"]].append(row["number"])
        for id_, article in articles(page).items():
            told = re.search(r"<strong>([\d, -]+)</strong> · ", article.body)
            ranges = [part.split("-") for part in told[1].split(", ")] if told else []
            assert [n for each in ranges for n in range(int(each[0]), int(each[-1]) + 1)] == of_text[id_]
        assert not of_text["day_on.mon"]
        assert len(of_text["hours.phone.opens"]) > 1

    def test_words_that_wait_for_approval_have_no_number(self, few: Prompts) -> None:
        """The script has the approved ones there: whoever read the new ones would stand under the old."""
        assert texts("review", "fa", "--safety", "--by", "A").exit_code == 0
        numbered = articles(sheet("fa"))["safety.danger"].body
        few.translate("fa.po", "safety.danger", "در خطرید؟ قطع کنید.")
        assert "<strong>" in numbered
        assert "<strong>" not in articles(sheet("fa"))["safety.danger"].body

    def test_of_a_language_that_is_not_whole_has_no_numbers(self, few: Prompts) -> None:
        few.cut("fa.po", "main.wait")
        page = sheet("fa")
        assert "recording script" not in page
        assert not re.search(r"<strong>[\d, -]+</strong>", page)

    def test_of_no_language_is_refused(self, few: Prompts) -> None:
        before = files(few)
        assert_refused(texts("sheet", "xx", "--output", "f.html"), f"there are {', '.join(FEW)}")
        assert files(few) == before
