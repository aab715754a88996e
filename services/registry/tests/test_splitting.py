"""Groups that are split, and groups that are merged."""

import pytest

from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit


def group(world, scenario, number):
    return scenario.state(store.GROUP, world.uuid(number))


def split(world, scenario, parts, *, number=100, at=None):
    """`parts`: the points by the number of the new group."""
    into = tuple(
        v1.NewGroup(group_id=world.uuid(new), name=f"Del {new}", metering_points=world.ids(*numbers))
        for new, numbers in parts.items()
    )
    return world.tell(scenario, v1.SplitGroup(into=into), number=number, at=at)


def merge(world, scenario, *groups, number=100, at=None):
    return world.tell(scenario, v1.MergeGroups(groups=tuple(map(world.uuid, groups))), number=number, at=at)


@pytest.fixture
def six(world, register):
    """A group of points 1 to 6, 5 kW each; 7 and 8 stand beside it."""
    register.given(*world.points(range(1, 9)))
    world.form(register, *range(1, 7))
    return register


# Splits


def test_a_part_is_split_off_and_the_rest_stays(world, six):
    at = world.noon(1, 6)

    told, *events = split(world, six, {101: (1, 2)}, at=at).then_only(
        v1.GroupSplit,
        v1.MembershipEnded,
        v1.MembershipEnded,
        v1.GroupFormed,
        v1.MemberJoined,
        v1.MemberJoined,
    )

    assert (told.rest, told.into) == (
        4,
        (v1.FormedPart(group_id=world.uuid(101), members=2, up_w=10_000, down_w=0),),
    )
    assert {(e.because, e.valid_to, e.declared_up_w) for e in events[:2]} == {("split", at, 20_000)}
    formed, first, last = events[2:]
    assert (formed.split_from, formed.name, formed.station_group) == (world.uuid(100), "Del 101", world.uuid(101))
    assert (formed.zone, formed.brp_production) == ("NO3", world.BRP)
    assert (first.declared_up_w, last.declared_up_w, last.from_group) == (5_000, 10_000, world.uuid(100))
    (past,) = six.state(store.METERING_POINT, world.point(1)).past
    assert (past.group_id, past.valid_to) == (world.uuid(100), at)
    assert six.state(store.GROUPS_OF_BSP, world.BSP).groups == (world.uuid(100), world.uuid(101))


def test_a_group_of_which_nobody_stays_ends(world, six):
    outcome = split(world, six, {101: (1, 2, 3), 102: (4, 5, 6)})

    *_, ended = outcome.events
    assert isinstance(ended, v1.GroupEnded)
    assert (ended.because, ended.into) == ("split", (world.uuid(101), world.uuid(102)))
    assert group(world, six, 100).status == "ended"
    assert [group(world, six, number).power for number in (101, 102)] == [Power(15_000, 0)] * 2


@pytest.mark.rule("GROUP_NEEDS_SEVERAL_POINTS")
@pytest.mark.parametrize(
    ("parts", "path", "actual"),
    [
        ({101: (1,)}, "/into/0/metering_points", 1),
        ({101: (1, 2), 102: (3,)}, "/into/1/metering_points", 1),
        ({101: (1, 2), 102: (3, 4, 5)}, "/into", 1),
    ],
)
def test_each_part_and_the_rest_has_several_points(world, six, parts, path, actual):
    split(world, six, parts).refused("GROUP_NEEDS_SEVERAL_POINTS", path=path, limit=2, actual=actual)
    assert len(group(world, six, 100).members) == 6
    assert group(world, six, 101) is None


@pytest.mark.rule("NOT_A_MEMBER")
@pytest.mark.rule("METERING_POINT_REPEATED")
def test_a_split_is_all_or_nothing_and_names_every_wrong_row(world, six):
    outcome = split(world, six, {101: (1, 2, 7), 102: (3, 2, 4)})

    outcome.refused("NOT_A_MEMBER", path="/into/0/metering_points/2")
    outcome.refused("METERING_POINT_REPEATED", path="/into/1/metering_points/1")
    outcome.refused_rows((2, "NOT_A_MEMBER"), (4, "METERING_POINT_REPEATED"))
    assert len(group(world, six, 100).members) == 6


@pytest.mark.rule("ID_NOT_AVAILABLE")
@pytest.mark.rule("GROUP_REPEATED")
def test_the_new_groups_are_new(world, six):
    split(world, six, {101: (1, 2), 100: (3, 4)}).refused("ID_NOT_AVAILABLE", path="/into/1/group_id")
    twice = v1.NewGroup(group_id=world.uuid(101), metering_points=world.ids(1, 2))
    world.tell(six, v1.SplitGroup(into=(twice, twice))).refused("GROUP_REPEATED", path="/into/1/group_id")


@pytest.mark.rule("BRP_DIFFERENT")
def test_those_who_must_leave_for_another_brp_are_split_off_when_it_is_theirs(world, six):
    change = world.midnight(1, 20)
    for number in (1, 2):
        six.when(world.supplied(world.point(number), world.OTHER_BRP, at=change), at=world.noon(1, 6))

    split(world, six, {101: (1, 3)}, at=change).refused("BRP_DIFFERENT", limit=world.OTHER_BRP, actual=world.BRP)
    split(world, six, {101: (1, 2)}, at=change)
    assert group(world, six, 101).brps == (world.OTHER_BRP, world.OTHER_BRP)
    assert group(world, six, 100).ends == {}
    six.until(world.midnight(6, 1)).then()


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_a_part_is_not_larger_than_a_group_may_be(world, six):
    """Possible only where the limit was lowered."""
    six.given(world.opened(group__max_kw=14))

    split(world, six, {101: (1, 2, 3)}).refused(
        "GROUP_ABOVE_MAX", path="/into/0/metering_points", limit=14_000, actual=15_000
    )


# Mergers


@pytest.fixture
def three(world, register):
    """Three groups of two points of 5 kW."""
    register.given(*world.points(range(1, 7)))
    for number, points in ((100, (1, 2)), (101, (3, 4)), (102, (5, 6))):
        world.form(register, *points, number=number)
    return register


def test_all_members_go_over_and_the_other_groups_end(world, three):
    at = world.noon(1, 6)

    events = merge(world, three, 101, 102, at=at).then_only(
        *[v1.MembershipEnded, v1.MembershipEnded, v1.GroupEnded] * 2, *[v1.MemberJoined] * 4, v1.GroupsMerged
    )

    left, _, ended = events[:3]
    assert (left.because, left.group_id, left.valid_to, left.declared_up_w) == ("merged", world.uuid(101), at, 0)
    assert (ended.because, ended.into, ended.valid_to) == ("merged", (world.uuid(100),), at)
    merged = events[-1]
    assert (merged.groups, merged.members, merged.declared_up_w) == ((world.uuid(101), world.uuid(102)), 6, 30_000)
    assert events[-2].declared_up_w == 30_000
    assert [group(world, three, number).status for number in (100, 101, 102)] == ["active", "ended", "ended"]
    assert three.state(store.GROUPS_OF_BSP, world.BSP).groups == (world.uuid(100),)
    assert three.state(store.METERING_POINT, world.point(5)).membership.group_id == world.uuid(100)


@pytest.mark.rule("GROUP_REPEATED")
@pytest.mark.rule("GROUP_NOT_YOURS")
def test_the_others_are_others_and_the_senders(world, three):
    merge(world, three, 101, 101).refused("GROUP_REPEATED", path="/groups/1")
    merge(world, three, 101, 100).refused("GROUP_REPEATED", path="/groups/1")
    merge(world, three, 101, 777).refused("GROUP_NOT_YOURS", path="/groups/1")
    three.given(*world.points((11, 12), bsp=world.OTHER_BSP))
    world.tell(
        three,
        v1.FormGroup(zone="NO3", metering_points=world.ids(11, 12)),
        number=103,
        sender=world.OTHER_BSP,
    )
    merge(world, three, 103).refused("GROUP_NOT_YOURS", path="/groups/0")


@pytest.mark.rule("METERING_POINT_WRONG_ZONE")
@pytest.mark.rule("BRP_DIFFERENT")
def test_a_group_that_does_not_fit_is_a_refused_row(world, three):
    three.given(*world.points((21, 22), zone="NO1"), *world.points((31, 32), brp=world.OTHER_BRP))
    world.form(three, 21, 22, number=103, zone="NO1")
    world.form(three, 31, 32, number=104)

    outcome = merge(world, three, 101, 103, 104)

    outcome.refused("METERING_POINT_WRONG_ZONE", path="/groups/1", limit="NO3", actual="NO1")
    outcome.refused("BRP_DIFFERENT", path="/groups/2")
    outcome.refused_rows((1, "METERING_POINT_WRONG_ZONE"), (2, "BRP_DIFFERENT"))
    assert len(group(world, three, 101).members) == 2


@pytest.mark.rule("GROUP_ABOVE_MAX")
@pytest.mark.parametrize(("kw", "refused"), [(500, False), (501, True)])
def test_merged_they_are_a_group_of_5000_kw_at_most(world, register, kw, refused):
    register.given(*world.points(range(1, 6), kw=800), *world.points((6, 7), kw=kw))
    world.form(register, *range(1, 6))
    world.form(register, 6, 7, number=101)

    outcome = merge(world, register, 101)
    assert outcome.rejected is refused
    if refused:
        reason = outcome.refused("GROUP_ABOVE_MAX", path="/groups", limit=5_000_000, actual=5_002_000)
        assert "by 2000 W." in reason.text_en
        assert "med 2000 W." in reason.text_nb
        assert "propose-split" in reason.fix_en


@pytest.mark.rule("BRP_DIFFERENT")
def test_of_a_group_that_is_not_merged_the_points_in_the_way_are_named(world, three):
    three.given(world.supplied(world.point(3), world.OTHER_BRP, world.midnight(2, 1)), at=world.noon(1, 5))
    three.given(world.supplied(world.point(4), world.OTHER_BRP, world.midnight(2, 1)), at=world.noon(1, 5))
    outcome = merge(world, three, 101)
    outcome.refused("BRP_DIFFERENT")
    assert [(row.row, row.metering_points) for row in outcome.rows] == [(0, world.ids(3, 4))]


def test_an_empty_draft_is_merged_away_and_takes_members_in(world, three):
    world.tell(three, v1.FormGroup(zone="NO3", metering_points=(), activate=False), number=103)
    world.tell(three, v1.FormGroup(zone="NO3", metering_points=(), activate=False), number=104)

    merge(world, three, 103).then_only(v1.GroupEnded, v1.GroupsMerged)
    merge(world, three, 100, number=104).then_only(
        v1.MembershipEnded, v1.MembershipEnded, v1.GroupEnded, v1.MemberJoined, v1.MemberJoined, v1.GroupsMerged
    )
    assert group(world, three, 104).status == "forming"


def test_a_merged_group_can_be_split_again(world, three):
    merge(world, three, 101, at=world.noon(1, 6))
    split(world, three, {105: (3, 4)}, at=world.noon(1, 6))

    point = three.state(store.METERING_POINT, world.point(3))
    assert point.membership.group_id == world.uuid(105)
    assert [one.group_id for one in point.past] == [world.uuid(101)]
