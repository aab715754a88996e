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

    def dso_at(self, moment: datetime) -> str | None:
        """Whose it is at a moment."""
        found = None
        for since, dso in self.dsos:
            if since is None or since <= moment:
                found = dso
        return found


def evolve(state: GridArea | None, event: GridAreaDefined | GridAreaChanged) -> GridArea:
    """A change takes its place in time; one for the same moment replaces."""
    if isinstance(event, GridAreaDefined):
        return GridArea(event.virtual, ((event.valid_from, event.dso),))
    standing = state.dsos if state else ()
    others = [one for one in standing if one[0] != event.valid_from]
    first = [one for one in others if one[0] is None]
    dated = sorted((since, dso) for since, dso in (*others, (event.valid_from, event.dso)) if since is not None)
    return GridArea(state.virtual if state else False, (*first, *dated))
