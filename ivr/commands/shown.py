"""How commands show themselves and what they list: help that is not cut, tables that fit a narrow terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.table import Table


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
