"""A draft voice: the offline engine says a language that it does not know, letter by letter, in simulated calls only.

Nothing that is served, proved or counted knows this module (`[tool.importlinter]`). It is no voice source, its clips
lie in a folder of their own, and under names that the line does not read (`clips.RENDERED`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.core.content import Content
from ivr.core.issue import Issue
from ivr.core.letters import Letters, named, words_of
from ivr.core.utterance import Utterance
from ivr.speech.clips import SLOWER, clip_name, ending_of
from ivr.speech.espeak import Espeak
from ivr.speech.port import Speech, SynthesisRequest
from ivr.speech.render import Job
from ivr.speech.voices import Audio

DRAFT = "draft-voice-not-heard-by-callers"
"""How the file name of every clip of a draft voice begins."""
HEAD, TAIL = ("m", "a"), ("m", "a", "t", "a")
"""Phonemes that are put before and behind what is checked; every voice of espeak-ng has them."""
ONCE, TWICE = TAIL, TAIL + TAIL
"""What is checked is followed by either: it is never the end of what is said, where a vowel is longer."""
LEAST_SOUND = 0.04
"""Seconds that a letter makes a word longer at least; the shortest make it 0.06 longer."""
LEAST_TAIL = 0.1
"""Seconds that a second tail makes a word longer at least; it makes it 0.2 longer, or not at all where it is cut."""


@dataclass(frozen=True)
class DraftVoice:
    """The draft voice of one language, by its table of letters."""

    language: str
    letters: Letters

    def jobs(self, content: Content, script: Iterable[Utterance]) -> Mapping[Utterance, Job]:
        """The clip of each utterance in its language. Raises UnknownLetter (`ivr.content.letters` tells which)."""
        return {said: self._job(content, said) for said in script if said.language == self.language}

    def _job(self, content: Content, said: Utterance) -> Job:
        pace = round(self.letters.pace * (SLOWER if said.slow else 1), 3)
        request = _request(self.letters.voice, said.id, self.letters.spoken(said.text), pace)
        ending = ending_of(content, said)
        return Job(f"{DRAFT}-{self.language}-{clip_name(request, ending, DRAFT)}", request, ending)


class DraftEngine:
    """The offline engine for words that are written as `[[names of phonemes]]`."""

    def __init__(self) -> None:
        self._espeak = Espeak()

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Yield each request with its speech. Raises EngineFault."""
        return self._espeak.speak_phonemes(requests)

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The voices whose phonemes can be named."""
        return self._espeak.voices()


def draft_folder(audio: Audio) -> Path:
    """Where the clips of draft voices lie: beside the folder from which the line serves."""
    return audio.rendered.parent / "draft"


def faults_by_sound(letters: Letters, texts: Mapping[str, str], file: str) -> Iterator[Issue]:
    """What of a table is not heard, as issues of its file: a name that the voice lacks cuts the rest of the word.

    `texts`: id -> text, whose words are checked too, each as a whole. Raises EngineFault where nothing can be heard.
    """
    engine = DraftEngine()
    if letters.voice.partition("+")[0] not in engine.voices():
        message = f"espeak-ng has no voice '{letters.voice}', whose phonemes are named here"
        yield Issue("note", file, ("voice",), message, "Write ar, or another of its voices")
        return
    rows = {("letters", letter): names for letter, names in letters.letters.items()}
    rows |= {("words", word): names for word, names in letters.words.items()}
    checked = {place: HEAD + tuple(names.split()) for place, names in rows.items()}
    seconds = _seconds(engine, letters.voice, [HEAD, *checked.values()])
    silent = seconds[HEAD + ONCE] + LEAST_SOUND
    wrong = [place for place, names in checked.items() if _is_cut(names, seconds) or seconds[names + ONCE] < silent]
    for place in wrong:
        message = f"the voice '{letters.voice}' has no sound for '{rows[place]}', and may end a word there"
        yield Issue("note", file, place, message, "Name other phonemes of this voice")
    if not wrong:
        yield from _cut_words(engine, letters, texts, file)


def _cut_words(engine: DraftEngine, letters: Letters, texts: Mapping[str, str], file: str) -> Iterator[Issue]:
    words = dict.fromkeys(word.casefold() for text in texts.values() for word in words_of(text))
    said = {word: letters.phonemes(word) for word in words}
    seconds = _seconds(engine, letters.voice, said.values())
    for word, names in said.items():
        if _is_cut(names, seconds):
            message = f"the voice '{letters.voice}' does not say all of '{word}'"
            yield Issue("note", file, ("words",), message, f"Write '{word}' below words:, with other phonemes")


def _is_cut(names: tuple[str, ...], seconds: Mapping[tuple[str, ...], float]) -> bool:
    """Whether what follows some phonemes is not heard."""
    return seconds[names + TWICE] < seconds[names + ONCE] + LEAST_TAIL


def _seconds(engine: DraftEngine, voice: str, several: Iterable[tuple[str, ...]]) -> Mapping[tuple[str, ...], float]:
    """How long each is as one word with the tail, once and twice."""
    followed = {names + tail for names in several for tail in (ONCE, TWICE)}
    requests = {_request(voice, " ".join(names), named(names), 1.0): names for names in followed}
    spoken = engine.speak(requests)
    return {requests[request]: len(speech.samples) / speech.rate for request, speech in spoken}


def _request(voice: str, prompt: str, text: str, pace: float) -> SynthesisRequest:
    """A request in the language of the voice itself, which is not the one that is said."""
    return SynthesisRequest(prompt, voice.partition("+")[0], text, voice, pace)
