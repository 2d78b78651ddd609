"""A row that closes: added to office.yaml however its exceptions are written, and nothing else is touched."""

from __future__ import annotations

import stat
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from ivr.content import closing
from ivr.content.closing import NotAdded, Row, close, read_office
from ivr.core.office import Office
from tests.conftest import TODAY

BEFORE = """\
# The office.
zone: Europe/Helsinki   # there
country: FI
hours:
  phone: {mon-fri: 9–15}
  door:  {ma-pe: "08:00-15:00"}
"""
AFTER = """\
# a remark
contacts:
  on_call: {number: 0400\u00a0291 141}
  social_instructor:
"""
DAY = date(2026, 12, 30)
ROW = "{date: 2026-12-30, hours: {phone: closed}}"
OTHER = "{date: 2026-12-24, hours: {all: closed}}"
LATER = "{date: 2027-12-24, why: x, hours: {door: 9-12}}"
BELOW = f"exceptions:\n  - {ROW}\n"
WAYS = {
    "exceptions:\n": BELOW,
    "exceptions:   # none\n": f"exceptions:   # none\n  - {ROW}\n",
    "exceptions: []\n": BELOW,
    "exceptions: [ ]  # none\n": f"exceptions:  # none\n  - {ROW}\n",
    "exceptions: ~\n": BELOW,
    "exceptions: null\n": BELOW,
    'exceptions: ""\n': BELOW,
    "exceptions:\n# - one\n\n": f"exceptions:\n  - {ROW}\n# - one\n\n",
    "exceptions: [\n]\n": f"exceptions: [{ROW}\n]\n",
    "exceptions:\n  []\n": f"exceptions:\n  [{ROW}]\n",
    f"exceptions: [{OTHER}]\n": f"exceptions: [{ROW}, {OTHER}]\n",
    f"exceptions: [{OTHER}, {LATER}]  # two\n": f"exceptions: [{ROW}, {OTHER}, {LATER}]  # two\n",
    f"exceptions: [\n  {OTHER},\n]\n": f"exceptions: [{ROW}, \n  {OTHER},\n]\n",
    f"exceptions:\n  - {OTHER}\n": f"exceptions:\n  - {ROW}\n  - {OTHER}\n",
    f"exceptions:\n- {OTHER}\n- {LATER}\n": f"exceptions:\n- {ROW}\n- {OTHER}\n- {LATER}\n",
    f"exceptions: # x\n\n    # Christmas\n    - {OTHER}\n": (
        f"exceptions: # x\n    - {ROW}\n\n    # Christmas\n    - {OTHER}\n"
    ),
    "exceptions:\n  - date: 2026-12-24\n    why: x\n    hours:\n      all: closed\n": (
        f"exceptions:\n  - {ROW}\n  - date: 2026-12-24\n    why: x\n    hours:\n      all: closed\n"
    ),
}
"""How the exceptions are written -> how they are after a closing."""


def office_file(folder: Path, text: str) -> Path:
    path = folder / "office.yaml"
    path.write_bytes(text.encode())
    return path


def read(path: Path) -> Office:
    office, issues = read_office(path)
    assert issues == []
    assert office
    return office


def closed(path: Path, schedule: str = "phone", first: date = DAY, last: date | None = None) -> Row:
    return close(path, read(path), schedule, first, last or first, TODAY)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("way", WAYS)
def test_a_row_is_added_however_the_others_are_written(tmp_path: Path, way: str, end: str) -> None:
    path = office_file(tmp_path, (BEFORE + way + AFTER).replace("\n", end))
    before = read(path)
    row = closed(path)
    assert path.read_bytes().decode() == (BEFORE + WAYS[way] + AFTER).replace("\n", end)
    assert row.text in path.read_text(encoding="utf-8").splitlines()[row.line - 1]
    after = read(path)
    assert after.schedules["phone"].day(DAY) == ()
    assert after.schedules["door"].day(DAY) == before.schedules["door"].day(DAY)
    assert len(after.exceptions) == len(before.exceptions) + 1


@pytest.mark.parametrize("way", WAYS)
def test_deleting_what_was_added_takes_it_back(tmp_path: Path, way: str) -> None:
    path = office_file(tmp_path, BEFORE + way + AFTER)
    before = read(path)
    row = closed(path)
    lines = path.read_bytes().decode().splitlines(keepends=True)
    lines[row.line - 1] = "" if row.alone else lines[row.line - 1].replace(row.text, "")
    path.write_bytes("".join(lines).encode())
    assert read(path) == before


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["contacts: {on_call: {number: 0400 1}, social_instructor: }", AFTER])
def test_a_file_without_exceptions_gets_them_at_its_end(tmp_path: Path, last: str, mark: str) -> None:
    path = office_file(tmp_path, mark + BEFORE + last)
    assert closed(path).alone
    assert path.read_bytes().decode() == mark + BEFORE + last.rstrip("\n") + "\n" + BELOW


def test_a_file_that_ends_with_the_word_gets_the_row_below_it(tmp_path: Path) -> None:
    path = office_file(tmp_path, BEFORE + AFTER + "exceptions:")
    assert closed(path) == Row(12, f"- {ROW}", alone=True)
    assert path.read_bytes().decode() == BEFORE + AFTER + BELOW


def test_a_range_and_everything_can_be_closed(tmp_path: Path) -> None:
    path = office_file(tmp_path, BEFORE + AFTER)
    first, last = date(2027, 7, 1), date(2027, 7, 31)
    assert closed(path, "all", first, last).text == "- {from: 2027-07-01, to: 2027-07-31, hours: {all: closed}}"
    office = read(path)
    assert {office.schedules[name].day(day) for name in office.hours for day in (first, last)} == {()}


def test_two_services_are_closed_on_the_same_day(tmp_path: Path) -> None:
    path = office_file(tmp_path, BEFORE + AFTER)
    closed(path, "phone")
    closed(path, "door")
    office = read(path)
    assert [office.schedules[name].day(DAY) for name in ("phone", "door")] == [(), ()]


@pytest.mark.parametrize(
    ("schedule", "first", "last", "told"),
    [
        ("phon", DAY, DAY, r"'phon' is not a known service\. Remedy: write phone$"),
        ("phone", date(2026, 11, 23), date(2026, 11, 23), "2026-11-23 is past. Remedy: write a day to come"),
        ("phone", DAY, date(2026, 12, 29), "2026-12-29 is before 2026-12-30. Remedy: write the earlier day as from"),
        ("phone", DAY, date(2028, 12, 29), "is longer than 400 days. Remedy: correct the year"),
        (
            "phone",
            date(2026, 12, 24),
            DAY,
            "line 9 has hours for phone on 2026-12-24 already. Remedy: change that line",
        ),
        ("door", date(2026, 12, 24), date(2026, 12, 24), "line 9 has hours for door on 2026-12-24 already"),
        ("all", date(2027, 12, 20), date(2027, 12, 31), "line 10 has hours for door on 2027-12-24 already"),
    ],
)
def test_what_cannot_be_added_is_told_and_nothing_is_written(
    tmp_path: Path, schedule: str, first: date, last: date, told: str
) -> None:
    text = f"{BEFORE}# x\nexceptions:\n  - {OTHER}\n  - {LATER}\n{AFTER}"
    path = office_file(tmp_path, text)
    with pytest.raises(NotAdded, match=told):
        closed(path, schedule, first, last)
    assert path.read_bytes().decode() == text


@pytest.mark.parametrize(
    "unusual",
    [
        BEFORE + "exceptions: &x []\n" + AFTER,
        f"{BEFORE}exceptions:\n  -\n    {OTHER}\n{AFTER}...\n",
        "{zone: Europe/Helsinki, country: FI, hours: {phone: {}}, "
        "contacts: {on_call: {number: 0400 1}, social_instructor: }}",
    ],
)
def test_an_unusual_file_is_either_right_afterwards_or_as_before(tmp_path: Path, unusual: str) -> None:
    path = office_file(tmp_path, unusual)
    before = read(path)
    try:
        closed(path)
    except NotAdded as error:
        assert f"add this row to them by hand: - {ROW}" in str(error)  # noqa: PT017
        assert path.read_bytes().decode() == unusual
    else:
        assert len(read(path).exceptions) == len(before.exceptions) + 1


def test_a_part_that_is_used_twice_is_never_changed_twice(tmp_path: Path) -> None:
    text = BEFORE.replace("{mon-fri: 9–15}", "&week {mon-fri: 9–15}").replace('{ma-pe: "08:00-15:00"}', "*week") + AFTER
    path = office_file(tmp_path, text)
    closed(path)
    assert path.read_bytes().decode() == text + BELOW


def test_a_file_that_somebody_changes_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office_file(tmp_path, BEFORE + AFTER)
    office = read(path)
    theirs = BEFORE + AFTER + "# theirs\n"
    usual = closing._with_row

    def meanwhile(raw: bytes, row: str) -> tuple[bytes, Row | None]:
        path.write_bytes(theirs.encode())
        return usual(raw, row)

    monkeypatch.setattr(closing, "_with_row", meanwhile)
    with pytest.raises(NotAdded, match="somebody else has just changed the file"):
        close(path, office, "phone", DAY, DAY, TODAY)
    assert path.read_bytes().decode() == theirs


def test_a_row_that_was_added_since_the_file_was_read_is_told_as_that(tmp_path: Path) -> None:
    path = office_file(tmp_path, BEFORE + AFTER)
    office = read(path)
    closed(path, "door")
    theirs = path.read_bytes()
    with pytest.raises(NotAdded, match="somebody else has just changed the file"):
        close(path, office, "phone", DAY, DAY, TODAY)
    assert path.read_bytes() == theirs


def test_whoever_may_read_the_file_still_may_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = office_file(tmp_path / "real", BEFORE + AFTER)
    real.chmod(0o664)
    link = tmp_path / "office.yaml"
    link.symlink_to(real)
    closed(link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o664
    assert ROW in real.read_text(encoding="utf-8")
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["office.yaml"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    office, (issue,) = read_office(tmp_path / "office.yaml")
    assert office is None
    assert "it cannot be read" in issue.message


def test_only_characters_are_added_or_brackets_taken_away(tmp_path: Path) -> None:
    path = office_file(tmp_path, BEFORE + "exceptions: []\n" + AFTER)
    text = path.read_bytes().decode()
    closed(path)
    changes = SequenceMatcher(None, text, path.read_bytes().decode(), autojunk=False).get_opcodes()
    gone = "".join(text[first:last] for kind, first, last, _, _ in changes if kind != "equal")
    assert gone.strip() in ("[]", "")
