"""Where a group's power lies: shares and the Herfindahl index per substation and grid area (R17 to R19).

All figures are whole numbers, in parts per million of the declared size; the direction that makes the size counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.message import Event
from contracts.registry import v1
from registry.domain.group import Group, Member
from registry.domain.power import Power

PPM = 1_000_000
Direction = Literal["up", "down"]
Place = tuple[str, str]
"""A substation by its DSO and name: two DSOs may use the same."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How power is spread over places. `known` places; `largest` with what is at unknown ones in it."""

    known: int
    hhi_ppm: int
    largest_ppm: int
    largest: tuple[str, ...] | None
    unknown_ppm: int


def direction_of(power: Power) -> Direction:
    """The direction that makes the size; up where both do."""
    return "up" if power.up_w >= power.down_w else "down"


def in_direction(power: Power, direction: Direction) -> int:
    """What stands in one direction (W)."""
    return power.up_w if direction == "up" else power.down_w


def substation_of(member: Member) -> Place | None:
    """Where a member lies, as far as is known now."""
    return (member.dso, member.substation) if member.substation else None


def by_substation(members: Iterable[Member], direction: Direction) -> dict[Place | None, int]:
    """What stands behind each substation (W)."""
    found: dict[Place | None, int] = {}
    for member in members:
        place = substation_of(member)
        found[place] = found.get(place, 0) + in_direction(member.power, direction)
    return found


def largest_of(weights: Mapping[Place | None, int]) -> Place | None:
    """The known place with the most; of two alike the first by name; None where none is known."""
    return min(
        (place for place in weights if place is not None), key=lambda place: (-weights[place], place), default=None
    )


def spread(weights: Mapping[tuple[str, ...] | None, int]) -> Spread:
    """Of what stands at each place (W), None for the unknown ones.

    What is at unknown places counts to the largest known one: the worst case, since no other place would make the index
    greater.
    """
    known = {place: weight for place, weight in weights.items() if place is not None}
    unknown = weights.get(None, 0)
    total = sum(known.values()) + unknown
    largest = min(known, key=lambda place: (-known[place], place), default=None)
    if total == 0:
        return Spread(len(known), 0, 0, None, 0)
    most = unknown + (known[largest] if largest is not None else 0)
    squares = most**2 + sum(weight**2 for place, weight in known.items() if place != largest)
    return Spread(len(known), squares * PPM // total**2, most * PPM // total, largest, unknown * PPM // total)


def decide_measured(state: Group, *, group_id: str, at: datetime) -> v1.GroupMeasured:
    """What a group declares and where, now that its members have changed."""
    direction = direction_of(state.power)
    areas: dict[tuple[str, ...] | None, int] = {}
    for member in state.members.values():
        area = (member.grid_area,) if member.grid_area else None
        areas[area] = areas.get(area, 0) + in_direction(member.power, direction)
    substations = spread({**by_substation(state.members.values(), direction)})
    grid_areas = spread(areas)
    return v1.GroupMeasured(
        group_id=group_id,
        bsp=state.bsp,
        zone=state.zone,
        at=at,
        members=len(state.members),
        declared_up_w=state.power.up_w,
        declared_down_w=state.power.down_w,
        substations=substations.known,
        substation_hhi_ppm=substations.hhi_ppm,
        substation_largest_ppm=substations.largest_ppm,
        substation_largest=substations.largest[-1] if substations.largest else None,
        substation_unknown_ppm=substations.unknown_ppm,
        grid_areas=grid_areas.known,
        grid_area_hhi_ppm=grid_areas.hhi_ppm,
        grid_area_largest_ppm=grid_areas.largest_ppm,
        grid_area_largest=grid_areas.largest[-1] if grid_areas.largest else None,
    )


def decide_totalled(state: Group, *, group_id: str, at: datetime) -> list[Event]:
    """The totals, for the DSOs whose points are members; they learn nothing of each other's points (R28)."""
    if not state.dsos:
        return []
    return [
        v1.GroupTotalled(
            group_id=group_id,
            bsp=state.bsp,
            zone=state.zone,
            at=at,
            name=state.name,
            status=state.status,
            members=len(state.members),
            declared_up_w=state.power.up_w,
            declared_down_w=state.power.down_w,
            dsos=state.dsos,
        )
    ]
