"""The state of a call as the address of the next request, and back. It is signed; nothing personal is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args
from urllib.parse import urlencode

from ivr.core.call import CallState
from ivr.core.content import Content
from ivr.core.flow import About

CONNECTION = "#rc=2&rp=ct,rt,5xx&ct=2000&rt=4000&tt=14000"
"""Twice again on a failed connection, a slow or a broken answer, within Twilio's 15 s ("Connection Overrides")."""


ABOUTS: Mapping[str, About] = {about: about for about in get_args(About)}


def state_url(base: str, state: CallState, revision: str, started: str) -> str:
    """Where Twilio reports what happens next in a call; `started` is only for the journal."""
    query = {
        "lang": state.language,
        "about": state.about,
        "try": state.attempt or None,
        "rev": revision or None,
        "t": started,
    }
    return f"{base}/voice/{state.node}?{_query(query)}{CONNECTION}"


def whisper_url(base: str, state: CallState) -> str:
    """Where Twilio asks what to tell the person who picks up."""
    return f"{base}/voice/whisper?{_query({'lang': state.language, 'about': state.about})}{CONNECTION}"


def read_state(content: Content, query: str, node: str) -> tuple[CallState, str, int | None]:
    """State, menu revision and start of the call; a value that we do not know is read as its default."""
    values = read_query(query)
    state = CallState(node, language(content, values), about(values), _number(values.get("try"), 9) or 0)
    return state, values.get("rev", ""), _number(values.get("t"), 10**11)


def read_query(query: str) -> Mapping[str, str]:
    """The values of a query as they are written: ours need no escapes, and what has some is not ours."""
    return dict(part.split("=", 1) for part in query.split("&") if "=" in part)


def language(content: Content, query: Mapping[str, str]) -> str | None:
    """The caller's language, if it is one that we offer."""
    code = query.get("lang")
    return code if code in content.offered else None


def about(query: Mapping[str, str]) -> About:
    """What the call is about; guidance if we do not know the word."""
    return ABOUTS.get(query.get("about", ""), "guidance")


def _query(values: Mapping[str, object]) -> str:
    return urlencode({name: value for name, value in values.items() if value is not None})


def _number(text: str | None, most: int) -> int | None:
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 20 else None
