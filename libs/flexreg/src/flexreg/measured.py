"""Meter values as they are printed: a row for every value that counts, or for every revision."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import IO, Any

from contracts import calendar, values

Row = dict[str, Any]
_OF_OWN_METERS = ("samples", "clock_wrong")


def rows(found: Mapping[str, Any]) -> Iterator[Row]:
    """What `/values` gave, a value a row; a missing value is one, too; outside its periods there is none.

    Of a virtual channel the metering point is a recipient of shared production, where it is one.
    """
    for point in found["points"]:
        periods = [(_moment(one["start"]), _moment(one["end"])) for one in point["periods"]]
        if "virtual" in found:
            yield from _computed(found, point, periods)
            continue
        for day in point["days"]:
            start, step = _moment(day["start"]), calendar.STEP[day["resolution"]]
            messages = [
                [found["messages"][place] for place in run["messages"]]
                for run in day["from"]
                for _ in range(run["steps"])
            ]
            for place, wh in enumerate(day["values_wh"]):
                at = start + place * step
                if any(first < at + step and at < last for first, last in periods):
                    yield {
                        "metering_point_id": point["metering_point_id"],
                        "line": found["line"],
                        "start": values.time_text(at),
                        "end": values.time_text(at + step),
                        "wh": wh,
                        "status": day["status"][place],
                        "origin": day["origin"][place] or "missing",
                        "counts": day["counts"],
                        "method": day["method"],
                        "profile": day["profile"][place] if day["profile"] else None,
                        "basis": day["basis"][place] if day["basis"] else None,
                        "record": " ".join(one["record"] for one in messages[place]) or None,
                        **{name: day[name][place] for name in _OF_OWN_METERS if name in day},
                    }


def _computed(
    found: Mapping[str, Any], point: Mapping[str, Any], periods: Sequence[tuple[datetime, datetime]]
) -> Iterator[Row]:
    start, step = _moment(found["start"]), calendar.STEP[point["resolution"]]
    spans = [(_moment(one["start"]), _moment(one["end"]), one) for one in found["definitions"]]
    for place, wh in enumerate(point["values_wh"]):
        at = start + place * step
        by = next((one for first, last, one in spans if first < at + step and at < last), None)
        if any(first < at + step and at < last for first, last in periods):
            yield {
                "virtual": found["virtual"],
                "metering_point_id": point["metering_point_id"],
                "line": found["line"],
                "start": values.time_text(at),
                "end": values.time_text(at + step),
                "wh": wh,
                "status": point["status"][place],
                "origin": point["origin"][place] or "missing",
                "method": by and by["method"],
                "definition": by and by["version"],
                "product_code": by and by["product_code"],
                "made_of": " ".join(map(_term, by["terms"])) if by else None,
            }


def _term(one: Mapping[str, Any]) -> str:
    """`-7070…/production`: a line of a point, or another virtual channel."""
    named = one["virtual"] or f"{one['metering_point_id']}/{one['line']}"
    return f"-{named}" if one["minus"] else str(named)


def versions(found: Mapping[str, Any]) -> Iterator[Row]:
    """What `/values` gave of what a virtual channel is computed from: a row a version.

    `position`: of the value shard, at which the record that it came in was decided.
    """
    for name in found["versions"]:
        point, line, day, position, series = name.split("|")
        yield {
            "virtual": found["virtual"],
            "metering_point_id": point,
            "line": line,
            "day": day,
            "position": position,
            "series": int(series),
        }


def revisions(found: Mapping[str, Any]) -> Iterator[Row]:
    """What `/values` gave of revisions: a row for every run of quarters that a version changed, or only says."""
    for one in found["revisions"]:
        for run in _runs(one["changes"]):
            yield {
                "metering_point_id": found["metering_point_id"],
                "line": found["line"],
                "start": run[0]["start"],
                "end": values.time_text(_moment(run[-1]["start"]) + calendar.STEP["PT15M"]),
                "before_wh": sum(change["before_wh"] or 0 for change in run)
                if run[0]["before_wh"] is not None
                else None,
                "wh": sum(change["wh"] or 0 for change in run),
                "sent_wh": sum(change["sent_wh"] for change in run),
                "counts": _counts(one),
                "status": one["status"],
                "sender": one["sender"],
                "received_at": one["received_at"],
                "registered_at": one["registered_at"],
                "record": one["record"],
            }


def _counts(one: Mapping[str, Any]) -> str:
    if one.get("other"):
        return "no: the day counts in another resolution"
    return "yes" if one["counts"] else "no: registered before what counts"


def write_csv(to: IO[str], some: Sequence[Row]) -> None:
    """A header and the rows; nothing where there are none."""
    if some:
        writer = csv.DictWriter(to, list(some[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(some)


def _runs(changes: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Changes that follow each other, and of which either all or none replace something."""
    run: list[Mapping[str, Any]] = []
    for change in changes:
        if run and (
            _moment(change["start"]) - _moment(run[-1]["start"]) != timedelta(minutes=15)
            or (change["before_wh"] is None) != (run[-1]["before_wh"] is None)
        ):
            yield run
            run = []
        run.append(change)
    if run:
        yield run


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
