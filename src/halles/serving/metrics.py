"""What a service tells Prometheus."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

from halles.csia.messages import TaskState
from halles.model import ServiceSpec

SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)


class Metrics:
    """The counters of one service; times are seconds."""

    def __init__(self, spec: ServiceSpec, environment: str) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        info = Info("halles_service", "The service that answers here", registry=self._registry)
        info.info({"slug": spec.slug, "version": spec.version, "environment": environment})
        self._ended = Counter("halles_service_tasks", "Tasks that ended", ["status"], registry=self._registry)
        self._whole = Histogram(
            "halles_service_task_seconds", "From taking a task to its end", buckets=SECONDS, registry=self._registry
        )
        self.computing = Histogram(
            "halles_service_compute_seconds", "In the service itself", buckets=SECONDS, registry=self._registry
        )

    def watch(self, name: str, what: str, read: Callable[[], float]) -> None:
        """A figure that is read when it is asked for."""
        Gauge(f"halles_service_{name}", what, registry=self._registry).set_function(read)

    def ended(self, status: TaskState, seconds: float) -> None:
        """Count a task."""
        self._ended.labels(status.value).inc()
        self._whole.observe(seconds)

    def text(self) -> bytes:
        """All of it, in Prometheus' format."""
        return generate_latest(self._registry)
