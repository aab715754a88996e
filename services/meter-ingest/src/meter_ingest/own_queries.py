"""What own meters measured, asked for by resource. Reads only, on any connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from meter_ingest import permission, queries, store
from meter_ingest.domain import own_meters, reach, values
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.spans import Span
from meter_ingest.domain.values import Version
from meter_ingest.permission import Reader


@dataclass(frozen=True, slots=True)
class Chosen:
    """One line of one own meter, with the parts of the period that it may be given for."""

    resource: str
    device_id: str
    point: str
    line: str
    spans: list[Span]


async def chosen(
    connection: AsyncConnection,
    resource: str,
    *,
    device_id: str,
    line: str,
    readers: Sequence[Reader] | None,
    start: datetime,
    end: datetime,
) -> Chosen | None:
    """The own meter of a resource that a direction and product are read from.

    None where a party may see none: then the resource's values are those of its metering point. Without readers, that
    is to the operator, all are seen. A device that is not there is chosen without any part of the period. Raises
    `queries.UnableToRead` where there are several.
    """
    meters = await queries.document(connection, store.OWN_METERS, resource) if resource else None
    nothing = Chosen(resource, device_id, "", line, []) if device_id else None
    if meters is None:
        return nothing
    point = meters.metering_point_id
    found: list[Chosen] = []
    for device, name in own_meters.lines_of(meters, device_id=device_id, asked=line).items():
        spans = [(start, end)]
        if readers is not None:
            at = await queries.now(connection)
            some = [await permission.readable_of_own_meter(connection, one, meters, name, at=at) for one in readers]
            spans = reach.spans(tuple(chain.from_iterable(some)), name, start=start, end=end)
        if spans:
            found.append(Chosen(resource, device, point, name, spans))
    if len(found) > 1:
        raise queries.UnableToRead(f"name one device of {', '.join(sorted(one.device_id for one in found))}")
    return found[0] if found else nothing


def details(day: Delivered) -> dict[str, Any]:
    """What else is said of an own meter's quarters: how many samples, where not all, and where its clock was wrong."""
    marks = [some[-1].mark if some and isinstance(some[-1], Version) else 0 for some in day.sources]
    return {"samples": [values.samples(one) for one in marks], "clock_wrong": list(map(values.drifted, marks))}
