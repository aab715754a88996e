"""The values of a virtual channel, quarter by quarter, from those of what it rests on. Nothing is stored.

A value is as certain as its least certain source, and missing where one of them is. What is shared is divided by
largest remainder, so that the parts add up to the watt-hour; ties go to the recipient named first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import mul
from typing import Final, NamedTuple

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import KeptStatus
from meter_ingest.domain import days, transform
from meter_ingest.domain.shares import split_exactly
from meter_ingest.domain.transform import Derived
from meter_ingest.domain.virtual import Definition, Part, Source, Virtual, stretches

_CERTAINTY: Final[tuple[KeptStatus, ...]] = ("temporary", "estimated", "final-estimated", "metered")
_RANK: Final = {status: rank for rank, status in enumerate(_CERTAINTY)}


class Column(NamedTuple):
    """One value per quarter of a period: Wh, and how certain it is; None: missing."""

    wh: Sequence[int | None]
    status: Sequence[KeptStatus | None]


@dataclass(frozen=True, slots=True)
class Computing:
    """The values of virtual channels in one period of whole quarters, each channel computed once."""

    channels: Mapping[str, Virtual | None]
    values: Mapping[Source, Column]
    start: datetime
    end: datetime
    as_of: datetime | None = None
    _found: dict[str, dict[str | None, Column]] = field(default_factory=dict[str, dict[str | None, Column]])

    def channel(self, id_: str) -> Mapping[str | None, Column]:
        """Its columns: of a share by recipient, otherwise one, by None."""
        if id_ not in self._found:
            # Nothing rests on itself; if it did, it would be missing.
            self._found[id_] = {}
            made: dict[str | None, tuple[list[int | None], list[KeptStatus | None]]] = {}
            for stretch in stretches(self.channels.get(id_), self.start, self.end, self.as_of):
                here = slice((stretch.start - self.start) // days.QUARTER, (stretch.end - self.start) // days.QUARTER)
                for name, column in self._computed(stretch.definition, here).items():
                    if name not in made:
                        made[name] = ([None] * self._count, [None] * self._count)
                    made[name][0][here], made[name][1][here] = column
            self._found[id_] = {name: Column(*column) for name, column in made.items()}
        return self._found[id_]

    @property
    def _count(self) -> int:
        return (self.end - self.start) // days.QUARTER

    def _computed(self, definition: Definition, here: slice) -> dict[str | None, Column]:
        columns = [self._of(term.of, here) for term in definition.terms]
        if definition.sharing is None:
            return {None: added(columns, [-1 if term.minus else 1 for term in definition.terms])}
        (whole,) = columns
        weights = (
            [self._of(Source(point, "consumption"), here) for point in definition.recipients]
            if definition.sharing == "consumption-based"
            else None
        )
        fixed = definition.shares_ppm if definition.sharing == "manual" else (1,) * len(definition.recipients)
        return dict(zip(definition.recipients, shared(whole, fixed, weights), strict=True))

    def _of(self, one: Source | Part, here: slice) -> Column:
        found = self.values.get(one) if isinstance(one, Source) else self.channel(one.id).get(one.recipient)
        if found is None:
            nothing = (None,) * (here.stop - here.start)
            return Column(nothing, nothing)
        return Column(found.wh[here], found.status[here])


def added(columns: Sequence[Column], signs: Sequence[int]) -> Column:
    """The signed sum of columns."""
    wh: list[int | None] = []
    for energies in zip(*(column.wh for column in columns), strict=True):
        there = [one for one in energies if one is not None]
        wh.append(sum(map(mul, signs, there)) if len(there) == len(energies) else None)
    return Column(wh, _least_certain(columns, wh))


def shared(whole: Column, fixed: Sequence[int], weights: Sequence[Column] | None) -> list[Column]:
    """A column divided: by fixed weights, or by others' columns, quarter by quarter."""
    count = len(fixed)
    parts: list[list[int | None]] = [[] for _ in range(count)]
    by_quarter = zip(*(one.wh for one in weights), strict=True) if weights else None
    for energy in whole.wh:
        said = next(by_quarter) if by_quarter else fixed
        by = [one for one in said if one is not None]
        split: Sequence[int | None] = (None,) * count
        if energy is not None and len(by) == count:
            split = split_exactly(energy, by)
        for part, share in zip(parts, split, strict=True):
            part.append(share)
    status = _least_certain([whole, *(weights or ())], parts[0])
    return [Column(part, status) for part in parts]


def derived(column: Column, resolution: Resolution, *, start: datetime) -> Derived:
    """As it is delivered: every value that there is says that nobody sent it. Raises `transform.NotInWholeHours`."""
    nothing = (None,) * len(column.wh)
    found = Derived("PT15M", tuple(column.wh), nothing, tuple(column.status), nothing)
    if resolution == "PT60M":
        found = transform.to_hours(found, start=start)
    return replace(found, origin=tuple(None if wh is None else "virtual" for wh in found.wh))


def _least_certain(columns: Sequence[Column], wh: Iterable[int | None]) -> list[KeptStatus | None]:
    found: list[KeptStatus | None] = []
    for energy, statuses in zip(wh, zip(*(column.status for column in columns), strict=True), strict=True):
        if energy is None:
            found.append(None)
            continue
        met = set(statuses)
        found.append(statuses[0] if len(met) == 1 else _CERTAINTY[min(_RANK[one] for one in met if one is not None)])
    return found
