"""A safety sentence changes while the line runs: callers hear the approved wording until the next approval."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.ring import Telephone
from tests.faults.served import CLIPPED, CLIPPED_KEY, CLIPPED_LOCALE, Served, served
from tests.limits import PATIENCE, until

DANGER, FINNISH, UKRAINIAN = "safety.danger", "Hätä? Soita heti yksi yksi kaksi.", "Ви в небезпеці? Покладіть слухавку."
NAMES = {"fi": "Finnish", CLIPPED: "Ukrainian"}
KEPT = (
    "callers still hear the old safety.danger in {name} ({code}). After a native speaker has read the new one: "
    'ivr texts review {code} safety.danger --by "NAME"'
)


def review(line: Served, *words: str) -> None:
    """A native speaker approves texts, as it is done beside a running line."""
    ran = subprocess.run(
        [sys.executable, "-m", "ivr", "--site", str(line.prompts.folder), "texts", "review", *words, "--by", "Maija"],
        cwd=line.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert ran.returncode == 0, ran.stderr


def kept(line: Served) -> set[str]:
    """What the line tells of wordings that stay."""
    return {notice for notice in line.health()["approvals"] if "still hear" in notice}


def swapped(line: Served, before: float) -> None:
    until(lambda: line.swaps() > before, lambda: f"{line.health()}\n{''.join(line.told)}")


@pytest.mark.long
def test_callers_hear_the_approved_wording_until_the_new_one_is_approved(template: Path, tmp_path: Path) -> None:
    with served(template, tmp_path / "line") as line:
        for code in ("fi", CLIPPED):
            review(line, code, "--safety")
        line.start()
        old = {code: line.content().catalogue.utter(DANGER, code, {}).text for code in ("fi", CLIPPED)}
        assert [notice for notice in line.health()["approvals"] if "of fi have" in notice] == []
        assert not kept(line)

        line.prompts.translate("fi.po", DANGER, FINNISH)
        line.prompts.translate(f"{CLIPPED}.po", DANGER, UKRAINIAN)
        until(
            lambda: kept(line) == {KEPT.format(code=code, name=name) for code, name in NAMES.items()},
            lambda: str(line.health()),
        )
        assert CLIPPED in line.languages()
        finnish, ukrainian = Telephone(line).ring("1"), Telephone(line).ring(CLIPPED_KEY)
        assert old["fi"] in finnish.said_in("fi-FI")
        assert FINNISH not in finnish.words
        assert old[CLIPPED] in ukrainian.said_in(CLIPPED_LOCALE)
        assert UKRAINIAN not in ukrainian.words
        assert line.alarms() == {}

        for code in ("fi", CLIPPED):
            review(line, code, DANGER)
        until(lambda: not kept(line), lambda: str(line.health()))
        heard = Telephone(line).ring("1").said_in("fi-FI")
        assert FINNISH in heard
        assert old["fi"] not in heard

        def by_its_clip() -> bool:  # which is made while others say it
            assert CLIPPED in line.languages()
            return UKRAINIAN in Telephone(line).ring(CLIPPED_KEY).said_in(CLIPPED_LOCALE)

        until(by_its_clip, lambda: f"{line.health()}\n{''.join(line.told)}")
        until(lambda: line.alarms() == {}, lambda: str(line.health()))
        assert line.stop() == 0


@pytest.mark.long
def test_where_approval_is_required_a_language_comes_with_it_and_goes_with_it(template: Path, tmp_path: Path) -> None:
    with served(template, tmp_path / "line", IVR_REQUIRE_APPROVAL="1") as line:
        (line.state / "offered.json").unlink()  # it was offered by a line that did not require it
        line.start()
        assert line.languages() == ["en", "fi", "sv"]
        why = line.health()["not_offered"][CLIPPED]
        assert why == "nobody has approved its 8 safety sentences"
        told = "".join(line.told)
        assert f"Ukrainian ({CLIPPED}) is not offered: {why}. After a native speaker has read them: ivr texts" in told
        assert "warning: Finnish (fi): nobody has approved its 7 safety sentences. After a native speaker" in told
        assert line.alarms() == {}

        before = line.swaps()
        review(line, CLIPPED, "--safety")
        swapped(line, before)
        assert CLIPPED in line.languages()
        assert Telephone(line).ring(CLIPPED_KEY).said_in(CLIPPED_LOCALE)

        before = line.swaps()
        line.prompts.path(f"{CLIPPED}.approved.yaml").unlink()
        swapped(line, before)
        assert CLIPPED not in line.languages()
        until(lambda: "languages_missing" in line.alarms(), lambda: str(line.health()))
        assert Telephone(line).ring(CLIPPED_KEY).talked  # a wrong key leads to a person all the same
        before = line.swaps()
        review(line, CLIPPED, "--safety")
        swapped(line, before)
        until(lambda: line.alarms() == {}, lambda: str(line.health()))
        assert line.stop() == 0


def test_a_setting_that_is_neither_stops_the_start_with_its_remedy(template: Path, tmp_path: Path) -> None:
    with served(template, tmp_path / "line", IVR_REQUIRE_APPROVAL="yes") as line:
        line.launch()
        assert line.process
        assert line.process.wait(PATIENCE) == 1
        until(lambda: "IVR_REQUIRE_APPROVAL must be 1 or 0. Remedy: write 1" in "".join(line.told))
