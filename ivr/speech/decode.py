"""`python -m ivr.speech.decode CONTAINER SECONDS`: the sound of a file on standard input, as phones save it.

A process of its own, with little time and memory: it reads what strangers send. FFmpeg (by PyAV) is told the container,
so that no file makes it open another one, or an address. Standard output: a line of JSON, `{"rate": ..., "promised":
seconds or null}`, then mono samples as 32-bit floats; or `{"refused": why}`.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from ivr.speech.port import COPY_AGAIN

CPU_S, MEMORY = 30, 4 << 30
"""Most seconds of a processor and most bytes of address space; libraries reserve much that they never use."""
TRUTHFUL = "mov"
"""The container in which the length is always written. Of others it may be guessed from their size."""
ENCRYPTED = ("enca", "drms")
"""Tags of encrypted sound in an M4A: that of ISO/IEC 14496-12, and that of Apple's shop."""
DAMAGED = f"It is damaged or cut off. {COPY_AGAIN}"
AGAIN = "Record the sentence again with the phone's voice recorder"
PROTECTED = "Its sound is protected, or of a kind that cannot be read here. Record it with another app."


class NotDecoded(ValueError):
    """Nothing could be decoded; the message says why and the remedy."""


def main() -> None:
    """Decode standard input within the limits of a process."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    out = sys.stdout.buffer
    try:
        rate, promised, samples = decode(sys.stdin.buffer, sys.argv[1], float(sys.argv[2]))
    except NotDecoded as error:
        out.write(json.dumps({"refused": str(error)}).encode() + b"\n")
    else:
        out.write(json.dumps({"rate": rate, "promised": promised}).encode() + b"\n" + samples.tobytes())


def decode(file: BinaryIO, container: str, longest: float) -> tuple[int, float | None, NDArray[np.float32]]:
    """Rate, promised length in seconds, and samples of a file, of little more than `longest` s. Raises NotDecoded."""
    rate, parts, count = 0, [np.zeros(0, np.float32)], 0
    try:
        with av.open(file, "r", format=container, metadata_errors="ignore") as media:
            track = _only(media.streams.audio)
            for frame in _floats(media.decode(track)):
                rate = rate or frame.sample_rate  # of some codecs it is known only now
                parts.append(frame.to_ndarray().mean(axis=0, dtype=np.float32))
                count += frame.samples
                if count > longest * rate:
                    break
            known = container == TRUTHFUL and track.duration is not None and track.time_base is not None
            promised = float(track.duration * track.time_base) if known else None  # type: ignore[operator]
    except NotDecoded:
        raise
    except (av.FFmpegError, ValueError, MemoryError, OverflowError) as error:
        raise NotDecoded(DAMAGED) from error
    return rate, promised, np.concatenate(parts)


def _only(tracks: tuple[AudioStream, ...]) -> AudioStream:
    if not tracks:
        raise NotDecoded(f"This file has a picture but no sound. {AGAIN}.")
    if len(tracks) > 1:
        raise NotDecoded(f"This file holds {len(tracks)} sounds side by side. {AGAIN}, or save only the voice as WAV.")
    context = tracks[0].codec_context
    if context is None or context.codec_tag in ENCRYPTED:
        raise NotDecoded(PROTECTED)
    return tracks[0]


def _floats(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """Frames as floats, one row a channel. ValueError where rate or channels change on the way."""
    resampler = av.AudioResampler(format="fltp")
    for frame in frames:
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


if __name__ == "__main__":
    main()
