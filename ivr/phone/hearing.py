"""Fetches clips as the provider does, checks their format and measures their seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.test import Client

from ivr.phone.errors import ProviderFault
from ivr.phone.network.events import Spoken
from ivr.speech.clips import wav_seconds

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Subtitle = Callable[[str], tuple[str, str, bool]]
"""Takes the name of a clip; returns its locale, its text, and whether it is slow."""
Fetched = Callable[[Spoken, bytes], None]
"""Takes what a clip says, and its WAV file."""


class Hearing:
    """Fetches clips from a WSGI application, and keeps what they say as the provider's cache does.

    `fetched` is told of each clip when it is fetched.
    """

    def __init__(self, app: WSGIApplication, subtitle: Subtitle, fetched: Fetched | None = None) -> None:
        self._client, self._subtitle, self._fetched = Client(app), subtitle, fetched
        self._heard: dict[str, Spoken] = {}

    def __call__(self, url: str) -> Spoken:
        """What the clip at `url` says and how long it takes; ProviderFault if the provider could not play it."""
        if url not in self._heard:
            self._heard[url] = self._fetch(url)
        return self._heard[url]

    def _fetch(self, url: str) -> Spoken:
        path = urlsplit(url).path
        with self._client.get(path) as response:
            if response.status_code != 200:
                raise ProviderFault(11200, f"{url}: {response.status_code}, so nothing is played; Twilio error 11200")
            if response.mimetype not in ("audio/wav", "audio/x-wav", "audio/wave"):
                raise ProviderFault(12300, f"{url}: {response.mimetype} is no sound; Twilio error 12300")
            data = response.get_data()
        if (seconds := wav_seconds(data[:64], len(data))) is None:
            raise ProviderFault(12300, f"{url}: no whole WAV file in mu-law, 8 kHz, mono; Twilio error 12300")
        locale, text, slow = self._subtitle(path.rsplit("/", 1)[1].removesuffix(".wav"))
        spoken = Spoken(locale, text, seconds, slow, url)
        if self._fetched:
            self._fetched(spoken, data)
        return spoken
