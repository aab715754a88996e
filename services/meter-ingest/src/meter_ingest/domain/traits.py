"""What kind of points a block has: zone, grid area and type, from `registry`; where energy of the whole country counts.

Apart from `known.Points`, which is read for every record of values that comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.registry.v1 import MeteringPointRecorded
from meter_ingest.domain import blocks
from meter_ingest.domain.anonymity import CONSUMPTION, Key


@dataclass(frozen=True, slots=True)
class Trait:
    """What a point is from a moment on. Without a zone its energy is in no sum."""

    valid_from: datetime
    zone: str | None
    grid_area: str
    consumption_type: str | None = None
    production_type: str | None = None

    def key(self, line: str) -> Key | None:
        """The cell that it counts in."""
        if self.zone is None:
            return None
        type_ = self.consumption_type if line == CONSUMPTION else self.production_type
        return Key(line, self.zone, self.grid_area, type_ or "")


@dataclass(frozen=True, slots=True)
class Traits:
    """By place, in time."""

    places: dict[str, tuple[Trait, ...]]

    def at(self, place: str, moment: datetime) -> Trait | None:
        """What a point is at a moment."""
        found = None
        for one in self.places.get(place, ()):
            if one.valid_from > moment:
                break
            found = one
        return found


def evolve(state: Traits | None, event: MeteringPointRecorded) -> Traits:
    """A fact takes its place in time; one for the same moment replaces. What is on paper only lies in no zone."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    one = Trait(
        event.valid_from,
        None if event.virtual or event.zone is None else str(event.zone),
        event.grid_area,
        event.consumption_type,
        event.production_type,
    )
    others = (other for other in places.get(place, ()) if other.valid_from != one.valid_from)
    return Traits({**places, place: tuple(sorted((*others, one), key=lambda other: other.valid_from))})
