"""An office file drawn from a grammar of right and wrong lines: it loads and means what was written, or is refused.

The model beside it is naive: it keeps what each line means when the line is written, and reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import event, given, note, settings
from hypothesis import strategies as st

from ivr.content.yaml import parse_yaml, validate
from ivr.core.office import Office
from tests.content.conftest import LIBRARY

Hours = tuple[tuple[int, int], ...]
"""Opening and closing, in half hours from midnight."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPELLED = ("Mon", "ti", "onsdag", "to", "Friday", "lauantai", "sö" + "n")
NAMES = ("phone", "door")
FIRST, LAST = date(2026, 7, 1), date(2026, 10, 30)
"""There is no public holiday between them, so that the model need not know any."""
WRONG_HOURS = ("9-155", "15-9", "open", "'9'", "9:30am-3pm", "[9, 15]", "{mon: closed}", "'8-12, 11-15'", "", "9-25")
WRONG_DAYS = ("monn", "fri-mon", "weekdays", "6", "mon-tue-wed")
WRONG_DATES = (
    "24.12.",
    "20261231",
    "2026-2-30",
    "12/24/2026",
    "1798675200",
    "31.11.2026",
    "tomorrow",
    "[2026-07-01]",
    "",
)
WRONG_ROWS = (
    "2026-08-01",
    "{date: 2026-08-01}",
    "{date: 2026-08-01, hours: }",
    "{date: 2026-08-01, hours: closed}",
    "{hours: {all: closed}}",
    "{date: 2026-08-01, to: 2026-08-02, hours: {all: closed}}",
    "{from: 2026-08-01, hours: {all: closed}}",
    "{from: 2026-08-02, to: 2026-08-01, hours: {all: closed}}",
    "{from: 2026-08-01, to: 2028-08-01, hours: {all: closed}}",
    "{date: 2026-08-01, hours: {dor: closed}}",
    "{date: 2026-08-01, huors: {door: closed}, hours: {door: closed}}",
    "{date: 2026-08-01, hours: {door: 8-11, 12-15}}",
    "{date: 2026-08-01, why: [a], hours: {all: closed}}",
)
CONTACTS = (
    "number: 0400 291 141",
    "ring: 25",
    "accept: any_key",
    "accept: at_once",
    "ring: 10",
    "number: '0400291141'",
)
WRONG_CONTACTS = (
    "number: 0400-291141",
    "ring: 2_5",
    "ring: 25.0",
    "ring: 31",
    "ring: nan",
    "accept: anykey",
    "nubmer: 1",
)


@dataclass
class Drawn:
    """A file, the lines that are wrong in it, and what it means. `spoiled`: lines may be wrong."""

    spoiled: bool
    lines: list[str] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    weeks: dict[str, dict[int, Hours]] = field(default_factory=dict)
    exceptions: dict[tuple[str, date], Hours] = field(default_factory=dict)
    overlaps: list[int] = field(default_factory=list)

    def write(self, line: str, right: bool = True) -> None:
        self.lines.append(line)
        if not right:
            self.wrong.append(len(self.lines))

    def hours(self, name: str, day: date) -> Hours:
        usual = self.weeks[name].get(day.weekday(), ())
        return self.exceptions.get((name, day), usual)


def clock(draw: st.DrawFn, half_hours: int) -> str:
    hour, minute = divmod(half_hours, 2)
    forms = [f"{hour:02}:{30 * minute:02}", f"{hour}.{30 * minute:02}", f"{hour}:{30 * minute:02}"]
    return str(draw(st.sampled_from(forms if minute else [*forms, str(hour), f"{hour:02}"])))


@st.composite
def a_day(draw: st.DrawFn) -> tuple[str, Hours]:
    """The hours of a day as they are written, and as they are."""
    size = draw(st.sampled_from([0, 2, 2, 4]))
    edges = sorted(draw(st.lists(st.integers(14, 39), min_size=size, max_size=size, unique=True)))
    hours = tuple(zip(edges[::2], edges[1::2], strict=True))
    if not hours:
        return str(draw(st.sampled_from(["closed", "Closed", "suljettu", "stängt", "kiinni", "'closed'"]))), ()
    dash = draw(st.sampled_from(["-", "–", " - "]))
    written = ", ".join(f"{clock(draw, opens)}{dash}{clock(draw, closes)}" for opens, closes in hours)
    return f'"{written}"' if len(hours) > 1 or draw(st.booleans()) else written, hours


def week(draw: st.DrawFn, drawn: Drawn, name: str) -> None:
    """A line below `hours`, with a wrong part or without."""
    parts, meant, right = [], dict[int, Hours](), True
    free = list(range(7))
    for _ in range(draw(st.integers(0, 3))):
        if not free:
            break
        first = free[0]
        last = draw(st.integers(first, 6))
        written, hours = draw(a_day())
        days = [str(draw(st.sampled_from([DAYS[day], SPELLED[day]]))) for day in (first, last)]
        match draw(st.integers(0, 9)) if drawn.spoiled else None:
            case 0:
                written, right = draw(st.sampled_from(WRONG_HOURS)), False
            case 1:
                days, right = [str(draw(st.sampled_from(WRONG_DAYS)))] * 2, False
        parts.append(f"{days[0] if days[0] == days[1] else '-'.join(days)}: {written}")
        meant |= dict.fromkeys(range(first, last + 1), hours)
        free = [day for day in free if day > last]
    drawn.weeks[name] = meant
    drawn.write(f"  {name}: {{{', '.join(parts)}}}", right)


def spelled(draw: st.DrawFn, day: date) -> str:
    forms = [str(day), f"{day:%d.%m.%Y}", f"{day.day}.{day.month}.{day.year}", f"'{day}'"]
    return str(draw(st.sampled_from(forms)))


def exception(draw: st.DrawFn, drawn: Drawn) -> None:
    """A row below `exceptions`, with a wrong part or without."""
    if drawn.spoiled and draw(st.integers(0, 4)) == 0:
        drawn.write(f"  - {draw(st.sampled_from(WRONG_ROWS))}", right=False)
        return
    first = FIRST + timedelta(days=draw(st.integers(0, 90)))
    last = first + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 20])))
    named, right = {}, True
    parts = []
    for name in draw(st.lists(st.sampled_from(["all", *NAMES]), min_size=1, max_size=2, unique=True)):
        written, hours = draw(a_day())
        if drawn.spoiled and draw(st.integers(0, 9)) == 0:
            written, right = draw(st.sampled_from(WRONG_HOURS)), False
        parts.append(f"{name}: {written}")
        named[name] = hours
    dates = (
        f"date: {spelled(draw, first)}" if first == last else f"from: {spelled(draw, first)}, to: {spelled(draw, last)}"
    )
    if drawn.spoiled and draw(st.integers(0, 9)) == 0:
        dates, right = f"date: {draw(st.sampled_from(WRONG_DATES))}", False
    why = draw(st.sampled_from(["", ", why: a party", ", why: ", ", why: 'ä: b'"]))
    drawn.write(f"  - {{{dates}{why}, hours: {{{', '.join(parts)}}}}}", right)
    if right:
        meant = {
            (name, first + timedelta(days=day)): named[name] if name in named else named["all"]
            for name in NAMES
            if name in named or "all" in named
            for day in range((last - first).days + 1)
        }
        if meant.keys() & drawn.exceptions.keys():
            drawn.overlaps.append(len(drawn.lines))
        drawn.exceptions |= meant


@st.composite
def offices(draw: st.DrawFn) -> Drawn:
    drawn = Drawn(draw(st.booleans()))
    drawn.write("zone: Europe/Helsinki")
    drawn.write("country: FI   # Finland")
    drawn.write("hours:")
    for name in NAMES:
        week(draw, drawn, name)
    rows = draw(st.integers(0, 4))
    empty = draw(st.sampled_from(["exceptions:", "exceptions: []", "exceptions: ~", "# none"]))
    drawn.write("exceptions:" if rows else str(empty))
    for _ in range(rows):
        exception(draw, drawn)
    drawn.write("contacts:")
    drawn.write("  social_instructor:")
    drawn.write("  on_call:")
    if drawn.spoiled and draw(st.booleans()):
        drawn.write(f"    {draw(st.sampled_from(WRONG_CONTACTS))}", right=False)
    else:
        drawn.write("    " + str(draw(st.sampled_from(CONTACTS[:1] + CONTACTS[-1:]))))
        drawn.write("    " + str(draw(st.sampled_from(CONTACTS[1:-1]))))
    return drawn


@settings(max_examples=100)
@given(offices(), st.sampled_from(["\n", "\r\n"]), st.lists(st.dates(FIRST, LAST), min_size=3, max_size=8))
def test_a_drawn_office_means_what_was_written_or_each_wrong_line_is_told(
    drawn: Drawn, end: str, days: list[date]
) -> None:
    text = end.join(drawn.lines) + end
    note(text)
    file, issues = parse_yaml(text.encode(), "prompts/office.yaml")
    assert file, issues
    office, more = validate(file, Office)
    issues = [*issues, *more]
    event("wrong lines" if drawn.wrong else "rows that overlap" if drawn.overlaps else "right")
    note("\n".join(map(str, issues)))
    for issue in issues:
        assert issue.file == "prompts/office.yaml"
        assert 1 <= issue.line <= len(drawn.lines)
        assert issue.message
        assert issue.remedy
        assert not LIBRARY.search(f"{issue.message} {issue.remedy}"), issue
    told = {issue.line for issue in issues}
    if drawn.wrong:
        assert office is None
        # What is wrong in another way, by which rows fit together or who is missing, is told once the lines are right.
        assert {*drawn.wrong} - told <= hidden(drawn)
        contacts = drawn.lines.index("  on_call:") + 1
        assert told <= {*drawn.wrong, *drawn.overlaps, contacts}
        return
    if drawn.overlaps:
        assert office is None
        assert told == {*drawn.overlaps}
        return
    assert office, issues
    checked = {day for _, first in drawn.exceptions for day in (first, first + timedelta(days=1))} | {*days}
    for name in NAMES:
        for day in checked & {FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)}:
            found = tuple(
                (2 * each.opens.hour + each.opens.minute // 30, 2 * each.closes.hour + each.closes.minute // 30)
                for each in office.schedules[name].day(day)
            )
            assert found == drawn.hours(name, day), (name, day)


def hidden(drawn: Drawn) -> set[int]:
    """Wrong rows that only show once the others are right: one that names no schedule."""
    return {line for line in drawn.wrong if "{dor: closed}" in drawn.lines[line - 1]}
