"""A bidding zone: its cap, what is reserved under it, and who waits (R20 to R24, D5 to D7).

The queue is strictly first come, first served: in order of `complete_at`, then position. An application enters whole or
waits, and while one waits nothing behind it enters, however small.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts import values
from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.application import Application


@dataclass(frozen=True, slots=True)
class Waiting:
    """An approved application that has no room yet."""

    application_id: str
    group_id: str
    requested_w: int
    """What it needs; of a group that has volume reserved already, the difference (D5)."""
    complete_at: datetime
    position: int

    @property
    def turn(self) -> tuple[datetime, int]:
        """Whose turn comes first."""
        return self.complete_at, self.position


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone with a cap. Nothing is taken away when the cap is lowered, so `free_w` may be negative (D7)."""

    zone: values.BiddingZone
    cap_w: int
    reserved: dict[str, int] = field(default_factory=dict[str, int])
    """By group, in W; what is approved, not floored (D4)."""
    waiting: tuple[Waiting, ...] = ()
    """In order of turn: the first has place 1."""

    @property
    def used_w(self) -> int:
        """What all groups in the zone have reserved."""
        return sum(self.reserved.values())

    @property
    def free_w(self) -> int:
        """What is left under the cap."""
        return self.cap_w - self.used_w


def evolve(state: Zone | None, event: object) -> Zone | None:  # noqa: PLR0911 - one arm per event
    """Fold an own event."""
    match event:
        case v1.ZoneCapSet():
            return replace(state or Zone(event.zone, 0), cap_w=event.cap_w)
        case _ if state is None:
            return None
        case v1.ApplicationQueued():
            waiting = Waiting(
                event.application_id, event.group_id, event.requested_w, event.complete_at, event.position
            )
            return replace(state, waiting=_in_turn(state.waiting, waiting))
        case v1.VolumeReserved():
            reserved = {**state.reserved, event.group_id: event.reserved_w}
            return replace(state, reserved=reserved, waiting=_without(state.waiting, event.application_id))
        case v1.ApplicationLapsed() | v1.ApplicationWithdrawn():
            return replace(state, waiting=_without(state.waiting, event.application_id))
        case v1.ApprovalEnded():
            return _ended(state, event.group_id)
        case _:
            return state


def _without(waiting: tuple[Waiting, ...], application_id: str) -> tuple[Waiting, ...]:
    return tuple(one for one in waiting if one.application_id != application_id)


def _ended(state: Zone, group_id: str) -> Zone:
    """Its volume is free. An application for more that waits needs all of it now, not just the difference."""
    freed_w = state.reserved.get(group_id, 0)
    waiting = tuple(
        replace(one, requested_w=one.requested_w + freed_w) if one.group_id == group_id else one
        for one in state.waiting
    )
    reserved = {group: w for group, w in state.reserved.items() if group != group_id}
    return replace(state, reserved=reserved, waiting=waiting)


def _in_turn(waiting: tuple[Waiting, ...], newcomer: Waiting) -> tuple[Waiting, ...]:
    return tuple(sorted((*_without(waiting, newcomer.application_id), newcomer), key=lambda one: one.turn))


def decide_cap(state: Zone | None, command: v1.SetZoneCap, *, zone: values.BiddingZone) -> list[Event]:
    """The TSO sets the cap, with its reasons; who waits is served afterwards. Refuses with CAP_REASON_MISSING (R21)."""
    if not command.reasons:
        raise rules.CAP_REASON_MISSING.refused(path="/reasons")
    if not command.assessment.strip():
        raise rules.CAP_REASON_MISSING.refused(path="/assessment")
    used_w = state.used_w if state else 0
    return [
        v1.ZoneCapSet(
            zone=zone,
            cap_w=command.cap_w,
            reasons=command.reasons,
            assessment=command.assessment,
            link=command.link,
            used_w=used_w,
            free_w=command.cap_w - used_w,
            waiting=len(state.waiting) if state else 0,
        )
    ]


@dataclass(frozen=True, slots=True)
class Served:
    """Who may enter now, and whose place in the queue is new."""

    entering: tuple[Waiting, ...]
    places: tuple[tuple[int, Waiting], ...]


def serve(state: Zone, newcomer: Application | None = None) -> Served:
    """Let in who fits, in order of turn, until one does not fit whole (D6)."""
    queue = state.waiting
    if newcomer:
        queue = _in_turn(
            queue,
            Waiting(
                application_id=newcomer.application_id,
                group_id=newcomer.group_id,
                requested_w=max(0, newcomer.approved.size_w - state.reserved.get(newcomer.group_id, 0)),
                complete_at=newcomer.complete_at,
                position=newcomer.position,
            ),
        )
    entering: list[Waiting] = []
    free_w = state.free_w
    for one in queue:
        if one.requested_w > free_w:
            break
        free_w -= one.requested_w
        entering.append(one)
    before = {one.application_id: place for place, one in enumerate(state.waiting, 1)}
    return Served(
        entering=tuple(entering),
        places=tuple(
            (place, one)
            for place, one in enumerate(queue[len(entering) :], 1)
            if before.get(one.application_id) != place
        ),
    )
