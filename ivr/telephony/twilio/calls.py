"""Calls that an administrator starts at Twilio, and what Twilio tells of them afterwards.

Whatever is here rings only the number that it is given. What Twilio tells holds numbers: none is kept or shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from twilio.twiml.voice_response import Play

from ivr.telephony.twilio.account import Account, AccountFault, in_words, text
from ivr.telephony.twiml.document import TwimlDocument
from ivr.telephony.twiml.events import ENDED

T = TypeVar("T")
NOT_FOUND, TOO_OFTEN, SERVER_FAULT = 404, 429, 500
EVERY = 2.0
"""Seconds between two looks at a call."""
LATE = 30.0
"""Seconds after its time limit in which a call must be told as ended, and its other leg be listed."""
LISTED, LOOK = 20 * 60.0, 30.0
"""Seconds in which the requests of a call must be listed, 15 minutes after its end, and seconds between two looks."""
WAITS = (
    "What was asked of the line, Twilio lists 15 minutes after a call, and this waits for it. Ctrl-C ends the waiting, "
    "and nothing else."
)
RINGS_LONGER = 10
"""Seconds that ringing may take longer than was asked for (docs/twilio.md, Ringing)."""
CLOCKS = timedelta(seconds=30)
"""How much earlier than a call was asked for its incoming leg may seem to have begun."""
MOST = 50
"""How many calls, requests or notifications are read: a call of ours has far fewer."""
ERROR = "0"
"""`log` of a notification that is an error, and no warning."""
SEE_NUMBER = "run `ivr connect --dry-run`, which shows what Twilio asks when the number is called"


@dataclass(frozen=True)
class StartedCall:
    """A call that Twilio has taken on. `at`: when, by Twilio's clock where it tells."""

    sid: str = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class Asked:
    """A request of Twilio to us in a call: its whole address, the key that it told, and what was answered.

    `answer` holds the numbers that a document rings: only look whether something stands in it.
    """

    url: str = field(repr=False)
    key: str = field(repr=False)
    status: int | None
    answer: str = field(repr=False)
    at: datetime | None = None


def keys_document(keys: Iterable[str], pause: int) -> str:
    """TwiML that waits `pause` seconds before each key and after the last, and then hangs up."""
    document = TwimlDocument()
    document.pause(length=pause)
    for key in keys:
        document.append(Play(digits=key))
        document.pause(length=pause)
    document.hangup()
    return str(document)


class Calls:
    """Starts calls of an account, and looks what became of them. Every method raises AccountFault.

    `sleep`: waits some seconds.
    """

    def __init__(self, account: Account, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._sleep = account.client, sleep

    def start(self, to: str, shown: str, *, rings: int, limit: int, **says: str) -> StartedCall:
        """Ring a number, `rings` seconds long; the call ends after `limit`. `says`: `twiml`, or `url` of a document."""
        asked_at = datetime.now(UTC)
        with in_words():
            call = self._client.calls.create(to=to, from_=shown, timeout=rings, time_limit=limit, **says)
            return StartedCall(_sid(call.sid), _moment(call.date_created) or asked_at)

    def end(self, sid: str, seconds: float, tell: Callable[[str], None]) -> str | None:
        """Wait until a call has ended, for some seconds; its last status, or None. Each new status is told."""
        before = [""]

        def ended() -> str | None:
            with in_words():
                status = text(self._client.calls(sid).fetch().status)
            if status != before[0]:
                tell(status)
            before[0] = status
            return status if status in ENDED else None

        return self.until(ended, seconds)

    def lasted(self, sid: str) -> int:
        """How many seconds an ended call took from its answer on."""
        with in_words():
            return int(text(self._client.calls(sid).fetch().duration) or 0)

    def incoming(self, to: str, shown: str, since: datetime) -> str | None:
        """The other leg of a call that was started: the newest that came in at a number of ours, if there is one."""
        with in_words():
            listed = self._client.calls.list(to=to, from_=shown, start_time_after=since - CLOCKS, limit=MOST)
            came = [
                (_moment(each.start_time) or since, _sid(each.sid)) for each in listed if each.direction == "inbound"
            ]
        newest = max(came, default=None)
        return newest[1] if newest and newest[0] >= since - CLOCKS else None

    def asked(self, sid: str) -> tuple[Asked, ...]:
        """What Twilio asked in a call, the first request first, however Twilio lists them; waits until it is listed."""
        if not self.until(lambda: self._asked(sid), LISTED, LOOK):
            return ()
        self._sleep(LOOK)  # what was listed just now may not have been all
        return self._asked(sid)

    def _asked(self, sid: str) -> tuple[Asked, ...]:
        try:
            with in_words():
                listed = self._client.calls(sid).events.list(limit=MOST)
                found = [_asked(each.request or {}, each.response or {}) for each in listed]
        except AccountFault as fault:
            if fault.status == NOT_FOUND:  # not yet
                return ()
            raise
        first, last = (found[0].at, found[-1].at) if found else (None, None)
        return tuple(reversed(found) if first and last and first > last else found)

    def codes(self, sid: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The codes of the errors of a call, and those of its warnings."""
        with in_words():
            listed = self._client.calls(sid).notifications.list(limit=MOST)
            coded = [(text(each.log), int(text(each.error_code) or 0)) for each in listed]
        errors, warnings = (
            dict.fromkeys(code for log, code in coded if (log == ERROR) is wanted) for wanted in (True, False)
        )
        return tuple(errors), tuple(warnings)

    def until(self, look: Callable[[], T | None], seconds: float = LATE, every: float = EVERY) -> T | None:
        """Look until something is there, for some seconds. One look that fails is no reason to stop looking."""
        for left in range(round(seconds / every), -1, -1):
            try:
                if (found := look()) or not left:
                    return found
            except AccountFault as fault:
                known = fault.status is not None and fault.status < SERVER_FAULT and fault.status != TOO_OFTEN
                if known or not left:
                    raise
            self._sleep(every)
        return None


def _sid(value: Any) -> str:
    if not re.fullmatch("CA[0-9a-f]{32}", sid := text(value)):  # it becomes a part of the address that is asked
        raise ValueError("no call")
    return sid


def _moment(value: Any) -> datetime | None:
    """A moment as the client reads it; it leaves a text that it cannot read as it is."""
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _asked(request: Mapping[str, Any], response: Mapping[str, Any]) -> Asked:
    """A request in our own values. Twilio's example has parameters in small letters with _; both ways are read."""
    url, told = _address(text(request.get("url"))), request.get("parameters") or {}
    key = next((text(value) for name, value in told.items() if name.lower().replace("_", "") == "digits"), "")
    status, answer = response.get("response_code"), response.get("response_body")
    try:
        moment = datetime.strptime(text(response.get("date_created")), "%a, %d %b %Y %H:%M:%S %z")
    except ValueError:
        moment = None
    status = status if isinstance(status, int) else None
    return Asked(url, key, status, answer if isinstance(answer, str) else "", moment)


def _address(url: str) -> str:
    """An address, or nothing where it cannot be read as one."""
    try:
        urlsplit(url)
    except ValueError:
        return ""
    return url


def path_of(asked: Asked, public_url: str) -> str | None:
    """The path of a request below our public address; None where it went elsewhere."""
    ours, parts = urlsplit(public_url), urlsplit(asked.url)
    if (parts.hostname, parts.path.startswith(f"{ours.path}/")) != (ours.hostname, True):
        return None
    return parts.path.removeprefix(ours.path)
