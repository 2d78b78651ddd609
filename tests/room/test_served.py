"""A real `ivr room` over real HTTP, and the room of a real `ivr phone`: what is sent arrives, and nothing is logged."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.records.room import Room
from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE, until
from tests.room.conftest import spoken

ANSWERS = re.compile(r"(?:answering on|the phone is at) (http://127\.0\.0\.1:\d+)")


@contextmanager
def running(folder: Path, *command: str) -> Iterator[tuple[str, Path]]:
    """A command that serves, with a site that speaks Somali; its address, and all that it has said."""
    prompts = Prompts.copied_to(folder, *FIRST, "so").folder
    said = folder / "said"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_"))}
    with said.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ivr", *command, "--port", "0"],
            cwd=folder,
            env={**clean, "IVR_SITE": str(prompts), "IVR_STATE": str(folder / "var")},
            stdout=out,
            stderr=out,
        )
    try:

        def address() -> str | None:
            assert process.poll() is None, said.read_text()
            found = ANSWERS.search(said.read_text(encoding="utf-8"))
            return found[1] if found else None

        yield str(until(address, said.read_text)), said
        process.terminate()
        assert process.wait(PATIENCE) in (0, -15)
    finally:
        process.kill()
        process.wait(PATIENCE)


def asked(
    address: str, body: object = None, method: str = "GET", cookie: str = "", **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """Status, JSON and headers of an answer."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
    request = urllib.request.Request(  # noqa: S310 - of this machine
        address, data, {"Content-Type": kind, "Cookie": cookie, **headers}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            told, status, sent = answer.read(), answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        told, status, sent = error.read(), error.code, dict(error.headers)
    return status, json.loads(told) if sent.get("Content-Type") == "application/json" else told, sent


def recorded(base: str, token: str) -> None:
    """Enter, agree, and record the first sentence, by the addresses that the page uses."""
    status, _, headers = asked(f"{base}enter", {"token": token}, "POST")
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert (status, asked(f"{base}state")[0]) == (200, 401)
    state = asked(f"{base}state", cookie=cookie)[1]
    version = state["consent"]["version"]
    agreed = asked(f"{base}consent", {"version": version, "adult": True, "named": False}, "POST", cookie)
    assert agreed[0] == 204
    first = state["sentences"][0]
    address = f"{base}takes/{'a' * 32}?sentence={first['id']}&words={first['words']}"
    status, told, _ = asked(address, spoken(), "PUT", cookie)
    assert (status, told["progress"]["done"]) == (200, 1), told
    status, sound, _ = asked(base + told["take"]["url"], cookie=cookie)
    assert (status, sound[:4]) == (200, b"RIFF")
    assert asked(address, bytes(12 << 20 | 1), "PUT", cookie)[0] == 413


def test_a_take_arrives_at_a_real_room(tmp_path: Path) -> None:
    with running(tmp_path, "room") as (address, said):
        room = Room.open({"IVR_STATE": str(tmp_path / "var")})
        token = room.invite("so", "Amina", "voice", "Anna", datetime.now(UTC)).token
        recorded(f"{address}/", token)
        assert len(room.takes("so")) == 1
    told = said.read_text(encoding="utf-8")
    assert token not in told
    assert "Amina" not in told
    assert "GET" not in told


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("phone")
    with running(folder, "phone", "--no-open") as (address, _):
        yield address, folder


def test_the_phone_leads_into_the_room_of_a_language(phone: tuple[str, Path]) -> None:
    address, folder = phone
    assert b'data-room="so"' in asked(f"{address}/")[1]
    status, told, _ = asked(f"{address}/room/here", {"language": "so"}, "POST")
    assert status == 200
    recorded(f"{address}/room/", told["token"])
    assert len(list((folder / "var" / "recordings" / "takes" / "so").iterdir())) == 1
    for language in ("xx", "../so", None, 5, ["so"]):
        assert asked(f"{address}/room/here", {"language": language}, "POST")[0] == 404


def test_the_policies_of_the_two_pages_stay_apart(phone: tuple[str, Path]) -> None:
    address, _ = phone
    policies = [asked(f"{address}{path}")[2]["Content-Security-Policy"] for path in ("/", "/room/", "/room/state")]
    assert "blob:" not in policies[0]
    assert "media-src 'self' blob:" in policies[1] == policies[2]
    assert "unsafe" not in "".join(policies)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "rebound.example"),
        ("Origin", "https://elsewhere.example"),
        ("Origin", "http://localhost:1"),
        ("Sec-Fetch-Site", "cross-site"),
    ],
)
@pytest.mark.parametrize("path", ["/room/here", "/room/enter", "/room/judge"])
def test_a_foreign_page_gets_nothing_of_the_room_here(
    phone: tuple[str, Path], header: str, value: str, path: str
) -> None:
    status, told, headers = asked(f"{phone[0]}{path}", {"language": "so"}, "POST", **{header: value})
    assert status in (403, 421)
    assert "token" not in str(told)
    assert "Set-Cookie" not in headers
