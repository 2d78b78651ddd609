"""Everything that a TwiML provider can report after a step, read back from the document of the step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import unescape
from urllib.parse import urlsplit

from ivr.core.call import Collect, Dial, Step
from ivr.telephony.port import CallRequest, Received

Write = Callable[[Step, int], bytes]
Read = Callable[[str, str, Mapping[str, str], str | None], CallRequest]
"""Reads path, query, form and node of a request."""
ACTION = re.compile(r'<(?:Gather|Dial)[^>]* action="([^"]*)"')
REVISION = re.compile(r"rev=[0-9a-f]+")
KEYS = (*"0123456789*#", "12#")
"""Every key, and several keys at once."""
PRESSED = tuple({"Digits": key} for key in KEYS)
FORMS: tuple[dict[str, str], ...] = (
    {},
    {"CallStatus": "completed"},
    {"DialCallStatus": "completed", "DialBridged": "true"},
    {"DialCallStatus": "completed", "DialBridged": "false"},
    {"DialCallStatus": "busy"},
    {"DialCallStatus": "no-answer"},
    {"DialCallStatus": "failed"},
)


def received(write: Write, read: Read, step: Step) -> Sequence[Received]:
    """Every key, against this revision of the menu and another; silence; every outcome of a transfer; caller gone.

    `write` and `read` are those of the provider. ValueError where a document has no address to go on at.
    """
    if not isinstance(step.action, (Collect, Dial)):
        return ()
    # Utterances carry no address, and take time to write.
    wordless = replace(step.action, announce=()) if isinstance(step.action, Dial) else step.action
    silent = step._replace(plays=(), action=wordless)
    action = ACTION.search(write(silent, 0).decode())
    if not action:
        raise ValueError(f"the document at {step.state.node} says nowhere what happens next")
    parts = urlsplit(unescape(action[1]))
    path, query, node = parts.path, parts.query, parts.path.rsplit("/", 1)[1]

    def reported(query: str, forms: Sequence[dict[str, str]], *, old: bool) -> list[Received]:
        requests = [read(path, query, form, node) for form in forms]
        return [Received(request.state, request.event, old) for request in requests]

    now = [*dict.fromkeys(reported(query, FORMS, old=False)), *reported(query, PRESSED, old=False)]
    older, menus = REVISION.subn("rev=0ld", query)
    return [*now, *reported(older, PRESSED, old=True)] if menus else now
