"""Debian's SIPp, run with a scenario; what it sent and received is read from its trace."""

from __future__ import annotations

import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.limits import PATIENCE, until
from tests.sip.ports import free_port, sockets_of
from tests.sip.scenario import GO_ON
from tests.tools import tool

_TRACED = re.compile(r"^-{40,} (\d{4}-\d\d-\d\d)\s(\d\d:\d\d:\d\d\.\d+)\nUDP message (sent|received) .*?\n\n", re.M)


@dataclass(frozen=True)
class SipMessage:
    """One message of a trace. `at`: seconds of `time.time()`."""

    at: float
    sent: bool
    text: str

    @property
    def what(self) -> str:
        """The method of a request, or the status of an answer."""
        first = self.text.split("\n", 1)[0].split(" ")
        return first[1] if first[0] == "SIP/2.0" else first[0]

    def header(self, name: str) -> str:
        """The value of its first header of this name, or empty."""
        found = re.search(rf"^{name}:[ \t]*(.*?)\r?$", self.text, re.M | re.I)
        return found[1] if found else ""


class Sipp:
    """A running SIPp. `port`: where it is reached."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
        self._process, self._folder, self.port = process, folder, port

    @property
    def address(self) -> str:
        """Its SIP address, to be rung."""
        return f"sip:duty@127.0.0.1:{self.port}"

    def finish(self, patience: float = PATIENCE) -> None:
        """Wait until its calls are over; AssertionError if one of them did not go as the scenario says."""
        status = self._process.wait(patience)
        assert status == 0, self.told()

    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def told(self) -> str:
        """Its end and its trace, for the message of a failed test."""
        errors = self._folder / "errors"
        why = errors.read_text(encoding="utf-8", errors="replace")[:2000] if errors.exists() else ""
        trace = "\n".join(f"{m.at:.3f} {'>' if m.sent else '<'} {m.text.splitlines()[0]}" for m in self.messages())
        return f"sipp ended with {self._process.poll()}\n{why}\n{trace}"

    def messages(self) -> list[SipMessage]:
        """What it has sent and received up to now."""
        try:
            trace = (self._folder / "messages").read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        begins = [*_TRACED.finditer(trace)]
        ends = [*(found.start() for found in begins), len(trace)][1:]
        return [
            SipMessage(_seconds(found[1], found[2]), found[3] == "sent", trace[found.end() : end].strip("\n"))
            for found, end in zip(begins, ends, strict=True)
        ]

    def shown(self) -> list[str]:
        """The same in short: "> INVITE" was sent, "< 200" was received."""
        return [f"{'>' if message.sent else '<'} {message.what}" for message in self.messages()]

    def await_message(self, shown: str, times: int = 1) -> None:
        """Wait until a message such as "< 180" stands in the trace so often."""
        until(lambda: self.shown().count(shown) >= times or self.ended(), self.told)
        assert self.shown().count(shown) >= times, self.told()

    def go_on(self) -> None:
        """Let it go on where its scenario has `told_to_go_on`, in its latest call."""
        call = self.messages()[-1].header("Call-ID")
        lines = (
            f"{GO_ON} {self.address} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-go-on-{time.monotonic_ns()}",
            "From: <sip:test@127.0.0.1>;tag=test",
            f"To: <{self.address}>",
            f"Call-ID: {call}",
            f"CSeq: 900 {GO_ON}",
            "Content-Length: 0",
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as test:
            test.sendto("".join(f"{line}\r\n" for line in (*lines, "")).encode(), ("127.0.0.1", self.port))

    def end(self) -> None:
        """End it, if it still runs."""
        if not self.ended():
            self._process.kill()
        self._process.wait(PATIENCE)


def _seconds(day: str, time: str) -> float:
    return datetime.fromisoformat(f"{day} {time[:15]}").timestamp()


@contextmanager
def sipp(
    scenario: str,
    *,
    calls: str | None = None,
    number: int = 1,
    at_once: int = 1,
    rate: int = 1,
    source: str = "127.0.0.1",
    port: int | None = None,
    rows: Sequence[str] = (),
    seconds: int = 60,
) -> Iterator[Sipp]:
    """SIPp with a scenario. `calls`: the host and port that it calls; None: it is a phone that is rung.

    `number`: of calls, then it ends. `rows`: what [field0] is in each of them. `source`: the address that it calls
    from. `port`: its own, where it is not any that is free. `seconds`: after which it gives up.
    """
    with tempfile.TemporaryDirectory(prefix="sipp.") as name:
        folder = Path(name)
        (folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        (folder / "rows.csv").write_text("SEQUENTIAL\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        port = port or free_port(source)
        command = [
            *(tool("sipp"), "-sf", "scenario.xml", "-i", source, "-mi", source, "-p", str(port), "-nostdin"),
            *("-m", str(number), "-l", str(at_once), "-r", str(rate), "-timeout", f"{seconds}s", "-timeout_error"),
            *("-trace_msg", "-message_file", "messages", "-trace_err", "-error_file", "errors"),
            *("-cp", str(free_port())),
            *(("-inf", "rows.csv") if rows else ()),
            *((calls,) if calls else ()),
        ]
        with (folder / "screen").open("wb") as screen:
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen)
        running = Sipp(process, folder, port)
        try:
            until(lambda: process.poll() is not None or port in sockets_of(process.pid)["udp"], running.told)
            yield running
        finally:
            running.end()
