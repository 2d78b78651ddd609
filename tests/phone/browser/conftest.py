"""The server of the browser phone, with four languages and nothing to make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client

from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Utterance
from ivr.phone import clip_builder
from ivr.phone.browser import call as live
from ivr.phone.browser.app import create_phone
from ivr.phone.clip_builder import ClipBuilder
from tests.conftest import TODAY
from tests.limits import PATIENCE
from tests.phone.browser.helpers import Tones, line_of


@pytest.fixture(autouse=True)
def _patient_page_and_builder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for another thread waits as long as it takes."""
    monkeypatch.setattr(live, "PAGE_GONE", PATIENCE)
    monkeypatch.setattr(clip_builder, "PATIENCE", PATIENCE)


@pytest.fixture(scope="module")
def content(content: Content) -> Content:
    """The real content, of which the line offers four languages."""
    return replace(content, offered=frozenset({"fi", "sv", "en", "ar"}))


@pytest.fixture(scope="module")
def script(content: Content) -> tuple[Utterance, ...]:
    return closed_set(content, TODAY)


@pytest.fixture
def mute(content: Content, tmp_path: Path) -> ClipBuilder:
    """A clip builder that has nothing to make."""
    return ClipBuilder(content, (), tmp_path / "rendered", Tones)


@pytest.fixture
def client(content: Content, mute: ClipBuilder) -> Client:
    return Client(create_phone(line_of(content), mute))
