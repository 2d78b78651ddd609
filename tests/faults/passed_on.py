"""All that is shown of the counts in a database: pages, paper, table, and what the command prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.commands import counts as command
from ivr.commands import main
from ivr.office import passwords
from ivr.office.app import create_office
from ivr.office.counts import counts_pages
from ivr.records.counted import Counts
from ivr.records.people import People
from ivr.settings.office import OfficeSettings
from tests.office.conftest import ANNA, HASHER, PASSWORDS, Browser
from tests.office.counted import TheLine


def all_that_is_read(environment: Mapping[str, str], site: Path, folder: Path, began: datetime) -> dict[str, bytes]:
    """For a month that is over, and its year, to a team leader and on the machine. `folder`: an empty one."""
    month, year, now = f"{began:%Y-%m}", f"{began:%Y}", began + timedelta(days=62)
    people = People.open({"IVR_STATE": str(folder)})
    invited = people.add(ANNA, "leader", "root", now)
    people.accept(invited.token, HASHER.hash(PASSWORDS[ANNA]), now)
    found = dict[str, bytes]()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "PasswordHasher", lambda: HASHER)
        patched.setattr(command, "now", lambda: now)
        pages = counts_pages(Counts.open(environment), TheLine(), lambda: now)
        browser = Browser(create_office(people, OfficeSettings(b"k" * 32), lambda: now, [pages]).test_client())
        assert browser.log_in(ANNA).status_code == 303
        for path in (f"/counts/{month}", f"/counts/{year}", f"/counts/{month}/print", f"/counts/{month}.csv"):
            page = browser.get(f"{path}?ui=en")
            assert page.status_code == 200, path
            found[path] = page.get_data()
        patched.delenv("IVR_DATABASE_URL", raising=False)
        for name, value in environment.items():
            patched.setenv(name, value)
        for words in ([month], [year], [month, "--csv", "-"]):
            done = CliRunner().invoke(main, ["--site", str(site), "counts", *words])
            assert done.exit_code == 0, done.output
            found[f"ivr counts {' '.join(words)}"] = done.output.encode()
    return found
