"""The page in a real Chromium: whole calls from both ends, and everybody can use it.

Fast, since the page can let time pass sixteen times as fast; in one file, since every process would make the voices.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import opened, passing
from tests.limits import PATIENCE

DAY, NIGHT = "2026-11-24T10:00", "2026-11-24T22:00"
AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
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

LOOKED_AT = """() => {
  window.found = null;
  axe.run(document, {resultTypes: ["violations"]}).then(found => { window.found = found; });
}"""
"""Has axe look at the page, which waits now and then: so it is done only when time has passed."""


def ring(page: Page, at: str, speed: str = "16", dials: str = "") -> None:
    page.fill("#at", at)
    page.select_option("#speed", speed)
    if dials:
        page.select_option("#dials", dials)
    page.click("#call")


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
    heard(page, "Suomi: yksi.")
    press(page, "6")
    heard(page, "للكلام معنا: واحد.")
    line = page.locator("#events li[data-language=ar]").first.locator("[dir=rtl]").first
    assert line.get_attribute("lang") == "ar"
    under = page.locator("#events li[data-language=ar]", has_text="This is a machine. It cannot hear you.")
    assert "Tämä on kone. Se ei kuule sinua." in under.inner_text()
    press(page, "1")
    until(page, "ringing")
    page.click("#answer")
    until(page, "talk")
    heard(page, "Kieli: arabia.")
    page.click("#end-talk")
    heard(page, "You can hang up now.")
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
    heard(page, "Hätä? Lopeta puhelu. Soita yksi yksi kaksi.")
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
    heard(page, "Oletko vaarassa?")


def test_zero_before_the_language_rings_the_urgent_line(page: Page) -> None:
    ring(page, DAY)
    until(page, "speaking")
    page.keyboard.press("0")
    until(page, "ringing")
    expect(page.locator("#other-title")).to_contain_text("rgent")
    page.click("#answer")
    until(page, "talk")
    heard(page, "Asia: kiireellinen apu.")


def test_a_voicemail_does_not_take_the_caller(page: Page) -> None:
    ring(page, DAY)
    until(page, "speaking")
    press(page, "1")
    heard(page, "Oletko vaarassa?")
    press(page, "1")
    until(page, "ringing")
    page.click("#voicemail")
    heard(page, "Kukaan ei ole nyt vapaana.")
    assert page.locator("#events li[data-kind=talk]").count() == 0


def test_the_language_is_known_by_the_number(page: Page) -> None:
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
    complaints = list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
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


# --- for everybody --------------------------------------------------------------------------------------------------


def violations(page: Page) -> list[str]:
    """What axe-core (Deque, MPL 2.0) has against the page as it is now."""
    page.evaluate(LOOKED_AT)
    found = passing(page, lambda: page.evaluate("window.found"))
    return [f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in found["violations"]]


def violations_in_both_themes(page: Page) -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {violation}" for violation in violations(page)]
    return found


@pytest.mark.parametrize("interface", ["en", "fi", "sv"])
def test_axe_finds_nothing_before_and_during_a_call(chromium: Browser, phone: str, interface: str) -> None:
    with chromium.new_context(bypass_csp=True) as context:
        context.set_default_timeout(1000 * PATIENCE)
        page = opened(context, f"{phone}?ui={interface}")
        page.evaluate(AXE)
        assert violations_in_both_themes(page) == []
        page.select_option("#speed", "16")
        page.click("#call")
        until(page, "speaking")
        page.keyboard.press("0")
        until(page, "ringing")
        assert violations_in_both_themes(page) == []


def test_every_control_is_reached_by_the_keyboard_and_its_focus_is_seen(page: Page) -> None:
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
    assert {"call", "at", "dials", "speed", "volume"} <= reached


@pytest.mark.parametrize("width", [360, 640])
def test_the_page_does_not_scroll_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
