"""The locks pin all that is installed, by hashes; and they agree with each other and with pyproject.toml."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tests.locks import EVERYTHING, RUNTIME, needed, read_lock

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, EXTRAS = SETTINGS["project"], SETTINGS["project"]["optional-dependencies"]
BUILD = SETTINGS["build-system"]["requires"]
IMAGE = [*EXTRAS["offline"], *EXTRAS["office"], *EXTRAS["postgresql"]]
"""What the image needs beside the line."""
SBOM = ROOT / "sbom.cdx.json"


@pytest.mark.parametrize("path", [EVERYTHING, RUNTIME], ids=lambda path: path.name)
def test_each_line_is_a_version_with_its_hashes(path: Path) -> None:
    assert len(read_lock(path)) > 40


@pytest.mark.parametrize(
    "line",
    ["flask>=3", "flask==3.1.3", "-e .", "flask @ https://example.fi/flask.whl", "--index-url https://example.fi"],
)
def test_any_other_line_is_refused(line: str, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(f"{RUNTIME.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(line)):
        read_lock(lock)


def test_the_runtime_is_a_part_of_everything() -> None:
    everything = read_lock(EVERYTHING)
    assert {name: everything.get(name) for name in read_lock(RUNTIME)} == read_lock(RUNTIME), "make lock"


@pytest.mark.parametrize(
    ("path", "asked"), [(EVERYTHING, EXTRAS["dev"]), (RUNTIME, IMAGE)], ids=["everything", "runtime"]
)
def test_what_is_asked_for_is_pinned_as_it_was_asked(path: Path, asked: list[str]) -> None:
    locked = read_lock(path)
    for each in map(Requirement, [*PROJECT["dependencies"], *asked, *BUILD]):
        assert locked[canonicalize_name(each.name)].version in each.specifier, f"{each}: make lock"


def test_the_runtime_has_what_the_image_needs_and_no_more() -> None:
    image = set(needed([*PROJECT["dependencies"], *IMAGE, *BUILD]))
    assert set(read_lock(RUNTIME)) == {*image, "editables"}, "which hatchling asks for where it builds what is editable"


def test_the_sbom_lists_what_the_image_holds() -> None:
    sbom = json.loads(SBOM.read_text(encoding="utf-8"))
    assert sbom["bomFormat"] == "CycloneDX"
    line = sbom["metadata"]["component"]
    assert (line["name"], line["version"]) == (PROJECT["name"], PROJECT["version"]), "make sbom"
    listed = {canonicalize_name(part["name"]): part["version"] for part in sbom["components"]}
    assert listed == {name: locked.version for name, locked in read_lock(RUNTIME).items()}, "make sbom"
    assert {part["purl"] for part in sbom["components"]} == {f"pkg:pypi/{n}@{v}" for n, v in listed.items()}


def test_no_machine_and_no_index_is_named() -> None:
    """The SBOM names the home pages of packages, and where their authors publish them."""
    for path in (EVERYTHING, RUNTIME, SBOM):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"file:|find-links|(?<!via )index-url|/(?:tmp|opt|home|root|simple|work)/", text) == []
