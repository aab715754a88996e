"""Exports: what is in their files is what `delivering` says, the same each time, and only for who may read it."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import io
import os
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from out_house import House, code
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from test_out_values import valid

from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1
from meter_ingest import delivering, queries
from meter_ingest.domain import days
from meter_ingest.out import export_desk, files, jobs, making, rights, segments
from meter_ingest.out.files import Sink
from meter_ingest.out.jobs import PART
from meter_ingest.out.order import Order, months
from meter_ingest.out.segments import Chunk, Segment

pytestmark = pytest.mark.store

NOW = datetime(2026, 4, 6, 8, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "kind": "portfolio",
    "from": "2026-03-28",
    "to": "2026-04-03",
    "formats": ["csv.zst", "csv.gz", "parquet"],
}


@pytest.fixture
async def month(house: House, world: Any, day_series: Any) -> list[str]:
    """Points of all sorts: whole days, hours, holes, corrections of a part, a wide value, a profiled one."""
    points = world.points(1, 2, 3, 4, 5, power_w=2**50)
    world.open(points[:3])
    world.open([points[3]], resolution="PT60M")
    at = world.local("2026-04-02", "06:30")
    for day in ("2026-03-28", "2026-03-29", "2026-03-31", "2026-04-01"):
        some = [day_series(point, day, range(n, n + world.steps(day))) for n, point in enumerate(points[:3])]
        some.append(day_series(points[3], day, range(world.steps(day, "PT60M")), resolution="PT60M"))
        await house.comes(*some, at=at)
    part = v1.Series(
        metering_point_id=points[0],
        resolution="PT15M",
        start=world.local("2026-03-29", "01:15"),
        end=world.local("2026-03-29", "01:45"),
        values_wh=(2**40, 1),
        status="estimated",
        registered_at=at,
    )
    await house.comes(part, at=at + timedelta(hours=1))
    start = world.local("2026-04-02")
    hole = part.model_copy(
        update={"start": start + timedelta(hours=2), "end": start + timedelta(hours=4), "values_wh": (5,) * 8}
    )
    await house.comes(hole, at=at + timedelta(hours=2))
    world.fact(points[4], settlement_method="profiled", resolution="PT60M")
    first, last = world.local("2026-03-30"), world.local("2026-04-02")
    profile = v1.PublishProfile(kind="fppc", start=first, weights=(2,) * 96 + (1,) * 192)
    world.scenario.when(profile, subject=world.area, sender=world.dso, at=at)
    volume = v1.RecordPeriodVolume(start=first, end=last, wh=999, registered_at=at)
    world.scenario.when(volume, subject=points[4], sender=world.dso, at=at)
    house.control(points[0], world.local("2026-03-29"))
    house.control(points[3], world.local("2026-04-01"))
    await house.stands()
    return points


async def ordered(house: House, party: str, **changes: Any) -> dict[str, Any]:
    answer = await house.asks(party, "POST", "/exports", {**ORDER, **changes})
    assert answer.status_code == 201, answer.text
    valid("Export", answer.json())
    return answer.json()


async def made_of(engine: AsyncEngine, id_: str) -> dict[str, jobs.Made]:
    async with engine.connect() as connection:
        return await jobs.made(connection, id_)


async def ready(house: House, party: str, **changes: Any) -> dict[str, Any]:
    job = await ordered(house, party, **changes)
    await making.tend(house.engine, NOW)
    found = (await house.gets(party, job["links"]["self"])).json()
    valid("Export", found)
    assert found["state"] == "ready"
    return found


async def fetched(house: House, party: str, job: dict[str, Any]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for file in job["files"]:
        answer = await house.gets(party, file["link"])
        assert answer.status_code == 200, answer.text
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert len(answer.content) == file["bytes"]
        found[file["name"]] = answer.content
    return found


def rows_of(name: str, content: bytes) -> list[dict[str, Any]]:
    if name.endswith("parquet"):
        found = pa_parquet.read_table(io.BytesIO(content))
        return [row | {"start": row["start"].replace(tzinfo=UTC)} for row in found.to_pylist()]
    unpacked = gzip.decompress if name.endswith("gz") else zstandard.ZstdDecompressor().decompressobj().decompress
    plain = unpacked(content)
    types = {"metering_point_id": pa.string(), "start": pa.timestamp("ms", "UTC")}
    return pa_csv.read_csv(io.BytesIO(plain), convert_options=pa_csv.ConvertOptions(column_types=types)).to_pylist()


async def delivered(
    engine: AsyncEngine, points: list[str], first: str, last: str, spans: dict[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """What a file of these days is to hold, from `delivering`."""
    start, end = days.day(date.fromisoformat(first)).start, days.day(date.fromisoformat(last)).start
    async with queries.reading_only(engine) as connection:
        found = await delivering.of_points(connection, points, start=start, end=end)
    return [
        (point, "consumption", at, wh, one.step // timedelta(minutes=1), one.values.status[n], one.values.origin[n])
        for point in points
        for one in found[point]
        for n, wh in enumerate(one.values.wh)
        for at in [one.start + n * one.step]
        if wh is not None and (spans is None or spans[point] <= at)
    ]


async def test_csv_and_parquet_hold_what_delivering_says(
    house: House, world: Any, engine: AsyncEngine, month: list[str]
) -> None:
    turns = sys.getswitchinterval()
    job = await ready(house, world.dso)
    assert sys.getswitchinterval() == turns, "as it was for whatever else the process does"
    assert (job["points"], [one["name"] for one in job["files"]]) == (
        5,
        [f"2026-{month}.{ending}" for month in ("03", "04") for ending in ORDER["formats"]],
    )
    for name, content in (await fetched(house, world.dso, job)).items():
        first, last = ("2026-03-28", "2026-04-01") if name.startswith("2026-03") else ("2026-04-01", "2026-04-03")
        found = [tuple(row.values()) for row in rows_of(name, content)]
        assert found == await delivered(engine, month, first, last), name
    assert sum(one["values"] for one in job["files"]) == 3 * len(
        await delivered(engine, month, "2026-03-28", "2026-04-03")
    )


async def test_the_same_order_gives_the_same_bytes_whatever_has_come_since(
    house: House, world: Any, engine: AsyncEngine, month: list[str], day_series: Any
) -> None:
    first = await ready(house, world.dso)
    at = world.local("2026-04-04", "06:30")
    # Of one point the first of its days, of another one between others, of a third one in other steps.
    await house.comes(day_series(month[1], "2026-03-28", 1, registered_at=at), at=at)
    await house.comes(day_series(month[2], "2026-03-29", range(7, 99), registered_at=at), at=at)
    await house.comes(day_series(month[2], "2026-03-31", 3, resolution="PT60M", registered_at=at), at=at)
    again = await ready(house, world.dso, as_of=first["as_of"])
    later = await ready(house, world.dso)
    one, two, three = [await fetched(house, world.dso, job) for job in (first, again, later)]
    assert one == two
    assert one["2026-03.parquet"] != three["2026-03.parquet"]
    assert one["2026-04.csv.gz"] == three["2026-04.csv.gz"]
    march = [tuple(row.values()) for row in rows_of("parquet", three["2026-03.parquet"])]
    assert march == await delivered(engine, month, "2026-03-28", "2026-04-01")


async def test_a_bsp_gets_its_own_points_and_periods_alone(
    house: House, world: Any, engine: AsyncEngine, month: list[str]
) -> None:
    job = await ready(house, world.bsp, formats=["parquet"])
    own = {month[0]: world.local("2026-03-29"), month[3]: world.local("2026-04-01")}
    assert job["points"] == 2
    contents = await fetched(house, world.bsp, job)
    found = [tuple(row.values()) for name, content in contents.items() for row in rows_of(name, content)]
    assert sorted(found) == sorted(await delivered(engine, [*own], "2026-03-28", "2026-04-03", own))
    named = await ready(house, world.bsp, metering_points=[month[1], month[0]], formats=["parquet"])
    assert named["points"] == 1, "the other is not its own, which it is not told"


@pytest.mark.rule("EXPORT_EMPTY")
@pytest.mark.rule("EXPORT_NOT_FOUND")
async def test_unknown_and_not_yours_are_answered_alike(house: House, world: Any, month: list[str]) -> None:
    for party, points in ((world.bsp, [month[1]]), (world.bsp, [world.gsrn(404)]), (world.other_dso, [])):
        answer = await house.asks(party, "POST", "/exports", {**ORDER, "metering_points": points})
        assert code(answer) == (404, "EXPORT_EMPTY")
    job = await ready(house, world.dso)
    for path in (job["links"]["self"], job["files"][0]["link"], f"/exports/{world.uuid(404)}", "/exports/x"):
        assert code(await house.gets(world.bsp, path)) == (404, "EXPORT_NOT_FOUND")
    assert code(await house.asks(world.bsp, "DELETE", job["links"]["self"])) == (404, "EXPORT_NOT_FOUND")
    other = f"{job['links']['self']}/files/2026-02.parquet"
    assert code(await house.gets(world.dso, other)) == (404, "EXPORT_NOT_FOUND")
    assert (await house.gets(world.bsp, "/exports")).json() == {"exports": []}
    listed = (await house.gets(world.dso, "/exports")).json()
    valid("Exports", listed)
    assert listed == {"exports": [job]}
    assert (await house.asks(world.dso, "DELETE", job["links"]["self"])).status_code == 204
    assert (await house.gets(world.dso, "/exports")).json() == {"exports": []}


@pytest.mark.rule("EXPORT_REVOKED")
async def test_a_right_that_is_lost_stops_the_fetching(
    house: House, world: Any, engine: AsyncEngine, month: list[str]
) -> None:
    job = await ready(house, world.bsp, formats=["parquet"])
    march, april = (file["link"] for file in job["files"])
    assert (await house.gets(world.bsp, march)).status_code == 200
    house.withdrawn(month[3], world.local("2026-04-01"))
    await house.stands()
    assert (await house.gets(world.bsp, march)).status_code == 200, "nothing of it is in that file"
    assert code(await house.gets(world.bsp, april)) == (410, "EXPORT_REVOKED")
    assert code(await house.gets(world.bsp, march)) == (410, "EXPORT_REVOKED")
    found = (await house.gets(world.bsp, job["links"]["self"])).json()
    assert (found["state"], found["files"]) == ("revoked", [])
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM private.export_part")) == 0


async def test_a_right_that_ends_behind_all_that_is_in_a_file_takes_nothing_from_it(
    house: House, world: Any, month: list[str]
) -> None:
    more = {"to": "2026-05-01", "formats": ["parquet"]}
    await house.stands(world.local("2026-04-06"))
    job = await ready(house, world.bsp, **more)
    _, april = (file["link"] for file in job["files"])
    ends = {"metering_point_id": month[3], "bsp": world.bsp, "dso": world.dso, "valid_from": world.local("2026-04-01")}
    world.scenario.given(bsp_switch.ControlEndAnnounced(**ends, valid_to=world.local("2026-04-20"), because="move-out"))
    await house.stands()
    assert (await house.gets(world.bsp, april)).status_code == 200, "it was ordered before there were such values"
    named = await ready(house, world.bsp, as_of=job["as_of"], **more)
    assert (await house.gets(world.bsp, named["files"][1]["link"])).status_code == 200
    world.scenario.given(bsp_switch.ControlEndAnnounced(**ends, valid_to=world.local("2026-04-02"), because="move-out"))
    await house.stands()
    assert code(await house.gets(world.bsp, april)) == (410, "EXPORT_REVOKED")
    # Whoever names a moment may name one that its positions are ahead of.
    assert code(await house.gets(world.bsp, named["files"][1]["link"])) == (410, "EXPORT_REVOKED")


async def test_the_same_order_sent_twice_at_once_is_one_export(house: House, world: Any, month: list[str]) -> None:
    """As by who hears nothing in time, and sends again."""
    order = {**ORDER, "id": world.uuid(7)}
    answers = await asyncio.gather(*(house.asks(world.dso, "POST", "/exports", order) for _ in range(2)))
    assert sorted(one.status_code for one in answers) == [200, 201]
    assert {one.json()["id"] for one in answers} == {world.uuid(7)}


@pytest.mark.rule("EXPORT_RANGE_INVALID")
async def test_a_transfer_goes_on_where_it_ended(house: House, world: Any, month: list[str]) -> None:
    job = await ready(house, world.dso, formats=["csv.zst"])
    file = job["files"][0]
    whole = await house.gets(world.dso, file["link"])
    etag, size = whole.headers["etag"], file["bytes"]
    assert (etag, whole.headers["accept-ranges"]) == (f'"{file["sha256"]}"', "bytes")
    for asked, first, last in (("0-9", 0, 10), ("10-", 10, size), ("-7", size - 7, size), (f"5-{size * 2}", 5, size)):
        answer = await house.asks(world.dso, "GET", file["link"], range=f"bytes={asked}", if_range=etag)
        assert (answer.status_code, answer.content) == (206, whole.content[first:last])
        assert answer.headers["content-range"] == f"bytes {first}-{last - 1}/{size}"
    other = await house.asks(world.dso, "GET", file["link"], range="bytes=10-", if_range='"other"')
    assert (other.status_code, other.content) == (200, whole.content)
    for asked in (f"bytes={size}-", "bytes=9-5", "bytes=0-1,4-5", "bytes=-0", "bytes=-"):
        answer = await house.asks(world.dso, "GET", file["link"], range=asked)
        assert code(answer) == (416, "EXPORT_RANGE_INVALID")
    unknown = await house.asks(world.dso, "GET", file["link"], range="lines=1-2")
    assert (unknown.status_code, unknown.content) == (200, whole.content)
    head = await house.asks(world.dso, "HEAD", file["link"])
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")


async def test_what_is_fetched_is_noted_once(
    house: House, world: Any, month: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[Any] = []

    async def note(_connection: Any, reader: Any, reads: Any, *, at: Any) -> None:
        noted.extend((reader.party, one.point, one.line, one.start, one.end) for one in reads)

    monkeypatch.setattr(rights.permission, "noted", note)
    job = await ready(house, world.bsp, formats=["parquet"], lines=["consumption"])
    assert noted == [], "nothing was read yet"
    march = job["files"][0]["link"]
    await house.asks(world.bsp, "HEAD", march)
    await house.asks(world.bsp, "GET", march, range="bytes=0-9")
    await house.gets(world.bsp, march)
    assert noted == [(world.bsp, month[0], "consumption", world.local("2026-03-29"), world.local("2026-04-01"))]


@pytest.mark.rule("EXPORT_FILE_NOT_READY")
async def test_a_killed_process_goes_on_with_the_next_file(
    house: House, world: Any, engine: AsyncEngine, month: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await ordered(house, world.dso, id=world.uuid(600))
    assert await making.one(engine)
    first = await made_of(engine, job["id"])
    killed = asyncio.Event()

    async def dies(*_: Any) -> None:
        killed.set()
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "put_made", dies)
        with pytest.raises(asyncio.CancelledError):
            await making.one(engine)
    assert killed.is_set()
    assert await made_of(engine, job["id"]) == first, "what was under way has left nothing"
    waiting = (await house.gets(world.dso, job["links"]["self"])).json()
    assert [one["state"] for one in waiting["files"]] == ["ready", *["waiting"] * 5]
    answer = await house.gets(world.dso, f"{job['links']['self']}/files/{waiting['files'][1]['name']}")
    assert code(answer) == (409, "EXPORT_FILE_NOT_READY")
    await making.tend(engine, NOW)
    found = (await house.gets(world.dso, job["links"]["self"])).json()
    other = await ready(house, world.dso, as_of=job["as_of"])
    assert [one["sha256"] for one in found["files"]] == [one["sha256"] for one in other["files"]]


@pytest.mark.rule("EXPORT_ID_REUSED")
@pytest.mark.rule("EXPORT_TOO_MANY")
async def test_an_order_with_its_own_id_is_taken_once_and_there_are_so_many_at_once(
    house: House, world: Any, month: list[str]
) -> None:
    mine = {**ORDER, "id": world.uuid(600)}
    first = await house.asks(world.dso, "POST", "/exports", mine)
    again = await house.asks(world.dso, "POST", "/exports", mine)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert code(await house.asks(world.dso, "POST", "/exports", {**mine, "kind": "recorded"})) == (
        409,
        "EXPORT_ID_REUSED",
    )
    assert code(await house.asks(world.bsp, "POST", "/exports", mine)) == (409, "EXPORT_ID_REUSED")
    for _ in range(3):
        await ordered(house, world.dso)
    assert code(await house.asks(world.dso, "POST", "/exports", ORDER)) == (429, "EXPORT_TOO_MANY")


async def test_exports_expire(house: House, world: Any, engine: AsyncEngine, month: list[str]) -> None:
    job = await ready(house, world.dso)
    assert datetime.fromisoformat(job["expires_at"]) == NOW + timedelta(days=7)
    house.now += 7 * 86_400
    assert code(await house.gets(world.dso, job["files"][0]["link"])) == (404, "EXPORT_NOT_FOUND")
    await making.tend(engine, NOW + timedelta(days=7))
    async with engine.connect() as connection:
        for table in ("job", "point", "file", "part"):
            assert await connection.scalar(text(f"SELECT count(*) FROM private.export_{table}")) == 0


async def test_all_that_was_received_in_a_period_is_given_again(
    house: House, world: Any, month: list[str], day_series: Any
) -> None:
    at = world.local("2026-04-04", "06:30")
    await house.comes(day_series(month[0], "2026-03-28", 1, registered_at=at), at=at)
    await house.comes(day_series(month[0], "2026-03-29", 2, registered_at=at), at=at + timedelta(hours=1))
    await house.comes(day_series(month[0], "2026-03-29", 3, registered_at=at), at=at + timedelta(days=1))
    period = {"kind": "recorded", "from": "2026-04-04", "to": "2026-04-05"}
    job = await ready(house, world.bsp, **period)
    again = await ready(house, world.bsp, as_of=job["as_of"], **period)
    contents = await fetched(house, world.bsp, job)
    assert contents == await fetched(house, world.bsp, again)
    packed, zipped, parquet = [rows_of(name, content) for name, content in contents.items()]
    assert packed == zipped
    assert len(parquet) == 92, "of the day before its control the BSP gets nothing, and of the day after nothing came"
    assert {(row["wh"], row["version"].split("|")[2], row["received_at"]) for row in parquet} == {
        (2, "2026-03-29", at + timedelta(hours=1))
    }
    assert [row["wh"] for row in packed] == [row["wh"] for row in parquet]
    assert {row["received_at"].replace(tzinfo=UTC) for row in packed} == {at + timedelta(hours=1)}


async def test_a_history_is_what_may_be_read_of_three_years(
    house: House, world: Any, engine: AsyncEngine, month: list[str]
) -> None:
    job = await ordered(house, world.bsp, kind="history", formats=["parquet"], **{"from": None, "to": None})
    names = [one["name"] for one in job["files"]]
    assert (len(names), names[0][:4], names[-1][:4]) == (37, "2023", "2026")
    await making.tend(engine, NOW)
    job = (await house.gets(world.bsp, job["links"]["self"])).json()
    own = {month[0]: world.local("2026-03-29"), month[3]: world.local("2026-04-01")}
    expected = await delivered(engine, [*own], "2026-03-28", "2026-04-03", own)
    assert sum(one["values"] for one in job["files"]) == len(expected)


@pytest.mark.rule("EXPORT_INVALID")
@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"kind": "everything"}, "/body/kind"),
        ({"to": "2026-03-28"}, "/body"),
        ({"to": "2036-03-28"}, "/body"),
        ({"from": None}, "/body"),
        ({"kind": "history"}, "/body"),
        ({"formats": []}, "/body/formats"),
        ({"formats": ["xml"]}, "/body/formats/0"),
        ({"lines": ["sideways"]}, "/body/lines/0"),
        ({"metering_points": ["1"]}, "/body/metering_points/0"),
        ({"whatever": 1}, "/body/…"),
        ({"as_of": {"time": "2026-04-06", "positions": {}}}, "/body/as_of/time"),
        ({"as_of": {"time": "2026-04-06T08:00:00Z", "positions": {"0": "1"}}}, "/body/as_of/positions/…"),
    ],
)
async def test_what_cannot_be_ordered_says_where(
    house: House, world: Any, month: list[str], changes: dict[str, Any], path: str
) -> None:
    answer = await house.asks(world.dso, "POST", "/exports", {**ORDER, **changes})
    assert code(answer) == (400, "EXPORT_INVALID")
    valid("Reason", answer.json())
    said = answer.json()
    assert said["path"] == path
    assert said["limit"] in said["text_en"]
    # Pydantic has its own words for what we have none: in them both texts would be the same.
    nb, en = said["text_nb"].partition(": ")[2], said["text_en"].partition(": ")[2]
    assert nb != en
    assert said["fix_nb"] != said["fix_en"]
    for body in (b"{", b"null", b"1", b"true", b'"x"', b"[]"):
        assert code(await house.asks(world.dso, "POST", "/exports", body)) == (400, "EXPORT_INVALID"), body


@pytest.mark.rule("EXPORT_AS_OF_AHEAD")
async def test_an_order_is_of_what_there_is(house: House, world: Any, month: list[str]) -> None:
    as_of = {"time": "2026-04-06T08:00:00Z", "positions": {"0": 10**6}}
    answer = await house.asks(world.dso, "POST", "/exports", {**ORDER, "as_of": as_of})
    assert code(answer) == (400, "EXPORT_AS_OF_AHEAD")
    assert answer.json()["path"] == "/body/as_of"


async def test_a_process_of_their_own_makes_them(
    house: House, world: Any, engine: AsyncEngine, month: list[str]
) -> None:
    house.now = datetime.now(UTC).timestamp()
    job = await ordered(house, world.dso, formats=["parquet"])
    url = engine.url.render_as_string(hide_password=False)
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP": "nowhere:1",
        "METER_INGEST_DATABASE_URL": url,
        "METER_INGEST_PORT": "0",
    }
    command = (sys.executable, "-m", "meter_ingest", "exports")
    pipe = asyncio.subprocess.PIPE
    two = [await asyncio.create_subprocess_exec(*command, env=environment, stderr=pipe) for _ in range(2)]
    try:
        for process in two:
            assert process.stderr is not None
            assert b"has begun" in await process.stderr.readline()
        async with asyncio.timeout(120):
            while (found := (await house.gets(world.dso, job["links"]["self"])).json())["state"] != "ready":
                await asyncio.sleep(0.1)
    finally:
        for process in two:
            process.terminate()
        assert [await process.wait() for process in two] == [0, 0]
    assert all(one["state"] == "ready" for one in found["files"])


async def test_who_takes_values_in_makes_none_where_another_process_does() -> None:
    settings = SimpleNamespace(exports_apart=True)
    await making.attend(SimpleNamespace(settings=settings))  # pyright: ignore[reportArgumentType] - it asks no more


# Without a database


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    points = [f"70705750000000{n:04d}" for n in range(draw(st.integers(1, 3)))]
    chunk = Chunk("production", points)
    for point in range(len(points)):
        for _ in range(draw(st.integers(0, 4))):
            width = draw(st.sampled_from((4, 8)))
            wh = draw(st.lists(st.integers(0, 2 ** (8 * width - 1) - 1), min_size=1, max_size=8))
            start = 1_774_652_400 + 900 * draw(st.integers(0, 10_000))
            status = draw(st.sampled_from(("metered", "estimated", "final-estimated")))
            packed = b"".join(one.to_bytes(width, "little") for one in wh)
            minutes = draw(st.sampled_from((15, 60)))
            chunk.segments.append(Segment(point, start, minutes, status, "flat", width, packed))
    return chunk


@pytest.mark.parametrize("format_", ["csv.zst", "csv.gz", "parquet"])
@settings(max_examples=30, deadline=None)
@given(some=st.lists(chunks(), max_size=3))
def test_each_value_is_a_row_with_its_own_time(format_: Any, some: list[Chunk]) -> None:
    sink = Sink()
    to = files.writer(format_, sink, versions=False)
    counted = sum(to.write(chunk) for chunk in some)
    to.close()
    content = b"".join(sink.taken(last=True))
    expected = [
        (
            chunk.points[one.point], "production", datetime.fromtimestamp(one.start + 60 * one.minutes * n, UTC),
            int.from_bytes(one.wh[n * one.width : (n + 1) * one.width], "little"), one.minutes, one.status, one.origin,
        )
        for chunk in some
        for one in chunk.segments
        for n in range(len(one.wh) // one.width)
    ]  # fmt: skip
    assert (counted, len(content), hashlib.sha256(content).hexdigest()) == (len(expected), sink.size, sink.sha256)
    assert [tuple(row.values()) for row in rows_of(format_, content)] == expected


@given(st.lists(st.binary(max_size=3 * PART // 2), max_size=4))
@settings(max_examples=10, deadline=None)
def test_what_is_written_is_cut_into_parts_of_one_size(some: list[bytes]) -> None:
    sink, parts = Sink(), list[bytes]()
    for one in some:
        sink.write(one)
        parts += sink.taken()
    parts += sink.taken(last=True)
    assert b"".join(parts) == b"".join(some)
    assert all(len(part) == PART for part in parts[:-1])


async def test_what_is_made_ahead_has_ended_when_it_is_closed() -> None:
    begun, ended = list[int](), list[int]()
    going_on = asyncio.Event()

    async def some() -> AsyncGenerator[int]:
        try:
            for number in range(9):
                begun.append(number)
                yield number
                if number:
                    await going_on.wait()
        finally:
            ended.append(len(begun))

    async with contextlib.aclosing(making.ahead(some())) as each:
        async for number in each:
            assert number == 0
            while begun != [0, 1]:
                await asyncio.sleep(0)
            break
    assert ended == [2], "one more was made while the first was used, and no other"
    going_on.set()
    assert [number async for number in making.ahead(some())] == list(range(9))


async def test_what_fails_ahead_is_told_where_it_was_to_be_used() -> None:
    async def some() -> AsyncGenerator[int]:
        yield 1
        raise ZeroDivisionError

    each = making.ahead(some())
    assert await anext(each) == 1
    with pytest.raises(ZeroDivisionError):
        await anext(each)


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        ("2028-02-29T12:00:00Z", "2025-02-28", "2028-03-01"),
        ("2027-02-28T12:00:00Z", "2024-02-28", "2027-03-01"),
        ("2027-03-01T12:00:00Z", "2024-03-01", "2027-03-02"),
        ("2026-04-05T22:00:00Z", "2023-04-06", "2026-04-07"),
        ("2026-04-05T21:59:59Z", "2023-04-05", "2026-04-06"),
    ],
)
def test_a_history_begins_three_years_before_the_local_day(at: str, first: str, last: str) -> None:
    """29 February has the day before; and at midnight in Oslo it is another day."""
    found = Order(kind="history").period(datetime.fromisoformat(at))
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_period_is_cut_by_calendar_month() -> None:
    found = list(months(date(2026, 1, 31), date(2026, 3, 2)))
    assert found == [
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 2)),
    ]
    assert export_desk.part("bytes=0-", 5) == (0, 5)
    assert segments.AT_ONCE == 256, "another number makes other bytes of the same values: say so in the changelog"
