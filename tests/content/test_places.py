"""The words of places: one set for all pages that say where in a call something is."""

from __future__ import annotations

from ivr.content.places import places
from ivr.core.content import Content
from ivr.core.flow import Hours
from ivr.office.words import INTERFACES


def test_each_place_where_a_call_can_wait_has_words_of_its_own_in_every_language(content: Content) -> None:
    nodes = {name for name, node in content.flow.nodes.items() if not isinstance(node, Hours)}
    for interface in INTERFACES:
        found = places(interface)
        assert found.keys() == nodes
        assert len(set(found.values())) == len(nodes)
        assert all(words.strip() for words in found.values())
