"""Settlement by point at the door: the readers of `test_reach_matrix`, by resource, stretch of time and status.

What a row says is made up here, one of each stretch; who stands behind the point then, and the answer, are the door's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from out_house import House, code
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from test_door_matrix import door as door  # noqa: PLC0414 - a fixture
from test_reach_matrix import EDGES, GLN, ROLE, TABLES, table
from test_reach_matrix import given as given  # noqa: PLC0414 - a fixture

from chassis.asking import UnableToAnswer
from chassis.work import Work
from contracts.meter_ingest import v1
from contracts.registry.v1 import GridAreaDefined
from contracts.values import BiddingZone, Period, Role
from meter_ingest import allocating, deviating, recounting, settlement_queries, store
from meter_ingest.domain import days
from meter_ingest.domain.reach import Known, Reader
from meter_ingest.domain.settlement import rows_read
from meter_ingest.domain.settlement.adjustment import Delivered, Row
from meter_ingest.domain.settlement.billing import Hour
from meter_ingest.domain.settlement.deviation import AsOf, Line, OfDay
from meter_ingest.domain.settlement.hour_price import HourPrice

pytestmark = pytest.mark.store

QUARTER = timedelta(minutes=15)
# By reader: rows of adjustments, and what an activation of then was allocated to. There are activations in the second,
# third and fourth stretch, while the point was a member; of bsp-former, and in the fourth of bsp-holding.
DELIVERED = """
bsp-former              .xx... .xx... - - - no
bsp-holding             ...x.. ...x.. - - - no
supplier-former         .xx... -      - - - no
supplier-present        ...x.. -      - - - no
brp-former              .xx... -      - - - no
brp-consumption         ...x.. -      - - - no
tso                     .xxx.. .xxx.. - - - no
"""
DEVIATED = {Role.DSO, Role.SUPPLIER, Role.BRP, Role.BSP}
"""Whose rows of deviations are those of the values that they may read."""
ROWS = table(DELIVERED)
STRETCHES = [f"{date.fromisoformat(first) + timedelta(days=9)}" for first, _ in pairwise(EDGES)]
"""A day in each."""
MEMBER = range(1, 4)


def marks(found: Sequence[str]) -> str:
    """The stretches in which there is one of these days."""
    return "".join("x" if day in found else "." for day in STRETCHES)


def activation(world: Any, place: int) -> str:
    return world.uuid(940 + place)


def run_id(world: Any, status: str) -> str:
    return world.uuid(950 + ("draft", "published", "annulled", "annulled-draft").index(status))


@pytest.fixture
def settled(world: Any, given: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """An activation, with an adjustment, in each stretch that the point was a member in; runs of deviations of all."""
    say, point = world.scenario.given, world.gsrn(1)
    say(GridAreaDefined(grid_area=world.area, name="x", zone=BiddingZone.NO3, dso=GLN["dso-present"]))
    for place in MEMBER:
        local = STRETCHES[place]
        start = world.local(local, "10:00")
        bsp = GLN["bsp-holding" if place == MEMBER[-1] else "bsp-former"]
        ordered = {"activation_id": activation(world, place), "group_id": world.group, "bsp": bsp, "direction": "up"}
        ordered |= {"power_w": 4000, "biddable_w": 4000, "metering_points": (point,), "ordered_at": start}
        say(v1.ActivationOrdered.model_validate({**ordered, "period": Period(start=start, end=start + QUARTER)}))
        adjusted = {"local_date": local, "version": "D+1", "status": "draft", "at": start, "as_of": ()}
        named = {"activation_id": activation(world, place), "run": 1, "revisions_sha256": "0" * 64}
        adjusted |= {"activations": (named,), "points": 1, "sums": (), "quarters": (), "delivered_wh": 10}
        say(v1.ImbalanceAdjusted.model_validate({**adjusted, "sha256": "0" * 64}))

    async def delivered(_self: Any, work: Work, id_: str, _as_of: Any) -> Delivered:
        state = await work.load(store.ACTIVATION, id_)
        assert state is not None
        assert state.bsp is not None
        return Delivered(id_, state.bsp, 1, "0" * 64, state.start, {point: (10,)})

    async def allocation(_connection: Any, _work: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked["activation_id"] not in {activation(world, place) for place in MEMBER}:
            raise UnableToAnswer(asked["activation_id"])
        points = [{"metering_point_id": point, "delivered_wh": [10], "evidence": ["measured"]}]
        return {"activation_id": asked["activation_id"], "runs": [], "points": points}

    async def computed(
        _work: Any, _values: Any, _area: str, _zone: str, *, as_of: AsOf, since: Mapping[date, Any]
    ) -> list[OfDay]:
        (local,) = since
        start = days.day(local).start
        lines = ("consumption", "production")
        return [
            OfDay(local, tuple(Line(point, one, start, 0, 10, 10, None, Decimal(0), None, None) for one in lines), ())
        ]

    async def hours(_connection: Any, _work: Any, _point: str, local: date, _since: Any) -> Any:
        start = days.day(local).start
        some = [
            Hour(start + number * timedelta(hours=1), 10, HourPrice(None, "unpriced"), None, False)
            for number in range(24)
        ]
        return "NO3", "interval", some

    monkeypatch.setattr(allocating.FromValues, "__call__", delivered)
    monkeypatch.setattr(recounting, "allocation_asked", allocation)
    monkeypatch.setattr(deviating, "computed", computed)
    monkeypatch.setattr(settlement_queries, "hours_of", hours)
    for status in ("draft", "published", "annulled", "annulled-draft"):
        _runs(world, run_id(world, status), status)


def _runs(world: Any, id_: str, status: str) -> None:
    say = world.scenario.given
    of_days = [{"date": one, "since": None, "points": 1, "energy_wh": 0, "amount_exact": "0"} for one in STRETCHES]
    drafted = {"run_id": id_, "grid_area": world.area, "zone": "NO3", "first_day": EDGES[0], "last_day": EDGES[-1]}
    drafted |= {"at": world.local(EDGES[-1]), "as_of": (), "days": of_days, "pairs": (), "points": 1, "quarters": 1}
    drafted |= {"lacking": 0, "energy_wh": 0, "amount_exact": "0", "amount": "0.00", "revisions_sha256": "0" * 64}
    say(v1.DeviationSettlementDrafted.model_validate(drafted))
    told = {"run_id": id_, "grid_area": world.area, "days": STRETCHES}
    if status in {"published", "annulled"}:
        say(v1.DeviationSettlementPublished.model_validate({**told, "pairs": 0, "amount": "0.00"}))
    if status.startswith("annulled"):
        annulled = {**told, "was_published": status == "annulled", "reason": "x"}
        say(v1.DeviationSettlementAnnulled.model_validate(annulled))


@pytest.fixture
async def asked(door: House, settled: None, stored: Any, world: Any) -> House:
    """The door, to which all that has been decided."""
    await stored(world, *(kind.name for kind in store.KINDS))
    return door


async def noted(engine: AsyncEngine) -> set[str]:
    """In which stretches anything was noted since it was asked last."""
    async with engine.begin() as connection:
        rows = (await connection.execute(text("SELECT start FROM private.read_log"))).scalars().all()
        await connection.execute(text("TRUNCATE private.read_log"))
    return {(one + timedelta(hours=2)).date().isoformat() for one in rows}


def answered(answer: Any, name: str, refused: str) -> list[dict[str, Any]]:
    if answer.status_code == 200:
        return answer.json()[name]
    assert code(answer) == (404, refused)
    return []


@pytest.mark.parametrize("day", sorted(TABLES))
async def test_rows_of_adjustments_and_allocations(asked: House, world: Any, engine: AsyncEngine, day: str) -> None:
    await asked.stands(world.local(day, "12:00"))
    for name, gln in GLN.items():
        row = ROWS.get(name)
        rows, allocated = row.lines[:2] if row else ("......", "......")
        found: list[str] = []
        for local in STRETCHES:
            answer = await asked.gets(gln, f"/settlement/adjustments/{local}", version="D+1")
            some = answered(answer, "rows", "SETTLEMENT_NOT_FOUND")
            found += [local for one in some if one["delivered_wh"] == 10]
            assert bool(some) == (local in await noted(engine)), (name, local)
        assert marks(found) == rows, name
        found = []
        for place, local in enumerate(STRETCHES):
            answer = await asked.gets(gln, f"/activations/{activation(world, place)}/allocation")
            found += [local for _ in answered(answer, "points", "SETTLEMENT_NOT_FOUND")]
        assert marks(found) == allocated, name


@pytest.mark.parametrize("day", sorted(TABLES))
@pytest.mark.parametrize("status", ["draft", "published", "annulled", "annulled-draft"])
async def test_rows_of_deviations(asked: House, world: Any, engine: AsyncEngine, day: str, status: str) -> None:
    await asked.stands(world.local(day, "12:00"))
    path = f"/settlement/deviations/{run_id(world, status)}"
    for name, gln in GLN.items():
        role = ROLE[name.partition("-")[0]]
        answer = await asked.gets(gln, path)
        rows = answered(answer, "rows", "SETTLEMENT_NOT_FOUND")
        if rows:
            assert answer.json()["status"] == status.partition("-")[0]
        for line, may in zip(("consumption", "production"), TABLES[day][name].lines, strict=False):
            found = [_local(one["start"]) for one in rows if one["line"] == line]
            wanted = may if role in DEVIATED and status in {"published", "annulled"} else "......"
            assert marks(found) == ("xxxxxx" if role == Role.TSO else wanted), (name, line)
        assert await noted(engine) == {_local(one["start"]) for one in rows}, name


@pytest.mark.parametrize("day", sorted(TABLES))
async def test_hours_with_prices(asked: House, world: Any, engine: AsyncEngine, day: str) -> None:
    await asked.stands(world.local(day, "12:00"))
    for name, gln in GLN.items():
        found: list[str] = []
        for local in STRETCHES:
            until = (date.fromisoformat(local) + timedelta(days=1)).isoformat()
            answer = await asked.gets(gln, f"/points/{world.gsrn(1)}/hours", from_=local, to=until)
            found += [one["date"] for one in answered(answer, "days", "VALUES_NOT_FOUND") if len(one["hours"]) == 24]
        assert marks(found) == TABLES[day][name].lines[0], name
        assert await noted(engine) == set(found), name


def _local(start: str) -> str:
    return days.day_at(datetime.fromisoformat(start)).date.isoformat()


# The policy alone: nobody reads in another role than that of the relation, and nobody for an end user


def test_a_party_reads_no_row_in_another_role() -> None:
    start = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    mine = GLN["bsp-other"]
    for stands in ("supplier", "brp", "bsp"):
        others = {"supplier": "a", "brp": "b", "bsp": "c", stands: mine}
        row = Row("1", start, 10, others["supplier"], others["brp"], others["bsp"], None, None)
        for role in Role:
            for end_user in ("", "somebody"):
                reader = Reader(mine, role, end_user)
                wanted = not end_user and (role == Role.TSO or role.value == stands)
                assert bool(rows_read.of_adjustment(row, [reader])) == wanted, (stands, role, end_user)
    for stands, roles in (("supplier", {Role.SUPPLIER}), ("dso", {Role.DSO})):
        pair = {"supplier": None, "dso": None, stands: mine}
        line = Line("1", "consumption", start, 0, 1, 1, None, Decimal(0), pair["supplier"], pair["dso"])
        for role in Role:
            for end_user in ("", "somebody"):
                wanted = not end_user and role in {*roles, Role.TSO}
                assert bool(rows_read.of_deviation(line, [Reader(mine, role, end_user)], {})) == wanted, (stands, role)
    for role in Role:
        assert bool(rows_read.of_activation(mine, [Reader(mine, role)])) == (role in {Role.BSP, Role.TSO}), role
        assert bool(rows_read.of_activation(mine, [Reader("other", role)])) == (role == Role.TSO), role
