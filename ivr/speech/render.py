"""Make the clips that are missing, and only those; stop at any moment and go on where it was."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ivr.core.content import Content
from ivr.core.utterance import Utterance
from ivr.files import write_atomically
from ivr.speech.clips import Ending, clip_name, ending_of, request_of, seconds_of
from ivr.speech.port import Engine, Speech, SynthesisRequest

AHEAD = 16
"""Speeches that may wait for the chain: the engine is not to run away with the memory."""


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to be made."""

    name: str
    request: SynthesisRequest
    ending: Ending


def jobs(content: Content, script: Iterable[Utterance], engine: str) -> tuple[Job, ...]:
    """The clip of each utterance in an engine, each once; none for a language without a voice there."""
    found: dict[str, Job] = {}
    for utterance in script:
        if request := request_of(content, utterance, engine):
            ending = ending_of(content, utterance)
            name = clip_name(request, ending, engine)
            found[name] = Job(name, request, ending)
    return tuple(found.values())


def missing(wanted: Sequence[Job], folder: Path) -> tuple[Job, ...]:
    """Those that are not there, or not whole."""
    return tuple(job for job in wanted if seconds_of(folder / f"{job.name}.wav") is None)


def build(wanted: Sequence[Job], engine: Engine, folder: Path, made: Callable[[Job], None]) -> None:
    """Make clips, several at once, each written whole or not at all; `made` is told of each.

    EngineFault and OSError stop it; what was made is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_request: Mapping[SynthesisRequest, Job] = {job.request: job for job in wanted}

    def finish(request: SynthesisRequest, speech: Speech) -> Job:
        # Here, since a line that makes no clips needs none of what they take; an engine tells what is missing.
        from ivr.speech.pauses import with_short_pauses
        from ivr.speech.telephone import to_clip

        job = by_request[request]
        write_atomically(folder / f"{job.name}.wav", to_clip(with_short_pauses(speech), job.ending))
        return job

    with ThreadPoolExecutor(2) as threads:
        waiting = deque[Future[Job]]()
        for request, speech in engine.speak(by_request):
            waiting.append(threads.submit(finish, request, speech))
            while waiting and (waiting[0].done() or len(waiting) > AHEAD):
                made(waiting.popleft().result())
        for done in waiting:
            made(done.result())


def prune(wanted: Iterable[Job], folder: Path) -> int:
    """Remove every clip that nothing says any more; how many there were."""
    names = {job.name for job in wanted}
    gone = [path for path in folder.glob("*.wav") if path.stem not in names]
    for path in gone:
        path.unlink()
    return len(gone)
