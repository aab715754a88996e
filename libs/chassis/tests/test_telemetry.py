"""A trace goes through the whole chain: each step hangs under the one before, and its ids are the same in a re-run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from chassis.service import Incoming
from chassis.store import LedgerRow

pytestmark = pytest.mark.unit


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(id_generator=telemetry._IDS)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_TRACER", provider.get_tracer("test"))
    return exporter


def incoming(traceparent: str, id_: str = "m-1") -> Incoming:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return Incoming(None, "no.flexregister.registry.count.v1", id_, "s", "a", at, 1, traceparent=traceparent)


def step(service: str, message: Incoming) -> str:
    follows, span = telemetry.step(service, message, 1)
    if span is not None:
        span.end()
    return follows


def test_each_step_is_the_parent_of_the_next(spans: InMemorySpanExporter) -> None:
    start = telemetry.new_traceparent("a message", ratio=1)
    second = step("gateway", incoming(start))
    third = step("registry", incoming(second, "m-2"))
    first_span, second_span = spans.get_finished_spans()
    assert format(first_span.context.trace_id, "032x") == start[3:35] == third[3:35]
    assert format(first_span.parent.span_id, "016x") == start[36:52]
    assert second_span.parent.span_id == first_span.context.span_id
    assert format(second_span.context.span_id, "016x") == third[36:52]
    assert second_span.name == "process registry.count.v1"


def test_what_is_not_sampled_costs_nothing_and_is_passed_on(spans: InMemorySpanExporter) -> None:
    start = telemetry.new_traceparent("a message", ratio=0)
    assert start.endswith("-00")
    assert telemetry.step("gateway", incoming(start), 1) == (start, None)
    assert spans.get_finished_spans() == ()


def test_a_rerun_gives_the_same_trace(spans: InMemorySpanExporter) -> None:
    start = telemetry.new_traceparent("a message", ratio=1)
    assert start == telemetry.new_traceparent("a message", ratio=1)
    assert step("registry", incoming(start)) == step("registry", incoming(start))


def test_what_is_rolled_back_leaves_no_span(spans: InMemorySpanExporter) -> None:
    telemetry.step("registry", incoming(telemetry.new_traceparent("a message", ratio=1)), 1)
    assert spans.get_finished_spans() == ()


def test_what_is_published_hangs_under_the_step_that_decided_it(spans: InMemorySpanExporter) -> None:
    follows = step("registry", incoming(telemetry.new_traceparent("a message", ratio=1)))
    body = b'{"specversion":"1.0","traceparent":"' + follows.encode() + b'","data":{}}'
    row = LedgerRow(1, "events.registry.v1", None, "a", "id", "no.flexregister.registry.counted.v1", 1, body)
    telemetry.published("registry", [row, row._replace(body=body.replace(b"-01", b"-00"))], 1)
    decided, published = spans.get_finished_spans()
    assert published.parent.span_id == decided.context.span_id
    assert published.name == "publish registry.counted.v1"
