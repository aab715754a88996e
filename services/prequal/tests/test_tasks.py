"""What each party has to do, and by when."""

from __future__ import annotations

from typing import Any

import pytest
from prequal_qualifying import Case

from contracts.prequal import v1
from contracts.values import Role
from prequal import store
from prequal.domain import tasks

pytestmark = pytest.mark.unit


@pytest.fixture
def case(world: Any) -> str:
    """DSO 1 and DSO 2 are asked."""
    group = world.group(world.id(1), points=[1, 2], in_area_2=[2], up_w=1_500_000)
    world.cap(5_000_000)
    world.apply(world.id(2), group, 2_000_000)
    return world.id(2)


def open_tasks(world: Any) -> dict[str, Any]:
    found = {key: document.state for key, document in world.scenario.documents.items() if key[0] == store.TASK.name}
    return {id_: task for (_, id_), task in found.items() if task is not None}


def whats(world: Any, party: str) -> list[tuple[str, Any]]:
    return sorted((task.what, task.due_at) for task in open_tasks(world).values() if task.party == party)


def test_tasks_arise_with_their_due_dates_and_are_done(world: Any, case: str) -> None:
    assert whats(world, world.DSO_1) == [("answer-grid-assessment", world.oslo(2, 4))]
    assert whats(world, tasks.TSO) == [
        ("confirm-completeness", world.oslo(3, 4)),
        ("decide-application", world.oslo(4, 7)),
    ]
    world.assess(case, world.DSO_1)
    assert whats(world, world.DSO_1) == []
    assert whats(world, world.DSO_2) == [("answer-grid-assessment", world.oslo(2, 4))]
    world.assess(case, world.DSO_2)
    world.decide(case, up_w=2_000_000)
    assert [task.what for task in open_tasks(world).values()] == ["reassess-approval"]


def test_while_something_is_missing_it_is_the_bsps_turn(world: Any, case: str) -> None:
    at = world.oslo(1, 10)
    world.tso(case, v1.RequestMissingPart(missing=("voltage-levels",), text="Send it."), at=at)
    assert [
        (task.what, task.party) for task in open_tasks(world).values() if task.party not in {world.DSO_1, world.DSO_2}
    ] == [("complete-application", world.BSP_A)]


def test_what_is_asked_about_a_group_that_stays_approved_outlives_a_rejection_of_more(world: Any, case: str) -> None:
    world.assess(case, world.DSO_1)
    world.assess(case, world.DSO_2)
    world.decide(case, up_w=2_000_000)
    world.scenario.given(world.joined(world.id(1), 3, up_w=100_000), at=world.oslo(2, 1))
    world.apply(world.id(3), world.id(1), 2_500_000, at=world.oslo(2, 2))
    world.scenario.until(world.oslo(3, 3))
    world.decide(world.id(3), "rejected", at=world.oslo(3, 3)).then_only(
        v1.PrequalificationDecided, v1.GridAssessmentReleased, v1.GridAssessmentReleased
    )
    assert whats(world, world.DSO_1) == [("answer-grid-assessment", world.oslo(3, 3))]
    assert whats(world, world.DSO_2) == []
    assert world.scenario.state(store.GRID, world.id(1)).parts[world.DSO_1].questions


def test_who_is_late_still_has_it_to_do(world: Any, case: str) -> None:
    world.scenario.until(world.oslo(2, 5))
    assert whats(world, world.DSO_1) == [("answer-grid-assessment", world.oslo(2, 4))]
    world.assess(case, world.DSO_1, at=world.oslo(2, 6))
    assert whats(world, world.DSO_1) == []


def test_a_rejection_ends_what_others_had_to_do_in_the_case(world: Any, case: str) -> None:
    world.assess(case, world.DSO_1)
    world.scenario.until(world.oslo(2, 5))
    world.decide(case, "rejected", at=world.oslo(2, 6))
    assert open_tasks(world) == {}


def test_a_qualification_goes_from_hand_to_hand(world: Any) -> None:
    case = Case(world, 7)
    at = world.oslo(1, 6, 9)

    def whose() -> list[tuple[str, str]]:
        return sorted((task.party, task.what) for task in open_tasks(world).values())

    case.apply(at)
    assert whose() == [("tso", "confirm-qualification")]
    case.ask(at)
    assert whose() == [(world.BSP_A, "complete-qualification")]
    case.from_bsp(v1.CompleteQualification(facts=v1.BspFacts(trading_licence="RME-1")), at)
    assert whose() == [("tso", "confirm-qualification")]
    case.confirm(at)
    assert whose() == [("tso", "decide-qualification")]
    nonce = case.start_test(at).nonce
    assert (world.BSP_A, "answer-communication-test") in whose()
    case.answer(nonce, at)
    case.decide(at, "not-qualified")
    assert open_tasks(world) == {}


def queued(world: Any, lapses_at: Any) -> v1.ApplicationQueued:
    return v1.ApplicationQueued(
        application_id=world.id(2), group_id=world.id(1), bsp=world.BSP_A, dsos=(), zone="NO3", place=1,
        complete_at=world.oslo(1, 6), position=1, requested_w=1, cap_w=1, used_w=1, free_w=0, lapses_at=lapses_at,
    )  # fmt: skip


def test_a_bsp_is_to_restore_the_minimum_before_its_application_lapses(world: Any) -> None:
    def said(lapses_at: Any) -> tasks.Task | None:
        ((id_, change),) = tasks.changes(queued(world, lapses_at)).items()
        assert id_ == f"restore-minimum/{world.id(2)}/{world.BSP_A}"
        return tasks.evolve(None, change)

    task = said(world.oslo(3, 1))
    assert task is not None
    assert (task.party, task.due_at) == (world.BSP_A, world.oslo(3, 1))
    assert said(None) is None


@pytest.mark.parametrize("duty", tasks.DUTIES, ids=lambda duty: duty.what)
def test_whoever_has_a_task_is_told_when_it_arises_and_when_it_is_done(duty: tasks.Duty) -> None:
    for event in (*duty.begins, *duty.ends):
        audience = {(one.field, one.role) for one in event.audience}
        if duty.of == Role.TSO:
            assert (None, Role.TSO) in audience, event
        else:
            named = next(name for name in tasks._FIELDS[duty.of] if name in event.model_fields)
            assert (named, None) in audience, event
        assert {duty.about, duty.case} <= event.model_fields.keys()


def test_a_task_is_in_the_table_while_it_stands(world: Any, case: str) -> None:
    (row,) = [
        row
        for id_, task in open_tasks(world).items()
        for make in store.TASK.rows.values()
        for row in make(id_, task)
        if row[1] == world.DSO_1
    ]
    assert row == (f"answer-grid-assessment/{world.id(1)}/{world.DSO_1}", world.DSO_1, world.oslo(2, 4))
