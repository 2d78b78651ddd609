"""`ivr audio`: what the line can say, which voice says it, and making clips before anybody calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivr.commands.recordings import chosen, import_command, script
from ivr.commands.site import this_site
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.speech.clips import Recordings, Rendered
from ivr.speech.engines import ENGINES, VOICE_SOURCES
from ivr.speech.port import EngineFault
from ivr.speech.render import Job, build, jobs, missing, prune
from ivr.speech.voices import Audio, VoiceSelector


@click.group()
def audio() -> None:
    """Everything that the line can say, as sound."""


audio.add_command(script)
audio.add_command(import_command)


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
    everything, codes = closed_set(content, site.today), chosen(content, lang)
    wanted = jobs(content, [utterance for utterance in everything if utterance.language in codes], engine)
    if not wanted:
        raise click.ClickException(f"no language has a voice for '{engine}'; name one in languages.yaml")
    if left := missing(wanted, folder):
        _make(left, engine, folder, yes=yes)
    click.echo(f"{len(left)} clips made, {len(wanted) - len(left)} were there")
    if pruning:
        used = [job for each in ENGINES for job in jobs(content, everything, each)]
        click.echo(f"{prune(used, folder)} clips that nothing says removed")


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
