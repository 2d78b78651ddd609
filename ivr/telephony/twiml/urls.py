"""The state of a call as the address of the next request, and back. Twilio signs it; nothing personal is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args
from urllib.parse import urlencode

from ivr.core.call import CallState
from ivr.core.content import Content
from ivr.core.flow import Matter

CONNECTION = "#rc=2&rp=ct,rt,5xx&ct=2000&rt=4000&tt=14000"
"""Two retries after a failed connection, a timeout or a 5xx answer, within Twilio's 15 s; times in milliseconds
(docs/twilio.md, Connection overrides)."""
NODES = "/voice/at/"
"""The prefix of the path of every node."""
MATTERS: Mapping[str, Matter] = {matter: matter for matter in get_args(Matter)}


def state_url(base: str, state: CallState, revision: str, started: str) -> str:
    """The address of the next request of a call; `started`, in epoch seconds, is only for the journal."""
    query = {
        "lang": state.language,
        "matter": state.matter,
        "try": state.attempt or None,
        "round": state.round or None,
        "rev": revision or None,
        "t": started,
    }
    return f"{base}{NODES}{state.node}?{_query(query)}{CONNECTION}"


def whisper_url(base: str, state: CallState) -> str:
    """The address of the whisper: its language and matter are those of the state."""
    return f"{base}/voice/whisper?{_query({'lang': state.language, 'matter': state.matter})}{CONNECTION}"


def read_state(content: Content, query: Mapping[str, str], node: str) -> tuple[CallState, str, int | None]:
    """State, menu revision and start of the call in epoch seconds; a value that is not known gives its default."""
    attempt, round_ = (_number(query.get(name), 9) or 0 for name in ("try", "round"))
    state = CallState(node, language(content, query), matter(query), attempt, round_)
    return state, query.get("rev", ""), _number(query.get("t"), 10**11)


def read_query(query: str) -> dict[str, str]:
    """The values of a query, not unescaped: the values that we write need no escapes."""
    return dict(part.split("=", 1) for part in query.split("&") if "=" in part)


def language(content: Content, query: Mapping[str, str]) -> str | None:
    """The caller's language, if the line knows it: a call keeps it, also when it is offered no more (rule O4)."""
    code = query.get("lang")
    return code if code in content.languages.languages else None


def matter(query: Mapping[str, str]) -> Matter:
    """The matter, which version 0.1 called `about`; guidance where it is not known."""
    return MATTERS.get(query.get("matter") or query.get("about", ""), "guidance")


def _query(values: Mapping[str, object]) -> str:
    return urlencode({name: value for name, value in values.items() if value is not None})


def _number(text: str | None, most: int) -> int | None:
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 20 else None
