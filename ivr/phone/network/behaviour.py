"""The switches of the simulated network, and sets of them in which each pair of values occurs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any, Literal, get_args

EarlyKeys = Literal["buffered", "lost"]
ActionAfterHangup = Literal["none", "dial", "all"]
DeclinedAs = Literal["completed", "no-answer"]
LostClip = Literal["left out", "fatal"]
Place = Literal["between", "words", "ringing"]
"""Where no Gather listens: between two documents, in words outside a Gather, while a phone rings."""


@dataclass(frozen=True)
class Delays:
    """Seconds that a request takes, the start of a sentence, and dialling before the phone rings."""

    request: float = 0.0
    sentence: float = 0.0
    dialling: float = 0.0


INSTANT, USUAL = Delays(), Delays(request=0.3, sentence=0.1, dialling=2.0)


@dataclass(frozen=True)
class CarrierBehaviour:
    """What Twilio's pages leave open (docs/twilio.md, Unknown): a line must be right either way.

    `early_keys`, `keys_in_words`, `keys_while_ringing`: what becomes of keys that are pressed between two Gathers, in
    words outside a Gather, and while a phone rings. `action_after_hangup`: whose due action is still posted when the
    caller has hung up. `declined_as`: the DialCallStatus of a declined whisper. `dial_bridged`: whether DialBridged is
    told. `rings_longer`: seconds added to a Dial's timeout. `lost_clip`: what a Play of a clip that is not there does.
    """

    early_keys: EarlyKeys = "buffered"
    keys_in_words: EarlyKeys = "lost"
    keys_while_ringing: EarlyKeys = "lost"
    action_after_hangup: ActionAfterHangup = "dial"
    declined_as: DeclinedAs = "completed"
    dial_bridged: bool = True
    rings_longer: float = 0.0
    delays: Delays = INSTANT
    lost_clip: LostClip = "left out"

    def keeps(self, place: Place) -> bool:
        """Whether a key pressed there waits for the next Gather."""
        kept = {"between": self.early_keys, "words": self.keys_in_words, "ringing": self.keys_while_ringing}
        return kept[place] == "buffered"


SWITCHES: Mapping[str, Sequence[Any]] = {
    "early_keys": get_args(EarlyKeys),
    "keys_in_words": get_args(EarlyKeys),
    "keys_while_ringing": get_args(EarlyKeys),
    "action_after_hangup": get_args(ActionAfterHangup),
    "declined_as": get_args(DeclinedAs),
    "dial_bridged": (True, False),
    "rings_longer": (0.0, 5.0),
    "delays": (INSTANT, USUAL),
    "lost_clip": get_args(LostClip),
}
"""Each switch and the values that it is tried with."""

_Value = tuple[str, Any]


def _pairwise(first: CarrierBehaviour) -> Iterator[CarrierBehaviour]:
    """Few behaviours in which each two values of two switches occur together; most faults need no more than two."""
    values = [(name, value) for name, several in SWITCHES.items() for value in several]
    left = {pair for pair in combinations(values, 2) if pair[0][0] != pair[1][0]}
    row: dict[str, Any] = {name: getattr(first, name) for name in SWITCHES}
    while True:
        left -= set(combinations(row.items(), 2))
        yield replace(first, **row)
        if not left:
            return
        row = dict(next(pair for pair in combinations(values, 2) if pair in left))
        for name, several in SWITCHES.items():
            if name not in row:
                row[name] = max(several, key=partial(_covered, row, left, name))
        row = {name: row[name] for name in SWITCHES}


def _covered(row: Mapping[str, Any], left: set[tuple[_Value, _Value]], name: str, value: Any) -> int:
    """How many pairs that are still to be covered a value makes with those of a row."""
    new = (name, value)
    return sum((other, new) in left or (new, other) in left for other in row.items())


ALL_BEHAVIOURS: tuple[CarrierBehaviour, ...] = tuple(_pairwise(CarrierBehaviour()))
"""The usual behaviour first, then others: each two values of two switches occur together."""
