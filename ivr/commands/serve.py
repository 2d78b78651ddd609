"""`ivr serve`: answer calls. It imports nothing that only other commands need, as callers wait for its start."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import click

from ivr.commands.site import this_site
from ivr.core.content import once_read
from ivr.journal import open_journal
from ivr.live.line import RunningLine
from ivr.live.preparer import NotPrepared
from ivr.live.start import CannotStart
from ivr.serve import ignore_harmless, log_without_words
from ivr.serving import Serving
from ivr.settings.env_file import SettingsError, environment, file_warnings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--metrics", metavar="HOST:PORT", help="Where operators read details of health and metrics.")
@click.pass_context
def serve(context: click.Context, host: str, port: int, metrics: str | None) -> None:
    """Answer the webhooks of the telephony provider. Stops on SIGTERM without losing a request."""
    ignore_harmless()
    _known_host(host, port)
    log_without_words()
    operators = _address(metrics)
    site, env = this_site(context), environment(Path.cwd())
    try:
        line = RunningLine(site.folder, site.audio, env)
        started = line.start()
    except CannotStart as error:
        site.print_issues(error.issues)
        raise click.ClickException(f"the content is broken; `{site.ivr} check` lists all issues") from None
    except NotPrepared as error:
        raise click.ClickException(f"the content cannot be prepared: {error}") from None
    except SettingsError as error:
        raise _not_live(error) from None
    except OSError as error:
        what = f"{error.strerror or type(error).__name__}{f': {error.filename}' if error.filename else ''}"
        raise click.ClickException(
            f"the line cannot start: {what}. Remedy: see that this user may read the program and the site, that the "
            "disk has room, and that processes can be started."
        ) from None
    settings = started.serving.settings
    try:
        journal = open_journal(settings.log, settings.state)
    except OSError as error:
        raise click.ClickException(f"IVR_LOG cannot be written: {error.strerror}. Remedy: name a file.") from None
    site.print_issues(issue for issue in started.issues if issue.severity != "note")
    about_files = (*file_warnings(Path.cwd()), *journal.warnings)
    for warning in (*settings.warnings, *about_files):
        click.echo(f"warning: {warning}", err=True)
    if started.refused:
        click.echo(f"the content of the site is not served: {started.refused}", err=True)

    told = list(_what_is_missing(started.serving))  # before it listens: then a caller waits for nothing else

    def ready(host: str, port: int) -> None:
        click.echo(f"answering on http://{host}:{port}, known to the world as {settings.public_url}", err=True)
        for line in told:
            click.echo(line, err=True)

    del started  # or the first content would stay in memory beside the one that takes its place
    try:
        line.serve(journal, (host, port), ready, operators, about_files)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {error.filename}: {error.strerror}. Remedy: another port, or an address of this machine."
        ) from None


def _what_is_missing(serving: Serving) -> Iterator[str]:
    """A line for each language that is not offered, and for what is wrong with the voices."""
    content, voices = serving.content, serving.voices
    for code, why in voices.missing().items():
        remedy = f". {once_read('them', code, '--safety')}" if code in voices.unapproved else ""
        yield f"{content.name_of(code)} is not offered: {why}{remedy}"
    for warning in (*voices.faults(), *content.approval_notices):
        yield f"warning: {warning}"
    for code, why in voices.stale().items():
        yield f"warning: {content.name_of(code)}: {why}; ivr audio status --lang {code}"


def _known_host(host: str, port: int) -> None:
    try:
        socket.getaddrinfo(None if host == "*" else host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: it cannot be a name at all, such as a..b
        raise click.ClickException(
            f"--host {host} is no address of this machine. Remedy: 127.0.0.1, or 0.0.0.0 for all of its addresses."
        ) from None


def _address(written: str | None) -> tuple[str, int] | None:
    """HOST:PORT of an option. Raises BadParameter."""
    if written is None:
        return None
    host, colon, port = written.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f"'{written}' is no address; write 127.0.0.1:9464", param_hint="--metrics")
    return host.strip("[]") or "127.0.0.1", int(port)


def _not_live(error: SettingsError) -> click.ClickException:
    return click.ClickException("the line cannot go live:\n  " + "\n  ".join(error.faults))
