"""Resources behind a point that nobody holds, or that is closed: they sleep, and wake by that alone (D30, E20).

Nothing has to happen for it at a midnight. What counts resources is a membership or a regulation object: these end with
the control, a membership with the point, too; and nobody commands, or activates, what is behind such a point then. So
sleeping is worked out from who holds the point when, and from what the point is, and the active resources are told,
ahead or late as that becomes known, in which periods it is so. A closing that is corrected wakes them in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain.holder import Holder
from registry.domain.metering_point import MeteringPoint
from registry.domain.resource import Resource


def decide_sleep(
    resources: Mapping[str, Resource | None], *, holder: Holder | None, point: MeteringPoint, at: datetime
) -> list[Event]:
    """Tell the active ones of a point when they sleep, where that is not what they were told."""
    periods = tuple(sorted(_periods(holder or Holder(), point), key=lambda each: (each.valid_from, each.because)))
    fact = point.fact(at)
    return [
        v1.ResourceSleepChanged(
            resource_id=resource_id,
            metering_point_id=state.metering_point_id,
            dso=fact.dso if fact else None,
            bsp=holder.who(at) if holder else None,
            periods=periods,
        )
        for resource_id, state in resources.items()
        if state is not None and state.status == "active" and state.asleep != periods
    ]


def _periods(holder: Holder, point: MeteringPoint) -> Iterator[v1.Unheld]:
    for since, until in holder.unheld():
        yield v1.Unheld(valid_from=since, valid_to=until)
    for since, until in _closed(point):
        yield v1.Unheld(valid_from=since, valid_to=until, because="closed")


def _closed(point: MeteringPoint) -> Iterator[tuple[datetime, datetime | None]]:
    """The periods in which the point is closed, each as long as it is unbroken."""
    since: datetime | None = None
    for fact in point.facts:
        if not fact.active:
            since = since or fact.valid_from
        elif since is not None:
            yield since, fact.valid_from
            since = None
    if since is not None:
        yield since, None
