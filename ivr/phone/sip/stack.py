"""The SIP stack: one user agent on an asyncio loop in a thread of its own, and its calls, for use by other threads."""

import asyncio
import errno
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from ipaddress import IPv4Network
from typing import Any, TypeVar

from baresip import (
    Account,
    BaresipError,
    Call,
    CallState,
    Config,
    Event,
    Runtime,
    StackEvent,
    StaleHandleError,
    UserAgent,
)
from baresip.errors import NoLocalAddressError

from ivr.phone.sip import allowed as allowed_networks
from ivr.phone.sip.media import CallSound
from ivr.phone.sip.presentable import presentable
from ivr.phone.sip.refusals import Refusals

NAME = "kemi"
"""The user part of the line's own SIP address; any other name rings it too."""
RTP_PORTS = (10_000, 11_999)
"""UDP ports for sound; each leg takes two of them."""
MOST_LEGS = 200
COMMAND_SECONDS = 10.0
"""How long a call waits for the stack to begin to ring a phone."""
ENDING_SECONDS = 30.0
"""How long any command may take. The end of a leg keeps the stack for a packet or two of its sound, and others wait
behind it: MOST_LEGS that end at once need some seconds."""
CLOSING_SECONDS = 1.2
"""How long the stack stays open after the last leg that it ended itself: a BYE that is lost is sent again after half
a second."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class GatewayFault(Exception):
    """The gateway cannot begin, or cannot go on; its words say what to do."""


Happened = Callable[[StackEvent], None]
"""Takes what happens to a call, in the thread of the stack: it must not block."""


class StackCall:
    """One call of the stack, from or to a phone. Any thread may use it; no method waits for its effect.

    `happened` is told what happens to it until it is over; the user of the call sets it.
    """

    def __init__(self, stack: "SipStack", call: Call) -> None:
        self._stack, self._call = stack, call
        self.peer = presentable(call.peer or "an unknown caller")
        self.sound: CallSound = call.audio
        self.happened: Happened = lambda _event: None
        self._responded = call.state is CallState.INCOMING
        self._ends = self._over = False

    def answer(self) -> None:
        """Answer a call from a phone; Event.CALL_ESTABLISHED or CALL_CLOSED tells what becomes of it."""
        self._stack.give(self._answer())

    def reject(self) -> None:
        """Refuse a call from a phone as busy (486); it is the only refusal that the stack has."""
        self._stack.give(self._reject())

    def hang_up(self) -> None:
        """End the call, whatever its state; nothing happens if it is over.

        A phone that has not told yet that it rings cannot be sent a CANCEL, and the stack would forget it: it would
        ring on. It is sent one when it tells.
        """
        self._stack.give(self._hang_up())

    def takes(self, event: StackEvent) -> None:
        """Take what happens to the call."""
        if event.event in _RESPONSES and not self._responded:
            self._responded = True
            if self._ends:
                self.hang_up()
        if event.event is Event.CALL_CLOSED:
            self._over = True
            if event.text == _SILENT:
                self._stack.tell_of_silence(self.peer)
            self._stack.unanswered.discard(self)
        if event.event is Event.CALL_CLOSED or not self._ends:
            self.happened(event)

    async def _answer(self) -> None:
        try:
            await self._call.answer()
        except StaleHandleError:  # the phone has hung up, and that was told
            pass
        except BaresipError as fault:
            log.warning("%s: the call cannot be answered: %s", self.peer, fault)
            await self._end(self._call.hangup())

    async def _reject(self) -> None:
        await self._end(self._call.reject())

    async def _hang_up(self) -> None:
        self._ends = True
        if self._responded:
            self._stack.unanswered.discard(self)
            await self._end(self._call.hangup())
        elif not self._over:
            self._stack.unanswered.add(self)

    async def _end(self, command: Coroutine[Any, Any, None]) -> None:
        self._stack.ending += 1
        try:
            await command
            self._stack.last_end = time.monotonic()
        except BaresipError as gone:  # it has ended already, and that was told
            log.debug("%s: %s", self.peer, gone)
        finally:
            self._stack.ending -= 1


_SILENT = "rtp stream error"
"""Why the stack ends a call from whose phone no sound comes."""
_RESPONSES = (Event.CALL_RINGING, Event.CALL_PROGRESS, Event.CALL_ANSWERED, Event.CALL_ESTABLISHED)
Taker = Callable[[StackCall], None]
"""Takes a new call and sets its `happened`, in the thread of the stack."""


class SipStack:
    """The stack, from `open` to `close`; only one may be open in a process. Any thread may use it.

    `incoming` takes each new call; `tell` takes words about a phone that the stack refused, or could not ring; `lost`
    is called if the stack fails as a whole.
    """

    def __init__(
        self,
        listen: tuple[str, int],
        allowed: Sequence[IPv4Network],
        rtp_timeout: int,
        incoming: Taker,
        tell: Callable[[str], None],
        lost: Callable[[], None],
    ) -> None:
        self._host, self.port = listen
        self._rtp_timeout, self._incoming, self._lost = rtp_timeout, incoming, lost
        self.tell, self._refusals = tell, Refusals(self._host, tell)
        self._program = allowed_networks.only_from(allowed_networks.who_may_ring(self._host, allowed))
        self._opened = Future[None]()
        self._closes = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runtime: Runtime | None = None
        self._agent: UserAgent | None = None
        self.unanswered = set[StackCall]()
        """Calls to phones that are to be ended and have not responded at all."""
        self.last_end = 0.0
        """When it last ended a leg, in monotonic time."""
        self.ending = 0
        """How many legs it has been told to end and has not ended yet."""
        self.failed = False
        self._thread = threading.Thread(target=self._run_loop, name="sip-stack", daemon=True)

    def open(self) -> None:
        """Begin to listen; GatewayFault if that is impossible."""
        self.port = free_port(self._host, self.port)
        self._thread.start()
        self._opened.result()

    def close(self) -> None:
        """End what calls are left, let their last requests arrive, and free the ports."""
        if self._loop:
            with suppress(RuntimeError):  # its loop has ended
                self._loop.call_soon_threadsafe(self._closes.set)
        self._thread.join()

    def tell_of_silence(self, peer: str) -> None:
        """Tell that the call of a phone was ended because no sound came from it: it looks as if it had hung up."""
        self.tell(
            f"{peer} sent no sound for {self._rtp_timeout} s, so its call was ended. Remedy: silence suppression (VAD) "
            "off in the telephone; let in UDP, the ports of the sound"
        )

    def dial(self, address: str, taker: Taker) -> bool:
        """Begin to ring a phone; False if that is impossible, and then `taker` is given no call."""
        dialling = self.give(self._dial(address, taker))
        try:
            return bool(dialling and dialling.result(COMMAND_SECONDS))
        except (TimeoutError, CancelledError):
            log.exception("%s: the SIP stack did not begin to ring", address)
            return False

    def give(self, command: Coroutine[Any, Any, T]) -> Future[T] | None:
        """Let the thread of the stack run a command; None if the stack is closed."""
        try:
            if self._loop:
                return asyncio.run_coroutine_threadsafe(command, self._loop)
        except RuntimeError:  # its loop has ended
            pass
        command.close()
        return None

    def _run_loop(self) -> None:
        try:
            with self._refusals.listening():
                asyncio.run(self._main())
        except BaseException as fault:  # the thread that opens the stack raises it
            if self._opened.done():
                log.exception("the SIP stack failed")
                self._died()
            else:
                self._opened.set_exception(fault)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        runtime = Runtime(command_timeout=ENDING_SECONDS)
        runtime.on_dead = self._died
        others = {_inode(sock) for sock in allowed_networks.own_sockets(lambda _sock: True)}
        try:
            await runtime.start(self._config())
        except BaresipError as fault:
            raise GatewayFault(f"the SIP stack does not start on {self._host}:{self.port}: {fault}") from fault
        try:
            self._guard(lambda sock: _inode(sock) not in others)
            self._runtime, self._agent = runtime, await self._new_agent(runtime)
            self._opened.set_result(None)
            await self._closes.wait()
            await self._last_requests()
        finally:
            await runtime.close()

    async def _last_requests(self) -> None:
        """Wait until each leg is ended, a short time for phones that have not responded, and for lost requests."""
        while self.ending:
            await asyncio.sleep(0.02)
        until = time.monotonic() + CLOSING_SECONDS
        while self.unanswered and time.monotonic() < until:
            await asyncio.sleep(0.02)
        await asyncio.sleep(max(0.0, self.last_end + CLOSING_SECONDS - time.monotonic()))

    def _config(self) -> Config:
        return Config(
            net_interface=self._host,
            max_concurrent_calls=MOST_LEGS,
            rtp_timeout=self._rtp_timeout,
            native_log_level="info",  # the least that tells why a phone was refused
            extra_config_text="\n".join(
                (
                    f"sip_listen {self._host}:{self.port}",
                    "sip_transports udp",
                    "net_af ipv4",
                    f"rtp_ports {RTP_PORTS[0]}-{RTP_PORTS[1]}",
                    "call_hold_other_calls no",
                    "call_local_timeout 0",
                    "audio_jitter_buffer_type fixed",  # for talks: keys do not pass through it
                    "audio_jitter_buffer_ms 40-200",
                )
            ),
        )

    async def _new_agent(self, runtime: Runtime) -> UserAgent:
        account = Account(
            user=NAME,
            domain=f"{self._host}:{self.port}",
            password="",
            reg_interval=0,
            # catchall: whatever name is dialled rings us. video_codecs without any: no video; a call that was
            # offered a video stream and answered without one is renegotiated by the stack after 100 ms.
            extra_params=("catchall=yes", "video_codecs"),
        )
        agent = await UserAgent.create(runtime, account, transfer_policy="reject")
        agent.on_incoming(self._takes)
        return agent

    def _takes(self, call: Call) -> None:
        self._guard(_is_for_sound)
        self._tell(call, self._incoming)

    async def _dial(self, address: str, taker: Taker) -> bool:
        runtime, agent = self._runtime, self._agent
        if runtime is None or agent is None:
            return False
        seen: list[StackEvent] = []
        runtime.subscribe(seen.append)
        try:
            call = await agent.dial(address)
        except BaresipError as fault:
            no_way = isinstance(fault, NoLocalAddressError)
            self.tell(f"{address} cannot be rung: {f'there is no way to it from {self._host}' if no_way else fault}")
            return False
        finally:
            runtime.unsubscribe(seen.append)
        self._guard(_is_for_sound)
        dialled = self._tell(call, taker)
        for event in seen:  # what happened before the call's own events could be asked for
            if event.call == call.handle:
                dialled.takes(event)
                if event.event is Event.CALL_CLOSED:
                    runtime.unsubscribe(call._on_stack_event)  # it waits for a CALL_CLOSED that is past
        return True

    def _tell(self, call: Call, taker: Taker) -> StackCall:
        new = StackCall(self, call)
        taker(new)
        call.on(new.takes)
        return new

    def _guard(self, wanted: Callable[[socket.socket], bool]) -> None:
        """Filter sockets of the stack."""
        for sock in allowed_networks.own_sockets(lambda sock: sock.type == socket.SOCK_DGRAM and wanted(sock)):
            allowed_networks.attach(sock, self._program)

    def _died(self) -> None:
        self.failed = True
        self._lost()


def _inode(sock: socket.socket) -> int:
    """What tells one socket from another, whatever copies of it there are."""
    return os.fstat(sock.fileno()).st_ino


def _is_for_sound(sock: socket.socket) -> bool:
    """Whether a socket carries the sound of a call: the stack opens them for every sender, whatever it listens on."""
    return sock.family == socket.AF_INET and RTP_PORTS[0] <= sock.getsockname()[1] <= RTP_PORTS[1]


def free_port(host: str, port: int) -> int:
    """The port if it can be listened on, or any free one for 0; GatewayFault if it is not free."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError as fault:
            remedy = {
                errno.EADDRINUSE: "another program listens there; end it, or name another port",
                errno.EADDRNOTAVAIL: "that is no address of this machine",
                errno.EACCES: "only root may listen there; name a port from 1024 on",
            }.get(fault.errno or 0, os.strerror(fault.errno or 0))
            raise GatewayFault(f"{host}:{port}: {remedy}") from fault
        bound: int = probe.getsockname()[1]
        return bound
