"""What is counted in this process, for Prometheus. Labels are few: routes are templates, services are slugs."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

disable_created_metrics()  # type: ignore[no-untyped-call]
registry = CollectorRegistry()
for collector in (ProcessCollector, PlatformCollector, GCCollector):
    collector(registry=registry)

FAST = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
SLOW = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 600)

requests = Counter(
    "halles_http_requests", "Requests that were answered", ["method", "route", "status"], registry=registry
)
request_seconds = Histogram(
    "halles_http_request_seconds", "Time until an answer was complete, streams left out", ["method", "route"],
    buckets=FAST, registry=registry,
)  # fmt: skip
requests_under_way = Gauge("halles_http_requests_under_way", "Requests that are being answered", registry=registry)
runs = Counter("halles_runs_ended", "Runs that this process brought to an end", ["status"], registry=registry)
steps = Counter("halles_steps", "Steps that came to an end", ["service", "status"], registry=registry)
step_seconds = Histogram(
    "halles_step_seconds", "Time that steps took which were computed", ["service"], buckets=SLOW, registry=registry
)
cache_hits = Counter("halles_step_cache_hits", "Steps that were taken from the cache", ["service"], registry=registry)
shadows = Counter(
    "halles_model_shadow_calls", "Calls that a candidate answered too, by what came of it",
    ["service", "model", "outcome"], registry=registry,
)  # fmt: skip
retries = Counter("halles_step_retries", "Calls that were made again", ["service"], registry=registry)
