"""Imbalance adjustment: quarter volumes of activations per metering point, supplier, BRP and BSP (`metering.md` §7).

What each point delivered (`Delivered`, from the verification's allocation) is given to whoever stood behind it in that
quarter. Every sum is of the same rows, so that points, quarters, suppliers, BRPs and BSPs add up to what the groups
delivered, to the watt-hour. Who is not known keeps a sum of its own: nothing is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from contracts.calendar import at_local
from contracts.message import Event
from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationOrdered,
    AdjustedActivation,
    AdjustedQuarter,
    AdjustedSum,
    AdjustmentStatus,
    AdjustmentVersion,
    ImbalanceAdjusted,
    PartyAdjusted,
    ShardPosition,
)
from contracts.values import BiddingZone
from meter_ingest.domain import blocks, days, known, supplied
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.areas import GridArea
from meter_ingest.domain.settlement import deviation
from meter_ingest.domain.settlement.deviation import AsOf

VERSIONS: tuple[tuple[AdjustmentVersion, AdjustmentStatus], ...] = (
    ("D+1", "draft"),
    ("D+5", "locked"),
    ("D+13", "recalculated"),
)


@dataclass(frozen=True, slots=True)
class Ran:
    """One version of a day: what was known to it, and what came of it."""

    at: datetime
    positions: dict[str, int]
    activations: tuple[str, ...]
    delivered_wh: int


@dataclass(frozen=True, slots=True)
class OfDay:
    """The activations that touch a local day, and the versions that have been run of it, in their order."""

    local: date
    activations: tuple[str, ...] = ()
    runs: tuple[Ran, ...] = ()


class Delivered(NamedTuple):
    """What an activation's points delivered, as its current verification has it."""

    activation_id: str
    bsp: str
    run: int
    revisions_sha256: str
    start: datetime
    """Of the first quarter."""
    by_point: Mapping[str, Sequence[int | None]]
    """Wh per quarter, upwards positive whatever was ordered; None where the point does not count."""


class Row(NamedTuple):
    """What one point delivered in one quarter, and who stood behind it."""

    point: str
    start: datetime
    wh: int
    supplier: str | None
    brp: str | None
    bsp: str
    grid_area: str | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Behind:
    """What is known of points: all by block, areas by EIC."""

    points: Mapping[str, known.Points | None]
    supplies: Mapping[str, supplied.Supplies | None]
    areas: Mapping[str, GridArea | None]
    producing: frozenset[str] = frozenset()
    """The points that only production is measured of: their BRP is that of production."""


def dates(event: ActivationOrdered | ActivationAmended) -> dict[str, tuple[date, str]]:
    """What each day's document gets of an order; a day that it was moved from keeps it, and finds nothing of it."""
    if event.bsp is None:
        # Of an unknown group nothing is ever verified.
        return {}
    touched = days.days(days.quarter_floor(event.period.start), days.quarter_ceil(event.period.end))
    return {day.date.isoformat(): (day.date, event.activation_id) for day in touched}


def evolve(state: OfDay | None, given: tuple[date, str] | ImbalanceAdjusted) -> OfDay:
    """An order adds its activation; a run is the next version."""
    if isinstance(given, ImbalanceAdjusted):
        state = state or OfDay(given.local_date)
        positions = {one.shard: one.position for one in given.as_of}
        named = tuple(one.activation_id for one in given.activations)
        ran = Ran(given.at, positions, named, given.delivered_wh)
        return OfDay(state.local, state.activations, (*state.runs, ran))
    local, activation_id = given
    state = state or OfDay(local)
    return OfDay(local, tuple(dict.fromkeys((*state.activations, activation_id))), state.runs)


def due_at(state: OfDay) -> datetime | None:
    """When the next version is run: 10:00 the next day, when verifications are; the end of D+5; the end of D+13."""
    moments = (
        at_local(state.local + timedelta(days=1), "10:00"),
        deviation.lock_at(state.local),
        days.day(state.local + timedelta(days=13)).end,
    )
    return moments[len(state.runs)] if len(state.runs) < len(moments) else None


def rows(local: date, some: Iterable[Delivered], behind: Behind) -> list[Row]:
    """By point and quarter of the day, in the order of activations, points and quarters.

    Where activations of a group overlap, each is verified by what was delivered in all: that counts once, by the one
    that began first.
    """
    day = days.day(local)
    found: dict[tuple[str, datetime], Row] = {}
    for one in sorted(some, key=lambda one: (one.start, one.activation_id)):
        for point in sorted(one.by_point):
            for start, wh in _in_day(one, point, day):
                if (point, start) not in found:
                    found[point, start] = _row(one, point, start, wh, behind)
    return list(found.values())


def unverified(state: OfDay, known_as: Iterable[Activation | None]) -> tuple[str, ...]:
    """The activations that touch the day and have no verification yet."""
    day = days.day(state.local)
    return tuple(
        one.activation_id
        for one in known_as
        if one and one.bsp and not one.cancelled and one.run is None and one.start < day.end and day.start < one.end
    )


def _in_day(one: Delivered, point: str, day: days.Day) -> Iterator[tuple[datetime, int]]:
    for place, wh in enumerate(one.by_point[point]):
        start = one.start + place * days.QUARTER
        if wh is not None and day.start <= start < day.end:
            yield start, wh


def _row(one: Delivered, point: str, start: datetime, wh: int, behind: Behind) -> Row:
    version = known.point_at(behind.points, point, start)
    area = behind.areas.get(version.grid_area or "") if version else None
    stands = supplied.at(behind.supplies, point, start)
    brp = stands and (stands.brp_production if point in behind.producing else stands.brp_consumption)
    return Row(
        point,
        start,
        wh,
        stands.supplier if stands else None,
        brp,
        one.bsp,
        version.grid_area if version else None,
        area.zone_at(start) if area else None,
    )


def decide_adjusted(
    state: OfDay, some: Sequence[Delivered], found: Sequence[Row], *, waits: tuple[str, ...] = (), as_of: AsOf
) -> list[Event]:
    """The day's next version: one event for the TSO, one for each party that it concerns."""
    version, status = VERSIONS[len(state.runs)]
    sums: dict[tuple[Any, ...], int] = {}
    for row in found:
        key = (row.supplier, row.brp, row.bsp, row.grid_area, row.zone)
        sums[key] = sums.get(key, 0) + row.wh
    ordered = sorted(sums, key=lambda key: tuple(one or "" for one in key))
    names = sorted(f"{one.activation_id}|{one.run}|{one.revisions_sha256}" for one in some)
    run = ImbalanceAdjusted(
        local_date=state.local,
        version=version,
        status=status,
        at=as_of.at,
        as_of=tuple(ShardPosition(shard=one, position=at) for one, at in sorted((as_of.positions or {}).items())),
        activations=tuple(
            AdjustedActivation(activation_id=one.activation_id, run=one.run, revisions_sha256=one.revisions_sha256)
            for one in some
        ),
        unverified=waits,
        points=len({row.point for row in found}),
        sums=tuple(
            AdjustedSum(
                supplier=supplier,
                brp=brp,
                bsp=bsp,
                grid_area=area,
                zone=BiddingZone(zone) if zone else None,
                delivered_wh=sums[supplier, brp, bsp, area, zone],
            )
            for supplier, brp, bsp, area, zone in ordered
        ),
        quarters=_quarters(found),
        delivered_wh=sum(row.wh for row in found),
        sha256=hashlib.sha256("\n".join(names).encode()).hexdigest(),
    )
    return [run, *_told(run, found)]


def _told(run: ImbalanceAdjusted, found: Sequence[Row]) -> Iterator[PartyAdjusted]:
    for role in ("supplier", "brp", "bsp"):
        by_party: dict[str, list[Row]] = {}
        for row in found:
            if party := getattr(row, role):
                by_party.setdefault(party, []).append(row)
        for party in sorted(by_party):
            yield PartyAdjusted(
                share_id=blocks.scope(run.local_date.isoformat(), run.version, role, party),
                party=party,
                role=role,
                local_date=run.local_date,
                version=run.version,
                status=run.status,
                quarters=_quarters(by_party[party]),
                delivered_wh=sum(row.wh for row in by_party[party]),
            )


def _quarters(found: Iterable[Row]) -> tuple[AdjustedQuarter, ...]:
    sums: dict[datetime, int] = {}
    for row in found:
        sums[row.start] = sums.get(row.start, 0) + row.wh
    return tuple(AdjustedQuarter(start=start, delivered_wh=sums[start]) for start in sorted(sums))
