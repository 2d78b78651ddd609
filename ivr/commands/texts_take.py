"""`ivr texts take`: what volunteers have suggested and editors have accepted becomes the texts of the site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import click

from ivr.commands.site import Site, now, this_site
from ivr.commands.who import user
from ivr.content.files import po_name
from ivr.content.texts import Texts
from ivr.core.content import Content, once_read
from ivr.core.prompts import SAFETY
from ivr.core.script import to_record
from ivr.listening.sentence_texts import made_of
from ivr.listening.suggested import Applied, apply, preview, to_take
from ivr.listening.trial import BrokenSite
from ivr.records.faults import RecordsFault
from ivr.records.room import Room
from ivr.settings.env_file import environment
from ivr.speech.recorded import TEXTS, read_texts

IN_THE_ROOM = (
    "In the listening room somebody records it, another hears it without its text and says what it means, and a team "
    "leader takes it into use"
)


@click.command()
@click.argument("code", metavar="LANG")
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.pass_context
def take(context: click.Context, code: str, dry_run: bool) -> None:
    """Write what the editor of LANG has accepted in the listening room into its texts, and show the difference.

    A text that breaks a check is not written; it is told why, and the others are. Exit 1 if there is one.
    """
    site = this_site(context)
    content, texts = site.content(), site.loaded.texts
    if texts is None or code not in texts.languages.languages:
        raise click.UsageError(
            f"'{code}' is no language of the line; there are {', '.join(content.languages.languages)}"
        )
    try:
        room = Room.open(environment(Path.cwd()))
        changes = to_take(room, texts, code)
        applied = (preview if dry_run else apply)(site.folder, code, changes, site.today)
        _tell(site, content, texts, code, applied)
        for change in applied.taken if applied.written else ():
            room.note("take", code, change.text_id, user() or site.ivr, now())
    except (RecordsFault, BrokenSite) as error:
        raise click.ClickException(str(error)) from None
    if applied.refused:
        raise SystemExit(1)


def _tell(site: Site, content: Content, texts: Texts, code: str, applied: Applied) -> None:
    file, ids = site.folder / Path(po_name(code)).name, [change.text_id for change in applied.taken]
    if not (ids or applied.refused):
        click.echo(f"{content.name_of(code)}: nothing to take. All that was accepted is in the texts.")
    click.echo(applied.diff, nl=False)
    for refused in applied.refused:
        click.echo(f"{refused.text_id} in {code} is NOT WRITTEN: {refused.why}. {refused.remedy}.", err=True)
    if ids:
        done = "written" if applied.written else "would be written"
        click.echo(f"{file}: {_texts(len(ids))} {done}: {', '.join(ids)}")
    for id_ in ids:
        if id_.startswith(SAFETY):
            click.echo(_unapproved(texts, code, id_))
    if recorded := _recorded_before(site, content, texts, code, ids):
        click.echo(f"Record anew, as these are recordings of the old words: {', '.join(recorded)}")


def _texts(number: int) -> str:
    return "1 text" if number == 1 else f"{number} texts"


def _unapproved(texts: Texts, code: str, id_: str) -> str:
    """Who must hear or sign the new words of a safety text."""
    approved = id_ in texts.approvals.get(code, {})
    meanwhile = "until then callers hear the words approved last" if approved else "nobody has approved other words"
    return f"{id_}: nobody has approved the new words; {meanwhile}. {IN_THE_ROOM}. Or: {once_read('it', code, id_)}"


def _recorded_before(site: Site, content: Content, texts: Texts, code: str, changed: Sequence[str]) -> list[str]:
    """The ids of the sentences that have a recording, and are made of a text that changes."""
    names: Iterable[str] = ()
    with suppress(OSError, ValueError):  # there is none, or `ivr audio status` tells
        names = read_texts((site.audio.recorded / code / TEXTS).read_bytes())
    found = []
    for said in to_record(content, site.today, code):
        made = made_of(texts, code, said.id) if said.id in names else None
        if made and {made.prompt, *made.entries.values()}.intersection(changed):
            found.append(said.id)
    return found
