"""What members can deliver within random limits, nested and crossing, held against what a limit means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import calendar, values
from contracts.prequal import v1
from prequal.domain import capped, grid, known, limits
from prequal.domain.power import NONE, Power

pytestmark = pytest.mark.unit

NIGHTS = (calendar.midnight(calendar.date(2026, 3, 29)), calendar.midnight(calendar.date(2026, 10, 25)))
"""The nights of 23 and of 25 hours begin here."""
BEGAN = NIGHTS[0] - timedelta(days=30)
POINTS = [values.make_gsrn(n) for n in range(8)]
SUBSTATIONS, AREAS = ("s0", "s1", "s2", "s3"), ("a0", "a1")
DSO_1, DSO_2, ABOVE = "1", "2", "3"
QUARTER = timedelta(minutes=15)

Watts = st.integers(0, 6)
Maybe = st.none() | Watts


@st.composite
def members(draw: Any, *, nested: bool) -> dict[str, tuple[known.Membership, ...]]:
    """Where they are nested, each substation lies in one area; else anywhere."""
    found = {}
    for point in POINTS[: draw(st.integers(1, len(POINTS)))]:
        substation = draw(st.sampled_from(range(4)))
        area = substation // 2 if nested else draw(st.sampled_from(range(2)))
        start = BEGAN + draw(st.integers(0, 1)) * timedelta(days=40)
        ends = draw(st.none() | st.integers(1, 100))
        found[point] = (
            known.Membership(
                grid_area=AREAS[area],
                dso=(DSO_1, DSO_2)[area],
                substation=SUBSTATIONS[substation],
                power=Power(draw(Watts), draw(Watts)),
                valid_from=start,
                valid_to=None if ends is None else start + ends * QUARTER,
            ),
        )
    return found


@st.composite
def one_limit(draw: Any) -> limits.Limit:
    """On anything, begun and ending at any quarter of a night with 23 or 25 hours, or open."""
    scope = draw(st.sampled_from(["metering-point", "substation", "grid-area", "part", "group"]))
    keys = {"metering-point": POINTS, "substation": SUBSTATIONS, "grid-area": AREAS}
    start = draw(st.none() | st.integers(0, 99))
    night = draw(st.sampled_from(NIGHTS))
    length = draw(st.none() | st.integers(1, 99))
    places = AREAS if scope == "grid-area" and draw(st.booleans()) else ()
    return limits.Limit(
        kind="temporary-limit",
        scope=scope,
        key=draw(st.sampled_from(keys[scope])) if scope in keys else None,
        by=draw(st.sampled_from([DSO_1, DSO_2, ABOVE])),
        reason_code="line",
        up_w=draw(Maybe),
        down_w=draw(Maybe),
        valid_from=None if start is None else night + start * QUARTER,
        valid_to=None if length is None else night + ((start or 0) + length) * QUARTER,
        places=places,
    )


Several = st.lists(one_limit(), max_size=7)


def world(found: dict[str, Any]) -> tuple[known.Group, grid.Grid]:
    """All are assessed, and may deliver what they declare; the third DSO stands above both."""
    parts = {
        dso: grid.Part(
            answers={
                point: grid.Assessed(stay.power, stay.power)
                for point, (stay,) in found.items()
                if dso in {stay.dso, ABOVE}
            }
        )
        for dso in (DSO_1, DSO_2, ABOVE)
    }
    allowed = {point: stay.power for point, (stay,) in found.items()}
    return known.Group(bsp="9", zone=values.BiddingZone.NO3, members=found), grid.Grid(parts=parts, allowed=allowed)


def is_under(limit: limits.Limit, point: str, stay: known.Membership) -> bool:
    """What a limit is on, in plain words."""
    return {
        "metering-point": point == limit.key,
        "substation": stay.substation == limit.key,
        "grid-area": stay.grid_area in (limit.places or (limit.key,)),
        "part": limit.by in {stay.dso, ABOVE},
        "group": True,
    }[limit.scope]


def there(found: dict[str, Any], moment: Any) -> dict[str, known.Membership]:
    return {
        point: stay
        for point, (stay,) in found.items()
        if stay.valid_from <= moment and (stay.valid_to is None or moment < stay.valid_to)
    }


def tree(found: dict[str, Any], held: list[limits.Limit], moment: Any, direction: str) -> int:
    """The exact minimum of nested limits: of a set of members the smaller of its cap and the sum of what is in it."""
    left = {frozenset([point]): getattr(stay.power, direction) for point, stay in there(found, moment).items()}
    sets = sorted(
        ((frozenset(p for p, s in there(found, moment).items() if is_under(limit, p, s)), limit) for limit in held),
        key=lambda each: len(each[0]),
    )
    for points, limit in sets:
        cap = getattr(limit, direction)
        inside = [one for one in left if one <= points]
        if cap is None or not limit.holds(moment) or not inside:
            continue
        left[frozenset().union(*inside)] = min(cap, sum(left.pop(one) for one in inside))
    return sum(left.values())


def stages(found: dict[str, Any], held: list[limits.Limit], at: Any = NIGHTS[0]) -> list[limits.Stage]:
    group, of_grid = world(found)
    return limits.deliverable_from(group, of_grid, held, at=at)


@settings(max_examples=100)
@given(members(nested=True), Several)
def test_nested_limits_are_the_exact_minimum_at_every_edge(found: dict[str, Any], held: list[limits.Limit]) -> None:
    for stage in stages(found, held):
        for direction in ("up_w", "down_w"):
            assert getattr(stage.power, direction) == tree(found, held, stage.moment, direction)


@settings(max_examples=100)
@given(members(nested=False), Several)
def test_what_is_taken_and_what_is_left_is_what_is_declared_and_never_over_a_cap(
    found: dict[str, Any], held: list[limits.Limit]
) -> None:
    for stage in stages(found, held):
        own = there(found, stage.moment)
        taken = sum((power for _, power in stage.taken), NONE)
        assert stage.power + taken == stage.declared == known.total(stay.power for stay in own.values())
        assert min(stage.power.up_w, stage.power.down_w) >= 0
        assert all(min(power.up_w, power.down_w) >= 0 for _, power in stage.taken)
        for limit in held:
            if not limit.holds(stage.moment):
                continue
            outside = known.total(stay.power for point, stay in own.items() if not is_under(limit, point, stay))
            for direction in ("up_w", "down_w"):
                if (cap := getattr(limit, direction)) is not None:
                    assert getattr(stage.power, direction) <= cap + getattr(outside, direction)


@settings(max_examples=100)
@given(members(nested=False), Several, one_limit())
def test_one_limit_more_never_raises(found: dict[str, Any], held: list[limits.Limit], more: limits.Limit) -> None:
    before, after = stages(found, held), stages(found, [*held, more])
    for moment in {stage.moment for stage in (*before, *after)}:
        assert in_force(after, moment).at_most(in_force(before, moment)) == in_force(after, moment)


@settings(max_examples=60)
@given(members(nested=False), Several)
def test_what_holds_between_two_edges_is_what_the_first_says(found: dict[str, Any], held: list[limits.Limit]) -> None:
    told = stages(found, held)
    assert [stage.moment for stage in told] == sorted({stage.moment for stage in told})
    for stage in told:
        for moment in (stage.moment, stage.moment - timedelta(microseconds=1)):
            if moment >= NIGHTS[0]:
                assert stages(found, held, moment)[0].power == in_force(told, moment)


@settings(max_examples=60)
@given(members(nested=False), Several)
def test_what_can_be_delivered_at_each_place_is_no_more_than_its_members_declare(
    found: dict[str, Any], held: list[limits.Limit]
) -> None:
    group, of_grid = world(found)
    within = limits.Within(of_grid, held, at=NIGHTS[0])
    for substation in SUBSTATIONS:
        own = {point: stays for point, stays in group.members.items() if stays[0].substation == substation}
        for stage in within.stages(own):
            assert stage.power.at_most(stage.declared) == stage.power
            whole = in_force(stages(found, held), stage.moment)
            elsewhere = known.total(
                stay.power for point, stay in there(found, stage.moment).items() if point not in own
            )
            assert (whole - elsewhere).at_most(stage.power) == whole - elsewhere


@pytest.mark.parametrize(("night", "quarters"), [(NIGHTS[0], 92), (NIGHTS[1], 100)])
def test_a_limit_over_a_night_that_is_shorter_or_longer(night: Any, quarters: int) -> None:
    end = calendar.next_midnight(night)
    stay = known.Membership("a0", DSO_1, "s0", Power(5, 5), BEGAN)
    held = limits.Limit("temporary-limit", "group", None, DSO_1, "line", 0, None, night, end)
    told = stages({POINTS[0]: (stay,)}, [held], night - QUARTER)
    assert [(stage.moment, stage.power) for stage in told] == [
        (night - QUARTER, Power(5, 5)), (night, Power(0, 5)), (end, Power(5, 5)),
    ]  # fmt: skip
    assert (end - night) // QUARTER == quarters


def test_limits_on_as_many_say_each_what_it_takes() -> None:
    stay = known.Membership("a0", DSO_1, "s0", Power(9, 0), BEGAN)
    wide = limits.Limit("temporary-limit", "group", None, DSO_1, "line", 6, None)
    narrow = replace(wide, up_w=4, limit_id="2")
    (stage,) = stages({POINTS[0]: (stay,)}, [narrow, wide])
    assert [(taken.limit.up_w, taken.power.up_w) for taken in stage.taken] == [(6, 3), (4, 2)]


def at_once(substation: str, area: str) -> tuple[known.Membership, ...]:
    return (known.Membership(area, DSO_1, substation, Power(1, 0), BEGAN),)


def test_where_limits_cross_the_most_that_obeys_both_is_left() -> None:
    # One substation lies in two areas; of three points of 1 W the middle one is under both limits.
    found = dict(zip(POINTS, [at_once("s0", "a0"), at_once("s0", "a1"), at_once("s1", "a1")], strict=False))
    held = [
        limits.Limit("temporary-limit", "substation", "s0", DSO_1, "line", 1, None),
        limits.Limit("temporary-limit", "grid-area", "a1", DSO_1, "line", 1, None),
    ]
    assert stages(found, held)[0].power.up_w == 2
    none = limits.Limit("temporary-limit", "metering-point", POINTS[1], DSO_1, "line", 0, None)
    assert stages(found, [*held, none])[0].power.up_w == 2


Sets = st.lists(st.tuples(st.frozensets(st.integers(0, 4), min_size=1), Watts), max_size=5)


@settings(max_examples=100)
@given(st.lists(Watts, min_size=1, max_size=5), Sets)
def test_where_any_sums_are_capped_it_is_the_best_of_all_that_can_be(powers: list[int], sets: Any) -> None:
    sets = sorted(sets, key=lambda each: len(each[0]))
    sums = {sum(1 << bit for bit, (of, _) in enumerate(sets) if n in of) | n << 10: w for n, w in enumerate(powers)}
    caps = [capped.Cap(bit, most) for bit, (_, most) in enumerate(sets)]
    levels = capped.left_after_each(sums, caps, nested=False)
    assert levels == sorted(levels, reverse=True)
    best = max(
        sum(tried)
        for tried in product(*(range(w + 1) for w in powers))
        if all(sum(w for n, w in enumerate(tried) if n in of) <= most for of, most in sets)
    )
    # Halves may be left where whole numbers cannot be dealt out.
    assert best <= levels[-1] <= best + len(powers) // 2


@settings(max_examples=100)
@given(st.lists(Watts, min_size=3, max_size=5), st.integers(0, 9))
def test_where_very_many_cross_it_is_never_more(powers: list[int], most: int) -> None:
    # Every cap is on two sums that lie beside each other.
    sums = {(1 << n) | (1 << (n + 1) % len(powers)): w for n, w in enumerate(powers)}
    few = [capped.Cap(n, most) for n in range(len(powers))]
    exact = capped.left_after_each(sums, few, nested=False)[-1]
    many = {mask * 2 ** (20 * n): w for n in range(5) for mask, w in sums.items()}
    caps = [capped.Cap(20 * n + one.bit, most) for n in range(5) for one in few]
    levels = capped.left_after_each(many, caps, nested=False)
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] <= 5 * exact + 4


def in_force(told: list[limits.Stage], moment: Any) -> Power:
    return next(stage.power for stage in reversed(told) if stage.moment <= moment)


def test_the_scopes_are_all_tried() -> None:
    assert set(v1.LimitScope.__args__) == {"metering-point", "substation", "grid-area", "part", "group"}
