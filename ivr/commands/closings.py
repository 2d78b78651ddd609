"""`ivr close`: what an office does on the day itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from ivr.commands.site import now, this_site
from ivr.content import closing
from ivr.content.closing import NotAdded
from ivr.content.files import OFFICE
from ivr.core.spelling import parse_date
from ivr.files import alone

TAKEN_OVER = " A running line takes it over by itself."


class _Date(click.ParamType[date]):
    name = "date"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else parse_date(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("schedule")
@click.option("--on", metavar="DATE", type=_Date(), help="One day: 2026-12-31 or 31.12.2026; by default, today.")
@click.option("--from", "first", metavar="DATE", type=_Date(), help="The first of several days.")
@click.option("--to", "last", metavar="DATE", type=_Date(), help="The last of them.")
@click.pass_context
def close(context: click.Context, schedule: str, on: date | None, first: date | None, last: date | None) -> None:
    """Close SCHEDULE for today or other days, by a row in office.yaml: `ivr close phone` leaves the door open.

    SCHEDULE is a name below `hours` in office.yaml, or all. A running line takes the row over by itself.
    """
    if bool(first) != bool(last) or (on and first):
        raise click.UsageError("write --on for one day, or --from and --to for several")
    site = this_site(context)
    path = site.folder / Path(OFFICE).name
    with alone(path):  # two people may close at the same moment
        office, issues = closing.read_office(path)
        if office is None:
            site.print_issues(issues)
            raise click.ClickException(
                f"{path} has mistakes, see above. Nothing was written. Correct them, then type this again."
            )
        today = now().astimezone(ZoneInfo(office.zone)).date()
        begins, ends = (first, last) if first and last else (on or today, on or today)
        try:
            row = closing.close(path, office, schedule, begins, ends, today)
        except NotAdded as error:
            raise click.ClickException(f"{error}. Nothing was written.") from None
    days = f"on {begins}" if begins == ends else f"from {begins} to {ends}"
    whom = "everything is" if schedule == "all" else f"{schedule} is"
    click.echo(f"{path}:{row.line}: {row.text}")
    click.echo(f"{whom} closed {days}.{TAKEN_OVER if site.is_whole else ''}")
    click.echo(f"To undo it, delete {'this line' if row.alone else 'these words from the line'}.")
    if not site.is_whole:
        site.print_issues(issue for issue in site.loaded.issues if issue.severity == "broken")
        raise click.ClickException("a running line keeps the hours from before until the rest of the site is mended.")
