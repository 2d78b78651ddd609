"""What a reader does: hears safety sentences without any text, says what each means, and whether it may be said."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, request

from ivr.files import write_atomically, writing
from ivr.listening.safety_sounds import ToHear, to_hear
from ivr.listening.takes import clip_of
from ivr.records.room import VERDICTS, NoConsent, SecondHearing, Visit
from ivr.room.access import content, may, reception, visit
from ivr.room.state import has_agreed
from ivr.room.told import NOTHING, Answer, said
from ivr.room.uploads import body, checked_name, refused, text_in, uploaded, written
from ivr.speech.recorded import take_path
from ivr.speech.recording import Refused


def sounds_of(reader: Visit) -> dict[str, ToHear]:
    """Name -> a sound to hear. Names tell nothing, also not to two readers together; each has an order of their own."""
    here, now, language = reception(), content(), reader.volunteer.language
    if language not in now.content.languages.languages:
        return {}
    found = to_hear(here.room, now.content, now.today, now.audio, language)
    named = {here.keyed(f"sound {reader.volunteer.id} {each.sha256} {each.sentence}"): each for each in found}
    return dict(sorted(named.items()))


def readers_state(reader: Visit) -> dict[str, Any]:
    """What a reader sees: no text of a sentence, and no id."""
    return {
        "to_hear": [
            {
                "sound": name,
                "url": f"sound/{name}.wav",
                "number": number,
                "meaning": (heard.meaning or None) if heard else None,
                "spoken": bool(heard and heard.spoken),
                "approved": heard.approved if heard else None,
            }
            for number, (name, each) in enumerate(sounds_of(reader).items(), 1)
            for heard in (_heard_by(reader, each),)
        ]
    }


def add_reading(pages: Blueprint) -> None:
    """Add the views to the pages of a room."""

    @pages.put("/meanings/<name>")
    @may("reader")
    def keep_meaning(name: str) -> Answer:
        checked_name(name)
        if not has_agreed(visit().volunteer):
            raise NoConsent
        if request.args.get("sound", "") not in sounds_of(visit()):
            return said(HTTPStatus.CONFLICT, why="changed")
        try:
            with uploaded() as sound:
                clip = clip_of(sound, None, 0)
        except Refused as error:
            return refused(error)
        reception().spoken.keep(visit().session, name, clip)
        return said(200)

    @pages.post("/heard")
    @may("reader")
    def hear() -> Answer | tuple[str, int]:
        found, sounds = body(), sounds_of(visit())
        meaning, spoken, verdict = found.get("meaning"), found.get("spoken"), text_in(found, "verdict")
        if verdict not in VERDICTS:
            return said(HTTPStatus.BAD_REQUEST, why="verdict")
        if (sound := sounds.get(text_in(found, "sound"))) is None:
            return said(HTTPStatus.CONFLICT, why="changed")
        words = "" if meaning is None else written(text_in(found, "meaning"))
        name = None if spoken is None else checked_name(text_in(found, "spoken"))
        before = _heard_by(visit(), sound)
        if name is None and not words and before:
            name = before.spoken  # what they have said aloud before holds on
        if words is None or not (words or name) or not _is_there(name, before):
            return said(HTTPStatus.UNPROCESSABLE_ENTITY, reasons=["again"])
        _note(sound, words, name, before, approved=verdict == "right")
        return NOTHING


def _heard_by(reader: Visit, sound: ToHear) -> SecondHearing | None:
    """What a reader has said of this very clip."""
    hearings = reception().room.hearings(reader.volunteer.language)
    return next(
        (
            each
            for each in hearings
            if (each.reader, each.sha256, each.sentence) == (reader.volunteer.id, sound.sha256, sound.sentence)
        ),
        None,
    )


def _is_there(name: str | None, before: SecondHearing | None) -> bool:
    """Whether what somebody has said aloud is there: it waits, or it was kept the last time."""
    kept_before = before is not None and before.spoken == name
    return name is None or kept_before or reception().spoken.get(visit().session, name) is not None


def _note(sound: ToHear, meaning: str, spoken: str | None, before: SecondHearing | None, *, approved: bool) -> None:
    """Keep what was heard: the file of a spoken meaning first, then the row; the file that it replaces goes."""
    here, me = reception(), visit().volunteer
    clip = here.spoken.get(visit().session, spoken) if spoken else None
    path = take_path(here.settings.recordings, me.language, spoken) if spoken else None
    if path and clip:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, clip, durable=True)
    arguments = (me.id, sound.sentence, sound.text, sound.sha256, meaning, spoken, here.now())
    try:
        here.room.hear(*arguments, approved=approved)
    except BaseException:
        if path and clip and not (before and before.spoken == spoken):
            path.unlink(missing_ok=True)
        raise
    if before and before.spoken and before.spoken != spoken:
        take_path(here.settings.recordings, me.language, before.spoken).unlink(missing_ok=True)
    if spoken:
        here.spoken.forget(visit().session, spoken)
