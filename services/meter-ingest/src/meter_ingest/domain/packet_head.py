"""Whether what a packet says of itself is what the events within say: which evidence it is, of what, with which parts.

The deadline and the moment of a request of an activation's evidence stand in no event within: of these only the root
says more than that they go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from contracts.message import Event
from contracts.meter_ingest.v1 import CapacityEvidenceRequested, CapacityFacts, EvidenceMembers
from contracts.values import parse_time
from meter_ingest.domain import activation, capacity_packet, control, days, documentation, documented
from meter_ingest.domain.activation import Activation

_OF_RUN: Final = {"values", "baselines", "completeness", "allocation", "policies"}
_OF_CAPACITY: Final = {"facts", "plans", "values", "completeness", "power", "summary"}


def of_activation(manifest: Mapping[str, Any], parts: Iterable[str], told: Sequence[Event], state: Activation) -> str:
    """What does not agree with the events, or nothing."""
    head = manifest["evidence"]
    if wrong := _shape(head, documented.HEAD, parts, {"members", *(_OF_RUN if head["run"] is not None else ())}):
        return wrong
    names = ("activation_id", "group_id", "bsp")
    if others := [name for name in names if head[name] != getattr(state, name)]:
        return f"it is not of what the events are: {', '.join(others)}"
    if {getattr(event, "activation_id", None) for event in told} != {state.activation_id}:
        return "the events are of several activations"
    stands = documentation.current(told, None)
    if head["run"] is None and stands is not None:
        return f"it says that there is no run, but run {stands.run} stands among the events"
    return _times(head)


def of_capacity(manifest: Mapping[str, Any], parts: Mapping[str, Any], told: Sequence[Event]) -> str:
    """What does not agree with the requests, or nothing."""
    head, facts = manifest["capacity"], CapacityFacts.model_validate(parts["facts"])
    if wrong := _shape(head, capacity_packet.HEAD, parts, _OF_CAPACITY):
        return wrong
    asked = [CapacityEvidenceRequested.model_validate(one.model_dump()) for one in told]
    last = asked[-1].model_dump(mode="json")
    names = ("capacity_evidence_id", "group_id", "bsp", "requested_at", "due_at")
    others = [name for name in names if head[name] != last[name]]
    if any(one.period != facts.period for one in asked):
        others.append("period")
    if len({(one.capacity_evidence_id, one.group_id, one.bsp, one.requested_at) for one in asked}) > 1:
        others.append("one of the requests")
    return f"it is not what was asked for: {', '.join(others)}" if others else _times(head)


def of_plans(facts: CapacityFacts, plans: Mapping[str, Mapping[str, int]]) -> str:
    """What of the plans cannot be: of a method that was not chosen, outside the period, or where none was submitted."""
    chosen = {method for one in facts.baselines for method in one.methods}
    for method, said in plans.items():
        if method not in chosen & {"plan", "reported"}:
            return f"{method} was not chosen"
        if said and not facts.submitted:
            return f"{method} has figures, but nothing was submitted"
        for start in map(parse_time, said):
            if start != days.quarter_floor(start) or not facts.period.start <= start < facts.period.end:
                return f"{method} has no quarter of the period at {start.isoformat()}"
    return ""


def of_members(members: Sequence[EvidenceMembers], state: Activation) -> str:
    """What of the members does not agree with the activation: its points, and that they were in the group then."""
    named = [point for one in members for point in one.metering_points]
    if sorted(named) != sorted(state.points):
        return "they are not those of the activation"
    if state.cancelled:
        # What becomes known of members of one that was not to be is not told.
        return ""
    quarters = control.quarters_of(state.start, state.end)
    for one in members:
        if one.valid_from is None:
            if (one.dso, one.grid_area, one.substation, one.valid_to) != (None,) * 4:
                return f"{one.metering_points[0]} has a place, but no membership"
            continue
        for point in one.metering_points:
            first = quarters[activation.quarters_of_member(state, point).index("1")]
            moment = max(first, state.start)
            if not one.valid_from <= moment or (one.valid_to is not None and one.valid_to <= moment):
                return f"{point} was no member at {moment.isoformat()}"
    return ""


def _shape(head: Mapping[str, Any], names: Sequence[str], parts: Iterable[str], wanted: set[str]) -> str:
    if set(head) != set(names):
        return f"it has not what it should say of itself: {', '.join(sorted(set(head) ^ set(names)))}"
    if other := {*parts, "answer"} ^ {*wanted, "events", "answer"}:
        return f"it has not the parts that it should have: {', '.join(sorted(other))}"
    if not isinstance(head["version"], int) or head["version"] < 1:
        return "its version is none"
    return ""


def _times(head: Mapping[str, Any]) -> str:
    asked, due, done = (parse_time(head[name]) for name in ("requested_at", "due_at", "prepared_at"))
    return "" if asked < due and asked <= done else "it was due, or prepared, before it was asked for"
