"""`ivr staff`: the first people are made on the machine itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main, who
from ivr.commands.site import now
from ivr.records.people import People

NO_LEADER = "nobody is a team leader: `ivr staff add NAME --leader`; somebody of the staff is removed first\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_STATE", str(tmp_path / "var"))


def staff(*words: str) -> Result:
    return CliRunner().invoke(main, ["staff", *words])


def test_the_first_person_is_made_and_comes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_OFFICE_URL", "https://office.example.fi/")
    made = staff("add", "Anna Åkesson", "--leader")
    found = re.fullmatch(r"https://office\.example\.fi/invitation/(\S+)\n", made.stdout)
    assert found, made.output
    assert "within 24 hours" in made.stderr
    people = People.open({"IVR_STATE": str(tmp_path / "var")})
    assert staff("list").stdout == "Anna Åkesson: team leader, has not set a password yet\n"
    people.accept(found[1], "hash", now())
    assert staff("list").stdout == "Anna Åkesson: team leader\n"
    again = staff("reset", "anna  åkesson")
    people.accept(again.stdout.strip().rpartition("/")[2], "newer", now())
    assert {entry.deed for entry in people.audit(now().replace(year=2000))} == {"add", "password", "reset"}


def test_without_an_address_the_link_is_of_this_machine() -> None:
    made = staff("add", "Bea")
    assert made.stdout.startswith("http://127.0.0.1:8090/invitation/")
    assert NO_LEADER in made.stderr


def test_somebody_is_removed() -> None:
    staff("add", "Bea")
    gone = staff("remove", "bea")
    assert (gone.stdout, gone.stderr) == ("Bea may not log in any more.\n", NO_LEADER)
    nobody = staff("list")
    assert (nobody.stdout, nobody.stderr) == ("", NO_LEADER)


def test_a_user_without_a_name_has_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(who, "getuser", nobody)
    assert staff("add", "Bea").exit_code == 0
    (made,) = People.open({"IVR_STATE": str(tmp_path / "var")}).audit(now().replace(year=2000))
    assert made.by == f"ivr staff ({os.getuid()})"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "anna"), "has this name already. Remedy: add a surname"),
        (("add", " "), "1 to 100 characters on one line. Remedy"),
        (("reset", "Nobody"), "nobody of the staff has this name. Remedy"),
        (("remove", "Nobody"), "nobody of the staff has this name. Remedy"),
        (("remove", "Anna"), "the only team leader who can log in. Remedy"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    token = staff("add", "Anna", "--leader").stdout.strip().rpartition("/")[2]
    people = People.open({"IVR_STATE": str(tmp_path / "var")})
    people.accept(token, "hash", now())
    result = staff(*words)
    assert (result.exit_code, told in result.stderr, result.stdout) == (1, True, "")
    assert [each.name for each in people.all()] == ["Anna"]


def test_a_wrong_address_makes_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_OFFICE_URL", "http://office.example.fi")
    result = staff("add", "Anna")
    assert (result.exit_code, "IVR_OFFICE_URL is not a plain https address" in result.stderr) == (1, True)
    assert staff("list").stdout == ""


def test_the_default_port_is_that_of_the_pages() -> None:
    from ivr.commands import staff as command
    from ivr.commands.office import office

    (port,) = (each.default for each in office.params if each.name == "port")
    assert f"http://127.0.0.1:{port}" == command.HERE
