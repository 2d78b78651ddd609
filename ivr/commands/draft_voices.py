"""The draft voices of a site, for the commands that simulate calls: they say a language that no machine speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from ivr.commands.site import Site
from ivr.content.files import letters_name
from ivr.content.letters import read_letters
from ivr.content.yaml import YamlFile
from ivr.core.content import Content
from ivr.core.letters import Letters

if TYPE_CHECKING:
    from ivr.speech.draft_voice import DraftVoice


def draft_voices(site: Site, content: Content, codes: Iterable[str]) -> Mapping[str, Letters]:
    """Language -> its table of letters, for those of `codes` that have one. What is wrong is printed, and not used."""
    return {code: letters for code, letters, _ in _read(site, content, codes)}


def heard_draft_voices(site: Site, content: Content) -> Mapping[str, DraftVoice]:
    """Language -> its draft voice, once every letter and word of it is heard whole. What is wrong is printed."""
    from ivr.speech.draft_voice import DraftVoice, faults_by_sound
    from ivr.speech.port import EngineFault

    found = {}
    for code, letters, file in _read(site, content, sorted(content.offered)):
        try:
            issues = [*faults_by_sound(letters, content.catalogue.texts[code], letters_name(code))]
        except EngineFault as fault:
            click.echo(f"there is no draft voice for {content.name_of(code)}: {fault}", err=True)
            continue
        site.print_issues(map(file.locate, issues))
        if not issues:
            found[code] = DraftVoice(code, letters)
    return found


def _read(site: Site, content: Content, codes: Iterable[str]) -> Iterator[tuple[str, Letters, YamlFile]]:
    for code in codes:
        if "offline" in content.languages.languages[code].voices:
            continue  # the offline engine knows the language itself
        read = read_letters(site.folder, code, content.catalogue.texts[code])
        if read is None:
            continue
        site.print_issues(site.loaded.in_order(read.issues))
        if read.letters and read.file and not read.issues:
            yield code, read.letters, read.file
