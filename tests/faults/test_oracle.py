"""The oracle of the counts notices mistakes: one is planted, and its numbers differ from those that are counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from ivr.core.call import CallSeen
from ivr.core.content import Content
from ivr.metrics import Metrics
from ivr.records import folding
from ivr.records.folding import Folded, SeenRow, fold
from ivr.serving import Current, Serving
from ivr.settings.read import Settings
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from ivr.telephony.port import Webhook
from ivr.telephony.web import Answers, address_of
from tests.faults.callers import INSTRUCTOR, PROBE, SECOND_INSTRUCTOR, Call, Caller
from tests.faults.oracle import TABLES, ZONE, Row, Tables, differences, expected
from tests.faults.served import ON_CALL, OURS, TOKEN, URL

CALLS = 400
MORNING = datetime(2027, 3, 15, 10, tzinfo=ZONE)


class Line:
    """A line in this process, which keeps whatever it sees of calls. Each request comes twice."""

    def __init__(self, content: Content) -> None:
        self.seconds, self.seen, self.fails = MORNING.timestamp(), list[CallSeen](), False
        contacts = {"on_call": (ON_CALL,), "social_instructor": (INSTRUCTOR, SECOND_INSTRUCTOR)}
        settings = Settings(
            public_url=URL, caller_id=OURS, auth_tokens=(TOKEN,), contacts=contacts, probe_number=PROBE
        )
        voices = VoiceSelector(content, NO_AUDIO, self.now().date())
        current = Current(Serving.of(settings, content, voices))
        self._answers = Answers(
            current, self.now, lambda: self.seconds, lambda _taken: None, Metrics(), see=self.seen.append
        )

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def is_open(self, at: float) -> bool:
        there = datetime.fromtimestamp(at, ZONE)
        return there.weekday() < 5 and 9 <= there.hour < 15

    def play(self, seed: str) -> Call:
        """One whole call, some time after the one before."""
        draw = Random(seed)  # noqa: S311 - guards no secret
        self.seconds += draw.randrange(100, 3000)
        caller = Caller(seed, lambda: self.seconds, self.is_open)
        play = caller.play()
        request = next(play, None)
        while request:
            parts = urlsplit(request.target)
            webhook = Webhook("POST", parts.path, parts.query, request.body, request.headers)
            address = address_of(parts.path)
            assert address
            self.fails = draw.random() < 0.01
            for _ in range(2):
                self.seconds += 0.01
                answer = self._answers.answer(webhook, address)
                assert answer.status[:3] in ("200", "204"), answer
            try:
                request = play.send(answer.body)
            except StopIteration:
                request = None
        return caller.call
