"""Mergers of BSPs: one succeeds another by law, from a midnight ahead (ADR 0022).

announced ──► merged, at its midnight
  └─────────► cancelled

All that has to be known of it to decide about a point is known by BSP: who takes it over when, and whom it takes over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bsp_switch.domain import rules
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.parties import Party
from contracts.values import Role

About = v1.BspMergerAnnounced | v1.BspMergerCancelled | v1.BspMerged


@dataclass(frozen=True, slots=True)
class Merger:
    """A merger, and where it stands."""

    state: Literal["announced", "cancelled", "merged"]
    bsp: str
    into: str
    start: datetime


def evolve(state: Merger | None, event: About) -> Merger:
    """The merger after an event."""
    match event:
        case v1.BspMergerAnnounced():
            return Merger("announced", event.bsp, event.into, event.start)
        case v1.BspMergerCancelled():
            assert state is not None
            return replace(state, state="cancelled")
        case v1.BspMerged():
            assert state is not None
            return replace(state, state="merged")


@dataclass(frozen=True, slots=True)
class Link:
    """A merger that stands, as one of its two BSPs has it."""

    merger_id: str
    start: datetime
    other: str


@dataclass(frozen=True, slots=True)
class Succession:
    """Who succeeds a BSP, if anybody, and whom it succeeds, in the order in which that was announced."""

    by: Link | None = None
    of: tuple[Link, ...] = ()

    @property
    def links(self) -> tuple[Link, ...]:
        """All of them."""
        return (*((self.by,) if self.by else ()), *self.of)


Side = tuple[Literal["by", "of"], v1.BspMergerAnnounced | v1.BspMergerCancelled]


def sides(event: v1.BspMergerAnnounced | v1.BspMergerCancelled) -> dict[str, Side]:
    """What an event says to each of the two."""
    return {event.bsp: ("by", event), event.into: ("of", event)}


def evolve_succession(state: Succession | None, said: Side) -> Succession:
    """The succession after a merger was announced or cancelled."""
    state = state or Succession()
    side, event = said
    stands = isinstance(event, v1.BspMergerAnnounced)
    link = Link(event.merger_id, event.start, event.into if side == "by" else event.bsp)
    if side == "by":
        return replace(state, by=link if stands else None)
    others = tuple(each for each in state.of if each.merger_id != link.merger_id)
    return replace(state, of=(*others, link) if stands else others)


Successions = Mapping[str, Succession | None]
"""By BSP: at least those asked about, and whoever succeeds them."""


def now(successions: Successions, bsp: str, *, at: datetime) -> str:
    """Who this BSP is at a moment: itself, or who has taken it over by then."""
    while (found := successions.get(bsp)) is not None and found.by is not None and found.by.start <= at:
        bsp = found.by.other
    return bsp


def heirs(successions: Successions, bsp: str) -> Iterator[str]:
    """Who takes this BSP over, and that one, at whatever moment."""
    while (found := successions.get(bsp)) is not None and found.by is not None:
        bsp = found.by.other
        yield bsp


def lineage(successions: Successions, bsp: str) -> dict[str, datetime | None]:
    """With whom a BSP is one, from when: mergers on the way from the one to the other have all come about then.

    What one of them has, consents above all, is each other's from that moment on.
    """
    found: dict[str, datetime | None] = {bsp: None}
    reached = [bsp]
    for each in reached:
        since, state = found[each], successions.get(each)
        for link in state.links if state else ():
            if link.other not in found:
                found[link.other] = max(since, link.start) if since else link.start
                reached.append(link.other)
    return found


def refuse_merged(successions: Successions, *, bsp: str, at: datetime) -> None:
    """Refuse what a BSP that has been taken over asks for itself: its successor asks.

    Raises: BSP_TAKEN_OVER.
    """
    found = successions.get(bsp)
    if found is not None and found.by is not None and found.by.start <= at:
        raise rules.BSP_TAKEN_OVER.refused(actual=calendar.local_date(found.by.start).isoformat())


def decide_merge(
    state: Merger | None,
    command: v1.MergeBsp,
    *,
    merger_id: str,
    parties: Mapping[str, Party | None],
    successions: Successions,
    at: datetime,
    notice_min_days: int,
) -> list[v1.BspMergerAnnounced]:
    """Announce a merger.

    A BSP that is under suspension can be taken over, but cannot take over. What is being taken over, or was, takes over
    nobody; what takes over, under way, is not taken over itself before that midnight.
    Raises: ID_NOT_AVAILABLE, MERGER_WITH_ITSELF, MERGER_BSP_UNKNOWN, MERGER_INTO_INACTIVE, MERGER_UNDER_WAY,
    MERGER_NOTICE.
    """
    if state is not None:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    if command.bsp == command.into:
        raise rules.MERGER_WITH_ITSELF.refused(path="/into", actual=command.into)
    known = parties.get(command.bsp)
    if known is None or Role.BSP not in known.roles:
        raise rules.MERGER_BSP_UNKNOWN.refused(path="/bsp", actual=command.bsp)
    successor = parties.get(command.into)
    if successor is None or not successor.may_be(Role.BSP):
        raise rules.MERGER_INTO_INACTIVE.refused(path="/into", actual=command.into)
    for path, gln in (("/bsp", command.bsp), ("/into", command.into)):
        if link := _in_the_way(successions.get(gln), at=at):
            raise rules.MERGER_UNDER_WAY.refused(path=path, actual=calendar.local_date(link.start).isoformat())
    days = calendar.days_between(calendar.local_date(at), calendar.local_date(command.start))
    if days < notice_min_days:
        raise rules.MERGER_NOTICE.refused(path="/start", limit=notice_min_days, actual=days, unit="days")
    return [
        v1.BspMergerAnnounced(
            merger_id=merger_id,
            bsp=command.bsp,
            into=command.into,
            start=command.start,
            reason=command.reason,
            notice_days=days,
            notice_min_days=notice_min_days,
        )
    ]


def _in_the_way(found: Succession | None, *, at: datetime) -> Link | None:
    if found is None:
        return None
    return found.by or next((each for each in found.of if each.start > at), None)


def decide_cancel(state: Merger | None, command: v1.CancelBspMerger, *, merger_id: str) -> list[v1.BspMergerCancelled]:
    """Take a merger back before its midnight.

    Raises: MERGER_UNKNOWN, MERGER_NOT_ANNOUNCED.
    """
    if state is None:
        raise rules.MERGER_UNKNOWN.refused(path="/subject")
    if state.state != "announced":
        raise rules.MERGER_NOT_ANNOUNCED.refused(path="/subject", actual=state.state)
    return [
        v1.BspMergerCancelled(
            merger_id=merger_id, bsp=state.bsp, into=state.into, start=state.start, reason=command.reason
        )
    ]


def decide_merged(state: Merger, *, merger_id: str) -> list[v1.BspMerged]:
    """The midnight has come. All has passed by its date; this says so once."""
    return [v1.BspMerged(merger_id=merger_id, bsp=state.bsp, into=state.into, start=state.start)]
