"""What the commands about closings work on: the office as its file has it, and the records, at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from ivr.commands.asking import ask
from ivr.commands.closing_shown import CommandPreview, Shown
from ivr.commands.moments import Typed
from ivr.commands.site import Site, now, this_site
from ivr.commands.who import user
from ivr.content.load import load_office
from ivr.core.closing import Change, Closing, StandIn
from ivr.core.exception_days import ALL
from ivr.core.offers import end_of_day
from ivr.core.office import DAYS_AHEAD, ON_CALL, Office
from ivr.core.spelling import near
from ivr.live.processes import serving_processes
from ivr.records.closings import KEPT, KeptClosing, NothingToWithdraw, Reason, Records
from ivr.records.reach import address
from ivr.settings.env_file import SettingsError, environment
from ivr.settings.read import SPARE, read_settings, requires_approval, speech_mode, state_folder
from ivr.speech.voices import VoiceSelector

TAKEN_OVER = "A running line takes it over within ten seconds."
MOST = timedelta(days=DAYS_AHEAD)
"""What is said of the hours is known for so many days."""


@dataclass(frozen=True)
class ClosingCommand:
    """What the commands work on: the office as its file has it, and the records, at one moment."""

    site: Site
    office: Office
    env: dict[str, str]
    now: datetime

    @classmethod
    def of(cls, context: click.Context) -> ClosingCommand:
        """Raises ClickException where there is no office; whatever the other files of the site are like."""
        site = this_site(context)
        office, issues = load_office(site.folder)
        if office is None:
            site.print_issues(issues)
            raise click.ClickException(
                "office.yaml has mistakes, see above. Remedy: correct them, then type this again."
            )
        return cls(site, office, environment(Path.cwd()), now())

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the office."""
        return ZoneInfo(self.office.zone)

    @property
    def shown(self) -> Shown:
        """How times are shown."""
        return Shown(self.zone)

    @cached_property
    def records(self) -> Records:
        """The records."""
        return Records.open(self.env)

    @cached_property
    def current(self) -> tuple[KeptClosing, ...]:
        """What holds now or will, and is known to the office."""
        return self.records.current(self.now)

    def schedules(self, name: str) -> list[str]:
        """The schedules that a name means."""
        if name == ALL:
            return list(self.office.hours)
        if name in self.office.hours:
            return [name]
        known = [ALL, *self.office.hours]
        raise click.UsageError(f"'{name}' is not a known service. Remedy: write {_meant(name, known)}.")

    def spare(self, contact: str, label: str) -> tuple[str, str]:
        """A contact and a label of its prepared numbers."""
        if contact == ON_CALL:
            told = f"{ON_CALL} is the urgent line: a team leader chooses its phone, on the pages of the office"
            raise click.UsageError(f"{told}. Remedy: `ivr office`.")
        if contact not in self.office.contacts:
            known = [each for each in self.office.contacts if each != ON_CALL]
            raise click.UsageError(f"'{contact}' is not a known contact. Remedy: write {_meant(contact, known)}.")
        try:
            labels = [*read_settings(self.env, self.office).spares.get(contact, {})]
        except SettingsError as error:
            raise click.ClickException(
                f"whom it would ring is not known, as the settings have faults:\n{error}"
            ) from None
        if label in labels:
            return contact, label
        variable = SPARE + contact.upper()
        if not labels:
            raise click.UsageError(f"no number is prepared. Remedy: the administrator writes {variable}=label:number.")
        raise click.UsageError(f"{variable} has no label '{label}'. Remedy: write {_meant(label, labels)}.")

    def time(self, begins: Typed | None, ends: Typed | None) -> tuple[datetime, datetime]:
        """From when until when; both are whole minutes."""
        first = begins.begins(self.now, self.zone) if begins else self._minute
        last = ends.ends(first, self.zone) if ends else end_of_day(first.astimezone(self.zone).date(), self.zone)
        # In UTC: where clocks are turned, what a clock shows later may be earlier.
        if last.timestamp() <= self._minute.timestamp():
            raise click.UsageError(f"{self.shown.moment(last)} is past. Remedy: write an --until that is to come.")
        if last.timestamp() <= first.timestamp():
            raise click.UsageError(
                f"it would end on {self.shown.moment(last)}, before it begins. Remedy: write a later --until."
            )
        if last - first > MOST:
            raise click.UsageError(f"it would hold for more than {MOST.days} days. Remedy: write an earlier --until.")
        return first, last

    @property
    def _minute(self) -> datetime:
        return self.now.astimezone(self.zone).replace(second=0, microsecond=0)

    def numbered(self, id_: int) -> KeptClosing:
        """One that holds or will."""
        if found := next((each for each in self.current if each.id == id_), None):
            return found
        before = next((each for each in self.records.all(self.now - KEPT) if each.id == id_), None)
        told = "\n".join(self.shown.lines(before, self.now)) if before else ""
        what = "has ended or was withdrawn" if before else "is not there"
        raise click.ClickException(f"closing {id_} {what}. Remedy: `ivr closings` lists the others.\n{told}".rstrip())

    def holding(self, name: str) -> list[KeptClosing]:
        """What holds now for a schedule, for all of them, or in place of a contact."""
        if name in self.office.contacts:
            mine = [each for each in self.current if isinstance(each.closing, StandIn) and each.closing.contact == name]
        else:
            names = self.schedules(name)
            mine = [
                each for each in self.current if isinstance(each.closing, Closing) and each.closing.schedule in names
            ]
        if found := [each for each in mine if each.closing.begins <= self.now]:
            return found
        told = f"nobody has changed {name} by hand for now"
        if mine:
            to_come = ", ".join(str(each.id) for each in mine)
            raise click.ClickException(f"{told}. Remedy: those to come are {to_come}: `ivr open --id {mine[0].id}`.")
        raise click.ClickException(f"{told}. Remedy: `ivr closings` lists what is changed; hours stand in office.yaml.")

    def preview(self, changes: Sequence[Change]) -> CommandPreview:
        """What callers will meet if these hold."""
        known = [
            each
            for each in changes
            if (
                each.contact in self.office.contacts
                if isinstance(each, StandIn)
                else each.schedule in self.office.hours
            )
        ]
        return CommandPreview(self.office, known, self.site.loaded.content, self._voices)

    @cached_property
    def _voices(self) -> VoiceSelector | None:
        if (content := self.site.loaded.content) is None:
            return None
        mode, required = speech_mode(self.env), requires_approval(self.env)
        return VoiceSelector(content, self.site.audio, self.now.date(), mode, require_approval=required)

    def keep(self, changes: Sequence[Change], why: Reason, by: str | None, *, yes: bool) -> None:
        """Ask, and keep them."""
        if not yes:
            ask("Shall it be so?", "nothing was kept")
        for change in changes:
            try:
                kept = self.records.close(change, why, by or _user(), self.now)
            except ValueError as error:
                raise click.UsageError(f"--by: {error}.") from None
            click.echo(f"Kept as number {kept.id}. To undo it: `ivr open --id {kept.id}`.")
        click.echo(self._by_whom())

    def withdraw(self, meant: Sequence[KeptClosing], by: str | None, *, yes: bool) -> None:
        """Ask, and withdraw them. That somebody else was faster is told, and is as good."""
        if not yes:
            ask("Withdraw it?" if len(meant) == 1 else "Withdraw them?", "nothing was withdrawn")
        for each in meant:
            try:
                self.records.withdraw(each.id, by or _user(), self.now)
            except ValueError as error:
                raise click.UsageError(f"--by: {error}.") from None
            except NothingToWithdraw as gone:
                if gone.kept is None:
                    raise
                click.echo("\n".join(self.shown.lines(gone.kept, self.now)))
            else:
                click.echo(f"Number {each.id} is withdrawn.")
        click.echo(self._by_whom())

    def _by_whom(self) -> str:
        """Who takes it over: in another folder than that of the line it would be kept for nobody."""
        if address(self.env):
            return f"{TAKEN_OVER[:-1]}, if it has the same IVR_DATABASE_URL."
        state = state_folder(self.env).absolute()
        try:
            if any(each.is_alive for each in serving_processes(state)):
                return TAKEN_OVER
        except OSError:
            pass  # another user's: nobody knows
        return f"No line is known to run with these records, which are in {state}: one that does takes it over."


def _meant(word: str, known: Sequence[str]) -> str:
    return near(word, known) or f"one of these: {', '.join(known)}"


def _user() -> str:
    """Who is at this machine, where no --by says who does it."""
    if found := user():
        return found
    raise click.UsageError("nobody knows who you are. Remedy: write --by NAME.")
