"""Taking recordings into use: what the volunteers of a language have left, what is missing, and the press itself.

A caller hears a language only after three people have each done their part (decision 28). What is checked here is
checked again at the press, by the bytes that are then written.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from ivr.content.approval import Approval, approve_heard, read_heard
from ivr.core.content import Content
from ivr.core.utterance import Utterance
from ivr.listening.safety_sounds import NAME_DIGITS, LanguageAtHand, ToHear, read_clip
from ivr.proof.kept import IN_MEMORY
from ivr.proof.prove import heard_now
from ivr.proof.recordings import too_long
from ivr.records.faults import RecordsFault
from ivr.records.people import name_key
from ivr.records.room import Gone, OwnWork, Room, Take, Volunteer
from ivr.speech.line_state import LineState, read_line_state, write_line_state
from ivr.speech.recorded import TEXTS, RecordedText, read_texts, remove_voice, take_in
from ivr.speech.recording_script import meanings
from ivr.speech.voices import Audio, VoiceSelector

Lack = Literal[
    "texts",
    "nothing",
    "recordings",
    "damaged",
    "unheard",
    "changed",
    "refused",
    "slow",
    "unsigned",
    "signatures",
    "first",
]
"""What keeps a language from being taken into use, or off the line.

`texts`: it lacks texts. `nothing`: nobody has recorded, and no cloud voice speaks it. `recordings`: so many of its
sentences have no voice. `damaged`: the file of a take is gone, or is another one. `unheard`: no second reader has heard
a safety sentence. `changed`: one has, but it has been recorded again since. `refused`: a reader says that it is wrong.
`slow`: with all these recordings callers would wait longer than a rule of seconds lets them (M0); only the press looks.
`unsigned`: a safety text that nobody has approved. `signatures`: what was approved before cannot be read. `first`: its
callers have no other language.
"""


@dataclass(frozen=True)
class Missing:
    """One thing that is missing: `sentence`: the id of the sentence or text; `count` of `all` sentences."""

    what: Lack
    sentence: str = ""
    count: int = 0
    all: int = 0


class NotReady(RecordsFault):
    """A language cannot be taken into use, or off the line. `missing`: everything that is, not only the first."""

    def __init__(self, missing: tuple[Missing, ...]) -> None:
        named = ", ".join(dict.fromkeys(each.what for each in missing))
        super().__init__(f"this cannot be done yet ({named})", "see on the page of the language what is missing")
        self.missing = missing


@dataclass(frozen=True)
class SafetyStanding:
    """A safety sentence: its words, what it means by language (of the staff, and of the source texts), and its sounds.

    `sounds`: none where nobody has recorded it and no cloud voice says it.
    """

    sentence: str
    text: str
    meaning: Mapping[str, str]
    sounds: tuple[ToHear, ...]


@dataclass(frozen=True)
class Standing:
    """How far a language is, as a team leader sees it.

    `state`: what was decided before, if anything was. `recorded` of `all` sentences have a take; `speakers`: volunteer
    -> of how many it would be heard. `takes`: sentence -> what would be heard. `has_changed`: whether a press would
    change what callers hear. `missing`: what keeps it from that.
    """

    language: str
    state: LineState | None
    all: int
    recorded: int
    speakers: Mapping[int, int]
    safety: tuple[SafetyStanding, ...]
    takes: Mapping[str, Take]
    has_changed: bool
    missing: tuple[Missing, ...]

    @property
    def key(self) -> str:
        """What changes with the sounds that a press would let callers hear, and with what readers say of them."""
        return _key(self.takes, [sound for one in self.safety for sound in one.sounds])

    @property
    def heard(self) -> int:
        """How many of the safety sentences with a sound are approved, in all of their sounds."""
        return sum(all(each.is_approved for each in one.sounds) for one in self.safety if one.sounds)

    @property
    def to_hear(self) -> int:
        """How many safety sentences have a sound."""
        return sum(bool(one.sounds) for one in self.safety)


def standing(
    room: Room, content: Content, today: date, audio: Audio, language: str, voice: int | None = None
) -> Standing:
    """How far a language is, if the voice of this volunteer is preferred (None: of whoever has recorded most)."""
    release = _Release(room, content, today, audio, language)
    takes = release.takes_of(voice)
    sounds = release.sounds(takes)
    meant = meanings(content, today, language)
    state = _state(audio.recorded / language)
    return Standing(
        language,
        state,
        len(release.script),
        len(takes),
        Counter(take.volunteer for take in takes.values()),
        tuple(
            SafetyStanding(said.id, said.text, meant[said.id], tuple(s for s in sounds if s.sentence == said.id))
            for said in release.safety
        ),
        takes,
        release.would_change(state, takes, sounds),
        tuple(release.missing(takes, sounds)),
    )


def take_into_use(
    room: Room,
    content: Content,
    audio: Audio,
    language: str,
    voice: int | None,
    by: str,
    now: datetime,
    *,
    seen: str | None = None,
) -> None:
    """Let callers hear what `standing` shows. NotReady, OwnWork, NotWritten; a second press finishes a broken one.

    `seen`: the `key` of what somebody was shown who presses; Gone where it is another by now. Recordings are written
    before the approval of their words, and the decision last: whatever is broken off, no caller hears what was not
    approved and decided.
    """
    refuse_own_work(room, language, by)
    release = _Release(room, content, now.date(), audio, language)
    takes = release.takes_of(voice)
    sounds = release.sounds(takes)
    if seen is not None and _key(takes, sounds) != seen:
        raise Gone
    if missing := tuple(release.missing(takes, sounds)) or tuple(release.too_slow(takes)):
        raise NotReady(missing)
    # That took seconds, in which a reader may have said that a sentence is wrong.
    release = _Release(room, content, now.date(), audio, language)
    sounds = release.sounds(takes)
    if missing := tuple(release.missing(takes, sounds)):
        raise NotReady(missing)
    folder = audio.recorded / language
    voices = {each.id: each.voice for each in room.volunteers(language)}
    spoken = {
        id_: (
            RecordedText(take.text, on=take.at.date().isoformat(), voice=voices[take.volunteer]),
            release.bytes_of(take),
        )
        for id_, take in takes.items()
    }
    if spoken:
        take_in(folder, spoken)
    _not_taken_back(room, folder, language, takes, voices)
    signed = release.signed(sounds, now.date())
    approve_heard(audio.recorded, language, content.languages.languages[language].name, signed)
    write_line_state(folder, LineState(True, release.heard(sounds)))
    room.note("use", language, "", by, now)


def take_off(room: Room | None, recorded: Path, content: Content, language: str, by: str, now: datetime) -> None:
    """Offer a language to no new call, until `take_into_use` brings it back. NotReady, NotWritten.

    The languages that speak before the choice cannot go: their callers would have none. `room`: None where its records
    cannot be opened, in which who did it is then not kept.
    """
    if language in content.languages.before_choice:
        raise NotReady((Missing("first"),))
    folder = recorded / language
    before = _state(folder)
    write_line_state(folder, LineState(False, before.heard if before else {}))
    if room:
        room.note("off", language, "", by, now)


def published(recorded: Path, language: str, voice: str) -> tuple[str, ...]:
    """The ids of the sentences that callers hear by a voice of a volunteer, such as `v12`."""
    try:
        table = read_texts((recorded / language / TEXTS).read_bytes())
    except (OSError, ValueError, RecursionError):
        return ()
    own = [name for name, spoken in table.items() if spoken.voice == voice]
    return tuple(dict.fromkeys(name.partition("~")[0] for name in own))


def refuse_own_work(room: Room, language: str, name: str) -> None:
    """OwnWork where somebody of this name is among the volunteers of a language: nobody decides on their own work."""
    if is_volunteer(room.volunteers(language), name):
        raise OwnWork


def is_volunteer(volunteers: tuple[Volunteer, ...], name: str) -> bool:
    """Whether one of them has this name, however it is written."""
    return name_key(name) in {name_key(each.name) for each in volunteers}


def _key(takes: Mapping[str, Take], sounds: Iterable[ToHear]) -> str:
    hearings = (f"{each.sha256} {each.hearing.id if each.hearing else ''}" for each in sounds)
    return hashlib.sha256(" ".join([*(take.sha256 for take in takes.values()), *hearings]).encode()).hexdigest()


def _not_taken_back(
    room: Room, folder: Path, language: str, takes: Mapping[str, Take], voices: Mapping[int, str]
) -> None:
    """Whoever has taken back their voice while it was written: it goes again. Gone."""
    agreed = {each.id for each in room.volunteers(language) if each.consent}
    if gone := {take.volunteer for take in takes.values()} - agreed:
        for volunteer in gone:
            remove_voice(folder, voices[volunteer])
        raise Gone


class _Release(LanguageAtHand):
    """What is missing of a language at one moment, and what is signed at its press."""

    def bytes_of(self, take: Take) -> bytes:
        """NotReady where the file is not the one that was judged and heard."""
        if (data := self._bytes_of(take)) is None:
            raise NotReady((Missing("damaged", take.sentence),))
        return data

    def _bytes_of(self, take: Take) -> bytes | None:
        data = read_clip(self.path(take))
        return data if data is not None and hashlib.sha256(data).hexdigest() == take.sha256 else None

    # --- what is missing ---

    def missing(self, takes: Mapping[str, Take], sounds: tuple[ToHear, ...]) -> Iterator[Missing]:
        content, language = self.content, self.language
        if language not in content.offered:
            yield Missing("texts")
        elif not takes and not sounds:
            yield Missing("nothing")
        elif mute := self._mute(takes, sounds):
            yield Missing("recordings", count=len(mute), all=len(self.script))
        yield from (Missing("damaged", take.sentence) for take in takes.values() if self._bytes_of(take) is None)
        for sentence in dict.fromkeys(each.sentence for each in sounds):
            yield from self._unheard([each for each in sounds if each.sentence == sentence])
        if read_heard(self.audio.recorded, language).faults:
            yield Missing("signatures")
        elif takes or sounds:
            yield from (Missing("unsigned", id_) for id_ in self._unsigned(sounds))

    def too_slow(self, takes: Mapping[str, Take]) -> Iterator[Missing]:
        """The recordings that the line would not speak: each may have been fit alone. It takes seconds."""
        seconds = {sentence: take.seconds for sentence, take in takes.items()}
        evidence = heard_now(self.content, self.today, self.audio, IN_MEMORY)
        yield from (Missing("slow", sentence) for sentence in too_long(evidence, self.language, seconds))

    def _mute(self, takes: Mapping[str, Take], sounds: tuple[ToHear, ...]) -> list[Utterance]:
        """The sentences that would have no voice."""
        others = VoiceSelector(self.content, self.audio, self.today)
        spoken = takes.keys() | {each.sentence for each in sounds}
        return [said for said in self.script if said.id not in spoken and not others.sound(said)]

    def _unheard(self, sounds: list[ToHear]) -> Iterator[Missing]:
        sentence = sounds[0].sentence
        if any(each.hearing and not each.hearing.approved for each in sounds):
            yield Missing("refused", sentence)
        elif not all(each.hearing for each in sounds):
            before = any(each.text == sounds[0].text and each.approved for each in self.hearings)
            yield Missing("changed" if before else "unheard", sentence)

    def _unsigned(self, sounds: tuple[ToHear, ...]) -> Iterator[str]:
        """The safety texts without which a language that no voice of our own speaks would wait for ever."""
        if not self.content.waits(self.language, required=False):
            return
        safety = self.content.safety.get(self.language)
        heard = {each.sentence for each in sounds}
        told = {said.prompt for said in self.safety if said.id in heard or not self._has_voice(said)}
        yield from (id_ for id_ in (safety.unapproved if safety else ()) if id_ not in told)

    def _has_voice(self, said: Utterance) -> bool:
        return self.recordings.clip(said) is not None

    def would_change(self, state: LineState | None, takes: Mapping[str, Take], sounds: tuple[ToHear, ...]) -> bool:
        """Whether callers would hear anything else, or the language at all, after a press."""
        on_line = {said.id: clip.name for said in self.script if (clip := self.recordings.clip(said))}
        same = all(on_line.get(id_) == take.sha256[:NAME_DIGITS] for id_, take in takes.items())
        heard = state.heard if state and state.in_use else {}
        return not (same and state and state.in_use and all(heard.get(s.clip_name) == s.sha256 for s in sounds))

    # --- what is signed ---

    def heard(self, sounds: tuple[ToHear, ...]) -> dict[str, str]:
        """The clips that the line may speak; also what a cloud voice says once more where a recording falls."""
        return {each.clip_name: each.sha256 for each in (*self.by_cloud(), *sounds) if each.is_approved}

    def signed(self, sounds: tuple[ToHear, ...], day: date) -> dict[str, Approval]:
        """Safety text -> its approval, where a reader has approved every sentence that is made of it."""
        found = dict[str, Approval]()
        for prompt in dict.fromkeys(said.prompt for said in self.safety):
            sentences = [said.id for said in self.safety if said.prompt == prompt]
            of = {id_: [each for each in sounds if each.sentence == id_] for id_ in sentences}
            if all(some and all(each.is_approved for each in some) for some in of.values()):
                found[prompt] = self._sign(prompt, of[sentences[-1]][-1], day)
        return found

    def _sign(self, prompt: str, sound: ToHear, day: date) -> Approval:
        catalogue, language = self.content.catalogue, self.language
        wording, english = (catalogue.texts[code][prompt] for code in (language, self.content.languages.source))
        spoken = catalogue.spoken.get(language, {}).get(prompt, "")
        reader = self.volunteers[sound.hearing.reader] if sound.hearing else None
        by = reader.voice if reader else ""  # a name stands in the room's records alone
        return Approval.signed(language, prompt, wording, english, by, day, spoken if spoken != wording else "")


def _state(folder: Path) -> LineState | None:
    """What was decided before; None too where that cannot be read: the next decision writes it anew."""
    try:
        return read_line_state(folder)
    except (OSError, ValueError):
        return None
