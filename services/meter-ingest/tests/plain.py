"""Plain ways of what the code does by column: point by point, version by version, quarter by quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from meter_ingest.domain import baselines, days, evidence, left_out, readings
from meter_ingest.domain.readings import RANK, WORST, Readings
from meter_ingest.domain.values import Quality, Reading, Steps, Version, in_steps, merge
from meter_ingest.domain.verification import Run

Windows = Sequence[tuple[datetime, datetime]]
ByDay = Mapping[date, Sequence[Version]]


def read(
    versions: Mapping[tuple[str, str], ByDay],
    by_line: Mapping[str, Sequence[str]],
    windows: Windows,
    steps: Mapping[str, Steps] | None = None,
) -> Readings:
    """What counts of points, by line; `versions` by point and line."""
    found: dict[tuple[str, str], Reading] = {}
    left: dict[str, list[left_out.LeftOut]] = {}
    looked = sorted({day.date for start, end in windows for day in days.days(start, end)})
    for line, points in by_line.items():
        for point in points:
            counts = (steps or {}).get(line, {}).get(point, {})
            by_day = versions.get((point, line), {})
            found[point, line] = reading(
                {day: in_steps(some, counts.get(day)) for day, some in by_day.items()}, windows
            )
            others = {
                day
                for day, some in by_day.items()
                if (minutes := counts.get(day)) and day in looked and any(one.minutes != minutes for one in some)
            }
            for of_alike in (list(each) for _, each in groupby(looked, counts.get)):
                if touched := [day for day in of_alike if day in others]:
                    minutes = counts[touched[0]]
                    assert minutes is not None
                    left.setdefault(line, []).append(left_out.LeftOut(point, touched[0], touched[-1], minutes))
    made = readings.of(found)
    made.lines |= {line: replace(made.lines[line], left_out=tuple(sorted(some))) for line, some in left.items()}
    return made


def reading(versions: ByDay, windows: Windows) -> Reading:
    """What counts in windows of one series."""
    wh: list[int | None] = []
    qualities: list[Quality] = []
    used: set[str] = set()
    salts: set[bytes] = set()
    for start, end in windows:
        for day in days.days(start, end):
            first, last = (start - day.start) // days.QUARTER, (end - day.start) // days.QUARTER
            counted = merge(versions.get(day.date, ()), max(0, first), min(day.quarters, last))
            wh += counted.wh
            qualities += counted.quality
            for version in {id(one): one for one in counted.by if one is not None}.values():
                used.add(version.name)
                salts.add(version.salt)
    return Reading(tuple(wh), tuple(qualities), tuple(sorted(used)), tuple(sorted(salts)))


def judged(run: Run) -> dict[str, tuple[Any, ...]]:
    """What each point that is held is evidence of: Wh with a neighbour on either side, quality, counts, and energy."""
    own = range(run.read[run.quarters[0]], run.read[run.quarters[-1]] + 1)
    around = range(own.start - 1, own.stop + 1)
    needed = _needed(run, run.state.methods[0])
    found: dict[str, tuple[Any, ...]] = {}
    for point in run.state.points:
        if point not in run.held:
            continue
        there = _lines(run, point)
        net = tuple(
            None
            if not there or any(one.wh[at] is None for _, one in there)
            else sum(sign * (one.wh[at] or 0) for sign, one in there)
            for at in around
        )
        ranks = [
            min((RANK[one.quality[each]] for _, one in there for each in (at, *needed)), default=RANK["missing"])
            for at in own
        ]
        found[point] = (
            net,
            tuple(WORST[rank] if each else None for rank, each in zip(ranks, run.held[point], strict=True)),
            tuple(each and rank > 0 for rank, each in zip(ranks, run.held[point], strict=True)),
            sum(one.wh[at] or 0 for _, one in there for at in needed or own),
        )
    return found


def alone(run: Run, some: Sequence[str]) -> baselines.Given:
    """What is known of some points together."""
    sums: list[dict[datetime, int | None] | None] = []
    for line in evidence.LINES:
        rows = [run.readings[point, line].wh for point in some if (point, line) in run.readings]
        columns = (None if None in column else sum(wh or 0 for wh in column) for column in zip(*rows, strict=True))
        sums.append(dict(zip(run.read, columns, strict=True)) if rows else None)
    first, last = run.quarters[0], run.quarters[-1] + days.QUARTER
    return baselines.Given(first, last, *sums, plan=run.plan, reported=run.reported, covered=run.covered)


def own(run: Run, point: str) -> Sequence[int]:
    """A point's own baseline; nothing, where there is none."""
    method = run.state.methods[0]
    found = baselines.compute("meter-before" if method in ("plan", "reported") else method, alone(run, [point]))
    return (0,) * len(run.quarters) if isinstance(found, baselines.Lacking) else found


def _lines(run: Run, point: str) -> list[tuple[int, Reading]]:
    some = zip((1, -1), evidence.LINES, strict=True)
    return [(sign, run.readings[point, line]) for sign, line in some if (point, line) in run.readings]


def _needed(run: Run, method: baselines.Method) -> list[int]:
    first, last = run.quarters[0], run.quarters[-1] + days.QUARTER
    return [run.read[one] for one in baselines.required(method, first, last, covered=run.covered)]


def names(found: Readings, held: Sequence[tuple[str, str]], others: Sequence[str]) -> bytes:
    """What all versions are called, with what else is said, sorted."""
    said = [name for one in found.values() for name in one.revisions]
    return "\n".join(sorted((*said, *(f"{point}:{each}" for point, each in held), *others))).encode()
