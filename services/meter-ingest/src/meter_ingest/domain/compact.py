"""Values that stay as the store has them until one looks at them: a group over ten days is half a million.

To make a Python integer of each, and let go of it again, costs more than to fetch them all.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, overload

_WIDTH: Final = 4


class Compact(Sequence[int]):
    """A sequence of whole numbers, kept as little-endian integers of four bytes; equal to a tuple of the same."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __len__(self) -> int:
        return len(self.raw) // _WIDTH

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            first, last, step = index.indices(len(self))
            return Compact(self.raw[_WIDTH * first : _WIDTH * last]) if step == 1 else self.all()[index]
        return self.all()[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self.all())

    def __contains__(self, value: object) -> bool:
        # None is what is looked for most.
        return value is not None and value in self.all()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Compact):
            return self.raw == other.raw
        return self.all() == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.all())

    def __repr__(self) -> str:
        return repr(self.all())

    def all(self) -> tuple[int, ...]:
        """All of them, as Python's."""
        return _struct(len(self)).unpack(self.raw)


def total(some: Iterable[Sequence[int | None]]) -> tuple[int | None, ...]:
    """Sequences of one length added up, step by step; None where any misses the step."""
    rows = list(some)
    there = [row.raw for row in rows if isinstance(row, Compact)]
    others = [row for row in rows if not isinstance(row, Compact)]
    if not there:
        return tuple(map(_added, zip(*others, strict=True)))
    # It is large, and needed only by who adds.
    import numpy as np  # noqa: PLC0415

    sums = np.frombuffer(b"".join(there), "<i4").reshape(len(there), -1).sum(axis=0, dtype=np.int64).tolist()
    return tuple(map(_added, zip(sums, *others, strict=True))) if others else tuple(sums)


def _added(step: Iterable[int | None]) -> int | None:
    energy = 0
    for one in step:
        if one is None:
            return None
        energy += one
    return energy


@lru_cache(maxsize=1024)
def _struct(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}i")
