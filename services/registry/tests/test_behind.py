"""What becomes of a member when what is active behind its point changes, on every path (D1, D25)."""

import pytest

from contracts import policies, values
from contracts.registry import v1
from registry import store
from registry.domain import growth, terms
from registry.domain.power import Power

pytestmark = pytest.mark.unit

PAUSE, ACTIVATE, TERMINATE = (
    v1.PauseResource(reason="Repair"),
    v1.ActivateResource(),
    v1.TerminateResource(reason="Sold"),
)
KW = 1000


@pytest.fixture
def grouped(world, register):
    """A group of points 1 to 10, each with a resource of 480 kW up: 4,800 kW."""
    register.given(*world.points(range(1, 11), kw=480))
    register.when(
        v1.FormGroup(zone="NO3", metering_points=world.ids(*range(1, 11))),
        subject=world.uuid(100),
        sender=world.BSP,
        at=world.midnight(1, 6),
    )
    return register


@pytest.fixture
def say(world, grouped):
    """Say something about the resource that was registered first behind a point."""

    def said(wish, *, point=1, number=0, at=None):
        subject = world.resource(world.point(point), number=number).resource_id
        return grouped.when(wish, subject=subject, sender=world.BSP, at=at or world.noon(1, 7))

    return said


@pytest.fixture
def add(world, grouped):
    """Register one more resource behind a point."""

    def added(kw=0, *, point=1, number=1, down_kw=0, activate=True, at=None):
        like = world.resource(world.point(point), number=number)
        wish = v1.RegisterResource(
            metering_point_id=world.point(point),
            technology="battery",
            up_w=kw * KW,
            down_w=down_kw * KW,
            devices=like.devices,
            activate=activate,
        )
        return grouped.when(wish, subject=like.resource_id, sender=world.BSP, at=at or world.noon(1, 7))

    return added


@pytest.fixture
def group(world, grouped):
    return lambda: grouped.state(store.GROUP, world.uuid(100))


@pytest.fixture
def member(world, group):
    return lambda number=1: group().members[world.point(number)]


def sums(event):
    return event.declared_up_w, event.declared_down_w


def test_a_resource_that_is_new_changes_nothing_until_it_is_active(add, say, member):
    add(100, activate=False).then_only(v1.ResourceRegistered)
    assert member().power == Power(480 * KW)

    changed = say(ACTIVATE, number=1).then_only(v1.ResourceActivated, v1.MemberPowerChanged)[1]
    assert (changed.up_w, sums(changed)) == (580 * KW, (4_900 * KW, 0))


def test_shrinking_counts_at_once(world, say, member, group):
    changed = say(v1.UpdateResource(up_w=80 * KW, down_w=3 * KW)).then_only(v1.ResourceUpdated, v1.MemberPowerChanged)[
        1
    ]

    assert (changed.up_w, changed.down_w, sums(changed)) == (80 * KW, 3 * KW, (4_400 * KW, 3 * KW))
    assert changed.valid_from == world.noon(1, 7)
    assert (member().power, group().power) == (Power(80 * KW, 3 * KW), Power(4_400 * KW, 3 * KW))


def test_what_is_not_about_power_changes_nothing_in_the_group(say):
    say(v1.UpdateResource(name="Kjelen")).then_only(v1.ResourceUpdated)
    say(v1.ChangeDevices(add=(v1.Device(make="Acme", model="X2", serial="S2"),))).then_only(v1.DevicesChanged)


@pytest.mark.rule("GROUP_ABOVE_MAX")
def test_growth_over_the_groups_limit_is_refused_on_every_path(world, add, say, member):
    too_much = {"limit": 5_000 * KW, "actual": 5_001 * KW, "unit": "W"}
    add(201).refused("GROUP_ABOVE_MAX", **too_much)
    say(v1.UpdateResource(up_w=681 * KW)).refused("GROUP_ABOVE_MAX", **too_much)
    add(201, activate=False).then_only(v1.ResourceRegistered)
    say(ACTIVATE, number=1).refused("GROUP_ABOVE_MAX", **too_much)
    add(1, number=2).then_only(v1.ResourceRegistered, v1.MemberPowerChanged)
    say(PAUSE, number=2)
    say(v1.UpdateResource(up_w=680 * KW)).then_only(v1.ResourceUpdated, v1.MemberPowerChanged)
    say(ACTIVATE, number=2).refused("GROUP_ABOVE_MAX", **too_much)
    assert member().power == Power(680 * KW)


def test_what_is_above_the_limit_by_a_changed_policy_may_shrink_but_not_grow(world):
    scenario = world.Scenario(world.SERVICE).given(
        world.opened(), world.onboarded(world.DSO, world.Role.DSO), world.area()
    )
    scenario.given(*world.points((1, 2), kw=900))
    scenario.when(v1.FormGroup(zone="NO3", metering_points=world.ids(1, 2)), subject=world.uuid(100), sender=world.BSP)
    scenario.given(
        world.gateway.PoliciesAdded(
            operator=world.OPERATOR,
            policies=(
                world.gateway.PolicyValue(
                    key="group.max-kw", value=1500, valid_from=world.midnight(1, 2), source="test", owner="registry"
                ),
            ),
        )
    )
    subject = world.resource(world.point(1)).resource_id

    def update(kw):
        return scenario.when(v1.UpdateResource(up_w=kw * KW), subject=subject, sender=world.BSP)

    update(900).then()
    scenario.when(v1.UpdateResource(name="Kjelen"), subject=subject, sender=world.BSP).then_only(v1.ResourceUpdated)
    update(800).then_only(v1.ResourceUpdated, v1.MemberPowerChanged)
    update(801).refused("GROUP_ABOVE_MAX", limit=1_500 * KW, actual=1_701 * KW)


def test_a_policy_that_has_changed_is_asked_when_the_power_does(world, grouped, say):
    stricter = world.gateway.PolicyValue(
        key="metering-point.group-limit-kw", value=480, valid_from=world.midnight(1, 2), source="test", owner="registry"
    )
    grouped.given(world.gateway.PoliciesAdded(operator=world.OPERATOR, policies=(stricter,)))

    say(v1.UpdateResource(name="Kjelen")).then_only(v1.ResourceUpdated)
    say(v1.UpdateResource(up_w=481 * KW)).then_only(v1.ResourceUpdated, v1.MemberMustLeave)


@pytest.mark.parametrize("kw", [0, 480, 1_000])
def test_what_is_behind_said_twice_means_nothing_new(world, grouped, kw):
    def decide():
        return growth.decide_behind(
            grouped.state(store.GROUP, world.uuid(100)),
            group_id=world.uuid(100),
            metering_point_id=world.point(1),
            behind=Power(kw * KW),
            supply=None,
            terms=terms.at(policies.known(grouped.state(store.POLICIES, policies.ID), None), world.noon(1, 7)),
            at=world.noon(1, 7),
        )

    events = decide()
    assert bool(events) == (kw != 480)
    grouped.given(*events)
    assert decide() == []


def test_growth_to_the_limit_of_a_point_makes_it_leave_on_every_path(world, add, say, member, group):
    at = world.noon(1, 7)
    marked = say(v1.UpdateResource(up_w=1_000 * KW), point=1).then_only(v1.ResourceUpdated, v1.MemberMustLeave)[1]
    assert (marked.because, marked.since, marked.leave_by) == ("size", at, world.midnight(2, 5))
    add(520, point=2).then_only(v1.ResourceRegistered, v1.MemberMustLeave)
    add(520, point=3, activate=False)
    say(ACTIVATE, point=3, number=1).then_only(v1.ResourceActivated, v1.MemberMustLeave)

    assert group().power == Power(4_800 * KW)
    # Marked once.
    say(v1.UpdateResource(up_w=1_200 * KW), point=1).then_only(v1.ResourceUpdated)
    assert member(1).must_leave["size"].leave_by == world.midnight(2, 5)


@pytest.mark.parametrize("back", ["update", "pause", "terminate"])
def test_shrinking_back_under_the_limit_clears_the_mark_and_counts(world, grouped, add, say, member, back):
    if back == "update":
        say(v1.UpdateResource(up_w=1_000 * KW))
        outcome = say(v1.UpdateResource(up_w=680 * KW))
    else:
        add(520)
        say(v1.UpdateResource(up_w=680 * KW))
        outcome = say(PAUSE if back == "pause" else TERMINATE, number=1)

    stay, changed = outcome.then_only(type(outcome.events[0]), v1.MemberMayStay, v1.MemberPowerChanged)[1:]
    assert (stay.because, stay.metering_point_id) == ("size", world.point(1))
    assert (changed.up_w, changed.declared_up_w) == (680 * KW, 5_000 * KW)
    assert member().must_leave == {}
    assert grouped.state(store.METERING_POINT, world.point(1)).membership.leave_by == {}
    grouped.until(world.midnight(3, 1)).then()


def test_shrinking_back_to_what_it_was_counts_what_it_did(say):
    say(v1.UpdateResource(up_w=1_000 * KW))
    say(v1.UpdateResource(up_w=480 * KW)).then_only(v1.ResourceUpdated, v1.MemberMayStay)


@pytest.mark.rule("GROUP_ABOVE_MAX")
@pytest.mark.parametrize("back", ["update", "pause", "terminate"])
def test_shrinking_back_is_growth_against_what_it_counted(add, say, member, back):
    say(v1.UpdateResource(up_w=681 * KW), point=1).refused("GROUP_ABOVE_MAX")
    add(520)
    say(v1.UpdateResource(up_w=681 * KW))
    wish = {"update": v1.UpdateResource(up_w=201 * KW), "pause": PAUSE, "terminate": TERMINATE}[back]

    say(wish, number=0 if back == "update" else 1).refused("GROUP_ABOVE_MAX", limit=5_000 * KW)
    assert member().power == Power(480 * KW)
    assert "size" in member().must_leave


def test_who_must_leave_counts_no_more_than_is_still_there(add, say, member, group):
    add(0, down_kw=1_000)
    assert member().power == Power(480 * KW)

    changed = say(v1.UpdateResource(up_w=100 * KW)).then_only(v1.ResourceUpdated, v1.MemberPowerChanged)[1]
    assert (changed.up_w, changed.down_w, sums(changed)) == (100 * KW, 0, (4_420 * KW, 0))
    # It has shrunk: what it could do before is not there for it to grow back to while it must leave.
    say(v1.UpdateResource(up_w=480 * KW)).then_only(v1.ResourceUpdated)
    assert group().power == Power(4_420 * KW)


@pytest.mark.parametrize("wish", [PAUSE, TERMINATE])
def test_with_nothing_active_behind_it_a_member_counts_nothing_and_is_out_at_midnight(
    world, grouped, say, member, wish
):
    at = world.noon(1, 7)
    _, changed, announced = say(wish, at=at).then_only(
        v1.ResourcePaused if wish is PAUSE else v1.ResourceTerminated, v1.MemberPowerChanged, v1.MembershipEndAnnounced
    )
    assert (changed.up_w, changed.down_w, sums(changed)) == (0, 0, (4_320 * KW, 0))
    assert (announced.because, announced.valid_to, sums(announced)) == (
        "no-resource",
        world.midnight(1, 8),
        (4_320 * KW, 0),
    )
    assert member().ends == {"no-resource": world.midnight(1, 8)}

    (ended,) = grouped.until(world.midnight(1, 8)).then_only(v1.MembershipEnded)
    assert (ended.because, sums(ended)) == ("no-resource", (4_320 * KW, 0))
    # Activated again afterwards, it is in no group.
    if wish is PAUSE:
        say(ACTIVATE, at=world.noon(1, 8)).then_only(v1.ResourceActivated)


@pytest.mark.parametrize("how", ["activate", "register"])
def test_active_again_before_midnight_it_stays(world, grouped, add, say, member, how):
    say(PAUSE, at=world.noon(1, 7))

    outcome = say(ACTIVATE, at=world.noon(1, 7)) if how == "activate" else add(300, at=world.noon(1, 7))
    cancelled, changed = outcome.then_only(type(outcome.events[0]), v1.MembershipEndCancelled, v1.MemberPowerChanged)[
        1:
    ]

    assert (cancelled.because, cancelled.valid_to) == ("no-resource", None)
    assert changed.up_w == (480 if how == "activate" else 300) * KW
    assert member().ends == {}
    grouped.until(world.midnight(3, 1)).then()


def test_an_end_for_want_of_resources_stands_beside_that_of_a_switch(world, grouped, say, member):
    start = world.midnight(1, 20)
    grouped.given(world.switched(world.point(1), start))
    say(PAUSE)
    cancelled = say(ACTIVATE).then_only(v1.ResourceActivated, v1.MembershipEndCancelled, v1.MemberPowerChanged)[1]
    assert cancelled.valid_to == start
    assert member().ends == {"switch": start}


def test_it_is_announced_once(say, add):
    add(100)
    say(PAUSE).then_only(v1.ResourcePaused, v1.MemberPowerChanged)
    say(PAUSE, number=1).then_only(v1.ResourcePaused, v1.MemberPowerChanged, v1.MembershipEndAnnounced)
    say(TERMINATE).then_only(v1.ResourceTerminated)
    say(TERMINATE, number=1).then_only(v1.ResourceTerminated)


def test_who_must_leave_for_its_size_need_not_with_nothing_behind_it(say, member):
    say(v1.UpdateResource(up_w=1_000 * KW))
    say(PAUSE).then_only(v1.ResourcePaused, v1.MemberMayStay, v1.MemberPowerChanged, v1.MembershipEndAnnounced)
    say(ACTIVATE).then_only(v1.ResourceActivated, v1.MembershipEndCancelled, v1.MemberMustLeave)
    # It counts what it did before, and that was nothing.
    assert member().power == Power()


@pytest.mark.rule("METERING_POINT_HAS_NO_RESOURCE")
def test_a_point_with_only_paused_resources_joins_nothing(world, grouped, say):
    grouped.given(*world.points((11,)))
    say(PAUSE, point=11)
    grouped.when(
        v1.AddMembers(metering_points=world.ids(11)), subject=world.uuid(100), sender=world.BSP, at=world.noon(1, 7)
    ).refused("METERING_POINT_HAS_NO_RESOURCE")


@pytest.mark.rule("METERING_POINT_TOO_LARGE_FOR_GROUP")
def test_only_what_is_active_makes_a_point_too_large(world, grouped, say):
    grouped.given(*world.points((11,), kw=5), world.resource(world.point(11), kw=995, number=1))

    def join():
        return grouped.when(
            v1.AddMembers(metering_points=world.ids(11)), subject=world.uuid(100), sender=world.BSP, at=world.noon(1, 7)
        )

    join().refused("METERING_POINT_TOO_LARGE_FOR_GROUP")
    say(PAUSE, point=11, number=1)
    join().then_only(v1.MemberJoined)


@pytest.mark.rule("MEMBER_TOO_LARGE_NOW")
def test_the_receipt_says_that_a_member_must_leave_for_what_was_asked(world, say):
    grown = say(v1.UpdateResource(up_w=1_100 * KW))

    (mark,) = [event for event in grown.events if isinstance(event, v1.MemberMustLeave)]
    (notice,) = [one for one in grown.reasons if one.code == "MEMBER_TOO_LARGE_NOW"]
    assert (notice.code, notice.actual, notice.limit) == (
        "MEMBER_TOO_LARGE_NOW",
        1_100 * KW,
        values.time_text(mark.leave_by),
    )
    again = say(v1.UpdateResource(up_w=1_101 * KW)).reasons
    assert "MEMBER_TOO_LARGE_NOW" not in {one.code for one in again}, "it is said once"
