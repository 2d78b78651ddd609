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


@pytest.mark.parametrize("name", ["audio", "texts"])
def test_a_group_says_the_first_sentences_of_its_commands_whole(name: str) -> None:
    group = main.get_command(click.Context(main), name)
    assert isinstance(group, click.Group)
    words = " ".join(CliRunner().invoke(main, [name, "--help"]).output.split())
    assert len(group.commands) > 3
    for command in group.commands.values():
        assert command.help
        first = " ".join(command.help.partition("\n\n")[0].split())
        assert f"{command.name} {first}" in words
    assert "..." not in words.partition("Commands:")[2]


def test_what_is_no_command_is_told() -> None:
    told = CliRunner().invoke(main, ["srve"])
    assert told.exit_code == 2
    assert "No such command 'srve'" in told.output
