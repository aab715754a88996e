"""Public figures: which there are, and that nothing of a few points follows from all of them together.

The adversary knows everything but energy: every point, where it lies, what it is, on which days it counted. It has all
that was ever said, and adds and subtracts as it likes. What it can find out of a few points is what some combination of
figures says that has nothing but those points in it: so many dimensions as there are more figures independent of each
other than there are when those points are struck out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_ingest.domain import anonymity
from meter_ingest.domain.anonymity import Cell, Figure, Key

pytestmark = pytest.mark.unit

LEAST, OF_AREA = 3, 5
AREAS = {"A": "NO1", "B": "NO1", "C": "NO1", "D": "NO2"}

Scheme = Callable[[Mapping[Key, Cell]], Iterable[Figure]]


class Point(NamedTuple):
    """What is known of a point: on which days its consumption and its production counted."""

    name: str
    area: str
    type: str
    counted: frozenset[tuple[int, str]]


def safely(cells: Mapping[Key, Cell]) -> Iterable[Figure]:
    return anonymity.figures(cells, least=LEAST, least_of_area=OF_AREA)


def said(points: Iterable[Point], day: int, energy: Callable[[Point, int, str], int], scheme: Scheme) -> list[Figure]:
    cells: dict[Key, Cell] = {}
    for point in points:
        for line in anonymity.LINES:
            if (day, line) in point.counted:
                key = Key(line, AREAS[point.area], point.area, point.type)
                cells[key] = cells.get(key, Cell()).plus(Cell(1, energy(point, day, line)))
    return list(scheme(cells))


class Adversary:
    """All that was ever said, one row for each figure, one column for each point's energy of a day and line.

    The rows are not taken from how figures are made: each is asked for what a single watt-hour of one point adds to it.
    """

    def __init__(self, points: Sequence[Point], scheme: Scheme) -> None:
        self.points = points
        self.columns = [(point, day, line) for point in points for day, line in sorted(point.counted)]
        rows: list[list[int]] = []
        for day in sorted({day for _, day, _ in self.columns}):
            none = said(points, day, lambda *_: 0, scheme)
            made = [[0] * len(self.columns) for _ in none]
            for number, column in enumerate(self.columns):
                one = said(points, day, lambda *what, column=column: int(what == column), scheme)
                assert [figure[:4] for figure in one] == [figure[:4] for figure in none], "energy decides what is said"
                for row, figure in zip(made, one, strict=True):
                    row[number] = figure.cell.wh
            rows += made
        self.rows = rows

    def hears(self, of: Callable[[Point, int], bool]) -> None:
        """One figure more is said: the energy of these points and days."""
        self.rows.append([int(of(point, day)) for point, day, _ in self.columns])

    def finds_out(self, some: Iterable[Point]) -> bool:
        """Whether anything follows of these points alone."""
        few = set(some)
        rest = [number for number, (point, _, _) in enumerate(self.columns) if point not in few]
        return rank(self.rows) > rank([[row[number] for number in rest] for row in self.rows])

    def few(self, least: int) -> Iterable[tuple[Point, ...]]:
        """Every set of fewer points than that: it is enough to look at the largest ones."""
        return combinations(self.points, min(least - 1, len(self.points)))


def rank(rows: Sequence[Sequence[int]]) -> int:
    left = [[Fraction(one) for one in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left = [
            row if not row[column] else [x - y * row[column] / pivot[column] for x, y in zip(row, pivot, strict=True)]
            for row in left
        ]
        left.insert(0, pivot)
        left[0], left[found] = left[found], left[0]
        found += 1
    return found


def world(*said: tuple[str, str, int], line: str = "consumption", day: int = 1) -> list[Point]:
    """So many points of an area and type."""
    return [
        Point(f"{area}{type_}{number}", area, type_, frozenset({(day, line)}))
        for area, type_, many in said
        for number in range(many)
    ]


# Schemes that do not withstand


def every_cell(cells: Mapping[Key, Cell]) -> Iterable[Figure]:
    """Totals and parts, whatever their size."""
    return anonymity.figures(cells, least=1, least_of_area=0)


def small_ones_left_out(cells: Mapping[Key, Cell]) -> Iterable[Figure]:
    """As before, but a figure of too few is not said."""
    return [one for one in every_cell(cells) if one.cell.points >= LEAST]


def areas_left_out_only(cells: Mapping[Key, Cell]) -> Iterable[Figure]:
    """Parts by area, of which only those of large areas are said; the zone is said as a whole."""
    return [one for one in small_ones_left_out(cells) if one.dimension != "grid-area" or one.cell.points >= OF_AREA]


ATTACKS = {
    "a-figure-of-few": (every_cell, world(("A", "A04", 6), ("B", "A04", 1)), "B"),
    "zone-less-its-areas": (small_ones_left_out, world(("A", "A04", 6), ("B", "A04", 6), ("C", "A04", 2)), "C"),
    "area-less-a-type-of-the-zone": (small_ones_left_out, world(("A", "A04", 6), ("A", "A15", 1), ("B", "A15", 5)), ""),
    "zone-less-large-areas": (areas_left_out_only, world(("A", "A04", 6), ("B", "A04", 4)), "B"),
    "zone-in-which-one-small-area-makes-energy": (
        areas_left_out_only,
        [*world(("A", "A04", 6), ("B", "A04", 4)), *world(("B", "B16", 4), line="production")],
        "B",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_simpler_scheme_gives_away_is_not_found_out(name: str) -> None:
    simple, points, area = ATTACKS[name]
    some = [[one for one in points if one.area == area]] if area else list(Adversary(points, simple).few(LEAST))
    assert any(Adversary(points, simple).finds_out(one) for one in some), "the attack is none"
    assert not any(Adversary(points, safely).finds_out(one) for one in some)


def test_a_day_that_is_said_before_one_more_has_come_gives_that_one_away() -> None:
    """Why a day is said once. A correction is the same: what is unknown then is by how much one point was corrected."""
    points = world(("A", "A04", 7))
    adversary = Adversary(points, safely)
    assert not adversary.finds_out(points[:1])
    adversary.hears(lambda point, _: point != points[0])
    assert adversary.finds_out(points[:1])


def test_a_month_that_is_said_by_itself_gives_away_who_was_missing_on_a_day() -> None:
    """Why there are days only: in what is said of the month, the point that missed a day would not be."""
    whole = [one._replace(counted=frozenset((day, "consumption") for day in (1, 2))) for one in world(("A", "A04", 6))]
    missed = Point("missed", "A", "A04", frozenset({(1, "consumption")}))
    adversary = Adversary([*whole, missed], safely)
    assert not adversary.finds_out([missed])
    adversary.hears(lambda point, _: point != missed)
    assert adversary.finds_out([missed])


POINTS = st.lists(
    st.tuples(
        st.sampled_from("AAABBBCD"),
        st.sampled_from(("A04", "A04", "A15", "")),
        st.frozensets(st.sampled_from([(day, line) for day in (1, 2) for line in anonymity.LINES]), min_size=1),
    ),
    min_size=1,
    max_size=14,
)


@given(POINTS)
def test_nothing_of_fewer_points_than_the_least_follows_from_all_that_was_ever_said(
    made: list[tuple[str, str, frozenset[tuple[int, str]]]],
) -> None:
    points = [Point(str(number), *one) for number, one in enumerate(made)]
    adversary = Adversary(points, safely)
    for few in adversary.few(LEAST):
        assert not adversary.finds_out(few), few


@given(POINTS)
def test_nothing_of_one_grid_area_follows_where_it_has_too_few_consumption_points(
    made: list[tuple[str, str, frozenset[tuple[int, str]]]],
) -> None:
    points = [Point(str(number), *one) for number, one in enumerate(made)]
    for day in (1, 2):
        of_day = [
            one._replace(counted=counted)
            for one in points
            if (counted := frozenset(some for some in one.counted if some[0] == day))
        ]
        adversary = Adversary(of_day, safely)
        for area in AREAS:
            there = [one for one in of_day if one.area == area]
            if sum((day, "consumption") in one.counted for one in there) < OF_AREA:
                assert not adversary.finds_out(there), area


@given(POINTS)
def test_a_zone_has_all_its_points_and_its_areas_and_its_types_add_up_to_it(
    made: list[tuple[str, str, frozenset[tuple[int, str]]]],
) -> None:
    points = [Point(str(number), *one) for number, one in enumerate(made)]
    found = said(points, 1, lambda point, *_: 10 ** int(point.name), safely)
    for whole in (one for one in found if one.dimension == "zone"):
        there = [one for one in points if (1, whole.line) in one.counted and AREAS[one.area] == whole.zone]
        assert whole.cell == Cell(len(there), sum(10 ** int(one.name) for one in there))
        for dimension in ("grid-area", f"{whole.line}-type"):
            parts = [one for one in found if (one.zone, one.line, one.dimension) == (*whole[:2], dimension)]
            assert sum(one.cell.wh for one in parts) == whole.cell.wh
            assert all(one.cell.points >= LEAST for one in parts)


# What there is


def keys(points: list[Point], dimension: str, line: str = "consumption") -> dict[str | None, int]:
    found = said(points, 1, lambda *_: 1, safely)
    return {one.key: one.cell.points for one in found if one.dimension == dimension and one.line == line}


def test_what_is_large_enough_has_its_own_figure() -> None:
    points = world(("A", "A04", 6), ("A", "A15", 3), ("B", "A04", 5))
    assert keys(points, "zone") == {"NO1": 14}
    assert keys(points, "grid-area") == {"A": 9, "B": 5}
    assert keys(points, "consumption-type") == {"A04": 11, "A15": 3}


def test_a_type_that_is_rare_in_each_area_is_whole_in_its_zone() -> None:
    points = world(("A", "A04", 6), ("A", "A15", 2), ("B", "A04", 6), ("B", "A15", 2))
    assert keys(points, "consumption-type") == {"A04": 12, "A15": 4}
    assert keys(points, "grid-area") == {"A": 6, "B": 6, None: 4}


def test_a_type_that_is_rare_in_its_zone_is_among_what_has_no_figure() -> None:
    points = world(("A", "A04", 6), ("A", "A15", 1), ("C", "B25", 2))
    assert keys(points, "consumption-type") == {"A04": 6, None: 3}


def test_a_rest_that_is_too_small_takes_the_smallest_with_it() -> None:
    points = world(("A", "A04", 6), ("B", "A04", 5), ("C", "A04", 1))
    assert keys(points, "grid-area") == {"A": 6, None: 6}


@pytest.mark.parametrize(
    "points", [world(("D", "A04", 2)), world(("D", "A04", 4)), world(("A", "A04", 1), ("B", "A04", 1))]
)
def test_a_zone_that_has_too_few_or_only_one_small_grid_area_has_no_figure(points: list[Point]) -> None:
    assert not said(points, 1, lambda *_: 1, safely)


def test_production_of_a_grid_area_goes_by_its_consumption_points() -> None:
    made = world(("A", "B16", 3), ("B", "B16", 3), line="production")
    assert keys([*made, *world(("A", "A04", 5))], "grid-area", "production") == {None: 6}
    assert keys([*made, *world(("A", "A04", 5), ("B", "A04", 5))], "grid-area", "production") == {"A": 3, "B": 3}


def test_the_least_are_those_of_the_sources() -> None:
    assert (anonymity.LEAST, anonymity.LEAST_OF_AREA) == (5, 5_000)


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(1, 3, "33.3333"), (2, 3, "66.6667"), (0, 7, "0.0000"), (7, 7, "100.0000"), (0, 0, None)],
)
def test_a_share_has_four_decimals(part: int, whole: int, share: str | None) -> None:
    assert anonymity.percent(part, whole) == share
