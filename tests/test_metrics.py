"""What is counted, and that every alarm begins, is told once, and clears by itself."""

from __future__ import annotations

import logging
import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ivr import STARTED
from ivr.exposition import as_text
from ivr.metrics import BUCKETS, EMERGENCY, GET, HOLD_SECONDS, KINDS, OLD, REFUSED, SLOW, SLOW_SECONDS, Metrics


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics(clock: Clock) -> Metrics:
    return Metrics(clock=clock)


def figures(metrics: Metrics) -> dict[str, float]:
    """Sample -> value; the labels of an alarm stand in its name."""
    families = text_string_to_metric_families(as_text(metrics).decode())
    samples = [sample for family in families for sample in family.samples]
    return {"/".join([sample.name, *sorted(sample.labels.values())]): sample.value for sample in samples}


def test_all_is_well_at_first(metrics: Metrics) -> None:
    assert metrics.alarms() == {}
    assert metrics.notices() == {}
    assert all(metrics.total(kind) == 0 for kind in KINDS)


def test_an_event_is_an_alarm_for_a_minute_after_it_has_last_happened(metrics: Metrics, clock: Clock) -> None:
    metrics.happened(EMERGENCY)
    clock.now += HOLD_SECONDS - 1
    metrics.happened(EMERGENCY)
    clock.now += HOLD_SECONDS - 1
    assert "(2 since the start)" in metrics.alarms()["emergency_documents"]
    clock.now += 1
    assert metrics.alarms() == {}
    assert metrics.total(EMERGENCY) == 2


@pytest.mark.parametrize(("seconds", "alarms"), [(SLOW_SECONDS, []), (SLOW_SECONDS + 0.1, ["slow_answers"])])
def test_a_late_answer_is_an_alarm(metrics: Metrics, seconds: float, alarms: list[str]) -> None:
    metrics.answered("node", seconds)
    assert list(metrics.alarms()) == alarms
    assert metrics.total(SLOW) == len(alarms)


def test_a_state_is_an_alarm_for_as_long_as_it_lasts(metrics: Metrics) -> None:
    lost = ["a clip"]
    metrics.state("clips_lost", lambda: f"{len(lost)} lost" if lost else "")
    metrics.count("clips_lost", lambda: len(lost))
    assert metrics.alarms() == {"clips_lost": "1 lost"}
    assert figures(metrics)["ivr_clips_lost"] == 1
    lost.clear()
    assert metrics.alarms() == {}
    assert figures(metrics)["ivr_clips_lost"] == 0


def test_what_hurts_no_caller_is_a_notice(metrics: Metrics) -> None:
    for kind in (OLD, GET):
        metrics.happened(kind)
    assert metrics.alarms() == {}
    assert metrics.notices().keys() == {"old_addresses", "get_requests"}
    assert "set the number to POST" in metrics.notices()["get_requests"]


class TestRefusedSignatures:
    def test_forgers_who_do_not_name_us_are_counted_only(self, metrics: Metrics) -> None:
        for _ in range(50):
            metrics.refused(names_us=False)
        assert metrics.alarms() == {}
        assert metrics.total(REFUSED) == 50

    def test_our_calls_refused_are_an_alarm_until_one_is_accepted(self, metrics: Metrics, clock: Clock) -> None:
        metrics.refused(names_us=True)
        clock.now += 10 * HOLD_SECONDS  # no call at night
        assert "TWILIO_AUTH_TOKEN" in metrics.alarms()["signatures_refused"]
        metrics.accepted()
        assert metrics.alarms() == {}

    def test_forgers_between_accepted_calls_are_none(self, metrics: Metrics) -> None:
        metrics.refused(names_us=True)
        metrics.accepted()
        assert metrics.alarms() == {}


def test_an_alarm_is_logged_when_it_begins_and_when_it_is_over(
    metrics: Metrics, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    metrics.happened(EMERGENCY)
    for _ in range(3):
        metrics.tell()
    clock.now += HOLD_SECONDS
    for _ in range(3):
        metrics.tell()
    told = [(record.levelno, record.getMessage().split(":")[0]) for record in caplog.records]
    assert told == [(logging.ERROR, "alarm emergency_documents"), (logging.WARNING, "over")]


def test_every_figure_can_be_read_by_prometheus(metrics: Metrics) -> None:
    metrics.happened(EMERGENCY)
    metrics.answered("start", 0.004)
    found = figures(metrics)
    assert found["ivr_emergency_documents_total"] == 1
    assert found["ivr_alarm/emergency_documents"] == 1
    assert found["ivr_answer_seconds_count/start"] == 1
    assert found["ivr_answer_seconds_sum/start"] == 0.004
    assert found["ivr_answer_seconds_bucket/0.005/start"] == 1
    assert found["ivr_answer_seconds_bucket/0.0025/start"] == 0


@pytest.mark.parametrize("seconds", [*BUCKETS, *(bound + 0.0001 for bound in BUCKETS)])
def test_an_answer_is_counted_in_every_bucket_that_it_does_not_exceed(metrics: Metrics, seconds: float) -> None:
    metrics.answered("node", seconds)
    metrics.answered("node", 0.0)
    found = figures(metrics)
    for bound in BUCKETS:
        assert found[f"ivr_answer_seconds_bucket/{float(bound)}/node"] == 1 + (seconds <= bound)
    assert found["ivr_answer_seconds_bucket/+Inf/node"] == found["ivr_answer_seconds_count/node"] == 2


def test_no_count_is_lost_between_threads(metrics: Metrics) -> None:
    def count() -> None:
        for _ in range(2000):
            metrics.answered("node", SLOW_SECONDS + 1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert metrics.total(SLOW) == figures(metrics)["ivr_answer_seconds_count/node"] == 8000


def test_the_start_is_told_as_prometheus_names_it(metrics: Metrics) -> None:
    """Its change is a restart: a process may be back before anybody looks."""
    assert figures(metrics)["process_start_time_seconds"] == STARTED
