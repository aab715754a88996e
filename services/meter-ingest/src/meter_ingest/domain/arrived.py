"""What a record of values brought, whichever way it came: series by series, or many together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import StatusRun, ValuesAccepted, ValueStatus
from meter_ingest.domain import lines


class Arrived(NamedTuple):
    """Series of one period and line."""

    points: Sequence[str]
    line: str
    start: datetime
    end: datetime
    resolution: Resolution
    steps: int
    """Of the values of each."""
    registered_at: datetime
    status: ValueStatus
    statuses: tuple[StatusRun, ...]
    """Run by run, where they differ; there is only one point then."""
    changed: bool
    """Whether anything of it was not known already."""


def arrived(event: ValuesAccepted) -> Iterator[Arrived]:
    """All that an event says has come."""
    for one in event.series:
        line = lines.line(one.direction, one.product)
        yield Arrived(
            (one.metering_point_id,),
            line,
            one.start,
            one.end,
            one.resolution,
            one.count,
            one.registered_at,
            one.status,
            one.statuses,
            one.changed,
        )
    for many in event.together:
        line = lines.line(many.direction, many.product)
        yield Arrived(
            many.metering_points,
            line,
            many.start,
            many.end,
            many.resolution,
            many.count,
            many.registered_at,
            many.status,
            (),
            changed=True,
        )
