"""What came over the network does nothing to a terminal."""

from __future__ import annotations

import pytest

from ivr.phone.sip.presentable import MOST_SIGNS, presentable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sip:anna@127.0.0.1:5080", "sip:anna@127.0.0.1:5080"),
        ("sip:Äiti@127.0.0.1", "sip:Äiti@127.0.0.1"),
        ("sip:\x1b[31mred\x07@127.0.0.1", "sip:?[31mred?@127.0.0.1"),
        ("sip:\x9b31mred@127.0.0.1", "sip:?31mred@127.0.0.1"),
        ("sip:a\nb\tc@127.0.0.1", "sip:a?b?c@127.0.0.1"),
        ("sip:\u202eanna\ud800@127.0.0.1", "sip:?anna?@127.0.0.1"),
        ("x" * 3000, "x" * MOST_SIGNS + "..."),
    ],
)
def test_signs_that_a_terminal_obeys_are_not_shown(text: str, shown: str) -> None:
    assert presentable(text) == shown
