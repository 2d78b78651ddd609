"""What a check has found, and how it says so."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple

State = Literal["ok", "wrong", "unknown", "waits"]
"""`unknown`: it could not be seen. `waits`: it cannot be looked at before something else is right."""


class Seen(NamedTuple):
    """What a check saw, and the remedy; `blocks`: no caller should be led here before it is mended."""

    state: State
    seen: str
    remedy: str = ""
    blocks: bool = False


@dataclass(frozen=True)
class CheckResult:
    """What was seen by the check of that id."""

    check: str
    state: State
    seen: str
    remedy: str
    blocks: bool

    def as_json(self) -> dict[str, object]:
        """Its fields, with the names and values that programs may rely on."""
        return asdict(self)


class Lacking(Exception):
    """A check cannot look yet. The message names what it waits for, such as "the account"."""


def fine(seen: str) -> Seen:
    """All is as it should be."""
    return Seen("ok", seen)


def blocking(seen: str, remedy: str) -> Seen:
    """Callers would suffer."""
    return Seen("wrong", seen, remedy, blocks=True)


def warning(seen: str, remedy: str) -> Seen:
    """Callers are served, and yet somebody should mend it."""
    return Seen("wrong", seen, remedy)


def unknown(seen: str, remedy: str) -> Seen:
    """It cannot be seen from here; the remedy says where it can."""
    return Seen("unknown", seen, remedy)


def told(fault: str) -> tuple[str, str]:
    """The two halves of a fault of the settings: "NAME is missing. Remedy: write it." """
    what, _, remedy = fault.partition(". Remedy: ")
    return what, remedy.removesuffix(".")
