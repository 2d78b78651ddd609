"""The sounds of the room: each only for whoever may hear it."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from ivr.listening.safety_sounds import read_clip
from ivr.records.room import RECORDERS, Visit
from ivr.room.access import content, may, reception, visit
from ivr.room.reading import sounds_of
from ivr.speech.recorded import take_path


def add_sounds(pages: Blueprint) -> None:
    """Add the view to the pages of a room."""

    @pages.get("/sound/<name>.wav")
    @may("voice", "reader", "editor")
    def sound(name: str) -> Response:
        here = visit()
        data = _of_speaker(here, name) if here.volunteer.kind in RECORDERS else _of_reader(here, name)
        if data is None:
            abort(HTTPStatus.NOT_FOUND)
        # Safari asks for a sound in parts, and plays none that it does not get so.
        return send_file(BytesIO(data), mimetype="audio/wav", conditional=True, etag=False)


def _of_speaker(here: Visit, name: str) -> bytes | None:
    """A take of their own, else a clip by which callers hear a sentence of their language now."""
    me = here.volunteer
    if any(take.file == name for take in reception().room.takes(me.language) if take.volunteer == me.id):
        return read_clip(take_path(reception().settings.recordings, me.language, name))
    clips = (content().clip_of_today(me.language, id_) for id_ in content().sentences(me.language))
    return next((read_clip(clip.path) for clip in clips if clip and clip.name == name), None)


def _of_reader(here: Visit, name: str) -> bytes | None:
    """A sound that they are to hear, if it still is the very one that they would approve."""
    found = sounds_of(here).get(name)
    data = read_clip(found.path) if found else None
    return data if found and data and hashlib.sha256(data).hexdigest() == found.sha256 else None
