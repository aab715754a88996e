"""The values of virtual channels, computed when they are asked for; and what each of them rests on.

`as_of`: as it was defined by that moment, from what counted then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import KeptStatus
from meter_ingest import delivering, queries, store, value_store
from meter_ingest.domain import days, transform, values, virtual_values
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.lines import line
from meter_ingest.domain.transform import Derived
from meter_ingest.domain.virtual import Part, Rests, Stretch, Virtual, rests_on, stretches
from meter_ingest.domain.virtual_values import Column, Computing

MOST_SOURCE_DAYS: Final = 62_000
"""A thousand sources for two months, or a hundred and seventy for a year."""
MOST_VERSION_DAYS: Final = 5_000
"""Where the versions of values are asked for, too."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A virtual channel's values in a period; of a share by recipient, otherwise by None."""

    line: str
    series: Mapping[str | None, Derived]
    stretches: Sequence[Stretch]
    """How it was computed, from when to when."""
    channels: Mapping[str, Virtual | None]
    """Itself, and the virtual channels that it rests on."""
    rests: Rests


async def of_virtual(
    connection: AsyncConnection,
    id_: str,
    *,
    start: datetime,
    end: datetime,
    resolution: Resolution = "PT15M",
    as_of: datetime | None = None,
) -> Computed | None:
    """What a virtual channel's values are; None where it is not defined then. Raises `queries.UnableToRead`."""
    channels: dict[str, Virtual | None] = {}
    rests = rests_on([Part(id_, None)], channels, start, end, as_of)
    while rests.unknown:
        for one in rests.unknown:
            channels[one] = await queries.document(connection, store.VIRTUAL, one)
        rests = rests_on([Part(id_, None)], channels, start, end, as_of)
    found = stretches(channels[id_], start, end, as_of)
    if not found:
        return None
    _refuse_more(rests, start, end, MOST_SOURCE_DAYS)
    by_line: dict[str, list[str]] = {}
    for source in rests.sources:
        by_line.setdefault(source.line, []).append(source.point)
    given: dict[Any, Column] = {}
    for name, points in by_line.items():
        read = await delivering.of_points(
            connection, points, start=start, end=end, line=name, resolution="PT15M", as_of=as_of
        )
        given |= {(point, name): _column(some) for point, some in read.items()}
    columns = Computing(channels, given, start, end, as_of).channel(id_)
    try:
        series = {name: virtual_values.derived(one, resolution, start=start) for name, one in columns.items()}
    except transform.NotInWholeHours:
        raise queries.UnableToRead("hours begin and end with an hour") from None
    last = found[-1].definition
    return Computed(line(last.direction, last.product), series, found, channels, rests)


async def versions(
    connection: AsyncConnection, rests: Rests, *, start: datetime, end: datetime, as_of: datetime | None = None
) -> list[str]:
    """The versions of values that count in a period, of all sources, by name: what the values were computed from."""
    _refuse_more(rests, start, end, MOST_VERSION_DAYS)
    touched = days.days(start, end)
    standing = await value_store.standing(
        connection, [(source.point, source.line, day.date) for source in rests.sources for day in touched]
    )
    by_line: dict[str, list[str]] = {}
    for source in rests.sources:
        by_line.setdefault(source.line, []).append(source.point)
    counts = {
        name: await delivering.settled(connection, points, name, touched, as_of=as_of)
        for name, points in by_line.items()
    }
    found: dict[str, None] = {}
    for day in touched:
        first = max(0, (start - day.start) // days.QUARTER)
        last = min(day.quarters, (end - day.start) // days.QUARTER)
        for source in rests.sources:
            came = standing.get((source.point, source.line, day.date), ())
            is_ = counts[source.line][source.point].days[day.date].resolution
            counting = values.in_steps(came, days.MINUTES[is_] if is_ else None)
            counted = values.merge(counting if as_of is None else values.as_of(counting, as_of), first, last)
            found |= dict.fromkeys(one.name for one in counted.by if one is not None)
    return list(found)


def _column(some: Sequence[Delivered]) -> Column:
    """A point's days as one."""
    wh: list[int | None] = []
    status: list[KeptStatus | None] = []
    for one in some:
        wh += one.values.wh
        status += one.values.status
    return Column(wh, status)


def _refuse_more(rests: Rests, start: datetime, end: datetime, most: int) -> None:
    asked = len(rests.sources) * len(days.days(start, end))
    if asked > most:
        raise queries.UnableToRead(f"{len(rests.sources)} sources: at most {most // len(rests.sources)} days at once")
