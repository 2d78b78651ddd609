"""The languages of the line: their digits, names and voices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from ivr.core.values import Frozen

Code = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


PROVIDER = "provider"
"""The voice source that is the telephony provider's own: it speaks while the call goes on, and makes no clips."""


class Voice(Frozen):
    """A voice by the name that its source knows, and its pace: 1.0 is the voice's own."""

    voice: str
    pace: Annotated[float, Field(ge=0.3, le=2)] = 1.0


class Language(Frozen):
    """One language.

    `digit` is the keys that choose it and belongs to it for ever (rule K6): `1`, or `9-1` behind 9. `alphabet`: the
    letters that its texts may have (empty: any). `jargon`: the office's words that no text may say, where `*` stands
    for any ending (rule W1). `voices`: the voice of each source that has one for it: a speech engine, or the provider.
    """

    digit: Annotated[str, StringConstraints(pattern=r"^(9-)?[1-8]$")]
    name: str
    locale: str
    direction: Literal["ltr", "rtl"] = "ltr"
    alphabet: str = ""
    characters_per_second: Annotated[float, Field(gt=5, lt=25)]
    jargon: tuple[str, ...] = ()
    voices: dict[str, Voice] = Field(default_factory=dict)

    @property
    def provider_voice(self) -> str | None:
        """The provider's voice, if it has one for this language."""
        return self.voices[PROVIDER].voice if PROVIDER in self.voices else None

    @property
    def prefix(self) -> str:
        """The keys that lead to the menu which offers it: `` or `9`."""
        return self.digit[:-2]

    @property
    def key(self) -> str:
        """The key that chooses it in that menu."""
        return self.digit[-1]


class Languages(Frozen):
    """Every language by code.

    `source` is the language of the ids' texts; `before_choice` are spoken one after the other until the caller has
    chosen, and are the ones that the workers and 112 speak; `staff` is what the people who answer hear.
    """

    source: Code
    before_choice: Annotated[tuple[Code, ...], Field(min_length=1)]
    staff: Code
    languages: Annotated[dict[Code, Language], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Languages:
        for code in (self.source, self.staff, *self.before_choice):
            if code not in self.languages:
                raise ValueError(f"'{code}' is not among the languages; add it below 'languages:'")
        seen: dict[str, str] = {}
        for code, language in self.languages.items():
            if other := seen.get(language.digit):
                raise ValueError(f"{other} and {code} both have digit {language.digit}; give each its own")
            seen[language.digit] = code
        return self

    def behind_prefix(self, prefix: str, offered: frozenset[str]) -> dict[str, str]:
        """The offered languages of one language menu: key -> code, in the order of the keys."""
        found = {lang.key: code for code, lang in self.languages.items() if lang.prefix == prefix and code in offered}
        return dict(sorted(found.items()))
