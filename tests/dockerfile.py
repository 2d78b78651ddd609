"""Reads the few instructions that our Dockerfile uses, and what .dockerignore keeps from the builder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


class NotUnderstood(Exception):
    """An instruction, or a way to write one, that nothing here carries out: better than one that no test has seen."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`COPY`: files or folders of the context, to a place in the image."""

    sources: tuple[str, ...]
    target: str


@dataclass(frozen=True, slots=True)
class Env:
    """`ENV`: what every later command has in its environment."""

    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """`RUN`: words for the shell, in the folder of the last `WORKDIR`."""

    command: str


@dataclass(frozen=True, slots=True)
class Workdir:
    """`WORKDIR`: the folder of what follows; it is made."""

    path: str


Step = Copy | Env | Run | Workdir


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole Dockerfile: `steps` build the image, the rest says how it is run."""

    base: str
    steps: tuple[Step, ...]
    user: str
    port: int
    healthcheck: tuple[str, ...]
    command: tuple[str, ...]


def read_dockerfile(text: str) -> Recipe:
    """The recipe that a Dockerfile says; NotUnderstood names the line that says anything else."""
    arguments, base, steps, about = dict[str, str](), "", list[Step](), dict[str, str]()
    for line in _lines(text):
        name, _, rest = line.partition(" ")
        rest = rest.strip()
        if name not in ("FROM", "RUN", "HEALTHCHECK", "CMD") and re.search(r"[$\"'<*?\[]", rest):
            raise NotUnderstood(f"{line}: quotes, variables and patterns are not read here")
        if about and name in ("COPY", "ENV", "RUN", "WORKDIR"):
            raise NotUnderstood(f"{line}: what builds stands before what says how it is run")
        if (name in ("ARG", "FROM")) == bool(base):
            raise NotUnderstood(f"{line}: first ARG, then FROM, then the rest")
        match name, rest.split():
            case "ARG", [word] if word.count("=") == 1:
                argument, _, arguments[argument] = word.partition("=")
            case "FROM", [word] if (used := re.fullmatch(r"\$\{(\w+)\}", word)) and used[1] in arguments:
                base = arguments[used[1]]
            case "COPY", [*sources, target] if sources and not rest.startswith("--"):
                steps.append(Copy(tuple(sources), target))
            case "ENV", words if words and all(re.fullmatch(r"\w+=[^=]+", word) for word in words):
                steps.append(Env(dict(word.split("=") for word in words)))
            case "RUN", [first, *_] if not first.startswith(("[", "--", "<<")):
                steps.append(Run(rest))
            case "WORKDIR", [word] if word.startswith("/"):
                steps.append(Workdir(word))
            case (("USER" | "EXPOSE"), [_]) if name not in about:
                about[name] = rest
            case "HEALTHCHECK", ["CMD", *_] if name not in about:
                about[name] = rest.removeprefix("CMD")
            case "CMD", [_, *_] if name not in about:
                about[name] = rest
            case _:
                raise NotUnderstood(line)
    if lacking := {"USER", "EXPOSE", "HEALTHCHECK", "CMD"} - set(about):
        raise NotUnderstood(f"there is no {' and no '.join(sorted(lacking))}")
    healthcheck, command = (_words(about[name]) for name in ("HEALTHCHECK", "CMD"))
    return Recipe(base, tuple(steps), about["USER"], int(about["EXPOSE"]), healthcheck, command)


def _lines(text: str) -> Iterator[str]:
    """The instructions, each on one line; comments and empty lines are left out."""
    joined = re.sub(r"\\\n\s*", "", "".join(f"{line}\n" for line in text.splitlines() if not line.startswith("#")))
    return (line.strip() for line in joined.splitlines() if line.strip())


def _words(written: str) -> tuple[str, ...]:
    """The words of a command that no shell reads: a list in JSON."""
    try:
        words = json.loads(written)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise NotUnderstood(f"{written}: a shell would stand between the line and the signal that ends it")
    return tuple(words)


def read_dockerignore(text: str) -> tuple[str, ...]:
    """The patterns of a .dockerignore."""
    patterns = tuple(_lines(text))
    if strange := [pattern for pattern in patterns if re.search(r"[\[\]\\?]|^!?/", pattern)]:
        raise NotUnderstood(f"{strange[0]}: only names, * and ** are read here")
    return patterns


def is_kept_out(path: str, patterns: Sequence[str]) -> bool:
    """Whether a file of the context does not come to the builder: the last pattern for it or a folder above it says."""
    parts = path.split("/")
    above = ["/".join(parts[: length + 1]) for length in range(len(parts))]
    out = False
    for pattern in patterns:
        expression = re.escape(pattern.lstrip("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(expression, each) for each in above):
            out = not pattern.startswith("!")
    return out


def files_of(context: Path, source: str, patterns: Sequence[str]) -> Iterator[str]:
    """What `COPY` takes for one of its sources, each by its path in the context."""
    place = context / source
    every = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    names = (path.relative_to(context).as_posix() for path in every)
    return (name for name in names if not is_kept_out(name, patterns))
