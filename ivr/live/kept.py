"""The prepared content that the next start of a line takes at once, if nothing has changed: `start/` in IVR_STATE.

Nothing is lost where it is missing, spoilt or of another day: the content is prepared anew. It is a pickle, and
whoever writes one decides what its reader does: so the folder must be ours and closed to everybody else.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import stat
from io import BufferedReader
from pathlib import Path

from ivr.files import keep_newest, open_ours, write_atomically
from ivr.garbage import no_garbage_collection
from ivr.live.prepared import Prepared, Wanted, key_of, site_files
from ivr.live.state import StateFolder

log = logging.getLogger(__name__)

HEAD = 2 * hashlib.sha256().digest_size
"""Bytes before the pickle: the hash of what it was prepared from, and its own."""
WRITERS = 4
"""How many processes may write at once; what else lies there was left half written by one that was killed."""


def keep(wanted: Wanted, prepared: Prepared) -> None:
    """Keep a content as a start would be given it, if it is whole and proved. What is in the way is told."""
    if not (prepared.usable and prepared.proved_on):
        return
    path, pickled = _path(wanted), pickle.dumps(prepared)
    with StateFolder(wanted.state).told("what the next start takes at once"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(path.parent)
        own = hashlib.sha256(pickled).digest()
        write_atomically(path, _head(wanted, prepared.key, own) + pickled, mode=0o600)
        keep_newest(path, WRITERS)


def kept(wanted: Wanted) -> Prepared | None:
    """What was kept, if site, clips, day, settings and program are the same now; else None."""
    try:
        with no_garbage_collection(), _ours(_path(wanted)) as file:  # it would take as long as all the reading
            head, own = file.read(HEAD), hashlib.file_digest(file, "sha256").digest()
            if head != _head(wanted, key_of(site_files(wanted.folder, wanted.heard)), own):
                return None
            file.seek(HEAD)
            prepared: Prepared = pickle.load(file)  # noqa: S301 - nobody else can have written it
    except OSError:
        return None
    except Exception:
        log.exception("what was kept for this start cannot be read; the content is prepared anew")
        return None
    changed = prepared.voices is None or prepared.voices.have_clips_changed()
    return None if changed else prepared


def _path(wanted: Wanted) -> Path:
    return wanted.state / "start" / "prepared"


def _head(wanted: Wanted, key: str, own: bytes) -> bytes:
    """Changes with all that a prepared content depends on, except the clips: they are looked at."""
    of = repr((key, wanted.today, wanted.audio, wanted.speech, wanted.require_approval))
    return hashlib.sha256(of.encode()).digest() + own


def _close_to_others(folder: Path) -> None:
    """OSError where it is a link: whoever has put it there shall not choose what is closed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
    try:
        os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


def _ours(path: Path) -> BufferedReader:
    """A file that nobody else can have written, in a folder that nobody else can enter. OSError for any other."""
    folder = path.parent.lstat()
    if not stat.S_ISDIR(folder.st_mode) or folder.st_uid != os.geteuid() or folder.st_mode & 0o077:
        raise PermissionError(f"{path.parent.name} is not ours")
    return open_ours(path)
