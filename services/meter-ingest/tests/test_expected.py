"""What each DSO expects of an activation in each quarter: the ordered power, over those that are members then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.meter_ingest.v1 import (
    ActivationMemberChanged,
    ActivationOrdered,
    AmendActivation,
    ExpectedEffect,
    SubstationEffect,
)
from contracts.registry import v1 as registry
from contracts.values import Period, make_gsrn
from meter_ingest import store
from meter_ingest.domain import expected, known
from meter_ingest.domain.activation import Activation

pytestmark = pytest.mark.unit

DAY = "2026-03-28"
QUARTER = timedelta(minutes=15)

Watts = dict[str | None, int]


def told(events: Any) -> dict[str, dict[str, Watts]]:
    """By DSO and quarters: the power at each substation; of a withdrawn effect nothing."""
    return {one.dso: _said(one) for one in events if isinstance(one, ExpectedEffect)}


def _said(effect: ExpectedEffect) -> dict[str, Watts]:
    parts = ((effect.quarters or "all", effect.substations), *((one.quarters, one.substations) for one in effect.later))
    return {quarters: {one.substation: one.power_w for one in some} for quarters, some in parts if some}


def order(world: Any, quarters: int = 2, *, start: datetime | None = None, power_w: int = 4000) -> Any:
    start = start or world.local(DAY, "10:00")
    return world.order(power_w, start, start + quarters * QUARTER, at=start - QUARTER)


def hears(world: Any, event: Any, clock: str) -> list[Any]:
    return world.scenario.when(event, at=world.local(DAY, clock)).events


def joins(world: Any, point: str, clock: str, **changes: Any) -> registry.MemberJoined:
    about = {"group_id": world.group, "metering_point_id": point, "bsp": world.bsp, "zone": "NO3"}
    sums = {
        "grid_area": world.area,
        "declared_up_w": 0,
        "declared_down_w": 0,
        "group_max_w": 5_000_000,
        "point_limit_w": 1_000_000,
    }
    said = {"dso": world.dso, "substation": "T1", "up_w": 5000, "down_w": 5000, **changes}
    return registry.MemberJoined.model_validate({**about, **sums, **said, "valid_from": world.local(DAY, clock)})


def ended(world: Any, point: str, clock: str, *, dso: str = "") -> registry.MembershipEnded:
    return registry.MembershipEnded(
        group_id=world.group,
        metering_point_id=point,
        bsp=world.bsp,
        dso=dso or world.dso,
        valid_to=world.local(DAY, clock),
        because="control-ended",
        declared_up_w=0,
        declared_down_w=0,
    )


@pytest.fixture
def first(world: Any) -> str:
    """A member throughout, at T1."""
    world.formed()
    point = world.gsrn(1)
    world.joined(point)
    return point


def test_who_is_known_to_leave_is_expected_to_deliver_until_then(world: Any, first: str) -> None:
    world.joined(world.gsrn(2), substation="T2", valid_to=world.local(DAY, "10:15"))
    _, effect = order(world).then_only(ActivationOrdered, ExpectedEffect)
    assert told([effect]) == {world.dso: {"10": {"T1": 2000, "T2": 2000}, "01": {"T1": 4000}}}
    assert [one.points for one in effect.later[0].substations] == [1]


def test_who_comes_in_anothers_grid_is_told_to_that_dso_of_its_quarters_alone(world: Any, first: str) -> None:
    world.joined(world.gsrn(11), dso=world.other_dso, substation="T9", valid_from=world.local(DAY, "10:15"))
    assert told(order(world, 3).events) == {
        world.dso: {"100": {"T1": 4000}, "011": {"T1": 2000}},
        world.other_dso: {"011": {"T9": 2000}},
    }


def test_who_is_a_member_throughout_is_told_of_as_ever(world: Any, first: str) -> None:
    """Nor does it matter what holds from the end of the activation on."""
    world.joined(world.gsrn(2), substation="T2", valid_to=world.local(DAY, "10:30"))
    world.joined(world.gsrn(3), substation="T3", valid_from=world.local(DAY, "10:30"))
    _, effect = order(world).then_only(ActivationOrdered, ExpectedEffect)
    assert (effect.quarters, effect.later) == (None, ())
    assert told([effect]) == {world.dso: {"all": {"T1": 2000, "T2": 2000}}}


def test_quarters_with_the_same_members_are_said_once(world: Any, first: str) -> None:
    """It left, and was back."""
    again = world.gsrn(2)
    world.joined(again, substation="T2", valid_to=world.local(DAY, "10:15"))
    world.joined(again, substation="T2", valid_from=world.local(DAY, "10:30"))
    assert told(order(world, 3).events) == {world.dso: {"101": {"T1": 2000, "T2": 2000}, "010": {"T1": 4000}}}


def test_a_member_within_a_quarter_is_one_from_the_next_on_and_the_first_begins_with_the_activation(
    world: Any, first: str
) -> None:
    world.joined(world.gsrn(2), substation="T2", valid_from=world.local(DAY, "10:05"))
    world.joined(world.gsrn(3), substation="T3", valid_from=world.local(DAY, "10:20"))
    assert told(order(world, 2, start=world.local(DAY, "10:05")).events) == {
        world.dso: {"110": {"T1": 2000, "T2": 2000}, "001": {"T1": 1334, "T2": 1333, "T3": 1333}}
    }


def test_quarters_without_members_stand_nowhere(world: Any) -> None:
    world.formed()
    world.joined(world.gsrn(1), valid_from=world.local(DAY, "10:15"), valid_to=world.local(DAY, "10:30"))
    assert told(order(world, 3).events) == {world.dso: {"010": {"T1": 4000}}}


@pytest.mark.parametrize(
    ("start", "until", "quarters"),
    [("2026-03-29T00:30", "2026-03-29T01:00", "1100"), ("2026-10-25T00:30", "2026-10-25T01:00", "1100")],
    ids=["03:00 follows 02:00", "the second 02:00"],
)
def test_the_hour_that_is_left_out_has_no_quarters_and_the_one_that_comes_twice_has_eight(
    world: Any, first: str, start: str, until: str, quarters: str
) -> None:
    began, left = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (start, until))
    world.joined(world.gsrn(2), substation="T2", valid_to=left)
    others = quarters.translate(str.maketrans("10", "01"))
    assert told(order(world, 4, start=began).events) == {
        world.dso: {quarters: {"T1": 2000, "T2": 2000}, others: {"T1": 4000}}
    }


def test_what_becomes_known_during_it_is_told_anew_to_whom_it_changes_until_it_is_over(world: Any, first: str) -> None:
    order(world)
    second = world.gsrn(11)
    joining = joins(world, second, "10:15", dso=world.other_dso, grid_area=world.other_area, substation="T9")
    changed, *effects = hears(world, joining, "10:05")
    assert isinstance(changed, ActivationMemberChanged)
    assert changed.quarters == "01"
    assert {one.version for one in effects} == {2}
    assert told(effects) == {
        world.dso: {"10": {"T1": 4000}, "01": {"T1": 2000}},
        world.other_dso: {"01": {"T9": 2000}},
    }
    assert world.scenario.state(store.ACTIVATION, world.uuid(70)).told == (world.dso, world.other_dso)
    assert hears(world, joining, "10:06") == [], "said twice"

    changed, *effects = hears(world, ended(world, second, "10:15", dso=world.other_dso), "10:20")
    assert told(effects) == {world.dso: {"all": {"T1": 4000}}, world.other_dso: {}}
    assert [(one.quarters, one.later) for one in effects] == [(None, ())] * 2
    assert world.scenario.state(store.ACTIVATION, world.uuid(70)).told == (world.dso,)

    over = hears(world, joining, "10:30")
    assert [type(one) for one in over] == [ActivationMemberChanged], "no effect of what is over"


def test_who_leaves_a_quarter_earlier_than_was_told_is_told_of_anew(world: Any, first: str) -> None:
    """The splits are the same, the quarters are not."""
    second = world.gsrn(2)
    world.joined(second, substation="T2", valid_to=world.local(DAY, "10:30"))
    order(world, 3)
    changed, effect = hears(world, ended(world, second, "10:15"), "09:50")
    assert (changed.quarters, told([effect])) == (
        "100",
        {world.dso: {"100": {"T1": 2000, "T2": 2000}, "011": {"T1": 4000}}},
    )


def test_a_dso_that_only_loses_quarters_is_told_so(world: Any, first: str) -> None:
    """What it is told of them is the same as before: not of which they are."""
    second = world.gsrn(11)
    world.joined(second, dso=world.other_dso, substation="T9")
    order(world)
    _, *effects = hears(world, ended(world, second, "10:15", dso=world.other_dso), "09:50")
    assert told(effects) == {
        world.dso: {"10": {"T1": 2000}, "01": {"T1": 4000}},
        world.other_dso: {"10": {"T9": 2000}},
    }


def test_who_counts_otherwise_or_lies_elsewhere_from_a_quarter_on(world: Any, first: str) -> None:
    second = world.gsrn(2)
    world.joined(second, substation="T2")
    order(world)
    about = {"group_id": world.group, "metering_point_id": second, "bsp": world.bsp}
    grown = registry.MemberPowerChanged(
        **about,
        dso=world.dso,
        valid_from=world.local(DAY, "10:15"),
        up_w=15_000,
        down_w=0,
        declared_up_w=0,
        declared_down_w=0,
        group_max_w=5_000_000,
        point_limit_w=1_000_000,
    )
    assert told(hears(world, grown, "09:50")) == {
        world.dso: {"10": {"T1": 2000, "T2": 2000}, "01": {"T1": 1000, "T2": 3000}}
    }
    elsewhere = registry.MemberRelocated(
        **about,
        dso=world.other_dso,
        former_dso=world.dso,
        grid_area=world.other_area,
        substation="T9",
        valid_from=world.local(DAY, "10:15"),
    )
    assert told(hears(world, elsewhere, "10:10")) == {
        world.dso: {"10": {"T1": 2000, "T2": 2000}, "01": {"T1": 1000}},
        world.other_dso: {"01": {"T9": 3000}},
    }


def test_an_amendment_tells_all_that_holds_in_its_own_quarters(world: Any, first: str) -> None:
    world.joined(world.gsrn(11), dso=world.other_dso, substation="T9", valid_to=world.local(DAY, "10:15"))
    order(world)
    at, start = world.local(DAY, "09:50"), world.local(DAY, "10:15")

    def amended(start: datetime) -> Any:
        command = AmendActivation(direction="up", power_w=4000, period=Period(start=start, end=start + 2 * QUARTER))
        return told(world.scenario.when(command, subject=world.uuid(70), sender=world.tso, at=at).events)

    assert amended(start) == {world.dso: {"all": {"T1": 4000}}, world.other_dso: {}}
    assert amended(start - QUARTER) == {
        world.dso: {"10": {"T1": 2000}, "01": {"T1": 4000}},
        world.other_dso: {"10": {"T9": 2000}},
    }


ID = "0192f000-0000-7000-8000-000000000070"
START = datetime(2026, 3, 28, 23, 45, tzinfo=UTC)
DSOS = ("7080000000111", "7080000000128")
moments = st.integers(-20, 100).map(lambda minutes: START + timedelta(minutes=minutes))


@st.composite
def stays(draw: st.DrawFn) -> tuple[known.Stay, ...]:
    times = sorted(draw(st.lists(moments, min_size=1, max_size=4, unique=True)))
    return tuple(
        known.Stay(
            "50Y0JVU59B4JWQCU",
            draw(st.sampled_from(DSOS)),
            draw(st.sampled_from(["T1", "T2", None])),
            draw(st.integers(0, 9)),
            0,
            since,
            times[number + 1] if number + 1 < len(times) else draw(st.sampled_from([None, since + QUARTER])),
        )
        for number, since in enumerate(times)
        if number == 0 or draw(st.booleans())
    )


@given(st.lists(stays(), max_size=5), st.integers(0, 10_000), st.integers(0, 14), st.integers(1, 90))
def test_each_quarters_split_is_the_order_over_its_own_members(
    found: list[tuple[known.Stay, ...]], power_w: int, late: int, minutes: int
) -> None:
    start = START + timedelta(minutes=late)
    points = [make_gsrn(serial) for serial in range(1, len(found) + 1)]
    group = known.Group("7080000000999", dict(zip(points, found, strict=True)))
    state = Activation(ID, ID, None, "up", power_w, start, start + timedelta(minutes=minutes), ())
    effects = list(expected.effects(state, group, None))
    quarters = expected.moments(Period(start=state.start, end=state.end))
    for index, moment in enumerate(quarters):
        members = known.members_at(group, moment)
        places = [place for effect in effects for place in _in(effect, index)]
        assert sum(place.power_w for place in places) == (power_w if members else 0)
        places_of_members = {(stay.dso, stay.substation) for stay in members.values()}
        assert {(effect.dso, one.substation) for effect in effects for one in _in(effect, index)} <= places_of_members
    for effect in effects:
        assert effect.substations
        firsts = [bits.index("1") for bits in (effect.quarters or "1", *(one.quarters for one in effect.later))]
        assert firsts == sorted(firsts)
        assert (effect.quarters is None) <= (not effect.later)
        assert {len(one.quarters) for one in effect.later} <= {len(quarters)}


def _in(effect: ExpectedEffect, index: int) -> tuple[SubstationEffect, ...]:
    """What holds in a quarter, by the only part that says so."""
    parts = [(effect.quarters, effect.substations), *((one.quarters, one.substations) for one in effect.later)]
    holds = [some for bits, some in parts if bits is None or bits[index] == "1"]
    assert len(holds) <= 1
    return holds[0] if holds else ()
