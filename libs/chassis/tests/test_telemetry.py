"""A trace goes through the whole chain: each step hangs under the one before, and its ids are the same in a re-run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from chassis.service import Incoming

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


def test_each_step_is_the_parent_of_the_next(spans: InMemorySpanExporter) -> None:
    start = telemetry.new_traceparent("a message", ratio=1)
    second = telemetry.step("gateway", incoming(start))
    third = telemetry.step("registry", incoming(second, "m-2"))
    first_span, second_span = spans.get_finished_spans()
    assert format(first_span.context.trace_id, "032x") == start[3:35] == third[3:35]
    assert format(first_span.parent.span_id, "016x") == start[36:52]
    assert second_span.parent.span_id == first_span.context.span_id
    assert format(second_span.context.span_id, "016x") == third[36:52]
    assert second_span.name == "process registry.count.v1"


def test_what_is_not_sampled_costs_nothing_and_is_passed_on(spans: InMemorySpanExporter) -> None:
    start = telemetry.new_traceparent("a message", ratio=0)
    assert start.endswith("-00")
    assert telemetry.step("gateway", incoming(start)) == start
    assert spans.get_finished_spans() == ()


def test_a_rerun_gives_the_same_trace(spans: InMemorySpanExporter) -> None:
    start = telemetry.new_traceparent("a message", ratio=1)
    assert start == telemetry.new_traceparent("a message", ratio=1)
    assert telemetry.step("registry", incoming(start)) == telemetry.step("registry", incoming(start))
