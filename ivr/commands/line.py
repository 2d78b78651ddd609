"""`ivr new | check | rules | flow`: make a site, check it, and draw it."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import click

from ivr.commands.site import this_site
from ivr.content.scaffold import NotMade, make_site
from ivr.core.diagram import mermaid
from ivr.proof import report
from ivr.proof.kept import NOTHING_KEPT, Kept
from ivr.proof.prove import load_and_prove
from ivr.proof.registry import rules as all_rules
from ivr.settings.env_file import environment
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
