"""The sound of a leg: what it sends, what it hears, and the thread that keeps all legs supplied.

Sound is 16-bit linear, 8000 samples a second, one channel. The stack sends one packet each 20 ms by a thread of its
own; all that is done here is to keep about a second written ahead of it, so that Python's lateness is never heard.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from baresip import AudioInfo, AudioNotActive, AudioRestarted

BYTES_A_SECOND = 16_000
FRAME = BYTES_A_SECOND // 50
"""Bytes of one packet, 20 ms."""
TICK_SECONDS = 0.02
AHEAD = 50 * FRAME
"""Bytes that are kept written ahead: half of what the stack takes. A busy machine may be late by a good part of it."""
CUSHION = 2 * FRAME
"""Bytes of silence before the first sound of a talk and after each gap, against late ticks and packets."""
FLUSH_SECONDS = 0.03
"""What is written within this time after a flush may be dropped with what it was for: the stack's thread flushes all
that there is at its next packet."""
MOST_IN_TALK = 8 * FRAME
"""Bytes that may wait in a talk for being sent; what comes on top is dropped, so that no delay grows."""

log = logging.getLogger(__name__)


class CallSound(Protocol):
    """What is used of the stack's audio of one call (baresip.CallAudio); nothing of it blocks."""

    def info(self) -> AudioInfo:
        """Formats and fill; AudioNotActive if there is no stream."""
        ...

    def write(self, pcm: bytes) -> int:
        """Take bytes to send, and return how many were taken."""
        ...

    def flush_tx(self) -> None:
        """Drop what was written and is not sent yet."""
        ...

    def read(self, max_bytes: int) -> bytes:
        """Return bytes that were heard."""
        ...


class LegMedia:
    """The sound of one leg: a queue of sounds, a tone that plays when the queue is empty, or a talk.

    While the stack has no stream for the leg (not answered yet, held, being renegotiated) its sounds go on silently:
    a sound is heard from where it would be by then. What was written and lost with a replaced stream is sent again,
    except for what would be over by now.
    """

    def __init__(self, audio: CallSound, clock: Callable[[], float] = time.monotonic) -> None:
        self._audio, self._clock = audio, clock
        self._lock = threading.Lock()
        self._queue = deque[bytes]()
        self._tone = b""
        self._tone_at = 0
        self._unsent = bytearray()
        self._at = clock()
        self._from: LegMedia | None = None
        self._flushed: float | None = None
        self._replaced = False

    def begin(self, pcm: bytes) -> None:
        """Play a sound, behind what still plays."""
        with self._lock:
            self._part()
            self._supply()  # the time until now is not this sound's
            if pcm:
                self._queue.append(pcm)
            self._supply()

    def stop(self) -> None:
        """Stop what plays."""
        with self._lock:
            self._queue.clear()
            self._silence()

    def tone(self, pcm: bytes) -> None:
        """Repeat a sound whenever nothing else plays; b"" ends it at once."""
        with self._lock:
            self._part()
            self._supply()
            if self._tone and not pcm:
                self._silence()
            self._tone, self._tone_at = pcm, 0
            self._supply()

    def talk(self, other: "LegMedia") -> None:
        """Send what the other leg hears from now on, and nothing else, until `part` or any sound of its own."""
        other.discard()
        with self._lock:
            self._queue.clear()
            self._tone = b""
            self._silence()
            self._from = other

    def part(self) -> None:
        """End the talk, if there is one."""
        with self._lock:
            self._part()

    def left(self) -> float:
        """Seconds of sounds that are begun and not sent yet; none in a talk, none of a tone."""
        with self._lock:
            if self._from or self._tone:
                return 0.0
            return (sum(map(len, self._queue)) + (self._left() or 0)) / BYTES_A_SECOND

    def flows(self) -> bool:
        """Whether what is begun now would be heard."""
        return self._left() is not None

    def discard(self) -> None:
        """Forget what was heard and that nobody has read yet."""
        self.hear(2 * BYTES_A_SECOND)

    def hear(self, most: int) -> bytes:
        """Return what was heard, at most so many bytes; b"" without a stream."""
        try:
            return self._audio.read(most)
        except (AudioNotActive, AudioRestarted):
            return b""

    def tick(self) -> None:
        """Let time pass: supply the stack with what comes next."""
        with self._lock:
            if self._from:
                self._relay(self._from)
            else:
                self._supply()

    def _part(self) -> None:
        if self._from:
            self._from = None
            self._silence()

    def _relay(self, other: "LegMedia") -> None:
        self._at = self._clock()
        pcm, waiting = other.hear(MOST_IN_TALK), self._left()
        if waiting is None or self._flushing(waiting):
            return
        if pcm and waiting + len(pcm) <= MOST_IN_TALK:
            with suppress(AudioNotActive, AudioRestarted):
                self._audio.write(pcm if waiting else bytes(CUSHION) + pcm)

    def _supply(self) -> None:
        now = self._clock()
        passed = 2 * round((now - self._at) * BYTES_A_SECOND / 2)
        self._at = now
        expected = max(0, len(self._unsent) - passed)
        left = self._look()
        if left is None:
            self._take(max(0, passed - len(self._unsent)))
            self._keep(expected)
            return
        if self._flushing(left):
            return
        if self._replaced and expected - left > FRAME:
            self._keep(expected)
            self._queue.appendleft(bytes(self._unsent))
            self._unsent.clear()
        else:
            self._keep(left)
        self._replaced = False
        self._write(self._take(AHEAD - left))

    def _look(self) -> int | None:
        """How many bytes are written and not sent yet; None without a stream. Notes whether it is another stream now.

        Only a read tells that, so what was heard is dropped.
        """
        try:
            self._audio.read(MOST_IN_TALK)
        except (AudioNotActive, AudioRestarted):
            self._replaced = True
        left = self._left()
        self._replaced = self._replaced or left is None
        return left

    def _left(self) -> int | None:
        """How many bytes are written and not sent yet; None without a stream."""
        try:
            info = self._audio.info()
        except AudioNotActive:
            return None
        return info.tx_buffered if info.tx_ready else None

    def _keep(self, size: int) -> None:
        """Only the last bytes of what was written are not sent yet."""
        del self._unsent[: max(0, len(self._unsent) - size)]

    def _write(self, pcm: bytes) -> None:
        try:
            taken = self._audio.write(pcm)
        except (AudioNotActive, AudioRestarted):
            taken, self._replaced = 0, True
        self._unsent += pcm[:taken]
        if taken < len(pcm):
            self._queue.appendleft(pcm[taken:])

    def _silence(self) -> None:
        """Drop what is written and not sent yet."""
        self._unsent.clear()
        if self._left():
            with suppress(AudioNotActive, AudioRestarted):
                self._audio.flush_tx()
                self._flushed = self._clock()

    def _flushing(self, left: int) -> bool:
        """Whether what is written now might be dropped by the last flush."""
        if self._flushed is None:
            return False
        if left or self._clock() - self._flushed < FLUSH_SECONDS:
            return True
        self._flushed = None
        return False

    def _take(self, size: int) -> bytes:
        """Take the next bytes of what plays, at most `size`."""
        taken = bytearray()
        while len(taken) < size and (self._queue or self._tone):
            rest = size - len(taken)
            if self._queue:
                sound = self._queue.popleft()
                taken += sound[:rest]
                if sound[rest:]:
                    self._queue.appendleft(sound[rest:])
            else:
                part = self._tone[self._tone_at : self._tone_at + rest]
                taken += part
                self._tone_at = (self._tone_at + len(part)) % len(self._tone)
        return bytes(taken)


class MediaThread:
    """One thread that ticks each leg every 20 ms; it sleeps while there is none."""

    def __init__(self) -> None:
        self._legs: tuple[LegMedia, ...] = ()
        self._changed = threading.Condition()
        self._ends = False
        self._thread = threading.Thread(target=self._run, name="sip-media", daemon=True)
        self._thread.start()

    def add(self, leg: LegMedia) -> None:
        """Begin to tick a leg."""
        with self._changed:
            self._legs = (*self._legs, leg)
            self._changed.notify()

    def remove(self, leg: LegMedia) -> None:
        """Tick a leg no more."""
        with self._changed:
            self._legs = tuple(other for other in self._legs if other is not leg)

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._ends = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            with self._changed:
                while not (self._legs or self._ends):
                    self._changed.wait()
                if self._ends:
                    return
                legs = self._legs
            for leg in legs:
                try:
                    leg.tick()
                except Exception:
                    log.exception("the sound of a leg failed; the other legs go on")
            now = time.monotonic()
            due = max(due + TICK_SECONDS, now - TICK_SECONDS)
            if due > now:
                time.sleep(due - now)
