"""Recordings by people: every format is read, and what cannot be used is refused with the reason and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]

from ivr.core.content import Content
from ivr.core.script import to_record
from ivr.files import write_atomically
from ivr.speech.clips import Rendered
from ivr.speech.estimate import pace_of
from ivr.speech.level import Samples
from ivr.speech.limits import faults
from ivr.speech.mulaw import read_clip
from ivr.speech.port import Speech
from ivr.speech.recording import Pace, ReasonCode, Refused, convert, judge, read_recording
from ivr.speech.telephone import LEAD_MS, TAIL_MS, measure
from tests.conftest import TODAY
from tests.speech.sounds import hiss, sentence, silence

ROOM_DBOV = -60.0


def recorded(rate: int = 48000, dbov: float = -20.0, noise: float = ROOM_DBOV) -> Samples:
    """A sentence in a quiet room."""
    return sentence(rate, dbov=dbov) + hiss(rate, 3.0, noise)


FORMATS = {
    "a.wav": ("WAV", "PCM_16", 44100),
    "b.wav": ("WAV", "PCM_24", 48000),
    "c.wav": ("WAV", "FLOAT", 48000),
    "d.wav": ("WAV", "ULAW", 8000),
    "e.flac": ("FLAC", "PCM_16", 48000),
    "f.mp3": ("MP3", "MPEG_LAYER_III", 44100),
    "g.ogg": ("OGG", "VORBIS", 44100),
    "h.opus": ("OGG", "OPUS", 48000),
    "i.aiff": ("AIFF", "PCM_16", 44100),
    "name without an ending": ("WAV", "PCM_16", 16000),
    "misnamed.raw": ("WAV", "PCM_16", 16000),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_becomes_a_clip(tmp_path: Path, name: str, channels: int) -> None:
    kind, subtype, rate = FORMATS[name]
    path = tmp_path / name
    soundfile.write(path, np.stack([recorded(rate)] * channels, axis=1), rate, format=kind, subtype=subtype)
    speech = read_recording(path)
    assert speech.rate == rate
    assert speech.samples.size == pytest.approx(3 * rate, rel=0.03)
    assert judge(speech).reasons == ()
    write_atomically(tmp_path / "clip", convert(path, "option"))
    measured = measure(read_clip(tmp_path / "clip"))
    assert faults(measured, "option") == []
    assert measured.seconds == pytest.approx(2 + (LEAD_MS + TAIL_MS["option"]) / 1000, abs=0.1)


def test_what_is_measured(tmp_path: Path) -> None:
    found = judge(Speech(recorded(48000, dbov=-24.0, noise=-58.0), 48000))
    assert found.seconds == 3
    assert found.active_dbov == pytest.approx(-24.5, abs=0.5)
    assert (found.flat_tops, found.reasons) == (0, ())


def test_one_silent_channel_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "left.wav"
    soundfile.write(path, np.stack([recorded(), silence(48000, 3.0)], axis=1), 48000)
    assert faults(measure(read_back(path)), "sentence") == []


def read_back(path: Path) -> Samples:
    """The clip made from a recording."""
    write_atomically(path.with_suffix(".clip"), convert(path, "sentence"))
    return read_clip(path.with_suffix(".clip"))


def wav(sound: Samples, rate: int = 48000) -> Callable[[Path], None]:
    """Writes a WAV file."""
    return lambda path: soundfile.write(path, sound, rate, format="WAV", subtype="PCM_16")


def cut(kind: str) -> Callable[[Path], None]:
    """Writes two thirds of a file."""

    def write(path: Path) -> None:
        soundfile.write(path, recorded(), 48000, format=kind)
        data = path.read_bytes()
        path.write_bytes(data[: len(data) * 2 // 3])

    return write


def clicked() -> Samples:
    """Nothing but a click in a silent room."""
    sound = hiss(48000, 2.0, -90.0)
    sound[48000:48200] = 0.5
    return sound


def cracks(apart: int) -> Samples:
    """Loud single samples."""
    sound = silence(48000, 3.0)
    sound[48000:96000:apart] = 0.9
    return sound


def peaky(power: float) -> Samples:
    """A voice that is nothing but the highest of its peaks."""
    sound = sentence(22050)
    sound /= np.abs(sound).max()
    return np.asarray(soxr.resample(np.sign(sound) * np.abs(sound) ** power, 22050, 48000), np.float32)


REFUSED: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "not sound": (lambda path: path.write_text("Good morning. " * 90), "not a sound", "save it as WAV or MP3"),
    "random bytes": (lambda path: path.write_bytes(np.random.default_rng(1).bytes(5000)), "not a sound", "save it as"),
    "empty": (lambda path: path.write_bytes(b""), "It is empty", "Record it again"),
    "no samples": (wav(silence(48000, 0)), "no sound", "Record it again"),
    "not there": (lambda _: None, "No such file", "Check the name"),
    "a folder": (lambda path: path.mkdir(), "Is a directory", "Check the name"),
    "61 seconds": (wav(np.tile(recorded(8000), 21), 8000), "longer than 60 seconds (63)", "in a file of its own"),
    "slow": (wav(recorded(6000), 6000), "6000 samples a second", "16000 or more"),
    "cut WAV": (cut("WAV"), "cut off", "Copy it from the phone again"),
    "cut AIFF": (cut("AIFF"), "cut off", "Copy it from the phone again"),
    "cut FLAC": (cut("FLAC"), "damaged", "record it again"),
    "cut MP3": (cut("MP3"), "cut off: 1.9 of 3.0 seconds", "Copy it"),
    "not numbers": (
        lambda path: soundfile.write(path, np.full(9000, np.nan), 48000, format="WAV", subtype="FLOAT"),
        "sound is damaged",
        "16 bits",
    ),
    "silence": (wav(silence(48000, 2.0)), "no speech", "microphone"),
    "a click": (wav(clicked()), "only clicks", "whole sentence"),
    "quiet": (wav(recorded(dbov=-54.0, noise=-90.0)), "too quiet (-54 dBov)", "from the microphone"),
    "noisy": (wav(recorded(dbov=-20.0, noise=-28.0)), "The noise is 16 dB below the voice; 20 are", "quieter room"),
    "only noise": (wav(hiss(48000, 3.0, -30.0)), "The noise is 1 dB", "quieter room"),
    "cracks": (wav(cracks(1200)), "only clicks", "whole sentence"),
    "all peaks": (wav(peaky(15.0)), "Made fit for a telephone, active speech is at -26.", "evenly loud"),
    "clipped": (wav(np.clip(recorded(dbov=0.0), -1, 1)), "It is clipped in", "recording level down"),
    "clipped and turned down": (wav(np.clip(recorded(dbov=0.0), -1, 1) * 0.4), "It is clipped in", "level down"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_with_reason_and_remedy(tmp_path: Path, name: str) -> None:
    write, reason, remedy = REFUSED[name]
    path = tmp_path / "recording"
    write(path)
    with pytest.raises(Refused) as refused:
        convert(path, "sentence")
    assert reason in str(refused.value)
    assert remedy in str(refused.value)


def test_no_samples_are_judged_as_no_speech() -> None:
    assert "no speech" in judge(Speech(silence(48000, 0), 48000)).reasons[0].text


def test_every_reason_is_said(tmp_path: Path) -> None:
    path = tmp_path / "bad.wav"
    wav(np.clip(recorded(dbov=0.0, noise=-12.0), -1, 1))(path)
    with pytest.raises(Refused) as refused:
        convert(path, "sentence")
    assert len(refused.value.reasons) == 2


def test_two_hours_are_refused_before_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_args: object, **_named: object) -> None:
        raise AssertionError("decoded")

    path = tmp_path / "session.flac"
    soundfile.write(path, np.zeros(2 * 3600 * 8000, np.int16), 8000)
    monkeypatch.setattr(soundfile.SoundFile, "read", decode)
    with pytest.raises(Refused, match=r"longer than 60 seconds \(7200\)"):
        read_recording(path)


def test_a_flac_without_its_length_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "streamed.flac"
    soundfile.write(path, np.tile(recorded(8000), 21), 8000)
    data = bytearray(path.read_bytes())
    data[21:26] = bytes([data[21] & 0xF0, 0, 0, 0, 0])  # RFC 9639, 8.2: the total of samples, 36 bits; 0 is unknown
    path.write_bytes(data)
    assert soundfile.info(path).frames > 2**62
    with pytest.raises(Refused, match="longer than 60 seconds"):
        read_recording(path)


def sizes(riff: int | None, data: int | None) -> Callable[[bytes], bytes]:
    """Puts other sizes into the header of a WAV file."""

    def change(wav: bytes) -> bytes:
        changed, at = bytearray(wav), wav.index(b"data") + 4
        for place, size in ((4, riff), (at, data)):
            if size is not None:
                changed[place : place + 4] = size.to_bytes(4, "little")
        return bytes(changed)

    return change


def chunk(name: bytes, data: bytes) -> bytes:
    return name + len(data).to_bytes(4, "little") + data


LIST = chunk(b"LIST", b"INFOISFT\x08\x00\x00\x00recorder")
STOPPED: dict[str, Callable[[bytes], bytes]] = {
    "no size of the sound": sizes(None, 0),
    "no size at all": sizes(0, 0),
    "the largest sizes": sizes(0xFFFFFFFF, 0xFFFFFFFF),
    "the largest size of the sound": sizes(None, 0xFFFFFFFF),
    "no size of the file, and one of the sound from its start": sizes(0, 2**30),
    "cut in the middle of a sample": lambda wav: sizes(0, 0)(wav)[:-3],
    "a chunk before the sound": lambda wav: sizes(0, 0)(wav[:36] + LIST + wav[36:]),
}
WHOLE: dict[str, tuple[str, str, Callable[[bytes], bytes]]] = {
    "a chunk after the sound": ("WAV", "PCM_16", lambda wav: sizes(len(wav) - 8 + len(LIST), None)(wav + LIST)),
    "extensible": ("WAVEX", "PCM_24", bytes),
    "extensible floats": ("WAVEX", "FLOAT", bytes),
    "RF64": ("RF64", "PCM_16", bytes),
    "Wave64": ("W64", "PCM_16", bytes),
    "24 bits": ("WAV", "PCM_24", bytes),
    "32 bits": ("WAV", "PCM_32", bytes),
    "8 bits": ("WAV", "PCM_U8", bytes),
    "floats": ("WAV", "FLOAT", bytes),
    "doubles": ("WAV", "DOUBLE", bytes),
    "mu-law": ("WAV", "ULAW", bytes),
    "A-law": ("WAV", "ALAW", bytes),
    "IMA ADPCM": ("WAV", "IMA_ADPCM", bytes),
    **{f"stopped: {how}": ("WAV", "PCM_16", change) for how, change in STOPPED.items()},
    "stopped: extensible": ("WAVEX", "PCM_24", sizes(0, 0)),
    "stopped: mu-law": ("WAV", "ULAW", sizes(0, 0)),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_wav_file_is_read_to_its_end_whatever_its_header_says(tmp_path: Path, name: str) -> None:
    """Fault E5: a recorder that is stopped leaves sizes unwritten."""
    kind, subtype, change = WHOLE[name]
    path = tmp_path / "a.wav"
    soundfile.write(path, recorded(16000), 16000, format=kind, subtype=subtype)
    plain = read_recording(path)
    path.write_bytes(change(path.read_bytes()))
    speech = read_recording(path)
    assert speech.rate == 16000
    assert speech.samples.size == pytest.approx(3 * 16000, rel=0.03)
    assert np.array_equal(speech.samples[:47000], plain.samples[:47000])
    if subtype != "PCM_U8":  # its own noise is too loud
        assert judge(speech).reasons == ()


@pytest.mark.parametrize("kind", ["WAV", "RF64", "WAVEX"])
def test_a_wav_file_that_was_cut_off_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, recorded(16000), 16000, format=kind, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[:-20_000])
    with pytest.raises(Refused, match="cut off"):
        read_recording(path)


@pytest.mark.parametrize(
    "header", [b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff", b"RIFF\0\0\0\0WAVEdata"]
)
def test_a_wav_file_of_which_nothing_else_was_written_is_refused(tmp_path: Path, header: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(header)
    with pytest.raises(Refused, match=r"not a sound|no sound"):
        read_recording(tmp_path / "a.wav")


def test_a_header_that_hides_the_length_is_not_believed(tmp_path: Path) -> None:
    """As a program leaves it that streams: both sizes at their largest."""
    path = tmp_path / "streamed.wav"
    wav(np.tile(recorded(8000), 21), 8000)(path)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff" * 4
    path.write_bytes(data)
    with pytest.raises(Refused, match="longer than 60 seconds"):
        read_recording(path)


def codes(sound: Samples, pace: Pace | None = None, rate: int = 16000) -> list[str]:
    return [reason.code for reason in judge(Speech(sound, rate), pace).reasons]


class TestCodes:
    """By its code the listening room finds its own words for a reason."""

    CODES: ClassVar[dict[str, ReasonCode]] = {
        "nothing": "nothing",
        "an empty file": "nothing",
        "a header without sound": "nothing",
        "cracks": "nothing",
        "clipped": "clipped",
    }

    @pytest.mark.parametrize("name", [name for name in CODES if name in REFUSED])
    def test_of_what_cannot_be_used(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / "recording"
        REFUSED[name][0](path)
        with pytest.raises(Refused) as refused:
            convert(path, "sentence")
        assert [reason.code for reason in refused.value.reasons] == [self.CODES[name]]

    def test_of_sounds(self) -> None:
        assert codes(recorded(16000, dbov=-56.0, noise=-90.0)) == ["quiet"]
        assert codes(recorded(16000, noise=-30.0)) == ["noisy"]
        assert codes(silence(16000, 2.0)) == ["nothing"]

    def test_of_a_whole_session(self, tmp_path: Path) -> None:
        path = tmp_path / "a.wav"
        soundfile.write(path, silence(8000, 61.0), 8000)
        with pytest.raises(Refused) as refused:
            convert(path, "sentence")
        assert [reason.code for reason in refused.value.reasons] == ["slow"]

    def test_of_what_is_no_sound(self, tmp_path: Path) -> None:
        path = tmp_path / "a.wav"
        path.write_bytes(b"no sound at all")
        with pytest.raises(Refused) as refused:
            convert(path, "sentence")
        assert [reason.code for reason in refused.value.reasons] == ["damaged"]


class TestTooFast:
    """Rule S2. Two seconds of speech; 14 letters a second are usual."""

    @pytest.mark.parametrize(("letters", "found"), [(28, []), (40, []), (44, ["fast"]), (90, ["fast"])])
    def test_by_the_letters_of_its_text(self, letters: int, found: list[str]) -> None:
        assert codes(recorded(16000), Pace(letters, 14.0)) == found

    def test_says_how_long_it_should_take(self) -> None:
        (reason,) = judge(Speech(recorded(16000), 16000), Pace(60, 14.0)).reasons
        assert reason.text == "It is too fast: it takes 2.0 seconds, and callers need 2.9 at least. Read more slowly."

    def test_a_word_is_never_too_fast(self) -> None:
        short = sentence(16000, seconds=0.3) + hiss(16000, 1.3, -60.0)
        assert codes(short, Pace(len("kolme"), 14.0)) == []
        assert codes(short, Pace(len("Soitamme."), 14.0)) == []

    def test_without_a_text_nothing_is(self) -> None:
        assert codes(recorded(16000)) == []

    @pytest.mark.parametrize("code", ["fi", "en", "ru", "ar", "fa", "sw"])
    def test_a_made_voice_is_not(self, content: Content, made_clips: Path, code: str) -> None:
        """They are as slow as rule S2 asks."""
        rendered = Rendered(content, made_clips)
        for said in to_record(content, TODAY, code):
            clip = rendered.clip(said, "offline")
            if clip:
                found = judge(read_recording(rendered.path(clip.name)), pace_of(content, said)).reasons
                assert [reason.code for reason in found if reason.code in ("fast", "cut")] == [], said


class TestCutOff:
    """It begins or ends in the middle of a word."""

    SAID = sentence(16000, around=0.5) + hiss(16000, 3.0, -60.0)

    def test_where_it_is_loud_up_to_the_edge(self) -> None:
        half, sound = 8000, self.SAID
        assert codes(sound[half + 1600 :]) == ["cut"]
        assert codes(sound[: -half - 1600]) == ["cut"]
        (reason,) = [r for r in judge(Speech(sound[half + 1600 : -half - 1600], 16000)).reasons if r.code == "cut"]
        assert reason.text.startswith("The beginning and the end of the sentence are missing. Wait a moment before")
        (reason,) = judge(Speech(sound[half + 1600 :], 16000)).reasons
        assert reason.text.startswith("The beginning of the sentence is missing. ")

    @pytest.mark.parametrize("left", [0.02, 0.05, 0.2])
    def test_a_little_silence_is_enough(self, left: float) -> None:
        trim = round(16000 * (0.5 - left))
        assert "cut" not in codes(self.SAID[trim:-trim])

    def test_a_click_of_the_button_is_no_word(self) -> None:
        sound = self.SAID.copy()
        sound[:80] = 0.3
        assert "cut" not in codes(sound)

    def test_noise_up_to_the_edge_is_noise(self) -> None:
        assert codes(recorded(16000, noise=-26.0)) == ["noisy"]
