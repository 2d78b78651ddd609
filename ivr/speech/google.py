"""Google Cloud Text-to-Speech: better voices than espeak-ng, for money, over the network, before any call."""

from __future__ import annotations

import io
import threading
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ivr.speech.port import EngineFault, Speech, SynthesisRequest

if TYPE_CHECKING:
    from google.api_core.exceptions import GoogleAPICallError
    from google.cloud.texttospeech_v1 import SynthesizeSpeechRequest, TextToSpeechClient

T = TypeVar("T")

ENDPOINT = "eu-texttospeech.googleapis.com"
RATE, SLOWEST, FASTEST = 24000, 0.25, 2.0
LONGEST = 5000  # bytes of UTF-8 in a request: Google's limit, which cannot be raised
QUOTA_WAIT, QUOTA_WAITS = 60.0, 5
"""Seconds to wait for quota, and how often: if that does not help, it is the quota of a day."""
SAME_AGAIN = "Run the same command again: what was made is kept"
INSTALL = "pip install 'kemi-guidance-line[google]' (in a checkout: make setup)"
VOICES = "See which voices there are: ivr audio status --voices"
CREDENTIALS = "Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run: gcloud auth application-default login"
REMEDIES = {
    "InvalidArgument": f"Mend the text or the voice. {VOICES}",
    "NotFound": VOICES,
    "PermissionDenied": CREDENTIALS,
    "ResourceExhausted": f"The quota is used up. {SAME_AGAIN}",
    "Unauthenticated": CREDENTIALS,
}
REFUSED_KEY = "metadata from plugin"  # gRPC calls it UNAVAILABLE too when a key gets no token, but no retry helps


class Family(NamedTuple):
    """Voices with this in their name: dollars per million characters and per second, requests a minute."""

    mark: str
    per_million: float
    per_second: float
    per_minute: int
    telephony: bool = False  # whether Google's sound profile for telephones is known to work with it


AS_OF = "2026-11-24"  # of these prices and quotas; the first mark that fits counts
FAMILIES = (
    Family("-standard-", 4, 0, 1000, telephony=True),
    Family("-wavenet-", 4, 0, 1000, telephony=True),
    Family("-neural2-", 16, 0, 1000),
    Family("-chirp3-hd-", 30, 0, 200),
    Family("gemini-2.5-flash", 0, 0.00025, 150),  # 25 tokens a second, $10 a million; those of the text hardly count
    Family("gemini-2.5-pro", 0, 0.0005, 125),
    Family("", 160, 0, 125),  # Studio, and whatever we do not know: nothing is dearer
)
CHARACTERS_PER_SECOND = 12


def family(voice: str) -> Family:
    """The family of a voice."""
    return next(each for each in FAMILIES if each.mark in voice.lower())


class Cost(NamedTuple):
    """What Google will ask for some texts; `note` says how sure that is."""

    characters: int
    dollars: float
    note: str = f"prices of {AS_OF}, without the free part of each month; Gemini voices roughly"

    def __str__(self) -> str:
        return f"{self.characters} characters, ${self.dollars:.2f} ({self.note})"


def cost(requests: Iterable[SynthesisRequest]) -> Cost:
    """What it would cost to have Google speak texts."""
    characters, dollars = 0, 0.0
    for request in requests:
        length, kind = len(request.text), family(request.voice)
        characters += length
        dollars += length * (kind.per_million / 1_000_000 + kind.per_second / CHARACTERS_PER_SECOND / request.pace)
    return Cost(characters, dollars)


@dataclass(kw_only=True)
class Google:
    """The engine in Google's cloud; a Gemini voice is written with its model: gemini-2.5-flash-tts/Kore."""

    name: str = field(default="google", init=False)
    endpoint: str = ENDPOINT
    parallel: int = 4
    per_minute: int | None = None  # requests; None is what Google gives to each family
    timeout: float = 30.0
    attempts: int = 4
    client_factory: Callable[[str], TextToSpeechClient] | None = None  # of an endpoint
    sleep: Callable[[float], object] | None = None  # None is a sleep that ends when the listener leaves

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Speak texts, some at once; after a fault nothing more is asked, and what is paid for still comes."""
        texts = list(requests)
        for request in texts:
            size = len(request.text.encode())
            if size > LONGEST:
                raise EngineFault(f"{request.prompt}: {size} bytes; Google takes {LONGEST}. Make two prompts of it")
        if texts:
            with _connected(self) as connection, ThreadPoolExecutor(self.parallel) as threads:
                try:
                    yield from _speak(connection, threads, texts)
                finally:
                    connection.stop.set()

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The voices that Google lists today: name -> languages."""
        with _connected(self) as connection:
            answer = connection.ask("The list of voices", connection.client.list_voices, {}, per_minute=1000)
        return {voice.name: tuple(voice.language_codes) for voice in answer.voices}


@contextmanager
def _connected(google: Google) -> Iterator[_Connection]:
    try:
        import numpy  # noqa: F401 - missed now, not after the first text is paid for
        from google.auth.exceptions import GoogleAuthError
        from google.cloud.texttospeech_v1 import TextToSpeechClient
    except ImportError as missing:
        raise EngineFault(f"Google's voice is not installed ({missing}): {INSTALL}") from missing
    make = google.client_factory or (lambda endpoint: TextToSpeechClient(client_options={"api_endpoint": endpoint}))
    try:
        client = make(google.endpoint)
    except GoogleAuthError as unknown:
        raise EngineFault(f"Google does not know who asks: {unknown} {CREDENTIALS}") from unknown
    with client:  # which closes the connection
        yield _Connection(google, client)


class _Connection:
    """A connection, and the threads that take turns on it until one fails or the listener leaves."""

    def __init__(self, google: Google, client: TextToSpeechClient) -> None:
        self.google, self.client, self.stop = google, client, threading.Event()
        self._sleep = self.stop.wait if google.sleep is None else google.sleep
        self._free, self._lock = 0.0, threading.Lock()

    def ask(self, what: str, method: Callable[..., T], request: object, per_minute: int) -> T:
        """Google's answer; its library neither tries again nor gives up waiting by itself."""
        from google.api_core import exceptions as said

        failures = waits = 0
        while True:
            with self._lock:
                turn = max(time.monotonic(), self._free)
                self._free = turn + 60 / (self.google.per_minute or per_minute)
            self._wait(turn - time.monotonic())
            try:
                return method(request, timeout=self.google.timeout, retry=None)
            except said.ResourceExhausted as fault:
                waits += 1
                if waits > QUOTA_WAITS:
                    raise self._refusal(what, fault) from fault
                with self._lock:
                    self._free = max(self._free, time.monotonic() + QUOTA_WAIT)
            except (said.ServiceUnavailable, said.DeadlineExceeded) as fault:
                failures += 1
                if failures == self.google.attempts or REFUSED_KEY in str(fault):
                    raise self._refusal(what, fault) from fault
                self._wait(2.0**failures)
            except said.GoogleAPICallError as fault:
                raise self._refusal(what, fault) from fault

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)
        if self.stop.is_set():
            raise EngineFault("Stopped")

    def _refusal(self, what: str, fault: GoogleAPICallError) -> EngineFault:
        kind, words = type(fault).__name__, fault.message.rstrip(".")
        remedy = CREDENTIALS if REFUSED_KEY in words else REMEDIES.get(kind, f"Is the network up? {SAME_AGAIN}")
        return EngineFault(f"{what}: {self.google.endpoint} says {kind}: {words}. {remedy}")


def _speak(
    connection: _Connection, threads: ThreadPoolExecutor, texts: list[SynthesisRequest]
) -> Iterator[tuple[SynthesisRequest, Speech]]:
    waiting = iter(texts)
    running: dict[Future[Speech], SynthesisRequest] = {}
    fault: EngineFault | None = None
    while True:
        for request in islice(waiting, 0 if fault else connection.google.parallel - len(running)):
            running[threads.submit(_make, connection, request)] = request
        if not running:
            break
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            request = running.pop(future)
            try:
                speech = future.result()
            except EngineFault as reason:
                fault = fault or reason
                connection.stop.set()
            else:
                yield request, speech
    if fault:
        raise fault


def _make(connection: _Connection, request: SynthesisRequest) -> Speech:
    what, kind = f"{request.prompt} ({request.voice}, {request.language})", family(request.voice)
    answer = connection.ask(what, connection.client.synthesize_speech, _request(request, kind), kind.per_minute)
    try:
        return _speech(answer.audio_content)
    except (wave.Error, EOFError, ValueError) as broken:
        words = f"broken audio ({broken})" if answer.audio_content else "no audio"
        raise EngineFault(f"{what}: Google answered with {words}. {SAME_AGAIN}") from broken


def _request(request: SynthesisRequest, kind: Family) -> SynthesizeSpeechRequest:
    from google.cloud import texttospeech_v1 as tts

    model, _, name = request.voice.rpartition("/")
    return tts.SynthesizeSpeechRequest(
        input=tts.SynthesisInput(text=request.text),
        voice=tts.VoiceSelectionParams(language_code=request.language, name=name, model_name=model),
        audio_config=tts.AudioConfig(
            audio_encoding=tts.AudioEncoding.LINEAR16,
            sample_rate_hertz=RATE,
            speaking_rate=max(SLOWEST, min(FASTEST, request.pace)),
            effects_profile_id=["telephony-class-application"] if kind.telephony else [],
        ),
    )


def _speech(content: bytes) -> Speech:
    import numpy as np

    with wave.open(io.BytesIO(content)) as sound:
        form = sound.getparams()
        frames = sound.readframes(form.nframes)
    if (form.nchannels, form.sampwidth) != (1, 2) or not frames or len(frames) != 2 * form.nframes:
        raise ValueError(
            f"{form.nchannels} x {8 * form.sampwidth} bits, {len(frames)} bytes for {form.nframes} samples"
        )
    return Speech(np.frombuffer(frames, "<i2").astype(np.float32) / np.float32(32768), form.framerate)
