"""The question before something that cannot be taken back: only a yes is one."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from ivr.commands.asking import ask


@click.command()
def asks() -> None:
    ask("Call now?", "nobody was called")
    click.echo("called")


@pytest.mark.parametrize("typed", ["y\n", "Y\n", "yes\n", "what\ny\n"])
def test_a_yes_goes_on(typed: str) -> None:
    assert "called\n" in CliRunner().invoke(asks, input=typed).output


@pytest.mark.parametrize("typed", ["", "\n", "n\n", "what\nn\n", "\0\n", b"\xe4\n"])
def test_whatever_else_is_typed_is_no_yes(typed: str | bytes) -> None:
    """Also a letter that a terminal sends in another encoding."""
    result = CliRunner().invoke(asks, input=typed)
    assert result.exit_code == 1
    assert "Error: nobody was called, as nobody said yes. Remedy: answer y, or run it with --yes." in result.output
