"""`ivr records`: the database in which the office keeps what it has decided."""

from __future__ import annotations

from pathlib import Path

import click

from ivr.commands.asking import ask
from ivr.commands.shown import Group, told
from ivr.settings.env_file import environment


@click.group(cls=Group)
def records() -> None:
    """What the office has decided, in its database: back-up and restore.

    That of IVR_STATE; PostgreSQL has programs of its own for it (docs/behaviour.md).
    """


@records.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, readable=False))
def backup(file: Path) -> None:
    """Write the records as they are now into FILE, which must not be there yet. Everything may go on meanwhile.

    What is seen of calls that are not counted yet is left out: it is kept for a day at most, and a back-up for longer.
    """
    from ivr.records.backup import back_up

    with told():
        back_up(environment(Path.cwd()), file)
    click.echo(f"{file} holds all records of now. It names staff: keep it as you keep passwords.")


@records.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, readable=False))
@click.option("--yes", is_flag=True, help="Do not ask before the records are replaced.")
def restore(file: Path, yes: bool) -> None:
    """Put a back-up in place of the records of now. The line takes its closings over within ten seconds.

    What was decided since the back-up is lost, whoever was removed since is back, and all numbers go on higher than
    before, so that no page that is still open somewhere withdraws another closing.
    """
    from ivr.records.backup import restore as put_back

    if not yes:
        ask("Replace all records by those of the back-up?", "nothing was replaced")
    with told():
        put_back(environment(Path.cwd()), file)
    click.echo("The records are those of the back-up. See `ivr closings`, and who may log in.")
