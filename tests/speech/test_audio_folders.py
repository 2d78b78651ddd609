"""Where the clips of a site are: two sites never share them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.settings.read import recordings_folder
from ivr.speech.voices import Audio, audio_folders
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("site", "audio"), [("prompts", "audio"), ("kemi", "kemi/audio"), ("kemi/prompts", "kemi/audio")]
)
def test_a_site_has_its_audio(tmp_path: Path, site: str, audio: str) -> None:
    folder = tmp_path.resolve() / audio
    recordings = tmp_path.resolve() / "var" / "recordings"
    assert audio_folders(tmp_path / site, recordings) == Audio(folder / "rendered", recordings, folder / "recorded")


def test_a_site_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert audio_folders(Path("prompts"), Path("var")).rendered == tmp_path.resolve() / "audio" / "rendered"
    (tmp_path / "prompts").mkdir()
    monkeypatch.chdir(tmp_path / "prompts")
    assert audio_folders(Path(), Path("../var")).unmoved == tmp_path.resolve() / "audio" / "recorded"
    assert audio_folders(Path(), Path("../var")).recorded == tmp_path.resolve() / "var"


def test_recordings_that_the_settings_name_where_they_always_were_need_no_move(tmp_path: Path) -> None:
    there = tmp_path / "audio" / "recorded"
    assert audio_folders(tmp_path / "prompts", there).unmoved is None


def test_the_folder_of_recordings_is_named_or_in_the_state() -> None:
    assert recordings_folder({}) == Path("var/recordings")
    assert recordings_folder({"IVR_STATE": "/state", "IVR_RECORDINGS": " "}) == Path("/state/recordings")
    assert recordings_folder({"IVR_STATE": "/state", "IVR_RECORDINGS": "/shared"}) == Path("/shared")


@pytest.mark.parametrize(
    "path", ["audio/recorded/so/a.wav", "var/recordings/so/a.wav", "var/recordings/takes/so/a.wav"]
)
def test_no_recording_gets_into_version_control(path: str) -> None:
    ignored = {line for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line.endswith("/")}
    parents = [f"{parent}/" for parent in Path(path).parents]
    assert any(parent in ignored or f"/{parent}" in ignored for parent in parents)
