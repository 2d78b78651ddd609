"""The facts of the page "Going live", from the site and the environment as they are now."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint

from ivr.commands.phone import simulated_app
from ivr.commands.site import Site, now
from ivr.content.load import load
from ivr.content.texts import Texts
from ivr.core.content import Content
from ivr.core.office import Office
from ivr.core.script import recorded_as
from ivr.files import Stamp, stamp_of
from ivr.live.watcher import signature
from ivr.phone.browser.going_live import (
    WAITS,
    ExampleCall,
    LanguageFacts,
    NoFacts,
    RuleFacts,
    SettingState,
    SiteFacts,
    going_live,
)
from ivr.phone.browser.presets import presets
from ivr.phone.hearing import Hearing
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Ringing, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import carrier_for
from ivr.proof.kept import Kept
from ivr.proof.prove import load_and_prove, prove_recordings
from ivr.proof.registry import By
from ivr.proof.voices import unusable
from ivr.settings.env_file import SettingsError, environment
from ivr.settings.read import CONTACT, read_settings, requires_approval, speech_mode, state_folder
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.offer import Reason, offer_of
from ivr.speech.voices import Audio, VoiceSelector

T = TypeVar("T")
Env = Mapping[str, str]
OURS = ("TWILIO_AUTH_TOKEN", "IVR_PUBLIC_URL", "IVR_CALLER_ID")
"""The settings that a line cannot go live without, besides the numbers of its contacts."""


def going_live_page(site: Site) -> Blueprint:
    """The page of a site, with the environment and the day of each visit."""
    facts, rules = Latest(site_facts, site.folder, site.audio), Latest(rule_facts, site.folder, site.audio)
    return going_live(
        lambda: facts(environment(Path.cwd()), now().date()), lambda: rules(environment(Path.cwd()), now().date())
    )


def site_facts(folder: Path, audio: Audio, env: Env, today: date) -> SiteFacts:
    """Read the site; NoFacts where it is broken. Only recordings that nobody has imported make it take seconds."""
    required, mode = requires_approval(env), speech_mode(env)
    loaded = load(folder, today, audio.recorded)
    texts, content = loaded.texts, loaded.content
    if content is None or texts is None or unusable(content):
        raise NoFacts
    voices = VoiceSelector(content, audio, today, mode, require_approval=required)
    prove_recordings(voices, content, today, audio, Kept(state_folder(env)))
    waiting = offer_of(content, voices).waiting
    return SiteFacts(
        content,
        today,
        tuple(_language(texts, content, voices, code, waiting.get(code, ())) for code in content.languages.languages),
        setting_states(env, content.office),
        _example(content, audio, env, today),
    )


def rule_facts(folder: Path, audio: Audio, env: Env, today: date) -> RuleFacts:
    """Prove the rules of a site, which takes seconds; NoFacts where its files are broken."""
    required, kept = requires_approval(env), Kept(state_folder(env))
    proofs = load_and_prove(folder, today, audio, require_approval=required, kept=kept).proofs
    if not proofs:
        raise NoFacts

    def ids(*by: By, holds: bool = True) -> tuple[str, ...]:
        return tuple(proof.rule for proof in proofs if proof.by in by and proof.holds == holds)

    searched: tuple[By, ...] = ("walk", "text", "flow", "sound")
    return RuleFacts(ids(*searched), ids("test"), ids("not yet"), ids(*searched, holds=False))


class Latest(Generic[T]):
    """What is found of a site, and found anew when a file of it, a clip, the environment or the day has changed."""

    def __init__(self, find: Callable[[Path, Audio, Env, date], T], folder: Path, audio: Audio) -> None:
        self._find, self._folder, self._audio = find, folder, audio
        self._one_at_a_time = threading.Lock()
        self._found: tuple[object, T] | None = None

    def __call__(self, env: Env, today: date) -> T:
        """What is so now; NoFacts where the site is broken."""
        with self._one_at_a_time:
            key = (
                signature(self._folder, self._audio.recorded),
                tuple(_folders(self._audio)),
                tuple(sorted(env.items())),
                today,
            )
            if self._found is None or self._found[0] != key:
                self._found = key, self._find(self._folder, self._audio, env, today)
            return self._found[1]


def _folders(audio: Audio) -> Iterator[Stamp]:
    """The stamps of the folders of sound: each changes when a file in it is written by a rename, or goes."""
    for folder in (audio.rendered, audio.recorded, audio.unmoved):
        if folder and folder.is_dir():
            inner = (path for path in sorted(folder.iterdir()) if path.is_dir())
            yield from (stamp_of(path.stat()) for path in (folder, *inner))


def _language(
    texts: Texts, content: Content, voices: VoiceSelector, code: str, reasons: tuple[Reason, ...]
) -> LanguageFacts:
    needed, safety = texts.needed(code), texts.safety(code)
    fresh = sum(texts.state(code, id_) == "fresh" for id_ in needed)
    approved = sum(texts.approval_state(code, id_) == "approved" for id_ in needed)
    unapproved = content.safety[code].unapproved if code in content.safety else tuple(safety)
    said = list(dict.fromkeys(map(recorded_as, voices.script[code])))
    return LanguageFacts(
        code,
        (fresh, len(needed)),
        (len(safety) - len(unapproved), len(safety)),
        (approved, len(needed)),
        (sum(voices.sound(utterance) is not None for utterance in said), len(said)),
        _waits(reasons),
    )


def _waits(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What to tell of the reasons: while texts are missing, nothing else can be done for the language."""
    return ("texts",) if "texts" in reasons else tuple(sorted(reasons, key=WAITS.index))


def setting_states(env: Env, office: Office) -> dict[str, SettingState]:
    """Variable -> its state, for all that a line cannot go live without; never a value."""
    faults = list[str]()
    try:
        read_settings(env, office)
    except SettingsError as error:
        faults = error.faults

    def state(variable: str) -> SettingState:
        is_there = bool(env.get(variable, "").strip())
        if any(re.match(rf"{variable}\b", fault) for fault in faults):
            return "wrong" if is_there else "missing"
        return "set" if is_there else "public"

    return {variable: state(variable) for variable in (*OURS, *(CONTACT + name.upper() for name in office.contacts))}


def _example(content: Content, audio: Audio, env: Env, today: date) -> ExampleCall | None:
    """A call by day, with the voices of a real line; None where a language that speaks first has no voice."""
    languages = content.languages
    moment = presets(content.office, today)["morning"].replace(tzinfo=ZoneInfo(content.office.zone))
    clock, mode = VirtualClock(moment), speech_mode(env)
    try:
        app = simulated_app(content, clock.now, audio, mode, require_approval=requires_approval(env))
    except SettingsError:
        return None
    subtitle = VoiceSelector(content, audio, today, mode).subtitle
    carrier = carrier_for(app, clock, seconds_by_locale(languages), hearing=Hearing(app, subtitle))
    keys = (*languages.languages[languages.staff].digit.split("-"), "1")
    events = list(carrier.call(ScriptedCaller(keys), ScriptedContacts({}, default="answers")))
    said = [event for event in events if isinstance(event, Said)]
    rings = next(event.at for event in events if isinstance(event, Ringing))
    return ExampleCall(
        rings,
        sum(len(each.spoken.text) for each in said if each.where != "whisper"),
        sum(len(each.spoken.text) for each in said if each.where == "whisper"),
        sum(len(each.spoken.text) for each in said if not each.spoken.clip),
    )
