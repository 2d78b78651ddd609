"""The units of deploy/systemd fit the line, nginx and Prometheus. What systemd says of them: test_tools.py."""

from __future__ import annotations

import re
import shlex

import click
import pytest
import yaml

from ivr.commands import office
from ivr.commands import probe as probes
from ivr.commands import room as rooms
from ivr.commands.serve import serve
from ivr.connections.loop import OPEN_FILES
from ivr.core.content import Content
from ivr.journal import CLOSE_SECONDS
from ivr.serve import WHOLE_SECONDS
from ivr.service_manager import SHARE_OF_LIMIT
from ivr.settings.read import ALL
from ivr.telephony.twilio.calls import LATE, LISTED, LOOK, RINGS_LONGER
from tests.conftest import ROOT
from tests.deploy.parts import (
    OFFICE,
    PROBE,
    PROGRAM,
    PROMETHEUS,
    RESTART,
    ROOM,
    SYSTEMD,
    TARGET,
    TEMPLATE,
    TIMER,
    instances,
    unit,
    upstream,
)
from tests.nginx import DEPLOYED

LINE = unit(TEMPLATE)


def one(name: str) -> str:
    (value,) = LINE[name]
    return value


def command(port: str) -> dict[str, object]:
    """What `ivr serve` reads of the command of an instance."""
    program, name, *words = shlex.split(one("ExecStart").replace("%i", port))
    assert (program, name) == (PROGRAM, "serve")
    return serve.make_context("serve", words, resilient_parsing=False).params


def test_two_processes_are_started_restarted_and_asked() -> None:
    assert instances() == ["8080", "8081"]
    assert upstream() == instances()
    restarts = unit(RESTART)["ExecStart"]
    assert restarts == [f"/bin/systemctl restart kemi-line@{port}.service" for port in instances()]


def test_the_pages_are_restarted_with_the_line_if_they_run() -> None:
    """Else an old program would go on beside a new one, on the same records."""
    assert unit(RESTART)["ExecStartPost"] == [f"-/bin/systemctl try-restart {OFFICE.name} {ROOM.name}"]


def test_no_unit_restarts_both_at_once() -> None:
    """PartOf= and BindsTo= would hand on a restart of the target to both."""
    assert not {"PartOf", "BindsTo", "Requires"} & ({*LINE} | {*unit(TARGET)})
    assert unit(RESTART)["Type"] == ["oneshot"], "which runs no second command after one that failed"
    assert one("Type") == "notify", "or a restart would not wait for the answer"


def test_prometheus_asks_where_they_listen_for_operators() -> None:
    read = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job for job in read["scrape_configs"]}
    (asked,) = jobs["kemi-line"]["static_configs"]
    told = [command(port) for port in instances()]
    assert [each["metrics"] for each in told] == asked["targets"]
    assert [(each["host"], str(each["port"])) for each in told] == [("127.0.0.1", port) for port in instances()]


def test_a_slip_in_the_command_would_be_noticed() -> None:
    with pytest.raises(click.NoSuchOption):
        serve.make_context("serve", ["--metric-port", "1"])


def test_every_variable_is_a_setting(content: Content) -> None:
    (written,) = LINE["Environment"]
    assert {name for name, _, _ in (each.partition("=") for each in written.split())} <= {*ALL}


def test_limits_are_those_of_the_line() -> None:
    assert int(one("LimitNOFILE")) == OPEN_FILES
    ends = WHOLE_SECONDS + CLOSE_SECONDS
    assert int(one("TimeoutStopSec")) > ends
    assert int(one("WatchdogSec")) > ends, "it may be killed while it still answers"
    assert int(one("WatchdogSec")) / SHARE_OF_LIMIT > 1, "a busy machine is no hang"
    assert int(one("TimeoutStartSec")) >= 120, "the first start proves every rule"


def test_it_is_started_again_for_ever_and_leaves_nothing_of_a_caller() -> None:
    assert (one("Restart"), one("StartLimitIntervalSec")) == ("always", "0")
    assert (one("LimitCORE"), one("WatchdogSignal")) == ("0", "SIGKILL")
    assert one("OOMPolicy") == "continue", "what prepares content may be killed, and the line goes on"


HARDENED = """
ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes ProtectProc=invisible ProtectClock=yes
ProtectHostname=yes ProtectControlGroups=yes ProtectKernelLogs=yes ProtectKernelModules=yes ProtectKernelTunables=yes
RemoveIPC=yes IPAddressDeny=any IPAddressAllow=localhost CapabilityBoundingSet= AmbientCapabilities= NoNewPrivileges=yes
LockPersonality=yes RestrictNamespaces=yes RestrictRealtime=yes RestrictSUIDSGID=yes PrivateUsers=yes
SystemCallArchitectures=native SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service SystemCallFilter=~@privileged
"""


@pytest.mark.parametrize("option", HARDENED.split())
def test_it_is_hardened(option: str) -> None:
    """Each by itself: the sum that systemd makes of them hardly changes when one is lost. The probe has the same."""
    name, _, value = option.partition("=")
    assert value in LINE[name]


def test_both_come_with_the_machine_and_leave_it_room() -> None:
    assert LINE["WantedBy"] == [TARGET.name]
    assert unit(TARGET)["WantedBy"] == ["multi-user.target"]
    assert one("KillMode") == "mixed", "what prepares content would be ended while the line still needs it"
    assert (one("MemoryMax"), one("TasksMax"), one("RestartSec")) == ("512M", "512", "2")
    assert int(one("OOMScoreAdjust")) < 0, "another program ends first"
    assert one("LogRateLimitIntervalSec") == "0", "the journal of calls loses no line"
    assert one("Wants") == "network-online.target"
    assert {"network-online.target", "time-sync.target"} <= {*one("After").split()}


def test_the_probe_sees_what_the_line_answers_and_calls_without_being_asked() -> None:
    """The same site, settings, state and user, and every limit of the line but that it may ask Twilio."""
    unit_of_probe = unit(PROBE)
    (command,) = unit_of_probe["ExecStart"]
    program, name, *words = shlex.split(command)
    assert (program, name) == (PROGRAM, "probe")
    assert probes.probe.make_context("probe", words).params == {"lang": None, "dry_run": False, "yes": True}
    own = {"Type", "ExecStart", "TimeoutStartSec", "SyslogIdentifier", "Description", "After"}
    of_a_server = {
        *(
            "Documentation",
            "StartLimitIntervalSec",
            "ExecReload",
            "WatchdogSec",
            "TimeoutStopSec",
            "KillMode",
            "Restart",
        ),
        *("RestartSec", "WatchdogSignal", "LimitNOFILE", "TasksMax", "MemoryMax", "OOMPolicy", "OOMScoreAdjust"),
        *("LogRateLimitIntervalSec", "ReadWritePaths", "IPAddressDeny", "IPAddressAllow", "WantedBy"),
    }
    assert {name: values for name, values in LINE.items() if name not in own | of_a_server} == {
        name: values for name, values in unit_of_probe.items() if name not in own
    }
    longest = probes.RINGS + RINGS_LONGER + 60 + 4 * LATE + LISTED + LOOK
    assert int(unit_of_probe["TimeoutStartSec"][0]) > longest


def test_the_pages_see_what_the_line_answers_and_end_before_it_does() -> None:
    """The same site, settings, state and user, and every limit of the line but those of answering calls."""
    pages = unit(OFFICE)
    (command,) = pages["ExecStart"]
    program, name, *words = shlex.split(command)
    assert (program, name) == (PROGRAM, "office")
    assert office.office.make_context("office", words).params == {"host": "127.0.0.1", "port": 8090}
    own = {"Type", "ExecStart", "Description", "SyslogIdentifier", "WantedBy", "Documentation"}
    of_calls = {
        *(
            "ExecReload",
            "TimeoutStartSec",
            "WatchdogSec",
            "WatchdogSignal",
            "OOMScoreAdjust",
            "LogRateLimitIntervalSec",
        ),
        "ReadWritePaths",
    }
    assert {name: values for name, values in LINE.items() if name not in own | of_calls} == {
        name: values for name, values in pages.items() if name not in own
    }
    assert pages["WantedBy"] == ["multi-user.target"]


def test_the_room_sees_the_site_and_the_recordings_and_nothing_else_of_the_line() -> None:
    """Hardened as the office's pages are; without their settings, and without the records that name the staff."""
    pages, room = unit(OFFICE), unit(ROOM)
    (command,) = room["ExecStart"]
    program, name, *words = shlex.split(command)
    assert (program, name) == (PROGRAM, "room")
    asked = rooms.room.make_context("room", words, resilient_parsing=True).params
    assert asked == {"host": "127.0.0.1", "port": 8091}
    own = {"ExecStart", "Description", "SyslogIdentifier", "Environment", "EnvironmentFile", "StateDirectory"}
    assert {
        name: values for name, values in room.items() if name not in {*own, "TemporaryFileSystem", "BindPaths"}
    } == {name: values for name, values in pages.items() if name not in own}
    settings = dict(each.split("=") for each in room["Environment"][0].split())
    assert settings.keys() == {"IVR_SITE", "IVR_RECORDINGS"} <= {*ALL}
    assert room["EnvironmentFile"] == ["/etc/kemi-room.env"] != pages["EnvironmentFile"]
    state = one("StateDirectory")
    assert room["TemporaryFileSystem"] == [f"/var/lib/{state}:ro"]
    assert room["BindPaths"] == [settings["IVR_RECORDINGS"]] == [f"/var/lib/{state}/recordings"]
    assert room["StateDirectory"] == [f"{state} {state}/recordings"]


def test_the_probe_is_made_every_week_and_is_not_made_up_for() -> None:
    timer = unit(TIMER)
    assert PROBE.stem == TIMER.stem, "it starts the service of its name"
    assert re.fullmatch(r"Tue \*-\*-\* \d\d:\d\d:00", timer["OnCalendar"][0])
    assert timer["Persistent"] == ["false"]
    assert timer["WantedBy"] == ["timers.target"]
    assert "kemi-line-probe" not in TARGET.read_text(encoding="utf-8"), "nobody calls who was not enabled"


def test_the_service_manager_can_be_told() -> None:
    assert "AF_UNIX" in one("RestrictAddressFamilies").split()


def test_what_it_writes_it_may_write_and_nginx_may_read_the_clips() -> None:
    state = dict(each.split("=") for each in one("Environment").split())["IVR_STATE"]
    assert state == f"/var/lib/{one('StateDirectory')}"
    clips = re.findall(r"root (\S+);", DEPLOYED.read_text(encoding="utf-8"))
    assert [clip.startswith(one("ReadWritePaths") + "/") for clip in clips] == [True]
    users = (SYSTEMD / "kemi-line.sysusers").read_text(encoding="utf-8")
    assert f"\nu {one('User')} - " in users
    assert f"\nm www-data {one('Group')}\n" in users
    assert int(one("UMask"), 8) & 0o070 == 0o020, "its group reads, and does not write"


@pytest.mark.parametrize("path", sorted((ROOT / "deploy").rglob("*.*")), ids=lambda path: path.name)
def test_every_file_is_named_in_a_readme(path: object) -> None:
    told = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "deploy").rglob("README.md"))
    name = str(path).rsplit("/", 1)[1]
    assert name == "README.md" or f"`{name}`" in told
