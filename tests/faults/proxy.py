"""nginx in front of two processes of the line, as docs/operators.md shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT
from tests.faults.served import free_port
from tests.nginx import adapted, nginx

CONFIGURATION = re.compile(r"```nginx\n(.*?)```", re.DOTALL)


@contextmanager
def proxy(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """The address of a running nginx, which does what the guide says."""
    found = CONFIGURATION.search((ROOT / "docs" / "operators.md").read_text(encoding="utf-8"))
    assert found, "docs/operators.md shows no configuration of nginx"
    listens = free_port()
    with nginx(folder, adapted(found[1], ports, listens), listens) as running:
        yield running.address
