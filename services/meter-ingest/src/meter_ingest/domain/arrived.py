"""What a record of values brought, whichever way it came: series by series, or many together.

Series come by the thousand, and nearly all of a record's have the same period, resolution and status: they are read
once, as one arrival of many points by block, so that what is done of a record is done per block and not per series.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import AcceptedSeries, StatusRun, ValuesAccepted, ValueStatus
from meter_ingest.domain import blocks, lines


class Arrived(NamedTuple):
    """Series of one period and line."""

    places: Mapping[str, Sequence[str]]
    """By block: the places whose values came."""
    line: str
    start: datetime
    end: datetime
    resolution: Resolution
    steps: int
    """Of the values of each."""
    registered_at: datetime
    status: ValueStatus
    statuses: tuple[StatusRun, ...]
    """Run by run, where they differ."""
    changed: bool
    """Whether anything of it was not known already."""


_READ: dict[int, tuple[weakref.ref[ValuesAccepted], tuple[Arrived, ...]]] = {}
"""What was read of the events that are at hand. Who needs, learns and acts on one each asks anew."""


def arrived(event: ValuesAccepted) -> tuple[Arrived, ...]:
    """All that an event says has come: neighbouring series of one line that differ in their points only as one."""
    key = id(event)
    kept = _READ.get(key)
    if kept is not None and kept[0]() is event:
        return kept[1]
    found = (*_series(event), *_together(event))
    _READ[key] = weakref.ref(event, lambda _: _READ.pop(key, None)), found
    return found


def _series(event: ValuesAccepted) -> Iterator[Arrived]:
    shared: tuple[object, ...] | None = None
    points: list[str] = []
    first = None
    for one in event.series:
        of_it = (
            one.start,
            one.end,
            one.registered_at,
            one.direction,
            one.product,
            one.resolution,
            one.count,
            one.status,
            one.statuses,
            one.changed,
        )
        if of_it != shared:
            if first is not None:
                yield _alike(first, points)
            first, shared, points = one, of_it, []
        points.append(one.metering_point_id)
    if first is not None:
        yield _alike(first, points)


def _alike(one: AcceptedSeries, points: Sequence[str]) -> Arrived:
    return Arrived(
        blocks.places(points),
        lines.line(one.direction, one.product),
        one.start,
        one.end,
        one.resolution,
        one.count,
        one.registered_at,
        one.status,
        one.statuses,
        one.changed,
    )


def _together(event: ValuesAccepted) -> Iterator[Arrived]:
    for many in event.together:
        yield Arrived(
            blocks.places(many.metering_points),
            lines.line(many.direction, many.product),
            many.start,
            many.end,
            many.resolution,
            many.count,
            many.registered_at,
            many.status,
            (),
            changed=True,
        )
