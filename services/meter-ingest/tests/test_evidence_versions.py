"""Evidence that was prepared early: until its deadline what comes to stand is its next version, after it nothing is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from evidence_given import DAY, NEXT, Maker, erased, of, required
from out_house import code
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.asking import UnableToAnswer
from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.meter_ingest.v1 import (
    ActivationVerified,
    AmendActivation,
    AnnulVerification,
    AnnulVerifications,
    CancelActivation,
    CapacityEvidenceOwed,
    CapacityEvidencePrepared,
    CapacityFacts,
    EraseValues,
    ErasureRecorded,
    EvidenceAnswered,
    EvidenceOwed,
    EvidencePrepared,
    RequestCapacityEvidence,
    RequestEvidence,
    ValuesErased,
    VerificationAnnulled,
    VerifyAgain,
)
from contracts.registry.v1 import MembershipEnded, PartyOnboarded
from contracts.values import Period, Role, make_gln
from meter_ingest.domain import capacity as shown
from meter_ingest.domain import erasing, packet, packet_check

DUE = ("2026-04-02", "12:00")
FIGURES = [1001] * 40 + [7, 300] + [900] * 54
SOME = [1000, 1100, 900, 1000] * 24


def activated(world: Any, *, out: int = 0) -> list[str]:
    """Three points, of which the last `out` are members of no group; an activation of it at ten."""
    points = world.points(1, 2, 3)
    world.open(points)
    world.formed()
    for point in points[: 3 - out]:
        world.joined(point)
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15))
    required(world)
    return points


def ask(world: Any, *, number: int = 80, run: int | None = None, at: Any, due: Any = None) -> Any:
    command = RequestEvidence(activation_id=world.uuid(70), run=run, due_at=due or world.local(*DUE))
    return world.scenario.when(command, subject=world.uuid(number), sender=world.tso, at=at)


def early(world: Any, day_series: Any, *, run: int | None = None, out: int = 0) -> list[str]:
    """What was verified, and asked for: it is prepared at once."""
    points = activated(world, out=out)
    there = points[: 3 - out]
    world.send(*(day_series(point, DAY, FIGURES) for point in there), at=world.local(NEXT, "06:30"))
    (done,) = of(EvidencePrepared, ask(world, run=run, at=world.local(NEXT, "10:00")))
    assert (done.version, done.run, done.result) == (1, 1, "whole")
    return points


def corrected(world: Any, day_series: Any, point: str, at: Any, *, times: int = 2) -> Any:
    figures = [times * one for one in FIGURES]
    return world.send(day_series(point, DAY, figures, registered_at=at - timedelta(minutes=1)), at=at)[1]


def left(world: Any, point: str) -> MembershipEnded:
    return MembershipEnded(
        group_id=world.group,
        bsp=world.bsp,
        metering_point_id=point,
        dso=world.dso,
        valid_to=world.local(DAY),
        because="left",
        declared_up_w=0,
        declared_down_w=0,
    )


def said(outcome: Any) -> list[tuple[int, int | None, str]]:
    return [(one.version, one.run, one.result) for one in of(EvidencePrepared, outcome)]


@pytest.mark.unit
def test_a_correction_before_the_deadline_is_the_next_version_and_after_it_none(world: Any, day_series: Any) -> None:
    points = early(world, day_series)
    outcome = corrected(world, day_series, points[0], world.local(NEXT, "12:00"))
    run, done = outcome.then_only(ActivationVerified, EvidencePrepared)
    assert (done.version, done.run, done.result, done.findings) == (2, run.run, "whole", ())
    last = corrected(world, day_series, points[0], world.local(*DUE) - timedelta(seconds=1), times=3)
    assert said(last) == [(3, 3, "whole")]
    at_it = corrected(world, day_series, points[0], world.local(*DUE), times=4)
    assert [type(one) for one in at_it.events] == [ActivationVerified], "the TSO hears of the run"
    after = corrected(world, day_series, points[1], world.local("2026-04-10"))
    assert [type(one) for one in after.events] == [ActivationVerified]
    again = ask(world, number=81, at=world.local("2026-04-11"), due=world.local("2026-04-12"))
    assert said(again) == [(1, 5, "whole")], "it may ask again"


@pytest.mark.unit
def test_a_run_that_is_asked_for_is_the_next_version_too(world: Any, day_series: Any) -> None:
    early(world, day_series)
    again = world.scenario.when(VerifyAgain(), subject=world.uuid(70), sender=world.tso, at=world.local(NEXT, "12:00"))
    assert said(again) == [(2, 2, "whole")]


@pytest.mark.unit
def test_a_member_that_was_not_is_left_out_of_the_next_version(world: Any, day_series: Any) -> None:
    points = early(world, day_series)
    outcome = world.scenario.when(left(world, points[2]), at=world.local(NEXT, "12:00"))
    assert said(outcome) == [(2, 2, "whole")]
    (done,) = of(EvidencePrepared, outcome)
    assert [one.metering_points for one in done.members] == [tuple(points[:2])]


@pytest.mark.unit
def test_what_misses_of_a_run_that_came_to_stand_is_said_and_owed_and_waited_for(world: Any, day_series: Any) -> None:
    points = early(world, day_series, out=1)
    before = len(world.scenario.log)
    world.joined(points[2])
    events = world.scenario.log[before:]
    (done,) = [one for one in events if isinstance(one, EvidencePrepared)]
    assert (done.version, done.run, done.result) == (2, 2, "incomplete")
    assert done.findings == ("METER_EVIDENCE_INCOMPLETE",)
    (owed,) = [one for one in events if isinstance(one, EvidenceOwed)]
    assert (owed.dso, owed.points) == (world.dso, 1)
    _, came = world.send(day_series(points[2], DAY, FIGURES), at=world.local(NEXT, "13:00"))
    assert said(came) == [(3, 3, "whole")]
    assert of(EvidencePrepared, came)[0].findings == (), "it is in time"
    assert not of(EvidencePrepared, world.scenario.until(world.local("2026-04-03")))


@pytest.mark.unit
def test_what_still_misses_at_the_deadline_is_late(world: Any, day_series: Any) -> None:
    points = early(world, day_series, out=1)
    world.joined(points[2])
    assert not of(EvidencePrepared, world.scenario.until(world.local("2026-04-03"))), "it was said already"
    _, came = world.send(day_series(points[2], DAY, FIGURES), at=world.local("2026-04-03"))
    (done,) = of(EvidencePrepared, came)
    assert (done.version, done.result, done.findings) == (3, "whole", ("METER_EVIDENCE_LATE",))


def _annul(world: Any) -> tuple[Any, str]:
    return AnnulVerification(), world.uuid(70)


def _cancel(world: Any) -> tuple[Any, str]:
    return CancelActivation(), world.uuid(70)


def _annul_source(world: Any) -> tuple[Any, str]:
    period = Period(start=world.local(DAY), end=world.local(NEXT))
    return AnnulVerifications(dso=world.dso, period=period, reason="Wrong meters"), world.uuid(300)


END = [_annul, _annul_source, _cancel]


@pytest.mark.unit
@pytest.mark.parametrize("end", END)
def test_that_no_run_stands_any_more_is_the_next_version(
    world: Any, day_series: Any, end: Callable[[Any], tuple[Any, str]]
) -> None:
    early(world, day_series)
    world.scenario.given(PartyOnboarded(party=world.dso, name="N", roles=(Role.DSO,)))
    command, subject = end(world)
    outcome = world.scenario.when(command, subject=subject, sender=world.tso, at=world.local(NEXT, "12:00"))
    assert of(VerificationAnnulled, outcome)
    assert said(outcome) == [(2, None, "incomplete")]
    if end is not _cancel:
        world.scenario.when(VerifyAgain(), subject=world.uuid(70), sender=world.tso, at=world.local(NEXT, "13:00"))
        assert said(world.scenario.until(world.local("2026-04-03"))) == []
        last = [one for one in world.scenario.log if isinstance(one, EvidencePrepared)][-1]
        assert (last.version, last.run, last.result) == (3, 2, "whole")


@pytest.mark.unit
@pytest.mark.parametrize("end", END)
def test_after_the_deadline_or_of_values_that_are_gone_what_was_documented_stands(
    world: Any, day_series: Any, end: Callable[[Any], tuple[Any, str]]
) -> None:
    points = early(world, day_series)
    world.scenario.given(PartyOnboarded(party=world.dso, name="N", roles=(Role.DSO,)))
    ask(world, number=81, at=world.local(NEXT, "10:01"), due=world.local("2026-06-01"))
    erased(world, points[0])
    command, subject = end(world)
    outcome = world.scenario.when(command, subject=subject, sender=world.tso, at=world.local("2026-04-03"))
    assert of(VerificationAnnulled, outcome)
    assert said(outcome) == [], "80 is closed, 81 cannot be"


@pytest.mark.unit
def test_amended_it_is_of_the_run_that_follows_at_once(world: Any, day_series: Any) -> None:
    early(world, day_series)
    start = world.local(DAY, "10:00")
    period = Period(start=start, end=start + timedelta(minutes=45))
    amend = AmendActivation(direction="up", power_w=5000, period=period)
    outcome = world.scenario.when(amend, subject=world.uuid(70), sender=world.tso, at=world.local(NEXT, "12:00"))
    assert of(VerificationAnnulled, outcome)
    assert said(outcome) == [(2, 2, "whole")]


@pytest.mark.unit
def test_evidence_of_a_certain_run_stays_with_it(world: Any, day_series: Any) -> None:
    points = early(world, day_series, run=1)
    assert said(corrected(world, day_series, points[0], world.local(NEXT, "12:00"))) == []
    annulled = world.scenario.when(
        AnnulVerification(), subject=world.uuid(70), sender=world.tso, at=world.local(NEXT, "13:00")
    )
    assert said(annulled) == []


def capacity(world: Any, day_series: Any, *, out: int = 0) -> list[str]:
    """Documentation of a day, prepared at once."""
    points = world.points(1, 2, 3)
    world.open(points)
    world.formed()
    for point in points[: 3 - out]:
        world.joined(point)
    required(world)
    world.send(*(day_series(point, DAY, SOME) for point in points[: 3 - out]), at=world.local(NEXT, "06:30"))
    period = Period(start=world.local(DAY), end=world.local(NEXT))
    command = RequestCapacityEvidence(group_id=world.group, period=period, due_at=world.local(*DUE))
    at = world.local(NEXT, "10:00")
    (done,) = of(
        CapacityEvidencePrepared, world.scenario.when(command, subject=world.uuid(80), sender=world.tso, at=at)
    )
    assert (done.version, done.result) == (1, "whole")
    return points


def again(day_series: Any, point: str, at: Any, *, times: int = 2) -> Any:
    return day_series(point, DAY, [times * one for one in SOME], registered_at=at - timedelta(minutes=1))


@pytest.mark.unit
def test_capacity_that_is_corrected_before_the_deadline_is_documented_anew(world: Any, day_series: Any) -> None:
    points = capacity(world, day_series, out=1)
    at = world.local(NEXT, "12:00")
    (done,) = of(CapacityEvidencePrepared, world.send(again(day_series, points[0], at), at=at)[1])
    assert (done.version, done.result, done.findings) == (2, "whole", ())
    assert not of(CapacityEvidencePrepared, world.send(again(day_series, points[2], at), at=at)[1]), "no member"
    elsewhere = world.send(day_series(points[0], NEXT, SOME[:92]), at=world.local("2026-03-30", "06:30"))[1]
    assert not of(CapacityEvidencePrepared, elsewhere)
    at = world.local(*DUE)
    assert not of(CapacityEvidencePrepared, world.send(again(day_series, points[1], at), at=at)[1]), "closed"


@pytest.mark.unit
def test_capacity_of_which_something_misses_anew_says_so_and_waits_for_it(world: Any, day_series: Any) -> None:
    points = capacity(world, day_series, out=1)
    world.joined(points[2])
    at = world.local(NEXT, "12:00")
    done, owed = world.send(again(day_series, points[0], at), at=at)[1].then_only(
        CapacityEvidencePrepared, CapacityEvidenceOwed
    )
    assert (done.version, done.result, owed.points) == (2, "incomplete", 1)
    (done,) = of(CapacityEvidencePrepared, world.send(day_series(points[2], DAY, SOME), at=at)[1])
    assert (done.version, done.result, done.findings) == (3, "whole", ())


@pytest.mark.unit
@pytest.mark.parametrize("prepared", [early, capacity])
def test_values_of_evidence_wait_until_it_can_have_been_fetched(
    world: Any, day_series: Any, prepared: Callable[[Any, Any], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    point = world.gsrn(1)
    monkeypatch.setattr(__name__ + ".DUE", ("2026-05-10", "12:00"))
    for end_user, since in ((501, "2026-01-05"), (502, "2026-04-01")):
        world.scenario.when(
            SupplyRecorded(
                metering_point_id=point,
                supplier="7080000000418",
                brp_consumption=None,
                brp_production=None,
                end_user=world.uuid(end_user),
                valid_from=world.local(since),
            ),
            at=world.local("2026-01-06"),
        )
    prepared(world, day_series)
    erase = world.scenario.when(
        EraseValues(), subject=world.uuid(501), sender=make_gln(50), role=Role.DATAHUB, at=world.local("2026-05-01")
    )
    (noted,) = erase.then_only(ErasureRecorded)
    due = world.local(*DUE) + erasing.FETCHED
    held = [(one.because, one.metering_point_id, one.until) for one in noted.held]
    assert held == [("evidence-asked", point, due + timedelta(seconds=1))]
    assert not of(ValuesErased, world.scenario.until(due))
    assert of(ValuesErased, world.scenario.until(due + timedelta(seconds=1)))


@pytest.fixture
def make(world: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Maker:
    return Maker(world, engine, monkeypatch)


@pytest.mark.store
@pytest.mark.parametrize("which", ["activation", "capacity"])
async def test_each_version_is_there_to_fetch_and_holds(
    world: Any, house: Any, take: Any, day_series: Any, make: Maker, which: str
) -> None:
    points = activated(world)

    async def sent(*some: Any, at: Any) -> None:
        record = world.record(*some, at=at)
        world.scenario.when(world.decide(record).event, at=at)
        await take(record)

    await sent(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    at = world.local(NEXT, "10:00")
    if which == "activation":
        ask(world, at=at)
    else:
        period = Period(start=world.local(DAY), end=world.local(NEXT))
        command = RequestCapacityEvidence(group_id=world.group, period=period, due_at=world.local(*DUE))
        world.scenario.when(command, subject=world.uuid(80), sender=world.tso, at=at)
    first = await make()
    at = world.local(NEXT, "12:00")
    await sent(day_series(points[0], DAY, [2 * one for one in FIGURES], registered_at=at), at=at)
    made = {version: await make(version=version) for version in (1, 2)}
    if which == "activation":
        world.scenario.when(
            AnnulVerification(), subject=world.uuid(70), sender=world.tso, at=world.local(NEXT, "13:00")
        )
        made[3] = await make()
        assert made[3].prepared.run is None
    assert made[1].file == first.file != made[2].file
    for version, one in made.items():
        assert (one.prepared.version, one.file) == (version, (await make(version=version)).file)
        checks = packet_check.check(one.file, root=one.prepared.root_sha256)
        assert [(each.name, each.detail) for each in checks if not each.holds] == []
    with pytest.raises(UnableToAnswer, match="no version 4"):
        await make(version=4)
    await house.stands()
    path = f"/evidence/{world.uuid(80)}"
    assert (await house.asks(world.tso, "GET", path)).content == made[max(made)].file
    for version, one in made.items():
        answer = await house.asks(world.tso, "GET", f"{path}?version={version}")
        assert (answer.status_code, answer.content) == (200, one.file)
        assert answer.headers["etag"] == f'"{one.prepared.root_sha256}"'
    assert code(await house.asks(world.tso, "GET", f"{path}?version=4")) == (404, "EVIDENCE_NOT_FOUND")
    for wrong in ("0", "-1", "x", ""):
        assert code(await house.asks(world.tso, "GET", f"{path}?version={wrong}")) == (400, "QUERY_INVALID")


@pytest.mark.unit
def test_a_packet_from_before_there_was_a_field_keeps_its_root(world: Any, day_series: Any) -> None:
    """What was published is read with the fields that there are now; what it was written without is not in it."""
    points = capacity(world, day_series)
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start)
    at = world.local(NEXT, "12:00")
    (done,) = of(CapacityEvidencePrepared, world.send(again(day_series, points[0], at), at=at)[1])
    facts = done.facts.model_dump(mode="json")
    assert packet.said(packet.written(done.facts)) == facts
    del facts["called"][0]["ramp_s"]
    older = CapacityFacts.model_validate(facts)
    assert packet.said(older) == facts


@pytest.mark.unit
def test_an_answer_from_before_there_was_a_field_keeps_its_part(world: Any) -> None:
    answer = EvidenceAnswered(
        answer_id=f"{world.uuid(80)}/answer",
        evidence_id=world.uuid(80),
        of="activation",
        group_id=world.group,
        bsp=world.bsp,
        remarks="As ordered",
        documents=(),
        due_at=world.local(*DUE),
        answered_at=world.local(NEXT),
    )
    now = packet.answered(packet.written(answer))
    assert now == {"answer": answer.model_dump(mode="json")}
    said = answer.model_dump(mode="json", exclude={"not_referred"})
    assert packet.answered(EvidenceAnswered.model_validate(said)) == {"answer": said}


@pytest.mark.unit
def test_the_words_in_packets_are_those_that_roots_were_made_over() -> None:
    """Other words are other roots: every packet from before would differ from what was published."""
    words = {"activation": packet.FORMULAS, "capacity": shown.FORMULAS}
    assert {name: packet.sha256(packet.canonical(one)) for name, one in words.items()} == {
        "activation": "40846960909940ec4a869fa1072c76e216edeaedbd90a054976ff8686e45cc13",
        "capacity": "d61ca995dce72733c82e7dd7a2ede69f85c1837a7eb68c3246372889c7e4d314",
    }
