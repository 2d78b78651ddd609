"""The servers that are measured: how each is started, and the webhooks that all of them are sent."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.load import webhook, whole
from tests.limits import PATIENCE

ROOT = Path(__file__).parent.parent.parent
PEERS = Path(__file__).parent / "peers"
INSTALLED = ROOT / ".peers"
"""Where `make bench` installs what the peers need."""
URL, TOKEN = "https://line.example.fi", "a-token"
FORM = {
    "AccountSid": "AC" + "0" * 32,
    "ApiVersion": "2010-04-01",
    "CallSid": "CA" + "0" * 32,
    "CallStatus": "in-progress",
    "Called": "+358753250000",
    "Caller": "+358401234567",
    "Direction": "inbound",
    "From": "+358401234567",
    "FromCity": "",
    "FromCountry": "FI",
    "To": "+358753250000",
}
BEGAN = int(time.time())
"""When the calls began: an address that is hours old is answered by the emergency document."""
OPENING = ("/voice", dict[str, str]())
LANGUAGE = (f"/voice/at/choose_language?matter=guidance&t={BEGAN}", {"Digits": "3"})
MENU = (f"/voice/at/main_open?lang=en&matter=guidance&t={BEGAN}", {"Digits": "9"})
UNANSWERED = (
    f"/voice/at/on_call?lang=en&matter=help&t={BEGAN}",
    {"DialCallStatus": "no-answer", "DialBridged": "false"},
)
WHISPER = ("/voice/whisper?lang=en&matter=help", dict[str, str]())
STEPS = (
    OPENING,
    LANGUAGE,
    MENU,
    (f"/voice/at/main_open?lang=fi&matter=guidance&t={BEGAN}", {"Digits": ""}),
    (f"/voice/at/opening_hours?lang=sv&matter=guidance&t={BEGAN}", {"Digits": "9"}),
    (f"/voice/at/main_closed?lang=en&matter=guidance&t={BEGAN}", {"Digits": "0"}),
    UNANSWERED,
    WHISPER,
)
"""The steps of a call, as often as they come in calls."""
ENVIRONMENT = {
    "PATH": os.defpath,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "IVR_PUBLIC_URL": URL,
    "IVR_CALLER_ID": "+358753250000",
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": "+358401234501",
}


def webhooks() -> list[bytes]:
    """Every step, signed."""
    return [webhook(URL, TOKEN, path, {**FORM, **form}) for path, form in STEPS]


def forged() -> bytes:
    """The first step, signed by somebody else."""
    return webhook(URL, "another-token", OPENING[0], FORM)


def calls(count: int) -> Iterator[bytes]:
    """So many calls, each with an id of its own: an opening, a language, a key, a transfer in vain and a whisper."""
    for number in range(count):
        form = {**FORM, "CallSid": f"CA{number:032x}"}
        for path, more in (OPENING, LANGUAGE, MENU, UNANSWERED, WHISPER):
            yield webhook(URL, TOKEN, path, {**form, **more})


@dataclass(frozen=True)
class Server:
    """How a server is started; in its words `{port}` stands for the port where it is to answer."""

    name: str
    words: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    verifies: bool = True
    """Whether it refuses what is not signed."""


@dataclass(frozen=True)
class Running:
    """A server that answers: its address, its process id, and the seconds from its start to its first answer."""

    address: str
    pid: int
    seconds: float


def line(state: Path, site: Path = ROOT / "prompts", *more: str) -> Server:
    """The guidance line. `state`: where it keeps its journal and what was proved; in a new folder it proves anew."""
    kept = {"IVR_LOG": f"{state}/journal", "IVR_SITE": str(site), "IVR_STATE": str(state)}
    return Server("line", (sys.executable, "-m", "ivr", "serve", "--port", "{port}", *more), kept)


def floor(*kind: str) -> Server:
    """A server of `tests/bench/floor.py`."""
    words = (sys.executable, "-m", "tests.bench.floor", "{port}", *kind)
    return Server(f"{kind[0]} WSGI" if kind else "floor", words, verifies=False)


def peers(installed: Path = INSTALLED) -> list[Server]:
    """What is installed of the peers. All answer in one process, as the line does."""
    python, node = installed / "bin" / "python", shutil.which("node")
    found = list[Server]()
    if python.exists():
        gunicorn = "-m gunicorn --bind 127.0.0.1:{port} --worker-class gthread --threads 8"
        uvicorn = "-m uvicorn --host 127.0.0.1 --port {port} --no-access-log"
        for name, words in (
            ("Flask, gunicorn", f"{gunicorn} flask_peer:app"),
            ("Django, gunicorn", f"{gunicorn} django_peer:app"),
            ("FastAPI, uvicorn", f"{uvicorn} fastapi_peer:app"),
        ):
            found.append(Server(name, (str(python), *words.split())))
    if node and (installed / "node_modules" / "twilio").exists():
        environment = {"NODE_PATH": str(installed / "node_modules"), "NODE_ENV": "production"}
        found.append(Server("Express, Node", (node, "express_peer.js", "{port}"), environment))
    return found


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """Start a server, wait until it has answered a signed webhook with 200, and stop it in the end."""
    port, began = free_port(), time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [word.format(port=port) for word in server.words],
            cwd=ROOT if server.words[0] == sys.executable else PEERS,
            env={**ENVIRONMENT, **server.environment},
            stdout=subprocess.DEVNULL,
            stderr=told,
            start_new_session=True,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            while not answers(address, webhooks()[0]):
                if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                    told.seek(0)
                    raise RuntimeError(f"{server.name} does not answer:\n{told.read().decode()}")
                time.sleep(0.002)
            yield Running(address, process.pid, time.perf_counter() - began)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # what it may have left behind


def answers(address: str, request: bytes) -> bool:
    """Whether a request is answered with 200; False where nobody listens. RuntimeError at any other answer."""
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname, parts.port), PATIENCE) as link:
            link.sendall(request)
            come = bytearray()
            while not whole(come):
                if not (data := link.recv(65536)):
                    return False
                come += data
    except ConnectionError:
        return False
    return True


def refuses(address: str, request: bytes) -> bool:
    """Whether a request is answered with 403."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), PATIENCE) as link:
        link.sendall(request)
        return link.recv(65536).startswith(b"HTTP/1.1 403")


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return int(link.getsockname()[1])
