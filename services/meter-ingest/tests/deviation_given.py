"""Deviations in short: a consumer of each of two suppliers and a plant, prices, corrections, and what the TSO does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.meter_ingest import v1
from contracts.registry.v1 import GridAreaDefined
from contracts.values import BiddingZone, make_gln

DAY = "2026-03-29"
"""Of 92 quarters; locked at the end of April 3."""
LATE = "2026-04-10"
SUPPLIER, OTHER = make_gln(31), make_gln(32)


def supplied(world: Any, point: str, supplier: str = SUPPLIER, *, since: str = "2026-01-01") -> None:
    world.scenario.given(
        SupplyRecorded(
            metering_point_id=point,
            supplier=supplier,
            brp_consumption=make_gln(21),
            brp_production=make_gln(22),
            end_user=world.uuid(5),
            valid_from=world.local(since),
        )
    )


def made(world: Any) -> list[str]:
    """A consumer of each supplier, and a plant of the first."""
    world.scenario.given(GridAreaDefined(grid_area=world.area, name="x", zone=BiddingZone.NO3, dso=world.dso))
    points = world.points(1, 2, 3)
    world.open(points[:2])
    world.open(points[2:], direction="production")
    for point, supplier in zip(points, (SUPPLIER, OTHER, SUPPLIER), strict=True):
        supplied(world, point, supplier)
    return points


def priced(world: Any, nok: str = "1000", *, at: Any = None, quarters: int = 92) -> None:
    command = v1.PublishPrices(
        kind="imbalance-quarter", source="eSett", start=world.local(DAY), prices_nok_mwh=(nok,) * quarters
    )
    world.scenario.when(command, subject="NO3", sender=world.tso, role="tso", at=at or world.local("2026-03-30"))


def send(world: Any, day_series: Any, point: str, wh: int | list[int], *, on: str, **changes: Any) -> None:
    at = world.local(on, "06:00")
    world.send(day_series(point, DAY, wh, registered_at=at - timedelta(minutes=1), **changes), at=at)


def on_time(world: Any, day_series: Any, points: list[str]) -> None:
    for point in points[:2]:
        send(world, day_series, point, 1000, on="2026-03-30")
    if points[2:]:
        send(world, day_series, points[2], 1000, on="2026-03-30", direction="production")


def run(world: Any, number: int = 1, *, first: str = DAY, last: str = DAY, on: str = LATE, area: str = "") -> Any:
    command = v1.RunDeviationSettlement(
        grid_area=area or world.area, first_day=date.fromisoformat(first), last_day=date.fromisoformat(last)
    )
    return world.scenario.when(
        command, subject=world.uuid(500 + number), sender=world.tso, role="tso", at=world.local(on, "12:00")
    )


def publish(world: Any, number: int = 1) -> Any:
    at = world.local(LATE, "13:00")
    return world.scenario.when(
        v1.PublishSettlement(), subject=world.uuid(500 + number), sender=world.tso, role="tso", at=at
    )


def annul(world: Any, number: int = 1) -> Any:
    command, at = v1.AnnulSettlement(reason="Feil målepunkt"), world.local(LATE, "14:00")
    return world.scenario.when(command, subject=world.uuid(500 + number), sender=world.tso, role="tso", at=at)


def draft(outcome: Any) -> v1.DeviationSettlementDrafted:
    (event,) = outcome.then_only(v1.DeviationSettlementDrafted)
    return event


def told(outcome: Any) -> list[tuple[str, str, str, int, str]]:
    return [
        (one.status, one.supplier, one.dso, one.energy_wh, one.amount)
        for one in outcome.events
        if isinstance(one, v1.SupplierDeviationSettled)
    ]
