"""Rings a served line as the provider does: signed, by the clock of its addresses, with a fallback on another host."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from http.client import HTTPException
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ivr.phone.errors import ProviderFault
from ivr.phone.hearing import Subtitle
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Spoken
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.virtual import VirtualCarrier
from ivr.speech.clips import wav_seconds
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.voices import VoiceSelector, audio_folders
from ivr.telephony.twilio.emergency import static_document
from ivr.telephony.twiml.urls import CONNECTION
from tests.faults.served import INSTRUCTOR, ON_CALL, OURS, PUBLIC, TOKEN, URL, Heard, Served, today
from tests.http_transport import HttpTransport

EVERYBODY = {ON_CALL: ["answers"], INSTRUCTOR: ["answers"], PUBLIC: ["answers"]}
"""Everybody picks up, presses a key and talks."""
NOBODY: dict[str, Sequence[str]] = {}


class Fetched:
    """Fetches each clip anew, as a provider with an empty cache."""

    def __init__(self, line: Served, subtitle: Subtitle, tls: ssl.SSLContext | None) -> None:
        self._line, self._subtitle, self._tls = line, subtitle, tls

    def __call__(self, url: str) -> Spoken:
        path = urlsplit(url).path
        try:
            status, data = HttpTransport(self._line.address, tls=self._tls).get(f"{URL}{path}")
        except (OSError, HTTPException) as error:
            raise ProviderFault(11205, "no connection") from error
        if status != 200:
            raise ProviderFault(11200, f"{status}, so nothing is played")
        if (seconds := wav_seconds(data[:64], len(data))) is None:
            raise ProviderFault(12300, "no whole clip")
        locale, text, slow = self._subtitle(path.rsplit("/", 1)[1].removesuffix(".wav"))
        return Spoken(locale, text, seconds, slow, url)


class Telephone:
    """Rings one line again and again. `content` and clips are those of the line while nothing was broken.

    `unusual`: its requests go through the Flask views of the line, not through its thin entry. `tls`: whose
    certificates it trusts where the address of the line is https.
    """

    def __init__(self, line: Served, tls: ssl.SSLContext | None = None) -> None:
        self.unusual, self._tls = False, tls
        content = line.content()
        self._line, self._seconds_of = line, seconds_by_locale(content.languages)
        self._fallback = static_document(content, PUBLIC, OURS)
        self._voices = self._now()
        self._hearing = Fetched(line, self._subtitle, tls)
        self._zone = ZoneInfo(content.office.zone)

    def _now(self) -> VoiceSelector:
        folders = audio_folders(self._line.prompts.folder, self._line.recordings)
        return VoiceSelector(self._line.content(), folders, today())

    def _subtitle(self, name: str) -> tuple[str, str, bool]:
        """What a clip says: asked while all of them are there, and again for one that was made since."""
        try:
            return self._voices.subtitle(name)
        except KeyError:
            self._voices = self._now()
            return self._voices.subtitle(name)

    def ring(
        self,
        *keys: str,
        contacts: Mapping[str, Sequence[str]] | None = None,
        token: str = TOKEN,
        to: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Heard:
        """One whole call. Without keys the caller waits in silence."""
        answers = ScriptedContacts(EVERYBODY if contacts is None else contacts, default="no_answer")
        return Heard(self.carrier(token).call(ScriptedCaller(keys), answers, to=to, extra=extra))

    def carrier(self, token: str = TOKEN) -> VirtualCarrier:
        """The provider. It obeys what the addresses say about time and retries, in real seconds."""
        return VirtualCarrier(
            HttpTransport(self._line.address, by_the_clock=True, unusual=self.unusual, tls=self._tls),
            public_url=URL,
            auth_token=token,
            our_number=OURS,
            clock=VirtualClock(datetime.now(self._zone)),
            seconds_of=self._seconds_of,
            clip_of=self._hearing,
            voice_url=f"{URL}/voice{CONNECTION}",
            fallback=self._fallback,
        )
