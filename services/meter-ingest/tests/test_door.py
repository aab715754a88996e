"""The value shard's door: what a DSO may send on its topic of values, and how what is sent twice is answered."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from chassis.record import Record
from chassis.service import Decision, Incoming, Kind
from chassis.testing import Scenario
from chassis.work import Document, Key, Work
from contracts import values
from contracts.meter_ingest import v1
from contracts.parties import Party
from contracts.registry import v1 as registry
from contracts.values import Role
from meter_ingest import app, door, shard, store
from meter_ingest.domain import rules

pytestmark = pytest.mark.unit

DSO, OTHER = values.make_gln(3), values.make_gln(4)


def sent(gln: str = DSO, **changed: Any) -> bytes:
    series = {
        "metering_point_id": values.make_gsrn(1),
        "resolution": "PT15M",
        "start": "2026-01-04T23:00:00Z",
        "end": "2026-01-04T23:15:00Z",
        "values_wh": [1],
        "registered_at": "2026-01-05T05:00:00Z",
    }
    envelope = {
        "specversion": "1.0",
        "id": "0190a5c0-0000-7000-8000-000000000001",
        "source": f"/parties/{gln}",
        "type": door.TYPE,
        "subject": "2026-01-05",
        "time": "2026-01-05T05:00:00Z",
        "data": {"series": [series]},
    }
    return json.dumps(envelope | changed).encode()


def opened(raw: bytes, gln: str = DSO, offset: int = 0) -> Any:
    (found,) = door.open_values(Record(f"ingress.{gln}.meter-values.v1", 0, offset, 0, raw))
    return found


def test_values_are_let_in_with_where_they_stand() -> None:
    found = opened(sent(), offset=7)
    assert (found.type, found.sender, found.position) == (door.TYPE, DSO, f"ingress.{DSO}.meter-values.v1/0/7")
    assert isinstance(found.data.command, v1.SendMeterValues)


@pytest.mark.rule("SOURCE_NOT_SENDER")
@pytest.mark.rule("WRONG_TOPIC")
@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"nonsense", "NOT_JSON"),
        (b" " * (2 * 1024 * 1024), "MESSAGE_TOO_LARGE"),
        (sent(OTHER), "SOURCE_NOT_SENDER"),
        (b"[" + sent() + b"," + sent() + b"]", "PARCEL_TOO_LARGE"),
        (
            sent(
                type="no.flexregister.bsp-switch.claim-control.v1",
                subject=values.make_gsrn(1),
                data={"start": "2026-01-04T23:00:00Z"},
            ),
            "WRONG_TOPIC",
        ),
        (sent(data={"series": []}), "SCHEMA_INVALID"),
    ],
)
def test_what_is_no_record_of_values_is_refused_as_a_whole(raw: bytes, code: str) -> None:
    found = opened(raw)
    assert found.type == door.REFUSED
    assert found.data.reasons[0].code == code


def refuse(scenario: Scenario, raw: bytes, gln: str, offset: int) -> v1.Receipt:
    found = opened(raw, gln, offset)
    assert found.type == door.REFUSED
    outcome = scenario.give(
        door.REFUSED,
        found.data,
        id=found.id,
        source=found.source,
        sender=found.sender,
        ingressposition=found.position,
    )
    (receipt,) = outcome.events
    return receipt


def test_what_was_refused_is_refused_the_same_again() -> None:
    scenario = Scenario(app.value_shard(sandbox=False))
    wrong = sent(data={"series": []})
    first, again = refuse(scenario, wrong, DSO, 1), refuse(scenario, wrong, DSO, 2)
    assert (first.status, first.duplicate, again.duplicate) == ("rejected", False, True)
    assert again.reasons == first.reasons
    assert again.ingressposition.endswith("/2")


@pytest.mark.rule("ID_REUSED")
def test_the_same_id_with_other_content_is_refused() -> None:
    scenario = Scenario(app.value_shard(sandbox=False))
    refuse(scenario, sent(data={"series": []}), DSO, 1)
    assert refuse(scenario, sent(data={}), DSO, 2).reasons[0].code == "ID_REUSED"


def test_nobody_is_given_anothers_answer() -> None:
    scenario = Scenario(app.value_shard(sandbox=False))
    wrong = sent(data={"series": []})
    refuse(scenario, wrong, DSO, 1)
    receipt = refuse(scenario, wrong, OTHER, 1)
    assert (receipt.sender, receipt.duplicate) == (OTHER, False)


@dataclass
class CaseAt:
    """A connection that knows where the case shard stands, and nothing else."""

    position: int

    async def scalar(self, _statement: object) -> int:
        return self.position


@pytest.mark.rule("PARTY_NOT_ACTIVE")
@pytest.mark.rule("ROLE_MISSING")
@pytest.mark.rule("SENDER_UNKNOWN")
@pytest.mark.parametrize(
    ("party", "code"),
    [
        (Party((Role.BRP,)), "ROLE_MISSING"),
        (Party((Role.DSO,), "new"), "PARTY_NOT_ACTIVE"),
        (Party((Role.DSO,), "suspended"), "PARTY_NOT_ACTIVE"),
        (Party((Role.DSO,), "terminated"), "PARTY_NOT_ACTIVE"),
        (None, "SENDER_UNKNOWN"),
    ],
)
def test_who_may_not_send_values_is_refused(party: Party | None, code: str) -> None:
    """The topic stays when a party has lost the role."""
    document = Document(party, 1)

    async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
        return {("party", DSO): document} if any(kind is store.PARTY for kind, _ in wanted) else {}

    found = opened(sent())
    at = datetime(2026, 1, 5, tzinfo=UTC)
    incoming = Incoming(
        found.data, found.type, found.id, found.source, "", at, 1, DSO, "", ingressposition=found.position
    )
    work = Work(app.value_shard(sandbox=False), fetch)
    work.begin(deadlines_before=None)
    (decision,) = asyncio.run(door.take(cast("Any", CaseAt(7)), work, [incoming], salt=lambda _: b""))
    assert decision.beside == 7
    assert decision.receipt is not None
    assert (decision.receipt.status, [reason.code for reason in decision.receipt.reasons]) == ("rejected", [code])


def test_a_party_that_is_suspended_or_loses_its_role_is_known_as_such() -> None:
    scenario = Scenario(app.SERVICE)
    scenario.when(registry.PartyOnboarded(party=DSO, name="Nett", roles=(Role.DSO,)))
    scenario.when(
        registry.PartyStatusChanged(party=DSO, before="active", after="suspended", reason="x", roles=(Role.DSO,))
    )
    assert scenario.state(store.PARTY, DSO) == Party((Role.DSO,), "suspended")
    scenario.when(registry.PartyRolesChanged(party=DSO, before=(Role.DSO,), after=(Role.BRP,), status="active"))
    assert scenario.state(store.PARTY, DSO) == Party((Role.BRP,))


def by_column(**changed: Any) -> bytes:
    """The same record as `sent()`, by column."""
    from contracts import columnar

    message = json.loads(sent())
    some = [v1.Series.model_validate(one) for one in message.pop("data")["series"]]
    return columnar.write(some, {name: value for name, value in (message | changed).items() if value})


@pytest.mark.rule("COLUMNS_INVALID")
@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xff\xff\xff\xff nonsense", "COLUMNS_INVALID"),
        (by_column(source=f"/parties/{OTHER}"), "SOURCE_NOT_SENDER"),
        (by_column(type="no.flexregister.bsp-switch.claim-control.v1"), "WRONG_TOPIC"),
        (by_column(id=""), "ID_MISSING"),
        (by_column(sender=DSO), "ATTRIBUTE_RESERVED"),
    ],
)
def test_columns_that_cannot_be_let_in_are_refused_with_their_place(raw: bytes, code: str) -> None:
    found = opened(raw)
    assert (found.type, [reason.code for reason in found.data.reasons]) == (door.REFUSED, [code])


def test_columns_are_let_in_packed_or_not() -> None:
    for raw in (by_column(), gzip.compress(by_column())):
        found = opened(raw)
        assert (found.type, found.id, found.subject) == (
            door.TYPE,
            "0190a5c0-0000-7000-8000-000000000001",
            "2026-01-05",
        )
        assert len(found.data.columns) == 1


def test_the_same_columns_are_the_same_content() -> None:
    assert opened(by_column()).data.contenthash == opened(gzip.compress(by_column())).data.contenthash
    assert opened(by_column()).data.contenthash != opened(by_column(subject="another")).data.contenthash


@pytest.mark.parametrize(("raw", "root"), [(sent(), "/data"), (by_column(), "")])
def test_a_path_points_into_the_data_of_json_and_at_the_row_of_columns(
    monkeypatch: pytest.MonkeyPatch, raw: bytes, root: str
) -> None:
    said = rules.SERIES_COUNT_WRONG.reason(path="/series/0/values_wh", limit=24, actual=23)

    async def takes(*_: Any, **__: Any) -> list[Decision]:
        return [Decision(reasons=(said,), rejected=True)]

    async def fetch(wanted: Iterable[tuple[Kind[Any], Sequence[str]]]) -> Mapping[Key, Document]:
        known = Document(Party((Role.DSO,)), 1)
        return {("party", DSO): known} if any(kind is store.PARTY for kind, _ in wanted) else {}

    monkeypatch.setattr(shard, "take", takes)
    found = opened(raw)
    at = datetime(2026, 1, 6, tzinfo=UTC)
    incoming = Incoming(
        found.data, found.type, found.id, found.source, "", at, 1, DSO, "", ingressposition=found.position
    )
    work = Work(app.value_shard(sandbox=False), fetch)
    work.begin(deadlines_before=None)
    (decision,) = asyncio.run(door.take(cast("Any", CaseAt(7)), work, [incoming], salt=lambda _: b""))
    assert decision.receipt is not None
    assert [reason.path for reason in decision.receipt.reasons] == [f"{root}/series/0/values_wh"]
