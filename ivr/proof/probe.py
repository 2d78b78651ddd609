"""The probe: which keys lead a call from its start to the opening hours, and the proof that they ring nobody.

What can go wrong with keys is tried on the line's own `step`: each may be lost, heard twice, or late.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from ivr.core.call import CallStarted, CallState, Collect, Dial, Event, KeyPressed, NoInput, Step
from ivr.core.content import Content
from ivr.core.engine import LEAD_IN, step
from ivr.core.flow import REPEAT, UP
from ivr.core.office import PHONE
from ivr.core.speak import emergency_words
from ivr.core.utterance import Clip, Utterance
from ivr.speech.estimate import SLOWER, estimate, seconds_by_locale
from ivr.telephony.port import SoundOf

KEYS = (*"12345678", REPEAT, UP)
"""The keys that may lead on: not 0, which rings."""
MOST_KEYS = 5
PAUSE = 2
"""Seconds before each key, and after the last: a menu listens from its first word on, after request and answer."""
TONE = 0.5
"""Seconds of a key, and of the little silence beside it."""
SPARE = 3
"""Seconds that the call may take longer than planned, if nobody can ring before."""
HORIZON = 60.0
"""Seconds after which nobody looks who rings: no probe takes so long."""
SHORTEST = 0.75
"""No voice says a text in less than this share of the seconds that are expected of it."""
SILENCE, BROKEN = "silence", "a fault of the line"


class NoProbe(Exception):
    """No call of this kind can be made; the message says why, and the remedy."""


@dataclass(frozen=True)
class ProbeKey:
    """A key, and the nodes that may wait for it, as services open and close."""

    key: str
    nodes: frozenset[str]


@dataclass(frozen=True)
class Probe:
    """A call that presses keys until it hears the opening hours, and then hangs up.

    `pause`: whole seconds before each key and after the last. `hours`: the nodes where it hears them. `seconds`: how
    long it takes. `limit`: whole seconds after which the provider
    ends it. `rings_at`: no phone can ring earlier, in seconds from the answer on.
    """

    language: str
    presses: tuple[ProbeKey, ...]
    pause: int
    hours: frozenset[str]
    seconds: float
    limit: int
    rings_at: float


@dataclass(frozen=True)
class EarliestRinging:
    """The earliest ringing: seconds from the answer on, what was heard until then, and the contact."""

    at: float
    heard: tuple[str, ...] = ()
    contact: str = ""


def find_probe(
    content: Content,
    started: CallStarted,
    now: datetime,
    moments: Sequence[datetime],
    seconds: Callable[[Utterance], float],
    language: str | None = None,
) -> Probe:
    """The probe in a language, or in the first of `before_choice` in which it can ring nobody. Raises NoProbe.

    `started`: how the call begins. `moments`: of each combination of open and closed one, and of what is said then.
    """
    reasons = list[str]()
    for code in (language,) if language else content.languages.before_choice:
        try:
            return _probe(content, started, (now, *moments), seconds, code)
        except NoProbe as why:
            reasons.append(str(why))
    remedy = "name another language by --lang" if language else "name a language by --lang"
    raise NoProbe(f"{'; '.join(reasons)}. Remedy: {remedy}.")


def _probe(
    content: Content,
    started: CallStarted,
    moments: Sequence[datetime],
    seconds: Callable[[Utterance], float],
    code: str,
) -> Probe:
    name = content.name_of(code) if code in content.languages.languages else f"'{code}'"
    if code not in content.offered:
        raise NoProbe(f"{name} is not offered now")
    if (keys := _keys(content, started, moments[0], code)) is None:
        raise NoProbe(f"in {name} no keys lead to the opening hours of the phone")
    total = PAUSE + len(keys) * (PAUSE + TONE)
    ringing = earliest_ringing(content, started, moments, seconds, [(key, PAUSE * n) for n, key in enumerate(keys, 1)])
    limit = min(math.ceil(total) + SPARE, math.ceil(ringing.at) - 1)
    if limit < total:
        heard = " and ".join(ringing.heard) or "nothing"
        raise NoProbe(
            f"in {name} the keys {' '.join(keys)} could ring {ringing.contact}: after {heard}, in {ringing.at:.0f} s, "
            f"and the call takes {math.ceil(total)} s"
        )
    paths = [path for now in moments if (path := _path(content, started, now, keys, code))]
    waiting = [frozenset(path[place] for path in paths) for place in range(len(keys) + 1)]
    presses = tuple(map(ProbeKey, keys, waiting))
    return Probe(code, presses, PAUSE, waiting[-1], total, limit, ringing.at)


def _keys(content: Content, started: CallStarted, now: datetime, language: str) -> tuple[str, ...] | None:
    """The fewest keys from the start to the opening hours, through menus alone; None where there are none."""
    first = step(content, CallState(""), started, now)
    queue, seen = [((), first)] if isinstance(first.action, Collect) else [], {first.state}
    reached: list[tuple[tuple[str, ...], Step]] = [*queue]
    for keys, at in reached:  # which grows
        if _says_hours(content, at, language):
            return keys
        for key in KEYS if len(keys) < MOST_KEYS else ():
            after = step(content, at.state, KeyPressed(key), now)
            if after.state not in seen and isinstance(after.action, Collect):
                seen.add(after.state)
                reached.append(((*keys, key), after))
    return None


def _path(
    content: Content, started: CallStarted, now: datetime, keys: Sequence[str], language: str
) -> list[str] | None:
    """The nodes that wait for each key, and the one after the last; None if that does not say the opening hours."""
    at = step(content, CallState(""), started, now)
    nodes = [at.state.node]
    for key in keys:
        at = step(content, at.state, KeyPressed(key), now)
        nodes.append(at.state.node)
    return nodes if _says_hours(content, at, language) else None


def _says_hours(content: Content, at: Step, language: str) -> bool:
    says = getattr(content.flow.nodes[at.state.node], "say", ())
    week = any(item.kind == "week" and item.name == PHONE for item in says)
    return week and at.state.language == language and isinstance(at.action, Collect)


# --- who could ring -------------------------------------------------------------------------------------------------


def earliest_ringing(
    content: Content,
    started: CallStarted,
    moments: Sequence[datetime],
    seconds: Callable[[Utterance], float],
    sent: Sequence[tuple[str, float]],
) -> EarliestRinging:
    """The earliest moment at which a phone could ring, whatever becomes of the keys; `sent`: each with its second.

    A key is lost, heard, heard twice, or heard later, also after a silence; services open and close between two steps;
    and the line may break at any step, and send its emergency document. Every voice is as fast as a voice can be.
    """
    copies = [key for key in sent for _ in range(2)]
    emergency = SHORTEST * sum(
        estimate(content.languages, each) for each in emergency_words(content).danger_and_calling
    )
    order, found = count(), EarliestRinging(HORIZON, (), "")
    queue = list[tuple[float, int, tuple[str, ...], int, Step]]()
    seen = set[tuple[object, ...]]()

    def length(plays: tuple[Utterance, ...]) -> float:
        return SHORTEST * sum(map(seconds, plays))

    def take(at: float, heard: tuple[str, ...], used: int, state: CallState, event: Event) -> None:
        for now in moments:
            heapq.heappush(queue, (at, next(order), heard, used, step(content, state, event, now)))

    take(0.0, (), 0, CallState(""), started)
    while queue and queue[0][0] < found.at:
        at, _, heard, used, taken = heapq.heappop(queue)
        if (known := (taken.state, taken.plays, taken.action, used)) in seen:
            continue
        seen.add(known)
        listens = length(taken.plays)
        rings = [EarliestRinging(at + emergency, (*heard, BROKEN), "somebody")]
        match taken.action:
            case Dial(contact=contact, announce=announce):
                lead_in = LEAD_IN if taken.plays else 0
                rings.append(EarliestRinging(at + listens + lead_in + length(announce), heard, contact))
            case Collect(seconds=wait):
                take(at + listens + wait, (*heard, SILENCE), used, taken.state, NoInput())
            case _:
                continue
        found = min(found, *rings, key=lambda ringing: ringing.at)
        if isinstance(taken.action, Collect) or taken.plays:
            for place, (key, when) in enumerate(copies[used:], used):
                take(max(at, when), (*heard, key), place + 1, taken.state, KeyPressed(key))
    return found


def seconds_heard(content: Content, sound_of: SoundOf) -> Callable[[Utterance], float]:
    """The seconds of an utterance by the voices that say it: of its clip, else by its text.

    Never more than its text takes: a clip may be lost meanwhile, and a recording that is too long is not spoken.
    """
    by_locale = seconds_by_locale(content.languages)

    def lengths(utterance: Utterance) -> Iterator[float]:
        for sound in sound_of(utterance):
            if isinstance(sound, Clip):
                yield sound.seconds
            else:
                yield by_locale(sound.text, sound.locale) * (SLOWER if sound.slow else 1)

    return lambda utterance: min(sum(lengths(utterance)), estimate(content.languages, utterance))
