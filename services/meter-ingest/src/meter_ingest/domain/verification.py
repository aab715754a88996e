"""What an activation delivered (`metering.md` §6, D19, D20, MV-22, MV-23).

Baseline *meter before*: the mean of the last four complete quarters before the activation. Delivered upwards is what
consumption fell, or production rose, under or over it; downwards the opposite. Both directions are put as consumption,
production counting negative, so one formula holds.

Integers throughout. A direction's baseline over all quarters of the activation is (sum of the four quarters · number
of quarters / 4), rounded down once, then divided equally, the remainder to the earliest quarters. Ordered energy
likewise: the whole rounded down once, then divided by the seconds that each quarter holds of the period. Shares are
rounded half up.

A point counts in the quarters in which the BSP holds it (`control`); the points that count in the same ones have one
baseline together. The quarters before the activation are looked at whoever held the point then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.message import Event
from contracts.meter_ingest.v1 import ActivationVerified, VerifiedQuarter
from meter_ingest.domain import blocks, channel, control, days, known
from meter_ingest.domain.activation import BASELINE_QUARTERS, Activation, window_of
from meter_ingest.domain.shares import basis_points, split_exactly
from meter_ingest.domain.values import Quality, Reading

Because = Literal["complete", "deadline", "revision"]
LINES = ("consumption", "production")
"""Only active energy, at the settlement meter."""
_WORST: tuple[Quality, ...] = ("missing", "derived", "estimated", "measured")


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One point of the activation: what it is evidence of as a whole, and the figures it adds, production negative."""

    quality: Quality
    readings: tuple[tuple[int, Reading], ...]
    held: tuple[bool, ...]
    """In which quarters of the activation the BSP holds the point: in these it counts."""


def with_channel(
    state: Activation, held: Iterable[str], channels: Mapping[str, channel.Block | None]
) -> dict[str, list[str]]:
    """The points that have a channel in the activation's window, by line. `channels` by `block|line`."""
    start, end = window_of(state.start, state.end)
    found: dict[str, list[str]] = {line: [] for line in LINES}
    for line, points in found.items():
        for point in held:
            block = channels.get(blocks.key(blocks.block_of(point), line))
            periods = block.places.get(blocks.place_of(point), ()) if block else ()
            if any(period.overlaps(start, end) for period in periods):
                points.append(point)
    return found


def nothing(start: datetime, end: datetime) -> Reading:
    """What is read of a point that nothing came of."""
    count = (end - start) // days.QUARTER
    return Reading((None,) * count, ("missing",) * count, ())


def all_there(
    state: Activation,
    points: Sequence[str],
    channels: Mapping[str, channel.Block | None],
    received: Mapping[str, known.Received | None],
) -> bool:
    """Whether every value expected of these points in the window has come. They are of one block."""
    start, end = window_of(state.start, state.end)
    block = blocks.block_of(points[0])
    for line in LINES:
        standing = channels.get(blocks.key(block, line))
        for place in map(blocks.place_of, points) if standing else ():
            for period in standing.places.get(place, ()) if standing else ():
                if not period.overlaps(start, end):
                    continue
                first, last = max(start, period.valid_from), min(end, period.valid_to or end)
                for day in days.days(first, last):
                    arrived = received.get(blocks.key(day.date, block, line))
                    wanted = days.mask(day, first, last)
                    if arrived is None or arrived.places.get(place, 0) & wanted != wanted:
                        return False
    return True


def decide_verified(
    state: Activation,
    *,
    because: Because,
    readings: Mapping[tuple[str, str], Reading],
    held: Mapping[str, tuple[bool, ...]],
    tolerance_pct: str,
) -> list[Event]:
    """A verification run on what counts now, unless the current run already used exactly this.

    `readings` by (point, line), for each channel that a point has in the window; a point without any is missing. A
    point that misses anything counts neither in the baseline nor in what was metered, and never as zero. `held`: the
    points that the BSP holds in some quarter of the activation, and in which; the others are none of its own.
    """
    assert state.bsp is not None
    evidence = [_evidence(point, readings, held[point]) for point in state.points if point in held]
    revisions = _hash(readings.values(), _parts(state, held))
    if state.run is not None and because != "deadline" and state.run.revisions_sha256 == revisions:
        return []
    counted = [one for one in evidence if one.quality != "missing"]
    counts = {quality: sum(one.quality == quality for one in evidence) for quality in _WORST}
    quarters = _quarters(state, counted)
    low, _, high = tolerance_pct.partition("..")
    derived = sum(_baseline_energy(one) for one in evidence if one.quality == "derived")
    result = (
        "incomplete"
        if counts["missing"] or not evidence
        else "verified"
        if counts["measured"] == len(evidence)
        else "provisional"
    )
    return [
        ActivationVerified(
            activation_id=state.activation_id,
            group_id=state.group_id,
            bsp=state.bsp,
            run=(state.run.number if state.run else 0) + 1,
            because=because,
            result=result,
            baseline_method="meter-before",
            quarters=tuple(quarters),
            points=len(evidence),
            measured_points=counts["measured"],
            derived_points=counts["derived"],
            estimated_points=counts["estimated"],
            missing_points=counts["missing"],
            derived_basis_points=basis_points(derived, sum(map(_baseline_energy, evidence))),
            tolerance_pct=tolerance_pct,
            within_tolerance=bool(quarters)
            and all(int(low) * 100 <= quarter.delivered_basis_points <= int(high) * 100 for quarter in quarters),
            revisions_sha256=revisions,
        )
    ]


def concerned(
    state: Activation, points: Sequence[str], controls: Mapping[str, control.Control | None]
) -> dict[str, tuple[bool, ...]]:
    """Those of its points that the activation's BSP holds in some quarter of it, and in which. `controls` by block."""
    assert state.bsp is not None
    quarters = control.quarters_of(state.start, state.end)
    found = {point: control.held(controls, point, bsp=state.bsp, quarters=quarters) for point in points}
    return {point: held for point, held in found.items() if any(held)}


def _parts(state: Activation, held: Mapping[str, tuple[bool, ...]]) -> list[str]:
    """What names the points that do not count throughout; nothing, where all do."""
    return [
        f"{point}:{''.join('01'[each] for each in held.get(point, ()))}"
        for point in state.points
        if not all(held.get(point, (False,)))
    ]


def _evidence(point: str, readings: Mapping[tuple[str, str], Reading], held: tuple[bool, ...]) -> _Evidence:
    """A point is as good as its worst quarter."""
    found = tuple(
        (sign, reading)
        for sign, line in ((1, "consumption"), (-1, "production"))
        if (reading := readings.get((point, line))) is not None
    )
    qualities: set[Quality] = {quality for _, reading in found for quality in reading.quality}
    return _Evidence(_worst(qualities), found, held)


def _worst(qualities: set[Quality]) -> Quality:
    for one in _WORST:
        if one in qualities:
            return one
    return "missing"


def _baseline_energy(one: _Evidence) -> int:
    """All that is known of a point's baseline quarters, whether or not the point counts (MV-23)."""
    return sum(wh or 0 for _, reading in one.readings for wh in reading.wh[:BASELINE_QUARTERS])


def _quarters(state: Activation, counted: Sequence[_Evidence]) -> list[VerifiedQuarter]:
    start, end = window_of(state.start, state.end)
    first = start + BASELINE_QUARTERS * days.QUARTER
    count = (end - first) // days.QUARTER
    starts = [first + index * days.QUARTER for index in range(count)]
    seconds = [_overlap(one, state) for one in starts]
    ordered = split_exactly(state.power_w * sum(seconds) // 3600, seconds)
    baseline, metered = [0] * count, [0] * count
    for sign, held in ((sign, held) for sign in (1, -1) for held in dict.fromkeys(one.held for one in counted)):
        rows = [reading.wh for one in counted if one.held == held for side, reading in one.readings if side == sign]
        sums = [sum(wh or 0 for wh in column) for column in zip(*rows, strict=True)]
        if not sums:
            continue
        before = sum(sums[:BASELINE_QUARTERS]) * count // BASELINE_QUARTERS
        for index, share in enumerate(split_exactly(before, [1] * count)):
            if held[index]:
                baseline[index] += sign * share
                metered[index] += sign * sums[BASELINE_QUARTERS + index]
    towards = 1 if state.direction == "up" else -1
    return [
        VerifiedQuarter(
            start=starts[index],
            ordered_wh=ordered[index],
            baseline_wh=baseline[index],
            metered_wh=metered[index],
            delivered_wh=towards * (baseline[index] - metered[index]),
            delivered_basis_points=basis_points(towards * (baseline[index] - metered[index]), ordered[index]),
        )
        for index in range(count)
    ]


def _overlap(quarter: datetime, state: Activation) -> int:
    return int((min(quarter + days.QUARTER, state.end) - max(quarter, state.start)).total_seconds())


def _hash(readings: Iterable[Reading], parts: Iterable[str]) -> str:
    """Over the names of all versions used, and of what does not count throughout, a line each, sorted."""
    names = sorted((*(name for reading in readings for name in reading.revisions), *parts))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
