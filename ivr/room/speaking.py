"""What somebody does who records: their takes, what they think of a sentence, and how they would say it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, request

from ivr.listening.safety_sounds import takes_by_voice
from ivr.listening.sentences import RoomSentence
from ivr.listening.takes import keep
from ivr.proof.recordings import TooLong
from ivr.records.room import VERDICTS, NoConsent
from ivr.room.access import content, may, reception, visit
from ivr.room.state import has_agreed, hash_of_words, progress_told, take_told
from ivr.room.told import NOTHING, Answer, said
from ivr.room.uploads import body, checked_name, refused, text_in, uploaded, written
from ivr.speech.recording import Refused


def add_speaking(pages: Blueprint) -> None:
    """Add the views to the pages of a room."""

    @pages.put("/takes/<take>")
    @may("voice", "editor")
    def keep_take(take: str) -> Answer:
        me, here = visit().volunteer, reception()
        checked_name(take)
        sentence = _sentence_of(request.args.get("sentence", ""))
        if sentence is None or hash_of_words(sentence.text) != request.args.get("words"):
            return _changed(sentence)
        if not has_agreed(me):
            raise NoConsent
        now, arguments = here.now(), (here.room, here.settings.recordings, content().content, me, take, sentence)
        try:
            with uploaded() as sound:
                kept = keep(*arguments, sound, now, too_long=lambda seconds: _too_long(sentence, seconds))
        except Refused as error:
            return refused(error)
        return said(
            200, take=take_told(me.language, sentence, kept), progress=progress_told(me, here.room.takes(me.language))
        )

    @pages.post("/judge")
    @may("voice", "editor")
    def judge() -> Answer | tuple[str, int]:
        found = body()
        sentence, verdict = _sentence_of(text_in(found, "sentence")), text_in(found, "verdict")
        if sentence is None or hash_of_words(sentence.text) != text_in(found, "words"):
            return _changed(sentence)
        for known in VERDICTS:
            if verdict == known:
                reception().room.read(visit().volunteer.id, sentence.id, sentence.text, known, reception().now())
                return NOTHING
        return said(HTTPStatus.BAD_REQUEST, why="verdict")

    @pages.post("/suggest")
    @may("voice", "editor")
    def suggest() -> Answer | tuple[str, int]:
        found = body()
        sentence, words = _sentence_of(text_in(found, "sentence")), written(text_in(found, "said"))
        if sentence is None or hash_of_words(sentence.text) != text_in(found, "words"):
            return _changed(sentence)
        if words is None:
            return said(HTTPStatus.UNPROCESSABLE_ENTITY, reasons=["again"])
        reception().room.suggest(visit().volunteer.id, sentence.id, sentence.text, words, reception().now())
        return NOTHING


def _sentence_of(id_: str) -> RoomSentence | None:
    return content().sentences(visit().volunteer.language).get(id_)


def _too_long(sentence: RoomSentence, seconds: float) -> TooLong | None:
    """How a recording of so many seconds would let callers wait too long beside this person's others, if so."""
    me, now = visit().volunteer, content()
    words = {each.id: each.text for each in now.sentences(me.language).values()}
    own = takes_by_voice(reception().room, me.language, words).get(me.id, {})
    return now.too_long(me.language, sentence.id, seconds, {id_: take.seconds for id_, take in own.items()})


def _changed(sentence: RoomSentence | None) -> Answer:
    """The words are others by now; None: it is not said any more."""
    return said(HTTPStatus.CONFLICT, text=sentence.text if sentence else None)
