"""A recording that breaks a rule of seconds (M0), copied under a running line by hand and not by the import."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from ivr.phone.network.events import Said
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, take_in
from tests.faults.ring import Telephone
from tests.faults.served import served
from tests.limits import until

KEY = "2"
"""Chooses Swedish, which the provider speaks."""


def clip(seconds: float) -> bytes:
    return to_wav(np.full(round(8000 * seconds), 0.1, np.float32))


@pytest.mark.long
def test_it_is_not_spoken_and_told_until_a_shorter_one_is_there(template: Path, tmp_path: Path) -> None:
    with served(template, tmp_path / "line") as line:
        line.start()
        text = line.content().catalogue.utter("welcome.machine", "sv", {}).text
        recorded = line.recordings / "sv"

        def seconds() -> list[float]:
            """How long the sentence took each time that a caller heard it."""
            said = (event.spoken for event in Telephone(line).ring(KEY).events if isinstance(event, Said))
            return [spoken.seconds for spoken in said if spoken.text == text]

        by_the_provider = seconds()
        assert by_the_provider

        take_in(recorded, {"welcome.machine": (RecordedText(text), clip(9.0))})
        (told,) = until(lambda: line.health()["audio_faults"], lambda: str(line.health()))
        assert re.fullmatch(
            r"sv/welcome\.machine is not spoken\. It takes 9\.0 s; 4\.\d s is the most \(ivr rules F2\)", told
        )
        assert seconds() == by_the_provider
        assert ("sv" in line.languages(), line.alarms()) == (True, {})

        take_in(recorded, {"welcome.machine": (RecordedText(text), clip(2.0))})
        until(lambda: not line.health()["audio_faults"], lambda: str(line.health()))
        assert seconds() == [2.0] * len(by_the_provider)
