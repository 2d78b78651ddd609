"""`ivr new | check | rules | flow | serve`: make a site, check it, and answer calls with it."""

from __future__ import annotations

import shlex
import socket
import sys
from dataclasses import replace
from pathlib import Path

import click

from ivr.commands.site import this_site
from ivr.content.scaffold import NotMade, make_site
from ivr.core.content import once_read
from ivr.core.diagram import mermaid
from ivr.journal import open_journal
from ivr.live.preparer import NotPrepared
from ivr.live.start import CannotStart
from ivr.proof import report
from ivr.proof.kept import NOTHING_KEPT, Kept
from ivr.proof.prove import load_and_prove
from ivr.proof.registry import rules as all_rules
from ivr.settings.env_file import SettingsError, environment, file_warnings
from ivr.settings.read import approval_fault, requires_approval, state_folder


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Make a site in DIR: hours, numbers, languages, texts and flow, copied from the example."""
    try:
        files = make_site(folder)
    except NotMade as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{folder}: {len(files)} files. Read {folder / 'README.md'}, then:")
    ivr = f"ivr --site {shlex.quote(str(folder))}"
    click.echo(f"  {ivr} check   what is wrong, and every rule proved")
    click.echo(f"  {ivr} phone   hear whole calls in a browser")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print issues and proofs as JSON.")
@click.option("--all", "anew", is_flag=True, help="Prove everything anew, also what has not changed since.")
@click.pass_context
def check(context: click.Context, as_json: bool, anew: bool) -> None:
    """Report all that is wrong in the site, and prove the rules. Exit 1 if anything is broken or incomplete.

    What was proved before and has not changed is not proved again; it is kept in IVR_STATE.
    """
    site = this_site(context)
    env = environment(Path.cwd())
    if fault := approval_fault(env):
        raise click.ClickException(fault)
    kept, required = NOTHING_KEPT if anew else Kept(state_folder(env)), requires_approval(env)
    proved = load_and_prove(site.folder, site.today, site.audio, require_approval=required, kept=kept)
    proved = replace(proved, issues=tuple(site.named(proved.issues)))
    click.echo(report.as_json(proved) if as_json else report.as_text(proved))
    sys.exit(any(issue.severity != "note" for issue in proved.issues))


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
def rules(ids: tuple[str, ...]) -> None:
    """Print the rules that a caller may count on, and how each is proved: all of them, or those named."""
    known = all_rules()
    if unknown := [id_ for id_ in ids if id_ not in known]:
        raise click.UsageError(f"there is no rule {', '.join(unknown)}; there are {', '.join(known)}")
    click.echo("\n\n".join(report.rule_text(known[id_]) for id_ in ids or known))


@click.command()
@click.pass_context
def flow(context: click.Context) -> None:
    """Print the flow as a Mermaid diagram."""
    click.echo(mermaid(this_site(context).content().flow), nl=False)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--metrics", metavar="HOST:PORT", help="Where operators read details of health and metrics.")
@click.pass_context
def serve(context: click.Context, host: str, port: int, metrics: str | None) -> None:
    """Answer the webhooks of the telephony provider. Stops on SIGTERM without losing a request."""
    from ivr.live.line import RunningLine
    from ivr.serve import ignore_harmless, log_without_words

    ignore_harmless()
    _known_host(host, port)
    log_without_words()
    operators = _address(metrics)
    site, env = this_site(context), environment(Path.cwd())
    try:
        line = RunningLine(site.folder, site.audio, env)
        started = line.start()
        settings = started.serving.settings
        journal = open_journal(settings.log, settings.state)
    except CannotStart as error:
        site.print_issues(error.issues)
        raise click.ClickException(f"the content is broken; `{site.ivr} check` lists all issues") from None
    except NotPrepared as error:
        raise click.ClickException(f"the content cannot be prepared: {error}") from None
    except SettingsError as error:
        raise _not_live(error) from None
    except OSError as error:
        raise click.ClickException(f"IVR_LOG cannot be written: {error.strerror}. Remedy: name a file.") from None
    site.print_issues(issue for issue in started.issues if issue.severity != "note")
    about_files = (*file_warnings(Path.cwd()), *journal.warnings)
    for warning in (*settings.warnings, *about_files):
        click.echo(f"warning: {warning}", err=True)
    if started.refused:
        click.echo(f"the content of the site is not served: {started.refused}", err=True)

    def ready(host: str, port: int) -> None:
        click.echo(f"answering on http://{host}:{port}, known to the world as {settings.public_url}", err=True)
        for code, why in started.serving.voices.missing().items():
            remedy = f". {once_read('them', code, '--safety')}" if code in started.serving.voices.unapproved else ""
            click.echo(f"{started.serving.content.name_of(code)} is not offered: {why}{remedy}", err=True)
        for warning in (*started.serving.voices.faults(), *started.serving.content.approval_notices):
            click.echo(f"warning: {warning}", err=True)
        for code, why in started.serving.voices.stale().items():
            name = started.serving.content.name_of(code)
            click.echo(f"warning: {name}: {why}; ivr audio status --lang {code}", err=True)

    try:
        line.serve(started, journal, (host, port), ready, operators, about_files)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {error.filename}: {error.strerror}. Remedy: another port, or an address of this machine."
        ) from None


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
