"""The packet of a group's capacity: facts, values, and what follows from them (`packet`, `capacity`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.message import Event
from contracts.meter_ingest.v1 import CapacityFacts
from contracts.values import time_text
from meter_ingest.domain import capacity, days, packet
from meter_ingest.domain.capacity import Documented
from meter_ingest.domain.series import SeriesDay

HEAD = ("capacity_evidence_id", "version", "group_id", "bsp", "requested_at", "due_at", "prepared_at")
"""What the event and the packet's manifest both say of which evidence it is."""


def core(
    head: Mapping[str, object],
    found: Documented,
    *,
    plans: Mapping[str, Mapping[datetime, int]],
    content: Sequence[Mapping[str, Any]],
    told: Sequence[Event],
    answer: Event | None = None,
) -> packet.Core:
    """The content. `plans`: Wh by quarter, by method; `content`: the values; `told`: the requests."""
    named = {name: time_text(one) if isinstance(one, datetime) else one for name, one in head.items()}
    parts: dict[str, object] = {
        "facts": _facts(found.facts),
        "plans": {method: {time_text(at): wh for at, wh in said.items()} for method, said in plans.items()},
        "values": list(content),
        **follows(found),
        "events": [{"type": one.type, "sha256": packet.event_sha256(one)} for one in told],
        **packet.answered(answer),
    }
    return packet.core({"capacity": named}, parts, formulas=capacity.FORMULAS)


def _facts(facts: CapacityFacts) -> dict[str, Any]:
    # A packet that was prepared before anything could be left out stays what it was.
    told = packet.said(facts)
    if not facts.read_as:
        told.pop("read_as", None)
    return told


def follows(found: Documented) -> dict[str, object]:
    """The parts that are computed."""
    return {
        "completeness": found.completeness,
        "power": found.power,
        "summary": {
            "counts": [one.model_dump(mode="json") for one in found.counts],
            "up": found.up.model_dump(mode="json"),
            "down": found.down.model_dump(mode="json"),
        },
    }


def keys(facts: CapacityFacts) -> list[SeriesDay]:
    """The days of points and lines whose values are in it."""
    return [
        (point, line, day)
        for line, points in capacity.series(facts).items()
        for point, spans in points.items()
        for day in dict.fromkeys(day.date for span in spans for day in days.days(*span))
    ]
