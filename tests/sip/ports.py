"""Free ports of this machine, and who holds which."""

from __future__ import annotations

import re
import socket
from pathlib import Path

TRIES = 50


def free_port(host: str = "127.0.0.1", *, in_a_row: int = 1) -> int:
    """A port that nobody has, nor the ones behind it; whoever asked for it is expected to take it at once."""
    for _ in range(TRIES):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
            first.bind((host, 0))
            port = int(first.getsockname()[1])
            if port + in_a_row < 65536 and all(is_free(host, port + behind) for behind in range(1, in_a_row)):
                return port
    raise OSError(f"no {in_a_row} free ports in a row on {host}")


def is_free(host: str, port: int, *kinds: socket.SocketKind) -> bool:
    """Whether nobody has a port, neither for UDP nor for TCP, or not for those kinds of socket.

    For TCP the kernel itself has it for a minute after each connection that any program made from it.
    """
    for kind in kinds or (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as tried:
            try:
                tried.bind((host, port))
            except OSError:
                return False
    return True


def sockets_of(process: int) -> dict[str, set[int]]:
    """The local ports of the sockets that a process has open, by protocol: udp, tcp."""
    inodes = set[str]()
    for entry in Path(f"/proc/{process}/fd").iterdir():
        try:
            target = str(entry.readlink())
        except FileNotFoundError:  # closed meanwhile
            continue
        if found := re.fullmatch(r"socket:\[(\d+)\]", target):
            inodes.add(found[1])
    return {protocol: _ports(process, protocol, inodes) for protocol in ("udp", "tcp")}


def _ports(process: int, protocol: str, inodes: set[str]) -> set[int]:
    rows = Path(f"/proc/{process}/net/{protocol}").read_text(encoding="ascii").splitlines()[1:]
    fields = [row.split() for row in rows]
    return {int(field[1].rpartition(":")[2], 16) for field in fields if field[9] in inodes}


def threads_of(process: int) -> int:
    """How many threads a process has."""
    return len([*Path(f"/proc/{process}/task").iterdir()])


def files_of(process: int) -> int:
    """How many files and sockets a process has open."""
    return len([*Path(f"/proc/{process}/fd").iterdir()])
