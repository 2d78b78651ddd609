"""The sound of a leg, on a stack's audio of a few lines and a clock that is set."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from baresip import AudioInfo, AudioNotActive, AudioRestarted

from ivr.phone.sip.media import AHEAD, BYTES_A_SECOND, FRAME, MOST_IN_TALK, LegMedia, MediaThread
from ivr.phone.sip.tones import RINGING, linear


@dataclass
class Stream:
    """Sends what was written at its time, as the stack does: a flush drops all that is there at the next packet."""

    now: float = 100.0
    sent: bytearray = field(default_factory=bytearray)
    written: bytearray = field(default_factory=bytearray)
    came: bytearray = field(default_factory=bytearray)
    active: bool = True
    flush: bool = False
    restarted: bool = False

    def clock(self) -> float:
        return self.now

    def info(self) -> AudioInfo:
        if not self.active:
            raise AudioNotActive("none")
        return AudioInfo(True, True, 8000, 1, 20, 8000, 1, len(self.written), len(self.came), 32_000, 32_000)

    def write(self, pcm: bytes) -> int:
        self.info()
        self.written += pcm
        return len(pcm)

    def flush_tx(self) -> None:
        self.info()
        self.flush = True

    def read(self, max_bytes: int) -> bytes:
        self.info()
        if self.restarted:
            self.restarted = False
            raise AudioRestarted("another stream")
        heard = bytes(self.came[:max_bytes])
        del self.came[:max_bytes]
        return heard

    def passes(self, packets: int, *legs: LegMedia) -> None:
        """Let time pass; at each packet every leg is ticked."""
        for _ in range(packets):
            self.now += 0.02
            if self.active:
                self._send()
            for leg in legs:
                leg.tick()

    def _send(self) -> None:
        if self.flush:
            self.written.clear()
            self.flush = False
        packet = bytes(self.written[:FRAME])
        del self.written[:FRAME]
        self.sent += packet.ljust(FRAME, b"\0")


def sound(seconds: float) -> bytes:
    """No two samples of it are alike."""
    return b"".join(number.to_bytes(2, "little") for number in range(1, 1 + round(seconds * 8000)))


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def leg(stream: Stream) -> LegMedia:
    return LegMedia(stream, stream.clock)


def test_sounds_are_sent_one_behind_the_other_and_not_far_ahead(stream: Stream, leg: LegMedia) -> None:
    first, second = sound(1.0), sound(0.5)
    leg.begin(first)
    leg.begin(second)
    assert len(stream.written) == AHEAD
    stream.passes(100, leg)
    assert bytes(stream.sent).startswith(first + second + bytes(FRAME))


def test_a_late_tick_is_not_heard(stream: Stream, leg: LegMedia) -> None:
    leg.begin(sound(2.0))
    stream.passes(9)
    stream.passes(100, leg)
    assert bytes(stream.sent).startswith(sound(2.0))


def test_a_stop_drops_what_was_written_and_spares_what_begins_then(stream: Stream, leg: LegMedia) -> None:
    leg.begin(sound(2.0))
    stream.passes(10, leg)
    leg.stop()
    leg.begin(linear(bytes(8000)))
    stream.passes(100, leg)
    after = bytes(stream.sent[10 * FRAME :]).lstrip(b"\0")
    assert stream.sent[: 10 * FRAME] == sound(2.0)[: 10 * FRAME]
    assert after.rstrip(b"\0").startswith(linear(bytes(8000)).rstrip(b"\0"))
    assert len(stream.sent) - 10 * FRAME - len(after) <= 3 * FRAME


def test_while_there_is_no_stream_the_sound_goes_on(stream: Stream, leg: LegMedia) -> None:
    leg.begin(sound(3.0))
    stream.passes(50, leg)
    stream.active = False
    stream.written.clear()
    stream.passes(50, leg)
    stream.active = True
    leg.tick()
    stream.passes(100, leg)
    assert bytes(stream.sent).startswith(sound(1.0) + sound(3.0)[2 * BYTES_A_SECOND :])


def test_what_a_replaced_stream_lost_is_sent_again(stream: Stream, leg: LegMedia) -> None:
    leg.begin(sound(2.0))
    stream.passes(50, leg)
    stream.written.clear()
    stream.restarted = True
    leg.tick()
    stream.passes(100, leg)
    assert bytes(stream.sent).startswith(sound(2.0))


def test_a_restart_that_loses_nothing_sends_nothing_again(stream: Stream, leg: LegMedia) -> None:
    leg.begin(sound(2.0))
    stream.passes(50, leg)
    stream.restarted = True
    stream.passes(100, leg)
    assert bytes(stream.sent).startswith(sound(2.0))


def test_a_stack_that_catches_up_sends_nothing_again(stream: Stream, leg: LegMedia) -> None:
    leg.begin(sound(2.0))
    stream.passes(50, leg)
    for _ in range(5):
        stream._send()
    stream.passes(100, leg)
    assert bytes(stream.sent).startswith(sound(2.0))


def test_a_sound_that_begins_after_a_long_silence_is_whole(stream: Stream, leg: LegMedia) -> None:
    stream.passes(500)
    leg.begin(sound(0.5))
    stream.passes(50, leg)
    assert sound(0.5) in bytes(stream.sent)


def test_a_sound_before_the_stream_loses_only_the_time_until_then(stream: Stream, leg: LegMedia) -> None:
    stream.active = False
    leg.begin(sound(1.0))
    stream.passes(10, leg)
    stream.active = True
    stream.passes(60, leg)
    assert sound(1.0)[11 * FRAME :] in bytes(stream.sent)


def test_a_tone_repeats_behind_a_sound_until_it_is_ended(stream: Stream, leg: LegMedia) -> None:
    leg.tone(RINGING)
    stream.passes(300, leg)
    assert bytes(stream.sent).startswith(RINGING + RINGING[: 45 * FRAME])
    leg.tone(b"")
    stream.passes(50, leg)
    assert bytes(stream.sent[-48 * FRAME :]) == bytes(48 * FRAME)


def test_a_talk_drops_what_piled_up_before_it_and_never_grows_late(stream: Stream, leg: LegMedia) -> None:
    other = LegMedia(Stream(came=bytearray(sound(2.0))))
    leg.begin(sound(1.0))
    stream.passes(5, leg)
    leg.talk(other)
    assert isinstance(other._audio, Stream)
    assert not other._audio.came
    for _ in range(50):
        other._audio.came += sound(0.04)
        stream.passes(1, leg)
        assert len(stream.written) <= MOST_IN_TALK
    assert sound(0.04) in bytes(stream.sent[10 * FRAME :])
    assert leg.left() == 0
    leg.part()
    leg.begin(sound(0.5))
    leg.part()
    assert leg.left() > 0
    stream.passes(50, leg)
    assert sound(0.5) in bytes(stream.sent)
    assert leg.left() == 0


def test_a_sound_ends_a_talk(stream: Stream, leg: LegMedia) -> None:
    leg.talk(LegMedia(Stream(came=bytearray(sound(2.0)))))
    leg.begin(sound(0.5))
    stream.passes(50, leg)
    assert sound(0.5) in bytes(stream.sent)


def test_the_end_of_a_tone_spares_sounds_if_there_was_no_tone(stream: Stream, leg: LegMedia) -> None:
    leg.begin(sound(0.5))
    leg.tone(b"")
    stream.passes(50, leg)
    assert bytes(stream.sent).startswith(sound(0.5))


def test_the_thread_ticks_its_legs_also_when_one_of_them_breaks(
    stream: Stream, leg: LegMedia, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(LegMedia):
        def tick(self) -> None:
            raise RuntimeError("broken")

    thread = MediaThread()
    try:
        thread.add(Broken(Stream()))
        thread.add(leg)
        leg._queue.append(sound(0.1))
        for _ in range(500):
            if stream.written:
                break
            thread._thread.join(0.01)
    finally:
        thread.close()
    assert bytes(stream.written) == sound(0.1)
    assert "broken" in caplog.text


def test_mu_law_is_linear_by_the_table_of_the_recommendation() -> None:
    values = [int.from_bytes(linear(bytes([byte])), "little", signed=True) for byte in (0x00, 0x0F, 0x80, 0xFF, 0x7F)]
    assert values == [-32124, -16764, 32124, 0, -1]
    assert len({linear(bytes([byte])) for byte in range(256)}) == 256
