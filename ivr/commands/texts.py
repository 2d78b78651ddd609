"""`ivr texts`: the work of translators and of the office on the texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.commands.shown import Group, narrow_table
from ivr.commands.site import Site, now, this_site
from ivr.commands.texts_take import take
from ivr.content.approval import UNWRITABLE, Approval, NotSigned, approve
from ivr.content.files import MISSING_FILE, SOURCE, approvals_name, po_name
from ivr.content.load import Loaded
from ivr.content.merge import Merged, Unreadable, update_language
from ivr.content.new_language import add_language, next_digit, wrong_names
from ivr.content.sheet import Numbers, sheet
from ivr.content.texts import Texts
from ivr.core.characters import code_of, visible
from ivr.core.prompts import SAFETY
from ivr.core.script import to_record
from ivr.core.spelling import near
from ivr.files import NotWritten
from ivr.speech.recording_script import script_of


class _Texts(Group):
    """Tells what cannot be read or written."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (Unreadable, NotWritten) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Texts)
def texts() -> None:
    """What the line says, in every language, and what native speakers have approved."""


texts.add_command(take)


@texts.command()
@click.argument("language", metavar="[LANG]", required=False)
@click.pass_context
def status(context: click.Context, language: str | None) -> None:
    """What is translated and approved in each language; with LANG, sentence by sentence, with what callers hear now.

    A text that a language may leave out is not counted as missing.
    """
    site = this_site(context)
    known = _texts(site)
    if language is None:
        Console().print(_status_table(known))
    else:
        (code,) = _chosen(known, (language,))
        Console().print(_sentences_table(site.loaded, known, code))


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
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--safety", is_flag=True, help="Only the sentences about life and health: their ids begin with safety.")
@click.option("--by", required=True, help="The native speaker who has read them.")
@click.pass_context
def review(context: click.Context, language: str, ids: tuple[str, ...], safety: bool, by: str) -> None:
    """Sign that a native speaker has read texts as they are now, and approves them: all of LANG, or those named."""
    site = this_site(context)
    known = _texts(site)
    (code,) = _chosen(known, (language,))
    if safety and ids:
        told = "you wrote --safety and also names of texts. Leave out one: --safety alone means all safety sentences."
        raise click.UsageError(told)
    if not (name := " ".join(by.split())) or UNWRITABLE.search(name):
        remedy = 'Write the person who read the texts, for example --by "Maija Meri".'
        raise click.UsageError(f"the reader's name is missing after --by. {remedy}")
    signed = _signed(known, code, known.safety(code) if safety else _chosen_ids(known, code, ids), name)
    try:
        path = approve(site.folder, code, known.languages.languages[code].name, signed)
    except NotSigned as error:
        site.print_issues(error.faults)
        path = site.folder / Path(approvals_name(code)).name
        message = f"{path} has mistakes, see above. Nothing was signed. Correct them, then type this again."
        raise click.ClickException(message) from None
    except NotWritten as error:
        raise click.ClickException(str(error)) from None
    number = "1 text" if len(signed) == 1 else f"{len(signed)} texts"
    click.echo(f"Done: {name} approved {number} in {known.name_of(code)}.")
    click.echo(f"Recorded in {path}: do not delete or change this file.")


def _chosen_ids(texts: Texts, code: str, ids: Sequence[str]) -> list[str]:
    """The texts named, or all that a language must have or has. Raises UsageError."""
    known = texts.wanted(code)
    for id_ in ids:
        if id_ not in known:
            meant = near(id_, known)
            remedy = f"Write {meant}." if meant else f"To see all names, type: ivr texts status {code}"
            raise click.UsageError(f"{texts.name_of(code)} has no text called '{id_}'. {remedy}")
    return list(dict.fromkeys(ids)) or [
        id_ for id_ in known if texts.needs(code, id_) or texts.state(code, id_) != "missing"
    ]


def _signed(texts: Texts, code: str, ids: Sequence[str], by: str) -> dict[str, Approval]:
    """The approvals of some texts as they stand. Raises ClickException where one of them cannot be approved."""
    not_fresh = []
    for state, why in (("missing", "not translated"), ("stale", "older than the English text")):
        if left := [id_ for id_ in ids if texts.state(code, id_) == state]:
            not_fresh.append(f"{', '.join(left[:5])}{f' and {len(left) - 5} more' if len(left) > 5 else ''}: {why}. ")
    if not_fresh:
        done = f"Nothing was signed. Translate them in {po_name(code)}, then type this again."
        raise click.ClickException(f"{texts.name_of(code)}: {''.join(not_fresh)}{done}")
    signed, today = dict[str, Approval](), now().date()
    for id_ in ids:
        text, english = texts.wording(code, id_), texts.sources[id_].source
        if found := UNWRITABLE.search(text.translation + text.spoken + english):
            file = SOURCE if found[0] in english else po_name(code)
            raise click.ClickException(
                f"{texts.name_of(code)}: {id_} has an invisible character, {code_of(found[0])}. Nothing was signed. "
                f"Delete the whole text in {file} and type it again, do not paste."
            )
        signed[id_] = Approval.signed(code, id_, text.translation, english, by, today, text.spoken)
    return signed


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
        try:
            visible(value)
        except ValueError as error:
            raise click.UsageError(f"{what}: {error}") from None
    taken = {language.digit: other for other, language in known.languages.languages.items()}
    digit = digit or next_digit(known.languages)
    if digit in taken or not re.fullmatch(r"(9-)?[1-8]", digit):
        why = f"belongs to {taken[digit]}" if digit in taken else "is no digit of a language"
        raise click.UsageError(f"--digit: {digit} {why}; write 1 to 8, or 9-1 to 9-8, that no language has")
    for issue in wrong_names(known, code, english, finnish):
        option = "--english" if issue.file == SOURCE else "--finnish"
        raise click.UsageError(f"{option}: {issue.message}. {issue.remedy}")
    add_language(site.folder, known, code, digit, name, english, finnish)
    click.echo(TO_DO.format(code=code, name=name, ivr=site.ivr))


TO_DO = """{name} is added, but callers do not hear it yet. What there is to do:
  1. languages.yaml: check its digit, locale, direction and alphabet; write below press how it says
     "press {{key}}", as each option must end (for English: press: ["press {{key}}"]); name a voice if there is one.
  2. {code}.po: translate every text, in Poedit or by hand. `{ivr} texts status` counts what is left.
  3. {ivr} check: correct what it says about {code}. `{ivr} call --lang {code}` plays a call in it.
  4. {ivr} texts sheet {code}: a native speaker reads it on paper. Then: {ivr} texts review {code} --by "NAME"
     Its safety sentences alone: {ivr} texts review {code} --safety --by "NAME"
  5. Its voice: {ivr} audio build --lang {code}
     Or record it: {ivr} audio script --lang {code} --print, then {ivr} audio import FOLDER --lang {code}
It is offered to callers as soon as all of it is translated and has a voice; if only people speak it, or where
IVR_REQUIRE_APPROVAL is 1, a native speaker must have approved its safety sentences too."""


def _numbers(site: Site, code: str) -> Numbers:
    """The numbers of the sentences that a person would record: none while the language is not whole."""
    content = site.loaded.content
    if content is None or not (said := to_record(content, site.today, code)):
        return Numbers()
    numbers, waiting = defaultdict[str, list[int]](list), site.loaded.waiting(code)
    for number, utterance in enumerate(said, 1):
        if utterance.prompt not in waiting:  # the script has the approved words, and the sheet those to be approved
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
    columns = ("lang", "translated", "missing", "stale", "approved\nsafety", "approved\ntexts", "last\napproved")
    table = narrow_table(*columns, title="Texts")
    for code in texts.languages.languages:
        wanted, safety, approved = texts.wanted(code), texts.safety(code), texts.approved(code)
        states = [texts.state(code, id_) for id_ in wanted]
        fresh, stale = states.count("fresh"), states.count("stale")
        missing = sum(texts.state(code, id_) == "missing" for id_ in texts.needed(code))
        last = texts.last_approval(code)
        table.add_row(
            code,
            f"{fresh} of {len(states)}",
            str(missing),
            str(stale),
            f"{sum(id_.startswith(SAFETY) for id_ in approved)} of {len(safety)}",
            f"{len(approved)} of {len(wanted)}",
            f"{last.day} by {escape(last.by)}" if last else "by nobody yet",
        )
    return table


def _sentences_table(loaded: Loaded, texts: Texts, code: str) -> Table:
    """Each text of a language: whether it is translated and approved, and the words that callers hear."""
    table = narrow_table("id", "text", "approval", "said now", title=f"Texts of {code}")
    for id_ in texts.wanted(code):
        approved = texts.approval_state(code, id_)
        approval = texts.approvals.get(code, {}).get(id_)
        if approval:
            since = "" if approved == "approved" else "changed since "
            approved_by = f"{since}{approval.day} by {escape(approval.by)}"
        else:
            approved_by = "by nobody yet"
        heard = escape(loaded.said(code, id_)) or "nothing"
        kept = " (as it was approved)" if id_ in loaded.kept.get(code, {}) else ""
        table.add_row(id_, texts.state(code, id_), approved_by, f"{heard}{kept}")
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
