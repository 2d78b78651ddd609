"""The commands of `ivr`."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ivr.app import create_app
from ivr.content.load import Loaded, load
from ivr.core.content import Content
from ivr.core.diagram import mermaid
from ivr.core.issue import Issue
from ivr.journal import Journal, open_journal
from ivr.phone.errors import CarrierError
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, contact_numbers
from ivr.serve import serve as serve_until_stopped
from ivr.settings import Faults, Settings, content_folder, environment, read_settings
from ivr.speech.estimate import seconds_by_locale

if TYPE_CHECKING:
    from flask import Flask


@click.group(help=__doc__)
@click.version_option(package_name="kemi-guidance-line")
def main() -> None:
    """The Kemi guidance line."""


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the issues as JSON.")
def check(as_json: bool) -> None:
    """Look for everything that is wrong with the content in prompts/. Exit 1 if anything is broken or incomplete."""
    loaded = _load()
    if as_json:
        click.echo(json.dumps([asdict(issue) for issue in loaded.issues], ensure_ascii=False, indent=2))
    else:
        _print_issues(loaded.issues)
        offered = ", ".join(sorted(loaded.content.offered)) if loaded.content else "none"
        click.echo(f"languages offered: {offered}")
    sys.exit(any(issue.severity != "note" for issue in loaded.issues))


@main.command()
def flow() -> None:
    """Print the flow as a Mermaid diagram."""
    click.echo(mermaid(_content().flow), nl=False)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
def serve(host: str, port: int) -> None:
    """Answer the webhooks of the telephony provider. Stops on SIGTERM without losing a request."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    content = _content()
    try:
        settings = read_settings(environment(Path.cwd()), content.office)
        journal = open_journal(settings.log)
    except Faults as faults:
        raise click.ClickException("the line cannot go live:\n  " + "\n  ".join(faults.faults)) from None
    except OSError as error:
        raise click.ClickException(f"IVR_LOG cannot be written: {error.strerror}. Remedy: name a file.") from None
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)

    def ready(host: str, port: int) -> None:
        click.echo(f"answering on http://{host}:{port}, known to the world as {settings.public_url}", err=True)

    try:
        serve_until_stopped(create_app(settings, content, _now, journal), host, port, ready)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}. Remedy: another --port."
        ) from None


@main.command()
@click.option("--at", metavar='"YYYY-MM-DD HH:MM"', help="When the call takes place, in the office's time zone.")
@click.option("--keys", default="", help='What the caller does, for example "3,1" or "3,wait,early 0,hang up".')
@click.option("--lang", help="Choose this language first, for example sv.")
@click.option("--contact", "contacts", multiple=True, metavar="NAME=WHAT", help="For example on_call=no_answer.")
@click.option("--golden", is_flag=True, help="Print the call as a golden call for tests/calls/.")
def call(at: str | None, keys: str, lang: str | None, contacts: tuple[str, ...], golden: bool) -> None:
    """Ring the line in the terminal. With --keys it plays at once; without, your keyboard is the phone."""
    from ivr.phone.ring import Ring, ring  # rich is slow to import, and only this command shows calls

    content = _content()
    try:
        wanted = Ring.read(content, _moment(at, content), keys, lang, contacts)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        seconds_of = seconds_by_locale(content.languages)
        ring(wanted, content, simulated_app, seconds_of, as_golden=golden, live=not keys and sys.stdin.isatty())
    except CarrierError as error:
        raise click.ClickException(f"the line broke a rule of telephony: {error}") from None


def simulated_app(content: Content, clock: Callable[[], datetime]) -> Flask:
    """The whole application of a line that rings nobody."""
    settings = Settings(PUBLIC_URL, OUR_NUMBER, (AUTH_TOKEN,), contact_numbers(content.office.contacts))
    return create_app(settings, content, clock, Journal(io.StringIO()))


def _moment(at: str | None, content: Content) -> datetime:
    zone = ZoneInfo(content.office.zone)
    if at is None:
        return datetime.now(zone)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter(f"'{at}' is no date and time; write \"2026-12-24 10:00\"", param_hint="--at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _now() -> datetime:
    return datetime.now(UTC)


def _load() -> Loaded:
    return load(content_folder(environment(Path.cwd())), _now().date())


def _content() -> Content:
    loaded = _load()
    if loaded.content is None:
        _print_issues(loaded.issues)
        raise click.ClickException("the content is broken; `ivr check` lists it again")
    for issue in loaded.issues:
        if issue.severity == "incomplete":
            click.echo(f"warning: {issue}", err=True)
    return loaded.content


def _print_issues(issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        click.echo(str(issue), err=issue.severity == "broken")
