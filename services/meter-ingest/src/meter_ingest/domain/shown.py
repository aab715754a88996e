"""What a verification's event says of a run: the quarters, their neighbours, other baselines, and what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from contracts.meter_ingest.v1 import (
    ApartPoints,
    OtherBaseline,
    OtherQuarter,
    ReadAs,
    ReadUpTo,
    VerifiedQuarter,
    VerifiedWhole,
)
from contracts.values import Period
from meter_ingest.domain import baselines, days, left_out
from meter_ingest.domain.evidence import LINES, Evidence
from meter_ingest.domain.readings import Readings
from meter_ingest.domain.shares import basis_points
from meter_ingest.domain.values import Quality

if TYPE_CHECKING:
    from meter_ingest.domain.verification import Run


def quarters(run: Run) -> list[VerifiedQuarter]:
    """The activation's own; none where the baseline lacks something."""
    if isinstance(run.primary, baselines.Lacking):
        return []
    # Of hundreds of points nearly all are alike.
    alike: dict[tuple[Quality | None, ...], list[Sequence[int | None]]] = {}
    for one in run.points:
        alike.setdefault(one.quality, []).append(run.allocated.get(one.point, ()))
    found: list[VerifiedQuarter] = []
    for index in range(len(run.quarters)):
        qualities: Counter[Quality | None] = Counter()
        measured_wh = 0
        for each, some in alike.items():
            qualities[each[index]] += len(some)
            if each[index] == "measured":
                measured_wh += sum([figures[index] or 0 for figures in some])
        primary, metered = run.primary[index], run.metered[index]
        found.append(_quarter(run, 1 + index, primary, metered, qualities=qualities, measured_wh=measured_wh))
    return found


def neighbours(run: Run) -> list[VerifiedQuarter]:
    """The quarters right before and after, as far as points that count beside them have them, and a baseline."""
    before = [one for one in run.points if one.counts[0]]
    after = [one for one in run.points if one.counts[-1]]
    found: list[VerifiedQuarter] = []
    for side, some, figures, at in (
        (0, before, [one.before for one in before], 0),
        (1, after, [one.after for one in after], len(run.ordered.starts) - 1),
    ):
        there = [one for one, wh in zip(some, figures, strict=True) if wh is not None]
        known = sum(wh for wh in figures if wh is not None)
        level = _beside(run, there, side, is_whole=len(there) == len(run.points))
        if there and level is not None:
            missing = len(some) - len(there)
            found.append(_quarter(run, at, level, known, qualities=Counter(), missing=missing))
    return found


def whole(own: Sequence[VerifiedQuarter], beside: Sequence[VerifiedQuarter]) -> VerifiedWhole | None:
    """All of it, as far as it is for this order, against what its ramps let be expected of just these quarters."""
    if not own:
        return None
    expected = sum(one.expected_wh or 0 for one in (*own, *beside))
    delivered = sum(map(_share, own))
    with_neighbours = delivered + sum(map(_share, beside))
    return VerifiedWhole(
        ordered_wh=sum(one.ordered_wh for one in own),
        expected_wh=expected,
        delivered_wh=delivered,
        with_neighbours_wh=with_neighbours,
        basis_points=basis_points(with_neighbours, expected),
    )


def others(run: Run) -> Iterator[OtherBaseline]:
    """What would have been delivered by other baselines, those that were corrected too late to count among them."""
    for method in run.state.methods[1:]:
        yield _other(run, method)
    if said := run.corrected.get("plan"):
        yield _other(replace(run, plan={**run.plan, **said}), "plan", corrected=True)
    if said := run.corrected.get("reported"):
        yield _other(replace(run, reported={**run.reported, **said}), "reported", corrected=True)


def _other(run: Run, method: baselines.Method, *, corrected: bool = False) -> OtherBaseline:
    found = run.baseline(method)
    if isinstance(found, baselines.Lacking):
        return OtherBaseline(method=method, quarters=(), lacking=found.why, corrected=corrected)
    told: list[OtherQuarter] = []
    for index, start in enumerate(run.quarters):
        delivered = run.towards * (found[index] - run.metered[index])
        asked = run.asked[1 + index]
        share = asked.share(delivered) if asked else delivered
        told.append(
            OtherQuarter(
                start=start,
                baseline_wh=found[index],
                delivered_wh=delivered,
                delivered_basis_points=basis_points(share, run.ordered.block[1 + index]),
                expected_basis_points=basis_points(share, run.ordered.ramped[1 + index]),
                share_wh=share if asked else None,
            )
        )
    return OtherBaseline(method=method, quarters=tuple(told), corrected=corrected)


def periods(starts: Collection[datetime]) -> tuple[Period, ...]:
    """Quarters as periods, those that adjoin put together."""
    found: list[Period] = []
    for start in sorted(starts):
        end = start + days.QUARTER
        if found and found[-1].end == start:
            found[-1] = Period(start=found[-1].start, end=end)
        else:
            found.append(Period(start=start, end=end))
    return tuple(found)


def read_up_to(as_of: Mapping[str, int]) -> tuple[ReadUpTo, ...]:
    """By shard."""
    return tuple(ReadUpTo(shard=shard, position=as_of[shard]) for shard in sorted(as_of))


def apart(run: Run) -> tuple[ApartPoints, ...]:
    """The points that are not held throughout, or have other channels than of consumption alone."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    nothing = (False,) * len(run.quarters)
    read = [(line, run.columns.lines[line].rows) for line in LINES if line in run.columns.lines]
    for point in run.state.points:
        bits = run.held.get(point, nothing)
        lines = tuple([line for line, rows in read if point in rows])
        if lines != ("consumption",) or not all(bits):
            found.setdefault(("".join("01"[each] for each in bits), lines), []).append(point)
    return tuple(
        ApartPoints.model_validate({"quarters": held, "lines": lines, "metering_points": tuple(points)})
        for (held, lines), points in sorted(found.items())
    )


def read_as(run: Run) -> tuple[ReadAs, ...]:
    """The days of points of which what had come in another resolution was left out."""
    lines = run.readings.lines if isinstance(run.readings, Readings) else {}
    return left_out.said({line: read.left_out for line, read in lines.items()})


def _share(one: VerifiedQuarter) -> int:
    return one.delivered_wh if one.share_wh is None else one.share_wh


def _quarter(
    run: Run,
    at: int,
    baseline: int,
    metered: int,
    *,
    qualities: Counter[Quality | None],
    measured_wh: int | None = None,
    missing: int = 0,
) -> VerifiedQuarter:
    delivered = run.towards * (baseline - metered)
    ordered, expected, asked = run.ordered.block[at], run.ordered.ramped[at], run.asked[at]
    share = asked.share(delivered) if asked else delivered
    return VerifiedQuarter(
        start=run.ordered.starts[at],
        ordered_wh=ordered,
        baseline_wh=baseline,
        metered_wh=metered,
        delivered_wh=delivered,
        delivered_basis_points=basis_points(share, ordered),
        expected_wh=expected,
        expected_basis_points=basis_points(share, expected),
        together_wh=asked.together_wh if asked else None,
        share_wh=share if asked else None,
        measured_wh=measured_wh,
        measured_points=qualities["measured"],
        derived_points=qualities["derived"],
        estimated_points=qualities["estimated"],
        missing_points=missing + qualities["missing"],
    )


def _beside(run: Run, some: Sequence[Evidence], side: int, *, is_whole: bool) -> int | None:
    """The baseline of points in the quarter before (0) or after (1); what was submitted is of all of them or none."""
    method = run.state.methods[0]
    if not some or (method in ("plan", "reported") and not is_whole):
        return None
    found = baselines.beside(method, run.given(some))
    return None if isinstance(found, baselines.Lacking) else found[side]
