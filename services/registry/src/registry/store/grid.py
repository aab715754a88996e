"""The grid."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.service import SUBJECT, Deadline, Kind
from contracts.registry import v1
from registry.domain import area_points, grid_area, substation

POINTS_OF_AREA = "points-of-area"
"""The deadline of a round: the next points learn what became of their area."""


def _round_deadlines(state: area_points.Round) -> Iterator[Deadline]:
    if state.next_at is not None:
        yield Deadline(state.next_at, POINTS_OF_AREA)


GRID_AREA = Kind(
    "grid-area",
    grid_area.GridArea,
    grid_area.evolve,
    {v1.GridAreaDefined: SUBJECT, v1.GridAreaChanged: SUBJECT, v1.PointsOfAreaUpdated: SUBJECT},
)

AREA_POINTS = Kind(
    "area-points",
    area_points.Branch,
    area_points.evolve_branch,
    {v1.MeteringPointRecorded: area_points.branches},
    remembered=False,
)
"""By grid area, and `area|beginning`: how the ids of its points go on. An area need not be defined to have points."""

AREA_ROUND = Kind(
    "area-round",
    area_points.Round,
    area_points.evolve,
    {v1.PointsOfAreaUpdated: lambda event: event.grid_area},
    deadlines=_round_deadlines,
)
"""By grid area. Apart from the area itself, so that facts about its points do not wait for a round."""

SUBSTATION = Kind(
    "substation",
    substation.Substation,
    substation.evolve,
    {v1.SubstationDefined: SUBJECT, v1.SubstationChanged: SUBJECT},
)

KINDS = (GRID_AREA, AREA_POINTS, AREA_ROUND, SUBSTATION)
