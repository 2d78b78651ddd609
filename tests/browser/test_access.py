"""Everybody can use the page: axe finds no violation, every control has a name, and the focus is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core (Deque, MPL 2.0) has against the page as it is now."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
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
        page = context.new_page()
        page.goto(f"{phone}?ui={interface}")
        assert violations_in_both_themes(page) == []
        page.select_option("#speed", "16")
        page.click("#call")
        page.wait_for_selector("html[data-state=speaking]")
        page.keyboard.press("0")
        page.wait_for_selector("html[data-state=ringing]")
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
