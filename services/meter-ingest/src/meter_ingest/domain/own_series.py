"""Whether a series of an own meter is right, and what it is in quarters (`metering.md` §6.7, §6.8).

However often it was read, its series has whole quarters, each the sum of its samples: 15 of a minute, 3 of five
minutes, or 1. A quarter with fewer is kept as `partly-metered` with their number: what is missing in it was not zero,
so that it is no measured quarter. One without any says nothing, and is not sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple, cast

from contracts.message import RefusedRow
from contracts.meter_ingest.v1 import OwnMeter, OwnResolution, Series
from meter_ingest.domain import blocks, erasing, lines, own_meters, own_rules, refusals, rules, values
from meter_ingest.domain.own_meters import Held, OwnMeters, Stretch
from meter_ingest.domain.series import Checked, Record, Refusal, runs_of, say, shape
from meter_ingest.domain.values import PARTLY_METERED, Version

SAMPLES: Final[dict[OwnResolution, int]] = {"PT1M": 15, "PT5M": 3, "PT15M": 1}
"""How many a quarter has, where none is missing."""
MOST_DRIFT_MS: Final = 10_000
"""A clock that is wrong by more is said to be (`metering.md` §6.8)."""
_WORST: Final = ("temporary", "estimated", "final-estimated", "metered")
_QUARTER: Final = 15

Meters = Mapping[str, OwnMeters | None]
"""By resource."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What series of own meters are held against: the meters by resource, and who holds their points, by block."""

    meters: Meters = field(default_factory=dict[str, "OwnMeters | None"])
    held: Held = field(default_factory=dict)
    erased: Mapping[str, erasing.Erased | None] = field(default_factory=dict[str, "erasing.Erased | None"])


class _Of(NamedTuple):
    """The line that a series is of."""

    point: str
    device_id: str
    number: int
    stretch: Stretch


class _Quarter(NamedTuple):
    """What one quarter is kept with."""

    status: str
    mark: int


def resources(records: Iterable[Record]) -> set[str] | None:
    """The resources whose own meters records are of; None where they have no series of such."""
    own = [one.own for record in records for one in record.data.series if one.own is not None]
    own += [one for record in records if record.columns is not None for one in record.columns.own.values()]
    return {one.resource_id for one in own if _is_id(one)} if own else None


def check(checked: Checked, standing: Standing, *, oldest: datetime) -> None:
    """Check the series of own meters in a record, which were left for this. `oldest` as for any series."""
    record = checked.record
    refused = len(checked.rows)
    for row, series in record.numbered:
        if series.own is None:
            continue
        found = _of(series, series.own, record, standing, oldest)
        if isinstance(found, Refusal):
            say(checked, row, found)
            checked.rows.append(RefusedRow(row=row, code=found.rule.key, actual=found.actual))
            continue
        checked.own.append(_taken(checked, row, series, series.own, found))
    if len(checked.rows) > refused:
        checked.rows.sort(key=lambda one: one.row)


def _of(series: Series, own: OwnMeter, record: Record, standing: Standing, oldest: datetime) -> _Of | Refusal:
    """The line of a series, or why it is refused: who may not know of a resource is told what it is of none."""
    found = _whose(series, own, record, standing)
    if isinstance(found, Refusal):
        return found
    return (
        _form_refusal(series, own, record, found.stretch, oldest)
        or erasing.refusal(standing.erased, found.point, series.start, series.end)
        or found
    )


def _whose(series: Series, own: OwnMeter, record: Record, standing: Standing) -> _Of | Refusal:
    meters, sender = standing.meters.get(own.resource_id), record.sender
    if meters is None:
        return Refusal(own_rules.SERIES_RESOURCE_UNKNOWN, "own/resource_id")
    point, (start, end) = meters.metering_point_id, (series.start, max(series.start, series.end))
    held = standing.held.get(blocks.block_of(point))
    if not own_meters.was_opened_by(meters, held, bsp=sender, at=record.received_at):
        return Refusal(own_rules.SERIES_RESOURCE_UNKNOWN, "own/resource_id")
    if not own_meters.holds_throughout(held, point, bsp=sender, start=start, end=end):
        return Refusal(rules.SERIES_NOT_AUTHORISED, "own/resource_id")
    if series.metering_point_id not in {"", point}:
        return Refusal(own_rules.SERIES_RESOURCE_ELSEWHERE, "metering_point_id", None, series.metering_point_id)
    line = lines.line(series.direction, series.product)
    open_ = [
        (device, name, one)
        for device, name in own_meters.lines_of(meters, device_id=own.device_id.strip(), asked=line).items()
        for one in meters.devices[device].lines[name]
        if one.covers(start, end) and own_meters.is_of(one, point, held, bsp=sender, at=start)
    ]
    if len(open_) != 1:
        return Refusal(own_rules.SERIES_OWN_METER_NOT_OPEN, "own/device_id", 1, len(open_))
    device, name, stretch = open_[0]
    return _Of(point, device, lines.parts(name)[2], stretch)


def _form_refusal(  # noqa: PLR0911 - one return a rule, in the order in which they are tried
    series: Series, own: OwnMeter, record: Record, stretch: Stretch, oldest: datetime
) -> Refusal | None:
    start, end = series.start, series.end
    if (untimely := refusals.of_times(series, record.received_at, oldest)) is not None:
        return untimely
    if series.resolution != stretch.resolution:
        return Refusal(rules.SERIES_RESOLUTION_WRONG, "resolution", stretch.resolution, series.resolution)
    whole = shape(start, end, _QUARTER)
    if not whole.aligned:
        return Refusal(rules.SERIES_NOT_ALIGNED, "start", _QUARTER, refusals.period_text(start, end))
    samples = SAMPLES[stretch.resolution]
    steps = whole.steps * samples
    if len(series.values_wh) != steps:
        return Refusal(rules.SERIES_COUNT_WRONG, "values_wh", steps, len(series.values_wh))
    if series.statuses and (said := sum(run.count for run in series.statuses)) != steps:
        return Refusal(rules.SERIES_STATUSES_WRONG, "statuses", steps, said)
    impossible = refusals.of_values(series.values_wh, _QUARTER // samples)
    if impossible is not None:
        return impossible
    return _missing_refusal(series, own, samples)


def _missing_refusal(series: Series, own: OwnMeter, samples: int) -> Refusal | None:
    """What is missing lies in the series, once, without a value, and leaves every quarter something."""
    there = [True] * len(series.values_wh)
    for place, run in enumerate(own.missing):
        here = slice(run.first, run.first + run.count)
        if here.stop > len(there) or not all(there[here]) or any(series.values_wh[here]):
            return Refusal(
                own_rules.SERIES_MISSING_WRONG, f"own/missing/{place}", len(there), f"{run.first}+{run.count}"
            )
        there[here] = [False] * run.count
    for first in range(0, len(there), samples) if own.missing else ():
        if not any(there[first : first + samples]):
            return Refusal(own_rules.SERIES_QUARTER_EMPTY, "own/missing", None, first // samples)
    return None


def _taken(checked: Checked, row: int, series: Series, own: OwnMeter, of: _Of) -> tuple[list[Version], dict[str, Any]]:
    """A series that is right, as quarters: its versions, and what is said of them."""
    record, samples = checked.record, SAMPLES[of.stretch.resolution]
    counts = _counts(series, own, samples)
    quarters = _sums(series.values_wh, samples)
    drifted = abs(own.clock_offset_ms) > MOST_DRIFT_MS
    short = [place for place, count in enumerate(counts) if count < samples]
    if short:
        say(checked, row, Refusal(own_rules.SERIES_SAMPLES_MISSING, "own/missing", samples, counts[short[0]]))
    if drifted:
        actual = own.clock_offset_ms
        say(checked, row, Refusal(own_rules.SERIES_CLOCK_DRIFT, "own/clock_offset_ms", MOST_DRIFT_MS, actual, "ms"))
    kept = _kept(series, counts, samples, drifted=drifted)
    line = lines.line(series.direction, series.product, of.number)
    width, encoded = values.encode(quarters)
    salted = values.salted(record.salt, encoded, point=of.point, line=line, start=series.start, minutes=_QUARTER)
    versions: list[Version] = []
    at = 0
    for day, first, count in shape(series.start, series.end, _QUARTER).parts:
        begin = at
        for quarter, alike in groupby(kept[at : at + count]):
            end = begin + sum(1 for _ in alike)
            versions.append(
                Version(
                    of.point,
                    line,
                    day.date,
                    series.registered_at,
                    record.received_at,
                    record.partition,
                    record.offset,
                    row,
                    record.shard,
                    record.position,
                    _QUARTER,
                    first + begin - at,
                    quarter.status,
                    width,
                    encoded[begin * width : end * width],
                    record.salt,
                    mark=quarter.mark,
                )
            )
            begin = end
        at += count
    fields: dict[str, Any] = {
        "resource_id": own.resource_id,
        "device_id": of.device_id,
        "metering_point_id": of.point,
        "meter": of.number,
        "direction": series.direction,
        "product": series.product,
        "start": series.start,
        "end": series.end,
        "resolution": cast("OwnResolution", series.resolution),
        "samples": sum(counts),
        "short": len(short),
        "clock_offset_ms": own.clock_offset_ms,
        "registered_at": series.registered_at,
        "count": len(quarters),
        "sum_wh": sum(quarters),
        "salted_sha256": salted,
    }
    return versions, fields


def _sums(wh: Sequence[int], samples: int) -> tuple[int, ...]:
    return tuple(wh) if samples == 1 else tuple(sum(wh[at : at + samples]) for at in range(0, len(wh), samples))


def _counts(series: Series, own: OwnMeter, samples: int) -> list[int]:
    """How many samples each quarter has."""
    counts = [samples] * (len(series.values_wh) // samples)
    for run in own.missing:
        for step in range(run.first, run.first + run.count):
            counts[step // samples] -= 1
    return counts


def _kept(series: Series, counts: Sequence[int], samples: int, *, drifted: bool) -> list[_Quarter]:
    """Each quarter's status, the least certain of its samples', and what else is kept with it."""
    return [
        _Quarter(
            PARTLY_METERED if status == "metered" and count < samples else status,
            values.mark(count if count < samples else 0, drifted=drifted),
        )
        for status, count in zip(_statuses(series, len(counts), samples), counts, strict=True)
    ]


def _statuses(series: Series, quarters: int, samples: int) -> Iterator[str]:
    if not series.statuses:
        yield from (series.status for _ in range(quarters))
        return
    each = [status for status, first, last in runs_of(series, 0, quarters * samples) for _ in range(first, last)]
    for at in range(0, len(each), samples):
        yield min(each[at : at + samples], key=_WORST.index)


def _is_id(own: OwnMeter) -> bool:
    """Whether it is worth looking up: what came in is any text."""
    return len(own.resource_id) == 36 and own.resource_id.isascii()
