"""Values in a packet: what counts of each point, run by run with where it came from, and the readings made of it again.

Only quarters that the run read are in it, and of each only the version that counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from contracts.values import time_text
from meter_ingest.domain import days, values
from meter_ingest.domain.baselines import Window
from meter_ingest.domain.values import Quality, Reading, Version

Versions = Mapping[tuple[str, str, date], Sequence[Version]]
"""By point, line and day."""


def told(versions: Versions, by_line: Mapping[str, Sequence[str]], windows: Sequence[Window]) -> list[dict[str, Any]]:
    """What counts of these points and lines in these windows, in order."""
    return [
        run
        for line in sorted(by_line)
        for point in sorted(by_line[line])
        for run in of_series(versions, point, line, windows)
    ]


def of_series(versions: Versions, point: str, line: str, windows: Sequence[Window]) -> Iterator[dict[str, Any]]:
    """What counts of one point and line."""
    for start, end in windows:
        for day in days.days(start, end):
            yield from _of_day(versions.get((point, line, day.date), ()), point, line, day, start, end)


def _of_day(
    versions: Sequence[Version], point: str, line: str, day: days.Day, start: datetime, end: datetime
) -> Iterator[dict[str, Any]]:
    first = max(0, (start - day.start) // days.QUARTER)
    last = min(day.quarters, (end - day.start) // days.QUARTER)
    counted = values.merge(versions, first, last)
    at = 0
    while at < last - first:
        by = counted.by[at]
        until = at + 1
        while until < last - first and counted.by[until] is by:
            until += 1
        if by is not None:
            yield {
                "metering_point_id": point,
                "line": line,
                "day": day.date.isoformat(),
                "start": time_text(day.start + (first + at) * days.QUARTER),
                "wh": counted.wh[at:until],
                "minutes": by.minutes,
                "status": by.status,
                "looks_hourly": by.hourly,
                "evidence": counted.quality[at],
                "registered_at": time_text(by.registered_at),
                "received_at": time_text(by.received_at),
                "shard": by.shard,
                "position": by.position,
                "partition": by.partition,
                "offset": by.offset,
                "series": by.series,
                "salt": by.salt.hex(),
            }
        at = until


def readings(
    content: Sequence[Mapping[str, Any]], by_line: Mapping[str, Sequence[str]], windows: Sequence[Window]
) -> dict[tuple[str, str], Reading]:
    """What a run reads of them. Raises `KeyError`, `ValueError` or `TypeError` where they cannot be read."""
    starts = [start + index * days.QUARTER for start, end in windows for index in range((end - start) // days.QUARTER)]
    place = {start: index for index, start in enumerate(starts)}
    wh: dict[tuple[str, str], list[int | None]] = {}
    quality: dict[tuple[str, str], list[Quality]] = {}
    names: dict[tuple[str, str], set[str]] = {}
    salts: dict[tuple[str, str], set[bytes]] = {}
    for one in content:
        key = (one["metering_point_id"], one["line"])
        begins = datetime.fromisoformat(one["start"])
        found = values.quality(one["minutes"], one["status"], hourly=one["looks_hourly"])
        if found != one["evidence"]:
            raise ValueError(f"{key[0]} is {found} from {one['start']} on, not {one['evidence']}")
        for index, each in enumerate(one["wh"]):
            at = place[begins + index * days.QUARTER]
            wh.setdefault(key, [None] * len(starts))[at] = each
            quality.setdefault(key, ["missing"] * len(starts))[at] = found
        name = f"{key[0]}|{key[1]}|{one['day']}|{one['shard']}/{one['position']}|{one['series']}"
        names.setdefault(key, set()).add(name)
        salts.setdefault(key, set()).add(bytes.fromhex(one["salt"]))
    asked = [(point, line) for line, points in by_line.items() for point in points]
    if extra := wh.keys() - set(asked):
        raise ValueError(f"{min(extra)} is of no point of the run")
    return {
        key: Reading(tuple(wh[key]), tuple(quality[key]), tuple(sorted(names[key])), tuple(sorted(salts[key])))
        if key in wh
        else Reading((None,) * len(starts), ("missing",) * len(starts), ())
        for key in asked
    }
