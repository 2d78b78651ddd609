"""`GET /audio/<name>.wav`: serves the clips, and no other file.

No signature is required, as it is not known whether the provider signs these requests. Names are hashes, so that they
cannot be guessed.
"""

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
NOT_PLAIN = frozenset({"HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE"})
FOR_EVER = (31_536_000, "public, max-age=31536000, immutable")
"""A year: the name of a rendered clip never gets other content."""
FOR_AN_HOUR = (3600, "public, max-age=3600")
"""The voice of a person, who may take it back: no copy may stay."""


def _kept(voices: VoiceSelector, name: str) -> tuple[int, str]:
    """For how many seconds whoever has a clip may keep it, and as a header."""
    return FOR_AN_HOUR if voices.is_recording(name) else FOR_EVER


class PlainClips:
    """WSGI middleware that answers plain requests for whole clips, nine in ten of them, without the cost of Flask.

    All other requests (ranges, revalidation, HEAD, missing clips) are passed on to the application.
    """

    def __init__(self, app: WSGIApplication, voices: Callable[[], VoiceSelector]) -> None:
        self._app, self._voices = app, voices

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a clip, or pass the request on."""
        path = environ.get("PATH_INFO", "")
        name = path.removeprefix(FOLDER).removesuffix(ENDING)
        plain = environ["REQUEST_METHOD"] == "GET" and not NOT_PLAIN & environ.keys()
        voices = self._voices()
        clip = voices.file(name) if plain and path == f"{FOLDER}{name}{ENDING}" else None
        try:
            file = clip.open() if clip else None
        except OSError:
            file = None
        if file is None:
            return self._app(environ, start_response)
        headers = [
            ("Content-Type", "audio/wav"),
            ("Content-Length", str(os.fstat(file.fileno()).st_size)),
            ("ETag", f'"{name}"'),
            ("Cache-Control", _kept(voices, name)[1]),
        ]
        start_response("200 OK", headers)
        return environ.get("wsgi.file_wrapper", FileWrapper)(file)  # type: ignore[no-any-return]


def clips_blueprint(voices: Callable[[], VoiceSelector], lost: Callable[[], None]) -> Blueprint:
    """The route of the clips. `lost` is called when the file of one has gone, or is whole no more."""
    audio = Blueprint("audio", __name__)

    @audio.get("/audio/<string(length=32):name>.wav")
    def clip(name: str) -> Response:
        selector = voices()
        found = selector.file(name)
        if found is None:
            if name in selector.lost:
                lost()
            raise NotFound
        seconds, kept = _kept(selector, name)
        try:
            found.open().close()
            response = send_file(found.path, mimetype="audio/wav", conditional=True, etag=name, max_age=seconds)
        except OSError:
            selector.lose(name)
            lost()
            raise NotFound from None
        response.headers["Cache-Control"] = kept
        return response

    return audio
