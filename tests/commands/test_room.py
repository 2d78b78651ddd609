"""`ivr room`: who is invited is typed on the machine itself; and what keeps the room from being served is told."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.commands.site import now
from ivr.connections.connection import Limits
from ivr.records.room import Room
from tests.conftest import ROOT
from tests.content.conftest import FIRST, Prompts
from tests.folders import files_of


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Prompts.copied_to(tmp_path, *FIRST, "so")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_STATE", str(tmp_path / "var"))


def room(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["room", *words], input=typed)


def invite(name: str = "Amina Ali", kind: str = "voice", lang: str = "so", *more: str) -> Result:
    return room("invite", "--lang", lang, "--name", name, "--kind", kind, *more)


def records(tmp_path: Path) -> Room:
    return Room.open({"IVR_STATE": str(tmp_path / "var")})


def test_a_link_lets_somebody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_ROOM_URL", "https://room.example.fi/")
    made = invite()
    found = re.fullmatch(r"https://room\.example\.fi/#(\S+)\n", made.stdout)
    assert found, made.output
    assert "Amina Ali enters here until" in made.stderr
    entry = records(tmp_path).enter(found[1], "", now())
    assert (entry.visit.volunteer.name, entry.visit.volunteer.kind) == ("Amina Ali", "voice")
    assert (tmp_path / "var" / "recordings" / "room.db").is_file()


def test_without_an_address_the_link_is_of_this_machine() -> None:
    assert invite().stdout.startswith("http://127.0.0.1:8091/#")


def test_the_link_leads_to_the_port_that_the_room_is_served_at(monkeypatch: pytest.MonkeyPatch) -> None:
    who = ("invite", "--lang", "so", "--name", "Amina Ali", "--kind", "voice")
    assert room("--port", "9000", *who).stdout.startswith("http://127.0.0.1:9000/#")
    refused = room("--port", "0", *who)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "name the port at which the room is served" in refused.stderr
    monkeypatch.setenv("IVR_ROOM_URL", "https://room.example.fi")
    assert room("--port", "9000", *who).stdout.startswith("https://room.example.fi/#")


def test_who_is_invited_is_listed_and_ended() -> None:
    invite()
    listed = room("list").stdout
    assert re.fullmatch(r"1: Amina Ali \(so, voice\): until \d{4}-\d\d-\d\d, not agreed, 0 recordings\n", listed)
    assert "ended" in room("end", "1").stdout
    assert ": ended," in room("list").stdout


def test_a_voice_is_taken_back_once_it_is_certain(tmp_path: Path) -> None:
    invite()
    asked = room("withdraw", "1", typed="n\n")
    assert asked.exit_code == 1
    assert "deleted for good" in asked.output
    done = room("withdraw", "1", "--yes")
    assert "the voice is deleted. Callers lose 0 sentences\n" in done.stdout
    assert room("list").stdout == "1: v1 (so, voice): voice deleted\n"
    assert room("withdraw", "1", "--yes").exit_code == 0, "whoever is not sure may do it again"
    assert "nobody with the number 1" in room("end", "1").stderr
    assert [path for path, held in files_of(tmp_path / "var").items() if b"Amina" in held] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Amina Ali", "reader"), "invited for this language already, for something else"),
        (("  ",), "Remedy"),
        (("Bahar", "voice", "xx"), "'xx' is no language of the line; there are"),
        (("Bahar", "singer"), "is not one of"),
        (("Bahar", "voice", "so", "--days", "0"), "not in the range"),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], told: str) -> None:
    invite()
    refused = invite(*words)
    assert refused.exit_code
    assert told in refused.stderr


@pytest.mark.parametrize("number", ["7", "9" * 30])
@pytest.mark.parametrize("command", ["end", "withdraw"])
def test_nobody_has_this_number(command: str, number: str) -> None:
    refused = room(command, number, *(["--yes"] if command == "withdraw" else []))
    assert refused.exit_code == 1
    assert f"nobody with the number {number} is in the room. Remedy: `ivr room list`" in refused.stderr


@pytest.mark.parametrize(
    ("name", "value", "words", "told"),
    [
        ("IVR_ROOM_URL", "http://room.example.fi", (), "IVR_ROOM_URL is not a plain https address"),
        ("IVR_TRUSTED_PROXY", "everybody", (), "IVR_TRUSTED_PROXY is no address"),
        ("IVR_ROOM_URL", "", ("--host", "0.0.0.0"), "voices must not go there by plain http"),  # noqa: S104
        ("IVR_ROOM_DATABASE_URL", "mysql://x", (), "does not begin with"),
    ],
)
def test_what_keeps_it_from_being_served_is_told_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = room(*words)
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert "Remedy" in refused.stderr


def test_a_broken_site_is_told(tmp_path: Path) -> None:
    Prompts(tmp_path / "prompts").edit("flow.yaml", "start: opening", "start: nowhere")
    refused = room()
    assert refused.exit_code == 1
    assert "the content is broken" in refused.stderr


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(_app: object, host: str, port: int, _ready: object, *, limits: Limits) -> None:
        assert limits.body > 12 << 20
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), f"{host}:{port}")

    monkeypatch.setattr("ivr.commands.pages.serve", taken)
    monkeypatch.setenv("IVR_ROOM_URL", "https://room.example.fi")
    refused = room()
    assert "warning: IVR_TRUSTED_PROXY is missing" in refused.stderr
    assert "cannot listen on 127.0.0.1:8091: Address already in use. Remedy" in refused.stderr
    assert refused.exit_code == 1


def test_that_files_of_recorders_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.commands.room.find_spec", lambda _: None)
    monkeypatch.setattr("ivr.commands.pages.serve", lambda *_, **__: None)
    assert "warning: files of a phone's recorder cannot be read" in room().stderr


def test_the_office_needs_nothing_that_measures_sound() -> None:
    """Whoever closes the line for a day must not depend on it."""
    code = "import sys; sys.modules.update(numpy=None, soundfile=None, soxr=None); import ivr.office.languages"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
