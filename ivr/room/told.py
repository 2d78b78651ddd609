"""What the room answers when something cannot be done: JSON, with words of the room where it has some for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, request
from flask.sansio.blueprints import Blueprint
from werkzeug.exceptions import HTTPException

from ivr.records.faults import RecordsFault
from ivr.records.room import Gone, InvitationOver, NoConsent, OwnWork
from ivr.room.access import content, drop_session
from ivr.room.words import words

Answer = tuple[Response, int]
NOTHING = "", HTTPStatus.NO_CONTENT
"""The answer where all is done and nothing is to be said."""

log = logging.getLogger(__name__)


class TooOften(Exception):
    """Somebody asks more often than anybody does who works there."""


def pair(language: str, key: str) -> list[str]:
    """A text of the room in a language, and in that of the staff."""
    return [words(language)[key], words(content().content.languages.staff)[key]]


def in_languages(key: str, language: str | None) -> Mapping[str, list[str]]:
    """Language -> the text in it and in that of the staff: of one language where it is known, else of all."""
    known = content().content.languages.languages
    return {code: pair(code, key) for code in known if code == language or language not in known}


def said(status: int, **told: Any) -> Answer:
    """An answer of JSON."""
    return jsonify(told), status


def with_words(status: int, why: str, key: str) -> Answer:
    """An answer with words, in the language of whoever is there."""
    visit = g.get("visit")
    return said(status, why=why, words={key: pair(visit.volunteer.language, key)} if visit else {})


def tell_errors(app: Flask | Blueprint) -> None:
    """Every error is told in JSON, and never with what a library says."""

    @app.errorhandler(HTTPException)
    def wrong(error: HTTPException) -> Any:
        code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
        if code < HTTPStatus.BAD_REQUEST:
            return error
        return with_words(code, HTTPStatus(code).phrase.lower(), "again")

    @app.errorhandler(InvitationOver)
    def over(error: InvitationOver) -> Any:
        entering = request.endpoint is not None and request.endpoint.endswith("enter")
        status = HTTPStatus.GONE if entering else HTTPStatus.UNAUTHORIZED
        answer, _ = said(status, why=error.why, words=in_languages("ended", error.language))
        if not entering:
            drop_session(answer)
        return answer, status

    @app.errorhandler(NoConsent)
    def ask_first(_: NoConsent) -> Answer:
        return said(HTTPStatus.FORBIDDEN, why="consent")

    @app.errorhandler(OwnWork)
    def own(_: OwnWork) -> Answer:
        return said(HTTPStatus.FORBIDDEN, why="own")

    @app.errorhandler(Gone)
    def gone(_: Gone) -> Answer:
        return said(HTTPStatus.CONFLICT, why="gone")

    @app.errorhandler(TooOften)
    def too_often(_: TooOften) -> Any:
        answer, status = with_words(HTTPStatus.TOO_MANY_REQUESTS, "too often", "again")
        return answer, status, {"Retry-After": "30"}

    @app.errorhandler(RecordsFault)
    def no_records(error: RecordsFault) -> Answer:
        log.error("%s", error)
        return with_words(HTTPStatus.SERVICE_UNAVAILABLE, "records", "again")

    @app.errorhandler(OSError)
    def no_room(error: OSError) -> Answer:
        log.error("a recording could not be read or written: %s", error.strerror or type(error).__name__)
        return with_words(HTTPStatus.SERVICE_UNAVAILABLE, "disk", "again")
