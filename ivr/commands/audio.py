"""`ivr audio`: what the line can say, which voice says it, and making clips before anybody calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivr.commands.recordings import chosen, import_command, script
from ivr.commands.shown import Group, narrow_table
from ivr.commands.site import Site, this_site
from ivr.core.content import Content
from ivr.core.script import closed_set, recorded_as
from ivr.core.utterance import Clip
from ivr.proof.prove import made_now
from ivr.proof.recordings import must_fall
from ivr.speech.clips import Recordings, Rendered
from ivr.speech.engines import ENGINES, VOICE_SOURCES
from ivr.speech.estimate import estimate
from ivr.speech.moving import MovedRecordings, has_recordings, move
from ivr.speech.port import EngineFault
from ivr.speech.recorded import RecordedText, print_command, read_table
from ivr.speech.render import Job, build, jobs, missing, prune
from ivr.speech.voices import MOVE, VoiceSelector


@click.group(cls=Group)
def audio() -> None:
    """Everything that the line can say, as sound."""


audio.add_command(script)
audio.add_command(import_command)


@audio.command()
@click.option("--lang", help="One language, sentence by sentence.")
@click.option("--voices", is_flag=True, help="Also ask the engines whether they have the voices named.")
@click.pass_context
def status(context: click.Context, lang: str | None, voices: bool) -> None:
    """Which voice speaks each language, and what is made, recorded, missing and of old words."""
    site = this_site(context)
    content = site.content()
    chosen(content, lang)
    selector, recordings = VoiceSelector(content, site.audio, site.today), site.audio.recordings(content)
    if recordings.clips:
        recordings.too_long = must_fall(made_now(content, site.today, site.audio), recordings)
        selector.proved(recordings.too_long)
    if lang:
        for line in _details(content, selector, recordings, lang, _speakers(site, lang)):
            click.echo(line)
    else:
        Console().print(_status_table(content, selector, Rendered(content, site.audio.rendered), recordings))
    if voices:
        _check_voices(content)
    for why in selector.to_move:
        click.echo(f"{why}. {MOVE}", err=True)


def _speakers(site: Site, code: str) -> dict[str, RecordedText]:
    """Name of each recording of a language -> what is kept of who spoke; what cannot be read is told elsewhere."""
    found = dict[str, RecordedText]()
    for folder in (site.audio.unmoved, site.audio.recorded):
        with suppress(OSError):
            found |= read_table(folder / code) if folder else {}
    return found


@audio.command(name="move")
@click.pass_context
def move_command(context: click.Context) -> None:
    """Move recordings from the site, where an earlier version kept them, to IVR_RECORDINGS. It overwrites nothing."""
    site = this_site(context)
    old, new = site.audio.unmoved, site.audio.recorded
    codes = [path.name for path in sorted(old.iterdir()) if has_recordings(path)] if old and old.is_dir() else []
    stuck = 0
    for code in codes:
        try:
            moved = move(old / code, new / code) if old else MovedRecordings(0)
        except OSError as error:
            raise click.ClickException(f"{error}\nThen run the same command again; nothing was lost") from None
        if moved.in_the_way:
            stuck += 1
            click.echo(_in_the_way(code, moved.in_the_way, new), err=True)
        else:
            click.echo(f"{code}: {moved.count} recordings moved to {new / code}")
    if not codes:
        click.echo("nothing to move: there are no recordings in the site")
    if stuck:
        raise SystemExit(1)


def _in_the_way(code: str, names: Sequence[str], new: Path) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (
        f"{code}: nothing was moved, as {new / code} has others called {', '.join(names[:3])}{more}. Callers hear "
        "those. Delete the ones in the site, or those, and run this again"
    )


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


def _status_table(content: Content, selector: VoiceSelector, rendered: Rendered, recordings: Recordings) -> Table:
    """For each language whose voice it is, the clips of each engine, recordings, old ones, and minutes of sound."""
    columns = ("lang", "speaks", *VOICE_SOURCES, "recorded", "old", "minutes")
    caption = "Sentence by sentence: ivr audio status --lang LANG"
    table = narrow_table(*columns, title="Which voice speaks", caption=caption)
    table.columns[-1].justify = "right"
    for code, language in content.languages.languages.items():
        utterances = selector.script[code]
        made = {engine: sum(rendered.clip(u, engine) is not None for u in utterances) for engine in ENGINES}
        cells = {engine: f"{count} of {len(utterances)}" for engine, count in made.items()}
        sentences = dict.fromkeys(map(recorded_as, utterances))
        table.add_row(
            code,
            selector.heard(code),
            *(cells.get(source, "yes") if source in language.voices else "no voice" for source in VOICE_SOURCES),
            f"{sum(map(recordings.is_there, sentences))} of {len(sentences)}",
            str(sum(map(recordings.is_stale, sentences))),
            f"{_minutes(content, selector, code):.1f}",
        )
    return table


def _minutes(content: Content, selector: VoiceSelector, code: str) -> float:
    """How long it takes to hear a language once at its usual pace, estimated where the provider speaks."""
    heard = ((said, selector.sound(said)) for said in selector.script[code] if not said.slow)
    seconds = (s.seconds if isinstance(s, Clip) else estimate(content.languages, said) for said, s in heard if s)
    return sum(seconds) / 60


def _details(
    content: Content, selector: VoiceSelector, recordings: Recordings, code: str, speakers: Mapping[str, RecordedText]
) -> Iterator[str]:
    """The recordings of a language, sentence by sentence: what is missing, lost or old, and who spoke the others."""
    sentences = list(dict.fromkeys(map(recorded_as, selector.script[code])))
    by_state: dict[str, list[str]] = {"missing": [], "lost": [], "too long": [], "old": [], "recorded": []}
    for said in sentences:
        words = recordings.words(said)
        if words is None:
            by_state["missing"].append(f"{said.id}: {said.text}")
        elif words != said.text:
            heard = "do not hear it" if recordings.is_kept_back(said) else "still hear it"
            differ = f'the recording says "{words}", the text is now "{said.text}"'
            by_state["old"].append(f"{said.id}: {differ} Callers {heard}. Record it again: {print_command(code)}")
        elif recordings.is_too_long(said):
            by_state["too long"].append(f"{said.id}: it is not spoken")
        elif recordings.clip(said) is None:
            by_state["lost"].append(f"{said.id}: its file is gone or spoilt; import it again")
        else:
            by_state["recorded"].append(f"{said.id}{_by(speakers.get(recordings.name(said) or ''))}")
    counts = ", ".join(f"{len(ids)} {state}" for state, ids in by_state.items() if ids)
    yield f"{content.name_of(code)}: heard by {selector.heard(code)}"
    yield f"{len(sentences)} sentences: {counts or 'none, as texts are missing'}"
    yield from (f"not offered: {why}" for language, why in selector.missing().items() if language == code)
    yield from (why for why in selector.too_long if why.startswith(f"{code}/"))
    for state, lines in by_state.items():
        yield from (f"{state:<9} {line}" for line in lines)
    for name in recordings.unnamed(code):
        yield f"unused    {name}.wav: nobody knows what it says. Import it again, from where it was recorded"


def _by(spoken: RecordedText | None) -> str:
    """Who spoke, and when: a volunteer has no name here."""
    who = spoken and (spoken.by or spoken.voice)
    return f" by {who}, {spoken.on}" if spoken and who else ""


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
