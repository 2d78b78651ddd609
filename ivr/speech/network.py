"""What speech engines over a network share: several requests at once, spread over the minute, tried again in limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import NamedTuple, TypeVar

from ivr.speech.port import EngineFault, Speech, SynthesisRequest

T = TypeVar("T")

QUOTA_WAIT, QUOTA_WAITS = 60.0, 5
"""Seconds to wait for quota, and how often at most: if that does not help, the quota of the day is used up."""
SAME_AGAIN = "Run the same command again: what was made is kept"
VOICES = "See which voices there are: ivr audio status --voices"


class Outage(EngineFault):
    """A fault that may pass within seconds."""


class NoQuota(EngineFault):
    """Nothing more is taken now. `seconds`: after which it may be asked again, if the service has said so."""

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class Cost(NamedTuple):
    """What requests will cost; `note`: of when the prices are, and what they leave out."""

    characters: int
    dollars: float
    note: str

    def __str__(self) -> str:
        return f"{self.characters} characters, ${self.dollars:.2f} ({self.note})"


class Turns:
    """The turns of requests by several threads, until `stop` is set: on a fault, or when nobody listens any more.

    `attempts`: of one request, where there is an outage. `sleep`: by default it ends when `stop` is set.
    """

    def __init__(self, attempts: int, sleep: Callable[[float], object] | None = None) -> None:
        self.stop = threading.Event()
        self._attempts, self._sleep = attempts, self.stop.wait if sleep is None else sleep
        self._next_at, self._lock = 0.0, threading.Lock()

    def ask(self, attempt: Callable[[], T], per_minute: float) -> T:
        """What an attempt returns, made in its turn and again after each Outage and NoQuota. Raises EngineFault."""
        failures = waits = 0
        while True:
            with self._lock:
                turn = max(time.monotonic(), self._next_at)
                self._next_at = turn + 60 / per_minute
            self._wait(turn - time.monotonic())
            try:
                return attempt()
            except NoQuota as fault:
                waits += 1
                if waits > QUOTA_WAITS:
                    raise
                seconds = QUOTA_WAIT if fault.seconds is None else fault.seconds
                with self._lock:
                    self._next_at = max(self._next_at, time.monotonic() + seconds)
            except Outage:
                failures += 1
                if failures == self._attempts:
                    raise
                self._wait(2.0**failures)

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)
        if self.stop.is_set():
            raise EngineFault("Stopped")


def speak(
    requests: Iterable[SynthesisRequest], turns: Turns, parallel: int, synthesize: Callable[[SynthesisRequest], Speech]
) -> Iterator[tuple[SynthesisRequest, Speech]]:
    """Yield each request with its speech, `parallel` at once. After a fault, what was asked until then still comes."""
    with ThreadPoolExecutor(parallel) as threads:
        try:
            yield from _speak(iter(requests), turns, parallel, lambda request: threads.submit(synthesize, request))
        finally:
            turns.stop.set()


def _speak(
    waiting: Iterator[SynthesisRequest],
    turns: Turns,
    parallel: int,
    submit: Callable[[SynthesisRequest], Future[Speech]],
) -> Iterator[tuple[SynthesisRequest, Speech]]:
    running: dict[Future[Speech], SynthesisRequest] = {}
    fault: EngineFault | None = None
    while True:
        for request in islice(waiting, 0 if fault else parallel - len(running)):
            running[submit(request)] = request
        if not running:
            break
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            request = running.pop(future)
            try:
                speech = future.result()
            except EngineFault as reason:
                fault = fault or reason
                turns.stop.set()
            else:
                yield request, speech
    if fault:
        raise fault


def speech_of(samples: bytes, rate: int) -> Speech:
    """Speech from samples of 16 bits, little-endian, of one channel; `rate`: how many a second."""
    import numpy as np

    return Speech(np.frombuffer(samples, "<i2").astype(np.float32) / np.float32(32768), rate)
