"""Suspensions: by whom, of what, and that nothing of it may be bid."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store

pytestmark = pytest.mark.unit

BREACH = "breach-of-conditions"


@pytest.fixture
def group(world: Any) -> str:
    """Approved for 3,000 kW up: four points of 500 kW with DSO 1, two with DSO 2."""
    return approved(world, world.id(1), world.id(2), range(6), in_area_2=(4, 5))


def approved(world: Any, group: str, application: str, points: Any, in_area_2: Any = ()) -> str:
    if world.scenario.state(store.ZONE, world.ZONE) is None:
        world.cap(9_000_000)
    world.group(group, points=points, in_area_2=in_area_2, up_w=500_000)
    world.apply(application, group, 500_000 * len(points))
    world.assess(application, world.DSO_1)
    if in_area_2:
        world.assess(application, world.DSO_2)
    world.decide(application, up_w=500_000 * len(points))
    return group


def suspend(world: Any, suspension_id: str, target: str, *, sender: str, at: Any = None, **over: Any) -> Any:
    fields = {"target": target, "reason_code": BREACH} | over
    return world.restrict(v1.SetSuspension(**fields), suspension_id, sender=sender, at=at)


def test_a_suspended_bsp_bids_nothing_in_any_group_until_it_is_lifted(world: Any, group: str) -> None:
    other = approved(world, world.id(11), world.id(12), range(10, 14))
    suspended, hit, again, *told = suspend(world, world.id(50), "bsp", bsp=world.BSP_A, sender=world.TSO).then_only(
        v1.SuspensionSet, v1.GroupRestricted, v1.GroupRestricted, v1.BiddableChanged, v1.BiddableChanged
    )
    assert (suspended.bsp, suspended.valid_to) == (world.BSP_A, None)
    assert [(one.group_id, one.dsos) for one in (hit, again)] == [
        (group, (world.DSO_1, world.DSO_2)), (other, (world.DSO_1,)),
    ]  # fmt: skip
    assert [(one.up_w, one.approval_ends_at, one.reasons[0].why) for one in told] == [(0, None, "suspension")] * 2
    # However long it lasts, the approval stands.
    world.scenario.until(world.oslo(12, 1)).then()
    *_, first, second = world.restrict(
        v1.LiftSuspension(text="Mended."), world.id(50), sender=world.TSO, at=world.oslo(12, 1)
    ).then_only(
        v1.SuspensionLifted,
        v1.GroupRestrictionEnded,
        v1.GroupRestrictionEnded,
        v1.BiddableChanged,
        v1.BiddableChanged,
    )
    assert (first.up_w, second.up_w) == (3_000_000, 2_000_000)


@pytest.mark.rule("BSP_SUSPENDED")
def test_a_suspended_bsp_applies_for_nothing_and_a_group_it_forms_is_hit(world: Any, group: str) -> None:
    new = world.group(world.id(21), points=[30, 31], up_w=500_000)
    suspend(
        world, world.id(50), "bsp-product", bsp=world.BSP_A, product="mFRR", sender=world.TSO, valid_to=world.oslo(3, 1)
    )
    world.apply(world.id(22), new, 1_000_000, at=world.oslo(2, 2)).refused("BSP_SUSPENDED", actual=world.BSP_A)
    formed = registry.GroupFormed(
        group_id=world.id(31), bsp=world.BSP_A, name="G", zone="NO3", brp_consumption=world.BSP_B,
        brp_production=world.BSP_B,
    )  # fmt: skip
    world.scenario.when(formed, at=world.oslo(2, 3)).then()
    (hit,) = world.scenario.when(world.joined(world.id(31), 33), at=world.oslo(2, 3)).then_only(v1.GroupRestricted)
    assert (hit.group_id, hit.restriction_id, hit.product) == (world.id(31), world.id(50), "mFRR")
    world.scenario.until(world.oslo(3, 1))
    world.apply(world.id(22), new, 1_000_000, at=world.oslo(3, 1)).then_only(
        v1.ApplicationReceived, v1.GridAssessmentRequested
    )


def test_a_dso_suspends_its_part_alone(world: Any, group: str) -> None:
    *_, told = suspend(world, world.id(50), "part", group_id=group, sender=world.DSO_2).then_only(
        v1.SuspensionSet, v1.GroupRestricted, v1.BiddableChanged
    )
    assert (told.up_w, told.deliverable_up_w) == (2_000_000, 2_000_000)
    assert [(one.kind, one.scope, one.by, one.up_w) for one in told.lowered] == [
        ("suspension", "part", world.DSO_2, 1_000_000)
    ]


def test_a_group_is_suspended_for_a_product_until_a_date(world: Any, group: str) -> None:
    end = world.oslo(2, 14)
    *_, now, then = suspend(
        world, world.id(50), "group-product", group_id=group, product="mFRR", sender=world.TSO, valid_to=end,
        reason_code="failed-verification",
    ).then_only(v1.SuspensionSet, v1.GroupRestricted, v1.BiddableChanged, v1.BiddableChanged)  # fmt: skip
    assert [(one.valid_from, one.up_w) for one in (now, then)] == [(world.oslo(2, 1), 0), (end, 3_000_000)]
    _, released = world.scenario.until(end).then_only(v1.SuspensionEnded, v1.GroupRestrictionEnded)
    assert released.unavailable_days == 13


def test_a_point_is_suspended_by_its_dso_or_the_tso(world: Any, group: str) -> None:
    fields = {"metering_point_id": world.point(0), "reason_code": "compromises-safe-operation"}
    suspend(world, world.id(50), "metering-point", sender=world.DSO_2, **fields).refused("NOT_IN_YOUR_GRID")
    suspended, hit, told = suspend(world, world.id(50), "metering-point", sender=world.DSO_1, **fields).events
    assert (suspended.bsp, hit.dsos, told.deliverable_up_w) == (None, (world.DSO_1,), 2_500_000)
    suspend(world, world.id(51), "metering-point", sender=world.TSO, **fields).then_only(
        v1.SuspensionSet, v1.GroupRestricted
    )


@pytest.mark.rule("RESTRICTED_UNKNOWN")
@pytest.mark.rule("SUSPENSION_REASON_UNFIT")
@pytest.mark.rule("ALREADY_SUSPENDED")
def test_a_suspension_has_a_reason_that_fits_and_stands_once(world: Any, group: str) -> None:
    fields = {"group_id": group, "sender": world.DSO_1}
    suspend(world, world.id(50), "part", reason_code="failing-heartbeat", **fields).refused(
        "SUSPENSION_REASON_UNFIT", limit="breach-of-conditions, other, significant-group-change"
    )
    suspend(world, world.id(50), "part", reason_code="other", text=" ", **fields).refused("RESTRICTION_TEXT_REQUIRED")
    suspend(world, world.id(50), "part", valid_to=world.oslo(2, 1), **fields).refused("LIMIT_WINDOW_INVALID")
    suspend(world, world.id(50), "part", product="mFRR", **fields).refused("RESTRICTION_UNCLEAR")
    suspend(world, world.id(50), "bsp", sender=world.DSO_1, bsp=world.BSP_A).refused("RESTRICTION_NOT_FOR_ROLE")
    suspend(world, world.id(50), "bsp", sender=world.TSO, bsp=world.DSO_1).refused(
        "RESTRICTED_UNKNOWN", path="/bsp", actual=world.DSO_1
    )
    suspend(world, world.id(50), "part", **fields)
    suspend(world, world.id(51), "part", **fields).refused("ALREADY_SUSPENDED", actual=group)
    world.restrict(v1.LiftTemporaryLimit(), world.id(50)).refused("RESTRICTION_UNKNOWN")
    world.restrict(v1.LiftSuspension(), world.id(50))
    suspend(world, world.id(51), "part", at=world.oslo(2, 2), **fields).then_only(
        v1.SuspensionSet, v1.GroupRestricted, v1.BiddableChanged
    )


def test_a_bsp_that_is_not_qualified_any_more_bids_nothing(world: Any, group: str) -> None:
    revoke = v1.RevokeQualification(reasons="It failed.")
    ended, told, _ = world.scenario.when(
        revoke, subject=world.id(900), sender=world.TSO, role="tso", at=world.oslo(2, 1)
    ).then_only(v1.QualificationEnded, v1.BiddableChanged, v1.ApprovalEndAnnounced)
    assert ended.because == "revoked"
    assert (told.up_w, told.approval_ends_at) == (0, None)
    assert [(one.why, one.up_w) for one in told.reasons] == [("qualification", 3_000_000)]


def test_what_is_suspended_is_not_below_the_minimum_by_that(world: Any, group: str) -> None:
    of = {"group_id": group, "product": "mFRR", "reason_code": "failed-verification"}
    told = suspend(world, world.id(50), "group-product", sender=world.TSO, **of).events
    [now] = [event for event in told if type(event) is v1.BiddableChanged]
    assert (now.up_w, now.deliverable_up_w, now.below_minimum) == (0, 0, False)
    revoked = v1.RevokeQualification(reasons="No contract any more.")
    world.scenario.when(revoked, subject=world.id(900), sender=world.TSO, at=world.oslo(2, 2))
    world.restrict(v1.LiftSuspension(), world.id(50), sender=world.TSO, at=world.oslo(2, 3))
    assert not world.biddable(group, world.oslo(2, 3)).below_minimum
    for n in range(6):
        world.scenario.when(world.left(group, n, world.oslo(2, 4)), at=world.oslo(2, 4))
    assert world.biddable(group, world.oslo(2, 4)).below_minimum
