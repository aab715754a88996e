"""A limit on a place holds for all groups there together: what it allows is shared among them (R38, ADR 0021)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store
from prequal.domain import sharing, spreading

pytestmark = pytest.mark.unit

PLACE = "0190aaaa-0000-7000-8000-000000000000"
A, B, C = 1, 2, 3


@pytest.fixture
def world(world: Any) -> Any:
    """Three groups at one substation: A of 1 MW, B of 2 MW, C of 3 MW up; A and B are approved for all of it."""
    world.scenario.given(world.substation(PLACE))
    world.cap(20_000_000)
    for n in (A, B, C):
        world.group(world.id(n))
        for m in range(2):
            world.join(world.id(n), 10 * n + m, up_w=n * 500_000, substation=PLACE)
    for n in (A, B):
        approve(world, n)
    return world


def approve(world: Any, n: int) -> None:
    world.apply(world.id(100 + n), world.id(n), n * 1_000_000)
    world.assess(world.id(100 + n), world.DSO_1)
    world.decide(world.id(100 + n), up_w=n * 1_000_000)


def limit(world: Any, up_w: int, **over: Any) -> Any:
    return world.limit_for_a_time(world.id(50), PLACE, up_w=up_w, **over)


def shares(outcome: Any) -> dict[str, int]:
    [said] = [event for event in outcome.events if type(event) is v1.TemporaryLimitShared]
    return {share.group_id: share.up_w for share in said.shares}


def told(outcome: Any) -> dict[str, tuple[int, int]]:
    hits = [event for event in outcome.events if type(event) is v1.GroupRestricted]
    return {hit.group_id: (hit.up_w, hit.whole_up_w) for hit in hits}


def biddable(world: Any, n: int) -> int:
    step = world.biddable(world.id(n), world.oslo(2, 10, 7))
    return step.biddable.up_w if step else 0


def test_two_groups_in_an_area_that_takes_1_mw_may_not_be_bid_2_mw(world: Any) -> None:
    outcome = world.limit_for_a_time(world.id(50), scope="grid-area", grid_area=world.AREA_1, up_w=1_000_000)
    assert shares(outcome) == {world.id(A): 333_333, world.id(B): 666_667}
    assert biddable(world, A) + biddable(world, B) == 0


def test_it_is_shared_by_what_could_be_activated_there_and_each_is_told_its_own_and_the_whole(world: Any) -> None:
    outcome = limit(world, 1_500_000)
    assert shares(outcome) == {world.id(A): 500_000, world.id(B): 1_000_000}
    assert told(outcome) == {
        world.id(A): (500_000, 1_500_000), world.id(B): (1_000_000, 1_500_000), world.id(C): (0, 1_500_000),
    }  # fmt: skip
    assert (biddable(world, A), biddable(world, B)) == (0, 1_000_000)
    published = world.scenario.state(store.LOCATION, f"{world.DSO_1}/{PLACE}").slices
    assert [one.power.up_w for one in published if one.valid_from == world.oslo(2, 10, 6)] == [1_000_000]


def test_who_may_not_be_bid_in_that_time_has_no_share(world: Any) -> None:
    world.restrict(
        v1.SetSuspension(
            target="group-product", group_id=world.id(A), product="mFRR", reason_code="failed-verification"
        ),
        world.id(60), sender=world.TSO,
    ).then_only(v1.SuspensionSet, v1.GroupRestricted, v1.BiddableChanged)  # fmt: skip
    assert shares(limit(world, 1_500_000)) == {world.id(B): 1_500_000}
    assert biddable(world, B) == 1_000_000


def test_who_is_bid_again_before_it_ends_has_a_share(world: Any) -> None:
    suspension = v1.SetSuspension(
        target="group-product", group_id=world.id(A), product="mFRR", reason_code="failed-verification",
        valid_to=world.oslo(2, 10, 8),
    )  # fmt: skip
    world.restrict(suspension, world.id(60), sender=world.TSO)
    assert shares(limit(world, 1_500_000)) == {world.id(A): 500_000, world.id(B): 1_000_000}


def test_who_comes_later_has_nothing_of_it_until_it_is_shared_anew(world: Any) -> None:
    limit(world, 3_000_000)
    assert (biddable(world, A), biddable(world, B)) == (1_000_000, 2_000_000)
    approve(world, C)
    assert biddable(world, C) == 0
    anew = v1.ChangeTemporaryLimit(share_anew=True)
    outcome = world.restrict(anew, world.id(50))
    assert shares(outcome) == {world.id(A): 500_000, world.id(B): 1_000_000, world.id(C): 1_500_000}
    assert [biddable(world, n) for n in (A, B, C)] == [0, 1_000_000, 1_000_000]


def test_a_group_that_grows_or_leaves_changes_nobody_s_share(world: Any) -> None:
    limit(world, 1_500_000)
    for n in range(2):
        world.scenario.given(world.left(world.id(B), 20 + n, world.oslo(2, 2)), at=world.oslo(2, 2))
    world.scenario.when(world.joined(world.id(A), 19, up_w=900_000, substation=PLACE), at=world.oslo(2, 2))
    world.assess(world.id(101), world.DSO_1, at=world.oslo(2, 3))
    assert world.biddable(world.id(A), world.oslo(2, 10, 7)).deliverable.up_w == 500_000
    assert shares(world.restrict(v1.ChangeTemporaryLimit(up_w=1_000_000), world.id(50), at=world.oslo(2, 4))) == {
        world.id(A): 1_000_000
    }
    assert biddable(world, A) == 1_000_000


def test_a_limit_is_shared_within_the_others_and_not_within_itself(world: Any) -> None:
    world.limit_for_a_time(world.id(51), scope="group", group_id=world.id(B), up_w=1_000_000, sender=world.TSO)
    limit(world, 1_000_000)
    assert shares(world.restrict(v1.ChangeTemporaryLimit(up_w=2_000_000), world.id(50))) == {
        world.id(A): 1_000_000, world.id(B): 1_000_000,
    }  # fmt: skip


def test_where_nothing_is_allowed_there_is_nothing_to_share(world: Any) -> None:
    outcome = limit(world, 0)
    assert not any(type(event) is v1.TemporaryLimitShared for event in outcome.events)
    assert told(outcome) == {world.id(n): (0, 0) for n in (A, B, C)}


def test_each_direction_is_shared_by_itself(world: Any) -> None:
    [said] = [event for event in limit(world, 1_500_000, down_w=100).events if type(event) is v1.TemporaryLimitShared]
    assert [(share.up_w, share.down_w) for share in said.shares] == [(500_000, 0), (1_000_000, 0)]


def test_only_a_limit_on_a_place_is_shared(world: Any) -> None:
    outcome = world.limit_for_a_time(world.id(50), scope="part", group_id=world.id(B), up_w=1_000_000)
    assert told(outcome) == {world.id(B): (1_000_000, None)}
    world.restrict(v1.ChangeTemporaryLimit(share_anew=True), world.id(50)).refused("LIMIT_CHANGES_NOTHING")


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "GROUPS_A_STEP", 1)


def after(world: Any, seconds: int) -> Any:
    """What has been decided so many seconds after the limit was set."""
    return world.scenario.until(world.oslo(2, 1) + timedelta(seconds=seconds))


def has(world: Any, n: int) -> int | None:
    """What the limit leaves a group, as it was told; None: nothing yet."""
    found = world.scenario.state(store.APPROVAL, world.id(n)).restrictions.get(world.id(50))
    return found.up_w if found else None


@pytest.mark.usefixtures("one_at_a_time")
def test_shares_are_the_same_however_many_are_told_at_a_step(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_SHARES", 1)
    [_, first] = limit(world, 1_500_000, at=world.oslo(2, 1)).then_only(v1.TemporaryLimitSet, v1.GroupsReached)
    assert (first.what, first.groups, first.last) == ("reckoned", 0, world.id(A))
    assert first.could == (v1.GroupCould(group_id=world.id(A), up_w=1_000_000, down_w=0),)
    reckoned = after(world, 2)
    assert told(reckoned) == {}
    assert [type(event) for event in reckoned.events].count(v1.TemporaryLimitShared) == 2
    assert world.scenario.state(store.RESTRICTION, world.id(50)).could == {}
    assert told(after(world, 4)) == {world.id(A): (500_000, 1_500_000), world.id(B): (1_000_000, 1_500_000)}
    rest = after(world, 60)
    assert told(rest) == {world.id(C): (0, 1_500_000)}
    assert [(event.what, event.next_at) for event in rest.events if type(event) is v1.GroupsReached] == [
        ("restricted", None)
    ]


@pytest.mark.usefixtures("one_at_a_time")
def test_nobody_has_more_before_the_others_have_less(world: Any) -> None:
    """B could do nothing when the limit was set, so A had all of it; now B has two thirds."""
    wish = v1.SetSuspension(target="part", group_id=world.id(B), reason_code="significant-group-change")
    assert not world.restrict(wish, world.id(60)).rejected
    limit(world, 900_000, at=world.oslo(2, 1))
    after(world, 60)
    assert (has(world, A), has(world, B)) == (900_000, 0)
    world.restrict(v1.LiftSuspension(), world.id(60), at=world.oslo(2, 1, 1))
    began = world.oslo(2, 1, 2)
    world.restrict(v1.ChangeTemporaryLimit(share_anew=True), world.id(50), at=began)
    seen: list[tuple[int | None, int | None]] = []
    for second in range(20):
        world.scenario.until(began + timedelta(seconds=second))
        seen.append((has(world, A), has(world, B)))
    assert list(dict.fromkeys(seen)) == [(900_000, 0), (300_000, 0), (300_000, 600_000)]
    assert world.scenario.state(store.RESTRICTION, world.id(50)).held_back == ()
    assert world.scenario.state(store.SPREADING, f"restriction/{world.id(50)}") is None


@pytest.mark.usefixtures("one_at_a_time")
def test_who_comes_under_it_before_it_is_shared_has_nothing_until_the_others_have_been_told(world: Any) -> None:
    limit(world, 1_500_000, at=world.oslo(2, 1))
    hit = world.scenario.when(world.joined(world.id(B), 99, substation=PLACE), at=world.oslo(2, 1))
    assert told(hit) == {world.id(B): (0, 1_500_000)}
    assert told(after(world, 4)) == {world.id(A): (500_000, 1_500_000), world.id(B): (0, 1_500_000)}
    rest = after(world, 60).events
    assert [(event.group_id, event.up_w) for event in rest if type(event) is v1.GroupRestricted] == [
        (world.id(C), 0), (world.id(B), 1_000_000),
    ]  # fmt: skip


@pytest.mark.usefixtures("one_at_a_time")
def test_what_is_changed_while_it_is_reckoned_is_reckoned_anew(world: Any) -> None:
    limit(world, 1_500_000, at=world.oslo(2, 1))
    after(world, 1)
    world.restrict(v1.ChangeTemporaryLimit(up_w=600_000), world.id(50), at=world.oslo(2, 1) + timedelta(seconds=1))
    assert list(world.scenario.state(store.RESTRICTION, world.id(50)).could) == [world.id(A)]
    after(world, 60)
    assert (has(world, A), has(world, B), has(world, C)) == (200_000, 400_000, 0)


@pytest.mark.usefixtures("one_at_a_time")
def test_what_is_lifted_while_it_is_reckoned_hits_nobody(world: Any) -> None:
    limit(world, 1_500_000, at=world.oslo(2, 1))
    world.restrict(v1.LiftTemporaryLimit(text="Over."), world.id(50), at=world.oslo(2, 1))
    assert after(world, 60).events == []
    assert (has(world, A), has(world, B)) == (None, None)


@pytest.mark.parametrize("limit_w", [1, 2, 7, 100, 999_999])
def test_shares_are_all_of_it_in_whole_watts_the_largest_rest_first(limit_w: int) -> None:
    found = sharing.shared(limit_w, {"a": 1, "b": 1, "c": 1, "d": 0})
    assert found is not None
    assert sum(found.values()) == limit_w
    assert "d" not in found
    assert max(found.values()) - min(found.values()) <= 1
    assert found["a"] >= found["b"] >= found["c"]
