"""Traces and metrics of every process. Business never waits for them: exporters drop what they cannot send."""

from __future__ import annotations

import hashlib
from typing import Any, Literal, get_args

from opentelemetry import metrics, trace
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.service import Incoming

MetricName = Literal[
    "flexregister_inputs_decided",  # inputs that got a position
    "flexregister_rows_relayed",  # ledger rows the broker has acknowledged
    "flexregister_inputs_parked",  # inputs that an operator must look at
    "flexregister_security_events",  # what came in from nobody known
]
_METER = metrics.get_meter("flexregister")
DECIDED, RELAYED, PARKED, SECURITY = (_METER.create_counter(name) for name in get_args(MetricName))
_TRACER = trace.get_tracer("flexregister")


class _GivenIds(RandomIdGenerator):
    """Gives the next span the id that was decided for it."""

    following: int = 0

    def generate_span_id(self) -> int:
        given, self.following = self.following, 0
        return given or super().generate_span_id()


_IDS = _GivenIds()
_CONTEXT = TraceContextTextMapPropagator()


def start(service: str, *, otlp: bool = False, exporter: SpanExporter | None = None) -> None:
    """Set up the process's providers. Spans go to the OTLP endpoint that `OTEL_…` names if asked for, else nowhere."""
    resource = Resource.create({"service.name": f"flexregister-{service}"})
    provider = TracerProvider(resource=resource, id_generator=_IDS)
    if exporter is None and otlp:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - slow import

        exporter = OTLPSpanExporter()
    if exporter is not None:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[PrometheusMetricReader()]))


def new_traceparent(seed: str, *, ratio: float) -> str:
    """A trace for a message that came without one. Whether it is sampled follows from the seed, so a re-run agrees."""
    digest = hashlib.sha256(seed.encode()).digest()
    sampled = int.from_bytes(digest[24:28], "big") < ratio * 2**32
    return f"00-{digest[:16].hex()}-{digest[16:24].hex()}-{'01' if sampled else '00'}"


def step(service: str, incoming: Incoming[Any]) -> str:
    """One step of a message's trace: a span when it is sampled. Returns the `traceparent` of what follows from it.

    The span's id follows from trace and message, not from chance, so that the bytes of an event are the same in a re-
    run.
    """
    parent = incoming.traceparent
    if not parent.endswith("-01"):
        return parent
    digest = hashlib.sha256(f"{parent}/{service}/{incoming.id}".encode()).hexdigest()[:16]
    _IDS.following = int(digest, 16)
    name = f"process {incoming.type.removeprefix('no.flexregister.')}"
    span = _TRACER.start_span(name, context=_CONTEXT.extract({"traceparent": parent}), kind=SpanKind.CONSUMER)
    span.set_attribute("messaging.message.id", incoming.id)
    span.set_attribute("flexregister.service", service)
    span.set_attribute("flexregister.position", incoming.position)
    span.end()
    return f"00-{parent[3:35]}-{digest}-01"
