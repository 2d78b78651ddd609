"""Google Cloud Text-to-Speech: a speech engine over the network, which costs money."""

from __future__ import annotations

import io
import threading
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ivr.program import how_to_install
from ivr.speech.port import EngineFault, Speech, SynthesisRequest

if TYPE_CHECKING:
    from google.api_core.exceptions import GoogleAPICallError
    from google.cloud.texttospeech_v1 import SynthesizeSpeechRequest, TextToSpeechClient

T = TypeVar("T")

ENDPOINT = "eu-texttospeech.googleapis.com"
RATE, SLOWEST, FASTEST = 24000, 0.25, 2.0
"""Samples a second that are asked for, and Google's limits of the pace."""
LONGEST = 5000
"""Google's limit of a request, in bytes of UTF-8 text."""
QUOTA_WAIT, QUOTA_WAITS = 60.0, 5
"""Seconds to wait for quota, and how often at most: if that does not help, the quota of the day is used up."""
SAME_AGAIN = "Run the same command again: what was made is kept"
INSTALL = how_to_install("google")
VOICES = "See which voices there are: ivr audio status --voices"
CREDENTIALS = "Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run: gcloud auth application-default login"
REMEDIES = {
    "InvalidArgument": f"Mend the text or the voice. {VOICES}",
    "NotFound": VOICES,
    "PermissionDenied": CREDENTIALS,
    "ResourceExhausted": f"The quota is used up. {SAME_AGAIN}",
    "Unauthenticated": CREDENTIALS,
}
REFUSED_KEY = "metadata from plugin"
"""In gRPC's message where a key gets no token. That is UNAVAILABLE too, but trying again does not help."""


class Family(NamedTuple):
    """Voices with `part` in their name: dollars a million characters and a second of speech, requests a minute.

    `telephony`: whether Google's audio profile for telephones is known to work with them.
    """

    part: str
    per_million: float
    per_second: float
    per_minute: int
    telephony: bool = False


AS_OF = "2026-11-24"
"""The day of these prices and quotas."""
FAMILIES = (
    Family("-standard-", 4, 0, 1000, telephony=True),
    Family("-wavenet-", 4, 0, 1000, telephony=True),
    Family("-neural2-", 16, 0, 1000),
    Family("-chirp3-hd-", 30, 0, 200),
    Family("gemini-2.5-flash", 0, 0.00025, 150),  # 25 tokens a second at $10 a million; the text adds little
    Family("gemini-2.5-pro", 0, 0.0005, 125),
    Family("", 160, 0, 125),  # Studio, the dearest, and all unknown voices
)
"""The first that fits a voice counts."""
CHARACTERS_PER_SECOND = 12


def _family(voice: str) -> Family:
    return next(each for each in FAMILIES if each.part in voice.lower())


class Cost(NamedTuple):
    """What requests will cost, without Google's free part of each month; roughly, for Gemini voices."""

    characters: int
    dollars: float

    def __str__(self) -> str:
        note = f"prices of {AS_OF}, without the free part of each month; Gemini voices roughly"
        return f"{self.characters} characters, ${self.dollars:.2f} ({note})"


def cost(requests: Iterable[SynthesisRequest]) -> Cost:
    """The cost of requests."""
    characters, dollars = 0, 0.0
    for request in requests:
        length, family = len(request.text), _family(request.voice)
        characters += length
        dollars += length * (family.per_million / 1_000_000 + family.per_second / CHARACTERS_PER_SECOND / request.pace)
    return Cost(characters, dollars)


@dataclass(kw_only=True)
class Google:
    """The engine. A Gemini voice is written with its model: gemini-2.5-flash-tts/Kore.

    `parallel`: requests at once. `per_minute`: requests, by default Google's quota for each family. `timeout`: in
    seconds. `client_factory`: makes a client of an endpoint. `sleep`: by default ends when `speak` is closed.
    """

    endpoint: str = ENDPOINT
    parallel: int = 4
    per_minute: int | None = None
    timeout: float = 30.0
    attempts: int = 4
    client_factory: Callable[[str], TextToSpeechClient] | None = None
    sleep: Callable[[float], object] | None = None

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Yield each request with its speech. After a fault, what was asked until then is still yielded."""
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
        """The voices that Google offers: name -> BCP 47 tags of their languages."""
        with _connected(self) as connection:
            answer = connection.ask("The list of voices", connection.client.list_voices, {}, per_minute=1000)
        return {voice.name: tuple(voice.language_codes) for voice in answer.voices}


@contextmanager
def _connected(google: Google) -> Iterator[_Connection]:
    try:
        import numpy  # noqa: F401 - missed here, and not after the first request is paid for
        from google.auth.exceptions import GoogleAuthError
        from google.cloud.texttospeech_v1 import TextToSpeechClient
    except ImportError as missing:
        raise EngineFault(f"Google's voice is not installed ({missing}): {INSTALL}") from missing
    make = google.client_factory or (lambda endpoint: TextToSpeechClient(client_options={"api_endpoint": endpoint}))
    try:
        client = make(google.endpoint)
    except GoogleAuthError as unknown:
        raise EngineFault(f"Google does not know who asks: {unknown} {CREDENTIALS}") from unknown
    with client:
        yield _Connection(google, client)


class _Connection:
    """A connection that several threads use in turn, until `stop` is set: on a fault, or when `speak` is closed."""

    def __init__(self, google: Google, client: TextToSpeechClient) -> None:
        self.google, self.client, self.stop = google, client, threading.Event()
        self._sleep = self.stop.wait if google.sleep is None else google.sleep
        self._next_at, self._lock = 0.0, threading.Lock()

    def ask(self, what: str, method: Callable[..., T], request: object, per_minute: int) -> T:
        """Google's answer. Its library is told not to retry, as that is done here. Raises EngineFault."""
        from google.api_core import exceptions

        failures = waits = 0
        while True:
            with self._lock:
                turn = max(time.monotonic(), self._next_at)
                self._next_at = turn + 60 / (self.google.per_minute or per_minute)
            self._wait(turn - time.monotonic())
            try:
                return method(request, timeout=self.google.timeout, retry=None)
            except exceptions.ResourceExhausted as fault:
                waits += 1
                if waits > QUOTA_WAITS:
                    raise self._refusal(what, fault) from fault
                with self._lock:
                    self._next_at = max(self._next_at, time.monotonic() + QUOTA_WAIT)
            except (exceptions.ServiceUnavailable, exceptions.DeadlineExceeded) as fault:
                failures += 1
                if failures == self.google.attempts or REFUSED_KEY in str(fault):
                    raise self._refusal(what, fault) from fault
                self._wait(2.0**failures)
            except exceptions.GoogleAPICallError as fault:
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
            running[threads.submit(_synthesize, connection, request)] = request
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


def _synthesize(connection: _Connection, request: SynthesisRequest) -> Speech:
    what, family = f"{request.prompt} ({request.voice}, {request.language})", _family(request.voice)
    answer = connection.ask(what, connection.client.synthesize_speech, _request(request, family), family.per_minute)
    try:
        return _decoded(answer.audio_content)
    except (wave.Error, EOFError, ValueError) as broken:
        words = f"broken audio ({broken})" if answer.audio_content else "no audio"
        raise EngineFault(f"{what}: Google answered with {words}. {SAME_AGAIN}") from broken


def _request(request: SynthesisRequest, family: Family) -> SynthesizeSpeechRequest:
    from google.cloud import texttospeech_v1 as tts

    model, _, name = request.voice.rpartition("/")
    return tts.SynthesizeSpeechRequest(
        input=tts.SynthesisInput(text=request.text),
        voice=tts.VoiceSelectionParams(language_code=request.language, name=name, model_name=model),
        audio_config=tts.AudioConfig(
            audio_encoding=tts.AudioEncoding.LINEAR16,
            sample_rate_hertz=RATE,
            speaking_rate=max(SLOWEST, min(FASTEST, request.pace)),
            effects_profile_id=["telephony-class-application"] if family.telephony else [],
        ),
    )


def _decoded(content: bytes) -> Speech:
    """Google's answer, a WAV file of 16 bits and one channel, as speech."""
    import numpy as np

    with wave.open(io.BytesIO(content)) as sound:
        params = sound.getparams()
        frames = sound.readframes(params.nframes)
    if (params.nchannels, params.sampwidth) != (1, 2) or not frames or len(frames) != 2 * params.nframes:
        raise ValueError(
            f"{params.nchannels} x {8 * params.sampwidth} bits, {len(frames)} bytes for {params.nframes} samples"
        )
    return Speech(np.frombuffer(frames, "<i2").astype(np.float32) / np.float32(32768), params.framerate)
