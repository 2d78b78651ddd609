"""`ivr audio script | import`: what people record, and taking in what they have recorded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from ivr.commands.shown import narrow_table
from ivr.commands.site import Site, now, this_site
from ivr.content.approval import UNWRITABLE
from ivr.core.content import Content
from ivr.core.script import to_record
from ivr.core.utterance import Utterance
from ivr.files import NotWritten
from ivr.proof.prove import heard_now
from ivr.proof.recordings import too_long
from ivr.proof.voices import FASTER
from ivr.speech.clips import ending_of, wav_seconds
from ivr.speech.estimate import pace_of
from ivr.speech.handed_in import NOTHING_TO_DO, NoSentence, Sentences, handed_in
from ivr.speech.moving import has_recordings
from ivr.speech.port import AUDIO_REMEDY
from ivr.speech.recorded import RecordedText, replaced, take_in
from ivr.speech.recording_script import RecordingScript, keep, meanings, printed_scripts, script_of

A_PAGE = 12
"""Sentences on a printed page."""
MANY = 5
"""From so many recordings on a progress bar is shown."""


@click.command()
@click.option("--lang", help="One language only.")
@click.option("--print", "as_page", is_flag=True, help="As pages to read from while recording, with a code.")
@click.option("--json", "as_json", is_flag=True, help="The same for a program.")
@click.pass_context
def script(context: click.Context, lang: str | None, as_page: bool, as_json: bool) -> None:
    """List every sentence that the line can say, as a person records it."""
    if as_page and as_json:
        raise click.UsageError("--print and --json: choose one of them")
    site = this_site(context)
    content = site.content()
    scripts = [script_of(content, site.today, code) for code in chosen(content, lang)]
    if lang and not scripts[0].sentences:
        raise _not_whole(site, content, lang)
    if not (as_page or as_json):
        for each in scripts:
            Console().print(_table(content, each))
        return
    scripts = [each for each in scripts if each.sentences]
    for each in scripts:
        _keep(site, each)
    if as_json:
        click.echo(json.dumps([_as_json(content, site.today, each) for each in scripts], ensure_ascii=False, indent=1))
    else:
        meant = {each.language: meanings(content, site.today, each.language) for each in scripts}
        click.echo(
            "\f".join(page for each in scripts for page in _pages(content, each, meant[each.language])), nl=False
        )


@click.command(name="import")
@click.argument("paths", metavar="FILE|FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--lang", required=True, help="The language that is spoken.")
@click.option("--by", default="", help="Who has spoken; it is kept with the recordings, and the day.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be taken in.")
@click.pass_context
def import_command(context: click.Context, paths: tuple[Path, ...], lang: str, by: str, dry_run: bool) -> None:
    """Take in recordings: files, and whole folders.

    A file has the name that the printed page gives below its sentence, a number and a code; or it is named by the
    sentence, such as safety.danger.wav.
    """
    by = " ".join(by.split())
    if UNWRITABLE.search(by):
        raise click.UsageError("--by: write the name of the person who has spoken")
    site = this_site(context)
    content = site.content()
    chosen(content, lang)
    _refuse_unmoved(site, lang)
    sentences = _sentences(site, content, lang)
    if not sentences.now:
        raise _not_whole(site, content, lang)
    given = handed_in(paths, sentences, site.audio.recorded)
    for remark in given.remarks:
        click.echo(remark, err=True)
    for path in given.ignored:
        click.echo(f"{path}: not used, as it is not a sound. {NOTHING_TO_DO}")
    named, refused = _named(given.files, sentences)
    clips = _converted(content, named, refused)
    _refuse_too_long(site, content, lang, named, clips, refused)
    on = site.today.isoformat()
    kept = {named[path].id: (RecordedText(named[path].text, by, on), data) for path, data in clips.items()}
    before = replaced(site.audio.recorded / lang, kept)
    if kept and not dry_run:
        try:
            take_in(site.audio.recorded / lang, kept)
        except NotWritten as error:
            raise click.ClickException(
                f"{error}\nThen run the same command again; what was taken in before is kept"
            ) from None
    for path in given.files:
        if path in refused:
            click.echo(f"{path}: REFUSED. {refused[path]}", err=True)
        else:
            taken, said = "would be taken" if dry_run else "TAKEN", named[path]
            click.echo(f'{path}: {taken} as {said.id}: "{said.text}"{_instead(before.get(said.id))}')
    click.echo(f"{len(clips)} recordings {'would be ' if dry_run else ''}taken in, {len(refused)} refused")
    if refused:
        raise SystemExit(1)


def _refuse_unmoved(site: Site, lang: str) -> None:
    """Recordings and printed pages of a language lie in one folder. Raises ClickException where some are not there."""
    if site.audio.unmoved and has_recordings(site.audio.unmoved / lang):
        raise click.ClickException(
            f"there are recordings or printed pages of {lang} in {site.audio.unmoved / lang}, where an earlier version "
            f"kept them. Move them first: {site.ivr} audio move"
        )


def _instead(of: RecordedText | None) -> str:
    return f" (instead of the recording{f' by {of.by}' if of.by else ''} that was there)" if of else ""


def chosen(content: Content, lang: str | None) -> list[str]:
    """The language named, or all. Raises UsageError."""
    known = list(content.languages.languages)
    if lang is not None and lang not in known:
        raise click.UsageError(f"--lang: '{lang}' is no language of the line; there are {', '.join(known)}")
    return [lang] if lang else known


def _not_whole(site: Site, content: Content, lang: str) -> click.ClickException:
    return click.ClickException(
        f"{content.name_of(lang)} is not fully translated yet, so it is not known which sentences to record. "
        f"See the missing texts: {site.ivr} texts status"
    )


# --- the script ---


def _keep(site: Site, script: RecordingScript) -> None:
    """Keep a script that is shown with its numbers. Raises ClickException: numbers that mean nothing are not shown."""
    try:
        keep(script, site.audio.recorded / script.language, now())
    except NotWritten as error:
        raise click.ClickException(f"the script cannot be kept, so its numbers would mean nothing: {error}") from None


def _table(content: Content, script: RecordingScript) -> Table:
    language = content.languages.languages[script.language]
    table = narrow_table("number", "id", "text", title=f"Everything said in {language.name} ({script.language})")
    for number, (id_, text) in enumerate(script.sentences, 1):
        table.add_row(str(number), id_, text)
    return table


def _pages(content: Content, script: RecordingScript, meant: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The pages to read from, each with the code at its head."""
    name, numbered = content.languages.languages[script.language].name, list(enumerate(script.sentences, 1))
    pages = [numbered[start : start + A_PAGE] for start in range(0, len(numbered), A_PAGE)]
    for place, page in enumerate(pages, 1):
        lines = [
            f"Recording script: {name} ({script.language})   code {script.code}   page {place} of {len(pages)}",
            "Read calmly, each sentence into a file of its own, with half a second of silence before and after it.",
            "Give each file the name that stands below its sentence; its ending may be another, such as .m4a or .mp3.",
        ]
        for number, (id_, text) in page:
            lines += ["", f"{number:>4}.  {text}", *_meaning(script, meant[id_])]
            lines += [f"       file: {script.file_name(number)}   ({id_})"]
        yield "\n".join(lines) + "\n"


def _meaning(script: RecordingScript, meant: Mapping[str, str]) -> Iterator[str]:
    return (f"       {code}: {words}" for code, words in meant.items() if code != script.language)


def _as_json(content: Content, today: date, script: RecordingScript) -> dict[str, object]:
    meant = meanings(content, today, script.language)
    utterances = to_record(content, today, script.language)
    return {
        "language": script.language,
        "code": script.code,
        "sentences": [
            {
                "number": number,
                "code": script.code,
                "id": utterance.id,
                "prompt": utterance.prompt,
                "slots": utterance.values,
                "file": script.file_name(number),
                "text": utterance.text,
                "meaning": meant[utterance.id],
            }
            for number, utterance in enumerate(utterances, 1)
        ],
    }


# --- the import ---


def _sentences(site: Site, content: Content, lang: str) -> Sentences:
    try:
        printed = printed_scripts(site.audio.recorded / lang)
    except OSError as error:
        raise click.ClickException(
            f"{error.filename} cannot be read ({error.strerror}), so what was printed is not known. See that you may "
            "read that folder"
        ) from None
    others: dict[str, str] = {}
    for code in content.languages.languages.keys() - {lang}:
        with suppress(OSError):  # they only say what a file of another language is
            others |= {each.code: code for each in printed_scripts(site.audio.recorded / code)}
    utterances = {utterance.id: utterance for utterance in to_record(content, site.today, lang)}
    names = {code: content.name_of(code) for code in content.languages.languages}
    now_said = script_of(content, site.today, lang)
    return Sentences(utterances, now_said, printed, others, names, site.loaded.waiting(lang))


def _named(files: Sequence[Path], sentences: Sentences) -> tuple[dict[Path, Utterance], dict[Path, str]]:
    """Which sentence each file is, and why others are refused."""
    named, refused = dict[Path, Utterance](), dict[Path, str]()
    for path in files:
        if not path.exists():
            refused[path] = "There is no such file. Check its name and its folder."
            continue
        try:
            named[path] = sentences.of(path.name)
        except NoSentence as error:
            refused[path] = str(error)
    times = Counter(utterance.id for utterance in named.values())
    for path, utterance in list(named.items()):
        if times[utterance.id] > 1:
            same = ", ".join(str(other) for other in named if other != path and named[other] == utterance)
            refused[path] = (
                f"This and {same} are the same sentence ({utterance.id}), and none was taken. "
                "Keep the best one, delete the others, and import again."
            )
    return named, refused


def _converted(content: Content, named: Mapping[Path, Utterance], refused: dict[Path, str]) -> dict[Path, bytes]:
    """The clips made of the files, in their order; the reasons why others are refused are added to `refused`."""
    try:
        from ivr.speech.recording import Refused, convert
    except ImportError as missing:
        raise click.ClickException(f"Nothing here reads recordings ({missing}): {AUDIO_REMEDY}") from missing
    clips, wanted = dict[Path, bytes](), [path for path in named if path not in refused]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    silent = len(wanted) < MANY or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as progress:
        for path in progress.track(wanted, description="reading recordings"):
            try:
                clips[path] = convert(path, ending_of(content, named[path]), pace_of(content, named[path]))
            except (Refused, OSError) as error:
                refused[path] = str(error)
    return clips


def _refuse_too_long(
    site: Site,
    content: Content,
    lang: str,
    named: Mapping[Path, Utterance],
    clips: dict[Path, bytes],
    refused: dict[Path, str],
) -> None:
    """Refuse the recordings that are too long for a rule of seconds (rule M0)."""
    seconds = {named[path].id: wav_seconds(data[:64], len(data)) or 0.0 for path, data in clips.items()}
    told = too_long(heard_now(content, site.today, site.audio), lang, seconds) if seconds else {}
    for path in [path for path in clips if named[path].id in told]:
        del clips[path]
        refused[path] = f"{told[named[path].id]}. {FASTER}. Until then nothing changes for callers."
