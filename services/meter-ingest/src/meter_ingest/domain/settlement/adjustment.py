"""Imbalance adjustment: quarter volumes of activations per metering point, supplier, BRP and BSP (`metering.md` §7).

What each point delivered (`Delivered`, from the verification's allocation) is given to whoever stood behind it in that
quarter. Every sum is of the same rows, so that points, quarters, suppliers, BRPs and BSPs add up to what the groups
delivered, to the watt-hour. Who is not known keeps a sum of its own: nothing is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from contracts.calendar import at_local
from contracts.message import Event
from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationOrdered,
    ActivationVerified,
    AdjustedActivation,
    AdjustedSum,
    AdjustmentReopened,
    AdjustmentStatus,
    AdjustmentVersion,
    ImbalanceAdjusted,
    PartyAdjusted,
    ShardPosition,
    VerificationAnnulled,
)
from contracts.values import BiddingZone, Period
from meter_ingest.domain import blocks, days, known, supplied
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.areas import GridArea
from meter_ingest.domain.settlement import by_place, deviation
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
    told: dict[str, int] = field(default_factory=dict[str, int])
    """What each was told in all, by `role|party`: of a later version it is told by how much that is other."""
    volumes: dict[str, int] = field(default_factory=dict[str, int])
    """The same by where it was: what is not there any more is said in the next version."""


@dataclass(frozen=True, slots=True)
class Told:
    """An order that touches a day, and when it was told."""

    local: date
    activation_id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Reopened:
    """When something of a day was verified, or annulled, that no version is still to come of."""

    local: date
    at: datetime


@dataclass(frozen=True, slots=True)
class OfDay:
    """The activations that touch a local day, and the versions that have been run of it, in their order."""

    local: date
    activations: tuple[str, ...] = ()
    runs: tuple[Ran, ...] = ()
    since: datetime | None = None
    """When the first of them was told: of what was over by then there is no version. None: it was not kept."""
    reopened_at: datetime | None = None
    """Since when there is something that is in no version."""


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


def dates(event: ActivationOrdered | ActivationAmended) -> dict[str, Told]:
    """What each day's document gets of an order; a day that it was moved from keeps it, and finds nothing of it."""
    if event.bsp is None:
        # Of an unknown group nothing is ever verified.
        return {}
    at = (event.at if isinstance(event, ActivationAmended) else None) or event.ordered_at
    return {day.date.isoformat(): Told(day.date, event.activation_id, at) for day in _touched(event.period)}


def reopened(event: ActivationVerified | VerificationAnnulled) -> dict[str, Reopened]:
    """The days whose last version was due before what is said now."""
    if event.period is None or event.at is None:
        return {}
    at = event.at
    touched = (day.date for day in _touched(event.period) if at >= final_at(day.date))
    return {local.isoformat(): Reopened(local, at) for local in touched}


def _touched(period: Period) -> Iterator[days.Day]:
    return iter(days.days(days.quarter_floor(period.start), days.quarter_ceil(period.end)))


def evolve(state: OfDay | None, given: Told | Reopened | AdjustmentReopened | ImbalanceAdjusted) -> OfDay:
    """An order adds its activation; a run is the next version."""
    if isinstance(given, ImbalanceAdjusted):
        state = state or OfDay(given.local_date)
        positions = {one.shard: one.position for one in given.as_of}
        named = tuple(one.activation_id for one in given.activations)
        # What was told before an erasure stands.
        stands = state.runs[-1] if given.values_erased and state.runs else None
        told = stands.told if stands else _by_party(given.sums)
        of_places = stands.volumes if stands else by_place.totals(given.sums)
        ran = Ran(given.at, positions, named, given.delivered_wh, told, of_places)
        return replace(state, runs=(*state.runs, ran), reopened_at=None)
    if isinstance(given, Reopened | AdjustmentReopened):
        state = state or OfDay(given.local if isinstance(given, Reopened) else given.local_date)
        return replace(state, reopened_at=state.reopened_at or given.at)
    state = state or OfDay(given.local, since=given.at)
    return replace(state, activations=tuple(dict.fromkeys((*state.activations, given.activation_id))))


def _by_party(sums: Iterable[AdjustedSum | Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in sums:
        wh = one.wh if isinstance(one, Row) else one.delivered_wh
        for role in by_place.ROLES:
            if party := getattr(one, role):
                found[f"{role}|{party}"] = found.get(f"{role}|{party}", 0) + wh
    return found


def is_as_told(ran: Ran, found: Sequence[Row]) -> bool:
    """Whether rows that are computed again give what was told: who stood behind a point may be said otherwise since."""
    return sum(row.wh for row in found) == ran.delivered_wh and _by_party(found) == ran.told


def decide_reopened(some: Iterable[OfDay | None], *, at: datetime) -> list[Event]:
    """Points of days whose last version was due are other parties' now: those days have another, once."""
    return [
        AdjustmentReopened(local_date=one.local, at=at, because="supply")
        for one in some
        if one is not None and one.reopened_at is None and at >= final_at(one.local)
    ]


def final_at(local: date) -> datetime:
    """When a day's last version is run, as a rule: the end of D+13."""
    return days.day(local + timedelta(days=13)).end


def due_at(state: OfDay) -> datetime | None:
    """When the next version is run: 10:00 the next day, when verifications are; the end of D+5; the end of D+13.

    Only those that were to come when the day's first activation was told: none is dated back. What is verified, or
    annulled, after that has a version of its own, at 10:00 the next day.
    """
    if not is_final(state):
        return _moments(state)[len(state.runs)]
    if state.reopened_at is None:
        return None
    return at_local(days.day_at(state.reopened_at).date + timedelta(days=1), "10:00")


def is_final(state: OfDay) -> bool:
    """Whether what comes next is for what was said later alone."""
    return len(state.runs) >= len(_moments(state))


def _moments(state: OfDay) -> tuple[datetime, ...]:
    moments = (
        at_local(state.local + timedelta(days=1), "10:00"),
        deviation.lock_at(state.local),
        final_at(state.local),
    )
    return tuple(one for one in moments if state.since is None or state.since <= one)


def version_of(state: OfDay, place: int) -> tuple[AdjustmentVersion, AdjustmentStatus]:
    """Which version a day's first run is (0), or its second, and so on; after D+13 it is always that."""
    to_come = VERSIONS[len(VERSIONS) - len(_moments(state)) :]
    return to_come[place] if place < len(to_come) else VERSIONS[-1]


def run_of(state: OfDay, version: str) -> Ran | None:
    """The last run that is this version, and has figures: after an erasure the one before stands."""
    of_version = (one for at, one in reversed(list(enumerate(state.runs))) if version_of(state, at)[0] == version)
    return next((one for one in of_version if one.activations or not one.told), None)


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


def unverified(state: OfDay, known_as: Iterable[Activation | None], some: Iterable[Delivered]) -> tuple[str, ...]:
    """The activations that touch the day and have no verification yet, or one that has no figure."""
    day = days.day(state.local)
    there = {one.activation_id for one in some}
    return tuple(
        one.activation_id
        for one in known_as
        if one
        and one.bsp
        and not one.cancelled
        and one.activation_id not in there
        and one.start < day.end
        and day.start < one.end
    )


def decide_withheld(state: OfDay, known_as: Iterable[Activation | None], *, as_of: AsOf) -> Event:
    """Values that the day's versions rest on are gone: the last one stands, and the TSO is told what is not in it."""
    (run, *_) = decide_adjusted(state, (), (), waits=unverified(state, known_as, ()), as_of=as_of)
    return run.model_copy(update={"values_erased": True})


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
    """The day's next version: for the TSO, for each party that it concerns, and for both by party and place."""
    version, status = version_of(state, len(state.runs))
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
        quarters=by_place.quarters(found),
        delivered_wh=sum(row.wh for row in found),
        sha256=hashlib.sha256("\n".join(names).encode()).hexdigest(),
    )
    before = state.runs[-1] if state.runs else None
    parties = _told(run, found, before.told if before else {})
    return [run, *parties, *by_place.told(run, found, before.volumes if before else {})]


def _told(run: ImbalanceAdjusted, found: Sequence[Row], before: Mapping[str, int]) -> Iterator[PartyAdjusted]:
    for role in by_place.ROLES:
        by_party: dict[str, list[Row]] = {
            party: [] for named, _, party in (one.partition("|") for one in before) if named == role
        }
        for row in found:
            if party := getattr(row, role):
                by_party.setdefault(party, []).append(row)
        for party in sorted(by_party):
            delivered_wh = sum(row.wh for row in by_party[party])
            yield PartyAdjusted(
                share_id=blocks.scope(run.local_date.isoformat(), run.version, role, party),
                party=party,
                role=role,
                local_date=run.local_date,
                version=run.version,
                status=run.status,
                quarters=by_place.quarters(by_party[party]),
                delivered_wh=delivered_wh,
                changed_wh=delivered_wh - before.get(f"{role}|{party}", 0),
            )
