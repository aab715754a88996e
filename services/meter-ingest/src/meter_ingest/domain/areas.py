"""Metering grid areas, as `registry` says them: whether one exists on paper only, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.registry.v1 import GridAreaChanged, GridAreaDefined


@dataclass(frozen=True, slots=True)
class GridArea:
    """Whose it is from each moment on, in time; None: always."""

    virtual: bool
    dsos: tuple[tuple[datetime | None, str], ...]
    zones: tuple[tuple[datetime | None, str], ...] = ()
    """In which bidding zone it lies, likewise."""

    def zone_at(self, moment: datetime) -> str | None:
        """In which bidding zone it lies at a moment."""
        return _at(self.zones, moment)

    def dso_at(self, moment: datetime) -> str | None:
        """Whose it is at a moment."""
        return _at(self.dsos, moment)


def evolve(state: GridArea | None, event: GridAreaDefined | GridAreaChanged) -> GridArea:
    """A change takes its place in time; one for the same moment replaces."""
    if isinstance(event, GridAreaDefined):
        return GridArea(event.virtual, ((event.valid_from, event.dso),), ((event.valid_from, str(event.zone)),))
    virtual = state.virtual if state else False
    dsos = _put(state.dsos if state else (), event.valid_from, event.dso)
    return GridArea(virtual, dsos, _put(state.zones if state else (), event.valid_from, str(event.zone)))


def _at(standing: tuple[tuple[datetime | None, str], ...], moment: datetime) -> str | None:
    found = None
    for since, one in standing:
        if since is None or since <= moment:
            found = one
    return found


def _put(
    standing: tuple[tuple[datetime | None, str], ...], at: datetime, one: str
) -> tuple[tuple[datetime | None, str], ...]:
    others = [each for each in standing if each[0] != at]
    first = [each for each in others if each[0] is None]
    dated = sorted((since, each) for since, each in (*others, (at, one)) if since is not None)
    return (*first, *dated)
