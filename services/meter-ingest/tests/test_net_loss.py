"""The net loss of grid areas that are followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from contracts.meter_ingest.v1 import (
    AcceptedTogether,
    BalanceGridArea,
    EnergyCounted,
    GridAreaBalanced,
    NetLossChecked,
    SetValidationRule,
    Threshold,
    ValidationRuleSet,
)
from contracts.registry.v1 import GridAreaDefined
from contracts.values import BiddingZone, Role, make_eic_y, make_gln
from meter_ingest import store
from meter_ingest.domain import validation

pytestmark = pytest.mark.unit

DAY, NEXT = "2026-03-29", "2026-03-30"
DATAHUB = make_gln(8)
PAPER = make_eic_y("PAPIR-1")


@pytest.fixture
def areas(world: Any) -> None:
    for area, dso in ((world.area, world.dso), (world.other_area, world.other_dso)):
        world.scenario.given(GridAreaDefined(grid_area=area, name="x", zone=BiddingZone.NO3, dso=dso))


@pytest.fixture
def points(world: Any, areas: None) -> list[str]:
    """A plant, two consumers, and a point beside the area."""
    points = world.points(1, 2, 3)
    beside = world.points(4, dso=world.other_dso, area=world.other_area)
    world.open(points[:1], direction="production")
    world.open(points[1:])
    world.open(beside, sender=world.other_dso)
    return [*points, *beside]


def follow(world: Any, *exchange: str, sender: str = "", area: str = "", day: str = DAY, **changes: Any) -> Any:
    sender = sender or world.dso
    return world.scenario.when(
        BalanceGridArea(exchange=exchange, valid_from=world.local(day), reason="test", **changes),
        subject=area or world.area,
        sender=sender,
        role=Role.DATAHUB if sender == DATAHUB else Role.DSO,
        at=world.local("2026-03-28", "12:00"),
    )


def send(world: Any, *some: Any, sender: str = "", at: datetime | None = None) -> list[NetLossChecked]:
    _, outcome = world.send(*some, sender=sender, at=at or world.local(NEXT, "06:00"))
    return [one for one in outcome.events if isinstance(one, NetLossChecked)]


@pytest.mark.rule("NET_LOSS_AREA_NOT_YOURS")
@pytest.mark.rule("NET_LOSS_NOT_AHEAD")
@pytest.mark.rule("NET_LOSS_POINT_NOT_BESIDE")
def test_who_may_follow_which_area_by_which_points(world: Any, points: list[str]) -> None:
    follow(world, sender=world.other_dso).refused("NET_LOSS_AREA_NOT_YOURS")
    follow(world, area=world.bsp).refused("NET_LOSS_AREA_NOT_YOURS")
    world.scenario.given(GridAreaDefined(grid_area=PAPER, name="x", zone=BiddingZone.NO3, dso=world.dso, virtual=True))
    follow(world, area=PAPER).refused("NET_LOSS_AREA_NOT_YOURS")
    past = follow(world, day="2026-03-28").refused(
        "NET_LOSS_NOT_AHEAD", limit="2026-03-28T12:00:00+01:00", actual="2026-03-28T00:00:00+01:00"
    )
    assert "2026-03-28T12:00:00+01:00" in past.text_nb
    theirs = follow(world, points[3]).refused("NET_LOSS_POINT_NOT_BESIDE", path="/exchange/0")
    unknown = follow(world, world.gsrn(77)).refused("NET_LOSS_POINT_NOT_BESIDE")
    assert theirs.text_en == unknown.text_en
    follow(world, points[0], sender=DATAHUB).refused("NET_LOSS_POINT_NOT_BESIDE")
    (event,) = follow(world, points[3], sender=DATAHUB).then_only(GridAreaBalanced)
    assert (event.dso, event.dropped) == (world.dso, ())
    (event,) = follow(world).then_only(GridAreaBalanced)
    assert event.dropped == (points[3],)


def test_less_in_than_out_is_said_once_and_again_when_it_changes(
    world: Any, points: list[str], day_series: Any
) -> None:
    follow(world)
    plant = day_series(points[0], DAY, 100, direction="production")
    assert not send(world, plant, day_series(points[1], DAY, 90)), "one is missing"
    (said,) = send(world, day_series(points[2], DAY, 30))
    assert (said.produced_wh, said.consumed_wh, said.net_loss_wh) == (9200, 11040, -1840)
    assert (said.negative, said.dso, said.rule, said.limit_wh) == (True, world.dso, "negative-net-loss", -1000)
    assert world.values.reads == 0, "what came once, whole, is not read"
    assert not send(world, day_series(points[2], DAY, 30)), "nothing new"
    later = world.local(NEXT, "09:00")
    (said,) = send(world, day_series(points[2], DAY, 31, registered_at=later), at=later)
    assert (said.net_loss_wh, said.negative) == (-1932, True)
    start, end = plant.start, plant.start + (plant.end - plant.start) / 23
    part = day_series(points[2], DAY, [0] * 4, start=start, end=end, registered_at=world.local(NEXT, "10:00"))
    (said,) = send(world, part, at=world.local(NEXT, "10:00"))
    assert said.net_loss_wh == -1932 + 124
    (said,) = send(
        world,
        day_series(points[2], DAY, 10, registered_at=world.local(NEXT, "11:00")),
        at=world.local(NEXT, "11:00"),
    )
    assert (said.net_loss_wh, said.negative) == (0, False)
    assert not send(world, day_series(points[1], DAY, 90), at=world.local(NEXT, "12:00"))


def test_points_of_another_area_count_the_other_way_round(world: Any, points: list[str], day_series: Any) -> None:
    follow(world, points[3], sender=DATAHUB)
    own = [day_series(points[1], DAY, 90), day_series(points[2], DAY, 30)]
    assert not send(world, day_series(points[0], DAY, 100, direction="production"), *own), "exchange is missing"
    assert not send(world, day_series(points[3], DAY, 20), sender=world.other_dso), "what they take out comes in here"
    state = world.scenario.state(store.AREA_DAY, f"{world.area}/{DAY}")
    assert (state.imported_wh, state.net_loss_wh, state.exchange) == (1840, 0, (points[3],))
    later = world.local(NEXT, "09:00")
    (said,) = send(world, day_series(points[3], DAY, 0, registered_at=later), sender=world.other_dso, at=later)
    assert said.net_loss_wh == -1840
    assert world.scenario.state(store.AREA_DAY, f"{world.other_area}/{DAY}") is None, "nobody follows it"


def test_nothing_is_counted_where_no_area_is_followed_nor_before(
    world: Any, points: list[str], day_series: Any
) -> None:
    def counted(some: Any) -> bool:
        _, outcome = world.send(some, at=world.local("2026-03-31", "06:00"))
        return any(isinstance(one, EnergyCounted) for one in (*outcome.events, *outcome.beside))

    assert not counted(day_series(points[1], "2026-03-28", 1))
    follow(world)
    assert not counted(day_series(points[2], "2026-03-28", 1)), "the day before"
    assert counted(day_series(points[1], DAY, 1))
    follow(world, followed=False, day=NEXT)
    assert counted(day_series(points[2], DAY, 1))
    assert not counted(day_series(points[1], NEXT, 1))


@pytest.mark.rule("VALIDATION_OF_DAYS")
def test_the_threshold_is_a_rule(world: Any, points: list[str], day_series: Any) -> None:
    def rule(consequence: Any = "warn", wh: int = 5000, **more: Any) -> Any:
        command = SetValidationRule(
            check="net-loss",
            consequence=consequence,
            thresholds=(Threshold(name="wh", value=wh), Threshold(name="basis-points", value=0)),
            valid_from=world.local("2026-03-29", "01:00"),
            reason="test",
            **more,
        )
        at = world.local("2026-03-28", "13:00")
        return world.scenario.when(command, subject="negative-net-loss", sender=world.tso, role=Role.TSO, at=at)

    rule("reject").refused("VALIDATION_OF_DAYS")
    rule(directions=("consumption",)).refused("VALIDATION_OF_DAYS")
    rule().then_only(ValidationRuleSet)
    follow(world)
    plant = day_series(points[0], DAY, 100, direction="production")
    assert not send(world, plant, day_series(points[1], DAY, 90), day_series(points[2], DAY, 60))
    later = world.local(NEXT, "09:00")
    (said,) = send(world, day_series(points[2], DAY, 65, registered_at=later), at=later)
    assert (said.net_loss_wh, said.limit_wh) == (-5060, -5000)
    assert "net-loss" in {one.check for one in validation.DEFAULTS}


def test_what_came_by_column_counts_alike(world: Any, points: list[str], day_series: Any) -> None:
    follow(world)
    send(world, day_series(points[0], DAY, 100, direction="production"))
    decided = world.decide(
        world.record(day_series(points[1], DAY, 90), day_series(points[2], DAY, 30), at=world.local(NEXT, "06:00"))
    )
    first, second = decided.event.series
    together = AcceptedTogether(
        **first.model_dump(include={"direction", "start", "end", "resolution", "status", "registered_at", "count"}),
        metering_points=(first.metering_point_id, second.metering_point_id),
        sums_wh=(first.sum_wh, second.sum_wh),
        salted_sha256="",
    )
    event = decided.event.model_copy(update={"series": (), "together": (together,)})
    outcome = world.scenario.when(event, at=world.local(NEXT, "06:00"))
    assert [one.net_loss_wh for one in outcome.events if isinstance(one, NetLossChecked)] == [-1840]
    assert world.values.reads == 0


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 0, 3, 2), (2, 3, 0, 1), (1, 3, 0, 0, 2, 1)])
@pytest.mark.parametrize("local", ["2026-03-29", "2026-10-25"])
def test_no_order_of_messages_changes_the_sums(
    world: Any, points: list[str], day_series: Any, order: tuple[int, ...], local: str
) -> None:
    follow(world)
    series = [
        day_series(points[1], local, wh, registered_at=world.local("2026-11-01", f"0{wh}:00")) for wh in (1, 2, 4)
    ]
    start, quarters = series[0].start, len(series[0].values_wh)
    series.append(
        day_series(
            points[1],
            local,
            [1000] * 4,
            start=start,
            end=start + (series[0].end - start) * 4 / quarters,
            registered_at=world.local("2026-11-01", "03:00"),
        )
    )
    for number, place in enumerate(order):
        world.send(series[place], at=world.local("2026-11-02", f"{number:02}:00"))
        state = world.scenario.state(store.AREA_DAY, f"{world.area}/{local}")
        met = set(order[: number + 1])
        if met - {3}:
            last = max(met - {3})
            early = 4000 if 3 in met and last < 2 else 4 * series[last].values_wh[0]
            assert state.consumed_wh == early + (quarters - 4) * series[last].values_wh[0]
    assert state.consumed_wh == 4 * world.steps(local)
