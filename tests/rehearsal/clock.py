"""The clock of the rehearsal: `TIMES` as fast, for Prometheus and for how long the alarm of an event lasts.

What lasts a minute on a real machine lasts four seconds here. Answers to callers keep their real seconds.
"""

from __future__ import annotations

import re

import yaml

from tests.deploy.parts import PROMETHEUS, alerts

TIMES = 15
LENGTH = re.compile(r"\b(\d+)([smh])\b")
SECONDS = {"s": 1, "m": 60, "h": 3600}


def faster(text: str) -> str:
    """A file of Prometheus whose every length of time is `TIMES` as short; AssertionError where it has none."""
    lines = text.splitlines(keepends=True)
    changed = [line if line.lstrip().startswith("#") else LENGTH.sub(_shorter, line) for line in lines]
    assert changed != lines, "the file has no length of time"
    return "".join(changed)


def _shorter(found: re.Match[str]) -> str:
    milliseconds, rest = divmod(int(found[1]) * SECONDS[found[2]] * 1000, TIMES)
    assert not rest, f"{found[0]} cannot be divided by {TIMES}"
    return f"{milliseconds}ms"


def at_most(alert: str) -> int:
    """Seconds on a real machine until Prometheus tells what a process shows, by the intervals of deploy/prometheus."""
    asks = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))["global"]
    (group,) = yaml.safe_load((PROMETHEUS / "kemi-rules.yml").read_text(encoding="utf-8"))["groups"]
    waits = [asks["scrape_interval"], group["interval"], alerts()[alert].get("for", "0s")]
    return sum(int(found[1]) * SECONDS[found[2]] for each in waits if (found := LENGTH.fullmatch(each)))
