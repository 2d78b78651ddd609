"""What the line counts, and what is wrong with it now: /health, the log and `--metrics` read from this one place.

An event (an answer that came late) raises its alarm for a while; a state (a clip that is lost) for as long as it lasts.
Every alarm clears by itself. Nothing of a caller is ever counted: no number, no name, no language (rule P1).
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

HOLD_SECONDS = 60.0
"""How long the alarm of an event lasts after it has last happened."""
SLOW_SECONDS = 2.0
"""An answer that takes longer is counted as slow (rule O3)."""
BUCKETS: tuple[float, ...] = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5)
"""Upper bounds of the histogram of answers, in seconds."""


@dataclass(frozen=True)
class EventKind:
    """Something that can happen: its name as a metric, and what it means to an operator."""

    name: str
    meaning: str
    alarms: bool = True


EMERGENCY = EventKind("emergency_documents", "callers were sent the emergency document: a step failed; see the log")
HUNG = EventKind("hung_steps", "steps took longer than their limit; restart the line if it goes on")
SLOW = EventKind("slow_answers", f"answers took more than {SLOW_SECONDS:g} s; is the machine busy?")
REFUSED = EventKind("signatures_refused", "requests came without the provider's signature", alarms=False)
OLD = EventKind("old_addresses", "addresses of calls that began hours ago were asked for", alarms=False)
GET = EventKind(
    "get_requests", "came by GET: set the number to POST, for callers' numbers stand in proxy logs", alarms=False
)
KINDS = (EMERGENCY, HUNG, SLOW, REFUSED, OLD, GET)


@dataclass
class Durations:
    """How many answers took how long: `counts` by the first of `BUCKETS` that they do not exceed, the last by none."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0


class Metrics:
    """The counts and alarms of one process. `hold`: seconds of an event's alarm; `clock`: seconds that never jump."""

    def __init__(self, hold: float = HOLD_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._hold, self._clock = hold, clock
        self._counting = threading.Lock()
        self._totals = dict.fromkeys(KINDS, 0)
        self._durations: defaultdict[str, Durations] = defaultdict(Durations)
        self._last: dict[EventKind, float] = {}
        self._states: dict[str, Callable[[], str]] = {}
        self._counts: dict[str, Callable[[], float]] = {}
        self._notices: dict[str, Callable[[], str]] = {}
        self._refused_since_accepted = 0
        self._shown: dict[str, str] = {}
        self.watched: float | None = None
        """When somebody last asked by the public address whether this process is alive, in epoch seconds."""
        self.state("signatures_refused", self._refusals)

    def happened(self, kind: EventKind) -> None:
        """Count an event; its alarm begins or goes on."""
        with self._counting:
            self._totals[kind] += 1
        self._last[kind] = self._clock()

    def answered(self, route: str, seconds: float) -> None:
        """Count an answer; one that is late is an event too."""
        with self._counting:
            durations = self._durations[route]
            durations.counts[bisect_left(BUCKETS, seconds)] += 1
            durations.seconds += seconds
        if seconds > SLOW_SECONDS:
            self.happened(SLOW)

    def accepted(self) -> None:
        """A request was signed by the provider: what was refused before was forged, or has healed."""
        self._refused_since_accepted = 0

    def refused(self, *, names_us: bool) -> None:
        """A request was not signed. `names_us`: it names our number, and our account where that is known."""
        self.happened(REFUSED)
        if names_us:
            self._refused_since_accepted += 1

    def state(self, name: str, look: Callable[[], str]) -> None:
        """An alarm that lasts as long as `look` returns words: what is wrong, and the remedy."""
        self._states[name] = look

    def notice(self, name: str, look: Callable[[], str]) -> None:
        """Words that are worth a look, and no alarm, as long as `look` returns some."""
        self._notices[name] = look

    def count(self, name: str, look: Callable[[], float]) -> None:
        """A number that is shown as it is now, such as clips lost."""
        self._counts[name] = look

    def alarms(self) -> dict[str, str]:
        """What is wrong now: name -> words for an operator; empty if all is well."""
        now = self._clock()
        found = {
            kind.name: f"{kind.meaning} ({self.total(kind)} since the start)"
            for kind, last in list(self._last.items())
            if kind.alarms and now - last < self._hold
        }
        return found | {name: words for name, look in self._states.items() if (words := look())}

    def notices(self) -> dict[str, str]:
        """What is no alarm and yet worth a look: every such event so far, and what is so now."""
        events = {
            kind.name: f"{total} {kind.meaning}" for kind in KINDS if not kind.alarms and (total := self.total(kind))
        }
        return events | {name: words for name, look in self._notices.items() if (words := look())}

    def counts(self) -> dict[str, float]:
        """Every number that is shown as it is now."""
        return {name: look() for name, look in self._counts.items()}

    def total(self, kind: EventKind) -> int:
        """How often something has happened."""
        return self._totals[kind]

    def durations(self) -> Mapping[str, Durations]:
        """Route -> how long its answers took, until now."""
        with self._counting:
            return {route: Durations([*each.counts], each.seconds) for route, each in self._durations.items()}

    def tell(self) -> None:
        """Log each alarm when it begins and when it is over."""
        alarms = self.alarms()
        for name, words in alarms.items():
            if name not in self._shown:
                log.error("alarm %s: %s", name, words)
        for name in self._shown.keys() - alarms.keys():
            log.warning("over: %s", name)
        self._shown = alarms

    def _refusals(self) -> str:
        count = self._refused_since_accepted
        words = f"{count} calls to our number were refused, and none was accepted since: see that TWILIO_AUTH_TOKEN is "
        return words + "the account's, and IVR_PUBLIC_URL the address that the provider calls" if count else ""


class Teller:
    """Logs alarms as they come and go, in a thread of its own."""

    def __init__(self, metrics: Metrics, every: float) -> None:
        self._metrics, self._every = metrics, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, without waiting for an alarm to clear."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._metrics.tell()
            except Exception as error:  # noqa: BLE001 - whatever breaks, the next look is made
                log.error("alarms cannot be read: %s", type(error).__name__)  # noqa: TRY400 - no words, rule P1
