"""What was seen of a call becomes a row, and the call a name that nobody can trace back (rule P1)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from ivr.core.call import CallerGone, CallSeen, Dial, HangUp, KeyPressed, Sight, StepTaken, TransferEnded
from ivr.core.flow import HARMLESS, HELP, REPEAT, UP, Flow, Menu, Transfer
from ivr.core.office import ON_CALL
from ivr.records.counts import EMERGENCY
from ivr.records.folding import MAYBE, SeenRow, microseconds

ONE_DAY = timedelta(days=1)
LONGEST_TALK = 4 * 3600
"""Seconds. A talk moves the start that the addresses of a call tell, as it does not count."""
LONGEST_CALL = 24 * 3600


class CallRows:
    """Rows by which calls are counted.

    A call is named by its keyed hash (HMAC-SHA256), with the key of the day of UTC on which it began. `key` gives the
    key of a day; None where it is gone.
    """

    def __init__(self, key: Callable[[date], bytes | None]) -> None:
        self._key = key

    def of(self, seen: CallSeen, flow: Flow) -> Iterator[SeenRow]:
        """One row, or the same under the names of two days where nobody knows on which of them the call began."""
        row = _row(seen, flow)
        for day, what in _days(seen):
            if key := self._key(day):
                keyed = hmac.new(key, digestmod="sha256")
                call = _named(keyed, seen.call_id)
                token = _named(keyed, f"{seen.call_id}\0{seen.token}\0{seen.what}")
                yield row._replace(call=call, token=token, what=what)


def _named(keyed: hmac.HMAC, text: str) -> str:
    named = keyed.copy()
    named.update(text.encode("utf-8", "replace"))
    return named.hexdigest()[:16]


def _days(seen: CallSeen) -> Iterator[tuple[date, Sight | Literal["maybe"]]]:
    today = seen.at.astimezone(UTC).date()
    if seen.started is None or not seen.taken or seen.what != "step":
        yield today, seen.what
        if seen.what != "emergency":  # what counts a call stands once
            yield today - ONE_DAY, seen.what
        return
    began = datetime.fromtimestamp(seen.started, UTC)
    day = began.date() if abs(began.date() - today) <= ONE_DAY else today  # another clock may be ahead of midnight
    if not seen.taken.node or began.hour * 3600 >= LONGEST_TALK:
        yield day, seen.what
    else:
        yield day, MAYBE
        yield day - ONE_DAY, MAYBE


def _row(seen: CallSeen, flow: Flow) -> SeenRow:
    at = microseconds(seen.at)
    if seen.taken and seen.what == "step":
        return _of_step(seen.taken, at, flow)
    if seen.what in ("emergency", "missed"):
        missed = ON_CALL if seen.what == "missed" else None
        # After the second ringing of the document the line ends the call.
        return SeenRow("", "", at, seen.what, node=EMERGENCY, rings=ON_CALL, missed=missed, over=bool(missed))
    return SeenRow("", "", at, seen.what)


def _of_step(taken: StepTaken, at: int, flow: Flow) -> SeenRow:
    step, event = taken.step, taken.event
    state, action = step.state, step.action
    rings = action.contact if isinstance(action, Dial) else None
    return SeenRow(
        "",
        "",
        at,
        "step",
        second=max(0, min(taken.second, LONGEST_CALL)),
        node=state.node if state.node in flow.nodes else "",
        exit=step.exit,
        key=isinstance(event, KeyPressed),
        language=state.language,
        matter=state.matter if rings else None,
        rings=rings,
        missed=_missed(taken, flow),
        told=_is_told(taken, flow),
        closed=not taken.phone_open,
        over=isinstance(action, HangUp) and not isinstance(event, CallerGone),
    )


def _missed(taken: StepTaken, flow: Flow) -> str | None:
    """The contact that has been rung to the end of its last number, and has not answered (rule T3)."""
    node = flow.nodes.get(taken.node)
    match taken.event:
        case TransferEnded(outcome=outcome) if outcome != "answered" and isinstance(node, Transfer):
            action, same = taken.step.action, taken.step.state.node == taken.node
            rings_its_next = same and isinstance(action, Dial) and action.number_index > 0
            return None if rings_its_next else node.contact
        case _:
            return None


def _is_told(taken: StepTaken, flow: Flow) -> bool:
    """Whether an option was followed to a node that says something of its own, and does not ring."""
    match taken.event, flow.nodes.get(taken.node), flow.nodes.get(taken.step.state.node):
        case KeyPressed(key=key), Menu(), Menu() as there if key not in (HELP, REPEAT, UP, HARMLESS):
            return key == taken.step.exit and bool(there.say)
        case _:
            return False
