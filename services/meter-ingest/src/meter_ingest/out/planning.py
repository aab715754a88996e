"""What an order comes to when it is made: which points, and of each which parts may be read, all of one moment."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import store as documents
from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.service import Kind
from contracts import calendar, policies
from contracts.calendar import DAY
from contracts.policies import Policies
from contracts.values import Role
from meter_ingest import permission, queries, store
from meter_ingest.domain import days, lines, out_rules
from meter_ingest.out import fresh, jobs, rights
from meter_ingest.out.jobs import Job, Right
from meter_ingest.out.order import Order

KEPT: Final = "exports.keep-days"
AT_ONCE: Final = "exports.at-once"
_BLOCKS_AT_ONCE: Final = 20
_NAMED_IN: Final[Mapping[Role, tuple[Kind[Any], ...]]] = {
    Role.DSO: (store.POINTS,),
    Role.BSP: (store.CONTROL, store.ACCESS),
    Role.SUPPLIER: (store.SUPPLY,),
    Role.BRP: (store.SUPPLY,),
}
"""By role: the documents in which it is named where it may have a right."""
_ALL: Final[Mapping[Role, Kind[Any]]] = {Role.TSO: store.MEMBERSHIPS, Role.DATAHUB: store.POINTS}
"""By role: the kind whose blocks it may read of, whoever is named in them."""
ALWAYS: Final = (datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
_RECEIVED_OF: Final = timedelta(days=11 * 366)
"""How far back of its receipt a value can be."""


async def order(connection: AsyncConnection, caller: Caller, asked: Order, *, now: datetime) -> tuple[Job, bool]:
    """The export, and whether it is new. Raises `Turned`. `now`: the machine's clock, which only expiry goes by."""
    if asked.id is not None and (before := await jobs.find(connection, asked.id)) is not None:
        if before.party != caller.party or before.order != asked:
            raise Turned(409, out_rules.EXPORT_ID_REUSED, path="/body/id")
        return before, False
    in_force, at = await _policies(connection), await queries.now(connection)
    await _room(connection, caller, in_force, at)
    stamp = await fresh.stamp(connection)
    as_of = max([at, *(one.received_at for one in stamp.shards if one.received_at is not None)])
    positions = stamp.positions
    if asked.as_of is not None:
        as_of, positions = asked.as_of.time, asked.as_of.positions
        if as_of > at or any(upto > stamp.positions.get(shard, 0) for shard, upto in positions.items()):
            there, asked_for = calendar.local_text(at), calendar.local_text(as_of)
            raise Turned(400, out_rules.EXPORT_AS_OF_AHEAD, path="/body/as_of", limit=there, actual=asked_for)
    allowed = await planned(connection, caller, asked, at=at, as_of=as_of)
    if not allowed:
        raise Turned(404, out_rules.EXPORT_EMPTY)
    job = Job(
        id=asked.id or str(uuid.uuid4()),
        party=caller.party,
        roles=caller.roles,
        order=asked,
        asked_at=at,
        as_of=as_of,
        positions=positions,
        points=len({one.point for one in allowed}),
        expires_at=now + timedelta(days=in_force.whole(KEPT, at=at)),
    )
    await jobs.keep(connection, job, allowed)
    return job, True


async def planned(
    connection: AsyncConnection, caller: Caller, asked: Order, *, at: datetime, as_of: datetime
) -> list[Right]:
    """By line and point, what the caller may read at this moment of what is ordered."""
    first, last = asked.period(as_of)
    start, end = days.day(first).start, days.day(last).start
    if asked.kind == "recorded":
        # A period of receipt: of whenever the values are.
        start, end = start - _RECEIVED_OF, end + DAY
    found: list[Right] = []
    points = sorted(set(asked.metering_points)) or await own_points(connection, caller, asked.end_user or "")
    for begin in range(0, len(points), _BLOCKS_AT_ONCE * 100):
        some = points[begin : begin + _BLOCKS_AT_ONCE * 100]
        may = await rights.of(connection, caller.party, caller.roles, some, at=at, end_user=asked.end_user or "")
        for line in dict.fromkeys(asked.lines):
            code = lines.code(line)
            each = ((point, may.spans(point, line, start, end)) for point in some)
            found += [Right(point, code, tuple(spans)) for point, spans in each if spans]
    return found


async def own_points(connection: AsyncConnection, caller: Caller, end_user: str = "") -> list[str]:
    """The points that the caller could have any right to, in order: those of blocks in which it is named at all.

    On behalf of an end user, those that this one ever stood behind. Which of them it may read `permission` says.
    """
    if end_user:
        behind = await queries.document(connection, store.BEHIND, end_user)
        return sorted(behind.points) if behind else []
    named: set[str] = set()
    for role in caller.roles:
        for kind in _NAMED_IN.get(role, ()):
            named |= await _blocks(connection, kind, [caller.party])
        if role in _ALL:
            named |= await _blocks(connection, _ALL[role])
        if role == Role.THIRD_PARTY:
            ids = await permission.grant_ids(connection, third_party=caller.party)
            named |= await _blocks(connection, store.GRANTED, ids) if ids else set[str]()
    found: list[str] = []
    ordered = sorted(named)
    for begin in range(0, len(ordered), 1000):
        some = ordered[begin : begin + 1000]
        known = await queries.documents_of(connection, store.POINTS, some)
        found += [block + place for block in some if (of := known.get(block)) for place in sorted(of.places)]
    return found


async def still(connection: AsyncConnection, job: Job, *, start: datetime, end: datetime) -> permission.Rights | None:
    """What the owner may read now of a file's points; None where any of the file is no longer among it."""
    at = await queries.now(connection)
    end_user = job.order.end_user or ""
    by_role: dict[permission.Reader, dict[str, tuple[permission.Readable, ...]]] = {}
    for line in await jobs.lines_of(connection, job.id):
        after = 0
        while some := await jobs.rights(
            connection, job.id, line, after=after, most=_BLOCKS_AT_ONCE * 100, start=start, end=end
        ):
            after = int(some[-1].point)
            points = [one.point for one in some]
            may = await rights.of(connection, job.party, job.roles, points, at=at, end_user=end_user)
            for one in some:
                if not _within(one, may, lines.of_code(line), start, end):
                    return None
            for reader, of in may.by_role.items():
                by_role.setdefault(reader, {}).update(of)
    return permission.Rights(at, by_role)


def _within(one: Right, may: permission.Rights, line: str, start: datetime, end: datetime) -> bool:
    """Whether all that is in the file of a point may still be read."""
    now = may.spans(one.point, line, start, end)
    held = ((max(first, start), min(last, end)) for first, last in one.spans)
    return all(any(a <= first and last <= b for a, b in now) for first, last in held if first < last)


async def _room(connection: AsyncConnection, caller: Caller, in_force: Policies, at: datetime) -> None:
    most = in_force.whole(AT_ONCE, at=at)
    making = sum(one.state == "making" for one in await jobs.of_party(connection, caller.party))
    if making >= most:
        raise Turned(429, out_rules.EXPORT_TOO_MANY, limit=most, actual=making)


async def _policies(connection: AsyncConnection) -> Policies:
    said = await queries.document(connection, store.POLICIES, policies.ID)
    return policies.known(said, await queries.document(connection, store.CHANGED_POLICIES, policies.ID))


async def _blocks(connection: AsyncConnection, kind: Kind[Any], names: Sequence[str] = ()) -> set[str]:
    """The ids of a kind's documents; with names, of those in which any of them stands."""
    query = f"SELECT id FROM {documents.table_of(kind)} WHERE kind = :kind"  # noqa: S608 - a declared name
    if names:
        query += " AND EXISTS (SELECT FROM unnest(CAST(:names AS text[])) AS n(name)"
        query += " WHERE strpos(CAST(state AS text), n.name) > 0)"
    return set(await connection.scalars(text(query), {"kind": kind.name, **({"names": [*names]} if names else {})}))


def utc(seconds: float) -> datetime:
    """A moment of the machine's clock."""
    return datetime.fromtimestamp(seconds, UTC)
