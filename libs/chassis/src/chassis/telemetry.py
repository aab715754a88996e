"""Traces and metrics of every process. Business never waits for them: exporters drop what they cannot send."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

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

if TYPE_CHECKING:
    from chassis.store import LedgerRow

MetricName = Literal[
    "flexregister_inputs_decided",  # inputs that got a position
    "flexregister_rows_relayed",  # ledger rows the broker has acknowledged
    "flexregister_inputs_parked",  # inputs that an operator must look at
    "flexregister_security_events",  # what came in from nobody known
]
GaugeName = Literal[
    "flexregister_lag",  # messages that stand in the log and are not decided
    "flexregister_behind_seconds",  # how long the oldest record that was fetched and is not decided has waited
    "flexregister_parked",  # inputs that are parked now
    "flexregister_unpublished",  # ledger rows that the relay has not published
]
HistogramName = Literal[
    "flexregister_batch_seconds",  # one transaction, from its first input to its commit
    "flexregister_batch_inputs",  # inputs in one transaction
    "flexregister_decided_after_seconds",  # from the broker's append of a batch's first record to the commit
]
_METER = metrics.get_meter("flexregister")
DECIDED, RELAYED, PARKED, SECURITY = (_METER.create_counter(name) for name in get_args(MetricName))
LAG, BEHIND, PARKED_NOW, UNPUBLISHED = (_METER.create_gauge(name) for name in get_args(GaugeName))
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 60)
BATCH_SECONDS, BATCH_INPUTS, DECIDED_AFTER = (
    _METER.create_histogram(name, explicit_bucket_boundaries_advisory=_SECONDS if name.endswith("seconds") else None)
    for name in get_args(HistogramName)
)
_TRACER = trace.get_tracer("flexregister")
_SAMPLED = re.compile(rb'"traceparent":"(00-[0-9a-f]{32}-[0-9a-f]{16}-01)"')


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


def child(service: str, traceparent: str, id_: str) -> str:
    """The `traceparent` of what follows from a message; an unsampled one is passed on.

    The span's id follows from trace and message, not from chance, so that the bytes of an event are the same in a re-
    run.
    """
    if not traceparent.endswith("-01"):
        return traceparent
    digest = hashlib.sha256(f"{traceparent}/{service}/{id_}".encode()).hexdigest()[:16]
    return f"00-{traceparent[3:35]}-{digest}-01"


def step(service: str, incoming: Incoming[Any], started: int) -> tuple[str, trace.Span | None]:
    """One step of a message's trace: what follows from it carries the `traceparent`; the span is for who commits.

    `started`: when the decision began, in nanoseconds. A span that is never ended is never exported, so that a batch
    that is rolled back leaves none.
    """
    follows = child(service, incoming.traceparent, incoming.id)
    if not follows.endswith("-01"):
        return follows, None
    _IDS.following = int(follows[36:52], 16)
    span = _TRACER.start_span(
        f"process {_short(incoming.type)}",
        context=_CONTEXT.extract({"traceparent": incoming.traceparent}),
        kind=SpanKind.CONSUMER,
        start_time=started,
        attributes={
            "messaging.system": "kafka",
            "messaging.message.id": incoming.id,
            "flexregister.service": service,
            "flexregister.position": incoming.position,
            "flexregister.case": incoming.case,
        },
    )
    return follows, span


def published(service: str, rows: Sequence[LedgerRow], started: int) -> None:
    """The relay's part of the traces of these rows, which the broker has just acknowledged."""
    for row in rows:
        sampled = _SAMPLED.search(row.body)
        if sampled is not None:
            _TRACER.start_span(
                f"publish {_short(row.type)}",
                context=_CONTEXT.extract({"traceparent": sampled[1].decode()}),
                kind=SpanKind.PRODUCER,
                start_time=started,
                attributes={
                    "messaging.system": "kafka",
                    "messaging.destination.name": row.topic,
                    "messaging.message.id": row.id,
                    "flexregister.service": service,
                },
            ).end()


def _short(type_: str) -> str:
    return type_.removeprefix("no.flexregister.")
