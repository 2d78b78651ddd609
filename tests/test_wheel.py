"""The program as others get it: a wheel in an empty environment far from the source, with its example site."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.content.files import APPROVED
from tests.conftest import ROOT
from tests.content.conftest import Prompts
from tests.limits import PATIENCE

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


@dataclass
class Installed:
    """An environment with the wheel in it, and an empty folder to work in."""

    bin: Path
    folder: Path

    def ivr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.bin / "ivr"), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE
        )


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_", "PYTHONPATH"))}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    source = tmp_path_factory.mktemp("source")
    for name in ("ivr", "prompts"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    Prompts(source / "prompts").approve("fi")
    subprocess.run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(source)], check=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env")
    python = folder / "env" / "bin" / "python"
    subprocess.run([*PIP, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)], check=True)
    # What it depends on is taken from where the tests run: nothing is fetched. A path in a .pth brings no other .pth.
    here = sysconfig.get_path("purelib")
    (site_packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    (site_packages / "dependencies.pth").write_text(f"{here}\n", encoding="utf-8")
    (folder / "work").mkdir()
    return Installed(python.parent, folder / "work")


def test_it_is_the_installed_program_and_it_is_typed(installed: Installed) -> None:
    program = "import ivr, pathlib; print(pathlib.Path(ivr.__file__).parent)"
    ran = subprocess.run(
        [installed.bin / "python", "-c", program],
        cwd=installed.folder,
        env=environment(),
        capture_output=True,
        text=True,
    )
    package = Path(ran.stdout.strip())
    assert package.is_relative_to(installed.bin.parent)
    assert (package / "py.typed").is_file()
    assert (package / "example" / "flow.yaml").is_file()
    for name in ("static/pico.min.css", "templates/base.html", "words/access.fi.yaml"):
        assert (package / "office" / name).is_file()
    assert [path.name for path in package.rglob(f"*{APPROVED}")] == []


def test_without_a_site_it_says_where_it_looked_and_what_makes_one(installed: Installed) -> None:
    told = installed.ivr("check")
    assert told.returncode == 1
    assert all(words in told.stderr for words in ("--site DIR", "IVR_SITE", "prompts", "ivr new DIR"))
    assert "Traceback" not in told.stderr


def test_a_new_site_is_checked_rung_and_heard(installed: Installed) -> None:
    made = installed.ivr("new", "town")
    assert made.returncode == 0, made.stderr
    example = {path.name for path in (ROOT / "prompts").iterdir() if not path.name.endswith(APPROVED)}
    assert {path.name for path in (installed.folder / "town").iterdir()} == example
    checked = installed.ivr("--site", "town", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "K1  holds" in checked.stdout
    called = installed.ivr("--site", "town", "call", "--at", "2026-11-24 10:00", "--keys", "3,1")
    assert "caller and social_instructor talk" in called.stdout, called.stderr
    command = [str(installed.bin / "ivr"), "--site", "town", "phone", "--no-open", "--port", "0"]
    with subprocess.Popen(command, cwd=installed.folder, env=environment(), stderr=subprocess.PIPE, text=True) as phone:
        try:
            assert phone.stderr
            lines = iter(phone.stderr.readline, "")
            first, _, offer, _, unapproved = (next(lines) for _ in range(5))
            assert first == "reading the site town (a few seconds)\n"
            assert offer.startswith("A real line offers 5 languages today: ")
            assert unapproved == (
                "real callers cannot choose Somali (so) or Kurdish, Sorani (ckb): nobody has approved their safety "
                "sentences. After a native speaker has read them: ivr texts review so --safety --by "
                '"NAME"; the same with ckb\n'
            )
            address = next(found[1] for line in lines if (found := re.search(r"the phone is at (\S+)", line)))
            with urllib.request.urlopen(address, timeout=PATIENCE) as page:  # noqa: S310 - it is on this machine
                assert b"<title>" in page.read()
        finally:
            phone.terminate()


def test_a_site_is_not_made_over_another(installed: Installed) -> None:
    (installed.folder / "mine").mkdir()
    (installed.folder / "mine" / "flow.yaml").write_text("start: mine\n", encoding="utf-8")
    told = installed.ivr("new", "mine")
    assert (told.returncode, "not an empty folder" in told.stderr) == (1, True)
    assert (installed.folder / "mine" / "flow.yaml").read_text(encoding="utf-8") == "start: mine\n"


def test_it_makes_the_tables_of_the_records(installed: Installed) -> None:
    """Alembic reads migrations as files, which a wheel could lack though all that is imported is there."""
    script = "from ivr.records.closings import Records; Records.open({'IVR_STATE': 'records'})"
    command = [str(installed.bin / "python"), "-c", script]
    subprocess.run(command, cwd=installed.folder, env=environment(), check=True, timeout=PATIENCE)
    assert (installed.folder / "records" / "records.db").is_file()
