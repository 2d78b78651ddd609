"""Which voice speaks, by the clips and recordings that are there now.

A language uses the first voice source (`engines.VOICE_SOURCES`) that has all its utterances. A recording of an
utterance always comes before that voice. What is lost falls for itself alone, and is heard again when it is back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain
from pathlib import Path

from ivr.core.content import Content
from ivr.core.languages import PROVIDER
from ivr.core.prompts import SAFETY, said_of
from ivr.core.script import closed_set, recorded_as, twin
from ivr.core.speak import elsewhere
from ivr.core.utterance import Clip, Sound, SpeechMode, SpokenByProvider, Utterance
from ivr.speech.clips import ClipFile, Recordings, Rendered, recording_name
from ivr.speech.engines import CLOUD, ENGINES, VOICE_SOURCES
from ivr.speech.line_state import LineState, LineStates

log = logging.getLogger(__name__)

SOME = 4
"""Most sentences that a message names."""
MOVE = "Move them to IVR_RECORDINGS, so that no copy of the site holds a voice: ivr audio move"
"""The remedy for recordings in a site."""
UNHEARD = "a second reader has not heard its safety sentences by the voice of {}"
TEXT_ONLY = "Polly.TextOnly"
"""Stands for the provider's voice where a simulated call shows an utterance as text."""


@dataclass(frozen=True)
class Audio:
    """The folders of the clips that engines rendered, and of the recordings of people (`IVR_RECORDINGS`).

    `unmoved`: where an earlier version kept recordings, in the site. They are heard until `ivr audio move`.
    """

    rendered: Path
    recorded: Path
    unmoved: Path | None = None

    def recordings(self, content: Content) -> Recordings:
        """The recordings of a content, as they are now."""
        return Recordings(content, self.recorded, self.unmoved)


NO_AUDIO = Audio(Path("no-clips"), Path("no-recordings"))


def audio_folders(site: Path, recordings: Path) -> Audio:
    """The folders of a site; `recordings`: that of `IVR_RECORDINGS`.

    Clips are in `audio/` beside a site named `prompts`, and inside a site of any other name, so that no two share it.
    """
    site, recorded = site.resolve(), recordings.resolve()
    audio = (site.parent if site.name == "prompts" else site) / "audio"
    unmoved = audio / "recorded"
    return Audio(audio / "rendered", recorded, None if unmoved == recorded else unmoved)


class VoiceSelector:
    """Chooses the sounds of every utterance from what is there (rule O1). Call it with an utterance; it never raises.

    `today` is the day from which on hours are said. `keep`: languages that the line offered until now: they stay
    offered though some of their sentences have no voice. `require_approval`: whether every language waits for the
    approval of its safety sentences. `rendered`: the clips, where somebody has looked at them already. `decided`: what
    was known of team leaders' decisions before. One thread may `look` while others ask. It can be pickled.
    """

    def __init__(
        self,
        content: Content,
        audio: Audio,
        today: date,
        mode: SpeechMode = "auto",
        keep: frozenset[str] = frozenset(),
        *,
        require_approval: bool = False,
        rendered: Rendered | None = None,
        decided: Mapping[str, LineState] | None = None,
    ) -> None:
        self._content, self._today, self._mode = content, today, mode
        folders = NO_AUDIO if mode == "say" else audio
        self._rendered = rendered or Rendered(content, folders.rendered)
        self._recordings = folders.recordings(content)
        codes = content.languages.languages
        self._states = LineStates(audio.recorded, codes, decided)
        strange = () if mode == "text" else codes.keys() - {*content.languages.before_choice}
        self._must_be_heard = frozenset(strange)
        """The languages whose cloud voice a second reader must hear: nobody at the office could hear what is wrong."""
        self.kept = keep
        """The languages that are or once were offered, now or by the selector before this one."""
        self.unapproved: Mapping[str, str] = {} if mode == "text" else content.unapproved(required=require_approval)
        """Language -> why it waits for the approval of its safety sentences, whatever voice it has."""
        self.voiced: frozenset[str] = frozenset()
        """The languages with a voice."""
        self.offered: frozenset[str] = frozenset()
        """The languages to offer to new calls: they have a voice, wait for no approval, and were not taken off."""
        self.off: frozenset[str] = frozenset()
        """The languages that a team leader has taken off the line."""
        self.sources: Mapping[str, str | None] = {}
        """Language -> its voice source; None where none has all its utterances."""
        self.lost: frozenset[str] = frozenset()
        """The clips that the line needs now and that are not there: names, and `<language>/<id>` of recordings."""
        self._proved = frozenset[str]()
        self._subtitles: Mapping[str, tuple[str, str, bool]] = {}
        self._reasons: Mapping[str, str] | None = None
        self._judge()

    def __call__(self, utterance: Utterance) -> tuple[Sound, ...]:
        """The sounds of an utterance: one in its language, else some in `before_choice`, or none: it is left out."""
        if sound := self.sound(utterance):
            return (sound,)
        content, said = self._content, utterance
        first = elsewhere(content, said.prompt, said.language, said.values, slow=said.slow)
        return tuple(sound for other in first if (sound := self.sound(other)))

    def said(self, utterance: Utterance) -> Utterance | None:
        """Whose words are heard of an utterance in its language: its own, else its twin's; None if neither's."""
        heard = self._heard(utterance)
        return heard and heard[0]

    def look(self) -> bool:
        """Look at the clips again; whether anything has changed, so that documents made before must be dropped."""
        if not self.have_clips_changed():
            return False
        before = self.lost
        self._judge()
        if gone := self.lost - before:
            log.error("%d clips are lost, such as %s; their sentences are said by other voices", len(gone), min(gone))
        if before and not self.lost:
            log.warning("all clips are there again")
        return True

    def have_clips_changed(self) -> bool:
        """Look at the clips again; whether anything has changed. What follows from it is neither judged nor told."""
        return any([self._rendered.look(), self._recordings.look(), self._states.look()])

    def lose(self, name: str) -> None:
        """Note that the file of a clip could not be opened: its utterance falls to its next voice until it is back."""
        if self._recordings.file(name):
            self._recordings.lose(name)
        elif self._rendered.file(name):
            self._rendered.lose(name)
        else:
            return
        self.lost |= {name}
        log.error("a clip is lost: %s; its sentence is said by the next voice", name)

    def file(self, name: str) -> ClipFile | None:
        """The file of a clip by its name; None for any other name."""
        return self._recordings.file(name) or self._rendered.file(name)

    def is_recording(self, name: str) -> bool:
        """Whether a clip is the voice of a person, who may take it back."""
        return self._recordings.file(name) is not None

    @property
    def decided(self) -> Mapping[str, LineState]:
        """Language -> what a team leader has decided of it, as far as that is known."""
        return self._states.known

    @property
    def taken_off(self) -> frozenset[str]:
        """The languages of which it is known that a team leader has taken them off the line."""
        return frozenset(code for code, state in self.decided.items() if not state.in_use)

    def same_words(self, utterance: Utterance) -> Clip | None:
        """A clip of the words of an utterance by any voice: for whoever wants to hear what the provider will speak."""
        return self._recordings.exact(utterance) or self._other_clip(utterance)

    def missing(self) -> Mapping[str, str]:
        """Language -> why it is not offered, for each that has all its texts. Kept until the next `look`."""
        if (reasons := self._reasons) is None:
            waiting = self._content.offered - self.offered
            codes = (code for code in self._content.languages.languages if code in waiting)
            reasons = self._reasons = {code: self._why_not(code) for code in codes}
        return reasons

    def faults(self) -> tuple[str, ...]:
        """What of the audio folders cannot be read or must not be spoken, and why."""
        codes = self._content.languages.languages
        faults = (self._rendered.fault, *map(self._recordings.fault, codes), *map(self._states.fault, codes))
        to_move = (f"{why}. {MOVE}" for why in self.to_move)
        return tuple(fault for fault in (*faults, *self.too_long, *to_move) if fault)

    @property
    def to_move(self) -> tuple[str, ...]:
        """Which recordings are still where an earlier version kept them; none, or one sentence."""
        codes = self._recordings.still_to_move
        return (f"the recordings of {', '.join(codes)} are still in the site",) if codes else ()

    @property
    def too_long(self) -> tuple[str, ...]:
        """Which recordings are not spoken, as they would break a rule of seconds (rule M0), and why."""
        return tuple(why for name, why in self._recordings.too_long.items() if self._recordings.file(name))

    @property
    def unproved(self) -> frozenset[str]:
        """The recordings of which nobody knows whether they keep the rules of seconds (rule M0)."""
        return self._recordings.clips - self._proved

    def proved(self, too_long: Mapping[str, str]) -> None:
        """Note that the recordings that are there keep the rules of seconds, but for those named, which fall."""
        self._proved, self._recordings.too_long = self._recordings.clips, too_long
        self._judge()

    def stale(self) -> Mapping[str, str]:
        """Language -> which of its sentences have other words than when they were recorded (rule S4)."""
        found = {code: list(self._stale(code)) for code in self._content.languages.languages}
        return {code: "; ".join(sentences) for code, sentences in found.items() if sentences}

    @property
    def provider_only(self) -> bool:
        """Whether no voice but the provider's may speak (`IVR_SPEECH=say`)."""
        return self._mode == "say"

    @property
    def unheard(self) -> tuple[str, ...]:
        """The folders of recordings that are called like no language of the line."""
        return self._recordings.unheard

    def _stale(self, code: str) -> Iterator[str]:
        recordings = self._recordings
        if not recordings.are_there(code):
            return
        stale = dict.fromkeys(recorded_as(said) for said in self.script[code] if recordings.is_stale(said))
        for heard, what in ((False, "callers do not hear it"), (True, "callers still hear it")):
            if ids := [said.id for said in stale if self.hears_old_words(said) == heard]:
                yield f"the recording of {_some(ids)} has other words than the text of today, and {what}"

    def heard(self, code: str) -> str:
        """Whose voice speaks a language: a voice source, `recordings`, both, or `nobody`."""
        recorded = [self._recordings.clip(said) is not None for said in self.script[code]]
        source = None if recorded and all(recorded) else self.sources[code]
        who = [*([source] if source else []), *(["recordings"] if any(recorded) else [])]
        return " and ".join(who) if source or code in self.voiced else "nobody"

    def subtitle(self, name: str) -> tuple[str, str, bool]:
        """(locale, text, slow) of a clip, for showing a call. KeyError for any other name."""
        if name not in self._subtitles:
            self._subtitles = dict(self._subtitled())
        return self._subtitles[name]

    def _subtitled(self) -> Iterator[tuple[str, tuple[str, str, bool]]]:
        """Each clip that is there with its own words; a recording that serves both paces is not slow."""
        for utterance in reversed(closed_set(self._content, self._today)):
            locale = self._content.languages.languages[utterance.language].locale
            rendered = (self._rendered.clip(utterance, engine) for engine in ENGINES)
            for clip in filter(None, (self._recordings.clip(utterance), *rendered)):
                yield clip.name, (locale, utterance.text, utterance.slow)

    @cached_property
    def script(self) -> Mapping[str, tuple[Utterance, ...]]:
        """Language -> all utterances that the line can say in it."""
        everything = closed_set(self._content, self._today)
        return {code: tuple(u for u in everything if u.language == code) for code in self._content.languages.languages}

    # --- the sound of one utterance ---

    def sound(self, utterance: Utterance) -> Sound | None:
        """What is heard in the language of an utterance: itself, else its twin."""
        heard = self._heard(utterance)
        return heard and heard[1]

    def _heard(self, utterance: Utterance) -> tuple[Utterance, Sound] | None:
        """Whose words are heard, and how.

        A closing may bring an hours prompt that nobody has proved; it falls to its twin where it is longer than those
        that were, so that no rule of words or seconds needs another proof (rules W1, M1, M4).
        """
        if not self._is_too_long(utterance) and (sound := self._exact(utterance)):
            return utterance, sound
        plain = twin(self._content, utterance)
        if plain and (sound := self._exact(plain)):
            return plain, sound
        old = self._recordings.clip(utterance)  # of words that have changed since: better than none of the language
        return (utterance, old) if old else None

    def hears_old_words(self, utterance: Utterance) -> bool:
        """Whether a recording of words that have changed since is still heard, as no other voice says the new ones."""
        heard = self._recordings.is_stale(utterance) and self.sound(utterance)
        return bool(heard) and heard == self._recordings.clip(utterance)

    def _is_too_long(self, utterance: Utterance) -> bool:
        """Whether it is an hours prompt that is longer, in words or letters, than all in its place that are known."""
        said = said_of(utterance.prompt)
        longest = self._longest_hours.get((*said, utterance.language)) if said else None
        if longest is None:
            return False
        words, letters = longest
        return utterance.most_words > words or len(utterance.text) > letters

    @cached_property
    def _longest_hours(self) -> Mapping[tuple[str, bool, str], tuple[int, int]]:
        """Schedule, whether it is open, and language -> the most words in a sentence, and the most letters."""
        longest = dict[tuple[str, bool, str], tuple[int, int]]()
        for utterance in chain.from_iterable(self.script.values()):
            if said := said_of(utterance.prompt):
                words, letters = longest.get(key := (*said, utterance.language), (0, 0))
                longest[key] = max(words, utterance.most_words), max(letters, len(utterance.text))
        return longest

    def _exact(self, utterance: Utterance) -> Sound | None:
        """The words of an utterance: its clip, else the same words by any other clip, else by the provider."""
        return self._own(utterance) or self._other_clip(utterance) or self._by_provider(utterance)

    def _own(self, utterance: Utterance) -> Sound | None:
        """A recording of these very words, else the voice source of the language."""
        if recording := self._recordings.exact(utterance):
            return recording
        source = self.sources[utterance.language]
        return self._made(utterance, source) if source in ENGINES else self._by_provider(utterance)

    def _made(self, utterance: Utterance, engine: str | None) -> Clip | None:
        """The clip that an engine has made of an utterance; None for one that a second reader must hear first."""
        clip = self._rendered.clip(utterance, engine) if engine else None
        return None if clip and engine and self._is_unheard(utterance, engine, clip) else clip

    def _is_unheard(self, utterance: Utterance, engine: str, clip: Clip) -> bool:
        """Whether it is a safety sentence by a voice of the cloud, in a language in which somebody must hear it first.

        Such a voice answers with nonsense where it is given a text in another language, and nobody here would know.
        """
        code = utterance.language
        must_be_heard = engine in CLOUD and code in self._must_be_heard and utterance.prompt.startswith(SAFETY)
        return must_be_heard and not self._states.has_heard(code, clip.name, self._rendered.sha256(clip.name))

    def _other_clip(self, utterance: Utterance) -> Clip | None:
        """A clip by the language's own engine at the other pace, else by any engine at any pace."""
        source, other_pace = self.sources[utterance.language], replace(utterance, slow=not utterance.slow)
        own = [(other_pace, source)] if source in ENGINES else []
        others = [(candidate, engine) for candidate in (utterance, other_pace) for engine in ENGINES]
        clips = (self._made(candidate, engine) for candidate, engine in [*own, *others])
        return next((clip for clip in clips if clip), None)

    def _by_provider(self, utterance: Utterance) -> SpokenByProvider | None:
        language = self._content.languages.languages[utterance.language]
        voice = language.provider_voice or (TEXT_ONLY if self._mode == "text" else None)
        return SpokenByProvider(voice, language.locale, utterance.text, utterance.slow) if voice else None

    # --- which languages have a voice ---

    def _judge(self) -> None:
        """Work out what follows from the clips that are there now."""
        self._reasons = None
        content = self._content
        self.sources = {code: self._source(code) for code in content.languages.languages}
        voiced = {code for code in content.offered if self._is_voiced(code)}
        self.voiced = frozenset(voiced)
        self.off = frozenset(() if self._mode == "text" else filter(self._why_off, content.languages.languages))
        self.offered = self.voiced - self.unapproved.keys() - self.off
        self.kept |= self.offered
        needed = (content.offered & self.kept) - self.off if self._mode != "text" else ()
        self.lost = frozenset(name for code in needed for name in self._lost(code))

    def _source(self, code: str) -> str | None:
        """The first source that can speak all of a language. One that could and has lost clips speaks what is left.

        In a language that stays offered without such a source, the engine speaks that has most of it.
        """
        voices = self._content.languages.languages[code].voices
        usable = [source for source in VOICE_SOURCES if source in voices]
        best = next((source for source in usable if source == PROVIDER or self._speaks_all(code, source)), None)
        until_now = self.sources.get(code)
        if until_now and (best is None or usable.index(until_now) < usable.index(best)):
            return until_now
        if best is None and code in self.kept and self._mode != "text":
            made = {engine: self._count(code, engine) for engine in usable}
            return max(made, key=made.__getitem__) if any(made.values()) else None
        return best

    def has_part(self, code: str, engine: str) -> bool:
        """Whether an engine has made some of a language's clips, and not all: the rest can be made too."""
        return 0 < self._count(code, engine) < len(self.script[code])

    def _count(self, code: str, engine: str) -> int:
        return sum(self._rendered.clip(utterance, engine) is not None for utterance in self.script[code])

    def _speaks_all(self, code: str, engine: str) -> bool:
        """Whether there is a clip by an engine of each utterance of a language, or of its twin (rule W4)."""

        def is_there(utterance: Utterance) -> bool:
            # A slow version that nobody has heard is replaced by the usual one, which somebody has.
            paces = (utterance, recorded_as(utterance)) if utterance.slow else (utterance,)
            if self._rendered.clip(utterance, engine) and (
                self._recordings.clip(utterance) or any(self._made(each, engine) for each in paces)
            ):
                return True
            plain = twin(self._content, utterance)
            return bool(plain and self._rendered.clip(plain, engine))

        script = self.script[code] if self._rendered.are_there else ()
        return bool(script) and all(map(is_there, script))

    def _is_voiced(self, code: str) -> bool:
        """Whether a language is to be offered: all of it has a voice, or what the line offers is not all lost.

        A safety sentence whose recording is stale is said in other languages, and takes nothing else away.
        """
        if self._mode == "text" or self._content.languages.languages[code].provider_voice:
            return True
        if not (self._rendered.are_there or self._recordings.are_there(code)):
            return False
        safety = any(self.sound(utterance) for utterance in self.script[code] if utterance.prompt.startswith(SAFETY))
        return safety and (code in self.kept or not any(map(self._is_mute, self.script[code])))

    def _is_mute(self, utterance: Utterance) -> bool:
        return not self.sound(utterance) and not self._recordings.is_kept_back(utterance)

    def _lost(self, code: str) -> Iterator[str]:
        """The clips that an offered language should have and has not."""
        source = self.sources[code]
        if source == PROVIDER and not self._recordings.are_there(code):
            return
        for utterance in self.script[code]:
            if self._recordings.clip(utterance):
                continue
            name = self._rendered.name(utterance, source) if source in ENGINES else None
            recordings = self._recordings
            must_fall = recordings.is_kept_back(utterance) or recordings.is_too_long(utterance)
            if recordings.is_there(utterance) and not must_fall:
                yield recording_name(utterance)
            elif name and not self._rendered.file(name):
                yield name
            elif not self._exact(utterance):
                yield recording_name(utterance)

    def _why_not(self, code: str) -> str:
        mute = "" if code in self.voiced else self._why_mute(code)
        return "; ".join(filter(None, (self._why_off(code), self.unapproved.get(code, ""), mute)))

    @cached_property
    def _engines_to_hear(self) -> Mapping[str, tuple[str, ...]]:
        """Language -> the engines whose safety sentences a second reader must hear, the best first."""
        voices = {code: self._content.languages.languages[code].voices for code in self._must_be_heard}
        return {code: tuple(e for e in ENGINES if e in CLOUD and e in own) for code, own in voices.items()}

    @property
    def unheard_by_a_reader(self) -> Mapping[str, str]:
        """Language -> which better voice than the one that speaks it nobody has heard yet, in a language that waits."""
        found, order = {}, list(VOICE_SOURCES)
        for code, engines in self._engines_to_hear.items():
            source = self.sources[code]
            for engine in engines if source is None else [e for e in engines if order.index(e) < order.index(source)]:
                if ids := list(dict.fromkeys(recorded_as(said).id for said in self._unheard(code, engine))):
                    found[code] = f"{UNHEARD.format(engine)}: {_some(ids)}"
                    break
        return found

    def _unheard(self, code: str, engine: str) -> Iterator[Utterance]:
        """The safety sentences of a language that an engine has made, and nobody has heard by it or recorded."""
        for said in self.script[code]:
            clip = None if said.slow or self._recordings.clip(said) else self._rendered.clip(said, engine)
            if clip and self._is_unheard(said, engine, clip):
                yield said

    def _why_off(self, code: str) -> str:
        """Why a team leader does not want a language to be offered; empty where they do, and for what speaks first."""
        return "" if code in self._content.languages.before_choice else self._states.why_off(code)

    def _why_mute(self, code: str) -> str:
        script = dict.fromkeys(map(recorded_as, self.script[code]))
        mute = [utterance for utterance in script if self._is_mute(utterance)]
        if self._mode == "say":
            why = "the provider has no voice for it, and IVR_SPEECH allows no other"
        elif code in self.kept:
            why = "all its clips are lost"
        elif code in (unheard := self.unheard_by_a_reader):
            why = unheard[code]
        elif len(mute) < len(script):
            what = "voice" if self._content.languages.languages[code].voices else "recording"
            named = f": {_some(said.id for said in mute)}" if len(mute) <= SOME else ""
            why = f"{len(mute)} of its {len(script)} sentences have no {what}{named}"
        else:
            why = "it has no clips and no recordings"
        rendered = self._rendered.fault if self._content.languages.languages[code].voices else ""
        return "; ".join(filter(None, (why, rendered, self._recordings.fault(code))))


def _some(ids: Iterable[str]) -> str:
    """The first few of some sentences."""
    several = list(ids)
    more = f" and {len(several) - SOME} more" if len(several) > SOME else ""
    return f"{', '.join(several[:SOME])}{more}"
