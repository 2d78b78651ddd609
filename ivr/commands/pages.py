"""How pages are served that people open in a browser: those of the office, and the listening room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ivr.serve import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from ivr.connections.connection import Limits


def serve_pages(app: WSGIApplication, host: str, port: int, url: str | None, limits: Limits | None = None) -> None:
    """Serve an application until SIGTERM, and tell where. ClickException where that address cannot be listened on.

    `url`: where others reach it, if they do.
    """

    def ready(host: str, port: int) -> None:
        click.echo(f"answering on http://{host}:{port}{f', known as {url}' if url else ''}", err=True)

    try:
        serve(app, host, port, ready, limits=limits)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {error.filename}: {error.strerror}. Remedy: another port, or an address of this machine."
        ) from None
