"""Addresses of version 0.1, for calls that began under it: `/voice/<node>`, and a node for each round."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.core.call import CallState
from ivr.core.content import Content
from ivr.core.flow import LanguageMenu, Menu, fingerprint
from ivr.telephony.twiml import urls

NODES: Mapping[str, tuple[str, int]] = {
    "last_words": ("last_words", 1),
    "last_words_second": ("last_words", 2),
    "last_words_third": ("last_words", 3),
    "on_call_third": ("on_call_second", 1),
    "on_call_fourth": ("on_call_second", 2),
    "on_call_fifth": ("on_call_second", 3),
    "opened_before_second": ("opened_meanwhile", 1),
    "opened_before_third": ("opened_meanwhile", 2),
    "nobody_before_second": ("nobody_yet", 1),
    "nobody_before_third": ("nobody_yet", 2),
    "instructor_before_second": ("instructor_too", 1),
    "instructor_before_third": ("instructor_too", 2),
}
"""Node of version 0.1 -> node and round; every other name is the same."""


def read_state(content: Content, query: Mapping[str, str], node: str) -> tuple[CallState, str, int | None]:
    """State, menu revision and start of the call; the revision is the current one if no key has changed its meaning."""
    name, round_ = NODES.get(node, (node, 0))
    state, revision, started = urls.read_state(content, query, name)
    state = state._replace(round=round_)
    unchanged = revision == _revision(content, name)
    return state, content.revision(name, state.language) if unchanged else revision, started


def _revision(content: Content, name: str) -> str:
    """The fingerprint of a menu in version 0.1: it covers, for each key, where it leads."""
    match content.flow.nodes.get(name):
        case Menu() as menu:
            keys = {key: option.to for key, option in menu.options.items()}
        case LanguageMenu() as menu:
            keys = dict(content.choices(menu))
        case _:
            return ""
    return fingerprint(*(f"{key}={target}" for key, target in sorted(keys.items())))
