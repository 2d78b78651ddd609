"""Recordings by people: read, judged and made into clips (rule S1).

A reason for refusing one is a sentence for the person who recorded it, with the remedy, and a code, by which the
listening room finds its own words.
"""

from __future__ import annotations

import json
import math
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from io import SEEK_END, BytesIO, FileIO
from pathlib import Path
from stat import S_ISFIFO
from typing import Literal, NamedTuple

import numpy as np
import soundfile  # type: ignore[import-untyped]

from ivr.program import how_to_install, python
from ivr.speech.clips import RATE, Ending
from ivr.speech.estimate import Pace as Pace
from ivr.speech.level import Samples, active_level, flat_tops
from ivr.speech.limits import faults
from ivr.speech.mulaw import to_wav
from ivr.speech.port import COPY_AGAIN, EngineFault, Speech
from ivr.speech.telephone import FRAME, for_telephone, frame_levels, measure, narrowed, noise_floor, speech_span

ReasonCode = Literal["clipped", "quiet", "noisy", "nothing", "fast", "slow", "cut", "damaged"]
LONGEST_S = 60
"""More than twice the longest prompt: a longer file is a whole session, or the wrong file."""
LEAST_RATE = 8000
LEAST_SPEECH_S = 0.1
QUIETEST_DBOV = -50.0
LEAST_ABOVE_NOISE_DB = 20.0
ABOVE_NOISE_DB = 6.0
"""What is no louder than this above the noise is noise."""
MOST_FLAT_TOPS = 4
"""Single cut-off peaks of a loud speaker are not heard; more of them crackle."""
FASTEST = 1.4
"""How much faster than the usual pace of a language a recording may be. Made voices are at most 1.2 times as fast in a
sentence; English at 1.4 times has 200 words a minute, faster than people read aloud."""
SPARE_S = 0.2
"""Taken off the least time of a text: the pace of a few words says little, and that of one word nothing."""
CUT_DB = 15.0
"""So far below the active level a recording may be at its very edge. With 10 ms of silence there, made voices are 34 dB
below it; cut off in a word, most are less than 6."""
LOST_S = 0.1
"""How much longer than the sound the length in the header of a lossy format may be."""
ANOTHER_FORMAT = "save it as WAV or MP3"
MOST_BYTES = 100 << 20
"""Of a file: a minute of film from a phone is smaller."""
DECODING_S = 60.0
"""Longest that decoding one file may take."""
BY_PYAV = (
    (4, b"ftyp", "mov", "M4A, MP4 or 3GP"),
    (4, b"moov", "mov", "M4A, MP4 or 3GP"),
    (4, b"mdat", "mov", "M4A, MP4 or 3GP"),
    (4, b"wide", "mov", "M4A, MP4 or 3GP"),
    (0, b"\x1aE\xdf\xa3", "matroska", "WebM"),
    (0, b"#!AMR", "amr", "AMR"),
    (0, b"\xff\xf1", "aac", "AAC"),
    (0, b"\xff\xf9", "aac", "AAC"),
    (0, b"0&\xb2u", "asf", "WMA"),
)
"""Files that libsndfile cannot read: place and first bytes, the name of the container for FFmpeg and for people."""
PYAV_REMEDY = how_to_install("recordings")
UNWRITTEN = (0, 0xFFFFFFFF)
"""Sizes that a recorder leaves in the header of a WAV file if it is stopped before it has written the real ones."""


class Reason(NamedTuple):
    """Why a recording cannot be used: what it is, and a sentence with the remedy."""

    code: ReasonCode
    text: str


class Refused(ValueError):
    """A recording cannot be used, for these reasons."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(" ".join(reason.text for reason in reasons))
        self.reasons = reasons


NO_SPEECH = Reason("nothing", "There is no speech in it, only clicks. Record the whole sentence.")


def damaged(text: str) -> Refused:
    """A file that does not hold the sound of one sentence, whatever was spoken."""
    return Refused(Reason("damaged", text))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Measures of a recording: length in s, active level in dBov at telephone bandwidth, number of cut-off peaks.

    `reasons`: why it cannot be used; empty if it can.
    """

    seconds: float
    active_dbov: float
    flat_tops: int
    reasons: tuple[Reason, ...]


def convert(path: Path, ending: Ending, pace: Pace | None = None) -> bytes:
    """The bytes of a clip made from a recording (rule S1). `pace`: of its sentence. Raises Refused."""
    speech = read_recording(path)
    if reasons := judge(speech, pace).reasons:
        raise Refused(*reasons)
    try:
        clip = for_telephone(speech, ending)
    except EngineFault as fault:
        raise Refused(NO_SPEECH) from fault
    if found := faults(measure(clip), ending):
        raise damaged(f"Made fit for a telephone, {'; '.join(found)}. Record it again, evenly loud.")
    return to_wav(clip)


def read_recording(path: Path) -> Speech:
    """Read a recording of at most 60 s, with its channels mixed. Raises Refused.

    WAV, FLAC, MP3, OGG (Vorbis, Opus) and AIFF; with PyAV also what phones save: M4A, 3GP, AMR, AAC, WebM, WMA.
    """
    try:
        if S_ISFIFO(path.stat().st_mode):  # to open it would wait for ever
            raise damaged("It is not a file. Check the name.")
        with path.open("rb", buffering=0) as file:  # unbuffered, as the decoder is handed its descriptor
            start, size = file.read(28), path.stat().st_size
            _check_file(start, size)
            file.seek(0)
            return _decoded(file, start) or _read(file.read())
    except OSError as error:
        raise damaged(f"It cannot be opened ({error.strerror}). Check the name, and that you may read it.") from error


def _read(data: bytes) -> Speech:
    """Read a file by libsndfile: from memory, as it would believe an ending such as .raw."""
    try:
        with soundfile.SoundFile(BytesIO(_finished(data))) as sound:
            rate, promised = sound.samplerate, sound.frames
            _check_header(promised, rate)
            # The header may give a wrong length, so no more than the longest recording is decoded.
            samples = sound.read(LONGEST_S * rate + 1, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise damaged(
            f"It is not a sound that can be read here, or it is damaged. If it plays elsewhere, {ANOTHER_FORMAT}. "
            "If not, record it again."
        ) from error
    mono = samples.mean(axis=1, dtype=np.float32)
    _check_samples(mono, rate, promised)
    return Speech(mono, rate)


def _decoded(file: FileIO, start: bytes) -> Speech | None:
    """Read a file by PyAV, in a process of its own; None where it is none of `BY_PYAV`."""
    found = next((row for row in BY_PYAV if start[row[0] : row[0] + len(row[1])] == row[1]), None)
    if found is None:
        return None
    _, _, container, name = found
    if find_spec("av") is None:
        raise damaged(
            f"This computer cannot read {name} yet; your file is probably good. On this computer: {PYAV_REMEDY}. "
            f"Or {ANOTHER_FORMAT}."
        )
    if container == "mov" and _ends_in_a_box(file):
        raise damaged(f"It is cut off. {COPY_AGAIN}")
    file.seek(0)
    command = python("-m", "ivr.speech.decode", container, str(LONGEST_S))
    spoilt = damaged(f"It is damaged. {COPY_AGAIN} Or {ANOTHER_FORMAT}.")
    try:
        done = subprocess.run(command, stdin=file, capture_output=True, timeout=DECODING_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise spoilt from error
    head, _, data = done.stdout.partition(b"\n")
    if done.returncode or not head:  # it was killed by a limit, or by a fault of the decoder
        raise spoilt
    told = json.loads(head)
    if "refused" in told:
        raise damaged(told["refused"])
    samples, rate = np.frombuffer(data, np.float32), int(told["rate"])
    promised = round(rate * (told["promised"] or 0))
    _check_header(max(promised, samples.size) if samples.size else 0, rate or RATE)
    _check_samples(samples, rate, samples.size)
    return Speech(samples, rate)


def _ends_in_a_box(file: FileIO) -> bool:
    """Whether a file in boxes (ISO/IEC 14496-12, 4.2) ends before its last box does."""
    at, size = 0, file.seek(0, SEEK_END)
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[8:16] if head[:4] == b"\0\0\0\1" else head[:4])
        if length < 8:  # 0: up to the end; or it is damaged
            return False
        at += length
    return at > size


def _finished(wav: bytes) -> bytes:
    """A WAV file whose recorder was stopped, with the sizes that it has not written: all to the end is sound."""
    if wav[:4] != b"RIFF":
        return wav
    at, unwritten = 12, int.from_bytes(wav[4:8], "little") in UNWRITTEN
    while at + 8 <= len(wav):
        size, rest = int.from_bytes(wav[at + 4 : at + 8], "little"), len(wav) - at - 8
        if wav[at : at + 4] == b"data":
            if not rest or not (size in UNWRITTEN or (unwritten and size > rest)):
                break
            whole = (len(wav) - 8).to_bytes(4, "little")
            return b"".join((wav[:4], whole, wav[8 : at + 4], rest.to_bytes(4, "little"), wav[at + 8 :]))
        at += 8 + size + size % 2
    return wav


def judge(speech: Speech, pace: Pace | None = None) -> Judgement:
    """Measure a recording, and decide whether it can be used. `pace`: of its sentence; without it, any will do."""
    narrow = narrowed(speech)
    level = active_level(narrow, RATE)
    # Against its own peak, as a recording that was clipped and turned down later crackles as well.
    tops = flat_tops(speech.samples, speech.rate, float(np.abs(speech.samples).max(initial=0.0)) or 1.0)
    # Without speech the other measures mean nothing: noise is not behind words, and its peaks look flat.
    reasons = _no_speech(narrow, level) or _faults(narrow, level, tops, pace)
    return Judgement(speech.samples.size / speech.rate, level, tops, reasons)


def _check_file(start: bytes, size: int) -> None:
    """Refuse a file by its first 28 bytes and its size in bytes."""
    if not size:
        raise Refused(Reason("nothing", "It is empty. Record it again."))
    if size > MOST_BYTES:
        raise damaged(f"It has {size >> 20} MB, far more than one sentence. Record each sentence in a file of its own.")
    promised = int.from_bytes(start[4:8], "big" if start[:4] == b"FORM" else "little") + 8
    # Programs that write while they record leave the size at its largest or at zero.
    if start[:4] == b"RF64":  # for files over 4 GB, but also written for small ones (EBU Tech 3306)
        promised = int.from_bytes(start[20:28], "little") + 8
    if start[:4] in (b"RIFF", b"FORM", b"RF64") and size + 1 < promised < 0x7FFF0000:
        raise damaged(f"It is cut off: {size} of {promised} bytes are there. {COPY_AGAIN}")


def _check_header(frames: int, rate: int) -> None:
    """Refuse a file by its header: the number of samples, which is over 2^62 where it is unknown, and their rate."""
    if rate < LEAST_RATE:
        raise damaged(
            f"It has {rate} samples a second, and a telephone carries {LEAST_RATE}. Record it at 16000 or more."
        )
    if frames == 0:
        raise Refused(Reason("nothing", "There is no sound in it. Record it again."))
    if LONGEST_S * rate < frames < 2**62:
        raise _too_long(frames / rate)


def _check_samples(samples: Samples, rate: int, promised: int) -> None:
    """Refuse a file by its samples; `promised` is their number in the header."""
    read = len(samples)
    if read > LONGEST_S * rate:
        raise _too_long(read / rate)
    if read + LOST_S * rate < promised < 2**62:
        raise damaged(f"It is cut off: {read / rate:.1f} of {promised / rate:.1f} seconds are there. {COPY_AGAIN}")
    if not np.isfinite(samples).all():
        raise damaged("Its sound is damaged. Save it as WAV with 16 bits, and import that.")


def _too_long(seconds: float) -> Refused:
    return Refused(
        Reason(
            "slow", f"It is longer than {LONGEST_S} seconds ({seconds:.0f}). Record each sentence in a file of its own."
        )
    )


def _no_speech(narrow: Samples, level: float) -> tuple[Reason, ...]:
    """Why no speech can be heard; empty if it can."""
    if level < QUIETEST_DBOV:
        nothing = level == -math.inf
        heard = "There is no speech in it" if nothing else f"It is too quiet ({level:.0f} dBov)"
        remedy = "Speak a hand's width from the microphone, and check that it is on."
        return (Reason("nothing" if nothing else "quiet", f"{heard}. {remedy}"),)
    first, last = speech_span(narrow, level)
    return (NO_SPEECH,) if last - first < LEAST_SPEECH_S * RATE else ()


def _faults(narrow: Samples, level: float, tops: int, pace: Pace | None) -> tuple[Reason, ...]:
    """Why speech that can be heard is of no use (level in dBov); `tops`: cut-off peaks."""
    noise = noise_floor(frame_levels(narrow))
    return (*_defects(level, noise, tops), *_cut_off(narrow, level, noise), *_too_fast(narrow, level, pace))


def _cut_off(narrow: Samples, level: float, noise: float) -> tuple[Reason, ...]:
    """Whether it begins or ends in the middle of a word (levels in dBov): it is loud up to its very edge."""
    first, last = speech_span(narrow, level)
    edges = {"beginning": (first == 0, narrow[: 2 * FRAME]), "end": (last == narrow.size, narrow[-2 * FRAME :])}
    loud = max(level - CUT_DB, noise + ABOVE_NOISE_DB)
    missing = [edge for edge, (reached, sound) in edges.items() if reached and (frame_levels(sound) > loud).all()]
    if not missing:
        return ()
    text = (
        f"The {' and the '.join(missing)} of the sentence {'are' if len(missing) > 1 else 'is'} missing. Wait a moment "
        "before you speak, and after it."
    )
    return (Reason("cut", text),)


def _too_fast(narrow: Samples, level: float, pace: Pace | None) -> tuple[Reason, ...]:
    """Whether words are said too fast to be understood on a telephone (rule S2)."""
    if pace is None:
        return ()
    first, last = speech_span(narrow, level)
    seconds, least = (last - first) / RATE, pace.letters / (pace.per_second * FASTEST) - SPARE_S
    if seconds >= least:
        return ()
    needed = math.ceil(least * 10) / 10
    text = f"It is too fast: it takes {seconds:.1f} seconds, and callers need {needed:.1f} at least. Read more slowly."
    return (Reason("fast", text),)


def _defects(level: float, noise: float, tops: int) -> tuple[Reason, ...]:
    """What disturbs the speech: noise (both levels in dBov) and cut-off peaks."""
    found = list[Reason]()
    if level - noise < LEAST_ABOVE_NOISE_DB:
        text = (
            f"The noise is {max(0.0, level - noise):.0f} dB below the voice; {LEAST_ABOVE_NOISE_DB:.0f} are needed. "
            "Record in a quieter room, closer to the microphone, with half a second of silence before and after."
        )
        found.append(Reason("noisy", text))
    if tops > MOST_FLAT_TOPS:
        text = f"It is clipped in {tops} places. Turn the recording level down, or go further from the microphone."
        found.append(Reason("clipped", text))
    return tuple(found)
