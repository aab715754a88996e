"""Metering grid areas in time: which zone a metering point lies in, and whose grid it is (D12, D16, E8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Final

from contracts import values
from contracts.message import Event
from contracts.registry import v1
from registry.domain import hierarchy, rules, timeline
from registry.domain.party import Party, refuse_inactive

ALWAYS: Final = datetime(1, 1, 1, tzinfo=UTC)
"""Since when an area is what it is, if nobody has said since when."""


@dataclass(frozen=True, slots=True)
class Version:
    """What an area is from a moment on, until the next version."""

    name: str
    zone: values.BiddingZone
    dso: str
    parent: str | None
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class GridArea:
    """A metering grid area. A virtual one exists on paper only: its points are in no group."""

    virtual: bool
    versions: tuple[Version, ...]

    def keeps(self, dso: str, moment: datetime) -> bool:
        """Whether it is this DSO's at a moment, or will be."""
        return any(version.dso == dso for version in timeline.since(self.versions, moment))

    def at(self, moment: datetime) -> Version | None:
        """What it is at a moment; None before its first."""
        return timeline.at(self.versions, moment)

    def parents(self, moment: datetime) -> tuple[str, ...]:
        """The areas right above it, at a moment and later."""
        return tuple(dict.fromkeys(each.parent for each in timeline.since(self.versions, moment) if each.parent))


OfArea = v1.GridAreaDefined | v1.GridAreaChanged | v1.PointsOfAreaUpdated


def evolve(state: GridArea | None, event: OfArea) -> GridArea:
    """An area was defined, or changes; that its points have learned of it changes nothing here."""
    if isinstance(event, v1.GridAreaDefined):
        first = Version(event.name, event.zone, event.dso, event.parent, event.valid_from or ALWAYS)
        return GridArea(event.virtual, (first,))
    if state is None:
        message = f"{event.type} of a grid area that was never defined"
        raise LookupError(message)
    if isinstance(event, v1.PointsOfAreaUpdated):
        return state
    version = Version(event.name, event.zone, event.dso, event.parent, event.valid_from)
    return replace(state, versions=timeline.put(state.versions, version))


def decide_define(
    state: GridArea | None,
    *,
    grid_area: str,
    wish: v1.DefineGridArea,
    dso: Party | None,
    above: hierarchy.Above,
) -> list[Event]:
    """Define an area, once (D12)."""
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    _check_dso(wish.dso, dso)
    _check_parent(grid_area, wish.parent, above)
    return [
        v1.GridAreaDefined(
            grid_area=grid_area,
            name=wish.name,
            zone=wish.zone,
            dso=wish.dso,
            parent=wish.parent,
            virtual=wish.virtual,
            valid_from=wish.valid_from,
        )
    ]


def decide_change(
    state: GridArea | None,
    *,
    grid_area: str,
    wish: v1.ChangeGridArea,
    by_operator: bool,
    dso: Party | None,
    above: hierarchy.Above,
    freeze_days: int,
    frozen_before: datetime,
) -> list[Event]:
    """Change an area from a midnight on; versions after it that did not change the same thing take it over.

    A boundary before `frozen_before` is moved by the operator alone, with a reason (D14). What is so is not said again.
    """
    if state is None:
        raise rules.GRID_AREA_NOT_DEFINED.refused(path="/subject")
    if wish.valid_from < frozen_before and not (by_operator and wish.reason):
        raise rules.TIMELINE_FROZEN.refused(path="/valid_from", limit=values.time_text(frozen_before))
    before = state.at(wish.valid_from)
    if before is None:
        first = state.versions[0].valid_from
        raise rules.GRID_AREA_NOT_DEFINED.refused(path="/valid_from", limit=values.time_text(first))
    if wish.dso is not None:
        _check_dso(wish.dso, dso)
    _check_parent(grid_area, wish.parent, above)
    changed = _changed(state.versions, before, wish)
    versions = reduce(timeline.put, changed, state.versions)
    return [
        v1.GridAreaChanged(
            grid_area=grid_area,
            name=version.name,
            zone=version.zone,
            dso=version.dso,
            former_dso=_former_dso(versions, version),
            parent=version.parent,
            valid_from=version.valid_from,
            reason=wish.reason,
            freeze_days=freeze_days,
        )
        for version in changed
    ]


def _changed(versions: tuple[Version, ...], before: Version, wish: v1.ChangeGridArea) -> list[Version]:
    """The versions that become other ones, from the wish's midnight on."""
    wanted: dict[str, object] = {
        name: value
        for name, value in (("name", wish.name), ("zone", wish.zone), ("dso", wish.dso), ("parent", wish.parent))
        if value is not None
    }
    if wish.no_parent:
        wanted["parent"] = None
    changed: list[Version] = []
    following = [each for each in versions if each.valid_from > wish.valid_from]
    for version in (replace(before, valid_from=wish.valid_from), *following):
        # What a later version changed by itself stays; the rest it has from before.
        wanted = {name: value for name, value in wanted.items() if getattr(version, name) == getattr(before, name)}
        new = replace(version, **wanted)
        if new != version:
            changed.append(new)
    return changed


def _former_dso(versions: tuple[Version, ...], version: Version) -> str | None:
    earlier = timeline.at(versions, version.valid_from - timedelta(microseconds=1))
    return earlier.dso if earlier is not None and earlier.dso != version.dso else None


def _check_dso(gln: str, dso: Party | None) -> None:
    if dso is None or values.Role.DSO not in dso.roles:
        raise rules.DSO_UNKNOWN.refused(path="/dso", actual=gln)
    refuse_inactive(dso, party=gln, path="/dso")


def _check_parent(grid_area: str, parent: str | None, above: hierarchy.Above) -> None:
    if parent is None:
        return
    if above.get(parent) is None:
        raise rules.PARENT_GRID_AREA_UNKNOWN.refused(path="/parent", actual=parent)
    hierarchy.check(grid_area, above)
