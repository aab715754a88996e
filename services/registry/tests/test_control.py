"""Control of a point that ends, goes on after all, or is cancelled: what becomes of members, objects and resources."""

import pytest

from contracts.registry import v1
from registry import store
from registry.domain.power import Power

pytestmark = pytest.mark.unit


@pytest.fixture
def grouped(world, register):
    """A group of points 1 to 4, 5 kW each."""
    register.given(*world.points(range(1, 6)))
    world.form(register, 1, 2, 3, 4)
    return register


def group(world, scenario, number=100):
    return scenario.state(store.GROUP, world.uuid(number))


def resource(world, scenario, number=1):
    return scenario.state(store.RESOURCE, world.resource(world.point(number)).resource_id)


def of_members(outcome):
    """Without what the resources are told."""
    return [event for event in outcome.events if not isinstance(event, v1.ResourceSleepChanged)]


# Members


def test_control_that_ends_ends_the_membership_then_with_the_sums_from_then(world, grouped):
    end, at = world.midnight(4, 15), world.noon(4, 1)

    (announced, _) = grouped.when(world.control_ends(world.point(1), end), at=at).then_only(
        v1.MembershipEndAnnounced, v1.ResourceSleepChanged
    )
    assert (announced.valid_to, announced.because, announced.declared_up_w) == (end, "control-ended", 15_000)
    assert group(world, grouped).power == Power(20_000)
    grouped.when(world.control_ends(world.point(1), end), at=at).then()

    (ended,) = grouped.until(end).then_only(v1.MembershipEnded)
    assert (ended.valid_to, ended.because, ended.declared_up_w) == (end, "control-ended", 15_000)


def test_control_that_goes_on_after_all_lets_the_member_stay(world, grouped):
    at = world.noon(4, 1)
    grouped.given(
        world.control_ends(world.point(1), world.midnight(4, 15), because="consent"),
        world.control_ends(world.point(1), world.midnight(4, 10), because="own"),
        at=at,
    )

    (moved,) = of_members(grouped.when(world.control_goes_on(world.point(1), because="own"), at=at))
    assert (moved.type, moved.valid_to) == (v1.MembershipEndAnnounced.type, world.midnight(4, 15))
    (stays,) = of_members(grouped.when(world.control_goes_on(world.point(1), because="consent"), at=at))
    assert (stays.because, stays.valid_to) == ("control-ended", None)
    assert not of_members(grouped.when(world.control_goes_on(world.point(1), because="consent"), at=at))
    grouped.until(world.midnight(6, 1)).then()
    assert len(group(world, grouped).members) == 4


def test_a_cancelled_switch_restores_the_membership_to_what_else_ends_it(world, grouped):
    start, at = world.midnight(4, 20), world.noon(4, 1)
    grouped.given(world.switched(world.point(1), start), world.switched(world.point(2), start), at=at)
    grouped.given(world.control_ends(world.point(2), world.midnight(4, 25), because="move-out"), at=at)

    first = of_members(grouped.when(world.unswitched(world.point(1), start), at=at))
    second = of_members(grouped.when(world.unswitched(world.point(2), start), at=at))

    assert [(type(e), e.because, e.valid_to) for e in (*first, *second)] == [
        (v1.MembershipEndCancelled, "switch", None),
        (v1.MembershipEndCancelled, "switch", world.midnight(4, 25)),
    ]
    (ended,) = grouped.until(world.midnight(5, 1)).then_only(v1.MembershipEnded)
    assert (ended.metering_point_id, ended.because) == (world.point(2), "control-ended")


def test_consent_that_ends_before_the_switch_ends_the_membership_first(world, grouped):
    at = world.noon(4, 1)
    grouped.given(world.switched(world.point(1), world.midnight(4, 20)), at=at)
    grouped.given(world.control_ends(world.point(1), world.midnight(4, 2), because="consent"), at=at)

    (ended,) = grouped.until(world.midnight(5, 1)).then_only(v1.MembershipEnded)
    assert (ended.valid_to, ended.because) == (world.midnight(4, 2), "control-ended")


@pytest.mark.parametrize(("day", "truly"), [((1, 10), (1, 10)), ((1, 3), (1, 5))])
def test_a_back_dated_end_ends_it_at_once_with_the_date_it_truly_ended(world, grouped, day, truly):
    """E15; it joined on 5 January and never ends before."""
    late = world.control_ends(world.point(1), world.midnight(*day), because="move-out")

    _, ended, _ = grouped.when(late, at=world.noon(1, 20)).then_only(
        v1.MembershipEndAnnounced, v1.MembershipEnded, v1.ResourceSleepChanged
    )
    assert (ended.valid_to, ended.because) == (world.midnight(*truly), "control-ended")
    grouped.until(world.midnight(2, 1)).then()


def test_what_is_over_is_not_brought_back(world, grouped):
    end = world.midnight(1, 10)
    grouped.given(world.control_ends(world.point(1), end), at=world.noon(1, 6))
    grouped.until(end)

    assert not of_members(grouped.when(world.control_goes_on(world.point(1)), at=world.noon(1, 11)))
    assert len(group(world, grouped).members) == 3


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_room_that_an_end_will_free_is_used_by_nothing_before_so_it_may_be_taken_back(world, register):
    register.given(*world.points(range(1, 6), kw=990), *world.points((6,), kw=900), *world.points((7,), kw=40))
    world.form(register, *range(1, 6))
    at = world.noon(4, 1)
    register.given(world.control_ends(world.point(1), world.midnight(4, 15)), at=at)

    join = v1.AddMembers(metering_points=world.ids(6))
    world.tell(register, join, at=at).refused("GROUP_ABOVE_MAX", actual=5_850_000)
    world.tell(register, v1.AddMembers(metering_points=world.ids(7)), at=at)
    register.given(world.control_goes_on(world.point(1)), at=at)
    register.until(world.midnight(5, 1))
    assert group(world, register).power.size_w == 4_990_000


def test_who_joins_while_an_end_is_announced_is_in_until_then(world, grouped):
    end = world.midnight(4, 15)
    grouped.given(world.control_ends(world.point(5), end))

    joined, announced = world.tell(grouped, v1.AddMembers(metering_points=world.ids(5))).then_only(
        v1.MemberJoined, v1.MembershipEndAnnounced
    )
    # Listeners take an end that stands in the joining for a switch.
    assert (joined.valid_to, announced.valid_to, announced.because) == (None, end, "control-ended")


def test_a_move_takes_the_end_of_control_along_and_it_is_taken_back_there(world, grouped):
    end = world.midnight(4, 15)
    grouped.given(world.control_ends(world.point(1), end))
    world.tell(grouped, v1.FormGroup(zone="NO3", metering_points=(), activate=False), number=101)
    moved = v1.MoveMembers(from_group=world.uuid(100), metering_points=world.ids(1))
    world.tell(grouped, moved, number=101)

    assert group(world, grouped, 101).members[world.point(1)].ends == {"control-ended": end}
    grouped.given(world.control_goes_on(world.point(1)))
    assert group(world, grouped, 101).members[world.point(1)].ends == {}


def test_a_member_that_stays_after_all_is_held_against_the_brps_it_will_have(world, grouped):
    at = world.noon(4, 1)
    grouped.given(world.switched(world.point(1), world.midnight(4, 15)), at=at)
    grouped.when(world.supplied(world.point(1), world.OTHER_BRP, at=world.midnight(4, 22)), at=at).then()

    cancelled, leave = grouped.when(world.unswitched(world.point(1), world.midnight(4, 15)), at=at).then_only(
        v1.MembershipEndCancelled, v1.MemberMustLeave
    )
    assert (cancelled.because, leave.since) == ("switch", world.midnight(4, 22))


def test_of_a_point_that_is_not_known_nothing_follows(world, register):
    register.when(world.claimed(world.point(9))).then()
    register.when(world.control_ends(world.point(9), world.midnight(4, 15))).then()


# Regulation objects


@pytest.fixture
def alone(world, register):
    """Point 1 takes part alone."""
    register.given(*world.points((1,), kw=1_000))
    world.tell(register, v1.FormRegulationObject(metering_point_id=world.point(1)), number=300)
    return register


def test_control_that_ends_ends_a_regulation_object_unless_it_goes_on(world, alone):
    end, at = world.midnight(4, 15), world.noon(4, 1)

    (announced,) = of_members(alone.when(world.control_ends(world.point(1), end), at=at))
    assert (announced.valid_to, announced.because) == (end, "control-ended")
    (cancelled,) = of_members(alone.when(world.control_goes_on(world.point(1)), at=at))
    assert (cancelled.type, cancelled.because, cancelled.valid_to) == (
        v1.RegulationObjectEndCancelled.type,
        "control-ended",
        None,
    )
    alone.until(world.midnight(5, 1)).then()


def test_a_cancelled_switch_leaves_a_regulation_object_as_it_was(world, alone):
    start, at = world.midnight(4, 20), world.noon(4, 1)
    before = alone.state(store.REGULATION_OBJECT, world.uuid(300))
    alone.given(world.switched(world.point(1), start), world.unswitched(world.point(1), start), at=at)

    assert alone.state(store.REGULATION_OBJECT, world.uuid(300)) == before


def test_a_back_dated_end_ends_a_regulation_object_at_once(world, alone):
    late = world.control_ends(world.point(1), world.midnight(1, 10), because="move-out")

    _, ended = of_members(alone.when(late, at=world.noon(1, 20)))
    assert (ended.type, ended.valid_to) == (v1.RegulationObjectEnded.type, world.midnight(1, 10))
    assert alone.state(store.METERING_POINT, world.point(1)).regulation_object is None


def test_an_object_formed_while_an_end_is_announced_lasts_until_then(world, register):
    register.given(*world.points((1,), kw=1_000), world.control_ends(world.point(1), world.midnight(4, 15)))

    formed, announced = world.tell(
        register, v1.FormRegulationObject(metering_point_id=world.point(1)), number=300
    ).then_only(v1.RegulationObjectFormed, v1.RegulationObjectEndAnnounced)
    assert (formed.valid_to, announced.because) == (None, "control-ended")
    register.until(world.midnight(4, 15)).then_only(v1.RegulationObjectEnded)


@pytest.mark.rule("METERING_POINT_NOT_HELD_YET")
def test_who_gets_the_point_later_forms_its_object_then(world, register):
    register.given(*world.points((1,), kw=1_000), world.switched(world.point(1), world.midnight(4, 15)))
    wish = v1.FormRegulationObject(metering_point_id=world.point(1))

    world.tell(register, wish, number=300, sender=world.OTHER_BSP, at=world.noon(4, 14)).refused(
        "METERING_POINT_NOT_HELD_YET", limit="2026-04-14T22:00:00Z"
    )
    world.tell(register, wish, number=300, sender=world.OTHER_BSP, at=world.midnight(4, 15)).then_only(
        v1.RegulationObjectFormed
    )


# Resources behind a point that nobody holds


def test_resources_sleep_while_nobody_holds_their_point_and_wake_with_the_next_claim(world, register):
    """D30."""
    register.given(*world.points((1,)))
    end, again = world.midnight(2, 1), world.midnight(2, 10)

    (told,) = register.when(world.control_ends(world.point(1), end)).then_only(v1.ResourceSleepChanged)
    assert told.periods == (v1.Unheld(valid_from=end),)
    register.when(world.control_ends(world.point(1), end)).then()
    (told,) = register.when(world.claimed(world.point(1), world.OTHER_BSP, again)).then_only(v1.ResourceSleepChanged)
    assert told.periods == (v1.Unheld(valid_from=end, valid_to=again),)

    assert resource(world, register).asleep == told.periods
    behind = [
        register.view(store.METERING_POINT, world.point(1), at).resources
        for at in (world.noon(1, 31), end, world.noon(2, 9), again)
    ]
    assert [bool(each) for each in behind] == [True, False, False, True]


@pytest.mark.rule("RESOURCE_NOT_YOURS")
@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_nobody_commands_or_groups_what_sleeps(world, register):
    register.given(*world.points((1, 2)))
    end = world.midnight(2, 1)
    register.given(world.control_ends(world.point(1), end))
    subject = world.resource(world.point(1)).resource_id

    register.when(v1.UpdateResource(up_w=1), subject=subject, sender=world.BSP, at=end).refused("RESOURCE_NOT_YOURS")
    draft = v1.FormGroup(zone="NO3", metering_points=world.ids(1), activate=False)
    world.tell(register, draft, at=end).refused("METERING_POINT_NOT_HELD")
    register.when(v1.UpdateResource(up_w=1), subject=subject, sender=world.BSP, at=world.noon(1, 31)).then_only(
        v1.ResourceUpdated
    )


def test_what_is_registered_or_activated_before_an_announced_end_learns_that_it_will_sleep(world, register):
    register.given(*world.points((1,)))
    at, end = world.noon(1, 10), world.midnight(2, 1)
    register.given(world.control_ends(world.point(1), end))
    wish = v1.RegisterResource(
        metering_point_id=world.point(1),
        technology="battery",
        up_w=1,
        down_w=0,
        devices=(v1.Device(make="Acme", model="X", serial="S"),),
    )

    told = [world.tell(register, wish, number=500, at=at).then_only(v1.ResourceRegistered, v1.ResourceSleepChanged)[1]]
    world.tell(register, v1.PauseResource(reason="A test"), number=500, at=at).then_only(v1.ResourcePaused)
    assert register.state(store.RESOURCE, world.uuid(500)).asleep == ()
    activated = world.tell(register, v1.ActivateResource(), number=500, at=at)
    told += activated.then_only(v1.ResourceActivated, v1.ResourceSleepChanged)[1:]
    assert {one.periods for one in told} == {(v1.Unheld(valid_from=end),)}


def test_what_is_not_active_does_not_sleep(world, register):
    register.given(*world.points((1,)))
    subject = world.resource(world.point(1)).resource_id
    register.when(v1.PauseResource(reason="A test"), subject=subject, sender=world.BSP)

    register.when(world.control_ends(world.point(1), world.midnight(2, 1))).then()


def test_a_cancelled_end_wakes_them_before_they_slept(world, register):
    register.given(*world.points((1,)), world.control_ends(world.point(1), world.midnight(2, 1)))

    (told,) = register.when(world.control_goes_on(world.point(1))).then_only(v1.ResourceSleepChanged)
    assert told.periods == ()


def test_points_that_nobody_holds_flag_no_evasion(world, register):
    register.given(*world.points((1, 2, 3), kw=600))
    register.given(*[world.supplied(world.point(n), end_user=world.END_USER) for n in (1, 2)])
    world.form(register, 1, 2, 3)
    assert register.state(store.POSSIBLE_EVASION, world.END_USER) is not None

    late = world.control_ends(world.point(1), world.midnight(1, 10))
    outcome = register.when(late, at=world.noon(1, 12))
    assert any(isinstance(event, v1.PossibleEvasionCleared) for event in outcome.events)
