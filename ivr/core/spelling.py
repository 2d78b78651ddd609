"""How an office writes days, dates and times: each spelling that can have one meaning only is understood.

The words are those of the file's own grammar, in the languages of those who write it; callers never hear them.
"""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from collections.abc import Iterable, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Literal, get_args

from ivr.core.characters import composed

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
SURE = 0.75
"""How like a weekday a word must be to be taken for it: `weekdays` is not wednesday."""
YEARS = range(2000, 2101)
AMERICAN_DATE = re.compile(r"(?P<one>[0-9]{1,2})/(?P<two>[0-9]{1,2})/(?P<year>20[0-9]{2})")
LIKE_WEEKS = 'write the days and their hours, for example {mon-fri: "09:00-15:00"}'
LIKE_DATES = "write day.month.year, for example 31.12.2026"


def plain(text: str) -> str:
    """A text in small letters, composed, with one kind of dash and no blanks around it."""
    return DASHES.sub("-", composed(text)).strip().casefold()


def near(word: str, known: Iterable[str]) -> str:
    """The known word that one which is not known is a slip of; empty where there is none."""
    words = {plain(each): each for each in known}
    found = get_close_matches(plain(word), words, 1)
    return words[found[0]] if found else ""


def unquoted_times(hours: Mapping[str, object]) -> dict[str, str]:
    """What is told of each word that is a time: `{door: 8-11, 12-15}` has the words `door` and `12-15`."""
    told, before = dict[str, str](), ""
    for word, written in hours.items():
        if word[:1].isdigit():
            times = f"{before}, {word}" if before else "08:00-11:00, 12:00-15:00"
            for_example = "" if before else "for example "
            told[word] = f'two times need quotation marks; write {for_example}"{times}"'
        before = written if isinstance(written, str) else ""
    return told


def parse_clock(text: str) -> time:
    """Read a time of day: 9, 9.00, 09:00. ValueError without words where it is none."""
    if not (found := CLOCK.fullmatch(text.strip())):
        raise ValueError(text)
    return time(int(found["hour"]), int(found["minute"] or 0))


def parse_weekdays(text: str) -> list[Weekday]:
    """Read `mon`, `mon-fri`, `ma-pe` or `Monday - Friday`; ValueError says what is wrong and the remedy."""
    if '"' in text or ":" in text:
        name = re.split('[":]', text)[0].strip()
        raise ValueError(f"after '{name}' a colon and a space are missing; {LIKE_WEEKS}")
    names = [name.strip() for name in plain(text).split("-")]
    if len(names) > 2 or any(name not in SPELLED_WEEKDAYS for name in names):
        closest = [next(iter(get_close_matches(name, SPELLED_WEEKDAYS, 1, SURE)), "") for name in names]
        meant = "-".join(closest) if len(names) < 3 and all(closest) else ""
        all_days = f"one of these: {', '.join(WEEKDAYS)}, or for example mon-fri"
        raise ValueError(f"'{text}' is not a weekday; write {meant or all_days}")
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
        raise ValueError(_no_such_day(year, month, day)) from None


def _no_such_day(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        remedy = f"write {month}.{day}.{year}" if 1 <= day <= 12 and month <= 31 else LIKE_DATES
        return f"there is no month {month}; {remedy}"
    last = date(year, month, min(max(day, 1), monthrange(year, month)[1]))
    return f"{month_name[month]} {year} has no day {day}; write a day that exists, for example {last}"


def _remedy(text: str) -> str:
    """What to write instead of a date in another form."""
    if re.fullmatch(r"[0-9]{1,2}\. ?[0-9]{1,2}\.?", text):
        return f"write the year too, for example {text.rstrip('.')}.2026"
    if re.fullmatch(r"[0-9]{1,2}\. ?[0-9]{1,2}\. ?[0-9]{2}", text):
        return f"write {text[:-2]}20{text[-2:]}"
    if re.fullmatch(r"20[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]", text):
        return f"write {text[:4]}-{text[4:6]}-{text[6:]}"
    if found := AMERICAN_DATE.fullmatch(text):
        one, two, year = found["one"], found["two"], found["year"]
        possible = {f"{day}.{month}.{year}": "" for day, month in ((one, two), (two, one)) if int(month) <= 12}
        which = ", with the day first" if len(possible) == 2 else ""
        return f"write {' or '.join(possible)}{which}" if possible else LIKE_DATES
    return LIKE_DATES
