"""`ivr audio`, as a stranger types it, on a copy of the content with a few sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from tests.content.conftest import FIRST, Prompts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Prompts.copied_to(tmp_path, *FIRST)
    monkeypatch.setenv("IVR_SITE", str(tmp_path / "prompts"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def audio(*words: str) -> Result:
    return CliRunner().invoke(main, ["audio", *words])


class TestBuild:
    def test_makes_a_language_once_and_says_what_is_made(self, folder: Path) -> None:
        first = audio("build", "--lang", "sv")
        assert first.exit_code == 0, first.output
        made = len(list((folder / "audio" / "rendered").glob("*.wav")))
        assert first.output.endswith(f"{made} clips made, 0 were there\n")
        assert audio("build", "--lang", "sv").output == f"0 clips made, {made} were there\n"
        assert re.search(r"(?m)^sv .* (\d+) of \1 ", audio("status").output)
        assert "…" not in audio("status").output  # whole words also where a line has 80 columns
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
