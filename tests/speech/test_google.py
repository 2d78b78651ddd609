"""Google's voice, over the wire: its own client and protocol against a stand-in on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from google.cloud import texttospeech_v1 as tts
from grpc import StatusCode  # type: ignore[import-untyped]

from ivr.speech import network
from ivr.speech.google import Google, cost
from ivr.speech.network import QUOTA_WAITS
from ivr.speech.port import Engine, EngineFault, SynthesisRequest
from tests.limits import PATIENCE, until
from tests.speech.google_stand_in import StandIn, client_of, serving, tone
from tests.speech.slept import Slept, slept

__all__ = ["slept"]

CHIRP = "fi-FI-Chirp3-HD-Kore"
WAVENET = "fi-FI-Wavenet-B"


def request(text: str, voice: str = CHIRP, prompt: str = "menu.ask", language: str = "fi-FI") -> SynthesisRequest:
    return SynthesisRequest(prompt, language, text, voice, 0.9)


@pytest.fixture
def google() -> Iterator[StandIn]:
    with serving(StandIn()) as stand_in:
        yield stand_in


@pytest.fixture
def engine(google: StandIn, slept: Slept) -> Google:
    return Google(
        endpoint=google.target, client_factory=client_of, sleep=slept, per_minute=10**9, parallel=1, timeout=PATIENCE
    )


def refusal(engine: Engine, *requests: SynthesisRequest) -> str:
    with pytest.raises(EngineFault) as fault:
        list(engine.speak(requests))
    return str(fault.value)


def test_a_request_carries_text_voice_language_encoding_rate_and_pace(engine: Google, google: StandIn) -> None:
    [(_, speech)] = engine.speak([request("Hyvää päivää.")])
    [asked] = google.requests
    assert asked.input.text == "Hyvää päivää."
    assert (asked.voice.language_code, asked.voice.name, asked.voice.model_name) == ("fi-FI", CHIRP, "")
    assert asked.audio_config.audio_encoding == tts.AudioEncoding.LINEAR16
    assert asked.audio_config.sample_rate_hertz == 24000
    assert asked.audio_config.speaking_rate == pytest.approx(0.9)
    assert list(asked.audio_config.effects_profile_id) == []
    assert (speech.rate, str(speech.samples.dtype), len(speech.samples)) == (24000, "float32", 13 * 240)
    assert np.all(speech.samples == 0.5)


@pytest.mark.parametrize("voice", [WAVENET, "fi-FI-Standard-B"])
def test_older_voices_are_asked_for_the_sound_of_a_telephone(voice: str, engine: Google, google: StandIn) -> None:
    list(engine.speak([request("Hei.", voice)]))
    assert list(google.requests[0].audio_config.effects_profile_id) == ["telephony-class-application"]


def test_a_gemini_voice_is_asked_by_model_and_name(engine: Google, google: StandIn) -> None:
    list(engine.speak([request("سلام", "gemini-2.5-flash-tts/Kore", language="fa-IR")]))
    asked = google.requests[0].voice
    assert (asked.language_code, asked.name, asked.model_name) == ("fa-IR", "Kore", "gemini-2.5-flash-tts")


@pytest.mark.parametrize(("pace", "asked"), [(0.1, 0.25), (1.25, 1.25), (3.0, 2.0)])
def test_the_pace_stays_within_what_google_takes(pace: float, asked: float, engine: Google, google: StandIn) -> None:
    list(engine.speak([SynthesisRequest("menu.ask", "fi-FI", "Hei.", CHIRP, pace)]))
    assert google.requests[0].audio_config.speaking_rate == asked


def test_an_outage_is_tried_again_with_growing_pauses(engine: Google, google: StandIn, slept: Slept) -> None:
    google.answers = [StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED, StatusCode.UNAVAILABLE]
    assert len(list(engine.speak([request("Hei.")]))) == 1
    assert len(google.requests) == 4
    assert slept == [2.0, 4.0, 8.0]


def test_an_outage_that_lasts_is_a_fault_after_so_many_attempts(engine: Google, google: StandIn) -> None:
    google.answers = [StatusCode.UNAVAILABLE] * 9
    told = refusal(engine, request("Hei."))
    assert told.startswith(f"menu.ask ({CHIRP}, fi-FI): {google.target} says ServiceUnavailable: ")
    assert told.endswith("Is the network up? Run the same command again: what was made is kept")
    assert len(google.requests) == engine.attempts


def test_a_silent_google_is_given_up_at_the_deadline(engine: Google, google: StandIn, slept: Slept) -> None:
    given_up = threading.Event()
    google.answers = [lambda: bytes(given_up.wait(PATIENCE))] * 2
    engine.timeout, engine.attempts = 0.2, 2
    try:
        assert "says DeadlineExceeded" in refusal(engine, request("Hei."))
    finally:
        given_up.set()
    assert slept == [2.0], "it was tried again once"


def test_a_used_up_quota_is_waited_for_and_then_it_goes_on(engine: Google, google: StandIn, slept: Slept) -> None:
    google.answers = [StatusCode.RESOURCE_EXHAUSTED, StatusCode.RESOURCE_EXHAUSTED]
    assert len(list(engine.speak([request("Hei.")]))) == 1
    assert slept == [60, 60]


def test_a_quota_that_does_not_come_back_is_a_fault(engine: Google, google: StandIn) -> None:
    google.answers = [StatusCode.RESOURCE_EXHAUSTED] * 99
    assert "The quota is used up. Run the same command again" in refusal(engine, request("Hei."))
    assert len(google.requests) == QUOTA_WAITS + 1


def test_requests_are_spread_over_the_minute(engine: Google, slept: Slept) -> None:
    engine.per_minute = 60
    list(engine.speak([request(f"Numero {n}.") for n in range(4)]))
    assert slept == pytest.approx([1, 1, 1])


def test_a_refused_text_stops_with_its_id_and_what_google_said(engine: Google, google: StandIn) -> None:
    google.by_text = {"Toinen.": (StatusCode.INVALID_ARGUMENT, "Voice 'fi-FI-Wavenet-A' does not exist.")}
    texts = [request("Yksi."), request("Toinen.", "fi-FI-Wavenet-A", "hours.open"), request("Kolmas.")]
    speaking = engine.speak(texts)
    assert next(speaking)[0] == texts[0]  # what was made before is kept
    with pytest.raises(EngineFault) as fault:
        next(speaking)
    assert str(fault.value) == (
        f"hours.open (fi-FI-Wavenet-A, fi-FI): {google.target} says InvalidArgument: Voice 'fi-FI-Wavenet-A' does "
        "not exist. Mend the text or the voice. See which voices there are: ivr audio status --voices"
    )
    assert [asked.input.text for asked in google.requests] == ["Yksi.", "Toinen."]


def test_a_voice_that_is_not_found_leads_to_the_list_of_voices(engine: Google, google: StandIn) -> None:
    google.answers = [StatusCode.NOT_FOUND]
    assert refusal(engine, request("Hei.")).endswith("See which voices there are: ivr audio status --voices")


@pytest.mark.parametrize(
    "answer",
    [
        StatusCode.PERMISSION_DENIED,
        StatusCode.UNAUTHENTICATED,
        (StatusCode.UNAVAILABLE, "Getting metadata from plugin failed with error: invalid_grant"),
    ],
)
def test_a_refused_key_stops_at_once_and_says_how_to_give_one(
    answer: StatusCode, engine: Google, google: StandIn
) -> None:
    google.answers = [answer]
    assert refusal(engine, request("Hei.")).endswith(
        "Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run: gcloud auth application-default login"
    )
    assert len(google.requests) == 1


def test_without_credentials_the_fault_says_how_to_give_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")  # or it asks the network of Google's machines who it is
    assert "run: gcloud auth application-default login" in refusal(Google(), request("Hei."))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "no.json"))
    assert "no.json was not found" in refusal(Google(), request("Hei."))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "no audio"),
        (b"RIFF", "broken audio"),
        (b"\x01" * 4000, "broken audio"),
        (tone("Hei.")[:-100], "broken audio (1 x 16 bits, 1820 bytes for 960 samples)"),
        (tone(""), "broken audio"),
        (tone("Hei.", channels=2), "broken audio (2 x 16 bits"),
    ],
)
def test_an_answer_without_whole_audio_is_a_fault(answer: bytes, told: str, engine: Google, google: StandIn) -> None:
    google.answers = [answer]
    assert f"menu.ask ({CHIRP}, fi-FI): Google answered with {told}" in refusal(engine, request("Hei."))


def test_a_text_of_more_bytes_than_google_takes_is_refused_before_anything_is_asked(
    engine: Google, google: StandIn
) -> None:
    fits, over = "م" * 2500, "م" * 2500 + "."
    assert len(list(engine.speak([request(fits, language="ar-XA")]))) == 1
    told = refusal(engine, request("Hei."), request(over, prompt="safety.arabic", language="ar-XA"))
    assert told == "safety.arabic: 5001 bytes; Google takes 5000. Make two prompts of it"
    assert len(google.requests) == 1


def test_texts_spoken_in_parallel_come_back_each_with_its_own_speech(engine: Google, google: StandIn) -> None:
    started, tenth = threading.Barrier(4), threading.Event()  # only four at once can pass the barrier
    texts = [request("x" * n, prompt=f"p{n}") for n in range(1, 41)]

    def one_of_four(text: str) -> bytes:
        started.wait(PATIENCE)
        return tone(text)

    def first() -> bytes:
        started.wait(PATIENCE)
        tenth.wait(PATIENCE)  # which is asked for when others have come back
        return tone(texts[0].text)

    def asked_tenth() -> bytes:
        tenth.set()
        return tone(texts[9].text)

    google.by_text = {each.text: partial(one_of_four, each.text) for each in texts[1:4]}
    google.by_text |= {texts[0].text: first, texts[9].text: asked_tenth}
    engine.parallel = 4
    spoken = list(engine.speak(iter(texts)))
    assert sorted(each.prompt for each, _ in spoken) == sorted(each.prompt for each in texts)
    assert all(len(speech.samples) == 240 * len(each.text) for each, speech in spoken)
    assert texts[0] not in [each for each, _ in spoken[:6]]


def test_after_a_fault_what_google_was_already_asked_still_comes(
    engine: Google, google: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, fails = threading.Event(), Future.set_exception

    def noted(future: Future[object], fault: BaseException | None) -> None:
        fails(future, fault)
        if isinstance(fault, EngineFault):
            refused.set()

    def last() -> bytes:
        refused.wait(PATIENCE)
        return tone("Hidas.")

    monkeypatch.setattr(Future, "set_exception", noted)
    google.by_text = {"Rikki.": b"", "Hidas.": last}
    engine.parallel = 2
    speaking = engine.speak(map(request, ["Hidas.", "Rikki.", "Ei enää."]))
    assert next(speaking)[0].text == "Hidas."
    with pytest.raises(EngineFault, match="no audio"):
        next(speaking)
    assert len(google.requests) == 2


def test_a_listener_who_leaves_is_not_held_up_by_quota(google: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "QUOTA_WAIT", 10 * PATIENCE)
    engine = Google(endpoint=google.target, client_factory=client_of, parallel=2, per_minute=6000)
    google.by_text = {"Kaksi.": StatusCode.RESOURCE_EXHAUSTED}
    speaking = engine.speak([request("Yksi."), request("Kaksi.")])
    next(speaking)
    until(lambda: len(google.requests) == 2)
    leaving = threading.Thread(target=speaking.close)  # type: ignore[attr-defined]
    leaving.start()
    leaving.join(PATIENCE)
    assert not leaving.is_alive()


def test_a_dead_port_is_a_clear_fault(engine: Google) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        engine.endpoint = f"127.0.0.1:{free.getsockname()[1]}"
        told = refusal(engine, request("Hei."))
    assert f"{engine.endpoint} says ServiceUnavailable: failed to connect" in told
    assert "Is the network up?" in told


def test_the_endpoint_is_in_europe_unless_told_otherwise() -> None:
    asked: list[str] = []

    def factory(endpoint: str) -> tts.TextToSpeechClient:
        asked.append(endpoint)
        return client_of("127.0.0.1:9")

    refusal(Google(client_factory=factory, attempts=1), request("Hei."))
    assert asked == ["eu-texttospeech.googleapis.com"]


def test_nothing_to_say_needs_no_credentials() -> None:
    assert list(Google().speak([])) == []


def test_voices_are_listed_with_their_languages(engine: Google, google: StandIn) -> None:
    google.voices = [tts.Voice(name=CHIRP, language_codes=["fi-FI"]), tts.Voice(name="Kore", language_codes=["a", "b"])]
    google.answers = [StatusCode.UNAVAILABLE]
    assert engine.voices() == {CHIRP: ("fi-FI",), "Kore": ("a", "b")}


def test_voices_that_cannot_be_listed_are_a_fault(engine: Google, google: StandIn) -> None:
    google.answers = [StatusCode.PERMISSION_DENIED]
    with pytest.raises(EngineFault, match=r"^The list of voices: .*gcloud auth"):
        engine.voices()


@pytest.mark.parametrize("missing", ["google.cloud.texttospeech_v1", "numpy"])
def test_without_the_extra_the_fault_tells_how_to_install_it(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    told = refusal(Google(), request("Hei."))
    assert f"{sys.executable} -m pip install 'kemi-guidance-line[google]'" in told
    assert "make setup" in told


def test_importing_the_engine_imports_no_extra() -> None:
    code = "import sys, ivr.speech.google; print({'numpy', 'google', 'grpc'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize(
    ("voice", "dollars"),
    [
        ("fi-FI-Standard-B", 4),
        (WAVENET, 4),
        ("en-GB-Neural2-A", 16),
        (CHIRP, 30),
        ("en-GB-Studio-B", 160),
        ("fi-FI-Unheard-Of", 160),
        ("gemini-2.5-flash-tts/Kore", 25 * 10 / 12),
        ("gemini-2.5-pro-tts/Kore", 25 * 20 / 12),
    ],
)
def test_a_million_characters_cost_what_the_list_of_prices_says(voice: str, dollars: float) -> None:
    texts = [SynthesisRequest(f"p{n}", "fi-FI", "ä" * 4000, voice, 1.0) for n in range(250)]
    price = cost(texts)
    assert price.characters == 1_000_000
    assert price.dollars == pytest.approx(dollars)


def test_the_cost_reads_as_a_sentence() -> None:
    assert str(cost([request("x" * 5000)])).startswith("5000 characters, $0.15 (prices of 2026-")
    assert cost([])[:2] == (0, 0)
