"""What the BSP answers where evidence is asked for: by when, with what, and that the packet has it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from evidence_given import DAY, NEXT, Maker, of, renewed, required
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.meter_ingest.v1 import (
    ActivationVerified,
    AnswerEvidenceRequest,
    CapacityEvidencePrepared,
    EvidenceAnswered,
    EvidenceAnswerOverdue,
    EvidenceAnswerReminded,
    EvidenceDocument,
    EvidencePrepared,
    EvidenceRequested,
    RequestCapacityEvidence,
    RequestEvidence,
)
from contracts.prequal.v1 import DocumentReferred
from contracts.registry.v1 import GroupPassed
from contracts.values import Period, make_gln
from meter_ingest.domain import packet, packet_check

FIGURES = [1001] * 40 + [7, 300] + [900] * 54
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
AT, DUE = (NEXT, "10:00"), ("2026-04-02", "12:00")


def asked(world: Any, day_series: Any, *, missing: int = 0) -> list[str]:
    """Evidence of an activation is asked for, on the day after it; some points' values are not there."""
    points = activated(world)
    world.send(*(day_series(point, DAY, FIGURES) for point in points[missing:]), at=world.local(NEXT, "06:30"))
    world.scenario.until(world.local(NEXT, "09:30"))
    ask(world)
    return points


def activated(world: Any) -> list[str]:
    points = world.points(1, 2, 3)
    world.open(points)
    world.formed()
    for point in points:
        world.joined(point)
    required(world)
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15))
    return points


def ask(world: Any, due: tuple[str, str] = DUE, at: tuple[str, str] = AT) -> Any:
    command = RequestEvidence(activation_id=world.uuid(70), due_at=world.local(*due))
    return world.scenario.when(command, subject=world.uuid(80), sender=world.tso, at=world.local(*at))


def answer(
    world: Any, at: Any, *documents: tuple[str, str], remarks: str = "As ordered", sender: str = "", number: int = 80
) -> Any:
    command = AnswerEvidenceRequest(
        remarks=remarks,
        documents=tuple(EvidenceDocument(document_id=id_, sha256=sha256) for id_, sha256 in documents),
    )
    return world.scenario.when(command, subject=world.uuid(number), sender=sender or world.bsp, at=at)


def referred(world: Any, number: int, *, party: str = "") -> None:
    world.scenario.given(
        DocumentReferred(
            document_id=world.uuid(number),
            party=party or world.bsp,
            on=world.uuid(50),
            case_id=world.group,
            visible_to_dsos=False,
            dsos=(),
            sha256=SHA,
            size_bytes=10,
            media_type="application/pdf",
        )
    )


@pytest.mark.unit
def test_the_bsp_answers_and_what_was_prepared_is_prepared_with_the_answer(world: Any, day_series: Any) -> None:
    asked(world, day_series)
    referred(world, 60)
    outcome = answer(world, world.local("2026-03-30"), (world.uuid(60), SHA))
    answered, done = outcome.then_only(EvidenceAnswered, EvidencePrepared)
    assert (answered.bsp, answered.of, answered.remarks, answered.findings) == (
        world.bsp,
        "activation",
        "As ordered",
        (),
    )
    assert (answered.not_referred, outcome.reasons) == ((), ())
    assert (done.version, done.run, done.result, done.answer_sha256) == (2, 1, "whole", packet.event_sha256(answered))
    assert answer(world, world.local("2026-03-30"), (world.uuid(60), SHA)).events == [], "the same again"
    after = world.scenario.until(world.local("2026-05-30"))
    assert not of((EvidenceAnswerReminded, EvidenceAnswerOverdue), after), "nothing is waited for"


@pytest.mark.unit
def test_nothing_to_add_is_an_answer(world: Any, day_series: Any) -> None:
    asked(world, day_series, missing=1)
    (answered,) = answer(world, world.local("2026-03-30"), remarks="").then_only(EvidenceAnswered)
    assert (answered.remarks, answered.documents) == ("", ())
    (done,) = of(EvidencePrepared, world.scenario.until(world.local("2026-04-03")))
    assert (done.version, done.result) == (1, "incomplete")
    assert done.answer_sha256 == packet.event_sha256(answered), "what was answered before is in the first version"


@pytest.mark.unit
def test_the_bsp_is_reminded_and_what_is_missing_at_the_deadline_is_said(world: Any, day_series: Any) -> None:
    asked(world, day_series)
    outcome = world.scenario.until(world.local("2026-04-03"))
    (reminded,), (overdue,) = of(EvidenceAnswerReminded, outcome), of(EvidenceAnswerOverdue, outcome)
    assert (reminded.bsp, reminded.due_at) == (world.bsp, world.local(*DUE))
    assert overdue.closes_at == world.local("2026-05-03")
    order = [type(one) for one in outcome.events if not isinstance(one, EvidencePrepared)]
    assert order.index(EvidenceAnswerReminded) < order.index(EvidenceAnswerOverdue)


@pytest.mark.unit
def test_a_day_before_the_deadline_or_half_way_to_it_is_when_it_is_reminded(world: Any, day_series: Any) -> None:
    asked(world, day_series, missing=1)
    assert not of(EvidenceAnswerReminded, world.scenario.until(world.local("2026-04-01", "11:59")))
    assert of(EvidenceAnswerReminded, world.scenario.until(world.local("2026-04-01", "12:00")))
    ask(world, ("2026-04-03", "12:00"), ("2026-04-02", "10:00"))
    more = world.scenario.until(world.local("2026-04-02", "12:00"))
    assert of(EvidenceAnswerReminded, more), "it has more time, and is reminded again"
    assert not of(EvidenceAnswerOverdue, more)
    assert of(EvidenceAnswerOverdue, world.scenario.until(world.local("2026-04-03", "12:00")))


@pytest.mark.unit
@pytest.mark.rule("METER_ANSWER_LATE")
def test_a_late_answer_is_taken_and_said_to_be_late(world: Any, day_series: Any) -> None:
    asked(world, day_series)
    world.scenario.until(world.local("2026-04-03"))
    answered, done = answer(world, world.local("2026-04-10")).then_only(EvidenceAnswered, EvidencePrepared)
    assert answered.findings == ("METER_ANSWER_LATE",)
    assert (done.version, done.result, done.findings) == (2, "whole", ()), "the values were in time"


@pytest.mark.unit
def test_what_was_documented_stays_so_whatever_was_corrected_before_the_answer(world: Any, day_series: Any) -> None:
    points = asked(world, day_series)
    figures = [2 * one for one in FIGURES]
    world.send(
        day_series(points[0], DAY, figures, registered_at=world.local(NEXT, "10:30")), at=world.local(NEXT, "11:00")
    )
    after = world.local(*DUE)
    _, corrected = world.send(day_series(points[1], DAY, figures, registered_at=after), at=after)
    assert [type(one) for one in corrected.events] == [ActivationVerified]
    world.scenario.until(after)
    (done,) = of(EvidencePrepared, answer(world, after + timedelta(minutes=1)))
    assert (done.version, done.run) == (3, 2), "version 2 was prepared before the deadline"


@pytest.mark.unit
@pytest.mark.rule("EVIDENCE_UNKNOWN")
@pytest.mark.rule("EVIDENCE_ANSWERED")
@pytest.mark.rule("EVIDENCE_CLOSED")
def test_what_cannot_be_answered_is_refused(world: Any, day_series: Any) -> None:
    asked(world, day_series)
    at = world.local("2026-03-30")
    answer(world, at, sender=make_gln(12)).refused("EVIDENCE_UNKNOWN")
    answer(world, at, number=81).refused("EVIDENCE_UNKNOWN")
    world.scenario.until(world.local("2026-05-03"))
    answer(world, world.local("2026-05-03")).refused("EVIDENCE_CLOSED")
    assert answer(world, world.local("2026-05-02", "23:59")).events
    answer(world, world.local("2026-05-03"), remarks="Another").refused("EVIDENCE_ANSWERED")


@pytest.mark.unit
@pytest.mark.rule("EVIDENCE_DOCUMENT_DIFFERS")
@pytest.mark.rule("EVIDENCE_DOCUMENT_NOT_REFERRED")
def test_documents_are_those_that_the_tso_can_read(world: Any, day_series: Any) -> None:
    asked(world, day_series)
    referred(world, 60)
    referred(world, 61, party=make_gln(12))
    at = world.local("2026-03-30")
    answer(world, at, (world.uuid(60), "0" * 64)).refused("EVIDENCE_DOCUMENT_DIFFERS")
    outcome = answer(world, at, (world.uuid(60), SHA), (world.uuid(61), "0" * 64), (world.uuid(62), SHA))
    assert [(one.code, one.actual) for one in outcome.reasons] == [("EVIDENCE_DOCUMENT_NOT_REFERRED", 2)]
    assert outcome.events[0].not_referred == (world.uuid(61), world.uuid(62)), "whether another has it is not said"


@pytest.mark.unit
def test_who_has_taken_the_group_over_may_answer(world: Any, day_series: Any) -> None:
    asked(world, day_series)
    successor = make_gln(12)
    passed = {"group_id": world.group, "merger_id": world.uuid(90), "bsp": world.bsp, "successor": successor}
    world.scenario.given(GroupPassed.model_validate({**passed, "start": world.local(NEXT), "dsos": (world.dso,)}))
    assert answer(world, world.local("2026-03-30"), sender=successor).events[0].bsp == successor


@pytest.mark.unit
def test_where_the_group_is_not_known_nobody_is_asked(world: Any) -> None:
    required(world)
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15))
    (requested, *_) = ask(world).events
    assert isinstance(requested, EvidenceRequested)
    assert requested.bsp is None
    assert not of((EvidenceAnswerReminded, EvidenceAnswerOverdue), world.scenario.until(world.local("2026-04-03")))
    answer(world, world.local("2026-04-03")).refused("EVIDENCE_UNKNOWN")


@pytest.fixture
def make(world: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Maker:
    return Maker(world, engine, monkeypatch)


def _of_another(content: Any) -> None:
    content["group_id"] = "0192f000-0000-7000-8000-000000000099"


def _said(content: Any) -> None:
    content["remarks"] = "Not as ordered"


def _without_its_event(content: Any) -> Any:
    """As packets were before the answer's event was in them."""
    return [one for one in content if f'"{EvidenceAnswered.type}"' not in json.dumps(one).replace("\\", "")]


@pytest.mark.store
@pytest.mark.parametrize("which", ["activation", "capacity"])
async def test_the_packet_has_the_answer(world: Any, take: Any, day_series: Any, make: Maker, which: str) -> None:
    points = activated(world)
    record = world.record(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    world.scenario.when(world.decide(record).event, at=world.local(NEXT, "06:30"))
    await take(record)
    world.scenario.until(world.local(NEXT, "09:30"))
    if which == "activation":
        ask(world)
    else:
        period = Period(start=world.local(DAY), end=world.local(NEXT))
        command = RequestCapacityEvidence(group_id=world.group, period=period, due_at=world.local(*DUE))
        world.scenario.when(command, subject=world.uuid(80), sender=world.tso, at=world.local(*AT))
    without = await make()
    assert "answer" not in packet_check.opened(without.file).parts
    (done,) = of((EvidencePrepared, CapacityEvidencePrepared), answer(world, world.local("2026-03-30")))
    made = await make()
    assert (made.prepared, made.prepared.version) == (done, 2)
    checks = {one.name: one.holds for one in packet_check.check(made.file, root=done.root_sha256)}
    assert all(checks.values())
    assert "answer" in checks
    assert packet_check.opened(made.file).parts["answer"]["remarks"] == "As ordered"
    assert (await make(version=1)).file == without.file, "the first version is as it was"
    other = packet_check.check(renewed(made.file, "answer", _of_another))
    assert [one.name for one in other if not one.holds] == ["answer"]
    said = packet_check.check(renewed(made.file, "answer", _said), root=done.root_sha256)
    assert [one.name for one in said if not one.holds] == ["root", "answer"], "it is not what its event says"
    older = renewed(renewed(made.file, "ledger", _without_its_event), "events", _without_its_event)
    checks = packet_check.check(older)
    assert [one for one in checks if not one.holds] == []
    assert ["not within" in one.detail for one in checks if one.name == "answer"] == [True]
