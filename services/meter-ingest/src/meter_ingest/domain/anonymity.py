"""What may be said to everybody of many points' energy, so that nothing of a few follows from all that is ever said.

Points that are alike make a cell (line, zone, grid area, type). Cells that are too small are put together until none
is: what is left are *atoms*, apart from each other, and every figure is a sum of whole atoms. So whatever is added and
subtracted, whole atoms remain: at least `LEAST` points, and of one grid area alone only where it has `LEAST_OF_AREA`
(ADR 0036). Only counts decide how it is put together, never energy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Final, NamedTuple

LEAST: Final = 5
"""Points that a sum is of at least (`metering.md` §8)."""
LEAST_OF_AREA: Final = 5_000
"""Consumption points that a grid area has at least, if there is a sum of it alone (`metering.md` §8)."""
CONSUMPTION: Final = "consumption"
LINES: Final = (CONSUMPTION, "production")
UNSTATED: Final = "unstated"
"""The type of points of which the register has none."""


class Key(NamedTuple):
    """Points that are alike."""

    line: str
    zone: str
    area: str
    type: str


class Cell(NamedTuple):
    """Energy of points whose day is whole, how many of them are estimated in part, and how many there are beside."""

    points: int = 0
    wh: int = 0
    estimated: int = 0
    missing: int = 0

    def plus(self, other: Cell) -> Cell:
        """The sum."""
        return Cell(*(one + another for one, another in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Atom:
    """Cells that are only ever said together, and the grid areas that their points lie in."""

    cell: Cell
    areas: frozenset[str]

    def plus(self, other: Atom) -> Atom:
        """Together."""
        return Atom(self.cell.plus(other.cell), self.areas | other.areas)


Name = tuple[str | None, str | None]
"""An atom's grid area and type; None: of several that have none of their own."""
_REST: Final[Name] = (None, None)


class Figure(NamedTuple):
    """What is said."""

    zone: str
    line: str
    dimension: str
    key: str | None
    cell: Cell


def figures(cells: Mapping[Key, Cell], *, least: int = LEAST, least_of_area: int = LEAST_OF_AREA) -> list[Figure]:
    """All that is said of a day."""
    consumers: dict[str, int] = {}
    for key, cell in cells.items():
        if key.line == CONSUMPTION:
            consumers[key.area] = consumers.get(key.area, 0) + cell.points
    named = frozenset(area for area, points in consumers.items() if points >= least_of_area)
    found: list[Figure] = []
    for line, zone in sorted({(key.line, key.zone) for key in cells}):
        some = {key: cell for key, cell in cells.items() if (key.line, key.zone) == (line, zone)}
        found += _figures(line, zone, atoms(some, named=named, least=least))
    return found


def atoms(cells: Mapping[Key, Cell], *, named: frozenset[str], least: int) -> dict[Name, Atom]:
    """The atoms of a line in a zone; none where all its points together are too few. `named`: areas that are large.

    What is too small leaves its grid area first and its type then; where the rest is still too small, the smallest
    atom joins it.
    """
    found: dict[Name, Atom] = {}

    def put(name: Name, atom: Atom) -> None:
        standing = found.get(name)
        found[name] = standing.plus(atom) if standing else atom

    def is_enough(atom: Atom) -> bool:
        return atom.cell.points >= least and (len(atom.areas) > 1 or atom.areas <= named)

    for key, cell in cells.items():
        areas = frozenset({key.area} if cell.points else ())
        put((key.area if key.area in named else None, key.type or UNSTATED), Atom(cell, areas))
    for area, type_ in sorted((area, type_) for area, type_ in found if area is not None and type_ is not None):
        if not is_enough(found[area, type_]):
            put((None, type_), found.pop((area, type_)))
    for type_ in sorted(type_ for area, type_ in found if area is None and type_ is not None):
        if not is_enough(found[None, type_]):
            put(_REST, found.pop((None, type_)))
    while _REST in found and not is_enough(found[_REST]):
        others = [name for name in found if name != _REST]
        if not others:
            return {}
        put(_REST, found.pop(min(others, key=lambda name: _by_size(name, found[name]))))
    return found


def _by_size(name: Name, atom: Atom) -> tuple[bool, int, str, str]:
    """What has no area of its own joins before what has one, the smallest first."""
    area, type_ = name
    return area is not None, atom.cell.points, area or "", type_ or ""


def _figures(line: str, zone: str, found: Mapping[Name, Atom]) -> Iterable[Figure]:
    if not found:
        return
    yield Figure(zone, line, "zone", zone, _sum(found.values()))
    for place, dimension in enumerate(("grid-area", f"{line}-type")):
        for key in sorted({name[place] for name in found}, key=lambda key: (key is None, key or "")):
            of_key = (atom for name, atom in found.items() if name[place] == key)
            yield Figure(zone, line, dimension, key, _sum(of_key))


def _sum(some: Iterable[Atom]) -> Cell:
    return reduce(Cell.plus, (atom.cell for atom in some), Cell())


def percent(part: int, whole: int) -> str | None:
    """A share in per cent, of four decimals, half up; None of nothing. Shares are of points, never of energy."""
    if not whole:
        return None
    return str(Decimal((part * 2_000_000 + whole) // (2 * whole)).scaleb(-4).quantize(Decimal("0.0001")))
