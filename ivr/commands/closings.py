"""`ivr close | open | stand-in | closings`: what an office does on the day itself. It is kept in the records."""

from __future__ import annotations

import json

import click

from ivr.commands.closing_desk import ClosingCommand
from ivr.commands.moments import HoursType, MomentType, Typed
from ivr.commands.shown import told
from ivr.core.closing import Closing, StandIn
from ivr.core.hours import Day
from ivr.core.office import PHONE
from ivr.records.closings import KEPT, REASONS, Reason

begins_option = click.option(
    "--from", "begins", metavar="WHEN", type=MomentType(), help="12:00, 31.12.2026 or both; by default, now."
)
ends_option = click.option(
    "--until",
    "ends",
    metavar="WHEN",
    type=MomentType(),
    help="The same; a day is included. By default, the end of the day.",
)
why_option = click.option("--why", type=click.Choice(REASONS), required=True, help="For the office alone.")
by_option = click.option("--by", metavar="NAME", help="Who does it; by default, the user of this machine.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask before it is kept.")


@click.command()
@click.argument("schedule")
@begins_option
@ends_option
@click.option(
    "--hours", metavar="HOURS", type=HoursType(), default=(), help="Open then alone, on each day: 09:00-11:00."
)
@why_option
@by_option
@yes_option
@click.pass_context
def close(
    context: click.Context,
    schedule: str,
    begins: Typed | None,
    ends: Typed | None,
    hours: Day,
    why: Reason,
    by: str | None,
    yes: bool,
) -> None:
    """Close SCHEDULE until a time, whatever office.yaml says: `ivr close phone --until 12:00 --why no-staff`.

    SCHEDULE is a name below `hours` in office.yaml, or all. It ends by itself, or by `ivr open`. It shows what callers
    will hear, and asks. Until it ends the phone line rings the urgent line, as in every closed hour; `ivr stand-in`
    keeps it open.
    """
    with told():
        desk = ClosingCommand.of(context)
        schedules = desk.schedules(schedule)
        first, last = desk.time(begins, ends)
        closings = [Closing(each, first, last, hours) for each in schedules]
        preview = desk.preview([*(each.closing for each in desk.current), *closings])
        for closing in closings:
            click.echo(f"{desk.shown.what(closing)}, {desk.shown.time(closing)}: {why}")
            click.echo("\n".join(preview.office_says(closing)))
        for line in preview.lines(schedules, max(first, desk.now)):
            click.echo(line)
        desk.keep(closings, why, by, yes=yes)


@click.command("stand-in")
@click.argument("contact")
@click.argument("label")
@begins_option
@ends_option
@why_option
@by_option
@yes_option
@click.pass_context
def stand_in(
    context: click.Context,
    contact: str,
    label: str,
    begins: Typed | None,
    ends: Typed | None,
    why: Reason,
    by: str | None,
    yes: bool,
) -> None:
    """Let a prepared number ring in place of a contact's until a time: the phone line stays open.

    CONTACT is one of office.yaml, such as social_instructor, and LABEL one of those in IVR_SPARE_<CONTACT>. That of the
    urgent line is for a team leader alone, on the pages of the office.
    """
    with told():
        desk = ClosingCommand.of(context)
        first, last = desk.time(begins, ends)
        change = StandIn(*desk.spare(contact, label), first, last)
        preview = desk.preview([*(each.closing for each in desk.current), change])
        click.echo(f"{desk.shown.what(change)}, {desk.shown.time(change)}: {why}")
        for line in preview.lines([PHONE], preview.open_from(max(first, desk.now), last)):
            click.echo(line)
        desk.keep([change], why, by, yes=yes)


@click.command()
@click.argument("what", required=False)
@click.option("--id", "id_", type=int, metavar="N", help="Withdraw this one, as `ivr closings` numbers it.")
@by_option
@yes_option
@click.pass_context
def open(context: click.Context, what: str | None, id_: int | None, by: str | None, yes: bool) -> None:
    """Withdraw what closes WHAT now, a schedule or all: the hours of office.yaml hold again.

    WHAT may be a contact too: then its own numbers ring again. With --id, one closing alone, also one to come.
    """
    if (what is None) == (id_ is None):
        raise click.UsageError("name a schedule, as in `ivr open phone`, or one closing: `ivr open --id N`")
    with told():
        desk = ClosingCommand.of(context)
        meant = [desk.numbered(id_)] if id_ is not None else desk.holding(what or "")
        remaining = [each.closing for each in desk.current if each not in meant]
        preview = desk.preview(remaining)
        for kept in meant:
            click.echo("\n".join(desk.shown.lines(kept, desk.now)))
        touched = [each.closing.schedule if isinstance(each.closing, Closing) else PHONE for each in meant]
        for line in preview.lines(list(dict.fromkeys(each for each in touched if each in desk.office.hours)), desk.now):
            click.echo(line)
        desk.withdraw(meant, by, yes=yes)


@click.command()
@click.option("--all", "all_", is_flag=True, help="Those of the last 12 months too, and the withdrawn.")
@click.option("--audit", is_flag=True, help="Who did what in the last 12 months.")
@click.option("--json", "json_wanted", is_flag=True, help="Print them as JSON.")
@click.pass_context
def closings(context: click.Context, all_: bool, audit: bool, json_wanted: bool) -> None:
    """List the closings and the stand-ins of now and to come, with who made them."""
    if all_ and audit:
        raise click.UsageError("write --all or --audit: one list at a time")
    with told():
        desk = ClosingCommand.of(context)
        shown = desk.shown
        if audit:
            deeds = desk.records.audit(desk.now - KEPT)
            if json_wanted:
                click.echo(json.dumps({"audit": [shown.deed_as_json(each) for each in deeds]}, indent=1))
            else:
                click.echo("\n".join(map(shown.deed, deeds)) or "Nobody has done anything in the last 12 months.")
            return
        found = desk.records.all(desk.now - KEPT) if all_ else desk.current
        if json_wanted:
            click.echo(json.dumps({"closings": [shown.as_json(each) for each in found]}, indent=1))
        else:
            lines = [line for each in found for line in shown.lines(each, desk.now)]
            click.echo("\n".join(lines) or "Nothing is closed by hand: the hours are those of office.yaml.")
