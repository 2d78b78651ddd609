"""Taking a voice back: nothing of it is left on disk, in the records or for callers to hear.

First the records say that it is being taken back, then its files go, those that callers hear before all others, and
then its rows. So a process that is killed leaves rows by which `finish_withdrawals` finds what is left, and never a
recording that callers hear and nobody could take back.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ivr.records.room import Gone, Room
from ivr.speech.recorded import remove_voice, take_path


def take_back(room: Room, recorded: Path, volunteer_id: int, by: str | None, now: datetime) -> tuple[str, ...]:
    """Delete all of somebody's voice; the ids of the sentences that callers lose by it.

    `recorded`: the folder of all recordings. `by`: who of the staff did it; None: they did it themselves. Raises Gone,
    RecordsFault, NotWritten or another OSError; once it has begun, `finish_withdrawals` does the rest.
    """
    who = next((each for each in room.volunteers() if each.id == volunteer_id), None)
    if who is None:
        raise Gone
    room.begin_withdrawal(who.id, by, now)
    lost = remove_voice(recorded / who.language, who.voice)
    for file in room.voice_files(who.id):
        take_path(recorded, who.language, file).unlink(missing_ok=True)
    room.forget_voice(who.id, by, now)
    return tuple(sorted({name.partition("~")[0] for name in lost}))


def finish_withdrawals(room: Room, recorded: Path, now: datetime) -> None:
    """Finish what was broken off, also by a press that was killed while it published a voice that was taken back.

    Raises as `take_back` does.
    """
    for who in room.volunteers():
        if who.withdrawn and not who.forgotten:
            take_back(room, recorded, who.id, None, now)
        elif who.forgotten:
            remove_voice(recorded / who.language, who.voice)
