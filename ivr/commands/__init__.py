"""The commands of `ivr`, one module a group. Only the module of the command that is run is imported."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click


class Listed(NamedTuple):
    """The module of this folder with a command of the same name, and the first sentence of its help."""

    module: str
    help: str


COMMANDS = {
    "new": Listed("line", "Make a site in DIR: hours, numbers, languages, texts and flow, copied from the example."),
    "check": Listed("line", "Report all that is wrong in the site, and prove the rules."),
    "rules": Listed(
        "line", "Print the rules that a caller may count on, and how each is proved: all of them, or those named."
    ),
    "flow": Listed("line", "Print the flow as a Mermaid diagram."),
    "serve": Listed("serve", "Answer the webhooks of the telephony provider."),
    "connect": Listed("connect", "Set at Twilio what it asks when our numbers are called: the line, and its fallback."),
    "doctor": Listed("doctor", "Look whether the line is ready for its callers: here, from outside, and at Twilio."),
    "probe": Listed("probe", "Call our own number, and see that the line answers."),
    "close": Listed(
        "closings",
        "Close SCHEDULE until a time, whatever office.yaml says: `ivr close phone --until 12:00 --why no-staff`.",
    ),
    "stand-in": Listed(
        "closings", "Let a prepared number ring in place of a contact's until a time: the phone line stays open."
    ),
    "open": Listed(
        "closings", "Withdraw what closes WHAT now, a schedule or all: the hours of office.yaml hold again."
    ),
    "closings": Listed("closings", "List the closings and the stand-ins of now and to come, with who made them."),
    "records": Listed("records", "What the office has decided, in its database: back-up and restore."),
    "counts": Listed(
        "counts",
        "Print who was helped and who was failed in PERIOD: 2026-11 or 2026, by default the last month that is over.",
    ),
    "office": Listed("office", "Serve the pages of the office: who may log in is made by `ivr staff add`."),
    "room": Listed("room", "Serve the listening room, where invited volunteers give a language its voice."),
    "staff": Listed("staff", "Who may log in to the pages of the office."),
    "fallback": Listed(
        "live",
        "Print the document that Twilio takes where the line does not answer: 112, then the urgent line is rung.",
    ),
    "call": Listed("phone", "Ring the line in the terminal."),
    "phone": Listed(
        "phone", "Hear whole calls in a browser on this machine, or ring the line by real telephones (`--sip`)."
    ),
    "texts": Listed("texts", "What the line says, in every language, and what native speakers have approved."),
    "audio": Listed("audio", "Everything that the line can say, as sound."),
}
"""What `ivr --help` says of each command stands here, so that it imports none of them."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__name__}.{COMMANDS[cmd_name].module}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])


@click.group(cls=_Commands)
@click.version_option(package_name="kemi-guidance-line")
@click.option("--site", metavar="DIR", help="The folder of the site; by default IVR_SITE, else prompts/ here.")
@click.pass_context
def main(context: click.Context, site: str | None) -> None:
    """A phone line that answers at once, in the caller's language, and always leads to a person."""
    context.obj = site
