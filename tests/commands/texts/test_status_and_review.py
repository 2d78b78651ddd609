"""`ivr texts status` and `ivr texts review`: what is there, what is stale, and who has read it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import polib
import pytest
from ivr.content.review import fingerprint

from tests.commands.texts.helpers import (
    FEW,
    FOREIGN,
    GERMAN,
    TRANSLATED,
    assert_refused,
    done,
    files,
    line_of_today,
    matter,
    rows,
    texts,
)
from tests.content.conftest import FIRST, Prompts


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


def notes(prompts: Prompts) -> dict[str, str]:
    """What is noted about the review of each language, by file."""
    return {Path(issue.file).name: issue.message for issue in matter(prompts, "review")}


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


def test_a_file_that_is_no_po_is_told_by_every_command(few: Prompts) -> None:
    line = line_of_today(few, "fi.po")
    before = files(few)
    for words in (("status",), ("sheet", "fa"), ("review", "fa", "--by", "Some Name"), GERMAN):
        assert_refused(texts(*words), f"prompts/fi.po:{line}: ", exit_code=1)
    assert files(few) == before
