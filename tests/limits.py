"""Tests wait for what happens, and never for seconds: a busy machine may be as slow as it likes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds after which a test that waits for something fails, so that it does not hang; nothing takes nearly as long."""


def until(there: Callable[[], T], told: Callable[[], object] = lambda: "it did not happen") -> T:
    """Wait for something that can only be looked at, and give what was found; `told`: what to say if it never is."""
    late = time.monotonic() + PATIENCE
    while not (found := there()):
        assert time.monotonic() < late, told()
        time.sleep(0.01)
    return found
