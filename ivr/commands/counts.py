"""`ivr counts`: who was helped, and who was failed. Rounded, as all that is seen outside the page of team leaders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ivr.commands.shown import narrow_table, told
from ivr.commands.site import now, this_site
from ivr.content.load import load_office
from ivr.files import NotWritten, write_atomically
from ivr.records.counted import Counts
from ivr.records.counts import ENDS, HAPPENINGS, NONE, RINGING_SECONDS, Figures, Period, Row, calls, failed
from ivr.records.counts_csv import WEEKDAYS, as_csv
from ivr.records.rounding import last_complete, published
from ivr.settings.env_file import environment

if TYPE_CHECKING:
    from rich.table import Table

END_HEADS = {
    "unanswered": "nobody answered",
    "hung_up_early": "hung up early",
    "hung_up_ringing": "hung up ringing",
    "informed": "informed",
    "reached": "reached",
}
HAPPENING_TEXTS = {
    "pressed_nothing": "no key was pressed",
    "pressed_nothing_reached": "no key was pressed, and a person was reached",
    "met_closed": "the phone was closed",
    "urgent_by_key": "the urgent line rang after a key",
    "urgent_by_waiting": "the urgent line rang as the caller waited, or as nobody else answered",
    "urgent_unanswered": "the urgent line did not answer",
    "emergency": "a fault: the emergency document was sent",
}


class PeriodType(click.ParamType[Period]):
    """A month or a year."""

    name = "period"

    def convert(self, value: str | Period, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        """As it is written: 2026-11 or 2026."""
        found = value if isinstance(value, Period) else Period.read(value)
        return found or self.fail(f"'{value}' is no month or year. Remedy: write it like 2026-11 or 2026.", param, ctx)


@click.command()
@click.argument("period", type=PeriodType(), required=False)
@click.option("--csv", "csv", metavar="FILE", help="Write a table for a spreadsheet into FILE; - prints it.")
@click.pass_context
def counts(context: click.Context, period: Period | None, csv: str | None) -> None:
    """Print who was helped and who was failed in PERIOD: 2026-11 or 2026, by default the last month that is over.

    Each number is rounded to the nearest five, and a month is shown once it has been over for a day: so nobody can be
    found by comparing two prints. docs/counts.md says what is counted. Exact numbers are on the page of team leaders.
    """
    office, _ = load_office(this_site(context).folder)
    if office is None:
        raise click.ClickException("office.yaml has mistakes. Remedy: `ivr check` names them.")
    here = now().astimezone(ZoneInfo(office.zone))
    with told():
        figures = published(Counts.open(environment(Path.cwd())), period or last_complete(here), here)
    if csv is None:
        _print(figures)
    elif csv == "-":
        click.echo(as_csv(figures), nl=False)
    else:
        _write(Path(csv), as_csv(figures))


def _write(file: Path, text: str) -> None:
    try:
        write_atomically(file, text.encode())
    except NotWritten as fault:
        raise click.ClickException(str(fault)) from None


def _print(figures: Figures) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"{_heading(figures)}\n", soft_wrap=True)
    for table in _tables(figures):
        console.print(table)
        console.print()


def _heading(figures: Figures) -> str:
    until = max(figures.by_month, default=None)
    so_far = f", up to {until:%Y-%m}" if until and until.month < 12 else ""
    most = figures.nearest // 2
    of_months = "Those of a single month are rounded as when it is printed alone. " if figures.by_month else ""
    sums = (
        "The numbers of the year add up those of its months, and are off by more."
        if so_far
        else "Each is rounded by itself, sums too: so they do not always add up."
    )
    return (
        f"{figures.period}{so_far}: of {figures.calls} calls {failed(figures.total)} were failed, "
        f"{figures.total.get('informed', 0)} were informed, {figures.total.get('reached', 0)} reached a person. "
        f"Each number is rounded to the nearest {figures.nearest}; 0, or a row that is not there, may be up to {most}. "
        f"{of_months}{sums}"
    )


def _tables(figures: Figures) -> Iterator[Table]:
    """Who is failed first."""
    total = {"all": figures.total}
    yield _ends("Who is failed, by language", "language", total | _worst_first(figures.by_language))
    if figures.hang_ups:
        table = narrow_table("the call waited at", title="Where callers hung up who had reached nobody")
        _add_numbers(table, ["callers"])
        for node, callers in sorted(figures.hang_ups.items(), key=lambda each: (-each[1], each[0])):
            table.add_row(node or NONE, str(callers))
        yield table
    if figures.ringing:
        yield _ringing(figures)
    if any(map(calls, figures.by_hour.values())):
        yield _hours(figures)
    if figures.by_matter:
        yield _ends("By matter", "matter", _worst_first(figures.by_matter))
    table = narrow_table("of all calls", title="And of these calls")
    _add_numbers(table, ["calls"])
    for happening in HAPPENINGS:
        table.add_row(HAPPENING_TEXTS[happening], str(figures.total.get(happening, 0)))
    yield table
    if figures.by_month:
        yield _ends("By month", "month", {f"{month:%Y-%m}": row for month, row in sorted(figures.by_month.items())})


def _worst_first(rows: Mapping[str, Row]) -> dict[str, Row]:
    return dict(sorted(rows.items(), key=lambda each: (-failed(each[1]), -calls(each[1]), each[0])))


def _ends(title: str, head: str, rows: Mapping[str, Row]) -> Table:
    table = narrow_table(head, title=title)
    _add_numbers(table, ["failed", *(END_HEADS[each] for each in ENDS)])
    for name, row in rows.items():
        table.add_row(name, str(failed(row)), *(str(row.get(end, 0)) for end in ENDS))
    return table


def _ringing(figures: Figures) -> Table:
    table = narrow_table("language", title="Seconds until a phone first rang, the longest first")
    _add_numbers(table, [*(f"up to {each}" for each in RINGING_SECONDS), "longer"])
    for language, steps in sorted(figures.ringing.items(), key=lambda each: (each[1][::-1], each[0]), reverse=True):
        table.add_row(language, *map(str, steps))
    return table


def _hours(figures: Figures) -> Table:
    """Failed of all, as 5/20."""
    table = narrow_table("hour", title="Failed, of all calls, by the hour in which they began")
    _add_numbers(table, WEEKDAYS)
    for hour in sorted({hour for (_, hour), row in figures.by_hour.items() if calls(row)}):
        rows = [figures.by_hour.get((weekday, hour), {}) for weekday in range(len(WEEKDAYS))]
        table.add_row(f"{hour:02}", *(f"{failed(row)}/{calls(row)}" if calls(row) else "" for row in rows))
    return table


def _add_numbers(table: Table, heads: Iterable[str]) -> None:
    for head in heads:
        table.add_column(head, justify="right")
