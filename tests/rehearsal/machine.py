"""A whole machine of the line, as deploy/ says, in a folder: two processes, nginx with its certificate, Prometheus.

Only names, ports, paths, the certificate and the clock (clock.py) are others.
"""

from __future__ import annotations

import json
import random
import re
import shlex
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from ivr.metrics import HOLD_SECONDS
from tests.deploy.parts import PROGRAM, PROMETHEUS, RESTART, TEMPLATE, instances, unit
from tests.faults.ring import Telephone
from tests.faults.served import Served, worker
from tests.faults.test_watchdog import heard, socket_at, unread
from tests.limits import PATIENCE, until
from tests.nginx import DEPLOYED, Nginx, listening, listening_at, nginx, replaced
from tests.rehearsal.certificate import CA, CERTIFICATE, KEY, NAME, certify
from tests.rehearsal.clock import TIMES, faster
from tests.tools import tool

SITE, STATE = "/srv/kemi", "/var/lib/kemi-line"
RESTARTED = re.compile(r"/bin/systemctl restart kemi-line@(\d+)\.service")


class UnitProcess(Served):
    """One process, started by the command of its unit, which waits for its word that it answers (Type=notify)."""

    def __init__(self, root: Path, instance: str, environment: Mapping[str, str], word: socket.socket) -> None:
        super().__init__(Path(f"{root}{SITE}"), {**environment, "NOTIFY_SOCKET": word.getsockname()})
        self._root, self.instance, self._word = root, instance, word

    @property
    def state(self) -> Path:
        return Path(f"{self._root}{STATE}")

    def launch(self, port: int = 0) -> None:  # noqa: ARG002 - its own is that of its instance
        """Start, and wait for nothing. Its port is always that of its instance."""
        (command,) = unit(TEMPLATE)["ExecStart"]
        program, *words = shlex.split(command.replace("%i", self.instance))
        assert program == PROGRAM
        self.operators = words[words.index("--metrics") + 1]
        unread(self._word)  # the last words of the process before it
        self.run(sys.executable, "-m", "tests.faults.planted", *words)

    def answers(self) -> None:
        """Wait until it says so. AssertionError if it ends instead: then `systemctl restart` would fail."""
        super().answers()
        assert heard(self._word) == "READY=1"

    def restart(self) -> None:
        """As `systemctl restart` does, which also starts one that has ended."""
        assert self.process
        if self.process.poll() is None:
            assert self.stop() == 0, "".join(self.told)
        self.start()


@dataclass(frozen=True)
class Machine:
    """What runs: each process by its instance in deploy/, nginx, whom callers trust, and the port of Prometheus."""

    processes: Mapping[str, UnitProcess]
    nginx: Nginx
    trusted: ssl.SSLContext
    prometheus: int

    @property
    def lines(self) -> tuple[UnitProcess, ...]:
        return tuple(self.processes.values())

    def telephone(self) -> Telephone:
        """Rings as the provider does: by nginx, by https, and it looks at the certificate."""
        return Telephone(Served(self.lines[0].folder, address=self.nginx.address), self.trusted)

    def update(self) -> None:
        """What kemi-line-restart.service does, in its order; what fails ends it, and the rest stays as it is."""
        for command in unit(RESTART)["ExecStart"]:
            found = RESTARTED.fullmatch(command)
            assert found, command
            self.processes[found[1]].restart()

    def firing(self) -> set[str]:
        """The alerts that fire now."""
        alerts = self._asked("alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def seen(self) -> int:
        """How many of the processes have answered Prometheus when it has asked them last."""
        return len(self._asked("query", query='up{job="kemi-line"} == 1')["result"])

    def fired(self, alert: str, since: float) -> list[float]:
        """The moments at which Prometheus has found an alert firing, in its own clock: epoch seconds."""
        found = self._asked("query", query=f'ALERTS{{alertname="{alert}", alertstate="firing"}}[1h]')["result"]
        return sorted(moment for series in found for moment, _ in series["values"] if moment >= since)

    def _asked(self, path: str, **query: str) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.prometheus}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=PATIENCE) as reply:
            answer = json.load(reply)
        assert answer["status"] == "success", answer
        return dict(answer["data"])


@contextmanager
def machine(root: Path) -> Iterator[Machine]:
    """A machine whose site lies in this folder, below `SITE`; all of it ends with the test."""
    for name in ("var/log/nginx", "run", "etc/prometheus"):
        (root / name).mkdir(parents=True)
    certify(root)
    own = dict(zip(instances(), _ports(2_000, 10_000, len(instances()), 10_000), strict=True))
    web, probes, prometheus = _ports(10_000, 32_000, 3)
    while {web, probes, prometheus} & {10_000 + port for port in own.values()}:
        web, probes, prometheus = _ports(10_000, 32_000, 3)
    with ExitStack() as open_:
        # First, as it takes some seconds until it asks for the first time.
        folder = _configure(root, own, web, probes)
        exporter = ("prometheus-blackbox-exporter", f"--config.file={folder}/blackbox.yml")
        open_.enter_context(_running(folder, probes, "/-/healthy", *exporter))
        stores = f"--storage.tsdb.path={root}/var/lib/prometheus"
        asks = ("prometheus", f"--config.file={folder}/prometheus.yml", stores)
        open_.enter_context(_running(folder, prometheus, "/-/ready", *asks))
        processes = dict[str, UnitProcess]()
        for named, port in own.items():
            word = open_.enter_context(socket_at(root / "run" / named))
            process = processes[named] = UnitProcess(root, str(port), _environment(root), word)
            open_.callback(process.kill)
            process.start()
        proxy = open_.enter_context(nginx(root / "etc" / "nginx", _site_of_nginx(root, own, web), web))
        trusted = ssl.create_default_context(cafile=root / CA)
        yield Machine(processes, replace(proxy, address=f"https://127.0.0.1:{web}"), trusted, prometheus)


def _ports(lowest: int, highest: int, how_many: int, also: int = 0) -> list[int]:
    """Different ports of this worker alone (see `free_port`); nobody has them, nor those higher by `also`."""
    found = set[int]()
    while len(found) < how_many:
        port = random.randrange(lowest, highest, 100) + worker()  # noqa: S311 - guards no secret
        if not listening(port) and not listening(port + also):
            found.add(port)
    return [*found]


def _environment(root: Path) -> dict[str, str]:
    """That of the unit, and what is quicker here. An answer has its real seconds (IVR_SECONDS_STEP)."""
    (written,) = unit(TEMPLATE)["Environment"]
    of_unit = dict(each.split("=", 1) for each in written.split())
    for variable, path in (("IVR_SITE", f"{SITE}/prompts"), ("IVR_STATE", STATE)):
        of_unit[variable] = replaced(of_unit[variable], path, f"{root}{path}")
    quicker = {"IVR_SECONDS_ALARM": str(HOLD_SECONDS / TIMES), "IVR_SECONDS_STEP": "", "IVR_SECONDS_COUNT": "1"}
    return {**of_unit, **quicker, "IVR_COUNTS": "on"}


def _site_of_nginx(root: Path, own: Mapping[str, int], web: int) -> str:
    text = DEPLOYED.read_text(encoding="utf-8")
    for named, port in own.items():
        text = replaced(text, f"127.0.0.1:{named} ", f"127.0.0.1:{port} ")
    for path in (CERTIFICATE, KEY, "var/log/nginx/kemi.log", f"{SITE[1:]}/audio/rendered"):
        text = replaced(text, f" /{path}", f" {root}/{path}")
    assert f"server_name {NAME};" in text
    return listening_at(text, f"127.0.0.1:{web} ssl")


def _configure(root: Path, own: Mapping[str, int], web: int, probes: int) -> Path:
    """The folder of both files of Prometheus, and of the module that Debian's exporter has too, with our authority."""
    text = (PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8")
    for named, port in own.items():
        text = replaced(text, f"127.0.0.1:1{named}", f"127.0.0.1:1{port}")
    text = replaced(text, f"https://{NAME}/live", f"https://127.0.0.1:{web}/live")
    text = replaced(text, "127.0.0.1:9115", f"127.0.0.1:{probes}")
    text = replaced(text, "127.0.0.1:9093", "127.0.0.1:9")  # the port that discards: no alert leaves the test
    # A busy machine is not down: an answer may take all the time until the next question.
    text = replaced(text, "scrape_timeout: 5s", "scrape_timeout: 15s")
    folder = root / "etc" / "prometheus"
    (folder / "prometheus.yml").write_text(faster(text), encoding="utf-8")
    rules = (PROMETHEUS / "kemi-rules.yml").read_text(encoding="utf-8")
    (folder / "kemi-rules.yml").write_text(faster(rules), encoding="utf-8")
    trusts = {"ca_file": str(root / CA), "server_name": NAME}
    modules = {"http_2xx": {"prober": "http", "http": {"tls_config": trusts}}}
    (folder / "blackbox.yml").write_text(yaml.safe_dump({"modules": modules}), encoding="utf-8")
    return folder


@contextmanager
def _running(folder: Path, port: int, ready: str, *command: str) -> Iterator[None]:
    """A server, once it says at a path that it is ready, until the test is over."""
    log = folder / f"{command[0]}.log"
    with log.open("wb") as said:
        words = [tool(command[0]), *command[1:], f"--web.listen-address=127.0.0.1:{port}"]
        process = subprocess.Popen(words, cwd=folder, stdout=said, stderr=said)
    try:
        until(lambda: process.poll() is not None or _is_well(f"http://127.0.0.1:{port}{ready}"))
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield
    finally:
        process.kill()
        process.wait(PATIENCE)


def _is_well(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        pass
    return False
