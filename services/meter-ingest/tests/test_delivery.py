"""What a DSO owes after the deadline: reminders until it has come, and delays that hold them back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.meter_ingest import v1
from contracts.registry import v1 as registry
from contracts.values import Role, make_gln
from meter_ingest import store

pytestmark = pytest.mark.unit

DAY = "2026-03-28"


def of(outcome: Any, *types: type) -> list[Any]:
    return [one for one in (*outcome.events, *outcome.beside) if isinstance(one, types)]


@pytest.fixture
def owing(world: Any) -> Any:
    """A DSO with one channel, open for one day, of which it owes the values."""
    for gln, role in ((world.dso, Role.DSO), (world.other_dso, Role.DSO), (world.bsp, Role.BSP)):
        world.scenario.given(registry.PartyOnboarded(party=gln, name="Navn", roles=(role,)))
    world.open(world.points(1))
    world.close(world.points(1), valid_to=world.local("2026-03-30"))
    return world


def declare(
    world: Any, *, sender: str = "", role: str = Role.DSO, at: Any = None, dso: str = "", **changes: Any
) -> Any:
    command = v1.DeclareDelay.model_validate(
        {
            "since": DAY,
            "expected_by": world.local("2026-04-10"),
            "reason": "The collection system is down",
            **changes,
        }
    )
    return world.scenario.when(
        command,
        subject=dso or world.dso,
        sender=sender or world.dso,
        role=role,
        at=at or world.local("2026-03-28", "12:00"),
    )


def test_a_dso_is_reminded_until_it_has_come(owing: Any, day_series: Any) -> None:
    world = owing
    (point,) = world.points(1)
    reminded = of(world.scenario.until(world.local("2026-03-29", "07:00")), v1.ValuesReminded)
    assert [one.again_at for one in reminded] == [world.local("2026-03-31", "07:00")]
    assert of(world.scenario.until(world.local("2026-03-30", "12:00")), v1.ValuesReminded)[0].date == date(2026, 3, 29)
    again = of(world.scenario.until(world.local("2026-03-31", "07:00")), v1.ValuesReminded)
    assert [(str(one.date), one.metering_points) for one in again] == [(DAY, (point,))]
    _, outcome = world.send(day_series(point, DAY, 1), at=world.local("2026-04-01", "10:00"))
    (ended,) = of(outcome, v1.OwedEnded)
    assert (str(ended.date), ended.because) == (DAY, "arrived")
    last = of(world.scenario.until(world.local("2026-12-31")), v1.ValuesReminded)
    assert [(str(one.date), one.again_at) for one in last] == [
        ("2026-03-29", world.local("2026-04-03", "07:00")),
        ("2026-03-29", None),
    ]


def test_what_is_expected_no_longer_is_owed_no_longer(owing: Any) -> None:
    world = owing
    world.scenario.until(world.local("2026-03-30", "12:00"))
    document = world.scenario.documents[
        store.BLOCK.name, next(iter(world.scenario.state(store.COMPLETENESS, world.dso).blocks))
    ]
    document.state = type(document.state)({})
    ended = of(world.scenario.until(world.local("2026-04-10")), v1.OwedEnded)
    assert [one.because for one in ended] == ["not-owed", "not-owed"]
    assert world.scenario.state(store.DELIVERY, world.dso).missing == {}


def test_a_delay_holds_reminders_back_shows_its_days_and_ends_when_all_has_come(owing: Any, day_series: Any) -> None:
    world = owing
    (point,) = world.points(1)
    (declared,) = declare(world).then_only(v1.DelayDeclared)
    assert declared.declared_by == world.dso
    declare(world).then()
    outcome = world.scenario.until(world.local("2026-04-08"))
    assert of(outcome, v1.ValuesReminded) == []
    assert [one.delayed for one in of(outcome, v1.CompletenessChanged)] == [True] * 4
    assert list(world.scenario.state(store.DELIVERY, world.dso).missing) == [date(2026, 3, 28), date(2026, 3, 29)]
    _, outcome = world.send(day_series(point, DAY, 1), at=world.local("2026-04-08", "10:00"))
    assert of(outcome, v1.DelayLifted) == [], "a day is missing still"
    _, outcome = world.send(day_series(point, "2026-03-29", 1), at=world.local("2026-04-08", "10:01"))
    (lifted,) = of(outcome, v1.DelayLifted)
    assert (lifted.because, lifted.missing_dates) == ("recovered", ())
    assert of(world.scenario.until(world.local("2026-12-31")), v1.ValuesReminded, v1.DelayLifted) == []


def test_when_the_term_is_over_the_dso_is_reminded_of_each_day_at_once(owing: Any) -> None:
    world = owing
    declare(world, sender=world.tso, role=Role.TSO)
    outcome = world.scenario.until(world.local("2026-04-10"))
    (lifted,) = of(outcome, v1.DelayLifted)
    assert (lifted.because, len(lifted.missing_dates)) == ("term-over", 2)
    reminded = of(outcome, v1.ValuesReminded)
    assert [(str(one.date), one.again_at) for one in reminded] == [(DAY, None), ("2026-03-29", None)]


def test_days_before_the_delay_are_reminded_of_as_ever(owing: Any) -> None:
    world = owing
    declare(world, since="2026-03-29")
    reminded = of(world.scenario.until(world.local("2026-03-31", "07:00")), v1.ValuesReminded)
    assert {str(one.date) for one in reminded} == {DAY}


@pytest.mark.rule("DELAY_NOT_DECLARED")
def test_a_delay_is_lifted_once(owing: Any) -> None:
    world = owing
    at = world.local("2026-03-29", "12:00")
    declare(world)
    world.scenario.until(at)

    def lift() -> Any:
        return world.scenario.when(v1.LiftDelay(), subject=world.dso, sender=world.dso, role=Role.DSO, at=at)

    (lifted,) = lift().then_only(v1.DelayLifted)
    assert (lifted.because, [str(one) for one in lifted.missing_dates]) == ("lifted", [DAY])
    assert len(of(world.scenario.until(at), v1.ValuesReminded)) == 1, "it is reminded again"
    lift().refused("DELAY_NOT_DECLARED")


@pytest.mark.rule("DELAY_NOT_YOURS")
def test_a_dso_declares_only_its_own_and_the_tso_only_a_dsos(owing: Any) -> None:
    world = owing
    declare(world, dso=world.other_dso).refused("DELAY_NOT_YOURS")
    declare(world, dso=make_gln(77), sender=make_gln(77)).refused("DELAY_NOT_YOURS")
    declare(world, dso=world.bsp, sender=world.tso, role=Role.TSO).refused("DELAY_NOT_YOURS")
    declare(world, dso=world.other_dso, sender=world.tso, role=Role.TSO).then_only(v1.DelayDeclared)


@pytest.mark.rule("DELAY_TERM_INVALID")
def test_a_term_is_ahead_and_not_far(owing: Any) -> None:
    world = owing
    declare(world, expected_by=world.local("2026-03-28", "12:00")).refused(
        "DELAY_TERM_INVALID", limit=28, actual="2026-03-28T12:00:00+01:00"
    )
    declare(world, expected_by=world.local("2026-05-01")).refused(
        "DELAY_TERM_INVALID", actual="2026-05-01T00:00:00+02:00", unit="days"
    )


@pytest.mark.rule("DELAY_SINCE_INVALID")
def test_a_delay_begins_before_its_term_and_not_long_ago(owing: Any) -> None:
    world = owing
    declare(world, since="2026-02-27").refused("DELAY_SINCE_INVALID", limit="2026-02-28")
    declare(world, since="2026-04-11").refused("DELAY_SINCE_INVALID")
    declare(world, since="2026-02-28").then_only(v1.DelayDeclared)
