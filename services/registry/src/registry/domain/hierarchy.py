"""What stands above what in the grid: no area or substation above itself, and not without end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from registry.domain import rules

MOST_ABOVE: Final = 10
"""So many areas, or substations, may stand above one another. The grid has three or four levels."""


Above: TypeAlias = Mapping[str, Collection[str] | None]
"""What something is to stand under and all above that, each with what is right above it; None for what is unknown.

It may break off behind one more than `MOST_ABOVE`.
"""


def check(below: str, above: Above) -> None:
    """Refuse what would stand above itself, or under too many."""
    if below in above:
        raise rules.PARENT_CYCLE.refused(path="/parent", actual=below)
    if len(above) > MOST_ABOVE:
        raise rules.PARENT_TOO_DEEP.refused(path="/parent", limit=MOST_ABOVE)
