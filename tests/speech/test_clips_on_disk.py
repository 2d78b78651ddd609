"""How a clip ends, what an engine is asked for, under which name its clip lies, and which recording is whose."""

from __future__ import annotations

import hashlib
import tracemalloc
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, Utterance
from ivr.speech.clips import Recordings, Rendered, clip_name, ending_of, request_of
from ivr.speech.engines import VOICE_SOURCES
from ivr.speech.port import SynthesisRequest
from ivr.speech.voices import Audio, VoiceSelector
from ivr.speech.web import PlainClips
from tests.conftest import TODAY
from tests.speech.test_voices import A_SECOND, audio, first, make, record, script
from tests.telephony.conftest import Line

__all__ = ["audio"]


class TestEndings:
    def test_each_sentence_has_the_silence_that_it_needs(self, content: Content) -> None:
        said = [one for one in closed_set(content, TODAY) if one.language == "en"]
        endings = {one: ending_of(content, one) for one in said}
        assert {endings[one] for one in said if one.prompt.startswith("digit.") and one.ends_group} == {"group"}
        assert {endings[one] for one in said if one.prompt.startswith("digit.") and not one.ends_group} == {"digit"}
        options = {one.prompt for one, ending in endings.items() if ending == "option"}
        assert options == content.option_prompts & {one.prompt for one in said}
        assert options
        assert {endings[one] for one in said if not one.prompt.startswith("digit.") and one.prompt not in options} == {
            "sentence"
        }


class TestRequests:
    def test_a_language_without_a_voice_of_an_engine_is_asked_for_nothing(self, content: Content) -> None:
        for code, language in content.languages.languages.items():
            said = script(content, code)[0]
            for engine in VOICE_SOURCES:
                assert (request_of(content, said, engine) is None) is (engine not in language.voices)

    @pytest.mark.parametrize("slow", [False, True])
    def test_the_pace_is_that_of_the_voice_and_four_fifths_of_it_if_slow(self, content: Content, slow: bool) -> None:
        for code, language in content.languages.languages.items():
            request = request_of(content, replace(first(content, "nobody_free.sorry", code), slow=slow), "offline")
            if voice := language.voices.get("offline"):
                assert request
                assert request.pace == pytest.approx(voice.pace * (0.8 if slow else 1), abs=0.0005)
                assert (request.voice, request.language) == (voice.voice, language.locale)

    def test_only_an_engine_that_reads_vowel_marks_is_given_them(self, content: Content) -> None:
        said = replace(first(content, "nobody_free.sorry", "ar"), text="plain", spoken="with marks")
        for engine, source in VOICE_SOURCES.items():
            if request := request_of(content, said, engine):
                assert request.text == ("with marks" if source.reads_marks else "plain")
            if request := request_of(content, replace(said, spoken=""), engine):
                assert request.text == "plain"


REQUEST = SynthesisRequest("nobody_free.sorry", "fi-FI", "Hei.", "Polly", 1.0)


class TestNames:
    def test_a_name_is_32_hexadecimal_digits(self) -> None:
        name = clip_name(REQUEST, "sentence", "google")
        assert len(name) == 32
        assert set(name) <= set("0123456789abcdef")
        assert name == clip_name(REQUEST, "sentence", "google")

    @pytest.mark.parametrize("other", [{"text": "Hoi."}, {"voice": "Other"}, {"pace": 0.8}])
    def test_it_changes_with_what_is_heard(self, other: dict[str, Any]) -> None:
        assert clip_name(replace(REQUEST, **other), "sentence", "google") != clip_name(REQUEST, "sentence", "google")

    def test_it_changes_with_the_ending_and_the_engine(self) -> None:
        names = {clip_name(REQUEST, ending, "google") for ending in ("sentence", "option", "digit", "group")}
        assert len(names | {clip_name(REQUEST, "sentence", "offline")}) == 5


class TestRendered:
    def test_only_a_whole_clip_is_one(self, content: Content, audio: Audio) -> None:
        said, other = script(content, "fi")[:2]
        path, cut = make(content, audio, said, "google"), make(content, audio, other, "google")
        cut.write_bytes(A_SECOND[:-1])
        rendered = Rendered(content, audio.rendered)
        assert rendered.clip(said, "google") == Clip(path.stem, 1.0)
        assert rendered.clip(other, "google") is None
        assert rendered.name(other, "google") == cut.stem
        assert rendered.paths == {path.stem: path}

    def test_without_a_folder_there_is_none(self, content: Content, audio: Audio) -> None:
        rendered = Rendered(content, audio.rendered / "nowhere")
        assert rendered.paths == {}
        assert rendered.clip(script(content, "fi")[0], "google") is None


class TestRecordings:
    def test_it_is_served_under_the_hash_of_its_sound(self, content: Content, audio: Audio) -> None:
        said = first(content, "nobody_free.sorry")
        record(audio, said)
        path = audio.recorded / "fi" / "nobody_free.sorry.wav"
        recordings = Recordings(content, audio.recorded)
        clip = recordings.clip(said)
        assert clip == Clip(hashlib.sha256(path.read_bytes()).hexdigest()[:32], 0.5)
        file = recordings.file(clip.name)
        assert file
        assert file.path == path

    def test_what_is_there_and_what_is_stale(self, content: Content, audio: Audio) -> None:
        new, old = first(content, "nobody_free.sorry"), first(content, "main.hours")
        record(audio, new)
        record(audio, old, "Something else.")
        recordings = Recordings(content, audio.recorded)
        missing = first(content, "safety.danger")

        def told(said: Utterance) -> tuple[bool, bool]:
            return recordings.is_there(said), recordings.is_stale(said)

        assert (told(new), told(old), told(missing)) == ((True, False), (True, True), (False, False))

    def test_only_what_its_list_names_is_a_recording(self, content: Content, audio: Audio) -> None:
        said, stray = first(content, "nobody_free.sorry"), first(content, "main.hours")
        record(audio, said)
        (audio.recorded / "fi" / f"{stray.id}.wav").write_bytes(A_SECOND)
        assert Recordings(content, audio.recorded).clip(stray) is None


def test_after_a_clip_is_lost_no_answer_names_it(content: Content, audio: Audio) -> None:
    """Answers are kept: those that name the clip are made anew."""
    for code in ("fi", "sv", "en"):
        for said in script(content, code):
            make(content, audio, said, "google")
    line = Line(replace(content, offered=frozenset({"fi", "sv", "en"})), audio=audio)
    played = [play.text or "" for play in line.twiml("/voice").iter("Play")]
    lost = next(name for name in played if name.endswith(".wav")).rpartition("/")[2]
    (audio.rendered / lost).unlink()
    assert line.client.get(f"/audio/{lost}").status_code == 404
    again = line.twiml("/voice")
    assert not any((play.text or "").endswith(lost) for play in again.iter("Play"))
    assert [*again.iter("Play"), *again.iter("Say")]


def test_a_server_that_can_send_a_file_by_itself_is_handed_it(content: Content, audio: Audio) -> None:
    for said in script(content, "fi"):
        make(content, audio, said, "google")
    selector = VoiceSelector(content, audio, TODAY)
    (sound,) = selector(first(content, "nobody_free.sorry"))
    assert isinstance(sound, Clip)
    handed: list[BinaryIO] = []

    def wrapper(file: BinaryIO) -> list[bytes]:
        handed.append(file)
        return [b"sent by the server"]

    environ = EnvironBuilder(path=f"/audio/{sound.name}.wav").get_environ() | {"wsgi.file_wrapper": wrapper}
    answer, status, _ = run_wsgi_app(PlainClips(NotFound(), lambda: selector), environ)
    assert (list(answer), status) == ([b"sent by the server"], "200 OK")
    (file,) = handed
    assert file.read() == A_SECOND
    file.close()


def test_a_clip_is_lost_beside_one_that_was_never_whole(content: Content, audio: Audio) -> None:
    said = first(content, "nobody_free.sorry")
    make(content, audio, said, "offline")
    (audio.rendered / f"{'0' * 32}.wav").write_bytes(b"no clip")
    rendered = Rendered(content, audio.rendered)
    clip = rendered.clip(said, "offline")
    assert clip
    rendered.lose(clip.name)
    assert rendered.clip(said, "offline") is None
    assert rendered.look()
    assert rendered.clip(said, "offline") == clip


def test_clips_that_go_and_come_back_again_and_again_take_no_more_memory(content: Content, audio: Audio) -> None:
    """As at each fault of a disk; a file that was moved is another to whoever looks at its stamp."""
    for said in script(content, "fi")[:20]:
        make(content, audio, said, "offline")
    rendered, away = Rendered(content, audio.rendered), audio.rendered.with_name("away")

    assert rendered.are_there

    def go_and_come_back() -> None:
        audio.rendered.rename(away)
        assert rendered.look()
        audio.rendered.mkdir()
        for path in away.iterdir():
            path.rename(audio.rendered / path.name)
        away.rmdir()
        assert rendered.look()

    tracemalloc.start()
    try:
        go_and_come_back()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(20):
            go_and_come_back()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after < before * 1.5
