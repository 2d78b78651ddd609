"""The line, and the texts of every language."""

from __future__ import annotations

import pytest

from ivr.core.content import Content
from tests.phone.languages.book import Book
from tests.phone.languages.town import CODES, Town


@pytest.fixture(scope="session")
def town(content: Content) -> Town:
    return Town(content)


@pytest.fixture(scope="session")
def books() -> dict[str, Book]:
    return {code: Book(code) for code in CODES}
