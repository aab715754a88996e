"""What `meter-ingest` knows of members, as `registry` says it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.meter_ingest.v1 import ActivationOrdered, ExpectedEffect
from contracts.registry import v1 as registry
from meter_ingest import store
from meter_ingest.domain import known

pytestmark = pytest.mark.unit


def of_member(world: Any, type_: type[registry.Event], **fields: Any) -> None:
    event = {"group_id": world.group, "metering_point_id": world.gsrn(1), "bsp": world.bsp, "dso": world.dso} | fields
    world.scenario.given(type_.model_validate(event))


def relocated(world: Any, substation: str, since: str) -> None:
    of_member(
        world, registry.MemberRelocated, grid_area=world.area, substation=substation, valid_from=world.local(since)
    )


def grown(world: Any, up_w: int, since: str) -> None:
    of_member(
        world, registry.MemberPowerChanged, valid_from=world.local(since), up_w=up_w, down_w=0, declared_up_w=0,
        declared_down_w=0, group_max_w=0, point_limit_w=0,
    )  # fmt: skip


def ends(world: Any, type_: type[registry.Event], because: str, valid_to: str | None) -> None:
    of_member(
        world, type_, because=because, valid_to=world.local(valid_to) if valid_to else None, declared_up_w=0,
        declared_down_w=0,
    )  # fmt: skip


def stay(world: Any, day: str) -> known.Stay | None:
    group = world.scenario.state(store.GROUP, world.group)
    return known.members_at(group, world.local(day, "12:00")).get(world.gsrn(1))


@pytest.fixture
def member(world: Any) -> Any:
    """A member since 6 January, behind T1."""
    world.formed()
    world.joined(world.gsrn(1))
    return world


def test_a_member_lies_elsewhere_from_a_moment_on_and_not_before(member: Any) -> None:
    grown(member, 7000, "2026-03-01")
    relocated(member, "T2", "2026-04-01")
    # A late fact: what follows from it is told again.
    relocated(member, "T3", "2026-02-01")
    relocated(member, "T2", "2026-04-01")

    found = {day: stay(member, day) for day in ("2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10")}
    assert [(each.substation, each.up_w) for each in found.values() if each] == [
        ("T1", 5000),
        ("T3", 5000),
        ("T3", 7000),
        ("T2", 7000),
    ]


def test_an_activation_has_its_effect_where_the_member_lies_then(member: Any) -> None:
    relocated(member, "T2", "2026-03-29")
    start, end = member.local("2026-03-29", "10:00"), member.local("2026-03-29", "10:30")
    _, effect = member.order(1_000_000, start, end, at=start).then_only(ActivationOrdered, ExpectedEffect)
    assert [each.substation for each in effect.substations] == ["T2"]


def test_an_end_in_the_past_cuts_all_that_came_after_it(member: Any) -> None:
    grown(member, 7000, "2026-03-01")
    relocated(member, "T2", "2026-04-01")
    ends(member, registry.MembershipEndAnnounced, "zone", "2026-02-01")
    ends(member, registry.MembershipEnded, "zone", "2026-02-01")

    assert stay(member, "2026-01-10") is not None
    assert [stay(member, day) for day in ("2026-02-10", "2026-03-10", "2026-04-10")] == [None] * 3


def test_of_several_ends_the_first_counts_and_each_is_taken_back_by_itself(member: Any) -> None:
    ends(member, registry.MembershipEndAnnounced, "switch", "2026-03-01")
    ends(member, registry.MembershipEndAnnounced, "zone", "2026-04-01")
    assert stay(member, "2026-03-10") is None

    ends(member, registry.MembershipEndCancelled, "switch", "2026-04-01")
    assert stay(member, "2026-03-10") is not None
    assert stay(member, "2026-04-10") is None
    ends(member, registry.MembershipEndCancelled, "zone", None)
    assert stay(member, "2026-04-10") is not None
