"""The grid."""

from __future__ import annotations

from chassis.service import SUBJECT, Kind
from contracts.registry import v1
from registry.domain import grid_area


def _area_if_incomplete(event: v1.MeteringPointRecorded) -> tuple[str, ...]:
    return () if event.zone is not None else (event.grid_area,)


GRID_AREA = Kind("grid-area", grid_area.GridArea, grid_area.evolve, {v1.GridAreaDefined: SUBJECT})

AWAITED_GRID_AREA = Kind(
    "awaited-grid-area",
    grid_area.Awaited,
    grid_area.evolve_awaited,
    {v1.MeteringPointRecorded: _area_if_incomplete, v1.GridAreaDefined: lambda event: event.grid_area},
)
"""By grid area: the points that wait for it to be defined."""

KINDS = (GRID_AREA, AWAITED_GRID_AREA)
