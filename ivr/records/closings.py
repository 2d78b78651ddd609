"""The closings that people have made: what is kept of each, and what can be asked of the records.

Nothing here imports a database: `Records.open` does.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from ivr.core.closing import Change
from ivr.records.faults import RecordsFault

Reason = Literal["no-staff", "meeting", "technical", "other"]
"""Why something is closed. Never free text: somebody would write who is ill, and health is nobody's business."""
REASONS: tuple[Reason, ...] = get_args(Reason)
Standing = Literal["none", "older", "newest"]
"""Whether there are records, and whether their tables are those of this version of the program."""


def reason(written: str | None) -> Reason | None:
    """The reason that is written so; None if there is none such."""
    return next((each for each in REASONS if each == written), None)


Deed = Literal["close", "withdraw", "add", "remove", "role", "password", "reset", "sign-out"]
"""What somebody did: the first two to a closing, the others to a person of the staff."""
KEPT = timedelta(days=365)
"""How long it is kept who did what, and a closing after its end."""


@dataclass(frozen=True)
class KeptClosing:
    """A closing, or a stand-in, that somebody made. `by` and `withdrawn_by`: names of staff; all times are in UTC."""

    id: int
    closing: Change
    why: Reason
    by: str
    created: datetime
    withdrawn: datetime | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True)
class AuditEntry:
    """Who did what, when, and to what: the number of a closing, or the name of a person of the staff.

    A closing may be forgotten before what was done to it, or after.
    """

    at: datetime
    by: str
    deed: Deed
    about: str


class NothingToWithdraw(RecordsFault):
    """There is no closing that could be withdrawn. `kept`: what is known of the one that was meant, if anything."""

    def __init__(self, what: str, kept: KeptClosing | None) -> None:
        super().__init__(what, "look at the list of closings")
        self.kept = kept


class Records(ABC):
    """What is kept. Every method may be called from any thread or process; RecordsFault comes within seconds.

    After a fault while something was written it is done wholly or not at all; whether it is, only a look can tell.
    """

    @staticmethod
    def open(env: Mapping[str, str]) -> Records:
        """The records of `IVR_DATABASE_URL`, else of `IVR_STATE`.

        It makes the tables, or brings them up to date; that alone may take a minute, and whoever comes meanwhile waits.
        """
        return _kind().open(env)

    @staticmethod
    def look(env: Mapping[str, str]) -> Standing:
        """How they stand, without making or changing anything. RecordsFault if they cannot be read and written."""
        return _kind().look(env)

    @abstractmethod
    def close(self, closing: Change, why: Reason, by: str, now: datetime, *, token: UUID | None = None) -> KeptClosing:
        """Keep a closing or a stand-in. ValueError if it is none, or `why` no reason, or `by` no name.

        Who may have to ask again gives the same `token` again: the closing is then kept once, and returned as it is
        now. RecordsFault if it was used for another.
        """

    @abstractmethod
    def withdraw(self, id: int, by: str, now: datetime) -> KeptClosing:
        """End a closing before its time. NothingToWithdraw if it is withdrawn already, has ended, or never was."""

    @abstractmethod
    def current(self, now: datetime) -> tuple[KeptClosing, ...]:
        """The closings that hold now or will, in the order in which they were made."""

    @abstractmethod
    def all(self, since: datetime) -> tuple[KeptClosing, ...]:
        """All that had not ended at a time, the withdrawn ones too, in the order in which they were made."""

    @abstractmethod
    def audit(self, since: datetime) -> tuple[AuditEntry, ...]:
        """Who did what since a time, in the order in which it was done."""

    @abstractmethod
    def forget(self, now: datetime) -> None:
        """Delete what was done more than 12 months ago, and the closings that have ended or been withdrawn by then.

        Each `close` and `withdraw` does it too.
        """


def _kind() -> type[Records]:
    try:
        from ivr.records.sql import SqlRecords
    except ImportError:
        raise RecordsFault(
            "what reads and writes the records is not installed", "pip install 'kemi-guidance-line[office]'"
        ) from None
    return SqlRecords
