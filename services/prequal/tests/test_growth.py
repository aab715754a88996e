"""Growth of an approved group: it waits in the same queue for the difference, and the old approval stands (D5, D6)."""

from __future__ import annotations

from typing import Any

import pytest
from zones_given import approved, end, entered_by, reduce, zone

from chassis.testing import Outcome
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit

GREW = (v1.PrequalificationDecided, v1.VolumeReserved, v1.ApplicationReplaced, v1.BiddableChanged)
QUEUED = (v1.PrequalificationDecided, v1.ApplicationQueued)
GROWTH = 300
"""The id of the n-th group's application for more."""


def applied(world: Any, n: int, more_w: int, **over: Any) -> str:
    """The n-th group, which is approved, gets another point, and applies for all of it; the DSO approves the new."""
    group, application = world.id(100 + n), world.id(GROWTH + n)
    world.join(group, 50 + n, up_w=more_w)
    standing = world.scenario.state(store.APPROVAL, group).admitted
    has_w = world.scenario.state(store.APPLICATION, standing).approved.up_w
    world.apply(application, group, has_w + more_w, at=over.get("at", world.oslo(2, 1, 9, n)))
    world.assess(application, world.DSO_1, points=[world.point(50 + n)], more_power=True, at=world.oslo(2, 2))
    return application


def grown(world: Any, n: int, more_w: int, **over: Any) -> Outcome:
    application = applied(world, n, more_w, **over)
    up_w = world.scenario.state(store.APPLICATION, application).applied.up_w
    return world.decide(application, up_w=up_w, at=world.oslo(2, 3))


def biddable(world: Any, n: int) -> int:
    return world.scenario.state(store.APPROVAL, world.id(100 + n)).steps[-1].biddable.up_w


def test_growth_takes_the_difference(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 2_000_000)
    _, entered, replaced, now = grown(world, 0, 1_000_000).then_only(*GREW)
    assert (entered.reserved_w, entered.used_w, entered.free_w) == (3_000_000, 3_000_000, 0)
    assert (replaced.application_id, replaced.replaced_by) == (world.id(200), world.id(300))
    assert (now.up_w, now.approved_up_w) == (3_000_000, 3_000_000)


def test_growth_waits_in_the_same_queue_while_the_old_approval_stands(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 2_000_000)
    approved(world, 1, 2_000_000)
    _, queued = grown(world, 0, 1_000_000).then_only(*QUEUED)
    assert (queued.place, queued.requested_w, queued.size_w, queued.free_w) == (2, 1_000_000, 3_000_000, 1_000_000)
    assert (biddable(world, 0), zone(world).used_w) == (2_000_000, 2_000_000)
    world.cap(4_000_000, at=world.oslo(2, 4)).then_only(
        v1.ZoneCapSet, v1.VolumeReserved, v1.BiddableChanged, v1.ApplicationQueued
    )
    events = world.cap(5_000_000, at=world.oslo(2, 5)).events
    assert [type(event) for event in events[1:]] == list(GREW[1:])
    assert (biddable(world, 0), zone(world).used_w) == (3_000_000, 5_000_000)


def test_a_full_zone_stops_growth_too(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    world.cap(1_000_000, at=world.oslo(2, 1))
    _, queued = grown(world, 0, 1_000_000).then_only(*QUEUED)
    assert (queued.place, queued.free_w, queued.deficit_w) == (1, 0, 1_000_000)


def test_growth_that_is_rejected_leaves_the_old_approval(world: Any) -> None:
    world.cap(5_000_000)
    approved(world, 0, 2_000_000)
    application = applied(world, 0, 1_000_000)
    world.decide(application, "rejected", at=world.oslo(2, 3)).then_only(v1.PrequalificationDecided)
    standing = world.scenario.state(store.APPROVAL, world.id(100))
    assert (standing.admitted, standing.under_way) == (world.id(200), None)
    assert (biddable(world, 0), zone(world).used_w) == (2_000_000, 2_000_000)


@pytest.mark.rule("APPLICATION_UNDER_WAY")
def test_a_group_grows_once_at_a_time(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    grown(world, 0, 1_000_000).then_only(*QUEUED)
    world.apply(world.id(400), world.id(100), 2_500_000, at=world.oslo(2, 4)).refused("APPLICATION_UNDER_WAY")


def test_growth_that_waits_lapses_with_its_group_and_the_old_approval_has_its_grace_period(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    grown(world, 0, 900_000).then_only(*QUEUED)
    at = world.oslo(2, 10)
    lapsed, below = world.scenario.when(world.left(world.id(100), 0, at), at=at).then_only(
        v1.BiddableChanged, v1.ApplicationLapsed
    )[::-1]
    assert (lapsed.application_id, lapsed.deliverable_up_w) == (world.id(300), 900_000)
    assert (below.below_minimum, below.up_w, below.approval_ends_at) == (True, 0, world.oslo(3, 10))
    assert (zone(world).used_w, zone(world).waiting) == (2_000_000, ())
    ended, _ = world.scenario.until(world.oslo(3, 10)).then_only(v1.ApprovalEnded, v1.BiddableChanged)
    assert (ended.application_id, ended.because, zone(world).used_w) == (world.id(200), "below-minimum", 0)


def test_a_reduction_while_growth_waits_changes_what_it_needs(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    grown(world, 0, 1_000_000).then_only(*QUEUED)
    reduced, _, again = reduce(world, 0, 1_000_000, at=world.oslo(2, 4)).then_only(
        v1.ApprovalReduced, v1.BiddableChanged, v1.ApplicationQueued
    )
    assert (reduced.reserved_w, again.place, again.requested_w, again.free_w) == (1_000_000, 1, 2_000_000, 1_000_000)
    entered = world.cap(3_000_000, at=world.oslo(2, 5)).events[1]
    assert (entered.reserved_w, entered.used_w) == (3_000_000, 3_000_000)


def test_growth_that_waits_goes_on_when_the_old_approval_is_given_up_and_needs_all_of_it(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    grown(world, 0, 1_000_000).then_only(*QUEUED)
    *_, again = end(world, 0, at=world.oslo(2, 4)).then_only(v1.ApprovalEnded, v1.BiddableChanged, v1.ApplicationQueued)
    assert (again.requested_w, again.used_w) == (3_000_000, 0)
    world.cap(3_000_000, at=world.oslo(2, 5)).then_only(v1.ZoneCapSet, v1.VolumeReserved, v1.BiddableChanged)
    assert biddable(world, 0) == 3_000_000


def test_an_application_for_less_than_stands_frees_the_rest_and_needs_no_room(world: Any) -> None:
    world.cap(3_000_000)
    approved(world, 0, 3_000_000)
    approved(world, 1, 1_000_000)
    world.cap(1_000_000, at=world.oslo(1, 28))
    world.apply(world.id(300), world.id(100), 2_000_000, at=world.oslo(1, 5, 12))
    events = world.decide(world.id(300), up_w=2_000_000, at=world.oslo(2, 3)).events
    assert [type(event) for event in events] == list(GREW), "it stands before the other in the queue"
    assert (zone(world).used_w, zone(world).free_w) == (2_000_000, -1_000_000)


def test_who_waits_behind_one_that_leaves_is_told_its_new_place(world: Any) -> None:
    world.cap(0)
    for n in range(3):
        approved(world, n, 2_000_000)
    at = world.oslo(2, 1)
    told = world.scenario.when(world.left(world.id(100), 0, at), at=at).events[-2:]
    assert [(one.application_id, one.place) for one in told] == [(world.id(201), 1), (world.id(202), 2)]


def test_one_that_can_deliver_too_little_when_its_turn_comes_leaves_the_queue_instead(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 2_000_000)
    approved(world, 1, 2_000_000)
    approved(world, 2, 1_000_000)
    leaves = world.oslo(2, 10)
    world.scenario.when(world.leaves(world.id(101), 1, leaves), at=world.oslo(2, 1))
    # A fact of after that midnight comes in before what fell due then is decided.
    gone = registry.GroupEnded(
        group_id=world.id(100), bsp=world.BSP_A, zone=world.ZONE, valid_to=leaves, because="left"
    )
    events = world.scenario.when(gone, at=world.oslo(2, 10, 1)).events
    lapsed = [event.application_id for event in events if isinstance(event, v1.ApplicationLapsed)]
    assert (lapsed, entered_by(events)) == ([world.id(201)], [world.id(202)])
    world.scenario.until(world.oslo(2, 11)).then()
