"""The two locks: every version that is installed, and the hashes of the files that may come; and what needs what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

EVERYTHING, RUNTIME = ROOT / "requirements.lock", ROOT / "requirements-runtime.lock"
PINNED = re.compile(
    r"([a-z0-9]+(?:-[a-z0-9]+)*)==([\w.!+]+)(?: ; python_version < \"[\d.]+\")?((?: --hash=sha256:[0-9a-f]{64})+)"
)


@dataclass(frozen=True, slots=True)
class Locked:
    """One package in a lock."""

    version: str
    hashes: frozenset[str]


def read_lock(path: Path) -> dict[str, Locked]:
    """The packages of a lock by their names; ValueError names the line that is not one version with its hashes."""
    text = re.sub(r"(?m)^\s*#.*\n?", "", path.read_text(encoding="utf-8"))
    found = dict[str, Locked]()
    for line in re.sub(r" \\\n\s+", " ", text).splitlines():
        pinned = PINNED.fullmatch(line)
        if not pinned or pinned[1] in found:
            raise ValueError(f"{path.name}: {line}")
        found[pinned[1]] = Locked(pinned[2], frozenset(re.findall(r"sha256:(\w+)", pinned[3])))
    return found


def needed(requirements: Iterable[str]) -> Iterator[str]:
    """The names of all that some requirements bring with them on this machine."""
    done, open_ = set[tuple[str, str]](), [(Requirement(each), "") for each in requirements]
    while open_:
        requirement, extra = open_.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for asked in ("", *requirement.extras):
            if (name, asked) not in done:
                done.add((name, asked))
                yield name
                open_ += [(Requirement(each), asked) for each in distribution(name).requires or ()]
