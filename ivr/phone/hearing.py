"""The carrier hears: it fetches each clip as the provider does, checks what it is, and counts its real seconds."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.test import Client

from ivr.phone.network.errors import CarrierError
from ivr.phone.network.events import Spoken

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Subtitle = Callable[[str], tuple[str, str, bool]]
"""What a clip says, by its name: the locale, the text, and whether slowly. The carrier itself cannot understand it."""


class Hearing:
    """Fetches clips straight from a WSGI application; what was fetched once is kept, as a provider's cache does."""

    def __init__(self, app: WSGIApplication, subtitle: Subtitle) -> None:
        self._client, self._subtitle = Client(app), subtitle
        self._heard: dict[str, Spoken] = {}

    def __call__(self, url: str) -> Spoken:
        """What one `<Play>` says and how long it takes; CarrierError where the provider would play nothing."""
        if url not in self._heard:
            self._heard[url] = self._fetch(url)
        return self._heard[url]

    def _fetch(self, url: str) -> Spoken:
        path = urlsplit(url).path
        with self._client.get(path) as response:
            if response.status_code != 200:
                raise CarrierError(f"{url}: {response.status_code}, so nothing is played; Twilio error 11200")
            if response.mimetype not in ("audio/wav", "audio/x-wav", "audio/wave"):
                raise CarrierError(f"{url}: {response.mimetype} is no sound; Twilio error 12300")
            seconds = _seconds(url, response.get_data())
        locale, text, slow = self._subtitle(path.rsplit("/", 1)[1].removesuffix(".wav"))
        return Spoken(locale, text, seconds, slow, url)


def _seconds(url: str, data: bytes) -> float:
    """Read the header of a WAV file by its own format: G.711 mu-law, 8 kHz, mono."""
    at, kind, rate = 12, 0, 0
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise CarrierError(f"{url}: no WAV file")
    while at + 8 <= len(data):
        name, length = struct.unpack("<4sI", data[at : at + 8])
        if name == b"fmt ":
            kind, channels, rate = struct.unpack("<HHI", data[at + 8 : at + 16])
            kind *= channels
        if name == b"data":
            if (kind, rate) != (7, 8000) or at + 8 + length > len(data) or not length:
                break
            return float(length / rate)
        at += 8 + length + length % 2
    raise CarrierError(f"{url}: not mu-law, 8 kHz, mono and whole")
