"""`ivr texts add`: a new language."""

from __future__ import annotations

import re

import polib
import pytest

from tests.commands.texts.helpers import (
    FEW,
    FOREIGN,
    GERMAN,
    HEBREW,
    assert_refused,
    done,
    files,
    rows,
    texts,
    translate_all,
)
from tests.content.conftest import FIRST, Prompts


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
        wanted = [entry.msgctxt for entry in polib.pofile(prompts.read("sw.po"))]
        spare = re.compile(r"hours\.\w+\.opens_on|(date|month)\.\d+")
        needed = [id_ for id_ in wanted if not spare.fullmatch(id_)]
        assert [issue.message for issue in faults] == [f"'{id_}' has no text in de" for id_ in needed]
        assert {"safety.danger", "calling.say_language", "time_until.2000"} <= set(needed)
        assert rows()["de"][:3] == [f"0 of {len(wanted)}", str(len(needed)), "0"]

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

    def test_over_a_file_that_was_there_and_cannot_be_read_writes_nothing(self, few: Prompts) -> None:
        few.write("de.po", 'msgctxt "a"\nmsgid "b"\nmsgstr “c”\n')
        before = files(few)
        assert_refused(texts(*GERMAN), "prompts/de.po:3: broken: a quotation mark is not a plain one", exit_code=1)
        assert files(few) == before

    @pytest.mark.parametrize(("character", "code"), [("\x0b", "U+000B"), ("\u200f", "U+200F"), ("\n", "U+000A")])
    def test_a_name_with_a_character_that_nobody_sees_is_refused(self, few: Prompts, character: str, code: str) -> None:
        before = files(few)
        words = ("add", "de", f"Deut{character}sch", "--english", "German", "--finnish", "saksa")
        assert_refused(texts(*words), f"NAME: there is an invisible character, {code}")
        assert files(few) == before

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
