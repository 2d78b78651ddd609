"""The listening room at the browser phone: on this machine only, so that anybody can try it by one click."""

from __future__ import annotations

import threading
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, abort, jsonify, request

from ivr.commands.site import Site, now
from ivr.records.room import Room
from ivr.settings.env_file import environment
from ivr.settings.room_pages import RoomSettings, read_room_settings

if TYPE_CHECKING:
    from flask import Response

    from ivr.room.access import Reception

BASE = "/room/"
NAME = "this computer"
"""What is invited: whoever sits here."""


def add_room_here(app: Flask, site: Site) -> bool:
    """Add a room to the phone, and how it is entered; whether what it needs is installed.

    Its records and its site are opened when somebody comes: who only calls does not wait for them.
    """
    try:
        from ivr.room.app import add_room
    except ImportError:
        return False
    here = _Opened(site)
    add_room(app, here, BASE)

    @app.post(f"{BASE}here")
    def invite_here() -> Response:
        """An invitation of this computer, for one language."""
        asked = request.get_json()
        language = asked.get("language") if isinstance(asked, dict) else None
        reception = here()
        reception.site.look()
        if not isinstance(language, str) or language not in reception.site.now.content.offered:
            abort(HTTPStatus.NOT_FOUND)
        return jsonify({"token": reception.room.invite(language, NAME, "voice", "ivr phone", now()).token})

    return True


class _Opened:
    """The room, which is opened at the first request."""

    def __init__(self, site: Site) -> None:
        self._site, self._lock = site, threading.Lock()
        self._reception: Reception | None = None

    def __call__(self) -> Reception:
        with self._lock:
            if self._reception is None:
                self._reception = self._open()
            return self._reception

    def _open(self) -> Reception:
        from ivr.room.access import Reception
        from ivr.room.site import RoomSite

        env = environment(Path.cwd())
        read = read_room_settings(env)
        settings = RoomSettings(read.recordings, read.key)  # of this machine, wherever the real room is reached
        shown = RoomSite(self._site.folder, self._site.audio, lambda: now().date())
        shown.start()
        return Reception(Room.open(env), settings, shown, now, BASE)
