"""What proofs cost: a whole check, one after a sentence has changed, and whole proofs of ten and twenty languages.

In CPU seconds of a process and its children, so that a busy machine changes little.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from ivr.content.load import load
from ivr.core.content import Content
from ivr.core.prompts import Catalogue
from ivr.garbage import no_garbage_collection
from ivr.proof.evidence import Evidence
from ivr.proof.prove import settle, walk_all
from ivr.proof.registry import rules
from tests.bench.table import row
from tests.content.conftest import Prompts

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 2
"""The best of so many counts."""
OF_SECONDS = frozenset({"K5", "M1", "M4", "F1", "F2", "F3", "F4", "T1", "T2", "W2"})
"""The rules that twice as many languages would break: their names alone take too long."""
ID, SENTENCES = "nobody_free.sorry", ("Tyvärr är ingen ledig.", "Ingen är ledig nu.")
"""One Swedish sentence, and other words for it."""


def report_proofs() -> None:
    """Print the rows of the table: what it costs, what stands beside it, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        whole, part = check_seconds(Path(folder))
    print(row("`ivr check` after one sentence has changed; beside: a whole one, CPU s", part, whole, 2))
    all_rules, ten, twenty = (best(partial(cpu_seconds, proving(what))) for what in PROOFS)
    print(row("whole proof of ten languages, read anew, CPU s", all_rules, digits=2))
    print(row("the same of twenty without the rules of seconds; beside: of ten, CPU s", twenty, ten, 2))


def best(measure: Callable[[], float]) -> float:
    """The least of some rounds."""
    return min(measure() for _ in range(ROUNDS))


def check_seconds(folder: Path) -> tuple[float, float]:
    """A whole check of the real site with its clips, and one after a sentence of one language has changed."""
    site = folder / "prompts"
    shutil.copytree(ROOT / "prompts", site)
    (folder / "audio").symlink_to(ROOT / "audio")
    whole = best(lambda: check(site, folder / "state", "--all"))
    check(site, folder / "state")
    prompts, parts = Prompts(site), list[float]()
    for sentence in SENTENCES:
        prompts.translate("sv.po", ID, sentence)
        parts.append(check(site, folder / "state"))
    return whole, min(parts)


def check(site: Path, state: Path, *words: str) -> float:
    """CPU seconds of `ivr check`."""
    return cpu_seconds([sys.executable, "-m", "ivr", "--site", str(site), "check", *words], IVR_STATE=str(state))


def cpu_seconds(command: Sequence[str], **environment: str) -> float:
    """CPU seconds of a process and its children."""
    before = os.times()
    subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=False)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def proving(what: str) -> list[str]:
    """The command that reads the real site and proves it from nothing."""
    return [sys.executable, "-m", "tests.bench.proofs", what]


def prove_all(today: date) -> None:
    """Every rule that needs no clips."""
    settle(real(today), today, None, "walk", "flow", "text")


def prove_without_seconds(make: Callable[[date], Content], today: date) -> None:
    """Every rule but those of seconds."""
    evidence = Evidence(walk_all(make(today), today), today)
    with no_garbage_collection():
        for rule in rules().values():
            if rule.by in ("walk", "flow", "text") and rule.id not in OF_SECONDS:
                rule.prove(evidence)


def real(today: date) -> Content:
    """The real content, read anew: nothing of it has been put together before."""
    content = load(ROOT / "prompts", today).content
    assert content
    return content


def doubled(today: date) -> Content:
    """The same with a copy of every language. Those beyond sixteen have no digit: only a number leads to them."""
    content = real(today)
    known, texts = content.languages.languages, content.catalogue.texts
    used = {language.digit for language in known.values()}
    free = iter([digit for number in "12345678" for digit in (number, f"9-{number}") if digit not in used])
    copy_of = {code: f"x{code}" for code in known}
    copies = {
        copy_of[code]: language.model_copy(update={"digit": next(free, f"9-9-{code}")})
        for code, language in known.items()
    }

    def with_names(texts: Mapping[str, str]) -> dict[str, str]:
        names = {copy: f"language.{code}" for code, copy in copy_of.items()}
        return {**texts, **{f"language.{copy}": texts[name] for copy, name in names.items() if name in texts}}

    return replace(
        content,
        languages=content.languages.model_copy(update={"languages": {**known, **copies}}),
        catalogue=Catalogue({name: with_names(texts[code]) for code, copy in copy_of.items() for name in (code, copy)}),
        offered=content.offered | frozenset(copies),
    )


PROOFS: Mapping[str, Callable[[date], None]] = {
    "all": prove_all,
    "ten": partial(prove_without_seconds, real),
    "twenty": partial(prove_without_seconds, doubled),
}


if __name__ == "__main__":
    if sys.argv[1:]:
        PROOFS[sys.argv[1]](date.today())  # noqa: DTZ011 - which day it is does not matter
    else:
        report_proofs()
