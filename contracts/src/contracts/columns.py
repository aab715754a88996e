"""Series by column, however they came: what a record of many series is looked at as when it is looked at as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import EnergyDirection, Product, Series, StatusRun, ValueStatus

Whole = NDArray[np.int64]


class Common(NamedTuple):
    """What series have in common that are dealt with at once."""

    resolution: Resolution
    direction: EnergyDirection
    product: Product
    status: ValueStatus
    start: datetime
    end: datetime
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """The rows, in order, that have the same in all but point and values."""

    common: Common
    rows: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Series by column."""

    attributes: dict[str, str]
    """Of the envelope."""
    points: Whole
    """Metering point ids; 0 where a text is none."""
    values: NDArray[np.int32] | Whole
    """Of all series, one after the other."""
    offsets: Whole
    """Where each begins, and where the last one ends."""
    groups: tuple[Group, ...]
    statuses: Mapping[int, tuple[StatusRun, ...]]
    """Of the rows that say them run by run."""
    confirmed: frozenset[int] = frozenset()
    """The rows that their sender stands by."""

    def __len__(self) -> int:
        return len(self.points)

    def series(self, row: int, common: Common) -> Series:
        """One row as a series."""
        first, last = self.offsets[row], self.offsets[row + 1]
        return Series.model_construct(
            metering_point_id=f"{self.points[row]:018}",
            values_wh=tuple(self.values[first:last].tolist()),
            statuses=self.statuses.get(row, ()),
            confirmed=row in self.confirmed,
            **common._asdict(),
        )
