"""Completeness per DSO, grid area, group and BSP: counted as it changes, and the same as a look at everything says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import calendar
from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1
from contracts.registry import v1 as registry
from contracts.values import make_gln
from meter_ingest import store
from meter_ingest.domain import blocks, days, received
from meter_ingest.domain.series import Decided

pytestmark = pytest.mark.unit

DAY = "2026-03-29"
"""It has 23 hours."""


def changed(outcome: Any, scope: str = "") -> list[v1.CompletenessChanged]:
    return [
        one
        for one in outcome.beside
        if isinstance(one, v1.CompletenessChanged) and one.completeness_id.startswith(scope)
    ]


def on(world: Any, scope: str, day: str = DAY) -> tuple[int, ...]:
    """What has been counted of a scope's day: complete, received, on time, estimated, changed, changed later."""
    state = world.scenario.state(store.SCOPE_DAY, f"{scope}/{day}")
    return tuple(state.counts) if state else (0,) * 6


def expected(world: Any, scope: str, day: str = DAY) -> tuple[int, int]:
    state = world.scenario.state(store.OWED, scope)
    return state.on(date.fromisoformat(day)) if state else (0, 0)


def claimed(world: Any, point: str, bsp: str = "", since: str = "2026-01-06") -> bsp_switch.ControlClaimed:
    return bsp_switch.ControlClaimed(
        metering_point_id=point, bsp=bsp or world.bsp, valid_from=world.local(since), consent_id=world.uuid(1)
    )


def test_each_scope_is_told_at_the_deadline_and_after_it_of_each_change(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    world.formed()
    world.joined(points[0])
    world.scenario.given(claimed(world, points[0]))
    world.open(points, valid_from=world.local(DAY))
    _, outcome = world.send(day_series(points[0], DAY, 1), at=world.local("2026-03-30", "06:30"))
    assert {(one.scope, one.because, one.provisional) for one in changed(outcome)} == {
        ("group", "whole", False),
        ("bsp", "whole", False),
    }
    told = {one.scope: one for one in changed(world.scenario.until(world.local("2026-03-30", "07:00")))}
    assert told.keys() == {"dso", "grid-area", "group", "bsp"}
    assert (told["dso"].dso, told["dso"].bsp) == (world.dso, None)
    assert (told["grid-area"].grid_area, told["grid-area"].dso) == (world.area, world.dso)
    assert (told["group"].group_id, told["group"].bsp, told["group"].dso) == (world.group, world.bsp, None)
    assert (told["bsp"].bsp, told["bsp"].dso) == (world.bsp, None)
    for one in told.values():
        assert (one.because, one.provisional) == ("deadline", False)
    assert [told[name].expected_series for name in ("dso", "grid-area", "group", "bsp")] == [2, 2, 1, 1]
    assert (told["dso"].received_values, told["dso"].on_time_values) == (92, 92)

    _, outcome = world.send(day_series(points[1], DAY, 1), at=world.local("2026-03-30", "07:01"))
    assert {(one.scope, one.because, one.complete_series, one.on_time_values) for one in changed(outcome)} == {
        ("dso", "change", 2, 92),
        ("grid-area", "change", 2, 92),
    }
    _, outcome = world.send(day_series(points[1], DAY, 1), at=world.local("2026-03-30", "07:02"))
    assert outcome.beside == [], "the same again changes nothing"


def test_a_day_is_provisional_until_a_complete_set_or_the_deadline(world: Any, day_series: Any) -> None:
    """Options A (1, 1-2, 1-2-3) and B (blocks) lead to the same."""
    one, two = world.points(1, 2)
    world.open([one, two], valid_from=world.local(DAY))
    whole = day_series(one, DAY, 1)

    def part(point: str, first: int, last: int) -> v1.Series:
        step = days.QUARTER
        changes = {"metering_point_id": point, "start": whole.start + first * step, "end": whole.start + last * step}
        return whole.model_copy(update={**changes, "values_wh": (1,) * (last - first)})

    for last in (20, 40, 92):
        world.send(part(one, 0, last), at=world.local("2026-03-30", "00:30"))
    for first, last in ((40, 92), (0, 20)):
        _, outcome = world.send(part(two, first, last), at=world.local("2026-03-30", "00:30"))
    assert changed(outcome) == []
    state = world.scenario.state(store.RECEIVED, f"{DAY}|{blocks.block_of(one)}|consumption")
    shown = world.scenario.view(store.RECEIVED, f"{DAY}|{blocks.block_of(one)}|consumption", whole.end)["places"]
    assert (shown[one[15:]]["received"], shown[one[15:]]["missing"]) == (92, ())
    assert (shown[two[15:]]["expected"], shown[two[15:]]["received"]) == (92, 72)
    assert shown[two[15:]]["missing"] == tuple(range(21, 41))
    _, outcome = world.send(part(two, 20, 40), at=world.local("2026-03-30", "00:31"))
    assert {(event.scope, event.because, event.provisional) for event in changed(outcome)} == {
        ("dso", "whole", False),
        ("grid-area", "whole", False),
    }
    state = world.scenario.state(store.RECEIVED, f"{DAY}|{blocks.block_of(one)}|consumption")
    assert len({state.places[one[15:]] & (1 << 92) - 1, state.places[two[15:]] & (1 << 92) - 1}) == 1


def test_corrections_after_the_deadline_and_after_the_fifth_day_are_told(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point], valid_from=world.local(DAY))
    world.send(day_series(point, DAY, 1), at=world.local("2026-03-30", "06:59"))
    world.scenario.until(world.local("2026-03-30", "07:00"))
    late = world.local("2026-03-30", "12:00")
    _, outcome = world.send(day_series(point, DAY, 2, status="estimated", registered_at=late), at=late)
    (told,) = changed(outcome, "dso/")
    assert (told.changed_series, told.changed_later_series, told.estimated_values) == (1, 0, 92)
    later = world.local("2026-04-04", "00:00")
    _, outcome = world.send(day_series(point, DAY, 3, registered_at=later), at=later)
    (told,) = changed(outcome, "dso/")
    assert (told.changed_series, told.changed_later_series, told.estimated_values) == (1, 1, 0)
    _, outcome = world.send(day_series(point, DAY, 1, status="temporary"), at=world.local("2026-04-05"))
    assert changed(outcome) == [], "registered before what counts: it is not what counts"


def test_who_holds_a_point_is_said_back_in_time_and_what_was_counted_moves(world: Any, day_series: Any) -> None:
    other = make_gln(12)
    (point,) = world.points(1)
    world.scenario.given(claimed(world, point))
    world.open([point], valid_from=world.local(DAY))
    world.send(day_series(point, DAY, 1), at=world.local("2026-03-30", "06:00"))
    assert on(world, f"bsp/{world.bsp}")[:2] == (1, 92)
    world.scenario.until(world.local("2026-03-30", "07:00"))
    switched = bsp_switch.SwitchAnnounced(
        switch_id=world.uuid(2),
        metering_point_id=point,
        outgoing=world.bsp,
        incoming=other,
        dso=world.dso,
        start=world.local(DAY),
        consent_id=world.uuid(3),
        notice_days=14,
        notice_min_days=14,
    )
    outcome = world.scenario.when(switched, at=world.local("2026-03-30", "10:00"))
    assert on(world, f"bsp/{world.bsp}")[:2] == (0, 0)
    assert on(world, f"bsp/{other}")[:2] == (1, 92)
    assert (expected(world, f"bsp/{world.bsp}"), expected(world, f"bsp/{other}")) == ((0, 0), (1, 0))
    (before,) = changed(outcome, f"bsp/{world.bsp}")
    assert (before.expected_series, before.received_values) == (0, 0)
    assert on(world, f"dso/{world.dso}")[:2] == (1, 92), "the DSO's are as they were"


def test_a_point_counts_on_a_day_under_the_group_and_area_of_its_start(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.formed()
    world.open([point], valid_from=world.local("2026-03-28"))
    world.joined(point, valid_from=world.local(DAY))
    assert [expected(world, f"group/{world.group}", day) for day in ("2026-03-28", DAY)] == [(0, 0), (1, 0)]
    world.scenario.when(
        registry.MembershipEnded(
            group_id=world.group,
            metering_point_id=point,
            bsp=world.bsp,
            dso=world.dso,
            valid_to=world.local("2026-03-31"),
            because="left",
            declared_up_w=0,
            declared_down_w=0,
        ),
        at=world.local("2026-03-30", "00:10"),
    )
    assert [expected(world, f"group/{world.group}", f"2026-03-{day}") for day in (30, 31)] == [(1, 0), (0, 0)]
    world.scenario.when(
        registry.MeteringPointRecorded(
            metering_point_id=point,
            grid_area=world.other_area,
            zone="NO3",
            dso=world.dso,
            substation=None,
            resolution="PT15M",
            agreed_power_w=20_000,
            valid_from=world.local(DAY),
        ),
        at=world.local("2026-03-30", "00:20"),
    )
    world.send(day_series(point, DAY, 1), at=world.local("2026-03-30", "06:00"))
    assert on(world, f"grid-area/{world.other_area}/{world.dso}")[:2] == (1, 92)
    assert expected(world, f"grid-area/{world.area}/{world.dso}") == (0, 0)


def test_a_closed_channel_is_expected_no_longer(world: Any) -> None:
    points = world.points(1, 2, 101, 201)
    world.open(points)
    world.open(points[:1], direction="production", resolution="PT60M")
    world.close(points[:3])
    assert expected(world, f"dso/{world.dso}", "2026-03-28") == (3, 2), (
        "the point is by the hour, and so is what it uses"
    )
    assert expected(world, f"dso/{world.dso}", "2026-03-30") == (1, 1)
    assert expected(world, f"grid-area/{world.area}/{world.dso}", "2026-03-30") == (1, 1)


def test_the_deadline_shows_every_dso(world: Any, day_series: Any) -> None:
    (one,), (two,) = world.points(1), world.points(2, dso=world.other_dso, area=world.other_area)
    world.open([one], valid_from=world.local(DAY))
    world.open([two], sender=world.other_dso, valid_from=world.local(DAY), resolution="PT60M")
    world.send(day_series(one, DAY, 1), at=world.local("2026-03-30", "06:00"))
    world.scenario.until(world.local("2026-03-30", "07:00"))
    state = world.scenario.state(store.DEADLINE, DAY)
    assert {dso: (share.received_values, share.expected_values) for dso, share in state.dsos.items()} == {
        world.dso: (92, 92),
        world.other_dso: (0, 23),
    }


# Any order, any repetition: the same as a plain model that looks at everything

CALENDAR = ("2026-03-28", "2026-03-29", "2026-10-25")


@st.composite
def a_series(draw: st.DrawFn) -> tuple[int, str, int, int, int, str, int, int]:
    day = draw(st.sampled_from(CALENDAR))
    steps = calendar.steps(*calendar.usage_day(date.fromisoformat(day)), "PT15M")
    first, last = sorted(draw(st.tuples(st.integers(0, steps - 1), st.integers(1, steps))))
    if draw(st.booleans()) or first == last:
        first, last = 0, steps
    return (
        draw(st.integers(0, 2)),
        day,
        first,
        last,
        draw(st.integers(0, 2)),
        draw(st.sampled_from(("metered", "estimated", "temporary"))),
        draw(st.sampled_from((5, 6, 7 * 24))),
        draw(st.integers(0, 5)),
    )


@given(sent=st.lists(a_series(), min_size=1, max_size=12), data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_order_gives_what_a_scan_gives(world: Any, sent: list[Any], data: st.DataObject) -> None:
    world = type(world)()
    points = world.points(1, 2, 101)
    world.formed()
    world.joined(points[0])
    world.open(points, valid_from=world.local("2026-03-25"), at=world.local("2026-03-27"))
    records: list[v1.ValuesAccepted] = []
    for serial, day, first, last, wh, status, hours, registered in sent:
        start, end = calendar.usage_day(date.fromisoformat(day))
        at = end + timedelta(hours=hours)
        series = v1.Series(
            metering_point_id=points[serial],
            resolution="PT15M",
            start=start + first * days.QUARTER,
            end=start + last * days.QUARTER,
            values_wh=(wh,) * (last - first),
            status=status,
            registered_at=end + timedelta(hours=registered),
        )
        decided: Decided = world.decide(world.record(series, at=at))
        assert decided.event is not None, decided.rows
        records.append(decided.event)
    shuffled = data.draw(st.permutations(records))
    again = data.draw(st.lists(st.sampled_from(records), max_size=4))
    for event in (*shuffled, *again):
        world.scenario.when(event, at=world.local("2027-01-01"))
    for scope, some in (
        (f"dso/{world.dso}", points),
        (f"grid-area/{world.area}/{world.dso}", points),
        (f"group/{world.group}", points[:1]),
        (f"bsp/{world.bsp}", points[:1]),
    ):
        for day in CALENDAR:
            assert on(world, scope, day) == scanned(records, some, day)
            assert expected(world, scope, day) == (len(some), 0)


def scanned(records: list[v1.ValuesAccepted], points: list[str], day: str) -> tuple[int, ...]:
    """The same, quarter by quarter, from all that was ever sent."""
    start, end = calendar.usage_day(date.fromisoformat(day))
    due, fifth = calendar.at_local(date.fromisoformat(day) + timedelta(days=1), "07:00"), days.day(
        date.fromisoformat(day) + timedelta(days=6)
    ).start  # fmt: skip
    total = [0] * 6
    for point in points:
        quarters: list[list[tuple[datetime, datetime, int, v1.AcceptedSeries]]] = []
        moment = start
        while moment < end:
            quarters.append(
                [
                    (one.registered_at, record.received_at or moment, record.position, one)
                    for record in records
                    for one in record.series
                    if one.metering_point_id == point and one.start <= moment < one.end
                ]
            )
            moment += days.QUARTER
        changed_ = changed_later = False
        for versions in quarters:
            if versions:
                total[1] += 1
                total[2] += any(at <= due for _, at, _, _ in versions)
                total[3] += max(versions, key=lambda one: one[:3])[3].status != "metered"
                changed_ |= any(at <= due for _, at, _, _ in versions) and any(
                    at > due and one.changed for _, at, _, one in versions
                )
                changed_later |= any(at < fifth for _, at, _, _ in versions) and any(
                    at >= fifth and one.changed for _, at, _, one in versions
                )
        total[0] += all(quarters)
        total[4] += changed_
        total[5] += changed_later
    return tuple(total)


def test_counting_a_block_does_not_look_at_single_quarters(world: Any, day_series: Any) -> None:
    """A whole day is one number, however many quarters it has."""
    points = world.points(*range(1, 4))
    world.open(points, valid_from=world.local(DAY))
    world.send(*(day_series(point, DAY, 1) for point in points), at=world.local("2026-03-30", "06:00"))
    state = world.scenario.state(store.RECEIVED, f"{DAY}|{blocks.block_of(points[0])}|consumption")
    assert set(state.places.values()) == {received.WHOLE}
    assert len(state.layers) == 1


def test_what_scattered_points_change_is_said_in_messages_that_are_not_too_large(world: Any) -> None:
    points = world.points(*range(0, 60_000, 100))
    outcome = world.open(points, valid_from=world.local(DAY))
    said = [one for one in outcome.beside if isinstance(one, v1.CompletenessCounted)]
    assert [len(one.expected_blocks) for one in said] == [250, 250, 100]
    assert len({one.cause for one in said}) == 3
    assert expected(world, f"dso/{world.dso}") == (600, 0)
