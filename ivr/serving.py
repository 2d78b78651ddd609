"""What answers calls now: a content, its voices and the provider, swapped whole between two requests."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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

    `key` changes with what the files of the content say; empty where nobody asks. `stand_ins`: contact -> the label of
    the prepared number that rings now in place of its own.
    """

    settings: Settings
    content: Content
    voices: VoiceSelector
    key: str = ""
    stand_ins: Mapping[str, str] = field(default_factory=dict)

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

    def with_stand_ins(self, labels: Mapping[str, str]) -> Serving:
        """The same line, in which for these contacts the prepared numbers of these labels ring.

        A label that the settings do not have is left out: whom they name rings. It needs no proof either: every rule
        holds for any numbers.
        """
        known = {name: label for name, label in labels.items() if label in self.settings.spares.get(name, {})}
        if known == self.stand_ins:
            return self
        other = replace(self, stand_ins=known)
        counts = {name: len(numbers) for name, numbers in other.contacts.items()}
        return replace(other, content=self.content.with_numbers(counts))

    @cached_property
    def contacts(self) -> Mapping[str, tuple[str, ...]]:
        """The numbers that ring now for each contact, in turn."""
        spares = self.settings.spares
        return {**self.settings.contacts, **{name: (spares[name][label],) for name, label in self.stand_ins.items()}}

    @cached_property
    def provider(self) -> Provider:
        """The provider of this content."""
        return PROVIDER(self.content, self._numbers(), self.settings.auth_tokens, self.voices)

    def _numbers(self) -> LineNumbers:
        settings, content, country = self.settings, self.content, self.content.office.country
        contacts = content.office.contacts
        written = content.office.languages_by_number
        return LineNumbers(
            public_url=settings.public_url,
            caller_id=settings.caller_id,
            contacts=self.contacts,
            country=country,
            resting=frozenset(number for name in self.stand_ins for number in settings.contacts[name]),
            rings=content.office.rings,
            # A stand-in is another phone, which may have a voicemail: whoever answers it presses a key first (rule T2).
            at_once=frozenset(
                name for name, each in contacts.items() if each.accept == "at_once" and name not in self.stand_ins
            ),
            languages={to_e164(number, country): code for number, code in written.items()},
            public_number=public_number(content.office),
            account=settings.account,
            probe_number=settings.probe_number,
        )

    @property
    def sources(self) -> dict[str, str]:
        """Offered language -> where its voice comes from."""
        return {code: self.voices.sources[code] or "recorded" for code in sorted(self.content.offered)}


class Current:
    """Holds what answers now. Readers take it once a request; writers take turns."""

    def __init__(self, first: Serving) -> None:
        self._now = first
        self._closings, self._stand_ins = first.content.office.closings, first.stand_ins
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
        """From the next request on, `new` answers; the closings and stand-ins of now hold in it too."""
        with self._writing:
            self._take(new, self._closings, self._stand_ins)

    def close(self, closings: tuple[Closing, ...], stand_ins: Mapping[str, str] | None = None) -> None:
        """From the next request on, these closings hold, and no others; also in what is swapped in later.

        `stand_ins`: the same for them, as contact -> label.
        """
        with self._writing:
            self._take(self._now, closings, stand_ins or {})

    def _take(self, new: Serving, closings: tuple[Closing, ...], stand_ins: Mapping[str, str]) -> None:
        new = new.with_closings(closings).with_stand_ins(stand_ins)
        _ = new.provider, new.content.office.schedules  # built before they are asked for
        # Only now, when nothing can break any more: what cannot hold must not keep new content away either.
        self._now, self._closings, self._stand_ins = new, closings, stand_ins

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
