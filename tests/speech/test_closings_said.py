"""What is heard while something is closed by hand: what was proved, or is no longer than it; else the twin."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.core.closing import Closing
from ivr.core.content import Content
from ivr.core.hours import WEEKDAYS
from ivr.core.offers import offered_ends
from ivr.core.office import PHONE
from ivr.core.prompts import twin_of
from ivr.core.script import closed_set
from ivr.core.speak import utterances
from ivr.core.utterance import Clip, SpokenByProvider, Utterance
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from tests.conftest import TODAY

HELSINKI = ZoneInfo("Europe/Helsinki")
BY_CLIPS, BY_PROVIDER = ("uk", "fa", "sw"), ("fi", "sv", "en", "ru", "ar")
HALF_HOURS = [f"time_at.{hour:02}{minute}" for hour in range(7, 20) for minute in ("00", "30")]


@pytest.fixture(scope="module")
def voices(content: Content, made_clips: Path) -> VoiceSelector:
    return VoiceSelector(content, Audio(made_clips, NO_AUDIO.recorded), TODAY)


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), HELSINKI)


def said(content: Content, schedule: str, until: datetime, code: str, now: datetime) -> Utterance:
    """What is said of a schedule that is closed by hand until a time."""
    closed = content.with_closings((Closing(schedule, now, until),))
    node = {PHONE: "main_closed"}.get(schedule, schedule)
    return next(each for each in utterances(closed, node, "first", code, now) if each.prompt.startswith("hours."))


@pytest.mark.parametrize("code", [*BY_CLIPS, *BY_PROVIDER])
def test_what_is_heard_until_an_offered_end_has_its_own_words(
    content: Content, voices: VoiceSelector, code: str
) -> None:
    for end in offered_ends(content.office, PHONE, at(8, 10)):
        exact = said(content, PHONE, end, code, at(8, 10))
        (sound,) = voices(exact)
        assert exact.values, end
        assert exact in closed_set(content, TODAY)
        if isinstance(sound, Clip):
            assert voices.subtitle(sound.name)[1] == exact.text
        else:
            assert isinstance(sound, SpokenByProvider)
            assert sound.text == exact.text


@pytest.mark.parametrize("code", [*BY_CLIPS, *BY_PROVIDER])
def test_a_time_without_words_falls_to_the_twin_in_every_language(content: Content, code: str) -> None:
    heard = said(content, "door", at(8, 45), code, at(8))

    assert (heard.prompt, heard.values) == ("hours.door.opens.plain", ())


@pytest.mark.parametrize("code", BY_CLIPS)
def test_any_other_end_falls_to_the_twin_where_it_has_no_clip(
    content: Content, voices: VoiceSelector, code: str
) -> None:
    exact = said(content, PHONE, at(11), code, at(8, 10))
    (sound,) = voices(exact)

    assert exact.values == ("today", "time_at.1100")
    assert isinstance(sound, Clip)
    twin = content.catalogue.utter(twin_of(exact.prompt), code, {})
    assert voices.subtitle(sound.name)[1] == twin.text


def test_a_date_falls_to_the_twin_where_it_is_longer_than_all_that_was_proved(
    content: Content, voices: VoiceSelector
) -> None:
    exact = said(content, PHONE, at(0, day=TODAY + timedelta(days=30)), "fi", at(8, 10))
    (sound,) = voices(exact)

    assert exact.prompt == "hours.phone.opens_on"
    assert isinstance(sound, SpokenByProvider)
    assert sound.text == content.catalogue.utter("hours.phone.closed_long", "fi", {}).text


@pytest.mark.parametrize("code", BY_PROVIDER)
def test_nothing_is_heard_that_is_longer_than_what_was_proved(
    content: Content, voices: VoiceSelector, code: str
) -> None:
    """Of every day and half hour that a closing can end at; some are said exactly, and some are not."""
    proved = [each for each in voices.script[code] if each.prompt in ("hours.phone.opens", "hours.phone.closed_long")]
    exact = set()
    for day, half_hour in product(("today", "tomorrow", *(f"day_on.{each}" for each in WEEKDAYS)), HALF_HOURS):
        asked = content.catalogue.utter("hours.phone.opens", code, {"phone_day": day, "phone_time": half_hour})
        (sound,) = voices(asked)
        assert isinstance(sound, SpokenByProvider)
        heard = voices.said(asked)
        assert heard is not None
        assert heard.text == sound.text, "what the pages and the commands show is another sentence"
        assert len(sound.text) <= max(len(each.text) for each in proved)
        assert Utterance("", code, sound.text).most_words <= max(each.most_words for each in proved)
        exact.add(sound.text == asked.text)
    assert True in exact
