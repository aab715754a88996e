"""What of an ordered energy falls in which quarter: as a block, and with ramps (`metering.md` §6.2, §6.3, MV-22).

The power rises in a straight line for the length of a ramp, half of it before the period's start, and falls likewise
about its end: the block spread over that length. In a period shorter than a ramp the full power is not reached. Either
way the whole is the same, the power for the length of the period, and its parts add up to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from meter_ingest.domain import days
from meter_ingest.domain.shares import split_exactly

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Wh by quarter, beginning with the neighbour before and ending with the one after."""

    starts: tuple[datetime, ...]
    block: tuple[int, ...]
    ramped: tuple[int, ...]


def ordered(power_w: int, start: datetime, end: datetime, ramp_s: int) -> Ordered:
    """The whole rounded down once to Wh, then divided by largest remainder, ties to the earliest quarter."""
    first = days.quarter_floor(start) - days.QUARTER
    count = (days.quarter_ceil(end) + days.QUARTER - first) // days.QUARTER
    starts = tuple(first + index * days.QUARTER for index in range(count))
    seconds = [max(0, int((min(each + days.QUARTER, end) - max(each, start)).total_seconds())) for each in starts]
    whole = power_w * sum(seconds) // 3600
    return Ordered(
        starts,
        tuple(split_exactly(whole, seconds)),
        tuple(split_exactly(whole, weights(starts, start, end, ramp_s))),
    )


def weights(quarters: Sequence[datetime], start: datetime, end: datetime, ramp_s: int) -> list[int]:
    """What falls in each of adjoining quarters, exactly, in a unit of its own."""
    edges = [_place(each, quarters[0]) for each in (*quarters, quarters[-1] + days.QUARTER)]
    half = ramp_s * 500_000
    first, last = _place(start, quarters[0]), _place(end, quarters[0])
    if not half:
        return [max(0, min(right, last) - max(left, first)) for left, right in pairwise(edges)]
    # The power at t is the share of [t - half, t + half] that lies in the period: its integral is made of squares.
    until = [
        _square(edge + half - first)
        - _square(edge - half - first)
        - _square(edge + half - last)
        + _square(edge - half - last)
        for edge in edges
    ]
    return [right - left for left, right in pairwise(until)]


def _place(moment: datetime, since: datetime) -> int:
    return (moment - since) // _MICROSECOND


def _square(length: int) -> int:
    return length * length if length > 0 else 0
