"""Settlement of deviations: what was corrected after the lock, once, and taken back as a whole."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from deviation_given import (
    DAY,
    OTHER,
    SUPPLIER,
    annul,
    draft,
    made,
    on_time,
    priced,
    publish,
    run,
    send,
    supplied,
    told,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.work import Work
from contracts.meter_ingest import v1
from contracts.registry.v1 import GridAreaChanged
from contracts.values import BiddingZone, make_gln
from meter_ingest import deviating, store
from meter_ingest.domain.settlement import corrected, deviation, money

pytestmark = pytest.mark.unit


@pytest.fixture
def points(world: Any) -> list[str]:
    return made(world)


def test_what_was_corrected_after_the_lock_is_settled_by_supplier(
    world: Any, day_series: Any, points: list[str]
) -> None:
    priced(world)
    on_time(world, day_series, points)
    send(world, day_series, points[0], 1100, on="2026-04-03")
    send(world, day_series, points[0], 1250, on="2026-04-05")
    send(world, day_series, points[1], [500] + [1000] * 91, on="2026-04-06")
    send(world, day_series, points[2], 1010, on="2026-04-07", direction="production")
    event = draft(run(world))
    assert (event.zone, event.points, event.quarters, event.lacking) == ("NO3", 3, 92 + 1 + 92, 0)
    assert [(one.supplier, one.dso, one.energy_wh, one.amount) for one in event.pairs] == [
        (SUPPLIER, world.dso, 92 * 150 - 92 * 10, "12.88"),
        (OTHER, world.dso, -500, "-0.50"),
    ], "the correction of April 3 was in time: the lock has it"
    assert (event.energy_wh, event.amount_exact, event.amount) == (92 * 140 - 500, "12.38", "12.38")
    assert [(one.date, one.since, one.points) for one in event.days] == [(date.fromisoformat(DAY), None, 3)]
    assert event.as_of == (v1.ShardPosition(shard="0", position=7),)
    assert told(publish(world)) == [
        ("published", SUPPLIER, world.dso, 92 * 140, "12.88"),
        ("published", OTHER, world.dso, -500, "-0.50"),
    ]


def test_events_carry_sums_and_the_names_of_points_stand_nowhere(
    world: Any, day_series: Any, points: list[str]
) -> None:
    priced(world)
    on_time(world, day_series, points)
    send(world, day_series, points[0], 1100, on="2026-04-05")
    said = [*run(world).events, *publish(world).events, *annul(world).events]
    assert not any(point in one.model_dump_json() for one in said for point in points)


def test_a_correction_after_publishing_carries_the_difference_alone(
    world: Any, day_series: Any, points: list[str]
) -> None:
    priced(world)
    on_time(world, day_series, points)
    send(world, day_series, points[0], 1250, on="2026-04-05")
    run(world)
    publish(world)
    assert draft(run(world, 2)).pairs == ()
    send(world, day_series, points[0], 1300, on="2026-04-11")
    event = draft(run(world, 3, on="2026-04-12"))
    assert [(one.energy_wh, one.amount) for one in event.pairs] == [(92 * 50, "4.60")]
    assert [one.since for one in event.days] == [world.uuid(501)]
    publish(world, 3)
    send(world, day_series, points[0], 1000, on="2026-04-13")
    event = draft(run(world, 4, on="2026-04-14"))
    assert [(one.energy_wh, one.amount) for one in event.pairs] == [(-92 * 300, "-27.60")], "all of it back"


def test_what_rounding_leaves_is_carried_to_the_next_run(world: Any, day_series: Any, points: list[str]) -> None:
    """Ten corrections of one Wh at 1 NOK/kWh, a run each: each is 0.1 øre, together they are one."""
    priced(world)
    on_time(world, day_series, points)
    amounts: list[str] = []
    for number in range(1, 11):
        on = str(date(2026, 4, 4) + timedelta(days=number))
        send(world, day_series, points[0], [1000 + number] + [1000] * 91, on=on)
        (pair,) = draft(run(world, number, on=on)).pairs
        amounts.append(pair.amount)
        publish(world, number)
    assert sum(map(Decimal, amounts)) == Decimal("0.01")
    assert (pair.amount_exact, pair.carried_exact, pair.amount) == ("0.001", "-0.001", "0.00")
    annul(world, 10)
    (pair,) = draft(run(world, 11, on="2026-04-16")).pairs
    assert pair.carried_exact == "-0.001", "what is annulled leaves nothing"


def test_a_corrected_price_is_settled_too(world: Any, day_series: Any, points: list[str]) -> None:
    priced(world)
    on_time(world, day_series, points)
    send(world, day_series, points[0], 1250, on="2026-04-05")
    run(world)
    publish(world)
    priced(world, "1500", at=world.local("2026-04-11"))
    event = draft(run(world, 2, on="2026-04-12"))
    assert [(one.energy_wh, one.amount_exact) for one in event.pairs] == [(0, "11.5")], "92 · 250 Wh · 500 NOK/MWh"


@pytest.mark.rule("SETTLEMENT_INCOMPLETE")
def test_without_a_price_or_a_supplier_nothing_is_published(world: Any, day_series: Any, points: list[str]) -> None:
    priced(world, quarters=90)
    (new,) = world.points(4)
    world.open([new])
    on_time(world, day_series, points)
    send(world, day_series, points[0], 1250, on="2026-04-05")
    assert draft(run(world)).lacking == 2
    publish(world).refused("SETTLEMENT_INCOMPLETE", actual=2)
    priced(world, at=world.local("2026-04-09"))
    send(world, day_series, new, 10, on="2026-04-06")
    event = draft(run(world, 2))
    assert (event.lacking, [one.supplier for one in event.pairs]) == (92, [None, SUPPLIER])
    publish(world, 2).refused("SETTLEMENT_INCOMPLETE")
    supplied(world, new, OTHER)
    assert draft(run(world, 3)).lacking == 0
    assert [one[1] for one in told(publish(world, 3))] == [SUPPLIER, OTHER]


@pytest.mark.rule("SETTLEMENT_NOT_DRAFT")
@pytest.mark.rule("SETTLEMENT_UNKNOWN")
@pytest.mark.rule("SETTLEMENT_OVERTAKEN")
@pytest.mark.rule("SETTLEMENT_BUILT_ON")
@pytest.mark.rule("SETTLEMENT_ANNULLED_ALREADY")
def test_runs_are_published_and_annulled_in_order(world: Any, day_series: Any, points: list[str]) -> None:
    priced(world)
    on_time(world, day_series, points)
    publish(world).refused("SETTLEMENT_UNKNOWN")
    annul(world).refused("SETTLEMENT_UNKNOWN")
    send(world, day_series, points[0], 1250, on="2026-04-05")
    for number in (1, 2):
        run(world, number)
    run(world, 2).refused("ID_NOT_AVAILABLE")
    publish(world)
    publish(world).refused("SETTLEMENT_NOT_DRAFT", actual="published")
    publish(world, 2).refused("SETTLEMENT_OVERTAKEN", actual=DAY)
    assert [type(one) for one in annul(world, 2).events] == [v1.DeviationSettlementAnnulled], "nobody was told of it"
    send(world, day_series, points[0], 1300, on="2026-04-09")
    run(world, 3)
    publish(world, 3)
    annul(world).refused("SETTLEMENT_BUILT_ON", actual=DAY)
    assert told(annul(world, 3)) == [("annulled", SUPPLIER, world.dso, 92 * 50, "4.60")]
    annul(world, 3).refused("SETTLEMENT_ANNULLED_ALREADY")
    assert draft(run(world, 4)).energy_wh == 92 * 50, "carried on from the one that still counts"
    annul(world)
    publish(world, 4).refused("SETTLEMENT_OVERTAKEN")
    assert draft(run(world, 5)).energy_wh == 92 * 300, "nothing counts any more: from the lock again"


@pytest.mark.rule("DEVIATION_PERIOD_INVALID")
@pytest.mark.rule("DEVIATION_NOT_LOCKED")
@pytest.mark.rule("DEVIATION_TOO_OLD")
@pytest.mark.rule("DEVIATION_AREA_UNKNOWN")
def test_which_days_and_areas_can_be_run(world: Any, points: list[str]) -> None:
    run(world, last="2026-03-28").refused("DEVIATION_PERIOD_INVALID", actual=0)
    run(world, first="2026-03-01", last="2026-04-01").refused("DEVIATION_PERIOD_INVALID", limit=31, actual=32)
    run(world, on="2026-04-03").refused("DEVIATION_NOT_LOCKED", limit="2026-03-28")
    assert not run(world, on="2026-04-04").rejected, "the fifth day is over"
    run(world, 2, first="2023-04-09", last="2023-04-09").refused("DEVIATION_TOO_OLD", limit="2023-04-10")
    assert not run(world, 2, first="2023-04-10", last="2023-04-10").rejected
    run(world, 3, area=world.other_area).refused("DEVIATION_AREA_UNKNOWN")
    world.scenario.given(
        GridAreaChanged(
            grid_area=world.area,
            name="x",
            zone=BiddingZone.NO4,
            dso=world.dso,
            valid_from=world.local(DAY),
            freeze_days=14,
        )
    )
    run(world, 3, first="2026-03-28").refused("DEVIATION_AREA_UNKNOWN")
    assert draft(run(world, 3)).zone == "NO4"


def test_only_points_that_are_settled_by_interval_in_this_area(world: Any, day_series: Any, points: list[str]) -> None:
    priced(world)
    on_time(world, day_series, points)
    for point in points[:2]:
        send(world, day_series, point, 1250, on="2026-04-05")
    send(world, day_series, points[2], 1250, on="2026-04-05", direction="production")
    world.fact(points[0], settlement_method="not-settled")
    world.fact(points[2], grid_area=world.other_area)
    assert [one.supplier for one in draft(run(world)).pairs] == [OTHER]


def test_what_had_not_come_at_the_lock_was_settled_as_nothing(world: Any, day_series: Any, points: list[str]) -> None:
    priced(world)
    send(world, day_series, points[0], 1000, on="2026-04-08")
    assert draft(run(world)).energy_wh == 92_000


def test_an_hour_is_settled_by_the_profile_that_was_published_as_of_each(
    world: Any, day_series: Any, points: list[str]
) -> None:
    """At the lock there was none: its quarters were flat."""
    (hourly,) = world.points(4)
    world.open([hourly], resolution="PT60M")
    supplied(world, hourly)
    priced(world)
    send(world, day_series, hourly, 1000, on="2026-03-30", resolution="PT60M")
    send(world, day_series, hourly, 2000, on="2026-04-05", resolution="PT60M")
    profile = v1.PublishProfile(kind="jip", start=world.local(DAY), weights=(4, 3, 2, 1))
    world.scenario.when(profile, subject=world.area, sender=make_gln(8), role="datahub", at=world.local("2026-04-06"))
    run(world)
    state = world.scenario.state(store.DEVIATION, world.uuid(501))
    (day,) = rows(world, state)
    assert [one.energy_wh for one in day.lines[:5]] == [800 - 250, 600 - 250, 400 - 250, 200 - 250, 500 - 250]


def rows(world: Any, state: Any) -> list[deviation.OfDay]:
    """Computed again, as for who asks."""
    found: list[deviation.OfDay] = []

    async def again(work: Any) -> None:
        found.extend(await deviating.again(work, world.values, state))

    async def fetch(wanted: Any) -> Any:
        keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
        return {key: world.scenario.documents[key] for key in keys if key in world.scenario.documents}

    asyncio.run(again(Work(world.scenario.service, fetch)))
    return found


def test_a_run_is_computed_again_to_the_same_bytes_whatever_came_later(
    world: Any, day_series: Any, points: list[str]
) -> None:
    priced(world)
    on_time(world, day_series, points)
    send(world, day_series, points[0], 1250, on="2026-04-05")
    event = draft(run(world))
    send(world, day_series, points[0], 9999, on="2026-04-11")
    priced(world, "1", at=world.local("2026-04-11"))
    found = rows(world, world.scenario.state(store.DEVIATION, event.run_id))
    assert deviation.sha256(found) == event.revisions_sha256
    assert money.text(money.total([line.amount for day in found for line in day.lines])) == event.amount_exact
    assert sum(line.energy_wh for day in found for line in day.lines) == event.energy_wh


def test_nothing_is_noted_of_what_comes_in_time(world: Any, day_series: Any, points: list[str]) -> None:
    on_time(world, day_series, points)
    send(world, day_series, points[0], 1001, on="2026-04-03")
    assert world.scenario.state(store.CORRECTED, DAY) is None
    send(world, day_series, points[0], 1002, on="2026-04-04")
    state = world.scenario.state(store.CORRECTED, DAY)
    assert corrected.evolve(state, frozenset(state.names)) is state


WH = st.integers(0, 50_000)
CORRECTIONS = st.lists(st.tuples(st.integers(0, 2), WH, WH), min_size=1, max_size=6)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(CORRECTIONS, min_size=1, max_size=3),
    st.decimals(-2000, 2000, places=2, allow_nan=False, allow_infinity=False),
)
def test_published_runs_add_up_to_corrected_less_settled(
    world: Any, day_series: Any, batches: list[list[tuple[int, int, int]]], nok: Decimal
) -> None:
    """However corrections are cut into runs; of each, pairs to the øre add up to the total rounded once."""
    world = type(world)()
    points = made(world)
    priced(world, money.text(nok))
    on_time(world, day_series, points)
    now = dict.fromkeys(range(3), (1000, 1000))
    exact, left = money.ZERO, dict[Any, Decimal]()
    for number, batch in enumerate(batches, 1):
        on = str(date(2026, 4, 4) + timedelta(days=number))
        for place, one, rest in batch:
            way = {"direction": "production"} if place == 2 else {}
            send(world, day_series, points[place], [one] + [rest] * 91, on=on, **way)
            now[place] = (one, rest)
        event = draft(run(world, number, on=on))
        publish(world, number)
        exact += Decimal(event.amount_exact)
        assert sum(Decimal(one.amount) for one in event.pairs) == Decimal(event.amount)
        carried = money.total([Decimal(one.carried_exact) for one in event.pairs])
        assert money.to_ore(Decimal(event.amount_exact) + carried) == Decimal(event.amount)
        for one in event.pairs:
            left[one.supplier] = left.get(one.supplier, money.ZERO) + Decimal(one.amount_exact) - Decimal(one.amount)
            assert abs(left[one.supplier]) < money.ORE, "what was published is never an øre off what it is exactly"
        assert sum(one.energy_wh for one in event.pairs) == sum(one.energy_wh for one in event.days) == event.energy_wh
    signed = [(1, 1, -1)[place] * (one - 1000 + 91 * (rest - 1000)) for place, (one, rest) in now.items()]
    assert exact == money.of(sum(signed), nok)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(CORRECTIONS, st.sampled_from(["published", "annulled", "draft"])), min_size=1, max_size=4),
    st.decimals(-2000, 2000, places=2, allow_nan=False, allow_infinity=False),
)
def test_suppliers_and_dsos_add_up_to_every_total_whatever_is_annulled(
    world: Any, day_series: Any, batches: list[tuple[list[tuple[int, int, int]], str]], nok: Decimal
) -> None:
    """To the watt-hour and the øre; and what counts is corrected less settled, as of the last run that does."""
    world = type(world)()
    points = made(world)
    priced(world, money.text(nok))
    on_time(world, day_series, points)
    now = dict.fromkeys(range(3), (1000, 1000))
    exact, counted, amounts = money.ZERO, 0, Decimal()
    of_parties: dict[str, tuple[Decimal, int]] = {}
    for number, (batch, becomes) in enumerate(batches, 1):
        on = str(date(2026, 4, 4) + timedelta(days=number))
        for place, one, rest in batch:
            way = {"direction": "production"} if place == 2 else {}
            send(world, day_series, points[place], [one] + [rest] * 91, on=on, **way)
            now[place] = (one, rest)
        event = draft(run(world, number, on=on))
        for each in (event.pairs, event.days):
            assert sum(one.energy_wh for one in each) == event.energy_wh
        assert sum(Decimal(one.amount) for one in event.pairs) == Decimal(event.amount)
        by_supplier: dict[str, Decimal] = {}
        for one in event.pairs:
            by_supplier[str(one.supplier)] = by_supplier.get(str(one.supplier), Decimal()) + Decimal(one.amount)
        assert sum(by_supplier.values()) == Decimal(event.amount)
        if becomes == "draft":
            continue
        said = [publish(world, number), *([annul(world, number)] if becomes == "annulled" else ())]
        for status, supplier, _, wh, amount in (each for outcome in said for each in told(outcome)):
            sign = 1 if status == "published" else -1
            had, energy = of_parties.get(supplier, (Decimal(), 0))
            of_parties[supplier] = had + sign * Decimal(amount), energy + sign * wh
            counted += sign * wh
        if becomes == "published":
            exact += Decimal(event.amount_exact)
            amounts += Decimal(event.amount)
            signed = [(1, 1, -1)[place] * (one - 1000 + 91 * (rest - 1000)) for place, (one, rest) in now.items()]
            assert exact == money.of(sum(signed), nok)
            assert amounts == sum((amount for amount, _ in of_parties.values()), Decimal())
            assert counted == sum(energy for _, energy in of_parties.values())
            assert counted == sum(signed)
