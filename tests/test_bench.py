"""The small pieces of `make bench` and `make profile`; what they measure is no test."""

from __future__ import annotations

import ast
import importlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.test import run_wsgi_app

from ivr.core.content import Content
from tests.bench import profile, servers
from tests.bench.clips import fetched
from tests.bench.comparison import Round, table
from tests.bench.load import Load, put_load, send, signature, whole
from tests.bench.processes import cpu_seconds, megabytes, processes
from tests.bench.table import cell, row
from tests.nginx import DEPLOYED, deployed

TICKS = os.sysconf("SC_CLK_TCK")
STAT = (
    "{pid} (a (name) b) S {parent} 1 1 0 -1 4194560 100 0 0 0 {user} {system} {gone_user} {gone_system} 20 0 9 0 1 2 3"
)


def made(proc: Path, pid: int, parent: int, ticks: Sequence[int], pss: int, anonymous: int) -> None:
    """A process as Linux shows it."""
    (proc / str(pid)).mkdir()
    times = dict(zip(("user", "system", "gone_user", "gone_system"), ticks, strict=True))
    (proc / str(pid) / "stat").write_text(STAT.format(pid=pid, parent=parent, **times))
    text = f"Rss:    9000 kB\nPss:     {pss} kB\nPss_Dirty:    7 kB\nPss_Anon:    {anonymous} kB\nSwapPss:    5 kB\n"
    (proc / str(pid) / "smaps_rollup").write_text(f"5581-7ffe ---p 00000000 00:00 0 [rollup]\n{text}")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A server of three processes, and another one."""
    made(tmp_path, 10, 1, (100, 20, 3, 4), 2048, 1024)
    made(tmp_path, 12, 11, (5, 0, 0, 0), 512, 512)
    made(tmp_path, 11, 10, (50, 10, 0, 0), 1024, 512)
    made(tmp_path, 20, 1, (9000, 0, 0, 0), 99999, 99999)
    (tmp_path / "self").mkdir()
    return tmp_path


def test_all_processes_of_a_server_count(proc: Path) -> None:
    assert processes(10, proc) == [10, 11, 12]
    assert cpu_seconds(10, proc) == (127 + 60 + 5) / TICKS
    assert megabytes(10, "Pss", proc) == 3.5
    assert megabytes(10, "Pss_Anon", proc) == 2


def test_our_own_process_can_be_read() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in processes(os.getpid())
        assert 0 < megabytes(child.pid, "Pss_Anon") < megabytes(child.pid) < 1000
        before = cpu_seconds(os.getpid())
        child.communicate(b"\n")
    assert child.pid not in processes(os.getpid())
    assert cpu_seconds(os.getpid()) >= before  # its time is now that of a child that has ended


def test_our_signature_is_the_vendors() -> None:
    form = {**servers.FORM, "Digits": "3", "FromCity": "", "Caller": "ä &="}
    for url in (servers.URL + "/voice", servers.URL + servers.LANGUAGE[0]):
        assert signature("a-token", url, form) == RequestValidator("a-token").compute_signature(url, form)


def test_each_call_of_a_load_has_its_own_id() -> None:
    ids = [request.partition(b"CallSid=")[2][:34] for request in servers.calls(3)]
    assert len(ids) == 15
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", True),
        (b"HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length:3\r\n\r\nab", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
    ],
)
def test_an_answer_is_whole_once_its_length_has_come(answer: bytes, expected: bool) -> None:
    assert whole(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\n\r\nContent-Length: 3\r\n\r\n",
    ],
)
def test_any_other_answer_ends_the_bench(answer: bytes) -> None:
    with pytest.raises(RuntimeError):
        whole(answer)


@contextmanager
def answering(answers: Sequence[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A server of one connection that gives these answers in turn, and what it was sent."""
    come = list[bytes]()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            link, _ = listening.accept()
            with link:
                for answer in answers:
                    come.append(link.recv(65536))
                    link.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", come
        serving.join()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_load_sends_each_request_once_its_caller_has_an_answer() -> None:
    with answering([OK] * 3) as (address, come):
        load = send(address, [b"one", b"two", b"three"], callers=1, pause=0.001)
    assert come == [b"one", b"two", b"three"]
    assert 0 < load.p50 <= load.p99
    with answering([OK] * 5) as (address, come):
        put_load(address, [b"one", b"two"], callers=1, count=5)
    assert come == [b"one", b"two", b"one", b"two", b"one"]


def test_a_server_that_hangs_up_ends_the_bench() -> None:
    with answering([OK, b""]) as (address, _), pytest.raises(RuntimeError, match="closed"):
        send(address, [b"one", b"two"], callers=1)


def test_rows_show_ratios() -> None:
    assert row("what", 3, 4, 1) == "| what | 3.0 | 4.0 | 0.75 |"
    assert row("what", 3) == "| what | 3 | | |"
    assert cell(3, 4, 0) == "3 (0.75)"


def test_the_comparison_prints_the_median_round_beside_the_floors() -> None:
    def rounds(*cpu: float) -> list[Round]:
        return [Round(each / 1e6, Load(1000, 1, 2), Load(300, 3, 4), 50) for each in cpu]

    printed = table({"line": rounds(300, 200, 9000), "floor": rounds(200, 150, 150)}, {"line": 3, "floor": 1})
    assert "| line | 300 (2.00) | 1000 (1.00) | 3.0 (1.00) | 4.0 (1.00) | 50 (1.00) | 3.00 (3.00) |" in printed
    assert "| floor | 150 (1.00) |" in printed
    assert len({text.count("|") for text in printed.splitlines()}) == 1


def test_what_wrk_tells_is_read() -> None:
    told = "  174310 requests in 2.10s, 2.35GB read\nRequests/sec:  82998.20\nTransfer/sec:      1.12GB\n"
    assert fetched(told, 1.7431).per_second == 82998.2
    assert fetched(told, 1.7431).cpu == pytest.approx(1e-5)
    with pytest.raises(RuntimeError):
        fetched(told + "  Non-2xx or 3xx responses: 3\n", 1)


def test_what_the_line_asks_of_nginx_is_there_to_be_changed(tmp_path: Path) -> None:
    ours = deployed(tmp_path, [1, 2], 3, tmp_path / "clips")
    for left in ("8080", "8081", "443", "/srv/", "/var/"):
        assert left in DEPLOYED.read_text(encoding="utf-8")
        assert left not in "\n".join(text for text in ours.splitlines() if not text.lstrip().startswith("#"))


PEERS = sorted(servers.PEERS.glob("*_peer.py"))


@pytest.mark.parametrize("path", PEERS, ids=lambda path: path.stem)
def test_a_peer_verifies_by_the_vendors_validator(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    compile(tree, path.name, "exec")
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name)
    }
    assert {"RequestValidator", "validator.validate", "VoiceResponse", "Gather"} <= calls
    assert "app" in names, "servers.peers() starts it by this name"


def test_every_peer_is_started_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert servers.peers(tmp_path) == []
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    (tmp_path / "node_modules" / "twilio").mkdir(parents=True)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    words = " ".join(" ".join(server.words) for server in servers.peers(tmp_path))
    assert len(PEERS) == 3
    assert [path.stem for path in PEERS if f"{path.stem}:app" not in words] == []
    assert "express_peer.js" in words
    assert (servers.PEERS / "express_peer.js").exists()


def test_what_peers_need_is_pinned() -> None:
    lines = (servers.PEERS / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [text for text in lines if not text.startswith("#")]
    assert [text for text in wanted if "==" not in text] == []
    named = {text.partition("==")[0].lower() for text in wanted}
    assert {"flask", "django", "fastapi", "uvicorn", "gunicorn", "twilio", "python-multipart"} <= named


def test_the_flask_peer_answers_whoever_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", servers.TOKEN)
    app = importlib.import_module("tests.bench.peers.flask_peer").app

    def answered(request: bytes) -> tuple[str, str]:
        body, status, _ = run_wsgi_app(
            app, {**profile.environment_of(request), "wsgi.url_scheme": "https"}, buffered=True
        )
        return status, b"".join(body).decode()

    for request in servers.webhooks():
        status, body = answered(request)
        assert status == "200 OK"
        assert "<Gather" in body
    assert answered(servers.forged())[0] == "403 FORBIDDEN"


def test_a_server_of_the_bench_is_started_asked_and_stopped() -> None:
    with servers.running(servers.floor()) as run:
        assert run.seconds > 0
        assert servers.answers(run.address, servers.webhooks()[1])
        assert not servers.refuses(run.address, servers.forged())
    assert not servers.answers(run.address, servers.webhooks()[1])


def test_a_server_that_dies_is_told() -> None:
    words = (sys.executable, "-c", "raise SystemExit('no such thing')")
    with pytest.raises(RuntimeError, match="no such thing"), servers.running(servers.Server("it", words)):
        pass


def test_the_profile_knows_every_part_of_a_webhook(content: Content, tmp_path: Path) -> None:
    found = profile.measured(profile.Parts(content, tmp_path), tmp_path, rounds=1, calls=1)
    printed = profile.table(found, whole=400.0, server=100.0)
    assert len(found) == 11
    assert all(spent >= 0 for name, spent in found.items() if name != "entry")
    spent = [float(text.split("|")[2]) for text in printed.splitlines()[2:] if text.startswith("|")]
    assert sum(spent[:-1]) == pytest.approx(spent[-1], abs=1)


def test_the_profile_says_that_a_part_below_zero_was_measured_badly() -> None:
    parts = ("parse", "hand over", "entry", "form", "signature", "time limit", "read", "step", "write")
    found = dict.fromkeys([*parts, "metrics", "journal"], 5.0)
    assert profile.BELOW_ZERO not in profile.table(found, whole=100.0, server=30.0)
    assert profile.table(found, whole=100.0, server=9.0).endswith(profile.BELOW_ZERO)
