"""How a group could be split."""

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from chassis.testing import START
from contracts.registry import v1
from contracts.values import make_gsrn
from registry import store
from registry.domain.group import Member
from registry.domain.power import Power
from registry.domain.split_proposal import propose

pytestmark = pytest.mark.unit

MIN_W, MAX_W = 1_000_000, 5_000_000


def member(kw, substation="Moholt", *, down_kw=0):
    return Member(Power(kw * 1000, down_kw * 1000), "dso", substation, START)


def members(*found):
    return {make_gsrn(number): one for number, one in enumerate(found)}


def proposed(found, *, parts=None):
    return propose(members(*found), parts=parts, min_w=MIN_W, max_w=MAX_W)


def sizes(proposal):
    return sorted(max(part.up_w, part.down_w) for part in proposal.parts)


def test_what_is_behind_each_substation_is_dealt_evenly():
    found = proposed([member(500, "A")] * 4 + [member(250, "B")] * 4)

    assert found.because is None
    assert sizes(found) == [1_500_000, 1_500_000]
    assert (found.most_behind_w, [part.most_behind_w for part in found.parts]) == (2_000_000, [1_000_000] * 2)


@pytest.mark.parametrize(("kw", "because"), [((500, 500, 500, 500), None), ((500, 500, 500, 499), "parts-too-small")])
def test_no_part_is_under_1000_kw(kw, because):
    a, b, c, d = kw
    found = proposed([member(a, "A"), member(b, "A"), member(c, "B"), member(d, "B")])
    assert found.because == because
    assert sizes(found) == ([1_000_000, 1_000_000] if because is None else [])


def test_400_points_behind_one_transformer_are_not_helped_by_a_split():
    """E19: a DSO's limit is the right tool."""
    found = proposed([member(5)] * 400)
    assert (found.because, found.parts, found.most_behind_w) == ("one-substation", (), 2_000_000)


def test_those_at_unknown_places_are_held_to_be_at_the_largest():
    assert proposed([member(500, "A")] * 3 + [member(500, None)] * 3).because == "one-substation"
    assert proposed([member(500, None)] * 6).because == "one-substation"
    assert proposed([member(500, "A")] * 3 + [member(400, "B"), member(500, None)]).most_behind_w == 2_000_000


def test_what_one_point_has_alone_cannot_be_spread():
    found = proposed([member(900, name) for name in "ABCD"])
    assert (found.because, found.parts) == ("no-better", ())


def test_a_group_that_is_too_large_is_split_whatever_it_helps_the_substation():
    found = proposed([member(900)] * 6)
    assert (found.because, sizes(found)) == (None, [2_700_000, 2_700_000])


def test_as_many_parts_as_asked_for():
    found = [member(500, "A")] * 6 + [member(500, "B")] * 6
    assert len(proposed(found).parts) == 2
    assert len(proposed(found, parts=4).parts) == 4
    assert proposed(found, parts=7).because == "parts-too-small"
    assert proposed([member(900, name) for name in "AABBCCDDEEFF"], parts=2).because == "parts-too-large"


def test_the_direction_that_makes_the_size_counts_and_the_other_fits_too():
    found = proposed([member(400, "A", down_kw=500)] * 4 + [member(600, "B", down_kw=500)] * 4)
    assert found.because is None
    assert sizes(found) == [2_000_000, 2_000_000]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 999), st.integers(0, 999), st.sampled_from(["A", "B", "C", "D", None])),
        max_size=40,
    ),
    st.none() | st.integers(2, 10),
    st.randoms(use_true_random=False),
)
def test_every_member_is_in_one_part_and_every_part_within_the_limits(found, parts, random):
    group = members(*(member(up, place, down_kw=down) for up, down, place in found))

    proposal = propose(group, parts=parts, min_w=MIN_W, max_w=MAX_W)

    shuffled = list(group.items())
    random.shuffle(shuffled)
    assert propose(dict(shuffled), parts=parts, min_w=MIN_W, max_w=MAX_W) == proposal
    assert (proposal.because is None) == bool(proposal.parts)
    if proposal.because is not None:
        return
    named = [point for part in proposal.parts for point in part.metering_points]
    assert sorted(named) == sorted(group)
    for part in proposal.parts:
        power = sum((group[point].power for point in part.metering_points), Power())
        assert (part.up_w, part.down_w) == (power.up_w, power.down_w)
        assert MIN_W <= power.size_w <= MAX_W
    assert parts is None or len(proposal.parts) == parts


@pytest.fixture
def large(world, register):
    """Eight points of 500 kW, four behind each of two substations: 4,000 kW."""
    events = world.points(range(1, 9), kw=500)
    moved = [
        event.model_copy(update={"substation": "Lade"})
        if isinstance(event, v1.MeteringPointRecorded) and event.metering_point_id in world.ids(5, 6, 7, 8)
        else event
        for event in events
    ]
    register.given(*moved)
    world.form(register, *range(1, 9))
    return register


def test_a_bsp_asks_for_its_group_and_the_tso_for_any(world, large):
    (proposal,) = world.tell(large, v1.ProposeSplit()).then_only(v1.SplitProposed)

    assert (proposal.helps, proposal.because, proposal.bsp) == (True, None, world.BSP)
    assert [(part.up_w, part.most_behind_w) for part in proposal.parts] == [(2_000_000, 1_000_000)] * 2
    assert (proposal.most_behind_w, proposal.group_min_w, proposal.group_max_w) == (2_000_000, MIN_W, MAX_W)
    (asked,) = world.tell(large, v1.ProposeSplit(), sender=world.TSO, role="tso").then_only(v1.SplitProposed)
    assert asked == proposal


def test_what_is_proposed_can_be_done(world, large):
    (proposal,) = world.tell(large, v1.ProposeSplit()).then_only(v1.SplitProposed)
    into = tuple(
        v1.NewGroup(group_id=world.uuid(200 + number), metering_points=part.metering_points)
        for number, part in enumerate(proposal.parts)
    )

    assert not world.tell(large, v1.SplitGroup(into=into)).rejected
    assert [large.state(store.GROUP, world.uuid(number)).power.up_w for number in (200, 201)] == [2_000_000] * 2


@pytest.mark.rule("GROUP_NOT_YOURS")
@pytest.mark.rule("GROUP_UNKNOWN")
def test_nobody_else_asks_and_there_is_nothing_of_an_unknown_group(world, large):
    world.tell(large, v1.ProposeSplit(), sender=world.OTHER_BSP).refused("GROUP_NOT_YOURS")
    world.tell(large, v1.ProposeSplit(), sender=world.TSO, role="tso", number=777).refused("GROUP_UNKNOWN")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_proposed_is_accepted_as_it_stands(world, data):
    numbers = range(1, data.draw(st.integers(8, 14)) + 1)
    place, powers = st.sampled_from(["A", "B", "C"]), st.integers(3, 7)
    group = world.Scenario(world.SERVICE).given(world.opened(group__min_members=data.draw(st.integers(2, 4))))
    group.given(world.onboarded(world.DSO, "dso"), world.area())
    for number in numbers:
        recorded, *others = world.points((number,), kw=data.draw(powers) * 50)
        group.given(recorded.model_copy(update={"substation": data.draw(place)}), *others)
    world.form(group, *numbers)
    other_brp, closed, large, gone = (
        data.draw(st.sets(st.sampled_from(numbers), max_size=3)) for _ in ("brp", "closed", "large", "gone")
    )
    for number in other_brp:
        since = data.draw(st.sampled_from([world.midnight(1, 2), world.midnight(3, 1)]))
        group.given(world.supplied(world.point(number), world.OTHER_BRP, since), at=world.noon(1, 5))
    for number in closed:
        recorded = world.recorded(world.point(number))
        group.given(recorded.model_copy(update={"active": False, "valid_from": world.midnight(1, 20)}))
    for number in large:
        wish = v1.UpdateResource(up_w=1_000_000)
        resource = world.resource(world.point(number)).resource_id
        group.when(wish, subject=resource, sender=world.BSP, at=world.noon(1, 5))
    for number in gone:
        group.given(world.switched(world.point(number), world.midnight(1, 20)), at=world.noon(1, 5))
    before = set(group.state(store.GROUP, world.uuid(100)).members)

    # Not all points in this group count what stands behind them: who is too large counts what it did before.
    asked = world.tell(group, v1.ProposeSplit(parts=data.draw(st.none() | st.integers(2, 3))))
    (proposal,) = asked.then_only(v1.SplitProposed)

    named = {point for part in proposal.parts for point in part.metering_points}
    ways = {each.metering_point_id: each.code for each in proposal.in_the_way}
    assert not named & set(ways)
    assert {ways[world.point(each)] for each in other_brp - large} <= {"BRP_DIFFERENT"}
    event(f"{len(proposal.parts)} parts, in the way: {bool(ways)}")
    if proposal.parts:
        assert len(before - named) == 0 or len(before - named) >= 2
        into = tuple(
            v1.NewGroup(group_id=world.uuid(200 + number), metering_points=part.metering_points)
            for number, part in enumerate(proposal.parts)
        )
        split = world.tell(group, v1.SplitGroup(into=into))
        assert not split.rejected, split.reasons
        for number, part in enumerate(proposal.parts):
            power = group.state(store.GROUP, world.uuid(200 + number)).power
            assert (power.up_w, power.down_w) == (part.up_w, part.down_w)


@pytest.mark.rule("BRP_DIFFERENT")
def test_who_stands_in_the_way_is_named_with_the_rule(world, large):
    large.given(world.supplied(world.point(8), world.OTHER_BRP, world.midnight(2, 1)), at=world.noon(1, 5))
    (proposal,) = world.tell(large, v1.ProposeSplit()).then_only(v1.SplitProposed)

    assert proposal.in_the_way == (v1.InTheWay(metering_point_id=world.point(8), code="BRP_DIFFERENT"),)
    assert proposal.most_behind_w == 2_000_000
    named = {point for part in proposal.parts for point in part.metering_points}
    # One more stays behind: a group of one would not stand.
    assert set(world.ids(*range(1, 9))) - named == set(world.ids(1, 8))


@pytest.mark.rule("GROUP_ENDED")
def test_a_group_that_is_ending_has_no_parts(world, large):
    world.tell(large, v1.EndGroup(valid_to=world.midnight(6, 1)))
    world.tell(large, v1.ProposeSplit(), at=world.noon(1, 7)).refused("GROUP_ENDED")
