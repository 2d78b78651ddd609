"""Tells the service manager that started this process, such as systemd, that it answers: sd_notify(3).

One datagram a word, to the socket that the environment names. Without that name nothing is told; and whatever goes
wrong here, the line goes on.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

SHARE_OF_LIMIT = 4
"""How often the line says that it goes on, in the time after which it would be killed: a long turn is no hang."""

_log = logging.getLogger(__name__)


class ServiceManager:
    """Who started this process and watches it. `clock`: seconds that never jump."""

    def __init__(self, env: Mapping[str, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._where = _address(env.get("NOTIFY_SOCKET", ""))
        self._every = _limit(env) / SHARE_OF_LIMIT
        self._next = 0.0
        # Opened once: where descriptors run out for a while, the line must not be taken for one that hangs.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._where else None
        self._told = False

    def ready(self) -> None:
        """From now on this process answers."""
        self._send("READY=1")

    def goes_on(self) -> None:
        """It still answers. Asked often, it tells only as often as the limit needs, and not where there is none."""
        if self._every and (now := self._clock()) >= self._next:
            self._next = now + self._every
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """It ends; what it still has to answer has the whole limit."""
        self._send("STOPPING=1\nWATCHDOG=1" if self._every else "STOPPING=1")

    def close(self) -> None:
        """Tell nothing more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, words: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(words.encode(), socket.MSG_DONTWAIT, self._where)
        except OSError as error:
            if not self._told:
                _log.warning("the service manager cannot be told %s: %s", words.split("\n")[0], error.strerror or error)
                self._told = True


def _address(name: str) -> str:
    """A path, or `@` and a name in Linux' abstract namespace; nothing where it is neither."""
    if name.startswith("@"):
        return "\0" + name[1:]
    return name if name.startswith("/") else ""


def _limit(env: Mapping[str, str]) -> float:
    """Seconds after which a process that says nothing is killed; 0 where nobody watches this one."""
    written = env.get("WATCHDOG_USEC", "")
    ours = env.get("WATCHDOG_PID") in (None, str(os.getpid()))
    return int(written) / 1_000_000 if ours and written.isdecimal() else 0.0
