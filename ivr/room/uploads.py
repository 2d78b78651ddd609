"""Sounds that are sent here, on the disk while they are judged; and what JSON a request has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from flask import abort, request

from ivr.listening.takes import TAKE_NAME, TooSlow
from ivr.room.access import reception
from ivr.room.told import Answer, said
from ivr.speech.recording import Refused

MOST_SOUND, MOST_JSON = 12 << 20, 32 << 10
"""Bytes of a body. A minute of WAV from a phone has at most half of that."""
AT_ONCE = 64 << 10
WAITS_S = 20.0
"""How long a recording waits for others to be judged, before it is sent again later."""
LONGEST_TEXT = 500
"""Letters that somebody writes."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
"""Characters that nobody writes: of control, or that turn the direction of what follows. Zero-width joiners are letters
of Persian and Sorani.
"""


@contextmanager
def uploaded() -> Iterator[Path]:
    """The sound of this request, as a file without a name: it is gone afterwards, also where this process is killed.

    One at a time of each processor.
    """
    if not reception().converting.acquire(timeout=WAITS_S):
        abort(HTTPStatus.SERVICE_UNAVAILABLE)
    try:
        with TemporaryFile() as file:
            while part := request.stream.read(AT_ONCE):
                file.write(part)
            file.flush()
            yield Path(f"/dev/fd/{file.fileno()}")
    finally:
        reception().converting.release()


def refused(error: Refused) -> Answer:
    """Why a sound cannot be used, by keys of words of the room; the seconds of one that is too slow, and the most."""
    codes = dict.fromkeys("again" if reason.code == "damaged" else reason.code for reason in error.reasons)
    seconds = {"seconds": [round(error.told.seconds, 1), error.told.most]} if isinstance(error, TooSlow) else {}
    return said(HTTPStatus.UNPROCESSABLE_ENTITY, reasons=[*codes], **seconds)


def checked_name(name: str) -> str:
    """A name that a page has made up for a file; 404 if it is none."""
    if not TAKE_NAME.fullmatch(name):
        abort(HTTPStatus.NOT_FOUND)
    return name


def body() -> dict[str, Any]:
    """The JSON object of this request; 400 if there is none."""
    try:
        found = request.get_json()
    except RecursionError:  # nested deeper than anything that a page sends
        abort(HTTPStatus.BAD_REQUEST)
    if not isinstance(found, dict):
        abort(HTTPStatus.BAD_REQUEST)
    return found


def text_in(found: dict[str, Any], name: str) -> str:
    """A field of it that is a text; 400 if it is none."""
    value = found.get(name)
    if not isinstance(value, str):
        abort(HTTPStatus.BAD_REQUEST)
    return value


def written(text: str) -> str | None:
    """What somebody has written, on one line with single blanks; None where it is nothing, too much, or no text."""
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_TEXT or CONTROL.search(text):
        return None
    return text
