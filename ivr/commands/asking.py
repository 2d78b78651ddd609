"""A yes before something that cannot be taken back."""

from __future__ import annotations

import sys

import click


def ask(question: str, otherwise: str) -> None:
    """Go on only with a yes. ClickException where somebody says no, or where nobody can answer.

    `otherwise`: what then was not done, as in "nothing was changed".
    """
    try:
        agreed = sys.stdin is not None and click.confirm(question)  # None: it was closed before we began
    except (click.Abort, UnicodeError, OSError):  # a letter of another encoding, or a terminal that is gone
        click.echo()
        agreed = False
    if not agreed:
        raise click.ClickException(f"{otherwise}, as nobody said yes. Remedy: answer y, or run it with --yes.")
