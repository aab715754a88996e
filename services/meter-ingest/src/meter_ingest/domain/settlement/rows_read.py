"""Who may read which rows of settlement: the policy of values (`reach`), of what is computed from them.

- a row of an adjustment: the supplier, and the BRP, that stood behind the point in that quarter, and the BSP that
  delivered it; the TSO, which is told the sums, all;
- a row of deviations: the supplier and the grid company between which it is settled, and the supplier, BRP, BSP and
  grid company that may read the line in that quarter; of runs that were published, also where they were annulled
  since; the TSO all, drafts too, for it runs them;
- what each point delivered in an activation: the BSP that was to deliver it, and the TSO.

Roles are as in `reach`: a party reads in those that it has, and nobody reads rows in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from contracts.values import Role
from meter_ingest.domain import days, lines, reach
from meter_ingest.domain.reach import Readable, Reader
from meter_ingest.domain.settlement.adjustment import Row
from meter_ingest.domain.settlement.deviation import Line
from meter_ingest.domain.settlement.runs import Run

_BEHIND: Final = {Role.SUPPLIER: "supply", Role.BRP: "balance", Role.BSP: "activation"}
"""On what ground each of a row's parties reads it."""
BY_VALUES: Final = frozenset({Role.SUPPLIER, Role.BRP, Role.BSP, Role.DSO})
"""Who may read a row of deviations because of the values that it is of."""
_WHOLE: Final = "settlement"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A row may be read: by whom, on what ground."""

    reader: Reader
    ground: str


def of_adjustment(row: Row, readers: Iterable[Reader]) -> Allowed | None:
    """Whether one of these may read a row of an adjustment."""
    stands = {Role.SUPPLIER: row.supplier, Role.BRP: row.brp, Role.BSP: row.bsp}
    for one in _plain(readers):
        if one.role == Role.TSO:
            return Allowed(one, _WHOLE)
        if one.role in stands and stands[one.role] == one.party:
            return Allowed(one, _BEHIND[one.role])
    return None


def of_deviation(
    line: Line, readers: Iterable[Reader], may: Mapping[Reader, Mapping[str, Sequence[Readable]]]
) -> Allowed | None:
    """Whether one of these, who may read these values, may read a row of a run that is not hidden from it."""
    for one in _plain(readers):
        if one.role == Role.TSO:
            return Allowed(one, _WHOLE)
        if (one.role, one.party) in {(Role.SUPPLIER, line.supplier), (Role.DSO, line.dso)}:
            return Allowed(one, "supply" if one.role == Role.SUPPLIER else "own-grid")
        if one.role in BY_VALUES and (ground := _ground(may.get(one, {}).get(line.point, ()), line)):
            return Allowed(one, ground)
    return None


def may_see(run: Run, readers: Iterable[Reader]) -> bool:
    """Whether a run is there for any of these: a draft is the TSO's alone, whatever has become of it."""
    return run.published or any(one.role == Role.TSO for one in _plain(readers))


def of_activation(bsp: str | None, readers: Iterable[Reader]) -> Allowed | None:
    """Whether one of these may read what each point delivered in an activation."""
    for one in _plain(readers):
        if one.role == Role.TSO:
            return Allowed(one, _WHOLE)
        if one.role == Role.BSP and one.party == bsp:
            return Allowed(one, _BEHIND[one.role])
    return None


def cares_for(readers: Iterable[Reader], *, bsp: str) -> bool:
    """Whether rows of an activation may be any of these's at all, by their roles alone."""
    others = {Role.TSO, Role.SUPPLIER, Role.BRP}
    return any(one.role in others or (one.role == Role.BSP and one.party == bsp) for one in _plain(readers))


def stretches(
    some: Iterable[tuple[str, str, datetime, Allowed]],
) -> list[tuple[Allowed, str, str, datetime, datetime]]:
    """What is noted of quarters that were read, by point and line: those that follow each other as one."""
    found: list[tuple[Allowed, str, str, datetime, datetime]] = []
    for point, line, start, allowed in sorted(some, key=lambda one: (one[0], lines.code(one[1]), one[2])):
        end = start + days.QUARTER
        if found and found[-1][:3] == (allowed, point, line) and found[-1][4] == start:
            found[-1] = (*found[-1][:4], end)
        else:
            found.append((allowed, point, line, start, end))
    return found


def _plain(readers: Iterable[Reader]) -> list[Reader]:
    # Who serves an end user reads that one's values, not what others settle of them.
    return [one for one in readers if not one.end_user]


def _ground(some: Sequence[Readable], line: Line) -> str:
    for one in some:
        if one.has(line.line) and reach.spans((one,), line.line, start=line.start, end=line.start + days.QUARTER):
            return one.ground
    return ""
