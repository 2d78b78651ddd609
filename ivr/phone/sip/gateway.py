"""The gateway: real telephones ring the line on this machine's own network, and the line rings contacts' phones."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Network
from types import TracebackType
from typing import Self

from ivr.phone.sip.allowed import check_reach
from ivr.phone.sip.call import Exchange, SipCall, SoundOf, WithoutPhone
from ivr.phone.sip.media import MediaThread
from ivr.phone.sip.stack import NAME, GatewayFault, SipStack, StackCall

__all__ = ["Gateway", "GatewayFault", "SipCall", "WithoutPhone"]

CALLS_END_SECONDS = 15.0
"""How long calls that were hung up may take to end: each posts its last webhooks."""

log = logging.getLogger(__name__)


class Gateway:
    """A context in which phones can call; one at a time in a process.

    `listen`: IPv4 address and UDP port; port 0 is any free one. `phones`: a contact's number and the SIP address that
    is rung for it. `allowed`: the private networks whose phones may call, beside this machine. `tell`: takes words
    about a phone that rang and whose sound the line cannot take, or that could not be rung. `rtp_timeout`: seconds
    without any sound or report from a phone after which its call is taken to be over. ValueError tells all that is
    wrong with these. GatewayFault when the context begins: it cannot listen there.
    """

    def __init__(
        self,
        listen: tuple[str, int],
        *,
        phones: Mapping[str, str],
        allowed: Sequence[IPv4Network],
        sound_of: SoundOf,
        without_phone: WithoutPhone,
        tell: Callable[[str], None] = log.warning,
        rtp_timeout: int = 60,
    ) -> None:
        check_reach(listen, allowed, phones)
        self._host = listen[0]
        self._stack = SipStack(listen, allowed, rtp_timeout, self._takes, tell, self.stop)
        self._phones, self._sound_of, self._without_phone = phones, sound_of, without_phone
        self._exchange: Exchange | None = None
        self._calls = queue.SimpleQueue[SipCall | None]()
        self._carried: dict[threading.Thread, SipCall] = {}
        self._ends = False

    @property
    def port(self) -> int:
        """The UDP port on which it listens."""
        return self._stack.port

    @property
    def address(self) -> str:
        """The line's SIP address."""
        return f"sip:{NAME}@{self._host}:{self.port}"

    def __enter__(self) -> Self:
        """Begin to listen; GatewayFault if that is impossible."""
        media = MediaThread()
        self._exchange = Exchange(self._stack, media, self._phones, self._sound_of, self._without_phone)
        try:
            self._stack.open()
        except BaseException:
            media.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Hang up every leg, wait for the calls to end, and free the ports."""
        self.stop()
        for call in [*self._carried.values(), *self._waiting()]:
            call.end()
        until = time.monotonic() + CALLS_END_SECONDS
        for thread in list(self._carried):
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                log.error("a call did not end within %s s; its thread is left behind", CALLS_END_SECONDS)
        self._stack.close()
        if self._exchange:
            self._exchange.media.close()

    def _waiting(self) -> list[SipCall]:
        """The calls that nobody has begun to serve."""
        calls: list[SipCall] = []
        while True:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                return calls
            if call:
                calls.append(call)

    def serve(self, on_call: Callable[[SipCall], None]) -> None:
        """Run `on_call` for each call, in a thread of its own, until `stop`; GatewayFault if the stack fails.

        When `on_call` returns or raises, every leg of its call is ended.
        """
        while call := self._calls.get():
            thread = threading.Thread(target=self._carry, args=(on_call, call), name="sip-call", daemon=True)
            self._carried[thread] = call
            thread.start()
        if self._stack.failed:
            raise GatewayFault("the SIP stack failed; start again")

    def stop(self) -> None:
        """Let `serve` return; any thread and any signal handler may call it."""
        self._ends = True
        self._calls.put(None)

    def _takes(self, call: StackCall) -> None:
        """Take a new call; the phone rings until it is answered. Runs in the thread of the stack."""
        assert self._exchange is not None  # the stack opens after it is made  # noqa: S101
        if self._ends:
            call.reject()
        else:
            self._calls.put(SipCall(self._exchange, call))

    def _carry(self, on_call: Callable[[SipCall], None], call: SipCall) -> None:
        try:
            on_call(call)
        except Exception:
            log.exception("the call of %s broke", call.peer)
        finally:
            call.end()
            self._carried.pop(threading.current_thread(), None)
