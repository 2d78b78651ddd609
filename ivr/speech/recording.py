"""Recordings by people: read, judged in words that help, and made into clips (rule S3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile  # type: ignore[import-untyped]

from ivr.speech.clips import RATE, Ending
from ivr.speech.level import Samples, active_level, flat_tops
from ivr.speech.mulaw import to_wav
from ivr.speech.port import EngineFault, Speech
from ivr.speech.telephone import faults, for_telephone, frame_levels, measure, narrowed, noise_floor, speech_span

LONGEST_S = 60
"""No prompt is half as long: a longer file is a whole session, or the wrong file."""
LEAST_RATE = 8000
LEAST_SPEECH_S = 0.1
QUIETEST_DBOV = -50.0
LEAST_ABOVE_NOISE_DB = 20.0
MOST_FLAT_TOPS = 4
"""A loud speaker's one cut-off peak is not heard; more of them are a crackle."""
LOST_S = 0.1
"""A lossy format's own count of its samples may be this much too long."""
NO_SPEECH = "There is no speech in it, only clicks. Record the whole sentence."
ANOTHER_FORMAT = "Save it as WAV, FLAC, MP3 or OGG"


class Refused(ValueError):
    """A recording cannot be used: `reasons` say why and what would help."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was measured: length in s, level in dBov as a caller would hear it, cut-off peaks.

    `reasons` say why it cannot be used; without any it can.
    """

    seconds: float
    active_dbov: float
    flat_tops: int
    reasons: tuple[str, ...]


def convert(path: Path, ending: Ending) -> bytes:
    """Make the bytes of a clip's file from a recording; Refused says why not (rules S1, S3)."""
    speech = read_recording(path)
    if reasons := judge(speech).reasons:
        raise Refused(*reasons)
    try:
        clip = for_telephone(speech, ending)
    except EngineFault as fault:
        raise Refused(NO_SPEECH) from fault
    if found := faults(measure(clip), ending):
        raise Refused(f"Made fit for a telephone, {'; '.join(found)}. Record it again, evenly loud.")
    return to_wav(clip)


def read_recording(path: Path) -> Speech:
    """Read WAV, FLAC, MP3, OGG (Vorbis, Opus) or AIFF of at most 60 s, channels mixed; Refused says why not."""
    try:
        with path.open("rb") as file:
            start, size = file.read(12), path.stat().st_size
    except OSError as error:
        raise Refused(f"It cannot be opened ({error.strerror}). Check the name, and that you may read it.") from error
    if reason := _no_sound_file(start, size):
        raise Refused(reason)
    try:
        with soundfile.SoundFile(path) as sound:
            if reason := _unsuitable(sound.frames, sound.samplerate):
                raise Refused(reason)
            # A header may lie about the length; never is more than the longest recording decoded.
            samples = sound.read(LONGEST_S * sound.samplerate + 1, dtype="float32", always_2d=True)
            rate, promised = sound.samplerate, sound.frames
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: a name ending in .raw
        raise Refused(f"It is not sound, or is damaged. {ANOTHER_FORMAT}, and send it again.") from error
    if reason := _unsound(samples, rate, promised):
        raise Refused(reason)
    return Speech(samples.mean(axis=1, dtype=np.float32), rate)


def judge(speech: Speech) -> Judgement:
    """Measure a recording, and say in words why it cannot be used, if so."""
    narrow = narrowed(speech)
    level = active_level(narrow, RATE)
    noise = noise_floor(frame_levels(narrow)) if narrow.size else -math.inf
    # At its own peak, for a recording clipped and turned down later crackles as well.
    tops = flat_tops(speech.samples, speech.rate, float(np.abs(speech.samples).max(initial=0.0)) or 1.0)
    # Without speech the rest means nothing: the noise of silence is loud, and its peaks are flat.
    silent = _silent(narrow, level)
    reasons = (silent,) if silent else (_noisy(level, noise), _clipped(tops))
    return Judgement(speech.samples.size / speech.rate, level, tops, tuple(filter(None, reasons)))


def _no_sound_file(start: bytes, size: int) -> str:
    """Why a file's first bytes and size rule it out; empty if they do not."""
    if not size:
        return "It is empty. Record it again."
    if start[4:8] == b"ftyp":
        return f"It is M4A (AAC), which cannot be read here. {ANOTHER_FORMAT}, and send that."
    promised = int.from_bytes(start[4:8], "big" if start[:4] == b"FORM" else "little") + 8
    # Programs that write as they record leave the size at its largest or at zero.
    if start[:4] in (b"RIFF", b"FORM") and size + 1 < promised < 0x7FFF0000:
        return f"It is cut off: {size} of {promised} bytes are there. Send it again."
    return ""


def _unsuitable(frames: int, rate: int) -> str:
    """Why a header rules a recording out; empty if it does not."""
    if rate < LEAST_RATE:
        return f"It has {rate} samples a second, and a telephone carries {LEAST_RATE}. Record it at 16000 or more."
    if frames == 0:
        return "There is no sound in it. Record it again."
    # Without a length in its header a file says that it is endless; reading it finds out.
    if LONGEST_S * rate < frames < 2**62:
        return _too_long(frames / rate)
    return ""


def _unsound(samples: Samples, rate: int, promised: int) -> str:
    """Why decoded samples rule a recording out; empty if they do not."""
    read = len(samples)
    if read > LONGEST_S * rate:
        return _too_long(read / rate)
    if read + LOST_S * rate < promised < 2**62:
        return f"It is cut off: {read / rate:.1f} of {promised / rate:.1f} seconds are there. Send it again."
    if not np.isfinite(samples).all():
        return "Its samples are damaged. Save it as WAV with 16 bits, and send it again."
    return ""


def _too_long(seconds: float) -> str:
    """Say that a recording is too long."""
    return f"It is longer than {LONGEST_S} seconds ({seconds:.0f}). Record each sentence in a file of its own."


def _silent(narrow: Samples, level: float) -> str:
    """Why there is no speech to be heard; empty if there is."""
    if level < QUIETEST_DBOV:
        heard = "There is no speech in it" if level == -math.inf else f"It is too quiet ({level:.0f} dBov)"
        return f"{heard}. Speak a hand's width from the microphone, and check that it is on."
    first, last = speech_span(narrow, level)
    if last - first < LEAST_SPEECH_S * RATE:
        return NO_SPEECH
    return ""


def _noisy(level: float, noise: float) -> str:
    """Why the noise behind the words is too loud; empty if it is not."""
    if level - noise >= LEAST_ABOVE_NOISE_DB:
        return ""
    return (
        f"The noise is {max(0.0, level - noise):.0f} dB below the voice; {LEAST_ABOVE_NOISE_DB:.0f} are needed. "
        "Record in a quieter room, closer to the microphone, with half a second of silence before and after."
    )


def _clipped(tops: int) -> str:
    """Why cut-off peaks are too many; empty if they are not."""
    if tops <= MOST_FLAT_TOPS:
        return ""
    return f"It is clipped in {tops} places. Turn the recording level down, or go further from the microphone."
