"""Everything that decides a call, as one value: the flow, the office, the languages and the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ivr.core.call import Step
from ivr.core.flow import Flow, Hours, LanguageMenu, Menu, Message, Node, fingerprint
from ivr.core.languages import Languages
from ivr.core.office import Office
from ivr.core.prompts import Catalogue
from ivr.core.utterance import Utterance


@dataclass(frozen=True, eq=False)
class Content:
    """What the line is made of. `lines`: numbers of each contact.

    `offered`: the languages a caller can choose. As it is read, all that are whole; a line that is served offers those
    of them that have a voice.
    """

    flow: Flow
    office: Office
    languages: Languages
    catalogue: Catalogue
    offered: frozenset[str]
    lines: Mapping[str, int] = field(default_factory=dict)
    said: dict[object, tuple[Utterance, ...]] = field(default_factory=dict, init=False, repr=False)
    """What was put together before, to be said again; finite, as all that the line can say is."""

    entered: dict[object, Step] = field(default_factory=dict, init=False, repr=False)
    """What came of entering a node before; finite, as the ways to enter one and the hours to be told are."""

    def choices(self, node: LanguageMenu) -> Mapping[str, str]:
        """The keys of a language menu and the offered language that each chooses."""
        return self._pages[node.page]

    def behind(self, node: LanguageMenu) -> Mapping[str, str]:
        """The languages behind the key 9 of a language menu, if it leads to any."""
        return self._pages["9"] if node.more and node.page == "" else {}

    def revision(self, name: str) -> str:
        """The fingerprint of what the keys of a node mean; empty where keys have no meaning of their own."""
        return self._revisions.get(name, "")

    @cached_property
    def told_hours(self) -> Mapping[str, tuple[str, ...]]:
        """The schedules of which each node says whether they are open now."""
        return {
            name: tuple(item.name for item in getattr(node, "say", ()) if item.kind == "now")
            for name, node in self.flow.nodes.items()
        }

    @cached_property
    def timed(self) -> frozenset[str]:
        """The nodes that come to something else at other hours: they ask for the time, or lead on to one that does."""
        asking = {name for name, node in self.flow.nodes.items() if isinstance(node, Hours) or self.told_hours[name]}
        before: set[str] | None = None
        while asking != before:
            before = set(asking)
            asking |= {
                name for name, node in self.flow.nodes.items() if isinstance(node, Message) and node.next.to in asking
            }
        return frozenset(asking)

    @cached_property
    def _pages(self) -> Mapping[str, Mapping[str, str]]:
        return {page: self.languages.on_page(page, self.offered) for page in ("", "9")}

    @cached_property
    def _revisions(self) -> Mapping[str, str]:
        return {
            name: fingerprint(keys) for name, node in self.flow.nodes.items() if (keys := self._keys(node)) is not None
        }

    def _keys(self, node: Node) -> Mapping[str, str] | None:
        match node:
            case Menu():
                return {key: option.to for key, option in node.options.items()}
            case LanguageMenu():
                return self.choices(node)
            case _:
                return None
