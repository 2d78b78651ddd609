"""What the pages show of a line: open or closed, what callers hear, who rings, and what a closing would change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ivr.core.closing import Closing, StandIn
from ivr.core.content import Content
from ivr.core.exception_days import ExceptionDay
from ivr.core.hours import Interval, parse_day
from ivr.core.office import INSTRUCTOR, ON_CALL
from ivr.live.processes import Presence
from ivr.office.desk import FrontDesk, Heard, heard
from ivr.office.running import Processes
from ivr.records.closings import NothingToWithdraw, Records
from ivr.speech.clips import Rendered
from tests.office.closed import HELSINKI, NOW, SPARES, at, serving

UNTIL_NOON = Closing("phone", NOW, at(12))
END_OF_DAY = at(0, day=25)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records.open({"IVR_STATE": str(tmp_path / "var")})


@pytest.fixture
def desk(usual: Content, records: Records) -> FrontDesk:
    """The desk of a line without clips, whose processes are well."""
    served = serving(usual)
    return FrontDesk(lambda: served, records, lambda: "well")


def said(heard: tuple[Heard, ...], language: str) -> list[str]:
    return [sentence.text for each in heard if each.language == language for sentence in each.sentences]


def close(desk: FrontDesk, *changes: Closing | StandIn, by: str = "Anna", token: UUID | None = None) -> None:
    desk.make(changes, "no-staff", by, NOW, token or uuid4())


# --- today ------------------------------------------------------------------------------------------------------------


def test_a_day_as_usual(desk: FrontDesk) -> None:
    today = desk.today(NOW)
    assert [service.name for service in today.services] == ["phone", "walk_in", "door"]
    assert not today.phone.is_open
    assert today.phone.until == at(9)
    assert said(today.phone.heard, "fi") == ["Puhelinpalvelumme on kiinni. Se aukeaa tänään aamulla kello yhdeksän."]
    assert (today.person.contact, today.urgent.numbers) == (ON_CALL, ("…02",))
    later = desk.today(at(10))
    assert (later.phone.is_open, later.phone.until) == (True, at(15))
    assert (later.person.contact, later.person.numbers) == (INSTRUCTOR, ("…01",))


def test_a_closing_holds_and_what_office_yaml_says_is_shown_beside_it(desk: FrontDesk) -> None:
    close(desk, UNTIL_NOON)
    phone = desk.today(at(10)).phone
    assert (phone.is_open, phone.until) == (False, at(12))
    assert said(phone.heard, "en") == ["Our phone service is closed. It opens today at twelve at midday."]
    assert (phone.written, phone.hours) == (parse_day("09:00-15:00"), parse_day("12:00-15:00"))
    assert [each.by for each in phone.closings] == ["Anna"]
    assert desk.today(at(12)).phone.is_open
    assert desk.today(at(12)).kept == ()


def test_a_number_is_never_shown_whole(desk: FrontDesk) -> None:
    close(desk, StandIn(ON_CALL, "duty officer", NOW, END_OF_DAY))
    shown = repr((desk.today(NOW), desk.contacts(NOW), desk.preview([UNTIL_NOON], NOW)))
    for each in (*SPARES[ON_CALL].values(), *SPARES[INSTRUCTOR].values(), "+358401234501", "+358401234502"):
        assert each not in shown
        assert each[-5:] not in shown


def test_each_language_says_which_of_the_two_is_heard(usual: Content, records: Records, rendered: Rendered) -> None:
    """No clip says 11:17 in Ukrainian; the twin of that sentence has one."""
    served = serving(usual, rendered)
    desk = FrontDesk(lambda: served, records, lambda: "well")
    preview = desk.preview([Closing("phone", NOW, at(11, 17))], NOW)
    heard = {each.language: each for name, stages in preview.stages for each in stages[0].heard}
    ukrainian, finnish = heard["uk"], heard["fi"]
    assert not ukrainian.exact
    assert ukrainian.sentences[0].text == usual.catalogue.utter("hours.phone.opens.plain", "uk", {}).text
    assert ukrainian.sentences[0].voice == "clip"
    found = desk.clip(ukrainian.sentences[0].clip)
    assert found is not None
    assert found.path.read_bytes().startswith(b"RIFF")
    assert finnish.sentences[0].voice == "provider"
    offered = desk.preview([Closing("phone", NOW, at(9))], NOW)
    heard = {each.language: each for name, stages in offered.stages for each in stages[0].heard}
    assert heard["fi"].exact
    assert desk.clip(heard["fi"].sentences[0].clip), "what the provider speaks can be heard by another voice"


def test_what_the_line_serves_now_is_shown(usual: Content, records: Records) -> None:
    """It is asked every time: a changed office.yaml is on the pages as soon as the line has taken it over."""
    row = ExceptionDay.model_validate({"date": NOW.date(), "why": "Stocktaking", "hours": {"phone": "10:00-13:00"}})
    served = [serving(usual)]
    desk = FrontDesk(lambda: served[0], records, lambda: "well")
    assert desk.today(NOW).phone.until == at(9)
    office = usual.office.model_copy(update={"exceptions": (row,)}).with_closings(())
    served[0] = serving(replace(usual, office=office))
    assert desk.today(NOW).phone.until == at(10)
    assert desk.day(NOW.date(), "en", NOW)[0].exceptions == (row,)


def test_a_number_that_is_prepared_no_more_rings_for_nobody(usual: Content, records: Records) -> None:
    """The line rings the contact's own; so the pages say, on each of them."""
    served = [serving(usual)]
    desk = FrontDesk(lambda: served[0], records, lambda: "well")
    close(desk, StandIn(ON_CALL, "duty officer", NOW, END_OF_DAY))
    assert {each.name: each.stand_in is not None for each in desk.contacts(NOW)} == {ON_CALL: True, INSTRUCTOR: False}
    served[0] = serving(usual, spares={})
    assert [each.stand_in for each in desk.contacts(NOW)] == [None, None]
    assert desk.today(NOW).urgent.stand_in is None


def test_of_a_service_that_no_node_speaks_of_nothing_is_heard(usual: Content, records: Records) -> None:
    office = usual.office.model_copy(update={"hours": {**usual.office.hours, "sauna": usual.office.hours["door"]}})
    served = serving(replace(usual, office=office))
    assert heard(served.content, served.voices, "sauna", NOW) == ()


# --- before something is confirmed ------------------------------------------------------------------------------------


def test_other_hours_are_heard_in_their_stages(desk: FrontDesk) -> None:
    hours = (Interval(opens=at(10).time(), closes=at(11).time()),)
    (found,) = desk.preview([Closing("phone", at(0), END_OF_DAY, hours)], NOW).stages
    assert found[0] == "phone"
    assert [(stage.begins, said(stage.heard, "en")) for stage in found[1]] == [
        (NOW, ["Our phone service is closed. It opens today at ten in the morning."]),
        (at(10), ["Our phone service is open until eleven in the morning."]),
        (at(11), ["Our phone service is closed. It opens tomorrow at nine in the morning."]),
    ]


def test_who_is_rung_meanwhile(desk: FrontDesk) -> None:
    def rung(now: datetime, *changes: Closing | StandIn) -> list[tuple[datetime, str, tuple[str, ...]]]:
        return [(begins, each.contact, each.numbers) for begins, each in desk.preview(changes, now).rings]

    now = at(10)
    assert rung(now, Closing("phone", now, at(12))) == [(now, ON_CALL, ("…02",))]
    assert rung(NOW, StandIn(INSTRUCTOR, "mobile 2", NOW, END_OF_DAY)) == [
        (NOW, ON_CALL, ("…02",)),
        (at(9), INSTRUCTOR, ("…77",)),
        (at(15), ON_CALL, ("…02",)),
    ]
    assert desk.preview([StandIn(ON_CALL, "duty officer", now, END_OF_DAY)], now).urgent.numbers == ("…88",)
    assert rung(now, Closing("door", now, END_OF_DAY)) == []


def test_what_others_have_decided_for_the_same_time_is_shown(desk: FrontDesk) -> None:
    close(desk, UNTIL_NOON, Closing("door", NOW, at(12)))
    assert [each.closing.ends for each in desk.preview([Closing("phone", NOW, END_OF_DAY)], NOW).others] == [at(12)]


def test_what_holds_after_a_withdrawal(desk: FrontDesk) -> None:
    close(desk, UNTIL_NOON)
    close(desk, Closing("phone", NOW, at(11)), by="Bo")
    first, second = desk.held(NOW)
    found = desk.preview_without(first.id, NOW)
    assert found is not None
    gone, after = found
    assert gone == first
    assert said(after.stages[0][1][0].heard, "en") == [
        "Our phone service is closed. It opens today at eleven in the morning."
    ]
    assert after.others == (second,)
    desk.withdraw(first.id, "Bo", NOW)
    assert desk.preview_without(first.id, NOW) is None
    with pytest.raises(NothingToWithdraw):
        desk.withdraw(first.id, "Anna", NOW)
    known = desk.known(first.id, NOW)
    assert known is not None
    assert known.withdrawn_by == "Bo"


def test_the_same_token_makes_each_of_several_once(desk: FrontDesk) -> None:
    token = uuid4()
    changes = [Closing(name, NOW, END_OF_DAY) for name in desk.services]
    desk.make(changes[:2], "meeting", "Anna", NOW, token)  # and there it was killed
    for _ in range(2):
        desk.make(changes, "meeting", "Anna", NOW, token)
    assert [each.closing for each in desk.held(NOW)] == changes


# --- the calendar -----------------------------------------------------------------------------------------------------


def test_the_coming_year_names_what_is_not_as_usual(desk: FrontDesk) -> None:
    july = Closing("phone", at(0).replace(year=2027, month=7, day=1), at(0).replace(year=2027, month=8, day=1))
    close(desk, july)
    year = desk.year(NOW, "fi")
    assert [len(month) for month in year] == [30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31]
    days = {each.day: each for month in year for each in month}
    assert days[date(2026, 12, 24)].holiday == "Jouluaatto"
    assert dict(days[date(2026, 12, 24)].hours)["phone"] == ()
    assert days[date(2027, 7, 31)].kind == "closing"
    assert days[date(2027, 8, 1)].kind == ""
    assert {each.day.month for each in days.values() if each.kind == "closing"} == {7}
    assert max(days) == desk.furthest(NOW)


@pytest.mark.parametrize(("language", "name"), [("sv", "Julafton"), ("en", "Christmas Eve"), ("fi", "Jouluaatto")])
def test_holidays_are_named_in_the_language_of_the_page(desk: FrontDesk, language: str, name: str) -> None:
    day, _ = desk.day(date(2026, 12, 24), language, NOW)
    assert day.holiday == name


def test_a_day_says_what_is_heard_from_when_on(desk: FrontDesk) -> None:
    _, stages = desk.day(date(2026, 11, 25), "en", NOW)
    assert [(name, [f"{stage.begins.astimezone(HELSINKI):%H:%M}" for stage in found]) for name, found in stages] == [
        ("phone", ["00:00", "09:00", "15:00"]),
        ("walk_in", ["00:00", "12:00", "15:00"]),
        ("door", ["00:00", "08:00", "11:00", "12:00", "15:00"]),
    ]


# --- the line ---------------------------------------------------------------------------------------------------------


@dataclass
class Answering:
    """A process that answers `/health` at a port of its own."""

    status: int
    asked: list[str] = field(default_factory=list)

    def serve(self) -> ThreadingHTTPServer:
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.asked.append(self.path)
                self.send_response(told.status)
                self.end_headers()

            def log_message(self, *words: object) -> None: ...

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Answering, Answering]]:
    """Two processes that have noted themselves."""
    each = Answering(200), Answering(200)
    servers = [one.serve() for one in each]
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        thread.start()
        Presence(tmp_path, None).begins("127.0.0.1", server.server_address[1])
    yield each
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


def test_whether_the_line_is_well(two: tuple[Answering, Answering], tmp_path: Path) -> None:
    assert Processes(tmp_path)() == "well"
    two[0].status = 503
    known = Processes(tmp_path)
    assert (known(), known()) == ("failing", "failing")
    assert two[1].asked == ["/health"] * 2, "many open pages ask a process once"
    Presence(tmp_path, None).begins("127.0.0.1", 9)  # where nobody answers
    assert Processes(tmp_path)() == "partly"


def test_a_line_that_is_down_or_elsewhere(tmp_path: Path) -> None:
    assert Processes(tmp_path)() == "unseen"
    Presence(tmp_path, None).begins("127.0.0.1", 9)
    assert Processes(tmp_path)() == "down"
