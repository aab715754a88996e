"""Forming groups, and joining them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit


def form(world, scenario, *numbers, mode="all", zone="NO3", number=100, sender="", at=None):
    return scenario.when(
        v1.FormGroup(name="Gruppe", zone=zone, metering_points=world.ids(*numbers), mode=mode),
        subject=world.uuid(number),
        sender=sender or world.BSP,
        at=at or world.midnight(1, 5),
    )


def add(world, scenario, *numbers, mode="all", number=100, sender="", at=None):
    return scenario.when(
        v1.AddMembers(metering_points=world.ids(*numbers), mode=mode),
        subject=world.uuid(number),
        sender=sender or world.BSP,
        at=at or world.midnight(1, 6),
    )


@pytest.fixture
def three(world, register):
    """Points 1 to 3 of 5 kW with a group of the first two."""
    register.given(*world.points((1, 2, 3)))
    form(world, register, 1, 2)
    return register


def test_a_group_is_formed_with_an_event_for_each_member(world, register):
    register.given(*world.points((1, 2)))

    formed, first, last = form(world, register, 1, 2).then_only(v1.GroupFormed, v1.MemberJoined, v1.MemberJoined)
    assert (formed.bsp, formed.zone, formed.brp_consumption) == (world.BSP, "NO3", world.BRP)
    assert (first.declared_up_w, last.declared_up_w) == (5_000, 10_000)
    assert (last.dso, last.grid_area, last.substation) == (world.DSO, world.AREA, "Moholt")
    assert (last.valid_from, last.valid_to, last.held_from) == (world.midnight(1, 5), None, world.START)
    assert (last.group_max_w, last.point_limit_w, last.brp_production) == (5_000_000, 1_000_000, world.BRP)


@pytest.mark.rule("METERING_POINT_WRONG_ZONE")
@pytest.mark.rule("BRP_DIFFERENT")
@pytest.mark.rule("METERING_POINT_TOO_LARGE_FOR_GROUP")
@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_the_story_of_420_points_and_four_refusals(world, register):
    register.given(
        *world.points(range(1, 421)),
        *world.points((501, 502, 503), kw=725),
        *world.points((504,), kw=726),
        *world.points(range(510, 530), zone="NO1"),
        *world.points((531,), brp=world.OTHER_BRP),
        *world.points((541,), kw=500),
        world.resource(world.point(541), kw=500, number=1),
    )

    assert form(world, register, *range(1, 421)).events[-1].declared_up_w == 2_100_000
    add(world, register, 510).refused("METERING_POINT_WRONG_ZONE", limit="NO3", actual="NO1")
    add(world, register, 531).refused("BRP_DIFFERENT", limit=world.BRP, actual=world.OTHER_BRP)
    add(world, register, 541).refused("METERING_POINT_TOO_LARGE_FOR_GROUP", limit=1_000_000, actual=1_000_000, unit="W")
    add(world, register, 501, 502, 503, 504).refused(
        "GROUP_ABOVE_MAX", limit=5_000_000, actual=5_001_000, unit="W", path="/metering_points"
    )
    assert len(register.state(store.GROUP, world.uuid(100)).members) == 420


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_5000_kw_pass_and_one_kw_more_does_not(world, register):
    register.given(*world.points(range(1, 6), kw=800), *world.points((6,), kw=999), *world.points((7, 8), kw=1))
    form(world, register, *range(1, 7))

    add(world, register, 7, 8).refused("GROUP_ABOVE_MAX", actual=5_001_000)
    add(world, register, 7).then_only(v1.MemberJoined)
    add(world, register, 8).refused("GROUP_ABOVE_MAX", limit=5_000_000, actual=5_001_000)


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_in_mode_each_a_smaller_point_may_still_join_after_one_that_does_not_fit(world, register):
    register.given(*world.points(range(1, 6), kw=900), *world.points((6,), kw=501), *world.points((7,), kw=500))
    form(world, register, *range(1, 6))

    outcome = add(world, register, 6, 7, mode="each")

    (joined,) = outcome.refused_rows((0, "GROUP_ABOVE_MAX")).then_only(v1.MemberJoined)
    assert joined.metering_point_id == world.point(7)
    assert outcome.rows[0].actual == 5_001_000
    assert (outcome.reasons[0].path, outcome.reasons[0].limit) == ("/metering_points/0", 5_000_000)


def test_size_is_the_larger_direction_of_the_sums(world, register):
    register.given(*world.points((1, 2)))
    register.given(
        world.resource(world.point(1), up_w=0, down_w=600_000, number=1),
        world.resource(world.point(2), up_w=990_000, down_w=0, number=1),
    )

    form(world, register, 1, 2)
    state = register.state(store.GROUP, world.uuid(100))
    assert state.power == Power(1_000_000, 600_000)
    assert state.power.size_w == 1_000_000


@pytest.mark.rule("METERING_POINT_TOO_LARGE_FOR_GROUP")
@pytest.mark.parametrize(("down_w", "refused"), [(999_999, False), (1_000_000, True)])
def test_a_point_of_exactly_the_limit_takes_part_individually(world, three, down_w, refused):
    three.given(world.resource(world.point(3), up_w=0, down_w=down_w, number=1))

    outcome = add(world, three, 3)
    assert outcome.rejected is refused


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_a_point_of_another_and_an_unknown_one_are_the_same_refusal(world, three):
    three.given(*world.points((9,), bsp=world.OTHER_BSP))

    outcome = add(world, three, 9, 8)
    outcome.refused("METERING_POINT_NOT_HELD")
    outcome.refused_rows((0, "METERING_POINT_NOT_HELD"), (1, "METERING_POINT_NOT_HELD"))


@pytest.mark.rule("METERING_POINT_INCOMPLETE")
def test_an_incomplete_point_joins_nothing(world, three):
    three.given(world.recorded(world.point(4), grid_area=world.NO_AREA, zone=None), world.claimed(world.point(4)))
    add(world, three, 4).refused("METERING_POINT_INCOMPLETE", path="/metering_points/0")


@pytest.mark.rule("METERING_POINT_HAS_NO_RESOURCE")
def test_a_point_without_resources_joins_nothing(world, three):
    three.given(world.recorded(world.point(4)), world.claimed(world.point(4)), world.supplied(world.point(4)))
    add(world, three, 4).refused("METERING_POINT_HAS_NO_RESOURCE")


@pytest.mark.rule("METERING_POINT_BRP_UNKNOWN")
def test_a_point_without_a_known_brp_joins_nothing(world, three):
    gsrn = world.point(4)
    three.given(world.recorded(gsrn), world.claimed(gsrn), world.resource(gsrn))
    add(world, three, 4).refused("METERING_POINT_BRP_UNKNOWN", retryable=True)


@pytest.mark.rule("METERING_POINT_ALREADY_IN_GROUP")
def test_a_point_is_in_one_group_at_a_time(world, three):
    add(world, three, 1).refused("METERING_POINT_ALREADY_IN_GROUP")
    form(world, three, 1, 3, number=101).refused("METERING_POINT_ALREADY_IN_GROUP")


@pytest.mark.rule("METERING_POINT_REPEATED")
def test_a_point_stands_once_in_a_command(world, three):
    outcome = add(world, three, 3, 3)
    outcome.refused("METERING_POINT_REPEATED", path="/metering_points/1")
    add(world, three, 3, 3, mode="each").refused_rows((1, "METERING_POINT_REPEATED")).then_only(v1.MemberJoined)


@pytest.mark.rule("GROUP_NEEDS_SEVERAL_POINTS")
@pytest.mark.parametrize(("mode", "numbers"), [("all", (1,)), ("all", (1, 1)), ("each", (1,)), ("each", (1, 8))])
def test_a_group_is_formed_of_several_points(world, register, mode, numbers):
    register.given(*world.points((1,)))
    form(world, register, *numbers, mode=mode).refused("GROUP_NEEDS_SEVERAL_POINTS", limit=2, actual=1)


@pytest.mark.rule("GROUP_NOT_YOURS")
def test_an_unknown_group_and_anothers_are_answered_alike(world, three):
    others = add(world, three, 3, sender=world.OTHER_BSP).refused("GROUP_NOT_YOURS")
    assert others == add(world, three, 3, number=777).refused("GROUP_NOT_YOURS")


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_a_group_is_formed_once(world, three):
    form(world, three, 3, 1).refused("ID_NOT_AVAILABLE")


def test_all_refused_rows_are_named_at_once_with_each_text_once(world, three):
    three.given(*world.points((4, 5), zone="NO1"))

    outcome = add(world, three, 4, 3, 5, 8)

    outcome.refused("METERING_POINT_WRONG_ZONE", path="/metering_points", actual=None)
    outcome.refused("METERING_POINT_NOT_HELD", path="/metering_points/3")
    outcome.refused_rows(
        (0, "METERING_POINT_WRONG_ZONE"), (2, "METERING_POINT_WRONG_ZONE"), (3, "METERING_POINT_NOT_HELD")
    )
    assert len(outcome.reasons) == 2
    assert three.state(store.METERING_POINT, world.point(3)).membership is None


def test_in_mode_each_the_good_rows_happen(world, three):
    add(world, three, 8, 3, mode="each").refused_rows((0, "METERING_POINT_NOT_HELD")).then_only(v1.MemberJoined)


def test_in_mode_each_a_command_of_which_no_row_stands_is_refused(world, three):
    add(world, three, 8, mode="each").refused("METERING_POINT_NOT_HELD")


@pytest.mark.rule("BRP_DIFFERENT")
def test_who_is_known_to_get_another_brp_does_not_join(world, three):
    three.given(world.supplied(world.point(3), world.OTHER_BRP, at=world.midnight(2, 1)))
    add(world, three, 3).refused("BRP_DIFFERENT", limit=world.BRP, actual=world.OTHER_BRP)


@pytest.mark.rule("BRP_DIFFERENT")
def test_where_the_policy_only_warns_another_brp_is_a_notice(world):
    scenario = world.Scenario(world.SERVICE).given(
        world.opened(group__brp="warn"), world.onboarded(world.DSO, world.Role.DSO), world.area()
    )
    scenario.given(*world.points((1, 2)), *world.points((3,), brp=world.OTHER_BRP))
    form(world, scenario, 1, 2)

    outcome = add(world, scenario, 3)

    outcome.refused_rows().then_only(v1.MemberJoined)
    assert [reason.code for reason in outcome.reasons] == ["BRP_DIFFERENT"]
    ahead = world.midnight(2, 1)
    (changed,) = scenario.when(world.supplied(world.point(1), world.OTHER_BRP, at=ahead)).then_only(v1.MemberBrpChanged)
    assert (changed.metering_point_id, changed.brp_production, changed.since) == (
        world.point(1),
        world.OTHER_BRP,
        ahead,
    )


def test_an_emptied_group_takes_the_brp_of_whoever_joins_first(world, three):
    three.given(*world.points((4,), brp=world.OTHER_BRP))
    for number in (1, 2):
        three.given(world.switched(world.point(number), world.midnight(4, 15)))
    three.until(world.midnight(4, 15))

    add(world, three, 4, at=world.midnight(4, 16)).then_only(v1.MemberJoined)
    assert three.state(store.GROUP, world.uuid(100)).brps == (world.OTHER_BRP, world.OTHER_BRP)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 999), st.integers(0, 999)), min_size=2, max_size=14))
def test_the_sum_of_a_group_is_that_of_its_members_and_never_over_its_limit(world, powers):
    scenario = world.Scenario(world.SERVICE).given(
        world.opened(), world.onboarded(world.DSO, world.Role.DSO), world.area()
    )
    for number, (up, down) in enumerate(powers):
        gsrn = world.point(number)
        scenario.given(
            world.recorded(gsrn),
            world.claimed(gsrn),
            world.supplied(gsrn),
            world.resource(gsrn, up_w=up * 1000, down_w=down * 1000),
        )

    outcome = form(world, scenario, *range(len(powers)), mode="each")

    state = scenario.state(store.GROUP, world.uuid(100))
    assert state.power == sum((member.power for member in state.members.values()), Power())
    assert state.power.size_w <= 5_000_000
    # Who was refused would not have fitted at its turn, and so fits even less at the end.
    assert all((state.power + Power(*(w * 1000 for w in powers[row.row]))).size_w > 5_000_000 for row in outcome.rows)
    assert len(state.members) + len(outcome.rows) == len(powers)
