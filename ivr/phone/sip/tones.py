"""Sounds that are no words, and mu-law made linear. Linear sound is 16-bit, 8000 samples a second, one channel."""

import math
import struct

RATE = 8000
RINGING_HZ = 425.0
"""The Finnish ringing tone: one second on, four seconds off."""


def _linear(byte: int) -> int:
    """A sample that one byte of mu-law stands for (ITU-T G.711), and that becomes the same byte again.

    Mu-law has two zeros, linear sound has one: 0x7F becomes -1, so that it is not sent as 0xFF.
    """
    if byte == 0x7F:
        return -1
    bits = ~byte & 0xFF
    size = (((bits & 0x0F) << 3) + 0x84 << ((bits & 0x70) >> 4)) - 0x84
    return -size if bits & 0x80 else size


_PAIRS = [struct.pack("=h", _linear(byte)) for byte in range(256)]
_FIRST, _SECOND = (bytes(pair[place] for pair in _PAIRS) for place in (0, 1))


def linear(mu_law: bytes) -> bytes:
    """Mu-law as linear sound, in the byte order of this machine."""
    samples = bytearray(2 * len(mu_law))
    samples[0::2] = mu_law.translate(_FIRST)
    samples[1::2] = mu_law.translate(_SECOND)
    return bytes(samples)


def _sine(hertz: float, seconds: float, level: int) -> bytes:
    """A tone that begins and ends softly, within 10 ms."""
    count, edge = round(seconds * RATE), RATE // 100
    samples = (
        round(level * min(1.0, place / edge, (count - place) / edge) * math.sin(math.tau * hertz * place / RATE))
        for place in range(count)
    )
    return struct.pack(f"={count}h", *samples)


def _pause(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE))


RINGING = _sine(RINGING_HZ, 1.0, 4000) + _pause(4.0)
"""What a caller hears while a phone rings, to be repeated."""
TALK_ELSEWHERE = 2 * (_sine(660.0, 0.12, 1500) + _pause(0.12)) + _pause(4.52)
"""What a caller hears while the talk is with a contact without a phone, to be repeated: two soft beeps, then a pause,
so that it is never silent."""
