"""Whole watts and watt-hours divided so that the parts add up to the whole."""

from __future__ import annotations

from collections.abc import Sequence


def split_exactly(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` (≥ 0) in proportion to `weights` (≥ 0), in integers, by largest remainder, ties to the earliest.

    With equal weights the remainder goes to the earliest parts (MV-16). Where all weights are 0 they count as equal.
    """
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    shares: list[int] = []
    rests: list[int] = []
    for weight in weights:
        share, rest = divmod(total * weight, whole)
        shares.append(share)
        rests.append(-rest)
    left = total - sum(shares)
    if left:
        for index in sorted(range(len(rests)), key=rests.__getitem__)[:left]:
            shares[index] += 1
    return shares


def basis_points(part: int, whole: int) -> int:
    """`part / whole` in 1/100 of a percent, half up; 0 where there is no whole."""
    return (2 * part * 10_000 + whole) // (2 * whole) if whole else 0


def percent(part: int, whole: int) -> str:
    """`part / whole` in percent with four decimals, half up: the form of Elhub's figures."""
    found = (2 * part * 1_000_000 + whole) // (2 * whole) if whole else 0
    return f"{found // 10_000}.{found % 10_000:04d}"
