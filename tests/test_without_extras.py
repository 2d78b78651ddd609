"""A plain install, without what makes and measures sound: what needs none of it works, and the rest tells why not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.content.conftest import FIRST, Prompts
from tests.limits import PATIENCE
from tests.test_serve import ENVIRONMENT

PLAIN = """
import sys

for name in (
    "numpy", "soundfile", "soxr", "espeakng_loader", "google", "grpc", "sqlalchemy", "alembic", "argon2", "flask_wtf",
    "baresip",
):
    sys.modules[name] = None  # importing it is an ImportError, as where it is not installed

from ivr.commands import main

main()
"""
AUDIO, OFFLINE, OFFICE, SIP = (
    f"{sys.executable} -m pip install 'kemi-guidance-line[{extra}]'" for extra in ("audio", "offline", "office", "sip")
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    prompts = Prompts.copied_to(tmp_path_factory.mktemp("plain"), *FIRST)
    return {**os.environ, **ENVIRONMENT, "IVR_SITE": str(prompts.folder)}


def ivr(environment: dict[str, str], *words: str) -> tuple[int, str]:
    """What a command ends with and says."""
    ran = subprocess.run(
        [sys.executable, "-c", PLAIN, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout + ran.stderr


def test_the_content_is_proved(environment: dict[str, str]) -> None:
    code, told = ivr(environment, "check")
    assert code == 0
    assert re.search(r"^K1 +holds", told, re.MULTILINE)


def test_a_call_is_heard_in_the_terminal(environment: dict[str, str]) -> None:
    code, told = ivr(environment, "call", "--at", "2026-11-24 10:00", "--keys", "1,1")
    assert code == 0
    assert "rings social_instructor" in told


def test_the_line_serves(environment: dict[str, str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PLAIN, "serve", "--port", "0"],
        cwd=tmp_path,
        env={**environment, "IVR_LOG": str(tmp_path / "journal")},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    said = process.stderr.readline()
    try:
        address = re.search(r"http://[\d.]+:\d+", said)
        assert address, said
        with urllib.request.urlopen(f"{address[0]}/live", timeout=PATIENCE) as answer:  # noqa: S310 - our own server
            assert answer.status == 200
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("audio", "build", "--lang", "fi"), OFFLINE),
        (("audio", "import", "--lang", "fi", "1.wav"), AUDIO),
        (("office",), OFFICE),
        (("phone", "--sip"), SIP if sys.version_info < (3, 14) else "with Python 3.11, 3.12 or 3.13"),
    ],
)
def test_what_needs_more_tells_what_to_install(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], remedy: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "1.wav").touch()
    code, told = ivr(environment, *words)
    assert code == 1
    assert remedy in " ".join(told.split())
