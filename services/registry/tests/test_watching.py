"""What is told beside what happens: figures, early warnings, possible evasion."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.gateway import v1 as gateway
from contracts.registry import v1
from contracts.values import Role
from registry import store
from registry.domain.concentration import PPM, spread

pytestmark = pytest.mark.unit


def group(world, scenario, number=100):
    return scenario.state(store.GROUP, world.uuid(number))


def measured(outcome):
    return [event for event in outcome.beside if isinstance(event, v1.GroupMeasured)]


def warned(outcome):
    """What began (+) and what was over (-), in order."""
    return [
        f"{'+' if isinstance(event, v1.GroupWarned) else '-'}{event.kind}"
        for event in outcome.beside
        if isinstance(event, (v1.GroupWarned, v1.GroupWarningCleared))
    ]


def warning(outcome):
    (found,) = [event for event in outcome.beside if isinstance(event, v1.GroupWarned)]
    return found


def add(world, scenario, *numbers, at=None):
    return world.tell(scenario, v1.AddMembers(metering_points=world.ids(*numbers)), at=at)


# Where the power lies


def test_two_places_alike_have_an_index_of_a_half():
    found = spread({("d", "A"): 1_000, ("d", "B"): 1_000})
    assert (found.known, found.hhi_ppm, found.largest_ppm, found.largest) == (2, 500_000, 500_000, ("d", "A"))


def test_what_is_at_unknown_places_counts_to_the_largest():
    found = spread({("d", "A"): 500, ("d", "B"): 300, None: 200})
    assert (found.largest, found.largest_ppm, found.unknown_ppm) == (("d", "A"), 700_000, 200_000)
    assert found.hhi_ppm == 490_000 + 90_000


@pytest.mark.parametrize("weights", [{None: 5}, {("d", "A"): 5}, {None: 5, ("d", "A"): 5}])
def test_one_place_has_an_index_of_one(weights):
    assert (spread(weights).hhi_ppm, spread(weights).largest_ppm) == (PPM, PPM)


@pytest.mark.parametrize("weights", [{}, {("d", "A"): 0}])
def test_nothing_is_not_concentrated(weights):
    found = spread(weights)
    assert (found.hhi_ppm, found.largest_ppm, found.largest, found.unknown_ppm) == (0, 0, None, 0)


PLACES = st.dictionaries(st.sampled_from([(name,) for name in "ABCDE"]), st.integers(1, 10**7), min_size=1)


@settings(max_examples=150, deadline=None)
@given(PLACES, st.integers(0, 10**7))
def test_no_place_for_what_is_unknown_would_make_the_index_greater(known, unknown):
    found = spread({**known, None: unknown})

    assert all(spread({**known, place: known[place] + unknown}).hhi_ppm <= found.hhi_ppm for place in known)
    assert spread({**known, ("Z",): unknown}).hhi_ppm <= found.hhi_ppm
    assert PPM // (len(known) + 1) <= found.hhi_ppm <= found.largest_ppm <= PPM


def test_a_group_is_measured_once_for_each_decision(world, register):
    register.given(*world.points((1, 2, 3)), *world.points((4,), kw=15))
    elsewhere = world.recorded(world.point(3)).model_copy(update={"substation": "Lade"})
    unknown = world.recorded(world.point(4)).model_copy(update={"substation": None})
    register.given(elsewhere, unknown)

    (first,) = measured(world.form(register, 1, 2, 3))
    assert (first.members, first.declared_up_w, first.declared_down_w, first.at) == (
        3,
        15_000,
        0,
        world.midnight(1, 5),
    )
    assert (first.substations, first.substation_largest, first.substation_largest_ppm) == (2, "Moholt", 666_666)
    assert first.substation_hhi_ppm == (10**2 + 5**2) * PPM // 15**2
    assert (first.grid_areas, first.grid_area_largest, first.grid_area_hhi_ppm) == (1, world.AREA, PPM)
    (then,) = measured(add(world, register, 4))
    assert (then.substation_unknown_ppm, then.substation_largest_ppm) == (500_000, 833_333)
    assert measured(world.tell(register, v1.RemoveMembers(metering_points=world.ids(1)))) == []
    (last,) = measured(register.until(world.midnight(1, 7)))
    assert (last.members, last.at) == (3, world.midnight(1, 7))


def test_both_groups_are_measured_when_members_move(world, register):
    register.given(*world.points((1, 2, 3, 11, 12)))
    world.form(register, 1, 2, 3)
    world.form(register, 11, 12, number=101)
    move = v1.MoveMembers(from_group=world.uuid(100), metering_points=world.ids(1))

    outcome = world.tell(register, move, number=101)
    assert [(one.group_id, one.members) for one in measured(outcome)] == [
        (world.uuid(100), 2),
        (world.uuid(101), 3),
    ]


def test_growth_of_a_member_is_measured(world, register):
    register.given(*world.points((1, 2)))
    world.form(register, 1, 2)
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="battery",
        up_w=5_000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X1", serial="S1"),),
    )
    (told,) = measured(world.tell(register, wish, number=900))
    assert told.declared_up_w == 15_000


def test_who_is_refused_is_not_measured(world, register):
    assert world.form(register, 1, 2).beside == []


# The limits of a group


@pytest.mark.parametrize(
    ("kw", "kinds"),
    [
        (999, ["+below-minimum"]),
        (1_000, ["+near-minimum"]),
        (1_099, ["+near-minimum"]),
        (1_100, []),
        (4_900, []),
        (4_901, ["+near-maximum"]),
        (5_000, ["+near-maximum"]),
    ],
)
def test_near_its_limits_a_group_is_warned(world, register, kw, kinds):
    register.given(*world.points(range(1, 9), kw=kw // 8), *world.points((9,), kw=max(kw % 8, 0)))
    assert warned(world.form(register, *range(1, 10))) == kinds


def test_a_warning_is_told_once_and_when_it_is_over(world, register):
    register.given(*world.points((1, 2), kw=450), *world.points((3, 4), kw=50), *world.points((5,), kw=200))

    first = world.form(register, 1, 2)
    assert warned(first) == ["+below-minimum"]
    assert (warning(first).size_w, warning(first).limit_w, warning(first).margin_w) == (900_000, 1_000_000, 100_000)
    assert warned(add(world, register, 3)) == []
    assert warned(add(world, register, 4)) == ["-below-minimum", "+near-minimum"]
    assert warned(add(world, register, 5)) == ["-near-minimum"]
    assert group(world, register).warned == ()


def test_what_is_announced_is_warned_of_when_it_is_announced(world, register):
    """E6: a group of 1,050 kW that will lose 100."""
    register.given(*world.points((1, 2), kw=475), *world.points((3,), kw=100))
    world.form(register, 1, 2, 3)
    start = world.midnight(1, 25)

    outcome = register.when(world.switched(world.point(3), start), at=world.noon(1, 6))
    assert warned(outcome) == ["-near-minimum", "+below-minimum"]
    assert (warning(outcome).since, warning(outcome).size_w) == (start, 950_000)
    assert warned(register.until(start)) == []
    assert warned(add(world, register, 3, at=start)) == []


def test_what_is_taken_back_is_over(world, register):
    register.given(*world.points((1, 2, 3), kw=500))
    world.form(register, 1, 2, 3)

    leave = v1.RemoveMembers(metering_points=world.ids(1, 2))
    assert warned(world.tell(register, leave)) == ["+below-minimum"]
    keep = v1.KeepMembers(metering_points=world.ids(1))
    assert warned(world.tell(register, keep)) == ["-below-minimum", "+near-minimum"]


def test_a_draft_may_be_small_and_a_group_that_ends_will_be(world, register):
    register.given(*world.points((1, 2)))
    draft = v1.FormGroup(zone="NO3", metering_points=world.ids(1, 2), activate=False)

    assert warned(world.tell(register, draft)) == []
    assert warned(world.tell(register, v1.ActivateGroup())) == ["+below-minimum"]
    assert warned(world.tell(register, v1.EndGroup())) == ["-below-minimum"]


def test_where_a_group_may_be_mixed_it_is_warned_of(world, register):
    register.given(world.opened(group__brp="warn"), *world.points((1, 2, 3), kw=500))
    register.given(*world.points((4,), kw=5, brp=world.OTHER_BRP))
    world.form(register, 1, 2, 3)

    outcome = add(world, register, 4)
    assert warned(outcome) == ["+mixed-brp"]
    assert warning(outcome).members == 1
    # Another one, and both back again.
    at = world.noon(1, 7)
    ahead = world.midnight(2, 1)
    assert warned(register.when(world.supplied(world.point(1), world.OTHER_BRP, at=ahead), at=at)) == []
    assert warned(register.when(world.supplied(world.point(1), at=ahead), at=at)) == []
    assert warned(register.when(world.supplied(world.point(4), at=world.midnight(1, 1)), at=at)) == ["-mixed-brp"]


def test_who_joins_a_mixed_group_and_will_have_another_brp_is_told_of(world, register):
    ahead = world.midnight(2, 1)
    register.given(world.opened(group__brp="warn"), *world.points((1, 2, 3), kw=500))
    register.given(world.supplied(world.point(3), world.OTHER_BRP, at=ahead))
    world.form(register, 1, 2)

    outcome = add(world, register, 3)
    _, changed = outcome.then_only(v1.MemberJoined, v1.MemberBrpChanged)
    assert (changed.brp_consumption, changed.since) == (world.OTHER_BRP, ahead)
    assert warned(outcome) == ["-near-minimum", "+mixed-brp"]


# Possible evasion

USER = "01900000-0000-7000-8000-00000000abcd"


def of_one_user(world, scenario, *numbers, kw, user=USER):
    scenario.given(*world.points(numbers, kw=kw))
    scenario.given(*(world.supplied(world.point(number), end_user=user) for number in numbers))


def flags(outcome):
    kinds = (v1.PossibleEvasionFlagged, v1.PossibleEvasionCleared)
    return [event for event in outcome.events if isinstance(event, kinds)]


@pytest.mark.parametrize(("kw", "flagged"), [(499, False), (500, True)])
def test_several_points_of_one_end_user_that_are_as_large_as_one_are_flagged(world, register, kw, flagged):
    of_one_user(world, register, 1, 2, kw=kw)

    found = flags(world.form(register, 1, 2))

    assert bool(found) is flagged
    if flagged:
        assert found == [
            v1.PossibleEvasionFlagged(
                end_user=USER,
                metering_points=world.ids(1, 2),
                groups=(world.uuid(100),),
                up_w=1_000_000,
                down_w=0,
                point_limit_w=1_000_000,
            )
        ]


def test_only_the_tso_is_told(world):
    for event in (v1.PossibleEvasionFlagged, v1.PossibleEvasionCleared):
        assert [(one.role, one.field) for one in event.audience] == [("tso", None)]


def test_it_is_told_when_it_changes_and_when_it_is_over(world, register):
    of_one_user(world, register, 1, 2, 3, kw=500)
    register.given(*world.points((11, 12, 13)))
    world.form(register, 1, 2)
    world.form(register, 11, 12, number=101)

    assert flags(add(world, register, 13)) == []
    join = v1.AddMembers(metering_points=world.ids(3))
    (more,) = flags(world.tell(register, join, number=101))
    assert (more.up_w, more.groups) == (1_500_000, (world.uuid(100), world.uuid(101)))
    world.tell(register, v1.RemoveMembers(metering_points=world.ids(1, 2)))
    (cleared,) = flags(register.until(world.midnight(1, 7)))
    assert cleared == v1.PossibleEvasionCleared(end_user=USER, up_w=500_000, down_w=0, point_limit_w=1_000_000)
    assert register.state(store.POSSIBLE_EVASION, USER) is None


def test_from_group_to_group_nothing_changes(world, register):
    of_one_user(world, register, 1, 2, kw=500)
    register.given(*world.points((3, 11, 12)))
    world.form(register, 1, 2, 3)
    world.form(register, 11, 12, number=101)
    move = v1.MoveMembers(from_group=world.uuid(100), metering_points=world.ids(1))
    assert flags(world.tell(register, move, number=101)) == []


def test_another_end_user_makes_it_begin_and_end(world, register):
    of_one_user(world, register, 1, 2, kw=500)
    of_one_user(world, register, 3, kw=500, user=world.END_USER)
    world.form(register, 1, 3)
    add(world, register, 2)
    at = world.noon(1, 8)

    moved_in = world.supplied(world.point(2), end_user=world.END_USER, at=world.midnight(1, 8))
    cleared, flagged = sorted(flags(register.when(moved_in, at=at)), key=lambda event: event.end_user)
    assert (cleared.end_user, flagged.end_user) == (USER, world.END_USER)
    assert (type(cleared), flagged.metering_points) == (v1.PossibleEvasionCleared, world.ids(3, 2))


def test_growth_behind_a_member_is_counted(world, register):
    of_one_user(world, register, 1, 2, kw=490)
    world.form(register, 1, 2)
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="battery",
        up_w=20_000,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X1", serial="S1"),),
    )
    (found,) = flags(world.tell(register, wish, number=900))
    assert found.up_w == 1_000_000


def test_points_in_no_group_count_nothing(world, register):
    of_one_user(world, register, 1, 2, kw=900)
    register.given(*world.points((3,)))
    assert flags(world.form(register, 1, 3)) == []


def test_the_limit_in_force_decides(world, register):
    of_one_user(world, register, 1, 2, kw=400)
    lower = gateway.PolicyValue(
        key="metering-point.group-limit-kw", value=800, valid_from=world.midnight(1, 1), source="test", owner="registry"
    )
    register.given(gateway.PoliciesAdded(operator=world.OPERATOR, policies=(lower,)))
    (found,) = flags(world.form(register, 1, 2))
    assert found.point_limit_w == 800_000


def test_the_dsos_of_its_members_are_told_a_groups_totals_and_nothing_of_each_others_points(world, register):
    other = world.OTHER_BRP
    first, second = world.points((1, 2)), world.points((3,))
    second[0] = second[0].model_copy(update={"dso": other, "substation": "Secret"})
    register.given(*first, *second)

    def totals(outcome):
        return [event for event in outcome.beside if isinstance(event, v1.GroupTotalled)]

    (told,) = totals(world.form(register, 1, 2, 3))
    assert [audience.field for audience in told.audience] == ["dsos"]
    assert told.dsos == tuple(sorted((world.DSO, other)))
    assert (told.members, told.declared_up_w, told.status) == (3, 15_000, "active")
    assert "Secret" not in told.model_dump_json()
    assert world.point(3) not in told.model_dump_json()
    (ending,) = totals(world.tell(register, v1.EndGroup(valid_to=world.midnight(6, 1))))
    assert ending.status == "ending"
    (kept,) = totals(world.tell(register, v1.KeepGroup()))
    assert kept.status == "active"
    (renamed,) = totals(world.tell(register, v1.RenameGroup(name="Another")))
    assert (renamed.name, renamed.dsos) == ("Another", told.dsos)
    assert totals(world.tell(register, v1.RenameGroup(name="Another"))) == []


def test_the_dsos_concerned_are_told_that_a_group_is_there_warned_and_no_more(world, register):
    register.given(*world.points((1, 2)))
    outcome = world.form(register, 1, 2)
    (formed,) = [event for event in outcome.events if isinstance(event, v1.GroupFormed)]
    (warned,) = [event for event in outcome.beside if isinstance(event, v1.GroupWarned)]
    for event in (formed, warned):
        assert (event.dsos, "dsos" in {audience.field for audience in event.audience}) == ((world.DSO,), True)

    world.tell(register, v1.RemoveMembers(metering_points=world.ids(1, 2)), at=world.noon(1, 6))
    emptied = register.until(world.midnight(1, 7))
    assert [event.dsos for event in emptied.beside if isinstance(event, v1.GroupTotalled)] == [(world.DSO,)]
    ended = world.tell(register, v1.EndGroup(), at=world.noon(1, 7))
    assert [event.dsos for event in ended.events if isinstance(event, v1.GroupEnded)] == [(world.DSO,)]
    (last,) = [event for event in ended.beside if isinstance(event, v1.GroupTotalled)]
    assert (last.status, last.members, last.dsos) == ("ended", 0, (world.DSO,))


@pytest.mark.parametrize(
    "event", [v1.MemberJoined, v1.MemberPowerChanged, v1.MembershipEnded, v1.ResourceRegistered, v1.ResourceUpdated]
)
def test_the_tso_is_told_what_takes_part_and_how(event):
    assert Role.TSO in {audience.role for audience in event.audience}
