"""The sheet of a language: everything it says on one page, to be read, ticked and corrected on paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ivr.content.checks.texts import Text
from ivr.core.languages import Language
from ivr.core.prompts import SLOT

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Row:
    """One text: where it is said, its source, the Finnish beside it, and the text."""

    id: str
    places: tuple[str, ...]
    comment: str
    english: str
    finnish: str
    text: Text | None

    @property
    def state(self) -> str:
        """`missing`, `stale` or `fresh`."""
        if self.text is None or not self.text.translation:
            return "missing"
        return "stale" if self.text.fuzzy or self.text.source != self.english else "fresh"

    @property
    def was(self) -> str:
        """The English that a stale text was made from; empty where it is today's."""
        if self.text is None or self.state != "stale":
            return ""
        return self.text.previous or (self.text.source if self.text.source != self.english else "")


def sheet(code: str, language: Language, rows: list[Row], examples: Mapping[str, str], signed: str) -> str:
    """One self-contained HTML page; `examples` fills slots, `signed` tells who has reviewed it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def chips(text: str) -> Markup:
        parts = SLOT.split(text)  # text, name, text, name, ... text
        return Markup().join(_chip(part, examples) if at % 2 else escape(part) for at, part in enumerate(parts))

    environment.filters["chips"] = chips
    page = environment.get_template("sheet.html").render(code=code, language=language, rows=rows, signed=signed)
    return re.sub(r"\n\s*\n+", "\n", page) + "\n"


def _chip(slot: str, examples: Mapping[str, str]) -> Markup:
    """A slot, isolated from the direction of the text around it."""
    example = examples.get(slot, "")
    title = Markup(' title="{}"').format(example) if example else ""
    return Markup('<bdi class="slot" dir="ltr"{}>{}</bdi>').format(title, slot)
