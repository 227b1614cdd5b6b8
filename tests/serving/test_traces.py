"""What a service does for a task is a part of the trace of whoever sent it, and its logs say which task."""

from collections.abc import Callable, Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from halles.telemetry import traces
from tests import shelf
from tests.serving.conftest import Serving
from tests.serving.engine import Engine, http, wait

Serve = Callable[..., Serving]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    traces.install(SimpleSpanProcessor(exporter))
    yield exporter
    traces.end()


def test_the_senders_trace_goes_on(engine: Engine, serve: Serve, spans: InMemorySpanExporter) -> None:
    serving = serve(shelf.shout)
    body = {"storage_url": f"{engine.url}/storage", "callback_url": f"{engine.url}/tasks/t"}
    sent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    task = engine.task("t", [engine.keep(b"x", ".txt")])
    http.post(f"{serving.url}/compute", json=body | {"task": task}, headers=sent)
    engine.outcome("t")
    wait(lambda: len(spans.get_finished_spans()) == 4)
    made = {span.name: span for span in spans.get_finished_spans()}
    assert set(made) == {"task shout", "fetch", "compute", "save"}
    assert {f"{span.context.trace_id:032x}" for span in made.values()} == {TRACE}
