"""Which part of a point's values a party may see: a DSO while the point is its own, a BSP what `access` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from meter_ingest.domain import access, blocks, control, known

Span = tuple[datetime, datetime]


def spans(
    point: str,
    *,
    party: str,
    points: Mapping[str, known.Points | None],
    controls: Mapping[str, control.Control | None],
    accesses: Mapping[str, access.Access | None],
    start: datetime,
    end: datetime,
    at: datetime,
) -> list[Span]:
    """The parts of a period in which a party may see, at a moment, a point's values: half-open, in order; by block."""
    of_block = points.get(blocks.block_of(point))
    versions = of_block.places.get(blocks.place_of(point), ()) if of_block else ()
    edges = sorted({start, end, *(one.valid_from for one in versions if start < one.valid_from < end)})
    as_dso = [(first, last) for first, last in pairwise(edges) if _is_dso(versions, party, first)]
    as_bsp = [
        (max(since, start), end if until is None else min(until, end))
        for since, until in access.readable(controls, accesses, bsp=party, point=point, at=at)
    ]
    return joined(sorted((*as_dso, *((first, last) for first, last in as_bsp if first < last))))


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
