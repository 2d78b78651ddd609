"""`python -m ivr.live.prepare`: read, check and prove a content, in a fresh process, so that no call waits for it.

Reads a pickled `Wanted` from standard input and writes a pickled `Prepared` to standard output. Both ends are ours: the
parent starts this process and nobody else can reach its pipes. It ends when the parent does.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ivr.content.checks.hours import exact_hours, without_times
from ivr.content.files import OF_RECORDINGS
from ivr.content.load import Loaded, load
from ivr.core.issue import any_broken
from ivr.live.kept import keep
from ivr.live.prepared import REPLACED, Prepared, Wanted, key_of, site_files
from ivr.live.state import Stamp, StateFolder
from ivr.program import this_program
from ivr.proof.kept import Kept
from ivr.proof.prove import made_now, settle
from ivr.proof.recordings import must_fall
from ivr.proof.voices import unusable, voice_issues
from ivr.speech.voices import VoiceSelector

OFFLINE = "offline"


def main() -> None:
    """Do what standard input asks for."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up in the answer
    wanted: Wanted = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our parent
    answered = threading.Event()
    threading.Thread(target=_end_with_parent, args=(answered,), daemon=True).start()
    os.nice(wanted.nice)
    with answer:
        same = wanted.program == this_program()
        pickle.dump(prepare(wanted) if same else REPLACED, answer)
        answer.flush()
        answered.set()


def _end_with_parent(answered: threading.Event) -> None:
    while os.read(0, 4096):  # the parent keeps the pipe open until it has the whole answer, or has ended
        pass
    os._exit(not answered.is_set())


def prepare(wanted: Wanted) -> Prepared:
    """Read and check a content; prove it as asked, and stamp it and keep its files where it holds."""
    files, state, kept = site_files(wanted.folder, wanted.heard), StateFolder(wanted.state), Kept(wanted.state)
    key = key_of(files)
    loaded = _load(wanted, files)
    if loaded.content is None:
        return Prepared(key, loaded.issues)
    if faults := unusable(loaded.content):
        return Prepared(key, loaded.in_order([*loaded.issues, *faults]))
    content, issues = loaded.content, list(loaded.issues)
    stamp, walked = state.stamp(key), None
    if _is_due(wanted, stamp):
        with state.alone():
            stamp = state.stamp(key)  # by another process, while this one waited
            if _is_due(wanted, stamp):
                settled = settle(content, wanted.today, None, "walk", "flow", "text", kept=kept)
                walked = settled.evidence.walk
                issues += [*settled.notes, *(i for proof in settled.proofs for i in proof.counterexamples)]
                stamp = None if any_broken(issues) else Stamp(wanted.today, settled.without_times)
                if stamp:
                    state.proved(key, stamp, files)
                    state.keep_site(wanted.folder)
    if stamp and stamp.without_times:
        content = without_times(content, exact_hours(content, wanted.today, stamp.without_times))
    too_long: Mapping[str, str] | None = None
    if wanted.proving != "never" and wanted.speech != "say":
        recordings = wanted.audio.recordings(content)
        if recordings.clips:
            too_long = must_fall(made_now(content, wanted.today, wanted.audio, kept, walked), recordings)

    def with_voices(offered: frozenset[str]) -> Prepared:
        required, day, spoken = wanted.require_approval, stamp and stamp.day, replace(content)
        voices = VoiceSelector(
            spoken,
            wanted.audio,
            wanted.today,
            wanted.speech,
            offered,
            require_approval=required,
            decided=wanted.decided,
        )
        if too_long is not None:
            voices.proved(too_long)
        found = loaded.in_order([*issues, *voice_issues(content, voices)])
        voices.missing()  # worked out here, where no call waits for it
        unmade = tuple(code for code in voices.script if voices.has_part(code, OFFLINE))
        spoken.utterance_cache.clear()  # no caches are sent, only what all calls need: the script, and the days to come
        return Prepared(key, found, replace(content), voices, day, unmade)

    prepared = with_voices(wanted.keep)
    keep(wanted, with_voices(frozenset()) if wanted.keep else prepared)
    return prepared


def _load(wanted: Wanted, files: Mapping[str, bytes]) -> Loaded:
    """What is proved is what was read, whatever is written meanwhile."""
    try:
        with tempfile.TemporaryDirectory() as snapshot:
            for name, data in files.items():
                path = Path(snapshot) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            return load(Path(snapshot), wanted.today, Path(snapshot) / OF_RECORDINGS)
    except OSError:  # a full disk, or one that cannot be written, must not keep a line from its start
        loaded = load(wanted.folder, wanted.today, wanted.heard)
        if site_files(wanted.folder, wanted.heard) != files:
            raise
        return loaded


def _is_due(wanted: Wanted, stamp: Stamp | None) -> bool:
    match wanted.proving:
        case "never":
            return False
        case "if_new":
            return stamp is None
        case "today":
            return stamp is None or stamp.day != wanted.today


if __name__ == "__main__":
    main()
