"""Checks of what the office has decided: the records, and what the line has read of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from ivr.core.closing import Change, Closing, StandIn
from ivr.core.office import PHONE
from ivr.doctor.examined import Examined
from ivr.doctor.finding import Lacking, Seen, fine, unknown, warning
from ivr.live.closings import LONGEST, unfit
from ivr.records.closings import KeptClosing, Records
from ivr.records.faults import RecordsFault
from ivr.records.mirror import FILE, from_bytes
from ivr.settings.read import SPARE

LONG = timedelta(days=14)
"""From so long on nobody may remember that the phone is closed by hand."""
TAKES_OVER = timedelta(seconds=20)
"""A line takes a change over within ten seconds."""
WITHDRAW = "see `ivr closings`, and withdraw it: `ivr open --id {}`"


def records(line: Examined) -> Iterator[Seen]:
    """The database answers, can be written, and has the tables of this version of the program."""
    try:
        standing = Records.look(line.env)
    except RecordsFault as fault:
        yield warning(fault.what, fault.remedy)
        return
    match standing:
        case "none":
            yield fine("there are none yet: nobody has closed anything by hand")
        case "older":
            yield warning(
                "the records have the tables of an earlier version", "run `ivr closings`: it brings them up to date"
            )
        case "newest":
            yield fine("the records can be read and written")


def closings(line: Examined) -> Iterator[Seen]:
    """What the office has closed is meant, and the line has taken it over."""
    try:
        standing = Records.look(line.env)
    except RecordsFault:
        raise Lacking("records that can be read") from None
    if standing == "older":
        raise Lacking("records of this version")
    try:
        current, recent = _current(line) if standing == "newest" else ((), False)
    except RecordsFault as fault:
        yield warning(fault.what, fault.remedy)
        return
    for kept in current:
        if lacks := _lacks(line, kept.closing):
            yield warning(f"number {kept.id} {lacks}, so it does nothing", WITHDRAW.format(kept.id))
    known = [each.closing for each in current if not _lacks(line, each.closing)]
    yield from _closed_for_long(line, known)
    yield from _not_taken_over(line, known, recent=recent)
    yield fine(f"closed or changed by hand, now or to come: {len(current)}")


def _current(line: Examined) -> tuple[Sequence[KeptClosing], bool]:
    """What holds now or will, and whether something was changed a moment ago."""
    kept = Records.open(line.env)
    changed = (each.withdrawn or each.created for each in kept.all(line.now))
    return kept.current(line.now), any(line.now - at < TAKES_OVER for at in changed)


def _lacks(line: Examined, change: Change) -> str:
    """Why a change does nothing, in words that go on from its number; empty if it does."""
    why = unfit(change, line.content.office, line.settings)
    if why == "too long":
        return f"is of more than {LONGEST.days} days"
    match change:
        case Closing(schedule) if why:
            return f"closes '{schedule}', which office.yaml does not have"
        case StandIn(contact) if why and contact not in line.content.office.contacts:
            return f"stands in for '{contact}', which office.yaml does not have"
        case StandIn(contact) if why:
            return f"names a number that {SPARE}{contact.upper()} does not have"
    return ""


def _closed_for_long(line: Examined, known: Sequence[Change]) -> Iterator[Seen]:
    office = line.content.office
    closed = office.with_closings(tuple(each for each in known if isinstance(each, Closing))).schedules[PHONE]
    usual = office.schedules[PHONE]
    opens, usually = closed.next_opening(line.now), usual.next_opening(line.now)
    by_hand = usual.is_open(line.now) or (usually and usually < line.now + LONG)
    if by_hand and not closed.is_open(line.now) and (opens is None or opens > line.now + LONG):
        when = f"until {opens:%Y-%m-%d}" if opens else "for more than a year"
        yield warning(f"the phone is closed by hand {when}", "see `ivr closings`: if it is not meant, `ivr open phone`")


def _not_taken_over(line: Examined, known: Sequence[Change], *, recent: bool) -> Iterator[Seen]:
    """Whether the copy, by which closings hold where the database is stopped, is that of now."""
    if not line.running:
        return
    try:
        copy = [each for each in from_bytes((line.state / FILE).read_bytes()) if each.ends > line.now]
    except FileNotFoundError:
        copy = []
    except (OSError, ValueError):
        yield warning(f"{FILE} in IVR_STATE cannot be read", "remove it: the line writes it anew")
        return
    if set(known) == {each for each in copy if not _lacks(line, each)}:
        return
    if recent:
        yield unknown("something was closed or opened just now", "run this again in a minute")
    else:
        yield warning(
            "the line has not taken over what the office has closed or opened",
            "see its alarms (`processes`); it must run with the same IVR_STATE and IVR_DATABASE_URL",
        )
