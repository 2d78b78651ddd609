"""What `ivr serve` holds while it runs: one content, whatever it has started with."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ivr.commands import main
from ivr.serving import Current, Serving
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts
from tests.test_serve import ENVIRONMENT


def another(serving: Serving) -> Serving:
    """The same, as a change of the site makes it: nothing of it is shared."""
    content = replace(serving.content)
    return Serving.of(serving.settings, content, VoiceSelector(content, NO_AUDIO, TODAY))


def test_the_first_content_goes_when_another_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Prompts.copied_to(tmp_path, *FIRST).folder
    gone, made = list[bool](), list[Current]()

    class Noted(Current):
        def __init__(self, first: Serving) -> None:
            super().__init__(first)
            made.append(self)

    def served(_app: Any, host: str, port: int, ready: Callable[[str, int], None], **_: Any) -> None:
        ready(host, port)
        (current,) = made
        first = weakref.ref(current.serving.content)
        assert first() is not None
        current.swap(another(current.serving))
        gc.collect()
        gone.append(first() is None)

    monkeypatch.setattr("ivr.live.line.Current", Noted)
    monkeypatch.setattr("ivr.live.line.serve", served)
    monkeypatch.setattr("ivr.commands.serve.ignore_harmless", lambda: None)
    monkeypatch.setattr("ivr.commands.serve.log_without_words", lambda: None)
    for name, value in {**ENVIRONMENT, "IVR_STATE": str(tmp_path / "var"), "IVR_LOG": str(tmp_path / "log")}.items():
        monkeypatch.setenv(name, value)
    shown = CliRunner().invoke(main, ["--site", str(site), "serve", "--port", "0"], catch_exceptions=False)
    assert shown.exit_code == 0, shown.output
    assert "answering on" in shown.output
    assert gone == [True]
