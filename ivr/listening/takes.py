"""A take: what a volunteer has recorded, judged and made into the clip that callers would hear, and kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import soundfile  # type: ignore[import-untyped]

from ivr.core.content import Content
from ivr.files import write_atomically, writing
from ivr.listening.sentences import RoomSentence
from ivr.proof.recordings import TooLong
from ivr.records.room import Gone, NoConsent, Room, Take, Volunteer
from ivr.speech.clips import wav_seconds
from ivr.speech.estimate import Pace
from ivr.speech.recorded import take_path
from ivr.speech.recording import Reason, Refused, convert, damaged

TAKE_NAME = re.compile(r"[0-9a-f]{32}")
"""What the file of a take is called, without its ending: whoever records makes it up."""
MOST_CHANNELS, MOST_RATE = 2, 192_000
"""Of a sound that a stranger sends: a few bytes can hold a minute of hundreds of channels."""


class TooSlow(Refused):
    """A recording takes so long that callers would wait too long."""

    def __init__(self, told: TooLong) -> None:
        super().__init__(Reason("slow", f"{told}. Read a little faster."))
        self.told = told


def clip_of(upload: Path, sentence: RoomSentence | None, letters_per_second: float) -> bytes:
    """The clip made from what somebody has sent. Raises Refused. Without a sentence, anything may have been said."""
    with suppress(soundfile.SoundFileError), upload.open("rb") as file, soundfile.SoundFile(file) as sound:
        if sound.channels > MOST_CHANNELS or sound.samplerate > MOST_RATE:
            raise damaged("It has more channels or samples than a phone records. Record it with a phone.")
    if sentence is None:
        return convert(upload, "sentence")
    return convert(upload, sentence.ending, Pace(len(sentence.text), letters_per_second))


def keep(
    room: Room,
    recordings: Path,
    content: Content,
    volunteer: Volunteer,
    take: str,
    sentence: RoomSentence,
    upload: Path,
    now: datetime,
    *,
    too_long: Callable[[float], TooLong | None] = lambda _: None,
) -> Take:
    """Keep what somebody has recorded of a sentence: the file first, then its row. The same take twice is one take.

    Raises Refused, NoConsent; Gone where the name is taken; NotWritten. `too_long`: how a clip of so many seconds
    would break a rule, if so. No file is left behind without its row.
    """
    if volunteer.consent is None:
        raise NoConsent
    language, path = volunteer.language, take_path(recordings, volunteer.language, take)
    known = next((each for each in room.takes(language) if each.file == take), None)
    if known and (known.volunteer, known.sentence, known.text) != (volunteer.id, sentence.id, sentence.text):
        raise Gone
    if known and path.is_file():
        return known
    if path.exists() and any(each.spoken == take for each in room.hearings(language)):
        raise Gone
    data = clip_of(upload, sentence, content.languages.languages[language].characters_per_second)
    seconds = wav_seconds(data[:64], len(data)) or 0.0
    if told := too_long(seconds):
        raise TooSlow(told)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data, durable=True)
    try:
        sha256 = hashlib.sha256(data).hexdigest()
        return room.keep_take(volunteer.id, take, sentence.id, sentence.text, sha256, seconds, now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
