"""What a real line offers today, in words: the same in the page and in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.core.content import Content
from ivr.core.prompts import LANGUAGE_NAMES
from ivr.phone.browser.words import words
from ivr.speech.offer import Offer

ENGLISH = "en"


@dataclass(frozen=True)
class ToldOffer:
    """`today`: what is offered, in one sentence. `waits`: why the others wait, a sentence for each reason."""

    today: str
    waits: tuple[str, ...]

    @property
    def line(self) -> str:
        """All of it in one line."""
        return " ".join((self.today, *self.waits))


def language_name(content: Content, code: str, interface: str) -> str:
    """The name of a language in the language of the reader, else in English, else its own."""
    texts, id_ = content.catalogue.texts, LANGUAGE_NAMES + code
    in_content = (texts.get(reader, {}).get(id_) for reader in (interface, content.languages.source))
    own = content.languages.languages[code].name
    return next(filter(None, (words(interface).get(f"language_{code}"), *in_content)), own)


def in_words(offer: Offer, content: Content, interface: str = ENGLISH) -> ToldOffer:
    """An offer in the words of the page."""
    w = words(interface)

    def names(codes: Iterable[str]) -> str:
        *first, last = (language_name(content, code, interface) for code in codes)
        return f"{', '.join(first)} {w['and']} {last}" if first else last

    today = w["offer_now"].format(count=len(offer.now), names=names(offer.now))
    if offer.after_build:
        count = len(offer.now) + len(offer.after_build)
        today += " " + w["offer_built"].format(count=count, names=names(offer.after_build))

    def waits() -> Iterator[str]:
        for reasons in dict.fromkeys(offer.waiting.values()):
            codes = [code for code, each in offer.waiting.items() if each == reasons]
            why = "; ".join(w[f"waits_{reason}"] for reason in reasons)
            yield w["waits"].format(names=names(codes), why=why)

    return ToldOffer(today, tuple(waits()))
