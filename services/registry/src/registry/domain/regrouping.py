"""Members go from group to group at once, in one decision: moves, splits, mergers (R6, R10, R14, R15, R18, D10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from contracts.message import Event, Reason
from contracts.registry import v1
from registry.domain import group as groups
from registry.domain import rules
from registry.domain.group import Group
from registry.domain.group_life import ended, formed, open_and_yours, yours
from registry.domain.intake import Candidate, Intake, Source
from registry.domain.joining import into
from registry.domain.power import Power
from registry.domain.rows import Listed, Rows
from registry.domain.terms import Terms


def decide_move(
    target: Group | None,
    source: Group | None,
    *,
    group_id: str,
    bsp: str,
    wish: v1.MoveMembers,
    candidates: Sequence[Candidate],
    terms: Terms,
    at: datetime,
) -> Listed:
    """Members leave one group of the sender's and join another; what joining asks is asked, also of who must leave.

    A switch that is announced ends the new membership, too; to leave the one group is not to leave the other.
    """
    target = open_and_yours(target, bsp)
    source = yours(source, bsp, path="/from_group")
    if wish.from_group == group_id:
        raise rules.GROUP_REPEATED.refused(path="/from_group")
    intake = into(target, terms=terms, at=at, mode=wish.mode)
    intake.take(enumerate(candidates), source=Source(wish.from_group, source))
    intake.check()
    moved = [joiner.metering_point_id for joiner in intake.joiners]
    events = _left(source, wish.from_group, moved, because="moved", at=at)
    events += intake.events(group_id, target)
    if source.status == "ending" and len(moved) == len(source.members):
        events.append(ended(source, wish.from_group, valid_to=at, because="left"))
    return Listed(events, intake.rows)


def decide_split(
    state: Group | None,
    *,
    group_id: str,
    bsp: str,
    wish: v1.SplitGroup,
    taken: Mapping[str, bool],
    candidates: Mapping[str, Candidate],
    terms: Terms,
    at: datetime,
) -> Listed:
    """Form new groups of members, all or nothing; who is not named stays, and if nobody does the group ends.

    `taken`: of the new ids. The rows are the points of all parts, one part behind the other.
    """
    state = open_and_yours(state, bsp)
    _check_ids([part.group_id for part in wish.into], taken)
    places = [
        f"/into/{index}/metering_points/{row}"
        for index, part in enumerate(wish.into)
        for row in range(len(part.metering_points))
    ]
    rows, seen = Rows("/into", tuple(places)), set[str]()
    source = Source(group_id, state)
    intakes: list[Intake] = []
    reasons: list[Reason] = []
    first = 0
    for index, part in enumerate(wish.into):
        path = f"/into/{index}/metering_points"
        intake = Intake(bsp=bsp, zone=state.zone, brps=None, power=Power(), terms=terms, at=at, rows=rows, seen=seen)
        intake.take(enumerate((candidates[each] for each in part.metering_points), first), source=source)
        first += len(part.metering_points)
        reasons += intake.above_max(path) or _too_few(len(set(part.metering_points)), terms, path)
        intakes.append(intake)
    rest = len(state.members) - sum(len(intake.joiners) for intake in intakes)
    if rest:
        reasons += _too_few(rest, terms, "/into")
    if rows.refused or reasons:
        raise rows.refusal(*reasons)
    return Listed(_split(source, wish.into, intakes, rest=rest, terms=terms, at=at), rows)


def decide_merge(
    state: Group | None,
    *,
    group_id: str,
    bsp: str,
    wish: v1.MergeGroups,
    others: Mapping[str, Group | None],
    candidates: Mapping[str, Candidate],
    terms: Terms,
    at: datetime,
) -> Listed:
    """All members of other groups go over to one, all or nothing; the others end. A row is a group."""
    state = open_and_yours(state, bsp)
    sources: list[Source] = []
    for index, other_id in enumerate(wish.groups):
        if other_id == group_id or other_id in wish.groups[:index]:
            raise rules.GROUP_REPEATED.refused(path=f"/groups/{index}")
        sources.append(Source(other_id, open_and_yours(others[other_id], bsp, path=f"/groups/{index}")))
    intake = into(state, terms=terms, at=at)
    intake.rows = Rows("/groups", several=True)
    for index, source in enumerate(sources):
        intake.take(((index, candidates[each]) for each in source.group.members), source=source)
    intake.check()
    events: list[Event] = []
    for source in sources:
        events += _left(source.group, source.group_id, list(source.group.members), because="merged", at=at)
        events.append(ended(source.group, source.group_id, valid_to=at, because="merged", into=(group_id,)))
    merged = v1.GroupsMerged(
        group_id=group_id,
        bsp=bsp,
        zone=state.zone,
        groups=wish.groups,
        members=len(state.members) + len(intake.joiners),
        declared_up_w=intake.power.up_w,
        declared_down_w=intake.power.down_w,
    )
    return Listed([*events, *intake.events(group_id, state), merged], intake.rows)


def _split(
    source: Source, parts: Sequence[v1.NewGroup], intakes: Sequence[Intake], *, rest: int, terms: Terms, at: datetime
) -> list[Event]:
    state = source.group
    split = v1.GroupSplit(
        group_id=source.group_id,
        bsp=state.bsp,
        zone=state.zone,
        into=tuple(
            v1.FormedPart(
                group_id=part.group_id,
                members=len(intake.joiners),
                up_w=intake.power.up_w,
                down_w=intake.power.down_w,
            )
            for part, intake in zip(parts, intakes, strict=True)
        ),
        rest=rest,
    )
    leaving = [joiner.metering_point_id for intake in intakes for joiner in intake.joiners]
    events: list[Event] = [split, *_left(state, source.group_id, leaving, because="split", at=at)]
    for part, intake in zip(parts, intakes, strict=True):
        new = formed(
            group_id=part.group_id,
            bsp=state.bsp,
            name=part.name,
            zone=state.zone,
            brps=intake.brps,
            terms=terms,
            status="forming" if state.status == "forming" else "active",
            category=state.category,
            split_from=source.group_id,
            dsos=(joiner.dso for joiner in intake.joiners),
        )
        events += [new, *intake.events(part.group_id, groups.evolve(None, new))]
    if not rest:
        new_ids = [part.group_id for part in parts]
        events.append(ended(state, source.group_id, valid_to=at, because="split", into=new_ids))
    return events


def _left(
    state: Group,
    group_id: str,
    metering_points: Sequence[str],
    *,
    because: Literal["moved", "split", "merged"],
    at: datetime,
) -> list[Event]:
    """They are members no more, with the sums from then."""
    power = state.power
    for metering_point_id in metering_points:
        power -= state.members[metering_point_id].power
    return [
        v1.MembershipEnded(
            group_id=group_id,
            metering_point_id=metering_point_id,
            bsp=state.bsp,
            dso=state.members[metering_point_id].dso,
            valid_to=at,
            because=because,
            declared_up_w=power.up_w,
            declared_down_w=power.down_w,
        )
        for metering_point_id in metering_points
    ]


def _check_ids(new_ids: Sequence[str], taken: Mapping[str, bool]) -> None:
    for index, new_id in enumerate(new_ids):
        if new_id in new_ids[:index]:
            raise rules.GROUP_REPEATED.refused(path=f"/into/{index}/group_id")
        if taken[new_id]:
            raise rules.ID_NOT_AVAILABLE.refused(path=f"/into/{index}/group_id")


def _too_few(points: int, terms: Terms, path: str) -> list[Reason]:
    if points >= terms.min_members:
        return []
    return [rules.GROUP_NEEDS_SEVERAL_POINTS.reason(path=path, limit=terms.min_members, actual=points)]
