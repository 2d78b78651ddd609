"""`ivr office` sends no passwords by plain http, and says what keeps it from starting. It runs in tests/office."""

from __future__ import annotations

import errno
import os
from datetime import datetime
from pathlib import Path
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from flask import Flask

from ivr.commands import main
from tests.conftest import ROOT


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
    def taken(_app: object, host: str, port: int, _ready: object, **_: object) -> None:
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), f"{host}:{port}")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ivr.commands.pages.serve", taken)
    monkeypatch.setattr("ivr.commands.office.WatchedSite", Mock())
    monkeypatch.setenv("IVR_OFFICE_URL", "https://office.example.fi")
    result = CliRunner().invoke(main, ["--site", str(ROOT / "prompts"), "office"])
    assert "warning: IVR_TRUSTED_PROXY is missing" in result.stderr
    assert "cannot listen on 127.0.0.1:8090: Address already in use. Remedy" in result.stderr
    assert result.exit_code == 1


def test_times_are_those_of_the_office_whatever_zone_the_machine_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server in UTC must not show that a phone was used two hours before: its owner would think it stolen."""
    zone, served, watched = ZoneInfo("Asia/Kathmandu"), list[Flask](), Mock()
    watched.current.serving.content.office.zone = zone.key
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ivr.commands.pages.serve", lambda app, *_, **__: served.append(app))
    monkeypatch.setattr("ivr.commands.office.WatchedSite", lambda *_: watched)
    result = CliRunner().invoke(main, ["--site", str(ROOT / "prompts"), "office"])
    assert result.exit_code == 0, result.output
    now = served[0].extensions["gate"].now()
    assert now.utcoffset() == datetime.now(zone).utcoffset()
