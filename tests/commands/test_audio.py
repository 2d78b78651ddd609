"""`ivr audio`, as a stranger types it, on a copy of the content with a few sentences."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from ivr.commands import main
from tests.content.conftest import FIRST, Prompts
from tests.speech.sounds import sentence


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Prompts.copied_to(tmp_path, *FIRST)
    monkeypatch.setenv("IVR_SITE", str(tmp_path / "prompts"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def audio(*words: str) -> Result:
    return CliRunner().invoke(main, ["audio", *words])


def voice(path: Path) -> Path:
    """A recording of something like speech, with silence around it."""
    soundfile.write(path, sentence(16_000), 16_000)
    return path


@pytest.mark.usefixtures("folder")
class TestScript:
    def test_lists_every_sentence_by_number(self) -> None:
        lines = audio("script", "--lang", "sv", "--print").output.splitlines()
        assert lines[0].startswith("Recording script: svenska (sv).")
        assert lines[2].split(maxsplit=1) == ["1.", "Socialbyrån. I nöd ett ett två."]
        assert "safety.danger" in audio("script", "--lang", "sv").output

    def test_a_language_that_is_not_there_is_told(self) -> None:
        assert "there are fi, sv, en" in audio("script", "--lang", "xx").output


class TestBuild:
    def test_makes_a_language_once_and_says_what_is_made(self, folder: Path) -> None:
        first = audio("build", "--lang", "sv")
        assert first.exit_code == 0, first.output
        made = len(list((folder / "audio" / "rendered").glob("*.wav")))
        assert first.output.endswith(f"{made} clips made, 0 were there\n")
        assert audio("build", "--lang", "sv").output == f"0 clips made, {made} were there\n"
        assert re.search(r"│ sv .* (\d+) of \1 ", audio("status").output)
        (folder / "audio" / "rendered" / f"{'0' * 32}.wav").write_bytes(b"old")
        assert "1 clips that nothing says removed" in audio("build", "--lang", "sv", "--prune").output

    def test_google_without_an_account_is_told_with_its_remedy(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(folder / "no-such-key.json"))
        result = audio("build", "--engine", "google", "--lang", "sv", "--yes")
        assert result.exit_code == 1
        assert "GOOGLE_APPLICATION_CREDENTIALS" in result.output
        assert "Traceback" not in result.output

    def test_google_tells_its_price_before_it_is_asked(self, folder: Path) -> None:
        result = CliRunner().invoke(main, ["audio", "build", "--engine", "google", "--lang", "sv"], input="n\n")
        assert "$" in result.output
        assert result.exit_code == 1
        assert not (folder / "audio").exists()

    def test_the_voices_named_are_looked_for(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(folder / "no-such-key.json"))
        assert "offline: sv: sv is there" in audio("status", "--voices").output


class TestImport:
    def test_a_recording_named_by_number_replaces_its_sentence(self, folder: Path) -> None:
        result = audio("import", str(voice(folder / "1.wav")), "--lang", "sv")
        assert result.output == "1 recordings taken in, 0 refused\n"
        recorded = folder / "audio" / "recorded" / "sv"
        assert (recorded / "safety.opening.wav").is_file()
        texts = json.loads((recorded / "texts.json").read_text(encoding="utf-8"))
        assert texts == {"safety.opening": "Socialbyrån. I nöd ett ett två."}

    def test_a_changed_text_makes_it_stale(self, folder: Path) -> None:
        audio("import", str(voice(folder / "main.press.flac")), "--lang", "sv")
        po = folder / "prompts" / "sv.po"
        changed = po.read_text(encoding="utf-8").replace("Tryck på en siffra eller vänta.", "Tryck nu, eller vänta.")
        po.write_text(changed, encoding="utf-8")
        row = next(line for line in audio("status").output.splitlines() if line.startswith("│ sv"))
        assert [cell.strip() for cell in row.split("│")[6:8]] == ["1", "1"]

    def test_what_cannot_be_taken_is_told_with_the_reason_and_the_rest_is_taken(self, folder: Path) -> None:
        (folder / "2.wav").write_bytes(b"not a sound")
        names = [voice(folder / "1.wav"), folder / "2.wav", voice(folder / "no.such.sentence.wav"), folder / "9.wav"]
        result = audio("import", *map(str, names), "--lang", "sv")
        assert result.exit_code == 1
        assert "1 recordings taken in, 3 refused" in result.output
        assert "neither a number nor an id" in result.output

    def test_a_name_that_leads_elsewhere_is_no_sentence(self, folder: Path) -> None:
        (folder / "sub").mkdir()
        named = shutil.copy(voice(folder / "1.wav"), folder / "sub" / "...wav")
        result = audio("import", str(named), "--lang", "sv")
        assert "neither a number nor an id" in result.output
