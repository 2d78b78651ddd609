"""What is written of a call, what never is, and what becomes of lines that cannot be written."""

from __future__ import annotations

import io
import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from threading import Event, Thread, active_count
from typing import get_args
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from twilio.request_validator import RequestValidator

from ivr.call_names import CallNames, shared_key
from ivr.core.call import (
    CallerGone,
    CallStarted,
    CallState,
    Collect,
    KeyPressed,
    NoInput,
    Outcome,
    Step,
    StepTaken,
    TransferEnded,
)
from ivr.core.call import Event as CallEvent
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.journal import EVENTS, Journal, open_journal
from tests.conftest import ROOT
from tests.faults.served import free_port
from tests.limits import PATIENCE, until
from tests.test_serve import ENVIRONMENT, PUBLIC_URL, TOKEN, prompts_today, start

NOW = datetime(2026, 11, 24, 10, 0, 20, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 25)
TAKEN = StepTaken(
    call_id="CA123",
    node="choose_language",
    event=KeyPressed("3"),
    step=Step(CallState("main_open", "en"), (), Collect(8), "3", ("welcome", "front", "main_open")),
    phone_open=True,
    now=NOW,
    started=int(NOW.timestamp()) - 20,
    second=20,
    took=1.234,
)
DOCUMENT = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8")


def written(*taken: StepTaken, state: Path | None = None) -> list[dict[str, object]]:
    stream = io.StringIO()
    journal = Journal(stream, state)
    for one in taken:
        journal.record(one)
    journal.close()
    assert journal.lost == 0
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def documented(heading: str) -> set[str]:
    """What stands in the first column of a table of docs/journal.md."""
    section = DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {name for cell in re.findall(r"^\|([^|]+)", section, re.MULTILINE) for name in re.findall("`([^`]+)`", cell)}


def lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


# --- a line ---------------------------------------------------------------------------------------------------------


def test_one_line_tells_the_step() -> None:
    (line,) = written(TAKEN)
    assert {name: value for name, value in line.items() if name not in ("call", "timestamp")} == {
        "event": "step",
        "node": "choose_language",
        "what": "key",
        "exit": "3",
        "path": ["welcome", "front", "main_open"],
        "language": "en",
        "matter": "guidance",
        "phone": "open",
        "ms": 1.23,
        "second": 20,
    }
    assert abs(datetime.fromisoformat(str(line["timestamp"])) - datetime.now(UTC)) < timedelta(hours=1)


def test_a_line_has_the_documented_fields_and_no_others() -> None:
    (line,) = written(TAKEN)
    assert set(line) == documented("Fields")


def test_what_happened_has_a_documented_name() -> None:
    assert set(EVENTS.values()) == documented("What happened")


def test_every_exit_of_the_engine_is_documented_and_every_documented_one_can_be_taken(content: Content) -> None:
    """Counts are made from these names: one that is renamed would vanish from them."""
    content = replace(content, number_counts=dict.fromkeys(content.office.contacts, 2))
    nodes = [*content.flow.nodes, "a_node_that_is_gone"]
    states = [
        CallState(node, language, "guidance", attempt, round_)
        for node, language, attempt, round_ in product(nodes, (None, "fi"), range(3), range(2))
    ]
    events: list[CallEvent] = [
        *(CallStarted(caller) for caller in ("anyone", "contact", "ourselves")),
        *(KeyPressed(key) for key in "0123456789*#"),
        NoInput(),
        *(TransferEnded(outcome) for outcome in get_args(Outcome)),
        CallerGone(),
    ]
    exits = {step(content, state, event, NOW).exit for state in states for event in events}
    assert exits == documented("Exits")


def test_a_call_id_of_any_characters_is_taken() -> None:
    assert written(replace(TAKEN, call_id="\ud800ä"))


# --- the name of a call ---------------------------------------------------------------------------------------------


def names(folder: Path | None) -> CallNames:
    def unexpected(message: str) -> None:
        raise AssertionError(message)

    return CallNames(folder, unexpected)


def keys(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_lines_of_one_call_belong_together_for_a_day_and_name_nobody() -> None:
    first, again, other, next_day = written(
        TAKEN, TAKEN, replace(TAKEN, call_id="CA9"), replace(TAKEN, now=NOW + timedelta(days=1))
    )
    assert first["call"] == again["call"]
    assert len({first["call"], other["call"], next_day["call"], "CA123"}) == 4
    assert all(re.fullmatch("[0-9a-f]{12}", str(line["call"])) for line in (first, other, next_day))


def test_two_journals_without_a_shared_state_name_a_call_differently() -> None:
    assert written(TAKEN)[0]["call"] != written(TAKEN)[0]["call"]


def test_two_journals_that_share_a_state_name_a_call_alike(tmp_path: Path) -> None:
    taken = replace(TAKEN, now=datetime.now(UTC) + timedelta(days=1))  # a start deletes the keys of days before
    ((first,), (second,), (other,)) = (written(taken, state=tmp_path / name) for name in ("var", "var", "another"))
    assert first["call"] == second["call"] != other["call"]


def test_a_key_is_random_private_and_of_one_day(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    day, key = shared_key(folder, TODAY)
    file = folder / f"journal-{TODAY}.key"
    assert (day, key) == (TODAY, file.read_bytes())
    assert (len(key), keys(folder)) == (32, [file.name])
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    _, other = shared_key(tmp_path / "another", TODAY)
    _, later = shared_key(folder, TOMORROW)
    assert len({key, other, later}) == 3


def test_the_first_call_of_a_day_deletes_the_key_of_the_day_before(tmp_path: Path) -> None:
    ours = names(tmp_path)
    name = ours.name("CA1", NOW)
    assert keys(tmp_path) == ["journal-2026-11-24.key"]
    assert ours.name("CA1", NOW + timedelta(days=1)) != name
    assert keys(tmp_path) == ["journal-2026-11-25.key"]


def test_the_day_is_that_of_utc(tmp_path: Path) -> None:
    names(tmp_path).name("CA1", datetime.fromisoformat("2026-11-25T01:59:59+02:00"))
    assert keys(tmp_path) == ["journal-2026-11-24.key"]


def test_a_start_deletes_the_keys_of_days_that_are_over(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    (tmp_path / "journal-2020-02-30.key").touch()  # no day: not ours
    for day in (date(2020, 1, 1), today - timedelta(days=1), today, today + timedelta(days=1)):
        (tmp_path / f"journal-{day}.key").touch()
    (tmp_path / "journal-2020-01-01.key.0a1b.part").touch()
    Journal(io.StringIO(), tmp_path).close()
    left = ["journal-2020-02-30.key", *(f"journal-{today + timedelta(days=ahead)}.key" for ahead in range(2))]
    assert keys(tmp_path) == left


def test_two_processes_over_midnight_agree_and_leave_no_old_key(tmp_path: Path) -> None:
    late, early = names(tmp_path), names(tmp_path)
    midnight = datetime(2026, 11, 25, tzinfo=UTC)
    before = midnight - timedelta(seconds=1)
    name = late.name("CA1", before)
    assert early.name("CA1", before) == name
    after = early.name("CA1", midnight)
    assert early.name("CA1", before) == after, "a line that comes late in one process"
    assert (late.name("CA1", before), late.name("CA1", midnight)) == (name, after)
    assert names(tmp_path).name("CA1", before) == after, "a process that is first needed late in the old day"
    assert keys(tmp_path) == ["journal-2026-11-25.key"]


def test_a_clock_that_was_wrong_leaves_no_key_behind(tmp_path: Path) -> None:
    ours = names(tmp_path)
    ours.name("CA1", NOW + timedelta(days=400))
    ours.name("CA1", NOW)
    assert keys(tmp_path) == ["journal-2026-11-24.key"]


def test_processes_that_begin_the_day_together_get_one_key(tmp_path: Path) -> None:
    """Some are still in the old day, and each makes its key at the same moment as the others."""
    found: list[tuple[date, bytes]] = []
    ready = Event()

    def process(today: date) -> None:
        ready.wait(PATIENCE)
        found.append(shared_key(tmp_path, today))

    for _ in range(30):
        found.clear()
        ready.clear()
        for path in tmp_path.iterdir():
            path.unlink()
        shared_key(tmp_path, TODAY)
        threads = [Thread(target=process, args=(day,)) for day in (TODAY, TOMORROW) * 4]
        for thread in threads:
            thread.start()
        ready.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(found) == len(threads)
        assert len(set(found)) == len({day for day, _ in found}), "one key a day"
        assert keys(tmp_path) == [f"journal-{TOMORROW}.key"], "no old key is made again"


def test_a_key_made_late_in_the_old_day_is_deleted_by_whoever_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process begins the new day between the look for its key and the making of the old one."""
    link = Path.hardlink_to

    def after_midnight(path: Path, target: Path) -> None:
        monkeypatch.setattr(Path, "hardlink_to", link)
        shared_key(tmp_path, TOMORROW)
        link(path, target)

    monkeypatch.setattr(Path, "hardlink_to", after_midnight)
    assert shared_key(tmp_path, TODAY) == shared_key(tmp_path, TOMORROW)
    assert keys(tmp_path) == [f"journal-{TOMORROW}.key"]


@pytest.mark.parametrize("broken", ["no folder", "others can read it", "too short", "a folder", "a pipe", "a link"])
def test_a_key_that_cannot_be_shared_is_told_and_the_lines_go_on(tmp_path: Path, broken: str) -> None:
    folder, told = tmp_path / "var", list[str]()
    key = folder / f"journal-{TODAY}.key"
    match broken:
        case "no folder":
            folder.touch()
        case "others can read it":
            shared_key(folder, TODAY)
            key.chmod(0o644)
        case "too short":
            folder.mkdir()
            key.touch(0o600)
        case "a folder":
            key.mkdir(parents=True)
        case "a pipe":
            folder.mkdir()
            os.mkfifo(key, 0o600)
        case "a link":
            shared_key(tmp_path / "another", TODAY)
            folder.mkdir()
            key.symlink_to(tmp_path / "another" / key.name)
    first, second = CallNames(folder, told.append), CallNames(folder, told.append)
    name = first.name("CA1", NOW)
    assert first.name("CA1", NOW) == name != second.name("CA1", NOW)
    assert len(told) == 2, "once a day and process"
    assert told[0].startswith("the journal's key of the day cannot be shared (")


# --- a file ---------------------------------------------------------------------------------------------------------


def test_a_journal_in_a_file_goes_on_where_it_ended(tmp_path: Path) -> None:
    for _ in range(2):
        journal = open_journal(str(tmp_path / "journal"))
        journal.record(TAKEN)
        journal.close()
    assert len(lines_of(tmp_path / "journal")) == 2


def test_a_line_never_follows_the_half_line_of_a_process_before(tmp_path: Path) -> None:
    name = tmp_path / "journal"
    name.write_text('{"event": "st', encoding="utf-8")
    journal = open_journal(str(name))
    journal.record(TAKEN)
    journal.close()
    half, whole = lines_of(name)
    assert half == '{"event": "st'
    assert json.loads(whole)["node"] == "choose_language"


def test_a_journal_is_made_for_its_group_at_most(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        journal = open_journal(str(tmp_path / "journal"))
    finally:
        os.umask(before)
    journal.close()
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o640
    assert journal.warnings == ()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o641])
def test_a_journal_that_others_can_read_is_a_warning_and_is_left_so(tmp_path: Path, mode: int) -> None:
    name = tmp_path / "journal"
    name.touch()
    name.chmod(mode)
    journal = open_journal(str(name))
    journal.close()
    assert journal.warnings == ("IVR_LOG: others can read or change the journal. Remedy: chmod 640 on that file",)
    assert name.stat().st_mode & 0o777 == mode


def test_a_journal_that_is_rotated_goes_on_under_its_name(tmp_path: Path) -> None:
    """As logrotate does it: the file is renamed, and nobody tells the program."""
    name = tmp_path / "journal"
    journal = open_journal(str(name))
    for number in range(3):
        journal.record(TAKEN)
        until(lambda: lines_of(name))
        name.rename(tmp_path / f"journal.{number}")
    journal.record(TAKEN)
    journal.close()
    assert [len(lines_of(file)) for file in sorted(tmp_path.iterdir())] == [1, 1, 1, 1]
    assert journal.lost == 0


def test_a_journal_that_is_copied_and_emptied_goes_on_at_its_beginning(tmp_path: Path) -> None:
    """As logrotate does it with `copytruncate`."""
    name = tmp_path / "journal"
    journal = open_journal(str(name))
    journal.record(TAKEN)
    until(lambda: lines_of(name))
    os.truncate(name, 0)
    journal.record(TAKEN)
    journal.close()
    (line,) = lines_of(name)
    assert json.loads(line)["event"] == "step"


def test_a_journal_can_be_told_to_open_its_file_anew(tmp_path: Path) -> None:
    """Without a call in between: a program that compresses the old file waits until nobody holds it."""
    output = Pieces()
    journal = Journal(output)
    journal.reopen()
    until(lambda: output.closed)
    name = tmp_path / "journal"
    journal = open_journal(str(name))
    journal.record(TAKEN)
    journal.reopen()
    journal.record(TAKEN)
    journal.close()
    assert len(lines_of(name)) == 2


def test_a_journal_heals_by_itself_and_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody calls between the fault and its end: an alarm that waits for a call would keep calls away."""
    name = tmp_path / "logs" / "journal"
    name.parent.mkdir()
    journal = open_journal(str(name))
    name.parent.rename(tmp_path / "gone")
    journal.record(TAKEN)
    until(lambda: journal.failing)
    name.parent.mkdir()
    until(lambda: not journal.failing)
    journal.close()
    assert (len(lines_of(name)), journal.lost) == (1, 0)
    assert caplog.messages == ["the journal cannot be written: FileNotFoundError"]


def test_a_journal_that_cannot_be_written_can_be_closed(caplog: pytest.LogCaptureFixture) -> None:
    journal = open_journal("/dev/full")
    for _ in range(3):
        journal.record(TAKEN)
    journal.close()
    assert (journal.lost, journal.failing) == (3, True)
    assert caplog.messages[-1] == "3 journal lines are lost: OSError"


def test_a_path_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere" / "journal"):
        before = active_count()
        with pytest.raises(OSError, match="directory"):
            open_journal(str(path))
        assert active_count() == before


# --- lines that cannot be written -----------------------------------------------------------------------------------


@dataclass
class Stuck:
    """An output that hangs in the middle of a write, like a disk that no longer answers."""

    lines: list[bytes] = field(default_factory=list)
    begun: Event = field(default_factory=Event)
    goes_on: Event = field(default_factory=Event)

    def write(self, lines: bytes) -> int:
        self.begun.set()
        assert self.goes_on.wait(PATIENCE)
        self.lines.append(lines)
        return len(lines)

    def close(self) -> None:
        assert self.goes_on.is_set(), "closing a disk that hangs would hang too"


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    output = Stuck()
    yield output
    output.goes_on.set()


def test_too_many_lines_are_lost_and_counted_and_nobody_waits(stuck: Stuck) -> None:
    journal = Journal(stuck, most_waiting=5)
    journal.record(TAKEN)
    assert stuck.begun.wait(PATIENCE)
    for number in range(9):
        journal.record(replace(TAKEN, node=f"node_{number}"))
    assert (journal.lost, journal.failing) == (5, True)
    stuck.goes_on.set()
    until(lambda: not journal.failing)
    journal.close()
    assert journal.lost == 5, "the count stays"
    nodes = [json.loads(line)["node"] for line in b"".join(stuck.lines).splitlines()]
    assert nodes == ["choose_language", "node_0", "node_1", "node_2", "node_3"], "the newest are dropped"


def test_a_disk_that_hangs_holds_no_process(stuck: Stuck) -> None:
    journal = Journal(stuck)
    journal.record(TAKEN)
    assert stuck.begun.wait(PATIENCE)
    for _ in range(6):
        journal.record(TAKEN)
    journal.close(0.01)
    assert not stuck.goes_on.is_set(), "it still hangs"
    assert (journal.lost, journal.failing) == (7, True)
    journal.record(TAKEN)
    assert journal.lost == 8, "nothing is written any more"
    stuck.goes_on.set()
    until(lambda: stuck.lines)
    assert (journal.lost, journal.failing) == (8, True)


def test_a_line_that_cannot_be_made_is_lost_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, made = io.StringIO(), Journal._line

    def line(journal: Journal, taken: StepTaken, at: datetime) -> str:
        if taken.node == "breaks":
            raise RuntimeError
        return made(journal, taken, at)

    monkeypatch.setattr(Journal, "_line", line)
    journal = Journal(stream)
    for node in ("one", "breaks", "two"):
        journal.record(replace(TAKEN, node=node))
    until(lambda: journal.lost)
    journal.close()
    assert [json.loads(text)["node"] for text in stream.getvalue().splitlines()] == ["one", "two"]
    assert journal.lost == 1


# --- a pipe ---------------------------------------------------------------------------------------------------------


def test_a_pipe_that_nobody_reads_holds_no_start_and_is_written_once_somebody_does(tmp_path: Path) -> None:
    pipe = tmp_path / "journal"
    os.mkfifo(pipe)
    journal = open_journal(str(pipe))
    (warning,) = journal.warnings
    assert warning.startswith("IVR_LOG is a pipe that nobody reads: lines wait until somebody does. Remedy: ")
    journal.record(TAKEN)
    until(lambda: journal.failing)
    with pipe.open(encoding="utf-8") as reader:
        assert json.loads(reader.readline())["node"] == "choose_language"
        until(lambda: not journal.failing)
    journal.record(TAKEN)
    until(lambda: journal.failing)
    journal.close()
    assert journal.lost == 1


def run(script: str, *arguments: str, stdout: int) -> subprocess.CompletedProcess[str]:
    """A process of its own, with `TAKEN` and what a journal is made of."""
    beginning = "from tests.test_journal import *\n"
    return subprocess.run(
        [sys.executable, "-c", beginning + script, *arguments],
        cwd=ROOT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_standard_output_that_nobody_reads_holds_no_process_and_every_line_is_written_or_counted() -> None:
    reader, writer = os.pipe()
    script = """
journal = open_journal("-")
for _ in range(1500):
    journal.record(TAKEN)
journal.close()
print(journal.lost, file=sys.stderr)
"""
    ran = run(script, stdout=writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        there = [json.loads(line) for line in pipe]
    *told, lost = ran.stderr.splitlines()
    assert ran.returncode == 0, ran.stderr
    assert told == [f"{lost} journal lines are lost: nobody reads them"]
    assert 0 < len(there) < 1500
    assert len(there) + int(lost) == 1500


def test_both_outputs_in_one_pipe_that_nobody_reads_hold_no_process() -> None:
    reader, writer = os.pipe()
    script = """
os.dup2(1, 2)
journal = open_journal("-")
for _ in range(1500):
    journal.record(TAKEN)
journal.close()
"""
    ran = run(script, stdout=writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        assert all(json.loads(line)["event"] == "step" for line in pipe)
    assert ran.returncode == 0


def test_standard_output_whose_reader_is_gone_ends_without_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    script = """
journal = open_journal("-")
journal.record(TAKEN)
journal.close()
print(journal.lost, file=sys.stderr)
"""
    ran = run(script, stdout=writer)
    os.close(writer)
    assert ran.returncode == 0
    assert ran.stderr.splitlines()[-2:] == ["1 journal lines are lost: BrokenPipeError", "1"]


FULL_DISK = """
import resource

name, room = Path(sys.argv[1]), 1000
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))  # a write beyond it is cut, the next one fails
journal = open_journal(str(name))
for number in range(20):
    journal.record(replace(TAKEN, node=f"node_{number}"))
until(lambda: journal.failing)
assert name.stat().st_size == room
if "space again" in sys.argv:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    until(lambda: not journal.failing)
journal.close()
print(journal.lost)
"""


@pytest.mark.parametrize("ends", ["space again", "still full"])
def test_a_disk_that_is_full_tears_one_line_and_loses_none_that_can_be_written_later(tmp_path: Path, ends: str) -> None:
    name = tmp_path / "journal"
    ran = run(FULL_DISK, str(name), ends, stdout=subprocess.PIPE)
    assert ran.returncode == 0, ran.stderr
    lines, lost = lines_of(name), int(ran.stdout)
    torn = [line for line in lines if not line.endswith("}")]
    whole = [json.loads(line)["node"] for line in lines if line.endswith("}")]
    assert len(torn) == 1
    assert whole == [f"node_{number}" for number in range(20 - lost)]
    assert (lost == 0) == (ends == "space again")


def test_the_limit_of_a_pipe_is_that_of_the_system() -> None:
    """Lines are written in pieces that a pipe takes whole or not at all."""
    output = Pieces()
    journal = Journal(output)
    for _ in range(100):
        journal.record(TAKEN)
    journal.close()
    assert sum(piece.count(b"\n") for piece in output.pieces) == 100
    assert all(piece.endswith(b"\n") and len(piece) <= select.PIPE_BUF for piece in output.pieces)


@dataclass
class Pieces:
    """Keeps each write."""

    pieces: list[bytes] = field(default_factory=list)
    closed: int = 0

    def write(self, lines: bytes) -> int:
        self.pieces.append(lines)
        return len(lines)

    def close(self) -> None:
        self.closed += 1


def up_to(words: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines up to the first that holds some words."""
    for line in lines:
        yield line
        if words in line:
            return


# --- served ---------------------------------------------------------------------------------------------------------


def test_a_line_whose_output_nobody_reads_answers_and_ends_and_tells_what_it_lost(tmp_path: Path) -> None:
    """And what it warns of at start: others can read its secrets, and its state cannot be written."""
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in ENVIRONMENT.items()))
    (tmp_path / ".env").chmod(0o644)
    operators, state = f"127.0.0.1:{free_port()}", str(tmp_path / ".env" / "var")
    prompts = prompts_today(tmp_path, "closed")
    process = start(tmp_path, prompts, "--metrics", operators, IVR_LOG="-", IVR_STATE=state)
    try:
        assert process.stdout
        assert process.stderr
        *said, answering = up_to("answering on", process.stderr)
        for begins in ("the last good content cannot be kept", "warning: IVR_STATE", "warning: .env: others can read"):
            assert any(line.startswith(begins) for line in said), said
        found = re.search(r"http://([\d.:]+)", answering)
        assert found, answering
        connection = HTTPConnection(found[1], timeout=PATIENCE)
        form = {"CallSid": "CA1", "CallStatus": "ringing"}
        signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/voice", form)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        for _ in range(600):
            connection.request("POST", "/voice", urlencode(form), headers)
            with connection.getresponse() as response:
                assert (response.status, b"<Gather" in response.read()) == (200, True)
        connection.close()
        with urlopen(f"http://{operators}/health", timeout=PATIENCE) as reply:
            health = json.load(reply)
        assert sorted(warning.split()[0] for warning in health["warnings"]) == [".env:", "IVR_STATE"]
        process.terminate()
        assert process.wait(PATIENCE) == 0
        lines, told = process.stdout.read().splitlines(), process.stderr.read().splitlines()
        told = [line for line in told if "safety sentences" not in line]  # what is to be approved
    finally:
        process.kill()
        process.communicate()
    assert all(json.loads(line)["node"] == "" for line in lines)
    assert told[-1] == f"ERROR ivr.journal: {600 - len(lines)} journal lines are lost: nobody reads them"
    assert [line.partition("(")[0] for line in told[:-1]] == [
        "ERROR ivr.journal: the journal's key of the day cannot be shared "
    ]
