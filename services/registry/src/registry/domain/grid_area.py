"""Metering grid areas: which zone a metering point lies in, and whose grid it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts import values
from contracts.message import Event
from contracts.registry import v1
from registry.domain import metering_point, rules
from registry.domain.metering_point import MeteringPoint
from registry.domain.party import Party, refuse_inactive


@dataclass(frozen=True, slots=True)
class GridArea:
    """A metering grid area."""

    name: str
    zone: values.BiddingZone
    dso: str
    parent: str | None


def evolve(_state: GridArea | None, event: v1.GridAreaDefined) -> GridArea:
    """An area was defined."""
    return GridArea(event.name, event.zone, event.dso, event.parent)


@dataclass(frozen=True, slots=True)
class Awaited:
    """Metering points that name a grid area which is not defined yet (D27)."""

    metering_points: tuple[str, ...] = ()


def evolve_awaited(state: Awaited | None, event: v1.MeteringPointRecorded | v1.GridAreaDefined) -> Awaited:
    """An incomplete point waits; when the area is defined, none does any more."""
    match event:
        case v1.MeteringPointRecorded():
            waiting = state.metering_points if state else ()
            known = event.metering_point_id in waiting
            return Awaited(waiting if known else (*waiting, event.metering_point_id))
        case v1.GridAreaDefined():
            return Awaited()


def decide_define(
    state: GridArea | None,
    *,
    grid_area: str,
    wish: v1.DefineGridArea,
    dso: Party | None,
    parent: GridArea | None,
    waiting: Mapping[str, MeteringPoint | None],
) -> list[Event]:
    """Define an area, once; the points that waited for it become complete (D12, D27)."""
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if dso is None or values.Role.DSO not in dso.roles:
        raise rules.DSO_UNKNOWN.refused(path="/dso", actual=wish.dso)
    refuse_inactive(dso, party=wish.dso, path="/dso")
    if wish.parent is not None and parent is None:
        raise rules.PARENT_GRID_AREA_UNKNOWN.refused(path="/parent", actual=wish.parent)
    area = GridArea(wish.name, wish.zone, wish.dso, wish.parent)
    defined = v1.GridAreaDefined(grid_area=grid_area, name=area.name, zone=area.zone, dso=area.dso, parent=area.parent)
    completed = (
        event
        for metering_point_id, point in waiting.items()
        if point is not None
        for event in metering_point.decide_complete(
            point, metering_point_id=metering_point_id, grid_area=grid_area, area=area
        )
    )
    return [defined, *completed]
