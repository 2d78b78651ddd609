"""A simulated line whose calls are counted: in memory, by the same rows and the same folding as in production."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Flask

from ivr.app import line_app
from ivr.core.call import CallSeen
from ivr.core.content import Content
from ivr.journal import Journal
from ivr.live.sighting import CallRows
from ivr.metrics import Metrics
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, contact_numbers, language_numbers
from ivr.records.counts import RINGING_SECONDS
from ivr.records.folding import Folded, SeenRow, fold
from ivr.serving import Current, Serving
from ivr.settings.read import Settings
from ivr.speech.voices import NO_AUDIO, VoiceSelector

NOTHING = "nothing"
"""Where a call is not counted at all."""


class CountedLine:
    """Builds applications, also several of one call, and keeps what they see of calls.

    `numbers`: those of contacts that have other ones than in other simulated calls.
    """

    def __init__(self, numbers: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.rows: list[SeenRow] = []
        self._numbers = numbers or {}

    def __call__(self, content: Content, clock: Callable[[], datetime]) -> Flask:
        """An application as `simulated_app` makes it, but that its calls are counted."""
        dialled = {number: code for code, number in language_numbers(content.languages.languages).items()}
        content = content.with_dialled(dialled)
        numbers = {**contact_numbers(content.office.contacts), **self._numbers}
        settings = Settings(PUBLIC_URL, OUR_NUMBER, (AUTH_TOKEN,), numbers, speech="text")
        voices = VoiceSelector(content, NO_AUDIO, clock().date(), "text")
        current, rows = Current(Serving.of(settings, content, voices)), CallRows(lambda day: str(day).encode())
        current.ready = True

        def see(seen: CallSeen) -> None:
            self.rows += rows.of(seen, content.flow)

        return line_app(current, clock, lambda: clock().timestamp(), Journal(io.StringIO()), Metrics(), see=see)

    def folded(self, content: Content) -> list[Folded]:
        """The calls so far, as they are counted."""
        zone = ZoneInfo(content.office.zone)
        named = groupby(sorted(self.rows, key=lambda row: row.call), lambda row: row.call)
        return [folded for _, rows in named if (folded := fold(rows, zone))]

    def counted(self, content: Content) -> str:
        """The same in the words of golden calls; one call is counted once."""
        return " AND ".join(map(in_words, self.folded(content))) or NOTHING

    def misdated(self, content: Content, at: datetime) -> bool:
        """Whether a call is counted in another second than that in which it began."""
        return any(abs(call.started - at) >= timedelta(seconds=1) for call in self.folded(content))


def in_words(call: Folded) -> str:
    """A call as golden calls tell how it is counted."""
    said = [f"{call.language}, {call.matter}: {', '.join(call.outcomes)}"]
    if call.ringing:
        language, step = call.ringing
        within = f"within {RINGING_SECONDS[step]} s" if step < len(RINGING_SECONDS) else "later"
        said.append(f"rings in {language} {within}")
    if call.hung_up_at is not None:
        said.append(f"hangs up at {call.hung_up_at or 'no node'}")
    return "; ".join(said)


def without_times(counted: str) -> str:
    """What is counted but the time to the first ringing, which the carrier's own delays make longer."""
    return "; ".join(part for part in counted.split("; ") if not part.startswith("rings in "))
