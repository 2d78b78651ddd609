"""The metrics in the text format of Prometheus. Its library is imported only by a line that is asked for them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import INF, floatToGoString

from ivr import STARTED
from ivr.metrics import BUCKETS, KINDS, Metrics

BOUNDS = tuple(map(floatToGoString, (*BUCKETS, INF)))


def as_text(metrics: Metrics) -> bytes:
    """All of it, as it is now."""
    registry = CollectorRegistry()
    registry.register(_Now(metrics))
    return generate_latest(registry)


class _Now(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        # The name that Prometheus' own libraries give it: by it restarts are counted.
        yield GaugeMetricFamily("process_start_time_seconds", "When this process began, in epoch seconds.", STARTED)
        for kind in KINDS:
            yield CounterMetricFamily(f"ivr_{kind.name}", kind.meaning, value=self._metrics.total(kind))
        answers = HistogramMetricFamily("ivr_answer_seconds", "Answers to webhooks.", labels=["route"])
        for route, each in self._metrics.durations().items():
            answers.add_metric([route], [*zip(BOUNDS, accumulate(each.counts), strict=True)], each.seconds)
        yield answers
        alarms = GaugeMetricFamily("ivr_alarm", "1 while something is wrong.", labels=["alarm"])
        for name in self._metrics.alarms():
            alarms.add_metric([name], 1)
        yield alarms
        for name, value in self._metrics.counts().items():
            yield GaugeMetricFamily(f"ivr_{name}", name.replace("_", " ").capitalize() + ".", value=value)
