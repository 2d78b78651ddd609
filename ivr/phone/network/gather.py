"""Collecting keys, on either leg of a call (docs/twilio.md, Keys)."""

from dataclasses import dataclass
from typing import Protocol

from ivr.phone.twiml.document import GatherVerb, Sound


class Listener(Protocol):
    """Whoever hears a Gather and may press keys."""

    def early(self) -> str | None:
        """A key that was pressed before the Gather listened, if any."""
        ...

    def hear(self, sound: Sound) -> str | None:
        """Play a sound up to its end or to a key, which is returned."""
        ...

    def wait(self, seconds: float) -> str | None:
        """Wait for seconds or up to a key, which is returned."""
        ...


@dataclass(frozen=True)
class Collected:
    """The keys that a Gather collected; `finish` is the key that ended it, or empty."""

    digits: str
    finish: str

    @property
    def nothing(self) -> bool:
        """Whether no key at all was pressed."""
        return not self.digits and not self.finish

    def form(self) -> dict[str, str]:
        """What the action is told (docs/twilio.md, Request fields)."""
        return {"Digits": self.digits, "FinishedOnKey": self.finish, "msg": "Gather End"}


def collect(gather: GatherVerb, listener: Listener) -> Collected:
    """Play the nested sounds until a key, then collect; the finish key is stripped (docs/twilio.md, Keys)."""
    digits = ""
    key = _first(gather, listener)
    while key is not None:
        if key == gather.finish:
            return Collected(digits, key)
        digits += key
        if len(digits) == gather.digits:
            break
        key = listener.early() or listener.wait(gather.timeout)
    return Collected(digits, "")


def posts(gather: GatherVerb, collected: Collected) -> bool:
    """An empty result falls through to the next verb unless actionOnEmptyResult is set (docs/twilio.md, Keys)."""
    return bool(collected.digits) or gather.on_empty


def _first(gather: GatherVerb, listener: Listener) -> str | None:
    if key := listener.early():
        return key
    for sound in gather.sounds:
        if key := listener.hear(sound):
            return key
    return listener.wait(gather.timeout)
