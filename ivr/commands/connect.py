"""`ivr connect`: our numbers at the provider are led to the line, and back."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from ivr.commands import account as account_at_twilio
from ivr.commands.asking import ask
from ivr.commands.site import this_site
from ivr.files import NotWritten
from ivr.settings.account import Access, read_access, read_fallback, read_public
from ivr.settings.env_file import SettingsError, environment, file_warnings, gathered
from ivr.settings.read import our_numbers, read_settings, state_folder
from ivr.telephony.twilio.account import Account, AccountFault
from ivr.telephony.twilio.before import Before, FirstStateUnreadable
from ivr.telephony.twilio.plan import Planned, Webhooks, differences, line_webhooks, lost_connection, planned, refusals

NAMES = {
    "voice_url": "voice URL",
    "voice_method": "voice method",
    "voice_fallback_url": "fallback URL",
    "voice_fallback_method": "fallback method",
    "status_callback": "status callback",
    "status_callback_method": "callback method",
}
"""Field -> how it is called in Twilio's console, or nearly so."""
WIDTH = max(map(len, NAMES.values()))
LOST = (
    "warning: Twilio did not keep what follows # in the voice URL, so the first request of a call waits up to 15 s and "
    "is not tried again. Calls are answered all the same."
)
HIDDEN = "... stands for what may be secret. All of it is in the Twilio console, and in connect-before.json once kept."
INTERRUPTED = "It was interrupted."
AGAIN = "Run it again: it looks what is set, and goes on from there."


@click.command()
@click.option("--dry-run", is_flag=True, help="Only show what is set and what would be; nothing is changed.")
@click.option("--yes", is_flag=True, help="Do not ask before it sets anything.")
@click.option("--restore", is_flag=True, help="Set again what was there before the first `ivr connect`.")
@click.pass_context
def connect(context: click.Context, dry_run: bool, yes: bool, restore: bool) -> None:
    """Set at Twilio what it asks when our numbers are called: the line, and its fallback.

    Our numbers are IVR_CALLER_ID and those of languages_by_number in office.yaml. It shows what is set and what would
    be, asks, sets what differs, and reads it back; what is right already is not touched. What was there before is kept
    in connect-before.json in the folder IVR_STATE. A number that it does not understand stops all of it: one of another
    account or region, or one that an application or a trunk holds. Nobody has tried it with a real account yet.
    """
    env = _environment()
    for warning in file_warnings(Path.cwd()):
        click.echo(f"warning: {warning}", err=True)
    before = Before(state_folder(env))
    access, wanted = _to_restore(before, env) if restore else _to_connect(context, env)
    if not wanted:
        click.echo(
            f"Nothing to restore: {before.path} names no number. `ivr connect` has changed nothing, or it was "
            "restored, or it was run with another IVR_STATE or in another folder."
        )
        return
    with account_at_twilio.open_account(access) as account:
        changing = _planned(account, wanted, access.region)
        if changing and dry_run:
            click.echo("Nothing was changed: this was a dry run.")
            return
        if changing:
            if not yes:
                ask(f"Set this at {_numbers(len(changing))}?", "nothing was changed")
            if not restore:
                with _files_told("Nothing was changed."):
                    before.keep(each.held for each in changing)
            with _term_as_interrupt(), _output_lost():
                _set_all(account, changing)
    if restore and not dry_run:
        with _files_told("The numbers are restored all the same."):
            before.forget(wanted)
    if not changing:
        click.echo("Everything is as it should be. Nothing was changed.")
    else:
        click.echo("Done." if restore else f"Done. What was there before is in {before.path}.")


def _environment() -> dict[str, str]:
    """The environment with the `.env` file of this folder. Raises ClickException."""
    try:
        return environment(Path.cwd())
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _to_connect(context: click.Context, env: Mapping[str, str]) -> tuple[Access, dict[str, Webhooks]]:
    """With what to ask, and what to set at each number. Callers are led only to a line that could start."""
    office, faults = this_site(context).content().office, list[str]()
    access = gathered(lambda: read_access(env), faults)
    settings = gathered(lambda: read_settings(env, office), faults)
    public = gathered(lambda: read_public(env), faults)
    fallback = gathered(lambda: read_fallback(env), faults)
    if access is None or settings is None or public is None or fallback is None:
        raise _cannot_connect(faults)
    webhooks = line_webhooks(public, fallback)
    return access, dict.fromkeys(our_numbers(settings, office), webhooks)


def _to_restore(before: Before, env: Mapping[str, str]) -> tuple[Access, dict[str, Webhooks]]:
    """With what to ask, and what was set at each number that `connect` has changed."""
    faults = list[str]()
    access = gathered(lambda: read_access(env), faults)
    if access is None:
        raise _cannot_connect(faults)
    with _files_told("Nothing was changed."):
        return access, before.read()


def _cannot_connect(faults: Sequence[str]) -> click.ClickException:
    return click.ClickException("nothing was asked or changed:\n  " + "\n  ".join(faults))


@contextmanager
def _files_told(then: str) -> Iterator[None]:
    try:
        yield
    except NotWritten as error:
        raise click.ClickException(f"{error}. {then}") from None
    except FirstStateUnreadable as error:
        raise click.ClickException(f"{error} {then}") from None


def _planned(account: Account, wanted: Mapping[str, Webhooks], region: str) -> tuple[Planned, ...]:
    """Show what is set and would be, and give what differs; ClickException where a number is not understood."""
    try:
        found = [account.find(number) for number in wanted]
    except (AccountFault, KeyboardInterrupt) as stopped:
        raise click.ClickException(f"{str(stopped) or INTERRUPTED} Nothing was changed.") from None
    if refused := list(refusals(found, region)):
        raise click.ClickException("\n  ".join(["nothing was changed:", *refused]))
    plan = planned(found, wanted)
    _show(plan)
    return tuple(each for each in plan if each.changes)


def _show(plan: Sequence[Planned]) -> None:
    for each in plan:
        click.echo(each.held.number + ("" if each.changes else ": as it should be"))
        for change in each.changes:
            click.echo(f"  {NAMES[change.field]:{WIDTH}}  is    {_shown(change.before)}")
            click.echo(f"  {'':{WIDTH}}  to be {_shown(change.after)}")
        if each.changes and not each.wanted.voice_url:
            click.echo("warning: nobody will answer calls to this number.", err=True)
    shown = {value for each in plan for change in each.changes for value in (change.before, change.after)}
    if any(_without_secrets(value) != value for value in shown):
        click.echo(HIDDEN)


def _shown(value: str) -> str:
    """A value as one line: what others have set may hold signs that steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in _without_secrets(value)) or "nothing"


def _without_secrets(address: str) -> str:
    """An address without user and password, query, and account: services take tokens and private numbers there."""
    for secret, instead in (("(?<=//)[^/?#]*@", "...@"), (r"\?[^#]+", "?..."), ("AC[0-9a-f]{32}", "AC...")):
        address = re.sub(secret, instead, address)
    return address


@contextmanager
def _term_as_interrupt() -> Iterator[None]:
    """Let who ends us (`timeout`, a service manager) also be told what is set, as by Ctrl-C."""
    usual = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


@contextmanager
def _output_lost() -> Iterator[None]:
    """Tell on the other output where the first is gone: click would end without a word, and half of it may be set."""
    try:
        yield
    except OSError:  # of writing alone: those of the network are AccountFaults
        raise click.ClickException(f"the output broke off, so it stopped; not all may be set. {AGAIN}") from None


def _set_all(account: Account, changing: Sequence[Planned]) -> None:
    """Set and read back number by number. Whatever stops it, each number is told: set, not set, or not known."""
    for place, each in enumerate(changing):
        try:
            account.write(each.held, each.changes)
            missing = differences(account.read(each.held), each.wanted)
        except (AccountFault, KeyboardInterrupt) as stopped:
            click.echo(f"{each.held.number}: {_state(account, each, stopped)}")
            raise _stopped(changing[place + 1 :], str(stopped) or INTERRUPTED) from None
        if missing and not lost_connection(missing):
            named = ", ".join(NAMES[change.field] for change in missing)
            click.echo(f"{each.held.number}: set only in part")
            raise _stopped(changing[place + 1 :], f"Twilio took it, but reads back another value of: {named}.")
        click.echo(f"{each.held.number}: set, and read back")
        if missing:
            click.echo(LOST, err=True)


def _state(account: Account, each: Planned, stopped: BaseException) -> str:
    """What is set at a number whose change was stopped: the change may have come through without its answer."""
    unknown = "not known whether it is set"
    if not isinstance(stopped, AccountFault):
        return unknown
    try:
        now = account.read(each.held)
    except (AccountFault, KeyboardInterrupt):  # who waits for a provider that is slow may well end it here
        return unknown
    if now == each.held.webhooks:
        return "not set"
    missing = differences(now, each.wanted)
    return "set only in part" if missing and not lost_connection(missing) else "set"


def _stopped(left: Iterable[Planned], why: str) -> click.ClickException:
    for each in left:
        click.echo(f"{each.held.number}: not set")
    return click.ClickException(f"{why} {AGAIN}")


def _numbers(count: int) -> str:
    return "one number" if count == 1 else f"{count} numbers"
