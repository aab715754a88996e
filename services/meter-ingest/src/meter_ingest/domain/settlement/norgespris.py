"""Which metering points have Norgespris when: a fact that is shown beside volumes. It changes no price here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.meter_ingest.v1 import NorgesprisRecorded
from meter_ingest.domain import blocks

Spans = tuple[tuple[datetime, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class Norgespris:
    """Up to a hundred metering points, by place: periods by their beginning."""

    places: dict[str, Spans]


def evolve(state: Norgespris | None, event: NorgesprisRecorded) -> Norgespris:
    """A period takes its place in time; one that begins at the same moment replaces, an empty one takes back."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    others = [one for one in places.get(place, ()) if one[0] != event.valid_from]
    if event.valid_to is None or event.valid_from < event.valid_to:
        others.append((event.valid_from, event.valid_to))
    return Norgespris({**places, place: tuple(sorted(others, key=lambda one: one[0]))})


def has(state: Norgespris | None, point: str, moment: datetime) -> bool:
    """Whether a point has it at a moment. A period ends where the next begins."""
    found = False
    for start, end in state.places.get(blocks.place_of(point), ()) if state else ():
        if start <= moment:
            found = end is None or moment < end
    return found
