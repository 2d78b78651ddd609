"""How long the running line waits, and how often it looks. Operators need not set these; tests shorten them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from ivr.connections.connection import Limits
from ivr.metrics import HOLD_SECONDS
from ivr.settings.env_file import SettingsError
from ivr.telephony.web import STEP_SECONDS

PREFIX = "IVR_SECONDS_"


@dataclass(frozen=True)
class Intervals:
    """Seconds.

    `look`: between two looks at the site and the clips, and at the closings. `tell`: between two looks at the alarms.
    `alarm`: how long the alarm of an event lasts. `step`: the longest time of an answer. `request`: the longest time in
    which a request must have come. `count`: between two times that what is seen of calls goes to the records. `settle`:
    how long nothing more may have come there of a call before it is counted.
    """

    look: float = 2.0
    tell: float = 2.0
    alarm: float = HOLD_SECONDS
    step: float = STEP_SECONDS
    request: float = Limits.whole
    count: float = 10.0
    settle: float = 60.0

    @classmethod
    def read(cls, env: Mapping[str, str]) -> Intervals:
        """From `IVR_SECONDS_LOOK` and so on. SettingsError where one is no number above 0."""
        found, faults = {}, []
        for each in fields(cls):
            variable = PREFIX + each.name.upper()
            if written := env.get(variable):
                try:
                    found[each.name] = float(written)
                except ValueError:
                    found[each.name] = 0
                if not 0 < found[each.name] < 86_400:
                    faults.append(f"{variable} is no number of seconds. Remedy: write one such as {each.default}.")
        if faults:
            raise SettingsError(faults)
        return cls(**found)
