"""Every request by both ways to an answer: the thin entry, and the Flask views behind it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.test import run_wsgi_app

from ivr.telephony.web import address_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BothWays:
    """A line, and its twin that is asked the same in such a way that the Flask views answer. They must agree."""

    def __init__(self, line: WSGIApplication, twin: WSGIApplication) -> None:
        self._line, self._twin = line, twin

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of both."""
        if address_of(environ["PATH_INFO"]) is None:
            run_wsgi_app(self._twin, {**environ}, buffered=True)  # it learns the same, such as that a clip is lost
            return self._line(environ, start_response)
        body = environ["wsgi.input"].read()
        answers = []
        for app, asked in ((self._line, environ), (self._twin, unusual(environ))):
            data, status, headers = run_wsgi_app(app, {**asked, "wsgi.input": io.BytesIO(body)}, buffered=True)
            answers.append((status, sorted(headers), b"".join(data)))
        assert answers[0] == answers[1], "the thin entry and the views differ"
        status, fields, whole = answers[0]
        start_response(status, fields)
        return [whole]


def unusual(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The same request, with zeros before its length: the thin entry leaves it to the views."""
    if not environ.get("CONTENT_LENGTH"):
        return environ
    return {**environ, "CONTENT_LENGTH": environ["CONTENT_LENGTH"].zfill(8)}
