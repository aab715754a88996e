"""What the operator's port has of virtual channels: `/values?virtual=…`, with how the values were computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contracts.calendar import Resolution
from contracts.values import Role
from meter_ingest import asked_reads, permission, queries, virtual_queries
from meter_ingest.domain import reach
from meter_ingest.domain import spans as spans_
from meter_ingest.domain.virtual import Part, Stretch, rests_on
from meter_ingest.permission import Reader
from meter_ingest.virtual_queries import Computed

if TYPE_CHECKING:
    from meter_ingest.pages import Asked

_OPERATOR = Reader("", Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader is told of a virtual channel, and what that was computed from: points, lines and periods."""

    told: dict[str, Any]
    by_reader: Mapping[Reader, tuple[tuple[str, str, datetime, datetime], ...]]
    """Of each that may read any of it."""
    computed: Computed


async def answer(engine: AsyncEngine, asked: Asked) -> dict[str, Any] | None:
    """The values of a virtual channel, as `pages.answer` has those of points; None where nothing may be said. Noted.

    A party sees the stretches that the policy gives it (`reach.of_virtual`).
    """
    async with queries.reading_only(engine) as connection:
        readers = await permission.readers(connection, asked.party) if asked.party else [_OPERATOR]
        found = await seen(
            connection,
            asked.virtual,
            readers,
            start=asked.start,
            end=asked.end,
            resolution=asked.resolution or "PT15M",
            as_of=asked.as_of,
        )
        if found is None:
            return None
        told = found.told
        if asked.revisions:
            told |= {"versions": await _versions(connection, asked, found.computed)}
        await asked_reads.note(connection, chain.from_iterable(found.by_reader.values()), about=asked.virtual)
    return told


async def seen(
    connection: AsyncConnection,
    virtual: str,
    readers: Sequence[Reader],
    *,
    start: datetime,
    end: datetime,
    resolution: Resolution,
    as_of: datetime | None,
) -> Seen | None:
    """What any of these may read of a virtual channel; None where that is nothing. Raises `queries.UnableToRead`."""
    found = await virtual_queries.of_virtual(
        connection, virtual, start=start, end=end, resolution=resolution, as_of=as_of
    )
    if found is None:
        return None
    may = {one: [each for each in found.stretches if _may(one, each)] for one in readers}
    shown = [one for one in found.stretches if any(one in some for some in may.values())]
    if not shown:
        return None
    spans = spans_.joined((one.start, one.end) for one in shown)
    given = {name: queries.within(one, spans, start=start) for name, one in found.series.items()}
    told: dict[str, Any] = {
        "virtual": virtual,
        "line": found.line,
        "start": start,
        "end": end,
        "as_of": as_of,
        "definitions": [_definition(one) for one in shown],
        "points": [
            {
                "metering_point_id": recipient,
                "resolution": one.resolution,
                "periods": [{"start": first, "end": last} for first, last in spans],
                "values_wh": one.wh,
                "status": one.status,
                "origin": one.origin,
                "profile": (),
            }
            for recipient, one in given.items()
        ],
    }
    by_reader = {
        reader: tuple(each for one in some for each in _from(virtual, found, one, as_of))
        for reader, some in may.items()
        if some
    }
    return Seen(told, by_reader, found)


def _may(reader: Reader, one: Stretch) -> bool:
    return reader == _OPERATOR or reach.of_virtual(reader, one.definition.dsos)


def _from(
    virtual: str, found: Computed, one: Stretch, as_of: datetime | None
) -> Iterator[tuple[str, str, datetime, datetime]]:
    """What a stretch was computed from: a copy is its point's values, and a sum of few says much of each."""
    for source in rests_on([Part(virtual, None)], found.channels, one.start, one.end, as_of).sources:
        yield source.point, source.line, one.start, one.end


async def _versions(connection: AsyncConnection, asked: Asked, found: Computed) -> Sequence[str]:
    if asked.party:
        raise queries.UnableToRead("the versions of values are given to the operator alone")
    return await virtual_queries.versions(connection, found.rests, start=asked.start, end=asked.end, as_of=asked.as_of)


def _definition(one: Stretch) -> dict[str, datetime | Any]:
    definition = one.definition
    return {
        "start": one.start,
        "end": one.end,
        "version": definition.version,
        "by": definition.by,
        "method": definition.method,
        "settlement": "not-settled" if definition.grid_area else None,
        "grid_area": definition.grid_area,
        "product_code": definition.product_code,
        "sharing": definition.sharing,
        "terms": [
            {
                "metering_point_id": term.point,
                "line": term.line if term.point else None,
                "virtual": term.virtual,
                "recipient": term.recipient,
                "minus": term.minus,
            }
            for term in definition.terms
        ],
        "recipients": definition.recipients,
        "shares_ppm": definition.shares_ppm if definition.sharing == "manual" else (),
    }
