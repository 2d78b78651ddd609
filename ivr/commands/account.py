"""The account at Twilio, for the commands that ask its REST API: the one place where it is opened."""

from __future__ import annotations

from ivr.settings.account import Access
from ivr.telephony.twilio.account import Account


def open_account(access: Access) -> Account:
    """The account at Twilio; tests open another one."""
    return Account(access.account, access.key, access.secret, access.place)
