"""A substation that is fed by another one than before: limits above it, DSOs' answers and sums follow at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal import store
from prequal.domain import spreading

pytestmark = pytest.mark.unit

HERE, THERE, OLD, NEW, UPPER = (f"0190aaaa-0000-7000-8000-00000000000{n}" for n in range(5))
ASKED = v1.GridAssessmentRequested


def changed(world: Any, substation: str = HERE, parent: str | None = NEW, **over: Any) -> registry.SubstationChanged:
    """A substation of DSO 1 is fed by this one from now on."""
    said = world.substation(substation, parent=parent).model_dump() | over
    return registry.SubstationChanged(**said)


@pytest.fixture
def groups(world: Any) -> list[str]:
    """Two groups of two points of 1,000 kW: one here, fed by the old one, and one there, fed by the new one."""
    world.scenario.given(
        world.area(world.AREA_ABOVE, world.DSO_ABOVE),
        world.area(world.AREA_1, world.DSO_1, parent=world.AREA_ABOVE),
        *(
            registry.SubstationDefined(
                substation_id=each, name="Above", voltage_v=132_000, grid_area=world.AREA_ABOVE, dso=world.DSO_ABOVE,
                parent=UPPER if each == NEW else None,
            )
            for each in (UPPER, OLD, NEW)
        ),
        world.substation(HERE, parent=OLD),
        world.substation(THERE, parent=NEW),
    )  # fmt: skip
    world.cap(20_000_000)
    return [approved(world, n) for n in (1, 2)]


def approved(world: Any, n: int, *limits: v1.GridLimit, up_w: int = 2_000_000) -> str:
    group = world.group(world.id(n))
    world.join(group, 10 * n, up_w=1_000_000, substation=HERE)
    world.join(group, 10 * n + 1, up_w=1_000_000, substation=THERE)
    world.apply(world.id(100 + n), group, 2_000_000)
    world.assess(world.id(100 + n), world.DSO_1)
    world.assess(world.id(100 + n), world.DSO_ABOVE, "limited" if limits else "approved", limits=limits)
    world.decide(world.id(100 + n), up_w=up_w)
    return group


def limit(world: Any, restriction_id: str, substation: str, up_w: int = 0) -> Any:
    return world.limit_for_a_time(
        restriction_id, substation, up_w=up_w, sender=world.DSO_ABOVE, valid_from=world.oslo(2, 1),
        valid_to=world.oslo(2, 20),
    )  # fmt: skip


def bid(world: Any, group: str, at: Any) -> int:
    return world.biddable(group, at).biddable.up_w


def told(events: list[Any], type_: type[Any]) -> list[str]:
    return [event.group_id for event in events if type(event) is type_]


def at_most(world: Any, place: str) -> int:
    """What is published of a place above now."""
    state = world.scenario.state(store.LOCATION, f"{world.DSO_ABOVE}/{place}")
    return state.slices[-1].power.up_w if state and state.slices else 0


@pytest.mark.parametrize("limited", [NEW, UPPER])
def test_what_stands_on_the_new_one_above_hits_its_groups_at_once(world: Any, groups: list[str], limited: str) -> None:
    limit(world, world.id(50), limited)
    at = world.oslo(2, 2)
    assert [bid(world, group, at) for group in groups] == [1_000_000, 1_000_000]
    events = world.scenario.when(changed(world), at=at).events
    hits = [event for event in events if type(event) is v1.GroupRestricted]
    assert [(hit.group_id, hit.restriction_id, hit.places) for hit in hits] == [
        (group, world.id(50), (HERE, THERE)) for group in groups
    ]
    assert told(events, v1.GroupRestrictionEnded) == []
    assert [bid(world, group, at) for group in groups] == [0, 0]
    assert [bid(world, group, world.oslo(2, 20)) for group in groups] == [2_000_000, 2_000_000]


def test_what_stands_on_the_old_one_leaves_them_and_does_not_come_back_with_its_end(
    world: Any, groups: list[str]
) -> None:
    limit(world, world.id(51), HERE, 700_000)
    limit(world, world.id(50), OLD)
    assert bid(world, groups[0], world.oslo(2, 1)) == 1_000_000
    events = world.scenario.when(changed(world), at=world.oslo(2, 2)).events
    gone = [event for event in events if type(event) is v1.GroupRestrictionEnded]
    assert [(one.group_id, one.because, one.restriction_id) for one in gone] == [
        (group, "elsewhere", world.id(50)) for group in groups
    ]
    # What is on the substation itself stays.
    assert world.biddable(groups[0], world.oslo(2, 2)).deliverable.up_w == 1_350_000
    assert world.scenario.state(store.RESTRICTION, world.id(50)).groups == {}
    later = world.scenario.until(world.oslo(2, 20)).events
    ended = [event for event in later if type(event) is v1.GroupRestrictionEnded]
    assert {one.restriction_id for one in ended} == {world.id(51)}


def test_there_and_back_is_as_it_was(world: Any, groups: list[str]) -> None:
    limit(world, world.id(50), NEW, 1_200_000)
    limit(world, world.id(51), OLD, 1_600_000)
    before = [world.biddable(group, world.oslo(2, 2)).deliverable for group in groups]
    world.scenario.when(changed(world), at=world.oslo(2, 2))
    # It had a share of the new one's by its other point.
    assert [world.biddable(group, world.oslo(2, 2)).deliverable.up_w for group in groups] == [600_000, 600_000]
    world.scenario.when(changed(world, parent=OLD), at=world.oslo(2, 3))
    assert [world.biddable(group, world.oslo(2, 3)).deliverable for group in groups] == before


def test_the_sums_above_are_told_anew_at_once(world: Any, groups: list[str]) -> None:
    assert [at_most(world, place) for place in (OLD, NEW, UPPER)] == [2_000_000, 2_000_000, 2_000_000]
    world.scenario.when(changed(world), at=world.oslo(2, 2)).then()
    assert [at_most(world, place) for place in (OLD, NEW, UPPER)] == [0, 4_000_000, 4_000_000]
    world.scenario.when(changed(world, parent=None), at=world.oslo(2, 3)).then()
    assert [at_most(world, place) for place in (OLD, NEW, UPPER)] == [0, 2_000_000, 2_000_000]


def test_all_below_it_go_with_it(world: Any, groups: list[str]) -> None:
    limit(world, world.id(50), OLD)
    events = world.scenario.when(changed(world, NEW, OLD), at=world.oslo(2, 2)).events
    assert told(events, v1.GroupRestricted) == groups
    assert [bid(world, group, world.oslo(2, 2)) for group in groups] == [0, 0]
    assert [at_most(world, place) for place in (OLD, NEW, UPPER)] == [4_000_000, 2_000_000, 0]


@pytest.mark.parametrize("limited", [OLD, NEW, UPPER])
def test_a_dso_whose_answer_has_a_limit_on_what_is_new_or_gone_above_is_asked_anew(
    world: Any, groups: list[str], limited: str
) -> None:
    answer = v1.GridLimit(scope="substation", substation=limited, up_w=900_000, reason_code="transformer")
    group = approved(world, 3, answer, up_w=1_900_000)
    at = world.oslo(2, 2)
    events = world.scenario.when(changed(world), at=at).events
    asked = [event for event in events if type(event) is ASKED]
    assert [(one.dso, one.group_id, one.anew, one.because) for one in asked] == [
        (world.DSO_ABOVE, group, True, "hierarchy")
    ]
    assert [point.metering_point_id for point in asked[0].points] == [world.point(30)]
    # The point counts nothing until it has answered, and then comes under what it said of the place.
    assert world.biddable(group, at).unassessed.up_w == 1_000_000
    world.assess(world.id(103), world.DSO_ABOVE, at=world.oslo(2, 3))
    deliverable = 2_000_000 if limited == OLD else 900_000
    assert world.biddable(group, world.oslo(2, 3)).deliverable.up_w == deliverable


@pytest.mark.parametrize("limited", [HERE, THERE])
def test_an_answer_on_places_that_lie_where_they_did_stands(world: Any, groups: list[str], limited: str) -> None:
    group = world.group(world.id(3))
    world.join(group, 30, up_w=1_000_000, substation=HERE)
    world.join(group, 31, up_w=1_000_000, substation=THERE)
    world.apply(world.id(103), group, 2_000_000)
    answer = v1.GridLimit(scope="substation", substation=limited, up_w=500_000, reason_code="transformer")
    world.assess(world.id(103), world.DSO_1, "limited", limits=[answer])
    world.assess(world.id(103), world.DSO_ABOVE)
    world.decide(world.id(103), up_w=1_500_000)
    world.scenario.when(changed(world), at=world.oslo(2, 2)).then()


def test_a_question_that_stands_open_is_not_asked_again(world: Any, groups: list[str]) -> None:
    answer = v1.GridLimit(scope="substation", substation=OLD, up_w=900_000, reason_code="transformer")
    approved(world, 3, answer, up_w=1_900_000)
    world.scenario.when(changed(world), at=world.oslo(2, 2))
    assert told(world.scenario.when(changed(world, parent=OLD), at=world.oslo(2, 3)).events, ASKED) == []


def test_another_name_or_position_changes_nothing(world: Any, groups: list[str]) -> None:
    limit(world, world.id(50), NEW)
    world.scenario.when(changed(world, parent=OLD, name="Other"), at=world.oslo(2, 2)).then()


def test_many_groups_are_told_some_at_a_time_whatever_else_is_changed_meanwhile(
    world: Any, groups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = v1.GridLimit(scope="substation", substation=OLD, up_w=900_000, reason_code="transformer")
    more = [approved(world, n, answer, up_w=1_900_000) for n in (3, 4, 5)]
    limit(world, world.id(50), NEW)
    monkeypatch.setattr(spreading, "GROUPS_A_STEP", 2)
    at = world.oslo(2, 2)
    first = world.scenario.when(changed(world), at=at).events
    assert told(first, v1.GroupRestricted) == groups
    assert (first[-1].change, first[-1].what) == (f"substation/{HERE}/{OLD}", "readiness")
    world.scenario.when(changed(world, name="Other"), at=at)
    rest = world.scenario.until(at + timedelta(hours=1)).events
    assert told(rest, v1.GroupRestricted) == told(rest, ASKED) == more
    assert [bid(world, group, at + timedelta(hours=1)) for group in (*groups, *more)] == [0] * 5
    assert at_most(world, OLD) == 0
    assert world.scenario.state(store.SPREADING, f"substation/{HERE}/{OLD}") is None


def test_a_limit_that_is_lifted_while_groups_come_under_it_leaves_all_of_them(
    world: Any, groups: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world, world.id(50), NEW)
    monkeypatch.setattr(spreading, "GROUPS_A_STEP", 1)
    at = world.oslo(2, 2)
    world.scenario.when(changed(world), at=at)
    lift = v1.LiftTemporaryLimit(text="Over.")
    world.restrict(lift, world.id(50), sender=world.DSO_ABOVE, at=at + timedelta(milliseconds=500))
    world.scenario.until(at + timedelta(hours=1))
    assert [bid(world, group, at + timedelta(hours=1)) for group in groups] == [2_000_000, 2_000_000]
    assert all(world.scenario.state(store.APPROVAL, group).restrictions == {} for group in groups)
