"""How our account at Twilio stands: what `ivr doctor` asks of it. Values out; every function raises AccountFault."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from ivr.telephony.twilio.account import MOST_MATCHES, Account, in_words, text

MOST_COUNTRIES, MOST_ALERTS, MOST_CALLS, MOST_TRIGGERS = 300, 1000, 50, 20
"""How much of a list is read."""
COUNTRY = re.compile("[A-Z]{2}")
CODE = re.compile("[0-9]{1,7}")


@dataclass(frozen=True)
class AccountState:
    """An account: `status` active, suspended or closed, `type` Trial or Full, and its auth token where that is told."""

    status: str
    type: str
    token: str = field(repr=False)


class DialPermission(NamedTuple):
    """Whether calls to a country may be made: to its ordinary numbers, and to those that cost much."""

    ordinary: bool
    costly: bool


def time_at_twilio(account: Account) -> datetime | None:
    """Ask the least there is, and say what time it was at Twilio then; None where that was not told."""
    with in_words():
        account.client.incoming_phone_numbers.list(limit=1)
    try:
        told = parsedate_to_datetime(account.http.date)
    except ValueError:
        return None
    return told if told.tzinfo else None


def state_of(account: Account) -> AccountState:
    """Status, type and token. Only a Main key may ask this."""
    with in_words():
        fetched = account.client.api.accounts(account.client.account_sid).fetch()
        state = AccountState(text(fetched.status), text(fetched.type), text(fetched.auth_token))
        if not state.status:
            raise ValueError("no account")
        return state


def is_verified(account: Account, number: str) -> bool:
    """Whether a number in E.164, that need not be ours, may be shown to whom we call."""
    with in_words():
        listed = account.client.outgoing_caller_ids.list(phone_number=number, limit=MOST_MATCHES)
        return any(each.phone_number == number for each in listed)


def dialling(account: Account, country: str) -> DialPermission:
    """What may be dialled in a country, in two letters."""
    with in_words():
        fetched = account.client.voice.v1.dialing_permissions.countries(country).fetch()
        if fetched.iso_code != country:
            raise ValueError("another country")
        return _permission(fetched)


def dialled_countries(account: Account) -> frozenset[str]:
    """The countries of which some numbers may be dialled, and be it the costly ones alone."""
    with in_words():
        listed = account.client.voice.v1.dialing_permissions.countries.list(limit=MOST_COUNTRIES)
        return frozenset(
            code for each in listed if COUNTRY.fullmatch(code := text(each.iso_code)) and any(_permission(each))
        )


def _permission(country: Any) -> DialPermission:
    costly = _known(country.high_risk_special_numbers_enabled) or _known(country.high_risk_tollfraud_numbers_enabled)
    return DialPermission(_known(country.low_risk_numbers_enabled), costly)


def papers_of(account: Account, bundle: str) -> tuple[str, datetime | None]:
    """The status of a regulatory bundle, such as twilio-approved, and until when it is valid."""
    with in_words():
        fetched = account.client.numbers.v2.regulatory_compliance.bundles(bundle).fetch()
        status, until = text(fetched.status), fetched.valid_until
        if not re.fullmatch("[a-z-]+", status) or not (until is None or isinstance(until, datetime)):
            raise ValueError("no bundle")
        return status, until


def balance_of(account: Account) -> tuple[Decimal, str]:
    """What is left in the account, and in which currency."""
    with in_words():
        fetched = account.client.balance.fetch()
        return _amount(fetched.balance), _currency(fetched.currency)


def spent(account: Account, since: date) -> Decimal:
    """What everything has cost since a day, that day included; in the currency of the account."""
    with in_words():
        records = account.client.usage.records.list(category="totalprice", start_date=since, limit=MOST_MATCHES)
        return sum((_amount(each.price) for each in records), Decimal(0))


def cost_alarms(account: Account) -> int:
    """How many alarms the account has on what everything costs; one that is not recurring fires but once."""
    with in_words():
        listed = account.client.usage.triggers.list(usage_category="totalprice", limit=MOST_TRIGGERS)
        return sum(bool(text(each.recurring)) or each.date_fired is None for each in listed)


def alerts(account: Account, since: datetime) -> Counter[int]:
    """Code, or 0 -> how often Twilio had an error with us since then. Only the list is read: the rest names callers."""
    with in_words():
        listed = account.client.monitor.v1.alerts.list(log_level="error", start_date=since, limit=MOST_ALERTS)
        return Counter(int(code) if CODE.fullmatch(code := text(each.error_code)) else 0 for each in listed)


def calls_to(account: Account, number: str, since: datetime) -> Counter[str]:
    """Status -> how many calls to a number have had it since then; the newest only."""
    with in_words():
        listed = account.client.calls.list(to=number, start_time_after=since, limit=MOST_CALLS)
        return Counter(text(each.status) for each in listed)


def _known(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither yes nor no")
    return value


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("no amount") from None
    if not amount.is_finite():
        raise ValueError("no amount")
    return amount


def _currency(value: Any) -> str:
    if not re.fullmatch("[A-Za-z]{3}", currency := text(value)):
        raise ValueError("no currency")
    return currency.upper()
