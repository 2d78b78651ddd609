"""What phones and their apps save: read by PyAV in a process of its own, and judged like every recording."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.files import write_atomically
from ivr.speech import decode, recording
from ivr.speech.level import Samples
from ivr.speech.limits import faults
from ivr.speech.mulaw import read_clip
from ivr.speech.recording import Refused, convert, judge, read_recording
from ivr.speech.telephone import measure
from tests.speech.sounds import hiss, sentence, silence


def recorded(rate: int) -> Samples:
    return sentence(rate) + hiss(rate, 3.0, -60.0)


def write(
    path: Path, codec: str, rate: int, container: str, sounds: list[Samples], *, stereo: bool = False, **options: str
) -> Path:
    """A file with a track for each sound."""
    layout = "stereo" if stereo else "mono"
    with av.open(str(path), "w", format=container, options=options) as media:
        tracks = [media.add_stream(codec, rate=rate, layout=layout) for _ in sounds]
        for track, sound in zip(tracks, sounds, strict=True):
            assert isinstance(track, av.AudioStream)
            if codec == "wmav2":  # it has no usual one
                track.bit_rate = 64_000
            frame = av.AudioFrame.from_ndarray(np.tile(sound, (1 + stereo, 1)), format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
            resampler = av.AudioResampler(track.format, layout, rate, frame_size=track.frame_size or 1024)
            for ready in (*resampler.resample(frame), *resampler.resample(None)):
                media.mux(track.encode(ready))
            media.mux(track.encode(None))
    return path


FORMATS = {
    "an iPhone's M4A.m4a": ("aac", 48000, "ipod", True),
    "Apple Lossless.m4a": ("alac", 44100, "ipod", False),
    "a Samsung's.m4a": ("aac", 44100, "mp4", True),
    "an old phone's.3gp": ("libopencore_amrnb", 8000, "3gp", False),
    "a dictaphone's.amr": ("libopencore_amrnb", 8000, "amr", False),
    "a browser's.webm": ("libopus", 48000, "webm", False),
    "raw.aac": ("aac", 16000, "adts", False),
    "Windows.wma": ("wmav2", 44100, "asf", False),
    "WhatsApp PTT-20261128-WA0001.opus": ("libopus", 16000, "ogg", False),
    "misnamed.wav": ("aac", 48000, "mp4", False),
}


@pytest.fixture(scope="module")
def m4a(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("m4a") / "a.m4a"
    return write(path, "aac", 48000, "ipod", [recorded(48000)], movflags="faststart").read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_a_clip(tmp_path: Path, name: str) -> None:
    codec, rate, container, stereo = FORMATS[name]
    path = write(tmp_path / name, codec, rate, container, [recorded(rate)], stereo=stereo)
    speech = read_recording(path)
    assert speech.samples.size / speech.rate == pytest.approx(3, abs=0.15)
    assert judge(speech).reasons == ()
    write_atomically(tmp_path / "clip", convert(path, "sentence"))
    assert faults(measure(read_clip(tmp_path / "clip")), "sentence") == []


def with_cover(path: Path) -> None:
    """A picture inside, as apps that manage music put it there."""
    with av.open(str(path), "w", format="mp4") as media:
        track, cover = media.add_stream("aac", rate=48000, layout="mono"), media.add_stream("mjpeg", rate=1)
        cover.width = cover.height = 32
        cover.pix_fmt = "yuvj420p"
        cover.disposition = Disposition.attached_pic
        _sound(media, track)
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        media.mux(cover.encode(picture.reformat(format="yuvj420p")))
        media.mux(cover.encode(None))


def film(path: Path, *, sound: bool = True) -> None:
    """What a phone's camera saves."""
    with av.open(str(path), "w", format="mp4") as media:
        picture = media.add_stream("mpeg4", rate=5)
        picture.width = picture.height = 32
        picture.pix_fmt = "yuv420p"
        track = media.add_stream("aac", rate=48000, layout="mono") if sound else None
        for _ in range(15):
            shot = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            media.mux(picture.encode(shot))
        media.mux(picture.encode(None))
        if track:
            _sound(media, track)


def _sound(media: av.container.OutputContainer, track: av.AudioStream) -> None:
    frame = av.AudioFrame.from_ndarray(recorded(48000)[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48000, 0, Fraction(1, 48000)
    resampler = av.AudioResampler(track.format, "mono", 48000, frame_size=track.frame_size)
    for ready in (*resampler.resample(frame), *resampler.resample(None)):
        media.mux(track.encode(ready))
    media.mux(track.encode(None))


@pytest.mark.parametrize("make", [with_cover, film])
def test_pictures_beside_the_sound_do_no_harm(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a.m4a")
    with av.open(str(tmp_path / "a.m4a")) as media:
        assert len(media.streams.video) == 1
    assert judge(read_recording(tmp_path / "a.m4a")).reasons == ()


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read_recording(path)
    return str(refused.value)


class TestRefused:
    def test_a_film_without_sound(self, tmp_path: Path) -> None:
        film(tmp_path / "a.mp4", sound=False)
        assert "a picture but no sound. Record the sentence again with the phone's voice recorder." in refusal(
            tmp_path / "a.mp4"
        )

    def test_several_tracks_of_sound(self, tmp_path: Path) -> None:
        write(tmp_path / "a.m4a", "aac", 48000, "mp4", [recorded(48000)] * 2)
        assert "This file holds 2 sounds side by side. Record the sentence again" in refusal(tmp_path / "a.m4a")

    def test_one_that_is_protected(self, tmp_path: Path, m4a: bytes) -> None:
        """As shops protect music: another kind of sample entry (ISO/IEC 14496-12)."""
        assert m4a.count(b"mp4a") == 1
        (tmp_path / "a.m4a").write_bytes(m4a.replace(b"mp4a", b"drms"))
        assert "protected, or of a kind that cannot be read here" in refusal(tmp_path / "a.m4a")

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95, 0.999])
    def test_one_that_is_cut_off(self, tmp_path: Path, m4a: bytes, share: float) -> None:
        (tmp_path / "a.m4a").write_bytes(m4a[: round(len(m4a) * share)])
        assert "cut off" in refusal(tmp_path / "a.m4a")

    def test_one_whose_index_promises_more_than_there_is(self, tmp_path: Path, m4a: bytes) -> None:
        """As one that was put together from parts: its boxes are whole, and a second of its sound is not there."""
        at = m4a.index(b"mdat")
        short = m4a[: at - 4] + (len(m4a) - at - 16_000 + 4).to_bytes(4, "big") + m4a[at:-16_000]
        (tmp_path / "a.m4a").write_bytes(short)
        assert "cut off" in refusal(tmp_path / "a.m4a")

    def test_one_whose_recorder_was_stopped(self, tmp_path: Path) -> None:
        """Its index is written last."""
        data = write(tmp_path / "a.m4a", "aac", 48000, "ipod", [recorded(48000)]).read_bytes()
        (tmp_path / "a.m4a").write_bytes(data[: data.index(b"moov") - 4])
        assert "It is damaged or cut off. Copy it from the phone again." in refusal(tmp_path / "a.m4a")

    def test_one_that_is_too_long(self, tmp_path: Path) -> None:
        write(tmp_path / "a.m4a", "aac", 16000, "ipod", [np.tile(recorded(16000), 21)])
        assert "longer than 60 seconds (63)" in refusal(tmp_path / "a.m4a")

    def test_one_in_which_nothing_was_recorded(self, tmp_path: Path) -> None:
        write(tmp_path / "a.amr", "libopencore_amrnb", 8000, "amr", [recorded(8000)])
        (tmp_path / "a.amr").write_bytes((tmp_path / "a.amr").read_bytes()[:6])
        assert "There is no sound in it" in refusal(tmp_path / "a.amr")

    def test_one_that_is_silent(self, tmp_path: Path) -> None:
        write(tmp_path / "a.m4a", "aac", 16000, "ipod", [silence(16000, 3.0)])
        with pytest.raises(Refused, match="There is no speech in it"):
            convert(tmp_path / "a.m4a", "sentence")

    def test_without_the_decoder_its_name_and_another_way_are_told(
        self, tmp_path: Path, m4a: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "av", None)
        (tmp_path / "a.m4a").write_bytes(m4a)
        why = refusal(tmp_path / "a.m4a")
        assert f"{sys.executable} -m pip install 'kemi-guidance-line[recordings]'" in why
        assert "cannot read M4A, MP4 or 3GP yet; your file is probably good" in why
        assert "Or save it as WAV or MP3." in why

    def test_a_decoder_that_does_not_end_is_ended(
        self, tmp_path: Path, m4a: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recording, "DECODING_S", 0.001)
        (tmp_path / "a.m4a").write_bytes(m4a)
        assert "It is damaged. Copy it from the phone again." in refusal(tmp_path / "a.m4a")

    def test_a_decoder_that_crashes_is_told(self, tmp_path: Path, m4a: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "executable", "/bin/false")
        (tmp_path / "a.m4a").write_bytes(m4a)
        assert "It is damaged. Copy it from the phone again." in refusal(tmp_path / "a.m4a")

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.wav")
        assert "It is not a file" in refusal(tmp_path / "a.wav")

    def test_a_huge_file_is_not_read(self, tmp_path: Path) -> None:
        with (tmp_path / "a.wav").open("wb") as file:
            file.truncate(recording.MOST_BYTES + 1)
        assert "far more than one sentence" in refusal(tmp_path / "a.wav")


def test_the_decoder_may_not_use_much_time_or_memory(tmp_path: Path, m4a: bytes) -> None:
    """It sets its own limits before it reads; they are still there when it has read."""
    (tmp_path / "a.m4a").write_bytes(m4a)
    program = """
import resource, sys
from ivr.speech import decode
decode.main()
print(resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_AS), file=sys.stderr)
"""
    with (tmp_path / "a.m4a").open("rb") as file:
        command = (sys.executable, "-c", program, "mov", "60")
        done = subprocess.run(command, stdin=file, capture_output=True, check=True)
    limits = f"{(decode.CPU_S, decode.CPU_S)} {(decode.MEMORY, decode.MEMORY)}"
    assert done.stderr.decode().strip() == limits
    assert done.stdout.startswith(b'{"rate": 48000, "promised": 3.0')


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(m4a: bytes, data: st.DataObject) -> None:
    """In this process, where a fault would be seen; 60 files take a second."""
    damaged = bytearray(m4a)
    for _ in range(data.draw(st.integers(1, 20))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(decode.NotDecoded):
        rate, _, samples = decode.decode(BytesIO(bytes(damaged)), "mov", 60)
        assert samples.dtype == np.float32
        assert samples.size <= 61 * max(rate, 1)
