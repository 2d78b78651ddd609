"""The pages of counts in a real Chromium: for everybody, and on one page of paper."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from werkzeug.serving import make_server

from ivr.core.content import Content
from ivr.office.words import INTERFACES
from tests.browser.conftest import complaining
from tests.limits import PATIENCE
from tests.office.conftest import ANNA, START, Office
from tests.office.counted import Counted, full_month
from tests.office.test_browser import PHONE, is_for_everybody, with_language

A4 = [b"[0 0 594.95996 841.91998]"]
"""Of one page, as Chromium writes it."""


@pytest.fixture
def pages(office: Office, counted: Counted, content: Content) -> Iterator[str]:
    """Where the pages are served, after a year in which every table of them is as long as it can be."""
    office.clock.time = datetime(2027, 1, 5, 9, tzinfo=START.tzinfo)
    counted.by_month = {
        month: full_month(month, list(content.flow.nodes))
        for month in (date(2026, number, 1) for number in range(1, 13))
    }
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    with closing(server.socket):
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        serving.join(PATIENCE)


@pytest.fixture
def page(pages: str, office: Office, chromium: Chromium) -> Iterator[Page]:
    """Anna's browser, on a phone."""
    device = office.browser_of(ANNA).cookie("device")
    assert device
    with chromium.new_context(locale="fi-FI", viewport=PHONE, reduced_motion="reduce") as context:
        context.set_default_timeout(1000 * PATIENCE)
        context.add_cookies([{"name": "office-device", "value": device, "url": pages}])
        page = context.new_page()
        with complaining(page) as complaints:
            yield page
            assert complaints == []


@pytest.mark.parametrize("path", ["/counts/2026", "/counts/2026-12/print"])
def test_every_page_is_for_everybody(page: Page, pages: str, path: str) -> None:
    is_for_everybody(page, pages, path)


def test_what_is_passed_on_is_one_page_of_paper_and_black_on_white(page: Page, pages: str) -> None:
    page.emulate_media(color_scheme="dark")
    year, month = "/counts/2026/print", "/counts/2026-12/print"
    for path in (*(with_language(year, interface) for interface in INTERFACES), month):
        page.goto(f"{pages}{path}")
        paper = page.pdf(prefer_css_page_size=True)
        assert (path, re.findall(rb"/MediaBox ?(\[[^\]]*\])", paper)) == (path, A4)
    page.emulate_media(media="print")
    style = page.evaluate("(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))")
    assert style == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator(".screen").is_hidden()
