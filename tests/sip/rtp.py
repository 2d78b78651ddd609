"""The tests' own end of the sound of a call: it keeps each packet with its time, and sends keys and sounds (RFC 3550,
RFC 4733). Seconds of a moment are those of `time.time()`, as SIPp's trace has them."""

from __future__ import annotations

import contextlib
import heapq
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tests.limits import PATIENCE, until
from tests.sip.scenario import KEYS, LAW

Address = tuple[str, int]

PACKET_SECONDS = 0.02
SAMPLES = 160
RATE = 8000
SILENCE = {LAW["PCMU"]: 0xFF, LAW["PCMA"]: 0xD5}
_SO_TIMESTAMPNS = 35
"""Linux tells with each packet when it came, however late it is read."""
_HEADER = struct.Struct(">BBHII")
_EVENT = struct.Struct(">BBH")
DIGITS = "0123456789*#"


@dataclass(frozen=True)
class Packet:
    """One RTP packet as it came in."""

    at: float
    kind: int
    marked: bool
    number: int
    stamp: int
    source: int
    payload: bytes


def parse_packet(at: float, data: bytes) -> Packet | None:
    """A packet of its bytes; None if it is no RTP of the kinds that a telephone sends."""
    if len(data) < _HEADER.size or data[0] != 0x80:
        return None
    _, kind, number, stamp, source = _HEADER.unpack_from(data)
    return Packet(at, kind & 0x7F, kind >= 0x80, number, stamp, source, data[_HEADER.size :])


def arrivals(opened: socket.socket) -> tuple[bytes, Address, float]:
    """The next datagram of a socket of `media_socket`, whence it is, and when it came."""
    data, extra, _, address = opened.recvmsg(2048, 64)
    for level, kind, value in extra:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", value)
            return data, address, seconds + nanoseconds / 1e9
    return data, address, time.time()


def media_socket() -> socket.socket:
    """A UDP socket at a free port, an even one as RTP has it, and room for what comes while nobody reads."""
    for _ in range(50):
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.bind(("127.0.0.1", 0))
        if opened.getsockname()[1] % 2 == 0:
            opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            return opened
        opened.close()
    raise OSError("no free even port")


@dataclass
class RtpEnd:
    """One phone's sound. `port`: what its SDP names. `speak`: sounds that are sent; else silence."""

    law: str = "PCMU"
    packets: list[Packet] = field(default_factory=list)
    peer: Address | None = None

    def __post_init__(self) -> None:
        self._socket = media_socket()
        self.port = int(self._socket.getsockname()[1])
        self._source = random.Random(self.port).getrandbits(32)  # noqa: S311 - names a stream, hides nothing
        self._number, self._stamp = 0, 160
        self._sound = b""
        self._keys = list[tuple[str, float, frozenset[int]]]()
        self._ended = threading.Event()
        self._sends = threading.Event()
        self._sent = list[tuple[float, int]]()
        self._threads = [threading.Thread(target=run) for run in (self._receive, self._send)]

    def __enter__(self) -> RtpEnd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._socket.sendto(b"", ("127.0.0.1", self.port))  # wakes the thread that receives
        for thread in self._threads:
            thread.join(PATIENCE)
        self._socket.close()

    # What is heard

    def _receive(self) -> None:
        while not self._ended.is_set():
            data, address, at = arrivals(self._socket)
            if packet := parse_packet(at, data):
                if self.peer is None:
                    self.peer = address
                self.packets.append(packet)

    def sounds(self) -> list[Packet]:
        """The packets with sound, as they came."""
        return [packet for packet in self.packets if packet.kind == LAW[self.law]]

    def heard(self) -> bytes:
        """All sound in the order of its time stamps; what was lost or never sent is silence."""
        sound, silence = bytearray(), bytes([SILENCE[LAW[self.law]]])
        for begin, packet in self._in_order():
            sound += silence * (begin - len(sound))
            sound += packet.payload
        return bytes(sound)

    def came(self, sample: int) -> float:
        """When the packet came that holds this sample of `heard`."""
        return next(packet.at for begin, packet in self._in_order() if begin <= sample < begin + len(packet.payload))

    def _in_order(self) -> list[tuple[int, Packet]]:
        """The packets of sound by their time stamps, counted from the first that came."""
        sounds = self.sounds()
        places = {(packet.stamp - sounds[0].stamp) & 0xFFFFFFFF: packet for packet in sounds}
        return sorted((begin, packet) for begin, packet in places.items() if begin < 1 << 31)

    def await_sound(self, packets: int = 1) -> None:
        """Wait until so many packets of sound have come."""
        until(lambda: len(self.sounds()) >= packets, lambda: f"{len(self.packets)} packets came")

    # What is sent

    def start_sending(self) -> None:
        """Send a packet each 20 ms from now on: keys, a sound, else silence. Its peer must be known."""
        assert self.peer, "no packet came yet, and nobody told the address"
        self._sends.set()

    def speak(self, sound: bytes) -> None:
        """Send a sound in its law; it begins with the next packet."""
        self._sound = sound

    def press(self, key: str, seconds: float = 0.1, lost: Collection[int] = ()) -> None:
        """Press a key for so long. `lost`: which of its packets are never sent, counted from 0; -1 is the last."""
        self._keys.append((key, seconds, frozenset(lost)))

    def presses(self) -> list[tuple[float, int]]:
        """When the first packet of each key was sent, and its event number."""
        return list(self._sent)

    def _send(self) -> None:
        while not self._sends.wait(0.05):
            if self._ended.is_set():
                return
        due = time.monotonic()
        event: Iterator[bytes | None] | None = None
        while not self._ended.is_set():
            if event is None and self._keys:
                event = self._event(*self._keys.pop(0))
            packet = next(event, None) if event else None
            if event and packet is None:
                event = None
            self._put(packet if event else self._next_sound())
            due += PACKET_SECONDS
            self._ended.wait(max(0.0, due - time.monotonic()))

    def _put(self, packet: bytes | None) -> None:
        self._stamp += SAMPLES
        if packet and self.peer:
            self._socket.sendto(packet, self.peer)

    def _packet(self, kind: int, stamp: int, payload: bytes, *, marked: bool = False) -> bytes:
        self._number = (self._number + 1) & 0xFFFF
        return (
            _HEADER.pack(0x80, kind | (0x80 if marked else 0), self._number, stamp & 0xFFFFFFFF, self._source) + payload
        )

    def _next_sound(self) -> bytes:
        law = LAW[self.law]
        now, self._sound = self._sound[:SAMPLES], self._sound[SAMPLES:]
        return self._packet(law, self._stamp, now.ljust(SAMPLES, bytes([SILENCE[law]])))

    def _event(self, key: str, seconds: float, lost: frozenset[int]) -> Iterator[bytes]:
        """The packets of one key, a packet each 20 ms, the last one three times (RFC 4733, 2.5.1.4)."""
        number, begin = DIGITS.index(key), self._stamp
        held = max(1, round(seconds / PACKET_SECONDS))
        packets = [*range(1, held + 1), held, held]
        for index, length in enumerate(packets):
            ends = index >= held - 1
            payload = _EVENT.pack(number, (0x80 if ends else 0) | 10, length * SAMPLES)
            packet = self._packet(KEYS, begin, payload, marked=index == 0)
            if index == 0:
                self._sent.append((time.time(), number))
            yield b"" if index in lost or index - len(packets) in lost else packet


class Relay:
    """Takes the sound of one call both ways, and loses, delays and so reorders packets, by a seed.

    `outside`: the port that the SDP of the tests' phone names; `inside`: where that phone sends to.
    """

    def __init__(self, seed: int, phone: Address, *, loss: float = 0.03, jitter: float = 0.04) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same at each run
        self._phone, self._loss, self._jitter = phone, loss, jitter
        self._line: Address | None = None
        self._out, self._in = media_socket(), media_socket()
        self.outside, self.inside = (opened.getsockname()[1] for opened in (self._out, self._in))
        self.passed = self.lost = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._in.sendto(b"", ("127.0.0.1", self.inside))
        self._thread.join(PATIENCE)
        self._out.close()
        self._in.close()

    def _run(self) -> None:
        waiting = list[tuple[float, int, bytes, bool]]()
        for opened in (self._out, self._in):
            opened.setblocking(False)
        while not self._ended.is_set():
            patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 1.0
            ready, _, _ = select.select([self._out, self._in], [], [], patience)
            for opened in ready:
                self._take(opened, waiting)
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, data, from_line = heapq.heappop(waiting)
                self._pass_on(data, from_line=from_line)

    def _take(self, opened: socket.socket, waiting: list[tuple[float, int, bytes, bool]]) -> None:
        with contextlib.suppress(BlockingIOError):
            data, address, _ = arrivals(opened)
            from_line = opened is self._out
            if from_line:
                self._line = address
            if not data or self._random.random() < self._loss:
                self.lost += bool(data)
                return
            self.passed += 1
            due = time.monotonic() + self._random.uniform(0.0, self._jitter)
            heapq.heappush(waiting, (due, self.passed, data, from_line))

    def _pass_on(self, data: bytes, *, from_line: bool) -> None:
        if from_line:
            self._in.sendto(data, self._phone)
        elif self._line:
            self._out.sendto(data, self._line)
