"""The pages of languages in a real Chromium, on a phone: for everybody; and a leader hears a take and presses."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from ivr.core.content import Content
from ivr.office.words import words
from ivr.records.people import People
from ivr.settings.office import OfficeSettings
from ivr.speech.line_state import read_line_state
from tests.browser.conftest import complaining
from tests.limits import PATIENCE, until
from tests.listening.volunteers import NOW, recorded_once
from tests.office.conftest import ANNA, PASSWORDS, Clock
from tests.office.helped import Helped, accept_other_words, helped
from tests.office.test_browser import PHONE, is_for_everybody

FI = words("fi")


@pytest.fixture(scope="session")
def recorded_and_heard(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded_once(tmp_path_factory, content)


@pytest.fixture
def here(recorded_and_heard: Path, tmp_path: Path, people: People, settings: OfficeSettings, clock: Clock) -> Helped:
    """Somali is recorded; one sentence is recorded again since, and there are suggestions of every state."""
    shutil.copytree(recorded_and_heard, tmp_path / "recordings")
    return helped(tmp_path, people, settings, clock)


@pytest.fixture
def page(here: Helped, chromium: Chromium) -> Iterator[Page]:
    """Anna's browser, on a phone; `base_url` leads to her office."""
    server = make_server("127.0.0.1", 0, here.office.app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    device = here.office.browser_of(ANNA).cookie("device")
    assert device
    base = f"http://127.0.0.1:{server.port}"
    with (
        closing(server.socket),
        chromium.new_context(locale="fi-FI", viewport=PHONE, reduced_motion="reduce", base_url=base) as context,
    ):
        context.set_default_timeout(1000 * PATIENCE)
        context.add_cookies([{"name": "office-device", "value": device, "url": base}])
        page = context.new_page()
        with complaining(page) as complaints:
            yield page
            assert complaints == []
        server.shutdown()
        serving.join(PATIENCE)


@pytest.mark.parametrize(
    "path", ["/languages", "/languages/so", "/languages/so/people/{id}/voice", "/languages/so/texts"]
)
def test_every_page_is_for_everybody(here: Helped, page: Page, path: str) -> None:
    somali = here.somali
    said = somali.safety[2]
    somali.record([said])
    somali.room.suggest(somali.names["Samira"], said.id, said.text, "Wax kale, oo dheer.", NOW)
    accept_other_words(here)
    page.goto("/languages")
    base = page.url.removesuffix("/languages")
    is_for_everybody(page, base, path.format(id=somali.names["Samira"]))


def test_a_leader_hears_a_take_and_presses(here: Helped, page: Page) -> None:
    page.goto("/languages")
    page.get_by_role("link", name="somali").click()
    sound = page.locator("audio").first
    sound.evaluate("audio => audio.play()")
    until(lambda: bool(sound.evaluate("audio => audio.ended")))
    assert sound.evaluate("audio => audio.duration") == pytest.approx(0.5)
    page.get_by_label(FI["your_password"]).fill(PASSWORDS[ANNA])
    page.get_by_role("button", name=FI["use_now"]).click()
    expect(page.get_by_text(FI["is_offered"])).to_be_visible()
    state = read_line_state(here.somali.folder)
    assert state
    assert state.in_use
    page.get_by_role("button", name=FI["off_now_do"]).click()
    expect(page.get_by_text(FI["is_taken_off"])).to_be_visible()
