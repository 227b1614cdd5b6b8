"""Traces go from a request through the queue, the run, its steps and calls, into services elsewhere; logs say the rest."""

import gzip
import io
import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from halles.telemetry import about, logs, traces
from tests.callers import toys
from tests.callers.conftest import engine, toy, web  # noqa: F401 - fixtures

CALL = "/services/shout/call?wait=30"


@pytest.fixture
def spans():
    """The spans that were made, as soon as they end."""
    exporter = InMemorySpanExporter()
    traces.install(SimpleSpanProcessor(exporter))
    yield exporter
    traces.end()


@pytest.fixture
def lines():
    """The log as JSON lines."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    logs.configure("json", "info", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


class Receiver:
    """An OTLP collector, as far as it takes spans over HTTP."""

    def __init__(self):
        received = self.names = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                message = ExportTraceServiceRequest.FromString(body)
                received.extend(
                    span.name for r in message.resource_spans for s in r.scope_spans for span in s.spans
                )  # fmt: skip
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def finished(spans, *names):
    """The spans of these names, by name, once they have all ended."""
    limit = time.monotonic() + 30
    while True:
        found = {span.name: span for span in spans.get_finished_spans()}
        if found.keys() >= set(names):
            return found
        assert time.monotonic() < limit, list(found)
        time.sleep(0.02)


def parents(found):
    """What each span is part of, by name."""
    ids = {span.context.span_id: name for name, span in found.items()}
    return {name: ids.get(span.parent.span_id) if span.parent else None for name, span in found.items()}


def test_a_request_its_run_steps_and_calls_are_one_trace(client, spans):
    assert client.post(CALL, json={"text": "la"}).status_code == 200
    request, run, step, call = "POST /services/{slug}/call", "run call-shout", "step call", "call shout"
    found = finished(spans, request, run, step, call)
    assert parents(found) == {request: None, run: request, step: run, call: step}
    assert len({span.context.trace_id for span in found.values()}) == 1


def test_a_request_goes_on_with_the_trace_of_its_client(client, spans):
    trace = "0af7651916cd43dd8448eb211c80319c"
    client.get("/services", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert f"{finished(spans, 'GET /services')['GET /services'].context.trace_id:032x}" == trace


def test_a_step_from_the_cache_has_a_span_and_no_call(client, spans):
    client.post(CALL, json={"text": "la"})
    finished(spans, "run call-shout")
    spans.clear()
    client.post(CALL, json={"text": "la"})
    found = finished(spans, "run call-shout")
    assert "call shout" not in found
    assert found["step call"].attributes["halles.cached"] is True


def test_a_failure_is_told_on_the_step_and_on_the_run(client, spans):
    client.post("/services/refuse/call?wait=30", json={"text": "la"})
    found = finished(spans, "run call-refuse", "step call", "call refuse")
    assert {span.status.status_code.name for name, span in found.items() if not name.startswith("POST")} == {"ERROR"}
    assert "give me silence" in found["step call"].status.description


def test_the_address_of_a_span_has_no_secret_in_it(client, spans):
    client.get("/services?q=my-secret")
    (span,) = finished(spans, "GET /services").values()
    assert "my-secret" not in str(span.attributes)


def test_the_trace_goes_on_in_a_service_elsewhere(web, toy, spans, monkeypatch):  # noqa: F811
    seen = []
    take = toys._Handler.do_POST

    def noting(handler):
        seen.append(handler.headers["traceparent"])
        take(handler)

    monkeypatch.setattr(toys._Handler, "do_POST", noting)
    toy("loud")
    assert toys.http.post(f"{web.url}/services/loud/call?wait=30", json={"text": "la"}).status_code == 200
    call = finished(spans, "call loud")["call loud"].context
    assert [header.rpartition("-")[0] for header in seen] == [f"00-{call.trace_id:032x}-{call.span_id:016x}"]


def test_spans_are_exported_where_the_standard_variables_say(client, monkeypatch):
    receiver = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    traces.configure()
    assert client.post(CALL, json={"text": "exported"}).status_code == 200
    traces.end()
    receiver.server.shutdown()
    assert {"call shout", "step call"} <= set(receiver.names)


@pytest.mark.parametrize("environment", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"}])
def test_without_an_exporter_there_are_no_traces(client, environment):
    traces.configure(environment)
    assert not traces.on()
    assert traces.headers() == {}
    with traces.span("nothing") as span:
        assert span is None


def test_each_line_of_the_log_says_what_it_is_about(client, lines, spans):
    run = client.post(CALL, json={"text": "la"}).json()["run"]
    finished(spans, "run call-shout")
    by_message = {line["message"]: line for line in lines()}
    step = by_message["step call finished"]
    assert (step["run"], step["step"], step["service"], step["owner"]) == (run, "call", "shout", "local")
    assert (step["level"], step["status"], step["cached"]) == ("info", "finished", False)
    request = by_message["POST /services/{slug}/call"]
    assert (request["status"], request["principal"], request["slug"]) == (200, "local", "shout")
    assert step["trace"] == request["trace"]


def test_a_failed_step_is_a_warning_with_its_reason(client, lines):
    client.post("/services/refuse/call?wait=30", json={"text": "la"})
    (line,) = [line for line in lines() if line["level"] == "warning"]
    assert "give me silence" in line["message"]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hlk_0123.SECRET", "postgresql://halles:SECRET@db/halles", "password=SECRET", "?signature=SECRET&x=1",
        '{"client_secret": "SECRET"}', "X-Amz-Signature=SECRET", "api_key: SECRET",
    ],
)  # fmt: skip
def test_secrets_are_blotted_out(lines, text):
    logging.getLogger("halles.test").info("about %s", text)
    assert "SECRET" not in lines()[0]["message"]


def test_what_is_no_secret_stays():
    for text in ("GET /runs/{run}/events", "step tokenise finished", "http://127.0.0.1:8000/docs", "2 tokens a second"):
        assert logs.without_secrets(text) == text


def test_nobody_writes_a_line_that_was_never_logged():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.TextLines())
    handler.handle(logging.LogRecord("x", logging.INFO, "", 0, "one\n2026-11-22 00:00:00 info    forged", None, None))
    assert len(stream.getvalue().splitlines()) == 1


def test_fields_end_with_what_they_are_about(lines):
    with about(run="r1"), about(step="s1"):
        logging.getLogger("halles.test").info("inside")
    logging.getLogger("halles.test").info("outside")
    inside, outside = lines()
    assert (inside["run"], inside["step"]) == ("r1", "s1")
    assert "run" not in outside


def test_the_files_that_a_page_consists_of_are_no_news(client, caplog):
    with caplog.at_level("DEBUG", logger="halles.access"):
        client.get("/icon.svg")
        client.get("/market")
    levels = {line.getMessage(): line.levelname for line in caplog.records if line.name == "halles.access"}
    assert levels == {"GET /icon.svg": "DEBUG", "GET /market": "INFO"}
