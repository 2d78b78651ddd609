"""All checks in the order in which a line comes to life, and how they are carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ivr.doctor import address, at_twilio, here, kept, running
from ivr.doctor.examined import Examined
from ivr.doctor.finding import CheckResult, Lacking, Seen, told
from ivr.telephony.twilio.account import AccountFault

Look = Callable[[Examined], Iterator[Seen]]
"""A check: what it sees. Lacking where it cannot look yet; AccountFault where Twilio does not answer it."""


class Check(NamedTuple):
    """A check and its id."""

    id: str
    look: Look


CHECKS = tuple(
    Check(look.__name__, look)
    for look in (
        here.content,
        here.environment,
        here.languages,
        here.approvals,
        here.clips,
        here.contacts,
        here.disk,
        kept.records,
        running.processes,
        kept.closings,
        running.watcher,
        address.address,
        address.certificate,
        address.round_trip,
        address.fallback,
        at_twilio.credentials,
        at_twilio.clock,
        at_twilio.account,
        at_twilio.token,
        at_twilio.region,
        at_twilio.number,
        at_twilio.webhooks,
        at_twilio.caller_id,
        at_twilio.dialling,
        at_twilio.other_countries,
        at_twilio.papers,
        at_twilio.balance,
        at_twilio.cost_alarm,
        at_twilio.alerts,
        at_twilio.last_calls,
    )
)


REFUSED = {
    401: ("this API key may not ask this (HTTP 401)", "look at it in the Twilio console, or ask with a Main key"),
    404: (
        "Twilio knows nothing of it (HTTP 404)",
        "look at it in the Twilio console; what a subaccount does not have is at the main account, such as the balance",
    ),
}
"""What it means where one question is refused: the account has answered to this key before."""


def examine(line: Examined, begins: Callable[[Check], None] = lambda _check: None) -> tuple[CheckResult, ...]:
    """What every check finds; one that finds something wrong does not also say what is right.

    `begins` is told of each check before it looks: some take seconds.
    """
    found = list[CheckResult]()
    for check in CHECKS:
        begins(check)
        seen = list(_looked(check, line))
        if any(each.state != "ok" for each in seen):
            seen = [each for each in seen if each.state != "ok"]
        found += (CheckResult(check.id, *each) for each in dict.fromkeys(seen))
    return tuple(found)


def _looked(check: Check, line: Examined) -> Iterator[Seen]:
    """What a check sees; whatever breaks in it is told, and the next one looks."""
    try:
        yield from check.look(line)
    except Lacking as lacking:
        yield Seen("waits", str(lacking))
    except AccountFault as fault:
        what, remedy = REFUSED.get(fault.status or 0) or told(str(fault))
        yield Seen("unknown", what, remedy)
    except Exception as error:  # noqa: BLE001 - of the network, the disk or ourselves: the other checks go on
        yield Seen(
            "unknown", f"the check itself failed: {type(error).__name__}", "run it again; if it stays, report it"
        )
