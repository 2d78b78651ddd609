"""How the letters of a language are said by a voice of another one: for a draft voice, which no caller hears."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field

from ivr.core.languages import Named
from ivr.core.prompts import SLOT
from ivr.core.values import Frozen, written_as

PAUSES = ".,:;?!"
"""Signs at which a voice pauses."""
BETWEEN = '"“”„«»()–—…-'
"""Signs between words that are not heard."""
WORD = re.compile(rf"[^\s{re.escape(PAUSES + BETWEEN)}]+")
NO_WORD = str.maketrans(dict.fromkeys(BETWEEN, " "))


class UnknownLetter(Exception):
    """A word has a letter that has no row. `letter`: which."""

    def __init__(self, letter: str) -> None:
        super().__init__(f"there is no row for the letter '{letter}'")
        self.letter = letter


def _spelled(text: str) -> str:
    if not WORD.fullmatch(text) or text != text.casefold():
        raise ValueError("write it in small letters, without blanks")
    return text


Spelled = Annotated[str, AfterValidator(_spelled)]
Phonemes = Annotated[str, written_as(r"[^\s|\]]+( [^\s|\]]+)*", "write the names of phonemes, with a blank between")]


class Letters(Frozen):
    """`<language>.letters.yaml`, validated.

    `voice`: the voice of espeak-ng whose phonemes are named. `pace`: a factor, 1.0 is that voice's own pace. `letters`:
    a letter, or several that are one sound -> its phonemes. `words`: a word that is not said as it is spelled -> its
    phonemes.
    """

    voice: Named
    pace: Annotated[float, Field(ge=0.3, le=2)] = 1.0
    letters: Annotated[dict[Spelled, Phonemes], Field(min_length=1)]
    words: dict[Spelled, Phonemes] = Field(default_factory=dict)

    @cached_property
    def _letter(self) -> re.Pattern[str]:
        """The letter at the beginning of what is left of a word: the longest that has a row."""
        return re.compile("|".join(map(re.escape, sorted(self.letters, key=len, reverse=True))))

    def phonemes(self, word: str) -> tuple[str, ...]:
        """The names of the phonemes of a word, in order. Raises UnknownLetter."""
        word = word.casefold()
        if own := self.words.get(word):
            return tuple(own.split())
        found, at = list[str](), 0
        while at < len(word):
            letter = self._letter.match(word, at)
            if letter is None:
                raise UnknownLetter(word[at])
            found += self.letters[letter[0]].split()
            at = letter.end()
        return tuple(found)

    def spoken(self, text: str) -> str:
        """A text as espeak-ng is given it: each word by its phonemes. Raises UnknownLetter."""
        return WORD.sub(lambda word: named(self.phonemes(word[0])), text.translate(NO_WORD))


def named(phonemes: tuple[str, ...]) -> str:
    """Phonemes as espeak-ng reads their names. The bars keep two names apart that together are a third: t and S."""
    return f"[[{'|'.join(phonemes)}]]"


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, without what fills its slots."""
    return tuple(WORD.findall(SLOT.sub(" ", text)))
