"""The one place that decides where a call goes: `step` leaves a node by an exit and enters nodes until it must wait.

A call is a pure function. Silence is an event, every failure has a named exit, and time is an argument.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, assert_never

from ivr.core.call import (
    Action,
    CallerGone,
    CallStarted,
    CallState,
    Collect,
    Dial,
    Event,
    HangUp,
    KeyPressed,
    NoInput,
    Reject,
    Step,
    TransferEnded,
)
from ivr.core.content import Content
from ivr.core.flow import (
    HARMLESS,
    HELP,
    REPEAT,
    UP,
    Disconnect,
    Hours,
    LanguageMenu,
    Matter,
    Menu,
    Message,
    Node,
    Target,
    Transfer,
)
from ivr.core.prompts import WAIT
from ivr.core.speak import Variant, utterances
from ivr.core.utterance import Utterance

WAITING_IS_FINE, TIME_TO_ANSWER = 5, 8
"""Seconds to answer after the last words of a menu (rule M5)."""

LEAD_IN = 1
"""Seconds after the words before a transfer in which a key is still heard."""

Entry = Literal["first", "repeat", "reprompt", "slow", "dial"]
"""How a node is entered: from elsewhere; or once more, to say the same again, after a failed try, on request and
slower, or to ring without words."""


class Move(NamedTuple):
    """The exit by which a node is left, and the call as it enters the next."""

    exit: str
    state: CallState
    entry: Entry = "first"


def step(content: Content, state: CallState, event: Event, now: datetime) -> Step:
    """One step of a call at an aware moment. Total: every state, known or not, and every event has an answer."""
    match event:
        case CallerGone():
            return Step(state, (), HangUp(), "gone", ())
        case CallStarted(caller="ourselves"):
            return Step(state, (), Reject(), "loop", ())
        case _:
            return _entered(content, _to_a_number(content, _leave(content, state, event)), now)


# --- leaving a node -----------------------------------------------------------------------------------------------


def _leave(content: Content, state: CallState, event: CallStarted | KeyPressed | NoInput | TransferEnded) -> Move:
    flow = content.flow
    node = flow.nodes.get(state.node)
    match event:
        case KeyPressed(key=key) if key == HELP and not _rings_help(content, node):
            return _to("help", state, flow.help, "help")
        case CallStarted(caller="anyone", language=language) if language in content.offered:
            return Move("started", CallState(flow.language_known, language))
        case CallStarted():
            return Move("started", CallState(flow.start if event.caller == "anyone" else flow.own_contact))
        case KeyPressed() | NoInput() if node:
            return _answered(content, state, node, event)
        case KeyPressed() | NoInput():
            return _node_is_gone(content, state, event)
        case TransferEnded() if isinstance(node, Transfer):
            return _transfer_ended(content, state, node, event)
        case TransferEnded(outcome="answered"):
            return _to("answered", state, flow.end)
        case TransferEnded():
            return _to(event.outcome, state, flow.help)
        case _:
            assert_never(event)


def _node_is_gone(content: Content, state: CallState, event: KeyPressed | NoInput) -> Move:
    """The flow has changed during the call. Silence after last words still rings; else the main menu is said."""
    flow = content.flow
    if isinstance(event, NoInput) and state.round:
        return _to("gone", state, flow.help)
    return _to("gone", state, flow.main_menu if state.language else flow.start)


def _answered(content: Content, state: CallState, node: Node, event: KeyPressed | NoInput) -> Move:
    """The caller's key or silence; a node that does not listen is entered."""
    key = event.key if isinstance(event, KeyPressed) else None
    if key in (REPEAT, UP, HARMLESS) and isinstance(node, (Menu, LanguageMenu, Transfer)):
        return _everywhere(content, state, node, key)
    match node:
        case Menu():
            return _menu(content, state, node, event)
        case LanguageMenu():
            return _language_menu(content, state, node, event)
        case Transfer():
            return Move("dial", state, "dial")
        case _:
            return Move("entered", state._replace(attempt=0))


def _everywhere(content: Content, state: CallState, node: Menu | LanguageMenu | Transfer, key: str | None) -> Move:
    """9, * and # mean the same everywhere and cost no try (rule K4)."""
    match key:
        case "9" if isinstance(node, LanguageMenu) and content.behind(node):
            return _to("more", state, node.more or state.node)
        case "9":
            return Move("repeat", state, "slow")
        case "*":
            return _to("up", state, (state.language and node.up) or content.flow.languages)
        case _:
            return Move("harmless", state, "reprompt" if state.attempt else "repeat")


def _menu(content: Content, state: CallState, node: Menu, event: KeyPressed | NoInput) -> Move:
    match event:
        case KeyPressed() if event.key in node.options and _is_current(content, state, event):
            return _by_key(event.key, state, node.options[event.key])
        case NoInput() if node.noinput:
            return _carried("noinput", state, node.noinput)
        case _:
            return _failed_try(state, node, event)


def _language_menu(content: Content, state: CallState, node: LanguageMenu, event: KeyPressed | NoInput) -> Move:
    match event:
        case KeyPressed() if (chosen := content.choices(node).get(event.key)) and _is_current(content, state, event):
            return _by_key(event.key, state._replace(language=chosen), node.chosen)
        case _:
            return _failed_try(state, node, event)


def _failed_try(state: CallState, node: Menu | LanguageMenu, event: KeyPressed | NoInput) -> Move:
    """A wrong key and no key count together (rule M3)."""
    if state.attempt + 1 >= node.tries:
        return _carried("exhausted", state, node.after_last_try if isinstance(node, Menu) else node.exhausted)
    exit_ = "noinput" if isinstance(event, NoInput) else "nomatch"
    return Move(exit_, state._replace(attempt=state.attempt + 1), "reprompt")


def _transfer_ended(content: Content, state: CallState, node: Transfer, event: TransferEnded) -> Move:
    """Several numbers of a contact ring in turn; only then is the transfer unanswered (rule T3)."""
    if event.outcome == "answered":
        return _by_key("answered", state, node.answered)
    if state.attempt + 1 < content.numbers_of(node.contact):
        return Move(event.outcome, state._replace(attempt=state.attempt + 1), "dial")
    return _carried(event.outcome, state, node.unanswered)


def _to_a_number(content: Content, move: Move) -> Move:
    """A transfer whose numbers have become fewer during the call is unanswered: no number rings twice."""
    node = content.flow.nodes[move.state.node] if move.state.attempt else None
    if isinstance(node, Transfer) and move.state.attempt >= content.numbers_of(node.contact):
        return _carried("unanswered", move.state, node.unanswered)
    return move


def _is_current(content: Content, state: CallState, event: KeyPressed) -> bool:
    """A key pressed against an old menu is never read against a new one."""
    return event.revision is None or event.revision == content.revision(state.node, state.language)


def _rings_help(content: Content, node: Node | None) -> bool:
    help_ = content.flow.nodes[content.flow.help]
    return isinstance(node, Transfer) and isinstance(help_, Transfer) and node.contact == help_.contact


def _to(exit_: str, state: CallState, node: str, matter: Matter | None = None) -> Move:
    """Go on to a node. Rounds begin anew, as after everything that the caller or a contact does."""
    return Move(exit_, CallState(node, state.language, matter or state.matter))


def _by_key(exit_: str, state: CallState, target: Target) -> Move:
    """Go on to a target that somebody chose."""
    return _to(exit_, state, target.to, target.matter)


def _carried(exit_: str, state: CallState, target: Target) -> Move:
    """Go on to a target though nobody did anything: rounds are counted on."""
    return Move(exit_, CallState(target.to, state.language, target.matter or state.matter, 0, state.round))


# --- entering nodes -----------------------------------------------------------------------------------------------


def _entered(content: Content, move: Move, now: datetime) -> Step:
    """Enter nodes, through the cache of `_enter`: a move leads to the same step while what the hours say is the same.

    A walk enters each node thousands of times; without the cache it and the start take twice as long.
    """
    key = (move, *content.office.hours_now(now).values()) if move.state.node in content.timed else move
    if (taken := content.steps_entered.get(key)) is None:
        taken = content.steps_entered[key] = _enter(content, move, now)
    return taken


def _enter(content: Content, move: Move, now: datetime) -> Step:
    """Enter nodes, collecting what they say, until one must wait for the caller, a contact or nobody."""
    state, entry, nodes = move.state, move.entry, content.flow.nodes
    plays, path = tuple[Utterance, ...](), tuple[str, ...]()
    while True:
        path += (state.node,)
        if len(path) > len(nodes):
            raise RecursionError(f"the nodes {', '.join(path[-3:])} lead to each other without ever waiting")
        node = nodes[state.node]
        if passed := _passed(content, state, node, entry, now):
            state = passed
            continue
        if isinstance(node, Menu) and node.rounds and entry == "first":
            state = state._replace(round=state.round + 1)
        if state.language and isinstance(node, LanguageMenu):
            state = state._replace(language=None)
        if entry != "dial":
            variant: Variant = "reprompt" if entry == "reprompt" else "first"
            plays += utterances(content, state.node, variant, state.language, now, slow=entry == "slow")
        if isinstance(node, Message):
            state, entry = _carried("next", state, node.next).state, "first"
            continue
        return Step(state, plays, _action(content, node, state, plays, entry, now), move.exit, path)


def _passed(content: Content, state: CallState, node: Node, entry: Entry, now: datetime) -> CallState | None:
    """The state behind a node that neither speaks nor waits: a branch, or rounds that are over."""
    match node:
        case Hours():
            is_open = content.office.schedules[node.schedule].is_open(now)
            return _carried("open", state, node.open if is_open else node.closed).state
        case Menu() if node.rounds and entry == "first" and state.round >= node.rounds:
            return _carried("exhausted", state, node.exhausted).state
        case _:
            return None


def _action(
    content: Content, node: Node, state: CallState, plays: tuple[Utterance, ...], entry: Entry, now: datetime
) -> Action:
    match node:
        case Menu() | LanguageMenu():
            return _collect(plays)
        case Transfer():
            return _dial(content, node, state, entry, now)
        case Disconnect():
            return HangUp()
        case Message() | Hours():
            raise AssertionError("these kinds of node do not wait")
        case _:
            assert_never(node)


def _collect(plays: tuple[Utterance, ...]) -> Collect:
    """Time to answer: the last words decide (rule M5)."""
    fine = bool(plays) and plays[-1].prompt.endswith(WAIT)
    return Collect(WAITING_IS_FINE if fine else TIME_TO_ANSWER)


def _dial(content: Content, node: Transfer, state: CallState, entry: Entry, now: datetime) -> Dial:
    """The first number of a contact is announced; the others ring on without another word."""
    slow = entry == "slow"
    announce = () if state.attempt else utterances(content, state.node, "announce", state.language, now, slow=slow)
    return Dial(node.contact, state.attempt, announce)
