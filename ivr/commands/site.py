"""The site that a command works on, and how what is wrong with it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

import click

from ivr.content.load import Loaded, load
from ivr.core.content import Content
from ivr.core.issue import Issue, any_broken
from ivr.settings import SettingsError, environment, site_folder
from ivr.speech.voices import Audio, audio_folders


@dataclass(frozen=True)
class Site:
    """A folder laid out like `prompts/`, read once."""

    folder: Path
    today: date

    @cached_property
    def loaded(self) -> Loaded:
        """What was read, and what is wrong with it."""
        return load(self.folder, self.today)

    @property
    def audio(self) -> Audio:
        """Where its clips are."""
        return audio_folders(self.folder)

    def content(self) -> Content:
        """The content as it is read, for what rings nobody: its rules need not be proved."""
        return self.whole(self.loaded.issues)

    def whole(self, issues: Iterable[Issue]) -> Content:
        """The content, once its faults are told on standard error; it must not be broken."""
        issues = tuple(issues)
        for issue in self.named(issues):
            if issue.severity != "note":
                click.echo(str(issue), err=True)
        if self.loaded.content is None or any_broken(issues):
            raise click.ClickException("the content is broken; `ivr check` tells all about it")
        return self.loaded.content

    def named(self, issues: Iterable[Issue]) -> list[Issue]:
        """Issues under the names that their files have here."""
        return [replace(issue, file=str(self.folder / Path(issue.file).name)) for issue in issues]


def now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


def this_site(context: click.Context) -> Site:
    """The site that the command line, the environment or the working folder names."""
    try:
        return Site(site_folder(context.obj, environment(Path.cwd())), now().date())
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
