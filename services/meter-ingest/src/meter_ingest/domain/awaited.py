"""Of which points of an activation values are read, and whether all that is expected of them has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from meter_ingest.domain import baselines, blocks, channel, control, counting, days, known
from meter_ingest.domain.activation import Activation, windows_of
from meter_ingest.domain.evidence import LINES


def concerned(
    state: Activation, points: Sequence[str], controls: Mapping[str, control.Control | None]
) -> dict[str, tuple[bool, ...]]:
    """Those of its points that the activation's BSP holds in some quarter of it as members, and in which.

    `controls` by block.
    """
    assert state.bsp is not None
    quarters = control.quarters_of(state.start, state.end)
    found = {point: control.held(controls, point, bsp=state.bsp, quarters=quarters) for point in points}
    for point in state.partly.keys() & found.keys():
        found[point] = tuple(each and bit == "1" for each, bit in zip(found[point], state.partly[point], strict=True))
    return {point: held for point, held in found.items() if any(held)}


def with_channel(
    state: Activation,
    held: Iterable[str],
    channels: Mapping[str, channel.Block | None],
    covered: frozenset[datetime] = frozenset(),
) -> dict[str, list[str]]:
    """The points that have a channel in the activation, or where its baseline is from, by line: `block|line`."""
    first, last = days.quarter_floor(state.start), days.quarter_ceil(state.end)
    needed = baselines.required(state.methods[0], first, last, covered=covered)
    start, end = min((first, *needed)), max((last, *(one + days.QUARTER for one in needed)))
    found: dict[str, list[str]] = {line: [] for line in LINES}
    # In the order of the points: neighbours stand together.
    by_block = [(block, list(some)) for block, some in groupby(held, blocks.block_of)]
    # Points that are alike share what they are (`block_reader`).
    alike: dict[int, bool] = {}
    for line, points in found.items():
        for name, some in by_block:
            if (block := channels.get(blocks.key(name, line))) is not None:
                places = block.places
                for point in some:
                    periods = places.get(blocks.place_of(point), _NONE)
                    if (there := alike.get(id(periods))) is None:
                        there = alike[id(periods)] = any(period.overlaps(start, end) for period in periods)
                    if there:
                        points.append(point)
    return found


_NONE: Final[channel.Periods] = ()


def all_there(
    state: Activation,
    points: Sequence[str],
    channels: Mapping[str, channel.Block | None],
    received: Mapping[str, known.Received | None],
    facts: known.Points | None,
    covered: frozenset[datetime] = frozenset(),
) -> bool:
    """Whether every value expected of these points has come. They are of one block, which `facts` is of."""
    block = blocks.block_of(points[0])
    for line in LINES:
        standing = channels.get(blocks.key(block, line))
        for place in map(blocks.place_of, points) if standing else ():
            for period in standing.places.get(place, ()) if standing else ():
                for start, end in windows_of(state, covered):
                    if not period.overlaps(start, end):
                        continue
                    first, last = max(start, period.valid_from), min(end, period.valid_to or end)
                    for day in days.days(first, last):
                        both = received.get(blocks.key(day.date, block, line))
                        said = facts.places.get(place, ()) if facts else ()
                        is_ = counting.owed_on(said, period.resolution, line, day.date)
                        arrived = both.of(is_.resolution) if both else None
                        wanted = days.mask(day, first, last)
                        if arrived is None or arrived.places.get(place, 0) & wanted != wanted:
                            return False
    return True
