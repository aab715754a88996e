"""What values look like, whatever their status says: meters that are registered per quarter and read per hour.

Elhub found them among its 15-minute points (seed 002, `metering.md` §4.2(8)). What such a meter sends is no evidence
for a quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meter_ingest.domain.shares import basis_points

SAME_WH = 1
"""Quarters that an hour was divided into differ by its remainder."""
SUSPECT_BASIS_POINTS = 9000
"""The share of the day's hours from which on it is no accident."""
FEWEST_HOURS = 6
"""Fewer hours with energy say nothing: a heater that was on for one of them does not make a meter suspect."""


@dataclass(frozen=True, slots=True)
class Flatness:
    """Of one day: the hours in which energy passed and all quarters came, and how many of them have four equal ones."""

    hours: int
    flat: int

    @property
    def basis_points(self) -> int:
        """The flat share, in 1/100 of a percent."""
        return basis_points(self.flat, self.hours)

    @property
    def suspect(self) -> bool:
        """Whether the day looks like one of a meter that is read per hour."""
        return self.hours >= FEWEST_HOURS and 10_000 * self.flat >= SUSPECT_BASIS_POINTS * self.hours


def flatness(quarters: Sequence[int | None]) -> Flatness:
    """Of a local day's quarters, in Wh, from its midnight; days begin on a whole UTC hour, so hours are fours."""
    hours = flat = 0
    for at in range(0, len(quarters) - 3, 4):
        some = [one for one in quarters[at : at + 4] if one is not None]
        # An hour of less than this has no four quarters that could differ by more.
        if len(some) < 4 or sum(some) < 4 * SAME_WH:
            continue
        hours += 1
        flat += max(some) - min(some) <= SAME_WH
    return Flatness(hours, flat)


def hourly(quarters: Sequence[int], *, share: int, fewest: int, same: int, levels: int) -> bool:
    """Whether quarters in a row, from a whole hour on, look like divided hours; mostly told after a few of them.

    As `Flatness.suspect`, and the flat hours must have `levels` different means: a load that stays the same looks alike
    however its meter is read. `share` in 1/100 of a percent.
    """
    whole = len(quarters) // 4
    least = 4 * max(same, SAME_WH)
    allowed = whole * (10_000 - share) // 10_000
    hours = flat = 0
    seen: set[int] = set()
    for at in range(0, 4 * whole, 4):
        # Most hours of a meter that is read per quarter are told by their first two quarters.
        if -least <= quarters[at] - quarters[at + 1] <= least:
            some = quarters[at : at + 4]
            total = sum(some)
            if total < least:
                continue
            if max(some) - min(some) <= same:
                hours += 1
                flat += 1
                seen.add(total)
                continue
        hours += 1
        if hours - flat > allowed:
            return False
    return hours >= fewest and len(seen) >= levels and 10_000 * flat >= share * hours
