"""The one place that decides where a call goes: `step` leaves a node by an exit and enters nodes until one must wait.

A step is a pure function: silence is an event, every failure has a named exit, and time is an argument.
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
    Option,
    Target,
    Transfer,
)
from ivr.core.prompts import WAIT
from ivr.core.speak import Variant, utterances
from ivr.core.utterance import Utterance

SHORT_TIMEOUT, TIMEOUT = 5, 8
"""Seconds until a noinput: where the last words of a menu say that waiting is fine, and elsewhere (rule M5)."""

LEAD_IN = 1
"""Seconds in which a key is still accepted after the words before a transfer."""

Entry = Literal["first", "repeat", "reprompt", "slow", "dial"]
"""How a node is entered. `first`: from another node. The others enter it once more: `repeat` says the same,
`reprompt` follows a failed try, `slow` was asked for by 9, `dial` rings without words."""


class Move(NamedTuple):
    """The exit by which a node is left, and the call as it enters the next."""

    exit: str
    state: CallState
    entry: Entry = "first"


def step(content: Content, state: CallState, event: Event, now: datetime) -> Step:
    """One step of a call at an aware moment. Total: it answers every event in every state, known or not."""
    match event:
        case CallerGone():
            return Step(state, (), HangUp(), "gone", ())
        case CallStarted(caller="ourselves"):
            return Step(state, (), Reject(), "loop", ())
        case _:
            move = _leave(content, state, event)
            return _enter_cached(content, _skip_missing_number(content, move) if move.state.attempt else move, now)


# --- leaving a node -----------------------------------------------------------------------------------------------


def _leave(content: Content, state: CallState, event: CallStarted | KeyPressed | NoInput | TransferEnded) -> Move:
    flow = content.flow
    node = flow.nodes.get(state.node)
    match event:
        case KeyPressed(key=key) if key == HELP and not _rings_help(content, node):
            return _go_to("help", state, flow.help, "help")
        case CallStarted(caller="anyone", language=language) if language in content.offered:
            return Move("started", CallState(flow.language_known, language))
        case CallStarted():
            return Move("started", CallState(flow.start if event.caller == "anyone" else flow.own_contact))
        case KeyPressed() | NoInput() if node:
            return _key_or_silence(content, state, node, event)
        case KeyPressed() | NoInput():
            return _unknown_node(content, state, event)
        case TransferEnded() if isinstance(node, Transfer):
            return _transfer_ended(content, state, node, event)
        case TransferEnded(outcome="answered"):
            return _go_to("answered", state, flow.end)
        case TransferEnded():
            return _go_to(event.outcome, state, flow.help)
        case _:
            assert_never(event)


def _unknown_node(content: Content, state: CallState, event: KeyPressed | NoInput) -> Move:
    """The flow has changed during the call. Silence after last words still rings help; else the main menu is said."""
    flow = content.flow
    if isinstance(event, NoInput) and state.round:
        return _go_to("gone", state, flow.help)
    return _go_to("gone", state, flow.main_menu if state.language else flow.start)


def _key_or_silence(content: Content, state: CallState, node: Node, event: KeyPressed | NoInput) -> Move:
    """The caller's key or silence at a known node; one that does not listen is entered again."""
    key = event.key if isinstance(event, KeyPressed) else None
    if key in (REPEAT, UP, HARMLESS) and isinstance(node, (Menu, LanguageMenu, Transfer)):
        return _common_key(content, state, node, key)
    match node:
        case Menu():
            return _menu(content, state, node, event)
        case LanguageMenu():
            return _language_menu(content, state, node, event)
        case Transfer():
            return Move("dial", state, "dial")
        case _:
            return Move("entered", state._replace(attempt=0))


def _common_key(content: Content, state: CallState, node: Menu | LanguageMenu | Transfer, key: str | None) -> Move:
    """9, * and # cost no try, and mean the same at every node but one: in a language menu 9 may be more (rule K4)."""
    if key == REPEAT and isinstance(node, LanguageMenu) and content.behind(node):
        return _go_to("more", state, node.more or state.node)
    if key == REPEAT:
        return Move("repeat", state, "slow")
    if key == UP:
        return _go_to("up", state, (state.language and node.up) or content.flow.languages)
    return Move("harmless", state, "reprompt" if state.attempt else "repeat")


def _menu(content: Content, state: CallState, node: Menu, event: KeyPressed | NoInput) -> Move:
    match event:
        case KeyPressed() if (option := _option(content, state, event.key)) and _is_current(content, state, event):
            return _follow(event.key, state, option)
        case NoInput() if node.noinput:
            return _follow_in_round("noinput", state, node.noinput)
        case _:
            return _failed_try(state, node, event)


def _option(content: Content, state: CallState, key: str) -> Option | None:
    return content.options(state.node, state.language).get(key)


def _language_menu(content: Content, state: CallState, node: LanguageMenu, event: KeyPressed | NoInput) -> Move:
    match event:
        case KeyPressed() if (chosen := content.choices(node).get(event.key)) and _is_current(content, state, event):
            return _follow(event.key, state._replace(language=chosen), node.chosen)
        case _:
            return _failed_try(state, node, event)


def _failed_try(state: CallState, node: Menu | LanguageMenu, event: KeyPressed | NoInput) -> Move:
    """A nomatch or a noinput; they count together (rule M3)."""
    if state.attempt + 1 >= node.tries:
        return _follow_in_round("exhausted", state, node.after_last_try if isinstance(node, Menu) else node.exhausted)
    exit_ = "noinput" if isinstance(event, NoInput) else "nomatch"
    return Move(exit_, state._replace(attempt=state.attempt + 1), "reprompt")


def _transfer_ended(content: Content, state: CallState, node: Transfer, event: TransferEnded) -> Move:
    """The numbers of a contact ring in turn; only after the last is the transfer unanswered (rule T3)."""
    if event.outcome == "answered":
        return _follow("answered", state, node.answered)
    if state.attempt + 1 < content.numbers_of(node.contact):
        return Move(event.outcome, state._replace(attempt=state.attempt + 1), "dial")
    return _follow_in_round(event.outcome, state, node.unanswered)


def _skip_missing_number(content: Content, move: Move) -> Move:
    """A transfer whose numbers have become fewer during the call is unanswered: no number rings twice."""
    node = content.flow.nodes[move.state.node]
    if isinstance(node, Transfer) and move.state.attempt >= content.numbers_of(node.contact):
        return _follow_in_round("unanswered", move.state, node.unanswered)
    return move


def _is_current(content: Content, state: CallState, event: KeyPressed) -> bool:
    """Whether the keys of the menu still mean what the caller heard."""
    return event.revision is None or event.revision == content.revision(state.node, state.language)


def _rings_help(content: Content, node: Node | None) -> bool:
    help_ = content.flow.nodes[content.flow.help]
    return isinstance(node, Transfer) and isinstance(help_, Transfer) and node.contact == help_.contact


def _go_to(exit_: str, state: CallState, node: str, matter: Matter | None = None) -> Move:
    """Go on to a node after something that the caller or a contact did: rounds are counted from 0 again."""
    return Move(exit_, CallState(node, state.language, matter or state.matter))


def _follow(exit_: str, state: CallState, target: Target) -> Move:
    """Go on to a target, as `_go_to`."""
    return _go_to(exit_, state, target.to, target.matter)


def _follow_in_round(exit_: str, state: CallState, target: Target) -> Move:
    """Go on to a target though nobody did anything: the count of rounds is kept."""
    return Move(exit_, CallState(target.to, state.language, target.matter or state.matter, 0, state.round))


# --- entering nodes -----------------------------------------------------------------------------------------------


def _enter_cached(content: Content, move: Move, now: datetime) -> Step:
    """`_enter` with a cache: a move leads to the same step as long as the hours prompts are the same.

    A walk enters each node thousands of times; without the cache the walk takes twice as long.
    """
    key = (move, *content.office.hours_now(now).values()) if move.state.node in content.timed else move
    if (cached := content.step_cache.get(key)) is None:
        cached = content.step_cache[key] = _enter(content, move, now)
    return cached


def _enter(content: Content, move: Move, now: datetime) -> Step:
    """Enter nodes, collecting what they say, until one waits for an event or ends the call.

    RecursionError where nodes lead to each other in a circle.
    """
    state, entry, nodes = move.state, move.entry, content.flow.nodes
    plays, path = tuple[Utterance, ...](), tuple[str, ...]()
    while True:
        path += (state.node,)
        if len(path) > len(nodes):
            raise RecursionError(f"the nodes {', '.join(path[-3:])} lead to each other without ever waiting")
        node = nodes[state.node]
        if next_state := _pass_through(content, state, node, entry, now):
            state = next_state
            continue
        if isinstance(node, Menu) and node.rounds and entry == "first":
            state = state._replace(round=state.round + 1)
        if state.language and isinstance(node, LanguageMenu):
            state = state._replace(language=None)
        if entry != "dial":
            variant: Variant = "reprompt" if entry == "reprompt" else "first"
            plays += utterances(content, state.node, variant, state.language, now, slow=entry == "slow")
        if isinstance(node, Message):
            state, entry = _follow_in_round("next", state, node.next).state, "first"
            continue
        return Step(state, plays, _action(content, node, state, plays, entry, now), move.exit, path)


def _pass_through(content: Content, state: CallState, node: Node, entry: Entry, now: datetime) -> CallState | None:
    """The next state, where a node neither speaks nor waits: a branch, or a menu whose rounds are over."""
    match node:
        case Hours():
            is_open = content.office.schedules[node.schedule].is_open(now)
            return _follow_in_round("open", state, node.open if is_open else node.closed).state
        case Menu() if node.rounds and entry == "first" and state.round >= node.rounds:
            return _follow_in_round("exhausted", state, node.exhausted).state
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
    """Listen; how long depends on the last words (rule M5)."""
    may_wait = bool(plays) and plays[-1].prompt.endswith(WAIT)
    return Collect(SHORT_TIMEOUT if may_wait else TIMEOUT)


def _dial(content: Content, node: Transfer, state: CallState, entry: Entry, now: datetime) -> Dial:
    """Ring the number of this attempt; only the first is announced."""
    slow = entry == "slow"
    announce = () if state.attempt else utterances(content, state.node, "announce", state.language, now, slow=slow)
    return Dial(node.contact, state.attempt, announce)
