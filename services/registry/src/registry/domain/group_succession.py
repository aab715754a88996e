"""Groups of a BSP that is taken over: they are its successor's from the midnight on, with all their members.

Each group is told ahead and passes by a deadline of its own, so that whoever commands it at the midnight meets it as it
is then (ADR 0022). The memberships go on because control of the points does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.bsp_switch import v1 as bsp_switch
from contracts.registry import v1
from registry.domain.group import Group

OfMerger = bsp_switch.BspMergerAnnounced | bsp_switch.BspMergerCancelled


@dataclass(frozen=True, slots=True)
class Merger:
    """A BSP is taken over; None where that was cancelled."""

    merger_id: str
    successor: str
    start: datetime
    stands: bool


def evolve_merger(_state: Merger | None, event: OfMerger) -> Merger:
    """What was said last counts."""
    return Merger(event.merger_id, event.into, event.start, isinstance(event, bsp_switch.BspMergerAnnounced))


def decide(
    groups: Mapping[str, Group | None], *, merger: Merger | None
) -> Iterator[v1.GroupSuccessionAnnounced | v1.GroupSuccessionCancelled]:
    """Say of groups of one BSP what is not said yet, and take back what is not so any more."""
    stands = merger if merger is not None and merger.stands else None
    for group_id, group in groups.items():
        if group is None:
            continue
        said = group.succession
        is_said = said is not None and stands is not None and said.merger_id == stands.merger_id
        if said is not None and not is_said:
            yield v1.GroupSuccessionCancelled(
                group_id=group_id, merger_id=said.merger_id, bsp=group.bsp, successor=said.successor, dsos=group.dsos
            )
        if stands is not None and not is_said:
            yield v1.GroupSuccessionAnnounced(
                group_id=group_id,
                merger_id=stands.merger_id,
                bsp=group.bsp,
                successor=stands.successor,
                start=stands.start,
                dsos=group.dsos,
            )


def decide_passed(group: Group, *, group_id: str, at: datetime) -> list[v1.GroupPassed]:
    """The midnight has come."""
    said = group.succession
    if said is None or at < said.start:
        return []
    return [
        v1.GroupPassed(
            group_id=group_id,
            merger_id=said.merger_id,
            bsp=group.bsp,
            successor=said.successor,
            start=said.start,
            dsos=group.dsos,
        )
    ]
