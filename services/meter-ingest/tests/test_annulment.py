"""What rested on a source that was wrong is annulled as a whole: exactly that, a few at a time, and once."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from contracts.meter_ingest.v1 import (
    ActivationVerified,
    AnnulVerifications,
    ImbalanceAdjusted,
    SourceAnnulled,
    VerificationAnnulled,
    VerifyAgain,
)
from contracts.registry.v1 import PartyOnboarded
from contracts.values import Period, Role
from meter_ingest import store
from meter_ingest.domain import annulment

pytestmark = pytest.mark.unit

DAY, NEXT = "2026-03-28", "2026-03-29"
FIGURES = [2000] * 40 + [1000] * 2 + [2000] * 54


@pytest.fixture
def groups(world: Any, day_series: Any) -> dict[str, str]:
    """Three groups, each with an activation at ten that has been verified: of one DSO, of the other, of both."""
    world.scenario.given(
        *(PartyOnboarded(party=one, name="N", roles=(Role.DSO,)) for one in (world.dso, world.other_dso)),
        PartyOnboarded(party=world.bsp, name="B", roles=(Role.BSP,)),
    )
    own, other = world.points(1, 2), world.points(11, 12, dso=world.other_dso)
    world.open(own)
    world.open(other, sender=world.other_dso)
    members = {"own": own[:1], "other": other[:1], "both": [own[1], other[1]]}
    named = {name: world.uuid(80 + number) for number, name in enumerate(members)}
    start = world.local(DAY, "10:00")
    for number, (name, points) in enumerate(members.items()):
        group = world.uuid(number + 1)
        world.formed(group)
        for point in points:
            world.joined(point, group=group, dso=world.other_dso if point in other else "")
        world.order(
            4000,
            start,
            start + timedelta(minutes=30),
            at=start - timedelta(minutes=15),
            group=group,
            activation=named[name],
        )
    at = world.local(NEXT, "06:30")
    for sender, points in ((world.dso, own), (world.other_dso, other)):
        world.send(*(day_series(point, DAY, FIGURES) for point in points), sender=sender, at=at)
    assert all(world.scenario.state(store.ACTIVATION, one).run for one in named.values())
    return named


def annul(world: Any, *, number: int = 300, dso: str = "", at: datetime | None = None, **changes: Any) -> Any:
    given = {
        "dso": dso or world.dso,
        "period": Period(start=world.local(DAY), end=world.local(NEXT)),
        "reason": "Wrong meters",
    }
    command = AnnulVerifications.model_validate({**given, **changes})
    at = at or world.local(NEXT, "12:00")
    return world.scenario.when(command, subject=world.uuid(number), sender=world.tso, at=at)


def annulled(events: list[Any]) -> list[str]:
    return [one.activation_id for one in events if isinstance(one, VerificationAnnulled)]


def step(events: list[Any]) -> SourceAnnulled:
    (found,) = [one for one in events if isinstance(one, SourceAnnulled)]
    return found


def test_what_rested_on_a_dsos_values_counts_no_more_and_says_why(world: Any, groups: dict[str, str]) -> None:
    events = annul(world).events
    assert annulled(events) == [groups["own"], groups["both"]]
    for one in events[:-1]:
        assert (one.run, one.because) == (1, "source-wrong")
        assert (one.annulment_id, one.dso, one.reason) == (world.uuid(300), world.dso, "Wrong meters")
    last = step(events)
    assert (last.looked_at, last.annulled, last.next_at) == (3, 2, None)
    assert world.scenario.state(store.ACTIVATION, groups["other"]).run is not None


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_it_is_said_once(world: Any, groups: dict[str, str]) -> None:
    annul(world)
    assert annul(world).events == []
    annul(world, reason="Something else").refused("ID_NOT_AVAILABLE")
    again = annul(world, number=301)
    assert step(again.events).annulled == 0
    assert annulled(again.events) == []


@pytest.mark.parametrize(
    ("first", "last", "touched"),
    [
        ("08:00", "09:00", False),
        ("08:00", "09:01", True),
        ("10:29", "10:30", True),
        ("10:44", "10:46", True),
        ("10:45", "12:00", False),
    ],
)
def test_only_the_quarters_that_a_run_read(
    world: Any, groups: dict[str, str], first: str, last: str, *, touched: bool
) -> None:
    """The four before (from 9:00), its own, and the one after (to 10:45)."""
    period = Period(start=world.local(DAY, first), end=world.local(DAY, last))
    assert (groups["own"] in annulled(annul(world, period=period).events)) == touched


def test_what_has_been_corrected_rests_on_it_no_more(
    world: Any, groups: dict[str, str], day_series: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The correction of one point comes after the annulment was said, in the second before its turn."""
    registered_at = world.local(NEXT, "11:00")
    said = world.local(NEXT, "12:00")
    corrected = day_series(world.gsrn(1), DAY, [one + 1 for one in FIGURES], registered_at=registered_at)
    with monkeypatch.context() as few:
        few.setattr(annulment, "ACTIVATIONS_A_STEP", 1)
        first = annul(world, at=said, period=Period(start=world.local("2026-03-27"), end=world.local(NEXT)))
    assert step(first.events).next_at == said + annulment.PAUSE
    assert annulled(first.events) == [groups["own"]]
    (verified,) = world.send(corrected, at=said + timedelta(milliseconds=1))[1].then_only(ActivationVerified)
    assert (verified.run, verified.because) == (2, "complete")
    world.send(
        day_series(world.gsrn(2), DAY, [one + 1 for one in FIGURES], registered_at=registered_at),
        at=said + timedelta(milliseconds=2),
    )
    rest = world.scenario.until(said + timedelta(minutes=1)).events
    assert annulled(rest) == []
    assert (step(rest).looked_at, step(rest).annulled, step(rest).next_at) == (3, 1, None)


def test_many_are_annulled_a_few_at_a_time(world: Any, groups: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annulment, "ACTIVATIONS_A_STEP", 1)
    monkeypatch.setattr(annulment, "DAYS_A_STEP", 2)
    at = world.local(NEXT, "12:00")
    first = annul(world, at=at, period=Period(start=world.local("2026-03-20"), end=world.local(NEXT)))
    assert (annulled(first.events), step(first.events).looked_at) == ([], 0)
    steps = [one for one in world.scenario.until(at + timedelta(minutes=5)).events if isinstance(one, SourceAnnulled)]
    assert (steps[-1].looked_at, steps[-1].annulled, steps[-1].next_at) == (3, 2, None)
    assert all(one.looked_at - before.looked_at <= 1 for before, one in pairwise(steps))
    gone = [one for one in world.scenario.log if isinstance(one, VerificationAnnulled)]
    assert [one.activation_id for one in gone] == [groups["own"], groups["both"]]
    assert annul(world, at=at + timedelta(hours=1)).events == []


def test_what_was_annulled_is_verified_again_when_it_is_asked_for_or_corrected(
    world: Any, groups: dict[str, str], day_series: Any
) -> None:
    """And until then imbalance adjustment has nothing of it."""
    annul(world, at=world.local(NEXT, "09:30"))
    events = world.scenario.until(world.local(NEXT, "11:00")).events
    (draft,) = [one for one in events if isinstance(one, ImbalanceAdjusted)]
    assert [one.activation_id for one in draft.activations] == [groups["other"]]
    at = world.local(NEXT, "13:00")
    asked = world.scenario.when(VerifyAgain(), subject=groups["both"], sender=world.tso, at=at)
    (run,) = asked.then_only(ActivationVerified)
    assert (run.run, run.because) == (2, "asked")
    right = day_series(world.gsrn(1), DAY, [one + 8 for one in FIGURES], registered_at=at)
    (run,) = world.send(right, at=at)[1].then_only(ActivationVerified)
    assert (run.activation_id, run.run, run.because) == (groups["own"], 2, "complete")
    locked = [
        one for one in world.scenario.until(world.local("2026-04-04")).events if isinstance(one, ImbalanceAdjusted)
    ]
    assert [len(one.activations) for one in locked] == [3]


@pytest.mark.rule("ANNULMENT_NOT_A_DSO")
@pytest.mark.rule("ANNULMENT_AHEAD")
@pytest.mark.rule("ANNULMENT_TOO_OLD")
def test_of_what_no_values_can_have_come(world: Any, groups: dict[str, str]) -> None:
    annul(world, dso=world.bsp).refused("ANNULMENT_NOT_A_DSO", actual=world.bsp)
    annul(world, dso="7080000000999").refused("ANNULMENT_NOT_A_DSO")
    at = world.local(NEXT, "12:00")
    annul(world, period=Period(start=at, end=at + timedelta(hours=1))).refused("ANNULMENT_AHEAD")
    old = Period(start=at - timedelta(days=11 * 365), end=at)
    annul(world, period=old).refused("ANNULMENT_TOO_OLD")
