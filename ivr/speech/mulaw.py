"""A clip on disk: a WAV file in G.711 mu-law, 8000 samples a second, mono (rule S1)."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]

from ivr.speech.clips import RATE, seconds_of
from ivr.speech.level import Samples


class BadClip(ValueError):
    """A file is not a clip as this program writes it: the message says what would help."""


def to_wav(samples: Samples) -> bytes:
    """The file of samples; what is beyond full scale becomes the largest value.

    libsndfile is given 16-bit samples: from them its mu-law is that of ITU-T G.711, from floats it is not.
    """
    whole = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, whole, RATE, format="WAV", subtype="ULAW")
    return file.getvalue()


def read_clip(path: Path) -> Samples:
    """Read a clip's samples; BadClip where header and file do not agree."""
    if seconds_of(path) is None:
        raise BadClip(f"{path} is not a clip: no whole WAV file in mu-law, 8 kHz, mono. Delete it and make it again")
    samples: Samples = soundfile.read(path, dtype="int16")[0].astype(np.float32)
    return samples / np.float32(32768)
