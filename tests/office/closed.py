"""A line as the desk of the office sees it, without its processes: the real content, and prepared numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.core.content import Content
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.serving import Serving
from ivr.settings.read import Settings
from ivr.speech.clips import Rendered
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from tests.conftest import TODAY

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 24, 8, 10, tzinfo=HELSINKI)
"""A Tuesday; the phone opens at nine."""
NUMBERS = {INSTRUCTOR: ("+358401234501",), ON_CALL: ("+358401234502",)}
SPARES: Mapping[str, Mapping[str, str]] = {
    INSTRUCTOR: {"mobile 2": "+358401234577"},
    ON_CALL: {"duty officer": "+358401234588"},
}


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return NOW.replace(day=day, hour=hour, minute=minute)


def serving(
    content: Content, rendered: Rendered | None = None, spares: Mapping[str, Mapping[str, str]] = SPARES
) -> Serving:
    """What a line serves that has these clips, or none."""
    settings = Settings(
        public_url="https://line.example.fi",
        caller_id="+358753250000",
        auth_tokens=("a-token",),
        contacts=NUMBERS,
        spares=spares,
    )
    voices = VoiceSelector(content, NO_AUDIO, TODAY, rendered=rendered)
    return Serving.of(settings, content, voices)
