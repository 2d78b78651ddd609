"""Whether anybody who called, or whom the line rings, can be found in what it keeps, prints or shows (rule P1)."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterable, Mapping
from urllib.error import HTTPError
from urllib.parse import unquote_to_bytes

from tests.faults.callers import CONTACTS, PROBE, TELLING, Call
from tests.faults.databases import Database
from tests.faults.pair import Pair
from tests.faults.served import OURS, PUBLIC
from tests.folders import files_of
from tests.limits import PATIENCE
from tests.test_privacy import BETWEEN_DIGITS

SHORTEST = 9
"""Digits with which every spelling of a number ends: all of it but the country."""
DIGITS = re.compile(f"[0-9]{{{SHORTEST},}}")
CALL_ID = re.compile(rb"CA[0-9a-f]{32}", re.IGNORECASE)
CONTENT = {"last-good", "start"}
"""Where a line keeps a copy of what it says, which every caller hears."""
WORDS = tuple(word.encode() for value in TELLING.values() for word in value.casefold().split())


def traces(shown: Mapping[str, bytes], calls: Iterable[Call]) -> list[str]:
    """Where a number, a name or the id of a call stands, however it is written; `shown`: where -> what stands there."""
    calls = list(calls)
    numbers = {call.number for call in calls} | {*CONTACTS, OURS, PROBE, PUBLIC}
    ends = {number[-SHORTEST:]: number for number in numbers}
    ids = {call.sid.casefold().encode() for call in calls}
    raw = {bytes.fromhex(call.sid[2:]) for call in calls}
    found = list[str]()
    for where, written in shown.items():
        for reading in {written, unquote_to_bytes(written)}:
            run = BETWEEN_DIGITS.sub("", reading.replace(b"+", b" ").decode("latin-1"))
            for digits in DIGITS.findall(run):
                windows = (digits[at : at + SHORTEST] for at in range(len(digits) - SHORTEST + 1))
                found += [f"{where}: {ends[window]}" for window in windows if window in ends]
            found += [f"{where}: {id_.decode()}" for id_ in CALL_ID.findall(reading) if id_.lower() in ids]
            folded = reading.lower()
            found += [f"{where}: {word.decode()}" for word in WORDS if word in folded]
        found += [f"{where}: the id of a call, as bytes" for id_ in raw if id_ in written]
    return found


def all_that_is_shown(two: Pair, database: Database | None) -> dict[str, bytes]:
    """All that the line keeps, prints, and shows to operators; None: the database stands still."""
    folder, first = two.folder, two.lines[0]
    files = files_of(first.state)
    kept = {str(path.relative_to(folder)): held for path, held in files.items() if not CONTENT & {*path.parts}}
    rows = {f"table {name}": repr(database.rows(name)).encode() for name in database.tables()} if database else {}
    shown = dict[str, bytes]()
    for line in two.lines:
        for address in (
            f"{line.address}/health",
            *(f"http://{line.operators}/{name}" for name in ("health", "metrics")),
        ):
            shown[address] = _fetched(address)
    told = "".join([*two.told, *(told for line in two.lines for told in line.told)])
    return {**kept, **rows, **shown, "journal": first.journal.read_bytes(), "standard error": told.encode()}


def _fetched(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as reply:  # noqa: S310 - ours
            return bytes(reply.read())
    except HTTPError as error:
        return error.read()
