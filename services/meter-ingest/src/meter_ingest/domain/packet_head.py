"""Whether what a packet says of itself is what the events within say: who asked for what and when, with which parts.

Older packets of activations have no request within, and older packets no event of the answer: of these only the root
says more than that they go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contracts.message import Event
from contracts.meter_ingest.v1 import (
    CapacityEvidenceRequested,
    CapacityFacts,
    EvidenceAnswered,
    EvidenceMembers,
    EvidenceRequested,
)
from contracts.values import parse_time, time_text
from meter_ingest.domain import activation, capacity_packet, control, days, documentation, documented
from meter_ingest.domain.activation import Activation

_OF_RUN: Final = {"values", "baselines", "completeness", "allocation", "policies"}
_OF_CAPACITY: Final = {"facts", "plans", "values", "completeness", "power", "summary"}


class Broken(Exception):
    """What is no packet, or not as its hashes have it."""


class Remark(str):
    """What is to be said of what holds."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of the ledger within: where it stands, when it was said."""

    position: int
    at: datetime
    event: Event


def stood(told: Iterable[Entry]) -> Activation:
    """The activation, as its events among these leave it. Raises `Broken`."""
    now: Activation | None = None
    for one in told:
        if isinstance(one.event, documentation.OF_ACTIVATION):
            now = activation.evolve(now, one.event)  # pyright: ignore[reportArgumentType]
    if now is None:
        raise Broken("there is no activation among the events")
    return now


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


def of_request(head: Mapping[str, Any], told: Sequence[Entry]) -> str:
    """What of an activation's evidence does not agree with the requests, nor these with the activation then."""
    asked = [(one, one.event) for one in told if isinstance(one.event, EvidenceRequested)]
    if not asked:
        return Remark("it is not within, as in older packets: who asked, when and by when, only the root can tell")
    for before, (entry, one) in enumerate(asked):
        state = stood(each for each in told if each.position < entry.position)
        then = state.activation_id, state.group_id, state.bsp, state.start, state.end
        if then != (one.activation_id, one.group_id, one.bsp, one.period.start, one.period.end):
            return f"the request at {entry.position} is not of the activation as it was then"
        if before and one.due_at <= asked[before - 1][1].due_at:
            return f"the request at {entry.position} gives no more time"
    last = asked[-1][1]
    said = last.model_dump(mode="json")
    others = [name for name in ("evidence_id", "activation_id", "requested_at", "due_at") if head[name] != said[name]]
    if last.run is not None and head["run"] not in (last.run, None):
        others.append("run")
    if others or len({(one.evidence_id, one.requested_at, one.run) for _, one in asked}) > 1:
        return f"it is not what was asked for: {', '.join(others) or 'one of the requests'}"
    return _of_times(asked, head) or _who(asked)


def _of_times(asked: Sequence[tuple[Entry, Any]], head: Mapping[str, Any]) -> str:
    """What of the moments of requests cannot be: the log has when each was said."""
    first, last = asked[0][1], asked[-1][1]
    if asked[0][0].at != first.requested_at:
        return f"it was not asked for when it says, but at {time_text(asked[0][0].at)}"
    if any(one.due_at <= entry.at for entry, one in asked):
        return "it was asked for after its deadline"
    if head["version"] == 1 and last.due_at < parse_time(head["prepared_at"]):
        return "it was first prepared after its deadline"
    return ""


def _who(asked: Sequence[tuple[Entry, Any]]) -> Remark:
    first, last = asked[0][1], asked[-1][1]
    return Remark(
        f"{first.asked_by or 'the TSO'} asked at {time_text(first.requested_at)}, for {time_text(last.due_at)}"
        + (f", after {len(asked) - 1} times more time" if len(asked) > 1 else "")
    )


def of_answer(answer: EvidenceAnswered, told: Sequence[Entry]) -> str:
    """What of the answer's part the ledger does not have, or has otherwise."""
    said = [one for one in told if isinstance(one.event, EvidenceAnswered)]
    if not said:
        return Remark("its event is not within, as in older packets: when it came, only the root can tell")
    entry = said[0]
    asked = [
        one.event
        for one in told
        if one.position < entry.position and isinstance(one.event, EvidenceRequested | CapacityEvidenceRequested)
    ]
    if entry.event != answer or len(said) > 1:
        return "it is not what its event says"
    if entry.at != answer.answered_at or not asked or asked[-1].due_at != answer.due_at:
        return "it did not come when it says, or was due then"
    return ""


def of_capacity(manifest: Mapping[str, Any], parts: Mapping[str, Any], told: Sequence[Entry]) -> str:
    """What does not agree with the requests, or nothing."""
    head, facts = manifest["capacity"], CapacityFacts.model_validate(parts["facts"])
    if wrong := _shape(head, capacity_packet.HEAD, parts, _OF_CAPACITY):
        return wrong
    entries = [(one, one.event) for one in told if isinstance(one.event, CapacityEvidenceRequested)]
    asked = [one for _, one in entries]
    last = asked[-1].model_dump(mode="json")
    names = ("capacity_evidence_id", "group_id", "bsp", "requested_at", "due_at")
    others = [name for name in names if head[name] != last[name]]
    if any(one.period != facts.period for one in asked):
        others.append("period")
    if len({(one.capacity_evidence_id, one.group_id, one.bsp, one.requested_at) for one in asked}) > 1:
        others.append("one of the requests")
    if others:
        return f"it is not what was asked for: {', '.join(others)}"
    return _times(head) or _of_times(entries, head) or _who(entries)


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
