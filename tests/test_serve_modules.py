"""What commands import: a line that starts, and its first call, nothing that only others need; help next to nothing."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.core.closing import Closing
from ivr.core.office import PHONE
from ivr.records.closings import Records
from ivr.records.reach import STEPS
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE
from tests.test_serve import ENVIRONMENT, signed_start, whole

IMPORTED = re.compile(r"import time: +\d+ \| +\d+ \| +(\S+)")
PEOPLE = (
    "ivr.listening",
    "ivr.office",
    "ivr.phone",
    "ivr.room",
    "ivr.commands.phone",
    "ivr.commands.texts",
    "ivr.commands.audio",
    "ivr.content.sheet",
    "ivr.telephony.twilio.account",
    "ivr.telephony.twilio.calls",
    "twilio.rest",
    "rich",
)
"""What only commands for people need."""
PREPARED = (
    "ivr.content.load",
    "ivr.content.yaml",
    "ivr.content.po",
    "ivr.proof.prove",
    "ivr.proof.walk",
    "ivr.speech.espeak",
)
"""What reads, checks and proves a content, which another process does for the line."""
LIBRARIES = ("yaml", "holidays", "polib", "numpy", "prometheus_client", "requests", "sqlalchemy", "alembic", "psycopg")
BY_FLASK_ITSELF = ("jinja2", "werkzeug.test")
"""Flask imports these when it is imported; nothing of ours may be the reason for them."""
ANSWERS = re.compile(r"answering on http://([\d.]+):(\d+)")


def run(*command: str, first_call: bool = False, **environment: str) -> tuple[set[str], set[str]]:
    """The modules that a process has imported until it answers, and from then on to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    lines, at = list[str](), 0
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", *command],
        env={**clean, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            lines.append(line)
            if found := ANSWERS.match(line):
                at = len(lines)
                if first_call:
                    assert b"<Gather" in rung(found[1], int(found[2]))
                process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0, "".join(lines[-20:])
    split = at or len(lines)
    before, after = (
        {found[1] for line in part if (found := IMPORTED.match(line))} for part in (lines[:split], lines[split:])
    )
    return before, after


def rung(host: str, port: int) -> bytes:
    """The answer to the first request of a call."""
    with socket.create_connection((host, port), PATIENCE) as link:
        link.sendall(b"".join(signed_start(host)))
        return whole(link)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("line")
    site = Prompts.copied_to(folder, *FIRST).folder
    places = {"IVR_SITE": str(site), "IVR_STATE": str(folder / "var"), "IVR_LOG": str(folder / "journal")}
    return {**ENVIRONMENT, **places}


@pytest.mark.parametrize("start", ["the first", "one with what is kept", "one with a closing"])
def test_a_served_line_loads_nothing_that_others_need(environment: dict[str, str], start: str) -> None:
    if closed := start == "one with a closing":
        now = datetime.now(UTC)
        Records.open(environment).close(Closing(PHONE, now, now + timedelta(days=30)), "other", "Anna", now)
    left = [Path(environment["IVR_STATE"]) / f"{STEPS}{end}" for end in ("", "-wal")]  # of a time when it counted
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    serve, later = run(*("-m", "ivr", "serve", "--port", "0"), first_call=True, **environment)
    assert {"ivr.core.engine", "waitress.server", "twilio.twiml.voice_response"} <= serve
    assert {
        name for name in serve if name.startswith((*PEOPLE, *PREPARED)) or name.partition(".")[0] in LIBRARIES
    } == set()
    assert ("sqlite3" in serve) == closed
    assert not any(path.exists() for path in left), "nobody would delete it"
    flask, _ = run("-c", "import flask")
    assert {name for name in serve - flask if name.startswith(BY_FLASK_ITSELF)} == set()
    assert later == set(), "the first caller waits for these"


def test_help_loads_no_command() -> None:
    """It names them all the same: see tests/commands/test_help.py."""
    loaded, _ = run("-m", "ivr", "--help")
    assert {name for name in loaded if name.startswith("ivr")} <= {"ivr", "ivr.commands"}
    assert loaded & {"flask", "pydantic", "yaml", "phonenumbers", "asyncio"} == set()


def test_a_call_by_keys_loads_no_page_and_no_server() -> None:
    loaded, _ = run("-m", "ivr", "call", "--keys", "3,1")
    assert {
        name for name in loaded if name.startswith(("ivr.phone.browser.app", "ivr.live", "ivr.proof.prove", "waitress"))
    } == set()
