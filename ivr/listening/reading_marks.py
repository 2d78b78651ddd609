"""Texts with reading marks: how they are written without, and which of their words lack them.

A language that `needs_marks` has each text twice: as people write it, and with the marks that a voice needs. Whoever
corrects it gives the second, and the first follows from that.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from ivr.content.checks.lint import unmarked
from ivr.content.po import in_reading_order
from ivr.content.texts import Text, Texts
from ivr.core.characters import composed
from ivr.core.prompts import SLOT

WRITTEN = "\N{ARABIC FATHATAN}"
"""The mark that people write too."""


def needs_marks(texts: Texts, language: str) -> bool:
    """Whether the texts of a language are kept with reading marks beside them."""
    return texts.languages.languages[language].needs_marks


def written(texts: Texts, language: str, prompt: str, words: str) -> tuple[str, str]:
    """What stands in the file for new words of a text: the text, and its form with marks; empty where it has none.

    A word that the text has already keeps its spelling there.
    """
    now = texts.wording(language, prompt)
    if not needs_marks(texts, language):
        return words, now.spoken if unmarked(now.spoken) == unmarked(words) else ""
    spelled = {unmarked(word): word for word in now.translation.split()}
    text = " ".join(spelled.get(unmarked(word), _as_people_write(word)) for word in words.split())
    return text, in_reading_order(words)


def _as_people_write(word: str) -> str:
    return "".join(c for c in word if c == WRITTEN or unicodedata.category(c) != "Mn")


def without_marks(words: str) -> list[str]:
    """The words that have no reading mark."""
    return [word for word in SLOT.sub(" ", words).split() if unmarked(word) == word and any(map(str.isalpha, word))]


def marked(texts: Texts, language: str, prompt: str, words: str) -> str:
    """Words with the marks that they have in this text as it is now, else in all texts of their language alike."""
    own = _known([texts.wording(language, prompt)])
    everywhere = _known(texts.translations.get(language, {}).values())
    return composed(" ".join(_marked(word, own) or _marked(word, everywhere) or word for word in words.split()))


def _known(texts: Iterable[Text]) -> dict[str, set[str]]:
    """A word as people write it -> each form of it with its marks."""
    known = defaultdict[str, set[str]](set)
    for text in texts:
        for word, spoken in zip(text.translation.split(), text.spoken.split(), strict=False):
            for form in (_bare(word), unmarked(_bare(word))):
                known[form].add(_bare(spoken))
    return known


def _marked(word: str, known: dict[str, set[str]]) -> str | None:
    """A word with its marks, where one form alone is known of it."""
    bare = _bare(word)
    found = known.get(bare, set())
    return word.replace(bare, next(iter(found))) if bare and len(found) == 1 else None


def _bare(word: str) -> str:
    """A word without the punctuation around it."""
    return word.strip(".,:;!?\N{ARABIC COMMA}\N{ARABIC SEMICOLON}\N{ARABIC QUESTION MARK}")
