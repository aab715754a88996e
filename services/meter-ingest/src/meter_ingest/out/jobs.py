"""Exports as they are kept: the order, what it may contain by point, and the files in parts (schema `private`)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.values import Role
from meter_ingest.domain.spans import Span
from meter_ingest.out.order import Format, Order, State, months

PART: Final = 1 << 20
"""Bytes of a part."""
_AT_ONCE: Final = 2000
_JOB: Final = (
    "SELECT id, party, roles, asked, asked_at, as_of, positions, points, expires_at, state FROM private.export_job"
)


@dataclass(frozen=True, slots=True)
class Job:
    """An export."""

    id: str
    party: str
    roles: tuple[Role, ...]
    order: Order
    asked_at: datetime
    as_of: datetime
    positions: dict[str, int]
    """Of the value shards: nothing that came later is in it."""
    points: int
    expires_at: datetime
    state: State = "making"


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that a job has, made or not: the local days [first, last) of values, or of their receipt."""

    first: date
    last: date
    format: Format

    @property
    def name(self) -> str:
        """By month: `2026-03.csv.zst`."""
        return f"{self.first:%Y-%m}.{self.format}"


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is ready."""

    name: str
    rows: int
    bytes: int
    sha256: str
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Right:
    """What a job may contain of a line of a point."""

    point: str
    line: int
    """As the store has it."""
    spans: tuple[Span, ...]


def planned(job: Job) -> list[Planned]:
    """The files of a job, in the order in which they are made."""
    first, last = job.order.period(job.as_of)
    formats = dict.fromkeys(job.order.formats)
    return [Planned(start, end, format_) for start, end in months(first, last) for format_ in formats]


async def keep(connection: AsyncConnection, job: Job, rights: Iterable[Right]) -> None:
    """A new job, in the connection's transaction."""
    await connection.execute(
        text(
            "INSERT INTO private.export_job (id, party, roles, asked, asked_at, as_of, positions, points, expires_at)"
            " VALUES (CAST(:id AS uuid), :party, :roles, CAST(:asked AS jsonb), :asked_at, :as_of,"
            " CAST(:positions AS jsonb), :points, :expires_at)"
        ),
        {
            "id": job.id,
            "party": job.party,
            "roles": [role.value for role in job.roles],
            "asked": job.order.model_dump_json(by_alias=True),
            "asked_at": job.asked_at,
            "as_of": job.as_of,
            "positions": _json(job.positions),
            "points": job.points,
            "expires_at": job.expires_at,
        },
    )
    raw: Any = (await connection.get_raw_connection()).driver_connection
    await raw.copy_records_to_table(
        "export_point",
        schema_name="private",
        columns=("job", "line", "metering_point_id", "starts", "ends"),
        records=[
            (job.id, one.line, int(one.point), [start for start, _ in one.spans], [end for _, end in one.spans])
            for one in rights
        ],
    )


async def find(connection: AsyncConnection, id_: str) -> Job | None:
    """A job by its id."""
    row = (await connection.execute(text(f"{_JOB} WHERE id = CAST(:id AS uuid)"), {"id": id_})).one_or_none()
    return _job(row) if row else None


async def of_party(connection: AsyncConnection, party: str) -> list[Job]:
    """A party's jobs, the newest first."""
    rows = await connection.execute(
        text(f"{_JOB} WHERE party = :party ORDER BY asked_at DESC, id LIMIT 1000"), {"party": party}
    )
    return [_job(row) for row in rows]


async def unfinished(connection: AsyncConnection) -> Job | None:
    """The oldest job that is not ready."""
    row = (await connection.execute(text(f"{_JOB} WHERE state = 'making' ORDER BY asked_at, id LIMIT 1"))).one_or_none()
    return _job(row) if row else None


async def is_making(connection: AsyncConnection, id_: str, *, held: bool = False) -> bool:
    """Whether its files are still to be made. `held`: nobody revokes it before the transaction ends."""
    query = "SELECT state = 'making' FROM private.export_job WHERE id = CAST(:id AS uuid)"
    return bool(await connection.scalar(text(query + " FOR SHARE" * held), {"id": id_}))


async def made(connection: AsyncConnection, id_: str) -> dict[str, Made]:
    """The files of a job that are ready, by name."""
    rows = await connection.execute(
        text(
            "SELECT name, rows, bytes, sha256, noted FROM private.export_file WHERE job = CAST(:id AS uuid)"
            " ORDER BY name"
        ),
        {"id": id_},
    )
    return {row.name: Made(*row) for row in rows}


async def rights(
    connection: AsyncConnection, id_: str, line: int, *, after: int, most: int, start: datetime, end: datetime
) -> list[Right]:
    """What a job may contain of the next points of a line, where any of it lies in a period."""
    rows = await connection.execute(
        text(
            "SELECT metering_point_id, line, starts, ends FROM private.export_point"
            " WHERE job = CAST(:id AS uuid) AND line = :line AND metering_point_id > :after"
            " AND starts[1] < :end AND ends[array_length(ends, 1)] > :start ORDER BY metering_point_id LIMIT :most"
        ),
        {"id": id_, "line": line, "after": after, "most": most, "start": start, "end": end},
    )
    return [Right(str(row.metering_point_id), row.line, tuple(zip(row.starts, row.ends, strict=True))) for row in rows]


async def all_rights(connection: AsyncConnection, id_: str, *, start: datetime, end: datetime) -> AsyncIterator[Right]:
    """What a job may contain of all its points, where any of it lies in a period."""
    for line in await lines_of(connection, id_):
        after = 0
        while some := await rights(connection, id_, line, after=after, most=_AT_ONCE, start=start, end=end):
            after = int(some[-1].point)
            for one in some:
                yield one


async def lines_of(connection: AsyncConnection, id_: str) -> list[int]:
    """The lines that a job contains anything of."""
    rows = await connection.scalars(
        text("SELECT DISTINCT line FROM private.export_point WHERE job = CAST(:id AS uuid) ORDER BY line"), {"id": id_}
    )
    return list(rows)


async def put_parts(connection: AsyncConnection, id_: str, name: str, first: int, parts: Sequence[bytes]) -> None:
    """Some parts of a file, from the first of these on, in the connection's transaction, which must have begun."""
    raw: Any = (await connection.get_raw_connection()).driver_connection
    assert raw.is_in_transaction()
    await raw.copy_records_to_table(
        "export_part",
        schema_name="private",
        columns=("job", "name", "number", "bytes"),
        records=[(id_, name, first + number, part) for number, part in enumerate(parts)],
    )


async def put_made(connection: AsyncConnection, id_: str, file: Made) -> None:
    """A file is ready: its parts are there."""
    await connection.execute(
        text(
            "INSERT INTO private.export_file (job, name, rows, bytes, sha256)"
            " VALUES (CAST(:id AS uuid), :name, :rows, :bytes, :sha256)"
        ),
        {"id": id_, "name": file.name, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256},
    )


async def said(connection: AsyncConnection, id_: str, state: State) -> None:
    """How a job stands. What may no longer be read has no files and no points either."""
    await connection.execute(
        text("UPDATE private.export_job SET state = :state WHERE id = CAST(:id AS uuid) AND state <> 'revoked'"),
        {"id": id_, "state": state},
    )
    if state == "revoked":
        for table in ("export_part", "export_file", "export_point"):
            await connection.execute(
                text(f"DELETE FROM private.{table} WHERE job = CAST(:id AS uuid)"),  # noqa: S608 - named here
                {"id": id_},
            )


async def note_once(connection: AsyncConnection, id_: str, name: str) -> bool:
    """Whether it is the first time that any of a file is fetched; from then on it is not."""
    first = await connection.scalar(
        text(
            "UPDATE private.export_file SET noted = true"
            " WHERE job = CAST(:id AS uuid) AND name = :name AND NOT noted RETURNING true"
        ),
        {"id": id_, "name": name},
    )
    return bool(first)


async def delete(connection: AsyncConnection, id_: str) -> None:
    """A job with all that it has."""
    await connection.execute(text("DELETE FROM private.export_job WHERE id = CAST(:id AS uuid)"), {"id": id_})


async def delete_expired(connection: AsyncConnection, now: datetime) -> int:
    """Those whose time is over; how many there were."""
    gone = await connection.execute(text("DELETE FROM private.export_job WHERE expires_at <= :now"), {"now": now})
    return gone.rowcount


async def parts(engine: AsyncEngine, id_: str, name: str, first: int, last: int) -> AsyncIterator[bytes]:
    """The bytes [first, last) of a file, part by part: no connection is held while whoever fetches it is slow."""
    for number in range(first // PART, -(-last // PART)):
        async with engine.connect() as connection:
            found = await connection.scalar(
                text(
                    "SELECT bytes FROM private.export_part"
                    " WHERE job = CAST(:id AS uuid) AND name = :name AND number = :number"
                ),
                {"id": id_, "name": name, "number": number},
            )
        if found is None:
            # It has expired, or was revoked, in the middle: the transfer ends short, which its length shows.
            return
        begin = number * PART
        yield found[max(0, first - begin) : last - begin]


def _job(row: Any) -> Job:
    roles = tuple(Role(role) for role in row.roles)
    order = Order.model_validate(row.asked)
    return Job(
        str(row.id), row.party, roles, order, row.asked_at, row.as_of, dict(row.positions), row.points,
        row.expires_at, row.state,
    )  # fmt: skip


def _json(positions: dict[str, int]) -> str:
    return json.dumps(positions, sort_keys=True)
