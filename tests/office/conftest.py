"""The pages of the office, with people who may log in, in an SQLite of their own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.office import passwords
from ivr.office.app import create_office
from ivr.office.counts import counts_pages
from ivr.records.people import People, Role
from ivr.records.reach import FILE
from ivr.settings.office import OfficeSettings
from tests.office.counted import Counted, TheLine

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As the real one, but quick."""
ANNA, BEA = "Anna Åkesson", "Bea"
PASSWORDS = {ANNA: "sata tuhatta lumihiutaletta", BEA: "kolme kuusta mäen takana"}
START = datetime(2026, 11, 24, 8, 10, tzinfo=ZoneInfo("Europe/Helsinki"))
URL = "https://linja.kemi.example"


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    time: datetime = START

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, **time: float) -> None:
        self.time += timedelta(**time)


@dataclass
class Office:
    """An office: Anna leads it, Bea works there."""

    app: Flask
    people: People
    clock: Clock

    def browser(self, **headers: str) -> Browser:
        """A browser that was never here."""
        return Browser(self.app.test_client(), headers)

    def browser_of(self, name: str) -> Browser:
        """A browser in which somebody is logged in."""
        browser = self.browser()
        assert browser.log_in(name).status_code == 303
        return browser

    def id(self, name: str) -> int:
        found = self.people.find(name)
        assert found
        return found.id


@dataclass
class Browser:
    """Sends forms as a browser does: with the token that the page gave."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    base: str = "http://127.0.0.1:8090"

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=self.base, headers={**self.headers, **headers}, buffered=True)

    def post(self, path: str, form: dict[str, str], token: str | None = None, **headers: str) -> TestResponse:
        """Send a form without looking for its token."""
        data = form if token is None else {**form, "csrf_token": token}
        return self.client.post(path, base_url=self.base, data=data, headers={**self.headers, **headers})

    def send(self, page: str, form: dict[str, str], to: str | None = None, **headers: str) -> TestResponse:
        """Fill in a form of a page."""
        return self.post(to or page, form, self.token(page), **headers)

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found, page
        return found[1]

    def log_in(self, name: str, password: str | None = None, **headers: str) -> TestResponse:
        written = PASSWORDS[name] if password is None else password
        return self.send("/log-in", {"name": name, "password": written}, **headers)

    def cookie(self, name: str) -> str | None:
        found = self.client.get_cookie(f"office-{name}", domain="127.0.0.1")
        return found.value if found else None


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """A real hash takes a tenth of a second, on purpose."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "PasswordHasher", lambda: HASHER)
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def made_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of records with Anna and Bea, who have set their passwords: made once, as tables take a while."""
    folder = tmp_path_factory.mktemp("people")
    people = People.open({"IVR_STATE": str(folder)})
    roles: dict[str, Role] = {ANNA: "leader", BEA: "staff"}
    for name, role in roles.items():
        made = people.add(name, role, "root", START)
        people.accept(made.token, HASHER.hash(PASSWORDS[name]), START)
    return folder / FILE


@pytest.fixture
def people(made_people: Path, tmp_path: Path) -> People:
    """Anna and Bea."""
    shutil.copy(made_people, tmp_path)
    return People.open({"IVR_STATE": str(tmp_path)})


@pytest.fixture
def settings() -> OfficeSettings:
    return OfficeSettings(b"k" * 32)


@pytest.fixture
def counted() -> Counted:
    """What the line has counted: nothing, until a test says so."""
    return Counted()


@pytest.fixture
def office(people: People, settings: OfficeSettings, clock: Clock, counted: Counted) -> Office:
    return Office(create_office(people, settings, clock, [counts_pages(counted, TheLine(), clock)]), people, clock)
