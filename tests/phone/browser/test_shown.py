"""What the page shows beside a call: the times to choose from, the drawing of the flow, and its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, timedelta
from itertools import combinations
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from ivr.core.content import Content
from ivr.core.office import PHONE
from ivr.phone.browser.drawing import HEIGHT, WIDTH, Box, drawing
from ivr.phone.browser.event_view import EventView
from ivr.phone.browser.presets import presets
from ivr.phone.browser.words import INTERFACES, words
from ivr.phone.network.events import Warned
from ivr.phone.network.people import TALK_SECONDS
from ivr.phone.network.transcript import Transcript
from ivr.speech.offer import Reason
from tests.conftest import TODAY
from tests.phone.browser.helpers import BROWSER


@pytest.mark.parametrize("year", range(2025, 2033))
@pytest.mark.parametrize("day", ["01-01", "03-28", "06-18", "10-24", "12-23", "12-24", "12-25", "12-31"])
def test_every_preset_is_what_its_name_says(content: Content, year: int, day: str) -> None:
    zone, schedule = ZoneInfo(content.office.zone), content.office.schedules[PHONE]
    today = date.fromisoformat(f"{year}-{day}")
    found = presets(content.office, today)
    at = {name: moment.replace(tzinfo=zone) for name, moment in found.items()}
    assert all(today <= moment.date() <= today + timedelta(53 * 7) for moment in found.values())
    opening, closing = schedule.next_opening(at["before_opening"]), schedule.closes(at["before_closing"])
    assert opening
    assert closing
    assert timedelta(0) < opening - at["before_opening"] <= timedelta(minutes=5)
    assert timedelta(0) < closing - at["before_closing"] <= timedelta(minutes=1)
    opened = {name for name, moment in at.items() if schedule.is_open(moment)}
    assert opened == {"morning", "lunch", "before_closing"}
    assert at["morning"].hour < 12
    assert at["saturday"].isoweekday() == 6
    assert (at["christmas_eve"].month, at["christmas_eve"].day) == (12, 24)
    change = at["clock_change"]
    later = (change.astimezone(UTC) + timedelta(minutes=1)).astimezone(zone)
    assert (f"{change:%H:%M}", f"{later:%H:%M}", change.date()) == ("02:59", "04:00", later.date())


class TestDrawing:
    def test_shows_every_node_once_and_inside(self, content: Content) -> None:
        shown = drawing(content.flow)
        assert sorted(box.name for box in shown.boxes) == sorted(content.flow.nodes)
        for box in shown.boxes:
            assert box.kind == content.flow.nodes[box.name].kind
            assert 0 <= box.x <= shown.width - WIDTH
            assert 0 <= box.y <= shown.height - HEIGHT

    def test_no_two_boxes_overlap(self, content: Content) -> None:
        def apart(a: Box, b: Box) -> bool:
            return abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= HEIGHT

        assert [pair for pair in combinations(drawing(content.flow).boxes, 2) if not apart(*pair)] == []

    def test_has_a_line_for_each_exit_but_up(self, content: Content) -> None:
        flow = content.flow
        exits = {(name, target.to) for name in flow.nodes for exit_, target in flow.exits(name) if exit_ != "up"}
        drawn = [(edge.start, edge.end) for edge in drawing(flow).edges]
        assert len(drawn) == len(set(drawn))
        assert set(drawn) == {(a, b) for a, b in exits if a != b}  # one that leads back to its own box is not drawn


def test_what_a_call_goes_on_without_is_told_as_a_fault(content: Content) -> None:
    view = EventView(content, (), Transcript({}, {}), lambda _spoken, _said: None)
    warned = Warned(61.5, 15003, "the status callback was answered 500")
    assert view.message(warned) == {"at": 61.5, "kind": "fault", "words": "the status callback was answered 500"}


def used_words() -> Iterator[str]:
    """Every key that the template and the scripts name, and a pattern for those that they put together."""
    template = (BROWSER / "templates" / "phone.html").read_text(encoding="utf-8")
    yield from re.findall(r"\bw\.(\w+)", template)
    for path in sorted((BROWSER / "static").glob("*.js")):
        text = path.read_text(encoding="utf-8")
        for call in re.findall(r"\b(?:say|plain|part|trouble)\(([^,){]*)", text):
            yield from re.findall(r'"(\w+)"', call)
        for made in re.findall(r"\b(?:say|plain|told\[?)\(?`([^`]+)`", text):
            yield re.sub(r"\$\{[^}]*\}", r"\\w+", made)


def test_the_page_tells_how_long_a_talk_is() -> None:
    assert TALK_SECONDS == 60, "end_talk_note says one minute, in each language"
    for interface, minute in (("en", "one minute"), ("fi", "yhdeksi minuutiksi"), ("sv", "en minut")):
        assert minute in words(interface)["end_talk_note"]


class TestNamesOfNodes:
    def test_no_two_nodes_are_called_alike(self, content: Content) -> None:
        for interface in INTERFACES:
            names = [words(interface)[f"node_{name}"] for name in content.flow.nodes]
            assert len(set(names)) == len(names)

    def test_none_is_named_that_the_flow_has_not(self, content: Content) -> None:
        named = {key.removeprefix("node_") for key in words("en") if key.startswith("node_")}
        assert named == set(content.flow.nodes)


class TestWords:
    def test_all_interfaces_have_the_same_keys_and_none_is_empty(self) -> None:
        assert set(INTERFACES) == {"en", "fi", "sv"}
        for interface in INTERFACES:
            assert words(interface).keys() == words("en").keys()
            assert [key for key, text in words(interface).items() if not text.strip() or text == "None"] == []

    def test_no_text_is_left_untranslated(self) -> None:
        for one, other in combinations(INTERFACES, 2):
            same = [key for key, text in words(one).items() if text == words(other)[key] and len(text.split()) >= 3]
            assert same == [], (one, other)

    def test_all_have_the_same_places_to_fill_in(self) -> None:
        def places(interface: str) -> Mapping[str, list[str]]:
            return {key: sorted(re.findall(r"\{\w*\}", text)) for key, text in words(interface).items()}

        for interface in INTERFACES:
            assert places(interface) == places("en")

    def test_every_word_that_the_page_uses_is_there(self) -> None:
        used = set(used_words())
        assert len(used) > 50
        known = words("en")
        assert [key for key in used if not any(re.fullmatch(key, word) for word in known)] == []

    def test_everything_that_the_server_names_has_a_word(self, content: Content) -> None:
        named = {f"preset_{name}" for name in presets(content.office, TODAY)}
        named |= {f"contact_{name}" for name in content.office.contacts}
        named |= {f"node_{name}" for name in content.flow.nodes}
        named |= {f"language_{code}" for code in content.languages.languages}
        named |= {f"waits_{reason}" for reason in get_args(Reason)}
        named |= {f"ended_{by}" for by in ("line", "caller", "rejected")}
        named |= {f"talk_ended_{by}" for by in ("contact", "caller", "limit")}
        assert named <= words("en").keys()
