"""A clip on disk: a WAV file in G.711 mu-law, 8000 samples a second, mono (rule S1)."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.speech.level import Samples

RATE = 8000
"""Samples a second, and bytes a second."""
_MU_LAW = 7
"""The WAVE format tag of G.711 mu-law."""
_HEADER = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")


class BadClip(ValueError):
    """A file is not a clip as this program writes it: the message says why and what would help."""


def encode(samples: Samples) -> bytes:
    """Encode to mu-law, a byte a sample; what is beyond full scale becomes the largest value (ITU-T G.711, table 2)."""
    whole = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype(np.int16)
    codes: NDArray[np.uint8] = _ENCODED[whole.view(np.uint16)]
    return codes.tobytes()


def decode(data: bytes) -> Samples:
    """Decode mu-law; the largest value is 8031 / 8192 of full scale (ITU-T G.711, table 2)."""
    return _DECODED[np.frombuffer(data, np.uint8)]


def to_wav(data: bytes) -> bytes:
    """Put mu-law bytes into a WAV file."""
    return _header(len(data)) + data + b"\0" * (len(data) % 2)


def read_clip(path: Path) -> Samples:
    """Read a clip's samples; BadClip says what is wrong with the file."""
    with path.open("rb") as file:
        length = _checked(path, file.read(_HEADER.size), os.fstat(file.fileno()).st_size)
        return decode(file.read(length))


def _header(length: int) -> bytes:
    """The 58 bytes before `length` bytes of mu-law."""
    riff = _HEADER.size - 8 + length + length % 2
    form = (b"fmt ", 18, _MU_LAW, 1, RATE, RATE, 1, 8, 0)
    return _HEADER.pack(b"RIFF", riff, b"WAVE", *form, b"fact", 4, length, b"data", length)


def _checked(path: Path, header: bytes, size: int) -> int:
    """The number of samples, once the header and the file's size agree."""
    if fault := _fault(header, size):
        raise BadClip(f"{path} is not a clip: {fault}. Delete it and make it again")
    return int(_HEADER.unpack(header)[-1])


def _fault(header: bytes, size: int) -> str:
    """What is wrong with a clip's file; empty if nothing is."""
    if size == 0:
        return "it is empty"
    if len(header) < _HEADER.size:
        return f"it is cut off within its first {_HEADER.size} bytes"
    riff, _, wave, _, _, tag, channels, rate, _, _, bits, *_, length = _HEADER.unpack(header)
    if (riff, wave) != (b"RIFF", b"WAVE"):
        return "it is not a WAV file"
    if (tag, channels, rate, bits) != (_MU_LAW, 1, RATE, 8):
        return f"it is WAV format {tag}, {channels} channel(s), {rate} Hz, {bits} bits, not mu-law (7), 1, {RATE}, 8"
    if header != _header(length):
        return "its header is corrupt"
    whole = _HEADER.size + length + length % 2
    return "" if size == whole else f"it has {size} bytes and should have {whole}"


def _decoded() -> NDArray[np.float32]:
    """The value of each byte: sign, three bits of segment and four of step, all inverted (ITU-T G.711, table 2)."""
    inverted = ~np.arange(256, dtype=np.uint8)
    segment, step = (inverted >> 4 & 7).astype(np.int32), (inverted & 15).astype(np.int32)
    magnitude = ((2 * step + 33) << segment) - 33
    return (np.where(inverted & 0x80, -magnitude, magnitude) / 8192).astype(np.float32)


def _encoded() -> NDArray[np.uint8]:
    """The byte of each 16-bit value, those below zero last as in two's complement (ITU-T G.711, table 2).

    The decision values are 0, 1, 3 ... 31, 35 ... 7903 on a scale of 8192: ((32 + 2 step) << segment) - 33.
    """
    code = np.arange(128)
    decisions = ((32 + 2 * (code & 15)) << (code >> 4)) - 33
    whole = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    found = np.searchsorted(decisions * 4, np.abs(whole), side="right") - 1
    return (~(found | np.where(whole < 0, 0x80, 0)) & 0xFF).astype(np.uint8)


_DECODED, _ENCODED = _decoded(), _encoded()
