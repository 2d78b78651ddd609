"""A volunteer records at the page, in a real Chromium: what the room keeps of a sentence is what was said of it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Browser

from tests.room.browsing import OpenRoom, enter, opened, phone, record, turn_to
from tests.room.conftest import AMINA, TriedRoom
from tests.room.volunteer import Reading, is_what_was_said


def record_all(chromium: Browser, room: OpenRoom, sentences: list[str]) -> Reading:
    """Somebody records these sentences, one by one."""
    texts = room.texts
    reading = Reading(texts)
    with phone(chromium, reading) as context:
        page = enter(context, room.link(AMINA))
        for sentence in sentences:
            turn_to(page, sentence, texts[sentence])
            record(page)
    return reading


def swapped(clips: dict[str, bytes], one: str, other: str) -> dict[str, bytes]:
    """The same, as if two sentences had been taken for each other."""
    return {**clips, one: clips[other], other: clips[one]}


def test_the_clip_of_each_sentence_is_what_was_said_of_it(chromium: Browser, tried: TriedRoom) -> None:
    with opened(tried) as room:
        texts = room.texts
        short = sorted(texts, key=lambda each: len(texts[each]))[:6]
        assert record_all(chromium, room, short).said == short
        clips = room.clips()
        assert set(clips) == set(short)
        is_what_was_said(clips, texts)
        for one, other in pairwise(short):
            with pytest.raises(AssertionError):
                is_what_was_said(swapped(clips, one, other), texts)


@pytest.mark.long
def test_a_whole_language_is_recorded(chromium: Browser, tried: TriedRoom) -> None:
    with opened(tried) as room:
        texts = room.texts
        assert len(texts) >= 109
        reading = Reading(texts)
        with phone(chromium, reading) as context:
            page = enter(context, room.link(AMINA))
            for _ in texts:
                record(page)
                if page.is_enabled("#next"):
                    page.click("#next")
            assert page.locator("progress").evaluate("bar => [bar.value, bar.max]") == [len(texts), len(texts)]
        assert reading.said == list(texts)
        clips = room.clips()
        is_what_was_said(clips, texts)
        for one, other in pairwise(texts):
            with pytest.raises(AssertionError):
                is_what_was_said({one: clips[other]}, texts)
