"""What is wrong with the values of a file, in words for whoever wrote it: what is known, and what to write.

Pydantic names the kind of each fault, and explains it in the words of a program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ivr.core.spelling import did_you_mean
from ivr.core.values import TOLD

Path = tuple[str, ...]
KEY = "[key]"
"""What pydantic puts behind a key that is at fault itself."""
NUMBERED_LISTS = re.compile("[0-9]+")
ONE_NUMBER = re.compile(r"([0-9]+) ?[a-z]+\.?")
"""A number with its unit, such as 25 s."""
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class ValueFault:
    """One fault. `where`: its place in the file; `see`: the place of another part that it is about."""

    where: Path
    message: str
    remedy: str
    see: Path | None = None


def explain_values(
    error: ValidationError, model: type[BaseModel], data: Any, known: Callable[[Path], Path]
) -> Iterator[ValueFault]:
    """Every fault of the values of a file. `known`: a path without the parts that the file does not have."""
    faults = [(tuple(map(str, fault["loc"])), fault) for fault in error.errors(include_url=False)]
    paths = {path for path, _ in faults}
    for path, fault in faults:
        if _is_of_a_shape(path, paths, known):
            continue
        place = known(path[:-1]) if path[-1:] == (KEY,) else (*known(path[:-1]), *path[-1:])
        match fault["type"]:
            case "extra_forbidden":
                words = {*words_of(model)} - {*_at(data, place[:-1])}
                yield ValueFault(place, *_unknown(place[-1], words))
            case "union_tag_invalid":
                yield ValueFault((*place, "kind"), *_explain(fault, f"{_read_out(place)}, kind"))
            case "model_type" | "model_attributes_type":
                like = ", ".join(f"{word}: ..." for word in _required(model, fault.get("ctx", {}).get("class_name")))
                message, _ = _explain(fault, _read_out(place) or "the file")
                yield ValueFault(place, message, f"Write it like {{{like}}}")
            case _:
                see = fault.get("ctx", {}).get("see")
                yield ValueFault(place, *_explain(fault, _read_out(place) or "the file"), see)


def _is_of_a_shape(path: Path, paths: Collection[Path], known: Callable[[Path], Path]) -> bool:
    """Whether a fault of a page is one of the shape that all pages share, which is told once, at the shape.

    Its path is `nodes, door, page, options, 6`, with the kind of the node; that of the shape is `page, options, 6`.
    """
    shape = path[2:]
    return len(path) > 3 and len(known(path[:3])) < 3 and any(shape[: len(other)] == other for other in paths if other)


def _explain(fault: Any, place: str) -> tuple[str, str]:
    """What is wrong, and the remedy."""
    kind, given, ctx = str(fault["type"]), fault["input"], fault.get("ctx", {})
    shown = str(given)[:LONGEST_SHOWN]
    match kind:
        case "value_error":
            return _told(str(ctx["error"]), place)
        case _ if kind == TOLD:
            return _told(ctx["told"], place)
        case "missing":
            parent, _, word = place.rpartition(", ")
            return f"'{word}' is missing" + (f" in {parent}" if parent else ""), f"Add it: {word}: and its value"
        case "literal_error" | "union_tag_invalid":
            allowed = re.findall("'([^']*)'", str(ctx.get("expected") or ctx.get("expected_tags")))
            wrong, remedy = str(ctx.get("tag", shown)), f"Write {_one_of(allowed)}"
            if wrong[:1] in ("[", "{"):
                return f"{place}: here belongs one word", remedy
            return f"{place}: '{wrong}' is not known here{did_you_mean(wrong, allowed)}", remedy
        case "union_tag_not_found":
            return f"'kind' is missing in {place}", "Add it, for example kind: page"
        case "greater_than_equal" | "greater_than":
            return f"{place}: {shown} is too small", f"Write {_bound(ctx, 'ge', 'gt', 'or more', 'more than')}"
        case "less_than_equal" | "less_than":
            return f"{place}: {shown} is too large", f"Write {_bound(ctx, 'le', 'lt', 'or less', 'less than')}"
        case "too_short":
            return f"{place} is empty", "Write one at least"
        case "too_long":
            return f"{place} has more than {ctx['max_length']} rows", "Remove those that are past"
        case "tuple_type" if isinstance(given, str):
            return f"{place}: here belongs a list, and '{shown}' has no brackets", f"Write [{shown}]"
    for beginning, belongs, remedy in BELONGS:
        if kind.startswith(beginning):
            wrong = "" if isinstance(given, (list, dict)) or not shown else f", and '{shown}' is none"
            meant = ONE_NUMBER.fullmatch(shown) if beginning in ("int", "float") else None
            return f"{place}: here belongs {belongs}{wrong}", f"Write {meant[1]}" if meant else remedy
    return f"{place}: this is not what belongs here", "Write it as at the same place of the example"


BELONGS = (
    ("int", "a whole number", "Write digits alone, such as 20"),
    ("float", "a number", "Write digits alone, such as 14 or 0.85"),
    ("finite", "a number", "Write digits alone, such as 14 or 0.85"),
    ("bool", "true or false", "Write true, or write false"),
    ("string", "one text", "Write one text, between quotation marks if it has a comma or a colon"),
    ("tuple", "a list", "Begin each part of it on a line of its own, with - and a blank"),
    ("model", "a part with words and colons", "Write it like {word: value}"),
    ("dict", "a part with words and colons", "Write it like {word: value}"),
)
"""How a kind of fault begins -> what belongs there, and the remedy."""


def _told(text: str, place: str) -> tuple[str, str]:
    """An error of ours, which says what is wrong, then its remedy behind the last semicolon."""
    message, _, remedy = text.rstrip(".").rpartition("; ")
    if not message and not remedy.startswith("write "):
        return f"{place}: {remedy}", "Correct it"
    return f"{place}: {message or 'this is not written as it should be'}", remedy[:1].upper() + remedy[1:]


def _unknown(word: str, words: Iterable[str]) -> tuple[str, str]:
    if NUMBERED_LISTS.fullmatch(word):
        return (
            f"'{word}' is not a word that belongs here",
            "Remove it; a number with a fraction has a point, as in 0.85",
        )
    first, _, rest = word.partition(":")
    if first and rest:
        return f"behind '{first}:' there is no blank", f"Write {first}: {rest}"
    return f"'{word}' is not a word that belongs here{did_you_mean(word, words)}", "Remove it, or correct its spelling"


def _bound(ctx: Any, inclusive: str, exclusive: str, behind: str, before: str) -> str:
    return f"{ctx[inclusive]:g} {behind}" if inclusive in ctx else f"{before} {ctx[exclusive]:g}"


def _one_of(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _read_out(place: Path) -> str:
    """A place as it is told: `exceptions, row 1, date`."""
    parts = [f"row {int(part) + 1}" if _is_row(place, at) else part for at, part in enumerate(place)]
    return ", ".join(parts)


def _is_row(place: Path, at: int) -> bool:
    return at > 0 and bool(NUMBERED_LISTS.fullmatch(place[at])) and place[at - 1] != "options"


def _at(data: Any, place: Path) -> Any:
    """What stands at a place of the file."""
    for part in place:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def words_of(model: type[BaseModel]) -> Iterator[str]:
    """Every word that a file of this model, or a part of it, may have."""
    for each in _models(model):
        yield from (field.alias or name for name, field in each.model_fields.items())


def _required(model: type[BaseModel], name: str | None) -> list[str]:
    """What a part of a file must have; the kind comes first where it could be of several."""
    found = next((each for each in _models(model) if each.__name__ == name), None)
    return [word for word, field in found.model_fields.items() if field.is_required()] if found else ["kind"]


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and those of its parts."""
    seen: set[type[BaseModel]] = set()
    waiting: list[Any] = [model]
    while waiting:
        each = waiting.pop()
        waiting += get_args(each)
        if isinstance(each, type) and issubclass(each, BaseModel) and each not in seen:
            seen.add(each)
            yield each
            waiting += [field.annotation for field in each.model_fields.values()]
