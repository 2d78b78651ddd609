"""How commands show themselves, what they list and what they cannot do: whole help, narrow tables, no tracebacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ivr.records.faults import RecordsFault
from ivr.settings.env_file import SettingsError

if TYPE_CHECKING:
    from rich.table import Table


@contextmanager
def told() -> Iterator[None]:
    """Tell in one line what the records cannot do, or what is wrong with the settings."""
    try:
        yield
    except (RecordsFault, SettingsError) as fault:
        raise click.ClickException(str(fault)) from None


class Group(click.Group):
    """A group of commands whose help says the first sentences of each whole, where click would cut them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with the first paragraph of its help."""
        commands = [command for name in self.list_commands(ctx) if (command := self.get_command(ctx, name))]
        with formatter.section("Commands"):
            formatter.write_dl([(str(each.name), _first_paragraph(each)) for each in commands])


def _first_paragraph(command: click.Command) -> str:
    return " ".join((command.help or "").partition("\n\n")[0].split())


def narrow_table(*columns: str, title: str, caption: str | None = None) -> Table:
    """An empty table without a frame: eight columns of figures fit into the 80 of a terminal or of a pipe."""
    from rich import box
    from rich.table import Table

    return Table(*columns, title=title, caption=caption, box=box.MINIMAL_HEAVY_HEAD, show_edge=False, pad_edge=False)
