"""Debian's baresip as a telephone without a screen: it dials, answers, presses keys, and records what it hears."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.limits import PATIENCE, until
from tests.sip.heard import RATE, Samples
from tests.sip.ports import free_port
from tests.tools import tool

MODULES = Path("/usr/lib/baresip/modules")
_TRIES = 5
_LONGEST_CALL = 480
# The library on which baresip is built encrypts at the port behind that of SIP, so two in a row are asked for. Its
# recordings are those of the filter sndfile: it needs no player, of which there is none that makes no noise.
_CONFIG = """\
poll_method epoll
net_interface 127.0.0.1
sip_listen 127.0.0.1:{sip}
ctrl_tcp_listen 127.0.0.1:{control}
call_max_calls 4
call_local_timeout 600
rtp_ports 10240-32000
rtcp_mux no
audio_player nil,nil
audio_alert nil,nil
audio_source aufile,{folder}/says.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
jitter_buffer_delay 1-10
snd_path {folder}
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
module ctrl_tcp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


@dataclass(frozen=True)
class PhoneEvent:
    """Something that baresip tells of its call, such as CALL_RINGING."""

    kind: str
    told: str


@dataclass
class Softphone:
    """A running baresip."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    control: socket.socket
    happened: list[PhoneEvent] = field(default_factory=list)
    recordings: list[Samples] = field(default_factory=list)
    """What was heard in each of its calls, in order; there when the phone has ended."""

    def __post_init__(self) -> None:
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def address(self) -> str:
        """Its SIP address, to be rung."""
        return f"sip:phone@127.0.0.1:{self.port}"

    def dial(self, address: str) -> None:
        """Call an address such as sip:kemi@127.0.0.1:5060."""
        self._order("dial", address)

    def answer(self) -> None:
        """Answer the call that rings."""
        self._order("accept")

    def hang_up(self) -> None:
        """End the call; one that rings here is refused as busy, one that rings there is cancelled."""
        self._order("hangup")

    def press(self, key: str) -> None:
        """Press a key; baresip holds it for some 180 ms."""
        self._order("sndcode", key)

    def hold(self) -> None:
        """Put the call on hold."""
        self._order("hold")

    def resume(self) -> None:
        """Take the call back from hold."""
        self._order("resume")

    def await_event(self, *kinds: str, times: int = 1) -> PhoneEvent:
        """Wait until baresip has told one of these things so often."""

        def there() -> PhoneEvent | None:
            found = [event for event in self.happened if event.kind in kinds]
            return found[times - 1] if len(found) >= times else None

        with self._more:
            assert self._more.wait_for(there, PATIENCE), f"no {' or '.join(kinds)}: {self.happened}\n{self.log()}"
            event = there()
        assert event
        return event

    def log(self) -> str:
        """What baresip wrote, without the line that it writes anew ten times a second."""
        return "\n".join(line for line in _log(self.folder).splitlines() if not line.startswith("[0:"))

    def end(self) -> None:
        """End it, and read what its calls heard."""
        if self.process.poll() is None:
            self._order("quit")
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.control.close()
        self.recordings = [_read(path) for path in sorted(self.folder.glob("dump-*-dec.wav"))]

    def _order(self, command: str, words: str = "") -> None:
        text = json.dumps({"command": command, "params": words}).encode()
        self.control.sendall(b"%d:%s," % (len(text), text))

    def _read(self) -> None:
        waiting = b""
        while data := self._received():
            waiting += data
            while b":" in waiting:
                length, _, rest = waiting.partition(b":")
                if len(rest) <= int(length):
                    break
                self._tell(json.loads(rest[: int(length)]))
                waiting = rest[int(length) + 1 :]

    def _received(self) -> bytes:
        try:
            return self.control.recv(65536)
        except OSError:
            return b""

    def _tell(self, told: Mapping[str, object]) -> None:
        if told.get("event"):
            with self._more:
                self.happened.append(PhoneEvent(str(told["type"]), str(told.get("param", ""))))
                self._more.notify_all()


def _read(path: Path) -> Samples:
    with wave.open(str(path), "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)


def _write(path: Path, samples: Samples) -> None:
    """A sound, and silence behind it: at the end of the file baresip would hang up."""
    silence = np.zeros(_LONGEST_CALL * RATE - len(samples))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate((samples, silence)).astype("<i2").tobytes())


@contextmanager
def softphone(
    *, answers: bool = False, says: Samples | None = None, codecs: Sequence[str] = ("PCMU", "PCMA")
) -> Iterator[Softphone]:
    """A baresip; it has ended when the context is left. `answers`: at once, by itself. `says`: what it sends."""
    folder = Path(tempfile.mkdtemp(prefix="baresip."))
    try:
        _write(folder / "says.wav", np.zeros(RATE) if says is None else says)
        spoken = ",".join(f"{codec.lower()}/8000/1" for codec in codecs)
        mode = "auto" if answers else "manual"
        account = f"<sip:phone@127.0.0.1>;regint=0;answermode={mode};dtmfmode=rtpevent;audio_codecs={spoken}\n"
        (folder / "accounts").write_text(account, encoding="utf-8")
        (folder / "contacts").touch()
        phone = _started(folder)
        try:
            yield phone
        finally:
            phone.end()
    finally:
        shutil.rmtree(folder)


def _started(folder: Path) -> Softphone:
    """Start it; anew with other ports where one of them was taken meanwhile."""
    for _ in range(_TRIES):
        sip, control = free_port(in_a_row=2), free_port()
        config = _CONFIG.format(sip=sip, control=control, folder=folder, modules=MODULES)
        (folder / "config").write_text(config, encoding="utf-8")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [tool("baresip"), "-f", str(folder)], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        until(lambda: process.poll() is not None or "baresip is ready" in _log(folder))  # noqa: B023 - asked in this round
        if process.poll() is None and "ctrl_tcp: failed" not in _log(folder):
            # Not sooner: a connection to a port that nobody has yet may become one with itself.
            return Softphone(folder, sip, process, socket.create_connection(("127.0.0.1", control)))
        process.kill()
        process.wait(PATIENCE)
    raise AssertionError(f"baresip does not start:\n{_log(folder)}")


def _log(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8", errors="replace")
