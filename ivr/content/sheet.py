"""The review sheet of a language: one HTML page with all its texts, to be read, ticked and corrected on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ivr.content.checks.flow import said_items
from ivr.content.texts import Texts
from ivr.core.prompts import SLOT

TEMPLATES = Path(__file__).parent / "templates"
EXAMPLES = {"key": "key.1", "digit": "digit.1", "help_key": "key.0", "person_key": "key.1", "again_key": "key.9"}
"""Slot -> the entry whose English is shown as an example of what fills it."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of the recording script: its code, and the id of each text -> its sentences, as one is said filled.

    Without a code there is no script, as the language is not whole.
    """

    code: str = ""
    of: Mapping[str, Sequence[int]] = field(default_factory=dict)


def sheet(texts: Texts, code: str, numbers: Numbers) -> str:
    """The sheet of a language, as one HTML page that needs no other file. It has no numbers of its own."""
    examples = {slot: texts.sources[entry].source for slot, entry in EXAMPLES.items() if entry in texts.sources}

    def chips(text: str) -> Markup:
        parts = SLOT.split(text)  # text, name, text, name, ... text
        return Markup().join(_chip(part, examples) if at % 2 else escape(part) for at, part in enumerate(parts))

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["chips"] = chips
    page = environment.get_template("sheet.html").render(
        code=code,
        language=texts.languages.languages[code],
        script=numbers.code,
        rows=_rows(texts, code, numbers),
        approved=_approved(texts, code),
    )
    return re.sub(r"\n\s*\n+", "\n", page) + "\n"


def _approved(texts: Texts, code: str) -> str:
    """How much is approved and who did it last, as a sentence."""
    last, approved = texts.last_approval(code), len(texts.approved(code))
    if last is None:
        return "No native speaker has approved any of it yet: it is a draft."
    return f"{approved} of {len(texts.wanted(code))} texts are approved, the last by {last.by} on {last.day}."


def _rows(texts: Texts, code: str, numbers: Numbers) -> list[dict[str, object]]:
    """What the template shows of each text; `places` are the nodes that say it, `spare` is one that may be left out."""
    places, own = _places(texts), texts.translations.get(code, {})
    finnish = texts.translations.get("fi", {}) if code != "fi" else {}
    return [
        {
            "id": id_,
            "numbers": _ranges(numbers.of.get(id_, ())),
            "places": places.get(id_, ()),
            "source": texts.sources[id_],
            "finnish": finnish[id_].translation if id_ in finnish else "",
            "text": own.get(id_),
            "state": texts.state(code, id_),
            "approval": texts.approvals.get(code, {}).get(id_),
            "approved": texts.approval_state(code, id_),
            "spare": not texts.needs(code, id_),
        }
        for id_ in texts.wanted(code)
    ]


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers in few words: `3`, or `7, 9-13`."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _places(texts: Texts) -> dict[str, list[str]]:
    """Id -> the nodes that say it. `now` and `week` stand for all sentences about the hours of a schedule."""
    places: dict[str, list[str]] = {}
    for place, item in said_items(texts.flow):
        beginning = {"now": f"hours.{item.name}.", "week": f"hours.{item.name}.week"}.get(item.kind)
        for id_ in [id_ for id_ in texts.sources if id_.startswith(beginning)] if beginning else [item.name]:
            if place[1] not in places.setdefault(id_, []):
                places[id_].append(place[1])
    return places


def _chip(slot: str, examples: Mapping[str, str]) -> Markup:
    """A slot as a box, isolated from the direction of the text around it (HTML `bdi`)."""
    example = examples.get(slot, "")
    title = Markup(' title="{}"').format(example) if example else ""
    return Markup('<bdi class="slot" dir="ltr"{}>{}</bdi>').format(title, slot)
