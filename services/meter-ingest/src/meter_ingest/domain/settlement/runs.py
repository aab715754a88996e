"""Runs of deviation settlement: draft, published, annulled; and which published one a day's next run carries on from.

A run is a pure function of what it names: the day's lock, the run it carries on from, the positions of values and its
moment. Its rows are computed again when they are asked for, and no table holds them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, cast

from contracts.message import Event
from contracts.meter_ingest.v1 import (
    AnnulSettlement,
    DeviationPair,
    DeviationSettlementAnnulled,
    DeviationSettlementDrafted,
    DeviationSettlementPublished,
    RunDeviationSettlement,
    SettledDay,
    ShardPosition,
    SupplierDeviationSettled,
)
from contracts.values import BiddingZone
from meter_ingest.domain import days, rules, series, settlement_rules
from meter_ingest.domain.areas import GridArea
from meter_ingest.domain.settlement import deviation, money
from meter_ingest.domain.settlement.deviation import AsOf, OfDay

Status = Literal["draft", "published", "annulled"]
MOST_DAYS = 31
OfRun = DeviationSettlementDrafted | DeviationSettlementPublished | DeviationSettlementAnnulled


@dataclass(frozen=True, slots=True)
class Run:
    """A run, with all that it needs to be computed again."""

    run_id: str
    grid_area: str
    zone: str
    first_day: date
    last_day: date
    at: datetime
    positions: dict[str, int]
    since: dict[str, str | None]
    """By date on which anything differs: the published run that it carries on from."""
    pairs: tuple[DeviationPair, ...]
    lacking: int
    amount: str
    status: Status = "draft"
    published: bool = False
    """Whether it ever was: who was told of it may see it when it is annulled, too."""

    @property
    def as_of(self) -> AsOf:
        """What was known to it."""
        return AsOf(self.at, self.positions)

    @property
    def dates(self) -> tuple[date, ...]:
        """The days on which anything differs."""
        return tuple(date.fromisoformat(one) for one in self.since)


@dataclass(frozen=True, slots=True)
class Settled:
    """Which published runs count of a grid area's days, by date: the last one is what the next carries on from."""

    days: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    carried: dict[str, str] = field(default_factory=dict[str, str])
    """By `supplier|DSO`: exactly, what was published less what that was to the øre. The next run has it."""

    def last(self, local: date) -> str | None:
        """The published run that counts of a day; None: there is none."""
        found = self.days.get(local.isoformat(), ())
        return found[-1] if found else None

    def left(self) -> deviation.Carried:
        """What rounding has left, by supplier and grid company."""
        found = ((pair.partition("|"), Decimal(amount)) for pair, amount in self.carried.items())
        return {(supplier, dso): amount for (supplier, _, dso), amount in found}


def evolve(state: Run | None, event: OfRun) -> Run:
    """A draft stands as it is; the rest is its status."""
    if isinstance(event, DeviationSettlementDrafted):
        return Run(
            event.run_id,
            event.grid_area,
            str(event.zone),
            event.first_day,
            event.last_day,
            event.at,
            {one.shard: one.position for one in event.as_of},
            {one.date.isoformat(): one.since for one in event.days},
            event.pairs,
            event.lacking,
            event.amount,
        )
    assert state is not None
    if isinstance(event, DeviationSettlementPublished):
        return replace(state, status="published", published=True)
    return replace(state, status="annulled", published=event.was_published)


def evolve_settled(
    state: Settled | None,
    event: DeviationSettlementPublished | DeviationSettlementAnnulled | SupplierDeviationSettled,
) -> Settled:
    """A published run counts of its days, until it is annulled; what rounding leaves of it is carried on."""
    state = state or Settled()
    if isinstance(event, SupplierDeviationSettled):
        pair = f"{event.supplier}|{event.dso}"
        left = (Decimal(event.amount_exact), -Decimal(event.amount))
        with money.exactly():
            some = left if event.status == "published" else [-one for one in left]
            carried = {**state.carried, pair: money.text(money.total([Decimal(state.carried.get(pair, "0")), *some]))}
        return replace(state, carried={one: amount for one, amount in carried.items() if amount != "0"})
    found = dict(state.days)
    for local in map(date.isoformat, event.days):
        others = tuple(one for one in found.get(local, ()) if one != event.run_id)
        found[local] = (*others, event.run_id) if isinstance(event, DeviationSettlementPublished) else others
    return replace(state, days={local: some for local, some in found.items() if some})


def dates(first: date, last: date) -> list[date]:
    """All days of a period, both included."""
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def check(
    command: RunDeviationSettlement, state: Run | None, area: GridArea | None, *, at: datetime, max_age_years: int
) -> str:
    """Whether a run may be made; returns the bidding zone of its area."""
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    first, last = command.first_day, command.last_day
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise settlement_rules.DEVIATION_PERIOD_INVALID.refused(path="/last_day", limit=MOST_DAYS, actual=count)
    if last > (locked := deviation.last_locked(at)):
        raise settlement_rules.DEVIATION_NOT_LOCKED.refused(
            path="/last_day", limit=locked.isoformat(), actual=last.isoformat()
        )
    oldest = days.day_at(series.oldest_start(at, max_age_years)).date
    if first < oldest:
        raise settlement_rules.DEVIATION_TOO_OLD.refused(
            path="/first_day", limit=oldest.isoformat(), actual=first.isoformat()
        )
    zones = {area.zone_at(days.day(local).start) for local in dates(first, last)} if area else {None}
    (zone,) = zones if len(zones) == 1 else (None,)
    if zone is None:
        raise settlement_rules.DEVIATION_AREA_UNKNOWN.refused(path="/grid_area", actual=command.grid_area)
    return zone


def decide_drafted(
    command: RunDeviationSettlement,
    *,
    run_id: str,
    zone: str,
    as_of: AsOf,
    settled: Settled | None,
    found: Sequence[OfDay],
) -> DeviationSettlementDrafted:
    """The draft: sums and what they rest on, never what is of one point."""
    differing = [one for one in found if one.lines]
    some = deviation.pairs(differing, settled.left() if settled else {})
    exact = money.total([one.exact for one in some])
    return DeviationSettlementDrafted(
        run_id=run_id,
        grid_area=command.grid_area,
        zone=BiddingZone(zone),
        first_day=command.first_day,
        last_day=command.last_day,
        at=as_of.at,
        as_of=tuple(ShardPosition(shard=one, position=at) for one, at in sorted((as_of.positions or {}).items())),
        days=tuple(
            SettledDay(
                date=one.date,
                since=settled.last(one.date) if settled else None,
                points=len({line.point for line in one.lines}),
                energy_wh=sum(line.energy_wh for line in one.lines),
                amount_exact=money.text(money.total([line.amount for line in one.lines])),
            )
            for one in differing
        ),
        pairs=tuple(
            DeviationPair(
                supplier=one.supplier,
                dso=one.dso,
                energy_wh=one.energy_wh,
                amount_exact=money.text(one.exact),
                carried_exact=money.text(one.carried),
                amount=money.ore_text(one.amount),
            )
            for one in some
        ),
        points=len({line.point for one in differing for line in one.lines}),
        quarters=sum(len(one.lines) for one in differing),
        lacking=deviation.lacking(differing),
        energy_wh=sum(one.energy_wh for one in some),
        amount_exact=money.text(exact),
        amount=money.ore_text(money.total([one.amount for one in some])),
        revisions_sha256=deviation.sha256(differing),
    )


def decide_published(state: Run | None, settled: Settled | None) -> list[Event]:
    """A draft counts from now on, unless what it carries on from is not what counts any more."""
    if state is None:
        raise settlement_rules.SETTLEMENT_UNKNOWN.refused(path="/subject")
    if state.status != "draft":
        raise settlement_rules.SETTLEMENT_NOT_DRAFT.refused(path="/subject", actual=state.status)
    if state.lacking:
        raise settlement_rules.SETTLEMENT_INCOMPLETE.refused(path="/subject", actual=state.lacking)
    for local, since in state.since.items():
        if (settled.last(date.fromisoformat(local)) if settled else None) != since:
            raise settlement_rules.SETTLEMENT_OVERTAKEN.refused(path="/subject", actual=local)
    published = DeviationSettlementPublished(
        run_id=state.run_id,
        grid_area=state.grid_area,
        days=state.dates,
        pairs=len(state.pairs),
        amount=state.amount,
    )
    return [published, *_told(state, "published")]


def decide_annulled(state: Run | None, settled: Settled | None, command: AnnulSettlement) -> list[Event]:
    """A run does not count; if it was published, everyone who was told is told."""
    if state is None:
        raise settlement_rules.SETTLEMENT_UNKNOWN.refused(path="/subject")
    if state.status == "annulled":
        raise settlement_rules.SETTLEMENT_ANNULLED_ALREADY.refused(path="/subject")
    was_published = state.status == "published"
    for local in state.dates if was_published else ():
        if settled is None or settled.last(local) != state.run_id:
            raise settlement_rules.SETTLEMENT_BUILT_ON.refused(path="/subject", actual=local.isoformat())
    annulled = DeviationSettlementAnnulled(
        run_id=state.run_id,
        grid_area=state.grid_area,
        days=state.dates,
        was_published=was_published,
        reason=command.reason,
    )
    return [annulled, *(_told(state, "annulled") if was_published else ())]


def _told(state: Run, status: Literal["published", "annulled"]) -> Iterable[SupplierDeviationSettled]:
    for one in state.pairs:
        yield SupplierDeviationSettled(
            share_id=f"{state.run_id}/{one.supplier}/{one.dso}",
            run_id=state.run_id,
            status=status,
            grid_area=state.grid_area,
            zone=BiddingZone(state.zone),
            first_day=state.first_day,
            last_day=state.last_day,
            supplier=cast("str", one.supplier),
            dso=cast("str", one.dso),
            energy_wh=one.energy_wh,
            amount_exact=one.amount_exact,
            carried_exact=one.carried_exact,
            amount=one.amount,
        )
