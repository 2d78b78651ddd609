"""Collecting keys, on either leg of a call (facts 2)."""

from dataclasses import dataclass
from typing import Protocol

from ivr.phone.twiml.document import GatherVerb, Sound


class Ear(Protocol):
    """One end of the line, which hears and may press."""

    def early(self) -> str | None:
        """A key that was pressed before it was asked for."""
        ...

    def hear(self, sound: Sound) -> str | None:
        """Hear a sound up to a key, which stops it."""
        ...

    def wait(self, seconds: float) -> str | None:
        """Wait for a key."""
        ...


@dataclass(frozen=True)
class Collected:
    """What a Gather got; `finish` is the key that ended it, if one did."""

    digits: str
    finish: str

    @property
    def nothing(self) -> bool:
        """The caller pressed no key at all."""
        return not self.digits and not self.finish

    def form(self) -> dict[str, str]:
        """What the action is told (facts 1.1)."""
        return {"Digits": self.digits, "FinishedOnKey": self.finish}


def collect(gather: GatherVerb, ear: Ear) -> Collected:
    """Play the nested sounds until a key, then collect; the finish key is stripped (facts 2)."""
    digits = ""
    key = _first(gather, ear)
    while key is not None:
        if key == gather.finish:
            return Collected(digits, key)
        digits += key
        if len(digits) == gather.digits:
            break
        key = ear.early() or ear.wait(gather.timeout)
    return Collected(digits, "")


def posts(gather: GatherVerb, collected: Collected) -> bool:
    """An empty result falls through to the next verb unless actionOnEmptyResult is set (facts 2)."""
    return bool(collected.digits) or gather.on_empty


def _first(gather: GatherVerb, ear: Ear) -> str | None:
    if key := ear.early():
        return key
    for sound in gather.sounds:
        if key := ear.hear(sound):
            return key
    return ear.wait(gather.timeout)
