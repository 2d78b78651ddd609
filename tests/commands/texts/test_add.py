"""`ivr texts add`: a new language."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from pathlib import Path

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

    @pytest.mark.parametrize(
        ("option", "value", "told"),
        [
            ("--finnish", "saksa.", "ends like a sentence"),
            ("--finnish", "{saksa}", "must have no slot"),
            ("--finnish", "saksa 2", "has digits"),
            ("--finnish", "немецкий", "has letters of another alphabet"),
            ("--english", "German & Austrian", "has signs that are no words: '&'"),
            ("--english", "{german}", "has an unknown slot {german}"),
        ],
    )
    def test_a_name_that_would_stop_the_line_is_refused(self, few: Prompts, option: str, value: str, told: str) -> None:
        before = files(few)
        result = texts(*GERMAN, option, value)
        assert_refused(result, option)
        assert told in " ".join(result.output.split())
        assert files(few) == before


class TestIntoLanguagesYaml:
    """However an administrator has written languages.yaml, the language is added to it, or nothing is changed."""

    @pytest.fixture
    def languages(self, few: Prompts) -> tuple[str, str]:
        """What stands before the languages, and their lines."""
        before, _, rows = few.read("languages.yaml").partition("\nlanguages:\n")
        return before, rows

    @pytest.mark.parametrize("end", ["source: en\n", "# The end.\n\nsource: en", "source: en\n...\n"])
    def test_before_what_stands_below_the_languages(self, few: Prompts, languages: tuple[str, str], end: str) -> None:
        before, rows = languages
        before = re.sub("(?m)^source: .*\n", "", before)
        text = f"{before}\nlanguages:\n{rows}\n{end}"
        few.write("languages.yaml", text)
        done(*GERMAN)
        self.assert_added(few, text)

    @pytest.mark.parametrize("more", [1, 2, 6])
    def test_with_the_indentation_of_the_others(self, few: Prompts, languages: tuple[str, str], more: int) -> None:
        before, rows = languages
        text = f"{before}\nlanguages:\n" + re.sub("(?m)^(?=.)", " " * more, rows)
        few.write("languages.yaml", text)
        done(*GERMAN)
        self.assert_added(few, text)

    @pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\n# nothing\n"])
    @pytest.mark.parametrize("start", ["", "\ufeff"])
    def test_with_its_own_ends_of_lines(self, few: Prompts, start: str, end: str) -> None:
        text = (start + few.read("languages.yaml").rstrip("\n") + end).replace("\n", "\r\n")
        few.path("languages.yaml").write_bytes(text.encode())
        done(*GERMAN)
        written = few.path("languages.yaml").read_bytes().decode()
        assert written.count("\n") == written.count("\r\n")
        self.assert_added(few, text)

    @pytest.mark.parametrize("braces", [True, False])
    def test_a_language_on_one_line_is_followed_and_all_of_them_in_braces_are_left(
        self, few: Prompts, languages: tuple[str, str], braces: bool
    ) -> None:
        before, _ = languages
        own = few.load().texts
        assert own
        row = '{}: {{digit: "{}", name: {}, locale: {}, characters_per_second: 14}}'
        rows = [row.format(c, of.digit, of.name, of.locale) for c, of in own.languages.languages.items()]
        text = f"{before}\nlanguages:" + (f" {{{', '.join(rows)}}}" if braces else "\n  " + "\n  ".join(rows)) + "\n"
        few.write("languages.yaml", text)
        unchanged = files(few)
        if braces:
            assert_refused(texts(*GERMAN), 'Add it by hand: de: {digit: "', exit_code=1)
            assert files(few) == unchanged
        else:
            done(*GERMAN)
            self.assert_added(few, text)

    def test_nothing_stops_the_line_when_a_file_cannot_be_written(
        self, few: Prompts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A full disk, in the middle of it: the files go on without the language, and a second try adds it."""
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", refusing(few.path("languages.yaml")))
            assert_refused(texts(*GERMAN), "languages.yaml could not be written: No space left", exit_code=1)
        assert few.load().content
        done(*GERMAN)
        assert few.load().content

    def assert_added(self, few: Prompts, before: str) -> None:
        """The language is read, and every line that was there still is, in its order."""
        loaded = few.load()
        assert loaded.texts, "\n".join(map(str, few.broken()))
        assert list(loaded.texts.languages.languages)[-1] == "de"
        lines = iter(few.path("languages.yaml").read_bytes().decode().split("\n"))
        assert all(any(line.strip() == kept.strip() for line in lines) for kept in before.split("\n") if kept.strip())


def refusing(path: Path) -> Callable[[Path, Path], Path]:
    replace = Path.replace

    def refuse(part: Path, target: Path) -> Path:
        if target == path:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(part, target)

    return refuse
