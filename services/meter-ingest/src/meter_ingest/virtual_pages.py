"""What the operator's port has of virtual channels: `/values?virtual=…`, with how the values were computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from meter_ingest import permission, queries, virtual_queries
from meter_ingest.domain import reach
from meter_ingest.domain import spans as spans_
from meter_ingest.domain.virtual import Stretch
from meter_ingest.virtual_queries import Computed

if TYPE_CHECKING:
    from meter_ingest.pages import Asked


async def answer(engine: AsyncEngine, asked: Asked) -> dict[str, Any] | None:
    """The values of a virtual channel, as `pages.answer` has those of points; None where nothing may be said.

    A party sees the stretches that the policy gives it (`reach.of_virtual`).
    """
    async with queries.reading_only(engine) as connection:
        readers = await permission.readers(connection, asked.party) if asked.party else None
        found = await virtual_queries.of_virtual(
            connection,
            asked.virtual,
            start=asked.start,
            end=asked.end,
            resolution=asked.resolution or "PT15M",
            as_of=asked.as_of,
        )
        if found is None:
            return None
        seen = [
            one
            for one in found.stretches
            if readers is None or any(reach.of_virtual(reader, one.definition.dsos) for reader in readers)
        ]
        if not seen:
            return None
        came_from = await _versions(connection, asked, found) if asked.revisions else None
    spans = spans_.joined((one.start, one.end) for one in seen)
    given = {name: queries.within(one, spans, start=asked.start) for name, one in found.series.items()}
    told: dict[str, Any] = {
        "virtual": asked.virtual,
        "line": found.line,
        "start": asked.start,
        "end": asked.end,
        "as_of": asked.as_of,
        "definitions": [_definition(one) for one in seen],
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
    return told if came_from is None else told | {"versions": came_from}


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
