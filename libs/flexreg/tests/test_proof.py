"""The counts hold for what is whole, and every planted loss, double or gap is found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flexreg_given import PREFIX, command, entry, event, receipt

from flexreg import positions, proof
from flexreg.log import Entry

pytestmark = pytest.mark.unit

INGRESS = "ingress.7080000000012.v1"
VALUES = "ingress.7080000000012.meter-values.v1"

CAME_IN = [
    entry(INGRESS, 0, b"{}"),
    entry(INGRESS, 1, b"[{}, {}]"),
    entry(INGRESS, 2, b"nonsense"),
    entry(VALUES, 0, b"[{}]"),
]
SAID = [
    command(0, "c"),
    event(0, "e1", sequence=1),
    receipt(1, "r0", command_id="c0", position=f"{INGRESS}/0/0/0"),
    receipt(2, "r1", command_id="c1", position=f"{INGRESS}/0/1/0"),
    event(3, "e2", sequence=2),
    receipt(4, "r2", command_id="c2", position=f"{INGRESS}/0/1/1"),
    receipt(5, "r3", command_id="c3", position=f"{INGRESS}/0/2"),
    receipt(6, "r4", command_id="c4", position=f"{VALUES}/0/0"),
]


def counted(came_in: list[Entry] = CAME_IN, said: list[Entry] = SAID, **limits: dict[tuple[str, int], int]) -> dict:
    count = proof.Count(**limits)
    for each in came_in:
        count.came_in(each)
    for each in said:
        count.said(each)
    return count.result()


def test_what_is_whole_holds() -> None:
    result = counted()
    assert result == {
        "ingress_positions": 5,
        "receipts": 5,
        "expired": 0,
        "messages": 8,
        "resent": 0,
        "streams": 1,
        "wrong": {},
        "holds": True,
    }


@pytest.mark.parametrize("lost", [2, 3, 5, 6, 7])
def test_a_lost_receipt_is_found(lost: int) -> None:
    result = counted(said=[each for number, each in enumerate(SAID) if number != lost])
    assert not result["holds"]
    assert result["wrong"]["without a receipt"]["count"] == 1


def test_a_doubled_receipt_is_found() -> None:
    result = counted(said=[*SAID, receipt(7, "r5", command_id="c0", position=f"{INGRESS}/0/0/0")])
    assert result["wrong"] == {"with more than one receipt": {"count": 1, "first": [f"{INGRESS}/0/0/0"]}}


def test_a_receipt_of_nothing_is_found() -> None:
    result = counted(said=[*SAID, receipt(7, "r5", command_id="c9", position=f"{INGRESS}/0/9/0")])
    assert result["wrong"] == {"receipts of nothing that came in": {"count": 1, "first": [f"{INGRESS}/0/9/0"]}}


def test_the_same_bytes_again_are_one_message() -> None:
    again = [entry(each.topic, 10 + each.offset, each.body) for each in SAID]
    result = counted(said=[*SAID, *again])
    assert result["holds"]
    assert result["resent"] == len(SAID)


def test_one_id_with_two_contents_is_found() -> None:
    result = counted(said=[*SAID, event(9, "e2", sequence=2, other="data")])
    assert list(result["wrong"]) == ["one id, two contents"]


@pytest.mark.parametrize(("sequence", "why"), [(4, "a hole"), (2, "again"), (1, "back")])
def test_a_sequence_with_a_gap_is_found(sequence: int, why: str) -> None:
    result = counted(said=[*SAID, event(9, "e3", sequence=sequence)])
    assert list(result["wrong"]) == ["sequence not gapless"], why


def test_sequences_are_counted_per_source_and_subject() -> None:
    more = [event(0, "p1", service="prequal", sequence=1), event(9, "x1", subject="x", sequence=1)]
    assert counted(said=[*SAID, *more])["holds"]


def test_a_control_message_stands_on_every_commands_topic() -> None:
    message = {"id": "t", "source": "/services/gateway", "type": f"{PREFIX}.gateway.time-passed.v1", "data": {}}
    copies = [entry(f"commands.{service}.v1", 1, message) for service in ("registry", "prequal")]
    result = counted(said=[*SAID, *copies])
    assert result["holds"]
    assert result["resent"] == 0


def test_a_security_event_answers_for_a_sender_that_nobody_knows() -> None:
    spotted = event(
        0,
        "s1",
        service="gateway",
        name="security-event-recorded",
        subject="UNKNOWN_SENDER",
        ingressposition=f"{INGRESS}/0/3/0",
    )
    assert counted(came_in=[*CAME_IN, entry(INGRESS, 3, b"{}")], said=[*SAID, spotted])["holds"]


def test_what_has_expired_or_came_later_is_not_held_against_it() -> None:
    said = [
        *SAID,
        receipt(7, "old", command_id="old", position="ingress.1.v1/0/4/0"),
        receipt(8, "new", command_id="new", position="ingress.1.v1/0/9/0"),
        receipt(9, "now", command_id="now", position="ingress.1.v1/0/5/0"),
    ]
    begins, ends = {("ingress.1.v1", 0): 5}, {("ingress.1.v1", 0): 6}
    result = counted(came_in=[*CAME_IN, entry("ingress.1.v1", 5, b"{}")], said=said, begins=begins, ends=ends)
    assert result["holds"]
    assert result["expired"] == 2


@pytest.mark.parametrize(
    ("body", "many"),
    [
        (b"{}", 1),
        (b"", 1),
        (b"[]", 1),
        (b"[{}]", 1),
        (b" [{},{},{}]", 3),
        (b"[" + b"{}," * 999 + b"{}]", 1000),
        (b"[" + b"{}," * 1000 + b"{}]", 1),
        (b"[{}", 1),
        (b'[{},"' + b"x" * 1024 * 1024 + b'"]', 1),
        (b"[" * 100_000, 1),
    ],
)
def test_a_record_is_as_many_positions_as_the_door_opens(body: bytes, many: int) -> None:
    assert proof.envelopes_in(body) == many


def test_positions_are_read_and_written() -> None:
    assert str(positions.parse(f"{INGRESS}/0/17/3")) == f"{INGRESS}/0/17/3"
    assert positions.parse(f"{INGRESS}/0/17").place == 0
    for wrong in ("", "a", "a/b/c", f"{INGRESS}/0", f"{INGRESS}/0/1/2/3"):
        with pytest.raises(ValueError, match=r"invalid literal|not an ingress position"):
            positions.parse(wrong)


def test_what_is_said_before_its_cause_is_found() -> None:
    late = [event(10, "effect", sequence=3, cause="late"), event(11, "late", sequence=4)]
    assert list(counted(said=[*SAID, *late])["wrong"]) == ["said before its cause"]
    first = [event(10, "late", sequence=3), event(11, "effect", sequence=4, cause="late")]
    assert counted(said=[*SAID, *first])["holds"]


GLN = "7080000000012"


def delivery(place: int, message: Entry, *, topic: str = f"egress.{GLN}.v1", offset: int | None = None) -> Entry:
    body = json.dumps({**message.envelope, "deliverysequence": place}).encode()
    return Entry(topic, 0, place - 1 if offset is None else offset, message.stamp + 5, body)


def delivered(sent: list[Entry]) -> dict[str, Any]:
    found = proof.Deliveries()
    for each in sent:
        found.was_sent(each)
    for each in SAID:
        if each.topic.startswith("events."):
            found.said(each)
    return found.result({GLN})


ALL = [event(0, "e1", sequence=1), *(each for each in SAID if each.envelope["id"].startswith("r"))]
SENT = [delivery(place, each) for place, each in enumerate(ALL, 1)]


def test_deliveries_that_are_whole_hold_also_when_some_came_again() -> None:
    assert delivered(SENT) == {"deliveries": 6, "parties": 1, "resent": 0, "wrong": {}, "holds": True}
    again = delivered([*SENT[:3], *SENT[1:]])
    assert (again["holds"], again["resent"]) == (True, 2)


@pytest.mark.parametrize("lost", range(6))
def test_a_lost_delivery_is_found(lost: int) -> None:
    rest = [(place, each) for place, each in enumerate(ALL, 1) if place != lost + 1]
    assert not delivered([delivery(place, each, offset=offset) for offset, (place, each) in enumerate(rest)])["holds"]


def test_another_message_in_the_same_place_is_found() -> None:
    assert list(delivered([*SENT, delivery(3, event(9, "other", sequence=9), offset=9)])["wrong"]) == [
        "one delivery, two messages"
    ]


def test_of_a_topic_whose_beginning_has_expired_the_rest_is_looked_at() -> None:
    rest = [delivery(place, each, offset=place + 7) for place, each in enumerate(ALL[2:], 3)]
    assert delivered(rest)["holds"]
    assert list(delivered([rest[0], *rest[2:]])["wrong"]) == ["deliveries with a gap"]


def test_what_came_again_because_it_was_asked_for_is_no_gap_wherever_it_stands() -> None:
    def repeated(place: int, offset: int) -> Entry:
        again = delivery(place, ALL[place - 1], offset=offset)
        return Entry(again.topic, 0, offset, again.stamp, json.dumps({**again.envelope, "repeated": True}).encode())

    rest = [delivery(place, each, offset=place + 7) for place, each in enumerate(ALL[4:], 5)]
    found = delivered([repeated(1, 10), repeated(2, 11), *rest, repeated(1, 15)])
    assert (found["holds"], found["resent"]) == (True, 3)
    other = delivery(5, event(9, "other", sequence=9), offset=16)
    forged = Entry(other.topic, 0, 16, other.stamp, json.dumps({**other.envelope, "repeated": True}).encode())
    assert list(delivered([*rest, forged])["wrong"]) == ["one delivery, two messages"]
