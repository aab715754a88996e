"""Indexes over third parties' access: by block of points, and by end user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.meter_ingest.v1 import DataAccessApproved, DataAccessPlaced
from meter_ingest.domain import blocks
from meter_ingest.domain.grants import Span


@dataclass(frozen=True, slots=True)
class Granted:
    """Up to a hundred metering points, by place: the periods that each access covers, as was said last."""

    places: dict[str, dict[str, tuple[Span, ...]]]


def evolve(state: Granted | None, event: DataAccessPlaced) -> Granted:
    """What is said is the whole of it."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    said = tuple((one.start, one.end) for one in event.periods)
    return Granted({**places, place: {**places.get(place, {}), event.data_access_id: said}})


def of_point(granted: Mapping[str, Granted | None], point: str) -> Mapping[str, tuple[Span, ...]]:
    """The periods of a point by access."""
    block = granted.get(blocks.block_of(point))
    return block.places.get(blocks.place_of(point), {}) if block else {}


@dataclass(frozen=True, slots=True)
class GrantedBy:
    """The accesses that an end user has approved, in order."""

    data_access_ids: tuple[str, ...]


def evolve_by(state: GrantedBy | None, event: DataAccessApproved) -> GrantedBy:
    """One more."""
    return GrantedBy((*(state.data_access_ids if state else ()), event.data_access_id))
