"""The line of `ivr phone --sip`: a running clock, the sound of all it says, and its calls in the terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self
from zoneinfo import ZoneInfo

import click

from ivr.commands.draft_voices import heard_draft_voices
from ivr.commands.phone import RealLine, echo_making, simulated_app, unread_journal
from ivr.commands.sip_options import WantedLine
from ivr.commands.site import Site
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.phone.browser.words import words
from ivr.phone.clip_builder import ClipBuilder, Drafts
from ivr.phone.errors import CarrierError
from ivr.phone.hearing import Subtitle
from ivr.phone.network.port import NetworkCall
from ivr.phone.network.transcript import Transcript
from ivr.phone.offered import ENGLISH, in_words
from ivr.phone.simulation import CALLER, codes_by_locale, contact_numbers, names_by_number, running_carrier
from ivr.phone.sip.shown import ShownCalls
from ivr.phone.sip.sounds import SipSounds
from ivr.speech.draft_voice import draft_folder
from ivr.speech.engines import VOICE_SOURCES
from ivr.speech.voices import VoiceSelector

if TYPE_CHECKING:
    from flask import Flask

    from ivr.phone.network.events import Event

TOLD_EVERY = 10.0
"""Seconds between two lines about the clips that are being made."""
LOOKED_EVERY = 30.0
"""Seconds after which a new call looks whether there are other clips, with which a real line may offer more."""


class TelephoneCall(NetworkCall, Protocol):
    """A call from a telephone. `hears` can be set."""

    hears: Callable[[Event], None]

    @property
    def peer(self) -> str:
        """The caller's address."""
        ...


class TelephoneLine:
    """The simulated line for telephones, a context. `sounds`: of what it says; `calls`: what is shown of them."""

    def __init__(self, site: Site, content: Content, wanted: WantedLine) -> None:
        site = replace(site, today=wanted.at.date() if wanted.at else site.today)
        script = closed_set(content, site.today)
        voices = heard_draft_voices(site, content) if wanted.waiting else {}
        drafts = Drafts(voices, draft_folder(site.audio))
        engine = VOICE_SOURCES["offline"].make
        self._builder = ClipBuilder(content, script, site.audio.rendered, engine, drafts)
        self.sounds = SipSounds(content, script, self._builder)
        names = names_by_number(contact_numbers(content.office.contacts))
        remarks = dict.fromkeys(voices, words(ENGLISH)["mark_draft"])
        self.calls = ShownCalls(Transcript(names, codes_by_locale(content.languages), remarks))
        self._newest = NewestLine(site, content, wanted)

    def __enter__(self) -> Self:
        """Begin to make the clips that are missing, and tell of it."""
        self._builder.start()
        click.echo(self._newest.told, err=True)
        echo_making(self._builder, "a sentence that is not made yet is silent, and told here")
        if self._builder.progress().fault or not self._builder.wait(0.0):
            threading.Thread(target=self._tell_progress, name="telling-progress", daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Make no more clips."""
        self._builder.close()

    def carry(self, call: TelephoneCall) -> None:
        """Carry one call to its end; where the line breaks a rule, the call ends and the reason is shown."""
        shown = self.calls.begin(call)
        call.hears = shown.event
        answering = self._newest.now()
        spoken_of = self.sounds.of_call(answering.app, answering.subtitle, shown.missed)
        try:
            running_carrier(answering.app, spoken_of).carry(call, from_=CALLER)
        except CarrierError as fault:
            shown.fault(str(fault))

    def _tell_progress(self) -> None:
        done = False
        while not done:
            done = self._builder.wait(TOLD_EVERY)
            made, wanted, fault = self._builder.progress()
            left = f"; no more can be made, so {wanted - made} are silent: {fault}" if fault else ""
            self.calls.note(f"voices: {made} of {wanted} sentences are made{left}")


class _Answering(NamedTuple):
    """The line as it answers now, and what its clips say."""

    app: Flask
    subtitle: Subtitle


class NewestLine:
    """What a real line would offer now, looked at by the first call some seconds after the last look."""

    def __init__(self, site: Site, content: Content, wanted: WantedLine) -> None:
        self._content, self._audio, self._day = content, site.audio, site.today
        self._waiting = wanted.waiting
        self._real = RealLine(site, content)
        self._clock = running_clock(wanted.at, content.office.zone)
        self._looking, self._looked = threading.Lock(), time.monotonic()
        self._journal = unread_journal()
        self._look()

    @property
    def told(self) -> str:
        """What a real line offers, and this one."""
        told = [in_words(self._offer, self._content).line]
        if self._waiting and self._offer.can_be_shown:
            told.append("This line offers those too.")
        elif self._offer.after_build:
            told.append("This line makes these voices now, and offers them soon after.")
        return " ".join(told)

    def now(self) -> _Answering:
        """The line for a call that begins now."""
        with self._looking:
            if time.monotonic() - self._looked > LOOKED_EVERY:
                self._looked = time.monotonic()
                if self._voices.have_clips_changed():
                    self._look()
            return self._answering

    def _look(self) -> None:
        self._offer = offer = self._real.offer()
        codes = {*offer.now, *(offer.can_be_shown if self._waiting else ())}
        content = replace(self._content, offered=self._content.offered & codes)
        app = simulated_app(content, self._clock, self._audio, journal=self._journal)
        self._voices = VoiceSelector(content, self._audio, self._day, "text")
        self._answering = _Answering(app, self._voices.subtitle)


def running_clock(at: datetime | None, zone: str) -> Callable[[], datetime]:
    """A clock that shows `at` now and runs on; without it the time of day, in the office's zone."""
    if at is None:
        return partial(datetime.now, ZoneInfo(zone))
    began, start, here = time.monotonic(), at.astimezone(UTC), at.tzinfo
    return lambda: (start + timedelta(seconds=time.monotonic() - began)).astimezone(here)
