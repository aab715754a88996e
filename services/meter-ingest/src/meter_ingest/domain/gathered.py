"""Many series of one record put together by column, whatever form they came in.

So they go the way of `columns`: the unremarkable ones are dealt with as a whole, each of the others as the series that
it came as.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.columns import Columns, Common, Group
from contracts.meter_ingest.v1 import SendMeterValues, Series
from meter_ingest.domain import values
from meter_ingest.domain.series import Record

_COMMON: Final = attrgetter(*Common._fields)
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True, eq=False)
class Gathered(Columns):
    """Series by column that are at hand as series, too."""

    sent: tuple[Series, ...] = ()

    def series(self, row: int, common: Common) -> Series:  # noqa: ARG002 - a row is what it came as
        """One row, as it came."""
        return self.sent[row]


def gathered(record: Record, *, least: int) -> Record:
    """The record by column, if its series are many and alike; otherwise, and with own meters in it, as it is.

    `least`: how many of them must be alike in all but point and values, on average.
    """
    some = record.data.series
    if record.columns is not None or len(some) < least:
        return record
    by: dict[tuple[Any, ...], list[int]] = {}
    for row, one in enumerate(some):
        if one.own is not None:
            return record
        by.setdefault(_COMMON(one), []).append(row)
    if len(some) < least * len(by):
        return record
    columns = Gathered(
        attributes={},
        points=np.array(_numbers([one.metering_point_id for one in some]), np.int64),
        values=_values(every := [one.values_wh for one in some]),
        offsets=np.array([0, *accumulate(map(len, every))], np.int64),
        groups=tuple(Group(Common(*common), np.array(rows, np.int64)) for common, rows in by.items()),
        statuses={row: one.statuses for row, one in enumerate(some) if one.statuses},
        confirmed=frozenset(row for row, one in enumerate(some) if one.confirmed),
        sent=some,
    )
    return replace(record, data=SendMeterValues.model_construct(series=()), columns=columns)


def _numbers(points: Sequence[str]) -> list[int]:
    """Ids as numbers; 0 for what is none."""
    whole = "".join(points)
    if whole.isdigit() and whole.isascii() and set(map(len, points)) == {_DIGITS}:
        return list(map(int, points))
    return [int(one) if len(one) == _DIGITS and one.isascii() and one.isdigit() else 0 for one in points]


def _values(some: Sequence[Sequence[int]]) -> NDArray[Any]:
    encoded = [values.encode(one) for one in some]
    if all(width == 4 for width, _ in encoded):
        return np.frombuffer(b"".join([wh for _, wh in encoded]), "<i4")
    return np.array([one for each in some for one in each], np.int64)
