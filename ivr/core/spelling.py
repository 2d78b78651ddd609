"""How an office writes days, dates and times: each spelling that can have one meaning only is understood.

The words are those of the file's own grammar, in the languages of those who write it; callers never hear them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, time
from difflib import get_close_matches
from typing import Literal, get_args

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
SPELLED_WEEKDAYS: dict[str, Weekday] = {
    spelled: weekday
    for weekday, spellings in zip(
        WEEKDAYS,
        (
            "mon monday ma maanantai mån måndag",
            "tue tues tuesday ti tiistai tis tisdag",
            "wed wednesday ke keskiviikko ons onsdag",
            "thu thur thurs thursday to torstai tor tors torsdag",
            "fri friday pe perjantai fre fredag",
            "sat saturday la lauantai lör lördag",
            "sun sunday su sunnuntai sön söndag",
        ),
        strict=True,
    )
    for spelled in spellings.split()
}
CLOSED = "closed"
SPELLED_CLOSED = (CLOSED, "suljettu", "kiinni", "stängt", "stängd")
DASHES = re.compile("[‐‑‒–—−]")
CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?")
ISO_DATE = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
FINNISH_DATE = re.compile(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4})")
YEARS = range(2000, 2101)
QUOTE_TIMES = 'put two times into one pair of quotation marks, as in "08:00-11:00, 12:00-15:00"'
LIKE_WEEKS = 'write the days and their hours, as in {mon-fri: "09:00-15:00"}'
LIKE_DATES = "write it like 2026-12-31 or 31.12.2026"


def plain(text: str) -> str:
    """A text in small letters, composed, with one kind of dash and no blanks around it."""
    return DASHES.sub("-", unicodedata.normalize("NFC", text)).strip().casefold()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean X?)`, where a known word is close to one that is not, else nothing."""
    words = {plain(each): each for each in known}
    found = get_close_matches(plain(word), words, 1)
    return f" (did you mean {words[found[0]]}?)" if found else ""


def parse_clock(text: str) -> time:
    """Read a time of day: 9, 9.00, 09:00. ValueError without words where it is none."""
    if not (found := CLOCK.fullmatch(text.strip())):
        raise ValueError(text)
    return time(int(found["hour"]), int(found["minute"] or 0))


def parse_weekdays(text: str) -> list[Weekday]:
    """Read `mon`, `mon-fri`, `ma-pe` or `Monday - Friday`; ValueError says what is wrong and the remedy."""
    if text[:1].isdigit():
        raise ValueError(f"'{text}' stands where a day belongs; {QUOTE_TIMES}")
    if '"' in text or ":" in text:
        name = re.split('[":]', text)[0].strip()
        raise ValueError(f"behind '{name}' there is no colon with a blank; {LIKE_WEEKS}")
    names = [name.strip() for name in plain(text).split("-")]
    if len(names) > 2 or any(name not in SPELLED_WEEKDAYS for name in names):
        closest = [next(iter(get_close_matches(name, SPELLED_WEEKDAYS, 1)), "") for name in names]
        hint = f" (did you mean {'-'.join(closest)}?)" if len(names) < 3 and all(closest) else ""
        raise ValueError(f"'{text}' is not a weekday{hint}; write {', '.join(WEEKDAYS)} or mon-fri")
    first, last = (WEEKDAYS.index(SPELLED_WEEKDAYS[name]) for name in (names[0], names[-1]))
    if last < first:
        raise ValueError(f"'{text}' runs backwards; write the earlier day first")
    return list(WEEKDAYS[first : last + 1])


def parse_date(text: str) -> date:
    """Read `2026-12-24` or `24.12.2026` (the day comes first); ValueError says what is wrong and the remedy."""
    if not (found := ISO_DATE.fullmatch(plain(text)) or FINNISH_DATE.fullmatch(plain(text))):
        raise ValueError(f"'{text}' is not a date; {_remedy(text.strip())}")
    year, month, day = (int(found[part]) for part in ("year", "month", "day"))
    if year not in YEARS:
        raise ValueError(f"'{text}' is not in this century; {LIKE_DATES}")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"'{text}' is no day of the calendar; {LIKE_DATES}") from None


def _remedy(text: str) -> str:
    """What to write instead of a date in another form."""
    if re.fullmatch(r"[0-9]{1,2}\. ?[0-9]{1,2}\.?", text):
        return f"write the year too, as in {text.rstrip('.')}.2026"
    if re.fullmatch(r"[0-9]{1,2}\. ?[0-9]{1,2}\. ?[0-9]{2}", text):
        return "write the year with four digits, as in 31.12.2026"
    if re.fullmatch(r"20[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]", text):
        return f"write {text[:4]}-{text[4:6]}-{text[6:]}"
    if "/" in text:
        return "the day and the month cannot be told apart; write 2026-12-31 or 31.12.2026"
    return LIKE_DATES
