"""The people of the office: who may use its pages, on which devices, and the links by which they set a password.

Nothing here imports a database: `People.open` does. It keeps hashes of passwords and of tokens, never these themselves.
"""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from ivr.records.closings import AuditEntry
from ivr.records.faults import RecordsFault

Role = Literal["staff", "leader"]
"""What somebody may: the staff close and open the line; a team leader also decides who is of the staff."""
ROLES: tuple[Role, ...] = get_args(Role)
LONGEST_NAME = 100
SIGNED_IN = timedelta(days=90)
"""How long a device stays signed in after it was last used."""
SEEN_AGAIN = timedelta(hours=1)
"""After so long it is noted anew that a device is used: not at every page."""
INVITED = timedelta(hours=24)
"""How long a link to set a password is good."""


@dataclass(frozen=True)
class Person:
    """Somebody of the staff; `name` is what they log in with. `has_password`: whether they can log in yet."""

    id: int
    name: str
    role: Role
    has_password: bool = False


@dataclass(frozen=True)
class Device:
    """Where somebody is signed in, by a name in plain words."""

    id: int
    name: str
    created: datetime
    seen: datetime


@dataclass(frozen=True)
class SignedIn:
    """Who uses which device. `noted`: whether its 90 days have just begun anew."""

    person: Person
    device: Device
    noted: bool


@dataclass(frozen=True)
class Invitation:
    """A link to set a password, once and until `ends`. The token is shown to whoever made it, and kept nowhere."""

    person: Person
    token: str = field(repr=False)
    ends: datetime


class NameTaken(RecordsFault):
    """Somebody else logs in with this name."""

    def __init__(self) -> None:
        super().__init__("somebody of the staff has this name already", "add a surname or an initial")


class NobodyOfThisName(RecordsFault):
    """There is no such person; they may have been removed a moment ago."""

    def __init__(self) -> None:
        super().__init__("nobody of the staff has this name", "`ivr staff list` names all")


class LastLeader(RecordsFault):
    """Without this person no team leader would be left who can log in."""

    def __init__(self) -> None:
        super().__init__("this is the only team leader who can log in", "make somebody else a team leader first")


class InvitationEnded(RecordsFault):
    """A link that sets no password any more: it was used before, its time is over, or there never was one."""

    def __init__(self, why: Literal["used", "over", "unknown"]) -> None:
        super().__init__("this link cannot be used any more", "let a team leader make a new one")
        self.why = why


class People(ABC):
    """Who may use the pages. Every method may be called from any thread or process; RecordsFault comes within seconds.

    Each change is kept with who made it. An `id` of somebody who is gone is a NobodyOfThisName.
    """

    @staticmethod
    def open(env: Mapping[str, str]) -> People:
        """The people in the records of `IVR_DATABASE_URL`, else of `IVR_STATE`. It brings the tables up to date."""
        try:
            from ivr.records.sql_people import SqlPeople
        except ImportError:
            raise RecordsFault(
                "what reads and writes the records is not installed", "pip install 'kemi-guidance-line[office]'"
            ) from None
        return SqlPeople.open(env)

    @abstractmethod
    def all(self) -> tuple[Person, ...]:
        """All of the staff, by name."""

    @abstractmethod
    def find(self, name: str) -> Person | None:
        """Who logs in with a name, in whatever case it is written."""

    @abstractmethod
    def password_of(self, id: int | None) -> str | None:
        """The hash of somebody's password, if they have set one."""

    @abstractmethod
    def add(self, name: str, role: Role, by: str, now: datetime) -> Invitation:
        """Take somebody on, who sets a password by a link. NameTaken, or ValueError if that can be no name."""

    @abstractmethod
    def invite(self, id: int, by: str, now: datetime) -> Invitation:
        """Make a new link for somebody. Their earlier ones end; their password is good until this one is used."""

    @abstractmethod
    def remove(self, id: int, by: str, now: datetime) -> None:
        """Let somebody go, with their devices and links. LastLeader if no team leader would be left."""

    @abstractmethod
    def set_role(self, id: int, role: Role, by: str, now: datetime) -> None:
        """Make somebody a team leader, or one no longer. LastLeader if no team leader would be left."""

    @abstractmethod
    def invited(self, token: str, now: datetime) -> Person:
        """Whose link this is; looking at it does not use it up. InvitationEnded if it is good no more."""

    @abstractmethod
    def accept(self, token: str, password: str, now: datetime) -> Person:
        """Use up a link: its person has a new password, of which this is the hash, no other link, and no device."""

    @abstractmethod
    def change_password(self, id: int, password: str, device: int, now: datetime) -> None:
        """Keep the hash of a password that somebody chose on a device. Others are signed out, and their links end."""

    @abstractmethod
    def rehash(self, id: int, old: str, new: str) -> None:
        """Keep another hash of the same password, unless it was changed meanwhile."""

    @abstractmethod
    def sign_in(self, id: int, device: str, now: datetime) -> str:
        """A new token for a device, by its name in plain words."""

    @abstractmethod
    def signed_in(self, token: str, now: datetime) -> SignedIn | None:
        """Who uses the device with a token, unless it was signed out or not used for 90 days."""

    @abstractmethod
    def log_out(self, token: str) -> None:
        """Sign out the device with a token, which somebody does with their own."""

    @abstractmethod
    def devices(self, id: int, now: datetime) -> tuple[Device, ...]:
        """Where somebody is signed in, last used first."""

    @abstractmethod
    def sign_out(self, id: int, device: int, now: datetime) -> None:
        """Sign somebody out on one of their devices, at their wish from another one."""

    @abstractmethod
    def sign_out_others(self, id: int, device: int, now: datetime) -> None:
        """Sign somebody out everywhere but on one device."""

    @abstractmethod
    def audit(self, since: datetime) -> tuple[AuditEntry, ...]:
        """Who did what since a time, closings too, in the order in which it was done."""

    @abstractmethod
    def forget(self, now: datetime) -> None:
        """Delete devices that are not signed in any more, and what else was over 12 months ago, as `Records.forget`."""


def proper_name(written: str) -> str:
    """A name as it is kept: composed (NFC), with single blanks. ValueError if it can be none."""
    return fit_name(unicodedata.normalize("NFC", " ".join(written.split())))


def fit_name(name: str) -> str:
    """The same name. ValueError if it can be nobody's."""
    if not (name and name.isprintable() and len(name) <= LONGEST_NAME):
        raise ValueError(f"a name has 1 to {LONGEST_NAME} characters on one line")
    return name


def name_key(written: str) -> str:
    """The same for all ways of writing one name: capital or small, composed or not, with more blanks."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", " ".join(written.split())).casefold())
