"""`GET /audio/<name>.wav`: clips, to anybody who knows their name, and nothing else of the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, send_file
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import FileWrapper

from ivr.speech.voices import VoiceSelector

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FOLDER, ENDING = "/audio/", ".wav"
SPECIAL = frozenset({"HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE"})
CACHE = "public, max-age=31536000, immutable"
FOR_EVER = 31_536_000
"""A name never gets other content, so a year is as good as for ever."""


class PlainClips:
    """Answers the plain request for a whole clip that is there, in front of the framework: nine in ten are that.

    Everything else (ranges, revalidation, HEAD, what is missing) is the blueprint's.
    """

    def __init__(self, app: WSGIApplication, selector: VoiceSelector) -> None:
        self._app, self._selector = app, selector

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve the clip, or pass the request on."""
        path = environ.get("PATH_INFO", "")
        plain = path.startswith(FOLDER) and environ["REQUEST_METHOD"] == "GET" and not SPECIAL & environ.keys()
        if plain and (clip := self._selector.path(path[len(FOLDER) : -len(ENDING)])) and path.endswith(ENDING):
            try:
                file = clip.open("rb")
            except OSError:
                return self._app(environ, start_response)
            headers = [("Content-Type", "audio/wav"), ("Content-Length", str(os.fstat(file.fileno()).st_size))]
            start_response(
                "200 OK", [*headers, ("ETag", f'"{path[len(FOLDER) : -len(ENDING)]}"'), ("Cache-Control", CACHE)]
            )
            return environ.get("wsgi.file_wrapper", FileWrapper)(file)  # type: ignore[no-any-return]
        return self._app(environ, start_response)


def clips_blueprint(selector: VoiceSelector, lost: Callable[[], None]) -> Blueprint:
    """The route of the clips. `lost` is told when one that was there at start is gone.

    No signature is asked: whether the provider signs a request for a clip is not known. Names are hashes and cannot be
    guessed.
    """
    audio = Blueprint("audio", __name__)

    @audio.get("/audio/<string(length=32):name>.wav")
    def clip(name: str) -> Response:
        path = selector.path(name)
        if path is None:
            raise NotFound
        try:
            response = send_file(path, mimetype="audio/wav", conditional=True, etag=name, max_age=FOR_EVER)
        except OSError:
            selector.lose(name)
            lost()
            raise NotFound from None
        response.cache_control.immutable = True
        response.cache_control.public = True
        return response

    return audio
