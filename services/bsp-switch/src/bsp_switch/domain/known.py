"""What other services said, as far as control of a point is decided on it: grid areas, metering points."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from contracts.registry import v1 as registry

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
"""Since when an area is what it is, if nobody has said since when."""


@dataclass(frozen=True, slots=True)
class GridArea:
    """A metering grid area: its DSO, by the moment from which it is."""

    dsos: tuple[tuple[datetime, str], ...]

    def dso(self, *, at: datetime) -> str | None:
        """Whose it is at a moment."""
        index = bisect.bisect_right(self.dsos, at, key=lambda one: one[0])
        return self.dsos[index - 1][1] if index else None


def evolve_grid_area(state: GridArea | None, event: registry.GridAreaDefined | registry.GridAreaChanged) -> GridArea:
    """A late change stands where it belongs; a second one of the same moment corrects the first."""
    since = event.valid_from or ALWAYS
    others = (each for each in (state.dsos if state else ()) if each[0] != since)
    return GridArea(dsos=tuple(sorted((*others, (since, event.dso)))))


@dataclass(frozen=True, slots=True)
class Location:
    """Where in the grid a metering point lies from a moment."""

    valid_from: datetime
    grid_area: str
    dso: str | None
    active: bool = True
    """Whether the point is in operation."""


@dataclass(frozen=True, slots=True)
class MeteringPoint:
    """A metering point that the registry knows, by `valid_from`."""

    locations: tuple[Location, ...]

    def location(self, *, at: datetime) -> Location:
        """Where it lies at a moment; before the first it is told of, where it lies first."""
        index = bisect.bisect_right(self.locations, at, key=lambda location: location.valid_from)
        return self.locations[max(index - 1, 0)]

    def closed(self, *, since: datetime) -> datetime | None:
        """The first moment, at or after this one, at which it is not in operation."""
        if not self.location(at=since).active:
            return since
        later = (each for each in self.locations if each.valid_from > since)
        return next((each.valid_from for each in later if not each.active), None)


def evolve_metering_point(state: MeteringPoint | None, event: registry.MeteringPointRecorded) -> MeteringPoint:
    """A late fact stands where it belongs; a second one of the same moment corrects the first."""
    others = tuple(each for each in state.locations if each.valid_from != event.valid_from) if state else ()
    new = Location(valid_from=event.valid_from, grid_area=event.grid_area, dso=event.dso, active=event.active)
    locations = tuple(sorted((*others, new), key=lambda location: location.valid_from))
    return replace(state, locations=locations) if state else MeteringPoint(locations=locations)


def dso(point: MeteringPoint, areas: Mapping[str, GridArea | None], *, at: datetime) -> str | None:
    """The DSO of a metering point at a moment: its grid area's; None while the area is unknown (D27)."""
    location = point.location(at=at)
    area = areas.get(location.grid_area)
    return area.dso(at=at) if area else location.dso
