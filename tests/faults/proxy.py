"""nginx in front of two processes of the line, as docs/operators.md shows it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT
from tests.faults.served import free_port
from tests.limits import PATIENCE, until

CONFIGURATION = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{own}
}}
"""


def configuration(ports: Sequence[int], listens: int) -> str:
    """What the guide says, with our ports, and without the certificate that only the real host has."""
    found = CONFIGURATION.search((ROOT / "docs" / "operators.md").read_text(encoding="utf-8"))
    assert found, "docs/operators.md shows no configuration of nginx"
    text = found[1]
    for there, port in zip(("8080", "8081"), ports, strict=True):
        assert f"127.0.0.1:{there}" in text
        text = text.replace(f"127.0.0.1:{there}", f"127.0.0.1:{port}")
    text = re.sub(r"listen 443 ssl;", f"listen 127.0.0.1:{listens};", text)
    return re.sub(r"(?m)^.*ssl_certificate.*\n", "", text)


@contextmanager
def proxy(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """The address of a running nginx. Debian's package has it: apt-get install nginx-light."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert binary, "nginx is missing; as root: apt-get install nginx-light (make faults does)"
    folder.mkdir()
    listens = free_port()
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, own=configuration(ports, listens)), encoding="utf-8")
    process = subprocess.Popen([binary, "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        until(lambda: process.poll() is not None or _listens(listens))
        assert process.poll() is None, (folder / "error.log").read_text(encoding="utf-8")
        yield f"http://127.0.0.1:{listens}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
