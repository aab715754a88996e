"""How much is left of some sums under caps on several of them together.

Which sums a cap is on is a bit: a sum's mask has the bits of all caps that it is under. What is left is the most that
obeys every cap, so one cap more never leaves more. Where the caps are nested it is found by going from the smaller to
the larger, in whole numbers. Where some cross it is a small linear programme, rounded down; where very many cross, each
sum is reduced by the tightest of its caps, which is never too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

MOST_CROSSING = 12
"""So many caps that cross are still solved exactly."""
MOST_SUMS = 40


class Cap(NamedTuple):
    """The sums whose masks have this bit are at most so much together."""

    bit: int
    at_most: int


def are_nested(masks: Iterable[int], bits: Sequence[int]) -> bool:
    """Whether of any two caps one is within the other, or they have nothing in common. `bits`: smaller ones first."""
    each = list(masks)
    sets = [sum(1 << place for place, mask in enumerate(each) if mask >> bit & 1) for bit in bits]
    around = [0] * len(each)
    for found in sets:
        for place in range(len(each)):
            if found >> place & 1:
                if around[place] & ~found:
                    return False
                around[place] = found
    return True


def left_after_each(sums: Mapping[int, int], caps: Sequence[Cap], *, nested: bool) -> list[int]:
    """What is left in all without a cap, with the first, with the first two, and so on; smaller ones come first."""
    if nested or are_nested(sums, [cap.bit for cap in _tight(sums, caps)]):
        return _nested(sums, caps)
    return [left_after_all(sums, caps[:some]) for some in range(len(caps) + 1)]


def _under(sums: Mapping[int, int], bit: int) -> list[int]:
    return [mask for mask in sums if mask >> bit & 1]


def _tight(sums: Mapping[int, int], caps: Iterable[Cap]) -> list[Cap]:
    """Those that take something, if they are alone."""
    return [cap for cap in caps if sum(sums[mask] for mask in _under(sums, cap.bit)) > cap.at_most]


def _nested(sums: Mapping[int, int], caps: Iterable[Cap]) -> list[int]:
    rest = dict(sums)
    found = [sum(rest.values())]
    for cap in caps:
        under = _under(rest, cap.bit)
        over = max(0, sum(rest[mask] for mask in under) - cap.at_most)
        found.append(found[-1] - over)
        for mask in under:
            less = min(over, rest[mask])
            rest[mask] -= less
            over -= less
    return found


def left_after_all(sums: Mapping[int, int], caps: Sequence[Cap]) -> int:
    """What is left in all with all of them; smaller ones come first."""
    tight = _tight(sums, caps)
    if are_nested(sums, [cap.bit for cap in tight]):
        return _nested(sums, tight)[-1]
    wanted = sum(1 << cap.bit for cap in tight)
    alike: dict[int, int] = {}
    for mask, power in sums.items():
        alike[mask & wanted] = alike.get(mask & wanted, 0) + power
    if len(tight) > MOST_CROSSING or len(alike) > MOST_SUMS:
        return _in_proportion(sums, tight)
    # What is under none of them is all left.
    return alike.pop(0, 0) + _most(alike, tight)


def _in_proportion(sums: Mapping[int, int], caps: Iterable[Cap]) -> int:
    """Every sum reduced as much as the cap that takes the largest part of those it is on."""
    least = dict(sums)
    for cap in caps:
        under = _under(sums, cap.bit)
        whole = sum(sums[mask] for mask in under)
        for mask in under:
            least[mask] = min(least[mask], sums[mask] * cap.at_most // whole)
    return sum(least.values())


def _most(sums: Mapping[int, int], caps: Sequence[Cap]) -> int:
    """The largest total with every sum and every cap obeyed: a simplex in whole numbers.

    Rows are what is bounded (caps, then sums), columns the sums and the bound; the last row is the total. All figures
    are over one common `denominator`, so that every division is exact; the lowest index first, so that it ends (Bland).
    """
    masks = list(sums)
    width = len(masks)
    rows = [[*(mask >> cap.bit & 1 for mask in masks), cap.at_most] for cap in caps]
    rows += [[*(int(other == mask) for other in masks), sums[mask]] for mask in masks]
    total = [*([-1] * width), 0]
    outside, inside = list(range(width)), list(range(width, width + len(rows)))
    denominator = 1
    while True:
        entering = [column for column in range(width) if total[column] < 0]
        if not entering:
            return total[-1] // denominator
        column = min(entering, key=lambda each: outside[each])
        place = _tightest(rows, column, inside)
        pivot_row, pivot = rows[place], rows[place][column]
        for row in (*rows[:place], *rows[place + 1 :], total):
            factor = row[column]
            row[:] = [(a * pivot - factor * b) // denominator for a, b in zip(row, pivot_row, strict=True)]
            row[column] = -factor
        pivot_row[column] = denominator
        denominator = pivot
        outside[column], inside[place] = inside[place], outside[column]


def _tightest(rows: Sequence[Sequence[int]], column: int, names: Sequence[int]) -> int:
    """The row that bounds a column first. There is one: every sum has its own bound."""
    best: int | None = None
    for place, row in enumerate(rows):
        if row[column] <= 0:
            continue
        if best is not None:
            ahead = row[-1] * rows[best][column] - rows[best][-1] * row[column]
            if ahead > 0 or (ahead == 0 and names[place] > names[best]):
                continue
        best = place
    assert best is not None
    return best
