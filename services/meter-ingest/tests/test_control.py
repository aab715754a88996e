"""Whose a metering point is in which quarter: what passes at a midnight passes exactly there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest.v1 import ActivationVerified
from contracts.values import make_gln
from meter_ingest.domain import control

pytestmark = pytest.mark.unit

OTHER = make_gln(12)
DAY, NEXT = "2026-03-28", "2026-03-29"
"""The night on which the clocks are moved begins at the midnight between them."""


def claimed(world: Any, point: str, since: str = "2026-01-06") -> bsp_switch.ControlClaimed:
    return bsp_switch.ControlClaimed(
        metering_point_id=point, bsp=world.bsp, valid_from=world.local(since), consent_id=world.uuid(1)
    )


def switched(world: Any, point: str, start: str = NEXT, *, cancelled: bool = False) -> Any:
    about = {
        "switch_id": world.uuid(2),
        "metering_point_id": point,
        "outgoing": world.bsp,
        "incoming": OTHER,
        "dso": world.dso,
        "start": world.local(start),
    }
    if cancelled:
        return bsp_switch.SwitchCancelled(**about, because="incoming", valid_to=None)
    return bsp_switch.SwitchAnnounced(**about, consent_id=world.uuid(3), notice_days=14, notice_min_days=14)


def ended(world: Any, point: str, end: str) -> bsp_switch.ControlEndAnnounced:
    return bsp_switch.ControlEndAnnounced(
        metering_point_id=point,
        bsp=world.bsp,
        dso=world.dso,
        valid_from=world.local("2026-01-06"),
        valid_to=world.local(end),
        because="move-out",
    )


def kept(world: Any, point: str) -> bsp_switch.ControlEndCancelled:
    return bsp_switch.ControlEndCancelled(
        metering_point_id=point,
        bsp=world.bsp,
        dso=world.dso,
        valid_from=world.local("2026-01-06"),
        valid_to=None,
        because="move-out",
    )


def order(world: Any, points: list[str], start: Any, *, minutes: int = 30) -> None:
    world.formed()
    for point in points:
        world.joined(point)
    world.order(4_000, start, start + timedelta(minutes=minutes), at=start - timedelta(minutes=15))


def verified(events: list[Any]) -> ActivationVerified:
    (found,) = [event for event in events if isinstance(event, ActivationVerified)]
    return found


def over_midnight(world: Any, day_series: Any, *said: Any) -> ActivationVerified:
    """Two points, 23:45 to 00:15, 100 Wh a quarter before it and 40 in it."""
    points = world.points(1, 2)
    world.open(points)
    world.scenario.given(*(claimed(world, point) for point in points), *said)
    order(world, points, world.local(DAY, "23:45"))
    found: list[Any] = []
    for point in points:
        for day, figures in ((DAY, [100] * 95 + [40]), (NEXT, [40] + [100] * 91)):
            found += world.send(day_series(point, day, figures), at=world.local("2026-03-30", "06:00"))[1].events
    return verified(found)


def figures(event: ActivationVerified) -> list[tuple[int, int]]:
    return [(one.baseline_wh, one.metered_wh) for one in event.quarters]


def test_after_the_midnight_of_a_switch_a_point_counts_for_its_former_bsp_no_more(world: Any, day_series: Any) -> None:
    event = over_midnight(world, day_series, switched(world, world.gsrn(2)))
    assert figures(event) == [(200, 80), (100, 40)]
    assert (event.points, event.result) == (2, "verified")


def test_a_switch_that_was_cancelled_makes_no_difference(world: Any, day_series: Any) -> None:
    point = world.gsrn(2)
    event = over_midnight(world, day_series, switched(world, point), switched(world, point, cancelled=True))
    assert figures(event) == [(200, 80), (200, 80)]


def test_a_point_that_the_bsp_holds_in_no_quarter_is_not_waited_for(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    world.open(points)
    world.scenario.given(*(claimed(world, point) for point in points), ended(world, points[1], DAY))
    order(world, points, world.local(DAY, "10:00"))
    outcome = world.send(day_series(points[0], DAY, 100), at=world.local(NEXT, "06:00"))[1]
    event = verified(outcome.events)
    assert (event.because, event.points, event.missing_points) == ("complete", 1, 0)


def test_a_move_out_told_late_has_verified_what_it_touches_anew_and_so_has_its_correction(
    world: Any, day_series: Any
) -> None:
    points = world.points(1, 2)
    world.open(points)
    world.scenario.given(*(claimed(world, point) for point in points))
    order(world, points, world.local(DAY, "10:00"))
    before = [world.send(day_series(point, DAY, 100), at=world.local(NEXT, "06:00"))[1] for point in points][-1]
    assert (verified(before.events).points, verified(before.events).run) == (2, 1)

    def hears(event: Any) -> list[Any]:
        return world.scenario.when(event, at=world.local("2026-04-10")).events

    assert hears(switched(world, points[1], "2026-04-20")) == [], "what is to come touches nothing that has been"
    again = verified(hears(ended(world, points[1], DAY)))
    assert (again.because, again.run, again.points) == ("revision", 2, 1)
    assert hears(ended(world, points[1], DAY)) == [], "said twice"
    assert verified(hears(ended(world, points[1], "2026-03-31"))).points == 2, "it was said too early"
    assert verified(hears(ended(world, points[1], DAY))).points == 1
    assert verified(hears(kept(world, points[1]))).points == 2


def test_who_was_never_said_to_be_held_by_anyone_counts_as_the_member_it_is(world: Any) -> None:
    quarters = control.quarters_of(world.local(DAY, "23:50"), world.local(NEXT, "00:05"))
    assert len(quarters) == 2
    assert control.held({}, world.gsrn(1), bsp=world.bsp, quarters=quarters) == (True, True)
    other = control.evolve(None, claimed(world, world.gsrn(1)))
    block = world.gsrn(1)[:15]
    assert control.held({block: other}, world.gsrn(1), bsp=OTHER, quarters=quarters) == (False, False)
    assert control.held({block: other}, world.gsrn(2), bsp=OTHER, quarters=quarters) == (True, True)


def test_who_takes_a_bsp_over_holds_its_points_from_the_midnight_and_counts_for_what_was_ordered_of_it(
    world: Any,
) -> None:
    point = "707057500001000017"
    about = {"metering_point_id": point, "merger_id": world.uuid(9), "bsp": world.bsp, "successor": OTHER}
    said = bsp_switch.ControlSuccessionAnnounced(**about, start=world.local(NEXT), dso=world.dso)
    state = control.evolve(control.evolve(None, claimed(world, point)), said)
    midnight = world.local(NEXT)
    quarters = [midnight - timedelta(minutes=15), midnight]
    controls = {point[:15]: state}
    assert control.held(controls, point, bsp=world.bsp, quarters=quarters) == (True, True)
    assert control.held(controls, point, bsp=OTHER, quarters=quarters) == (False, True)
    assert control.since(said, state) == midnight
    back = control.evolve(state, bsp_switch.ControlSuccessionCancelled(**about, start=world.local(NEXT), dso=world.dso))
    assert control.held({point[:15]: back}, point, bsp=OTHER, quarters=quarters) == (False, False)
