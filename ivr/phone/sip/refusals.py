"""Telephones that the SIP stack refuses by itself: why, in words, from what it logs.

The stack answers an offer of sound that it cannot take (488, 500) before anybody else hears of the call. It tells
only its log, in words of its own version; whoever sits at the telephone would else hear "busy" and find no reason.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ivr.phone.sip.presentable import presentable

LOGGER = logging.getLogger("baresip.native")
REASONS = (
    (
        re.compile(r"ua: no laddr for (?P<place>\S+)"),
        "its sound is at {place}, which cannot be reached from {host}. Remedy: --sip with this machine's address in "
        "the network of the telephone, and that address dialled; else STUN and VPN off in the telephone",
    ),
    (
        re.compile(r"ua: address family AF_INET6 not supported"),
        "it offers its sound by IPv6 only. Remedy: IPv6 off in the telephone",
    ),
    (
        re.compile(r"call: no common audio or video codecs"),
        "it offers no sound that the line has. Remedy: G.711 (PCMA or PCMU) on and encryption (SRTP) off in the "
        "telephone",
    ),
    (
        re.compile(r"ua: call from \S+ rejected with 420 -- option-tag '(?P<tag>[^']*)'"),
        "it requires '{tag}', which the line has not. Remedy: 100rel (PRACK) and session timers off in the telephone, "
        "or optional",
    ),
)
"""What the stack logs, and what it means."""
SAYS_NOTHING = re.compile(r"ua: call_alloc: |jbuf: invalid ts_arrive header")
"""What the stack logs beside it, and what it logs of calls that are well."""

log = logging.getLogger(__name__)


class Refusals(logging.Handler):
    """Tells why a telephone was refused. Other warnings of the stack go to this module's logger."""

    def __init__(self, host: str, tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._host, self._tell = host, tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell what a line of the stack's log means."""
        text = presentable(record.getMessage())
        for pattern, words in REASONS:
            if found := pattern.search(text):
                self._tell(f"a telephone was refused: {words.format(host=self._host, **found.groupdict())}")
                return
        if record.levelno >= logging.WARNING and not SAYS_NOTHING.search(text):
            log.warning("the SIP stack: %s", text)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to the stack's log for the time of a with block; it is then told to nobody else."""
        level, propagates = LOGGER.level, LOGGER.propagate
        LOGGER.addHandler(self)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False
        try:
            yield
        finally:
            LOGGER.removeHandler(self)
            LOGGER.setLevel(level)
            LOGGER.propagate = propagates
