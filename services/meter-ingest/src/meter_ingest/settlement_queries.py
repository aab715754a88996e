"""What stands behind settlement, computed when it is asked for: `POST /ask/settlement`.

`{run}`: the rows of a deviation run, from exactly what it rested on; `{adjustment: D+5, day}`: those of imbalance
adjustment, per point and quarter. `{zone, day}`: prices, hour by hour. `{point, day}`: volumes by the hour with their
prices, Norgespris, and, with `last_resort_since` a date, the surcharge. Amounts are exact decimal texts; only a total
is rounded. It is the operator's; what a party may read of it is at the door (`out.settlement_desk`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.asking import UnableToAnswer
from chassis.work import Work
from contracts import values
from contracts.values import BiddingZone
from meter_ingest import adjusting, allocating, delivering, deviating, queries, store, value_store
from meter_ingest.domain import blocks, days, known
from meter_ingest.domain.days import Day
from meter_ingest.domain.series import SeriesDay
from meter_ingest.domain.settlement import (
    adjustment,
    billing,
    deviation,
    hour_price,
    last_resort,
    money,
    norgespris,
    prices,
)
from meter_ingest.domain.settlement.deviation import AsOf
from meter_ingest.domain.settlement.hour_price import HourPrice
from meter_ingest.domain.values import Version
from meter_ingest.handlers import policies_in_force

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """Versions, read on the asker's connection."""

    connection: AsyncConnection

    async def versions(self, keys: Sequence[SeriesDay], *, as_of: Mapping[str, int]) -> list[Version]:
        """All of some days of points and lines, up to these positions."""
        found = await value_store.standing(self.connection, keys)
        return [one for some in found.values() for one in some if one.position <= as_of.get(one.shard, 0)]


async def settlement_asked(
    connection: AsyncConnection, work: Callable[[], Work], asked: Mapping[str, Any]
) -> dict[str, Any]:
    """Raises `UnableToAnswer`."""
    if asked.get("run"):
        return await _run(connection, work(), str(asked["run"]))
    local = _date(asked, "day")
    if asked.get("adjustment"):
        return await _adjustment(connection, work(), local, str(asked["adjustment"]))
    if asked.get("zone"):
        if asked["zone"] not in set(BiddingZone):
            raise UnableToAnswer(f"there are {', '.join(BiddingZone)}, not {asked['zone']}")
        return await _prices(work(), str(asked["zone"]), local)
    if asked.get("point"):
        since = _date(asked, "last_resort_since") if asked.get("last_resort_since") else None
        return await _volumes(connection, work(), str(asked["point"]), local, since)
    raise UnableToAnswer("say which run, or which zone or point and day")


async def _run(connection: AsyncConnection, work: Work, run_id: str) -> dict[str, Any]:
    run = await work.load(store.DEVIATION, run_id)
    if run is None:
        raise UnableToAnswer(f"there is no run {run_id}")
    found = await deviating.again(work, Stored(connection), run)
    rows = [line for day in found for line in day.lines]
    exact = money.total([one.amount for one in rows])
    return {
        "run": run_id,
        "status": run.status,
        "grid_area": run.grid_area,
        "zone": run.zone,
        "at": run.at,
        "revisions_sha256": deviation.sha256(found),
        "energy_wh": sum(one.energy_wh for one in rows),
        "amount_exact": money.text(exact),
        "rows": [row_of(one) for one in rows],
    }


def row_of(one: deviation.Line) -> dict[str, Any]:
    """A row of a run, as it is told."""
    return {
        "metering_point_id": one.point,
        "line": one.line,
        "start": one.start,
        "settled_wh": one.settled_wh,
        "corrected_wh": one.corrected_wh,
        "energy_wh": one.energy_wh,
        "nok_per_mwh": one.price and money.text(one.price.nok_per_mwh),
        "price": one.price and one.price.version,
        "amount_exact": money.text(one.amount),
        "supplier": one.supplier,
        "dso": one.dso,
    }


async def _adjustment(connection: AsyncConnection, work: Work, local: date, version: str) -> dict[str, Any]:
    state = await work.load(store.ADJUSTMENT, local.isoformat())
    ran = adjustment.run_of(state, version) if state else None
    if ran is None:
        raise UnableToAnswer(f"there is no version {version} of {local}")
    made = adjusting.Adjusting(allocating.FromValues(value_store.StoredValues(connection.engine)))
    _, rows = await made.rows(work, local, ran.activations, AsOf(ran.at, ran.positions))
    return {
        "day": local,
        "version": version,
        "at": ran.at,
        "delivered_wh": sum(one.wh for one in rows),
        "as_published": adjustment.is_as_told(ran, rows),
        "rows": [one._asdict() for one in rows],
    }


async def _hours(work: Work, zone: str, day: Day) -> tuple[HourPrice, ...]:
    fallback = (await policies_in_force(work)).value("hour-price.fallback", at=day.start)
    both: list[list[prices.Price | None]] = []
    for kind in ("day-ahead-hour", "day-ahead-quarter"):
        known_as = await work.load(store.PRICES, prices.key(kind, zone, day.date))
        both.append(prices.of_day(known_as, day, kind))
    return hour_price.of_day(*both, fallback=str(fallback))


async def _prices(work: Work, zone: str, local: date) -> dict[str, Any]:
    day = days.day(local)
    imbalance = await work.load(store.PRICES, prices.key("imbalance-quarter", zone, local))
    return {
        "zone": zone,
        "day": local,
        "hours": [
            {"start": day.start + place * _HOUR, **_price(one)}
            for place, one in enumerate(await _hours(work, zone, day))
        ],
        "imbalance": [
            {
                "start": day.start + place * days.QUARTER,
                "nok_per_mwh": one and money.text(one.nok_per_mwh),
                "price": one and one.version,
            }
            for place, one in enumerate(prices.of_day(imbalance, day, "imbalance-quarter"))
        ],
    }


async def _volumes(
    connection: AsyncConnection, work: Work, point: str, local: date, since: date | None
) -> dict[str, Any]:
    zone, settlement, some = await hours_of(connection, work, point, local, since)
    return {
        "metering_point_id": point,
        "zone": zone,
        "day": local,
        "settlement": settlement,
        **hours_told(some),
    }


def hours_told(some: Sequence[billing.Hour]) -> dict[str, Any]:
    """Hours as they are told, with what they are worth in all."""
    return {
        "hours": [
            {
                "start": one.start,
                "wh": one.wh,
                **_price(one.price),
                "surcharge_nok_kwh": None if one.surcharge_nok_kwh is None else money.text(one.surcharge_nok_kwh),
                "norgespris": one.norgespris,
                "amount_exact": None if one.amount is None else money.text(one.amount),
            }
            for one in some
        ],
        "unpriced": sum(one.amount is None for one in some),
        "amount_exact": money.text(billing.total(some)),
        "amount": money.ore_text(billing.total(some)),
    }


async def hours_of(
    connection: AsyncConnection, work: Work, point: str, local: date, since: date | None
) -> tuple[str, str | None, Sequence[billing.Hour]]:
    """A day of a point by the hour: in which zone, how it is settled, and what each hour is worth.

    Raises `UnableToAnswer`.
    """
    day = days.day(local)
    block = blocks.block_of(point)
    facts = await work.load(store.POINTS, block)
    version = known.version_at(facts, blocks.place_of(point), day.start)
    area = await work.load(store.GRID_AREA, version.grid_area) if version and version.grid_area else None
    zone = area.zone_at(day.start) if area else None
    if zone is None:
        raise UnableToAnswer(f"nobody has said in which bidding zone {point} lies")
    try:
        found = await delivering.of_points(connection, [point], start=day.start, end=day.end, resolution="PT60M")
    except queries.UnableToRead as error:
        raise UnableToAnswer(str(error)) from None
    ((delivered,),) = found.values()
    has = await work.load(store.NORGESPRIS, block)
    starts = [day.start + place * _HOUR for place in range(len(delivered.values.wh))]
    some = billing.hours(
        starts,
        delivered.values.wh,
        await _hours(work, zone, day),
        norgespris=[norgespris.has(has, point, start) for start in starts],
        since=since,
        terms=await _terms(work, day.start),
    )
    return zone, delivered.settled.settlement, some


async def _terms(work: Work, at: datetime) -> last_resort.Terms:
    in_force = await policies_in_force(work)
    first_days, first, then = (
        in_force.whole(f"last-resort.{name}", at=at) for name in ("first-days", "first-ore", "then-ore")
    )
    return last_resort.Terms(first_days, first, then)


def _price(one: HourPrice) -> dict[str, Any]:
    return {
        "nok_per_mwh": None if one.nok_per_mwh is None else money.text(one.nok_per_mwh),
        "nok_per_kwh": None if one.nok_per_kwh is None else str(one.nok_per_kwh),
        "source": one.source,
        "versions": one.versions,
        "origin": one.origin,
    }


def _date(asked: Mapping[str, Any], name: str) -> date:
    try:
        return values.parse_date(asked.get(name))
    except ValueError as error:
        raise UnableToAnswer(f"{name}: {error}") from None
