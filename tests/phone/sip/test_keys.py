"""Each press is told once, whatever order its packets arrive in."""

from __future__ import annotations

import pytest

from ivr.phone.sip.keys import KeyEvents

Told = list[tuple[float, str | None]]


@pytest.mark.parametrize(
    ("told", "pressed"),
    [
        ([(0.0, "1"), (0.1, None), (0.3, "1"), (0.4, None)], "11"),
        ([(0.0, "1"), (9.0, None)], "1"),
        ([(0.0, "1"), (0.1, None), (0.12, "1"), (0.12, None)], "1"),  # a late packet between two ends
        ([(0.0, "1"), (0.1, None), (0.14, "1"), (0.17, None), (0.2, "1"), (0.22, None)], "1"),
        ([(0.0, "1"), (0.1, None), (0.14, "1"), (0.4, None), (0.5, "1")], "111"),  # ... behind all: a start is missed
        ([(0.0, "1"), (0.1, None), (0.14, "1"), (0.3, "2"), (0.4, None)], "12"),
        ([(0.0, "1"), (0.3, "2"), (0.4, None)], "12"),  # the end was lost
        ([(0.0, "1"), (0.1, None), (0.12, "2"), (0.2, None)], "12"),
        ([(0.0, "1"), (0.05, "1"), (0.1, None), (0.3, None)], "1"),  # by RTP, and by SIP INFO
        ([(0.0, "1"), (0.15, "1"), (0.25, None), (0.4, None)], "11"),  # by SIP INFO alone, fast
        ([(0.0, "1"), (0.04, None), (0.07, "1"), (0.4, None)], "11"),  # a late packet of a short press
    ],
)
def test_each_press_is_told_once(told: Told, pressed: str) -> None:
    keys = KeyEvents()
    heard = [keys.starts(key, at) if key else keys.ends(at) for at, key in told]
    assert "".join(key for key in heard if key) == pressed
