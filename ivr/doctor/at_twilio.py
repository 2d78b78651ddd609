"""Checks of the account at Twilio: all that it is asked for is read, and nothing is set."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from ivr.doctor.examined import Examined
from ivr.doctor.finding import Seen, blocking, fine, told, unknown, warning
from ivr.doctor.here import countries_dialled
from ivr.settings.account import US
from ivr.telephony.twilio import standing
from ivr.telephony.twilio.account import AccountFault
from ivr.telephony.twilio.codes import what_code_means
from ivr.telephony.twilio.plan import differences, line_webhooks, lost_connection, why_left_alone

FAST_SECONDS, OFF_SECONDS = 30, 240
"""Of the clock: hours are said by it, and a certificate is not valid by one that is far off."""
SPENT_DAYS = (30, 7)
"""Over how many days the mean cost of a day is taken: the higher one counts, as a new line has few days with a cost."""
FEW_DAYS, LAST_DAYS = 21, 3
"""For how many days the balance should last."""
QUIET_DAYS = 7
HIDDEN = frozenset({11200, 11217})
"""Codes of errors after which the fallback took the call: who rang was served, by the emergency words alone."""
MAIN_KEY = "look at it in the Twilio console; only a Main key, made there, may ask this"
FAILED = frozenset({"failed", "busy", "no-answer", "canceled"})
ENDED_BADLY = {"twilio-rejected": "rejected", "draft": "not handed in"}
APPROVED = frozenset({"twilio-approved", "provisionally-approved"})
PENDING = frozenset({"pending-review", "in-review"})


def credentials(line: Examined) -> Iterator[Seen]:
    """The account answers to our API key."""
    account = line.account_unasked
    try:
        there = standing.time_at_twilio(account)
    except AccountFault as fault:
        yield blocking(*told(str(fault)))
        return
    line.clock_off = line.clock() - there if there else None
    line.answered()
    yield fine("the account answers to the API key")


def clock(line: Examined) -> Iterator[Seen]:
    """The clock of this machine agrees with Twilio's."""
    _ = line.account
    if line.clock_off is None:
        yield unknown("Twilio did not tell the time", "see `timedatectl`: is the clock synchronised?")
        return
    off = round(line.clock_off.total_seconds())
    way = "fast" if off > 0 else "slow"
    remedy = "turn on time synchronisation: timedatectl set-ntp true"
    if abs(off) >= OFF_SECONDS:
        yield blocking(f"the clock is {_duration(abs(off))} {way}: callers would be told wrong hours", remedy)
    elif abs(off) >= FAST_SECONDS:
        yield warning(f"the clock is {_duration(abs(off))} {way}", remedy)
    else:
        yield fine("the clock is right")


def account(line: Examined) -> Iterator[Seen]:
    """The account is active, and no trial."""
    state = line.account_state
    if state is None:
        yield unknown("this API key may not ask how the account stands", MAIN_KEY)
        return
    if state.status != "active":
        yield blocking(
            f"the account is {_word(state.status)}: no call is answered", "see the console, and pay; it takes minutes"
        )
    if state.type == "Trial":
        yield blocking("it is a trial account: it rings only verified numbers, and ends", "upgrade it in the console")
    elif state.type != "Full":
        yield unknown("Twilio does not say whether it is a trial account", "look at it in the Twilio console")
    if state.status == "active" and state.type == "Full":
        yield fine("active, and no trial")


def token(line: Examined) -> Iterator[Seen]:
    """The auth token that signs calls is the one of the account."""
    tokens, state = line.settings.auth_tokens, line.account_state
    if state is None or not state.token:
        yield unknown(
            "this API key may not see the auth token",
            "ring the line once: only a right token answers; a Main key can compare",
        )
    elif hmac.compare_digest(state.token.encode(), tokens[0].encode()):
        yield fine("it is the token of the account")
    elif any(hmac.compare_digest(state.token.encode(), each.encode()) for each in tokens):
        yield warning(
            "the token of the account is the second in TWILIO_AUTH_TOKEN", "once it is rotated, leave out the other"
        )
    else:
        yield blocking(
            "TWILIO_AUTH_TOKEN is not the token of the account: every call would be refused",
            "copy the primary auth token from the console; a secondary one signs nothing until it is promoted",
        )


def region(line: Examined) -> Iterator[Seen]:
    """Our numbers are handled in the region that is asked."""
    ours, wrong = line.access.region, False
    for number, found in line.found.items():
        if (found.region or ours) != ours:
            wrong = True
            yield blocking(
                f"{line.which(number)} is handled in {found.region}, and TWILIO_REGION says {ours}",
                f"write TWILIO_REGION={found.region} with an API key of that region, or route it to {ours}",
            )
    if not wrong:
        yield fine(f"{ours}{'' if ours == US else ': its numbers, keys and alerts are apart from those of the US'}")


def number(line: Examined) -> Iterator[Seen]:
    """Each number that callers dial is ours, and takes calls."""
    problems = False
    for each, found in line.found.items():
        for what, remedy in why_left_alone(found, found.region or line.access.region):
            problems = True
            yield blocking(f"{line.which(each)} {what}", remedy)
    if not problems:
        yield fine("ours" if len(line.found) == 1 else f"all {len(line.found)} are ours")


def webhooks(line: Examined) -> Iterator[Seen]:
    """What Twilio asks for our numbers is what `ivr connect` sets."""
    wanted, right = line_webhooks(line.public, line.fallback), True
    for each, held in line.held.items():
        missing = differences(held.webhooks, wanted)
        if not missing:
            continue
        right = False
        if lost_connection(missing):
            yield warning(
                f"{line.which(each)}: Twilio dropped what follows # in the voice URL; a first request may wait 15 s",
                "run `ivr connect`; if it stays so, leave it: calls are answered all the same",
            )
        else:
            named = ", ".join(change.field.replace("_", " ").replace("url", "URL") for change in missing)
            yield blocking(f"{line.which(each)}: not as `ivr connect` sets it: {named}", "run `ivr connect`")
    if right:
        yield fine("as `ivr connect` sets them")


def caller_id(line: Examined) -> Iterator[Seen]:
    """Our number may be shown to those who are rung."""
    ours = line.settings.caller_id
    if line.found[ours].matches:
        yield fine("a number of this account")
    elif standing.is_verified(line.account, ours):
        yield fine("a number that this account has verified")
    else:
        yield blocking(
            "IVR_CALLER_ID is neither a number of this account nor verified: no contact would be rung (13214)",
            "write the number that you have at Twilio",
        )


def dialling(line: Examined) -> Iterator[Seen]:
    """Calls to the countries of our contacts are permitted, those to costly numbers are not."""
    home, right = line.content.office.country, True
    for country in sorted(countries_dialled(line), key=lambda each: (each != home, each)):
        allowed = standing.dialling(line.account, country)
        if not allowed.ordinary:
            right = False
            yield blocking(
                f"calls to {country} are not permitted: nobody there would be rung",
                "in the console: Voice, Settings, Geo permissions, tick its low-risk numbers",
            )
        if allowed.costly:
            right = False
            yield warning(
                f"calls to costly numbers in {country} are permitted",
                "in Geo permissions, untick its high-risk numbers",
            )
    if right:
        yield fine("calls to our contacts are permitted, to costly numbers not")


def other_countries(line: Examined) -> Iterator[Seen]:
    """Calls to other countries are not permitted: whoever steals a key could ring them at our cost."""
    if more := sorted(standing.dialled_countries(line.account) - countries_dialled(line)):
        named = ", ".join(more[:MOST_NAMED]) + (f" and {len(more) - MOST_NAMED} more" if len(more) > MOST_NAMED else "")
        yield warning(
            f"calls to other countries are permitted: {named}",
            "in the console: Voice, Settings, Geo permissions, untick them; a stolen key could ring them at your cost",
        )
    else:
        yield fine("calls to no other country are permitted")


MOST_NAMED = 6


def papers(line: Examined) -> Iterator[Seen]:
    """The regulatory bundle of each number is approved."""
    right = True
    for each, held in line.held.items():
        if not held.papers:
            continue
        status, until = standing.papers_of(line.account, held.papers)
        which = line.which(each)
        if status in ENDED_BADLY:
            right = False
            yield blocking(
                f"the papers of {which} are {ENDED_BADLY[status]}", "in the console: Regulatory compliance, Bundles"
            )
        elif status in PENDING:
            right = False
            yield warning(
                f"the papers of {which} are still being looked at", "wait for Twilio's answer; it may take days"
            )
        elif status not in APPROVED:
            right = False
            yield unknown(
                f"the papers of {which} are {status}", "see what that means in the console: Regulatory compliance"
            )
        if until and (until - line.now).days < FEW_DAYS:
            right = False
            yield warning(
                f"the papers of {which} are valid for {max(0, (until - line.now).days)} days", "hand in new ones"
            )
    if right:
        known = any(held.papers for held in line.held.values())
        yield fine("approved" if known else "none are asked of our numbers")


def balance(line: Examined) -> Iterator[Seen]:
    """The account has money, for weeks."""
    left, currency = standing.balance_of(line.account)
    today, cost, over = line.now.date(), Decimal(0), SPENT_DAYS[0]
    for days in SPENT_DAYS:
        if (daily := standing.spent(line.account, today - timedelta(days=days)) / days) > cost:
            cost, over = daily, days
    remedy = "top it up, and turn on auto-recharge in the console (Billing)"
    amount = f"{left:.2f} {currency}"
    if left <= 0:
        yield blocking(f"the balance is {amount}: calls end", remedy)
        return
    lasts = int(left / cost) if cost > 0 else None
    seen = amount if lasts is None else f"{amount}, at the cost of the last {over} days enough for {lasts} days"
    if lasts is not None and lasts < FEW_DAYS:
        yield (blocking if lasts < LAST_DAYS else warning)(seen, remedy)
    elif left < Decimal(LEAST_BALANCE):
        yield warning(seen, remedy)
    else:
        yield fine(seen)


LEAST_BALANCE = 10


def cost_alarm(line: Examined) -> Iterator[Seen]:
    """Somebody is told when the account costs more than it should."""
    if count := standing.cost_alarms(line.account):
        yield fine(f"{count} on what everything costs")
    else:
        yield warning(
            "nobody is told when the account costs more than usual",
            "in the console: Monitor, Usage triggers, a daily one on the total price",
        )


def alerts(line: Examined) -> Iterator[Seen]:
    """What Twilio had errors with in the last day, also where the fallback hid it from callers."""
    counts = standing.alerts(line.account, line.now - timedelta(days=1))
    for code, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        what, remedy = what_code_means(code) if code else ("an error", "see Monitor, Errors in the console")
        hidden = ", which only the fallback served" if code in HIDDEN else ""
        how_often = "once" if count == 1 else f"{count} times"
        yield warning(f"{how_often} {code or 'without a code'}: {what}{hidden}", remedy)
    if counts.total() >= standing.MOST_ALERTS:
        yield warning(
            f"there are more than these {standing.MOST_ALERTS}, which may hide others",
            "see Monitor, Errors in the console",
        )
    if not counts:
        yield fine("none in the last day")


def last_calls(line: Examined) -> Iterator[Seen]:
    """Somebody has rung the line of late, and was answered."""
    counts = Counter[str]()
    for each in line.held:
        counts += standing.calls_to(line.account, each, line.now - timedelta(days=QUIET_DAYS))
    total, failed = counts.total(), sum(counts[status] for status in FAILED)
    if not total:
        yield warning(
            f"nobody has rung in {QUIET_DAYS} days", "ring the line once from each operator, or run `ivr probe`"
        )
    elif failed:
        yield warning(
            f"of the last {total} calls, {failed} were not answered", "see the checks `alerts` and `round_trip`"
        )
    else:
        yield fine(f"the last {total} were answered" if total > 1 else "the last one was answered")


def _duration(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} s"


def _word(status: str) -> str:
    return status if status in ("suspended", "closed") else "not active"
