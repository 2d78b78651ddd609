"""Make the clips that are missing. It can be stopped at any moment and goes on where it was."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ivr.core.content import Content
from ivr.core.utterance import Utterance
from ivr.files import write_atomically
from ivr.speech.clips import Ending, clip_name, ending_of, request_of, seconds_of
from ivr.speech.port import Engine, Speech, SynthesisRequest

AHEAD = 16
"""Most speeches kept in memory between the engine and the clips."""


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to be made; `name` is its file's name without the ending."""

    name: str
    request: SynthesisRequest
    ending: Ending


def jobs(content: Content, script: Iterable[Utterance], engine: str) -> tuple[Job, ...]:
    """The clips of utterances by an engine, each once; none for languages without a voice of that engine."""
    found: dict[str, Job] = {}
    for utterance in script:
        if request := request_of(content, utterance, engine):
            ending = ending_of(content, utterance)
            name = clip_name(request, ending, engine)
            found[name] = Job(name, request, ending)
    return tuple(found.values())


def missing(wanted: Sequence[Job], folder: Path) -> tuple[Job, ...]:
    """The jobs whose clip is not in a folder, or not whole."""
    return tuple(job for job in wanted if seconds_of(folder / f"{job.name}.wav") is None)


def build(wanted: Sequence[Job], engine: Engine, folder: Path, made: Callable[[Job], None]) -> None:
    """Make clips, several at once, each written whole or not at all, and call `made` after each.

    EngineFault and OSError end it; the clips made until then are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_request = {job.request: job for job in wanted}

    def finish(request: SynthesisRequest, speech: Speech) -> Job:
        # Imported here, as numpy and soxr may not be installed; an engine then says so first.
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
    """Remove the clips in a folder that no job makes, and return how many."""
    names = {job.name for job in wanted}
    unused = [path for path in folder.glob("*.wav") if path.stem not in names]
    for path in unused:
        path.unlink()
    return len(unused)
