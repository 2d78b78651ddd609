"""What volunteers leave in the listening room, and who they are: values, and what can be asked of the room's records.

These records are a database of their own: the room is public, and must be able to read nothing else (decision 28).
Nothing here imports a database: `Room.open` does. It keeps hashes of tokens, never these themselves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from ivr.records.faults import RecordsFault

Kind = Literal["voice", "reader", "editor"]
"""What an invitation is for. `voice`: listen, judge, suggest and record. `editor`: the same, and accept what others
have suggested. `reader`: hear safety sentences without any text, and say what they mean."""
KINDS: tuple[Kind, ...] = get_args(Kind)
RECORDERS: tuple[Kind, ...] = ("voice", "editor")
Verdict = Literal["right", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Stage = Literal["open", "accepted", "rejected"]
"""Of a suggestion. Whether its words are in the texts is not kept: it is seen in the texts."""
Ended = Literal["over", "ended", "unknown"]
"""Why an invitation is good no more: its days are over, the office has ended it, or there never was one."""
RoomDeed = Literal["invite", "renew", "end", "withdraw", "use", "off", "accept", "reject", "take"]
INVITED = timedelta(days=30)
"""How long an invitation is good, unless it is made for another time."""
UNUSED = timedelta(days=14)
"""How long a take is kept that callers do not hear."""
KEPT = timedelta(days=365)
"""How long it is kept who did what."""


@dataclass(frozen=True)
class Consent:
    """What somebody has agreed to: the version of the text, the language in which they read it, and when (UTC).

    `named`: whether their name may be told to those who work with the recordings outside the office.
    """

    version: str
    read_in: str
    named: bool
    at: datetime


@dataclass(frozen=True)
class Volunteer:
    """Somebody who is invited for one language. Times are in UTC.

    `devices`: on how many phones or browsers the invitation was opened, since it has its present token. `ended`: when
    the office ended it. `withdrawn`: since when their voice is being taken back: it has no name any more; `forgotten`:
    all of it is deleted.
    """

    id: int
    language: str
    kind: Kind
    name: str
    invited: datetime
    ends: datetime
    ended: datetime | None = None
    devices: int = 0
    consent: Consent | None = None
    withdrawn: datetime | None = None
    forgotten: bool = False

    @property
    def voice(self) -> str:
        """What their voice is called in files: no name."""
        return f"v{self.id}"


@dataclass(frozen=True)
class NewInvitation:
    """An invitation with its token, which is shown to whoever made it and kept nowhere."""

    volunteer: Volunteer
    token: str = field(repr=False)


@dataclass(frozen=True)
class Visit:
    """Somebody who has entered, on one device. `device`: its number among those of the invitation, from 1."""

    volunteer: Volunteer
    session: int
    device: int


@dataclass(frozen=True)
class Entrance:
    """The answer to a token: the visit, and the token of its session, for a cookie."""

    visit: Visit
    session_token: str = field(repr=False)


@dataclass(frozen=True)
class Take:
    """One recording of one sentence, converted and judged: `file`: 32 hex digits, its name below `takes/<language>/`.

    `sentence`, `text`: id and words that were read. `sha256`: of the clip's bytes, in hex. `replaced`: when the same
    person recorded the sentence again.
    """

    id: int
    volunteer: int
    language: str
    sentence: str
    text: str
    file: str
    sha256: str
    seconds: float
    at: datetime
    replaced: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """What somebody thinks of a sentence in these words."""

    volunteer: int
    sentence: str
    text: str
    verdict: Verdict
    at: datetime


@dataclass(frozen=True)
class SecondHearing:
    """What a reader, who saw no text, says that a clip means, and whether it may be said to callers.

    `meaning`: in words; `spoken`: the file of a spoken one, below `takes/<language>/`; one of the two is there.
    """

    id: int
    reader: int
    language: str
    sentence: str
    text: str
    sha256: str
    meaning: str
    spoken: str | None
    approved: bool
    at: datetime


@dataclass(frozen=True)
class TextChange:
    """New words of one text of a language: `text_id` in the PO file.

    `base`, `english`: its words, and the English that they said, when it was accepted. `words`: with reading marks,
    where a voice of the language needs these.
    """

    text_id: str
    base: str
    english: str
    words: str


@dataclass(frozen=True)
class Suggestion:
    """How somebody would say a sentence. `text`: its words then, slots filled; `words`: theirs.

    `changes`: what an editor made of it, once it is accepted; `decided_by`: the editor's number.
    """

    id: int
    volunteer: int
    language: str
    sentence: str
    text: str
    words: str
    at: datetime
    stage: Stage = "open"
    changes: tuple[TextChange, ...] = ()
    decided_by: int | None = None
    decided: datetime | None = None


@dataclass(frozen=True)
class RoomEvent:
    """Who did what, when, in which language. `about`: a name, a sentence or nothing."""

    at: datetime
    by: str
    deed: RoomDeed
    language: str
    about: str


class InvitationOver(RecordsFault):
    """An invitation or a session that lets nobody in. `language`: of the invitation, where there was one."""

    def __init__(self, why: Ended, language: str | None = None) -> None:
        super().__init__("this invitation is good no more", "let a team leader make a new one")
        self.why, self.language = why, language


class OneKindOnly(RecordsFault):
    """Somebody of this name has an invitation of another kind in this language: nobody approves their own work."""

    def __init__(self) -> None:
        super().__init__(
            "somebody of this name is invited for this language already, for something else",
            "let another person do it, or end the other invitation and take its voice back",
        )


class OwnWork(RecordsFault):
    """Somebody would approve or accept what is their own."""

    def __init__(self) -> None:
        super().__init__("nobody approves their own words or voice", "let another person do it")


class NoConsent(RecordsFault):
    """A voice would be kept whose owner has not agreed."""

    def __init__(self) -> None:
        super().__init__("nothing is recorded before its speaker has agreed", "show the consent, and ask")


class Gone(RecordsFault):
    """There is no such invitation, take or suggestion; it may have been removed a moment ago."""

    def __init__(self) -> None:
        super().__init__("this is not there any more", "load the page again")


class Room(ABC):
    """The room's records. Every method may be called from any thread or process; RecordsFault comes within seconds.

    An id that is not there is a Gone. `by`: the name of who of the staff did it. `now`: aware.
    """

    @staticmethod
    def open(env: Mapping[str, str]) -> Room:
        """Those of `IVR_ROOM_DATABASE_URL`, else `room.db` in `IVR_RECORDINGS`. It brings the tables up to date."""
        try:
            from ivr.records.sql_room import SqlRoom
        except ImportError:
            raise RecordsFault(
                "what reads and writes the records is not installed", "pip install 'kemi-guidance-line[office]'"
            ) from None
        return SqlRoom.open(env)

    # --- invitations ---

    @abstractmethod
    def invite(
        self, language: str, name: str, kind: Kind, by: str, now: datetime, good_for: timedelta = INVITED
    ) -> NewInvitation:
        """Invite somebody. OneKindOnly, or ValueError if that can be no name.

        A second invitation of the same name, kind and language is the same person: the same row, with a new token.
        """

    @abstractmethod
    def renew(self, id: int, by: str, now: datetime, good_for: timedelta = INVITED) -> NewInvitation:
        """A new token for somebody, whose earlier one ends; who has entered by that stays in."""

    @abstractmethod
    def end(self, id: int, by: str, now: datetime) -> None:
        """End an invitation: nobody enters by it, and who has entered is out. What they left stays."""

    @abstractmethod
    def volunteers(self, language: str | None = None) -> tuple[Volunteer, ...]:
        """All who are or were invited, of one language or all, by language and name."""

    # --- a visit ---

    @abstractmethod
    def enter(self, token: str, device: str, now: datetime) -> Entrance:
        """Exchange a token for a session that ends with the invitation. InvitationOver. `device`: in plain words."""

    @abstractmethod
    def visit(self, session_token: str, now: datetime) -> Visit:
        """Who has a session. InvitationOver if it is good no more."""

    @abstractmethod
    def agree(self, id: int, version: str, read_in: str, now: datetime, *, named: bool) -> None:
        """Note a consent; it replaces an earlier one."""

    # --- what is left there ---

    @abstractmethod
    def keep_take(
        self, id: int, take: str, sentence: str, text: str, sha256: str, seconds: float, now: datetime
    ) -> Take:
        """Note a take whose file `take` is written; the same file twice is one take. NoConsent; OwnWork of a reader.

        The volunteer's earlier take of the sentence is replaced. Gone: a file of this name is somebody else's.
        """

    @abstractmethod
    def takes(self, language: str) -> tuple[Take, ...]:
        """The takes of a language, replaced ones too, in the order in which they were made.

        None of a voice that is being taken back: whoever publishes one looks again afterwards, and deletes it.
        """

    @abstractmethod
    def read(self, id: int, sentence: str, text: str, verdict: Verdict, now: datetime) -> None:
        """Note what somebody thinks of a sentence in these words; it replaces what they thought of it before."""

    @abstractmethod
    def readings(self, language: str) -> tuple[Reading, ...]:
        """What all think of the sentences of a language."""

    @abstractmethod
    def suggest(self, id: int, sentence: str, text: str, words: str, now: datetime) -> Suggestion:
        """Note how somebody would say a sentence; it replaces an open suggestion of theirs for the same sentence."""

    @abstractmethod
    def suggestions(self, language: str) -> tuple[Suggestion, ...]:
        """The suggestions of a language, the newest first."""

    @abstractmethod
    def accept(self, suggestion: int, editor: int, changes: tuple[TextChange, ...], now: datetime) -> None:
        """Accept a suggestion, as these changes of texts. OwnWork, also where the editor is of another language."""

    @abstractmethod
    def reject(self, suggestion: int, editor: int, now: datetime) -> None:
        """Reject a suggestion. OwnWork as above."""

    @abstractmethod
    def accepted(self, language: str) -> Mapping[str, TextChange]:
        """Text id -> the change of it that was accepted last."""

    @abstractmethod
    def hear(
        self,
        reader: int,
        sentence: str,
        text: str,
        sha256: str,
        meaning: str,
        spoken: str | None,
        now: datetime,
        *,
        approved: bool,
    ) -> SecondHearing:
        """Note what a reader heard. It replaces what they said of the same clip. OwnWork if it is no reader.

        NoConsent where they said it aloud and have not agreed. ValueError where they said nothing.
        """

    @abstractmethod
    def hearings(self, language: str) -> tuple[SecondHearing, ...]:
        """What the readers of a language have heard, the newest first."""

    # --- what the office does, and what goes ---

    @abstractmethod
    def note(self, deed: RoomDeed, language: str, about: str, by: str, now: datetime) -> None:
        """Note what somebody did that the methods here do not note by themselves."""

    @abstractmethod
    def events(self, since: datetime) -> tuple[RoomEvent, ...]:
        """Who did what since a time, in the order in which it was done."""

    @abstractmethod
    def voice_files(self, id: int) -> tuple[str, ...]:
        """Every file of somebody's voice below `takes/<language>/`: takes, replaced ones too, and spoken meanings.

        Also what readers said aloud of their takes, which goes with these.
        """

    @abstractmethod
    def begin_withdrawal(self, id: int, by: str | None, now: datetime) -> None:
        """Begin to take a voice back. Name, consent, sessions and invitation are gone, and no take is kept any more.

        So no file is added to those of `voice_files`, which are deleted next. `by`: as of `forget_voice`.
        """

    @abstractmethod
    def forget_voice(self, id: int, by: str | None, now: datetime) -> None:
        """Delete all of somebody's voice: takes, spoken meanings, hearings of their takes, consent, sessions, the name.

        Called after their files are deleted. What they wrote (verdicts, suggestions, written meanings) stays, without
        a name. None of what is deleted can be found in the file of the database afterwards; until that is so, the
        volunteer is not `forgotten`, and this can be called again. `by`: who of the staff; None: they did it
        themselves.
        """

    @abstractmethod
    def unused(self, language: str, heard: frozenset[str], now: datetime) -> tuple[Take, ...]:
        """The takes to delete: for 14 days replaced, or left by an ended invitation; and not `heard` (sha256)."""

    @abstractmethod
    def forget_takes(self, ids: tuple[int, ...]) -> None:
        """Delete takes whose files are deleted."""

    @abstractmethod
    def forget(self, now: datetime) -> None:
        """Delete what was done over a year ago, and sessions that are over."""
