"""What own meters measured, asked for by resource. Reads only, on any connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from meter_ingest import queries, store, value_store
from meter_ingest.domain import blocks, days, own_meters, values
from meter_ingest.domain.transform import Derived
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


async def details(
    connection: AsyncConnection,
    own: Chosen | None,
    found: Mapping[str, Derived],
    *,
    start: datetime,
    end: datetime,
    as_of: datetime | None,
) -> dict[str, Any]:
    """What else is said of an own meter's quarters: how many samples, where not all, and where its clock was wrong."""
    if own is None:
        return {}
    named: dict[str, Any] = {"resource_id": own.resource, "device_id": own.device_id}
    if found[own.point].resolution != "PT15M":
        return named
    touched = days.days(start, end)
    by_day = await value_store.standing(connection, [(own.point, own.line, day.date) for day in touched])
    marks = _marks({day: versions for (_, _, day), versions in by_day.items()}, touched, start, end, as_of)
    return named | {"samples": [values.samples(one) for one in marks], "clock_wrong": list(map(values.drifted, marks))}


def _marks(
    by_day: Mapping[date, list[Version]],
    touched: list[days.Day],
    start: datetime,
    end: datetime,
    as_of: datetime | None,
) -> list[int]:
    marks: list[int] = []
    for day in touched:
        versions = by_day.get(day.date, [])
        counted = values.merge(versions if as_of is None else values.as_of(versions, as_of), 0, day.quarters)
        first = max(0, (start - day.start) // days.QUARTER)
        last = min(day.quarters, (end - day.start) // days.QUARTER)
        marks += [one.mark if one else 0 for one in counted.by[first:last]]
    return marks
