"""One trace leads through the whole chain, from the gateway to the last event, and every process is seen in it."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from test_door import DATAHUB, DSO, TSO, onboarded

import launcher
from contracts import values
from flexreg.client import Register

pytestmark = pytest.mark.system

POINT = values.make_gsrn(42)
AREA = values.make_eic_y("TRACES")
METRICS = ("flexregister_inputs_decided_total", "flexregister_lag", "flexregister_batch_seconds_bucket")


class Collector:
    """What an OTLP collector was sent: spans by their ids."""

    def __init__(self) -> None:
        self.spans: dict[bytes, tuple[str, Any]] = {}

    def take(self, body: bytes) -> None:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            name = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            for scope in resource.scope_spans:
                self.spans |= {span.span_id: (name.removeprefix("flexregister-"), span) for span in scope.spans}

    def of(self, trace: str) -> list[tuple[str, Any]]:
        return [(name, span) for name, span in self.spans.values() if span.trace_id.hex() == trace]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that every process of this test's register is told of."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    yield collector
    server.shutdown()
    server.server_close()


def parent(number: int) -> tuple[str, str]:
    """A sampled `traceparent` of a participant's own, and its trace."""
    trace = f"{number:032x}"
    return f"00-{trace}-{number:016x}-01", trace


async def seen(collector: Collector, trace: str, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """The spans of a trace by process and name, once these are among them."""
    found: dict[tuple[str, str], Any] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(30):
            while not wanted <= found.keys():
                found = {(name, span.name): span for name, span in collector.of(trace)}
                await asyncio.sleep(0.05)
    assert wanted <= found.keys(), found.keys()
    return found


async def test_a_trace_leads_through_the_whole_chain(
    collector: Collector, up: launcher.Register, register: Register
) -> None:
    await onboarded(register)
    area = {"type": "define-grid-area", "subject": AREA, "data": {"name": "A", "zone": "NO3", "dso": DSO}}
    await register.send(TSO, [area])
    traceparent, trace = parent(1)
    fact = {
        "type": "record-metering-point",
        "subject": POINT,
        "traceparent": traceparent,
        "data": {
            "grid_area": AREA,
            "substation": "S1",
            "resolution": "PT15M",
            "agreed_power_w": 10_000,
            "valid_from": "2026-01-04T23:00:00Z",
        },
    }
    await register.send(DATAHUB, [fact])
    recorded = "registry.metering-point-recorded.v1"
    found = await seen(
        collector,
        trace,
        {
            ("gateway", "process ingress"),
            ("gateway", "publish registry.record-metering-point.v1"),
            ("registry", "process registry.record-metering-point.v1"),
            ("registry", f"publish {recorded}"),
            ("bsp-switch", f"process {recorded}"),
            ("meter-ingest", f"process {recorded}"),
            ("gateway", f"process {recorded}"),
        },
    )
    under = found["registry", "process registry.record-metering-point.v1"]
    assert found["meter-ingest", f"process {recorded}"].parent_span_id == under.span_id
    assert all(span.start_time_unix_nano < span.end_time_unix_nano for span in found.values())

    channel = {"metering_points": [POINT], "resolution": "PT15M", "valid_from": "2026-01-05T23:00:00Z"}
    opened = {"type": "open-channels", "subject": "0190a5c0-0000-7000-8000-000000000001", "data": channel}
    await register.send(DSO, [opened])
    traceparent, trace = parent(2)
    series = {
        "metering_point_id": POINT,
        "resolution": "PT15M",
        "start": "2026-01-05T23:00:00Z",
        "end": "2026-01-05T23:15:00Z",
        "values_wh": [1],
        "registered_at": "2026-01-06T05:00:00Z",
    }
    sent = {"type": "send-meter-values", "subject": "x", "traceparent": traceparent, "data": {"series": [series]}}
    await register.send(DSO, [sent])
    await seen(
        collector, trace, {("meter-ingest", "process meter-ingest.send-meter-values.v1"), ("gateway", DELIVERED)}
    )


DELIVERED = "process meter-ingest.receipt.v1"


async def test_every_process_tells_its_figures(up: launcher.Register, register: Register) -> None:
    await register.settled()
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in up.urls.values():
            said = (await http.get(f"{url}/metrics")).text
            assert [name for name in METRICS if name not in said] == []
