"""Caps in time: set ahead, temporary, withdrawn; and what everyone is told of a zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from zones_given import approved, entered_by, zone

from chassis.testing import Outcome
from chassis.work import DeadlinePending
from contracts.prequal import v1
from contracts.values import Role

pytestmark = pytest.mark.unit

QUARTER = timedelta(minutes=15)


def withdraw(world: Any, valid_from: datetime, *, at: datetime, reasons: str = "It is moved.") -> Outcome:
    command = v1.WithdrawZoneCap(valid_from=valid_from, reasons=reasons)
    return world.scenario.when(command, subject=world.ZONE, sender=world.TSO, at=at)


def test_a_cap_set_ahead_holds_when_its_moment_comes_and_serves_the_queue_in_order(world: Any) -> None:
    world.cap(1_000_000)
    for n in range(3):
        approved(world, n, 1_000_000)
    opens = world.oslo(2, 2, 6)
    (coming,) = world.cap(3_000_000, at=world.oslo(1, 28), valid_from=opens).then_only(v1.ZoneCapSet)
    assert (coming.coming, coming.valid_from, coming.free_w) == (True, opens, 2_000_000)
    assert (zone(world).cap_w, zone(world).change_due) == (1_000_000, opens)
    assert world.scenario.until(opens - QUARTER).events == []
    took, *rest = world.scenario.until(opens).events
    assert isinstance(took, v1.ZoneCapTookEffect)
    assert (took.cap_w, took.former_cap_w, took.valid_from) == (3_000_000, 1_000_000, opens)
    assert entered_by(rest) == [world.id(201), world.id(202)]
    assert zone(world).change_due is None


def test_a_temporary_cap_gives_way_to_the_one_beside_it(world: Any) -> None:
    world.cap(2_000_000)
    approved(world, 0, 1_000_000)
    begins, ends = world.oslo(2, 2, 6), world.oslo(2, 9, 6)
    world.cap(0, at=world.oslo(1, 28), valid_from=begins, valid_to=ends)
    world.scenario.until(begins)
    assert (zone(world).cap_w, zone(world).free_w) == (0, -1_000_000)
    approved(world, 1, 1_000_000)
    (back, _, *rest) = world.scenario.until(ends).events
    assert (back.cap_w, back.valid_from, back.since) == (2_000_000, world.oslo(1, 5), ends)
    assert entered_by([_, *rest]) == [world.id(201)]
    assert [cap.cap_w for cap in zone(world).caps] == [2_000_000], "what can never hold again is forgotten"


def test_of_two_caps_the_one_that_began_last_holds(world: Any) -> None:
    world.cap(1_000_000)
    world.cap(5_000_000, at=world.oslo(1, 6), valid_from=world.oslo(3, 1))
    world.cap(2_000_000, at=world.oslo(2, 1))
    assert zone(world).cap_w == 2_000_000
    world.scenario.until(world.oslo(3, 1))
    assert zone(world).cap_w == 5_000_000
    world.cap(4_000_000, at=world.oslo(3, 2))
    assert (zone(world).cap_w, len(zone(world).caps)) == (4_000_000, 1)


def test_one_that_begins_when_another_begins_takes_its_place(world: Any) -> None:
    world.cap(1_000_000)
    opens = world.oslo(3, 1)
    world.cap(5_000_000, at=world.oslo(1, 6), valid_from=opens)
    world.cap(3_000_000, at=world.oslo(1, 7), valid_from=opens)
    world.scenario.until(opens)
    assert zone(world).cap_w == 3_000_000


def test_a_command_after_a_cap_has_changed_is_decided_under_the_new_one(world: Any) -> None:
    world.cap(1_000_000)
    world.cap(0, at=world.oslo(1, 6), valid_from=world.oslo(1, 10))
    group = world.group(world.id(1), points=[1], up_w=1_000_000)
    world.apply(world.id(2), group, 1_000_000)
    world.assess(world.id(2), world.DSO_1)
    with pytest.raises(DeadlinePending):
        world.decide(world.id(2), up_w=1_000_000)
    world.scenario.until(world.oslo(1, 27, 9))
    world.decide(world.id(2), up_w=1_000_000).then_only(v1.PrequalificationDecided, v1.ApplicationQueued)


@pytest.mark.rule("CAP_NOT_TO_COME")
@pytest.mark.rule("CAP_REASON_MISSING")
def test_a_cap_that_has_not_begun_can_be_withdrawn(world: Any) -> None:
    world.cap(1_000_000)
    opens = world.oslo(3, 1)
    world.cap(5_000_000, at=world.oslo(1, 6), valid_from=opens)
    withdraw(world, opens, at=world.oslo(1, 7), reasons=" ").refused("CAP_REASON_MISSING", path="/reasons")
    (gone,) = withdraw(world, opens, at=world.oslo(1, 7)).then_only(v1.ZoneCapWithdrawn)
    assert (gone.cap_w, gone.valid_from) == (5_000_000, opens)
    assert world.scenario.until(opens).events == []
    withdraw(world, opens, at=world.oslo(1, 8)).refused("CAP_NOT_TO_COME", path="/valid_from")
    withdraw(world, world.oslo(1, 5), at=world.oslo(1, 8)).refused("CAP_NOT_TO_COME")


@pytest.mark.rule("CAP_PERIOD_INVALID")
@pytest.mark.parametrize(
    ("over", "path"),
    [
        ({"valid_from": (1, 5, 11)}, "/valid_from"),
        ({"valid_from": (1, 7, 6, 5)}, "/valid_from"),
        ({"valid_to": (1, 7, 6, 5)}, "/valid_to"),
        ({"valid_from": (1, 8), "valid_to": (1, 8)}, "/valid_to"),
        ({"valid_to": (1, 5, 12)}, "/valid_to"),
    ],
)
def test_a_cap_begins_now_or_later_on_a_quarter_and_ends_behind_that(world: Any, over: Any, path: str) -> None:
    world.cap(1_000_000)
    period = {name: world.oslo(*moment) for name, moment in over.items()}
    world.cap(2_000_000, at=world.oslo(1, 5, 12), **period).refused("CAP_PERIOD_INVALID", path=path)


@pytest.mark.rule("CAP_END_LEAVES_NONE")
def test_a_zone_that_has_a_cap_always_has_one(world: Any) -> None:
    week = {"valid_from": world.oslo(2, 2), "valid_to": world.oslo(2, 9)}
    world.cap(1, at=world.oslo(1, 5), **week).refused("CAP_END_LEAVES_NONE", path="/valid_to")
    world.cap(2, at=world.oslo(1, 5), valid_from=world.oslo(2, 1))
    world.cap(1, at=world.oslo(1, 5), **week).then_only(v1.ZoneCapSet)
    withdraw(world, world.oslo(2, 1), at=world.oslo(1, 6)).refused("CAP_END_LEAVES_NONE")


@pytest.mark.rule("ZONE_CAP_MISSING")
def test_while_no_cap_has_begun_nobody_is_approved(world: Any) -> None:
    world.cap(5_000_000, valid_from=world.oslo(2, 1))
    approved(world, 0, 1_000_000).refused("ZONE_CAP_MISSING")
    world.scenario.until(world.oslo(2, 1))
    world.decide(world.id(200), up_w=1_000_000, at=world.oslo(2, 1)).then_only(
        v1.PrequalificationDecided, v1.VolumeReserved, v1.BiddableChanged
    )


@pytest.mark.rule("CAP_LINK_INVALID")
@pytest.mark.parametrize("link", ["http://tso.example/a", "javascript:alert(1)", "https://", "https://tso.example/a b"])
def test_the_assessment_is_published_at_an_https_address(world: Any, link: str) -> None:
    world.cap(1_000_000, link=link).refused("CAP_LINK_INVALID", path="/link")
    world.cap(1_000_000, link="https://tso.example/vurdering").then_only(v1.ZoneCapSet)


# What everyone is told


def feed(outcome: Any) -> list[Any]:
    """What everyone is told of a zone."""
    return [event for event in outcome.beside if isinstance(event, v1.ZoneVolumeChanged)]


def test_everyone_is_told_once_per_decision_what_a_zone_takes_and_what_is_used(world: Any) -> None:
    assert {audience.role for audience in v1.ZoneVolumeChanged.audience} == set(Role)
    (first,) = feed(world.cap(1_500_000, link="https://tso.example/a"))
    assert (first.cap_w, first.used_w, first.free_w, first.deficit_w, first.waiting) == (1_500_000, 0, 1_500_000, 0, 0)
    assert (first.reasons, first.assessment) == (("transfer-capacity",), "What the grid takes.")
    assert (first.link, first.valid_from) == ("https://tso.example/a", world.oslo(1, 5))
    (used,) = feed(approved(world, 0, 1_000_000))
    assert (used.used_w, used.free_w, used.waiting) == (1_000_000, 500_000, 0)
    (queued,) = feed(approved(world, 1, 2_000_000))
    assert (queued.used_w, queued.waiting, queued.waiting_w) == (1_000_000, 1, 2_000_000)
    (queued,) = feed(approved(world, 2, 1_000_000))
    assert (queued.waiting, queued.waiting_w) == (2, 3_000_000)
    (lowered,) = feed(world.cap(0, at=world.oslo(2, 1)))
    assert (lowered.free_w, lowered.deficit_w) == (0, 1_000_000)
    opens = world.oslo(3, 1)
    (ahead,) = feed(world.cap(9_000_000, at=world.oslo(2, 1), valid_from=opens))
    assert (ahead.cap_w, ahead.next_cap_w, ahead.next_from) == (0, 9_000_000, opens)
    (served,) = feed(world.scenario.until(opens))
    assert (served.cap_w, served.used_w, served.waiting, served.waiting_w) == (9_000_000, 4_000_000, 0, 0)
    assert (served.next_cap_w, served.next_from, served.valid_from) == (None, None, opens)


def test_other_words_for_the_same_cap_are_told_and_nothing_new_is_not(world: Any) -> None:
    world.cap(1_000_000)
    (again,) = feed(world.cap(1_000_000, at=world.oslo(1, 6), assessment="In other words."))
    assert again.assessment == "In other words."
    world.group(world.id(1), points=[1], up_w=1_000_000)
    assert world.apply(world.id(2), world.id(1), 1_000_000).beside == []


def test_nobody_is_named(world: Any) -> None:
    world.cap(0)
    (told,) = feed(approved(world, 0, 1_000_000))
    text = told.model_dump_json()
    assert not [name for name in (world.BSP_A, world.DSO_1, world.id(100), world.id(200)) if name in text]
