"""What deploy/ has for a machine of its own, and what is read out of it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT
from tests.nginx import DEPLOYED

SYSTEMD = ROOT / "deploy" / "systemd"
PROMETHEUS = ROOT / "deploy" / "prometheus"
TEMPLATE = SYSTEMD / "kemi-line@.service"
TARGET = SYSTEMD / "kemi-line.target"
RESTART = SYSTEMD / "kemi-line-restart.service"
PROBE = SYSTEMD / "kemi-line-probe.service"
OFFICE = SYSTEMD / "kemi-office.service"
ROOM = SYSTEMD / "kemi-room.service"
TIMER = SYSTEMD / "kemi-line-probe.timer"
PROGRAM = "/opt/kemi-line/bin/ivr"
"""Where the template expects the program; no machine of the tests has it there."""


def unit(path: Path) -> dict[str, list[str]]:
    """Option of a unit -> its values in their order; systemd allows an option twice, which configparser does not."""
    found = defaultdict[str, list[str]](list)
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def instances() -> list[str]:
    """The ports of the processes that the target starts."""
    (wanted,) = unit(TARGET)["Wants"]
    return re.findall(r"kemi-line@(\d+)\.service", wanted)


def upstream() -> list[str]:
    """The ports that nginx asks."""
    return re.findall(r"(?m)^ *server 127\.0\.0\.1:(\d+) ", DEPLOYED.read_text(encoding="utf-8"))


def alerts() -> dict[str, dict[str, Any]]:
    """Alert -> its rule."""
    file = yaml.safe_load((PROMETHEUS / "kemi-rules.yml").read_text(encoding="utf-8"))
    return {rule["alert"]: rule for group in file["groups"] for rule in group["rules"]}
