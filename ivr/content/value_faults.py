"""What is wrong with the values of a file, in words for whoever wrote it: what is known, and what to write.

Pydantic names the kind of each fault, and explains it in the words of a program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from ivr.core.spelling import near
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
    unknown = [path for path, fault in faults if fault["type"] == "extra_forbidden"]
    with_comma = _numbers_with_comma([(*known(path[:-1]), path[-1]) for path in unknown], data)
    yield from dict.fromkeys(with_comma.values())
    for path, fault in faults:
        place = known(path[:-1]) if path[-1:] == (KEY,) else (*known(path[:-1]), *path[-1:])
        if place in with_comma or _is_of_a_shape(path, paths, known):
            continue
        match fault["type"]:
            case "extra_forbidden":
                words = {*words_of(model)} - {*_at(data, place[:-1])}
                yield ValueFault(place, *_unknown(place[-1], words))
            case "union_tag_invalid":
                yield ValueFault((*place, "kind"), *_explain(fault, (*place, "kind")))
            case "model_type" | "model_attributes_type":
                like = ", ".join(f"{word}: ..." for word in _required(model, fault.get("ctx", {}).get("class_name")))
                message, _ = _explain(fault, place)
                yield ValueFault(place, message, f"Write it in this form: {{{like}}}")
            case _:
                see = fault.get("ctx", {}).get("see")
                yield ValueFault(place, *_explain(fault, place), see)


def _numbers_with_comma(unknown: Iterable[Path], data: Any) -> dict[Path, ValueFault]:
    """The fault of each number with a comma, at both places that YAML makes of it: `0,85` is a 0, and a word 85."""
    found = dict[Path, ValueFault]()
    for *above, after in unknown:
        holder = _at(data, tuple(above)) if NUMBERED_LISTS.fullmatch(after) else {}
        if after not in holder or not (before := [*holder][: [*holder].index(after)]):
            continue
        word, digits = before[-1], str(holder[before[-1]])
        if NUMBERED_LISTS.fullmatch(digits):
            told = ValueFault((*above, word), f"{word} {digits},{after} has a comma", f"Write {word}: {digits}.{after}")
            found[(*above, word)] = found[(*above, after)] = told
    return found


def _is_of_a_shape(path: Path, paths: Collection[Path], known: Callable[[Path], Path]) -> bool:
    """Whether a fault of a page is one of the shape that all pages share, which is told once, at the shape.

    Its path is `nodes, door, page, options, 6`, with the kind of the node; that of the shape is `page, options, 6`.
    """
    shape = path[2:]
    return len(path) > 3 and len(known(path[:3])) < 3 and any(shape[: len(other)] == other for other in paths if other)


def _explain(fault: Any, place: Path) -> tuple[str, str]:
    """What is wrong, and the remedy."""
    kind, given, ctx = str(fault["type"]), fault["input"], fault.get("ctx", {})
    shown = str(given)[:LONGEST_SHOWN]
    match kind:
        case "value_error":
            return _told(str(ctx["error"]), place)
        case _ if kind == TOLD:
            return _told(ctx["told"], place)
        case "missing":
            word, parent = place[-1], _name(place[:-1])
            below = f" below '{parent}'" if parent else ""
            return f"'{word}' is missing{below}", f"Add {word}: and, after a space, its value"
        case "literal_error" | "union_tag_invalid":
            allowed = re.findall("'([^']*)'", str(ctx.get("expected") or ctx.get("expected_tags")))
            wrong = str(ctx.get("tag", shown))
            if wrong[:1] in ("[", "{"):
                return _named("this is not one word", place), f"Write {_one_of(allowed)}"
            told = f"'{wrong}' is not a known word" if wrong else "the word is missing"
            return _named(told, place), f"Write {near(wrong, allowed) or _one_of(allowed)}"
        case "union_tag_not_found":
            return f"'kind' is missing below '{_name(place)}'", "Add it, for example kind: page"
        case "greater_than_equal" | "greater_than":
            return _named(f"{shown} is too small", place), f"Write {_bound(ctx, 'ge', 'gt', 'or more', 'more than')}"
        case "less_than_equal" | "less_than":
            return _named(f"{shown} is too large", place), f"Write {_bound(ctx, 'le', 'lt', 'or less', 'less than')}"
        case "too_short":
            return _named("nothing is named", place), "Write one at least"
        case "too_long":
            return _named(f"there are more than {ctx['max_length']} rows", place), "Remove those that are past"
        case "tuple_type" if isinstance(given, str) and shown:
            return _named("the brackets are missing", place), f"Write [{shown}]"
    for beginning, wanted, remedy in WANTED:
        if kind.startswith(beginning):
            wrong = "this" if isinstance(given, (list, dict)) else f"'{shown}'"
            told = f"{wrong} is not {wanted}" if shown else f"{wanted} is missing"
            meant = ONE_NUMBER.fullmatch(shown) if beginning in ("int", "float") else None
            return _named(told, place), f"Write {place[-1]}: {meant[1]}" if meant else remedy
    return _named("this is not right here", place), "Write it as in the same place of the example"


WANTED = (
    ("int", "a whole number", "Write only digits, for example 20"),
    ("float", "a number", "Write only digits, for example 14 or 0.85"),
    ("finite", "a number", "Write only digits, for example 14 or 0.85"),
    ("bool", "true or false", "Write true or false"),
    ("string", "one text", "Write one text, between quotation marks if it has a comma or a colon"),
    ("tuple", "a list", "Begin each part of it on a line of its own, with - and a space"),
    ("model", "a part with words and colons", "Write it in this form: {word: value}"),
    ("dict", "a part with words and colons", "Write it in this form: {word: value}"),
)
"""How a kind of fault begins -> what is wanted there, and the remedy."""


def _told(text: str, place: Path) -> tuple[str, str]:
    """An error of ours, which says what is wrong, then its remedy after the last semicolon."""
    message, _, remedy = text.rstrip(".").rpartition("; ")
    if not message and not remedy.startswith("write "):
        return _named(remedy, place), "Correct it"
    return _named(message or "this is not written as it should be", place), remedy[:1].upper() + remedy[1:]


def _unknown(word: str, words: Iterable[str]) -> tuple[str, str]:
    first, _, rest = word.partition(":")
    if first and rest:
        return f"after '{first}:' a space is missing", f"Write {first}: {rest}"
    if word == "press":
        return "'press' has no use here any more", "Delete it: each option says how to press its key"
    meant = near(word, words)
    return f"'{word}' is not a known word", f"Write {meant}" if meant else "Remove it, with what belongs to it"


def _bound(ctx: Any, inclusive: str, exclusive: str, after: str, before: str) -> str:
    return f"{ctx[inclusive]:g} {after}" if inclusive in ctx else f"{before} {ctx[exclusive]:g}"


def _one_of(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _named(message: str, place: Path) -> str:
    """A message with the word that it is about before it, where it does not say it; the line tells the rest."""
    name = _name(place)
    return message if f"'{name}" in message or message.startswith(name) else f"{name}: {message}"


def _name(place: Path) -> str:
    """The word by which a place is told; none for the whole file, and for a row, which has only its line."""
    return "" if not place or _is_row(place) else place[-1]


def _is_row(place: Path) -> bool:
    return len(place) > 1 and bool(NUMBERED_LISTS.fullmatch(place[-1])) and place[-2] != "options"


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
