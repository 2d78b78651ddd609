"""The voices of Say that the simulated provider knows (docs/twilio.md, Speaking). A new one: add its name here."""

from collections.abc import Iterator, Mapping

_POLLY = """
    Zeina Hala-Neural Zayd-Neural
    Amy Amy-Neural Amy-Generative Emma Emma-Neural Brian Brian-Neural
    Suvi-Neural
    Celine Mathieu Lea Lea-Neural Lea-Generative Remi-Neural
    Tatyana Maxim
    Astrid Elin-Neural
    Filiz Burcu-Neural
    Naja Mads Sofie-Neural
    Marlene Hans Vicki Vicki-Neural Daniel-Neural
    Conchita Enrique Lucia Lucia-Neural
    Liv Ida-Neural
    Ewa Maja Jacek Jan Ola-Neural
    Carmen
"""
"""By language: ar, en, fi, fr, ru, sv, tr; then some that a site may add: da, de, es, nb, pl, ro."""

_GOOGLE: Mapping[str, str] = {
    "ar-XA": "ABCD",
    "en-GB": "ABCDF",
    "fi-FI": "AB",
    "fr-FR": "ABCDE",
    "ru-RU": "ABCDE",
    "sv-SE": "ABCDEFG",
    "tr-TR": "ABCDE",
}
"""Locale -> the letters of its Standard and Wavenet voices."""
_CHIRP_LOCALES = ("ar-XA", "en-GB", "fr-FR", "ru-RU", "tr-TR")
_CHIRPS = ("Aoede", "Charon", "Fenrir", "Kore", "Leda", "Orus", "Puck", "Zephyr")


def _google() -> Iterator[str]:
    for locale, letters in _GOOGLE.items():
        yield from (f"Google.{locale}-{kind}-{letter}" for kind in ("Standard", "Wavenet") for letter in letters)
    yield from (f"Google.{locale}-Chirp3-HD-{name}" for locale in _CHIRP_LOCALES for name in _CHIRPS)


VOICES = frozenset({*(f"Polly.{name}" for name in _POLLY.split()), *_google()})
"""Names as they stand in `voice`."""
