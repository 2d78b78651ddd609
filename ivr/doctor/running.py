"""Checks of the processes that answer calls on this machine, by their ports for operators."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ivr.doctor.examined import Examined
from ivr.doctor.finding import Lacking, Seen, blocking, fine, unknown, warning
from ivr.doctor.web import NoWebAnswer
from ivr.live.processes import ServingProcess, serving_processes

WATCHED_SECONDS = 600.0
"""An outside watcher asks every few minutes at the least."""
START = "start it: `ivr serve`, or `systemctl start kemi-line.target`; run this with its IVR_STATE"


def processes(line: Examined) -> Iterator[Seen]:
    """The processes of the line answer, serve the same content, and nothing is wrong with them."""
    try:
        noted = list(serving_processes(line.state))
    except OSError:
        yield unknown("this user may not read which processes there are", "run this as the user of the line")
        return
    alive = [each for each in noted if each.is_alive]
    for gone in (each for each in noted if not each.is_alive):
        yield warning(
            f"the process at port {gone.port} has ended without being told to", "see its log, and start it again"
        )
    if not alive:
        yield blocking("no process of the line runs here", START)
        return
    contents = dict[int, object]()
    for each in alive:
        health = _health(line, each)
        if isinstance(health, Seen):
            yield health
            continue
        contents[each.port] = health.get("content"), sorted(health.get("languages", ()))
        for name, words in health.get("alarms", {}).items():
            yield warning(f"the process at port {each.port} has the alarm {name}: {words}", ALARMS)
    if len(set(map(str, contents.values()))) > 1:
        yield warning(
            f"the processes at ports {', '.join(map(str, contents))} serve different contents",
            "wait a minute; if it stays, see their logs, and restart one after the other",
        )
    if len(alive) == 1:
        yield warning("only one process runs: a restart would leave callers to the fallback", TWO)
    if len(contents) == len(alive):
        yield fine(f"{len(alive)} running, at ports {', '.join(str(each.port) for each in alive)}")


ALARMS = "docs/silent-line.md has a remedy for each alarm"
TWO = "run two behind the proxy, as in deploy/"


def watcher(line: Examined) -> Iterator[Seen]:
    """Somebody outside asks again and again whether the line answers; its own alarms are gone with the machine."""
    asked = [(each, health) for each in line.running if isinstance(health := _health(line, each), Mapping)]
    if not asked:
        raise Lacking("a process that can be asked")
    now = line.now.timestamp()
    seen = [float(health["watched"]) for _, health in asked if isinstance(health.get("watched"), int | float)]
    if seen and now - max(seen) < WATCHED_SECONDS:
        yield fine(f"somebody asked {max(0, round(now - max(seen)))} s ago by the public address")
    elif now - min(each.began for each, _ in asked) < WATCHED_SECONDS:
        yield unknown("nobody has asked by the public address yet", "run this again in ten minutes")
    else:
        yield warning(
            "nobody outside asks whether the line answers: if this machine is gone, nobody hears of it",
            "let a service elsewhere ask /live of the public address every minute or two, and ring you",
        )


def _health(line: Examined, process: ServingProcess) -> Mapping[str, Any] | Seen:
    """What a process tells operators, or why it tells nothing."""
    if not process.operators:
        return unknown(
            f"the process at port {process.port} has no port for operators, so it cannot be asked",
            "start it with --metrics 127.0.0.1:PORT",
        )
    try:
        told = json.loads(line.web.ask("GET", f"http://{process.operators}/health", here=True).body)
    except (NoWebAnswer, ValueError):
        told = None
    if isinstance(told, dict) and "alarms" in told:
        return told
    return blocking(
        f"the process at port {process.port} does not answer operators",
        "see its log; if it hangs, restart it, once the other one answers",
    )
