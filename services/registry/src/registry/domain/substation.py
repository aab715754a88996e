"""Substations: what metering points lie behind (R17, R19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.message import Event
from contracts.registry import v1
from registry.domain import hierarchy, rules
from registry.domain.grid_area import GridArea


@dataclass(frozen=True, slots=True)
class Substation:
    """A substation as it is said to be now. `parent`: the one that feeds it."""

    name: str
    voltage_v: int
    grid_area: str
    dso: str
    position: v1.Position | None
    parent: str | None


def evolve(_state: Substation | None, event: v1.SubstationDefined | v1.SubstationChanged) -> Substation:
    """What was said last counts."""
    return Substation(event.name, event.voltage_v, event.grid_area, event.dso, event.position, event.parent)


def decide_define(
    state: Substation | None,
    *,
    substation_id: str,
    wish: v1.DefineSubstation,
    by_dso: str | None,
    area: GridArea | None,
    above: hierarchy.Above,
    at: datetime,
) -> list[Event]:
    """Define a substation, once. `by_dso`: the DSO that does, which may in its own areas; None for the TSO."""
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    dso = _dso(wish.grid_area, area, by_dso, at)
    _check_parent(substation_id, wish.parent, above)
    return [
        v1.SubstationDefined(
            substation_id=substation_id,
            name=wish.name,
            voltage_v=wish.voltage_v,
            grid_area=wish.grid_area,
            dso=dso,
            position=wish.position,
            parent=wish.parent,
        )
    ]


def decide_change(
    state: Substation | None,
    *,
    substation_id: str,
    wish: v1.ChangeSubstation,
    by_dso: str | None,
    stands_in: GridArea | None,
    area: GridArea | None,
    above: hierarchy.Above,
    at: datetime,
) -> list[Event]:
    """Correct a substation. `stands_in`: the area it is said to stand in; `area`: the one it is to be said to."""
    now = stands_in.at(at) if stands_in else None
    if state is None or (by_dso is not None and (now is None or now.dso != by_dso)):
        raise rules.SUBSTATION_NOT_YOURS.refused(path="/subject")
    grid_area = wish.grid_area or state.grid_area
    dso = _dso(grid_area, area, by_dso, at)
    _check_parent(substation_id, wish.parent, above)
    changed = v1.SubstationChanged(
        substation_id=substation_id,
        name=wish.name or state.name,
        voltage_v=wish.voltage_v or state.voltage_v,
        grid_area=grid_area,
        dso=dso,
        position=wish.position or state.position,
        parent=wish.parent or state.parent,
    )
    return [] if evolve(state, changed) == state else [changed]


def _dso(grid_area: str, area: GridArea | None, by_dso: str | None, at: datetime) -> str:
    version = area.at(at) if area else None
    if version is None:
        raise rules.GRID_AREA_NOT_DEFINED.refused(path="/grid_area", actual=grid_area)
    if by_dso is not None and version.dso != by_dso:
        raise rules.GRID_AREA_NOT_YOURS.refused(path="/grid_area", actual=grid_area)
    return version.dso


def _check_parent(substation_id: str, parent: str | None, above: hierarchy.Above) -> None:
    if parent is None:
        return
    if above.get(parent) is None:
        raise rules.PARENT_SUBSTATION_UNKNOWN.refused(path="/parent", actual=parent)
    hierarchy.check(substation_id, above)
