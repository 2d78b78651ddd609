"""No alarm of the line is forgotten by the rules of Prometheus. That they fire and clear: test_tools.py."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import StringIO

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ivr.app import line_app
from ivr.core.content import Content
from ivr.exposition import as_text
from ivr.journal import Journal
from ivr.metrics import HOLD_SECONDS, KINDS, Metrics
from ivr.serving import Current, Serving
from ivr.settings.read import read_settings
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from tests.conftest import ROOT, TODAY
from tests.deploy.parts import alerts
from tests.test_serve import ENVIRONMENT

ALARM = re.compile(r'ivr_alarm\{alarm="(\w+)"\}')
OTHERS = re.compile(r'ivr_alarm\{alarm!~"([\w|]+)"\}')


def alarms() -> set[str]:
    """Every alarm that some part of the line can raise, out of its source: some begin only in a running line."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ivr").rglob("*.py"))
    states = re.findall(r'\b(?:metrics|self)\.state\(\s*"(\w+)"', code)
    assert not re.search(r'\bmetrics\.state\(\s*+[^"]', code), "one has no name that can be read"
    return {kind.name for kind in KINDS if kind.alarms} | {*states}


def rules() -> dict[str, str]:
    """Alarm -> the alert that tells of it."""
    return {found[1]: name for name, rule in alerts().items() if (found := ALARM.match(rule["expr"]))}


def test_each_alarm_has_an_alert_of_its_own() -> None:
    assert alarms() >= {"emergency_documents", "languages_missing", "clips_lost", "signatures_refused"}
    assert rules().keys() == alarms()
    assert {f"Kemi{name.title().replace('_', '')}" for name in alarms()} == {*rules().values()}


def test_an_alarm_of_a_later_version_has_one_too() -> None:
    (named,) = (found[1] for rule in alerts().values() if (found := OTHERS.match(rule["expr"])))
    assert named.split("|") == [*rules()]


def test_an_alarm_of_an_event_is_there_long_enough_to_be_seen() -> None:
    assert [name for name in rules().values() if "for" in alerts()[name]] == []
    assert HOLD_SECONDS >= 4 * 15, "four looks of Prometheus"


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    for name, rule in alerts().items():
        assert set(rule["annotations"]) == {"summary", "remedy"}, name
        assert rule["labels"]["severity"] in {"page", "warn"}, name


def test_whoever_is_on_call_is_woken_where_callers_suffer_and_nowhere_else() -> None:
    names = "LineDown LineUnreachable EmergencyDocuments HungSteps SlowAnswers SignaturesRefused LanguagesMissing "
    names += "UrgentUnanswered"
    pages = {name for name, rule in alerts().items() if rule["labels"]["severity"] == "page"}
    assert pages == {f"Kemi{name}" for name in names.split()}


def test_every_metric_that_the_rules_ask_for_is_there(content: Content) -> None:
    settings = read_settings(ENVIRONMENT, content.office)
    voices = VoiceSelector(content, NO_AUDIO, TODAY, settings.speech)
    metrics = Metrics()
    current = Current(Serving.of(settings, content, voices))
    line_app(current, lambda: datetime.now(UTC), lambda: 0.0, Journal(StringIO()), metrics)
    metrics.answered("node", 0.3)
    metrics.happened(KINDS[0])
    samples = [
        sample for family in text_string_to_metric_families(as_text(metrics).decode()) for sample in family.samples
    ]
    shown = {sample.name for sample in samples}
    by_others = {"up", "probe_success"}
    for name, rule in alerts().items():
        asked = set(re.findall(r"\b(\w+)\{", rule["expr"]))
        assert asked
        assert asked <= shown | by_others, name
    bounds = {sample.labels["le"] for sample in samples if "le" in sample.labels}
    (asked_bound,) = re.findall(r'le="([\d.]+)"', alerts()["KemiAnswersGetSlow"]["expr"])
    assert asked_bound in bounds


@pytest.mark.parametrize("text", ["ivr_alarm{alarm='x'}", "alarm"])
def test_a_rule_that_is_written_otherwise_is_no_rule_of_an_alarm(text: str) -> None:
    assert not ALARM.match(text)
