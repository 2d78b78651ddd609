"""`ivr --help` names each command with the first sentence of its own help, though it imports none."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from ivr.commands import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_said_of_a_command_is_what_it_says_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command
    assert command.name == name
    assert command.help
    assert " ".join(command.help.split()).startswith(COMMANDS[name].help)
    assert COMMANDS[name].help.endswith(".")


def test_all_of_it_is_shown() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    words = " ".join(shown.output.split())
    for name, command in COMMANDS.items():
        assert f"{name} {command.help}" in words


def test_what_is_no_command_is_told() -> None:
    told = CliRunner().invoke(main, ["srve"])
    assert told.exit_code == 2
    assert "No such command 'srve'" in told.output
