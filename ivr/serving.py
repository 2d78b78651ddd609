"""What answers calls now: a content, its voices and the provider, swapped whole between two requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import cached_property

from ivr.core.closing import Closing
from ivr.core.content import Content
from ivr.core.issue import any_broken
from ivr.proof.voices import unvoiced
from ivr.settings.env_file import SettingsError
from ivr.settings.numbers import to_e164
from ivr.settings.read import Settings, public_number
from ivr.speech.voices import VoiceSelector
from ivr.telephony.port import LineNumbers, Provider
from ivr.telephony.providers import PROVIDER


@dataclass(frozen=True)
class Serving:
    """A line that can answer: it offers the languages that are whole and have a voice now.

    `key` changes with what the files of the content say; empty where nobody asks.
    """

    settings: Settings
    content: Content
    voices: VoiceSelector
    key: str = ""

    @classmethod
    def of(cls, settings: Settings, content: Content, voices: VoiceSelector, key: str = "") -> Serving:
        """SettingsError where a language of `before_choice` has no voice."""
        if faults := [issue for issue in unvoiced(content, voices.voiced) if any_broken([issue])]:
            raise SettingsError([str(issue) for issue in faults])
        counts = {name: len(numbers) for name, numbers in settings.contacts.items()}
        return cls(settings, replace(content, number_counts=counts, offered=voices.offered), voices, key)

    def with_closings(self, closings: tuple[Closing, ...]) -> Serving:
        """The same line, in which these closings hold. It needs no proof: every combination of open and closed is."""
        if closings == self.content.office.closings:
            return self
        return replace(self, content=self.content.with_closings(closings))

    @cached_property
    def provider(self) -> Provider:
        """The provider of this content."""
        return PROVIDER(self.content, _numbers(self.settings, self.content), self.settings.auth_tokens, self.voices)

    @property
    def sources(self) -> dict[str, str]:
        """Offered language -> where its voice comes from."""
        return {code: self.voices.sources[code] or "recorded" for code in sorted(self.content.offered)}


class Current:
    """Holds what answers now. Readers take it once a request; writers take turns."""

    def __init__(self, first: Serving) -> None:
        self._now = first
        self._closings = first.content.office.closings
        self._writing = threading.Lock()
        self.ready = False
        """Whether this process may be given calls: not before it listens, and not when it has been asked to stop."""

    def __call__(self) -> tuple[Content, Provider]:
        """Content and provider of this moment."""
        now = self._now
        return now.content, now.provider

    @property
    def serving(self) -> Serving:
        """All of what answers at this moment."""
        return self._now

    def voices(self) -> VoiceSelector:
        """The voices of this moment."""
        return self._now.voices

    def swap(self, new: Serving) -> None:
        """From the next request on, `new` answers; the closings of now hold in it too."""
        with self._writing:
            new = new.with_closings(self._closings)
            _ = new.provider  # built before it is asked for
            self._now = new

    def close(self, closings: tuple[Closing, ...]) -> None:
        """From the next request on, these closings hold, and no others; also in what is swapped in later."""
        with self._writing:
            self._closings = closings
            new = self._now.with_closings(closings)
            _ = new.provider
            self._now = new

    def voices_changed(self) -> None:
        """Clips were lost or are back: forget the documents that name them, and offer what has a voice now."""
        with self._writing:
            now = self._now
            offered = now.voices.offered
            if offered == now.content.offered:
                now.provider.clear_cache()
                return
            new = replace(now, content=replace(now.content, offered=offered))
            _ = new.provider
            self._now = new


def _numbers(settings: Settings, content: Content) -> LineNumbers:
    contacts = content.office.contacts
    return LineNumbers(
        public_url=settings.public_url,
        caller_id=settings.caller_id,
        contacts=settings.contacts,
        country=content.office.country,
        rings=content.office.rings,
        at_once=frozenset(name for name, contact in contacts.items() if contact.accept == "at_once"),
        languages={
            to_e164(number, content.office.country): code for number, code in content.office.languages_by_number.items()
        },
        public_number=public_number(content.office),
        account=settings.account,
        probe_number=settings.probe_number,
    )
