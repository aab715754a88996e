"""Whether a group stands: drafts, names, how it ends."""

import pytest

from chassis.work import DeadlinePending
from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.unit


def group(world, scenario, number=100):
    return scenario.state(store.GROUP, world.uuid(number))


def draft(world, scenario, *numbers, mode="all"):
    wish = v1.FormGroup(zone="NO3", metering_points=world.ids(*numbers), activate=False, category="mixed", mode=mode)
    return world.tell(scenario, wish, at=world.midnight(1, 5))


# Drafts


def test_a_group_is_its_own_station_group_and_only_for_balancing(world, register):
    register.given(*world.points((1, 2)))

    formed = world.form(register, 1, 2).events[0]

    assert (formed.station_group, formed.balancing_only) == (world.uuid(100), True)
    assert (formed.status, formed.category, formed.split_from) == ("active", None, None)


@pytest.mark.rule("GROUP_NEEDS_SEVERAL_POINTS")
def test_a_draft_may_be_empty_and_is_activated_when_it_has_several_points(world, register):
    register.given(*world.points((1, 2)))

    (formed,) = draft(world, register).then_only(v1.GroupFormed)
    assert (formed.status, formed.brp_consumption, formed.category) == ("forming", None, "mixed")
    world.tell(register, v1.ActivateGroup()).refused("GROUP_NEEDS_SEVERAL_POINTS", limit=2, actual=0)
    world.tell(register, v1.AddMembers(metering_points=world.ids(1))).then_only(v1.MemberJoined)
    world.tell(register, v1.ActivateGroup()).refused("GROUP_NEEDS_SEVERAL_POINTS", limit=2, actual=1)
    world.tell(register, v1.AddMembers(metering_points=world.ids(2))).then_only(v1.MemberJoined)
    assert group(world, register).brps == (world.BRP, world.BRP)

    (activated,) = world.tell(register, v1.ActivateGroup()).then_only(v1.GroupActivated)
    assert (activated.members, activated.min_members, activated.zone) == (2, 2, "NO3")
    assert group(world, register).status == "active"


@pytest.mark.rule("GROUP_NEEDS_SEVERAL_POINTS")
def test_without_points_only_a_draft_is_formed(world, register):
    world.form(register).refused("GROUP_NEEDS_SEVERAL_POINTS", limit=2, actual=0)


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_a_draft_takes_only_who_may_join(world, register):
    register.given(*world.points((1,)))

    draft(world, register, 1, 8).refused("METERING_POINT_NOT_HELD")
    draft(world, register, 8, mode="each").refused("METERING_POINT_NOT_HELD")
    draft(world, register, 1, 8, mode="each").refused_rows((1, "METERING_POINT_NOT_HELD"))
    assert list(group(world, register).members) == [world.point(1)]


@pytest.mark.rule("GROUP_ALREADY_ACTIVE")
def test_a_group_is_activated_once(world, register):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2)
    world.tell(register, v1.ActivateGroup()).refused("GROUP_ALREADY_ACTIVE")


# Names


def test_a_group_gets_another_name(world, register):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2)

    world.tell(register, v1.RenameGroup(name="Nord")).then(
        v1.GroupRenamed(group_id=world.uuid(100), bsp=world.BSP, name="Nord")
    )
    assert group(world, register).name == "Nord"
    world.tell(register, v1.RenameGroup(name="Nord")).then()


@pytest.mark.rule("GROUP_NOT_YOURS")
@pytest.mark.parametrize(
    "wish",
    [
        v1.ActivateGroup(),
        v1.RenameGroup(name="Nord"),
        v1.EndGroup(),
        v1.KeepGroup(),
        v1.RemoveMembers(metering_points=("707057500000000018",)),
        v1.KeepMembers(metering_points=("707057500000000018",)),
        v1.SplitGroup(
            into=(
                v1.NewGroup(group_id="01900000-0000-7000-8000-000000000777", metering_points=("707057500000000018",)),
            )
        ),
        v1.MergeGroups(groups=("01900000-0000-7000-8000-000000000777",)),
        v1.MoveMembers(from_group="01900000-0000-7000-8000-000000000777", metering_points=("707057500000000018",)),
        v1.ProposeSplit(),
    ],
    ids=lambda wish: type(wish).__name__,
)
def test_another_bsps_group_is_like_an_unknown_one(world, register, wish):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2)

    others = world.tell(register, wish, sender=world.OTHER_BSP).refused("GROUP_NOT_YOURS")
    assert others == world.tell(register, wish, number=778).refused("GROUP_NOT_YOURS")


# The end


def test_a_group_ends_at_the_next_midnight_with_all_its_members(world, register):
    register.given(*world.points((1, 2, 3)))
    world.form(register, 1, 2, 3)
    end = world.midnight(1, 7)

    announced, *left = world.tell(register, v1.EndGroup(), at=world.noon(1, 6)).then_only(
        v1.GroupEndAnnounced, *[v1.MembershipEndAnnounced] * 3
    )
    assert announced.valid_to == end
    assert [(e.because, e.valid_to, e.declared_up_w) for e in left] == [
        ("left", end, 10_000),
        ("left", end, 5_000),
        ("left", end, 0),
    ]
    assert group(world, register).power.up_w == 15_000

    *out, ended = register.until(end).then_only(*[v1.MembershipEnded] * 3, v1.GroupEnded)
    assert {(e.because, e.valid_to) for e in out} == {("left", end)}
    assert (ended.valid_to, ended.because, ended.into) == (end, "left", ())
    assert group(world, register).status == "ended"
    assert register.state(store.GROUPS_OF_BSP, world.BSP).groups == ()


def test_a_group_ends_when_its_last_member_is_out(world, register):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2)
    world.tell(register, v1.RemoveMembers(metering_points=world.ids(1)))
    register.given(world.switched(world.point(2), world.midnight(1, 25)))

    # Who leaves earlier leaves then.
    world.tell(register, v1.EndGroup(valid_to=world.midnight(2, 1))).then_only(
        v1.GroupEndAnnounced, v1.MembershipEndAnnounced
    )
    register.until(world.midnight(1, 24)).then_only(v1.MembershipEnded)
    _, ended = register.until(world.midnight(1, 25)).then_only(v1.MembershipEnded, v1.GroupEnded)
    assert ended.valid_to == world.midnight(1, 25)
    register.until(world.midnight(2, 2)).then()


def test_an_empty_group_ends_at_once(world, register):
    draft(world, register)

    (ended,) = world.tell(register, v1.EndGroup(), at=world.noon(1, 6)).then_only(v1.GroupEnded)
    assert ended.valid_to == world.noon(1, 6)


@pytest.mark.rule("LEAVE_DATE_NOT_AHEAD")
def test_a_group_ends_at_a_midnight_to_come(world, register):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2)

    at = world.midnight(1, 7)
    world.tell(register, v1.EndGroup(valid_to=at), at=at).refused(
        "LEAVE_DATE_NOT_AHEAD", path="/valid_to", limit="2026-01-07T23:00:00Z", actual="2026-01-06T23:00:00Z"
    )


@pytest.mark.rule("GROUP_ENDED")
def test_a_group_that_ends_takes_nobody_and_is_not_changed(world, register):
    register.given(*world.points((1, 2, 3, 4)))
    world.form(register, 1, 2)
    world.form(register, 3, 4, number=101)
    end = world.midnight(1, 7)
    world.tell(register, v1.EndGroup())
    new = v1.NewGroup(group_id=world.uuid(102), metering_points=world.ids(1, 2))
    wishes = (
        v1.AddMembers(metering_points=world.ids(3)),
        v1.RemoveMembers(metering_points=world.ids(1)),
        v1.KeepMembers(metering_points=world.ids(1)),
        v1.ActivateGroup(),
        v1.RenameGroup(name="Nord"),
        v1.MoveMembers(from_group=world.uuid(101), metering_points=world.ids(3)),
        v1.SplitGroup(into=(new,)),
        v1.MergeGroups(groups=(world.uuid(101),)),
    )
    for wish in wishes:
        world.tell(register, wish, at=world.noon(1, 6)).refused("GROUP_ENDED")
    world.tell(register, v1.MergeGroups(groups=(world.uuid(100),)), number=101).refused("GROUP_ENDED", path="/groups/0")

    with pytest.raises(DeadlinePending):
        world.tell(register, wishes[0], at=end)
    register.until(end)
    for wish in (*wishes, v1.ProposeSplit()):
        world.tell(register, wish, at=end).refused("GROUP_ENDED")


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_the_id_of_a_group_that_has_ended_is_not_used_again(world, register):
    register.given(*world.points((1, 2)))
    draft(world, register)
    world.tell(register, v1.EndGroup())
    world.form(register, 1, 2).refused("ID_NOT_AVAILABLE")


# The end, moved and taken back


@pytest.fixture
def ending(world, register):
    """Three members: 2 was to leave on 1 March, 3 passes to another BSP on 15 April; the group ends on 1 June."""
    register.given(*world.points((1, 2, 3)))
    world.form(register, 1, 2, 3)
    world.tell(register, v1.RemoveMembers(metering_points=world.ids(2), valid_to=world.midnight(3, 1)))
    register.given(world.switched(world.point(3), world.midnight(4, 15)), at=world.noon(1, 6))
    world.tell(register, v1.EndGroup(valid_to=world.midnight(6, 1)))
    return register


def leaves(world, scenario):
    members = group(world, scenario).members
    return {int(each[-4:-1]): dict(member.ends) for each, member in members.items()}


def test_the_end_of_a_group_is_moved_later_and_earlier(world, ending):
    march, april, june = world.midnight(3, 1), world.midnight(4, 15), world.midnight(6, 1)
    assert leaves(world, ending) == {1: {"left": june}, 2: {"left": march}, 3: {"switch": april, "left": june}}
    world.tell(ending, v1.EndGroup(valid_to=june)).then()

    later, earlier = world.midnight(8, 1), world.midnight(2, 1)
    world.tell(ending, v1.EndGroup(valid_to=later)).then_only(v1.GroupEndAnnounced, *[v1.MembershipEndAnnounced] * 2)
    assert leaves(world, ending) == {1: {"left": later}, 2: {"left": march}, 3: {"switch": april, "left": later}}
    _, *left = world.tell(ending, v1.EndGroup(valid_to=earlier)).then_only(
        v1.GroupEndAnnounced, *[v1.MembershipEndAnnounced] * 3
    )
    assert [each.declared_up_w for each in left] == [10_000, 5_000, 0]
    assert set(group(world, ending).ends) == {earlier}
    world.tell(ending, v1.EndGroup(valid_to=june))
    assert leaves(world, ending)[2] == {"left": march}, "what it was to do by itself is not forgotten"

    ending.until(march).then_only(v1.MembershipEnded)
    ending.until(april).then_only(v1.MembershipEnded)
    ending.until(june).then_only(v1.MembershipEnded, v1.GroupEnded)


@pytest.mark.rule("GROUP_NOT_ENDING")
@pytest.mark.parametrize("moved", [(6, 1), (2, 1)])
def test_the_end_of_a_group_is_taken_back_as_if_it_had_not_been_said(world, ending, moved):
    world.tell(ending, v1.EndGroup(valid_to=world.midnight(*moved)))
    kept, *_ = world.tell(ending, v1.KeepGroup()).events
    assert kept == v1.GroupEndCancelled(group_id=world.uuid(100), bsp=world.BSP, zone="NO3", status="active")

    assert leaves(world, ending) == {1: {}, 2: {"left": world.midnight(3, 1)}, 3: {"switch": world.midnight(4, 15)}}
    assert group(world, ending).status == "active"
    point = ending.state(store.METERING_POINT, world.point(1))
    assert point.membership.valid_to is None
    ending.given(*world.points((4,)))
    world.tell(ending, v1.AddMembers(metering_points=world.ids(4))).then_only(v1.MemberJoined)
    world.tell(ending, v1.KeepGroup()).refused("GROUP_NOT_ENDING")
    ending.until(world.midnight(7, 1)).then_only(v1.MembershipEnded, v1.MembershipEnded)


def test_a_draft_that_was_to_end_is_a_draft_again(world, register):
    register.given(*world.points((1, 2)))
    draft(world, register, 1, 2)
    world.tell(register, v1.EndGroup(valid_to=world.midnight(6, 1)))
    world.tell(register, v1.KeepGroup())
    assert group(world, register).status == "forming"


@pytest.mark.rule("GROUP_ENDED")
def test_what_has_ended_is_not_taken_back(world, register):
    draft(world, register)
    world.tell(register, v1.EndGroup())
    world.tell(register, v1.KeepGroup()).refused("GROUP_ENDED")
    world.tell(register, v1.EndGroup()).refused("GROUP_ENDED")
