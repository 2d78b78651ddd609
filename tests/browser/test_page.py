"""The page in a real Chromium: whole calls from both ends, and everybody can use it.

Fast, since the page can let time pass sixteen times as fast; in one file, since every process would make the voices.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from ivr.content.load import load
from ivr.core.prompts import Catalogue
from tests.browser.conftest import AXE, THEMES, axe_options, complaining, let_pass, passing
from tests.conftest import ROOT, TODAY
from tests.limits import PATIENCE

DAY, NIGHT = "2026-11-24T10:00", "2026-11-24T22:00"
expect.set_options(timeout=1000 * PATIENCE)


STOPPED = """async key => {
  const sound = document.getElementById("caller-sound"), heard = sound.currentSrc, ask = window.fetch;
  const stopped = () => sound.paused || sound.currentSrc !== heard;
  const told = new Promise(tell => {
    window.fetch = (path, how) => {
      if (how?.body?.includes(`"key":"${key}"`)) tell(stopped());
      return ask.call(window, path, how);
    };
  });
  document.querySelector(`#keypad button[data-key="${key}"]`).click();
  const atOnce = stopped();
  await told;
  window.fetch = ask;
  return [atOnce, await told];
}"""
"""Presses a key; whether the sound that was heard had stopped then, and when the line was told of the key."""

LOOKED_AT = """options => {
  window.found = null;
  axe.run(document, options).then(found => { window.found = found; });
}"""
"""Has axe look at the page, which waits now and then: so it is done only when time has passed."""


@cache
def catalogue() -> Catalogue:
    """The texts that the page was started with."""
    content = load(ROOT / "prompts", TODAY).content
    assert content
    return content.catalogue


def said(language: str, prompt: str, /, **slots: str) -> str:
    """A sentence of the line, whatever its words are today."""
    return catalogue().utter(prompt, language, slots).text


def ring(page: Page, at: str, speed: str = "16", dials: str = "") -> None:
    at_the_time(page, at)
    page.select_option("#speed", speed)
    if dials:
        page.select_option("#dials", dials)
    page.click("#call")


def at_the_time(page: Page, at: str) -> None:
    page.select_option("#preset", "own")
    page.fill("#at", at)


def until(page: Page, state: str) -> None:
    until_there(page, f"html[data-state={state}]")


def until_there(page: Page, selector: str) -> None:
    passing(page, page.locator(selector).count)


def press(page: Page, key: str) -> None:
    page.click(f'#keypad button[data-key="{key}"]')


def heard(page: Page, words: str) -> None:
    """Wait until something has been said."""
    passing(page, page.locator("#events li", has_text=words).count)


def languages(page: Page) -> list[str]:
    """The languages of everything that the caller heard, in turn."""
    said = page.locator("#events li[data-kind=said]")
    return [line.get_attribute("data-language") or "" for line in said.all()]


# --- calls ----------------------------------------------------------------------------------------------------------


def test_a_whole_day_call_in_arabic_to_an_accepted_transfer(page: Page) -> None:
    ring(page, DAY)
    heard(page, said("fi", "choose_language.choice", digit="digit.1"))
    press(page, "6")
    heard(page, said("ar", "main.person", key="key.1"))
    line = page.locator("#events li[data-language=ar]").first.locator("[dir=rtl]").first
    assert line.get_attribute("lang") == "ar"
    under = page.locator("#events li[data-language=ar]", has_text=said("en", "welcome.machine"))
    assert said("fi", "welcome.machine") in under.inner_text()
    press(page, "1")
    until(page, "ringing")
    page.click("#answer")
    until(page, "talk")
    heard(page, said("fi", "staff.language", language="language.ar"))
    page.click("#end-talk")
    heard(page, said("en", "page.hang_up"))
    until(page, "over")
    assert page.locator("#flow .walked[data-node=instructor]").count() == 1


def test_silence_rings_and_a_night_call_that_nobody_answers_comes_to_the_last_words(page: Page) -> None:
    ring(page, NIGHT)
    until(page, "ringing")
    first = page.locator("#first-ring").inner_text()  # "42 s", or "1:05"
    *minutes, seconds = map(int, re.findall(r"\d+", first))
    assert 20 < 60 * sum(minutes) + seconds <= 90
    for _ in range(2):
        until(page, "ringing")
        page.click("#no-answer")
        until_there(page, "html:not([data-state=ringing])")
    heard(page, said("fi", "safety.last_words"))
    assert page.locator("#flow .current[data-node=last_words]").count() == 1
    assert page.locator("#events li[data-kind=ringing]").count() == 2


def test_what_happens_without_a_key_is_counted_down(page: Page) -> None:
    ring(page, DAY)
    until(page, "waiting")
    passing(page, page.locator("#countdown:has(progress)").is_visible)
    assert page.locator("html[data-state=waiting]").count()


def test_the_sound_really_plays_and_a_key_stops_it_at_once(page: Page) -> None:
    ring(page, DAY, speed="1")
    sound = page.locator("#caller-sound")
    stopped = []
    for key in ("1", "#", "*"):
        passing(page, lambda: sound.evaluate("sound => !sound.paused && sound.currentTime > 0.3"))
        stopped.append(page.evaluate(STOPPED, key))
    assert all(when_told for _, when_told in stopped)
    assert any(at_once for at_once, _ in stopped), "but between two sentences a key waits until the line asks for it"
    heard(page, said("fi", "safety.danger"))


def test_zero_before_the_language_rings_the_urgent_line(page: Page) -> None:
    ring(page, DAY)
    until(page, "speaking")
    page.keyboard.press("0")
    until(page, "ringing")
    expect(page.locator("#other-title")).to_contain_text("rgent")
    page.click("#answer")
    until(page, "talk")
    heard(page, said("fi", "staff.matter.help"))


def test_a_voicemail_does_not_take_the_caller(page: Page) -> None:
    ring(page, DAY)
    until(page, "speaking")
    press(page, "1")
    heard(page, said("fi", "safety.danger"))
    press(page, "1")
    until(page, "ringing")
    page.click("#voicemail")
    heard(page, said("fi", "nobody_free.sorry"))
    assert page.locator("#events li[data-kind=talk]").count() == 0


def test_the_language_is_known_by_the_number(page: Page) -> None:
    page.check("#waiting")
    ring(page, DAY, dials="so")
    until(page, "waiting")
    assert set(languages(page)) == {"so"}


def test_the_call_can_be_copied_as_a_golden_call_also_where_the_clipboard_is_refused(page: Page) -> None:
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    ring(page, DAY)
    until(page, "speaking")
    page.click("#hangup")
    until(page, "over")
    page.click("#copy")
    expect(page.locator("#golden")).to_have_value(re.compile("^title: What this call shows"))


def test_nothing_that_the_policy_forbids_is_tried(page: Page) -> None:
    with complaining(page) as complaints:
        page.reload()
        ring(page, DAY)
        until(page, "speaking")
        page.click("#hangup")
        until(page, "over")
    assert complaints == []


@pytest.mark.parametrize("interface", ["en", "fi", "sv"])
def test_the_whole_page_is_in_the_language_of_the_interface(page: Page, phone: str, interface: str) -> None:
    page.goto(f"{phone}?ui={interface}")
    assert page.locator("html").get_attribute("lang") == interface
    titles = {"en": "Call", "fi": "Soita", "sv": "Ring"}
    expect(page.locator("#call")).to_contain_text(titles[interface])


# --- as a real line would -------------------------------------------------------------------------------------------


def test_it_offers_what_a_real_line_would_and_says_why_the_others_wait(page: Page) -> None:
    assert "4 languages today: Finnish, Swedish, English and Arabic." in page.locator("#offer-today").inner_text()
    assert (
        "Somali (nobody has recorded it, and its cloud voice, which costs money, is not made"
        in page.locator("#offer-waits").inner_text()
    )
    assert page.locator("#waiting").is_checked() is False
    assert page.locator("#dials option[value=so]").is_disabled()
    ring(page, DAY)
    until(page, "waiting")
    assert set(languages(page)) == {"fi", "sv", "en", "ar"}


def test_a_switch_adds_the_languages_that_wait(page: Page) -> None:
    page.check("#waiting")
    assert page.locator("#dials option[value=so]").is_enabled()
    ring(page, DAY)
    heard(page, said("so", "choose_language.choice", digit="digit.8"))
    mark = page.locator("#events li[data-language=so] .mark").first
    expect(mark).to_have_text("draft voice, not heard by callers")


def test_an_example_plays_a_whole_call_by_itself(page: Page) -> None:
    page.select_option("#speed", "16")
    page.locator("[data-example][data-language=ar]").nth(1).click()  # in the evening
    assert "at 20:00" in page.locator("#at-words").inner_text()
    until(page, "over")
    kinds = [line.get_attribute("data-kind") for line in page.locator("#events > li").all()]
    shown = [kind for kind in kinds if kind not in ("requested", "said")]
    assert shown == ["pressed", "pressed", "ringing", "picked up", "talk", "talk ended", "waited", "ended"]
    assert page.locator("#flow .walked[data-node=on_call]").count() == 1
    assert languages(page)[-1] == "ar"
    assert page.locator("#example-note").inner_text() == ""


def test_an_example_can_be_stopped(page: Page) -> None:
    page.locator("[data-example][data-language=fi]").first.click()
    until(page, "speaking")
    page.click("#hangup")
    until(page, "over")
    assert page.locator("#events li[data-kind=pressed]").count() == 0


def test_whoever_presses_a_key_in_an_example_goes_on_alone(page: Page) -> None:
    page.select_option("#speed", "16")
    page.locator("[data-example][data-language=fi]").first.click()
    until(page, "speaking")
    press(page, "2")
    heard(page, said("sv", "safety.danger"))
    until_there(page, "#events li[data-kind=waited]")
    assert page.locator("#events li[data-kind=pressed]").count() == 1


# --- for everybody --------------------------------------------------------------------------------------------------


def violations(page: Page, theme: Literal["light", "dark"]) -> list[str]:
    """What axe has against the page as it is now."""
    page.evaluate(LOOKED_AT, axe_options(theme))
    found = passing(page, lambda: page.evaluate("window.found"))
    return [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found["violations"]]


def violations_in_both_themes(page: Page) -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {violation}" for violation in violations(page, theme)]
    return found


@pytest.mark.parametrize("interface", ["en", "fi", "sv"])
def test_axe_finds_nothing_before_and_during_a_call(page: Page, phone: str, interface: str) -> None:
    page.goto(f"{phone}?ui={interface}")
    page.evaluate(AXE)
    page.check("#waiting")
    page.check("#announce")
    at_the_time(page, DAY)
    assert violations_in_both_themes(page) == []
    page.select_option("#speed", "16")
    page.locator("[data-example][data-language=ar]").first.click()
    until_there(page, "#announced [lang=sv]")
    assert page.locator("#example-note").inner_text()
    assert violations_in_both_themes(page) == []
    page.keyboard.press("0")
    until(page, "ringing")
    page.keyboard.press("p")
    assert violations_in_both_themes(page) == []


def test_every_control_is_reached_by_the_keyboard_and_its_focus_is_seen(page: Page) -> None:
    at_the_time(page, DAY)
    controls = page.locator("button:visible:enabled, a:visible, select:visible, input:visible")
    reached = set[str]()
    for _ in range(controls.count() + 30):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => { const it = document.activeElement, look = getComputedStyle(it);
              const seen = look.outlineStyle !== "none" || look.boxShadow !== "none";
              return {name: it.id || it.textContent.trim(), seen: seen || it === document.body}; }"""
        )
        assert here["seen"], f"the focus of {here['name'][:40]} is not seen"
        reached.add(here["name"])
    assert {"call", "at", "dials", "speed", "volume", "waiting", "announce", "suomi", "العربية"} <= reached


def test_the_page_does_not_scroll_sideways(page: Page) -> None:
    for width in (360, 640):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("interface", ["en", "fi", "sv"])
def test_the_call_button_is_on_the_first_screen(page: Page, phone: str, interface: str) -> None:
    """On a small phone, a phone, a laptop, and a laptop at 200 %, which lays the page out in half its pixels."""
    page.goto(f"{phone}?ui={interface}")
    until_there(page, "#making:visible")
    for width, height in ((360, 640), (390, 844), (1366, 650), (683, 325)):
        page.set_viewport_size({"width": width, "height": height})
        box = page.locator("#call").bounding_box()
        assert box
        assert box["y"] + box["height"] <= height, (width, height)
        assert box["x"] + box["width"] <= width, (width, height)


def test_one_key_answers_at_the_other_end_and_the_page_says_so(page: Page) -> None:
    ring(page, DAY)
    until(page, "speaking")
    page.keyboard.press("a")  # nothing rings yet
    assert page.locator("html[data-state=speaking]").count() == 1
    page.keyboard.press("0")
    until(page, "ringing")
    expect(page.locator("#status[aria-live=polite]")).to_have_text("Ringing: urgent social help. Key A answers it.")
    assert page.locator("#answer").get_attribute("aria-keyshortcuts") == "a"
    page.focus("#hangup")
    page.keyboard.press("a")
    until(page, "talk")
    assert page.evaluate("document.activeElement.id") == "other-title"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "end-talk"


def test_a_letter_in_a_list_to_choose_from_answers_nothing(page: Page) -> None:
    ring(page, DAY)
    until(page, "speaking")
    page.keyboard.press("0")
    until(page, "ringing")
    page.focus("#speed")
    page.keyboard.press("a")
    assert page.locator("html[data-state=ringing]").count() == 1


def elapsed(page: Page) -> float:
    return float(page.locator("#elapsed").get_attribute("data-seconds") or 0)


def playing(page: Page) -> bool:
    return bool(page.locator("#caller-sound").evaluate("sound => !sound.paused && sound.currentTime > 0.2"))


def stands_still(page: Page) -> None:
    """Nothing is heard, and however much time passes, none passes in the call."""
    assert page.locator("#caller-sound").evaluate("sound => sound.paused")
    let_pass(page, 200)
    before, said = elapsed(page), page.locator("#events > li").count()
    let_pass(page, 30_000)
    assert (elapsed(page), page.locator("#events > li").count()) == (before, said)


def test_a_call_can_be_paused_and_goes_on_where_it_was(page: Page) -> None:
    assert page.locator("#pause").is_disabled()
    ring(page, DAY, speed="1")
    passing(page, lambda: playing(page))
    page.keyboard.press("p")
    stands_still(page)
    expect(page.locator("#pause")).to_have_text("Go on")
    expect(page.locator("#paused")).to_have_text("Paused")
    page.click("#pause")
    passing(page, lambda: playing(page))
    expect(page.locator("#paused")).to_have_text("")


def test_a_wait_can_be_paused(page: Page) -> None:
    ring(page, DAY)
    until(page, "waiting")
    page.click("#pause")
    stands_still(page)
    assert page.locator("html[data-state=waiting]").count() == 1
    page.click("#pause")
    until_there(page, "#events li[data-kind=waited]")


def test_a_page_that_nobody_sees_waits(page: Page) -> None:
    ring(page, DAY, speed="1")
    passing(page, lambda: playing(page))
    look_away = """hidden => {
      Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(look_away, True)
    stands_still(page)
    page.evaluate(look_away, False)
    passing(page, lambda: playing(page))
    page.click("#pause")
    page.evaluate(look_away, True)
    page.evaluate(look_away, False)
    stands_still(page)  # whoever paused it goes on by themselves


def test_it_can_be_heard_at_half_the_speed(page: Page) -> None:
    ring(page, DAY, speed="0.5")
    passing(page, lambda: playing(page))
    assert page.locator("#caller-sound").evaluate("sound => sound.playbackRate") == 0.5


def test_a_blind_reader_follows_a_somali_call(page: Page, phone: str) -> None:
    assert not page.is_checked("#announce")
    page.check("#announce")
    page.goto(f"{phone}?ui=sv")
    assert page.is_checked("#announce"), "it is remembered"
    page.check("#waiting")
    ring(page, DAY, dials="so")
    region = page.locator("#announced[aria-live=polite]")
    passing(page, lambda: region.locator("> div").count() == 3)
    told = [sentence for entry in region.locator("> div").all() for sentence in sentences(entry)]
    assert ("sv", said("sv", "safety.danger")) in told
    assert {lang for lang, _ in told} == {"sv", "so"}
    assert len([lang for lang, _ in told if lang == "so"]) == 3


def sentences(entry: Locator) -> list[tuple[str, str]]:
    """Each sentence of an announcement, with its language."""
    return [(part.get_attribute("lang") or "", part.inner_text()) for part in entry.locator("[lang]").all()]


def test_nothing_is_announced_that_was_not_asked_for(page: Page) -> None:
    ring(page, DAY)
    until(page, "waiting")
    assert page.locator("#announced > *").count() == 0


@pytest.mark.parametrize(
    ("interface", "words"),
    [
        ("en", "Tuesday 24 November 2026 at 10:00"),
        ("fi", "tiistaina 24. marraskuuta 2026 klo 10.00"),
        ("sv", "tisdag 24 november 2026 kl. 10:00"),
    ],
)
def test_a_date_is_also_told_in_words_and_a_node_by_its_name(
    page: Page, phone: str, interface: str, words: str
) -> None:
    page.goto(f"{phone}?ui={interface}")
    assert page.locator("#at").is_hidden(), "nobody must guess what mm/dd/yyyy means before there is a date"
    at_the_time(page, DAY)
    assert page.locator("#at-words").inner_text().replace(",", "") == words
    wider = page.evaluate(
        """() => [...document.querySelectorAll("#flow .node")].filter(node =>
          node.querySelector("text").getBBox().width > node.querySelector("rect, path").getBBox().width - 8
        ).map(node => node.textContent.trim())"""
    )
    assert wider == []


def test_a_program_that_is_gone_is_started_again_by_what_was_typed(page: Page) -> None:
    page.route(re.compile(r"/making\?"), lambda route: route.abort())
    page.reload()
    passing(page, page.locator("#trouble:visible").count)
    expect(page.locator("#trouble")).to_contain_text("Start it again with: ivr phone.")


TARGETS = """() => [...document.querySelectorAll("button, a, input, select, summary")]
  .filter(it => it.checkVisibility() && !it.matches(".skip")).map(it => {
    const {width, height} = it.getBoundingClientRect();
    return [it.id || it.textContent.trim(), width, height];
  }).filter(([, width, height]) => width < 24 || height < 24)"""
"""What can be pressed and is smaller than 24 by 24 pixels (WCAG 2.2, 2.5.8)."""


@pytest.mark.parametrize("width", [360, 1366])
def test_everything_that_can_be_pressed_is_large_enough(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate(TARGETS) == []
    ring(page, DAY)
    until(page, "speaking")
    page.keyboard.press("0")
    until(page, "ringing")
    assert page.locator("summary").count()
    assert page.evaluate(TARGETS) == []


FORCED = """() => {
  const color = (what, name) => getComputedStyle(what)[name];
  const at = name => document.querySelector(name);
  const [node, current] = [at(".node:not(.walked)"), at(".node.current")];
  const shape = it => it.querySelector("rect, path");
  return {
    canvas: color(at("body"), "backgroundColor"),
    box: color(shape(node), "fill"), edge: color(shape(node), "stroke"),
    word: color(node.querySelector("text"), "fill"),
    here: color(shape(current), "fill"), hereWord: color(current.querySelector("text"), "fill"),
    way: color(at(".edge.walked"), "stroke"), line: color(at(".edge:not(.walked)"), "stroke"),
    key: color(at("#keypad button"), "borderTopColor"),
    off: color(at("#call"), "color"), on: color(at("#hangup"), "color"),
    now: color(at("#events .now"), "borderLeftColor"), before: color(at("#events li:not(.now)"), "borderLeftColor"),
    bar: color(at("#ring-countdown progress"), "borderTopColor"),
  };
}"""


@pytest.mark.parametrize("theme", THEMES)
def test_the_readers_own_colours_hide_nothing(page: Page, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(forced_colors="active", color_scheme=theme)
    page.select_option("#speed", "16")
    page.click("#call")
    until(page, "speaking")
    page.keyboard.press("0")
    until_there(page, "html[data-state=ringing]:has(.node.current):has(#events .now)")
    seen = page.evaluate(FORCED)
    canvas = seen["canvas"]
    assert canvas == {"light": "rgb(255, 255, 255)", "dark": "rgb(0, 0, 0)"}[theme]
    assert (seen["box"], seen["before"]) == (canvas, canvas)
    for mark in ("edge", "word", "here", "way", "line", "key", "now", "bar", "on", "off"):
        assert seen[mark] != canvas, mark
    assert len({seen["here"], seen["hereWord"]}) == len({seen["way"], seen["line"]}) == 2
    assert seen["on"] != seen["off"], "a button that can be pressed is told from one that cannot"
