"""A real browser at a real `ivr phone`, with the languages that the tests speak."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, ViewportSize

from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE, until

T = TypeVar("T")

STEP = 50
"""Milliseconds."""
SIZE: ViewportSize = {"width": 1280, "height": 900}
AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
"""axe-core (Deque, MPL 2.0)."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
BY_COLOUR = ("color-contrast", "link-in-text-block")
"""The rules of axe that look at colours. `test_going_live.py` holds that a theme changes nothing else."""


@pytest.fixture(scope="session")
def phone(made_clips: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page; most of its voices are made already, it makes the others."""
    folder = tmp_path_factory.mktemp("phone")
    shutil.copytree(made_clips, folder / "audio" / "rendered", copy_function=os.link)
    with running_phone(folder, "ar", "so") as address:
        yield address


@contextmanager
def running_phone(folder: Path, *languages: str) -> Iterator[str]:
    """A real `ivr phone` with some languages beside those that speak first; its address."""
    prompts = Prompts.copied_to(folder, *FIRST, *languages).folder
    with (folder / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "ivr", "phone", "--no-open", "--port", "0"],
            cwd=folder,
            env={**os.environ, "IVR_SITE": str(prompts)},
            stderr=said,
        )
        try:
            yield _address(process, Path(said.name))
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    def told() -> re.Match[str] | None:
        return re.search(r"http://[\d.]+:\d+/", said.read_text(encoding="utf-8"))

    until(lambda: told() or process.poll() is not None, lambda: said.read_text(encoding="utf-8"))
    found = told()
    assert found, f"ivr phone did not start: {said.read_text(encoding='utf-8')}"
    return found[0]


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    """The one page of all tests of a file, in English: a page of its own would be another process, a second each."""
    with chromium.new_context(locale="en-GB") as context:
        context.set_default_timeout(1000 * PATIENCE)
        yield context.new_page()


@pytest.fixture(scope="module")
def still(tab: Page) -> Page:
    """The page of all tests of a file; the time of whatever it opens stands still, see `passing`."""
    tab.clock.install(time=0)
    tab.clock.pause_at(1000)
    return tab


@pytest.fixture
def page(still: Page, phone: str) -> Page:
    """The page of the phone, open; its time stands still."""
    return opened(still, phone)


def opened(tab: Page, address: str) -> Page:
    """An address, in a page as new: nothing is kept, asked for or pointed at by whatever was there before."""
    if tab.url.startswith("http"):
        tab.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    tab.context.clear_cookies()
    tab.unroute_all()
    tab.emulate_media(media="null", color_scheme="null", forced_colors="null")
    tab.set_viewport_size(SIZE)
    tab.mouse.move(0, 0)
    tab.goto(address)
    return tab


@contextmanager
def complaining(page: Page) -> Iterator[list[str]]:
    """What the browser complains of."""
    complaints = list[str]()

    def written(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def raised(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", written)
    page.on("pageerror", raised)
    yield complaints
    page.remove_listener("console", written)
    page.remove_listener("pageerror", raised)


def axe_options(theme: Literal["light", "dark"]) -> dict[str, Any]:
    """How axe is run: what does not depend on colours was looked at in the light theme already."""
    everything: dict[str, Any] = {"resultTypes": ["violations"]}
    return everything if theme == "light" else {**everything, "runOnly": {"type": "rule", "values": BY_COLOUR}}


def passing(page: Page, there: Callable[[], T]) -> T:
    """Let the page's time pass until something is there, and stand still again; give what was found.

    So whatever waits for somebody, like a phone that rings, waits for as long as a test needs to do something about
    it. The page's time never passes faster than that on the wall, by which sounds are played.
    """
    late = time.monotonic() + PATIENCE
    while not (found := there()):
        assert time.monotonic() < late, page.locator("html").get_attribute("data-state")
        let_pass(page, STEP)
        page.wait_for_timeout(STEP)
    return found


def let_pass(page: Page, milliseconds: int) -> None:
    """Let the page's time pass.

    By what `page.clock.run_for` calls in it, which also has every later page do the same again when it is opened.
    """
    page.evaluate("milliseconds => __pwClock.controller.runFor(milliseconds)", milliseconds)
