"""The one place that decides where a call goes: `step` leaves a node by an exit and enters nodes until it must wait.

A call is a pure function. Silence is an event, every failure has a named exit, and time is an argument.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, assert_never

from ivr.core.call import (
    CallerGone,
    CallStarted,
    CallState,
    Collect,
    Event,
    HangUp,
    KeyPressed,
    NoInput,
    Refuse,
    Ring,
    Step,
    TransferEnded,
)
from ivr.core.content import Content
from ivr.core.flow import (
    AGAIN,
    HARMLESS,
    UP,
    About,
    Disconnect,
    Hours,
    LanguageMenu,
    Menu,
    Message,
    Node,
    Target,
    Transfer,
)
from ivr.core.prompts import WAIT
from ivr.core.speak import Manner, said
from ivr.core.utterance import Utterance

WAITING_IS_FINE, TIME_TO_ANSWER = 5, 8
"""Seconds to answer after the last words of a menu (rule M5)."""

LEAD_IN = 1
"""Seconds after the words before a transfer in which a key is still heard."""

How = Literal["first", "again", "slow", "ring"]
"""How a node is entered: for the first time, after a failed try, on request and slower, or to ring without words."""


class Move(NamedTuple):
    """The exit by which a node is left, and the call as it enters the next."""

    exit: str
    state: CallState
    how: How = "first"


def step(content: Content, state: CallState, event: Event, now: datetime) -> Step:
    """One step of a call at an aware moment. Total: every state, known or not, and every event has an answer."""
    match event:
        case CallerGone():
            return Step(state, (), HangUp(), "gone", ())
        case CallStarted(caller="ourselves"):
            return Step(state, (), Refuse(), "loop", ())
        case _:
            return _entered(content, _leave(content, state, event), now)


# --- leaving a node -----------------------------------------------------------------------------------------------


def _leave(content: Content, state: CallState, event: CallStarted | KeyPressed | NoInput | TransferEnded) -> Move:
    flow = content.flow
    node = flow.nodes.get(state.node)
    match event:
        case KeyPressed(key="0") if not _rings_help(content, node):
            return _to("help", state, flow.help, "help")
        case KeyPressed() | NoInput():
            return _answered(content, state, node, event)
        case CallStarted(caller="anyone", language=language) if language in content.offered:
            return Move("started", CallState(flow.language_known, language))
        case CallStarted():
            return Move("started", CallState(flow.start if event.caller == "anyone" else flow.own_contact))
        case TransferEnded() if isinstance(node, Transfer):
            return _transfer_ended(content, state, node, event)
        case TransferEnded(outcome="answered"):
            return _to("answered", state, flow.end)
        case TransferEnded():
            return _to(event.outcome, state, flow.help)
        case _:
            assert_never(event)


def _answered(content: Content, state: CallState, node: Node | None, event: KeyPressed | NoInput) -> Move:
    """The caller's key or silence at a node that listens; a node that does not, or is gone, is no place to wait."""
    key = event.key if isinstance(event, KeyPressed) else None
    match node:
        case None:
            return Move("gone", CallState(content.flow.start))
        case Menu() | LanguageMenu() | Transfer() if key in (AGAIN, UP, HARMLESS):
            return _everywhere(content, state, node, key)
        case Menu():
            return _menu(content, state, node, event)
        case LanguageMenu():
            return _language_menu(content, state, node, event)
        case Transfer():
            return Move("ring", state, "ring")
        case _:
            return _to("entered", state, state.node)


def _everywhere(content: Content, state: CallState, node: Menu | LanguageMenu | Transfer, key: str | None) -> Move:
    """9, * and # mean the same everywhere and cost no try (rule K4)."""
    match key:
        case "9" if isinstance(node, LanguageMenu) and content.behind(node):
            return _to("more", state, node.more or state.node)
        case "9":
            return Move("again", state, "slow")
        case "*":
            return _to("up", state, (state.language and node.up) or content.flow.languages)
        case _:
            return Move("harmless", state, "again" if state.attempt else "first")


def _menu(content: Content, state: CallState, node: Menu, event: KeyPressed | NoInput) -> Move:
    match event:
        case KeyPressed() if event.key in node.options and _is_current(content, state, event):
            return _by(event.key, state, node.options[event.key])
        case NoInput() if node.waiting:
            return _by("waiting", state, node.waiting)
        case _:
            return _failed_try(state, node, event)


def _language_menu(content: Content, state: CallState, node: LanguageMenu, event: KeyPressed | NoInput) -> Move:
    match event:
        case KeyPressed() if (chosen := content.choices(node).get(event.key)) and _is_current(content, state, event):
            return _by(event.key, state._replace(language=chosen), node.chosen)
        case _:
            return _failed_try(state, node, event)


def _failed_try(state: CallState, node: Menu | LanguageMenu, event: KeyPressed | NoInput) -> Move:
    """A wrong key and no key count together (rule M3)."""
    if state.attempt + 1 >= node.tries:
        return _by("failed", state, node.failed)
    exit_ = "silence" if isinstance(event, NoInput) else "wrong"
    return Move(exit_, state._replace(attempt=state.attempt + 1), "again")


def _transfer_ended(content: Content, state: CallState, node: Transfer, event: TransferEnded) -> Move:
    """Several numbers of a contact ring in turn; only then is the transfer unanswered (rule T3)."""
    if event.outcome == "answered":
        return _by("answered", state, node.answered)
    if state.attempt + 1 < content.lines.get(node.contact, 1):
        return Move(event.outcome, state._replace(attempt=state.attempt + 1), "ring")
    return _by(event.outcome, state, node.unanswered)


def _is_current(content: Content, state: CallState, event: KeyPressed) -> bool:
    """A key pressed against an old menu is never read against a new one."""
    return event.revision is None or event.revision == content.revision(state.node)


def _rings_help(content: Content, node: Node | None) -> bool:
    help_ = content.flow.nodes[content.flow.help]
    return isinstance(node, Transfer) and isinstance(help_, Transfer) and node.contact == help_.contact


def _to(exit_: str, state: CallState, node: str, about: About | None = None) -> Move:
    return Move(exit_, CallState(node, state.language, about or state.about))


def _by(exit_: str, state: CallState, target: Target) -> Move:
    return _to(exit_, state, target.to, target.about)


# --- entering nodes -----------------------------------------------------------------------------------------------


def _entered(content: Content, move: Move, now: datetime) -> Step:
    """Enter nodes, or take what came of it before: the same move comes to the same while the same is open."""
    key = (move, *content.office.told(now).values()) if move.state.node in content.timed else move
    if (taken := content.entered.get(key)) is None:
        taken = content.entered[key] = _enter(content, move, now)
    return taken


def _enter(content: Content, move: Move, now: datetime) -> Step:
    """Enter nodes, collecting what they say, until one must wait for the caller, a contact or nobody."""
    state, how, nodes = move.state, move.how, content.flow.nodes
    plays, path = tuple[Utterance, ...](), tuple[str, ...]()
    while True:
        path += (state.node,)
        if len(path) > len(nodes):
            raise RecursionError(f"the nodes {', '.join(path[-3:])} lead to each other without ever waiting")
        node = nodes[state.node]
        if isinstance(node, Hours):
            is_open = content.office.schedules[node.schedule].is_open(now)
            state = (_by("open", state, node.open) if is_open else _by("closed", state, node.closed)).state
            continue
        if state.language and isinstance(node, LanguageMenu):
            state = state._replace(language=None)
        if how != "ring":
            manner: Manner = "again" if how == "again" else "first"
            plays += said(content, state.node, manner, state.language, now, slow=how == "slow")
        match node:
            case Menu() | LanguageMenu():
                return Step(state, plays, _collect(plays), move.exit, path)
            case Transfer():
                return Step(state, plays, _ring(content, node, state, how, now), move.exit, path)
            case Disconnect():
                return Step(state, plays, HangUp(), move.exit, path)
            case Message():
                state, how = _by("next", state, node.next).state, "first"
            case _:
                assert_never(node)


def _collect(plays: tuple[Utterance, ...]) -> Collect:
    """Time to answer: the last words decide (rule M5)."""
    fine = bool(plays) and plays[-1].prompt.endswith(WAIT)
    return Collect(WAITING_IS_FINE if fine else TIME_TO_ANSWER)


def _ring(content: Content, node: Transfer, state: CallState, how: How, now: datetime) -> Ring:
    """The first number of a contact is announced; the others ring on without another word."""
    announce = () if state.attempt else said(content, state.node, "announce", state.language, now, slow=how == "slow")
    return Ring(node.contact, state.attempt, announce)
