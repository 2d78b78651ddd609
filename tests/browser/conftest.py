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
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE, until

T = TypeVar("T")

STEP = 50
"""Milliseconds."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--disable-dev-shm-usage")


@pytest.fixture(scope="session")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page."""
    with running_phone(tmp_path_factory.mktemp("phone"), "ar", "so") as address:
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, for all tests of a process."""
    with running_chromium() as browser:
        yield browser


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Chromium; where there is none, what needs it fails, and does not pass by."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Chromium is installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS), timeout=1000 * PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser, in English."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(1000 * PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, phone: str) -> Page:
    """The page, open; its time stands still, see `passing`."""
    return opened(context, phone)


def opened(context: BrowserContext, address: str) -> Page:
    """A page whose time stands still."""
    page = context.new_page()
    page.clock.install(time=0)
    page.goto(address)
    page.clock.pause_at(1000)
    return page


def passing(page: Page, there: Callable[[], T]) -> T:
    """Let the page's time pass until something is there, and stand still again; give what was found.

    So whatever waits for somebody, like a phone that rings, waits for as long as a test needs to do something about
    it. The page's time never passes faster than that on the wall, by which sounds are played.
    """
    late = time.monotonic() + PATIENCE
    while not (found := there()):
        assert time.monotonic() < late, page.locator("html").get_attribute("data-state")
        page.clock.run_for(STEP)
        page.wait_for_timeout(STEP)
    return found
