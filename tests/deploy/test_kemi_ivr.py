"""`kemi-ivr` runs `ivr` as the line runs. The tests stand in for systemd-run, which needs a running systemd."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.parts import PROGRAM, SYSTEMD, TEMPLATE, unit

WRAPPER = SYSTEMD / "kemi-ivr"
STAND_IN = """#!{python}
import json, sys
print(json.dumps(sys.argv[1:]))
sys.exit(7)
"""


def asked(folder: Path, *words: str, **environment: str) -> list[str]:
    """What systemd-run is asked, when `kemi-ivr` is given these words."""
    stand_in = folder / "systemd-run"
    stand_in.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
    stand_in.chmod(0o755)
    done = subprocess.run(
        [WRAPPER, *words],
        env={"PATH": f"{folder}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7, f"it ends as systemd-run ends: {done.stderr}"
    found: list[str] = json.loads(done.stdout)
    return found


def test_it_has_the_settings_user_and_folders_of_the_line(tmp_path: Path) -> None:
    prefix = "--property="
    given = [word.removeprefix(prefix) for word in asked(tmp_path) if word.startswith(prefix)]
    line = unit(TEMPLATE)
    others = [each for each in given if each.partition("=")[2] not in line[each.partition("=")[0]]]
    assert others == ["ReadWritePaths=/srv/kemi/audio /tmp"]
    assert "PrivateTmp=yes" not in given, "what somebody writes into /tmp would be gone when the command ends"
    names = {each.partition("=")[0] for each in given}
    assert names >= {"User", "Group", "EnvironmentFile", "Environment", "WorkingDirectory", "StateDirectory", "UMask"}
    assert not {"IPAddressDeny", "RestrictAddressFamilies"} & names, "doctor and connect ask the provider"


@pytest.mark.parametrize("words", [("doctor",), ("connect", "--dry-run"), ("texts", "review", "so", "--by", "Aino A")])
def test_its_words_are_those_of_ivr_as_they_were_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = asked(tmp_path, *words)
    assert found[found.index("--") :] == ["--", PROGRAM, *words]


def test_whoever_came_by_sudo_is_handed_on(tmp_path: Path) -> None:
    """Else the records would say of all that is typed that the line's user did it."""
    assert "--setenv=SUDO_USER=maija m" in asked(tmp_path, "close", "phone", SUDO_USER="maija m")
    assert not [word for word in asked(tmp_path) if word.startswith("--setenv") or not word]


def test_it_waits_and_can_ask(tmp_path: Path) -> None:
    options = asked(tmp_path)
    assert {"--wait", "--pty", "--pipe", "--collect"} <= {*options[: options.index("--")]}


def test_it_can_be_run() -> None:
    assert WRAPPER.stat().st_mode & 0o111 == 0o111
