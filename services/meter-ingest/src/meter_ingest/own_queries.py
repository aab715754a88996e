"""What own meters measured, asked for by resource. Reads only, on any connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from meter_ingest import queries, store
from meter_ingest.domain import blocks, own_meters, values
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.values import Version
from meter_ingest.domain.visible import Span


@dataclass(frozen=True, slots=True)
class Chosen:
    """One line of one own meter, with the parts of the period that it may be given for."""

    resource: str
    device_id: str
    point: str
    line: str
    spans: list[Span]


async def chosen(
    connection: AsyncConnection, resource: str, *, device_id: str, line: str, party: str, start: datetime, end: datetime
) -> Chosen | None:
    """The own meter of a resource that a direction and product are read from.

    None where a party may see none: then the resource's values are those of its metering point. Without a party, that
    is to the operator, all are seen. A device that is not there is chosen without any part of the period. Raises
    `queries.UnableToRead` where there are several.
    """
    meters = await queries.document(connection, store.OWN_METERS, resource) if resource else None
    nothing = Chosen(resource, device_id, "", line, []) if device_id else None
    if meters is None:
        return nothing
    point = meters.metering_point_id
    held = await queries.document(connection, store.CONTROL, blocks.block_of(point))
    found: list[Chosen] = []
    for device, name in own_meters.lines_of(meters, device_id=device_id, asked=line).items():
        spans = (
            own_meters.seen_by(meters, held, bsp=party, line=name, start=start, end=end) if party else [(start, end)]
        )
        if spans:
            found.append(Chosen(resource, device, point, name, spans))
    if len(found) > 1:
        raise queries.UnableToRead(f"name one device of {', '.join(sorted(one.device_id for one in found))}")
    return found[0] if found else nothing


def details(day: Delivered) -> dict[str, Any]:
    """What else is said of an own meter's quarters: how many samples, where not all, and where its clock was wrong."""
    marks = [some[-1].mark if some and isinstance(some[-1], Version) else 0 for some in day.sources]
    return {"samples": [values.samples(one) for one in marks], "clock_wrong": list(map(values.drifted, marks))}
