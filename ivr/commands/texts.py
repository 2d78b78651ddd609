"""`ivr texts`: what translators and the office do with the texts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import polib
from rich.console import Console
from rich.table import Table

from ivr.commands.site import Site, this_site
from ivr.content.checks.flow import says
from ivr.content.checks.texts import LANGUAGE_NAMES, Texts, file_of
from ivr.content.files import LANGUAGES, SOURCE, po_name
from ivr.content.merge import Merged, merge, open_po, save
from ivr.content.po import MISSING_FILE
from ivr.content.review import HEADER, Review, fingerprint
from ivr.content.sheet import Row, sheet

DIGIT = r"(9-)?[1-8]"
DRAFT = "{name}. A draft until a native reader has signed it."


@click.group()
def texts() -> None:
    """What the line says, in every language, and who has reviewed it."""


@texts.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Translated, missing and stale texts of each language, and by whom and when it was reviewed."""
    Console().print(status_table(_texts(this_site(context))))


@texts.command()
@click.argument("languages", nargs=-1, metavar="[LANG]...")
@click.pass_context
def update(context: click.Context, languages: tuple[str, ...]) -> None:
    """Bring translations up to date with prompts.pot. No translation is ever lost."""
    site = this_site(context)
    folder, known = site.folder, _texts(site)
    for code in _chosen(known, languages, but=known.languages.source):
        merged, changed = updated(folder, known, code)
        click.echo(f"{po_name(code)}: {_told(merged) if changed else 'up to date'}")


@texts.command(name="sheet")
@click.argument("language", metavar="LANG")
@click.option("--output", type=click.Path(path_type=Path), help="Where to write it; by default sheet-LANG.html.")
@click.pass_context
def sheet_command(context: click.Context, language: str, output: Path | None) -> None:
    """Write one page with everything said in a language, to read, tick and correct on paper."""
    known = _texts(this_site(context))
    (code,) = _chosen(known, (language,))
    path = output or Path(f"sheet-{code}.html")
    try:
        path.write_text(page(known, code), encoding="utf-8")
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
    folder, known = site.folder, _texts(site)
    (code,) = _chosen(known, (language,))
    if left := [id_ for id_ in needed(known, code) if state(known, code, id_) != "fresh"]:
        raise click.ClickException(
            f"{len(left)} texts of {code} are missing or stale: {', '.join(left[:5])}. Translate them first."
        )
    if not (name := " ".join(by.split())):
        raise click.UsageError("--by: write the name of the person who has read it")
    path, read_texts = folder / Path(file_of(known.languages, code)).name, known.of(code)
    file = open_po(path)
    file.metadata[HEADER] = str(Review(datetime.now(UTC).date(), fingerprint(read_texts), name))
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
    folder, known = site.folder, _texts(site)
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise click.UsageError(f"LANG: '{code}' is no language code; write two or three letters, such as de")
    if code in known.languages.languages:
        raise click.UsageError(f"{code} is a language of the line already")
    for what, value in (("NAME", name), ("--english", english), ("--finnish", finnish)):
        if not value.strip():
            raise click.UsageError(f"{what}: write the name of the language")
    taken = {language.digit: other for other, language in known.languages.languages.items()}
    digit = digit or free_digit(known)
    if digit in taken or not re.fullmatch(DIGIT, digit):
        why = f"belongs to {taken[digit]}" if digit in taken else "is no digit of a language"
        raise click.UsageError(f"--digit: {digit} {why}; write 1 to 8, or 9-1 to 9-8, that is nobody's")
    add_language(folder, known, code, name, english, finnish, digit)
    click.echo(TO_DO.format(code=code, name=name))


TO_DO = """{name} is there, and nobody hears it yet. What there is to do:
  1. prompts/languages.yaml: look at its digit, direction and alphabet; name a voice if there is one.
  2. prompts/{code}.po: translate every text, in Poedit or by hand. `ivr texts status` counts what is left.
  3. ivr check: mend what it says about {code}. `ivr call --lang {code}` plays a call in it.
  4. ivr texts sheet {code}: a native reader reads it on paper; then ivr texts review {code} --by NAME.
  5. Its voice: ivr audio build --lang {code}, or record it: ivr audio script --lang {code} --print.
It is offered to callers as soon as all of it is translated and has a voice."""


# --- what is there ------------------------------------------------------------------------------------------------


def needed(texts: Texts, code: str) -> list[str]:
    """The ids that a language needs, in the order of a call."""
    return [id_ for id_ in texts.sources if texts.needs(code, id_)]


def state(texts: Texts, code: str, id_: str) -> str:
    """`missing`, `stale` or `fresh`; the source itself is always fresh."""
    if code == texts.languages.source:
        return "fresh"
    return Row(id_, (), "", texts.sources[id_].source, "", texts.translations.get(code, {}).get(id_)).state


def signed(texts: Texts, code: str) -> str:
    """Who has reviewed a language, in a sentence."""
    review = texts.reviews.get(code)
    if review is None:
        return "No native reader has reviewed it yet: it is a draft."
    if review.texts != fingerprint(texts.of(code)):
        return f"Reviewed by {review.by} on {review.day}; texts have changed since."
    return f"Reviewed by {review.by} on {review.day}."


def status_table(texts: Texts) -> Table:
    """Translated, missing, stale and reviewed, a row for each language."""
    table = Table("language", "", "translated", "missing", "stale", "reviewed", title="Texts")
    for code, language in texts.languages.languages.items():
        states = [state(texts, code, id_) for id_ in needed(texts, code)]
        counts = [str(states.count(which)) for which in ("missing", "stale")]
        table.add_row(code, language.name, f"{states.count('fresh')} of {len(states)}", *counts, signed(texts, code))
    return table


def page(texts: Texts, code: str) -> str:
    """The sheet of a language."""
    places: dict[str, list[str]] = {}
    for place, item in says(texts.flow):
        told = {"now": f"hours.{item.name}.", "week": f"hours.{item.name}.week"}.get(item.kind)
        for id_ in [id_ for id_ in texts.sources if id_.startswith(told)] if told else [item.name]:
            if place[1] not in places.setdefault(id_, []):
                places[id_].append(place[1])
    source, own = texts.languages.source, texts.translations
    rows = [
        Row(
            id_,
            tuple(places.get(id_, ())),
            text.comment,
            text.source,
            own["fi"][id_].translation if "fi" in own and id_ in own["fi"] and code != "fi" else "",
            text if code == source else own.get(code, {}).get(id_),
        )
        for id_, text in texts.sources.items()
        if texts.needs(code, id_)
    ]
    examples = {"key": "key.1", "digit": "digit.1", "help_key": "key.0", "person_key": "key.1", "again_key": "key.9"}
    english = {slot: texts.sources[entry].source for slot, entry in examples.items() if entry in texts.sources}
    return sheet(code, texts.languages.languages[code], rows, english, signed(texts, code))


# --- what is changed ----------------------------------------------------------------------------------------------


def updated(folder: Path, texts: Texts, code: str) -> tuple[Merged, bool]:
    """Merge one file with its source; whether it has changed."""
    path = folder / f"{code}.po"
    file = open_po(path) if path.is_file() else _empty(code, texts.languages.languages[code].name)
    merged = merge(open_po(folder / Path(SOURCE).name), file, lambda id_: texts.needs(code, id_))
    return merged, save(file, path)


def add_language(folder: Path, texts: Texts, code: str, name: str, english: str, finnish: str, digit: str) -> None:
    """Write a language into languages.yaml, its names into the source and the staff's texts, and its own empty file."""
    rtl = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    languages = folder / Path(LANGUAGES).name
    quoted = json.dumps(name, ensure_ascii=False)
    block = f'  {code}:\n    digit: "{digit}"\n    name: {quoted}\n    locale: {code}\n'
    block += ("    direction: rtl\n" if rtl else "") + "    characters_per_second: 14\n"
    languages.write_text(languages.read_text(encoding="utf-8").rstrip("\n") + "\n" + block, encoding="utf-8")
    source = open_po(folder / Path(SOURCE).name)
    id_ = f"{LANGUAGE_NAMES}{code}"
    names = [at for at, entry in enumerate(source) if entry.msgctxt.startswith(LANGUAGE_NAMES)]
    if id_ not in texts.sources:
        source.insert(names[-1] + 1, polib.POEntry(msgctxt=id_, msgid=english))
        save(source, folder / Path(SOURCE).name)
    staff = texts.languages.staff
    updated(folder, texts, staff)
    file = open_po(folder / f"{staff}.po")
    next(entry for entry in file if entry.msgctxt == id_).msgstr = finnish
    save(file, folder / f"{staff}.po")
    path = folder / f"{code}.po"
    own = open_po(path) if path.is_file() else _empty(code, name)
    merge(source, own, lambda id_: texts.needs(code, id_))
    save(own, path)


def free_digit(texts: Texts) -> str:
    """The keys after those that any language has: a digit that is given up is not given to another (rule K6)."""
    taken = [language.digit for language in texts.languages.languages.values()]
    first = max((int(digit) for digit in taken if "-" not in digit), default=0)
    if first < 8:
        return str(first + 1)
    return f"9-{max((int(digit[-1]) for digit in taken if '-' in digit), default=0) + 1}"


def _empty(code: str, name: str) -> polib.POFile:
    file = polib.POFile(wrapwidth=0)
    file.header = f" {DRAFT.format(name=name)}"
    file.metadata = {
        "Project-Id-Version": "kemi-guidance-line",
        "Language": code,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return file


def _texts(site: Site) -> Texts:
    loaded = site.loaded
    unreadable = [
        issue
        for issue in loaded.issues
        if issue.severity != "note" and not issue.where and issue.message != MISSING_FILE
    ]
    if loaded.texts is None or unreadable:
        for issue in site.named(unreadable or loaded.issues):
            click.echo(str(issue), err=True)
        raise click.ClickException("a file of prompts/ cannot be read; mend it first")
    return loaded.texts


def _chosen(texts: Texts, named: Sequence[str], but: str = "") -> list[str]:
    known = [code for code in texts.languages.languages if code != but]
    for code in named:
        if code not in known:
            raise click.UsageError(f"'{code}' is no language to choose here; there are {', '.join(known)}")
    return list(named) or known


def _told(merged: Merged) -> str:
    words = {"new": merged.added, "stale": merged.stale, "fresh again": merged.fresh, "kept aside": merged.gone}
    told = [
        f"{len(ids)} {what} ({', '.join(ids[:4])}{' ...' if len(ids) > 4 else ''})"
        for what, ids in words.items()
        if ids
    ]
    return "; ".join(told) or "tidied"
