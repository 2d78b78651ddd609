"""The texts of a site in all its languages, as they stand in the PO files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ivr.content.approval import Approval, ApprovalState
from ivr.content.checks.flow import said_items
from ivr.content.files import file_of
from ivr.core.flow import Disconnect, Flow
from ivr.core.issue import Issue, Severity
from ivr.core.languages import Languages, gap_severity
from ivr.core.office import Office
from ivr.core.prompts import DATES, LANGUAGE_IN_FINNISH, LANGUAGE_NAMES, SAFETY, STAFF

State = Literal["missing", "stale", "fresh"]
MOST_REMEMBERED = 8192
"""Of so many texts each check keeps what it has found: whoever reads a site twice, before and after a change or with
approved wordings in place of new ones, finds nearly all of them as they were."""


@dataclass(frozen=True, slots=True)
class Text:
    """One entry of a PO file.

    `source`: the English text (`msgid`). `translation`: `msgstr`, empty where nothing is translated. `spoken`: the
    translation with the vowel marks that an offline voice needs; empty where it needs none. `comment`: for the
    translator. `previous`: the English text that was translated, where that has changed since (`#| msgid`).
    """

    source: str
    translation: str
    fuzzy: bool = False
    spoken: str = ""
    comment: str = field(default="", compare=False)
    previous: str = field(default="", compare=False)


@dataclass(frozen=True)
class Texts:
    """All texts, and the flow, office and languages that say which are needed.

    `sources`: id -> entry of prompts.pot. `translations`: language -> id -> entry. `approvals`: language -> id -> what
    a native speaker has approved.
    """

    flow: Flow
    office: Office
    languages: Languages
    sources: Mapping[str, Text]
    translations: Mapping[str, Mapping[str, Text]]
    approvals: Mapping[str, Mapping[str, Approval]] = field(default_factory=dict)

    @cached_property
    def unless_staff_speak(self) -> frozenset[str]:
        """Ids that are said only in languages which workers and 112 may not speak."""
        conditional, everywhere = (
            {item.name for _, item in said_items(self.flow) if item.kind == kind}
            for kind in ("unless_staff_speak_it", "prompt")
        )
        return frozenset((conditional - everywhere) | {LANGUAGE_IN_FINNISH})

    @cached_property
    def before_language(self) -> frozenset[str]:
        """Ids that are said only before a caller has chosen a language, and so only in those of `before_choice`."""
        before, after = set[str](), set(vars(self.flow.roles).values())
        for place, item in said_items(self.flow):
            (before if "before_language" in place else after).add(item.name)
        return frozenset(before - after)

    @cached_property
    def in_one_language(self) -> frozenset[tuple[str, str]]:
        """(language, id) of what is said by nodes that have a language of their own."""
        nodes = [node for node in self.flow.nodes.values() if isinstance(node, Disconnect) and node.language]
        return frozenset((node.language or "", item.name) for node in nodes for item in node.say)

    @cached_property
    def dispensable(self) -> frozenset[str]:
        """Ids that any language may leave out: the date on which a long closure ends. Its twin is said instead."""
        said = {item.name for _, item in said_items(self.flow) if item.kind == "now"}
        return frozenset({f"hours.{name}.opens_on" for name in said} | {*DATES})

    def needs(self, language: str, prompt: str) -> bool:
        """Whether a language must have a text for an id."""
        return prompt not in self.dispensable and self.wants(language, prompt)

    def wants(self, language: str, prompt: str) -> bool:
        """Whether translators are asked for a text: one that a language must have, or may leave out."""
        if (language, prompt) in self.in_one_language:
            return True
        if prompt.startswith((STAFF, LANGUAGE_NAMES)):
            return language == self.languages.staff
        return prompt not in self.unless_staff_speak or language not in self.languages.before_choice

    def needed(self, language: str) -> list[str]:
        """The ids that a language must have a text for, in the order of prompts.pot."""
        return list(self._needed(language))

    def wanted(self, language: str) -> list[str]:
        """The ids that translators are asked for, in the order of prompts.pot."""
        return [id_ for id_ in self.sources if self.wants(language, id_)]

    def safety(self, language: str) -> list[str]:
        """The ids of the safety sentences that a language must have, and that its callers can hear."""
        unheard = self.before_language if language not in self.languages.before_choice else ()
        return [id_ for id_ in self._needed(language) if id_.startswith(SAFETY) and id_ not in unheard]

    def _needed(self, language: str) -> tuple[str, ...]:
        if (known := self._needed_by.get(language)) is None:
            known = self._needed_by[language] = tuple(id_ for id_ in self.sources if self.needs(language, id_))
        return known

    @cached_property
    def _needed_by(self) -> dict[str, tuple[str, ...]]:
        return {}

    def of(self, language: str) -> dict[str, str]:
        """The texts of a language by id, as they are written."""
        if language == self.languages.source:
            return {id_: self.sources[id_].source for id_ in self.wanted(language)}
        texts = self.translations.get(language, {})
        return {id_: text.translation for id_, text in texts.items() if id_ in self.sources}

    def translated(self) -> Iterator[tuple[str, str, Text]]:
        """(language, id, entry) of every translation that is there and has a source."""
        for language, entries in self.translations.items():
            for id_, text in entries.items():
                if id_ in self.sources and text.translation.strip():
                    yield language, id_, text

    def name_of(self, language: str) -> str:
        """A language as the office is told of it: Somali (so)."""
        name = self.sources.get(LANGUAGE_NAMES + language)
        return self.languages.called(language, name.source if name else "")

    def state(self, language: str, prompt: str) -> State:
        """Whether a text is missing, stale (its source has changed, or it is fuzzy) or fresh; the source is fresh."""
        if language == self.languages.source:
            return "fresh"
        text = self.translations.get(language, {}).get(prompt)
        if text is None or not text.translation.strip():
            return "missing"
        return "stale" if text.fuzzy or text.source != self.sources[prompt].source else "fresh"

    def wording(self, language: str, prompt: str) -> Text:
        """A text as it is written in a language: `translation` and `spoken`, also where it is the source."""
        if language == self.languages.source:
            return Text(self.sources[prompt].source, self.sources[prompt].source)
        return self.translations.get(language, {}).get(prompt) or Text(self.sources[prompt].source, "")

    def approval_state(self, language: str, prompt: str) -> ApprovalState:
        """Whether a native speaker has approved a text as it stands, for the English as it stands."""
        found = self.approvals.get(language, {}).get(prompt)
        if found is None:
            return "not approved"
        written, english = self.wording(language, prompt).translation, self.sources[prompt].source
        same = self.state(language, prompt) == "fresh" and found.is_of(written, english)
        return "approved" if same else "changed"

    def approved(self, language: str) -> list[str]:
        """The ids of the texts of a language that are approved as they stand."""
        return [id_ for id_ in self.wanted(language) if self.approval_state(language, id_) == "approved"]

    def last_approval(self, language: str) -> Approval | None:
        """The newest approval of a language; None where nobody has approved anything."""
        return max(self.approvals.get(language, {}).values(), key=lambda approval: approval.day, default=None)

    def severity(self, language: str) -> Severity:
        """How severe it is that a text of a language is missing or wrong."""
        return gap_severity(self.languages, language)


def text_issue(languages: Languages, language: str, prompt: str, message: str, remedy: str) -> Issue:
    """An issue about one text of a language, in the file where it stands; its severity is that of a gap."""
    text = f"'{prompt}' in {language} {message}"
    return Issue(gap_severity(languages, language), file_of(languages, language), (prompt,), text, remedy, language)
