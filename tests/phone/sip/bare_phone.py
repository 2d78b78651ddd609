"""A telephone of a few lines, for unit tests: SIP over UDP, RTP with mu-law, keys as RFC 4733. It answers nothing by
itself."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Self

from tests.limits import PATIENCE

HOST = "127.0.0.1"
_NUMBERS = count(1)
KEYS = "0123456789*#"


@dataclass
class Message:
    """One SIP message."""

    first: str
    headers: dict[str, str]
    body: str

    @classmethod
    def of(cls, data: bytes) -> Message:
        """Read a message."""
        head, _, body = data.decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        return cls(first, dict(line.split(": ", 1) for line in lines), body)

    @property
    def method(self) -> str:
        """What it asks, or what it answers."""
        return self.headers["CSeq"].split()[1]

    @property
    def is_request(self) -> bool:
        """Whether it asks."""
        return not self.first.startswith("SIP/2.0")


@dataclass
class BarePhone:
    """One phone with one call at a time; a context that frees its ports."""

    codecs: str = "0 8 101"
    more: str = ""
    sound_at: str = f"IP4 {HOST}"
    offers: bool = True
    headers: tuple[str, ...] = ()
    heard: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        """Take two free ports."""
        self._sip, self._rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in "sr")
        for sock in (self._sip, self._rtp):
            sock.bind((HOST, 0))
        self.port, self.sound_port = (sock.getsockname()[1] for sock in (self._sip, self._rtp))
        self._line: tuple[str, int] = (HOST, 0)
        self._sound_to: tuple[str, int] | None = None
        self._call_id, self._ours, self._theirs, self._target = "", "", "", ""
        self._asked = 0
        self._seq, self._time = count(1), 0
        self._more = threading.Condition()
        self._off = threading.Event()
        self._threads = [threading.Thread(target=run) for run in (self._hear, self._sound)]
        self.sounds = True
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        """The phone itself."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Free its ports."""
        self._off.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._rtp.getsockname())
        for thread in self._threads:
            thread.join()
        self._sip.close()
        self._rtp.close()

    @property
    def address(self) -> str:
        """Its SIP address."""
        return f"sip:duty@{HOST}:{self.port}"

    def offer(self, direction: str = "sendrecv") -> str:
        """Its session description."""
        return (
            f"v=0\r\no=- 1 {next(_NUMBERS)} IN IP4 {HOST}\r\ns=-\r\nc=IN {self.sound_at}\r\nt=0 0\r\n"
            f"m=audio {self.sound_port} RTP/AVP {self.codecs}\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na={direction}\r\n{self.more}"
        )

    def invite(self, line: str, *, name: str = "kemi", caller: str = "caller") -> None:
        """Begin to call the line at such an address."""
        host, port = line.partition("@")[2].split(":")
        self._line = (host, int(port))
        self._call_id, self._asked = f"call-{next(_NUMBERS)}-{self.port}", 0
        self._ours = f"<sip:{caller}@{HOST}:{self.port}>;tag=ours{next(_NUMBERS)}"
        self._theirs, self._target = f"<sip:{name}@{host}:{port}>", f"sip:{name}@{host}:{port}"
        self.ask("INVITE", self.offer() if self.offers else "")

    def ask(self, method: str, body: str = "", *, branch: str = "") -> str:
        """Send a request of the call; returns its branch, which makes the same request again."""
        if method not in ("ACK", "CANCEL") and not branch:
            self._asked += 1
        branch = branch or f"z9hG4bK{next(_NUMBERS)}-{self.port}"
        lines = [
            f"{method} {self._target} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:{self.port};branch={branch}",
            f"From: {self._ours}",
            f"To: {self._theirs}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {self._asked} {method}",
            f"Contact: <sip:caller@{HOST}:{self.port}>",
            "Max-Forwards: 70",
            *self.headers,
        ]
        self._send(lines, body)
        self.branch = branch
        return branch

    def answer(self, request: Message, status: str, body: str = "") -> None:
        """Answer a request of the line."""
        to = request.headers["To"]
        lines = [
            f"SIP/2.0 {status}",
            *(f"{name}: {request.headers[name]}" for name in ("Via", "From", "Call-ID", "CSeq")),
            f"To: {to if 'tag=' in to else f'{to};tag=theirs'}",
            f"Contact: <{self.address}>",
        ]
        self._send(lines, body)
        if request.method == "INVITE":
            self._call_id, self._ours = request.headers["Call-ID"], f"{to};tag=theirs"
            self._theirs, self._asked = request.headers["From"], 100
            self._target = request.headers["Contact"].strip("<>")
            self._take_media(request)

    def _send(self, lines: list[str], body: str) -> None:
        kind = ["Content-Type: application/sdp"] if body else []
        text = "\r\n".join([*lines, *kind, f"Content-Length: {len(body)}", "", body])
        self._sip.sendto(text.encode(), self._line)

    def gets(self, wanted: str, method: str | None = None, *, seconds: float = PATIENCE) -> Message:
        """The next message whose first line begins so; any others before it are passed over."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._sip.settimeout(left)
            try:
                data, self._line = self._sip.recvfrom(65_535)
            except TimeoutError:
                break
            message = Message.of(data)
            if message.first.startswith(wanted) and method in (None, message.method):
                return message
        raise AssertionError(f"no {wanted} within {seconds} s")

    def established(self) -> None:
        """Wait until the line answers, and acknowledge it."""
        self.is_answered()
        self.ask("ACK")

    def is_answered(self) -> None:
        """Wait until the line answers."""
        answer = self.gets("SIP/2.0 200", "INVITE")
        self._theirs = answer.headers["To"]
        self._target = answer.headers["Contact"].strip("<>")
        self._take_media(answer)

    def _take_media(self, message: Message) -> None:
        found = re.search(r"^m=audio ([0-9]+)", message.body, re.MULTILINE)
        assert found
        self._sound_to = (HOST, int(found[1]))

    def hangs_up(self) -> None:
        """End the call."""
        self.ask("BYE")
        self.gets("SIP/2.0 200", "BYE")

    def is_cancelled(self, invite: Message) -> None:
        """Wait until the line gives up its ring."""
        self.answer(self.gets("CANCEL"), "200 OK")
        self.answer(invite, "487 Request Terminated")
        self.gets("ACK")

    def is_hung_up_on(self) -> None:
        """Wait until the line ends the call."""
        self.answer(self.gets("BYE"), "200 OK")

    def presses(self, key: str, *, packets: int = 5, ends: int = 3) -> None:
        """Press a key for so many packets, and tell its end so many times."""
        assert self._sound_to
        was, self.sounds = self.sounds, False
        start = self._time
        for number in range(1, packets + ends + 1):
            end, held = (0x80, packets) if number > packets else (0, number)
            event = struct.pack(">BBH", KEYS.index(key), end | 10, 160 * held)
            marker = 0x80 if number == 1 else 0
            header = struct.pack(">BBHII", 0x80, marker | 101, next(self._seq), start, 7)
            self._rtp.sendto(header + event, self._sound_to)
            if not end:
                self._off.wait(0.02)
        self.sounds = was

    def hears(self, mu_law: bytes) -> int:
        """Wait until it has heard this, and return where it begins."""
        with self._more:
            assert self._more.wait_for(lambda: mu_law in self.heard, PATIENCE), (
                f"not heard among {len(self.heard)} bytes"
            )
            return self.heard.index(mu_law)

    def _hear(self) -> None:
        while not self._off.is_set():
            data = self._rtp.recv(2048)
            if len(data) > 12 and data[1] & 0x7F in (0, 8):
                with self._more:
                    self.heard += data[12:]
                    self._more.notify_all()

    def _sound(self) -> None:
        """Send a byte of its own all the time, as a quiet room would."""
        while not self._off.wait(0.02):
            self._time += 160
            if self._sound_to and self.sounds:
                header = struct.pack(">BBHII", 0x80, 0, next(self._seq), self._time, 7)
                self._rtp.sendto(header + self.says() * 160, self._sound_to)

    def says(self) -> bytes:
        """One byte of mu-law, another one for each phone."""
        return bytes([0x80 + self.port % 64])
