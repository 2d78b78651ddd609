"""A call from a telephone, on a stack of a few lines that is as late as a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from baresip import AudioInfo

from ivr.phone.sip.call import SipCall
from ivr.phone.sip.media import FRAME


@dataclass
class SlowSound:
    """Sends so much whenever somebody looks, however much time has passed; it has no room for more."""

    waiting: int
    sends: int = FRAME

    def info(self) -> AudioInfo:
        self.waiting = max(0, self.waiting - self.sends)
        return AudioInfo(True, True, 8000, 1, 20, 8000, 1, self.waiting, 0, 32_000, 32_000)

    def write(self, _pcm: bytes) -> int:
        return 0

    def flush_tx(self) -> None:
        self.waiting = 0

    def read(self, _max_bytes: int) -> bytes:
        return b""


@dataclass
class SlowCall:
    """A call of the stack; it notes how much was not sent yet when it was ended."""

    sound: SlowSound
    peer: str = "sip:caller@127.0.0.1"
    cut: list[int] = field(default_factory=list)

    def hang_up(self) -> None:
        self.cut.append(self.sound.waiting)


def test_the_last_words_of_a_stack_that_is_late_are_waited_for_again() -> None:
    slow = SlowCall(SlowSound(6 * FRAME))
    SipCall(cast("Any", None), cast("Any", slow)).hang_up()
    assert slow.cut == [0]


def test_a_stack_that_sends_nothing_any_more_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.phone.sip.call.MOST_LAST_WORDS_SECONDS", 0.1)
    stuck = SlowCall(SlowSound(6 * FRAME, sends=0))
    SipCall(cast("Any", None), cast("Any", stuck)).hang_up()
    assert stuck.cut == [6 * FRAME]
