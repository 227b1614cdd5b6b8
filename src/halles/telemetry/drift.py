"""How far models have drifted from their training, for Prometheus. All processes of a server say the same."""

from collections.abc import Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from halles.model import DriftReport

TRAIT = ("model", "version", "trait")


def families(reports: Iterable[DriftReport]) -> Iterator[Metric]:
    """Alert where `halles_model_drift > halles_model_drift_limit`, once there are calls enough."""
    index = GaugeMetricFamily(
        "halles_model_drift", "Population stability index of the newest calls against the training", labels=TRAIT
    )
    limit = GaugeMetricFamily(
        "halles_model_drift_limit", "From here on it has drifted; higher while calls are few", labels=TRAIT
    )
    calls = GaugeMetricFamily("halles_model_drift_calls", "Calls that these figures are of", labels=TRAIT[:2])
    for report in reports:
        calls.add_metric([report.model, report.version], report.calls)
        for each in report.traits:
            index.add_metric([report.model, report.version, each.trait], each.index)
            limit.add_metric([report.model, report.version, each.trait], each.limit)
    yield from (index, limit, calls)
