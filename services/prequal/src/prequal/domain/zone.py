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
from prequal.domain import zone_caps
from prequal.domain.application import Application
from prequal.domain.zone_caps import ALWAYS, Cap


@dataclass(frozen=True, slots=True)
class Waiting:
    """An approved application that has no room yet."""

    application_id: str
    group_id: str
    size_w: int
    """All that its group will have reserved."""
    complete_at: datetime
    position: int
    place: int = 0
    """As it was told last; and what it needs of the zone, which is less where its group has something reserved (D5)."""
    requested_w: int = 0

    @property
    def turn(self) -> tuple[datetime, int]:
        """Whose turn comes first."""
        return self.complete_at, self.position


@dataclass(frozen=True, slots=True)
class Figures:
    """What everyone is told of a zone, beside why its cap is as it is."""

    cap_w: int
    used_w: int
    waiting: int
    waiting_w: int
    next_cap_w: int | None = None
    next_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone with its caps. Nothing is taken away when the cap is lowered, so `free_w` may be negative (D7)."""

    zone: values.BiddingZone
    caps: tuple[Cap, ...] = ()
    """Those that hold, or will."""
    since: datetime = ALWAYS
    """How far the course of the caps is decided: `cap` is the one that holds then."""
    reserved: dict[str, int] = field(default_factory=dict[str, int])
    """By group, in W; what is approved, not floored (D4)."""
    waiting: tuple[Waiting, ...] = ()
    """In order of turn: the first has place 1."""
    told: Figures | None = None
    """As published; None where another cap holds since."""

    @property
    def cap(self) -> Cap | None:
        """The cap that holds; None while none has begun."""
        return zone_caps.in_force(self.caps, self.since)

    @property
    def cap_w(self) -> int:
        """How much the zone takes; nothing while no cap has begun."""
        return cap.cap_w if (cap := self.cap) else 0

    @property
    def used_w(self) -> int:
        """What all groups in the zone have reserved."""
        return sum(self.reserved.values())

    @property
    def free_w(self) -> int:
        """What is left under the cap."""
        return self.cap_w - self.used_w

    @property
    def change_due(self) -> datetime | None:
        """When another cap holds next."""
        change = zone_caps.next_change(self.caps, self.since)
        return change[0] if change else None

    @property
    def figures(self) -> Figures:
        """What there is to tell now."""
        change = zone_caps.next_change(self.caps, self.since)
        return Figures(
            cap_w=self.cap_w,
            used_w=self.used_w,
            waiting=len(self.waiting),
            waiting_w=sum(max(0, self.needs_w(one)) for one in self.waiting),
            next_cap_w=change[1].cap_w if change else None,
            next_from=change[0] if change else None,
        )

    def needs_w(self, one: Waiting) -> int:
        """How much more the zone is used when it has entered; negative where its group has less then than now."""
        return one.size_w - self.reserved.get(one.group_id, 0)


def evolve(state: Zone | None, event: object) -> Zone | None:  # noqa: C901, PLR0911 - one arm per event
    """Fold an own event."""
    match event:
        case v1.ZoneCapSet():
            return _with_cap(state or Zone(event.zone), event)
        case _ if state is None:
            return None
        case v1.ZoneCapWithdrawn():
            return replace(state, caps=zone_caps.without(state.caps, event.valid_from))
        case v1.ZoneCapTookEffect():
            return _since(state, state.caps, event.since)
        case v1.ZoneVolumeChanged():
            told = Figures(
                cap_w=event.cap_w,
                used_w=event.used_w,
                waiting=event.waiting,
                waiting_w=event.waiting_w,
                next_cap_w=event.next_cap_w,
                next_from=event.next_from,
            )
            return replace(state, told=told)
        case v1.ApplicationQueued():
            reserved_w = state.reserved.get(event.group_id, 0)
            waiting = Waiting(
                application_id=event.application_id,
                group_id=event.group_id,
                size_w=event.requested_w + reserved_w if event.size_w is None else event.size_w,
                complete_at=event.complete_at,
                position=event.position,
                place=event.place,
                requested_w=event.requested_w,
            )
            return replace(state, waiting=_in_turn(state.waiting, waiting))
        case v1.VolumeReserved():
            reserved = {**state.reserved, event.group_id: event.reserved_w}
            return replace(state, reserved=reserved, waiting=_without(state.waiting, event.application_id))
        case v1.ApplicationLapsed() | v1.ApplicationWithdrawn():
            return replace(state, waiting=_without(state.waiting, event.application_id))
        case v1.ApprovalReduced() if event.group_id in state.reserved:
            return replace(state, reserved={**state.reserved, event.group_id: event.reserved_w})
        case v1.ApprovalEnded():
            return replace(state, reserved={group: w for group, w in state.reserved.items() if group != event.group_id})
        case _:
            return state


def _with_cap(state: Zone, event: v1.ZoneCapSet) -> Zone:
    cap = Cap(
        cap_w=event.cap_w,
        reasons=event.reasons,
        assessment=event.assessment,
        link=event.link,
        valid_from=event.valid_from or ALWAYS,
        valid_to=event.valid_to,
    )
    caps = zone_caps.put(state.caps, cap)
    if event.coming:
        return replace(state, caps=caps)
    return _since(state, caps, max(state.since, cap.valid_from))


def _since(state: Zone, caps: zone_caps.Caps, since: datetime) -> Zone:
    """With its caps decided so far; what was told of another cap counts no more."""
    after = replace(state, caps=zone_caps.from_now(caps, since), since=since)
    return after if after.cap == state.cap else replace(after, told=None)


def _without(waiting: tuple[Waiting, ...], application_id: str) -> tuple[Waiting, ...]:
    return tuple(one for one in waiting if one.application_id != application_id)


def _in_turn(waiting: tuple[Waiting, ...], newcomer: Waiting) -> tuple[Waiting, ...]:
    return tuple(sorted((*_without(waiting, newcomer.application_id), newcomer), key=lambda one: one.turn))


# What it decides


def decide_cap(state: Zone | None, command: v1.SetZoneCap, *, zone: values.BiddingZone, at: datetime) -> list[Event]:
    """The TSO sets a cap: see `zone_caps.decide`."""
    state = state or Zone(zone)
    waiting = len(state.waiting)
    return zone_caps.decide(
        state.caps, command, zone=zone, used_w=state.used_w, waiting=waiting, since=state.since, at=at
    )


def decide_withdraw_cap(
    state: Zone | None, command: v1.WithdrawZoneCap, *, zone: values.BiddingZone, at: datetime
) -> list[Event]:
    """The TSO takes back a cap to come: see `zone_caps.decide_withdraw`."""
    state = state or Zone(zone)
    return zone_caps.decide_withdraw(state.caps, command, zone=zone, since=state.since, at=at)


def decide_change(state: Zone, *, at: datetime) -> list[Event]:
    """The moment has come at which another cap holds."""
    cap = zone_caps.in_force(state.caps, at)
    if cap is None:
        return []
    return [
        v1.ZoneCapTookEffect(
            zone=state.zone,
            valid_from=None if cap.valid_from == ALWAYS else cap.valid_from,
            since=at,
            cap_w=cap.cap_w,
            former_cap_w=state.cap_w,
        )
    ]


def decide_tell(state: Zone) -> list[Event]:
    """Publish the zone where it is otherwise than it was told last (R24)."""
    figures = state.figures
    if figures == state.told:
        return []
    cap = state.cap
    return [
        v1.ZoneVolumeChanged(
            zone=state.zone,
            cap_w=figures.cap_w,
            reasons=cap.reasons if cap else (),
            assessment=cap.assessment if cap else "",
            link=cap.link if cap else "",
            valid_from=cap.valid_from if cap and cap.valid_from != ALWAYS else None,
            valid_to=cap.valid_to if cap else None,
            used_w=figures.used_w,
            free_w=max(0, state.free_w),
            deficit_w=max(0, -state.free_w),
            waiting=figures.waiting,
            waiting_w=figures.waiting_w,
            next_cap_w=figures.next_cap_w,
            next_from=figures.next_from,
        )
    ]


# The queue


def joined(state: Zone, newcomer: Application | None) -> tuple[Waiting, ...]:
    """The queue with one more in it, in order of turn."""
    if newcomer is None:
        return state.waiting
    waiting = Waiting(
        application_id=newcomer.application_id,
        group_id=newcomer.group_id,
        size_w=newcomer.approved.size_w,
        complete_at=newcomer.complete_at,
        position=newcomer.position,
    )
    return _in_turn(state.waiting, waiting)


def first_to_enter(state: Zone, newcomer: Application | None = None) -> Waiting | None:
    """The first in the queue, if there is room for the whole of it; nobody behind it may pass (D6)."""
    queue = joined(state, newcomer)
    # One that takes no more than its group has already needs no room, not even where there is a deficit.
    return queue[0] if queue and state.needs_w(queue[0]) <= max(0, state.free_w) else None


def new_places(state: Zone, newcomer: Application | None = None) -> list[tuple[int, Waiting]]:
    """Who waits at another place, or for another volume, than it was told last."""
    found: list[tuple[int, Waiting]] = []
    for place, one in enumerate(joined(state, newcomer), 1):
        requested_w = max(0, state.needs_w(one))
        if (one.place, one.requested_w) != (place, requested_w):
            found.append((place, replace(one, requested_w=requested_w)))
    return found
