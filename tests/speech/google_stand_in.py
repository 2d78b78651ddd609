"""A stand-in for Google Cloud Text-to-Speech: the real gRPC protocol on a real socket of this machine."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc  # type: ignore[import-untyped]
import numpy as np
from google.cloud import texttospeech_v1 as tts
from google.cloud.texttospeech_v1.services.text_to_speech.transports import TextToSpeechGrpcTransport

SERVICE = "google.cloud.texttospeech.v1.TextToSpeech"
Answer: TypeAlias = "bytes | grpc.StatusCode | tuple[grpc.StatusCode, str] | Callable[[], bytes]"


def tone(text: str, rate: int = 24000, channels: int = 1) -> bytes:
    """A WAV of ten milliseconds a character, so that each text is known by its length."""
    samples = np.full(len(text) * rate // 100, 16384, "<i2")
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", ""))
        sound.writeframes(np.repeat(samples, channels).tobytes())
    return written.getvalue()


@dataclass
class StandIn:
    """What Google was asked, and what it will answer: `answers` in turn, then a tone for each text."""

    answers: list[Answer] = field(default_factory=list)
    by_text: dict[str, Answer] = field(default_factory=dict)
    voices: list[tts.Voice] = field(default_factory=list)
    requests: list[tts.SynthesizeSpeechRequest] = field(default_factory=list)
    target: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def synthesize(self, request: tts.SynthesizeSpeechRequest, context: Any) -> tts.SynthesizeSpeechResponse:
        text = request.input.text
        with self._lock:
            self.requests.append(request)
            answer = self.answers.pop(0) if self.answers else self.by_text.get(text, tone(text))
        return tts.SynthesizeSpeechResponse(audio_content=_audio(answer, context))

    def list_voices(self, _request: tts.ListVoicesRequest, context: Any) -> tts.ListVoicesResponse:
        if self.answers:
            _audio(self.answers.pop(0), context)
        return tts.ListVoicesResponse(voices=self.voices)


def _audio(answer: Answer, context: Any) -> bytes:
    if isinstance(answer, bytes):
        return answer
    if callable(answer):
        return answer()
    code, words = answer if isinstance(answer, tuple) else (answer, f"the stand-in says {answer.name}")
    context.abort(code, words)  # raises
    return b""


def client_of(target: str) -> tts.TextToSpeechClient:
    """Google's own client, but for TLS and credentials."""
    return tts.TextToSpeechClient(transport=TextToSpeechGrpcTransport(channel=grpc.insecure_channel(target)))


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """The stand-in on a free port of this machine, which is its `target`."""

    def handler(answer: Callable[..., Any], request: Any, response: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(answer, request.deserialize, response.serialize)

    with ThreadPoolExecutor(8) as threads:
        server = grpc.server(threads)
        methods = {
            "SynthesizeSpeech": handler(stand_in.synthesize, tts.SynthesizeSpeechRequest, tts.SynthesizeSpeechResponse),
            "ListVoices": handler(stand_in.list_voices, tts.ListVoicesRequest, tts.ListVoicesResponse),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
        stand_in.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield stand_in
        finally:
            server.stop(None).wait()
