"""`python -m tests.faults.planted serve ...`: a real `ivr`, in whose code a fault begins when a file appears.

The folder IVR_PLANTS holds the faults that are there now, one file each; removing the file mends the fault.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["IVR_PLANTS"])
CLOCK = "clock-ahead"
"""A file that holds by how many seconds the clock is ahead."""
FOR_EVER = 10**6


def is_there(name: str) -> bool:
    return (FOLDER / name).exists()


def before(owner: Any, attribute: str, name: str, does: Callable[[], object]) -> None:
    """Do something before a function of ours, while the fault is there."""
    real = getattr(owner, attribute)

    def planted(*args: Any, **kwargs: Any) -> Any:
        if is_there(name):
            does()
        return real(*args, **kwargs)

    setattr(owner, attribute, planted)


def instead(owner: Any, attribute: str, name: str, gives: Callable[..., object]) -> None:
    """Do something else than a function of ours, while the fault is there."""
    real = getattr(owner, attribute)

    def planted(*args: Any, **kwargs: Any) -> Any:
        return gives(*args, **kwargs) if is_there(name) else real(*args, **kwargs)

    setattr(owner, attribute, planted)


def fail(kind: type[BaseException]) -> Callable[[], object]:
    def raises() -> object:
        raise kind("a caller's number: +358401234567")

    return raises


def hang() -> None:
    threading.Event().wait(FOR_EVER)


def deadlock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def dig() -> object:
    return dig()


def ahead() -> float:
    """How many seconds the clock is ahead. By libfaketime, a process takes ten times as long."""
    return 86_400 * (is_there("clock-on") - is_there("clock-back")) + _set_ahead()


def _set_ahead() -> float:
    try:
        return float((FOLDER / CLOCK).read_bytes())
    except FileNotFoundError:
        return 0


def plant() -> None:
    """Wrap every place in which a fault may begin later."""
    import ivr.live.line
    import ivr.telephony.web as web
    from ivr.connections.loop import Loop
    from ivr.connections.workers import Workers
    from ivr.core.office import Office
    from ivr.journal import Journal
    from ivr.live.closings import ClosingsReader
    from ivr.live.watcher import Watcher
    from ivr.records import seen
    from ivr.records.spool import Spool
    from ivr.serving import Current
    from ivr.telephony.port import Webhook
    from ivr.telephony.twilio.provider import Twilio

    for name, kind in (
        ("step-raises", RuntimeError),
        ("memory", MemoryError),
        ("exit", SystemExit),
        ("interrupt", KeyboardInterrupt),
    ):
        before(web, "step", name, fail(kind))
    before(web, "step", "recursion", dig)
    before(web, "step", "step-hangs", hang)
    before(web, "step", "deadlock", deadlock)
    before(web, "step", "step-slow", lambda: time.sleep(2.1))
    before(web, "step", "step-takes-three-seconds", lambda: time.sleep(3))
    before(web, "whisper", "whisper-raises", fail(KeyError))
    before(web, "whisper", "whisper-hangs", hang)
    before(Twilio, "read", "read-raises", fail(ValueError))
    before(Twilio, "read", "read-hangs", hang)
    before(Twilio, "write", "write-raises", fail(TypeError))
    before(Twilio, "write", "write-hangs", hang)
    before(Twilio, "_ring", "dial-raises", fail(IndexError))
    before(Loop, "turn", "loop-hangs", hang)
    instead(Workers, "starve", "no-thread-answers", lambda *_: True)
    before(Office, "hours_now", "hours-raise", fail(OSError))
    before(Journal, "record", "record-raises", fail(RuntimeError))
    before(Watcher, "_look", "looking-fails", fail(OSError))
    before(ClosingsReader, "_read", "closings-fail", fail(OSError))
    before(ClosingsReader, "_read", "closings-hang", hang)
    instead(seen, "_urgent_missed", "urgent-line-is-silent", lambda _sql, now: now)
    instead(seen, "_silent_days", "nobody-calls", lambda *_: 9)
    before(Spool, "_opened", "spool-fails", fail(OSError))
    before(Current, "voices_changed", "voices-raise", fail(RuntimeError))
    form = Webhook.form.func  # type: ignore[attr-defined]

    def form_of(webhook: Webhook) -> Any:
        if is_there("form-raises"):
            raise UnicodeError
        return form(webhook)

    Webhook.form = property(form_of)  # type: ignore[assignment]
    now = ivr.live.line._now
    ivr.live.line._now = lambda: now() + timedelta(seconds=ahead())
    wall = time.time
    time.time = lambda: wall() + ahead()


if __name__ == "__main__":
    from ivr.commands import main

    plant()
    main()
