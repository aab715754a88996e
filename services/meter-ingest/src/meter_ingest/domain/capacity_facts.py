"""The facts that a group's capacity is documented with, gathered from documents as they are now (R47)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.meter_ingest.v1 import (
    CapacityApart,
    CapacityApproved,
    CapacityBaseline,
    CapacityCalled,
    CapacityFacts,
    CapacityMembers,
    ReadUpTo,
)
from contracts.values import Period
from meter_ingest.domain import (
    baseline_choice,
    baseline_series,
    blocks,
    capacity,
    capacity_evidence,
    channel,
    control,
    days,
    known,
    left_out,
    packet_values,
    values,
)
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.baselines import Method
from meter_ingest.domain.capacity_evidence import Requested
from meter_ingest.domain.evidence import LINES
from meter_ingest.domain.spans import Span, both, joined
from meter_ingest.domain.values import Minutes


@dataclass(frozen=True, slots=True)
class Known:
    """The documents that they are from: by block and `block|line`; `called`: the activations that may reach in."""

    group: known.Group | None
    approval: known.Approval | None
    baselines: baseline_choice.Baselines | None
    default: Method
    points: Mapping[str, known.Points | None]
    controls: Mapping[str, control.Control | None]
    channels: Mapping[str, channel.Block | None]
    called: Sequence[Activation]
    as_of: Mapping[str, int]


def gathered(state: Requested, of: Known) -> CapacityFacts:
    """As they are known now."""
    start, end = state.start, state.end
    return CapacityFacts(
        period=Period(start=start, end=end),
        members=tuple(_members(of, start, end)),
        approved=tuple(_approved(of.approval, start, end)),
        baselines=tuple(_baselines(of, start, end)),
        submitted=of.baselines.versions if of.baselines else 0,
        called=tuple(_called(of.called, start, end)),
        apart=tuple(_apart(of, state)),
        as_of=tuple(ReadUpTo(shard=shard, position=position) for shard, position in sorted(of.as_of.items())),
    )


def _members(of: Known, start: datetime, end: datetime) -> Iterator[CapacityMembers]:
    by_what: dict[tuple[Any, ...], list[tuple[str, known.Stay]]] = {}
    for point in capacity_evidence.members(of.group, start, end):
        assert of.group is not None
        for stay in capacity_evidence.overlaps(of.group.members[point], start, end):
            what = (stay.dso, stay.grid_area, stay.substation, stay.valid_from, stay.valid_to)
            by_what.setdefault(what, []).append((point, stay))
    for (dso, grid_area, substation, valid_from, valid_to), those in by_what.items():
        facts = (known.point_at(of.points, point, max(valid_from, start)) for point, _ in those)
        yield CapacityMembers(
            dso=dso,
            grid_area=grid_area,
            substation=substation,
            valid_from=valid_from,
            valid_to=valid_to,
            metering_points=tuple(point for point, _ in those),
            up_w=tuple(stay.up_w for _, stay in those),
            down_w=tuple(stay.down_w for _, stay in those),
            agreed_power_w=tuple(one.agreed_power_w if one else 0 for one in facts),
        )


def _approved(approval: known.Approval | None, start: datetime, end: datetime) -> Iterator[CapacityApproved]:
    said = [one for one in approval.biddable if one.valid_from < end] if approval else []
    before = [one for one in said if one.valid_from <= start][-1:]
    for one in (*before, *(one for one in said if start < one.valid_from)):
        yield CapacityApproved(
            valid_from=one.valid_from,
            approved_up_w=one.approved_up_w,
            approved_down_w=one.approved_down_w,
            biddable_up_w=one.up_w,
            biddable_down_w=one.down_w,
        )


def _baselines(of: Known, start: datetime, end: datetime) -> Iterator[CapacityBaseline]:
    choices = of.baselines.choices if of.baselines else ()
    earlier = [one.valid_from for one in choices if one.valid_from <= start]
    first = baseline_choice.methods_at(of.baselines, start, default=of.default)
    yield CapacityBaseline(valid_from=max(earlier, default=None), methods=first)
    for since in sorted({one.valid_from for one in choices if start < one.valid_from < end}):
        methods = baseline_choice.methods_at(of.baselines, since, default=of.default)
        yield CapacityBaseline(valid_from=since, methods=methods)


def _called(found: Sequence[Activation], start: datetime, end: datetime) -> Iterator[CapacityCalled]:
    for one in sorted(found, key=lambda one: (one.start, one.end, one.activation_id)):
        period = Period(start=one.start, end=one.end)
        called = CapacityCalled(activation_id=one.activation_id, period=period, ramp_s=one.ramp_s)
        begins, ends = capacity.reached(called)
        if begins < end and start < ends:
            yield called


def _apart(of: Known, state: Requested) -> Iterator[CapacityApart]:
    """By what they have in common: points that do not simply have a channel of consumption all the time."""
    span = state.start, state.end
    usual = ((span,), (span,), ())
    by_what: dict[tuple[tuple[Span, ...], ...], list[str]] = {}
    for point in capacity_evidence.members(of.group, *span):
        what = (tuple(_held(of, point, state)), *(tuple(_channel(of, point, line, state)) for line in LINES))
        if what != usual:
            by_what.setdefault(what, []).append(point)
    for (held, consumption, production), points in by_what.items():
        yield CapacityApart(
            metering_points=tuple(points),
            held=_periods(held),
            consumption=_periods(consumption),
            production=_periods(production),
        )


def _periods(spans: Iterable[Span]) -> tuple[Period, ...]:
    return tuple(Period(start=first, end=last) for first, last in spans)


def _held(of: Known, point: str, state: Requested) -> list[Span]:
    """When the BSP, or whom it has taken over since, holds a point; always, where nothing was said of who does."""
    span = state.start, state.end
    block, place = of.controls.get(blocks.block_of(point)), blocks.place_of(point)
    holds = block.places.get(place, ()) if block else ()
    if block is None or not holds:
        return [span]
    heirs = block.heirs.get(place, ())
    now = state.requested_at
    bsp = control.successor(block, place, state.bsp, now)
    found = (
        (since, until or state.end)
        for one in holds
        if one.lives
        for holder, since, until in control.periods(one, heirs)
        if control.successor(block, place, holder, now) == bsp
    )
    return joined(sorted(both(((a, b) for a, b in found if a < b), [span])))


def _channel(of: Known, point: str, line: str, state: Requested) -> list[Span]:
    block = of.channels.get(blocks.key(blocks.block_of(point), line))
    periods = block.places.get(blocks.place_of(point), ()) if block else ()
    spans = ((one.valid_from, one.valid_to or max(state.end, one.valid_from)) for one in periods)
    return joined(sorted(both(spans, [(state.start, state.end)])))


def read_as(facts: CapacityFacts, versions: packet_values.Versions, minutes: Mapping[str, Minutes]) -> CapacityFacts:
    """The same, with what is left out of these versions: the days of which something came that does not count."""
    found: dict[str, list[tuple[str, date]]] = {}
    for (point, line, day), some in versions.items():
        counted = minutes[line](point, day)
        if len(values.in_steps(some, counted)) < len(some):
            found.setdefault(line, []).append((point, day))
    local = [day.date for day in days.days(facts.period.start, facts.period.end)]
    by_line = {line: left_out.stretches(some, local, minutes[line]) for line, some in found.items()}
    return facts.model_copy(update={"read_as": left_out.said(by_line)})


def has_come(
    facts: Mapping[str, Mapping[str, Sequence[Span]]],
    stays: Mapping[str, Sequence[Span]],
    received: Mapping[str, known.Received | None],
    minutes: Mapping[str, Minutes],
    day: days.Day,
) -> bool:
    """Whether nothing misses of a day.

    `facts`: what is looked at, by line and point; `received`: as it is kept; `minutes`: by line.
    """
    for point, spans in stays.items():
        wanted = _mask(day, spans)
        looked = 0
        for line in LINES if wanted else ():
            expected = _mask(day, facts[line].get(point, ()))
            arrived = received.get(blocks.key(day.date, blocks.block_of(point), line)) if expected else None
            place = blocks.place_of(point)
            counted = arrived.of_point(place, minutes[line](point, day.date)) if arrived else None
            come = counted.places.get(place, 0) if counted else 0
            if come & expected != expected:
                return False
            looked |= expected
        if looked & wanted != wanted:
            return False
    return True


def _mask(day: days.Day, spans: Iterable[Span]) -> int:
    found = 0
    for start, end in spans:
        found |= days.mask(day, start, end)
    return found


def submitted(
    facts: CapacityFacts, found: Mapping[str, baseline_series.Submitted | None]
) -> dict[str, dict[datetime, int]]:
    """What the BSP had submitted of the period, by those chosen methods that it submits for: Wh by quarter."""
    chosen = {method for one in facts.baselines for method in one.methods}
    said: dict[str, dict[datetime, int]] = {}
    for method in ("plan", "reported"):
        if method not in chosen:
            continue
        by_quarter: dict[datetime, tuple[int, int]] = {}
        for state in found.values():
            for version in state.versions if state else ():
                if version.method == method and version.number <= facts.submitted:
                    for index, wh in enumerate(version.wh):
                        start = version.start + index * days.QUARTER
                        by_quarter[start] = max(by_quarter.get(start, (0, 0)), (version.number, wh))
        period = facts.period
        said[method] = {
            start: wh for start, (_, wh) in sorted(by_quarter.items()) if period.start <= start < period.end
        }
    return said
