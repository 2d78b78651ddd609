"""What the documents say is true."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ivr.commands import COMMANDS
from ivr.core.content import Content
from ivr.core.diagram import mermaid
from ivr.live import intervals
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FLOW = (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")
OPERATORS = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "prompts" / "README.md",
    ROOT / "audio" / "README.md",
    *sorted((ROOT / "deploy").rglob("*.md")),
]


def test_the_drawn_flow_is_the_flow(content: Content) -> None:
    found = re.search(r"```mermaid\n(.*?)```", FLOW, re.DOTALL)
    assert found
    assert found[1] == mermaid(content.flow), "copy the output of `ivr flow` into docs/flow.md"


def test_the_shown_call_is_a_call() -> None:
    shown = [line.strip() for line in README.splitlines() if re.match(r" \d:\d\d  ", line)]
    heard = (ROOT / "tests" / "calls" / "again_and_slowly.yaml").read_text(encoding="utf-8")
    assert shown
    assert [line for line in shown if line not in heard] == []


def test_every_path_where_something_is_changed_is_there() -> None:
    table = README.split("## Where do I change")[1].split("## Before")[0]
    paths = re.findall(r"`((?:prompts|ivr|tests|docs)/[\w./-]*)`", table)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_are_commands(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for command in re.findall(r"\bivr ([a-z]+)\b(?=[ `\n])", text):
        assert command in COMMANDS, f"{path}: ivr {command}"
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE):
        assert f"\n{target}:" in targets, f"{path}: make {target}"


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_into_a_document_lead_to_its_headings(path: Path) -> None:
    for file, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
        target = (path.parent / file) if file else path
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, file


def test_every_variable_that_is_read_is_documented() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ivr").rglob("*.py"))
    variables = set(re.findall(r'"((?:IVR|TWILIO)_[A-Z_]+)"', code)) - {"IVR_CONTACT_", intervals.PREFIX}
    assert variables
    variables |= {intervals.PREFIX + each.name.upper() for each in fields(intervals.Intervals)}
    assert [name for name in variables if f"`{name}`" not in OPERATORS] == []


def test_what_the_guide_shows_of_nginx_is_what_the_tests_run() -> None:
    told = "".join(re.findall(r"```nginx\n(.*?)```", OPERATORS, re.DOTALL)).replace("http://line;", "http://kemi;")
    ours = {line.strip() for line in (ROOT / "deploy" / "nginx" / "kemi.conf").read_text(encoding="utf-8").splitlines()}
    assert [line for line in told.splitlines() if line.endswith(";") and line.strip() not in ours] == []


def test_the_dockerfile_copies_what_is_there() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for names in copied for name in names.split() if not (ROOT / name).exists()] == []
