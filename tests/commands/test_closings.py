"""`ivr close | open | stand-in | closings`, as an office types them on a Tuesday at 8:10."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

import ivr.commands.closing_desk as desk
from ivr.commands import main, who
from ivr.core.closing import Closing, StandIn
from ivr.core.hours import parse_day
from ivr.live.processes import Presence
from ivr.records.closings import KEPT, AuditEntry, Records
from ivr.records.reach import FILE
from tests.content.conftest import FIRST, Prompts
from tests.test_privacy import ENVIRONMENT, ON_CALL, SECOND, found, spellings

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 24, 8, 10, 30, tzinfo=HELSINKI)
MINUTE = NOW.replace(second=0)
NOON = datetime(2026, 11, 24, 12, tzinfo=HELSINKI)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=HELSINKI)
LONG_AGO = NOW - 2 * KEPT
SPARES = {"IVR_SPARE_SOCIAL_INSTRUCTOR": f"reception:{SECOND},duty:{ON_CALL}"}


@dataclass
class Line:
    """The site of an office, its records, and the clock."""

    prompts: Prompts
    folder: Path

    @property
    def records(self) -> Records:
        return Records.open({"IVR_STATE": str(self.folder / "state")})

    def kept(self) -> list[object]:
        """What holds now or will."""
        return [each.closing for each in self.records.current(NOW)]


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    prompts = Prompts.copied_to(tmp_path, *FIRST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(desk, "now", lambda: NOW.astimezone(UTC))
    monkeypatch.setattr(who, "getuser", lambda: "anna")
    monkeypatch.delenv("SUDO_USER", raising=False)
    state = {"IVR_SITE": str(prompts.folder), "IVR_STATE": str(tmp_path / "state")}
    for name, value in {**ENVIRONMENT, **SPARES, **state}.items():
        monkeypatch.setenv(name, value)
    return Line(prompts, tmp_path)


def ivr(words: str, *more: str, answer: str = "") -> Result:
    """What comes of words that somebody types."""
    return CliRunner().invoke(main, [*words.split(), *more], input=answer)


def test_the_phone_is_closed_until_noon(line: Line) -> None:
    result = ivr("close phone --until 12:00 --why no-staff --yes")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "phone closed, Tue 2026-11-24 08:10 to 12:00: no-staff\n"
        "  office.yaml says: Tue 2026-11-24 09:00-15:00\n"
        "  Callers hear of phone, on Tue 2026-11-24 08:10:\n"
        "    fi: Puhelinpalvelumme on kiinni. Se aukeaa tänään päivällä kello kaksitoista.\n"
        "    en: Our phone service is closed. It opens today at twelve at midday.\n"
        "    with its day or time in: fi, sv, en\n"
        "  Whom the phone line rings then: on_call, its usual numbers, as in every closed hour\n"
        "Kept as number 1. To undo it: `ivr open --id 1`.\n"
        f"No line is known to run with these records, which are in {line.folder / 'state'}: one that does takes it "
        "over.\n"
    )
    assert line.kept() == [Closing("phone", MINUTE, NOON)]
    assert line.records.audit(LONG_AGO) == (AuditEntry(NOW, "anna", "close", "1"),)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("phone", [Closing("phone", MINUTE, MIDNIGHT)]),
        ("door --until 25.11.2026", [Closing("door", MINUTE, MIDNIGHT + timedelta(days=1))]),
        (
            "phone --from 2026-12-30 --until 10:00 --hours 9-11,12-13",
            [
                Closing(
                    "phone",
                    datetime(2026, 12, 30, tzinfo=HELSINKI),
                    datetime(2026, 12, 30, 10, tzinfo=HELSINKI),
                    parse_day("9-11,12-13"),
                )
            ],
        ),
        ("all --until 15:00", [Closing(each, MINUTE, NOON.replace(hour=15)) for each in ("phone", "walk_in", "door")]),
    ],
)
def test_other_times_hours_and_services(line: Line, words: str, kept: list[Closing]) -> None:
    result = ivr(f"close {words} --why meeting --by Åsa --yes")
    assert result.exit_code == 0, result.output
    assert line.kept() == kept
    assert {each.by for each in line.records.current(NOW)} == {"Åsa"}


def test_what_has_begun_is_shown_as_it_is_now(line: Line) -> None:
    told = ivr("close phone --from 7:00 --until 12:00 --why other --yes").stdout
    assert "phone closed, Tue 2026-11-24 07:00 to 12:00: other\n" in told
    assert "  Callers hear of phone, on Tue 2026-11-24 08:10:\n" in told


def test_a_sentence_that_no_voice_has_is_told_as_its_twin(line: Line) -> None:
    """The times of day end at half hours."""
    told = ivr("close phone --until 12:45 --why other --yes").stdout
    assert "    en: Our phone service is closed now.\n" in told
    assert "    without it, as its words or its voice are missing, in: fi, sv, en\n" in told


def test_hours_on_a_day_that_is_closed_in_the_file_are_told(line: Line) -> None:
    told = ivr("close phone --until 29.11.2026 --hours 9-11 --why other --yes").stdout
    assert "and so on for 3 days more\n  It stays closed on 2 of these days, as office.yaml says\n" in told


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_without_a_yes_nothing_is_kept(line: Line, answer: str) -> None:
    result = ivr("close phone --why meeting", answer=answer)
    assert result.exit_code == 1
    assert "Error: nothing was kept, as nobody said yes." in result.stderr
    assert line.kept() == []
    assert ivr("close phone --why meeting", answer="y\n").exit_code == 0
    assert len(line.kept()) == 1
    assert ivr("open phone", answer=answer).exit_code == 1
    assert len(line.kept()) == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("close phone --until 8:10 --why other", 2, "Tue 2026-11-24 08:10 is past. Remedy: write an --until that is"),
        ("close phone --until 23.11.2026 --why other", 2, "Tue 2026-11-24 00:00 is past."),
        (
            "close phone --from 9:00 --until 8:30 --why other",
            2,
            "it would end on Tue 2026-11-24 08:30, before it begins",
        ),
        ("close phone --until 1.1.2028 --why other", 2, "it would hold for more than 400 days"),
        ("close phone --until noon --why other", 2, "'noon' is no day and no time"),
        ("close phone --hours 11-9 --why other", 2, "11:00-09:00 does not end after it begins"),
        ("close phone", 2, "Missing option '--why'. Choose from:\n\tno-staff,\n\tmeeting,\n\ttechnical,\n\tother"),
        ("close phone --why flu", 2, "'flu' is not one of 'no-staff', 'meeting', 'technical', 'other'"),
        ("close fone --why other", 2, "'fone' is not a known service. Remedy: write phone."),
        ("close phone --why other --by", 2, "Option '--by' requires an argument"),
        ("stand-in on_call reception --why other", 2, "on_call is the urgent line: a team leader chooses its phone"),
        ("stand-in instructor reception --why other", 2, "Remedy: write social_instructor."),
        ("stand-in social_instructor recepton --why other", 2, "has no label 'recepton'. Remedy: write reception."),
        ("open", 2, "name a schedule, as in `ivr open phone`"),
        ("open phone --id 1", 2, "name a schedule, as in `ivr open phone`"),
        ("open phone", 1, "nobody has changed phone by hand for now. Remedy: `ivr closings` lists what is changed"),
        ("open social_instructor", 1, "nobody has changed social_instructor by hand for now."),
        ("open --id 7", 1, "closing 7 is not there. Remedy: `ivr closings` lists the others."),
        ("closings --all --audit", 2, "one list at a time"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_kept(line: Line, words: str, code: int, told: str) -> None:
    result = ivr(words, *(() if words.startswith("closings") or words.endswith("--by") else ("--yes",)))
    assert (result.exit_code, told in result.stderr) == (code, True), result.output
    assert line.records.audit(LONG_AGO) == ()


@pytest.mark.parametrize(
    ("now", "words", "told"),
    [
        ("2027-03-27T10:00Z", "--from 2027-03-28 --until 03:30", ""),
        ("2026-10-25T01:10Z", "--until 03:30", "Sun 2026-10-25 03:30 is past."),
    ],
)
def test_in_the_night_in_which_clocks_are_turned(
    line: Line, monkeypatch: pytest.MonkeyPatch, now: str, words: str, told: str
) -> None:
    """An hour is missing in March; another comes twice in October, and of a time in it the first is meant."""
    monkeypatch.setattr(desk, "now", lambda: datetime.fromisoformat(now))
    result = ivr(f"close phone {words} --why other --yes")
    assert (result.exit_code, told in result.stderr) == (2 if told else 0, True), result.output


def test_what_ends_before_it_begins_as_an_hour_is_missing_is_told(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "now", lambda: datetime(2027, 3, 27, 10, tzinfo=UTC))
    result = ivr("close phone --why other --yes --from", "28.3.2027 03:30", "--until", "04:00")
    assert (result.exit_code, "it would end on Sun 2027-03-28 04:00, before it" in result.stderr) == (2, True)


def test_a_name_that_cannot_be_kept_is_told(line: Line) -> None:
    result = ivr("close phone --why other --yes --by", " ")
    assert (result.exit_code, "--by: a name has 1 to 100 characters on one line." in result.stderr) == (2, True)
    assert line.kept() == []


def test_a_number_that_is_not_prepared_or_cannot_be_rung(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IVR_SPARE_SOCIAL_INSTRUCTOR")
    result = ivr("stand-in social_instructor reception --why other --yes")
    assert "the administrator writes IVR_SPARE_SOCIAL_INSTRUCTOR=label:number." in result.stderr
    monkeypatch.setenv("IVR_SPARE_SOCIAL_INSTRUCTOR", f"reception:{ENVIRONMENT['IVR_CALLER_ID']}")
    result = ivr("stand-in social_instructor reception --why other --yes")
    assert (result.exit_code, "the settings have faults:\nIVR_SPARE_SOCIAL_INSTRUCTOR" in result.stderr) == (1, True)
    assert "is our own number" in result.stderr


def test_a_prepared_number_rings_and_the_phone_stays_open(line: Line) -> None:
    result = ivr("stand-in social_instructor duty --until 12:00 --why no-staff --yes")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        "duty rings in place of social_instructor, Tue 2026-11-24 08:10 to 12:00: no-staff\n"
        "  Callers hear of phone, on Tue 2026-11-24 09:00:\n"
        "    fi: Puhelinpalvelumme on nyt auki kello kolmeen asti"
    )
    assert "  Whom the phone line rings then: social_instructor, the prepared number 'duty'\n" in result.stdout
    assert line.kept() == [StandIn("social_instructor", "duty", MINUTE, NOON)]
    told = ivr("open social_instructor --yes").stdout
    assert "  Whom the phone line rings then: on_call, its usual numbers, as in every closed hour\n" in told
    assert line.kept() == []


def test_what_holds_now_is_withdrawn_and_the_rest_stays(line: Line) -> None:
    for words in ("phone --until 12:00", "door", "phone --from 1.12.2026 --until 2.12.2026"):
        ivr(f"close {words} --why other --yes")
    result = ivr("open phone --by Bo --yes")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "It opens today at nine in the morning." in result.stdout
    assert "Number 1 is withdrawn.\n" in result.stdout
    assert [each.id for each in line.records.current(NOW)] == [2, 3]
    again = ivr("open phone --yes")
    assert "Remedy: those to come are 3: `ivr open --id 3`." in again.stderr
    assert "closing 1 has ended or was withdrawn." in ivr("open --id 1 --yes").stderr
    assert ivr("open --id 3 --yes").exit_code == ivr("open all --yes").exit_code == 0
    assert line.kept() == []
    assert [(each.by, each.deed, each.about) for each in line.records.audit(LONG_AGO)][-3:] == [
        ("Bo", "withdraw", "1"), ("anna", "withdraw", "3"), ("anna", "withdraw", "2")
    ]  # fmt: skip


def test_somebody_else_was_faster(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    ivr("close phone --why other --yes")
    monkeypatch.setattr(desk, "ask", lambda *_: line.records.withdraw(1, "Bo", NOW))
    result = ivr("open phone")
    assert result.exit_code == 0
    assert "      withdrawn by Bo, Tue 2026-11-24 08:10\n" in result.stdout
    assert [each.by for each in line.records.audit(LONG_AGO)] == ["anna", "Bo"]


def test_the_list(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ivr("closings").stdout == "Nothing is closed by hand: the hours are those of office.yaml.\n"
    assert ivr("closings --audit").stdout == "Nobody has done anything in the last 12 months.\n"
    ivr("close phone --until 12:00 --why no-staff --yes")
    ivr("close door --from 1.7.2027 --until 31.7.2027 --hours 9-11 --why other --yes")
    ivr("stand-in social_instructor duty --why meeting --by Bo --yes")
    ivr("open phone --yes")
    door = (
        "   2  door 09:00-11:00, Thu 2027-07-01 00:00 to Sun 2027-08-01 00:00\n"
        "      other; by anna, Tue 2026-11-24 08:10\n"
    )
    duty = (
        "   3  duty rings in place of social_instructor, Tue 2026-11-24 08:10 to Wed 2026-11-25 00:00 (now)\n"
        "      meeting; by Bo, Tue 2026-11-24 08:10\n"
    )
    assert ivr("closings").stdout == door + duty
    assert ivr("closings --all").stdout == (
        "   1  phone closed, Tue 2026-11-24 08:10 to 12:00\n"
        "      no-staff; by anna, Tue 2026-11-24 08:10\n"
        "      withdrawn by anna, Tue 2026-11-24 08:10\n" + door + duty
    )
    assert ivr("closings --audit").stdout.splitlines()[-1] == "Tue 2026-11-24 08:10  anna: withdraw 1"
    monkeypatch.setattr(desk, "now", lambda: NOW + KEPT + timedelta(days=100))
    assert ivr("closings --all").stdout == door
    assert ivr("closings --audit").stdout == "Nobody has done anything in the last 12 months.\n"


def test_for_programs(line: Line) -> None:
    ivr("close phone --until 12:00 --hours 9-11 --why no-staff --yes")
    ivr("stand-in social_instructor duty --why meeting --yes")
    ivr("open phone --yes")
    usual = {"by": "anna", "created": "2026-11-24T08:10:30+02:00", "begins": "2026-11-24T08:10:00+02:00"}
    duty = usual | {
        "id": 2, "contact": "social_instructor", "label": "duty", "ends": "2026-11-25T00:00:00+02:00", "why": "meeting",
        "withdrawn": None, "withdrawn_by": None,
    }  # fmt: skip
    phone = usual | {
        "id": 1, "schedule": "phone", "hours": "09:00-11:00", "ends": "2026-11-24T12:00:00+02:00", "why": "no-staff",
        "withdrawn": "2026-11-24T08:10:30+02:00", "withdrawn_by": "anna",
    }  # fmt: skip
    assert json.loads(ivr("closings --json").stdout) == {"closings": [duty]}
    assert json.loads(ivr("closings --json --all").stdout) == {"closings": [phone, duty]}
    last = {"at": "2026-11-24T08:10:30+02:00", "by": "anna", "deed": "withdraw", "about": "1"}
    assert json.loads(ivr("closings --json --audit").stdout)["audit"][-1] == last


def test_a_line_that_runs_here_is_told_of(line: Line) -> None:
    presence = Presence(line.folder / "state", None)
    presence.begins("127.0.0.1", 8080)
    told = ivr("close phone --why other --yes").stdout
    presence.ends()
    assert told.splitlines()[-1] == "A running line takes it over within ten seconds."


@pytest.mark.parametrize("words", ["close phone --why other --yes", "open phone --yes", "closings"])
def test_a_database_that_cannot_be_had_is_told(line: Line, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_DATABASE_URL", "postgresql+psycopg://kemi:hunter2@127.0.0.1:1/kemi")
    result = ivr(words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: the database at 127.0.0.1 cannot be reached. Remedy: see that it runs")
    assert "hunter2" not in result.output


def test_other_files_that_are_broken_keep_nobody_from_closing(line: Line) -> None:
    line.prompts.edit("flow.yaml", "start: opening", "start: [opening")
    result = ivr("close phone --why other --yes")
    assert "  What callers hear of phone is not known: the site is broken, see `ivr check`\n" in result.stdout
    assert len(line.kept()) == 1


def test_an_office_that_is_broken_is_told(line: Line) -> None:
    line.prompts.edit("office.yaml", "zone: Europe/Helsinki", "zone: Europe/Kemi")
    result = ivr("close phone --why other --yes")
    where = (
        f"{line.prompts.path('office.yaml')}:{line.prompts.line('office.yaml', 'zone:')}: broken: zone: 'Europe/Kemi'"
    )
    assert (result.exit_code, where in result.stderr) == (1, True)
    assert "Error: office.yaml has mistakes, see above." in result.stderr


def test_what_the_office_no_longer_has_is_listed_and_breaks_nothing(line: Line) -> None:
    line.records.close(Closing("cellar", NOW, NOON), "other", "Bo", NOW)
    assert "cellar closed" in ivr("closings").stdout
    assert "Whom the phone line rings then" in ivr("close phone --why other --yes").stdout
    assert ivr("open --id 1 --yes").exit_code == 0


def test_whoever_uses_sudo_is_named_and_who_has_no_name_names_himself(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setattr(who, "getuser", nobody)
    result = ivr("close phone --why other --yes")
    assert (result.exit_code, "nobody knows who you are. Remedy: write --by NAME." in result.stderr) == (2, True)
    monkeypatch.setenv("SUDO_USER", "virtanen")
    ivr("close phone --why other --yes")
    assert [each.by for each in line.records.current(NOW)] == ["virtanen"]


def test_no_number_of_anybody_stands_in_the_database_or_is_shown(line: Line) -> None:
    """Rules P1 and P2: whom a label rings, the settings alone say."""
    told = [
        ivr("close all --why no-staff --yes"), ivr("stand-in social_instructor duty --why other --yes"),
        ivr("stand-in social_instructor", ON_CALL, "--why", "other", "--yes"), ivr("open phone --yes"),
        ivr("open social_instructor --yes"), ivr("closings --all"), ivr("closings --all --json"),
        ivr("closings --audit"), ivr("records backup copy.db"), ivr("records restore copy.db --yes"),
    ]  # fmt: skip
    assert [each.exit_code for each in told] == [0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    mistyped = told.pop(2).output.replace(ON_CALL, "")
    files = [each for each in line.folder.rglob("*") if each.is_file() and not each.is_relative_to(line.prompts.folder)]
    assert {each.name for each in files} >= {FILE, "copy.db"}
    written = [each.read_bytes().decode("utf-8", "replace") for each in files]
    with closing(sqlite3.connect(line.folder / "state" / FILE)) as database:
        assert database.execute("SELECT label FROM closing WHERE contact IS NOT NULL").fetchall() == [("duty",)]
    assert [found(text) for text in (*(each.output for each in told), mistyped, *written) if found(text)] == []
    assert found(f"{written[0]} {spellings(ON_CALL)[7]}") == [ON_CALL]
