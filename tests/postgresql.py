"""A real PostgreSQL of our own, in a new folder, which only its socket there leads to."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.limits import PATIENCE, until
from tests.tools import FETCHED

USER, PASSWORD = "line", "a-secret-of-the-tests"
NUMBERS = count()


def programs() -> Path:
    """The folder with `initdb` and `postgres`. A test that needs them fails where they are missing."""
    if there := shutil.which("initdb"):
        return Path(there).resolve().parent
    trees = (Path("/"), FETCHED.parent / "postgresql")
    found = [each for tree in trees for each in sorted(tree.glob("usr/lib/postgresql/*/bin/initdb"))]
    assert found, "PostgreSQL is missing: `make tools` brings it (on Debian, as root)"
    return found[-1].parent


@dataclass(frozen=True)
class Postgresql:
    """A running server; `folder` holds its socket."""

    folder: Path

    def new_database(self) -> str:
        """The URL of a new and empty database, which belongs to us."""
        name = f"records_{next(NUMBERS)}"
        with self.connection("postgres") as connection:
            # By copying files, as nobody waits for its log: a third less work.
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        return f"postgresql+psycopg://{USER}:{PASSWORD}@/{name}?host={self.folder}"

    @contextmanager
    def connection(self, name: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """Another program on a database, each of whose statements is a transaction."""
        opened = psycopg.connect(host=str(self.folder), user=USER, dbname=name, autocommit=True)
        with closing(opened) as connection:
            yield connection


@contextmanager
def postgresql() -> Iterator[Postgresql]:
    """A server that forgets what it is told when the machine stops: it is faster so."""
    with tempfile.TemporaryDirectory(prefix="pg-") as temporary:
        folder, bin_ = Path(temporary), programs()
        who: dict[str, Any] = {}
        if os.geteuid() == 0:  # as root it refuses to run
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            bin_ = reachable(bin_, folder)
        usual: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, **who}
        data, log = folder / "data", folder / "log"
        made = subprocess.run(
            [bin_ / "initdb", "-D", data, "-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **usual,
        )
        assert made.returncode == 0, made.stdout
        words = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off", "jit": "off"}
        command = [str(bin_ / "postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in words.items())]
        with log.open("wb") as told:
            process = subprocess.Popen(command, stdout=told, stderr=told, **usual)
        try:
            until(lambda: process.poll() is not None or answers(folder))
            assert process.poll() is None, log.read_text(encoding="utf-8")
            yield Postgresql(folder)
        finally:
            process.send_signal(signal.SIGINT)  # it ends its connections and itself
            process.wait(PATIENCE)


def reachable(bin_: Path, folder: Path) -> Path:
    """The programs, or a copy of them with their files if only root may look into the folder where they lie."""
    tree, inside = bin_.parents[4], bin_.relative_to(bin_.parents[4])
    if all(above.stat().st_mode & 0o001 for above in bin_.parents):
        return bin_
    shutil.copytree(tree, folder / "programs", symlinks=True)
    return folder / "programs" / inside


def answers(folder: Path) -> bool:
    """Whether a server takes connections at the socket in a folder."""
    try:
        psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True
