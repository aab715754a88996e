"""A verification by quarter with its neighbours, by several baselines, and by point; and run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import plain
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.meter_ingest.v1 import ActivationVerified, ChooseBaseline, SubmitBaseline
from contracts.registry.v1 import PolicySet
from contracts.values import Period, make_gln, make_gsrn
from meter_ingest import store
from meter_ingest.domain import allocation, baselines, days, ramps, together, verification
from meter_ingest.domain.activation import Activation, windows_of
from meter_ingest.domain.values import Reading

pytestmark = pytest.mark.unit

DAY = "2026-03-28"
MORNING = "06:30"
ACTIVATION, GROUP = "019b8d2b-8c00-7b54-9129-a6ca5b925000", "019b8d2b-8c00-7fc6-8dfc-d8d9e952d228"


def prepared(world: Any, count: int = 1) -> list[str]:
    points = world.points(*range(1, count + 1))
    world.open(points)
    world.formed()
    for point in points:
        world.joined(point)
    return points


def order(
    world: Any, power_w: int, clock: str, *, minutes: int = 15, at: datetime | None = None, number: int = 70
) -> Any:
    start = world.local(DAY, clock)
    at = at or start - timedelta(minutes=15)
    return world.order(power_w, start, start + timedelta(minutes=minutes), at=at, activation=world.uuid(number))


def runs(outcome: Any) -> list[ActivationVerified]:
    return [one for one in outcome.events if isinstance(one, ActivationVerified)]


def test_a_perfect_delivery_with_ramps_is_within_and_its_block_is_shown_too(world: Any, day_series: Any) -> None:
    """1 MW for a quarter with ramps of ten minutes: 83.33 % of the block, and the rest beside it."""
    (point,) = prepared(world)
    order(world, 1_000_000, "10:00")
    figures = [500_000] * 96
    figures[39:42] = [500_000 - 20_833, 500_000 - 208_333, 500_000 - 20_833]
    (run,) = runs(world.send(day_series(point, DAY, figures), at=world.local("2026-03-29", MORNING))[1])
    (quarter,), (before, after) = run.quarters, run.neighbours
    assert (before.start, after.start) == (quarter.start - days.QUARTER, quarter.start + days.QUARTER)
    assert (quarter.ordered_wh, before.ordered_wh, after.ordered_wh) == (250_000, 0, 0)
    assert (before.expected_wh, quarter.expected_wh, after.expected_wh) == (20_834, 208_333, 20_833)
    # The quarter before is one of the four that the baseline is the mean of (D20): it falls by a fourth of the ramp.
    assert quarter.delivered_wh == 208_333 - 5_209
    assert quarter.delivered_basis_points == 8125, "below the limit as a block"
    assert run.whole is not None
    assert run.whole.with_neighbours_wh == 249_999 - 3 * 5_209
    assert (run.judged, run.within_tolerance, run.whole.basis_points) == ("whole-with-ramps", True, 9375)


def test_what_is_delivered_too_much_is_reported_and_outside(world: Any, day_series: Any) -> None:
    (point,) = prepared(world)
    order(world, 1000, "10:00")
    figures = [1000 if quarter != 40 else 0 for quarter in range(96)]
    (run,) = runs(world.send(day_series(point, DAY, figures), at=world.local("2026-03-29", MORNING))[1])
    assert (run.within_tolerance, run.whole.basis_points) == (False, 40_000)


def test_the_tolerance_is_the_one_that_held_when_the_activation_began(world: Any, day_series: Any) -> None:
    """It is changed before the run, and again before a correction that changes nothing of what was delivered."""

    def changed(value: str, former: str, local: str) -> None:
        said = {"source": "t", "reason": "t", "owner": "meter-ingest", "unit": "%"}
        key, since = "verification.tolerance-pct", world.local(local)
        world.scenario.given(PolicySet(key=key, value=value, former=former, valid_from=since, **said))

    (point,) = prepared(world)
    order(world, 4000, "10:00")
    changed("80..110", "90..120", DAY)
    changed("130..140", "80..110", "2026-03-29")
    figures = [2000] * 40 + [1000] + [2000] * 55
    (first,) = runs(world.send(day_series(point, DAY, figures), at=world.local("2026-03-29", MORNING))[1])
    changed("150..160", "130..140", "2026-04-02")
    at = world.local("2026-04-03", MORNING)
    figures[41] = 2001
    (again,) = runs(world.send(day_series(point, DAY, figures, registered_at=at), at=at)[1])
    assert [(one.run, one.tolerance_pct, one.within_tolerance) for one in (first, again)] == [
        (1, "80..110", True),
        (2, "80..110", True),
    ]


def test_neighbours_that_miss_decide_no_result(world: Any, day_series: Any) -> None:
    """Until the end of the activation all is there, but not the next quarter."""
    (point,) = prepared(world)
    order(world, 4000, "10:00")
    whole = day_series(point, DAY, [2000] * 40 + [1000] * 56)
    half = whole.model_copy(update={"end": world.local(DAY, "10:15"), "values_wh": whole.values_wh[:41]})
    at = world.local("2026-03-29", MORNING)
    assert runs(world.send(half.model_copy(update={"registered_at": whole.registered_at}), at=at)[1]) == []
    (run,) = runs(world.scenario.until(world.local("2026-03-29", "09:00")))
    assert (run.result, [one.start for one in run.neighbours]) == ("verified", [world.local(DAY, "09:45")])
    (again,) = runs(world.send(whole, at=world.local("2026-03-29", "10:00"))[1])
    assert (again.run, len(again.neighbours)) == (2, 2)


def test_a_point_counts_in_the_quarters_that_it_has(world: Any, day_series: Any) -> None:
    """The second one misses the second quarter: it counts in the first, with its part of the baseline."""
    first, second = prepared(world, 2)
    order(world, 4000, "10:00", minutes=30)
    whole = day_series(second, DAY, [1000] * 40 + [500] * 56)
    at = world.local("2026-03-29", MORNING)
    half = whole.model_copy(update={"end": world.local(DAY, "10:15"), "values_wh": whole.values_wh[:41]})
    world.send(day_series(first, DAY, [2000] * 40 + [1000] * 56), half, at=at)
    (run,) = runs(world.scenario.until(world.local("2026-03-29", "09:00")))
    assert (run.result, run.missing_points) == ("incomplete", 1)
    assert [(one.baseline_wh, one.metered_wh, one.missing_points) for one in run.quarters] == [
        (3000, 1500, 0),
        (2000, 1000, 1),
    ]


def test_where_nothing_has_come_of_any_point_nothing_is_said_of_what_was_delivered(world: Any) -> None:
    """Missing is never zero (D19)."""
    prepared(world, 2)
    order(world, 4000, "10:00")
    (run,) = runs(world.scenario.until(world.local("2026-03-29", "09:00")))
    assert (run.result, run.points, run.missing_points) == ("incomplete", 2, 2)
    assert (run.quarters, run.whole, run.lacking, run.allocation_sha256) == ((), None, "missing", None)


def test_several_baselines_stand_beside_each_other(world: Any, day_series: Any) -> None:
    """The TSO chose a plan before the order; the BSP's later version is shown apart, and what misses says why."""
    (point,) = prepared(world)
    start = world.local(DAY, "10:00")
    world.scenario.when(
        ChooseBaseline(
            primary="plan",
            others=("meter-before", "zero", "sliding-window", "reported"),
            reason="Agreed",
        ),
        subject=world.group,
        sender=world.tso,
        at=start - timedelta(hours=20),
    )

    def submit(wh: int, at: datetime) -> None:
        period = Period(start=start - days.QUARTER, end=start + 2 * days.QUARTER)
        command = SubmitBaseline(method="plan", period=period, wh=(wh,) * 3)
        world.scenario.when(command, subject=world.group, sender=world.bsp, at=at)

    submit(1800, start - timedelta(hours=2))
    order(world, 4000, "10:00", at=start - timedelta(hours=1))
    submit(1900, start - timedelta(minutes=30))
    figures = [2000] * 40 + [800] + [2000] * 55
    (run,) = runs(world.send(day_series(point, DAY, figures), at=world.local("2026-03-29", MORNING))[1] or 0) or runs(
        world.scenario.until(world.local("2026-03-29", "09:00"))
    )
    assert (run.baseline_method, [one.delivered_wh for one in run.quarters]) == ("plan", [1000])
    told = {(one.method, one.corrected): [each.delivered_wh for each in one.quarters] for one in run.others}
    assert told == {
        ("meter-before", False): [1200],
        ("zero", False): [-800],
        ("sliding-window", False): [],
        ("reported", False): [],
        ("plan", True): [1100],
    }
    assert {one.method: one.lacking for one in run.others if one.lacking} == {
        "sliding-window": "too-few-days",
        "reported": "not-submitted",
    }


def test_a_baseline_reads_no_quarter_of_another_activation_also_when_that_is_said_late(
    world: Any, day_series: Any
) -> None:
    (point,) = prepared(world)
    order(world, 4000, "10:00")
    figures = [1000] * 38 + [200, 200, 0] + [1000] * 55
    (run,) = runs(world.send(day_series(point, DAY, figures), at=world.local("2026-03-29", MORNING))[1])
    assert (run.quarters[0].baseline_wh, run.covered) == (600, ())
    late = order(world, 4000, "09:30", minutes=30, at=world.local("2026-03-29", "08:00"), number=71)
    (again,) = [one for one in runs(late) if one.activation_id == world.uuid(70)]
    assert (again.because, again.quarters[0].baseline_wh) == ("revision", 1000)
    assert again.covered == (Period(start=world.local(DAY, "09:30"), end=world.local(DAY, "10:00")),)


@settings(deadline=None)
@given(
    power_w=st.integers(1, 10**9),
    quarters=st.integers(1, 8),
    cut=st.integers(0, 899),
    ramp_s=st.integers(0, 900),
)
def test_ramps_lose_nothing(power_w: int, quarters: int, cut: int, ramp_s: int) -> None:
    start = datetime.fromisoformat("2026-03-28T09:00:00+00:00")
    end = start + quarters * days.QUARTER - timedelta(seconds=cut)
    found = ramps.ordered(power_w, start, end, ramp_s)
    assert sum(found.block) == sum(found.ramped) == power_w * int((end - start).total_seconds()) // 3600
    assert all(one >= 0 for one in found.ramped)
    assert found.block[0] == found.block[-1] == 0


METHODS = st.sampled_from(["meter-before", "meter-before-and-after", "sliding-window", "plan", "reported", "zero"])


@settings(deadline=None, max_examples=150)
@given(data=st.data(), method=METHODS, count=st.integers(1, 3), direction=st.sampled_from(["up", "down"]))
def test_the_points_add_up_to_the_group_in_every_quarter(data: Any, method: Any, count: int, direction: str) -> None:
    """Random points, lines, holes and holders; a run made again is the same, whatever order its points are given in."""
    start = datetime.fromisoformat("2026-03-25T09:00:00+00:00")
    points = tuple(sorted(make_gsrn(serial) for serial in range(1, 1 + data.draw(st.integers(1, 5)))))
    state = Activation(
        ACTIVATION, GROUP, make_gln(11), direction, 4000, start, start + count * days.QUARTER, points, methods=(method,)
    )
    read = sum((last - first) // days.QUARTER for first, last in windows_of(state, frozenset()))
    figures = st.integers(0, 2000) if data.draw(st.booleans()) else st.integers(0, 2000) | st.none()
    readings: dict[tuple[str, str], Reading] = {}
    for point in points:
        for line in data.draw(st.sampled_from([("consumption",), ("production",), ("consumption", "production"), ()])):
            wh = tuple(data.draw(st.lists(figures, min_size=read, max_size=read)))
            quality = tuple("missing" if one is None else "measured" for one in wh)
            readings[point, line] = Reading(wh, quality, (f"{point}{line}",), (b"salt",))
    held = {
        point: some
        for point in points
        if any(some := tuple(data.draw(st.lists(st.booleans(), min_size=count, max_size=count))))
    }
    said = {start + index * days.QUARTER: data.draw(st.integers(-3000, 3000)) for index in range(-1, count + 1)}
    others = [
        replace(
            state,
            activation_id=f"{ACTIVATION[:-1]}{number}",
            direction=data.draw(st.sampled_from(["up", "down"])),
            power_w=data.draw(st.integers(1, 9000)),
            start=start + first * timedelta(minutes=5),
            end=start + (first + data.draw(st.integers(1, 12))) * timedelta(minutes=5),
        )
        for number, first in enumerate(data.draw(st.lists(st.integers(-9, 3 * count + 6), max_size=3)), 1)
    ]
    beside = together.beside(state, others)
    run = verification.Run(state, readings, held, plan=said, reported=said, beside=beside)
    agrees_with_the_plain_way(run)
    (event,) = verification.decide_verified(run, because="complete", tolerance_pct="90..120")
    found = verification.allocated(run)
    if event.quarters:
        sums = [sum(figures[index] for figures in found.values()) for index in range(count)]
        assert sums == [one.delivered_wh for one in event.quarters]
        shares = [one.delivered_wh if one.share_wh is None else one.share_wh for one in event.quarters]
        assert event.whole.delivered_wh == sum(shares)
        if not beside:
            assert event.whole.delivered_wh == sum(map(sum, found.values()))
        near = [one.delivered_wh if one.share_wh is None else one.share_wh for one in event.neighbours]
        assert event.whole.with_neighbours_wh == sum(shares) + sum(near)
    else:
        assert event.lacking
        assert found == {}
    beside = together.beside(state, reversed(others))
    turned = verification.Run(state, dict(reversed(readings.items())), held, plan=said, reported=said, beside=beside)
    assert verification.decide_verified(turned, because="complete", tolerance_pct="90..120") == [event]


def agrees_with_the_plain_way(run: verification.Run) -> None:
    judged = {
        one.point: ((one.before, *one.wh, one.after), one.quality, one.counts, one.baseline_energy)
        for one in run.points
    }
    assert judged == plain.judged(run)
    assert all(given_ == plain.alone(run, [one.point for one in some]) for some, _, given_ in run.sets)
    if not isinstance(run.primary, baselines.Lacking):
        own = {one.point: plain.own(run, one.point) for one in run.points if any(one.counts)}
        assert run.allocated == allocation.allocate(
            run.points, run.primary, lambda one: own[one.point], towards=run.towards
        )


def test_no_order_of_messages_changes_the_newest_run(world: Any, day_series: Any) -> None:
    """Three points' values and a correction, in every order: the last run is the same but for its number and reason."""
    another = type(world)

    def last(sequence: Sequence[int]) -> ActivationVerified:
        world = another()
        points = prepared(world, 3)
        order(world, 4000, "10:00", minutes=30)
        at = world.local("2026-03-29", MORNING)
        shapes = [[1000 + number] * 40 + [100 * number, 7] + [900] * 54 for number in range(3)]
        some = [day_series(point, DAY, shape) for point, shape in zip(points, shapes, strict=True)]
        later = at - timedelta(hours=1)
        some.append(day_series(points[0], DAY, [5 * each for each in shapes[0]], registered_at=later))
        for place in sequence:
            world.send(some[place], at=at)
        world.scenario.until(world.local("2026-03-29", "09:00"))
        assert world.scenario.state(store.ACTIVATION, world.uuid(70)).run.complete
        return [one for one in world.scenario.log if isinstance(one, ActivationVerified)][-1]

    told = ("quarters", "neighbours", "whole", "result", "within_tolerance", "measured_points")
    found = {tuple(str(getattr(last(some), name)) for name in told) for some in permutations(range(4))}
    assert len(found) == 1
