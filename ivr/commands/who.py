"""Who types a command."""

from __future__ import annotations

import os
from getpass import getuser


def user() -> str | None:
    """Who is at this machine; root by sudo is somebody. None: a user without a name, as in a container."""
    if behind := os.environ.get("SUDO_USER"):
        return behind
    try:
        return getuser()
    except (KeyError, OSError):
        return None
