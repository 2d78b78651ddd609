"""`ivr texts update`: a changed sentence marks its translations, and nothing else is touched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import polib
import pytest

from ivr.content.merge import Unreadable, open_po, save
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
    sentence,
    texts,
)
from tests.content.conftest import REAL, Prompts
from tests.limits import PATIENCE


class TestUpdate:
    @pytest.mark.parametrize(
        ("id_", "having"),
        [("nobody_free.sorry", TRANSLATED), ("calling.say_language", FOREIGN), ("staff.no_language", ("fi",))],
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
        for id_ in ("nobody_free.sorry", "safety.danger"):
            prompts.reword(id_, "Another sentence.")
        done("update")
        found = matter(prompts, "was translated from another sentence")
        ordinary = {(f"prompts/{code}.po", "nobody_free.sorry", "note") for code in TRANSLATED}
        safety = {(f"prompts/{code}.po", "safety.danger", "broken") for code in ("fi", "sv")}
        safety |= {(f"prompts/{code}.po", "safety.danger", "incomplete") for code in FOREIGN}
        assert {(issue.file, issue.where[0], issue.severity) for issue in found} == ordinary | safety
        for issue in found:
            assert issue.line == prompts.line(Path(issue.file).name, f'msgctxt "{issue.where[0]}"')

    def test_sentences_that_are_changed_and_changed_back_leave_no_trace(self, prompts: Prompts) -> None:
        before, ids = files(prompts), ("safety.opening", "nobody_free.sorry", "time_until.2000")
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
        few.reword("nobody_free.sorry", "Another sentence.")
        before = files(few)
        assert done("update", "fa") == "prompts/fa.po: 1 stale (nobody_free.sorry)\n"
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
        text = few.read("fa.po")
        few.path("fa.po").write_bytes(text.encode() + "# päivä\n".encode("latin-1"))
        before = files(few)
        line = text.count("\n") + 1
        assert_refused(texts("update"), f"prompts/fa.po:{line}: ", exit_code=1)
        assert files(few) == before

    @pytest.mark.parametrize("word", ["update", "add", "review"])
    def test_what_would_be_lost_is_told_by_its_line_and_nothing_is_written(self, few: Prompts, word: str) -> None:
        plural = 'msgid_plural "todays"\nmsgstr[0] "امروز"'
        entry = few.entry("fa.po", "today")
        few.edit("fa.po", entry, entry.partition("msgstr")[0] + plural + "\n")
        before = files(few)
        words = {"update": ("update",), "add": GERMAN, "review": ("review", "fi", "--by", "Maija")}[word]
        line = few.line("fa.po", "msgid_plural")
        assert_refused(
            texts(*words), f"prompts/fa.po:{line}: incomplete: this text can have one form only", exit_code=1
        )
        assert files(few) == before

    def test_what_could_not_be_read_again_is_not_written(self, few: Prompts) -> None:
        before, document = files(few), open_po(few.path("fi.po"))
        document.entries[0].msgstr = "Mai\x01ja."
        with pytest.raises(Unreadable, match=re.escape("an invisible character (U+0001)")):
            save(document, few.path("fi.po"))
        assert files(few) == before

    def test_a_folder_that_may_not_be_written_is_told(self, few: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(self: Path, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        few.reword("nobody_free.sorry", "Another sentence.")
        monkeypatch.setattr(Path, "write_bytes", full)
        assert_refused(texts("update"), "could not be written: No space left on device. See that", exit_code=1)

    def test_a_file_in_other_spellings_is_written_in_the_plain_one_and_says_the_same(self, few: Prompts) -> None:
        before = few.read("fa.po")
        spelled = before.replace("#. ", "#.\t").replace('msgstr "', 'msgstr  ""\n"').replace("\nmsgid", "\n\tmsgid")
        few.path("fa.po").write_bytes(("\ufeff" + spelled).encode())
        assert done("update", "fa") == "prompts/fa.po: tidied\n"
        assert few.read("fa.po") == before

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


def assert_msgfmt_accepts(folder: Path) -> None:
    """The tool of those who translate with other tools than ours."""
    program = shutil.which("msgfmt")
    assert program, "msgfmt is not there: install the Debian package gettext"
    for path in (*folder.glob("*.po"), folder / "prompts.pot"):
        words = [program, "--check", f"--output-file={os.devnull}", str(path)]
        result = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert result.returncode == 0, result.stderr


class TestMsgfmt:
    def test_accepts_every_file_of_the_project(self) -> None:
        assert {path.stem for path in REAL.glob("*.po")} == set(TRANSLATED)
        assert_msgfmt_accepts(REAL)

    def test_accepts_every_file_with_a_stale_text_and_one_kept_aside(self, prompts: Prompts) -> None:
        prompts.reword("nobody_free.sorry", r"A sentence with \"quotation marks\" and more.")
        prompts.cut("prompts.pot", "main.wait")
        done("update")
        for code in TRANSLATED:
            assert all(f"\n{mark} " in prompts.read(f"{code}.po") for mark in ("#,", "#|", "#~"))
        assert_msgfmt_accepts(prompts.folder)

    def test_accepts_every_file_after_a_language_was_added(self, prompts: Prompts) -> None:
        done(*GERMAN)
        assert_msgfmt_accepts(prompts.folder)
