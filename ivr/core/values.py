"""What every validated value of the content is made of."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

BLANK = frozenset({"", "~", "null"})
"""What stands in a file behind a word whose value was left out, or is none in YAML."""
WHOLE = re.compile(r"[0-9]{1,6}")
DECIMAL = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6})?")
Place = tuple[str | int, ...]
"""Where a part of a value is: the keys and indices that lead to it."""
TOLD = "told"
"""The type of the faults of `refusal`, in pydantic's errors."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that stands where a number belongs and is none: no field takes it, and its fault can show it."""

    text: str

    def __str__(self) -> str:
        return self.text


class Frozen(BaseModel):
    """An immutable pydantic model; fields that it does not know are an error.

    It is read from texts, the values of a file. What is left blank is none, an empty list or an empty map, where the
    field can be that. A number is digits alone: pydantic by itself reads 2_5 as 25, and takes nan for a number.
    """

    # Its validator is built when it is first needed: a line that starts is given its content whole, and reads none.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        if isinstance(value, str) and value in BLANK:
            return {}
        if not isinstance(value, dict):
            return value
        types = _types_of(cls)
        return {
            name: _read(each, types.get(name, ())) if isinstance(each, str) else each for name, each in value.items()
        }


def _read(text: str, types: Container[Any]) -> Any:
    if text in BLANK:
        for type_, nothing in ((NoneType, None), (tuple, ()), (dict, {})):
            if type_ in types:
                return nothing
    if int in types:
        return text if WHOLE.fullmatch(text) else Unread(text)
    if float in types:
        return text.replace(",", ".") if DECIMAL.fullmatch(text) else Unread(text)
    return text


@cache
def _types_of(model: type[BaseModel]) -> Mapping[str, frozenset[Any]]:
    """The name of each field in a file -> the plain types that it allows."""
    return {field.alias or name: frozenset(_types(field.annotation)) for name, field in model.model_fields.items()}


def _types(annotation: Any) -> Iterator[Any]:
    """The plain types that an annotation allows, such as tuple and None."""
    match get_origin(annotation):
        case origin if origin is Union or origin is UnionType:
            for each in get_args(annotation):
                yield from _types(each)
        case origin if origin is Annotated:
            yield from _types(get_args(annotation)[0])
        case origin:
            yield origin or annotation


def written_as(pattern: str, remedy: str) -> AfterValidator:
    """Texts of one form. ValueError with the remedy, and without the text, which may be somebody's number."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(remedy)
        return text

    return AfterValidator(check)


def first_told(error: ValidationError) -> str:
    """What the first fault of an error says that a validator of ours has raised."""
    return str(error.errors(include_url=False)[0]["ctx"]["error"])


def refusal(
    faults: Mapping[tuple[str | int, ...], str], see: Mapping[tuple[str | int, ...], Any] | None = None
) -> ValidationError:
    """An error for a validator to raise that tells several faults, each at its place below the value.

    `see`: the place of another part of the file that a fault is about, from the root.
    """
    return ValidationError.from_exception_data(
        "refused",
        [
            InitErrorDetails(
                type=PydanticCustomError(TOLD, "{told}", {"told": told, "see": (see or {}).get(where)}),
                loc=where,
                input=None,
            )
            for where, told in faults.items()
        ],
    )
