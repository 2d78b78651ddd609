"""Where the clips of a site are: two sites never share them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.speech.voices import Audio, audio_folders


@pytest.mark.parametrize(
    ("site", "audio"), [("prompts", "audio"), ("kemi", "kemi/audio"), ("kemi/prompts", "kemi/audio")]
)
def test_a_site_has_its_audio(tmp_path: Path, site: str, audio: str) -> None:
    folder = tmp_path.resolve() / audio
    assert audio_folders(tmp_path / site) == Audio(rendered=folder / "rendered", recorded=folder / "recorded")


def test_a_site_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert audio_folders(Path("prompts")).rendered == tmp_path.resolve() / "audio" / "rendered"
    (tmp_path / "prompts").mkdir()
    monkeypatch.chdir(tmp_path / "prompts")
    assert audio_folders(Path()).recorded == tmp_path.resolve() / "audio" / "recorded"
