"""A real browser at a real `ivr phone`, with the languages that the tests speak."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.content.conftest import FIRST, Prompts

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
            process.wait(20)


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    for _ in range(300):
        if found := re.search(r"http://[\d.]+:\d+/", said.read_text(encoding="utf-8")):
            return found[0]
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"ivr phone did not start: {said.read_text(encoding='utf-8')}")


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
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser, in English."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, phone: str) -> Page:
    """The page, open."""
    page = context.new_page()
    page.goto(phone)
    return page
