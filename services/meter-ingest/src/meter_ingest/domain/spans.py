"""Periods, half-open: put together, and cut by each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

Span = tuple[datetime, datetime]


def joined(found: Iterable[Span]) -> list[Span]:
    """Spans in order, those that meet as one; nothing of an empty one."""
    made: list[Span] = []
    for first, last in found:
        if first >= last:
            continue
        if made and made[-1][1] >= first:
            made[-1] = (made[-1][0], max(made[-1][1], last))
        else:
            made.append((first, last))
    return made


def both(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Where both are."""
    others = list(other)
    found = ((max(a, c), min(b, d)) for a, b in one for c, d in others)
    return [(first, last) for first, last in found if first < last]
