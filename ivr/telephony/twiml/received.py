"""All that a TwiML provider can report after a step, read back from the document that was written for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from urllib.parse import urlencode, urlsplit

from ivr.core.call import Collect, Dial, Step
from ivr.telephony.port import Provider, Received, Webhook

ACTION = re.compile(r'<(?:Gather|Dial)[^>]* action="([^"]*)"')
REVISION = re.compile(r"rev=[0-9a-f]+")
KEYS = (*"0123456789*#", "12#")
"""Every key, and what is no key."""
PRESSED = tuple({"Digits": key} for key in KEYS)
FORMS: tuple[dict[str, str], ...] = (
    {},
    {"CallStatus": "completed"},
    {"DialCallStatus": "completed", "DialBridged": "true"},
    {"DialCallStatus": "completed", "DialBridged": "false"},
    {"DialCallStatus": "completed"},
    {"DialCallStatus": "busy"},
    {"DialCallStatus": "no-answer"},
    {"DialCallStatus": "failed"},
)


def received(provider: Provider, step: Step) -> Sequence[Received]:
    """Every key against this menu and an older one, silence, every end of a transfer, and a caller who is gone."""
    if not isinstance(step.action, (Collect, Dial)):
        return ()
    unsaid = step._replace(plays=())  # what is said carries no address
    found = ACTION.search(provider.write(unsaid, 0).decode())
    if not found:
        raise ValueError(f"the document at {step.state.node} says nowhere what happens next")
    address = unescape(found[1])
    old, menus = REVISION.subn("rev=0ld", address)
    read = [*dict.fromkeys(_read(provider, address, FORMS, old=False))]
    read += _read(provider, address, PRESSED, old=False)
    return [*read, *_read(provider, old, PRESSED, old=True)] if menus else read


def _read(provider: Provider, address: str, forms: Sequence[dict[str, str]], *, old: bool) -> list[Received]:
    parts = urlsplit(address)
    node = parts.path.rsplit("/", 1)[1]
    webhooks = (Webhook("POST", parts.path, parts.query, urlencode(form).encode(), {}) for form in forms)
    read = [provider.read(webhook, node) for webhook in webhooks]
    return [Received(incoming.state, incoming.event, old) for incoming in read]
