"""The samples of a WAV that was streamed, so that its header may not know how long it is."""

from __future__ import annotations

import struct

MOST_BYTES = 32_000_000
"""Of a WAV that is taken at all; no length beyond it is true."""


def samples_of(wav: bytes, *, is_framed: bool) -> tuple[bytes, int]:
    """The samples of a WAV of 16 bits and one channel, and how many a second. Raises ValueError.

    Whoever streams may not know how long it gets: so the length of the file, and that of the samples, may stand as 0 or
    as a number that cannot be. Then what came is all of it, if the answer itself said where it ends (`is_framed`).
    """
    at, rate = 12, 0
    while at + 8 <= len(wav):
        name, size = struct.unpack_from("<4sI", wav, at)
        at += 8
        if name == b"fmt ":
            if len(wav) < at + 16:
                break
            codec, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", wav, at)
            if (codec, channels, bits) != (1, 1, 16) or not rate:
                raise ValueError(f"codec {codec}, {channels} x {bits} bits, {rate} samples a second")
        elif name == b"data":
            if not rate:
                break
            return _whole(wav[at:], size, is_framed=is_framed), rate
        at += size + size % 2
    raise ValueError("no samples")


def _whole(rest: bytes, size: int, *, is_framed: bool) -> bytes:
    if size == 0 or size > MOST_BYTES:
        if not is_framed:
            raise ValueError("nothing says how long it is")
        size = len(rest)
    if len(rest) < size:
        raise ValueError(f"{len(rest)} of {size} bytes")
    if size % 2:
        raise ValueError(f"{size} bytes, which ends within a sample")
    return rest[:size]
