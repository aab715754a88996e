"""The values of virtual channels: against a plain model, and as they are asked for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noted_given import noted
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from contracts.meter_ingest.v1 import DefineVirtualChannel, VirtualChannelDefined
from contracts.registry.v1 import GridAreaDefined
from contracts.values import BiddingZone, Role, make_eic_y, make_gln, make_gsrn
from meter_ingest import pages, queries, virtual_queries
from meter_ingest.domain import days, virtual_values
from meter_ingest.domain.virtual import Check, Definition, Part, Said, Source, Term, Virtual, rests_on, stretches
from meter_ingest.domain.virtual_values import Column, Computing
from meter_ingest.store import VIRTUAL

POINTS = [make_gsrn(number) for number in range(1, 6)]
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
STATUSES = ("metered", "estimated", "final-estimated", "temporary")
CERTAIN = ("temporary", "estimated", "final-estimated", "metered")

PAPER = make_eic_y("PAPIR-1")
FROM = "2026-03-28"


@pytest.fixture
def points(world: Any) -> list[str]:
    world.scenario.given(
        GridAreaDefined(grid_area=PAPER, name="x", zone=BiddingZone.NO3, dso=world.other_dso, virtual=True)
    )
    points = world.points(1, 2, 3)
    world.open(points)
    world.open(points, direction="production")
    return points


def term(point: str, direction: str = "consumption", **more: Any) -> dict[str, Any]:
    return {"metering_point_id": point, "direction": direction, **more}


def define(world: Any, *terms: dict[str, Any], **changes: Any) -> None:
    asked = {
        "method": "sum",
        "grid_area": PAPER,
        "terms": terms,
        "valid_from": world.local(FROM),
        "reason": "test",
        **changes,
    }
    outcome = world.scenario.when(
        DefineVirtualChannel.model_validate(asked),
        subject=world.uuid(500),
        sender=world.dso,
        at=world.local("2026-03-27", "12:00"),
    )
    outcome.then_only(VirtualChannelDefined)


def definition(method: Any, terms: tuple[Term, ...], version: int = 1, **more: Any) -> Definition:
    given: dict[str, Any] = {
        "by": make_gln(2),
        "dsos": (),
        "direction": "consumption",
        "product": "active",
        "product_code": "",
        "grid_area": None,
        "sharing": None,
        "recipients": (),
        "shares_ppm": (),
        "check": None,
        **more,
    }
    return Definition(version=version, method=method, terms=terms, **given)


@st.composite
def columns(draw: st.DrawFn, quarters: int) -> dict[Source, Column]:
    """Values of each point: mostly there, of few sizes and every status."""
    found: dict[Source, Column] = {}
    for point in POINTS:
        seed = draw(st.lists(st.sampled_from((0, 0, 1, 7, 1000, None)), min_size=7, max_size=7))
        status = draw(st.lists(st.sampled_from(STATUSES), min_size=5, max_size=5))
        wh = [seed[q % 7] for q in range(quarters)]
        certain = [None if one is None else status[q % 5] for q, one in enumerate(wh)]
        for line in ("consumption", "production"):
            found[Source(point, line)] = Column(wh, certain)
            wh, certain = wh[::-1], certain[::-1]
    return found


@pytest.mark.unit
@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from((SPRING, AUTUMN)), st.sampled_from(("manual", "equal", "consumption-based")))
def test_shares_add_up_and_sums_are_those_of_a_plain_model(data: Any, local: date, sharing: Any) -> None:
    day = days.day(local)
    start, end = day.start - timedelta(days=1), day.end
    quarters = (end - start) // days.QUARTER
    values = data.draw(columns(quarters))
    cuts = sorted(data.draw(st.lists(st.integers(0, 1_000_000), min_size=2, max_size=2)))
    ppm = (cuts[0], cuts[1] - cuts[0], 1_000_000 - cuts[1])
    shared = definition(
        "share",
        (Term(POINTS[0], "production"),),
        sharing=sharing,
        recipients=tuple(POINTS[1:4]),
        shares_ppm=ppm if sharing == "manual" else (0, 0, 0),
    )
    net = definition("net", (Term(POINTS[1]), Term(virtual="share", recipient=POINTS[1], minus=True), Term(POINTS[4])))
    # The day before, it was only a copy.
    copy = definition("copy", (Term(POINTS[4]),))
    channels: dict[str, Virtual | None] = {
        "share": Virtual((Said(start, start, None, shared),), (local, local)),
        "net": Virtual((Said(start, start, None, copy), Said(start, day.start, None, net)), (local, local)),
    }
    computing = Computing(channels, values, start, end)
    parts, whole = computing.channel("share"), values[Source(POINTS[0], "production")]
    weights = [values[Source(point, "consumption")] for point in POINTS[1:4]]
    found = computing.channel("net")[None]
    for quarter in range(quarters):
        wh = [parts[point].wh[quarter] for point in POINTS[1:4]]
        by = [one.wh[quarter] for one in weights] if sharing == "consumption-based" else []
        if whole.wh[quarter] is None or None in by:
            assert wh == [None] * 3
        else:
            assert sum(wh) == whole.wh[quarter]
            exact = by if any(by) else ppm if sharing == "manual" else (1, 1, 1)
            for one, weight in zip(wh, exact, strict=True):
                assert abs(one * sum(exact) - whole.wh[quarter] * weight) < sum(exact), "within a watt-hour of exact"
        rests = [values[Source(POINTS[4], "consumption")]]
        signed = [rests[0].wh[quarter]]
        if quarter >= 96:
            rests += [values[Source(POINTS[1], "consumption")], parts[POINTS[1]]]
            signed += [rests[1].wh[quarter], None if wh[0] is None else -wh[0]]
        expected = None if None in signed else sum(signed)
        assert found.wh[quarter] == expected
        certain = [one.status[quarter] for one in rests]
        assert found.status[quarter] == (None if expected is None else min(certain, key=CERTAIN.index))
    hours = virtual_values.derived(found, "PT60M", start=start)
    assert len(hours.wh) == quarters // 4
    for hour, one in enumerate(hours.wh):
        four = found.wh[4 * hour : 4 * hour + 4]
        assert one == (None if None in four else sum(four))
        assert hours.origin[hour] == (None if one is None else "virtual")


@pytest.mark.unit
def test_what_it_rests_on_is_followed_down_to_points() -> None:
    start, end = days.day(SPRING).start, days.day(SPRING).end
    one = definition("copy", (Term(POINTS[0]),), check=Check(POINTS[4], "consumption", 0, 0))
    two = definition("sum", (Term(virtual="one"), Term(POINTS[1])))
    found = rests_on(
        [Part("two", None)], {"two": Virtual((Said(start, start, None, two),), (SPRING, SPRING))}, start, end
    )
    assert (found.sources, found.unknown) == ((Source(POINTS[1], "consumption"),), ("one",))
    channels: dict[str, Virtual | None] = {
        "one": Virtual((Said(start, start, None, one),), (SPRING, SPRING)),
        "two": Virtual((Said(start, start, None, two),), (SPRING, SPRING)),
    }
    found = rests_on([Part("two", None)], channels, start, end)
    assert [source.point for source in found.sources] == POINTS[:2]
    assert not rests_on([Part("two", None)], channels, start, end, start - timedelta(seconds=1)).sources
    assert not stretches(None, start, end)


# As it is asked for


@pytest.fixture
def ask(engine: AsyncEngine) -> Any:
    async def ask(**asked: Any) -> tuple[int, Any]:
        running: Any = SimpleNamespace(database=engine)
        app = Starlette(routes=list(pages.pages(running)))
        given = {name.rstrip("_"): value for name, value in asked.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http:
            answer = await http.get("/values", params=given)
        return answer.status_code, answer.json()

    return ask


PERIOD = {"from_": "2026-03-27T23:00:00Z", "to": "2026-03-29T22:00:00Z"}


@pytest.mark.store
async def test_its_values_are_computed_as_they_count_and_counted(
    ask: Any,
    world: Any,
    points: list[str],
    take: Any,
    stored: Any,
    day_series: Any,
    engine: AsyncEngine,
) -> None:
    define(world, term(points[0]), term(points[1], "production", minus=True), method="net")
    await take(
        world.record(
            *(day_series(points[0], day, 100) for day in ("2026-03-28", "2026-03-29")),
            day_series(points[1], "2026-03-28", 130, direction="production", status="estimated"),
            at=world.local("2026-03-30", "06:00"),
        )
    )
    await stored(world, "virtual", "points")
    status, found = await ask(virtual=world.uuid(500), **PERIOD)
    (one,) = found["points"]
    assert (status, one["values_wh"]) == (200, [-30] * 96 + [None] * 92)
    lines = {(points[0], "consumption"), (points[1], "production")}
    assert {one[:2] for one in await noted(engine)} == lines, "whose values it was computed from"
    assert (set(one["status"][:96]), one["origin"][0], one["origin"][96]) == ({"estimated"}, "virtual", None)
    (said,) = found["definitions"]
    assert (said["version"], said["product_code"], said["settlement"]) == (1, "4700000000303", "not-settled")
    await take(
        world.record(
            day_series(points[1], "2026-03-29", 40, direction="production"), at=world.local("2026-03-31", "06:00")
        )
    )
    _, found = await ask(virtual=world.uuid(500), resolution="PT60M", revisions="true", **PERIOD)
    assert found["points"][0]["values_wh"] == [-120] * 24 + [240] * 23
    assert len(found["versions"]) == 4
    assert sum(one.startswith(points[1]) for one in found["versions"]) == 2
    _, found = await ask(virtual=world.uuid(500), as_of=world.local("2026-03-30", "12:00").isoformat(), **PERIOD)
    assert found["points"][0]["values_wh"] == [-30] * 96 + [None] * 92, "what counted then"
    status, _ = await ask(virtual=world.uuid(500), as_of=world.local("2026-03-27", "11:00").isoformat(), **PERIOD)
    assert status == 404, "it was not defined yet"


@pytest.mark.store
async def test_shared_production_is_given_by_recipient(
    ask: Any,
    world: Any,
    points: list[str],
    take: Any,
    stored: Any,
    day_series: Any,
) -> None:
    parts = zip(points[1:], (333_333, 666_667), strict=True)
    define(
        world,
        term(points[0], "production"),
        method="share",
        grid_area=None,
        direction="production",
        sharing="manual",
        recipients=[{"metering_point_id": point, "share_ppm": part} for point, part in parts],
    )
    await take(world.record(day_series(points[0], FROM, 10, direction="production"), at=world.local("2026-03-30")))
    await stored(world, "virtual", "points")
    _, found = await ask(virtual=world.uuid(500), **PERIOD)
    assert found["line"] == "production"
    assert {one["metering_point_id"]: one["values_wh"][0] for one in found["points"]} == {points[1]: 3, points[2]: 7}


@pytest.mark.store
async def test_who_has_nothing_to_do_with_it_is_told_nothing(
    ask: Any,
    world: Any,
    points: list[str],
    stored: Any,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    define(world, term(points[0]), term(points[1]))
    datahub = make_gln(4)
    for party, role in ((world.dso, Role.DSO), (world.other_dso, Role.DSO), (datahub, Role.DATAHUB)):
        world.onboarded(party, role)
    world.onboarded(world.bsp, Role.BSP)
    await stored(world, VIRTUAL.name, "points", "party")
    unknown = await ask(virtual=world.uuid(404), **PERIOD)
    assert unknown == (404, {"error": "not found"})
    assert await ask(virtual=world.uuid(500), as_=world.bsp, **PERIOD) == unknown
    assert await ask(virtual="'; --", **PERIOD) == unknown
    for party in (world.dso, world.other_dso, datahub):
        status, found = await ask(virtual=world.uuid(500), as_=party, **PERIOD)
        assert (status, found["points"][0]["values_wh"][0]) == (200, None)
    status, found = await ask(virtual=world.uuid(500), as_=world.dso, revisions="true", **PERIOD)
    assert (status, "operator" in found["error"]) == (400, True)
    status, _ = await ask(virtual=world.uuid(500), point=points[0], **PERIOD)
    assert status == 400
    monkeypatch.setattr(virtual_queries, "MOST_SOURCE_DAYS", 3)
    status, found = await ask(virtual=world.uuid(500), **PERIOD)
    assert (status, "2 sources" in found["error"]) == (400, True)
    async with queries.reading_only(engine) as connection:
        start = datetime.fromisoformat("2026-03-28T00:15:00+00:00")
        with pytest.raises(queries.UnableToRead):
            await virtual_queries.of_virtual(
                connection, world.uuid(500), start=start, end=start + timedelta(minutes=30), resolution="PT60M"
            )


@pytest.mark.store
async def test_it_is_computed_from_versions_in_the_resolution_that_counts(
    ask: Any, world: Any, points: list[str], take: Any, stored: Any, day_series: Any
) -> None:
    define(world, term(points[0]))
    at = world.local("2026-03-30", "06:00")
    world.fact(points[0], resolution="PT60M", valid_from=world.local(FROM))
    await take(world.record(day_series(points[0], FROM, 400, resolution="PT60M"), at=at))
    world.fact(points[0], resolution="PT15M", valid_from=world.local(FROM))
    await take(world.record(day_series(points[0], FROM, 25, registered_at=at), at=at + timedelta(hours=1)))
    day = {"from_": "2026-03-27T23:00:00Z", "to": "2026-03-28T23:00:00Z", "revisions": "true"}
    for resolution, wh, position in (("PT15M", 25, 2), ("PT60M", 100, 1)):
        world.fact(points[0], resolution=resolution, valid_from=world.local(FROM))
        await stored(world, "virtual", "points")
        _, found = await ask(virtual=world.uuid(500), **day)
        assert found["points"][0]["values_wh"] == [wh] * 96
        (name,) = found["versions"]
        assert name == f"{points[0]}|consumption|{FROM}|0/{position}|0"
