"""Evidence that the TSO asks for: when it is prepared, and its packet, which is checked without the register."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from evidence_given import DAY, NEXT, NOTHING, Maker, erased, of, renewed, required
from noted_given import noted
from out_house import code
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.asking import UnableToAnswer
from contracts.envelope import join
from contracts.meter_ingest.v1 import (
    ActivationOrdered,
    ActivationVerified,
    CancelActivation,
    EvidenceOwed,
    EvidencePrepared,
    EvidenceRequested,
    RequestEvidence,
)
from contracts.values import make_gln, time_text
from meter_ingest import packing, store
from meter_ingest.domain import documentation, packet, packet_check


def prepared(world: Any, count: int = 3) -> list[str]:
    points = world.points(*range(1, count + 1))
    world.open(points)
    world.formed()
    for point in points:
        world.joined(point)
    start = world.local(DAY, "10:00")
    world.order(4000, start, start + timedelta(minutes=30), at=start - timedelta(minutes=15))
    return points


def ask(world: Any, at: Any, due: Any, *, number: int = 80, run: int | None = None, activation: str = "") -> Any:
    command = RequestEvidence(activation_id=activation or world.uuid(70), run=run, due_at=due)
    return world.scenario.when(command, subject=world.uuid(number), sender=world.tso, at=at)


FIGURES = [1001] * 40 + [7, 300] + [900] * 54


@pytest.mark.unit
@pytest.mark.rule("EVIDENCE_NOT_REQUIRED")
def test_nothing_is_documented_before_the_duty_is_in_force(world: Any) -> None:
    prepared(world)
    ask(world, world.local(DAY, "11:00"), world.local(NEXT, "12:00")).refused("EVIDENCE_NOT_REQUIRED")


@pytest.mark.unit
@pytest.mark.rule("EVIDENCE_DUE_PAST")
@pytest.mark.rule("EVIDENCE_RUN_UNKNOWN")
def test_what_cannot_be_documented_is_refused(world: Any) -> None:
    prepared(world)
    required(world)
    at = world.local(DAY, "11:00")
    ask(world, at, at).refused("EVIDENCE_DUE_PAST")
    ask(world, at, world.local(NEXT), run=1).refused("EVIDENCE_RUN_UNKNOWN")
    ask(world, at, world.local(NEXT), activation=world.uuid(77)).refused("ACTIVATION_UNKNOWN")


@pytest.mark.unit
def test_it_is_prepared_at_once_where_nothing_misses(world: Any, day_series: Any) -> None:
    points = prepared(world)
    required(world)
    world.send(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    outcome = ask(world, world.local(NEXT, "10:00"), world.local("2026-04-02"))
    requested, done = outcome.then_only(EvidenceRequested, EvidencePrepared)
    assert (requested.bsp, done.version, done.run, done.result, done.findings) == (world.bsp, 1, 1, "whole", ())
    assert [(one.dso, one.points, one.measured, one.missing) for one in done.counts] == [(world.dso, 3, 6, 0)]
    assert [one.metering_points for one in done.members] == [tuple(points)]
    assert not of(EvidencePrepared, world.scenario.until(world.local("2026-04-03"))), "nothing is left to do"
    again = ask(world, world.local("2026-04-03"), world.local("2026-04-04"), number=81).events[-1]
    assert again.root_sha256 != done.root_sha256, "it is another evidence"


@pytest.mark.unit
@pytest.mark.rule("METER_EVIDENCE_INCOMPLETE")
@pytest.mark.rule("METER_EVIDENCE_LATE")
def test_at_its_deadline_it_is_prepared_with_what_there_is_and_again_when_the_rest_has_come(
    world: Any, day_series: Any
) -> None:
    points = prepared(world)
    required(world)
    world.send(*(day_series(point, DAY, FIGURES) for point in points[:2]), at=world.local(NEXT, "06:30"))
    due = world.local(NEXT, "08:00")
    _, owed = ask(world, world.local(NEXT, "07:00"), due).then_only(EvidenceRequested, EvidenceOwed)
    assert (owed.dso, owed.points, owed.quarters, owed.due_at) == (world.dso, 1, 2, due)
    assert ask(world, world.local(NEXT, "07:01"), due).events == [], "the same again"
    later = world.local(NEXT, "08:30")
    assert ask(world, world.local(NEXT, "07:02"), later).events[0].due_at == later
    outcome = world.scenario.until(world.local(NEXT, "08:45"))
    (done,) = of(EvidencePrepared, outcome)
    assert (done.version, done.run, done.result, done.findings) == (1, 1, "incomplete", ("METER_EVIDENCE_INCOMPLETE",))
    assert done.prepared_at == later
    assert [(one.points_missing, one.missing) for one in done.counts] == [(1, 2)]
    _, after = world.send(day_series(points[2], DAY, FIGURES), at=world.local(NEXT, "11:00"))
    (whole,) = of(EvidencePrepared, after)
    assert (whole.version, whole.result, whole.findings) == (2, "whole", ("METER_EVIDENCE_LATE",))
    _, more = world.send(
        day_series(points[2], DAY, [2 * one for one in FIGURES], registered_at=world.local(NEXT, "11:30")),
        at=world.local(NEXT, "12:00"),
    )
    assert of(ActivationVerified, more)
    assert not of(EvidencePrepared, more), "what was documented is"


@pytest.mark.unit
def test_it_waits_for_the_last_value_and_not_for_its_deadline(world: Any, day_series: Any) -> None:
    points = prepared(world)
    required(world)
    asked = ask(world, world.local(DAY, "09:50"), world.local("2026-04-02"))
    assert [type(one) for one in asked.events] == [EvidenceRequested]
    _, outcome = world.send(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    assert [type(one) for one in outcome.events] == [ActivationVerified, EvidencePrepared]


@pytest.mark.unit
def test_of_a_cancelled_activation_nothing_is_owed(world: Any, day_series: Any) -> None:
    points = prepared(world)
    required(world)
    world.scenario.when(CancelActivation(), subject=world.uuid(70), sender=world.tso, at=world.local(DAY, "09:50"))
    world.send(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    due = world.local(NEXT, "12:00")
    assert [type(one) for one in ask(world, world.local(NEXT, "10:00"), due).events] == [EvidenceRequested]
    (done,) = of(EvidencePrepared, world.scenario.until(world.local(NEXT, "12:30")))
    assert (done.run, done.result) == (None, "incomplete")
    assert [(one.points_missing, one.missing) for one in done.counts] == [(0, 0)]


@pytest.mark.unit
@pytest.mark.parametrize("clock", ["09:50", "10:10", "10:40"])
def test_of_an_activation_that_lies_ahead_is_owed_what_misses_when_it_is_verified(
    world: Any, day_series: Any, clock: str
) -> None:
    points = prepared(world)
    required(world)
    asked = ask(world, world.local(DAY, clock), world.local("2026-04-02"))
    assert [type(one) for one in asked.events] == [EvidenceRequested]
    _, came = world.send(*(day_series(point, DAY, FIGURES) for point in points[:2]), at=world.local(NEXT, "06:30"))
    assert not of(EvidenceOwed, came)
    (owed,) = of(EvidenceOwed, world.scenario.until(world.local(NEXT, "09:30")))
    assert (owed.dso, owed.points, owed.quarters) == (world.dso, 1, 2)


@pytest.mark.unit
def test_of_an_activation_that_was_never_verified_it_says_so(world: Any) -> None:
    prepared(world)
    required(world)
    ask(world, world.local(DAY, "09:50"), world.local(DAY, "10:15"))
    (done,) = of(EvidencePrepared, world.scenario.until(world.local(DAY, "10:20")))
    assert (done.run, done.result, [one.missing for one in done.counts]) == (None, "incomplete", [6])


@pytest.mark.unit
@pytest.mark.parametrize("clock", ["08:59", "09:00", "09:01"])
def test_its_deadline_may_be_that_of_the_verification(world: Any, day_series: Any, clock: str) -> None:
    points = prepared(world)
    required(world)
    ask(world, world.local(DAY, "09:50"), world.local(NEXT, clock))
    world.send(*(day_series(point, DAY, FIGURES) for point in points[:1]), at=world.local(NEXT, "06:30"))
    outcome = world.scenario.until(world.local(NEXT, "09:30"))
    assert [one.run for one in of(EvidencePrepared, outcome)] == [1], "whichever of the two is decided first"
    assert len(of(ActivationVerified, outcome)) == 1


@pytest.fixture
def make(world: Any, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Maker:
    return Maker(world, engine, monkeypatch)


async def evidence(world: Any, take: Any, day_series: Any, *, missing: int = 0) -> None:
    """The values are both in memory, where the case shard reads them, and in PostgreSQL."""
    points = prepared(world)
    required(world)
    there = points[: len(points) - missing]
    record = world.record(
        *(day_series(point, DAY, [one + number for one in FIGURES]) for number, point in enumerate(there)),
        at=world.local(NEXT, "06:30"),
    )
    world.scenario.when(world.decide(record).event, at=world.local(NEXT, "06:30"))
    await take(record)
    world.scenario.until(world.local(NEXT, "09:30"))
    ask(world, world.local(NEXT, "10:00"), world.local(NEXT, "12:00"))
    world.scenario.until(world.local(NEXT, "12:01"))


@pytest.mark.store
async def test_a_packet_holds_and_every_flipped_byte_is_found(
    world: Any, engine: AsyncEngine, take: Any, day_series: Any, make: Any
) -> None:
    await evidence(world, take, day_series)
    made = await make()
    assert made.file == (await make()).file, "the same bytes again"
    checks = packet_check.check(made.file, root=made.prepared.root_sha256)
    assert [one.name for one in checks if not one.holds] == [], checks
    assert [one.name for one in checks] == [
        "hashes", "root", "events", "manifest", "request", "members", "values", "baselines", "completeness",
        "allocation", "policies", "result",
    ]  # fmt: skip
    assert packet_check.opened(made.file).parts["values"][0]["status"] == "metered"
    assert {point for point, _, _, _ in made.reads} == set(world.recorded)
    for at in range(0, len(made.file), 7):
        broken = bytearray(made.file)
        broken[at] ^= 1
        found = packet_check.check(bytes(broken))
        assert not all(one.holds for one in found), f"byte {at}"
    assert not packet_check.check(b"")[0].holds
    assert not packet_check.check(made.file[:-1])[0].holds
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM private.value_version"))
    with pytest.raises(packing.Differs, match=made.prepared.root_sha256):
        await make()
    erased(world, *world.recorded)
    with pytest.raises(packing.KeptNoLonger, match="kept no longer"):
        await make()


def _edit_value(content: Any) -> None:
    content[-1]["wh"][0] += 100


def _edit_status(content: Any) -> None:
    content[0] |= {"status": "estimated", "evidence": "estimated"}


def _edit_salt(content: Any) -> None:
    content[0]["salt"] = "00"


def _drop(content: Any) -> None:
    del content[-1]


def _edit_members(content: Any) -> None:
    content[0]["metering_points"] = content[0]["metering_points"][:-1]


def _edit_result(content: Any) -> None:
    entry = next(one for one in content if ActivationVerified.type in one["body"])
    body = json.loads(entry["body"])
    body["data"]["quarters"][0]["delivered_wh"] += 100
    entry["body"] = json.dumps(body)
    entry["body_sha256"] = packet.sha256(entry["body"].encode())


def _edit_allocation(content: Any) -> None:
    next(iter(content.values()))[0] += 1


def _edit_completeness(content: Any) -> None:
    next(iter(content.values()))["quarters"]["measured"] += 1


def _edit_baselines(content: Any) -> None:
    content["methods"]["meter-before"]["wh"][0] += 1


def _edit_tolerance(content: Any) -> None:
    content["verification.tolerance-pct"] = "0..1000"


def _edit_stay(content: Any) -> None:
    content[0]["valid_from"] = f"{NEXT}T12:00:00Z"


def _edit_left(content: Any) -> None:
    content[0]["valid_to"] = f"{DAY}T08:30:00Z"


def _of_nobody(content: Any) -> None:
    content[0]["valid_from"] = None


def _says(**what: Any) -> Any:
    return lambda manifest: manifest["evidence"].update(what)


def _request(content: Any, **what: Any) -> None:
    entry = next(one for one in content if EvidenceRequested.type in one["body"])
    body = json.loads(entry["body"])
    body.update(what)
    entry["body"] = json.dumps(body)
    entry["body_sha256"] = packet.sha256(entry["body"].encode())


def _ask_for_more(content: Any) -> None:
    _request(content, data={**_data(content), "due_at": f"{NEXT}T12:00:00Z"})


def _data(content: Any) -> Any:
    return next(json.loads(one["body"])["data"] for one in content if EvidenceRequested.type in one["body"])


def _ask_before(content: Any) -> None:
    _request(content, time=f"{NEXT}T07:59:59Z")


def _asked_for_late(content: Any) -> None:
    """At its deadline."""
    _request(content, time=f"{NEXT}T10:00:00Z")


def _of_no_run(manifest: Any) -> None:
    manifest["evidence"]["run"] = None


OTHER = "019b8d2b-8c00-7b54-9129-a6ca5b925999"
EDITS = [
    ("manifest", _of_no_run, "manifest"),
    ("manifest", _says(activation_id=OTHER), "manifest"),
    ("manifest", _says(group_id=OTHER), "manifest"),
    ("manifest", _says(bsp=make_gln(99)), "manifest"),
    ("manifest", _says(due_at=f"{DAY}T08:00:00Z"), "manifest"),
    ("manifest", _says(prepared_at=f"{DAY}T08:00:00Z"), "manifest"),
    ("manifest", _says(version=0), "manifest"),
    ("manifest", _says(evidence_id=OTHER), "request"),
    ("manifest", _says(requested_at=f"{NEXT}T07:00:00Z"), "request"),
    ("manifest", _says(due_at=f"{NEXT}T11:00:00Z"), "request"),
    ("manifest", _says(prepared_at=f"{NEXT}T10:01:00Z"), "request"),
    ("ledger", _ask_for_more, "events"),
    ("ledger", _ask_before, "request"),
    ("ledger", _asked_for_late, "request"),
    ("manifest", _says(run=2), "values"),
    ("manifest", lambda manifest: manifest["evidence"].pop("bsp"), "manifest"),
    ("members", _edit_stay, "members"),
    ("members", _edit_left, "members"),
    ("members", _of_nobody, "members"),
    ("values", _edit_value, "result"),
    ("values", _edit_status, "result"),
    ("values", _edit_salt, "result"),
    ("values", _drop, "result"),
    ("members", _edit_members, "members"),
    ("ledger", _edit_result, "events"),
    ("allocation", _edit_allocation, "allocation"),
    ("completeness", _edit_completeness, "completeness"),
    ("baselines", _edit_baselines, "baselines"),
    ("policies", _edit_tolerance, "policies"),
]


@pytest.mark.store
async def test_what_is_edited_with_renewed_hashes_is_found_by_recomputing(
    world: Any, take: Any, day_series: Any, make: Any
) -> None:
    await evidence(world, take, day_series)
    made = await make()
    assert renewed(made.file, "values", lambda _: None) == made.file
    for part, change, name in EDITS:
        edited = renewed(made.file, part, change)
        found = packet_check.check(edited)
        assert not [one for one in found if "Error" in one.detail], "in words"
        failing = {one.name for one in found if not one.holds}
        assert name in failing, (part, change, failing)
        assert "hashes" not in failing
        if part != "ledger":
            roots = packet_check.check(edited, root=made.prepared.root_sha256)
            assert "root" in {one.name for one in roots if not one.holds}


@pytest.mark.store
async def test_it_is_checked_who_asked_for_what_and_when_and_how_much_time_was_given(world: Any, make: Any) -> None:
    prepared(world)
    required(world)
    ask(world, world.local(DAY, "09:50"), world.local(DAY, "10:15"))
    ask(world, world.local(DAY, "10:00"), world.local(DAY, "10:20"))
    world.scenario.until(world.local(DAY, "10:25"))
    made = await make()
    assert (made.prepared.requests, made.prepared.prepared_at) == (2, world.local(DAY, "10:20"))
    (one,) = [one for one in packet_check.check(made.file) if one.name == "request"]
    assert (one.holds, one.detail) == (
        True, f"{world.tso} asked at 2026-03-28T08:50:00Z, for 2026-03-28T09:20:00Z, after 1 times more time",
    )  # fmt: skip


@pytest.mark.store
async def test_an_older_packet_holds_and_says_that_its_request_is_not_within(
    world: Any, take: Any, day_series: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documentation, "requests", lambda _: [])
    await evidence(world, take, day_series)
    made = await make()
    assert EvidenceRequested.type not in made.file.decode()
    checks = packet_check.check(made.file, root=made.prepared.root_sha256)
    assert [one for one in checks if not one.holds] == []
    assert ["not within" in one.detail for one in checks if one.name == "request"] == [True]


@pytest.mark.store
async def test_a_packet_that_says_there_is_no_run_has_none_among_its_events(
    world: Any, take: Any, day_series: Any, make: Any
) -> None:
    await evidence(world, take, day_series)
    made = await make()

    def forged(file: bytes) -> bytes:
        for part in ("values", "baselines", "completeness", "allocation", "policies"):
            file = renewed(file, part, lambda _: NOTHING)
        return renewed(file, "manifest", _of_no_run)

    failing = [one for one in packet_check.check(forged(made.file)) if not one.holds]
    assert [one.name for one in failing] == ["manifest"]
    assert "run 1 stands among the events" in failing[0].detail


@pytest.mark.store
async def test_a_packet_of_a_cancelled_activation_holds_too(world: Any, take: Any, day_series: Any, make: Any) -> None:
    points = prepared(world)
    required(world)
    record = world.record(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    world.scenario.when(world.decide(record).event, at=world.local(NEXT, "06:30"))
    await take(record)
    cancel = CancelActivation()
    world.scenario.when(cancel, subject=world.uuid(70), sender=world.tso, at=world.local(NEXT, "09:30"))
    ask(world, world.local(NEXT, "10:00"), world.local(NEXT, "12:00"))
    world.scenario.until(world.local(NEXT, "12:01"))
    made = await make()
    assert made.prepared.run is None, "its run was annulled"
    assert [one for one in packet_check.check(made.file) if not one.holds] == []


@pytest.mark.store
async def test_a_packet_of_what_is_missing_holds_too(world: Any, take: Any, day_series: Any, make: Any) -> None:
    await evidence(world, take, day_series, missing=1)
    made = await make()
    assert made.prepared.result == "incomplete"
    assert [one for one in packet_check.check(made.file) if not one.holds] == []


@pytest.mark.store
async def test_a_packet_without_a_run_holds_too(world: Any, make: Any) -> None:
    prepared(world)
    required(world)
    ask(world, world.local(DAY, "09:50"), world.local(DAY, "10:15"))
    with pytest.raises(UnableToAnswer, match="not been prepared"):
        await make()
    world.scenario.until(world.local(DAY, "10:20"))
    made = await make()
    checks = packet_check.check(made.file)
    assert [(one.name, one.holds) for one in checks] == [
        (name, True) for name in ("hashes", "events", "manifest", "request", "members")
    ]
    with pytest.raises(UnableToAnswer, match="no evidence"):
        await make(79)


@pytest.mark.unit
def test_the_events_of_an_activation_are_read_as_they_were_written(world: Any, day_series: Any) -> None:
    points = prepared(world)
    world.send(*(day_series(point, DAY, FIGURES) for point in points), at=world.local(NEXT, "06:30"))
    told = documentation.events(world.scenario.state(store.ACTIVATION_TOLD, world.uuid(70)))
    assert told == [one for one in world.scenario.log if type(one) in documentation.OF_ACTIVATION]


@pytest.mark.store
@pytest.mark.rule("EVIDENCE_GONE")
@pytest.mark.rule("EVIDENCE_NOT_FOUND")
@pytest.mark.rule("EVIDENCE_NOT_YOURS")
async def test_at_the_door_it_is_the_tsos_alone_and_noted(
    world: Any, house: Any, day_series: Any, make: Any, take: Any
) -> None:
    await evidence(world, take, day_series)
    await house.stands()
    path = f"/evidence/{world.uuid(80)}"
    for gln in (world.bsp, world.dso):
        for asked in (path, f"/evidence/{world.uuid(79)}", "/evidence/none"):
            assert code(await house.asks(gln, "GET", asked)) == (403, "EVIDENCE_NOT_YOURS")
    for unknown in (f"/evidence/{world.uuid(79)}", "/evidence/none"):
        assert code(await house.asks(world.tso, "GET", unknown)) == (404, "EVIDENCE_NOT_FOUND")
    answer = await house.asks(world.tso, "GET", path)
    made = await make()
    assert (answer.status_code, answer.content) == (200, made.file)
    assert answer.headers["etag"] == f'"{made.prepared.root_sha256}"'
    async with house.engine.begin() as connection:
        rows = (
            await connection.execute(text("SELECT metering_point_id, party, ground, about FROM private.read_log"))
        ).all()
        assert {tuple(row) for row in rows} == {
            (int(point), world.tso, "evidence", world.uuid(80)) for point in world.recorded
        }
        await connection.execute(
            text("DELETE FROM private.value_version WHERE metering_point_id = :point"),
            {"point": int(min(world.recorded))},
        )
    with pytest.raises(packing.Differs):
        await house.asks(world.tso, "GET", path)
    erased(world, min(world.recorded))
    await house.stands()
    gone = await house.asks(world.tso, "GET", path)
    assert code(gone) == (410, "EVIDENCE_GONE")
    assert "erased" in gone.json()["text_en"]
    assert made.prepared.root_sha256 in gone.json()["text_en"]
    with pytest.raises(UnableToAnswer, match=f"erased.*{made.prepared.root_sha256}"):
        await make()


@pytest.mark.store
@pytest.mark.rule("EVIDENCE_NOT_PREPARED")
async def test_at_the_door_it_is_said_when_it_is_due(world: Any, house: Any, make: Any) -> None:
    prepared(world)
    required(world)
    ask(world, world.local(DAY, "09:50"), world.local(NEXT, "12:00"))
    await house.stands()
    answer = await house.asks(world.tso, "GET", f"/evidence/{world.uuid(80)}")
    assert code(answer) == (409, "EVIDENCE_NOT_PREPARED")
    assert answer.json()["text_en"].endswith("due by 2026-03-29T12:00:00+02:00.")
    with pytest.raises(UnableToAnswer, match="due by 2026-03-29T10:00:00Z"):
        await make()


@pytest.mark.store
async def test_the_operator_may_ask_for_it(
    world: Any, engine: AsyncEngine, take: Any, day_series: Any, make: Any
) -> None:
    await evidence(world, take, day_series)
    async with engine.connect() as connection:
        answer = await packing.evidence_asked(connection, make.work, {"evidence_id": world.uuid(80)})
    made = await make()
    assert base64.b64decode(answer["packet"]) == made.file
    assert {one[:2] for one in await noted(engine)} == {one[:2] for one in made.reads} != set()
    assert {one[4] for one in await noted(engine)} == {world.uuid(80)}
    assert answer["prepared"]["root_sha256"] == (await make()).prepared.root_sha256


@pytest.mark.store
async def test_events_are_in_it_just_as_the_ledger_has_them(world: Any, engine: AsyncEngine) -> None:
    prepared(world)
    (ordered,) = [one for one in world.scenario.log if isinstance(one, ActivationOrdered)]
    body = join({"id": "first", "type": ordered.type}, ordered.model_dump_json().encode())
    row = {"shard": "case", "kind": store.ACTIVATION.name, "id": ordered.activation_id, "type": ordered.type}
    async with engine.begin() as connection:
        for position in (5, 9, 12):
            at = {**row, "position": position, "event": f"event-{position}", "body": body, "at": world.local(NEXT)}
            await connection.execute(
                text(
                    "INSERT INTO engine.ledger (shard, position, topic, key, id, type, version, body)"
                    " VALUES (:shard, :position, 'events', '', :event, :type, 1, :body)"
                ),
                at,
            )
            await connection.execute(
                text(
                    "INSERT INTO engine.change (shard, kind, id, ledger_position, recorded_at)"
                    " VALUES (:shard, :kind, :id, :position, :at)"
                ),
                at,
            )
        found = await packing.entries(connection, "case", "activation", ordered.activation_id, most=2)
    recorded = time_text(world.local(NEXT))
    assert found == [packet.Entry(one, f"event-{one}", recorded, body.decode()) for one in (5, 9)]


def test_what_was_hashed_once_has_the_same_hash_when_its_type_has_got_another_field(world: Any) -> None:
    """As the ledger has it: an event of before says nothing of a field that came later."""
    prepared(world)
    required(world)
    (asked,) = of(EvidenceRequested, ask(world, world.local(DAY, "09:50"), world.local(NEXT, "12:00")))
    body = asked.model_dump(mode="json")
    later = type("Later", (EvidenceRequested,), {"__annotations__": {"more": int | None}, "more": None})
    as_it_was = packet.event_sha256(EvidenceRequested.model_validate(body))
    assert packet.event_sha256(later.model_validate(body)) == as_it_was
    assert packet.event_sha256(later.model_validate({**body, "more": 1})) != as_it_was
