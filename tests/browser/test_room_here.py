"""From the phone's page one click leads into the listening room of a language, on this machine."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from ivr.room.words import words
from tests.browser.conftest import complaining, opened


def test_one_click_leads_into_the_room_of_a_language(tab: Page, phone: str) -> None:
    page = opened(tab, phone)
    with complaining(page) as complaints:
        page.locator("#rooms").get_by_text("Soomaali").click()
        page.wait_for_url(re.compile("/room/$"))  # the secret has left the address
        expect(page.locator("#room")).to_contain_text(words("so")["consent_heard"])
        assert page.evaluate("document.cookie") == ""
        page.reload()
        expect(page.locator("#room")).to_contain_text(words("so")["consent_heard"])
    assert complaints == []


def test_a_room_that_cannot_be_opened_is_told(tab: Page, phone: str) -> None:
    page = opened(tab, phone)
    page.route("**/room/here", lambda route: route.fulfill(status=503))
    page.locator("#rooms").get_by_text("Soomaali").click()
    expect(page.locator("#trouble")).to_be_visible()
