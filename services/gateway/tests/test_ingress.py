"""Who may send what: every position gets one receipt, and only what is right is forwarded."""

from __future__ import annotations

import json

import pytest
from gate import BSP, DSO, ID, OPERATOR, TSO, Gate, body

from contracts import values
from contracts.bsp_switch import v1 as bsp_switch
from contracts.gateway.v1 import SecurityEventRecorded
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit


def test_a_command_is_forwarded_with_what_only_the_gateway_knows(gate: Gate, message) -> None:
    (outcome,) = gate.receive(BSP, message())
    assert outcome.events == []
    assert outcome.sent[0].topic == "commands.bsp-switch.v1"
    forwarded = body(outcome)
    assert forwarded["sender"] == BSP
    assert forwarded["senderrole"] == "bsp"
    assert forwarded["receivedat"] == "2026-01-05T08:00:00Z"
    assert forwarded["ingressposition"] == f"ingress.{BSP}.v1/0/1/0"
    assert len(forwarded["contenthash"]) == 64
    assert forwarded["correlationid"] == forwarded["id"]
    assert forwarded["traceparent"].startswith("00-")
    assert forwarded["data"] == message()["data"]


def test_a_parcel_is_opened_in_order_each_message_for_itself(gate: Gate, message) -> None:
    good, bad, other = gate.receive(BSP, [message(1), message(2, type="no.flexregister.nothing.v1"), message(3)])
    assert [len(one.sent) for one in (good, bad, other)] == [1, 0, 1]
    assert bad.events[0].reasons[0].code == "TYPE_UNKNOWN"
    assert body(other)["ingressposition"].endswith("/2")


@pytest.mark.rule("ROLE_MISSING")
def test_a_sender_without_the_role_is_refused(gate: Gate, message) -> None:
    assert gate.refused(TSO, message(source=f"/parties/{TSO}")) == "ROLE_MISSING"
    assert gate.refused(OPERATOR, message(2, source=f"/parties/{OPERATOR}")) == "ROLE_MISSING"
    assert gate.refused(BSP, message(3, actingas="tso")) == "ROLE_MISSING"


@pytest.mark.rule("SOURCE_NOT_SENDER")
def test_another_partys_id_in_source_is_refused(gate: Gate, message) -> None:
    assert gate.refused(DSO, message()) == "SOURCE_NOT_SENDER"
    (outcome,) = gate.receive(BSP, message())
    assert len(outcome.sent) == 1, "what somebody else tried with this id does not count"


@pytest.mark.rule("WRONG_TOPIC")
def test_meter_values_on_the_topic_of_commands_are_refused(gate: Gate, message) -> None:
    series = {
        "metering_point_id": values.make_gsrn(1),
        "resolution": "PT15M",
        "start": "2026-01-04T23:00:00Z",
        "end": "2026-01-04T23:15:00Z",
        "values_wh": [1],
        "registered_at": "2026-01-05T05:00:00Z",
    }
    sent = message(
        source=f"/parties/{DSO}",
        type="no.flexregister.meter-ingest.send-meter-values.v1",
        subject="2026-01-05",
        data={"series": [series]},
    )
    assert gate.refused(DSO, sent) == "WRONG_TOPIC"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"hello", "NOT_JSON"),
        (b'{"a": "\xff"}', "NOT_UTF8"),
        (b" " * (10 * 1024 * 1024), "MESSAGE_TOO_LARGE"),
        (b"[" * 100_000, "NESTED_TOO_DEEP"),
        (b"[]", "PARCEL_EMPTY"),
        (json.dumps([{}] * 1001).encode(), "PARCEL_TOO_LARGE"),
        (b"7", "NOT_AN_ENVELOPE"),
        (b'{"id": "1", "id": "2"}', "DUPLICATE_KEY"),
        (b'{"data": NaN}', "NUMBER_NOT_ALLOWED"),
        (b'{"data": 1.5}', "NUMBER_NOT_ALLOWED"),
    ],
)
def test_what_is_no_message_is_refused_by_its_position(gate: Gate, raw: bytes, code: str) -> None:
    assert gate.refused(BSP, raw) == code


def test_a_message_that_names_what_only_the_register_says_is_refused(gate: Gate, message) -> None:
    assert gate.refused(BSP, message(sender=TSO)) == "ATTRIBUTE_RESERVED"


def test_a_refused_schema_says_where(gate: Gate, message) -> None:
    (outcome,) = gate.receive(BSP, message(data={"start": "2026-01-05T00:00:00Z"}))
    reason = outcome.events[0].reasons[0]
    assert (reason.code, reason.path) == ("SCHEMA_INVALID", "/data/start")


def test_an_unknown_sender_is_a_counted_security_event(gate: Gate, message) -> None:
    stranger = values.make_gln(99)
    (outcome,) = gate.receive(stranger, message(source=f"/parties/{stranger}"))
    assert [type(event) for event in outcome.events] == [SecurityEventRecorded]
    assert outcome.sent == []


# Twice the same


def _receipt(message: dict) -> bsp_switch.Receipt:
    return bsp_switch.Receipt(
        command_id=message["id"],
        command_source=message["source"],
        command_type=message["type"],
        command_subject=message["subject"],
        sender=BSP,
        status="accepted",
        ingressposition=f"ingress.{BSP}.v1/0/1/0",
    )


def test_the_same_message_again_gets_its_receipt_again_and_is_not_forwarded(gate: Gate, message) -> None:
    gate.receive(BSP, message())
    gate.scenario.when(_receipt(message()))
    (again,) = gate.receive(BSP, message())
    assert again.sent == []
    (copy,) = again.events
    assert (copy.status, copy.duplicate) == ("accepted", True)
    assert copy.ingressposition == f"ingress.{BSP}.v1/0/2/0"


def test_a_repetition_before_the_receipt_is_answered_when_there_is_one(gate: Gate, message) -> None:
    gate.receive(BSP, message())
    for _ in range(3):
        (waiting,) = gate.receive(BSP, message())
        assert (waiting.events, waiting.sent) == ([], [])
    outcome = gate.scenario.when(_receipt(message()))
    assert [event.ingressposition[-3:] for event in outcome.events] == ["2/0", "3/0", "4/0"]
    assert all(event.duplicate for event in outcome.events)


@pytest.mark.rule("ID_REUSED")
def test_the_same_id_with_other_content_is_refused_whatever_its_type(gate: Gate, message) -> None:
    gate.receive(BSP, message())
    assert gate.refused(BSP, message(subject=values.make_gsrn(2))) == "ID_REUSED"
    assert gate.refused(BSP, message(type="no.flexregister.bsp-switch.record-consent.v1")) == "ID_REUSED"
    gate.scenario.when(_receipt(message()))
    (again,) = gate.receive(BSP, message())
    assert again.events[0].status == "accepted", "the first answer stands"


def test_what_was_refused_is_refused_the_same_again(gate: Gate, message) -> None:
    wrong = message(type="no.flexregister.prequal.set-zone-cap.v1", subject="NO3")
    (first,) = gate.receive(BSP, wrong)
    (again,) = gate.receive(BSP, wrong)
    assert again.events[0].reasons == first.events[0].reasons
    assert (first.events[0].duplicate, again.events[0].duplicate) == (False, True)


def test_spaces_and_order_of_names_make_no_other_message(gate: Gate, message) -> None:
    gate.receive(BSP, message())
    spaced = json.dumps(dict(reversed(message().items())), indent=4).encode()
    (again,) = gate.receive(BSP, spaced)
    assert (again.events, again.sent) == ([], [])


def test_ids_of_two_parties_are_two_ids(gate: Gate, message) -> None:
    gate.receive(BSP, message())
    other = message(
        source=f"/parties/{OPERATOR}",
        type="no.flexregister.registry.onboard-party.v1",
        subject=values.make_gln(7),
        data={"name": "One more", "roles": ["brp"]},
    )
    (outcome,) = gate.receive(OPERATOR, other)
    assert body(outcome)["id"] == ID.format(1)


# Parties that may not act


@pytest.mark.rule("PARTY_NOT_ACTIVE")
@pytest.mark.parametrize("status", ["new", "suspended", "terminated"])
def test_a_party_that_is_not_active_is_refused(gate: Gate, message, status: str) -> None:
    gate.scenario.when(
        registry.PartyStatusChanged(party=BSP, before="active", after=status, reason="x", roles=(Role.BSP,))
    )
    (outcome,) = gate.receive(BSP, message())
    (reason,) = outcome.events[0].reasons
    assert (outcome.sent, reason.code, reason.actual, reason.retryable) == ([], "PARTY_NOT_ACTIVE", status, True)


@pytest.mark.rule("PARTY_NOT_ACTIVE")
def test_a_party_that_may_act_again_is_let_in_and_repetitions_are_answered_throughout(gate: Gate, message) -> None:
    gate.receive(BSP, message(1))
    gate.scenario.when(_receipt(message(1)))
    stop = registry.PartyStatusChanged(party=BSP, before="active", after="suspended", reason="x", roles=(Role.BSP,))
    gate.scenario.when(stop)
    (again,) = gate.receive(BSP, message(1))
    assert (again.events[0].status, again.events[0].duplicate) == ("accepted", True)
    assert gate.refused(BSP, message(2)) == "PARTY_NOT_ACTIVE"

    gate.scenario.when(stop.model_copy(update={"before": "suspended", "after": "active"}))
    (outcome,) = gate.receive(BSP, message(3))
    assert len(outcome.sent) == 1


@pytest.mark.rule("ROLE_MISSING")
def test_a_role_that_was_lost_is_missing_and_one_that_was_gained_is_not(gate: Gate, message) -> None:
    lost = registry.PartyRolesChanged(party=BSP, before=(Role.BSP,), after=(Role.BRP,), status="active")
    gate.scenario.when(lost)
    assert gate.refused(BSP, message(1)) == "ROLE_MISSING"
    gate.scenario.when(lost.model_copy(update={"before": (Role.BRP,), "after": (Role.BRP, Role.BSP)}))
    (outcome,) = gate.receive(BSP, message(2))
    assert body(outcome)["senderrole"] == "bsp"


def test_the_operator_acts_before_anyone_is_onboarded_but_not_while_it_is_suspended(gate: Gate, message) -> None:
    own = {"source": f"/parties/{OPERATOR}", "type": "no.flexregister.registry.onboard-party.v1"}
    wish = {**own, "subject": values.make_gln(7), "data": {"name": "One more", "roles": ["brp"]}}
    (outcome,) = gate.receive(OPERATOR, message(1, **wish))
    assert len(outcome.sent) == 1
    gate.scenario.when(registry.PartyOnboarded(party=OPERATOR, name="O", roles=(Role.TSO,)))
    (outcome,) = gate.receive(OPERATOR, message(2, **wish))
    assert body(outcome)["senderrole"] == "operator"
    gate.scenario.when(
        registry.PartyStatusChanged(party=OPERATOR, before="active", after="suspended", reason="x", roles=(Role.TSO,))
    )
    assert gate.refused(OPERATOR, message(3, **wish)) == "PARTY_NOT_ACTIVE"
