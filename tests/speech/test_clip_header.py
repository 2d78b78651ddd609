"""A clip that promises more sound than it has is silence for the rest of its sentence: its header is not believed."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.clips import wav_seconds, wav_sound

HEAD = 64
"""How many bytes of a clip are looked at."""


def wav(
    sound: bytes,
    promised: int,
    codec: int = 7,
    channels: int = 1,
    rate: int = 8000,
    more: bytes = b"",
    fact: bytes = b"",
) -> bytes:
    """A WAV file, chunk by chunk; `promised` is the length of the sound by its header."""
    form = struct.pack("<HHIIHH", codec, channels, rate, rate * channels, channels, 8) + more
    chunks = (
        (b"fmt ", len(form), form),
        (b"fact", len(fact), fact),
        (b"data", promised, sound + b"\0" * (promised % 2)),
    )
    body = b"".join(name + struct.pack("<I", length) + data for name, length, data in chunks if data or name == b"data")
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def seconds(file: bytes) -> float | None:
    return wav_seconds(file[:HEAD], len(file))


mores = st.sampled_from((b"", b"\0\0"))
facts = st.sampled_from((b"", struct.pack("<I", 1)))


@given(length=st.integers(1, 20_000), more=mores, fact=facts)
def test_a_whole_clip_is_as_long_as_it_says(length: int, more: bytes, fact: bytes) -> None:
    assert seconds(wav(b"\xff" * length, length, more=more, fact=fact)) == length / 8000


@given(sound=st.binary(min_size=1, max_size=300), more=mores, fact=facts)
def test_its_sound_is_all_of_it_and_nothing_else(sound: bytes, more: bytes, fact: bytes) -> None:
    file = wav(sound, len(sound), more=more, fact=fact)
    assert wav_sound(file) == sound
    assert wav_sound(file[:-1]) == b""


@given(length=st.integers(0, 20_000), promised=st.integers(0, 20_000) | st.just(2**32 - 1), more=mores, fact=facts)
def test_a_clip_whose_header_promises_another_length_is_none(
    length: int, promised: int, more: bytes, fact: bytes
) -> None:
    if length != promised:
        assert seconds(wav(b"\xff" * length, promised, more=more, fact=fact)) is None


@given(length=st.integers(1, 300), cut=st.integers(1, 400))
def test_a_clip_that_was_not_written_to_its_end_is_none(length: int, cut: int) -> None:
    assert seconds(wav(b"\xff" * length, length)[:-cut]) is None


def test_a_clip_without_sound_is_none() -> None:
    assert seconds(wav(b"", 0)) is None


@pytest.mark.parametrize("other", [{"codec": 6}, {"codec": 1}, {"channels": 2}, {"rate": 16000}, {"rate": 8001}])
def test_sound_in_another_form_is_none(other: dict[str, int]) -> None:
    assert seconds(wav(b"\xff" * 8000, 8000)) == 1
    assert seconds(wav(b"\xff" * 8000, 8000, **other)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [0, 3, 8, 11, 12, 15])
def test_what_does_not_begin_as_wav_is_none(place: int) -> None:
    file = bytearray(wav(b"\xff" * 8000, 8000))
    file[place] ^= 1
    assert seconds(bytes(file)) is None


def test_a_clip_whose_sound_begins_too_late_to_see_is_none() -> None:
    """What is looked at ends before the length of its sound, at each place where it can end."""
    file = wav(b"\xff" * 8000, 8000, more=b"\0\0", fact=b"1234")
    at = file.index(b"data")
    assert wav_seconds(file[: at + 8], len(file)) == 1
    for end in range(at + 8):
        assert wav_seconds(file[:end], len(file)) is None


@given(st.binary(max_size=HEAD), st.integers(0, 20_000))
def test_any_bytes_are_read(head: bytes, size: int) -> None:
    assert wav_seconds(head, size) is None


def test_the_word_data_within_the_format_is_not_the_sound() -> None:
    assert seconds(wav(b"\xff" * 8000, 8000, more=b"data")) == 1
