"""Documents as evidence, and comments."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from chassis.door import papers
from chassis.testing import Outcome
from contracts.prequal import v1
from contracts.validation import validate_command
from prequal import store

pytestmark = pytest.mark.unit

SHA = "0" * 64


@pytest.fixture
def case(world: Any) -> str:
    """BSP A has applied; DSO 1 is asked."""
    world.cap(5_000_000)
    world.apply(world.id(2), world.group(world.id(1), points=[1], up_w=2_000_000), 1_000_000)
    return world.id(2)


def brings(world: Any, n: int, party: str) -> Outcome:
    paper = papers.Paper(world.id(n), party, SHA, 10, "text/csv")
    return world.scenario.give(papers.RECEIVED, paper, subject=paper.id)


def takes_back(world: Any, n: int, party: str) -> Outcome:
    paper = papers.Paper(world.id(n), party, SHA, 10, "text/csv")
    return world.scenario.give(papers.DISCARDED, paper, subject=paper.id)


def refers(world: Any, n: int, party: str, role: str, on: str, **over: Any) -> Outcome:
    command = v1.ReferDocument(**({"on": on, "sha256": SHA} | over))
    return world.scenario.when(command, subject=world.id(n), sender=party, role=role)


def test_a_document_is_received_and_becomes_evidence(world: Any, case: str) -> None:
    brings(world, 5, world.BSP_A).then(
        v1.DocumentReceived(
            document_id=world.id(5), party=world.BSP_A, sha256=SHA, size_bytes=10, media_type="text/csv"
        )
    )
    said = {
        "document_id": world.id(5), "party": world.BSP_A, "on": case, "case_id": world.id(1), "sha256": SHA,
        "size_bytes": 10, "media_type": "text/csv",
    }  # fmt: skip
    refers(world, 5, world.BSP_A, "bsp", case).then(v1.DocumentReferred(**said, visible_to_dsos=False, dsos=()))
    refers(world, 5, world.BSP_A, "bsp", case, visible_to_dsos=True).then(
        v1.DocumentReferred(**said, visible_to_dsos=True, dsos=(world.DSO_1,))
    )


@pytest.mark.rule("DOCUMENT_ALREADY_REFERRED")
def test_what_has_been_shown_is_not_hidden_again(world: Any, case: str) -> None:
    brings(world, 5, world.BSP_A)
    refers(world, 5, world.BSP_A, "bsp", case, visible_to_dsos=True)
    for visible in (True, False):
        refers(world, 5, world.BSP_A, "bsp", case, visible_to_dsos=visible).refused("DOCUMENT_ALREADY_REFERRED")


@pytest.mark.rule("DOCUMENT_UNKNOWN")
@pytest.mark.rule("DOCUMENT_HASH_DIFFERS")
def test_one_refers_to_what_one_has_brought_in_oneself(world: Any, case: str) -> None:
    missing = refers(world, 5, world.DSO_1, "dso", case).refused("DOCUMENT_UNKNOWN", retryable=True)
    brings(world, 5, world.BSP_A)
    assert refers(world, 5, world.DSO_1, "dso", case).refused("DOCUMENT_UNKNOWN") == missing
    refers(world, 5, world.BSP_A, "bsp", case, sha256="1" * 64).refused("DOCUMENT_HASH_DIFFERS", path="/sha256")


@pytest.mark.rule("CASE_UNKNOWN")
def test_a_case_of_others_is_answered_like_one_that_is_not_there(world: Any, case: str) -> None:
    brings(world, 5, world.BSP_B)
    brings(world, 6, world.DSO_2)
    for n, party, role in ((5, world.BSP_B, "bsp"), (6, world.DSO_2, "dso")):
        of_others = refers(world, n, party, role, case).refused("CASE_UNKNOWN", path="/on")
        none = refers(world, n, party, role, world.id(77)).refused("CASE_UNKNOWN")
        assert of_others.model_copy(update={"actual": world.id(77)}) == none
    # A DSO that happens to be the BSP of the case acts as a DSO.
    brings(world, 7, world.BSP_A)
    refers(world, 7, world.BSP_A, "dso", case).refused("CASE_UNKNOWN")


def test_a_document_may_be_evidence_for_a_qualification(world: Any) -> None:
    brings(world, 5, world.BSP_A)
    (event,) = refers(world, 5, world.BSP_A, "bsp", world.id(900), visible_to_dsos=True).then_only(v1.DocumentReferred)
    assert (event.case_id, event.dsos) == (world.id(900), ())


def test_it_is_taken_back_before_it_is_evidence(world: Any, case: str) -> None:
    brings(world, 5, world.BSP_A)
    takes_back(world, 5, world.BSP_A).then_only(v1.DocumentDiscarded)
    takes_back(world, 5, world.BSP_A).then()
    refers(world, 5, world.BSP_A, "bsp", case).refused("DOCUMENT_UNKNOWN")
    brings(world, 6, world.BSP_A)
    refers(world, 6, world.BSP_A, "bsp", case)
    takes_back(world, 6, world.BSP_A).then()


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_an_id_is_one_things(world: Any, case: str) -> None:
    brings(world, 2, world.BSP_A).then()
    brings(world, 5, world.BSP_A)
    comments(world, 5, world.BSP_A, "bsp", case).refused("ID_NOT_AVAILABLE")
    world.apply(world.id(5), world.id(1), 1_000_000).refused("ID_NOT_AVAILABLE")


# Comments


def comments(
    world: Any, n: int, party: str, role: str, on: str, text: str = "Hei", visibility: str = "involved"
) -> Outcome:
    command = v1.WriteComment(on=on, text=text, visibility=visibility)
    return world.scenario.when(command, subject=world.id(n), sender=party, role=role)


def corrects(world: Any, n: int, party: str, role: str, text: str = "Hei igjen") -> Outcome:
    return world.scenario.when(v1.CorrectComment(text=text), subject=world.id(n), sender=party, role=role)


@pytest.mark.parametrize(("who", "role"), [("BSP_A", "bsp"), ("DSO_1", "dso"), ("TSO", "tso")])
def test_whoever_is_involved_says_something_to_all_who_are(world: Any, case: str, who: str, role: str) -> None:
    party = getattr(world, who)
    comments(world, 5, party, role, case).then(
        v1.CommentRecorded(
            comment_id=world.id(5), on=case, case_id=world.id(1), author=party, author_role=role, bsp=world.BSP_A,
            dsos=(world.DSO_1,), text="Hei",
        )
    )  # fmt: skip


def test_a_note_is_told_to_nobody_else(world: Any, case: str) -> None:
    (event,) = comments(world, 5, world.DSO_1, "dso", case, visibility="own-party").then_only(v1.NoteRecorded)
    (corrected,) = corrects(world, 5, world.DSO_1, "dso").then_only(v1.NoteCorrected)
    for one in (event, corrected):
        assert [(audience.field, audience.role) for audience in one.audience] == [("author", None)]
        assert one.author == world.DSO_1


@pytest.mark.rule("CASE_UNKNOWN")
def test_who_is_not_involved_says_nothing(world: Any, case: str) -> None:
    comments(world, 5, world.BSP_B, "bsp", case).refused("CASE_UNKNOWN")
    comments(world, 5, world.DSO_2, "dso", case).refused("CASE_UNKNOWN")
    comments(world, 5, world.TSO, "tso", world.id(77)).refused("CASE_UNKNOWN")


@pytest.mark.rule("COMMENT_UNKNOWN")
@pytest.mark.rule("COMMENT_UNCHANGED")
def test_only_the_writer_corrects_and_the_former_words_stay(world: Any, case: str) -> None:
    comments(world, 5, world.BSP_A, "bsp", case)
    corrects(world, 5, world.TSO, "tso").refused("COMMENT_UNKNOWN")
    corrects(world, 6, world.BSP_A, "bsp").refused("COMMENT_UNKNOWN")
    (event,) = corrects(world, 5, world.BSP_A, "bsp").then_only(v1.CommentCorrected)
    assert (event.text, event.former_text) == ("Hei igjen", "Hei")
    again = corrects(world, 5, world.BSP_A, "bsp")
    again.then()
    assert [reason.code for reason in again.reasons] == ["COMMENT_UNCHANGED"]
    assert world.scenario.state(store.COMMENT, world.id(5)).corrections == 1


# Free text

BAD = [
    "<b>x</b>",
    "</p>",
    "<!--",
    "<script>alert(1)</script>",
    "<?php",
    "a\u202eb",
    "a\x07b",
    "a\u200bb",
    "x<img src=x>",
]


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize(
    ("type_", "field", "rest"),
    [
        ("write-comment", "text", {"on": "01930000-0000-7000-8000-000000000001"}),
        ("correct-comment", "text", {}),
        ("assess-grid", "text", {"decision": "approved"}),
        ("decide-prequalification", "reasons", {"decision": "rejected"}),
        ("decide-qualification", "reasons", {"decision": "qualified"}),
    ],
)
def test_free_text_is_text_at_the_door(type_: str, field: str, rest: dict[str, Any], text: str) -> None:
    subject = "01930000-0000-7000-8000-000000000002"
    full = f"no.flexregister.prequal.{type_}.v1"
    (reason,) = validate_command(full, subject, {**rest, field: text})  # type: ignore[misc]
    assert (reason.code, reason.path) == ("SCHEMA_INVALID", f"/data/{field}")
    assert not isinstance(validate_command(full, subject, {**rest, field: "2 < 3 MW & 5 > 4\n\tÅ"}), tuple)


def test_a_comment_says_something() -> None:
    with pytest.raises(ValidationError):
        v1.CorrectComment(text="")
