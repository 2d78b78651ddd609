"""`ivr texts`: the work of translators and of the office on the texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from ivr.commands.site import Site, now, this_site
from ivr.content.files import MISSING_FILE, file_of, po_name
from ivr.content.merge import Merged, open_po, save, update_language
from ivr.content.new_language import add_language, next_digit
from ivr.content.review import HEADER, Review, fingerprint
from ivr.content.sheet import Numbers, sheet
from ivr.content.texts import Texts
from ivr.core.script import to_record
from ivr.speech.recording_script import script_of


@click.group()
def texts() -> None:
    """What the line says, in every language, and who has reviewed it."""


@texts.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Translated, missing and stale texts of each language, and by whom and when it was reviewed."""
    Console().print(_status_table(_texts(this_site(context))))


@texts.command()
@click.argument("languages", nargs=-1, metavar="[LANG]...")
@click.pass_context
def update(context: click.Context, languages: tuple[str, ...]) -> None:
    """Bring translations up to date with prompts.pot. No translation is ever lost."""
    site = this_site(context)
    known = _texts(site)
    for code in _chosen(known, languages, but=known.languages.source):
        merged, changed = update_language(site.folder, known, code, known.languages.languages[code].name)
        click.echo(f"{po_name(code)}: {_summary(merged) if changed else 'up to date'}")


@texts.command(name="sheet")
@click.argument("language", metavar="LANG")
@click.option("--output", type=click.Path(path_type=Path), help="Where to write it; by default sheet-LANG.html.")
@click.pass_context
def sheet_command(context: click.Context, language: str, output: Path | None) -> None:
    """Write one page with everything said in a language, to read, tick and correct on paper."""
    site = this_site(context)
    known = _texts(site)
    (code,) = _chosen(known, (language,))
    path = output or Path(f"sheet-{code}.html")
    try:
        path.write_text(sheet(known, code, _numbers(site, code)), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"{path}: open it in a browser, and print it")


@texts.command()
@click.argument("language", metavar="LANG")
@click.option("--by", required=True, help="Who has read every text of it.")
@click.pass_context
def review(context: click.Context, language: str, by: str) -> None:
    """Sign that a native reader has read every text of a language as it is now."""
    site = this_site(context)
    known = _texts(site)
    (code,) = _chosen(known, (language,))
    if left := [id_ for id_ in known.needed(code) if known.state(code, id_) != "fresh"]:
        raise click.ClickException(
            f"{len(left)} texts of {code} are missing or stale: {', '.join(left[:5])}. Translate them first."
        )
    if not (name := " ".join(by.split())):
        raise click.UsageError("--by: write the name of the person who has read it")
    path, read_texts = site.folder / Path(file_of(known.languages, code)).name, known.of(code)
    file = open_po(path)
    file.metadata[HEADER] = str(Review(now().date(), fingerprint(read_texts), name))
    save(file, path)
    click.echo(f"{code}: {len(read_texts)} texts signed by {name}")


@texts.command()
@click.argument("code", metavar="LANG")
@click.argument("name", metavar="NAME")
@click.option("--english", required=True, help="Its name in English.")
@click.option("--finnish", required=True, help="Its name in Finnish, as the people who answer hear it.")
@click.option("--digit", help="The keys that choose it, such as 9-3; by default the next free ones.")
@click.pass_context
def add(context: click.Context, code: str, name: str, english: str, finnish: str, digit: str | None) -> None:
    """Add a language: its files, its digit, and a list of what there is to do."""
    site = this_site(context)
    known = _texts(site)
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise click.UsageError(f"LANG: '{code}' is no language code; write two or three letters, such as de")
    if code in known.languages.languages:
        raise click.UsageError(f"{code} is a language of the line already")
    for what, value in (("NAME", name), ("--english", english), ("--finnish", finnish)):
        if not value.strip():
            raise click.UsageError(f"{what}: write the name of the language")
    taken = {language.digit: other for other, language in known.languages.languages.items()}
    digit = digit or next_digit(known.languages)
    if digit in taken or not re.fullmatch(r"(9-)?[1-8]", digit):
        why = f"belongs to {taken[digit]}" if digit in taken else "is no digit of a language"
        raise click.UsageError(f"--digit: {digit} {why}; write 1 to 8, or 9-1 to 9-8, that no language has")
    add_language(site.folder, known, code, digit, name, english, finnish)
    click.echo(TO_DO.format(code=code, name=name, ivr=site.ivr))


TO_DO = """{name} is added, but callers do not hear it yet. What there is to do:
  1. languages.yaml: check its digit, locale, direction and alphabet; name a voice if there is one.
  2. {code}.po: translate every text, in Poedit or by hand. `{ivr} texts status` counts what is left.
  3. {ivr} check: mend what it says about {code}. `{ivr} call --lang {code}` plays a call in it.
  4. {ivr} texts sheet {code}: a native reader reads it on paper. Then: {ivr} texts review {code} --by NAME
  5. Its voice: {ivr} audio build --lang {code}
     Or record it: {ivr} audio script --lang {code} --print, then {ivr} audio import FOLDER --lang {code}
It is offered to callers as soon as all of it is translated and has a voice."""


def _numbers(site: Site, code: str) -> Numbers:
    """The numbers of the sentences that a person would record: none while the language is not whole."""
    content = site.loaded.content
    if content is None or not (said := to_record(content, site.today, code)):
        return Numbers()
    numbers = defaultdict[str, list[int]](list)
    for number, utterance in enumerate(said, 1):
        numbers[utterance.prompt].append(number)
    return Numbers(script_of(content, site.today, code).code, numbers)


def _texts(site: Site) -> Texts:
    """The texts of a site, whatever is missing in them. Raises ClickException where a file cannot be read."""
    loaded = site.loaded
    # An issue without `where` concerns a whole file. A missing PO file is no obstacle: `update` makes it.
    unreadable = [
        issue
        for issue in loaded.issues
        if issue.severity != "note" and not issue.where and issue.message != MISSING_FILE
    ]
    if loaded.texts is None or unreadable:
        site.print_issues(unreadable or loaded.issues)
        raise click.ClickException(f"a file of {site.folder} cannot be read; correct it first")
    return loaded.texts


def _chosen(texts: Texts, named: Sequence[str], but: str = "") -> list[str]:
    """The languages named, or all of them, without one that cannot be chosen. Raises UsageError."""
    known = [code for code in texts.languages.languages if code != but]
    for code in named:
        if code not in known:
            raise click.UsageError(f"'{code}' is no language to choose here; there are {', '.join(known)}")
    return list(named) or known


def _status_table(texts: Texts) -> Table:
    table = Table("language", "", "translated", "missing", "stale", "reviewed", title="Texts")
    for code, language in texts.languages.languages.items():
        states = [texts.state(code, id_) for id_ in texts.needed(code)]
        fresh, missing, stale = (states.count(state) for state in ("fresh", "missing", "stale"))
        translated, review_state = f"{fresh} of {len(states)}", texts.review_state(code)
        table.add_row(code, language.name, translated, str(missing), str(stale), review_state)
    return table


def _summary(merged: Merged) -> str:
    """What a merge changed, in words; at most four ids of each kind."""
    kinds = {"new": merged.added, "stale": merged.stale, "fresh again": merged.fresh, "kept aside": merged.gone}
    parts = [
        f"{len(ids)} {kind} ({', '.join(ids[:4])}{' ...' if len(ids) > 4 else ''})"
        for kind, ids in kinds.items()
        if ids
    ]
    return "; ".join(parts) or "tidied"
