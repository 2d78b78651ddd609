"""deploy/, read by the tools that will read it: systemd-analyze, nginx and promtool, of Debian's packages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.parts import PROGRAM, PROMETHEUS, SYSTEMD, alerts, instances
from tests.nginx import AROUND, DEPLOYED, OFFICE, ROOM, listening_at, replaced
from tests.rehearsal.certificate import CERTIFICATE, KEY, certify
from tests.tools import tool

MOST_EXPOSED = 15
"""Tenths of what systemd calls exposure, from 0 to 100; 12 when this was written."""


def ran(*words: str | Path, cwd: Path | None = None, **environment: str) -> tuple[int, str]:
    """How a tool has ended, and all that it said."""
    done = subprocess.run(
        [tool(str(words[0])), *words[1:]],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with programs that are there, as systemd looks: ours is not, and not every machine has `kill`."""
    folder = tmp_path / "units"
    shutil.copytree(SYSTEMD, folder)
    for name, program in (
        ("kemi-line@.service", PROGRAM),
        ("kemi-line@.service", "/bin/kill"),
        ("kemi-line-probe.service", PROGRAM),
        ("kemi-office.service", PROGRAM),
        ("kemi-room.service", PROGRAM),
    ):
        text = replaced((folder / name).read_text(encoding="utf-8"), program, "/bin/true")
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def verified(units: Path) -> tuple[int, str]:
    lines = [f"kemi-line@{port}.service" for port in instances()]
    # What is wrong with a unit that this machine has besides is not ours.
    command = ("systemd-analyze", "verify", "--man=no", "--recursive-errors=no")
    # The colon at the end: after these, the units of the system, such as network-online.target.
    probe = ("kemi-line-probe.timer", "kemi-line-probe.service")
    others = ("kemi-line.target", "kemi-line-restart.service", *probe, "kemi-office.service", "kemi-room.service")
    return ran(*command, *lines, *others, SYSTEMD_UNIT_PATH=f"{units}:")


class TestSystemd:
    def test_the_units_are_whole(self, units: Path) -> None:
        code, told = verified(units)
        ours = [line for line in told.splitlines() if "kemi-" in line or str(units) in line]
        assert (code, ours) == (0, []), told

    @pytest.mark.parametrize(
        ("good", "bad"),
        [
            ("Type=notify", "Type=notfy"),
            ("WatchdogSec=10", "WatchdogSec=soon"),
            ("TimeoutStopSec", "TimeoutStopSecs"),
            ("@system-service", "@sytem-service"),
            ("ProtectSystem=strict", "ProtectSystem=strictly"),
            ("ExecStart=/bin/true", "ExecStart=/bin/truth"),
            ("ExecReload=/bin/true", "ExecReload=/bin/truth"),
        ],
    )
    def test_a_slip_is_told(self, units: Path, good: str, bad: str) -> None:
        template = units / "kemi-line@.service"
        text = template.read_text(encoding="utf-8")
        assert text.count(good) == 1
        template.write_text(text.replace(good, bad), encoding="utf-8")
        code, told = verified(units)
        assert code or "kemi-line@" in told, told

    @pytest.mark.parametrize(
        ("name", "good", "bad"),
        [
            ("kemi-line-probe.service", "Type=oneshot", "Type=onceshot"),
            ("kemi-line-probe.timer", "OnCalendar=Tue", "OnCalendar=Tuse"),
            ("kemi-office.service", "Type=exec", "Type=execute"),
            ("kemi-room.service", "BindPaths=", "BindPath="),
        ],
    )
    def test_a_slip_in_another_is_told(self, units: Path, name: str, good: str, bad: str) -> None:
        text = (units / name).read_text(encoding="utf-8")
        assert text.count(good) == 1
        (units / name).write_text(text.replace(good, bad), encoding="utf-8")
        code, told = verified(units)
        assert code or name.split(".")[0] in told, told

    @pytest.mark.parametrize("name", ["kemi-line@.service", "kemi-office.service", "kemi-room.service"])
    def test_little_is_exposed(self, units: Path, name: str) -> None:
        template = units / name
        command = ("systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={MOST_EXPOSED}")
        code, told = ran(*command, template)
        assert code == 0, told
        text = template.read_text(encoding="utf-8")
        template.write_text(text.replace("CapabilityBoundingSet=\n", ""), encoding="utf-8")
        assert ran(*command, template)[0] != 0, "it says so of anything"

    def test_the_users_can_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc" / "group").write_text("www-data:x:33:\n", encoding="utf-8")
        (tmp_path / "etc" / "passwd").write_text("www-data:x:33:33::/:/bin/sh\n", encoding="utf-8")
        code, told = ran("systemd-sysusers", f"--root={tmp_path}", SYSTEMD / "kemi-line.sysusers")
        assert code == 0, told
        groups = (tmp_path / "etc" / "group").read_text(encoding="utf-8")
        assert re.search(r"(?m)^kemi-line:\w*:\d+:www-data$", groups), groups


class TestNginx:
    def test_the_sites_are_whole_certificates_and_all(self, tmp_path: Path) -> None:
        certify(tmp_path)
        line, office, room = (path.read_text(encoding="utf-8") for path in (DEPLOYED, OFFICE, ROOM))
        for there, here in {
            f"/{CERTIFICATE}": tmp_path / CERTIFICATE,
            f"/{KEY}": tmp_path / KEY,
            "/var/log/nginx/kemi.log": tmp_path / "log",
        }.items():
            line = replaced(line, there, str(here))
        for there, place in {
            "/etc/ssl/office-line.example.fi.pem": str(tmp_path / CERTIFICATE),
            "/etc/ssl/private/office-line.example.fi.key": str(tmp_path / KEY),
            "/var/log/nginx/kemi-office.log": str(tmp_path / "log"),
            "listen 127.0.0.2:443 ssl;": f"listen unix:{tmp_path}/office ssl;",
        }.items():
            office = replaced(office, there, place)
        for there, place in {
            "/etc/ssl/room.example.fi.pem": str(tmp_path / CERTIFICATE),
            "/etc/ssl/private/room.example.fi.key": str(tmp_path / KEY),
            "/var/log/nginx/kemi-room.log": str(tmp_path / "log"),
        }.items():
            room = replaced(room, there, place)
        room = listening_at(room, f"unix:{tmp_path}/room ssl")
        own = listening_at(line, f"unix:{tmp_path}/socket ssl") + office + room  # which needs no port of this machine
        config = tmp_path / "nginx.conf"
        around = AROUND.format(folder=tmp_path, own=own, user="root", group="root")
        config.write_text(around, encoding="utf-8")
        code, told = ran("nginx", "-t", "-c", config, "-p", tmp_path, "-e", tmp_path / "error.log")
        ours = [line for line in told.splitlines() if "[" in line and 'the "user" directive' not in line]
        assert (code, ours) == (0, []), told
        config.write_text(around.replace("proxy_send_timeout 1s", "proxy_sent_timeout 1s"), encoding="utf-8")
        assert ran("nginx", "-t", "-c", config, "-p", tmp_path, "-e", tmp_path / "error.log")[0] != 0


@pytest.fixture
def prometheus(tmp_path: Path) -> Path:
    """A copy of the rules and their tests."""
    shutil.copytree(PROMETHEUS, tmp_path / "prometheus")
    return tmp_path / "prometheus"


class TestPrometheus:
    def test_rules_and_configuration_are_whole(self) -> None:
        for what, name in (("rules", "kemi-rules.yml"), ("config", "prometheus.yml")):
            code, told = ran("promtool", "check", what, name, cwd=PROMETHEUS)
            assert code == 0, told

    def test_each_alert_begins_in_time_alone_and_clears(self) -> None:
        code, told = ran("promtool", "test", "rules", "kemi-rules-test.yml", cwd=PROMETHEUS)
        assert code == 0, told

    def test_each_alert_has_begun_in_a_test(self) -> None:
        asked = set(re.findall(r'alertname="(\w+)"', (PROMETHEUS / "kemi-rules-test.yml").read_text(encoding="utf-8")))
        assert asked == {*alerts()}

    @pytest.mark.parametrize(
        ("good", "bad"),
        [("for: 30s", "for: 1m"), ("for: 5m", "for: 10m"), (">= 3", ">= 2"), ("== 1)", ">= 0)"), ("> 1\n", "> 0\n")],
    )
    def test_a_rule_that_fires_at_another_time_fails_one(self, prometheus: Path, good: str, bad: str) -> None:
        rules = prometheus / "kemi-rules.yml"
        text = rules.read_text(encoding="utf-8")
        assert good in text
        rules.write_text(text.replace(good, bad), encoding="utf-8")
        assert ran("promtool", "test", "rules", "kemi-rules-test.yml", cwd=prometheus)[0] != 0
