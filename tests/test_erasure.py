"""Erasure on live processes: every table, topic and file is searched for the bytes of values, in all their forms."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import zstandard
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

import launcher
from chassis import kafka
from contracts import calendar, columnar, topics
from contracts.meter_ingest.v1 import Series
from contracts.values import time_text
from flexreg.client import Register
from flexreg.doorway import Doorway, TurnedAway
from flexreg.outgoing import new_id
from flexreg.story import cast as who
from flexreg.story import messages

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

POINT, *OTHERS = (replace(one, agreed_power_w=200_000_000) for one in who.cast().near[:4])
RESOURCES = [one for one in who.cast().resources_of_a if one.point in {POINT.id, *(each.id for each in OTHERS)}]
NEXT = who.story_id("end-user", "who comes after")
GROUP, ACTIVATION, EVIDENCE, CAPACITY = (
    who.story_id("erasure", name) for name in ("group", "activation", "evidence", "capacity")
)
SERVERS = {"kafka", "postgres"}
"""What the servers keep is searched through the servers."""


def pattern(first: int, step: int, count: int = 96) -> list[int]:
    """Values that stand nowhere else."""
    return [first + step * n for n in range(count)]


QUARTERS, COLUMNS, OWN = pattern(4_718_281, 104_729), pattern(5_141_593, 104_723), pattern(31_415_927, 9_973)
SPIKE = 161_803_399
ASIDE = [*pattern(3_302_585, 7, 40), SPIKE, *pattern(3_312_585, 7, 55)]
SECRETS = {"quarters": QUARTERS, "columns": COLUMNS, "own": OWN, "aside": ASIDE}
LEAST, MOST = (edge(one for some in SECRETS.values() for one in some) for edge in (min, max))
AS_TEXT = re.compile(rb"(?<![0-9])[0-9]{7,9}(?![0-9])")
AS_BYTES = re.compile(rb"\\\\x([0-9a-f]{8,})")
"""As PostgreSQL shows them in a row."""


def found(*contents: bytes) -> set[str]:
    """Whose values stand in some bytes, packed or not: as text, and as integers of whatever width and order."""
    whole = b"\n".join(plain for content in contents for plain in unpacked(content))
    texts = {int(one) for one in AS_TEXT.findall(whole)}
    here = {name for name, values in SECRETS.items() if texts.intersection(values)}
    for form in ("<i4", ">i4", "<i8", ">i8"):
        size = int(form[-1])
        for offset in range(min(size, len(whole))):
            numbers = np.frombuffer(whole, form, (len(whole) - offset) // size, offset)
            # Nearly none is of such a size: text is larger.
            places = np.flatnonzero((numbers >= LEAST) & (numbers <= MOST))
            for name, values in SECRETS.items() if len(places) else ():
                hits = places[np.isin(numbers[places], values)]
                # Four bytes may be anything, by chance; eight are not.
                if (np.diff(hits) == 1).any() if size == 4 else len(hits):
                    here.add(name)
    return here


def unpacked(content: bytes) -> Iterator[bytes]:
    """Some bytes, and what is in them."""
    yield content
    if content.startswith(b"\x1f\x8b"):
        yield from unpacked(gzip.decompress(content))
    elif content.startswith(b"\x28\xb5\x2f\xfd"):
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content), read_across_frames=True) as stream:
            yield from unpacked(stream.read())
    elif content.startswith(b"PAR1"):
        columns = pyarrow.parquet.read_table(io.BytesIO(content)).to_pydict()
        yield json.dumps(columns, default=str).encode()


async def in_tables(databases: dict[str, str]) -> dict[str, set[str]]:
    """Each row of every table of every service, as text; what is bytes in it by itself, too."""
    told: dict[str, set[str]] = {}
    for service, url in databases.items():
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            tables = await connection.scalars(
                text(
                    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n"
                    " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm')"
                    " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
                )
            )
            for table in tables.all():
                rows = io.BytesIO()
                query = f"SELECT CAST(t AS text) FROM {table} AS t"
                await raw.copy_from_query(query, output=rows, format="binary")
                whole = rows.getvalue()
                in_rows = [bytes.fromhex(one[: len(one) // 2 * 2].decode()) for one in AS_BYTES.findall(whole)]
                if here := found(whole, *in_rows):
                    told[f"{service} {table}"] = here
        await engine.dispose()
    return told


async def in_topics(register: Register) -> dict[str, set[str]]:
    """Every record of every topic of the broker that is this register's, with its key and headers."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=register.bootstrap)
    await admin.start()
    own = f"{register.namespace}." if register.namespace else ""
    names = [name for name in await admin.list_topics() if name.startswith(own)]
    await admin.close()
    records: dict[str, list[bytes]] = {}
    async for name, record in kafka.read_all(register.bootstrap, *names):
        some = [record.value, record.key, *(value for _, value in record.headers)]
        records.setdefault(name.removeprefix(own), []).extend(one for one in some if one)
    return {name: here for name, some in records.items() if (here := found(*some))}


def in_files(folder: Path) -> dict[str, set[str]]:
    """Every file of the register, but its servers' own."""
    told: dict[str, set[str]] = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and not SERVERS.intersection(name.parts) and (here := found(path.read_bytes())):
            told[str(name)] = here
    return told


async def say(register: Register, party: who.Party, *wishes: Any) -> list[dict[str, Any]]:
    receipts = [receipt or {} for receipt in await register.send(party.gln, list(wishes))]
    assert {receipt.get("status") for receipt in receipts} <= {"accepted", "partly-accepted"}, receipts[:2]
    return receipts


def wish(type_: str, subject: str, **data: Any) -> dict[str, Any]:
    return {"type": type_, "subject": subject, "data": data}


def series(point: str, day: date, values: list[int], **more: Any) -> dict[str, Any]:
    start, end = calendar.usage_day(day)
    head = {"metering_point_id": point, "resolution": "PT15M", "start": time_text(start), "end": time_text(end)}
    return {**head, "values_wh": values, "registered_at": time_text(end), **more}


async def prepared(register: Register) -> date:
    """Four members of a group, channels, an own meter, an activation; the day that it is on."""
    await say(register, who.OPERATOR, *messages.onboard(who.ONBOARDED))
    waiting = {party.gln for party in who.ONBOARDED}
    async for entry in register.log(follow=True):
        if entry.envelope.get("type", "").endswith(".party-ready.v1"):
            waiting.discard(entry.envelope["subject"])
        if not waiting:
            break
    points = [POINT, *OTHERS]
    today = calendar.local_date(await register.now())
    await say(register, who.TSO, *messages.grid_areas(who.AREAS))
    await say(register, who.DATAHUB, *messages.metering_points(points))
    await say(register, who.DATAHUB, *messages.supplies(points))
    await say(register, who.BSP_A, *messages.consents(points, who.BSP_A, valid_from=messages.BEGINNING))
    await say(register, who.BSP_A, *messages.claims(points, start=today))
    await say(register, who.BSP_A, *messages.resources(RESOURCES))
    own = next(one for one in RESOURCES if one.point == POINT.id)
    from_ = messages.midnight(today)
    meter = wish("open-own-meter", own.id, device_id="M1", resolution="PT15M", valid_from=from_)
    await say(register, who.BSP_A, meter)
    await say(register, who.DSO_1, messages.open_channels("erasure", points, resolution="PT15M", valid_from=today))
    await register.move_clock(await register.now() + timedelta(minutes=1))
    await say(register, who.BSP_A, messages.form_group(GROUP, "Erasure", points))
    soon = await register.now() + timedelta(minutes=1)
    policy = wish(
        "set-policy", "evidence.required", value=True, valid_from=time_text(soon),
        reason="In force.", source="R46",
    )  # fmt: skip
    await say(register, who.TSO, policy)
    # Those that are members by then are verified.
    day = today + timedelta(days=1)
    start = calendar.at_local(day, "10:00")
    await say(register, who.TSO, messages.order(ACTIVATION, GROUP, power_w=10_000, start=start))
    return day


async def metered(register: Register, day: date) -> None:
    """Values of all kinds, in all formats: what counts, what is kept aside, and an own meter's."""
    await register.move_clock(calendar.at_local(day + timedelta(days=1), "06:30"))
    flat = [1000] * 96
    first = day - timedelta(days=1)
    receipts = await say(
        register,
        who.DSO_1,
        wish(
            "send-meter-values",
            "json",
            series=[series(POINT.id, day, QUARTERS), *(series(one.id, day, flat) for one in OTHERS)],
        ),
        wish("send-meter-values", "aside", series=[series(POINT.id, first, ASIDE)]),
    )
    assert [one["status"] for one in receipts] == ["accepted", "partly-accepted"]
    own = next(one for one in RESOURCES if one.point == POINT.id)
    mine = {"resource_id": own.id, "device_id": "M1"}
    await say(register, who.BSP_A, wish("send-meter-values", "own", series=[series("", day, OWN, own=mine)]))
    some = [Series.model_validate(series(one.id, first, COLUMNS if one is POINT else flat)) for one in (POINT, *OTHERS)]
    attributes = {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"/parties/{who.DSO_1.gln}",
        "type": "no.flexregister.meter-ingest.send-meter-values.v1",
        "subject": "columns",
        "time": time_text(await register.now()),
    }
    content = columnar.write(some, attributes)
    await register.publish(who.DSO_1.gln, zstandard.compress(content), meter_values=True)
    await register.settled()


async def exported(register: Register, door: Doorway, day: date) -> dict[str, Any]:
    order = {
        "kind": "portfolio", "from": str(day - timedelta(days=1)), "to": str(day + timedelta(days=1)),
        "formats": ["csv.gz", "csv.zst", "parquet"],
    }  # fmt: skip
    job = (await door.ask("POST", "/exports", json.dumps(order).encode())).json()
    while job["state"] == "making":
        await asyncio.sleep(0.1)
        job = (await door.ask("GET", job["links"]["self"])).json()
    assert job["state"] == "ready"
    return job


async def wiped(databases: dict[str, str]) -> None:
    """What was decided to be gone is."""
    engine = create_async_engine(databases["meter-ingest"])
    left = text("SELECT (SELECT count(*) FROM own.value_erased) - (SELECT count(*) FROM private.value_wiped)")
    async with engine.connect() as connection:
        while await connection.scalar(left):
            await connection.rollback()
            await asyncio.sleep(0.1)
    await engine.dispose()


async def pass_retention(register: Register, name: str) -> None:
    """What the broker does by itself when the topic's retention is over."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=register.bootstrap)
    await admin.start()
    await admin.delete_records(
        {TopicPartition(topics.full_name(register.namespace, name), 0): RecordsToDelete(before_offset=-1)}
    )
    await admin.close()


@pytest.mark.parametrize("form", ["<i4", ">i4", "<i8", ">i8"])
@pytest.mark.parametrize("offset", range(8))
def test_values_are_found_in_every_form_at_every_place(form: str, offset: int) -> None:
    for name, values in SECRETS.items():
        content = b"x" * offset + np.array(values[-2:], form).tobytes() + b"y"
        assert found(b"before", content) == {name}
        assert found(gzip.compress(content)) == {name}
        assert found(f"[1,{values[0]}]".encode()) == {name}
        assert found(f"[1,1{values[0]}0]".encode()) == set()


async def all_else_is_proved(register: Register) -> None:
    """And it says what is not, and why."""
    proofs = await register.prove()
    assert all(proof["equal"] for proof in proofs)
    remarks = [one for proof in proofs for one in proof["remarks"]]
    assert {one["code"] for one in remarks} == {"VALUES_NOT_PROVED"}
    assert any(one["limit"] for one in remarks), "neighbours by column are proved by their sums"


@pytest.mark.rule("VALUES_ERASED")
async def test_no_table_topic_or_file_has_a_byte_of_it(up: launcher.Register, register: Register) -> None:
    day = await prepared(register)
    await metered(register, day)
    door = await Doorway.to(register, "meter-ingest", who.DSO_1.gln)
    job = await exported(register, door, day)
    ask = wish(
        "request-evidence", EVIDENCE, activation_id=ACTIVATION, due_at=messages.midnight(day + timedelta(days=5))
    )
    start, end = calendar.usage_day(day)
    capacity = wish(
        "request-capacity-evidence", CAPACITY, group_id=GROUP,
        period={"start": time_text(start), "end": time_text(end)}, due_at=messages.midnight(day + timedelta(days=5)),
    )  # fmt: skip
    await say(register, who.TSO, ask, capacity)
    run = await register.ask("meter-ingest", "allocation", {"activation_id": ACTIVATION, "points": True})
    packets = [await register.ask("meter-ingest", "evidence", {"evidence_id": id_}) for id_ in (EVIDENCE, CAPACITY)]
    assert run["agrees"] is True
    where_values_are = {"meter-ingest": up.databases["meter-ingest"]}
    before = await in_tables(where_values_are)
    everything = set(SECRETS)
    assert set().union(*before.values()) == everything
    assert any("export_part" in name for name in before)
    assert set().union(*(await in_topics(register)).values()) == everything

    # The end user moves out, and asks to be forgotten when the balance of its days is final.
    moved = calendar.midnight(day + timedelta(days=2))
    gone = wish("record-supply", POINT.id, supplier=POINT.supplier.gln, end_user=NEXT, valid_from=time_text(moved))
    await register.move_clock(moved + timedelta(hours=10))
    await say(register, who.DATAHUB, gone)
    [receipt] = await say(register, who.DATAHUB, wish("erase-values", POINT.end_user))
    assert [one["code"] for one in receipt["reasons"]] == ["VALUES_HELD"]
    await register.move_clock(calendar.at_local(day + timedelta(days=15), "01:00"))
    await register.settled()
    await wiped(up.databases)

    assert await in_tables(up.databases) == {}
    assert in_files(up.home.path) == {}
    sent = {topics.ingress_values(who.DSO_1.gln), topics.ingress_values(who.BSP_A.gln)}
    assert set(await in_topics(register)) == sent, "until their retention is over"
    for name in sent:
        await pass_retention(register, name)
    assert await in_topics(register) == {}

    # What was published stands; nothing of it can be had again, and all else is proved as before.
    after = await register.ask("meter-ingest", "allocation", {"activation_id": ACTIVATION, "points": True})
    assert (after["run"], after["agrees"], after["because"]) == (run["run"], None, "VALUES_ERASED")
    tso = await Doorway.to(register, "meter-ingest", who.TSO.gln)
    for id_, packet in zip((EVIDENCE, CAPACITY), packets, strict=True):
        said = f"erased.*{packet['prepared']['root_sha256']}"
        with pytest.raises(Exception, match=said):
            await register.ask("meter-ingest", "evidence", {"evidence_id": id_})
        with pytest.raises(TurnedAway, match=said):
            await tso.ask("GET", f"/evidence/{id_}")
    with pytest.raises(TurnedAway):
        await door.ask("GET", job["files"][0]["link"])
    await all_else_is_proved(register)
    again = wish("send-meter-values", "again", series=[series(POINT.id, day, QUARTERS)])
    [receipt] = await register.send(who.DSO_1.gln, [again])
    assert receipt is not None
    assert [one["code"] for one in receipt["reasons"]] == ["VALUES_ERASED"]
    await register.settled()
    assert await in_tables(where_values_are) == {}
    assert set(await in_topics(register)) == {topics.ingress_values(who.DSO_1.gln)}
