"""Which values of a metering point a BSP may read (R13, R30, EI-1381), from what `bsp-switch` has said.

Those of its own control, from the midnight at which that begins until it ends, and also afterwards; whoever has taken
it over reads them from then on. While control lasts, what was metered before, too, as far as a consent goes back. The
right is to a point: it is the same of each of its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.bsp_switch.v1 import EarlierValues, MeterAccessChanged
from meter_ingest.domain import blocks, control
from meter_ingest.domain.control import Control, Heirs, Hold

Readable = tuple[datetime, datetime | None]
"""Values, half-open; without an end while control lasts."""


@dataclass(frozen=True, slots=True)
class Access:
    """Up to a hundred metering points, by place and BSP: what may be read from before its control."""

    places: dict[str, dict[str, tuple[EarlierValues, ...]]]


def evolve(state: Access | None, event: MeterAccessChanged) -> Access:
    """What is said is the whole of it."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    return Access({**places, place: {**places.get(place, {}), event.bsp: event.earlier}})


def may_read(
    controls: Mapping[str, Control | None],
    accesses: Mapping[str, Access | None],
    *,
    bsp: str,
    point: str,
    start: datetime,
    end: datetime,
    at: datetime,
) -> bool:
    """Whether a BSP may read, at a moment, all values of a point from `start` to `end`."""
    return any(
        since <= start and (until is None or end <= until)
        for since, until in readable(controls, accesses, bsp=bsp, point=point, at=at)
    )


def readable(
    controls: Mapping[str, Control | None],
    accesses: Mapping[str, Access | None],
    *,
    bsp: str,
    point: str,
    at: datetime,
) -> tuple[Readable, ...]:
    """Which values of a point a BSP may read at a moment, in order, apart from each other; none of what is not its own.

    `controls`, `accesses`: by block, at least the point's. What has never been said to be anybody's is nobody's.
    """
    block, reach = controls.get(blocks.block_of(point)), accesses.get(blocks.block_of(point))
    place = blocks.place_of(point)
    if block is None:
        return ()
    earlier = reach.places.get(place, {}) if reach else {}
    found = (
        each
        for hold in block.places.get(place, ())
        for each in _of(hold, block.heirs.get(place, ()), earlier, bsp=bsp, at=at)
    )
    return tuple(_joined(sorted(found, key=lambda each: each[0])))


def _of(
    hold: Hold, heirs: Heirs, earlier: Mapping[str, tuple[EarlierValues, ...]], *, bsp: str, at: datetime
) -> Iterator[Readable]:
    for holder, start, end in control.periods(hold, heirs):
        if holder != bsp or start > at:
            continue
        yield hold.valid_from, end
        if end is None or at < end:
            yield from (
                (each.valid_from, each.valid_to)
                # What the one had whom it took over, and what it was told of its own period.
                for whose, begins in {(hold.bsp, hold.valid_from), (bsp, start)}
                for each in earlier.get(whose, ())
                if each.valid_to == begins and (each.until is None or at < each.until)
            )


def _joined(some: list[Readable]) -> Iterator[Readable]:
    """With what touches or overlaps put together."""
    last: Readable | None = None
    for each in some:
        if last is None:
            last = each
        elif last[1] is None or each[0] <= last[1]:
            last = (last[0], None if last[1] is None or each[1] is None else max(last[1], each[1]))
        else:
            yield last
            last = each
    if last is not None:
        yield last
