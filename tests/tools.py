"""Programs that are no Python: tests run them as they are in Debian's packages (`make tools`)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

FETCHED = Path(__file__).parent.parent / ".venv" / "bin"
"""Where `make tools` puts those whose package, installed whole, would start a server."""


def tool(name: str) -> str:
    """The path of a program. A test that needs one that is missing fails, and says how to get it."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", str(FETCHED)]))
    assert found, f"{name} is missing: `make tools` brings it (on Debian, as root)"
    return found
