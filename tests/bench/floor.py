"""The floor: a bare Flask view on the same server that reads the same form and returns a constant string.

`raw`: a bare WSGI callable there, which reads the body and no field of it. `clip PATH`: one that returns those bytes.
"""

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


def bytes_app(data: bytes, content_type: str) -> WSGIApplication:
    """A bare WSGI callable that returns the same bytes to everybody."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", content_type), ("Content-Length", str(len(data)))])
        return [data]

    return app


def application(kind: str, path: str = "") -> WSGIApplication:
    """The application of a kind."""
    match kind:
        case "raw":
            return bytes_app(DOCUMENT.encode(), "text/xml; charset=utf-8")
        case "clip":
            return bytes_app(Path(path).read_bytes(), "audio/wav")
        case _:
            return floor_app()


if __name__ == "__main__":
    port, *kind = sys.argv[1:]
    serve(application(*kind or [""]), "127.0.0.1", int(port), lambda _host, _port: None)
