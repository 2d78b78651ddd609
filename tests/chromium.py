"""The one Chromium of a process: its driver can be started once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.limits import PATIENCE

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-gpu", "--disable-dev-shm-usage")


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Chromium; where there is none, what needs it fails, and does not pass by."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_path(), args=list(FLAGS), timeout=1000 * PATIENCE)
        yield browser
        browser.close()


@contextmanager
def chromium_that_hears(chromium: Browser, sound: Path) -> Iterator[Browser]:
    """Another one, by the same driver, whose microphone hears a WAV file once, from when it is opened."""
    heard = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={sound}%noloop")
    browser = chromium.browser_type.launch(executable_path=_path(), args=[*FLAGS, *heard], timeout=1000 * PATIENCE)
    yield browser
    browser.close()


def _path() -> str:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("no Chromium is installed; on Debian: apt-get install chromium")
    return path
