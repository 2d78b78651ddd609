"""Every language carries the whole flow, by day and by night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from ivr.core.content import Content
from ivr.core.flow import Flow, Hours
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.phone.network.events import Bridged, Ended, PickedUp, Ringing, Said, TalkEnded
from tests.phone.languages.book import Book
from tests.phone.languages.town import (
    CODES,
    DAY,
    FIRST,
    NIGHT,
    SCRIPTS,
    Call,
    Heard,
    Script,
    Town,
    day_and_night,
    languages,
    pages,
)


def test_these_are_the_languages_of_the_content(content: Content) -> None:
    assert content.offered == content.languages.languages.keys() == set(CODES)
    assert content.languages.before_choice == FIRST


FOR_OUR_CONTACTS = {"own_contact"}
"""In Finnish, for whoever rings from a phone that the line itself rings."""


def reachable(flow: Flow, phone: str | None = None) -> set[str]:
    """Every node that a caller can come to; `phone`: it is 'open' or 'closed' all along (None: that may change)."""
    found, waiting = set[str](), [flow.start, flow.language_known, flow.help]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        by_hours = phone is not None and isinstance(flow.nodes[name], Hours)
        waiting += [target.to for exit_, target in flow.exits(name) if not by_hours or exit_ == phone]
    return found


def visited(calls: Sequence[Call]) -> set[str]:
    return {node for call in calls for node in call.nodes}


@languages
def test_every_node_is_visited(town: Town, content: Content, code: str) -> None:
    day, night = visited(town.calls(code, DAY)), visited(town.calls(code, NIGHT))
    assert day == reachable(content.flow, "open")
    assert night == reachable(content.flow, "closed")
    assert content.flow.nodes.keys() - day - night == FOR_OUR_CONTACTS
    assert "nobody_yet" in town.while_nine_passes(code).nodes
    assert visited(town.all_calls(code)) == reachable(content.flow)


@languages
@day_and_night
def test_only_a_dialled_number_of_the_language_is_greeted_without_a_menu(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    call = town.call(SCRIPTS["dials"], at, code)
    assert not call.nodes & {"opening", "choose_language", "other_languages"}
    assert call.heard[0][0] == Heard(code, books[code].fill("welcome.office"), slow=False)
    greeted = {name for name, script in SCRIPTS.items() if "greeting" in town.call(script, at, code).nodes}
    assert greeted == {name for name, script in SCRIPTS.items() if script.dials}


def test_our_own_contact_is_told_so_in_finnish(town: Town, books: dict[str, Book]) -> None:
    call = town.call(Script(()), DAY, from_=town.numbers[ON_CALL])
    assert call.nodes == FOR_OUR_CONTACTS
    assert call.heard == [[Heard("fi", books["fi"].fill("staff.own_contact"), slow=False)]]


@languages
@pytest.mark.parametrize(("at", "menu"), [(DAY, "main_open"), (NIGHT, "main_closed")], ids=["day", "night"])
def test_star_leads_up_from_every_page(town: Town, code: str, at: datetime, menu: str) -> None:
    chosen = len(town.digits(code))
    hours, pages_ = (town.call(SCRIPTS[name], at, code).waits[chosen:] for name in ("hours", "information"))
    for waits, name in ((hours, "opening_hours"), (pages_, "information")):
        visits = [node for page in pages(name).values() for node in (name, page)]
        assert len(visits) >= 6
        assert waits[: len(visits) + 2] == [menu, *visits, name]


@languages
@day_and_night
def test_nine_says_the_same_again_slowly(town: Town, code: str, at: datetime) -> None:
    for name in ("hours", "leaves the language"):
        call = town.call(SCRIPTS[name], at, code)
        (again,) = [n for n, key in enumerate(call.keys, 1) if key == "9" and call.known[n - 1]]
        before, after = call.heard[again - 1], call.heard[again]
        assert len(after) >= 5
        assert [heard.text for heard in after] == [heard.text for heard in before[-len(after) :]]
        assert all(heard.slow for heard in after)
        assert not any(heard.slow for heard in before)


@languages
@day_and_night
def test_a_person_takes_the_call_and_the_end_of_the_talk_is_told(
    town: Town, books: dict[str, Book], code: str, at: datetime
) -> None:
    person = town.numbers[INSTRUCTOR if at == DAY else ON_CALL]
    for name, rings, talks in (("talk", 1, 1), ("talk and again", 2, 2), ("busy and again", 2, 1)):
        call = town.call(SCRIPTS[name], at, code)
        assert call.numbers(Ringing) == [person] * rings
        assert call.numbers(Bridged) == [person] * talks
        ended = max(n for n, event in enumerate(call.events) if isinstance(event, TalkEnded))
        words = [event.spoken.text for event in call.events[ended:] if isinstance(event, Said)]
        assert words[0] == books[code].fill("after_talk.ended")
        assert words[-1] == books[code].fill("goodbye.again")


@languages
@day_and_night
def test_help_and_child_ring_the_urgent_line_first(town: Town, code: str, at: datetime) -> None:
    for name in ("help", "child"):
        assert town.call(SCRIPTS[name], at, code).numbers(Ringing)[0] == town.numbers[ON_CALL]


@languages
@pytest.mark.parametrize(("at", "rings"), [(DAY, 10), (NIGHT, 5)], ids=["day", "night"])
def test_nobody_and_voicemail_are_no_talk_and_the_line_says_goodbye(
    town: Town, books: dict[str, Book], code: str, at: datetime, rings: int
) -> None:
    for name in ("nobody", "voicemail"):
        call = town.call(SCRIPTS[name], at, code)
        assert not call.numbers(Bridged)
        rung = call.numbers(Ringing)
        assert set(rung) == ({*town.numbers.values()} if at == DAY else {town.numbers[ON_CALL]})
        picked_up = [event.how for event in call.events if isinstance(event, PickedUp)]
        assert picked_up == (["voicemail"] * len(rung) if name == "voicemail" else [])
        assert len(rung) == rings
        last = [books[code].fill("safety.goodbye"), books[code].fill("goodbye.again")]
        assert [heard.text for heard in call.heard[-1][-2:]] == last
        assert [event.by for event in call.events if isinstance(event, Ended)] == ["line"]
