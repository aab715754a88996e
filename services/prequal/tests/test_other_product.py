"""A group that is approved for one product applies for another: DSOs are asked again, and one replaces the other."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit

ASKED = v1.GridAssessmentRequested


@pytest.fixture
def group(world: Any) -> str:
    """Three points of 1,000 kW, one of them in the grid of DSO 2; approved for 2,000 kW of mFRR-D."""
    for event in (
        v1.QualificationRequested(
            qualification_id=world.id(950), bsp=world.BSP_A, product="mFRR-D", contact_email="vakt@bsp.example",
            contract_reference="K-2",
        ),
        v1.QualificationDecided(
            qualification_id=world.id(950), bsp=world.BSP_A, product="mFRR-D", decision="qualified", reasons="Yes.",
        ),
    ):  # fmt: skip
        world.scenario.given(event)
    world.cap(5_000_000)
    group = world.group(world.id(1), points=range(3), in_area_2=(2,), up_w=1_000_000)
    world.apply(world.id(2), group, 2_000_000, product="mFRR-D")
    for dso in (world.DSO_1, world.DSO_2):
        world.assess(world.id(2), dso)
    world.decide(world.id(2), up_w=2_000_000)
    return group


def apply(world: Any, up_w: int = 1_000_000, *, n: int = 3, product: str = "mFRR", **over: Any) -> Any:
    return world.apply(world.id(n), world.id(1), up_w, product=product, **{"at": world.oslo(2, 1)} | over)


def answers(world: Any, dso: str, decision: str = "approved", **over: Any) -> Any:
    return world.assess(world.id(3), dso, decision, **{"at": world.oslo(2, 2)} | over)


def decide(world: Any, up_w: int = 1_000_000, **over: Any) -> Any:
    return world.decide(world.id(3), up_w=up_w, **{"at": world.oslo(2, 3)} | over)


def admitted(world: Any) -> str:
    return world.scenario.state(store.APPROVAL, world.id(1)).admitted


@pytest.mark.rule("DSO_ANSWER_MISSING")
def test_each_dso_is_asked_about_the_other_product_and_approval_waits_for_it(world: Any, group: str) -> None:
    _, *asked = apply(world).events
    assert [(type(one), one.dso, one.points, one.more_power, one.other_product) for one in asked] == [
        (ASKED, dso, (), True, True) for dso in (world.DSO_1, world.DSO_2)
    ]
    assert (asked[0].product, asked[0].applied_up_w) == ("mFRR", 1_000_000)
    decide(world).refused("DSO_ANSWER_MISSING", actual=f"{world.DSO_1}, {world.DSO_2}")
    answers(world, world.DSO_1).then_only(v1.GridAssessed)
    decide(world).refused("DSO_ANSWER_MISSING", actual=world.DSO_2)
    answers(world, world.DSO_2).then_only(v1.GridAssessed)
    assert admitted(world) == world.id(2)
    replaced = [one for one in decide(world).events if isinstance(one, v1.ApplicationReplaced)]
    assert ([one.application_id for one in replaced], admitted(world)) == ([world.id(2)], world.id(3))


@pytest.mark.rule("PRODUCT_REPLACED")
def test_its_bsp_is_told_that_one_replaces_the_other(world: Any, group: str) -> None:
    (notice,) = apply(world).reasons
    assert (notice.code, notice.path, notice.limit, notice.actual) == ("PRODUCT_REPLACED", "/product", "mFRR-D", "mFRR")


def test_more_of_the_same_product_is_no_other(world: Any, group: str) -> None:
    outcome = apply(world, 3_000_000, product="mFRR-D")
    assert outcome.reasons == ()
    assert [(one.more_power, one.other_product) for one in outcome.events if isinstance(one, ASKED)] == [
        (True, False)
    ] * 2


@pytest.mark.rule("APPROVED_ABOVE_ANSWERED")
def test_of_the_points_of_who_rejects_the_other_product_nothing_is_approved(world: Any, group: str) -> None:
    apply(world, 3_000_000)
    answers(world, world.DSO_2, "rejected", text="Not with such ramps.")
    answers(world, world.DSO_1)
    decide(world, 3_000_000).refused("APPROVED_ABOVE_ANSWERED", limit=2_000_000, actual=3_000_000, path="/up_w")
    decide(world, 2_000_000)
    assert admitted(world) == world.id(3)


def test_what_was_answered_on_the_former_product_stands_when_the_other_is_withdrawn(world: Any, group: str) -> None:
    apply(world)
    answers(world, world.DSO_1)
    withdrawn = world.bsp(world.id(3), v1.WithdrawApplication(text="No."), at=world.oslo(2, 3)).events
    released = [one for one in withdrawn if isinstance(one, v1.GridAssessmentReleased)]
    assert [(one.dso, one.more_power) for one in released] == [(world.DSO_2, True)]
    assert admitted(world) == world.id(2)
    again = apply(world, 2_000_000, n=4, product="mFRR-D", at=world.oslo(2, 4)).events
    assert [one for one in again if isinstance(one, ASKED)] == []
    world.bsp(world.id(4), v1.WithdrawApplication(text="No."), at=world.oslo(2, 5))
    # DSO 1 has answered on the other product already.
    again = apply(world, n=5, at=world.oslo(2, 6)).events
    assert [one.dso for one in again if isinstance(one, ASKED)] == [world.DSO_2]


def test_a_correction_of_a_rejected_product_is_an_answer_on_it(world: Any, group: str) -> None:
    apply(world, 3_000_000)
    answers(world, world.DSO_2, "rejected", text="No.")
    answers(world, world.DSO_1)
    revise = v1.ReviseAssessment(decision="approved", text="A mistake.")
    at = world.oslo(2, 2, 9)
    world.scenario.when(revise, subject=world.id(3), sender=world.DSO_2, at=at).then_only(v1.GridAssessed)
    decide(world, 3_000_000)
    assert admitted(world) == world.id(3)
