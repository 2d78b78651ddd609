"""Clips as files: WAV in mu-law (ITU-T G.711), 8000 samples a second, mono (rule S1)."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]

from ivr.speech.clips import RATE, seconds_of
from ivr.speech.level import Samples


class BadClip(ValueError):
    """A file is not a whole clip. The message gives the remedy."""


def to_wav(samples: Samples) -> bytes:
    """The bytes of a clip from samples (1.0 is full scale); those beyond full scale are limited to it."""
    # 16-bit samples, since only from them is libsndfile's mu-law that of G.711.
    pcm = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, pcm, RATE, format="WAV", subtype="ULAW")
    return file.getvalue()


def read_clip(path: Path) -> Samples:
    """The samples of a clip; 1.0 is full scale. Raises BadClip."""
    if seconds_of(path) is None:
        raise BadClip(f"{path} is not a clip: no whole WAV file in mu-law, 8 kHz, mono. Delete it and make it again")
    samples: Samples = soundfile.read(path, dtype="int16")[0].astype(np.float32)
    return samples / np.float32(32768)
