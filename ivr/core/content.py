"""The content of a line as one value: the flow, the office, the languages and the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ivr.core.call import Step
from ivr.core.closing import Closing
from ivr.core.flow import PERSON, Flow, Hours, LanguageMenu, Menu, Option, Transfer, fingerprint
from ivr.core.languages import Languages
from ivr.core.office import Office
from ivr.core.prompts import LANGUAGE_NAMES, Catalogue
from ivr.core.utterance import Utterance

MOST_NAMED = 3
"""Ids in a message; what more there are is counted."""


@dataclass(frozen=True)
class SafetySentences:
    """How far native speakers have approved the safety sentences of one language, by ids.

    `needed`: all of them. `unapproved`: those whose words, as they are said, nobody has approved. `kept`: those that
    are said in the words approved last, as their text has changed since.
    """

    needed: tuple[str, ...]
    unapproved: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def why_unapproved(self) -> str:
        """How many are not approved, as a sentence that follows the name of the language."""
        count, total = len(self.unapproved), len(self.needed)
        if count == total:
            return f"nobody has approved its {total} safety sentences"
        return f"nobody has approved {count} of its {total} safety sentences: {_several(self.unapproved)}"

    def what_is_kept(self, name: str) -> str:
        """Which are said in the words approved last, as a sentence; `name`: of the language."""
        return f"callers still hear the old {_several(self.kept)} in {name}"

    def sign_kept(self, code: str) -> str:
        """How to approve the new words of those."""
        return once_read("the new one" if len(self.kept) == 1 else "the new ones", code, *self.kept)


def once_read(what: str, code: str, *chosen: str) -> str:
    """How texts are approved, as a remedy; `chosen`: their ids."""
    return f'After a native speaker has read {what}: ivr texts review {" ".join((code, *chosen))} --by "NAME"'


def _several(ids: tuple[str, ...]) -> str:
    more = len(ids) - MOST_NAMED
    *first, last = [*ids[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True, eq=False)
class Content:
    """Everything that decides what a call says and does.

    `offered`: the languages that a caller can choose. `ivr.content.load` gives all that are whole; `ivr.app` leaves
    out those without a voice. A call under way keeps its language, offered or not. `number_counts`: how many numbers
    each contact has (1 for a contact that is missing). `plain`: sentences, as prompt, values and language, that are
    said by their twins without day and time. `left_out`: optional pages that a language lacks, as page and language.
    `safety`: language -> what is approved of its safety sentences.
    """

    flow: Flow
    office: Office
    languages: Languages
    catalogue: Catalogue
    offered: frozenset[str]
    number_counts: Mapping[str, int] = field(default_factory=dict)
    plain: frozenset[tuple[str, tuple[str, ...], str]] = frozenset()
    left_out: frozenset[tuple[str, str]] = frozenset()
    safety: Mapping[str, SafetySentences] = field(default_factory=dict)
    utterance_cache: dict[object, tuple[Utterance, ...]] = field(default_factory=dict, init=False, repr=False)
    """Cache of `speak.utterances`. Bounded: nodes x variants x languages x hours prompts."""
    step_cache: dict[object, Step] = field(default_factory=dict, init=False, repr=False)
    """Cache of `engine._enter`. Bounded: states x hours prompts."""
    _revisions: dict[tuple[str, str | None], str] = field(default_factory=dict, init=False, repr=False)
    """Cache of `revision`. Bounded: nodes x languages."""
    _options: dict[tuple[str, str | None], Mapping[str, Option]] = field(default_factory=dict, init=False, repr=False)
    """Cache of `options`. Bounded: menus x languages."""

    def name_of(self, language: str) -> str:
        """A language as the office is told of it: Somali (so)."""
        names = self.catalogue.texts.get(self.languages.source, {})
        return self.languages.called(language, names.get(LANGUAGE_NAMES + language, ""))

    def with_numbers(self, counts: Mapping[str, int]) -> Content:
        """The same with other numbers of contacts. It says the same: what was put together for one serves the other."""
        return self._saying_the_same(number_counts=counts)

    def with_dialled(self, languages: Mapping[str, str]) -> Content:
        """The same with other numbers of ours that belong to a language. It says the same too."""
        return self._saying_the_same(office=self.office.model_copy(update={"languages_by_number": languages}))

    def with_closings(self, closings: tuple[Closing, ...]) -> Content:
        """The same, in which these closings hold. What is said depends on the hours prompts of now, as before."""
        return self._saying_the_same(office=self.office.with_closings(closings))

    def _saying_the_same(self, **changes: Any) -> Content:
        other = replace(self, **changes)
        object.__setattr__(other, "utterance_cache", self.utterance_cache)
        return other

    def numbers_of(self, contact: str) -> int:
        """How many numbers a contact has; they are rung one after the other."""
        return self.number_counts.get(contact, 1)

    def choices(self, node: LanguageMenu) -> Mapping[str, str]:
        """The offered languages of a language menu: key -> code."""
        return self._choices[node.prefix]

    def behind(self, node: LanguageMenu) -> Mapping[str, str]:
        """The offered languages of the second language menu, to which 9 leads: key -> code; empty without one."""
        return self._choices["9"] if node.more and not node.prefix else {}

    def options(self, name: str, language: str | None) -> Mapping[str, Option]:
        """The options of a menu in a language: key -> option, without those that lead to a page left out in it.

        Before a language is known, a page is left out if one of `before_choice` lacks it. A menu of nothing but pages
        that are left out is left out with them; the other options keep their keys (rule K3).
        """
        if (cached := self._options.get((name, language))) is None:
            node, gone = self.flow.nodes[name], self._gone(language)
            options = node.options if isinstance(node, Menu) else {}
            cached = self._options[name, language] = {key: o for key, o in options.items() if o.to not in gone}
        return cached

    def _gone(self, language: str | None) -> set[str]:
        """The pages, and the menus of pages, that are left out in a language."""
        languages = (language,) if language else self.languages.before_choice
        if not (gone := {page for page, code in self.left_out if code in languages}):
            return gone
        pages_of = {
            name: {option.to for key, option in node.options.items() if key != PERSON}
            for name, node in self.flow.nodes.items()
            if isinstance(node, Menu)
        }
        while more := {name for name, pages in pages_of.items() if pages and pages <= gone} - gone:
            gone |= more
        return gone

    def unapproved(self, *, required: bool) -> Mapping[str, str]:
        """Language -> why it must not be offered before native speakers have approved its safety sentences."""
        return {
            code: sentences.why_unapproved
            for code, sentences in self.safety.items()
            if sentences.unapproved and code in self.offered and self.waits(code, required=required)
        }

    def waits(self, code: str, *, required: bool) -> bool:
        """Whether a language is not offered before somebody has approved its safety sentences.

        One that only recordings or cloud voices speak always waits, as nobody here can hear it beforehand; the others
        wait where that is `required`, and those of `before_choice` never.
        """
        languages = self.languages
        return code not in languages.before_choice and (required or not languages.languages[code].is_heard_by_all)

    @cached_property
    def approval_notices(self) -> tuple[str, ...]:
        """What an office should know of the offered languages: what they keep, and what speaks first unapproved."""
        offered = [(code, sentences) for code, sentences in self.safety.items() if code in self.offered]
        first = [(code, sentences) for code, sentences in offered if code in self.languages.before_choice]
        return (
            *(
                f"{self.name_of(code)}: {sentences.why_unapproved}. {once_read('them', code, '--safety')}"
                for code, sentences in first
                if sentences.unapproved
            ),
            *(
                f"{sentences.what_is_kept(self.name_of(code))}. {sentences.sign_kept(code)}"
                for code, sentences in offered
                if sentences.kept
            ),
        )

    def revision(self, name: str, language: str | None) -> str:
        """The fingerprint of what the keys of a menu mean to a caller; empty for any other node.

        It covers, for each key, where it leads, the matter from there on, and the text that offers it.
        """
        if (cached := self._revisions.get((name, language))) is None:
            cached = self._revisions[name, language] = self._revision(name, language)
        return cached

    def _revision(self, name: str, language: str | None) -> str:
        match self.flow.nodes.get(name):
            case Menu():
                options = sorted(self.options(name, language).items())
                return fingerprint(name, language or "", *(f"{key}={o.to},{o.matter},{o.say}" for key, o in options))
            case LanguageMenu() as menu:
                return fingerprint(name, *(f"{key}={code},{menu.choice}" for key, code in self.choices(menu).items()))
            case _:
                return ""

    @cached_property
    def schedules_said(self) -> Mapping[str, tuple[str, ...]]:
        """Node -> the schedules of which it says whether they are open now."""
        return {
            name: tuple(item.name for item in getattr(node, "say", ()) if item.kind == "now")
            for name, node in self.flow.nodes.items()
        }

    @cached_property
    def announcements(self) -> frozenset[str]:
        """The ids of what announces a ringing."""
        transfers = [node for node in self.flow.nodes.values() if isinstance(node, Transfer)]
        return frozenset(item.name for node in transfers for item in (*node.announce, *node.before_language))

    @cached_property
    def option_prompts(self) -> frozenset[str]:
        """The ids of the prompts that end with a key: options of menus, and languages that name themselves."""
        nodes = self.flow.nodes.values()
        options = {o.say for node in nodes if isinstance(node, Menu) for o in node.options.values() if o.say}
        return frozenset(options | {node.choice for node in nodes if isinstance(node, LanguageMenu)})

    @cached_property
    def timed(self) -> frozenset[str]:
        """The nodes whose entry depends on the time: their own, or that of a node entered in the same step."""
        timed = {name for name, node in self.flow.nodes.items() if isinstance(node, Hours) or self.schedules_said[name]}
        before: set[str] | None = None
        while timed != before:
            before = set(timed)
            timed |= {n for n in self.flow.nodes if any(t.to in timed for _, t in self.flow.passing_exits(n))}
        return frozenset(timed)

    @cached_property
    def _choices(self) -> Mapping[str, Mapping[str, str]]:
        return {prefix: self.languages.behind_prefix(prefix, self.offered) for prefix in ("", "9")}
