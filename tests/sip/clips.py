"""The clips as the transcript of a call names them, and what of them a recording must hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.phone.clip_builder import sentences
from ivr.speech.clips import Rendered, wav_sound
from tests.conftest import TODAY
from tests.sip.heard import SAME, Found, Samples, find_in_order, from_mulaw

_SAID = re.compile(r"(?P<who>[a-z]{2,3}|whisper): (?P<text>.+?)(?P<slow> \(slowly\))?")
_CUTS = ("caller presses", "the caller hangs up", "caller and ")
WHISPER = "whisper"
STAFF = "fi"
"""The language of whispers."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a transcript. `whole`: nobody stopped it."""

    who: str
    text: str
    slow: bool
    whole: bool


def said(lines: Sequence[str]) -> Iterator[Sentence]:
    """The sentences of a transcript, in order."""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if found := _SAID.fullmatch(line):
            whole = not following.startswith(_CUTS)
            yield Sentence(found["who"], found["text"], bool(found["slow"]), whole)


class Clips:
    """The sound of each sentence, as mu-law."""

    def __init__(self, content: Content, folder: Path) -> None:
        self._rendered = Rendered(content, folder)
        self._utterances = sentences(content, closed_set(content, TODAY))
        self._locales = {code: language.locale for code, language in content.languages.languages.items()}

    def sound(self, sentence: Sentence) -> bytes:
        """Its sound; AssertionError where it has none."""
        locale = self._locales[STAFF if sentence.who == WHISPER else sentence.who]
        utterance = self._utterances[locale, sentence.text, sentence.slow]
        name = self._rendered.name(utterance, "offline")
        assert name, f"{sentence} has no voice"
        return wav_sound(self._rendered.path(name).read_bytes())

    def check(self, recording: Samples, sentences: Sequence[Sentence]) -> list[Found]:
        """Assert that each whole sentence is in the recording, one behind the other; return where."""
        whole = [sentence for sentence in sentences if sentence.whole]
        assert whole
        found = find_in_order([from_mulaw(self.sound(sentence)) for sentence in whole], recording)
        wrong = [(sentence, one) for sentence, one in zip(whole, found, strict=True) if one.alike < SAME]
        assert not wrong, "\n".join(f"{one.alike:.4f} {sentence.text}" for sentence, one in wrong)
        return found


def plain(mulaw: bytes) -> bytes:
    """The same with one of the two bytes that both mean silence: who makes samples of them cannot tell them apart."""
    return mulaw.replace(b"\x7f", b"\xff")
