"""Spans by OpenTelemetry. Without an exporter there are none, and what makes them costs nothing."""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Span

Kind = Literal["internal", "server", "client", "consumer"]

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

_provider: "TracerProvider | None" = None
_nothing: AbstractContextManager[None] = nullcontext()


def configure(environment: Mapping[str, str] | None = None) -> None:
    """Export over OTLP/HTTP where the standard `OTEL_*` variables say so; without an endpoint there are no traces."""
    environment = os.environ if environment is None else environment
    off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    if not off and any(environment.get(name) for name in ENDPOINTS):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        install(BatchSpanProcessor(OTLPSpanExporter()))


def install(processor: "SpanProcessor") -> None:
    """Give all spans from now on to this processor."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    from halles import __version__

    global _provider  # noqa: PLW0603 - A process has one, as it has one log.
    name = os.environ.get("OTEL_SERVICE_NAME", "halles")
    resource = Resource.create({"service.name": name, "service.version": __version__})
    _provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    _provider.add_span_processor(processor)


def end() -> None:
    """Export what waits, and make no more spans."""
    global _provider
    provider, _provider = _provider, None
    if provider is not None:
        provider.shutdown()


def on() -> bool:
    """Whether spans are made."""
    return _provider is not None


def span(
    name: str, *, kind: Kind = "internal", parent: Mapping[str, str] | None = None, **facts: Any
) -> "AbstractContextManager[Span | None]":
    """A span around what is done inside, None when there are no traces.

    Its parent is the span of now, or the one that headers (`traceparent`) name. Facts become attributes; `_` in
    their names is written as `.`.
    """
    return _nothing if _provider is None else _span(name, kind, parent, facts)


@contextmanager
def _span(name: str, kind: Kind, parent: Mapping[str, str] | None, facts: Mapping[str, Any]) -> "Iterator[Span]":
    from opentelemetry import trace

    made = start(name, kind=kind, parent=parent, **facts)
    with trace.use_span(made, end_on_exit=True):
        yield made


def start(
    name: str,
    *,
    kind: Kind = "internal",
    parent: "Mapping[str, str] | Span | None" = None,
    at: float | None = None,
    **facts: Any,
) -> "Span":
    """A span that whoever made it ends. `at`: when it began, in seconds since the epoch. Only where traces are `on`."""
    from opentelemetry import trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = None
    if isinstance(parent, trace.Span):
        context = trace.set_span_in_context(parent)
    elif parent:
        context = TraceContextTextMapPropagator().extract(parent)
    attributes = {key.replace("_", "."): value for key, value in facts.items() if value is not None}
    tracer = (_provider or trace.NoOpTracerProvider()).get_tracer("halles")
    kinds = trace.SpanKind[kind.upper()]
    return tracer.start_span(name, context=context, kind=kinds, attributes=attributes, start_time=nanoseconds(at))


def within(made: "Span") -> "AbstractContextManager[Span]":
    """What is done inside is a part of this span, which goes on afterwards."""
    from opentelemetry import trace

    return trace.use_span(made, end_on_exit=False, record_exception=False, set_status_on_exception=False)


def nanoseconds(at: float | None) -> int | None:
    """A time in seconds as OpenTelemetry wants it."""
    return None if at is None else int(at * 1e9)


def headers() -> dict[str, str]:
    """The headers that make what another process does a part of the trace of now; none where there is no trace."""
    carrier: dict[str, str] = {}
    if _provider is not None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        TraceContextTextMapPropagator().inject(carrier)
    return carrier


def ids() -> dict[str, str]:
    """The ids of the trace and span of now, for logs."""
    if _provider is None:
        return {}
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace": trace.format_trace_id(context.trace_id), "span": trace.format_span_id(context.span_id)}
