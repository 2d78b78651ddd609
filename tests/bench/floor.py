"""The floor: a bare Flask view on the same server that reads the same form and returns a constant string."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from ivr.serve import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="https://line.example.fi/voice/menu" '
    'input="dtmf" numDigits="1"><Say>Press a number, or wait.</Say></Gather><Hangup/></Response>'
)


def floor_app() -> Flask:
    """Nothing but what every answer costs."""
    app = Flask("floor", static_folder=None)

    @app.post("/voice")
    @app.post("/voice/<path:node>")
    def voice(node: str = "") -> Response:
        for _ in request.form.items():
            pass
        return Response(DOCUMENT, content_type="text/xml; charset=utf-8")

    return app


def bytes_app(data: bytes) -> WSGIApplication:
    """A bare WSGI callable that returns the same bytes to everybody."""

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "audio/wav"), ("Content-Length", str(len(data)))])
        return [data]

    return app


if __name__ == "__main__":
    app = bytes_app(Path(sys.argv[1]).read_bytes()) if len(sys.argv) > 1 else floor_app()
    serve(app, "127.0.0.1", 0, lambda host, port: print(f"http://{host}:{port}", file=sys.stderr, flush=True))
