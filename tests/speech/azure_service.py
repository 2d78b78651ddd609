"""A service on this machine that speaks the public REST interface of Azure's Text to Speech, over real sockets."""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from xml.etree import ElementTree

import numpy as np

LIST, SPEAK = "/cognitiveservices/voices/list", "/cognitiveservices/v1"
SPEECH = "{http://www.w3.org/2001/10/synthesis}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
KEY = "1f00d" * 6
VOICES: Mapping[str, tuple[str, ...]] = {
    "so-SO-UbaxNeural": ("so-SO",),
    "so-SO-MuuseNeural": ("so-SO",),
    "fa-IR-DilaraNeural": ("fa-IR",),
    "sw-KE-ZuriNeural": ("sw-KE",),
    "en-US-AvaMultilingualNeural": ("en-US", "so-SO", "fa-IR"),
}


def riff(samples: bytes, *, size: int | None = None, riff_size: int = 0, channels: int = 1, bits: int = 16) -> bytes:
    """A WAV as Azure answers it: the length of the file is 0, and that of the samples may be anything."""
    step = channels * bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, 24000, 24000 * step, step, bits)
    length = len(samples) if size is None else size
    return struct.pack("<4sI4s", b"RIFF", riff_size, b"WAVE") + form + struct.pack("<4sI", b"data", length) + samples


def tone(text: str) -> bytes:
    """Ten milliseconds a character, so that each text is known by its length."""
    return struct.pack("<h", 16384) * 240 * len(text)


def murmur(text: str) -> bytes:
    """Something like speech, of half a second at least: what is made into a clip must be more than a tone."""
    at = np.arange(12_000 + 240 * len(text)) / 24_000
    samples: bytes = (9000 * np.sin(2 * np.pi * 220 * at) * np.sin(2 * np.pi * 4 * at)).astype("<i2").tobytes()
    return samples


@dataclass(frozen=True)
class Reply:
    """An answer. `length`: the Content-Length; None: of the body. `framing`: how the client knows where it ends.

    `cut`: only so many bytes of the body are sent, and the connection is closed. `wait`: before anything is sent.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    framing: str = "length"
    cut: int | None = None
    wait: Callable[[], object] = lambda: None


Answer: TypeAlias = "Reply | Callable[[], Reply] | None"
"""None: as Azure would."""


@dataclass(frozen=True)
class Asked:
    """One request: what the client sent, names of headers in small letters.

    `text`, `voice`, `language`, `rate`: of the SSML, empty without one.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    text: str = ""
    voice: str = ""
    language: str = ""
    rate: str = ""


@dataclass
class AzureService:
    """What it was asked, and what it will answer: `answers` in turn, else by text, else as Azure would."""

    answers: list[Answer] = field(default_factory=list)
    by_text: dict[str, Answer] = field(default_factory=dict)
    voices: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: VOICES)
    asked: list[Asked] = field(default_factory=list)
    framing: str = "chunks"
    sound: Callable[[str], bytes] = tone
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def texts(self) -> list[str]:
        """The texts it was asked to speak, in their order."""
        return [each.text for each in self.asked if each.path == SPEAK]

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        asked = self._read(method, path, headers, body)
        with self._lock:
            self.asked.append(asked)
            planned = self.answers.pop(0) if self.answers else self.by_text.get(asked.text) if asked.text else None
        if planned is None:
            return self._usual(asked)
        return planned() if callable(planned) else planned

    def _read(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Asked:
        if method != "POST":
            return Asked(method, path, headers)
        speak = ElementTree.fromstring(body)  # noqa: S314 - our own engine's
        assert (speak.tag, speak.get("version")) == (f"{SPEECH}speak", "1.0")
        [voice] = speak
        [prosody] = voice
        assert (voice.tag, prosody.tag, len(prosody)) == (f"{SPEECH}voice", f"{SPEECH}prosody", 0)
        words = (prosody.text or "", voice.get("name", ""), speak.get(LANGUAGE, ""), prosody.get("rate", ""))
        return Asked(method, path, headers, *words)

    def _usual(self, asked: Asked) -> Reply:
        if asked.headers.get("ocp-apim-subscription-key") != KEY:
            return Reply(401, b'{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}')
        if not asked.headers.get("user-agent"):
            return Reply(400)
        if (asked.method, asked.path) == ("GET", LIST):
            listed = [_listed(name, languages) for name, languages in self.voices.items()]
            return Reply(200, json.dumps(listed).encode(), {"Content-Type": "application/json"}, framing=self.framing)
        if (asked.method, asked.path) != ("POST", SPEAK):
            return Reply(404)
        if asked.headers.get("content-type") != "application/ssml+xml":
            return Reply(415)
        if asked.headers.get("x-microsoft-outputformat") != "riff-24khz-16bit-mono-pcm":
            return Reply(400, b"Unsupported output format")
        if asked.voice not in self.voices:
            return Reply(400, f"Unsupported voice {asked.voice}.".encode(), {"Content-Type": "text/plain"})
        return Reply(200, riff(self.sound(asked.text)), {"Content-Type": "audio/x-wav"}, framing=self.framing)


def _listed(name: str, languages: tuple[str, ...]) -> dict[str, object]:
    """A voice of the list. Voices of one language have no list of further ones."""
    first, *others = languages
    voice = {"ShortName": name, "Locale": first, "SampleRateHertz": "24000", "VoiceType": "Neural", "Status": "GA"}
    return {**voice, **({"SecondaryLocaleList": others} if others else {})}


@contextmanager
def serving_azure(service: AzureService) -> Iterator[AzureService]:
    """The service on a free port of this machine, at its `url`."""

    class AzureHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = service.answer(
                self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body
            )
            reply.wait()
            self.close_connection = True
            self.send_response_only(reply.status)  # the other writes a date of its own
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.framing == "length":
                self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            elif reply.framing == "chunks":
                self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            sent = reply.body[: reply.cut]
            if reply.framing != "chunks":
                self.wfile.write(sent)
                return
            for at in range(0, len(sent), 4096):
                part = sent[at : at + 4096]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            if reply.cut is None:
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            """Nothing: the test looks at `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), AzureHandler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that has gone
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        service.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
