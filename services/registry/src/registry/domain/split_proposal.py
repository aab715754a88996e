"""How a group could be split, as evenly over the substations as is found (R10, R17, R18, E3, E19).

A split takes nothing away from a substation; it spreads what is behind one over several groups. So each substation's
members are dealt to the parts in turn, which keeps both the largest share of a part and what any part has behind one
substation low. Greedy, the largest first: O(n log n) for each number of parts.

Only members that a new group may have are dealt: each is asked what joining asks. The others are named with the rule
that stands in the way, and stay behind, with as many more as the group needs to be one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from contracts.registry import v1
from registry.domain import rules
from registry.domain.concentration import (
    Direction,
    Place,
    by_substation,
    direction_of,
    in_direction,
    largest_of,
    substation_of,
)
from registry.domain.group import Group, Member
from registry.domain.group_life import open_and_yours
from registry.domain.intake import Candidate, Intake, Joiner, Source
from registry.domain.power import Power
from registry.domain.terms import Terms

MOST_PARTS = 10
"""As many as one command can form."""

Why = Literal["one-substation", "parts-too-small", "parts-too-large", "no-better"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The parts, or why a split does not help; `most_behind_w` is what stands behind one substation now."""

    most_behind_w: int
    parts: tuple[v1.ProposedPart, ...] = ()
    because: Why | None = None


@dataclass(frozen=True, slots=True)
class _Dealt:
    """A member to be dealt; one at an unknown place is held to lie at the largest."""

    metering_point_id: str
    power: Power
    place: Place | None
    weight_w: int


@dataclass(slots=True)
class _Part:
    """Members dealt to one part so far; `behind` by place (W)."""

    metering_points: list[str] = field(default_factory=list)
    power: Power = field(default_factory=Power)
    behind: dict[Place | None, int] = field(default_factory=dict)

    def put(self, member: _Dealt) -> None:
        self.metering_points.append(member.metering_point_id)
        self.power += member.power
        self.behind[member.place] = self.behind.get(member.place, 0) + member.weight_w

    @property
    def most_behind_w(self) -> int:
        return max(self.behind.values(), default=0)


def decide_propose(
    state: Group | None,
    *,
    group_id: str,
    asks: str,
    any_group: bool,
    parts: int | None,
    candidates: Sequence[Candidate],
    terms: Terms,
    at: datetime,
) -> v1.SplitProposed:
    """Answer the BSP of a group, or (`any_group`) the TSO. `candidates`: all its members."""
    if state is None and any_group:
        raise rules.GROUP_UNKNOWN.refused(path="/subject")
    group = open_and_yours(state, state.bsp if state is not None and any_group else asks)
    intake = Intake(bsp=group.bsp, zone=group.zone, brps=group.brps, power=Power(), terms=terms, at=at)
    intake.take(enumerate(candidates), source=Source(group_id, group))
    in_the_way = [
        v1.InTheWay(metering_point_id=candidates[row.row].metering_point_id, code=row.code)
        for row in intake.rows.refused
    ]
    found = propose(
        _dealable(group, intake.joiners, terms),
        parts=parts,
        min_w=terms.group_min_w,
        max_w=terms.group_max_w,
        min_members=terms.min_members,
    )
    return v1.SplitProposed(
        group_id=group_id,
        bsp=group.bsp,
        helps=found.because is None,
        because=found.because,
        parts=found.parts,
        in_the_way=tuple(in_the_way),
        most_behind_w=_most_behind_w(group.members),
        group_min_w=terms.group_min_w,
        group_max_w=terms.group_max_w,
    )


def _dealable(group: Group, joiners: Sequence[Joiner], terms: Terms) -> dict[str, Member]:
    """Who may go into the parts. If somebody stays behind, so do as many as a group needs: the smallest."""
    staying = len(group.members) - len(joiners)
    held_back = max(0, terms.min_members - staying) if staying else 0
    by_size = sorted(joiners, key=lambda joiner: (joiner.power.size_w, joiner.metering_point_id))
    return {
        joiner.metering_point_id: replace(group.members[joiner.metering_point_id], power=joiner.power)
        for joiner in by_size[held_back:]
    }


def _most_behind_w(members: Mapping[str, Member]) -> int:
    power = sum((member.power for member in members.values()), Power())
    return max(_behind(_dealt(members, direction_of(power))).values(), default=0)


def propose(
    members: Mapping[str, Member], *, parts: int | None, min_w: int, max_w: int, min_members: int = 1
) -> Proposal:
    """As few parts as may be, or so many: every member in one, each size within the limits.

    It helps a group that is too large, and one of which then less stands behind any one substation.
    """
    power = Power()
    for member in members.values():
        power += member.power
    dealt = _dealt(members, direction_of(power))
    behind = _behind(dealt)
    most_behind_w = max(behind.values(), default=0)
    too_large = power.size_w > max_w
    fewest, most = max(2, -(-power.size_w // max_w)), min(MOST_PARTS, power.size_w // max(min_w, 1))
    if not too_large and len(behind) < 2:
        return Proposal(most_behind_w, because="one-substation")
    if parts is not None and parts < fewest:
        return Proposal(most_behind_w, because="parts-too-large")
    fitting = False
    for number in range(fewest, most + 1) if parts is None else range(parts, min(parts, most) + 1):
        for found in (_evenly(dealt, behind, number), _by_size(dealt, number)):
            if not all(
                min_w <= part.power.size_w <= max_w and min_members <= len(part.metering_points) <= v1.MAX_ROWS
                for part in found
            ):
                continue
            fitting = True
            if too_large or max(part.most_behind_w for part in found) < most_behind_w:
                return Proposal(most_behind_w, tuple(map(_proposed, found)))
    return Proposal(most_behind_w, because="no-better" if fitting else "parts-too-small")


def _dealt(members: Mapping[str, Member], direction: Direction) -> list[_Dealt]:
    largest = largest_of(by_substation(members.values(), direction))
    return [
        _Dealt(
            metering_point_id,
            member.power,
            substation_of(member) or largest,
            in_direction(member.power, direction),
        )
        for metering_point_id, member in members.items()
    ]


def _behind(dealt: Sequence[_Dealt]) -> dict[Place | None, int]:
    behind: dict[Place | None, int] = {}
    for one in dealt:
        behind[one.place] = behind.get(one.place, 0) + one.weight_w
    return behind


def _evenly(dealt: Sequence[_Dealt], behind: Mapping[Place | None, int], number: int) -> list[_Part]:
    """Substation by substation, the largest first: each member to the part that has least there, then least at all."""
    parts = [_Part() for _ in range(number)]
    for one in sorted(
        dealt, key=lambda one: (-behind[one.place], one.place or (), -one.weight_w, one.metering_point_id)
    ):
        min(parts, key=lambda part: (part.behind.get(one.place, 0), part.power.size_w)).put(one)
    return parts


def _by_size(dealt: Sequence[_Dealt], number: int) -> list[_Part]:
    """The largest member first, to the smallest part: where few large members would make uneven parts."""
    parts = [_Part() for _ in range(number)]
    for one in sorted(dealt, key=lambda one: (-one.power.size_w, one.metering_point_id)):
        min(parts, key=lambda part: part.power.size_w).put(one)
    return parts


def _proposed(part: _Part) -> v1.ProposedPart:
    return v1.ProposedPart(
        metering_points=tuple(sorted(part.metering_points)),
        up_w=part.power.up_w,
        down_w=part.power.down_w,
        most_behind_w=part.most_behind_w,
    )
