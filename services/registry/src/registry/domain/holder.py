"""Who holds a metering point when: what `bsp-switch` has said of control, and what follows from it (R13, R43, D26).

What is said is kept by what it is about: a claim by the BSP and its midnight, a switch likewise, an end by the hold and
its cause. So the order in which different things are said makes no difference, nor does saying one twice; of the same
thing the last word counts. Everything else is worked out from that.

A point that nobody holds (D30): its resources sleep. They count nowhere because whatever counts them has ended with the
control, and nobody may command them; from when to when they sleep is told them ahead (`sleep`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from contracts.bsp_switch import v1 as bsp_switch
from contracts.registry import v1


@dataclass(frozen=True, slots=True)
class Hold:
    """A BSP was said to dispose of the resources behind a point from a midnight, until the next hold or an end."""

    bsp: str
    valid_from: datetime
    outgoing: str | None = None
    """Whom a switch takes the point from; None where it was claimed."""


@dataclass(frozen=True, slots=True)
class End:
    """What ends a hold, for one cause; where it is no later than the hold, that never begins."""

    bsp: str
    valid_from: datetime
    """The hold's."""
    because: bsp_switch.WhyControlEnds
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class Heir:
    """Whatever a BSP holds of the point from a midnight on, another does: it has taken it over."""

    of: str
    since: datetime
    bsp: str


@dataclass(frozen=True, slots=True)
class Control:
    """A BSP holds a point, half-open, as far as is known."""

    bsp: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """What was said of who holds a point.

    `holds` in order of `valid_from`, of those from one moment the last said behind.
    """

    holds: tuple[Hold, ...] = ()
    ends: tuple[End, ...] = ()
    heirs: tuple[Heir, ...] = ()
    """Who succeeds BSPs here by mergers, in order of time."""

    def now(self, bsp: str, at: datetime) -> str:
        """Who a BSP is at a moment: itself, or who has taken it over by then."""
        for heir in self.heirs:
            if heir.of == bsp and heir.since <= at:
                bsp = heir.bsp
        return bsp

    def by(self, bsp: str, at: datetime) -> Control | None:
        """The control at a moment, if it is this BSP's."""
        return next((one for one in self.controls() if one.bsp == bsp and _covers(one, at)), None)

    def who(self, at: datetime) -> str | None:
        """Who holds the point at a moment."""
        return next((one.bsp for one in self.controls() if _covers(one, at)), None)

    def coming(self, bsp: str, at: datetime) -> Control | None:
        """The next control of this BSP, or of its successor, that has not begun; what passes by a merger has."""
        begin = {each.valid_from for each in self.holds}
        return next(
            (
                one
                for one in self.controls()
                if at < one.valid_from and one.valid_from in begin and one.bsp == self.now(bsp, one.valid_from)
            ),
            None,
        )

    def controls(self) -> Iterator[Control]:
        """Who holds the point when, one after the other; there may be gaps between."""
        standing = self.standing
        for place, hold in enumerate(standing):
            following = standing[place + 1].valid_from if place + 1 < len(standing) else None
            valid_to = _first(self._end(hold), following)
            if valid_to is None or hold.valid_from < valid_to:
                yield from self._parts(hold, valid_to)

    def _parts(self, hold: Hold, valid_to: datetime | None) -> Iterator[Control]:
        """A hold is its BSP's, and from a merger on its successor's."""
        start, bsp = hold.valid_from, self.now(hold.bsp, hold.valid_from)
        for heir in self.heirs:
            if heir.of == bsp and start < heir.since and (valid_to is None or heir.since < valid_to):
                yield Control(bsp, start, heir.since)
                start, bsp = heir.since, heir.bsp
        yield Control(bsp, start, valid_to)

    def unheld(self) -> Iterator[tuple[datetime, datetime | None]]:
        """The periods in which nobody holds the point, from when somebody was first said to."""
        since: datetime | None = self.holds[0].valid_from if self.holds else None
        for control in self.controls():
            if since is not None and since < control.valid_from:
                yield since, control.valid_from
            since = control.valid_to
        if since is not None:
            yield since, None

    def ends_of(self, bsp: str, since: datetime) -> dict[v1.WhyEnd, datetime]:
        """What ends something that rests on this BSP's control since a moment: by another BSP, and by nobody.

        Both are told where both are known; nothing ends before it began. Control that goes on by a further claim of
        the same BSP does not end between.
        """
        hold = self._hold(bsp, since)
        standing = self.standing
        found: dict[v1.WhyEnd, datetime] = {}
        if hold is not None:
            end = self._end(hold)
            if end is not None:
                found["control-ended"] = max(end, since)
            following = standing[standing.index(hold) + 1 :] if hold in standing else ()
            if following and not self._one(following[0].bsp, bsp, following[0].valid_from):
                taken = following[0]
                if self._one(taken.outgoing, bsp, taken.valid_from) or end is None or taken.valid_from < end:
                    found["switch"] = max(taken.valid_from, since)
        if not found and not any(self._one(one.bsp, bsp, since) for one in self.controls() if _covers(one, since)):
            # What it rested on was taken back, or another was said to hold from the same moment.
            found["control-ended"] = since
        return found

    def _hold(self, bsp: str, since: datetime) -> Hold | None:
        """The last of the holds of this BSP that follow on each other from a moment, else its last before it."""
        standing = self.standing
        found: Hold | None = None
        reached: datetime | None = None
        for place, hold in enumerate(standing):
            following = standing[place + 1].valid_from if place + 1 < len(standing) else None
            valid_to = _first(self._end(hold), following)
            covers = hold.valid_from <= since and (valid_to is None or since < valid_to)
            if self._one(hold.bsp, bsp, hold.valid_from) and (
                covers or (reached is not None and hold.valid_from == reached)
            ):
                found, reached = hold, valid_to
        if found is None:
            found = next(
                (each for each in reversed(self.holds) if self._one(each.bsp, bsp, since) and each.valid_from <= since),
                None,
            )
        return found

    def _one(self, bsp: str | None, other: str, at: datetime) -> bool:
        """Whether two are one BSP: the same, or by a merger at a moment; or the one is the other's successor later.

        What rests on the control of who is taken over rests on its successor's, and began before.
        """
        if bsp is None:
            return False
        return self.now(bsp, at) == self.now(other, at) or self._succeeds(other, bsp)

    def _succeeds(self, heir: str, bsp: str) -> bool:
        return any(each.of == bsp and (each.bsp == heir or self._succeeds(heir, each.bsp)) for each in self.heirs)

    @property
    def standing(self) -> tuple[Hold, ...]:
        """The holds that begin."""
        if not self.ends:
            return self.holds
        return tuple(each for each in self.holds if (end := self._end(each)) is None or each.valid_from < end)

    def _end(self, hold: Hold) -> datetime | None:
        """The first of the ends that stand, whoever holds the point then."""
        return min((end.valid_to for end in self.ends if _of(end, hold)), default=None)


@dataclass(frozen=True, slots=True)
class HolderAt:
    """Who holds a point at a moment, if anybody does."""

    control: Control | None


def valid(state: Holder, at: datetime) -> HolderAt:
    """The control in force at a moment, as far as is known."""
    return HolderAt(next((one for one in state.controls() if _covers(one, at)), None))


OfControl: TypeAlias = (
    bsp_switch.ControlClaimed
    | bsp_switch.ControlEndAnnounced
    | bsp_switch.ControlEndCancelled
    | bsp_switch.SwitchAnnounced
    | bsp_switch.SwitchCancelled
    | bsp_switch.ControlSuccessionAnnounced
    | bsp_switch.ControlSuccessionCancelled
)


def evolve(state: Holder | None, event: OfControl) -> Holder:
    """What was said of a point's control: each claim, switch and end is known with its midnight, also if late."""
    state = state or Holder()
    match event:
        case bsp_switch.ControlClaimed():
            return _held(state, Hold(event.bsp, event.valid_from))
        case bsp_switch.SwitchAnnounced():
            return _held(state, Hold(event.incoming, event.start, event.outgoing))
        case bsp_switch.SwitchCancelled():
            gone = Hold(event.incoming, event.start, event.outgoing)
            return replace(
                state,
                holds=tuple(each for each in state.holds if each != gone),
                ends=tuple(end for end in state.ends if not _of(end, gone)),
            )
        case bsp_switch.ControlEndAnnounced():
            end = End(event.bsp, event.valid_from, event.because, event.valid_to)
            return replace(state, ends=(*_other_ends(state, event), end))
        case bsp_switch.ControlEndCancelled():
            return replace(state, ends=_other_ends(state, event))
        case bsp_switch.ControlSuccessionAnnounced() | bsp_switch.ControlSuccessionCancelled():
            heirs = [each for each in state.heirs if each.of != event.bsp]
            if isinstance(event, bsp_switch.ControlSuccessionAnnounced):
                heirs.append(Heir(event.bsp, event.start, event.successor))
            return replace(state, heirs=tuple(sorted(heirs, key=lambda each: each.since)))


def _held(state: Holder, hold: Hold) -> Holder:
    """With this hold. One that was to be, never began, and is said again, is another, without the ends of the former.

    Where it stands already nothing changes.
    """
    same = [each for each in state.holds if (each.bsp, each.valid_from) == (hold.bsp, hold.valid_from)]
    begins = all(each in state.standing for each in same)
    if begins and hold in same:
        return state
    ends = state.ends if begins else tuple(end for end in state.ends if not _of(end, hold))
    before = (each for each in state.holds if each.valid_from <= hold.valid_from and each not in same)
    after = (each for each in state.holds if each.valid_from > hold.valid_from)
    return replace(state, holds=(*before, hold, *after), ends=ends)


def _other_ends(
    state: Holder, event: bsp_switch.ControlEndAnnounced | bsp_switch.ControlEndCancelled
) -> tuple[End, ...]:
    said = (event.bsp, event.valid_from, event.because)
    return tuple(end for end in state.ends if (end.bsp, end.valid_from, end.because) != said)


def _of(end: End, hold: Hold) -> bool:
    return (end.bsp, end.valid_from) == (hold.bsp, hold.valid_from)


def _covers(control: Control, at: datetime) -> bool:
    return control.valid_from <= at and (control.valid_to is None or at < control.valid_to)


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)
