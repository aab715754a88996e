from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import door
from flexreg import outgoing
from flexreg.outgoing import NotACommand, Outgoing
from flexreg.types import UnknownType

pytestmark = pytest.mark.unit

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
GLN = "7080000000012"
COMMAND = {"type": "onboard-party", "subject": "7080000000029", "data": {"name": "N", "roles": ["brp"]}}


def test_what_is_not_given_is_filled_in_and_passes_the_door() -> None:
    [item] = door.open_record(outgoing.single(outgoing.filled(COMMAND, gln=GLN, at=AT)).body)
    assert item.command is not None
    assert item.reasons == ()
    assert (item.source, item.type) == (f"/parties/{GLN}", "no.flexregister.registry.onboard-party.v1")
    assert item.id[14] == "7"


def test_what_is_given_stands() -> None:
    given = {
        **COMMAND,
        "id": "mine",
        "source": "/parties/other",
        "time": "then",
        "specversion": "0.3",
        "correlationid": "c",
        "x": 1,
    }
    assert outgoing.filled(given, gln=GLN, at=AT) == {**given, "type": "no.flexregister.registry.onboard-party.v1"}


def test_an_empty_id_that_is_given_stays_empty() -> None:
    assert outgoing.filled({**COMMAND, "id": ""}, gln=GLN, at=AT)["id"] == ""


def test_two_commands_have_two_ids() -> None:
    assert len({outgoing.filled(COMMAND, gln=GLN, at=AT)["id"] for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "name", ["onboard-party", "OnboardParty", "registry.onboard-party", "registry.onboard-party.v1"]
)
def test_short_names_will_do(name: str) -> None:
    assert outgoing.filled({"type": name}, gln=GLN, at=AT)["type"] == "no.flexregister.registry.onboard-party.v1"


def test_a_full_type_that_nobody_knows_is_sent_for_the_register_to_refuse() -> None:
    assert outgoing.filled({"type": "no.flexregister.registry.fly.v1"}, gln=GLN, at=AT)["type"].endswith("fly.v1")


@pytest.mark.parametrize(
    ("given", "error"), [({"type": "fly"}, UnknownType), ({}, NotACommand), ({"type": 3}, NotACommand)]
)
def test_what_is_no_command_is_said(given: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        outgoing.filled(given, gln=GLN, at=AT)


def test_a_near_miss_is_suggested() -> None:
    with pytest.raises(UnknownType, match="register-resource"):
        outgoing.filled({"type": "register-resorce"}, gln=GLN, at=AT)


def small(name: str, *, values: bool = False, error: str = "") -> Outgoing:
    return Outgoing(name.encode(), (outgoing.Head(name),), values, error)


async def packed(records: list[Outgoing], most: int) -> list[Outgoing]:
    return [record async for record in outgoing.parcelled(outgoing.each(records), most=most)]


async def test_a_parcel_is_a_json_array_of_the_same_bytes() -> None:
    found = await packed([small("1"), small("2"), small("3")], 2)
    assert [record.body for record in found] == [b"[1,2]", b"3"]


async def test_meter_values_and_the_unsendable_stay_alone_and_in_order() -> None:
    found = await packed([small("1"), small("2", values=True), small("3"), small("4"), small("5", error="no")], 9)
    assert [record.body for record in found] == [b"1", b"2", b"[3,4]", b"5"]


@given(sizes=st.lists(st.integers(1, 700_000), max_size=12), most=st.integers(1, 5))
async def test_no_parcel_is_larger_than_the_door_lets_in(sizes: list[int], most: int) -> None:
    records = [Outgoing(b"x" * size, (outgoing.Head(str(number)),)) for number, size in enumerate(sizes)]
    found = await packed(records, most)
    assert [head.id for record in found for head in record.heads] == [str(number) for number in range(len(sizes))]
    assert all(len(record.heads) <= most and len(record.body) <= door.MAX_BYTES for record in found)


@pytest.mark.parametrize("many", [1, 2, 1000])
def test_raw_bytes_expect_as_many_receipts_as_the_door_gives(many: int) -> None:
    body = json.dumps([{}] * many).encode()
    assert len(outgoing.raw(body).heads) == len(door.open_record(body)) == many


@pytest.mark.parametrize("body", [b"", b"[]", b"no", b"[" + b"{}," * 1000 + b"{}]", b"\xff", b"[" * 50_000])
def test_raw_bytes_that_are_refused_as_a_whole_expect_one(body: bytes) -> None:
    assert len(outgoing.raw(body).heads) == len(door.open_record(body)) == 1


def test_raw_meter_values_are_known_by_their_type() -> None:
    assert outgoing.raw(b'{"type": "no.flexregister.meter-ingest.send-meter-values.v1"}').meter_values
    assert not outgoing.raw(b'{"type": 7}').meter_values
