"""What the offline voice reads wrong: texts without their reading marks, sentences that it runs into one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.content.checks.lint import lint
from ivr.content.load import Loaded
from ivr.content.merge import open_po, save, update_language
from ivr.core.issue import Issue
from tests.content.conftest import REAL, Prompts
from tests.content.lint.helpers import only, otherwise, saying, texts_of

pytestmark = pytest.mark.untraced
REMEDY = "Add this line above its msgctxt, with the vowel marks: '# spoken: "
PAUSE = "a comma in place of the full stop"


def notes(real: Loaded, language: str, prompt: str, words: str, spoken: str = "") -> list[Issue]:
    """What is told when one text says other words, and nothing else does."""
    return list(real.in_order(lint(saying(texts_of(real), language, {prompt: words}, spoken))))


def note(language: str, prompt: str, message: str, remedy: str) -> Issue:
    line = Prompts(REAL).line(f"{language}.po", f'msgctxt "{prompt}"')
    text = f"'{prompt}' in {language} {message}"
    return Issue("note", f"prompts/{language}.po", (prompt,), text, remedy, line=line)


class TestMarks:
    def test_the_arabic_voice_needs_them_and_no_other_does(self, real: Loaded) -> None:
        languages = texts_of(real).languages.languages
        assert [code for code, language in languages.items() if language.needs_marks] == ["ar"]

    @pytest.mark.parametrize("words", ["انتظروا قليلًا.", "انتظروا.", "اِنْتَظِروا قليلا.", "قليلًا: {key} انتظروا."])
    def test_a_text_without_them_is_told(self, real: Loaded, words: str) -> None:
        prompt = "main.person" if "{" in words else "nobody_free.sorry"
        told = note("ar", prompt, "has no vowel marks, so a computer voice may read it wrong", f"{REMEDY}{words}'")
        assert notes(real, "ar", prompt, words) == [told]

    def test_marks_in_every_word_of_the_text_itself_are_as_good(self, real: Loaded) -> None:
        assert notes(real, "ar", "nobody_free.sorry", "اِنْتَظِروا قَلِيلًا.") == []
        assert notes(real, "ar", "main.person", "لِلْكَلَام: {key}.") == []

    @pytest.mark.parametrize("language", ["fa", "ckb", "ru", "fi"])
    def test_another_language_needs_none(self, real: Loaded, language: str) -> None:
        words = {"fa": "صبر کنید.", "ckb": "چاوەڕێ بکەن.", "ru": "Подождите.", "fi": "Odota."}[language]
        assert notes(real, language, "nobody_free.sorry", words) == []

    def test_the_marked_form_of_another_sentence_is_told(self, real: Loaded) -> None:
        """The text was changed, and its spoken form was not."""
        found = notes(real, "ar", "nobody_free.sorry", "انتظروا قليلًا.", "اِضْغَطوا رَقْمًا.")
        assert found == only("ar", "nobody_free.sorry", *otherwise("'انتظروا'", "'اِضْغَطوا'"))

    def test_a_file_that_has_lost_them_is_told_text_by_text_and_still_spoken(self, tmp_path: Path) -> None:
        prompts = Prompts.copied_to(tmp_path, "ar")
        kept = [line for line in prompts.read("ar.po").splitlines(keepends=True) if not line.startswith("# spoken:")]
        prompts.write("ar.po", "".join(kept))
        loaded = prompts.load()
        assert loaded.content
        assert "ar" in loaded.content.offered
        told = [issue for issue in prompts.issues() if issue.remedy.startswith(REMEDY)]
        assert len(told) > 200
        lines = prompts.read("ar.po").splitlines()
        assert all(lines[issue.line - 1] == f'msgctxt "{issue.where[0]}"' for issue in told)

    def test_a_file_that_has_them_as_comments_of_the_source_is_the_same_and_loses_none(self, tmp_path: Path) -> None:
        prompts = Prompts.copied_to(tmp_path, "ar")
        before = prompts.load()
        assert before.texts
        written = prompts.read("ar.po")
        prompts.write("ar.po", written.replace("# spoken:", "#. spoken:"))
        assert prompts.load().texts == before.texts
        update_language(prompts.folder, before.texts, "ar", "")
        assert prompts.read("ar.po") == written


class TestPauses:
    @pytest.mark.parametrize(
        ("language", "prompt", "words", "what", "remedy"),
        [
            ("fi", "nobody_free.sorry", "Odota nyt. soita meille.", "'soita' with", "Write 'Soita', or"),
            ("sv", "nobody_free.sorry", "Vänta nu. å, ring oss.", "'å' with", "Write 'Å', or"),
            ("ru", "nobody_free.sorry", "Ждите. звоните нам.", "'звоните' with", "Write 'Звоните', or"),
            ("uk", "nobody_free.sorry", "Чекайте. їдьте.", "'їдьте' with", "Write 'Їдьте', or"),
            ("sw", "nobody_free.sorry", "Subiri. Subiri.  piga simu.", "'piga' with", "Write 'Piga', or"),
            ("fi", "main.person", "Haluatko? Odota. {key}.", "{key} after", "before {key}, or"),
            ("so", "hours.phone.open", "Waa furan. {phone_until}.", "{phone_until} after", "before {phone_until}, or"),
            ("sv", "hours.phone.opens", "Stängt. {phone_day} {phone_time}.", "{phone_day} after", "before {phone_day}"),
        ],
    )
    def test_a_small_letter_behind_a_full_stop_is_told(
        self, real: Loaded, language: str, prompt: str, words: str, what: str, remedy: str
    ) -> None:
        found = [issue for issue in notes(real, language, prompt, words) if PAUSE in issue.remedy]
        assert [(issue.severity, issue.where, issue.line > 0) for issue in found] == [("note", (prompt,), True)]
        assert f"'{prompt}' in {language} has {what}" in found[0].message
        assert remedy in found[0].remedy

    @pytest.mark.parametrize(
        ("language", "prompt", "words"),
        [
            ("fi", "nobody_free.sorry", "Odota nyt. Soita meille."),
            ("fi", "nobody_free.sorry", "Odota nyt, soita meille."),
            ("fi", "nobody_free.sorry", "Odota? nyt! soita: meille; nyt … ja nyt."),
            ("fi", "nobody_free.sorry", "Odota – nyt. – soita."),
            ("fa", "hours.phone.opens", "بسته است. {phone_day} {phone_time}."),
            ("ckb", "nobody_free.sorry", "چاوەڕێ بکەن. چاوەڕێ بکەن."),
            ("uk", "main.person", "Людина: {key}. Чекайте."),
        ],
    )
    def test_what_the_voice_makes_a_pause_at_is_fine(
        self, real: Loaded, language: str, prompt: str, words: str
    ) -> None:
        assert [issue for issue in notes(real, language, prompt, words) if PAUSE in issue.remedy] == []


def test_the_files_are_left_whole_by_an_update(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path)
    for path in prompts.folder.glob("*.po*"):
        assert save(open_po(path), path) is False
