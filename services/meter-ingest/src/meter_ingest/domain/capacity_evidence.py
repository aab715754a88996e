"""Documentation of a group's capacity that the TSO asks for: requests, and when it is prepared (R46).

As the evidence of an activation: as soon as nothing misses, at the latest at its deadline, and until then again when
values of it are corrected; where something missed then, once more when that has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts import calendar
from contracts.message import Event
from contracts.meter_ingest.v1 import (
    CapacityEvidenceOwed,
    CapacityEvidencePrepared,
    CapacityEvidenceRequested,
    RequestCapacityEvidence,
)
from contracts.values import Period
from meter_ingest.domain import blocks, days, documentation_rules, known, rules
from meter_ingest.domain.activation import Watch
from meter_ingest.domain.capacity import Documented

MOST_DAYS = 7
"""It is made between two other decisions: a week of 500 members takes about a second."""


@dataclass(frozen=True, slots=True)
class Requested:
    """Documentation of a group's capacity that was asked for."""

    evidence_id: str
    group_id: str
    bsp: str
    start: datetime
    end: datetime
    requested_at: datetime
    due_at: datetime
    asked: tuple[str, ...]
    """What each request said, as JSON, in order."""
    version: int = 0
    """How often it was prepared."""
    whole: bool = False
    late: bool = False
    """Whether it became whole only after its deadline."""
    facts: str = ""
    """Of the last version, as JSON, where that is whole."""


def points(state: Requested) -> frozenset[str]:
    """The metering points that it is of, as they were known when it was last asked for."""
    return frozenset(CapacityEvidenceRequested.model_validate_json(state.asked[-1]).metering_points)


def evolve(state: Requested | None, event: CapacityEvidenceRequested | CapacityEvidencePrepared) -> Requested:
    """The later deadline stands."""
    if isinstance(event, CapacityEvidencePrepared):
        assert state is not None
        whole = event.result == "whole"
        late = documentation_rules.METER_EVIDENCE_LATE.key in event.findings
        facts = event.facts.model_dump_json() if whole else ""
        return replace(state, version=event.version, whole=whole, late=late, facts=facts)
    said = event.model_dump_json()
    if state is not None:
        return replace(state, due_at=event.due_at, asked=(*state.asked, said))
    return Requested(
        event.capacity_evidence_id,
        event.group_id,
        event.bsp,
        event.period.start,
        event.period.end,
        event.requested_at,
        event.due_at,
        (said,),
    )


def events(state: Requested) -> list[Event]:
    """The requests."""
    return [CapacityEvidenceRequested.model_validate_json(said) for said in state.asked]


def watched(event: CapacityEvidenceRequested) -> dict[str, Watch]:
    """By `date|block`: of which days it waits for values."""
    start, end = event.period.start, event.period.end
    named = blocks.by_block(event.metering_points)
    return {
        blocks.key(day.date, block): (event.capacity_evidence_id, max(start, day.start), min(end, day.end))
        for day in days.days(start, end)
        for block in named
    }


@dataclass(frozen=True, slots=True)
class Awaited:
    """Documentation of a period that lay ahead when it was asked for: when its DSOs are told what misses."""

    tell_at: datetime | None
    more_time: bool = False
    """Nobody is told, for it is due before that; with a later deadline they would be."""


def evolve_awaited(
    state: Awaited | None, event: CapacityEvidenceRequested | CapacityEvidenceOwed | CapacityEvidencePrepared
) -> Awaited:
    """At 09:00 on the day after, as verifications are made; not where it is prepared by then, or they were told."""
    over = state is not None and state.tell_at is None and not state.more_time
    if over or not isinstance(event, CapacityEvidenceRequested) or event.period.end <= event.requested_at:
        return Awaited(None)
    last = days.day_at(event.period.end - days.QUARTER).date
    at = calendar.at_local(last + timedelta(days=1), "09:00")
    return Awaited(at) if at < event.due_at else Awaited(None, more_time=True)


def is_open(state: Requested, at: datetime) -> bool:
    """Whether it may be prepared, or prepared again, without any value that missed having come: until its deadline."""
    return not state.version or at < state.due_at


def due_at(state: Requested) -> datetime | None:
    """Its deadline, as long as it has not been prepared."""
    return None if state.version else state.due_at


def decide_requested(
    state: Requested | None,
    command: RequestCapacityEvidence,
    *,
    evidence_id: str,
    group: known.Group | None,
    taken: bool,
    required: bool,
    sender: str,
    at: datetime,
) -> list[Event]:
    """That it is asked for, or has more time; the same again is nothing. `taken`: the id is that of another."""
    if not required:
        raise documentation_rules.EVIDENCE_NOT_REQUIRED.refused()
    if group is None:
        raise documentation_rules.EVIDENCE_GROUP_UNKNOWN.refused(path="/group_id", actual=command.group_id)
    start, end = command.period.start, command.period.end
    if state is not None and (state.group_id, state.start, state.end) == (command.group_id, start, end):
        if state.due_at == command.due_at:
            return []
        if state.version or command.due_at < state.due_at:
            raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    elif state is not None or taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    _check(command, at=at)
    return [
        CapacityEvidenceRequested(
            capacity_evidence_id=evidence_id,
            group_id=command.group_id,
            bsp=state.bsp if state else group.bsp,
            period=command.period,
            metering_points=members(group, start, end),
            requested_at=state.requested_at if state else at,
            due_at=command.due_at,
            asked_by=sender,
        )
    ]


def _check(command: RequestCapacityEvidence, *, at: datetime) -> None:
    start, end = command.period.start, command.period.end
    for name, moment in (("start", start), ("end", end)):
        if not calendar.is_quarter(moment):
            raise documentation_rules.EVIDENCE_NOT_QUARTERS.refused(
                path=f"/period/{name}", actual=calendar.local_text(moment)
            )
    if end > (latest := calendar.after_days(start, MOST_DAYS - 1)):
        raise documentation_rules.EVIDENCE_TOO_LONG.refused(
            path="/period/end", limit=calendar.local_text(latest), actual=calendar.local_text(end)
        )
    if command.due_at <= (limit := max(at, end)):
        raise documentation_rules.EVIDENCE_DUE_PAST.refused(path="/due_at", limit=calendar.local_text(limit))


def members(group: known.Group | None, start: datetime, end: datetime) -> tuple[str, ...]:
    """Who is a member in any part of a period, sorted."""
    return tuple(
        point for point, stays in sorted(group.members.items() if group else ()) if any(overlaps(stays, start, end))
    )


def overlaps(stays: Iterable[known.Stay], start: datetime, end: datetime) -> Iterator[known.Stay]:
    """The stays that lie in a period, if only in part."""
    for one in stays:
        if one.valid_from < end and (one.valid_to is None or start < one.valid_to) and one.valid_from != one.valid_to:
            yield one


def owed(state: Requested, found: Documented) -> Iterator[CapacityEvidenceOwed]:
    """What each DSO is told that misses."""
    for one in found.counts:
        if one.dso is not None and one.points_missing:
            yield CapacityEvidenceOwed(
                owed_id=f"{state.evidence_id}/{one.dso}",
                capacity_evidence_id=state.evidence_id,
                group_id=state.group_id,
                dso=one.dso,
                period=Period(start=state.start, end=state.end),
                due_at=state.due_at,
                points=one.points_missing,
                quarters=one.missing,
            )


def head(state: Requested, *, prepared_at: datetime) -> dict[str, object]:
    """Which evidence it is: what the event and the packet's manifest both say."""
    return {
        "capacity_evidence_id": state.evidence_id,
        "version": state.version + 1,
        "group_id": state.group_id,
        "bsp": state.bsp,
        "requested_at": state.requested_at,
        "due_at": state.due_at,
        "prepared_at": prepared_at,
    }


def prepared(
    head: Mapping[str, object],
    found: Documented,
    *,
    late: bool,
    events: int,
    root_sha256: str,
    answer_sha256: str | None,
) -> CapacityEvidencePrepared:
    """What is published."""
    findings = [
        *((documentation_rules.METER_EVIDENCE_LATE.key,) if late else ()),
        *(() if found.whole else (documentation_rules.METER_EVIDENCE_INCOMPLETE.key,)),
    ]
    return CapacityEvidencePrepared.model_validate(
        {
            **head,
            "result": "whole" if found.whole else "incomplete",
            "findings": tuple(findings),
            "counts": found.counts,
            "up": found.up,
            "down": found.down,
            "facts": found.facts,
            "events": events,
            "root_sha256": root_sha256,
            "answer_sha256": answer_sha256,
        }
    )
