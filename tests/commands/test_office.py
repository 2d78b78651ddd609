"""`ivr office` as a process: it answers, ends on SIGTERM, and refuses to send passwords by plain http."""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.commands import main
from tests.limits import PATIENCE


def test_it_answers_until_it_is_told_to_end(tmp_path: Path) -> None:
    env = {**os.environ, "IVR_STATE": str(tmp_path / "var")}
    command = [sys.executable, "-m", "ivr", "office", "--port", "0"]
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        said = [process.stderr.readline() for _ in range(2)]
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+", said[1])
            assert address, said
            with urllib.request.urlopen(f"{address[0]}/log-in", timeout=PATIENCE) as page:  # noqa: S310 - our own
                assert page.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""
    assert "nobody can log in yet: `ivr staff add NAME --leader`" in said[0]
    key = tmp_path / "var" / "office.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        (("--host", "0.0.0.0"), {}, "Remedy: set IVR_OFFICE_URL to the https address"),  # noqa: S104
        (("--host", "office.example.fi"), {}, "Remedy: set IVR_OFFICE_URL"),
        ((), {"IVR_OFFICE_URL": "http://office.example.fi"}, "IVR_OFFICE_URL is not a plain https address. Remedy"),
        ((), {"IVR_TRUSTED_PROXY": "0.0.0.0/0"}, "IVR_TRUSTED_PROXY is no address and no network, or everybody's"),
        ((), {"IVR_DATABASE_URL": "mysql://x"}, "IVR_DATABASE_URL does not begin with"),
    ],
)
def test_what_keeps_it_from_starting_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], settings: dict[str, str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"IVR_STATE": str(tmp_path / "var"), **settings}.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["office", *words])
    assert (result.exit_code, told in result.stderr) == (1, True), result.output


def test_a_port_that_is_taken_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(_app: object, host: str, port: int, _ready: object) -> None:
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), f"{host}:{port}")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ivr.commands.office.serve", taken)
    monkeypatch.setenv("IVR_OFFICE_URL", "https://office.example.fi")
    result = CliRunner().invoke(main, ["office"])
    assert "warning: IVR_TRUSTED_PROXY is missing" in result.stderr
    assert "cannot listen on 127.0.0.1:8090: Address already in use. Remedy" in result.stderr
    assert result.exit_code == 1
