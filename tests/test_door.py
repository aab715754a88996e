"""Bad input on a live register: each gets a receipt that says so, and nothing else is disturbed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contracts import values
from contracts.message import ReceiptData
from flexreg.client import Register

pytestmark = pytest.mark.system

TSO, BSP, DATAHUB, DSO = (values.make_gln(number) for number in (801, 802, 803, 804))
POINT = values.make_gsrn(801)


def area(name: str) -> str:
    """An EIC-Y with this name in it; for some names none can exist, as its check character would be a hyphen."""
    try:
        return values.make_eic_y(name)
    except ValueError:
        return values.make_eic_y(f"{name}A")


def envelope(gln: str, number: int, **changed: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"0190a5c0-0000-7000-8000-{number:012d}",
        "source": f"/parties/{gln}",
        "type": "no.flexregister.registry.define-grid-area.v1",
        "subject": values.make_eic_y("DOOR"),
        "time": "2026-01-05T08:00:00Z",
        "data": {"name": "An area", "zone": "NO3", "dso": DSO},
    } | changed


def raw(gln: str, number: int, **changed: Any) -> bytes:
    return json.dumps(envelope(gln, number, **changed)).encode()


REGISTRY = "no.flexregister.registry"
ONBOARD = {
    "type": "no.flexregister.registry.onboard-party.v1",
    "subject": BSP,
    "data": {"name": "x", "roles": ["bsp"]},
}
BAD: list[tuple[bytes, str]] = [
    (b"not json", "NOT_JSON"),
    (b'{"broken": "\xff\xfe"}', "NOT_UTF8"),
    (raw(TSO, 1, type="no.flexregister.registry.define-gird-area.v1"), "TYPE_UNKNOWN"),
    (raw(TSO, 2, type="no.flexregister.registry.define-grid-area.v9"), "TYPE_VERSION_UNKNOWN"),
    (b" " * (10 * 1024 * 1024), "MESSAGE_TOO_LARGE"),
    (json.dumps([envelope(TSO, 100 + n, data={}) for n in range(1001)]).encode(), "PARCEL_TOO_LARGE"),
    (b'{"data":' * 5000 + b"1" + b"}" * 5000, "NESTED_TOO_DEEP"),
    (raw(TSO, 3)[:-1] + b', "id": "0190a5c0-0000-7000-8000-000000000099"}', "DUPLICATE_KEY"),
    (raw(TSO, 4, data={"name": float("nan")}), "NUMBER_NOT_ALLOWED"),
    (raw(TSO, 5, **ONBOARD), "ROLE_MISSING"),
    (raw(BSP, 6), "SOURCE_NOT_SENDER"),
    (raw(TSO, 7, subject="NO3"), "SUBJECT_INVALID"),
    (raw(TSO, 8, data={"name": "x", "zone": "NO9", "dso": DSO}), "SCHEMA_INVALID"),
    (
        raw(TSO, 9, type=f"{REGISTRY}.change-grid-area.v1", data={"valid_from": "9999-12-31T23:00:00Z"}),
        "SCHEMA_INVALID",
    ),
    (
        raw(TSO, 10, type=f"{REGISTRY}.set-policy.v1", subject="group.max-kw", time="9999-12-31T23:59:59-05:00"),
        "NOT_AN_ENVELOPE",
    ),
]


async def onboarded(register: Register) -> None:
    """A TSO, a BSP, a datahub and a DSO, ready to send."""
    parties = {TSO: ["tso"], BSP: ["bsp"], DATAHUB: ["datahub"], DSO: ["dso"]}
    commands = [
        {"type": "onboard-party", "subject": gln, "data": {"name": gln, "roles": roles}}
        for gln, roles in parties.items()
    ]
    receipts = await register.send(register.operator, commands)
    assert all(receipt and receipt["status"] == "accepted" for receipt in receipts)
    waiting = set(parties)
    async for entry in register.log(follow=True):
        if entry.envelope.get("type", "").endswith(".party-ready.v1"):
            waiting.discard(entry.envelope["subject"])
        if not waiting:
            return


async def test_the_same_message_fifty_times_and_one_id_with_two_contents(register: Register) -> None:
    await onboarded(register)
    first = raw(TSO, 700, subject=values.make_eic_y("TWICE"))
    positions = [await register.publish(TSO, first) for _ in range(50)]
    positions.append(await register.publish(TSO, raw(TSO, 700, subject=values.make_eic_y("OTHER"))))
    await register.settled()
    found = await receipts_of(register, positions)
    assert [found[position].status for position in positions] == ["accepted"] * 50 + ["rejected"]
    assert sum(not found[position].duplicate for position in positions[:50]) == 1
    assert found[positions[-1]].reasons[0].code == "ID_REUSED"
    areas = {area["id"] for area in await register.list("registry", "grid-area")}
    assert areas == {values.make_eic_y("TWICE")}
    count = await register.count()
    assert count["holds"], count["wrong"]


async def receipts_of(register: Register, positions: list[str]) -> dict[str, ReceiptData]:
    """The one receipt of each record."""
    found: dict[str, ReceiptData] = {}
    async for entry in register.log():
        if entry.envelope.get("type", "").endswith(".receipt.v1") and entry.topic.startswith("events."):
            receipt = ReceiptData.model_validate(entry.envelope["data"])
            position = "/".join(receipt.ingressposition.split("/")[:3])
            if position in positions:
                assert position not in found
                found[position] = receipt
    return found


async def test_every_kind_of_bad_input_is_answered_and_nothing_else_is_disturbed(register: Register) -> None:
    await onboarded(register)
    positions: dict[str, str] = {}
    for number, (body, code) in enumerate(BAD):
        positions[await register.publish(TSO, body)] = code
        good = envelope(TSO, 900 + number, subject=area(f"GOOD{number}"))
        (receipt,) = await register.send(TSO, [good])
        assert receipt is not None
        assert receipt["status"] == "accepted", receipt
    await register.settled()
    answers = await receipts_of(register, list(positions))
    for position, code in positions.items():
        answer = answers[position]
        assert answer.status == "rejected"
        assert answer.reasons[0].code == code
        for reason in answer.reasons:
            assert all((reason.text_nb, reason.text_en, reason.fix_nb, reason.fix_en))
    assert all(shard["parked"] == 0 for process in await register.status() for shard in process["shards"])
    assert [proof for proof in await register.prove() if not proof["equal"]] == []


def values_message(number: int, **changed: Any) -> dict[str, Any]:
    series = {
        "metering_point_id": POINT,
        "resolution": "PT15M",
        "start": "2026-01-04T23:00:00Z",
        "end": "2026-01-04T23:15:00Z",
        "values_wh": [1],
        "registered_at": "2026-01-05T05:00:00Z",
    }
    type_ = "no.flexregister.meter-ingest.send-meter-values.v1"
    return envelope(DSO, number, type=type_, subject="x", data={"series": [series]}) | changed


BAD_VALUES: list[tuple[bytes, str]] = [
    (b"not json", "NOT_JSON"),
    (b" " * (10 * 1024 * 1024), "MESSAGE_TOO_LARGE"),
    (json.dumps(values_message(801, source=f"/parties/{TSO}")).encode(), "SOURCE_NOT_SENDER"),
    (json.dumps(envelope(DSO, 802)).encode(), "WRONG_TOPIC"),
    (json.dumps([values_message(803), values_message(804)]).encode(), "PARCEL_TOO_LARGE"),
    (json.dumps(values_message(805, data={"series": []})).encode(), "SCHEMA_INVALID"),
]


async def test_bad_input_where_values_come_in_is_answered_too(register: Register) -> None:
    await onboarded(register)
    positions = {await register.publish(DSO, body, meter_values=True): code for body, code in BAD_VALUES}
    answers = await receipts_of(register, list(positions))
    while answers.keys() != positions.keys():
        # A reader of topics by pattern learns of a new one within seconds; nothing is behind until then.
        answers = await receipts_of(register, list(positions))
    await register.settled()
    assert {position: answers[position].reasons[0].code for position in positions} == positions
    count = await register.count()
    assert count["holds"], count["wrong"]
    delivered = await register.deliveries()
    assert delivered["holds"], delivered["wrong"]
