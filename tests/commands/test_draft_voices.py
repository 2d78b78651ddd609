"""What `ivr call` and `ivr phone` say of the draft voice of a language that no machine speaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.commands.draft_voices import heard_draft_voices
from ivr.commands.site import Site
from ivr.phone.browser.words import words
from tests.conftest import ROOT, TODAY
from tests.content.conftest import FIRST, Prompts

LABEL = f" ({words('en')['mark_draft']})"


@pytest.fixture
def somali(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The real content in the first languages and in Somali."""
    monkeypatch.chdir(ROOT)
    return Prompts.copied_to(tmp_path, *FIRST, "so")


def call(prompts: Prompts, *more: str) -> Result:
    words = ("call", "--at", "2026-11-24 10:00", "--keys", "hang up after 60", *more)
    result = CliRunner().invoke(main, ["--site", str(prompts.folder), *words])
    assert result.exit_code == 0, result.output
    return result


def said_in(result: Result, code: str) -> list[str]:
    return [line[7:] for line in result.stdout.splitlines() if line[7:].startswith(f"{code}: ")]


def voices(prompts: Prompts) -> set[str]:
    site = Site(prompts.folder, TODAY, "ivr", prompts.folder / "no-recordings")
    return set(heard_draft_voices(site, site.content()))


@pytest.mark.parametrize("words", [("--lang", "so"), ("--dials", "so"), ("--waiting",)])
def test_each_of_its_lines_is_labelled_in_the_terminal_and_no_other(somali: Prompts, words: tuple[str, ...]) -> None:
    result = call(somali, *words)
    assert said_in(result, "so")
    assert all(line.endswith(LABEL) for line in said_in(result, "so"))
    assert not any("draft" in line for line in said_in(result, "fi"))


def test_without_a_table_there_is_nothing_to_label(somali: Prompts) -> None:
    somali.path("so.letters.yaml").unlink()
    assert not any(LABEL in line for line in said_in(call(somali, "--lang", "so"), "so"))
    assert voices(somali) == set()


def test_a_golden_call_has_no_label(somali: Prompts) -> None:
    printed = call(somali, "--lang", "so", "--golden").stdout
    assert "  so: " in printed
    assert "draft" not in printed


def test_a_call_that_does_not_offer_it_reads_no_table(somali: Prompts) -> None:
    somali.write("so.letters.yaml", "no: table\n")
    assert "letters" not in call(somali).stderr


def test_what_is_wrong_is_told_by_its_line_and_the_text_is_shown(somali: Prompts) -> None:
    somali.translate("so.po", "welcome.machine", "Mashiin baa kula hadlaya, zebra.")
    result = call(somali, "--lang", "so")
    assert said_in(result, "so")
    assert f"{somali.path('so.po')}:{somali.line('so.po', 'welcome.machine')}: note: " in result.stderr
    assert "'zebra'" in result.stderr
    assert not any(LABEL in line for line in said_in(result, "so"))


def test_the_page_is_given_a_voice_that_was_heard(somali: Prompts) -> None:
    assert voices(somali) == {"so"}


def test_a_name_that_is_not_heard_is_told_by_its_line_and_the_page_has_no_such_voice(
    somali: Prompts, capsys: pytest.CaptureFixture[str]
) -> None:
    somali.edit("so.letters.yaml", "  f: f\n", "  f: E\n")
    assert voices(somali) == set()
    place = f"{somali.path('so.letters.yaml')}:{somali.line('so.letters.yaml', '  f: E')}: note: "
    assert f"{place}the voice 'ar' has no sound for 'E'" in capsys.readouterr().err


def test_a_language_that_the_offline_engine_speaks_has_none(somali: Prompts) -> None:
    somali.edit(
        "languages.yaml", "      azure: {voice: so-SO", "      offline: {voice: sw}\n      azure: {voice: so-SO"
    )
    assert voices(somali) == set()
    assert not any(LABEL in line for line in said_in(call(somali, "--lang", "so"), "so"))


def test_the_site_and_audio_status_are_the_same_with_a_table_without_and_with_a_broken_one(somali: Prompts) -> None:
    def checked() -> str:
        return CliRunner().invoke(main, ["--site", str(somali.folder), "audio", "status"]).output + str(
            Site(somali.folder, TODAY, "ivr", somali.folder / "no-recordings").loaded.issues
        )

    whole = checked()
    somali.write("so.letters.yaml", "no: table\n")
    assert checked() == whole
    somali.path("so.letters.yaml").unlink()
    assert checked() == whole
