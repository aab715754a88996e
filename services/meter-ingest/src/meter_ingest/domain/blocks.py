"""Metering points by the hundred.

Values come, and are asked for, by the thousand; a document per point would cost a row each. So what is looked up for
many points at once is kept per *block*: the hundred metering points whose ids share their first fifteen digits. A
block's document is small whatever a grid company's size, and a record of neighbouring points touches few of them.
"""

from __future__ import annotations

from collections.abc import Iterable

_DIGITS = 15


def block_of(point: str) -> str:
    """The block of a metering point."""
    return point[:_DIGITS]


def place_of(point: str) -> str:
    """What tells a metering point from the others of its block."""
    return point[_DIGITS:]


def by_block(points: Iterable[str]) -> dict[str, list[str]]:
    """Metering points by block, blocks in the order in which they first appear."""
    found: dict[str, list[str]] = {}
    for point in points:
        found.setdefault(point[:_DIGITS], []).append(point)
    return found


def places(points: Iterable[str]) -> dict[str, list[str]]:
    """The places of metering points by block, likewise."""
    found: dict[str, list[str]] = {}
    block, some = "", list[str]()
    for point in points:
        # Neighbours come together.
        if not block or not point.startswith(block):
            block = point[:_DIGITS]
            some = found.setdefault(block, [])
        some.append(point[_DIGITS:])
    return found


def key(*parts: object) -> str:
    """The id of a document that more than one thing names."""
    return "|".join(map(str, parts))


def scope(*parts: str) -> str:
    """What completeness is counted for, as a text: `dso/<gln>`."""
    return "/".join(parts)
