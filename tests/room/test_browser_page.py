"""What somebody sees and does at the page, in a real Chromium: agreeing, judging, ten in a row, readers, editors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, Response, expect

from ivr.room.words import CONSENT_READ, CONSENT_TICKED, words
from tests.browser.conftest import AXE, THEMES, axe_options, complaining
from tests.chromium import chromium_that_hears
from tests.room.browsing import RECORD, OpenRoom, enter, opened, phone, record, seen, told, turn_to
from tests.room.conftest import AMINA, BAHAR, EDNA, RAGE, TriedRoom, spoken
from tests.room.volunteer import RATE, Reading, is_what_was_said, voice_of
from tests.speech.test_phone_formats import write

FIRST, FREE = "digit.1", "safety.free"


@pytest.fixture
def room(tried: TriedRoom) -> Iterator[OpenRoom]:
    with opened(tried) as found:
        yield found


def faults_of(page: Page) -> list[str]:
    """What axe finds wrong, in both themes."""
    found = list[str]()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.evaluate(AXE)
        result = page.evaluate("options => axe.run(document, options)", axe_options(theme))
        found += [
            f"{theme}: {each['id']} {[node['target'] for node in each['nodes']]}" for each in result["violations"]
        ]
    return found


# --- coming and agreeing --------------------------------------------------------------------------------------------


def test_the_token_is_in_no_address_and_in_no_request_but_one(chromium: Browser, room: OpenRoom) -> None:
    link, asked = room.link(AMINA), list[tuple[str, str]]()
    token = link.partition("#")[2]
    with phone(chromium) as context:
        context.on("request", lambda request: asked.append((request.url, request.post_data or "")))
        page = enter(context, link)
        assert page.url == room.address
        assert [url for url, body in asked if token in url or token in body] == [f"{room.address}enter"]
        assert token not in page.content()
        page.go_back()
        assert token not in page.url


def test_another_link_in_the_same_tab_is_entered_by(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium) as context:
        page = enter(context, room.link(AMINA))
        page.goto(room.link(BAHAR))
        page.wait_for_selector("#consent")
        expect(page.locator("h1")).to_contain_text(BAHAR)


def test_each_sentence_of_the_consent_is_read_and_nothing_is_recorded_without(
    chromium: Browser, room: OpenRoom
) -> None:
    with phone(chromium) as context, complaining(page := enter(context, room.link(AMINA), agrees=False)) as complaints:
        shown = page.locator("#consent .sentences .own").all_inner_texts()
        assert shown == [words("so")[key] for key in CONSENT_READ]
        assert page.locator("#consent .sentences .finnish").all_inner_texts() == [
            words("fi")[key] for key in CONSENT_READ
        ]
        ticked = page.locator("#consent .choice .own").all_inner_texts()
        assert ticked == [words("so")[key] for key in CONSENT_TICKED], "each is said once, and only by who ticks it"
        assert faults_of(page) == []
        page.click("#agree")  # whoever is not 18
        assert page.is_visible("#consent")
        page.click("#pass")
        page.click(".card .verdict.right")
        told(page, "kept")
        page.click(RECORD)
        page.wait_for_selector("#consent")
        page.check("#adult")
        page.check("#named")
        page.click("#agree")
        page.wait_for_selector(RECORD)
        (amina,) = room.tried.room.volunteers("so")
        assert amina.consent
        assert amina.consent.named
        assert complaints == []


def test_a_link_that_is_open_on_another_phone_too_is_told_on_both(chromium: Browser, room: OpenRoom) -> None:
    link = room.link(AMINA)
    with phone(chromium) as one, phone(chromium) as other:
        first = enter(one, link)
        second = other.new_page()
        second.goto(link)  # and loaded again at once, perhaps before anybody is let in
        for page in (second, first):
            page.reload()
            expect(page.locator("h1")).to_contain_text(words("so")["forwarded"].format(name=AMINA))
            page.click("#i-am")
            page.wait_for_selector("#consent, .card")
            page.reload()
            page.wait_for_selector("#consent, .card[data-sentence]")


# --- recording ------------------------------------------------------------------------------------------------------


def test_ten_in_a_row_go_on_by_themselves_and_a_bad_one_is_asked_for_again(chromium: Browser, room: OpenRoom) -> None:
    texts = room.texts
    order = list(texts)
    row = order[order.index(FIRST) :][:4]
    too_loud = np.clip(40 * voice_of(row[1], len(texts[row[1]])), -1, 1)
    reading = Reading(texts, stops=False, instead={row[1]: too_loud})
    with phone(chromium, reading) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, row[0], texts[row[0]])
        page.click("#ten")
        seen(page, "window.begun === 3")
        told(page, "clipped")
        reading.stops = True  # the button ends a sentence, and the row goes on
        expect(page.locator(".card h1")).to_have_text(texts[row[2]])
        expect(page.locator(".card h1")).to_have_text(texts[row[3]])
        expect(page.locator("#ten")).to_have_attribute("aria-pressed", "true")
        page.click("#ten")
        expect(page.locator("#ten")).to_have_attribute("aria-pressed", "false")
        page.wait_for_selector(RECORD)
        assert reading.said[:4] == [row[0], row[1], row[1], row[2]]
        assert {*row[:3]} <= {*room.takes()}
        is_what_was_said(room.clips(), texts)


@pytest.mark.long
def test_a_sentence_that_is_read_too_slowly_is_told_by_seconds_and_ends_no_row(
    chromium: Browser, room: OpenRoom
) -> None:
    first, *_ = room.texts
    slow = {"reasons": ["slow"], "seconds": [10.06, 8.5]}
    with phone(chromium, reading := Reading(room.texts, stops=False)) as context:
        page = enter(context, room.link(AMINA))
        context.route(f"**/takes/*?sentence={first}&*", lambda route: route.fulfill(status=422, json=slow))
        record(page, "slow")
        assert page.inner_text(".status .seconds") == "✗ 10.1 s · ✓ 8.5 s"
        page.click("#ten")
        expect(page.locator(".progress")).to_contain_text("1 ka mid ah")
        assert reading.said[:5] == [first] * 4 + [list(room.texts)[1]]
        assert first not in room.takes()
        assert page.text_content(f".entry[data-sentence='{first}'] .sign") == "!"


def test_whoever_stops_while_they_are_counted_in_records_nothing(chromium: Browser, room: OpenRoom) -> None:
    reading = Reading(room.texts)
    with phone(chromium, reading) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        page.check("#count-in")
        page.click(RECORD)
        expect(page.locator(".count")).to_have_text("2")
        page.click(".stop")
        page.wait_for_selector(RECORD)
        record(page)  # three, two, one: as long as the first count would have gone on
        assert reading.said == [FIRST]
        assert page.get_attribute(".recorder", "data-state") == ""


def test_without_a_microphone_a_file_of_the_phones_recorder_is_taken(
    chromium: Browser, room: OpenRoom, tmp_path: Path
) -> None:
    quiet = np.zeros(RATE // 2, np.float32)
    said = np.concatenate([quiet, voice_of(FREE, len(room.texts[FREE])), quiet])
    sound = write(tmp_path / "Recording.m4a", "aac", RATE, "ipod", [said])
    with phone(chromium) as context:
        context.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
        page = enter(context, room.link(AMINA))
        turn_to(page, FREE, room.texts[FREE])
        page.click(RECORD)
        expect(page.locator(".without .own").first).to_have_text(words("so")["no_microphone"])
        assert page.is_hidden("#ten")
        assert page.is_visible(RECORD), "perhaps it is allowed next time"
        page.set_viewport_size({"width": 195, "height": 422})  # 390 pixels at twice the size
        assert page.evaluate("document.documentElement.scrollWidth") == 195
        page.set_input_files(".file input", sound)
        told(page, "kept")
        assert set(room.takes()) == {FREE}
        is_what_was_said(room.clips(), room.texts)


def test_a_browser_that_changes_the_sound_by_itself_is_told_of(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium, Reading(room.texts)) as context:
        context.add_init_script("MediaStreamTrack.prototype.getSettings = () => ({echoCancellation: true})")
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        record(page)
        expect(page.locator(".recorder .note")).to_contain_text("This browser changes the sound")
        wanted = page.evaluate("window.wanted.audio")
        assert wanted == {"echoCancellation": False, "noiseSuppression": False, "autoGainControl": False}


def test_the_microphone_of_chromium_itself_is_recorded_until_it_falls_silent(
    chromium: Browser, room: OpenRoom, tmp_path: Path
) -> None:
    """Nothing of the page is replaced: the browser plays a file into a microphone of its own."""
    text, sound = room.texts[FREE], tmp_path / "sound.wav"
    said = voice_of(FREE, len(text))
    quiet = np.zeros(2 * RATE, np.float32)
    soundfile.write(sound, np.concatenate([quiet, said, quiet]), RATE)
    with chromium_that_hears(chromium, sound) as browser, phone(browser) as context:
        context.grant_permissions(["microphone"])
        page = enter(context, room.link(AMINA))
        turn_to(page, FREE, text)
        record(page)
        is_what_was_said(room.clips(), room.texts)


# --- listening and judging ------------------------------------------------------------------------------------------


def test_what_somebody_thinks_of_a_sentence_is_kept_for_its_words(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FREE, room.texts[FREE])
        page.click(".card .verdict.wrong")
        page.fill("#said", "Kow kow laba lacag ma aha.")
        page.click(".suggest .main")
        page.wait_for_selector(".suggest", state="hidden")
        (reading,) = room.tried.room.readings("so")
        assert (reading.sentence, reading.text, reading.verdict) == (FREE, room.texts[FREE], "wrong")
        (wish,) = room.tried.room.suggestions("so")
        assert wish.words == "Kow kow laba lacag ma aha."
        page.reload()
        page.wait_for_selector(".card")
        turn_to(page, FREE, room.texts[FREE])
        expect(page.locator(".card .verdict.wrong")).to_have_attribute("aria-pressed", "true")
        assert page.input_value("#said") == "Kow kow laba lacag ma aha."


def test_everybody_can_use_the_page_in_both_themes_and_from_right_to_left(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium, Reading(room.texts)) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        record(page)
        with complaining(page) as complaints:
            page.click(".mine .listen")
            expect(page.locator(".mine .listen")).to_have_attribute("aria-pressed", "false")
        assert complaints == []
        assert faults_of(page) == []
        page.click(".contents summary")
        assert page.evaluate("document.documentElement.scrollHeight") < 4 * page.evaluate("innerHeight")
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faults_of(page) == []


def test_by_keyboard_alone_somebody_records_and_goes_on(chromium: Browser, room: OpenRoom) -> None:
    with phone(chromium, Reading(room.texts)) as context:
        page = enter(context, room.link(AMINA))
        turn_to(page, FIRST, room.texts[FIRST])
        assert page.evaluate("document.activeElement.tagName") == "H1"
        page.focus(RECORD)
        page.keyboard.press("Enter")
        told(page, "kept")
        assert page.evaluate("document.activeElement.matches('.record')")
        page.focus("#next")
        page.keyboard.press("Space")
        following = list(room.texts)[list(room.texts).index(FIRST) + 1]
        expect(page.locator(".card h1")).to_have_text(room.texts[following])
        assert page.evaluate("document.activeElement.tagName") == "H1"


# --- readers and editors --------------------------------------------------------------------------------------------


def test_a_reader_hears_sounds_and_sees_no_text_anywhere(chromium: Browser, room: OpenRoom) -> None:
    amina = room.tried.let_in(AMINA)
    safety = [id_ for id_ in room.texts if id_.startswith("safety.")]
    for number, sentence in enumerate(safety[:2]):
        sound = spoken(len(room.texts[sentence]) / 14)
        assert amina.record(sentence, sound, f"{number:032x}").status_code == 200
    answers = list[str]()

    def keep_answer(answer: Response) -> None:
        if "json" in (answer.header_value("content-type") or ""):
            answers.append(answer.text())

    reading = Reading({}, instead={"": voice_of("meaning", 40)})
    with phone(chromium, reading) as context:
        page = context.new_page()
        page.on("response", keep_answer)
        page.goto(room.link(RAGE))
        page.wait_for_selector(".sounds")
        assert page.locator(".sounds .entry").count() == 2
        assert page.is_disabled(".card .verdict.right")
        assert faults_of(page) == []
        page.fill("#meaning", "112 is free")
        assert page.is_disabled(".card .verdict.right"), "nothing has been listened to"
        page.click(".card .listen")
        page.click(".card .verdict.right")
        expect(page.locator(".sounds .entry").first).to_contain_text("✓")
        page.click(RECORD)  # the second meaning is said aloud, which needs a consent too
        page.check("#adult")
        page.click("#agree")
        page.click("#count-in")
        page.click(RECORD)
        told(page, "kept")
        page.click(".card .listen")
        page.click(".card .verdict.wrong")
        expect(page.locator(".sounds .entry").last).to_contain_text("✗")
        everything = page.content() + "".join(answers)
    assert not [text for id_, text in room.texts.items() if len(text) > 12 and text in everything]
    assert not [id_ for id_ in safety if id_ in everything]
    heard = room.tried.room.hearings("so")
    assert sorted((each.approved, bool(each.spoken), each.meaning) for each in heard) == [
        (False, True, ""),
        (True, False, "112 is free"),
    ]


def test_an_editor_accepts_and_rejects_what_others_would_say(chromium: Browser, room: OpenRoom) -> None:
    amina, said = room.tried.let_in(AMINA), "Kow kow laba waa lacag la'aan, habeen iyo maalin."
    for sentence, wish in ((FREE, said), ("safety.goodbye", "Nabad gelyo.")):
        words_ = amina.sentence(sentence)["words"]
        assert amina.post("/suggest", {"sentence": sentence, "words": words_, "said": wish}).status_code == 204
    with phone(chromium) as context:
        page = enter(context, room.link(EDNA))
        page.click("#suggestions summary")
        expect(page.locator("#suggestions h2")).to_have_count(2)
        assert faults_of(page) == []
        one = page.locator("#suggestions li.card", has_text=said).first
        one.locator("textarea").first.fill("")
        one.locator(".verdict.right").click()
        expect(one.locator(".status li").first).to_be_visible()
        one.locator("textarea").first.fill(said)
        one.locator(".verdict.right").click()
        expect(page.locator("#suggestions h2")).to_have_count(1)
        page.click("#suggestions .verdict.wrong")
        expect(page.locator("#suggestions h2")).to_have_count(0)
    assert room.tried.room.accepted("so")[FREE].words == said
    assert {each.words: each.stage for each in room.tried.room.suggestions("so")} == {
        said: "accepted",
        "Nabad gelyo.": "rejected",
    }
