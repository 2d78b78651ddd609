"""`ivr audio`: what the line can say, which voice says it, and making the clips before anybody calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivr.commands.site import this_site
from ivr.core.content import Content
from ivr.core.languages import Language
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, Utterance
from ivr.files import write_atomically
from ivr.speech.clips import TEXTS, Recordings, Rendered, ending_of
from ivr.speech.engines import ENGINES, VOICE_SOURCES
from ivr.speech.port import AUDIO_REMEDY, EngineFault
from ivr.speech.render import Job, build, jobs, missing, prune
from ivr.speech.voices import Audio, VoiceSelector

TO_THE_REMEDY = "what was made is kept; run the same command again"


@click.group()
def audio() -> None:
    """Everything that the line can say, as sound."""


@audio.command()
@click.option("--lang", help="One language only.")
@click.option("--print", "as_page", is_flag=True, help="As a page to read from while recording.")
@click.pass_context
def script(context: click.Context, lang: str | None, as_page: bool) -> None:
    """List every sentence that the line can say today, numbered."""
    content = this_site(context).content()
    for code in _chosen(content, lang):
        said = numbered(content, code)
        if as_page:
            click.echo(_page(content, code, said))
        else:
            Console().print(_script_table(code, said))


@audio.command()
@click.option("--voices", is_flag=True, help="Also ask the engines whether they have the voices named.")
@click.pass_context
def status(context: click.Context, voices: bool) -> None:
    """Which voice speaks each language, and what is made, missing and stale."""
    site = this_site(context)
    content, where = site.content(), site.audio
    Console().print(status_table(content, where))
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
    content, where = site.content(), site.audio
    wanted = jobs(content, _spoken(content, _chosen(content, lang)), engine)
    if not wanted:
        raise click.ClickException(f"no language has a voice for '{engine}'; name one in languages.yaml")
    if left := missing(wanted, where.rendered):
        _make(left, engine, where.rendered, yes=yes)
    click.echo(f"{len(left)} clips made, {len(wanted) - len(left)} were there")
    if pruning:
        everything = [job for each in ENGINES for job in jobs(content, closed_set(content, _today()), each)]
        click.echo(f"{prune(everything, where.rendered)} clips that nothing says removed")


@audio.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--lang", required=True, help="The language that is spoken.")
@click.pass_context
def import_command(context: click.Context, files: tuple[Path, ...], lang: str) -> None:
    """Take in recordings, named by their number in the script or the id of their sentence."""
    site = this_site(context)
    content, where = site.content(), site.audio
    _chosen(content, lang)
    refused = [str(why) for file in files if (why := _import(content, where.recorded / lang, lang, file))]
    for why in refused:
        click.echo(why, err=True)
    click.echo(f"{len(files) - len(refused)} recordings taken in, {len(refused)} refused")
    if refused:
        raise SystemExit(1)


def numbered(content: Content, code: str) -> tuple[Utterance, ...]:
    """The sentences of a language in the order of a call; their number is their place, from 1."""
    return tuple(u for u in closed_set(content, _today()) if u.language == code and not u.slow)


def status_table(content: Content, where: Audio) -> Table:
    """Language by source: clips made; recordings and stale ones; and which voice speaks."""
    selector = VoiceSelector(content, where, _today())
    rendered, recordings = Rendered(content, where.rendered), Recordings(content, where.recorded)
    table = Table(title="Which voice speaks")
    for column in ("language", "speaks", *VOICE_SOURCES, "recorded", "stale", "minutes"):
        table.add_column(column, justify="right" if column == "minutes" else "left")
    for code, language in content.languages.languages.items():
        said = selector.script[code]
        made = {engine: [clip for u in said if (clip := rendered.clip(u, engine))] for engine in ENGINES}
        best = next((made[engine] for engine in ENGINES if made[engine]), [])
        table.add_row(
            code,
            selector.sources[code] or "nobody",
            *(_has(source, language, made, len(said)) for source in VOICE_SOURCES),
            str(sum(recordings.is_there(u) for u in said if not u.slow)),
            str(sum(recordings.is_stale(u) for u in said if not u.slow)),
            f"{sum(clip.seconds for clip in best) / 60:.1f}",
        )
    return table


def _has(source: str, language: Language, made: Mapping[str, Sequence[Clip]], wanted: int) -> str:
    if source not in language.voices:
        return "no voice"
    return f"{len(made[source])} of {wanted}" if source in made else "yes"


def _make(left: Sequence[Job], engine: str, folder: Path, *, yes: bool) -> None:
    if not yes and (cost := VOICE_SOURCES[engine].cost_of([job.request for job in left])):
        click.confirm(f"{cost}. Go on?", abort=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(f"making clips ({engine})", total=len(left))
            build(left, VOICE_SOURCES[engine].make(), folder, lambda _job: progress.advance(task))
    except (EngineFault, OSError) as fault:
        raise click.ClickException(f"{fault}\n{TO_THE_REMEDY}") from None


def _check_voices(content: Content) -> None:
    for name in ENGINES:
        wanted = {
            code: language.voices[name].voice
            for code, language in content.languages.languages.items()
            if name in language.voices
        }
        if not wanted:
            continue
        try:
            there = VOICE_SOURCES[name].make().voices()
        except EngineFault as fault:
            click.echo(f"{name}: {fault}", err=True)
            continue
        for code, named in wanted.items():
            click.echo(f"{name}: {code}: {named} {'is there' if named in there else 'IS NOT THERE'}")


def _import(content: Content, folder: Path, code: str, file: Path) -> str | None:
    """Take in one recording, or say why not."""
    try:
        from ivr.speech.recording import Refused, convert
    except ImportError as missing:
        raise click.ClickException(f"Nothing here reads recordings ({missing}): {AUDIO_REMEDY}") from missing
    if (said := _meant(content, code, file.stem)) is None:
        return f"{file}: '{file.stem}' is neither a number nor an id of `ivr audio script --lang {code}`"
    try:
        data = convert(file, ending_of(content, said))
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{said.id}.wav", data)
        texts = folder / TEXTS
        known = json.loads(texts.read_text(encoding="utf-8")) if texts.is_file() else {}
        written = json.dumps({**known, said.id: said.text}, ensure_ascii=False, indent=1, sort_keys=True)
        write_atomically(texts, f"{written}\n".encode())
    except (Refused, OSError) as why:
        return f"{file}: {why}"
    return None


def _meant(content: Content, code: str, stem: str) -> Utterance | None:
    said = numbered(content, code)
    if stem.isdecimal() and 1 <= int(stem) <= len(said):
        return said[int(stem) - 1]
    return next((utterance for utterance in said if utterance.id == stem), None)


def _spoken(content: Content, codes: Sequence[str]) -> list[Utterance]:
    return [utterance for utterance in closed_set(content, _today()) if utterance.language in codes]


def _chosen(content: Content, lang: str | None) -> list[str]:
    known = list(content.languages.languages)
    if lang is not None and lang not in known:
        raise click.UsageError(f"--lang: '{lang}' is no language of the line; there are {', '.join(known)}")
    return [lang] if lang else known


def _script_table(code: str, said: Sequence[Utterance]) -> Table:
    table = Table("number", "id", "text", title=f"Everything said in {code}")
    for number, utterance in enumerate(said, 1):
        table.add_row(str(number), utterance.id, utterance.text)
    return table


def _page(content: Content, code: str, said: Sequence[Utterance]) -> str:
    name = content.languages.languages[code].name
    lines = [f"Recording script: {name} ({code}). Read calmly, one file a sentence, named by its number.", ""]
    return "\n".join([*lines, *(f"{number:>4}.  {utterance.text}" for number, utterance in enumerate(said, 1))])


def _today() -> date:
    return datetime.now(UTC).date()
