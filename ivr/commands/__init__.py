"""The commands of `ivr`, one module a group. Only the module of the command that is run is imported."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "new": "line",
    "check": "line",
    "rules": "line",
    "flow": "line",
    "serve": "line",
    "close": "office",
    "fallback": "live",
    "call": "phone",
    "phone": "phone",
    "texts": "texts",
    "audio": "audio",
}
"""Command -> the module of this folder that defines it, under the command's name."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"{__name__}.{COMMANDS[cmd_name]}"), cmd_name)
        return found


@click.group(cls=_Commands)
@click.version_option(package_name="kemi-guidance-line")
@click.option("--site", metavar="DIR", help="The folder of the site; by default IVR_SITE, else prompts/ here.")
@click.pass_context
def main(context: click.Context, site: str | None) -> None:
    """A phone line that answers at once, in the caller's language, and always leads to a person."""
    context.obj = site
