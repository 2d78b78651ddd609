"""The machine on which the rehearsal goes on, and the table of what was told how soon."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import made_once
from tests.faults.served import CLIPPED, Served, make_proved_template
from tests.faults.test_approval import review
from tests.rehearsal.clock import TIMES
from tests.rehearsal.machine import SITE, STATE, Machine, machine

COLUMNS = ("fault", "alert", "fires after", "by its intervals", "clears after")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with a site whose languages native speakers have approved, as its unit requires."""
    template, root = made_once(tmp_path_factory, "template", make_proved_template), tmp_path_factory.mktemp("machine")
    site, state = Path(f"{root}{SITE}"), Path(f"{root}{STATE}")
    shutil.copytree(template, site)
    state.parent.mkdir(parents=True)
    shutil.move(site / "var", state)
    review(Served(site), CLIPPED, "--safety")
    with machine(root) as found:
        yield found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how many seconds each alert has taken, whichever worker has run the test."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "rehearsed" and report.when == "call"
    ]
    if rows:
        terminalreporter.section(f"rehearsal: seconds, a minute of Prometheus being {60 / TIMES:g} of them")
        widths = [max(len(str(row[column])) for row in (COLUMNS, *rows)) for column in range(len(COLUMNS))]
        for row in (COLUMNS, *rows):
            cells = (str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
            terminalreporter.write_line("  ".join(cells).rstrip())
