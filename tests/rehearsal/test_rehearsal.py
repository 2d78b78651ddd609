"""The rehearsal of deploy/ on this machine: updates lose no call, and each fault is told by Prometheus, and its end.

`make test` runs a few of it, `make rehearsal` all (`--whole-rehearsal`).
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from ivr.phone.network.transport import NoConnection
from tests.deploy.parts import alerts
from tests.faults.faults import FAULTS, Fault, Scene, planted, silent
from tests.faults.served import URL, Heard
from tests.faults.test_two_processes import CHILD_MATTER, call_and_failures
from tests.http_transport import HttpTransport
from tests.limits import until
from tests.nginx import replaced
from tests.rehearsal.clock import TIMES, at_most, faster
from tests.rehearsal.machine import Machine

CALLERS = 2
LOOKS_A_CALL = 40
"""A look takes some hundredths of a second."""
CALLS = 200
"""During the updates of `make rehearsal`; in `make test` as many as one update leaves time for."""
Act = Callable[[Machine, Scene], object]


@dataclass(frozen=True)
class Told:
    """A fault, how it begins and ends on the machine, and the alerts that tell of it. `quick`: also in `make test`."""

    what: str
    alerts: tuple[str, ...]
    begin: Act
    end: Act
    caller: Callable[[Scene], Heard] = silent
    quick: bool = False


def of_one(fault: Fault, *alerts: str, quick: bool = False) -> Told:
    """A fault of one process, or of what both share."""
    return Told(
        fault.what,
        alerts,
        lambda _, scene: fault.begin(scene),
        lambda _, scene: fault.end(scene),
        caller=fault.caller,
        quick=quick,
    )


def known(what: str, *alerts: str, quick: bool = False) -> Told:
    """A fault of docs/faults.md."""
    (found,) = (fault for fault in FAULTS if fault.what == what)
    return of_one(found, *alerts, quick=quick)


def all_killed(machine: Machine, _scene: Scene) -> None:
    for line in machine.lines:
        line.kill()


def all_started(machine: Machine, _scene: Scene) -> None:
    for line in machine.lines:
        line.start()


def updated_thrice(machine: Machine, _scene: Scene) -> None:
    for _ in range(3):
        machine.update()


def mended_and_updated(machine: Machine, scene: Scene) -> None:
    """What an operator does about steps that hang for ever."""
    scene.line.mend("deadlock")
    machine.update()


TOLD = (
    known("a typing error in office.yaml", "KemiContentRefused"),
    known("the process was killed", "KemiProcessDown", quick=True),
    known("the provider signs with another token", "KemiSignaturesRefused", quick=True),
    known("every step raises an error", "KemiEmergencyDocuments"),
    known("the words about danger have no clip", "KemiClipsLost"),
    known("the disk of the journal is full", "KemiJournalFailing"),
    known("the database of closings is gone", "KemiClosingsUnknown"),
    known("the line starts while the clips are gone", "KemiLanguagesMissing", "KemiClipsLost"),
    of_one(
        planted("step-takes-three-seconds", "every step takes three seconds"),
        *("KemiSlowAnswers", "KemiHungSteps", "KemiAnswersGetSlow"),
    ),
    of_one(planted("looking-fails", "looking for changes fails"), "KemiWatchingFailed"),
    of_one(planted("closings-fail", "reading closings fails"), "KemiClosingsUnknown"),
    of_one(planted("urgent-line-is-silent", "the urgent line has not answered twice"), "KemiUrgentUnanswered"),
    of_one(planted("nobody-calls", "nobody has called for days"), "KemiNoCalls"),
    of_one(planted("spool-fails", "what is seen of calls cannot be kept"), "KemiCallsNotCounted"),
    Told(
        "steps hang for ever",
        ("KemiHungSteps", "KemiStepsHang"),
        lambda _, scene: scene.line.plant("deadlock"),
        mended_and_updated,
    ),
    Told("both processes were killed", ("KemiLineDown", "KemiLineUnreachable"), all_killed, all_started),
    Told("both processes begin anew three times", ("KemiProcessRestarts",), updated_thrice, lambda *_: None),
)


def whole(condition: bool) -> tuple[pytest.MarkDecorator, ...]:
    return (pytest.mark.rehearsal,) if condition else ()


@pytest.mark.parametrize("calls", [0, pytest.param(CALLS, marks=whole(True))])
def test_an_update_loses_no_call(deployed: Machine, calls: int) -> None:
    """One process after the other begins anew under calls: none is lost or misread, and nothing is asked for twice.

    On a machine that all of `make test` keeps busy, an answer may come late and be asked for again.
    """
    telephones = [deployed.telephone() for _ in range(CALLERS)]
    started = {line.process for line in deployed.lines}
    matters, updates = Counter[str](), 0
    with ThreadPoolExecutor(CALLERS + 1) as at_once:
        while not updates or matters.total() < calls:
            update, over = at_once.submit(deployed.update), False
            while not over:
                over = update.done()  # looked at before, so that some calls come however slow this machine is
                for matter, failed in at_once.map(call_and_failures, telephones):
                    assert not (calls and failed)
                    matters[matter] += 1
            update.result()
            updates += 1
    assert {*matters} == {CHILD_MATTER}, matters
    assert not started & {line.process for line in deployed.lines}, "both have begun anew"


@pytest.mark.rehearsal
def test_an_update_that_does_not_start_ends_at_the_first(deployed: Machine) -> None:
    """The other process goes on with all calls, as it was."""
    first, second = deployed.lines
    before, token = second.process, {"TWILIO_AUTH_TOKEN": "replace-this"}
    telephone = deployed.telephone()
    environment = first.environment
    first.environment = {**environment, **token}
    with pytest.raises(AssertionError, match="TWILIO_AUTH_TOKEN"):
        deployed.update()
    assert second.process is before
    assert [call_and_failures(telephone) for _ in range(4)] == 4 * [(CHILD_MATTER, [])]
    first.environment = environment
    deployed.update()
    assert call_and_failures(telephone) == (CHILD_MATTER, [])


def test_callers_look_at_the_certificate(deployed: Machine) -> None:
    def asked(transport: HttpTransport, url: str) -> int:
        return transport.post(url, b"", {}).status

    ours = HttpTransport(deployed.nginx.address, tls=deployed.trusted)
    assert asked(ours, f"{URL}/voice") == 403
    for transport, url in ((ours, "https://other.example.fi/voice"), (HttpTransport(deployed.nginx.address), URL)):
        with pytest.raises(NoConnection, match="CERTIFICATE_VERIFY_FAILED"):
            asked(transport, url)


@pytest.mark.parametrize("told", [pytest.param(told, id=told.what, marks=whole(not told.quick)) for told in TOLD])
def test_a_fault_is_told_and_its_end(deployed: Machine, told: Told, record_property: Callable[..., None]) -> None:
    """Calls go on meanwhile, and each comes to a person."""
    scene = Scene(deployed.lines[0], deployed.telephone())
    until(lambda: deployed.seen() == len(deployed.lines), lambda: "Prometheus does not see the processes")
    until(lambda: not {*told.alerts} & deployed.firing(), lambda: deployed.firing())
    began, missing = time.time(), {*told.alerts}
    told.begin(deployed, scene)

    def calls_in_trouble() -> None:
        assert told.caller(scene).talked

    def all_have_fired() -> bool:
        missing.difference_update(deployed.firing())
        return not missing

    _under_calls(calls_in_trouble, all_have_fired, lambda: f"{missing} do not fire: {scene.line.health()}")
    ends = time.time()
    told.end(deployed, scene)

    def calls_again() -> None:
        heard = scene.ring()
        assert heard.talked
        assert not heard.fell_back

    _under_calls(calls_again, lambda: not {*told.alerts} & deployed.firing(), lambda: f"{scene.line.health()}")
    for alert in told.alerts:
        moments = deployed.fired(alert, began)
        seconds = (moments[0] - began, at_most(alert) / TIMES, max(0.0, moments[-1] - ends))
        record_property("rehearsed", (told.what, alert, *(f"{each:.1f}" for each in seconds)))


def _under_calls(call: Callable[[], None], there: Callable[[], bool], told: Callable[[], str]) -> None:
    """Wait for something; callers ring meanwhile, so that what is told of an event goes on."""
    looks = itertools.count()

    def look() -> bool:
        if next(looks) % LOOKS_A_CALL == 0:
            call()
        return there()

    until(look, told)


@pytest.mark.rehearsal
def test_in_the_end_all_is_well(deployed: Machine) -> None:
    until(lambda: not deployed.firing(), lambda: deployed.firing())


def test_every_alert_of_this_version_is_rehearsed() -> None:
    """The other one is for alarms of a later version."""
    assert {alert for told in TOLD for alert in told.alerts} == {*alerts()} - {"KemiOtherAlarm"}


def test_a_page_comes_within_a_minute() -> None:
    """Rule O3, on a real machine: the intervals of Prometheus and what the rule waits for."""
    pages = [name for name, rule in alerts().items() if rule["labels"]["severity"] == "page"]
    assert max(map(at_most, pages)) <= 60


def test_every_length_of_time_is_shorter() -> None:
    assert faster("# for: 15s\nfor: 30s\nexpr: x[15m]\n") == "# for: 15s\nfor: 2000ms\nexpr: x[60000ms]\n"
    with pytest.raises(AssertionError, match="no length of time"):
        faster("for: ever\n")
    with pytest.raises(AssertionError, match="cannot be divided"):
        faster("for: 1s\n")


@pytest.mark.parametrize("text", ["listen 80;", "listen 443 ssl; listen 443 ssl;"])
def test_what_is_not_there_once_is_not_replaced(text: str) -> None:
    with pytest.raises(AssertionError, match="has not one listen 443 ssl"):
        replaced(text, "listen 443 ssl", "listen 1")
