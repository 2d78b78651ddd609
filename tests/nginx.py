"""A real nginx, with a configuration that the project shows."""

from __future__ import annotations

import grp
import os
import pwd
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.limits import PATIENCE, until
from tests.tools import tool

DEPLOYED = Path(__file__).parent.parent / "deploy" / "nginx" / "kemi.conf"
OFFICE = DEPLOYED.with_name("kemi-office.conf")
ROOM = DEPLOYED.with_name("kemi-room.conf")
# As in Debian, all is logged where a site does not say otherwise.
AROUND = """
daemon off;
user {user} {group};
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{own}
}}
"""


def adapted(text: str, ports: Sequence[int], listens: int) -> str:
    """A configuration with our ports, and without the certificate that only the real host has."""
    for there, port in zip(("8080", "8081"), ports, strict=True):
        text = replaced(text, f"127.0.0.1:{there}", f"127.0.0.1:{port}")
    text = listening_at(text, f"127.0.0.1:{listens}")
    return re.sub(r"(?m)^ *ssl_certificate.*\n", "", text)


def deployed(folder: Path, ports: Sequence[int], listens: int, rendered: Path) -> str:
    """`deploy/nginx/kemi.conf` with our ports and the clips of this folder, and its log in the other."""
    text = adapted(DEPLOYED.read_text(encoding="utf-8"), ports, listens)
    text = replaced(text, "/srv/kemi/audio/rendered", str(rendered))
    return replaced(text, "/var/log/nginx/kemi.log", f"{folder}/kemi.log")


def listening_at(text: str, where: str) -> str:
    """A configuration that listens there, and nowhere else."""
    return replaced(replaced(text, "listen 443 ssl;", f"listen {where};"), "  listen [::]:443 ssl;\n", "")


def replaced(text: str, there: str, ours: str) -> str:
    """A text with something else in one place; it must be there, and once."""
    assert text.count(there) == 1, f"the configuration has not one {there}"
    return text.replace(there, ours)


@dataclass(frozen=True)
class Nginx:
    """A running nginx: its address, and the id of its main process."""

    address: str
    pid: int


@contextmanager
def nginx(folder: Path, own: str, listens: int) -> Iterator[Nginx]:
    """nginx with a configuration of its own, in a new folder."""
    folder.mkdir()
    config = folder / "nginx.conf"
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name  # who may read our files
    config.write_text(AROUND.format(folder=folder, own=own, user=user, group=group), encoding="utf-8")
    # -e: what goes wrong before it has read its configuration would else go to a folder that only an installed one has.
    command = [tool("nginx"), "-c", str(config), "-p", str(folder), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        until(lambda: process.poll() is not None or listening(listens))
        assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
        yield Nginx(f"http://127.0.0.1:{listens}", process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def listening(port: int) -> bool:
    """Whether somebody takes connections at a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
