"""Whether a request is one that Twilio's OpenAPI documents describe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Asked:
    """A request: `query` and `form` in the names of the API."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True)
class Operation:
    """An operation of a document, and what stands in the braces of its path."""

    id: str
    described: Mapping[str, Any]
    in_path: Mapping[str, str]


class Descriptions:
    """All documents of the folder; no path occurs twice in them."""

    @cached_property
    def _documents(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.subset.json"))]

    def operation(self, asked: Asked) -> Operation | None:
        """The operation that is asked for, or None where there is no such path or method."""
        for document in self._documents:
            for path, methods in document["paths"].items():
                pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(path))
                found = re.fullmatch(pattern, asked.path)
                if found and (described := methods.get(asked.method.lower())):
                    values = {name: unquote(value) for name, value in found.groupdict().items()}
                    return Operation(described["operationId"], described, values)
        return None

    def example(self, operation: str) -> dict[str, Any]:
        """The example of an answer that Twilio gives; a new copy."""
        for document in self._documents:
            for methods in document["paths"].values():
                for described in methods.values():
                    if described.get("operationId") == operation:
                        answer = described["responses"]["200"]["content"]["application/json"]
                        first = next(iter(answer["examples"].values()))["value"]
                        copied: dict[str, Any] = json.loads(json.dumps(first))
                        return copied
        raise KeyError(operation)

    def faults(self, operation: Operation, asked: Asked) -> Iterator[str]:
        """What of a request the description does not allow."""
        parameters = operation.described.get("parameters", [])
        body = operation.described.get("requestBody", {}).get("content", {})
        form = body.get("application/x-www-form-urlencoded", {}).get("schema", {}).get("properties", {})
        known = {
            "path": {each["name"]: each["schema"] for each in parameters if each["in"] == "path"},
            "query": {each["name"]: each["schema"] for each in parameters if each["in"] == "query"},
            "form": form,
        }
        for place, values in (("path", operation.in_path), ("query", asked.query), ("form", asked.form)):
            for name, value in values.items():
                if name not in known[place]:
                    yield f"{operation.id}: no {name} in its {place}"
                elif fault := self._fault(known[place][name], value):
                    yield f"{operation.id}: {name} {fault}"

    def _fault(self, schema: Mapping[str, Any], value: str) -> str | None:
        if reference := schema.get("$ref"):
            name = reference.rpartition("/")[2]
            schema = next(
                found for document in self._documents if (found := document["components"]["schemas"].get(name))
            )
        if enum := schema.get("enum"):
            return None if value in enum else f"is none of {enum}"
        if (pattern := schema.get("pattern")) and not re.fullmatch(pattern, value):
            return f"is not {pattern}"
        if schema.get("format") == "uri" and value:  # an empty one clears what is set
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", value):
                return "is no address"
        if schema.get("type") == "integer":
            least, most = schema.get("minimum", 0), schema.get("maximum", 2**63)
            return None if value.isdigit() and least <= int(value) <= most else "is no such number"
        return None
