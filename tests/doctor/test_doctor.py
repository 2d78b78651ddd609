"""`ivr doctor` as it is typed: on a line that is right, on a laptop without any account, and by programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.doctor import report
from ivr.doctor.examination import CHECKS, examine
from ivr.doctor.finding import CheckResult
from ivr.live.processes import serving_processes
from tests.conftest import ROOT
from tests.doctor.conftest import Healthy
from tests.limits import PATIENCE, until
from tests.twilio_rest.conftest import ENVIRONMENT, OURS, SWEDISH

ONE_SCREEN = 34
"""Lines of 80 columns: what a terminal of a laptop shows."""


@pytest.fixture
def doctor(line: Healthy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """`ivr doctor` of the line that is right."""
    with line.examined() as examined:
        monkeypatch.chdir(line.folder)
        for name, value in {**line.env, "IVR_SITE": str(line.site)}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("ivr.commands.account.open_account", line.opens)
        monkeypatch.setattr("ivr.commands.doctor.open_web", lambda: examined.web)
        yield lambda *words: CliRunner().invoke(main, ("doctor", *words))


def test_a_line_that_is_right(doctor: Callable[..., Result]) -> None:
    result = doctor()

    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "Nothing blocks."
    assert result.output.startswith("Right: content, environment, languages, ")
    assert not re.search(r"\d{6}", result.output)


def test_for_programs(doctor: Callable[..., Result], line: Healthy) -> None:
    line.provider.balance = "0"

    result = doctor("--json")

    told = json.loads(result.output)
    assert (result.exit_code, told["blocks"]) == (1, 1)
    assert [each["check"] for each in told["findings"]] == [each.id for each in CHECKS]
    (blocking,) = (each for each in told["findings"] if each["blocks"])
    assert set(blocking) == {"check", "state", "seen", "remedy", "blocks"}
    assert (blocking["check"], blocking["state"]) == ("balance", "wrong")


def test_no_number_and_no_secret_is_shown_whatever_is_wrong(doctor: Callable[..., Result], line: Healthy) -> None:
    line.provider.account = {"status": "suspended", "type": "Trial", "auth_token": "a7" * 16}
    line.provider.alerts, line.provider.dialled = ["11200", "13224"], {"SE": (True, True)}
    for each in line.provider.numbers:
        each["voice_url"] = f"https://user:hunter2@{OURS}.example.org/?token=hunter2"

    output = doctor().output + doctor("--json").output

    for secret in (*ENVIRONMENT.values(), SWEDISH, "a7a7", "hunter2"):
        if not secret.startswith("https:"):
            assert secret.removeprefix("+358") not in output


def typed(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`ivr` in a process that has nothing but what is named here."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "80", "HOME": str(folder), **env}
    command = [sys.executable, "-m", "ivr", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_a_laptop_without_any_account(tmp_path: Path) -> None:
    """One screen says what is missing, in the order of the work. Nothing is made there yet, no clip either."""
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    result = typed(tmp_path, "doctor")

    assert (result.returncode, result.stderr) == (1, "")
    assert len(result.stdout.splitlines()) <= ONE_SCREEN
    missing = re.findall(r"environment: (\w+) is missing", result.stdout)
    assert missing == [
        "TWILIO_ACCOUNT_SID",
        "TWILIO_API_KEY",
        "TWILIO_API_SECRET",
        "IVR_CALLER_ID",
        "IVR_CONTACT_SOCIAL_INSTRUCTOR",
        "IVR_PUBLIC_URL",
        "TWILIO_AUTH_TOKEN",
        "IVR_FALLBACK_URL",
    ]
    (start,) = re.findall(r"\d+\. processes: no process of the line runs here -> (.*)\n(.*)\n", result.stdout)
    assert "`ivr serve`" in " ".join(start), "a laptop need not have systemd"
    assert "things block." in result.stdout


def test_programs_are_told_of_settings_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"IVR_PUBLIC_URL=\xff")

    result = typed(tmp_path, "doctor", "--json")

    (found,) = json.loads(result.stdout)["findings"]
    assert (result.returncode, found["check"], found["blocks"]) == (1, "environment", True)
    assert "not UTF-8" in found["seen"]
    assert found["remedy"] == "save the file as UTF-8"


def test_a_folder_without_a_site(tmp_path: Path) -> None:
    result = typed(tmp_path, "doctor")

    assert result.returncode == 1
    assert "1. content: there is no site" in result.stdout
    assert "environment: TWILIO_ACCOUNT_SID is missing" in result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("columns", [20, 80, 300])
def test_lines_are_no_wider_than_the_terminal(columns: int) -> None:
    long = CheckResult("disk", "wrong", "what was seen " * 20, "what to do " * 20, blocks=True)

    text = report.as_text([long] * 12, columns)

    assert max(map(len, text.splitlines())) <= max(60, min(columns, 120))
    assert " 12. disk: " in text


def test_a_check_that_breaks_does_not_end_the_others(line: Healthy, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("a number: +358401234567")

    monkeypatch.setattr("ivr.doctor.here.shutil.disk_usage", breaks)
    with line.examined() as examined:
        found = {each.check: each for each in examine(examined)}

    assert (found["disk"].state, found["disk"].seen) == ("unknown", "the check itself failed: RuntimeError")
    assert found["certificate"].state == "ok"


def test_what_is_not_known_is_not_called_right(line: Healthy) -> None:
    line.provider.account = {"status": "active", "type": "Full", "auth_token": None}
    with line.examined() as examined:
        text = report.as_text(examine(examined), 80)

    assert text.endswith("Nothing that could be seen blocks, but not all could be seen.")


def test_each_check_is_told_before_it_looks(line: Healthy) -> None:
    told = list[str]()
    with line.examined() as examined:
        examine(examined, lambda check: told.append(check.id))

    assert told == [each.id for each in CHECKS]


def test_a_running_line_is_found_by_its_state_and_gone_when_it_ends(tmp_path: Path) -> None:
    environment = {**os.environ, **ENVIRONMENT, "IVR_STATE": str(tmp_path), "IVR_SITE": str(ROOT / "prompts")}
    command = [sys.executable, "-m", "ivr", "serve", "--port", "0", "--metrics", "127.0.0.1:0"]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**environment, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE
    ) as running:
        try:
            until(lambda: any(serving_processes(tmp_path)))
            (found,) = serving_processes(tmp_path)
        finally:
            running.terminate()
            running.communicate(timeout=PATIENCE)

    assert (found.pid, found.host, found.operators) == (running.pid, "127.0.0.1", "")
    assert found.port > 0
    assert list(serving_processes(tmp_path)) == []
