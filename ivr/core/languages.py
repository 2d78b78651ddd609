"""The languages of the line: their digits, names and voices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from ivr.core.characters import composed, visible
from ivr.core.issue import Severity
from ivr.core.values import Frozen, Place, refusal, written_as

Code = Annotated[str, written_as("[a-z]{2,3}", "this is no code of a language; write for example fi or ckb")]
Visible = Annotated[str, AfterValidator(visible)]
Named = Annotated[Visible, written_as(r"\S(.*\S)?", "write a name, without blanks before and behind it")]
Locale = Annotated[
    Visible, written_as("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "write the language and where it is spoken, like fi-FI")
]
"""A BCP 47 tag. Providers take no other, and end the call."""
Composed = Annotated[str, AfterValidator(composed)]
"""Letters are compared with those of the texts, which are composed where they are read."""
PressForm = Annotated[
    Composed,
    written_as(
        r"[^{}]*\w[^{}]*\{key\}[^{}]*|[^{}]*\{key\}[^{}]*\w[^{}]*",
        'write the words with {key} for the number, like "press {key}"',
    ),
]
PROVIDER = "provider"
"""The voice source that is the telephony provider's own: it speaks during the call and makes no clips."""
OFFLINE = "offline"
"""The voice source that needs no account and no network: anybody can hear what it makes of a text, and mend that."""


class Voice(Frozen):
    """A voice, by its name at its source, and its pace: a factor, 1.0 is the voice's own pace.

    `needs_marks`: whether it guesses where a text has no reading marks, so that each text has a `spoken:` form.
    """

    voice: Named
    pace: Annotated[float, Field(ge=0.3, le=2)] = 1.0
    needs_marks: bool = False


class Language(Frozen):
    """One language.

    `digit`: the keys that choose it, `1`, or `9-1` in the menu behind 9; it never changes (rule K6). `locale`: a BCP 47
    tag. `alphabet`: the letters that its texts may have (empty: any). `jargon`: words of the office that no text may
    say, where `*` stands for any ending (rule W1). `press`: how it says "press {key}", with the words before the key,
    behind it or on both sides; each option ends with one of these (rule M2). `voices`: voice source -> its voice for
    this language. `live`: that it is missing is an alarm (true) or none (false); without it, it is one once the
    language has been offered.
    """

    digit: Annotated[str, written_as("(9-)?[1-8]", "write a key from 1 to 8, or from 9-1 to 9-8")]
    name: Annotated[Named, AfterValidator(composed)]
    locale: Locale
    direction: Literal["ltr", "rtl"] = "ltr"
    alphabet: Composed = ""
    characters_per_second: Annotated[float, Field(gt=5, lt=25)]
    jargon: tuple[Composed, ...] = ()
    press: tuple[PressForm, ...] = ()
    voices: dict[str, Voice] = Field(default_factory=dict)
    live: bool | None = None

    @property
    def provider_voice(self) -> str | None:
        """The provider's voice, if it has one for this language."""
        return self.voices[PROVIDER].voice if PROVIDER in self.voices else None

    @property
    def is_heard_by_all(self) -> bool:
        """Whether the provider or the offline engine speaks it; else only people and cloud voices do."""
        return bool({PROVIDER, OFFLINE} & self.voices.keys())

    @property
    def needs_marks(self) -> bool:
        """Whether one of its voices needs reading marks in every text."""
        return any(voice.needs_marks for voice in self.voices.values())

    @property
    def prefix(self) -> str:
        """The keys that lead to the menu which offers it: none or `9`."""
        return self.digit[:-2]

    @property
    def key(self) -> str:
        """The key that chooses it in that menu."""
        return self.digit[-1]


class Languages(Frozen):
    """`languages.yaml`, validated: every language by code.

    `source`: the language that the texts are translated from. `before_choice`: spoken one after the other until the
    caller has chosen; the workers and 112 speak them. `staff`: the language of the whisper.
    """

    source: Code
    before_choice: Annotated[tuple[Code, ...], Field(min_length=1)]
    staff: Code
    languages: Annotated[dict[Code, Language], Field(min_length=1)]

    @field_validator("languages")
    @classmethod
    def _digits_of_their_own(cls, languages: dict[str, Language]) -> dict[str, Language]:
        seen: dict[str, str] = {}
        faults: dict[Place, str] = {}
        for code, language in languages.items():
            if other := seen.get(language.digit):
                faults[code, "digit"] = f"{other} and {code} both have digit {language.digit}; give each its own"
            seen[language.digit] = code
        if faults:
            raise refusal(faults)
        return languages

    @model_validator(mode="after")
    def _known_languages(self) -> Languages:
        named: dict[Place, str] = {("source",): self.source, ("staff",): self.staff}
        named |= {("before_choice", index): code for index, code in enumerate(self.before_choice)}
        told = "'{}' is not among the languages; add it below 'languages:'"
        faults = {place: told.format(code) for place, code in named.items() if code not in self.languages}
        for index, code in enumerate(self.before_choice):
            if code in self.before_choice[:index]:
                faults["before_choice", index] = f"{code} stands twice; keep one of the two"
        if faults:
            raise refusal(faults)
        return self

    def called(self, code: str, english: str) -> str:
        """A language as the office is told of it, by its name in English, else its own, and its code: Somali (so)."""
        return f"{english or self.languages[code].name} ({code})"

    def behind_prefix(self, prefix: str, offered: frozenset[str]) -> dict[str, str]:
        """The offered languages of one language menu: key -> code, in the order of the keys."""
        codes = {lang.key: code for code, lang in self.languages.items() if lang.prefix == prefix and code in offered}
        return dict(sorted(codes.items()))


def gap_severity(languages: Languages, language: str) -> Severity:
    """How severe a gap is: the line cannot do without the languages that speak first, nor without the staff's."""
    return "broken" if language in (*languages.before_choice, languages.staff) else "incomplete"
