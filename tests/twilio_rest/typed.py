"""`ivr` as it is typed, with the account at a server of the tests: `python -m tests.twilio_rest.typed BASE connect`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from unittest.mock import patch

from ivr.commands import main
from ivr.settings.account import Access
from ivr.telephony.twilio.account import SECONDS, Account, Http


def opens(base: str, seconds: float = SECONDS) -> Callable[[Access], Account]:
    """What opens the account at a server in place of Twilio."""
    return lambda access: Account(access.account, access.key, access.secret, access.place, Http(base, seconds))


if __name__ == "__main__":
    with patch("ivr.commands.account.open_account", opens(sys.argv[1])):
        main(sys.argv[2:])
