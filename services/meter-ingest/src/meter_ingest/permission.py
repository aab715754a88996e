"""Who may read which values, asked of what the register knows; and the log of what was read, kept for the end user.

    found = await permission.readable(connection, Reader(party, Role.DSO), points, at=at)
    spans = reach.spans(found[point], line, start=start, end=end)
    ...
    reads = permission.Read.on(found[point], point, line, start, end)
    await permission.noted(connection, reader, reads, at=at)

The policy is `domain.reach`. A party that is not known, not active or not in the role it reads in may read nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import store as documents
from chassis.service import Kind, State
from contracts.values import Role
from meter_ingest import queries, store
from meter_ingest.domain import blocks, granted, granting, own_meters, reach, supplied
from meter_ingest.domain.grants import DataAccess
from meter_ingest.domain.reach import Readable as Readable  # noqa: PLC0414 - handed on
from meter_ingest.domain.reach import Reader as Reader  # noqa: PLC0414
from meter_ingest.domain.spans import Span
from meter_ingest.read_log import Noted as Noted  # noqa: PLC0414
from meter_ingest.read_log import Read as Read  # noqa: PLC0414
from meter_ingest.read_log import noted as noted  # noqa: PLC0414
from meter_ingest.read_log import noted_at_once as noted_at_once  # noqa: PLC0414
from meter_ingest.read_log import reads_of as reads_of  # noqa: PLC0414

_DECIDED_BY: Final[Mapping[Role, tuple[Kind[Any], ...]]] = {
    Role.DSO: (store.POINTS,),
    Role.BSP: (store.CONTROL, store.ACCESS),
    Role.SUPPLIER: (store.SUPPLY,),
    Role.BRP: (store.SUPPLY,),
    Role.THIRD_PARTY: (store.GRANTED,),
    Role.TSO: (store.MEMBERSHIPS,),
    Role.DATAHUB: (store.POINTS,),
}
"""What is looked up for a reader in this role."""
_IDS: Final = {
    "third_party": text("SELECT data_access_id FROM own.data_access WHERE third_party = :whose ORDER BY 1"),
    "end_user": text("SELECT data_access_id FROM own.data_access WHERE end_user = :whose ORDER BY 1"),
}

_UNANSWERED: Final = text(
    "SELECT data_access_id FROM own.data_access WHERE end_user = '' AND metering_point_id = ANY(:points) ORDER BY 1"
)


async def readable(
    connection: AsyncConnection, reader: Reader, points: Sequence[str], *, at: datetime
) -> dict[str, tuple[Readable, ...]]:
    """Which values of each point a reader may read at a moment; of one that is not known, none."""
    if not await _may_read(connection, reader):
        return dict.fromkeys(points, ())
    given = await _known(connection, reader, points)
    return {point: reach.readable(given, reader, point, at=at) for point in points}


async def readable_of_own_meter(
    connection: AsyncConnection, reader: Reader, meters: own_meters.OwnMeters, line: str, *, at: datetime
) -> tuple[Readable, ...]:
    """Which values of a line of a resource's own meter a reader may read at a moment."""
    if not await _may_read(connection, reader):
        return ()
    given = await _known(connection, reader, [meters.metering_point_id])
    return reach.of_own_meter(given, reader, meters, line, at=at)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a party may read of points at a moment, by the role it is read in."""

    at: datetime
    by_role: Mapping[Reader, Mapping[str, tuple[Readable, ...]]] = field(
        default_factory=dict[Reader, "Mapping[str, tuple[Readable, ...]]"]
    )

    def spans(self, point: str, line: str, start: datetime, end: datetime) -> list[Span]:
        """The parts of a period in which a line may be read: half-open, in order, apart from each other."""
        return reach.spans(
            tuple(one for of in self.by_role.values() for one in of.get(point, ())), line, start=start, end=end
        )

    def reads(self, point: str, line: str, spans: Iterable[Span]) -> dict[Reader, list[Read]]:
        """What is to be noted where these parts are handed out; in several roles, by each that had the right."""
        found: dict[Reader, list[Read]] = {}
        for first, last in spans:
            for reader, of in self.by_role.items():
                if some := list(Read.on(of.get(point, ()), point, line, first, last)):
                    found.setdefault(reader, []).extend(some)
        return found


async def readers(connection: AsyncConnection, party: str) -> list[Reader]:
    """A party in each of its roles; one that is not known has none."""
    known = await queries.document(connection, store.PARTY, party)
    return [Reader(party, role) for role in known.roles] if known else []


async def rights(
    connection: AsyncConnection, readers_: Iterable[Reader], points: Sequence[str], *, at: datetime
) -> Rights:
    """What may be read of points in any of some roles."""
    return Rights(at, {reader: await readable(connection, reader, points, at=at) for reader in readers_})


async def grant_ids(connection: AsyncConnection, *, third_party: str = "", end_user: str = "") -> list[str]:
    """A third party's own accesses, or those that an end user has approved: whatever has become of them, by id."""
    whose = {"third_party": third_party} if third_party else {"end_user": end_user}
    ((field, value),) = whose.items()
    return list((await connection.execute(_IDS[field], {"whose": value})).scalars()) if value else []


async def waiting_ids(connection: AsyncConnection, end_user: str, *, at: datetime) -> list[str]:
    """What third parties have asked for and this end user has not answered: of points that it stands behind then."""
    behind = await queries.document(connection, store.BEHIND, end_user)
    points = sorted(behind.points) if behind else []
    ids = list((await connection.execute(_UNANSWERED, {"points": points})).scalars()) if points else []
    supplies = await queries.documents_of(connection, store.SUPPLY, list(blocks.by_block(points))) if ids else {}
    found = await queries.documents_of(connection, store.DATA_ACCESS, ids) if ids else {}
    return [
        id_
        for id_, one in found.items()
        if one is not None
        and one.status(at) == "pending"
        and granting.is_asked_of(one, end_user, supplied.of_point(supplies, one.metering_point_id), at)
    ]


async def listed(connection: AsyncConnection, ids: list[str]) -> list[dict[str, Any]]:
    """Accesses with their status now, and what may be read on them. No third party is told who its end users are."""
    at = await queries.now(connection)
    of = await queries.documents_of(connection, store.DATA_ACCESS, ids)
    found = [one for id_ in ids if (one := of.get(id_)) is not None]
    points: dict[str, list[str]] = {}
    for one in found:
        points.setdefault(one.third_party, []).extend(one.points)
    may = {
        third: await readable(connection, Reader(third, Role.THIRD_PARTY), list(dict.fromkeys(some)), at=at)
        for third, some in points.items()
    }
    return [_told(one, may[one.third_party], at) for one in found]


def _told(one: DataAccess, may: Mapping[str, tuple[Readable, ...]], at: datetime) -> dict[str, Any]:
    asked = one.asked
    return {
        "data_access_id": one.data_access_id,
        "third_party": one.third_party,
        "metering_point_id": one.metering_point_id,
        "status": one.status(at),
        "level": one.level,
        "valid_from": one.valid_from,
        "until": one.until,
        "purpose": one.purpose,
        "future_points": one.future_points,
        "approved_at": one.approved_at,
        "lapses_at": one.unanswered_at,
        "change": {"level": asked.level, "valid_to": asked.valid_to} if asked else None,
        "points": [
            {
                "metering_point_id": point,
                "periods": [
                    {"start": each.start, "end": each.end}
                    for each in may.get(point, ())
                    if each.about == one.data_access_id
                ],
            }
            for point in one.points
        ],
    }


def decided_by(party: str, roles: Iterable[Role], points: Sequence[str]) -> list[tuple[Kind[Any], Sequence[str]]]:
    """The documents that a party's rights to points follow from, but for single grants."""
    named = list(blocks.by_block(points))
    kinds = dict.fromkeys(kind for role in roles for kind in _DECIDED_BY.get(role, ()))
    return [(store.PARTY, [party]), *((kind, named) for kind in kinds)]


async def _may_read(connection: AsyncConnection, reader: Reader) -> bool:
    party = await queries.document(connection, store.PARTY, reader.party)
    return party is not None and party.may_be(reader.role)


async def _known(connection: AsyncConnection, reader: Reader, points: Sequence[str]) -> reach.Known:
    """What it is decided by, in one query; on grants there are those, too."""
    named = list(blocks.by_block(points))
    wanted = (store.SUPPLY,) if reader.end_user else _DECIDED_BY.get(reader.role, ())
    found = await documents.loader(connection)([(kind, named) for kind in wanted])

    def of(kind: Kind[State]) -> dict[str, State | None]:
        return {id_: one.state for (name, id_), one in found.items() if name == kind.name}

    index = of(store.GRANTED)
    ids = dict.fromkeys(id_ for point in points for id_ in granted.of_point(index, point))
    return reach.Known(
        points=of(store.POINTS),
        controls=of(store.CONTROL),
        accesses=of(store.ACCESS),
        memberships=of(store.MEMBERSHIPS),
        supplies=of(store.SUPPLY),
        granted=index,
        grants=await queries.documents_of(connection, store.DATA_ACCESS, list(ids)) if ids else {},
    )
