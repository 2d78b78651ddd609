"""What may be done once an hour, by all processes of a machine: when it was done last stands in a file."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ivr.files import alone, write_atomically, writing

HOUR = 3600


class Hourly:
    """The file, in the folder of the state. `clock` gives epoch seconds."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path, self._clock = path.absolute(), clock
        self._before: bytes | None = None

    def take(self) -> int:
        """Whether it may be done now: 0, and it counts as done; else the seconds to wait. Raises NotWritten.

        Of two processes that ask at once, one may. A time to come, of a clock that has been set back since, or what is
        no time keeps nobody waiting.
        """
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.path):
                now, self._before = int(self._clock()), self._read()
                with suppress(ValueError):
                    passed = now - int(self._before or b"")
                    if 0 <= passed < HOUR:
                        return HOUR - passed
                write_atomically(self.path, f"{now}\n".encode())
                return 0

    def give_back(self) -> None:
        """It was not done after all. Raises NotWritten."""
        with writing(self.path), alone(self.path):
            if self._before is None:
                self.path.unlink(missing_ok=True)
            else:
                write_atomically(self.path, self._before)

    def _read(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
