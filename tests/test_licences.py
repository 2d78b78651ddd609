"""docs/licences.md names everything that the line is installed with, and each licence as its package tells it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distribution

import pytest

from tests.conftest import ROOT
from tests.locks import RUNTIME, needed, read_lock

LICENCES = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OWN = "dev"
"""The only extra that nobody needs who runs a line."""
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ZPL 2.1": "ZPL-2.1",
}
"""What older packages write, by its name today."""
NOTHING = "(its package says none)"


@dataclass(frozen=True, slots=True)
class Row:
    """A package of the table; `part`: the first that needs it."""

    licence: str
    part: str


def licence(package: Distribution) -> str:
    """The licence that a package tells, in the newest of the three ways that it uses."""
    told, free = ((package.metadata.get_all(name) or [""])[0] for name in ("License-Expression", "License"))
    classifiers = package.metadata.get_all("Classifier") or []
    classified = [each.split(" :: ")[-1] for each in classifiers if each.startswith("License ::")]
    if not told and "\n" not in free and free != "Dual License":
        told = free
    return " OR ".join(SPDX.get(each, each) for each in ([told] if told else classified)) or NOTHING


def parts() -> Mapping[str, Iterable[str]]:
    """What is installed for each part, the line itself first."""
    extras = {name: list(needed(all_)) for name, all_ in PROJECT["optional-dependencies"].items() if name != OWN}
    return {"line": list(needed(PROJECT["dependencies"])), **extras, "build": read_lock(RUNTIME)}


@cache
def installed() -> dict[str, Row]:
    found = dict[str, Row]()
    for part, names in parts().items():
        for name in names:
            found.setdefault(name, Row(licence(distribution(name)), part))
    return found


def table(heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by their first cell."""
    section = LICENCES.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"(?m)^\|.+\|$", section)[2:]]
    return {first.strip("`"): rest for first, *rest in cells}


def test_every_package_is_listed_with_the_licence_that_it_tells() -> None:
    expected = {name: [row.part, row.licence] for name, row in installed().items()}
    assert len(expected) > 50
    assert table("Every package") == expected


@pytest.mark.parametrize("name", sorted({name for names in parts().values() for name in names}))
def test_every_library_inside_a_package_is_listed(name: str) -> None:
    files = [path.name for path in distribution(name).files or () if re.match(r"lib[^/]+\.so", path.name)]
    libraries = {re.sub(r"_?(_(x86_64|arm64|aarch64)|-[0-9a-f]{8})*\.so.*", "", file) for file in files}
    told = table("Libraries inside packages").get(name, [""])[0]
    assert libraries <= set(re.findall(r"`([^`]+)`", told))


def test_every_file_of_others_is_listed_with_the_version_that_it_tells() -> None:
    told = table("Files of others in the program")
    found = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "ivr").rglob("*.min.*")}
    assert set(told) == set(found)
    for name, text in found.items():
        version = re.search(r"v(\d+\.\d+\.\d+)|version:\"(\d+\.\d+\.\d+)\"", text)
        assert version
        assert f" {version[1] or version[2]}," in told[name][0]
    for licence in re.findall(r"`(\S+LICENSE\S*)`", str(told)):
        assert (ROOT / "ivr" / "office" / "static" / licence).is_file()


def test_what_the_sbom_tells_no_licence_of_is_told_here() -> None:
    parts = json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))["components"]
    silent = {part["name"] for part in parts if not part.get("licenses")}
    told = LICENCES.split("`make sbom` writes")[1].split("\n\n")[0]
    assert set(re.findall(r"licence\s+stands there for ((?:`[^`]+`[, ]*)+)", told)) == {
        f"`{each}`, " for each in silent
    }


def test_what_asks_something_of_an_office_is_explained() -> None:
    asking = {name for name, row in installed().items() if re.search(r"GPL|MPL", row.licence)}
    asking |= {name for name, (_, licences) in table("Libraries inside packages").items() if "GPL" in licences}
    assert asking >= {"av", "certifi", "espeakng-loader", "psycopg", "psycopg-binary", "soundfile", "soxr"}
    told = LICENCES.split("\n## What asks something of you\n")[1].split("\n## ")[0]
    assert [name for name in sorted(asking) if f"`{name}`" not in told] == []
