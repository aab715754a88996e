"""Activation orders: always accepted, with findings, and their expected effect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.meter_ingest.v1 import ActivationOrdered, ActivationVerified, ExpectedEffect
from contracts.registry import v1 as registry
from meter_ingest import store
from meter_ingest.domain import known
from meter_ingest.domain.shares import basis_points, split_exactly

pytestmark = pytest.mark.unit


def test_the_effect_is_split_by_what_each_may_deliver_and_adds_up_to_the_order(world: Any) -> None:
    """Two DSOs, one of which limits a point to 3 kW and rejects another."""
    world.formed()
    for serial in range(1, 8):
        world.joined(world.gsrn(serial), substation="T1" if serial < 4 else None)
    for serial in range(11, 16):
        world.joined(world.gsrn(serial), dso=world.other_dso, substation="T9")
    world.assessed()
    world.assessed((world.gsrn(11), 3000), (world.gsrn(12), 0), dso=world.other_dso)
    world.biddable(1_000_000)
    start, end = world.local("2026-03-29", "10:00"), world.local("2026-03-29", "10:30")
    ordered, first, second = world.order(1_000_000, start, end, at=world.local("2026-03-29", "09:45")).then_only(
        ActivationOrdered, ExpectedEffect, ExpectedEffect
    )
    assert ordered.findings == ()
    assert (ordered.bsp, ordered.biddable_w, len(ordered.metering_points)) == (world.bsp, 1_000_000, 12)
    # 7 · 5 kW, then 3 + 3 · 5 kW of 53 kW
    assert [(one.substation, one.points) for one in first.substations] == [(None, 4), ("T1", 3)]
    assert [(one.substation, one.points) for one in second.substations] == [("T9", 4)]
    powers = [one.power_w for effect in (first, second) for one in effect.substations]
    assert sum(powers) == 1_000_000
    assert [round(power / 1_000_000 * 53) for power in powers] == [20, 15, 18]
    assert second.effect_id == f"{ordered.activation_id}/{world.other_dso}"


def test_a_member_counts_what_it_counted_at_that_quarter_and_as_long_as_it_is_one(world: Any) -> None:
    """Its power changed on 10 February; an end on 1 March was announced, and taken back."""
    world.formed()
    point = world.gsrn(1)
    world.joined(point)
    about = {"group_id": world.group, "metering_point_id": point, "bsp": world.bsp, "dso": world.dso}
    sums = {"declared_up_w": 8000, "declared_down_w": 0}
    changed, midnight = world.local("2026-02-10"), world.local("2026-03-01")
    world.scenario.given(
        registry.MemberPowerChanged(
            **about, **sums, valid_from=changed, up_w=8000, down_w=0, group_max_w=5_000_000, point_limit_w=1_000_000
        ),
        registry.MembershipEndAnnounced(**about, **sums, valid_to=midnight, because="left"),
    )

    def counts(day: str) -> list[int]:
        state = world.scenario.state(store.GROUP, world.group)
        return [stay.up_w for stay in known.members_at(state, world.local(day)).values()]

    assert [counts(day) for day in ("2026-02-09", "2026-02-10", "2026-02-28", "2026-03-01")] == [
        [5000],
        [8000],
        [8000],
        [],
    ]
    world.scenario.given(registry.MembershipEndCancelled(**about, because="left"))
    assert counts("2026-03-01") == [8000]


@pytest.mark.rule("GROUP_UNKNOWN")
@pytest.mark.rule("ABOVE_BIDDABLE")
@pytest.mark.rule("AFTER_START")
def test_a_fact_is_accepted_and_what_is_wrong_with_it_is_a_notice(world: Any) -> None:
    start, end = world.local("2026-03-29", "10:00"), world.local("2026-03-29", "10:30")
    outcome = world.order(2_000_000, start, end, at=start)
    (ordered,) = outcome.then_only(ActivationOrdered)
    assert ordered.findings == ("GROUP_UNKNOWN", "ABOVE_BIDDABLE", "AFTER_START")
    assert [reason.code for reason in outcome.reasons] == list(ordered.findings)
    assert (outcome.reasons[1].limit, outcome.reasons[1].actual) == (0, 2_000_000)
    assert world.scenario.until(world.local("2026-04-30")).events == [], "nobody to verify"


def test_an_order_of_a_year_from_before_the_register_is_answered_and_stops_nothing(world: Any) -> None:
    world.formed()
    at, start = world.local("2026-03-09"), world.local("2025-12-20", "12:00")
    outcome = world.order(1000, start, start + timedelta(minutes=15), at=at)
    assert [one.code for one in outcome.reasons] == ["ABOVE_BIDDABLE", "AFTER_START"]
    next_one = at + timedelta(days=1)
    assert world.order(1000, next_one, next_one + timedelta(minutes=15), at=at, activation=world.uuid(71)).events


def test_biddable_is_what_holds_at_the_start(world: Any) -> None:
    world.formed()
    world.biddable(2_000_000)
    world.biddable(1_000_000, since="2026-03-29")
    before = world.local("2026-03-28", "10:00")
    first = world.order(2_000_000, before, world.local("2026-03-28", "10:15"), at=before, activation=world.uuid(71))
    after = world.local("2026-03-29", "10:00")
    second = world.order(2_000_000, after, world.local("2026-03-29", "10:15"), at=before, activation=world.uuid(72))
    assert first.events[0].findings == ("AFTER_START",)
    assert second.events[0].findings == ("ABOVE_BIDDABLE",)


def test_members_are_those_of_the_periods_start(world: Any) -> None:
    world.formed()
    world.joined(world.gsrn(1))
    world.joined(world.gsrn(2), valid_to=world.local("2026-03-29"))
    world.joined(world.gsrn(3), valid_from=world.local("2026-03-30"))
    start, end = world.local("2026-03-29", "10:00"), world.local("2026-03-29", "10:30")
    ordered, effect = world.order(1_000_000, start, end, at=start).then_only(ActivationOrdered, ExpectedEffect)
    assert ordered.metering_points == (world.gsrn(1),)
    assert effect.substations[0].power_w == 1_000_000, "not assessed by its DSO, and yet the order has an effect"


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_the_same_order_again_changes_nothing_and_another_needs_its_own_id(world: Any) -> None:
    world.formed()
    start, end = world.local("2026-03-29", "10:00"), world.local("2026-03-29", "10:30")
    world.order(1_000_000, start, end, at=start).then_only(ActivationOrdered)
    world.order(1_000_000, start, end, at=end).then()
    world.order(2_000_000, start, end, at=end).refused("ID_NOT_AVAILABLE")


def test_an_activation_of_an_empty_group_is_incomplete(world: Any) -> None:
    world.formed()
    start, end = world.local("2026-03-29", "10:00"), world.local("2026-03-29", "10:30")
    world.order(1_000_000, start, end, at=start)
    (verified,) = world.scenario.until(world.local("2026-03-30", "09:00")).then_only(ActivationVerified)
    assert (verified.result, verified.points, verified.quarters, verified.lacking) == (
        "incomplete",
        0,
        (),
        "points-missing",
    )


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=50))
def test_parts_add_up_and_none_is_further_from_its_share_than_one(total: int, weights: list[int]) -> None:
    shares = split_exactly(total, weights)
    assert sum(shares) == total
    if sum(weights):
        assert all(
            abs(share * sum(weights) - total * weight) < sum(weights)
            for share, weight in zip(shares, weights, strict=True)
        )


def test_shares_are_rounded_half_up() -> None:
    assert [basis_points(part, 8000) for part in (1, 2, -1, -2, -7700)] == [1, 3, -1, -2, -9625]
    assert basis_points(5, 0) == 0
