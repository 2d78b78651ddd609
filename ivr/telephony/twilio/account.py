"""Our account at Twilio, by its REST API. The only module that imports the client; `ivr serve` never does.

A fault is told in our own words: those of the client carry the account, and what was sent.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from requests import Timeout  # what the client itself asks with, so it is always there
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ivr.telephony.twilio.codes import MEANINGS, PERMIT
from ivr.telephony.twilio.plan import Change, Found, OurNumber, Webhooks

SECONDS = 10.0
"""How long Twilio may be silent, when a connection is made and then before each packet; the client itself waits for
ever."""
MOST_MATCHES = 50
"""How many numbers are looked through for one: the filter also finds numbers that ours is a part of."""
ANEW = "copy TWILIO_ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET anew, of one account and one region"
RUN_AGAIN = "wait a minute and run it again"
NO_TWILIO = "run it again; if it stays, look at status.twilio.com, and at a proxy between (HTTPS_PROXY)"
BY_STATUS = {
    401: ("Twilio does not know the account with this API key", f"{ANEW}; a suspended account is refused too"),
    403: ("the API key may not do this", PERMIT),
    404: ("Twilio knows no such account or number", ANEW),
    429: ("Twilio has been asked too often", RUN_AGAIN),
}


class AccountFault(Exception):
    """Twilio could not be asked, or refused. `status`: of HTTP, and `code`: Twilio's own, where there are any.

    The message has no number, no SID and no secret, and says the remedy.
    """

    def __init__(self, what: str, remedy: str, status: int | None = None, code: int | None = None) -> None:
        figures = ", ".join(
            f"{name} {value}" for name, value in (("HTTP", status), ("Twilio's code", code)) if value is not None
        )
        super().__init__(f"{what}{f' ({figures})' if figures else ''}. Remedy: {remedy}.")
        self.status, self.code, self.remedy = status, code, remedy

    @property
    def is_refusal(self) -> bool:
        """Whether Twilio has refused, so that nothing was done; else it may have been done all the same."""
        return self.status is not None and 400 <= self.status < 500


class Http:
    """How the client speaks HTTP: with a time limit, and without a log. `base`: whom tests ask in place of Twilio."""

    def __init__(self, base: str | None = None, seconds: float = SECONDS) -> None:
        quiet = logging.Logger("no log", logging.CRITICAL + 1)  # it would write addresses and what is sent
        self.date = ""
        """The time at Twilio when it last answered, as HTTP writes it; empty where it never has."""
        self._base, self._client = base, TwilioHttpClient(timeout=seconds, logger=quiet)

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        """Ask Twilio, or the one at `base` for the same path."""
        if self._base:
            url = self._base + url.split("twilio.com", 1)[1]
        answer = self._client.request(method, url, *args, **more)
        self.date = (answer.headers or {}).get("Date", "")
        return answer

    def close(self) -> None:
        """Close what is kept open."""
        self._client.session.close()


class Account:
    """The numbers of an account, asked with an API key. Every method raises AccountFault.

    `place`: the region and the edge that are asked; None is the plain address, which is in the US. `client`: the
    official client, for what asks of other things, only within `in_words`; `http`: how it speaks.
    """

    def __init__(
        self, account: str, key: str, secret: str, place: tuple[str, str] | None = None, http: Http | None = None
    ) -> None:
        self.http, (region, edge) = http or Http(), place or (None, None)
        # Every argument is given, and an environment that is not empty: else the client takes the process's own.
        self.client = Client(
            key, secret, account, region=region, edge=edge, http_client=self.http, environment={"TWILIO_REGION": ""}
        )

    def __enter__(self) -> Account:
        return self

    def __exit__(self, *exception: object) -> None:
        self.http.close()

    def find(self, number: str) -> Found:
        """What the account holds under a number in E.164, and where its calls are handled."""
        with in_words():
            listed = self.client.incoming_phone_numbers.list(phone_number=number, limit=MOST_MATCHES)
            matches = tuple(_our_number(each) for each in listed if each.phone_number == number)
        return Found(number, matches, self._region(number) if matches else None)

    def read(self, held: OurNumber) -> Webhooks:
        """What is set at a number now."""
        with in_words():
            fetched = _our_number(self.client.incoming_phone_numbers(held.sid).fetch())
            if (fetched.number, fetched.sid) != (held.number, held.sid):  # {} would read as a number with nothing set
                raise ValueError("another number")
            return fetched.webhooks

    def write(self, held: OurNumber, changes: Sequence[Change]) -> None:
        """Set what differs, and nothing else, in one request."""
        with in_words():
            self.client.incoming_phone_numbers(held.sid).update(**{each.field: each.after for each in changes})

    def _region(self, number: str) -> str | None:
        try:
            with in_words():
                routed = self.client.routes.v2.phone_numbers(number).fetch()
                if routed.phone_number != number:  # {} would read as a number that was never routed
                    raise ValueError("another number")
                if (region := text(routed.voice_region)) and not re.fullmatch("[a-z]+[0-9]+", region):
                    raise ValueError("no region")
                return region or None
        except AccountFault as fault:
            if fault.status == 404:  # it was never routed, so where it is found is where it is
                return None
            raise


def _our_number(listed: Any) -> OurNumber:
    """A number in our own values: what is not set is null or empty at Twilio, and a method POST by itself."""
    if not re.fullmatch("PN[0-9a-f]{32}", sid := text(listed.sid)):  # it becomes a part of the address that is asked
        raise ValueError("no number")
    return OurNumber(
        text(listed.phone_number),
        sid,
        Webhooks(
            voice_url=text(listed.voice_url),
            voice_method=text(listed.voice_method) or "POST",
            voice_fallback_url=text(listed.voice_fallback_url),
            voice_fallback_method=text(listed.voice_fallback_method) or "POST",
            status_callback=text(listed.status_callback),
            status_callback_method=text(listed.status_callback_method) or "POST",
        ),
        application=bool(listed.voice_application_sid),
        trunk=bool(listed.trunk_sid),
        papers=text(listed.bundle_sid),
        takes_calls=(listed.capabilities or {}).get("voice") is not False and listed.voice_receive_mode != "fax",
    )


def text(value: Any) -> str:
    """A text of an answer, empty where it is null; the client takes over a value of any type. Raises TypeError."""
    if value is None or isinstance(value, str):
        return value or ""
    raise TypeError("no text")


@contextmanager
def in_words() -> Iterator[None]:
    """Tell whatever the client raises as AccountFault, and nothing of its own words."""
    try:
        yield
    except Timeout:
        raise AccountFault(f"Twilio did not answer within {SECONDS:.0f} seconds", NO_TWILIO) from None
    except OSError:  # what requests raises are such, and also what it does where REQUESTS_CA_BUNDLE names no file
        raise AccountFault("Twilio cannot be reached, or broke off", NO_TWILIO) from None
    except TwilioException as error:
        raise _fault(*_status_and_code(error)) from None
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):  # JSON of another form, or too deep
        raise AccountFault("the answer is not Twilio's", NO_TWILIO) from None


def _status_and_code(error: TwilioException) -> tuple[int | None, int | None]:
    """Status and code of a fault of the client; a list hides them in the answer that it carries along."""
    if isinstance(status := getattr(error, "status", None), int):
        code = getattr(error, "code", None)
        return status, code if isinstance(code, int) and code != status else None
    answer = error.args[1] if len(error.args) > 1 else None
    status = getattr(answer, "status_code", None)
    try:
        told = json.loads(getattr(answer, "text", ""))
    except (ValueError, RecursionError):
        told = None
    code = told.get("code") if isinstance(told, Mapping) else None
    return status, code if isinstance(code, int) else None


def _fault(status: int | None, code: int | None) -> AccountFault:
    if found := MEANINGS.get(code or 0) or BY_STATUS.get(status or 0):
        return AccountFault(*found, status, code)
    if status is None or status < 400 or status >= 500:
        return AccountFault("Twilio has a fault, or something between us has", NO_TWILIO, status, code)
    remedy = f"look it up at www.twilio.com/docs/api/errors/{code}" if code else NO_TWILIO
    return AccountFault("Twilio refuses what was asked", remedy, status, code)
