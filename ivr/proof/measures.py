"""The measures of clips, kept from one proof to the next: a file that has not changed is not measured again."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

from ivr.files import Stamp, stamp_of
from ivr.program import COARSEST_S, what_was_read
from ivr.proof.kept import Kept
from ivr.speech.limits import Measured


class Measures:
    """The measures of the clips of one folder. `measure` measures a file."""

    def __init__(self, kept: Kept, folder: Path, measure: Callable[[Path], Measured]) -> None:
        self._kept, self._folder, self._measure = kept, folder, measure
        hashed = hashlib.sha256(what_was_read() + os.fsencode(folder.resolve())).hexdigest()
        self._name = f"clips-{hashed[:32]}"
        self._known = kept.read(self._name, _known) or {}
        self._is_new = False

    def of(self, path: Path) -> Measured:
        """The measures of a clip. Raises what `measure` raises."""
        try:
            began, stamp = time.time(), stamp_of(path.stat())
        except OSError:  # whoever measures it tells why
            return self._measure(path)
        known = self._known.get(path.name)
        if known and known[0] == stamp:
            return known[1]
        measured = self._measure(path)
        # A file that has changed just now may change again within the tick of its stamp: it is not kept.
        if max(stamp[2:]) / 1e9 < began - COARSEST_S:
            self._known[path.name], self._is_new = (stamp, measured), True
        return measured

    def keep(self) -> None:
        """Keep what was measured for the next proof."""
        if self._is_new:
            there = {path.name for path in self._folder.iterdir()}
            rows = {name: (stamp, astuple(each)) for name, (stamp, each) in self._known.items() if name in there}
            self._kept.write(self._name, rows)


def _known(value: Any) -> dict[str, tuple[Stamp, Measured]]:
    return {name: (tuple(stamp), Measured(*measures)) for name, (stamp, measures) in value.items()}
