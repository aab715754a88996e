"""Documents that applications rest on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.prequal import v1
from prequal import store

pytestmark = pytest.mark.unit


def document(n: int, issued_on: date, kind: v1.EvidenceKind = "test-result") -> v1.Evidence:
    """The n-th document."""
    return v1.Evidence(
        document_id=f"0190cafe-0000-7000-8000-{n:012d}", sha256=f"{n:064x}", kind=kind, issued_on=issued_on
    )


@pytest.fixture
def group(world: Any) -> str:
    """1,500 kW up."""
    return world.group(world.id(1), points=range(3), up_w=500_000)


@pytest.mark.rule("EVIDENCE_TOO_OLD")
@pytest.mark.rule("EVIDENCE_DATED_AHEAD")
def test_a_test_is_at_most_a_year_old_and_a_description_does_not_grow_old(world: Any, group: str) -> None:
    at = world.oslo(6, 1, 9)
    ahead, old = document(1, date(2026, 6, 2)), document(2, date(2025, 5, 31))
    world.apply(world.id(2), group, 1_000_000, at=at, evidence=(ahead,)).refused(
        "EVIDENCE_DATED_AHEAD", path="/evidence/0/issued_on", actual="2026-06-02"
    )
    world.apply(world.id(2), group, 1_000_000, at=at, evidence=(document(3, date(2026, 6, 1)), old)).refused(
        "EVIDENCE_TOO_OLD", path="/evidence/1/issued_on", limit=12, actual="2025-05-31"
    )
    good = (document(4, date(2025, 6, 1)), document(5, date(2015, 1, 1), "technical-description"))
    received, _ = world.apply(world.id(2), group, 1_000_000, at=at, evidence=good).events
    assert (received.evidence, received.reused) == (good, ())


def test_what_an_approval_rested_on_is_recognised_for_the_same_bsp_only(world: Any, group: str) -> None:
    world.cap(9_000_000)
    test = document(1, date(2025, 12, 1))
    world.apply(world.id(2), group, 1_000_000, evidence=(test,))
    other = world.group(world.id(5), points=range(10, 13), up_w=500_000)
    received, _ = world.apply(world.id(6), other, 1_000_000, evidence=(test,)).events
    assert received.reused == (), "the first one is not approved yet"
    world.assess(world.id(2), world.DSO_1)
    world.decide(world.id(2), up_w=1_000_000)
    # By then it is too old to be new evidence.
    at = world.oslo(12, 2, 9)
    third = world.group(world.id(7), points=range(20, 23), up_w=500_000)
    received, _ = world.apply(world.id(8), third, 1_000_000, at=at, evidence=(test,)).events
    assert received.reused == (v1.ReusedEvidence(sha256=test.sha256, application_id=world.id(2)),)
    foreign = world.group(world.id(9), bsp=world.BSP_B, points=range(30, 33), up_w=500_000)
    world.apply(world.id(10), foreign, 1_000_000, bsp=world.BSP_B, at=at, evidence=(test,)).refused("EVIDENCE_TOO_OLD")


def stored(world: Any, *documents: v1.Evidence, party: str = "") -> None:
    """They were brought in through the door."""
    for one in documents:
        world.scenario.given(
            v1.DocumentReceived(
                document_id=one.document_id,
                party=party or world.BSP_A,
                sha256=one.sha256,
                size_bytes=100,
                media_type="application/pdf",
            )
        )


@pytest.mark.rule("EVIDENCE_NOT_STORED")
def test_who_names_what_is_not_stored_is_told_so_and_so_is_the_tso(world: Any, group: str) -> None:
    here, foreign, nowhere = (document(n, date(2026, 1, 2)) for n in range(3))
    stored(world, here)
    stored(world, foreign, party=world.BSP_B)
    outcome = world.apply(world.id(2), group, 1_000_000, evidence=(here, foreign, nowhere))
    assert outcome.events[0].not_stored == (foreign.document_id, nowhere.document_id)
    [notice] = outcome.reasons
    assert (notice.code, notice.path, notice.actual) == ("EVIDENCE_NOT_STORED", "/evidence", 2)
    # What is not named any more is not missing; what is brought in and referred to is there.
    [amended] = world.bsp(world.id(2), v1.AmendApplication(evidence=(here, nowhere))).events
    assert amended.not_stored == (nowhere.document_id,)
    stored(world, nowhere)
    refer = v1.ReferDocument(sha256=nowhere.sha256, on=world.id(2))
    world.scenario.when(
        refer, subject=nowhere.document_id, sender=world.BSP_A, role="bsp", at=world.oslo(1, 10, 9)
    ).then_only(v1.DocumentReferred)
    assert world.scenario.state(store.APPLICATION, world.id(2)).not_stored == ()
    again = world.bsp(world.id(2), v1.AmendApplication(ramp_w_per_minute=1))
    assert (again.events[0].not_stored, again.reasons) == ((), ())


def test_a_hash_that_is_not_the_stored_document_s_is_refused(world: Any, group: str) -> None:
    one = document(1, date(2026, 1, 2))
    stored(world, one)
    other = one.model_copy(update={"sha256": "f" * 64})
    wrong = {"path": "/evidence/0/sha256", "limit": one.sha256, "actual": other.sha256}
    world.apply(world.id(2), group, 1_000_000, evidence=(other,)).refused("DOCUMENT_HASH_DIFFERS", **wrong)
    world.apply(world.id(2), group, 1_000_000)
    world.bsp(world.id(2), v1.AmendApplication(evidence=(other,))).refused("DOCUMENT_HASH_DIFFERS", **wrong)
    world.tso(world.id(2), v1.RequestMissingPart(missing=("test-result",), text="Another."))
    world.bsp(world.id(2), v1.CompleteApplication(evidence=(other,))).refused("DOCUMENT_HASH_DIFFERS", **wrong)


def test_what_completes_is_added_and_what_amends_replaces(world: Any, group: str) -> None:
    first, second, third = (document(n, date(2026, 1, 2)) for n in range(3))
    world.apply(world.id(2), group, 1_000_000, evidence=(first,))
    world.tso(world.id(2), v1.RequestMissingPart(missing=("test-result",), text="Another."))
    (completed,) = world.bsp(world.id(2), v1.CompleteApplication(evidence=(second,))).then_only(v1.ApplicationCompleted)
    assert completed.evidence == (first, second)
    (amended,) = world.bsp(world.id(2), v1.AmendApplication(evidence=(third,))).then_only(v1.ApplicationAmended)
    assert (amended.evidence, amended.kept_place) == ((third,), True)
