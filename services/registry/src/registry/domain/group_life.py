"""Whether a group stands: drafts, what activates them, names, and how groups end (R6, R15, R16, R26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from contracts import calendar, values
from contracts.message import Event
from contracts.registry import v1
from registry.domain import rules
from registry.domain.group import Group
from registry.domain.known import Brps
from registry.domain.membership import announce_all, cancel
from registry.domain.terms import Terms

MOST_AHEAD_DAYS: Final = 2 * 366
"""A later end is a slip of the pen: a group that is to end takes nobody until then."""


def yours(state: Group | None, bsp: str, *, path: str = "") -> Group:
    """The sender's own group; another's is answered like an unknown one."""
    if state is None or state.bsp != bsp:
        raise rules.GROUP_NOT_YOURS.refused(path=path)
    return state


def open_and_yours(state: Group | None, bsp: str, *, path: str = "") -> Group:
    """The sender's own group, which has not ended and is not about to."""
    state = yours(state, bsp, path=path)
    if not state.is_open:
        raise rules.GROUP_ENDED.refused(path=path)
    return state


def leave_date(wanted: datetime | None, at: datetime) -> datetime:
    """The Oslo midnight at which members leave: the one asked for, or the next."""
    earliest = calendar.next_midnight(at)
    if wanted is None:
        return earliest
    if wanted < earliest:
        raise rules.LEAVE_DATE_NOT_AHEAD.refused(
            path="/valid_to", limit=values.time_text(earliest), actual=values.time_text(wanted)
        )
    latest = calendar.add_local_days(earliest, MOST_AHEAD_DAYS)
    if wanted > latest:
        raise rules.LEAVE_DATE_TOO_FAR.refused(
            path="/valid_to", limit=values.time_text(latest), actual=values.time_text(wanted)
        )
    return wanted


def formed(
    *,
    group_id: str,
    bsp: str,
    name: str,
    zone: values.BiddingZone,
    brps: Brps | None,
    terms: Terms,
    status: Literal["forming", "active"] = "active",
    category: v1.GroupCategory | None = None,
    split_from: str | None = None,
    dsos: Iterable[str] = (),
) -> v1.GroupFormed:
    """A group exists: its own station group (R15), only for balancing (R16)."""
    return v1.GroupFormed(
        group_id=group_id,
        bsp=bsp,
        name=name,
        zone=zone,
        brp_consumption=brps.consumption if brps else None,
        brp_production=brps.production if brps else None,
        min_members=terms.min_members,
        status=status,
        category=category,
        station_group=group_id,
        split_from=split_from,
        dsos=tuple(sorted(set(dsos))),
    )


def ended(
    state: Group,
    group_id: str,
    *,
    valid_to: datetime,
    because: Literal["left", "split", "merged"],
    into: Sequence[str] = (),
) -> v1.GroupEnded:
    """A group has ended, empty."""
    return v1.GroupEnded(
        group_id=group_id,
        bsp=state.bsp,
        zone=state.zone,
        valid_to=valid_to,
        because=because,
        into=tuple(into),
        dsos=state.dsos,
    )


def decide_activate(state: Group | None, *, group_id: str, bsp: str, terms: Terms) -> list[Event]:
    """Make a draft a group: it has several points (R6)."""
    state = open_and_yours(state, bsp)
    if state.status != "forming":
        raise rules.GROUP_ALREADY_ACTIVE.refused()
    members = len(state.members)
    if members < terms.min_members:
        raise rules.GROUP_NEEDS_SEVERAL_POINTS.refused(limit=terms.min_members, actual=members)
    return [
        v1.GroupActivated(group_id=group_id, bsp=bsp, zone=state.zone, members=members, min_members=terms.min_members)
    ]


def decide_rename(state: Group | None, *, group_id: str, bsp: str, name: str) -> list[Event]:
    """Give it another name; the one it has is not said again."""
    state = open_and_yours(state, bsp)
    return [] if name == state.name else [v1.GroupRenamed(group_id=group_id, bsp=bsp, name=name)]


def decide_end(state: Group | None, *, group_id: str, bsp: str, valid_to: datetime | None, at: datetime) -> list[Event]:
    """End a group at a midnight, with its memberships; one without members at once. Said again it moves the date.

    Who was to leave before by itself does.
    """
    state = yours(state, bsp)
    if state.status == "ended":
        raise rules.GROUP_ENDED.refused()
    last = leave_date(valid_to, at)
    if not state.members:
        return [ended(state, group_id, valid_to=at, because="left")]
    if state.ending is not None and state.ending.valid_to == last:
        return []
    announced = v1.GroupEndAnnounced(group_id=group_id, bsp=bsp, zone=state.zone, valid_to=last)
    own = _own_dates(state)
    return [announced, *_leaving(state, group_id, {each: min(own.get(each, last), last) for each in state.members})]


def decide_keep(state: Group | None, *, group_id: str, bsp: str) -> list[Event]:
    """Take back that a group is to end. Who was to leave by itself still does; what else ends memberships stands."""
    state = yours(state, bsp)
    if state.status == "ended":
        raise rules.GROUP_ENDED.refused()
    if state.ending is None:
        raise rules.GROUP_NOT_ENDING.refused()
    own = _own_dates(state)
    staying = [each for each, member in state.members.items() if "left" in member.ends and each not in own]
    kept = v1.GroupEndCancelled(group_id=group_id, bsp=bsp, zone=state.zone, status=state.ending.was)
    return [
        kept,
        *(cancel(state, group_id, each, because="left") for each in staying),
        *_leaving(state, group_id, own),
    ]


def _own_dates(state: Group) -> dict[str, datetime]:
    """When members are to leave by themselves, whatever becomes of the group."""
    if state.ending is not None:
        return {each: date for each, date in state.ending.own.items() if each in state.members}
    return {each: member.ends["left"] for each, member in state.members.items() if "left" in member.ends}


def _leaving(state: Group, group_id: str, dates: Mapping[str, datetime]) -> list[Event]:
    """These members leave at these dates, where that is not said already."""
    told = {each: date for each, date in dates.items() if state.members[each].ends.get("left") != date}
    events: list[Event] = []
    for date in sorted(set(told.values())):
        some = [each for each, one in told.items() if one == date]
        events += announce_all(state, group_id, some, because="left", valid_to=date)
    return events
