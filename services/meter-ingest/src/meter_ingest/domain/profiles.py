"""Published profiles by local day: which version says what of which hours (`metering.md` §5).

A version is never changed; what replaces it for some hours is the next one. All of them stay, so that a value that was
derived with one can be derived again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from meter_ingest.domain import blocks
from meter_ingest.domain.transform import Profile

ProfileKind = Literal["jip", "fppc"]
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Published:
    """What one version says of a local day: quarters from a whole hour."""

    version: int
    published_at: datetime
    start: datetime
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfDay:
    """All versions of one kind, grid area and local day, the oldest first."""

    kind: ProfileKind
    grid_area: str
    versions: tuple[Published, ...]


Known = Mapping[str, OfDay | None]
"""By `key`; what is not there, or None, is not published."""


def key(kind: ProfileKind, grid_area: str, local: date) -> str:
    """The id of a day's document."""
    return blocks.key(kind, grid_area, local)


def of_hour(known: OfDay | None, hour: datetime, *, as_of: datetime | None = None) -> Profile | None:
    """The newest version that says anything of an hour, of those published by a moment."""
    if known is None:
        return None
    for one in reversed(known.versions):
        if as_of is not None and one.published_at > as_of:
            continue
        first = (hour - one.start) // _HOUR
        if 0 <= first < len(one.weights) // 4:
            return Profile(known.kind, known.grid_area, one.version, one.start, one.weights)
    return None
