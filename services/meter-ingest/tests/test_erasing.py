"""Erasure of an end user's values: what goes and what waits, what is refused for good, and what stands."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chassis.testing import Outcome
from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.meter_ingest.v1 import (
    ActivationVerified,
    EraseValues,
    ErasureRecorded,
    EvidencePrepared,
    EvidenceRequested,
    ImbalanceAdjusted,
    PartyAdjusted,
    RequestEvidence,
    ValueRetentionSet,
    ValuesErased,
    VerificationNotRenewed,
    VerifyAgain,
    VolumeAdjusted,
)
from contracts.registry.v1 import MembershipEnded, PolicySet
from contracts.values import Role, make_gln
from meter_ingest import store
from meter_ingest.domain import erasing

pytestmark = pytest.mark.unit

DAY, NEXT = "2026-03-28", "2026-03-29"
LEFT = "2026-04-01"
"""When the end user has moved out."""
LATER = "2026-05-01"
FIGURES = [1001] * 40 + [7, 300] + [900] * 54


def stands_behind(world: Any, point: str, end_user: str, since: str, *, at: str = "2026-01-06") -> Any:
    fact = SupplyRecorded(
        metering_point_id=point,
        supplier="7080000000418",
        brp_consumption=None,
        brp_production=None,
        end_user=end_user,
        valid_from=world.local(since),
    )
    return world.scenario.when(fact, at=world.local(at))


def moved(world: Any, *points: str, left: str = LEFT) -> str:
    """An end user that stood behind points, and left; another has come."""
    for point in points:
        stands_behind(world, point, world.uuid(501), "2026-01-05")
        stands_behind(world, point, world.uuid(502), left, at="2026-03-20")
    return world.uuid(501)


def erase(world: Any, end_user: str, *, at: str = LATER, role: Role = Role.DATAHUB) -> Any:
    return world.scenario.when(
        EraseValues(), subject=end_user, sender=make_gln(50), role=role, at=world.local(at, "10:00")
    )


def of(kind: Any, outcome: Any) -> list[Any]:
    return [one for one in outcome.events if isinstance(one, kind)]


def activated(world: Any, count: int = 3) -> list[str]:
    """Points that are members of a group, and an activation of it that was verified."""
    points = world.points(*range(1, count + 1))
    world.open(points)
    world.formed()
    for point in points:
        world.joined(point)
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15))
    return points


def verified(world: Any, points: list[str], day_series: Any) -> ActivationVerified:
    _, outcome = world.send(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    (run,) = of(ActivationVerified, outcome)
    return run


# What goes, and what waits


def test_what_was_metered_while_the_end_user_stood_behind_its_points_goes(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    world.open(points)
    end_user = moved(world, *points)
    world.send(day_series(points[0], "2026-03-28", 5), day_series(points[0], "2026-03-31", 5), at=world.local(LEFT))
    world.send(day_series(points[0], "2026-04-01", 5), at=world.local("2026-04-02"))
    one, two, noted = erase(world, end_user).then_only(ValuesErased, ValuesErased, ErasureRecorded)
    assert (one.metering_point_id, one.dso) == (points[0], world.dso)
    assert (one.first_day, one.last_day) == (date(2026, 1, 5), date(2026, 3, 31)), "not of the day of the next one"
    assert (one.versions, one.count, len(one.salted_sha256)) == (2, 192, 64)
    assert (two.metering_point_id, two.versions, two.count) == (points[1], 0, 0)
    assert (noted.held, noted.again_at) == ((), None)
    assert end_user not in one.model_dump_json(), "whose they were is not said of a point"
    assert erase(world, end_user).events == [], "the same again changes nothing"


@pytest.mark.rule("ERASURE_END_USER_UNKNOWN")
def test_an_end_user_that_never_stood_behind_a_point_is_refused(world: Any) -> None:
    erase(world, world.uuid(501)).refused("ERASURE_END_USER_UNKNOWN")


@pytest.mark.rule("VALUES_HELD")
def test_values_of_a_supply_that_runs_wait_for_its_end_and_days_for_their_settlement(world: Any) -> None:
    (point,) = world.points(1)
    end_user = world.uuid(501)
    stands_behind(world, point, end_user, "2026-01-05")
    outcome = erase(world, end_user, at="2026-03-20")
    (noted,) = outcome.then_only(ErasureRecorded)
    assert [(one.because, one.last_day, one.until) for one in noted.held] == [("supply-runs", None, None)]
    assert [(one.code, one.actual) for one in outcome.reasons] == [("VALUES_HELD", "supply-runs, 1")]
    # It moves out at the end of March, and is told of on the second of April.
    came = stands_behind(world, point, world.uuid(502), LEFT, at="2026-04-02")
    gone, noted = came.then_only(ValuesErased, ErasureRecorded)
    assert (gone.first_day, gone.last_day) == (date(2026, 1, 5), date(2026, 3, 18)), "D+13 is over"
    settled = world.local("2026-04-14") + timedelta(seconds=1)
    assert [(one.because, one.first_day, one.until) for one in noted.held] == [
        ("not-settled", date(2026, 3, 19), settled)
    ]
    assert noted.again_at == settled
    assert not of(ValuesErased, world.scenario.until(settled - timedelta(seconds=1)))
    outcome = world.scenario.until(settled)
    (rest,) = of(ValuesErased, outcome)
    assert (rest.first_day, rest.last_day) == (date(2026, 3, 19), date(2026, 3, 31))
    assert of(ErasureRecorded, outcome)[-1].again_at is None


def test_values_of_a_marked_point_wait(world: Any) -> None:
    points = world.points(1, 2)
    end_user = moved(world, *points)
    kept = {"dso": world.dso, "kept_from": None, "reason": "test"}
    world.scenario.given(ValueRetentionSet(metering_point_id=points[0], keep_years=10, **kept))
    gone, noted = erase(world, end_user).then_only(ValuesErased, ErasureRecorded)
    assert gone.metering_point_id == points[1]
    assert [(one.metering_point_id, one.because, one.until) for one in noted.held] == [(points[0], "kept-longer", None)]
    world.scenario.given(ValueRetentionSet(metering_point_id=points[0], keep_years=3, **kept))
    assert [one.metering_point_id for one in of(ValuesErased, erase(world, end_user))] == [points[0]]


def test_a_fact_that_comes_late_takes_more_with_it(world: Any) -> None:
    (point,) = world.points(1)
    end_user = moved(world, point)
    erase(world, end_user)
    came = stands_behind(world, point, end_user, "2026-01-02", at="2026-05-02")
    (more,) = of(ValuesErased, came)
    assert (more.first_day, more.last_day) == (date(2026, 1, 2), date(2026, 1, 4))
    assert not of(ValuesErased, stands_behind(world, point, world.uuid(502), "2026-03-01", at="2026-05-03"))
    spans = erasing.of_point({point[:15]: world.scenario.state(store.ERASED, point[:15])}, point)
    assert erasing.Span(date(2026, 1, 5), date(2026, 3, 31)) in spans, "what is gone stays gone"


def test_values_that_evidence_is_prepared_from_wait_for_it(world: Any, day_series: Any) -> None:
    points = activated(world)
    end_user = moved(world, points[0])
    required(world)
    world.send(*(day_series(point, DAY, FIGURES) for point in points[1:]), at=world.local(NEXT, "06:30"))
    due = world.local("2026-05-10", "12:00")
    world.scenario.until(world.local("2026-04-20"))
    ask(world, world.local("2026-04-20"), due)
    (noted,) = erase(world, end_user).then_only(ErasureRecorded)
    assert [(one.because, one.metering_point_id) for one in noted.held] == [("evidence-asked", points[0])]
    outcome = world.scenario.until(world.local("2026-05-18"))
    assert [type(one).__name__ for one in outcome.events if isinstance(one, EvidencePrepared | ValuesErased)] == [
        "EvidencePrepared",
        "ValuesErased",
    ]
    assert of(ErasureRecorded, outcome)[-1].held == ()


# What is refused for good


@pytest.mark.rule("VALUES_ERASED")
def test_values_of_days_that_are_gone_are_not_taken_again(world: Any, day_series: Any) -> None:
    points = world.points(1, 2)
    world.open(points)
    end_user = moved(world, points[0])
    some = [day_series(points[0], "2026-03-31", 5), day_series(points[1], "2026-03-31", 5)]
    world.send(*some, at=world.local(LEFT, "06:30"))
    erase(world, end_user)
    world.values.days.clear()
    again = [one.model_copy(update={"registered_at": world.local("2026-05-01")}) for one in some]
    decided, _ = world.send(*again, at=world.local("2026-05-02"))
    assert [(one.row, one.code) for one in decided.rows] == [(0, "VALUES_ERASED")]
    assert {version.metering_point_id for version in decided.versions} == {points[1]}
    assert "2026-01-05/2026-03-31" in decided.reasons[0].text_en
    across = day_series(points[0], "2026-04-01", 5).model_copy(
        update={"start": world.local("2026-03-31"), "values_wh": (5,) * 192}
    )
    decided, _ = world.send(across, at=world.local("2026-05-02"))
    assert decided.status == "rejected"
    decided, _ = world.send(day_series(points[0], "2026-04-01", 5), at=world.local("2026-05-02"))
    assert decided.status == "accepted"


@pytest.mark.rule("VALUES_ERASED")
def test_days_that_were_empty_are_closed_and_what_comes_late_of_them_is_refused(world: Any, day_series: Any) -> None:
    """It would be the former end user's, whom nothing is to be kept of; from the move-in on it is the next one's."""
    (point,) = world.points(1)
    world.open([point])
    gone, _ = erase(world, moved(world, point)).then_only(ValuesErased, ErasureRecorded)
    assert (gone.versions, gone.count) == (0, 0)
    at = world.local("2026-05-02")
    decided, outcome = world.send(day_series(point, "2026-03-31", 5), at=at)
    assert (decided.status, [one.code for one in decided.reasons]) == ("rejected", ["VALUES_ERASED"])
    assert (decided.versions, outcome) == ((), None)
    decided, _ = world.send(day_series(point, LEFT, 5), at=at)
    assert (decided.status, [one.day for one in decided.versions]) == ("accepted", [date(2026, 4, 1)])
    assert not of(ValuesErased, erase(world, world.uuid(501), at="2026-06-01")), "they are another's"


def test_what_comes_of_days_that_wait_is_taken_and_goes_with_them(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    end_user = moved(world, point)
    gone, noted = erase(world, end_user, at="2026-04-10").then_only(ValuesErased, ErasureRecorded)
    (held,) = noted.held
    assert (gone.last_day, held.first_day, held.because) == (date(2026, 3, 27), date(2026, 3, 28), "not-settled")
    decided, _ = world.send(day_series(point, "2026-03-30", 5), at=world.local("2026-04-11"))
    assert decided.status == "accepted"
    (rest,) = of(ValuesErased, world.scenario.until(held.until))
    assert (rest.first_day, rest.last_day, rest.versions, rest.count) == (
        date(2026, 3, 28),
        date(2026, 3, 31),
        1,
        96,
    )
    decided, _ = world.send(day_series(point, "2026-03-30", 5), at=world.local("2026-05-02"))
    assert decided.status == "rejected"


def test_a_move_in_that_is_said_to_have_been_earlier_opens_nothing_that_is_gone(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    erase(world, moved(world, point))
    stands_behind(world, point, world.uuid(502), "2026-03-29", at="2026-05-02")
    for day, status in (("2026-03-30", "rejected"), (LEFT, "accepted")):
        assert world.send(day_series(point, day, 5), at=world.local("2026-05-03"))[0].status == status


# What stands


@pytest.mark.rule("VALUES_ERASED")
def test_a_verification_of_values_that_are_gone_stands_whatever_comes(world: Any, day_series: Any) -> None:
    points = activated(world)
    end_user = moved(world, points[0])
    run = verified(world, points, day_series)
    again = VerifyAgain()
    at = world.local("2026-05-02")
    assert of(ValuesErased, erase(world, end_user))
    world.values.days = {key: some for key, some in world.values.days.items() if key[0] != points[0]}
    world.scenario.when(again, subject=world.uuid(70), sender=world.tso, at=at).refused(
        "VALUES_ERASED", actual=f"{world.uuid(70)}, run 1: {run.result}"
    )
    corrected = day_series(points[1], DAY, [2 * one for one in FIGURES], registered_at=world.local("2026-05-01"))
    _, outcome = world.send(corrected, at=at)
    assert not of(ActivationVerified, outcome), "a correction of another's values changes nothing that was published"
    (told,) = of(VerificationNotRenewed, outcome)
    assert (told.sender, told.bsp, told.run, told.because, told.at) == (world.dso, world.bsp, 1, "values-erased", at)
    left = MembershipEnded(
        group_id=world.group,
        metering_point_id=points[2],
        bsp=world.bsp,
        dso=world.dso,
        valid_to=world.local(DAY, "10:15"),
        because="control-ended",
        declared_up_w=0,
        declared_down_w=0,
    )
    outcome = world.scenario.when(left, at=at + timedelta(minutes=1))
    assert not of(ActivationVerified, outcome), "nor does what is said of a member"
    assert [(one.sender, one.run) for one in of(VerificationNotRenewed, outcome)] == [(None, 1)]
    assert not of(ActivationVerified, world.scenario.until(world.local("2026-06-01")))
    assert world.scenario.state(store.ACTIVATION, world.uuid(70)).run.number == run.run


def test_of_a_day_whose_values_are_gone_the_last_adjustment_stands_and_what_is_not_in_it_is_named(
    world: Any, day_series: Any
) -> None:
    points = activated(world)
    end_user = moved(world, points[0])
    verified(world, points, day_series)
    world.scenario.until(world.local("2026-04-20"))
    (*_, last) = of(ImbalanceAdjusted, Outcome(list(world.scenario.log)))
    assert last.delivered_wh
    erase(world, end_user)
    start = world.local(DAY, "14:00")
    world.order(4000, start, start + timedelta(minutes=15), at=world.local("2026-05-02"), activation=world.uuid(71))
    events = world.scenario.until(world.local("2026-06-01"))
    (without,) = of(ImbalanceAdjusted, events)
    assert (without.values_erased, without.sums, without.quarters, without.activations) == (True, (), (), ())
    assert without.unverified == (world.uuid(70), world.uuid(71))
    assert not of(PartyAdjusted, events) + of(VolumeAdjusted, events), "to whom it mattered, the version before stands"


def test_a_verification_that_read_nothing_of_it_goes_on(world: Any, day_series: Any) -> None:
    points = [*activated(world), *world.points(9)]
    end_user = moved(world, points[3])
    verified(world, points[:3], day_series)
    erase(world, end_user)
    again = world.scenario.when(VerifyAgain(), subject=world.uuid(70), sender=world.tso, at=world.local("2026-05-02"))
    assert not again.rejected
    corrected = day_series(points[1], DAY, [2 * one for one in FIGURES], registered_at=world.local("2026-05-01"))
    assert of(ActivationVerified, world.send(corrected, at=world.local("2026-05-02"))[1])


@pytest.mark.rule("VALUES_ERASED")
def test_no_evidence_is_asked_for_of_values_that_are_gone(world: Any, day_series: Any) -> None:
    points = activated(world)
    end_user = moved(world, points[0])
    required(world)
    verified(world, points, day_series)
    before = ask(world, world.local("2026-04-02"), world.local("2026-04-03"))
    before.then_only(EvidenceRequested, EvidencePrepared)
    erase(world, end_user)
    ask(world, world.local("2026-05-02"), world.local("2026-05-03"), number=81).refused("VALUES_ERASED")


def required(world: Any) -> None:
    world.scenario.given(
        PolicySet.model_validate(
            {
                "key": "evidence.required",
                "value": True,
                "unit": None,
                "valid_from": world.local("2026-01-06"),
                "source": "R46",
                "reason": "In force",
                "former": False,
                "owner": "meter-ingest",
            }
        )
    )


def ask(world: Any, at: Any, due: Any, *, number: int = 80) -> Any:
    command = RequestEvidence(activation_id=world.uuid(70), due_at=due)
    return world.scenario.when(command, subject=world.uuid(number), sender=world.tso, at=at)
