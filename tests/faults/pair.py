"""Two processes of one line, behind which one database stands, and the provider before them, who sends all again.

Time is not waited for: the clock of both is set.
"""

from __future__ import annotations

import http.client
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from tests.content.conftest import Prompts
from tests.faults.callers import NUMBERS, Call, Caller, Played, Request
from tests.faults.oracle import ZONE
from tests.faults.served import Served
from tests.limits import PATIENCE, until

MONDAY = datetime(2027, 3, 15, tzinfo=ZONE)
"""The first day of the calls, in a week without holidays."""
WORKERS = 4


def prepare(folder: Path) -> None:
    """A site whose rules a line has proved for these days, in languages that need no clips."""
    Prompts.copied_to(folder, "fi", "sv", "en", "ru", "so", "ar")
    line = Served(folder, _environment())
    set_ahead(folder, MONDAY.timestamp() - time.time())
    line.start()
    try:
        assert line.stop() == 0, "".join(line.told)
    finally:
        line.kill()


def _environment() -> dict[str, str]:
    often = {"IVR_SECONDS_COUNT": "0.2", "IVR_SECONDS_STEP": "10"}
    return {**NUMBERS, **often, "IVR_COUNTS": "on"}


def set_ahead(folder: Path, seconds: float) -> None:
    """Set the clock of all that is started in a folder by `tests.faults.planted`."""
    plants = folder / "plants"
    plants.mkdir(exist_ok=True)
    (plants / "clock.new").write_text(str(seconds), encoding="ascii")
    (plants / "clock.new").replace(plants / "clock-ahead")


@dataclass
class Pair:
    """`late`: requests that the provider sends once more, some time."""

    folder: Path
    lines: tuple[Served, Served]
    seed: str
    calls: list[Call] = field(default_factory=list)
    late: list[Request] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """What both have written to standard error in former lives."""
    _state: threading.Condition = field(default_factory=threading.Condition)
    _under_way: list[int] = field(default_factory=lambda: [0, 0])
    _to_be_killed: set[int] = field(default_factory=set)
    _waits: bool = False
    _exchanges: int = 0
    _steps_fail: bool = False
    _broken: int = 0
    _callers: int = 0
    _ahead: float = 0

    # --- the clock and the processes ----------------------------------------------------------------------------------

    def clock(self) -> float:
        """Epoch seconds, as both processes have them."""
        return time.time() + self._ahead

    def set_clock(self, moment: datetime) -> None:
        """From now on it is this time there, and goes on from it."""
        self._ahead = moment.timestamp() - time.time()
        set_ahead(self.folder, self._ahead)

    def leap(self, **ahead: float) -> None:
        """It is so much later there."""
        self.set_clock(datetime.fromtimestamp(self.clock(), ZONE) + timedelta(**ahead))

    def is_open(self, at: float) -> bool:
        there = datetime.fromtimestamp(at, ZONE)
        return there.weekday() < 5 and 9 <= there.hour < 15

    def start(self) -> None:
        for line in self.lines:
            line.launch(urlsplit(line.address).port or 0)
        for line in self.lines:
            line.answers()

    def stop(self) -> None:
        """TERM, and both end in order."""
        for line in self.lines:
            assert line.process
            line.process.terminate()
        ended = [line.stop() for line in self.lines]
        self.told += [told for line in self.lines for told in line.told]
        assert ended == [0, 0], (ended, "".join(self.told))

    def begin_anew(self, moment: datetime | None = None) -> None:
        """Both end and start again, if it is so said at another time."""
        self.stop()
        if moment:
            self.set_clock(moment)
        self.start()

    def waiting(self, which: int) -> int:
        """What a process has seen and not yet kept where a kill cannot reach it."""
        return int(self.lines[which].health()["counts"]["seen_queued"])

    def kill(self, which: int) -> None:
        """SIGKILL, while some requests have been sent by half and others are not answered yet.

        What was answered within the last moment and is not yet on the disk would be lost: no answer waits for a disk.
        So it is killed when nothing of what it has answered waits; all else comes again, to the other process.
        """
        line = self.lines[which]
        with self._state:
            self._to_be_killed.add(which)
            self._state.wait_for(lambda: not self._under_way[which], PATIENCE)
        try:
            until(lambda: not self.waiting(which))
            until(lambda: self._broken >= min(2, self._callers))
            line.kill()
        finally:
            with self._state:
                self._to_be_killed.discard(which)
        self.told += line.told
        line.start(urlsplit(line.address).port or 0)

    def let_steps_fail(self, fail: bool) -> None:
        """Let every step fail, or none, from a moment on in which no request is under way."""
        with self._state:
            self._waits = True
            self._state.wait_for(lambda: not self._exchanges, PATIENCE)
            (self.lines[0].plant if fail else self.lines[0].mend)("step-raises")
            self._steps_fail, self._waits = fail, False
            self._state.notify_all()

    # --- the provider -------------------------------------------------------------------------------------------------

    def exchange(self, request: Request, draw: Random) -> bytes:
        """The answer to a request, which goes to either process, and again where none came; and often once more."""
        with self._state:
            self._state.wait_for(lambda: not self._waits, PATIENCE)
            self._exchanges += 1
        try:
            answer = self._answer(request, draw)
            if draw.random() < 0.1:
                answer = self._answer(request, draw)
            if draw.random() < 0.1 and not self._steps_fail:  # by then another answer would come
                self.late.append(request)
        finally:
            with self._state:
                self._exchanges -= 1
                self._state.notify_all()
        return answer

    def _answer(self, request: Request, draw: Random) -> bytes:
        while True:
            which = draw.randrange(2)
            with self._state:
                killed = which in self._to_be_killed
                if not killed:
                    self._under_way[which] += 1
            if killed:
                self._is_broken_off(which, request, draw.random() < 0.5)
                continue
            try:
                return self._post(which, request)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)  # it is being started
            finally:
                with self._state:
                    self._under_way[which] -= 1
                    self._state.notify_all()

    def _post(self, which: int, request: Request) -> bytes:
        connection = http.client.HTTPConnection(urlsplit(self.lines[which].address).netloc, timeout=PATIENCE)
        try:
            connection.request("POST", request.target, request.body, request.headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        assert response.status in (200, 204), (response.status, request.target)
        return body

    def _is_broken_off(self, which: int, request: Request, whole: bool) -> None:
        """Sent whole or by half to a process that is about to be killed; no answer is ever read."""
        body = request.body
        connection = http.client.HTTPConnection(urlsplit(self.lines[which].address).netloc, timeout=PATIENCE)
        try:
            connection.putrequest("POST", request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in {**request.headers, "Content-Length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body if whole else body[: len(body) // 2])
            with self._state:
                self._broken += 1
            try:
                until(lambda: which not in self._to_be_killed)
            finally:
                with self._state:
                    self._broken -= 1
        except OSError:
            time.sleep(0.01)  # it has been killed already
        finally:
            connection.close()

    @property
    def callers(self) -> int:
        """How many calls go on, or have not begun."""
        return self._callers

    # --- callers ------------------------------------------------------------------------------------------------------

    def call(
        self, count: int, meanwhile: Callable[[], None] = lambda: None, park: float = 0
    ) -> list[Callable[[], None]]:
        """So many calls, several at a time, while something else happens; `park`: odds of one to wait in its midst.

        Those that wait are given back, to be gone on with.
        """
        first, parked = len(self.calls), list[Callable[[], None]]()
        callers = [Caller(f"{self.seed} {first + each}", self.clock, self.is_open) for each in range(count)]
        self.calls += [caller.call for caller in callers]

        def goes_on(number: int, play: Played, stays_at: int | None, answer: bytes | None = None) -> None:
            draw, steps = Random(f"{self.seed} {number} {stays_at} exchanges"), 0  # noqa: S311 - guards no secret
            with suppress(StopIteration):
                while True:
                    request = play.send(answer) if answer is not None else next(play)
                    answer = self.exchange(request, draw)
                    steps += 1
                    if steps == stays_at:
                        parked.append(partial(goes_on, number, play, None, answer))
                        return

        begin = list[Callable[[], None]]()
        for number, caller in enumerate(callers, first):
            draw = Random(f"{self.seed} {number} stays")  # noqa: S311 - guards no secret
            stays_at = draw.randrange(1, 6) if draw.random() < park else None
            begin.append(partial(goes_on, number, caller.play(), stays_at))
        self._played(begin, meanwhile)
        return parked

    def go_on(self, parked: Sequence[Callable[[], None]]) -> None:
        """With calls that have waited."""
        self._played(parked, lambda: None)

    def send_late(self) -> None:
        """All that is still to be sent once more."""
        draw = Random(f"{self.seed} late")  # noqa: S311 - guards no secret
        late, self.late = self.late, []
        for request in late:
            self._post(draw.randrange(2), request)

    def _played(self, calls: Sequence[Callable[[], None]], meanwhile: Callable[[], None]) -> None:
        with ThreadPoolExecutor(WORKERS) as workers:
            self._callers = len(calls)
            done = [workers.submit(self._until_over, call) for call in calls]
            meanwhile()
            for each in done:
                each.result()

    def _until_over(self, call: Callable[[], None]) -> None:
        try:
            call()
        finally:
            with self._state:
                self._callers -= 1


@contextmanager
def pair(prepared: Path, folder: Path, seed: str, **environment: str) -> Iterator[Pair]:
    """Two processes that have started at ten on a Monday."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    env = _environment() | environment
    one, two = (Served(folder, env) for _ in range(2))
    found = Pair(folder, (one, two), seed)
    found.set_clock(MONDAY + timedelta(hours=10))
    try:
        found.start()
        yield found
    finally:
        for line in found.lines:
            line.kill()
