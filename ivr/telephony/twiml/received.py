"""All that Twilio can report after a step, read back from the document that was written for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from urllib.parse import urlsplit

from ivr.core.call import Collect, Ring, Step
from ivr.proof.walk import Happening
from ivr.telephony.port import Provider, Webhook

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


class Happenings:
    """The wire of the walk: the provider's own writer and reader, with its addresses in between."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def happenings(self, taken: Step) -> Sequence[Happening]:
        """Every key against this menu and an older one, silence, every end of a transfer, and a caller who is gone."""
        if not isinstance(taken.then, (Collect, Ring)):
            return ()
        unsaid = taken._replace(plays=())  # what is said carries no address
        found = ACTION.search(self._provider.write(unsaid, 0).decode())
        if not found:
            raise ValueError(f"the document at {taken.state.node} says nowhere what happens next")
        address = unescape(found[1])
        old, menus = REVISION.subn("rev=0ld", address)
        read = [*dict.fromkeys(self._read(address, FORMS, old=False)), *self._read(address, PRESSED, old=False)]
        return [*read, *self._read(old, PRESSED, old=True)] if menus else read

    def _read(self, address: str, forms: Sequence[dict[str, str]], *, old: bool) -> list[Happening]:
        parts = urlsplit(address)
        node = parts.path.rsplit("/", 1)[1]
        webhooks = (Webhook(parts.path, parts.query, tuple(form.items()), form, form) for form in forms)
        read = [self._provider.read(webhook, node) for webhook in webhooks]
        return [Happening(incoming.state, incoming.event, old) for incoming in read]
