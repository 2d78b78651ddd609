"""Two processes and one PostgreSQL: both hear of a closing, and keep it while the server is stopped or gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.records.closings import Records
from tests.faults.faults import children_of, close_phone
from tests.faults.ring import Telephone
from tests.faults.served import INSTRUCTOR, ON_CALL, Served, served
from tests.limits import until
from tests.postgresql import PASSWORD, Postgresql
from tests.postgresql import postgresql as server


@pytest.fixture
def postgresql() -> Iterator[Postgresql]:
    """A server of its own, as it is stopped."""
    with server() as running:
        yield running


def signalled(postgresql: Postgresql, number: signal.Signals) -> None:
    """All processes of a server, those that work for us too."""
    main = int((postgresql.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
    for process in (main, *children_of(main)):
        with suppress(ProcessLookupError):
            os.kill(process, number)


def rung(telephone: Telephone) -> list[str]:
    """Whom somebody reaches who wants a person."""
    heard = telephone.ring("3", "1")
    assert heard.talked
    assert heard.failed == []
    return heard.rang


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, pytest.param(signal.SIGSTOP, marks=pytest.mark.long)], ids=["killed", "stopped"]
)
def test_a_closing_outlives_its_server(
    postgresql: Postgresql, template: Path, tmp_path: Path, number: signal.Signals
) -> None:
    env = {"IVR_DATABASE_URL": postgresql.new_database()}
    records = Records.open(env)
    with ExitStack() as open_:
        lines = [open_.enter_context(served(template, tmp_path / name, **env)) for name in ("one", "two")]
        everywhere: Callable[[Callable[[Served], object]], bool] = lambda holds: all(map(holds, lines))  # noqa: E731
        for line in lines:
            line.start()
        telephones = [Telephone(line) for line in lines]
        assert [*map(rung, telephones)] == [[INSTRUCTOR]] * 2
        kept = close_phone(records)
        until(lambda: everywhere(lambda line: line.closings() == 1), lambda: str([line.health() for line in lines]))
        assert [*map(rung, telephones)] == [[ON_CALL]] * 2
        signalled(postgresql, number)
        open_.callback(signalled, postgresql, signal.SIGCONT)
        assert lines[0].stop() == 0
        lines[0].start()
        assert [*map(rung, telephones)] == [[ON_CALL]] * 2
        until(lambda: everywhere(lambda line: [*line.alarms()] == ["closings_unknown"]))
        told = "".join((*(line.alarms()["closings_unknown"] for line in lines), *lines[0].told))
        assert "cannot be reached" in told
        assert PASSWORD not in told
        if number is signal.SIGSTOP:
            signalled(postgresql, signal.SIGCONT)
            records.withdraw(kept.id, "Anna", datetime.now(UTC))
            until(lambda: everywhere(lambda line: line.alarms() == {} and line.closings() == 0))
            assert [*map(rung, telephones)] == [[INSTRUCTOR]] * 2
