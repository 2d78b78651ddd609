"""nginx in front of two processes of the line, as deploy/nginx/kemi.conf says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.served import free_port
from tests.nginx import deployed, nginx


@contextmanager
def proxy(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """The address of a running nginx, which has no clips: the line serves them."""
    listens = free_port()
    with nginx(folder, deployed(folder, ports, listens, folder / "no-clips"), listens) as running:
        yield running.address
