"""Azure's voices, over the wire: against a service on this machine that speaks the public interface."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import trustme

from ivr.speech import azure as ours
from ivr.speech import network, web_request
from ivr.speech.azure import Azure, cost
from ivr.speech.network import QUOTA_WAITS
from ivr.speech.port import Engine, EngineFault, SynthesisRequest
from tests.limits import PATIENCE, until
from tests.speech.azure_service import KEY, LIST, SPEAK, AzureService, Reply, riff, serving_azure, tone
from tests.speech.slept import Slept, slept
from tests.tls import tls_before

__all__ = ["slept"]
UBAX = "so-SO-UbaxNeural"
WHAT = f"menu.ask ({UBAX}, so-SO): "
HOST = "westeurope.tts.speech.microsoft.com"
AGAIN = "Run the same command again: what was made is kept"


def request(text: str, voice: str = UBAX, prompt: str = "menu.ask", language: str = "so-SO") -> SynthesisRequest:
    return SynthesisRequest(prompt, language, text, voice, 0.9)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def azure() -> Iterator[AzureService]:
    with serving_azure(AzureService()) as service:
        yield service


@pytest.fixture
def engine(azure: AzureService, slept: Slept) -> Azure:
    return Azure(
        environment={"IVR_AZURE_KEY": KEY},
        endpoint=azure.url,
        sleep=slept,
        per_minute=10**9,
        parallel=1,
        timeout=PATIENCE,
    )


def refusal(engine: Engine, *requests: SynthesisRequest) -> str:
    with pytest.raises(EngineFault) as fault:
        list(engine.speak(requests))
    return str(fault.value)


class TestWhatIsAsked:
    @pytest.mark.parametrize("framing", ["chunks", "length"])
    def test_a_request_carries_text_voice_language_format_and_pace(
        self, framing: str, engine: Azure, azure: AzureService
    ) -> None:
        azure.framing = framing
        [(_, speech)] = engine.speak([request("Maalin wanaagsan.")])
        [asked] = azure.asked
        assert (asked.method, asked.path) == ("POST", SPEAK)
        assert (asked.text, asked.voice, asked.language, asked.rate) == ("Maalin wanaagsan.", UBAX, "so-SO", "-10.0%")
        assert asked.headers["user-agent"] == "kemi-guidance-line"
        assert (speech.rate, str(speech.samples.dtype), len(speech.samples)) == (24000, "float32", 17 * 240)
        assert np.all(speech.samples == 0.5)

    @pytest.mark.parametrize(("pace", "rate"), [(0.3, "-50.0%"), (1.0, "+0.0%"), (1.25, "+25.0%"), (3.0, "+100.0%")])
    def test_the_pace_is_told_as_azure_takes_it(
        self, pace: float, rate: str, engine: Azure, azure: AzureService
    ) -> None:
        list(engine.speak([SynthesisRequest("menu.ask", "so-SO", "Haa.", UBAX, pace)]))
        assert azure.asked[0].rate == rate

    def test_a_text_is_text_and_never_markup(self, engine: Azure, azure: AzureService) -> None:
        text = """<break time="9s"/> & "x" 'y' ]]> سلام"""
        list(engine.speak([request(text)]))
        assert azure.texts == [text]

    def test_a_voice_and_a_language_cannot_leave_their_quotes(self, engine: Azure, azure: AzureService) -> None:
        told = refusal(engine, request("Haa.", 'a"/><audio src="x', language='so"><b'))
        assert (azure.asked[0].voice, azure.asked[0].language) == ('a"/><audio src="x', 'so"><b')
        assert " answers 400 " in told

    def test_a_region_of_the_eu_is_asked_unless_told_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def ask(url: str, *_: object, **__: object) -> web_request.WebReply:
            asked.append(url)
            raise web_request.NoWebReply("it is only looked at", may_pass=False)

        monkeypatch.setattr(ours, "ask", ask)
        for region in ({}, {"IVR_AZURE_REGION": " northeurope "}, {"IVR_AZURE_REGION": ""}):
            refusal(Azure(environment={"IVR_AZURE_KEY": KEY, **region}), request("Haa."))
        assert asked == [
            f"https://{region}.tts.speech.microsoft.com/cognitiveservices/v1"
            for region in ("westeurope", "northeurope", "westeurope")
        ]

    def test_requests_are_spread_over_the_minute(self, engine: Azure, slept: Slept) -> None:
        engine.per_minute = 60
        list(engine.speak([request(f"Lambar {n}.") for n in range(4)]))
        assert slept == pytest.approx([1, 1, 1])

    def test_texts_spoken_in_parallel_come_back_each_with_its_own_speech(
        self, engine: Azure, azure: AzureService
    ) -> None:
        started = threading.Barrier(4)  # only four at once can pass it
        texts = [request("x" * n, prompt=f"p{n}") for n in range(1, 13)]

        def one_of_four(text: str) -> Reply:
            started.wait(PATIENCE)
            return Reply(200, riff(tone(text)))

        azure.by_text = {each.text: partial(one_of_four, each.text) for each in texts[:4]}
        engine.parallel = 4
        spoken = list(engine.speak(iter(texts)))
        assert sorted(each.prompt for each, _ in spoken) == sorted(each.prompt for each in texts)
        assert all(len(speech.samples) == 240 * len(each.text) for each, speech in spoken)


class TestKeyAndRegion:
    @pytest.mark.parametrize("environment", [{}, {"IVR_AZURE_KEY": " "}])
    def test_without_a_key_the_fault_says_how_to_give_one(self, environment: dict[str, str]) -> None:
        told = refusal(Azure(environment=environment), request("Haa."))
        assert told.startswith("Azure does not know who asks. Set IVR_AZURE_KEY to a key of your Speech resource")
        assert "AZURE_SPEECH_KEY" in told
        assert "IVR_AZURE_REGION" in told

    @pytest.mark.parametrize("key", ["secret\nHost: elsewhere", "avain-ä", "two words"])
    def test_a_key_that_cannot_be_one_is_told_and_never_shown(self, key: str) -> None:
        told = refusal(Azure(environment={"IVR_AZURE_KEY": key}), request("Haa."))
        assert told.startswith("IVR_AZURE_KEY has signs that no key has.")
        assert not any(part in told for part in ("secret", "elsewhere", "avain", "two words"))

    @pytest.mark.parametrize("region", ["evil.example/", "West Europe", "westeurope.", "a@b", "x" * 40, "länsi", "9"])
    def test_a_region_that_is_no_part_of_a_name_of_a_host_is_refused(self, region: str, azure: AzureService) -> None:
        environment = {"IVR_AZURE_KEY": KEY, "IVR_AZURE_REGION": region}
        told = refusal(Azure(environment=environment, endpoint=azure.url), request("Haa."))
        assert told == "IVR_AZURE_REGION is no region. Write it in small letters and digits, such as westeurope"
        assert azure.asked == []

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_refused_key_stops_at_once_and_says_how_to_give_one(
        self, status: int, engine: Azure, azure: AzureService
    ) -> None:
        azure.answers = [Reply(status, f"The key {KEY} is not known.".encode(), {"Content-Type": "text/plain"})]
        told = refusal(engine, request("Haa."), request("Maya."))
        assert told.startswith(f"{WHAT}{HOST} answers {status} ")
        assert "The key ... is not known. Set IVR_AZURE_KEY to a key" in told
        assert KEY not in told
        assert len(azure.asked) == 1

    def test_the_wrong_key_is_refused_by_the_service_itself(self, engine: Azure) -> None:
        engine.environment = {"IVR_AZURE_KEY": "wrong"}
        assert 'message":"Access denied' in refusal(engine, request("Haa."))

    def test_the_key_is_in_no_representation(self, engine: Azure) -> None:
        assert KEY not in repr(engine)

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed_with_the_key(self, status: int, engine: Azure, azure: AzureService) -> None:
        with serving_azure(AzureService()) as elsewhere:
            azure.answers = [Reply(status, headers={"Location": f"{elsewhere.url}{SPEAK}"})] * 2
            told = refusal(engine, request("Haa."))
            with pytest.raises(EngineFault, match=r"The list of voices: .*The key is sent nowhere else"):
                engine.voices()
            assert elsewhere.asked == []
        assert f"answers {status} " in told
        assert "The key is sent nowhere else. Somebody else answers, such as a proxy" in told

    def test_nothing_to_say_needs_no_key(self) -> None:
        assert list(Azure(environment={}).speak([])) == []


class TestTriedAgain:
    def test_an_outage_is_tried_again_with_growing_pauses(
        self, engine: Azure, azure: AzureService, slept: Slept
    ) -> None:
        azure.answers = [Reply(503), Reply(502), Reply(500)]
        assert len(list(engine.speak([request("Haa.")]))) == 1
        assert len(azure.asked) == 4
        assert slept == [2.0, 4.0, 8.0]

    def test_an_outage_that_lasts_is_a_fault_after_so_many_attempts(self, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(503)] * 9
        told = refusal(engine, request("Haa."))
        assert told == (
            f"{WHAT}{HOST} answers 503 Service Unavailable. Is IVR_AZURE_REGION the region of your Speech resource, "
            f"and the network up? {AGAIN}"
        )
        assert len(azure.asked) == engine.attempts

    def test_a_used_up_quota_is_waited_for_and_then_it_goes_on(
        self, engine: Azure, azure: AzureService, slept: Slept
    ) -> None:
        azure.answers = [Reply(429), Reply(429, headers={"Retry-After": "7"}), Reply(503, headers={"Retry-After": "3"})]
        assert len(list(engine.speak([request("Haa.")]))) == 1
        assert slept == pytest.approx([60, 7, 3])

    def test_a_date_to_ask_again_is_read_by_the_clock_of_who_says_it(
        self, engine: Azure, azure: AzureService, slept: Slept
    ) -> None:
        now, then = "Tue, 24 Nov 2026 10:00:00 GMT", "Tue, 24 Nov 2026 10:00:09 GMT"
        azure.answers = [
            Reply(503, headers={"Date": now, "Retry-After": then}),
            Reply(503, headers={"Date": then, "Retry-After": now}),
            Reply(429, headers={"Date": now, "Retry-After": "soon"}),
        ]
        assert len(list(engine.speak([request("Haa.")]))) == 1
        assert slept == pytest.approx([9, 60])

    def test_a_quota_that_does_not_come_back_is_a_fault(self, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(429)] * 99
        told = refusal(engine, request("Haa."))
        assert told == f"{WHAT}{HOST} answers 429 Too Many Requests. The quota is used up. {AGAIN}"
        assert len(azure.asked) == QUOTA_WAITS + 1

    def test_a_wait_that_is_too_long_is_told_at_once(self, engine: Azure, azure: AzureService, slept: Slept) -> None:
        azure.answers = [Reply(429, headers={"Retry-After": "3600"})]
        told = refusal(engine, request("Haa."))
        assert told.endswith(f"The quota is used up. In 3600 s, as it asks for: {AGAIN}")
        assert slept == []

    def test_a_hang_is_given_up_at_the_deadline(self, engine: Azure, azure: AzureService, slept: Slept) -> None:
        given_up = threading.Event()
        azure.answers = [Reply(200, wait=lambda: given_up.wait(PATIENCE))] * 2
        engine.timeout, engine.attempts = 0.2, 2
        try:
            assert f"{WHAT}{HOST}: it says nothing for 0.2 s. " in refusal(engine, request("Haa."))
        finally:
            given_up.set()
        assert slept == [2.0], "it was tried again once"

    def test_a_body_that_only_trickles_is_given_up_too(
        self, engine: Azure, azure: AzureService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        minutes = iter(range(10**6))
        monkeypatch.setattr(web_request, "time", SimpleNamespace(monotonic=lambda: 60.0 * next(minutes)))
        engine.timeout, engine.attempts = 100.0, 1
        azure.answers = [Reply(200, riff(tone("x" * 5000)), framing="chunks")]
        assert "its answer is not whole after 100 s" in refusal(engine, request("Haa."))

    @pytest.mark.parametrize("framing", ["length", "chunks"])
    def test_a_cut_answer_is_tried_again(self, framing: str, engine: Azure, azure: AzureService, slept: Slept) -> None:
        whole = riff(tone("Haa."))
        azure.answers = [Reply(200, whole, framing=framing, cut=1000)]
        [(_, speech)] = engine.speak([request("Haa.")])
        assert len(speech.samples) == 4 * 240
        assert slept == [2.0]
        azure.answers = [Reply(200, whole, framing=framing, cut=1000)] * 9
        assert "its answer was cut off" in refusal(engine, request("Haa."))

    def test_a_closed_connection_is_told(self, engine: Azure, azure: AzureService) -> None:
        def gone() -> Reply:
            raise ConnectionAbortedError

        azure.answers = [gone] * 9
        assert f"{WHAT}{HOST}: no answer comes (" in refusal(engine, request("Haa."))

    def test_a_dead_port_is_a_clear_fault(self, engine: Azure) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            engine.endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
            told = refusal(engine, request("Haa."))
        assert f"{HOST}: no answer comes (Connection refused). Is IVR_AZURE_REGION" in told

    def test_an_unknown_name_is_a_clear_fault(self, engine: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        engine.endpoint = ""
        assert f"{HOST}: its name is not known. Is IVR_AZURE_REGION" in refusal(engine, request("Haa."))

    def test_a_certificate_that_nobody_trusts_ends_it_at_once(
        self, engine: Azure, azure: AzureService, slept: Slept
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        with tls_before(int(azure.url.rpartition(":")[2]), context) as port:
            engine.endpoint = f"https://127.0.0.1:{port}"
            told = refusal(engine, request("Haa."))
        assert f"{HOST}: its certificate is not trusted (" in told
        assert azure.asked == []
        assert slept == []

    def test_a_listener_who_leaves_is_not_held_up_by_quota(
        self, azure: AzureService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(network, "QUOTA_WAIT", 10 * PATIENCE)
        engine = Azure(environment={"IVR_AZURE_KEY": KEY}, endpoint=azure.url, parallel=2, per_minute=6000)
        azure.by_text = {"Laba.": Reply(429)}
        speaking = engine.speak([request("Kow."), request("Laba.")])
        next(speaking)
        until(lambda: len(azure.asked) == 2)
        leaving = threading.Thread(target=speaking.close)  # type: ignore[attr-defined]
        leaving.start()
        leaving.join(PATIENCE)
        assert not leaving.is_alive()


class TestAnswers:
    def test_a_voice_that_is_not_known_is_told_and_what_was_made_is_kept(
        self, engine: Azure, azure: AzureService
    ) -> None:
        texts = [request("Kow."), request("Laba.", "so-SO-МuuseNeural", "hours.open"), request("Saddex.")]
        speaking = engine.speak(texts)
        assert next(speaking)[0] == texts[0]
        with pytest.raises(EngineFault) as fault:
            next(speaking)
        assert str(fault.value) == (
            f"hours.open (so-SO-МuuseNeural, so-SO): {HOST} answers 400 Bad Request Unsupported voice "
            "so-SO-МuuseNeural. Mend the text or the voice. See which voices there are: ivr audio status --voices"
        )
        assert azure.texts == ["Kow.", "Laba."]

    def test_after_a_fault_what_was_already_asked_still_comes(self, engine: Azure, azure: AzureService) -> None:
        refused = threading.Event()

        def broken() -> Reply:
            refused.set()
            return Reply(400)

        def late() -> Reply:
            refused.wait(PATIENCE)
            return Reply(200, riff(tone("Gaabis.")))

        azure.by_text = {"Jaban.": broken, "Gaabis.": late}
        engine.parallel = 2
        speaking = engine.speak(map(request, ["Gaabis.", "Jaban."]))
        assert next(speaking)[0].text == "Gaabis."
        with pytest.raises(EngineFault, match="answers 400"):
            next(speaking)

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b"", "Azure answered with no audio"),
            (b"RIFF", "broken audio (no samples)"),
            (riff(tone("Haa."))[:30], "broken audio (no samples)"),
            (riff(tone("Haa."))[:-100], "broken audio (1820 of 1920 bytes)"),
            (riff(tone("Haa.")[:-1]), "broken audio (1919 bytes, which ends within a sample)"),
            (riff(tone("Haa."), channels=2), "broken audio (codec 1, 2 x 16 bits, 24000 samples a second)"),
            (riff(tone("Haa."), bits=8), "broken audio (codec 1, 1 x 8 bits"),
            (riff(b""), "Azure answered with silence. Is that a voice of this language?"),
            (riff(bytes(4800)), "Azure answered with silence. Is that a voice of this language?"),
        ],
    )
    def test_an_answer_without_whole_audio_is_a_fault(
        self, body: bytes, told: str, engine: Azure, azure: AzureService
    ) -> None:
        azure.answers = [Reply(200, body)]
        assert f"{WHAT}{told}" in refusal(engine, request("Haa.")).replace("Azure answered with broken", "broken")
        assert len(azure.asked) == 1

    @pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF, 2_000_000_000])
    @pytest.mark.parametrize("framing", ["length", "chunks"])
    def test_a_streamed_header_that_knows_no_length_is_whole_where_the_answer_is(
        self, size: int, framing: str, engine: Azure, azure: AzureService
    ) -> None:
        azure.answers = [Reply(200, riff(tone("Haa."), size=size, riff_size=size), framing=framing)]
        [(_, speech)] = engine.speak([request("Haa.")])
        assert len(speech.samples) == 4 * 240

    def test_where_nothing_says_how_long_it_is_nobody_knows_that_it_is_whole(
        self, engine: Azure, azure: AzureService
    ) -> None:
        azure.answers = [Reply(200, riff(tone("Haa."), size=0), framing="none")]
        assert "broken audio (nothing says how long it is)" in refusal(engine, request("Haa."))
        azure.answers = [Reply(200, riff(tone("Haa.")), framing="none")]
        assert len(list(engine.speak([request("Haa.")]))) == 1, "the header says it"

    def test_what_follows_the_samples_is_no_sound(self, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(200, riff(tone("Haa.")) + b"LIST\x04\0\0\0abcd")]
        [(_, speech)] = engine.speak([request("Haa.")])
        assert len(speech.samples) == 4 * 240

    @pytest.mark.parametrize("kind", ["text/html", "application/json"])
    def test_a_page_in_place_of_sound_is_told(self, kind: str, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(200, b"<html>Log in</html>", {"Content-Type": f"{kind}; charset=utf-8"})]
        told = refusal(engine, request("Haa."))
        assert told.startswith(
            f"{WHAT}{HOST} answers 200 with {kind}, no sound. Somebody else answers, such as a proxy"
        )

    def test_a_page_of_a_fault_is_not_shown(self, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(400, b"<html>" + b"x" * 999, {"Content-Type": "text/html"})]
        assert "answers 400 Bad Request. Mend the text or the voice" in refusal(engine, request("Haa."))

    def test_what_is_said_of_a_fault_is_one_short_line(self, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(418, b"\x1b[31mno\n\nno " + b"x" * 9999, {"Content-Type": "text/plain"})]
        told = refusal(engine, request("Haa."))
        assert "[31mno no xxx" in told
        assert told.isprintable()
        assert len(told) < 500

    def test_what_azure_cuts_off_for_its_length_is_a_fault(
        self, engine: Azure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ours, "LONGEST", 1.0)
        assert len(list(engine.speak([request("x" * 99)]))) == 1
        told = refusal(engine, request("x" * 100))
        assert told == f"{WHAT}Azure cuts off what lasts 1 s. Make two prompts of it"

    def test_an_endless_answer_is_given_up(
        self, engine: Azure, azure: AzureService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ours, "MOST_BYTES", 10_000)
        azure.answers = [Reply(200, riff(tone("x" * 50)), framing="chunks")]
        assert "its answer has more than 10000 bytes" in refusal(engine, request("Haa."))


class TestVoices:
    def test_voices_are_listed_with_all_their_languages(self, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(503)]
        voices = engine.voices()
        assert azure.asked[-1].path == LIST
        assert voices[UBAX] == ("so-SO",)
        assert voices["en-US-AvaMultilingualNeural"] == ("en-US", "so-SO", "fa-IR")

    @pytest.mark.parametrize(
        "body",
        [
            b"<html>",
            b"{}",
            b"[1]",
            b'[{"ShortName": "x"}]',
            b'[{"ShortName": "x", "Locale": "y", "SecondaryLocaleList": "z"}]',
        ],
    )
    def test_what_is_no_list_is_told(self, body: bytes, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(200, body, {"Content-Type": "text/html"})]
        with pytest.raises(EngineFault, match=r"The list of voices: .* answers 200 with text/html, no list. Somebody"):
            engine.voices()

    def test_voices_that_cannot_be_listed_are_a_fault(self, engine: Azure, azure: AzureService) -> None:
        azure.answers = [Reply(403)]
        with pytest.raises(EngineFault, match=r"^The list of voices: .*Set IVR_AZURE_KEY"):
            engine.voices()


def test_without_what_makes_sound_nothing_is_asked(
    engine: Azure, azure: AzureService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert "-m pip install 'kemi-guidance-line[audio]'" in refusal(engine, request("Haa."))
    assert azure.asked == []


def test_importing_the_engine_imports_no_extra() -> None:
    code = "import sys, ivr.speech.azure; print({'numpy', 'requests'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_the_cost_counts_the_markup_of_the_pace_too() -> None:
    price = cost([request("x" * 967)])  # <prosody rate="-10.0%"> and its end are 33
    assert price.characters == 1000
    assert price.dollars == pytest.approx(0.016)
    assert cost([request("x" * 967, "so-SO-X:DragonHDLatestNeural")]).dollars == pytest.approx(0.030)
    assert str(price).startswith("1000 characters, $0.02 (prices as told on 2026-")
    assert cost([])[:2] == (0, 0)
