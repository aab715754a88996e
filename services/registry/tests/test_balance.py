"""What is proposed to members whose BRP changes."""

import pytest

from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


def changes(world, scenario, *numbers, brp=""):
    """These points get another BRP from 22 April; what the last of them is told."""
    at, start = world.noon(4, 20), world.midnight(4, 22)
    told = [
        scenario.when(world.supplied(world.point(number), brp or world.OTHER_BRP, at=start), at=at)
        for number in numbers
    ]
    leave = told[-1].events[0]
    assert isinstance(leave, v1.MemberMustLeave)
    assert leave.metering_point_id == world.point(numbers[-1])
    return leave


@pytest.fixture
def grouped(world, register):
    """Points 1 to 6 of 400 kW in a group, with one BRP."""
    register.given(*world.points(range(1, 7), kw=400))
    world.form(register, *range(1, 7))
    return register


def test_together_as_large_as_a_group_they_can_be_split_off(world, grouped):
    assert changes(world, grouped, 1, 2).proposal == "leave"

    leave = changes(world, grouped, 3)
    assert (leave.proposal, leave.proposed_group_id) == ("split-off", None)
    assert (leave.together, leave.together_up_w, leave.together_down_w) == (3, 1_200_000, 0)
    assert leave.group_min_w == 1_000_000


def test_who_was_told_to_leave_is_told_when_it_can_be_split_off_and_when_no_longer(world, grouped):
    at, start = world.noon(4, 20), world.midnight(4, 22)
    changes(world, grouped, 1, 2)
    later = world.midnight(4, 25)
    outcome = grouped.when(world.supplied(world.point(3), world.OTHER_BRP, at=later), at=at)

    third, *again = outcome.then_only(*[v1.MemberMustLeave] * 3)
    assert [told.metering_point_id for told in (third, *again)] == list(world.ids(3, 1, 2))
    for told in (third, *again):
        assert (told.proposal, told.together, told.together_up_w) == ("split-off", 3, 1_200_000)
        assert told.possible_from == later, "from then on all of them have the BRP of the new group"
    assert [told.since for told in again] == [start] * 2
    assert grouped.when(world.supplied(world.point(4), world.OTHER_BRP, at=start), at=at).then_only(v1.MemberMustLeave)

    back = [grouped.when(world.supplied(world.point(n), world.BRP, at=start), at=world.noon(4, 21)) for n in (4, 2)]
    back[0].then_only(v1.MemberMayStay)
    _, *again = back[1].then_only(v1.MemberMayStay, v1.MemberMustLeave, v1.MemberMustLeave)
    assert [(told.metering_point_id, told.proposal) for told in again] == [
        (world.point(1), "leave"),
        (world.point(3), "leave"),
    ]


def test_from_its_date_the_proposed_split_off_is_accepted(world, grouped):
    leave = changes(world, grouped, 1, 2, 3)
    split = v1.SplitGroup(into=(v1.NewGroup(group_id=world.uuid(200), metering_points=world.ids(1, 2, 3)),))
    assert world.tell(grouped, split, at=world.noon(4, 21)).rejected
    assert not world.tell(grouped, split, at=leave.possible_from).rejected


@pytest.mark.parametrize(("kw", "proposal"), [(599, "leave"), (600, "split-off")])
def test_1000_kw_together_are_enough(world, register, kw, proposal):
    register.given(*world.points((1, 2, 3), kw=400), *world.points((4,), kw=kw))
    world.form(register, 1, 2, 3, 4)
    assert changes(world, register, 1, 4).proposal == proposal


def test_those_with_yet_another_brp_are_not_counted(world, grouped):
    changes(world, grouped, 1, 2, brp=world.SUPPLIER)
    assert changes(world, grouped, 3).proposal == "leave"


def test_a_group_with_room_for_all_of_them_comes_first(world, grouped):
    grouped.given(*world.points((11, 12), kw=900, brp=world.OTHER_BRP))
    world.form(grouped, 11, 12, number=101)

    leave = changes(world, grouped, 1, 2, 3)
    assert (leave.proposal, leave.proposed_group_id, leave.together) == ("move", world.uuid(101), None)


def test_a_group_with_room_for_one_is_proposed_until_they_are_enough_for_their_own(world, grouped):
    grouped.given(*world.points(range(11, 17), kw=750, brp=world.OTHER_BRP))
    world.form(grouped, *range(11, 17), number=101)  # 4,500 kW: room for one of them

    assert changes(world, grouped, 1).proposal == "move"
    assert changes(world, grouped, 2).proposal == "move"
    assert changes(world, grouped, 3).proposal == "split-off"


def test_a_group_that_ends_is_not_proposed(world, grouped):
    grouped.given(*world.points((11, 12), brp=world.OTHER_BRP))
    world.form(grouped, 11, 12, number=101)
    world.tell(grouped, v1.EndGroup(valid_to=world.midnight(6, 1)), number=101)
    assert changes(world, grouped, 1).proposal == "leave"


def test_an_empty_draft_takes_whoever_comes_first(world, grouped):
    world.tell(grouped, v1.FormGroup(zone="NO1", metering_points=(), activate=False), number=101)
    world.tell(grouped, v1.FormGroup(zone="NO3", metering_points=(), activate=False), number=102)
    assert changes(world, grouped, 1).proposed_group_id == world.uuid(102)


def test_where_the_policy_became_a_warning_nobody_must_leave_any_more(world, grouped):
    changes(world, grouped, 1)
    grouped.given(world.opened(group__brp="warn"))
    at = world.noon(4, 21)

    back = world.supplied(world.point(1), world.OTHER_BRP, at=world.midnight(4, 23))
    changed, stay = grouped.when(back, at=at).then_only(v1.MemberBrpChanged, v1.MemberMayStay)
    assert (changed.since, stay.because) == (world.midnight(4, 22), "brp")
    assert grouped.state(store.GROUP, world.uuid(100)).ends == {}


def unknown_brp(world, number, start):
    fact = world.supplied(world.point(number), world.BRP, at=start)
    return fact.model_copy(update={"brp_consumption": None, "derived": ("consumption",)})


def test_nothing_follows_from_a_brp_that_is_unknown_until_it_is_known(world, grouped):
    at, start = world.noon(4, 20), world.midnight(4, 22)
    grouped.when(unknown_brp(world, 1, start), at=at).then()
    changes(world, grouped, 1)


@pytest.mark.rule("METERING_POINT_BRP_UNKNOWN")
def test_a_point_whose_brp_is_unknown_joins_nothing(world, register):
    register.given(*world.points(range(1, 7), kw=400), unknown_brp(world, 6, world.midnight(4, 1)))
    world.form(register, *range(1, 6))
    add = v1.AddMembers(metering_points=world.ids(6))
    world.tell(register, add, at=world.noon(4, 20)).refused("METERING_POINT_BRP_UNKNOWN")
