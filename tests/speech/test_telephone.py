"""Speech comes out fit for a telephone, and a clip that is not is caught (rule S1)."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]

from ivr.files import NotWritten, write_atomically
from ivr.speech.clips import RATE, Ending, seconds_of
from ivr.speech.level import Samples, peak_dbfs
from ivr.speech.limits import faults
from ivr.speech.mulaw import BadClip, read_clip, to_wav
from ivr.speech.port import EngineFault, Speech
from ivr.speech.telephone import LEAD_MS, TAIL_MS, for_telephone, measure, narrowed, speech_span, to_clip
from tests.speech.sounds import hiss, sentence, silence, talk

ENDINGS: tuple[Ending, ...] = get_args(Ending)


def heard(speech: Speech, ending: Ending) -> Samples:
    """What a telephone makes of the clip."""
    data, rate = soundfile.read(BytesIO(to_clip(speech, ending)), dtype="float32")
    assert rate == RATE
    return np.asarray(data, np.float32)


def clicks() -> Samples:
    """Speech with a loud click far before and after it."""
    sound = sentence(around=1.0) * np.float32(0.2)
    sound[2000:2010] = sound[-2010:-2000] = 0.9
    return sound


INPUTS: dict[str, Callable[[], Samples]] = {
    "plain": lambda: sentence(),
    "quiet": lambda: sentence(dbov=-55.0),
    "loud": lambda: sentence(dbov=-6.0),
    "clipped": lambda: np.clip(sentence(dbov=0.0), -0.5, 0.5),
    "beyond full scale": lambda: sentence(dbov=10.0),
    "constant": lambda: sentence(dbov=-30.0) + np.float32(0.25),
    "rumble": lambda: (
        sentence(dbov=-30.0) + (0.05 * np.sin(2 * np.pi * 50 / 22050 * np.arange(3 * 22050))).astype(np.float32)
    ),
    "long silence": lambda: sentence(around=8.0),
    "no silence": lambda: sentence(around=0.0),
    "noise": lambda: sentence() + hiss(22050, 3.0, -50.0),
    "much noise": lambda: sentence() + hiss(22050, 3.0, -41.0),
    "digit": lambda: sentence(seconds=0.25),
    "shortest": lambda: sentence(seconds=0.08),
    "pause": lambda: np.concatenate([sentence(), silence(22050, 1.5), sentence()]),
    "long": lambda: sentence(seconds=25.0),
    "peaks": lambda: (sentence() ** 3).astype(np.float32),
    "clicks": clicks,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", INPUTS)
def test_whatever_the_speech_the_clip_is_within_the_limits(name: str, ending: Ending) -> None:
    measured = measure(heard(Speech(INPUTS[name](), 22050), ending))
    assert faults(measured, ending) == []
    assert measured.active_dbov == pytest.approx(-24, abs=0.5)
    assert measured.lead_ms == pytest.approx(LEAD_MS, abs=15)
    assert measured.tail_ms == pytest.approx(TAIL_MS[ending], abs=15)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_every_rate_comes_out_as_the_same_clip(rate: int) -> None:
    measured = measure(heard(Speech(sentence(rate), rate), "sentence"))
    assert faults(measured, "sentence") == []
    assert measured.seconds == pytest.approx(2 + (LEAD_MS + TAIL_MS["sentence"]) / 1000, abs=0.06)


def test_the_same_speech_makes_the_same_bytes() -> None:
    speech = Speech(sentence(), 22050)
    before = speech.samples.copy()
    assert to_clip(speech, "option") == to_clip(speech, "option")
    assert np.array_equal(speech.samples, before)


def test_silence_is_silent() -> None:
    sound = heard(Speech(sentence(), 22050), "option")
    assert np.abs(sound[: RATE // 10]).max() == 0
    assert np.abs(sound[-RATE // 2 :]).max() == 0


def test_nothing_of_the_speech_is_cut_off() -> None:
    """A faint end, 30 dB below the rest, is still there."""
    faint = np.concatenate([talk(8000, 1.0) * np.float32(0.1), talk(8000, 0.3) * np.float32(0.1 * 10**-1.5)])
    sound = np.concatenate([silence(8000, 0.5), faint, silence(8000, 0.5)])
    first, last = speech_span(sound, -20.0)
    assert first == pytest.approx(4000, abs=160)
    assert last == pytest.approx(4000 + 10400, abs=320)


def test_no_aliases_from_above_the_telephones_band() -> None:
    time = np.arange(24000) / 24000
    assert (
        peak_dbfs(narrowed(Speech((0.5 * np.sin(2 * np.pi * 6000 * time)).astype(np.float32), 24000))[200:-200]) < -80
    )


def test_the_limiter_leaves_no_flat_tops() -> None:
    measured = measure(for_telephone(Speech((sentence() ** 3).astype(np.float32), 22050), "sentence"))
    assert not measured.clipped
    assert measured.peak_dbfs == pytest.approx(-6.5, abs=0.1)


@pytest.mark.parametrize(
    "sound",
    [np.zeros(0, np.float32), silence(8000, 1.0), hiss(8000, 1.0, -85.0), np.full(8000, 0.3, np.float32)],
    ids=["empty", "zeros", "rounding", "constant"],
)
def test_no_speech_is_a_fault_of_the_engine(sound: Samples) -> None:
    with pytest.raises(EngineFault, match="no speech"):
        to_clip(Speech(sound, 8000), "sentence")


def test_cracks_that_the_limiter_leaves_nothing_of_are_no_speech() -> None:
    sound = silence(22050, 3.0)
    sound[22050:44100:700] = 0.9
    with pytest.raises(EngineFault, match="no speech"):
        to_clip(Speech(sound, 22050), "sentence")


def test_damaged_sound_is_a_fault_of_the_engine() -> None:
    with pytest.raises(EngineFault, match="damaged"):
        to_clip(Speech(np.array([0.0, math.inf, 0.5] * 4000, np.float32), 16000), "sentence")


def padded(sound: Samples, start: float, end: float) -> Samples:
    """Add silence in s; cut where it is negative."""
    sound = sound[round(-start * RATE) :] if start < 0 else np.concatenate([silence(RATE, start), sound])
    return sound[: round(end * RATE)] if end < 0 else np.concatenate([sound, silence(RATE, end)])


DOCTORED: dict[str, tuple[Callable[[Samples], Samples], str]] = {
    "too quiet": (lambda s: s * np.float32(0.7), "dBov; -26 to -22 is allowed"),
    "too loud": (lambda s: s * np.float32(1.4), "dBov; -26 to -22 is allowed"),
    "a peak": (lambda s: np.where(np.arange(s.size) == 8000, 0.53, s).astype(np.float32), "the peak is at -5"),
    "clipped": (lambda s: np.clip(s * 8, -1, 1), "clipped"),
    "late": (lambda s: padded(s, 0.1, 0), "silence at the start lasts"),
    "early": (lambda s: padded(s, -0.1, 0), "silence at the start lasts"),
    "long end": (lambda s: padded(s, 0, 0.25), "silence at the end lasts"),
    "short end": (lambda s: padded(s, 0, -0.2), "silence at the end lasts"),
    "silent": (np.zeros_like, "no speech"),
    "empty": (lambda s: s[:0], "no speech"),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", DOCTORED)
def test_a_clip_that_breaks_a_limit_is_caught(name: str, ending: Ending) -> None:
    doctor, words = DOCTORED[name]
    sound = doctor(for_telephone(Speech(sentence(), 22050), ending))
    found = faults(measure(played(sound)), ending)
    assert any(words in fault for fault in found), found


def test_the_end_of_an_option_does_not_do_for_a_sentence() -> None:
    for made, used in (("option", "sentence"), ("sentence", "option"), ("digit", "option"), ("option", "digit")):
        measured = measure(heard(Speech(sentence(), 22050), made))  # type: ignore[arg-type]
        assert [fault[:18] for fault in faults(measured, used)] == ["silence at the end"]  # type: ignore[arg-type]


# --- ITU-T G.711


def codes(samples: Samples) -> bytes:
    """The mu-law bytes of a file."""
    data = to_wav(samples)
    start = data.index(b"data") + 8
    return data[start : start + len(samples)]


def played(samples: Samples) -> Samples:
    """Samples as they are after being written and read."""
    sound, _ = soundfile.read(BytesIO(to_wav(samples)), dtype="float32")
    return np.asarray(sound, np.float32)


def test_known_values_of_mu_law() -> None:
    """ITU-T G.711, table 2: values on a scale of 8192, and the codes sent for them."""
    known = {0: 0xFF, 2: 0xFE, 30: 0xF0, 33: 0xEF, 93: 0xE0, 99: 0xDF, 219: 0xD0, 231: 0xCF, 1983: 0xA0, 8031: 0x80}
    known |= {-2: 0x7E, -33: 0x6F, -99: 0x5F, -8031: 0x00}
    values = (np.array(list(known)) / 8192).astype(np.float32)
    assert list(codes(values)) == list(known.values())
    assert played(values) == pytest.approx(values)


def test_the_error_is_at_most_half_a_step() -> None:
    """ITU-T G.711, table 2: steps are 2, 4, 8 ... 256 on a scale of 8192, each twice the one below it."""
    exact = np.arange(-8158, 8159) / 8192
    magnitude = np.abs(exact) * 8192
    step = 2.0 ** np.maximum(1, np.floor(np.log2(magnitude + 33)) - 4)
    error = np.abs(played(exact.astype(np.float32)) * 8192 - exact * 8192)
    assert (error <= step / 2).all()


def test_beyond_full_scale_is_the_largest_value() -> None:
    assert played(np.array([1.0, 5.0, -1.0, -5.0], np.float32)) * 8192 == pytest.approx([8031, 8031, -8031, -8031])


def test_mu_law_is_38_db_above_its_noise() -> None:
    """ITU-T G.712 asks for 33 dB from a whole channel at such levels."""
    tone = (0.1 * np.sin(2 * np.pi * 1020 / 8000 * np.arange(8000))).astype(np.float32)
    noise = played(tone) - tone
    assert 10 * math.log10(float(np.mean(tone**2) / np.mean(noise**2))) > 37


# --- the file


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.wav"
    write_atomically(path, to_clip(Speech(sentence(), 22050), "sentence"))
    return path


def test_the_file_is_mu_law_in_wav(clip: Path) -> None:
    info = soundfile.info(clip)
    assert (info.format, info.subtype, info.samplerate, info.channels) == ("WAV", "ULAW", 8000, 1)
    assert clip.read_bytes()[20:22] == b"\x07\x00"
    assert info.duration == seconds_of(clip)


@pytest.mark.parametrize("length", [1, 2, 8000, 8001])
def test_what_is_written_is_read(tmp_path: Path, length: int) -> None:
    sound = np.linspace(-0.5, 0.5, length).astype(np.float32)
    path = tmp_path / "clip.wav"
    write_atomically(path, to_wav(sound))
    assert np.array_equal(read_clip(path), played(sound))
    assert seconds_of(path) == length / 8000
    assert soundfile.info(path).frames == length


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "header cut": lambda data: data[:40],
    "cut": lambda data: data[:-1000],
    "too long": lambda data: data + b"more",
    "not WAV": lambda data: b"<html>" + data,
    "A-law": lambda data: data[:20] + b"\x06" + data[21:],
    "16000": lambda data: data[:24] + struct.pack("<I", 16000) + data[28:],
    "stereo": lambda data: data[:22] + b"\x02" + data[23:],
    "lying": lambda data: data[:54] + struct.pack("<I", 99) + data[58:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_clip_is_refused_and_has_no_seconds(clip: Path, name: str) -> None:
    clip.write_bytes(BROKEN[name](clip.read_bytes()))
    assert seconds_of(clip) is None
    with pytest.raises(BadClip, match="make it again") as refused:
        read_clip(clip)
    assert str(clip) in str(refused.value)


def test_a_file_replaces_the_old_one_and_leaves_nothing_else(clip: Path) -> None:
    write_atomically(clip, b"new")
    assert clip.read_bytes() == b"new"
    assert list(clip.parent.iterdir()) == [clip]


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match=r"No such file.*the folder .*nowhere exists"):
        write_atomically(tmp_path / "nowhere" / "clip.wav", b"data")


def test_a_folder_that_may_not_be_written_to_leaves_the_old_file(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    before = clip.read_bytes()
    with pytest.raises(NotWritten, match=r"Permission denied.*may be written to"):
        write_atomically(clip, b"new")
    assert clip.read_bytes() == before
    assert list(clip.parent.iterdir()) == [clip]


def test_a_disk_that_fills_while_writing_leaves_nothing_half_written(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.write_bytes

    def fill(path: Path, data: bytes) -> int:
        whole(path, data[:1])
        raise OSError(28, "No space left on device")

    before = clip.read_bytes()
    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(NotWritten, match=r"No space left on device.*disk has room"):
        write_atomically(clip, b"new")
    assert clip.read_bytes() == before
    assert list(clip.parent.iterdir()) == [clip]
