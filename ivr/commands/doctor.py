"""`ivr doctor`: is the line ready for its callers? What is seen, and what to do."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from ivr.commands import account as account_at_twilio
from ivr.commands.ring import Rung, ring_contact
from ivr.commands.site import now
from ivr.doctor.examination import CHECKS, Check, examine
from ivr.doctor.examined import Examined
from ivr.doctor.finding import CheckResult, Lacking, blocking, told
from ivr.doctor.report import as_json, as_text, blocks
from ivr.doctor.web import Web
from ivr.settings.env_file import SettingsError, environment
from ivr.settings.read import site_folder
from ivr.telephony.twilio.account import AccountFault
from ivr.telephony.twilio.calls import Calls


@click.command()
@click.option("--json", "json_wanted", is_flag=True, help="Print what was found as JSON.")
@click.option(
    "--ring",
    metavar="CONTACT",
    help="In place of the checks, ring this contact and see that a key is heard; it takes about 16 minutes.",
)
@click.option("--yes", is_flag=True, help="With --ring: do not ask before it rings.")
@click.pass_context
def doctor(context: click.Context, json_wanted: bool, ring: str | None, yes: bool) -> None:
    """Look whether the line is ready for its callers: here, from outside, and at Twilio.

    It changes nothing, and rings nobody but whom --ring names. Run it where the line runs, as its user and with its
    settings. What blocks is listed in the order in which it is mended. Exit 1 if anything blocks. It shows no number
    and no secret.
    """
    try:
        env = environment(Path.cwd())
    except SettingsError as error:
        if not json_wanted:
            raise click.ClickException(str(error)) from None
        unread = [CheckResult("environment", *blocking(*told(fault))) for fault in error.faults]
        click.echo(as_json(unread, now()))
        sys.exit(1)
    site: Path | SettingsError
    try:
        site = site_folder(context.obj, env)
    except SettingsError as error:
        site = error
    with Examined(env, site, now, account_at_twilio.open_account, open_web()) as line:
        if ring:
            sys.exit(not all(rung.good for rung in _rung(line, ring, yes=yes)))
        progress = _Progress()
        found = examine(line, progress.begins)
    progress.over()
    click.echo(as_json(found, line.now) if json_wanted else as_text(found, _columns()))
    sys.exit(blocks(found) > 0)


def _rung(line: Examined, contact: str, *, yes: bool) -> tuple[Rung, ...]:
    """Ring a contact. Raises ClickException where that cannot be done yet."""
    try:
        calls = Calls(line.account_unasked)
        return ring_contact(calls, line.settings, line.content, contact, yes=yes)
    except Lacking as lacking:
        raise click.ClickException(f"nobody was rung: it needs {lacking}. Remedy: run `ivr doctor`.") from None
    except AccountFault as fault:
        raise click.ClickException(str(fault)) from None


def open_web() -> Web:
    """What asks the public addresses; tests open another one."""
    return Web()


class _Progress:
    """One line on a terminal that says which check looks now; nothing where output is not read by a person."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._done = 0

    def begins(self, check: Check) -> None:
        self._done += 1
        if self._shown:
            words = f"{self._done} of {len(CHECKS)}: {check.id}"
            click.echo(f"\r{words:<40}", err=True, nl=False)

    def over(self) -> None:
        if self._shown:
            click.echo(f"\r{'':<40}\r", err=True, nl=False)


def _columns() -> int:
    return shutil.get_terminal_size().columns
