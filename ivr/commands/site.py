"""The site that a command works on, and how its issues are printed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ivr.content.files import OF_RECORDINGS
from ivr.core.content import Content
from ivr.core.issue import Issue, any_broken
from ivr.settings.env_file import SettingsError, environment
from ivr.settings.read import recordings_folder, site_folder
from ivr.speech.voices import Audio, audio_folders

if TYPE_CHECKING:
    from ivr.content.load import Loaded


@dataclass(frozen=True)
class Site:
    """The folder of a site, loaded at most once. `ivr`: how a command line for this site begins.

    `recordings`: the folder of the recordings of people.
    """

    folder: Path
    today: date
    ivr: str
    recordings: Path

    @cached_property
    def loaded(self) -> Loaded:
        """The files and their issues."""
        from ivr.content.load import load  # a line that starts has its content prepared elsewhere

        return load(self.folder, self.today, self.audio.recorded)

    @property
    def is_whole(self) -> bool:
        """Whether no file is broken; its rules are not proved."""
        return self.loaded.content is not None and not any_broken(self.loaded.issues)

    @property
    def audio(self) -> Audio:
        """The folders of its clips."""
        return audio_folders(self.folder, self.recordings)

    def content(self) -> Content:
        """The content, without its rules being proved. Raises ClickException where a file is broken."""
        return self.checked(self.loaded.issues)

    def content_to_hear(self) -> Content:
        """The same for a command that rings the line: its voices must be there too."""
        from ivr.proof.voices import unusable

        loaded = self.loaded
        return self.checked([*loaded.issues, *(loaded.in_order(unusable(loaded.content)) if loaded.content else ())])

    def checked(self, issues: Iterable[Issue]) -> Content:
        """The content, after its issues are printed on standard error. Raises ClickException if one is `broken`."""
        issues = tuple(issues)
        self.print_issues(issue for issue in issues if issue.severity != "note")
        if self.loaded.content is None or any_broken(issues):
            raise click.ClickException(f"the content is broken; `{self.ivr} check` lists all issues")
        return self.loaded.content

    def named(self, issues: Iterable[Issue]) -> list[Issue]:
        """Issues with the real paths of their files."""
        return [replace(issue, file=str(self._path(issue.file))) for issue in issues]

    def _path(self, file: str) -> Path:
        of_recordings = file.removeprefix(OF_RECORDINGS)
        return self.folder / Path(file).name if of_recordings == file else self.audio.recorded / of_recordings

    def print_issues(self, issues: Iterable[Issue]) -> None:
        """Print issues on standard error, one a line."""
        for issue in self.named(issues):
            click.echo(str(issue), err=True)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def this_site(context: click.Context) -> Site:
    """The site named by `--site`, by IVR_SITE or by the working folder. Raises ClickException where there is none."""
    try:
        env = environment(Path.cwd())
        folder = site_folder(context.obj, env)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    ivr = f"ivr --site {shlex.quote(context.obj)}" if context.obj else "ivr"
    return Site(folder, now().date(), ivr, recordings_folder(env))
