"""A line lets hold what the records say, goes on with that while they cannot be read, and tells so."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.core.call import CallState, Event, KeyPressed, TransferEnded
from ivr.core.closing import Change, Closing, StandIn
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.hours import parse_day
from ivr.core.office import INSTRUCTOR, ON_CALL, PHONE
from ivr.live.closings import LONGEST, MOST_FAILURES, MOST_SECONDS, ClosingsReader
from ivr.records.faults import RecordsFault
from ivr.records.mirror import FILE, from_bytes, to_bytes
from ivr.records.rows import ClosingRow
from ivr.serving import Current, Serving
from ivr.settings.read import read_settings
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from ivr.telephony.port import Webhook
from tests.conftest import TODAY
from tests.limits import until
from tests.test_serve import ENVIRONMENT

NOW = datetime(2026, 11, 24, 8, 10, tzinfo=UTC)
"""Ten past ten in Helsinki, on a weekday."""
HOUR = timedelta(hours=1)
FIRST, SECOND, DEPUTY, URGENT, OTHER = (
    "+358401234501",
    "+358401234502",
    "+358401234503",
    "+358401234504",
    "+358401234505",
)
NUMBERS = {
    "IVR_CONTACT_SOCIAL_INSTRUCTOR": f"{FIRST},{SECOND}",
    "IVR_CONTACT_ON_CALL": URGENT,
    "IVR_SPARE_SOCIAL_INSTRUCTOR": f"deputy:{DEPUTY}",
    "IVR_SPARE_ON_CALL": f"other:{OTHER}",
}
STOPPED = RecordsFault("the database at db cannot be reached", "see that it runs")


def row(change: Change, id: int = 1) -> ClosingRow:
    """A change as it stands in a database."""
    of: dict[str, str | None] = {"schedule": None, "hours": None, "contact": None, "label": None}
    match change:
        case Closing():
            of |= {"schedule": change.schedule, "hours": "closed"}
        case StandIn():
            of |= {"contact": change.contact, "label": change.label}
    begins, ends = (str(each.astimezone(UTC).replace(tzinfo=None)) for each in (change.begins, change.ends))
    return ClosingRow(id, **of, begins=begins, ends=ends)


class Line:
    """A line, its records as a list or a fault, and its clocks."""

    name = "the database"

    def __init__(self, content: Content, state: Path) -> None:
        settings = read_settings({**ENVIRONMENT, **NUMBERS}, content.office)
        voices = VoiceSelector(content, NO_AUDIO, TODAY, settings.speech)
        self.now, self.seconds, self.state, self.closed = NOW, 0.0, state, False
        self.rows: list[ClosingRow] | RecordsFault | Exception | None = None
        self.current = Current(Serving.of(settings, content, voices))
        self.begin()

    def begin(self) -> None:
        """As a process does that starts: it knows nothing."""
        steady = lambda: self.seconds  # noqa: E731
        self.reader = ClosingsReader(self, self.current, self.state, 2.0, lambda: self.now, steady)

    def read(self, now: datetime) -> list[ClosingRow] | None:
        assert now == self.now
        if isinstance(self.rows, Exception):
            raise self.rows
        return self.rows

    def close(self) -> None:
        self.closed = True

    def keep(self, *changes: Change) -> None:
        """The office decides this, and the line looks."""
        self.rows = [row(change, number) for number, change in enumerate(changes, 1)]
        self.reader.look()

    @property
    def is_open(self) -> bool:
        content, _ = self.current()
        return content.office.schedules[PHONE].is_open(self.now)

    def rings(self, contact: str) -> tuple[str, ...]:
        return self.current.serving.contacts[contact]

    def at(self, moment: datetime) -> Line:
        self.now = moment
        self.reader.look()
        return self


@pytest.fixture
def line(content: Content, tmp_path: Path) -> Line:
    return Line(content, tmp_path / "var")


def closing(begins: datetime = NOW, ends: datetime = NOW + HOUR, schedule: str = PHONE) -> Closing:
    return Closing(schedule, begins, ends)


def deputy(begins: datetime = NOW, ends: datetime = NOW + HOUR, contact: str = INSTRUCTOR) -> StandIn:
    return StandIn(contact, "deputy" if contact == INSTRUCTOR else "other", begins, ends)


def test_a_closing_holds_from_the_next_look_on_and_no_longer_than_it_is_kept(line: Line) -> None:
    assert line.is_open
    line.keep(closing())
    assert not line.is_open
    assert line.reader.count == 1
    line.keep()
    assert line.is_open
    assert line.reader.unknown == ""


def test_a_prepared_number_rings_for_its_time_though_nothing_is_read_any_more(line: Line) -> None:
    line.keep(deputy(NOW + HOUR, NOW + 2 * HOUR))
    line.rows = STOPPED
    rung = [line.at(NOW + hours * HOUR).rings(INSTRUCTOR) for hours in (0, 1, 1.9, 2)]
    assert rung == [(FIRST, SECOND), (DEPUTY,), (DEPUTY,), (FIRST, SECOND)]
    assert line.rings(ON_CALL) == (URGENT,)


def test_the_later_of_two_stand_ins_wins(line: Line, content: Content) -> None:
    settings = replace(line.current.serving.settings, spares={INSTRUCTOR: {"deputy": DEPUTY, "second": OTHER}})
    line.current.swap(replace(line.current.serving, settings=settings))
    line.keep(deputy(), StandIn(INSTRUCTOR, "second", NOW, NOW + HOUR))
    assert line.rings(INSTRUCTOR) == (OTHER,)


def test_whoever_answers_in_place_of_a_contact_presses_a_key_first(line: Line) -> None:
    """Also where the contact is a switchboard, which takes a call at once: another phone may have a voicemail."""
    serving = line.current.serving
    contacts = serving.content.office.contacts
    switchboard = {**contacts, INSTRUCTOR: contacts[INSTRUCTOR].model_copy(update={"accept": "at_once"})}
    office = serving.content.office.model_copy(update={"contacts": switchboard})
    line.current.swap(replace(serving, content=replace(serving.content, office=office)))
    asked = []
    for changes in ((), (deputy(),), ()):
        line.keep(*changes)
        taken = step(line.current()[0], CallState("main_open", "en"), KeyPressed("1"), NOW)
        asked.append("/voice/whisper" in line.current()[1].write(taken, 0).decode())
    assert asked == [False, True, False]


def test_the_emergency_document_rings_whom_the_office_has_chosen(line: Line) -> None:
    for change, rung in ((None, URGENT), (deputy(contact=ON_CALL), OTHER), (None, URGENT)):
        line.keep(*([change] if change else []))
        document = line.current()[1].emergency(None, "start").decode()
        assert [number for number in (URGENT, OTHER) if number in document] == [rung]


def caller(line: Line, number: str) -> str:
    webhook = Webhook("POST", "/voice", "", f"From=%2B{number[1:]}&To=%2B1&CallSid=CA1".encode(), {})
    event = line.current()[1].read(webhook, None).event
    return str(getattr(event, "caller", None))


def test_whoever_rings_now_or_rests_is_a_contact_and_a_spare_number_else_anyone(line: Line) -> None:
    """Rule T7, as for every contact: nobody shall be rung by a call of their own, nor by one that is sent on."""
    assert [caller(line, each) for each in (FIRST, SECOND, DEPUTY)] == ["contact", "contact", "anyone"]
    line.keep(deputy())
    assert [caller(line, each) for each in (FIRST, SECOND, DEPUTY, OTHER)] == ["contact"] * 3 + ["anyone"]
    line.keep()
    assert caller(line, DEPUTY) == "anyone"


def after(line: Line, state: CallState, event: Event) -> tuple[str, CallState, str]:
    """Where a call goes: its node, its state, and the number that the provider is told to ring."""
    content, provider = line.current()
    taken = step(content, state, event, line.now)
    written = provider.write(taken, 0).decode()
    rung = [each for each in (FIRST, SECOND, DEPUTY, URGENT, OTHER) if f">{each}<" in written]
    return taken.state.node, taken.state, "".join(rung)


NO_ANSWER = TransferEnded("no_answer")


def test_a_stand_in_that_begins_or_ends_while_it_rings_leads_on_and_rings_nobody_twice(line: Line) -> None:
    menu = CallState("main_open", "en")
    node, first, number = after(line, menu, KeyPressed("1"))
    assert (node, number) == ("instructor", FIRST)
    node, second, number = after(line, first, NO_ANSWER)
    assert (node, number) == ("instructor", SECOND)
    line.keep(deputy())
    for ringing in (first, second):  # no number stands behind the one of now: the transfer is unanswered
        node, unanswered, _ = after(line, ringing, NO_ANSWER)
        assert node == "nobody_free"
        node, _, number = after(line, unanswered, KeyPressed("1"))
        assert (node, number) == ("instructor", DEPUTY)
    _, instead, _ = after(line, menu, KeyPressed("1"))
    line.keep()
    node, last, number = after(line, instead, NO_ANSWER)
    assert (node, number) == ("instructor", SECOND)
    assert after(line, last, NO_ANSWER)[0] == "nobody_free"


def test_new_content_keeps_what_the_office_has_decided(line: Line, content: Content) -> None:
    line.keep(closing(), deputy())
    serving = line.current.serving
    settings = replace(serving.settings, contacts={INSTRUCTOR: (FIRST,), ON_CALL: (URGENT,)})
    fresh = replace(content, number_counts={})
    line.current.swap(Serving.of(settings, fresh, serving.voices, "another"))
    assert line.current.serving.key == "another"
    assert not line.is_open
    assert line.rings(INSTRUCTOR) == (DEPUTY,)
    assert line.current()[0].numbers_of(INSTRUCTOR) == 1
    line.keep()
    assert line.is_open
    assert line.rings(INSTRUCTOR) == (FIRST,)


def test_where_nothing_changes_what_answers_stays(line: Line) -> None:
    """So does all that it has kept of earlier calls."""
    line.keep(closing(), deputy())
    before = line.current.serving
    line.reader.look()
    assert line.current.serving is before


class TestWhatCannotBeRead:
    def test_it_is_told_after_a_while_and_the_last_that_was_known_holds(self, line: Line) -> None:
        line.keep(closing())
        line.rows = STOPPED
        told = []
        for _ in range(MOST_FAILURES):
            line.reader.look()
            told.append(line.reader.unknown)
        assert told[:-1] == [""] * (MOST_FAILURES - 1)
        assert told[-1].endswith("holds: the database at db cannot be reached. Remedy: see that it runs.")
        assert not line.is_open
        line.keep()
        assert line.reader.unknown == ""
        assert line.is_open

    def test_a_reading_that_never_ends_is_told(self, line: Line) -> None:
        line.keep()
        line.seconds += MOST_SECONDS
        assert line.reader.unknown == ""
        line.seconds += 1
        assert "does not answer" in line.reader.unknown
        line.keep()
        assert line.reader.unknown == ""

    def test_a_slip_of_ours_is_told_once_in_the_log_without_its_words(
        self, line: Line, caplog: pytest.LogCaptureFixture
    ) -> None:
        line.rows = RuntimeError(FIRST)
        for _ in range(MOST_FAILURES):
            line.reader.look()
        assert "the program fails (RuntimeError)" in line.reader.unknown
        assert FIRST not in line.reader.unknown
        assert len(caplog.records) == 1

    def test_a_database_that_is_gone_is_a_fault_only_while_it_was_known_to_hold_something(self, line: Line) -> None:
        line.rows = None
        line.reader.look()
        line.keep(closing(), deputy())
        line.rows = None
        for _ in range(MOST_FAILURES):
            line.reader.look()
        assert "the database is gone. Remedy: put it" in line.reader.unknown
        assert not line.is_open
        line.at(NOW + HOUR)
        assert line.reader.unknown == ""
        assert line.is_open

    @pytest.mark.parametrize(
        ("spoilt", "told"),
        [
            (row(closing())._replace(hours="some"), "closing 1 cannot be read and does not hold"),
            (row(closing())._replace(begins="soon"), "closing 1 cannot be read and does not hold"),
            (row(closing())._replace(schedule=None), "closing 1 cannot be read and does not hold"),
            (row(closing())._replace(hours=None), "closing 1 cannot be read and does not hold"),
            (row(closing(schedule="sauna")), "a closing is of a service that office.yaml does not have"),
            (row(closing(ends=NOW + LONGEST + HOUR)), f"a closing of more than {LONGEST.days} days does not hold"),
            (row(StandIn(INSTRUCTOR, "Anna", NOW, NOW + HOUR)), "a number that should ring in place of a contact"),
            (row(StandIn("boss", "deputy", NOW, NOW + HOUR)), "a number that should ring in place of a contact"),
        ],
    )
    def test_what_says_nothing_is_told_and_all_others_hold(self, line: Line, spoilt: ClosingRow, told: str) -> None:
        line.rows = [spoilt, row(deputy(), 2)]
        line.reader.look()
        assert line.reader.unknown.startswith(told)
        assert "Remedy: " in line.reader.unknown
        assert "Anna" not in line.reader.unknown
        assert line.is_open
        assert line.rings(INSTRUCTOR) == (DEPUTY,)
        line.keep(deputy())
        assert line.reader.unknown == ""

    def test_each_kind_is_told_with_its_own_remedy(self, line: Line) -> None:
        """No command shows or withdraws what cannot be read."""
        line.rows = [row(closing())._replace(hours="some"), row(closing(schedule="sauna"), 2)]
        line.reader.look()
        unreadable, _, no_service = line.reader.unknown.partition(". a closing is of a service")
        assert unreadable.endswith("put the last backup of the records in its place")
        assert "withdraw what is meant no more" not in unreadable
        assert no_service.endswith("Remedy: withdraw what is meant no more, and make the others anew (`ivr closings`).")

    @pytest.mark.parametrize("moment", [datetime.min, datetime(9999, 12, 31, 23)])  # noqa: DTZ001, DTZ901
    def test_a_time_that_has_no_date_in_the_office_spoils_no_other(self, line: Line, moment: datetime) -> None:
        begins, ends = moment.replace(tzinfo=UTC), moment.replace(tzinfo=UTC) + HOUR / 2
        line.rows = [row(closing(begins, ends)), row(closing(), 2)]
        line.reader.look()
        assert not line.is_open
        assert line.reader.unknown.startswith("closing 1 cannot be read and does not hold")

    def test_what_cannot_hold_keeps_no_new_content_away(self, line: Line) -> None:
        line.keep(closing())
        with pytest.raises(OverflowError):
            line.current.close((closing(ends=datetime.max.replace(tzinfo=UTC)),))
        line.current.swap(replace(line.current.serving, key="another"))
        assert line.current.serving.key == "another"
        assert not line.is_open

    def test_a_closing_of_a_service_that_comes_later_holds_from_then_on(self, line: Line, content: Content) -> None:
        line.keep(closing(schedule="sauna"))
        assert line.reader.unknown
        office = content.office.model_copy(
            update={"hours": {**content.office.hours, "sauna": {"tue": parse_day("9-15")}}}
        )
        serving = line.current.serving
        line.current.swap(replace(serving, content=replace(content, office=office.with_closings(()))))
        line.reader.look()
        assert line.reader.unknown == ""
        schedule = line.current()[0].office.schedules["sauna"]
        assert [schedule.is_open(NOW + hours * HOUR) for hours in (0, 1)] == [False, True]

    def test_a_setting_that_is_wrong_is_told_and_no_call_is_lost(self, line: Line) -> None:
        reader = ClosingsReader(RecordsFault("it is no address", "write one"), line.current, line.state, 2.0)
        for _ in range(MOST_FAILURES):
            reader.look()
        assert reader.unknown.endswith("it is no address. Remedy: write one.")
        assert line.is_open


class TestTheCopy:
    def mirror(self, line: Line) -> Path:
        return line.state / FILE

    def begun(self, line: Line) -> Line:
        """A process that has started while the database is stopped."""
        line.current.close(())
        line.rows = STOPPED
        line.begin()
        line.reader.start()
        line.reader.stop()
        return line

    def test_it_holds_after_a_start_without_a_database(self, line: Line, caplog: pytest.LogCaptureFixture) -> None:
        line.keep(closing(), deputy())
        assert not self.begun(line).is_open
        assert line.rings(INSTRUCTOR) == (DEPUTY,)
        assert "closings of the office are not known: the database at db cannot be reached" in caplog.text

    def test_what_has_ended_meanwhile_does_not_hold(self, line: Line) -> None:
        line.keep(closing(), deputy())
        line.now += HOUR
        assert self.begun(line).is_open
        assert line.rings(INSTRUCTOR) == (FIRST, SECOND)

    @pytest.mark.parametrize("spoilt", [b"\x00", b"[]", b"{}", to_bytes([closing()])[:-9]])
    def test_one_that_is_spoilt_is_told_and_written_anew(
        self, line: Line, caplog: pytest.LogCaptureFixture, spoilt: bytes
    ) -> None:
        line.keep(closing())
        self.mirror(line).write_bytes(spoilt)
        assert self.begun(line).is_open
        assert "the copy of the closings is not used" in caplog.text
        line.keep(closing())
        assert from_bytes(self.mirror(line).read_bytes()) == (closing(),)

    def test_it_is_made_again_where_it_was_lost_and_emptied_with_the_last_closing(self, line: Line) -> None:
        line.keep()
        assert not self.mirror(line).exists(), "there is nothing to keep"
        line.keep(closing())
        self.mirror(line).unlink()
        line.reader.look()
        assert from_bytes(self.mirror(line).read_bytes()) == (closing(),)
        assert self.mirror(line).stat().st_mode & 0o077 == 0
        line.keep()
        assert from_bytes(self.mirror(line).read_bytes()) == ()

    def test_one_that_cannot_be_read_is_put_right(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        """Such as one that root has brought back, and only root may read."""
        line.keep(closing())
        copy, read_bytes = self.mirror(line), Path.read_bytes

        def only_root_may(path: Path) -> bytes:
            if path == copy:
                raise PermissionError(13, "Permission denied")
            return read_bytes(path)

        copy.write_bytes(b"of root")
        monkeypatch.setattr(Path, "read_bytes", only_root_may)
        line.keep(deputy())
        assert line.reader.unknown == ""
        assert from_bytes(read_bytes(copy)) == (deputy(),)

    def test_callers_hear_of_a_closing_before_it_is_written(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        """A disk may hang; the line then tells that it is the disk."""
        seen = []

        def hangs(*_args: object, **_words: object) -> None:
            line.seconds += MOST_SECONDS + 1
            seen.append((line.is_open, line.reader.unknown))

        monkeypatch.setattr("ivr.live.closings.write_atomically", hangs)
        line.keep(closing())
        ((is_open, told),) = seen
        assert not is_open
        assert "the disk of IVR_STATE does not answer. Remedy: " in told

    def test_what_cannot_hold_now_is_kept_all_the_same(self, line: Line) -> None:
        """The next content may know the service."""
        line.keep(closing(schedule="sauna"))
        assert from_bytes(self.mirror(line).read_bytes()) == (closing(schedule="sauna"),)

    def test_where_it_cannot_be_written_closings_hold_and_that_is_told(self, line: Line) -> None:
        line.state.write_text("not a folder", encoding="utf-8")
        line.keep()
        assert line.reader.unknown == ""
        line.keep(closing())
        assert not line.is_open
        assert line.reader.unknown.startswith("closings would not hold after a restart without their database")


def test_a_start_does_not_wait_for_a_database(
    line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ivr.live.closings.FIRST_SECONDS", 0.01)
    answers = threading.Event()
    real = line.read

    def slow(now: datetime) -> list[ClosingRow] | None:
        answers.wait()
        return real(now)

    monkeypatch.setattr(line, "read", slow)
    line.rows = [row(closing())]
    line.reader.start()
    assert line.is_open
    assert "the database has not answered yet" in caplog.text
    answers.set()
    until(lambda: not line.is_open)
    line.reader.stop()


def test_a_start_knows_what_a_database_says_that_answers(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.rows = [row(closing())]
    line.reader.start()
    assert not line.is_open
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
    line.rows = []
    line.reader.look_soon()
    until(lambda: line.is_open)
    line.reader.stop()
    until(lambda: line.closed)
