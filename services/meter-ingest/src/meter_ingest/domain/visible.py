"""Which part of a point's values a party may see: a DSO while the point is its own, a BSP while it holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from meter_ingest.domain import blocks, control, known

Span = tuple[datetime, datetime]


def spans(
    point: str,
    *,
    party: str,
    points: Mapping[str, known.Points | None],
    controls: Mapping[str, control.Control | None],
    start: datetime,
    end: datetime,
) -> list[Span]:
    """The parts of a period in which a party may see a point's values, half-open, in order; both by block."""
    block, place = blocks.block_of(point), blocks.place_of(point)
    of_block = points.get(block)
    versions = of_block.places.get(place, ()) if of_block else ()
    held = controls.get(block)
    edges = {start, end, *(one.valid_from for one in versions)}
    if held is not None:
        edges |= control.edges(held, point)
    inside = sorted(edge for edge in edges if start <= edge <= end)
    return joined(
        (first, last)
        for first, last in pairwise(inside)
        if _is_dso(versions, party, first) or (held is not None and control.holds(held, point, bsp=party, at=first))
    )


def joined(found: Iterable[Span]) -> list[Span]:
    """Spans in order, those that meet as one."""
    made: list[Span] = []
    for first, last in found:
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


def _is_dso(versions: Iterable[known.PointVersion], party: str, at: datetime) -> bool:
    found = None
    for version in versions:
        if version.valid_from <= at:
            found = version
    return found is not None and found.dso == party
