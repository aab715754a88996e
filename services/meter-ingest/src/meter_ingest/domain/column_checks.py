"""Which of many rows of values the validation rules find nothing in: as `checks` would, of all rows at once.

What a single value may be is a figure for each point (`checks.Limits.most`); here is what several values say together.
What is found, and in which words it is said, is left to `checks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contracts.meter_ingest.v1 import Check
from meter_ingest.domain import plausible
from meter_ingest.domain.checks import Limits, Parts, Plan
from meter_ingest.domain.validation import ValidationRule

Flags = NDArray[np.bool_]
_PER_HOUR: Final = 4
_KNOWN: Final[frozenset[Check]] = frozenset({"agreed-power", "fuse", "spike", "zero-run", "flat-quarters"})
"""The checks that are looked at by column, here or as the most that a value may be."""


def knows(plan: Plan) -> bool:
    """Whether all that a plan looks for can be looked for by column; what comes is otherwise looked at row by row."""
    return all(rule.check in _KNOWN for rule in plan.rules)


def plain(limits: Limits, wh: NDArray[Any], minutes: int, parts: Parts) -> Flags:
    """Of each row of values ≥ 0, whether no run of zeros and no quarters like divided hours are found in it."""
    found = np.ones(len(wh), np.bool_)
    if limits.zero_run:
        steps = min(rule.thresholds["hours"] * 60 // minutes for rule in limits.zero_run)
        found &= ~_idle(wh, steps)
    at = 0
    for _, first, count in parts if limits.flat else ():
        # As in `checks`: hours begin with the hour.
        found &= ~_flat(wh[:, at + -first % _PER_HOUR : at + count], limits.flat)
        at += count
    return found


def _idle(wh: NDArray[Any], steps: int) -> Flags:
    """Whether so many zeros stand in a row."""
    # A run of so many steps has one of every so many.
    found = (wh[:, steps - 1 :: steps] == 0).any(axis=1)
    if found.any():
        before = np.pad(np.cumsum(wh[found] == 0, axis=1), ((0, 0), (1, 0)))
        found[found] = (before[:, steps:] - before[:, :-steps] == steps).any(axis=1)
    return found


def _flat(quarters: NDArray[Any], rules: Sequence[ValidationRule]) -> Flags:
    """Whether quarters in a row, from a whole hour on, look like divided hours to a rule (`plausible.hourly`)."""
    found = np.zeros(len(quarters), np.bool_)
    whole = quarters.shape[1] // _PER_HOUR
    if whole < min(rule.thresholds["hours"] for rule in rules):
        return found
    each = [quarters[:, place : _PER_HOUR * whole : _PER_HOUR] for place in range(_PER_HOUR)]
    spread = np.maximum.reduce(each) - np.minimum.reduce(each)
    sums = np.add.reduce(each, dtype=np.int64)
    for rule in rules:
        same = rule.thresholds["same-wh"]
        counts = sums >= _PER_HOUR * max(same, plausible.SAME_WH)
        flat = counts & (spread <= same)
        hours = counts.sum(axis=1)
        suspect = (hours >= rule.thresholds["hours"]) & (
            10_000 * flat.sum(axis=1) >= rule.thresholds["share-basis-points"] * hours
        )
        if suspect.any():
            levels = np.sort(np.where(flat[suspect], sums[suspect], -1), axis=1)
            new = np.diff(levels, axis=1, prepend=-1) != 0
            suspect[suspect] = new.sum(axis=1) >= rule.thresholds["levels"]
            found |= suspect
    return found
