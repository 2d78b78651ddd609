"""`ivr audio`: what the line can say, which voice says it, and making clips before anybody calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivr.commands.site import this_site
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.core.utterance import Utterance
from ivr.files import write_atomically
from ivr.speech.clips import TEXTS, Recordings, Rendered, ending_of
from ivr.speech.engines import ENGINES, VOICE_SOURCES
from ivr.speech.port import AUDIO_REMEDY, EngineFault
from ivr.speech.render import Job, build, jobs, missing, prune
from ivr.speech.voices import Audio, VoiceSelector


@click.group()
def audio() -> None:
    """Everything that the line can say, as sound."""


@audio.command()
@click.option("--lang", help="One language only.")
@click.option("--print", "as_page", is_flag=True, help="As a page to read from while recording.")
@click.pass_context
def script(context: click.Context, lang: str | None, as_page: bool) -> None:
    """List every sentence that the line can say today, numbered."""
    site = this_site(context)
    content = site.content()
    for code in _chosen(content, lang):
        utterances = _numbered(content, site.today, code)
        if as_page:
            name = content.languages.languages[code].name
            click.echo(f"Recording script: {name} ({code}). Read calmly, one file a sentence, named by its number.\n")
            for number, utterance in enumerate(utterances, 1):
                click.echo(f"{number:>4}.  {utterance.text}")
        else:
            table = Table("number", "id", "text", title=f"Everything said in {code}")
            for number, utterance in enumerate(utterances, 1):
                table.add_row(str(number), utterance.id, utterance.text)
            Console().print(table)


@audio.command()
@click.option("--voices", is_flag=True, help="Also ask the engines whether they have the voices named.")
@click.pass_context
def status(context: click.Context, voices: bool) -> None:
    """Which voice speaks each language, and what is made, missing and stale."""
    site = this_site(context)
    content = site.content()
    Console().print(_status_table(content, site.audio, site.today))
    if voices:
        _check_voices(content)


@audio.command(name="build")
@click.option("--engine", type=click.Choice(ENGINES), default="offline", show_default=True)
@click.option("--lang", help="One language only.")
@click.option("--prune", "pruning", is_flag=True, help="Remove clips that nothing says any more.")
@click.option("--yes", is_flag=True, help="Do not ask before spending money.")
@click.pass_context
def build_command(context: click.Context, engine: str, lang: str | None, pruning: bool, yes: bool) -> None:
    """Make every clip that is missing. Stop it whenever you like; it goes on where it was."""
    site = this_site(context)
    content, folder = site.content(), site.audio.rendered
    everything, codes = closed_set(content, site.today), _chosen(content, lang)
    wanted = jobs(content, [utterance for utterance in everything if utterance.language in codes], engine)
    if not wanted:
        raise click.ClickException(f"no language has a voice for '{engine}'; name one in languages.yaml")
    if left := missing(wanted, folder):
        _make(left, engine, folder, yes=yes)
    click.echo(f"{len(left)} clips made, {len(wanted) - len(left)} were there")
    if pruning:
        used = [job for each in ENGINES for job in jobs(content, everything, each)]
        click.echo(f"{prune(used, folder)} clips that nothing says removed")


@audio.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--lang", required=True, help="The language that is spoken.")
@click.pass_context
def import_command(context: click.Context, files: tuple[Path, ...], lang: str) -> None:
    """Take in recordings, named by their number in the script or the id of their sentence."""
    site = this_site(context)
    content = site.content()
    _chosen(content, lang)
    script = _numbered(content, site.today, lang)
    refusals = [refusal for file in files if (refusal := _import(content, script, file, site.audio.recorded / lang))]
    for refusal in refusals:
        click.echo(refusal, err=True)
    click.echo(f"{len(files) - len(refusals)} recordings taken in, {len(refusals)} refused")
    if refusals:
        raise SystemExit(1)


def _chosen(content: Content, lang: str | None) -> list[str]:
    """The language named, or all. Raises UsageError."""
    known = list(content.languages.languages)
    if lang is not None and lang not in known:
        raise click.UsageError(f"--lang: '{lang}' is no language of the line; there are {', '.join(known)}")
    return [lang] if lang else known


def _numbered(content: Content, today: date, code: str) -> list[Utterance]:
    """The recording script of a language: its utterances in the order of a call, numbered from 1."""
    return [u for u in closed_set(content, today) if u.language == code and not u.slow]


def _status_table(content: Content, folders: Audio, today: date) -> Table:
    """For each language its voice source, the clips of each engine, recordings, stale ones, and minutes of sound."""
    selector = VoiceSelector(content, folders, today)
    rendered, recordings = Rendered(content, folders.rendered), Recordings(content, folders.recorded)
    table = Table(title="Which voice speaks")
    for column in ("language", "speaks", *VOICE_SOURCES, "recorded", "stale", "minutes"):
        table.add_column(column, justify="right" if column == "minutes" else "left")
    for code, language in content.languages.languages.items():
        utterances = selector.script[code]
        made = {engine: [clip for u in utterances if (clip := rendered.clip(u, engine))] for engine in ENGINES}
        cells = {engine: f"{len(clips)} of {len(utterances)}" for engine, clips in made.items()}
        best = next((made[engine] for engine in ENGINES if made[engine]), [])
        table.add_row(
            code,
            selector.sources[code] or "nobody",
            *(cells.get(source, "yes") if source in language.voices else "no voice" for source in VOICE_SOURCES),
            str(sum(recordings.is_there(u) for u in utterances if not u.slow)),
            str(sum(recordings.is_stale(u) for u in utterances if not u.slow)),
            f"{sum(clip.seconds for clip in best) / 60:.1f}",
        )
    return table


def _check_voices(content: Content) -> None:
    """Print whether each engine has the voices that languages.yaml names."""
    for name in ENGINES:
        languages = content.languages.languages.items()
        wanted = {code: language.voices[name].voice for code, language in languages if name in language.voices}
        if not wanted:
            continue
        try:
            there = VOICE_SOURCES[name].make().voices()
        except EngineFault as fault:
            click.echo(f"{name}: {fault}", err=True)
            continue
        for code, voice in wanted.items():
            click.echo(f"{name}: {code}: {voice} {'is there' if voice in there else 'IS NOT THERE'}")


def _make(left: Sequence[Job], engine: str, folder: Path, *, yes: bool) -> None:
    """Make clips and show the progress, after asking about the cost unless `yes`."""
    if not yes and (cost := VOICE_SOURCES[engine].cost_of([job.request for job in left])):
        click.confirm(f"{cost}. Go on?", abort=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(f"making clips ({engine})", total=len(left))
            build(left, VOICE_SOURCES[engine].make(), folder, lambda _job: progress.advance(task))
    except (EngineFault, OSError) as fault:
        raise click.ClickException(f"{fault}\nWhat was made is kept; run the same command again") from None


def _import(content: Content, script: Sequence[Utterance], file: Path, folder: Path) -> str | None:
    """Take one recording into a folder, or return why it is refused."""
    try:
        from ivr.speech.recording import Refused, convert
    except ImportError as missing:
        raise click.ClickException(f"Nothing here reads recordings ({missing}): {AUDIO_REMEDY}") from missing
    if (utterance := _named(script, file.stem)) is None:
        return f"{file}: '{file.stem}' is neither a number nor an id of `ivr audio script --lang {folder.name}`"
    try:
        data = convert(file, ending_of(content, utterance))
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{utterance.id}.wav", data)
        path = folder / TEXTS
        texts = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        texts[utterance.id] = utterance.text
        write_atomically(path, f"{json.dumps(texts, ensure_ascii=False, indent=1, sort_keys=True)}\n".encode())
    except (Refused, OSError) as error:
        return f"{file}: {error}"
    return None


def _named(script: Sequence[Utterance], stem: str) -> Utterance | None:
    """The utterance that a file is named after, by number or id."""
    if stem.isdecimal() and 1 <= int(stem) <= len(script):
        return script[int(stem) - 1]
    return next((utterance for utterance in script if utterance.id == stem), None)
