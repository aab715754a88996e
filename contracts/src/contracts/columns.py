"""Series by column, however they came: what a record of many series is looked at as when it is looked at as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contracts.meter_ingest.v1 import EnergyDirection, OwnMeter, Product, SentResolution, Series, StatusRun, ValueStatus

Whole = NDArray[np.int64]


class Common(NamedTuple):
    """What series have in common that are dealt with at once."""

    resolution: SentResolution
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
    own: Mapping[int, OwnMeter] = field(default_factory=dict[int, "OwnMeter"])
    """Of the rows that are of a BSP's own meter."""
    confirmed: frozenset[int] = frozenset()
    """The rows that their sender stands by."""

    def __len__(self) -> int:
        return len(self.points)

    def series(self, row: int, common: Common) -> Series:
        """One row as a series."""
        first, last = self.offsets[row], self.offsets[row + 1]
        own = self.own.get(row)
        return Series.model_construct(
            metering_point_id="" if own and not self.points[row] else f"{self.points[row]:018}",
            own=own,
            values_wh=tuple(self.values[first:last].tolist()),
            statuses=self.statuses.get(row, ()),
            confirmed=row in self.confirmed,
            **common._asdict(),
        )
