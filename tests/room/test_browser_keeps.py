"""Nothing that was recorded is lost: a closed tab, a lost network, a server that is away, two tabs, an ended link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from ivr.room.words import words
from tests.limits import until
from tests.room.browsing import RECORD, STOP, OpenRoom, enter, opened, phone, record, seen, told, turn_to, waits
from tests.room.conftest import AMINA, BAHAR, TriedRoom
from tests.room.volunteer import Reading, is_what_was_said

FIRST, SECOND = "digit.1", "digit.2"
"""Sentences that take no time to read."""
FREE = "safety.free"
ENDED = "#ended"


@pytest.fixture
def room(tried: TriedRoom) -> Iterator[OpenRoom]:
    with opened(tried) as found:
        yield found


def kept(room: OpenRoom, *sentences: str) -> None:
    """Wait until the room has these sentences, each as it was said."""
    until(lambda: set(room.takes()) == set(sentences), room.takes)
    is_what_was_said(room.clips(), room.texts)


def test_a_tab_that_is_closed_without_a_network_loses_nothing(chromium: Browser, room: OpenRoom) -> None:
    link, texts = room.link(AMINA), room.texts
    with phone(chromium, Reading(texts)) as context:
        page = enter(context, link)
        context.set_offline(True)
        for sentence in (FIRST, SECOND):
            turn_to(page, sentence, texts[sentence])
            record(page, "waiting")
        assert {about for about, _ in waits(page, lambda found: len(found) == 2)} == {FIRST, SECOND}
        expect(page.locator(".so-far .note")).to_contain_text("2 ·")
        page.close()
        assert room.takes() == {}
        context.set_offline(False)
        page = enter(context, room.address)
        kept(room, FIRST, SECOND)
        waits(page, lambda found: not found)
        turn_to(page, FIRST, texts[FIRST])
        assert page.locator(".mine .listen").count() == 1


def test_what_waits_is_sent_when_the_network_comes_back(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium, Reading(room.texts)) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        context.set_offline(True)
        record(page, "waiting")
        context.set_offline(False)
        told(page, "kept")
        kept(room, FIRST)
        assert page.evaluate("document.querySelector('progress').value") == 1


def test_a_server_that_is_away_for_a_while_gets_it_later(chromium: Browser, tried: TriedRoom) -> None:
    texts = OpenRoom(tried, "").texts
    with phone(chromium, Reading(texts)) as context:
        with opened(tried) as room:
            page = enter(context, room.link(AMINA))
            turn_to(page, FIRST, texts[FIRST])
        record(page, "waiting")
        with opened(tried, int(re.findall(r":(\d+)/", room.address)[0])) as again:
            told(page, "kept")
            kept(again, FIRST)


def test_a_page_is_loaded_anew_while_a_sound_is_being_sent(chromium: Browser, room: OpenRoom) -> None:
    """The first answer never comes back; the second is the same take."""
    with phone(chromium, Reading(room.texts)) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        context.route("**/takes/**", lambda route: (route.fetch(), route.abort())[1], times=1)
        record(page, "waiting")
        page.reload()
        waits(page, lambda found: not found)
        kept(room, FIRST)
        assert len(room.tried.room.takes("so")) == 1


def test_two_tabs_send_each_sound_once_and_both_show_it(chromium: Browser, room: OpenRoom) -> None:
    texts, sent = room.texts, list[str]()
    with phone(chromium, Reading(texts)) as context:
        context.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
        one, other = enter(context, room.link(AMINA)), enter(context, room.address)
        other.bring_to_front()
        turn_to(other, FIRST, texts[FIRST])
        context.set_offline(True)
        one.bring_to_front()
        for sentence in (FIRST, SECOND):
            turn_to(one, sentence, texts[sentence])
            record(one, "waiting")
        told(other, "waiting")
        sent.clear()
        context.set_offline(False)
        kept(room, FIRST, SECOND)
        told(one, "kept")
        told(other, "kept")
        assert len(sent) == len(set(sent)) == 2
        expect(other.locator(".mine .listen")).to_have_count(1)
        assert other.evaluate("document.querySelector('progress').value") == 2


def test_what_waits_of_one_person_is_never_sent_as_another_persons(chromium: Browser, room: OpenRoom) -> None:
    """A phone that two people share: who comes by another link meanwhile is somebody else."""
    with phone(chromium, Reading(room.texts)) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        context.route("**/takes/**", lambda route: route.abort())
        record(page, "waiting")
        page.close()
        context.unroute_all()
        page = enter(context, room.link(BAHAR))
        turn_to(page, SECOND, room.texts[SECOND])
        record(page)
        assert {about for about, _ in waits(page, lambda found: len(found) == 1)} == {FIRST}
        page.close()
        enter(context, room.link(AMINA))
        kept(room, FIRST, SECOND)
    assert room.takes()[FIRST].volunteer == room.tried.id(AMINA)
    assert room.takes()[SECOND].volunteer == room.tried.id(BAHAR)


def test_two_volunteers_record_the_same_sentence_and_both_are_kept(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium, Reading(room.texts)) as one, phone(chromium, Reading(room.texts)) as other:
        for context, name in ((one, AMINA), (other, BAHAR)):
            page = enter(context, room.link(name))
            turn_to(page, FIRST, room.texts[FIRST])
            assert page.locator(".mine .listen").count() == 0
            record(page)
            assert page.locator(".mine .listen").count() == 1
    takes = [take for take in room.tried.room.takes("so") if take.replaced is None]
    assert {take.volunteer for take in takes} == {room.tried.id(AMINA), room.tried.id(BAHAR)}


def test_a_bad_take_that_is_judged_later_is_told_on_its_sentence(chromium: Browser, room: OpenRoom) -> None:
    texts = room.texts
    reading = Reading(texts, instead={FIRST: None})
    with phone(chromium, reading) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, texts[FIRST])
        context.set_offline(True)
        page.click(RECORD)
        page.wait_for_selector(".recorder[data-state=recording]")
        page.wait_for_timeout(300)
        page.click(STOP)
        told(page, "waiting")
        turn_to(page, SECOND, texts[SECOND])
        context.set_offline(False)
        waits(page, lambda found: not found)
        mark = page.locator(f".entry[data-sentence='{FIRST}'] .mark")
        expect(mark).to_contain_text("!")
        turn_to(page, FIRST, texts[FIRST])
        told(page, "quiet")
        record(page)
        kept(room, FIRST)


def test_words_that_have_changed_meanwhile_are_told_and_read_again(chromium: Browser, room: OpenRoom) -> None:
    texts = dict(room.texts)
    with phone(chromium, Reading(texts)) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FREE, texts[FREE])
        room.tried.prompts.edit("so.po", 'iyo maalin."', 'iyo maalin oo dhan."')
        room.tried.site.look()
        record(page, "changed")
        texts[FREE] = texts[FREE].replace("maalin", "maalin oo dhan")
        expect(page.locator(".card h1")).to_have_text(texts[FREE])
        assert room.takes() == {}
        record(page)
        kept(room, FREE)


def test_an_invitation_that_ends_meanwhile_is_told_and_what_waits_stays_for_the_next(
    chromium: Browser, room: OpenRoom
) -> None:
    with phone(chromium, Reading(room.texts)) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        room.tried.room.end(room.tried.id(AMINA), "Anna", room.tried.clock())
        page.click(RECORD)
        page.wait_for_selector(ENDED)
        expect(page.locator(f"{ENDED} .told")).to_contain_text("1 ·")
        assert len(page.evaluate("indexedDB.databases()")) == 1
        enter(context, room.link(AMINA))
        kept(room, FIRST)


def test_days_that_are_over_are_told_in_the_language_and_an_unknown_link_in_all(
    chromium: Browser, room: OpenRoom
) -> None:
    link = room.link(AMINA)
    room.tried.clock.time += timedelta(days=31)
    with phone(chromium) as context:
        page = enter(context, link)
        assert page.locator(f"{ENDED} p").evaluate_all("all => all.map(each => each.lang)") == ["so"]
        page.goto(f"{room.address}#nonsense")
        seen(page, "document.querySelectorAll('#ended p').length > 1")
        languages = page.locator(f"{ENDED} p").evaluate_all("all => all.map(each => each.lang)")
        assert {"fi", "sv", "en", "so"} <= set(languages)
        assert "nonsense" not in page.url


def test_a_voice_that_is_taken_back_leaves_nothing_in_any_tab(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium, Reading(room.texts)) as context:
        one, other = enter(context, room.link(AMINA)), enter(context, room.address)
        turn_to(other, FIRST, room.texts[FIRST])
        context.route("**/takes/**", lambda route: route.abort())
        record(other, "waiting")
        one.bring_to_front()
        one.click("#take-back")
        one.click("#not")
        waits(one, lambda found: len(found) == 1)
        one.click("#take-back")
        one.click("#sure")
        one.wait_for_selector("#gone")
        other.wait_for_selector("#gone")
        expect(one.locator("#gone h1")).to_contain_text(words("so")["deleted"])
        assert one.evaluate("indexedDB.databases()") == []
        assert one.evaluate("Object.keys(localStorage).length") == 0
        assert room.takes() == {}
        one.reload()
        one.wait_for_selector(ENDED)


def test_a_browser_that_keeps_nothing_is_told_and_records_all_the_same(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium, Reading(room.texts)) as context:
        context.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
        page = enter(context, room.link(AMINA))
        page.wait_for_selector("#unkept")
        turn_to(page, FIRST, room.texts[FIRST])
        context.set_offline(True)
        record(page, "waiting")
        context.set_offline(False)
        told(page, "kept")
        kept(room, FIRST)
