"""A policy that those who take part are held against has another value: all groups and objects are held against it.

A round goes along them in order of their ids, some at a step (ADR 0013). Each is held against what is in force by then,
not against the change that began the round, so another change in between is in it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from contracts import values
from contracts.registry import v1

HELD: Final = frozenset(
    {
        "metering-point.group-limit-kw",
        "group.min-kw",
        "group.max-kw",
        "group.warn-margin-kw",
        "group.brp",
    }
)
"""The policies from which it follows who must leave, and what a group, an object or an end user is flagged for."""
GROUPS_A_STEP = 50
MEMBERS_A_STEP = 1_000
"""A step ends behind the group that completes so many members, or so many groups."""
PAUSE: Final = timedelta(seconds=1)


# Who takes part

SHARES: Final = tuple("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Standing:
    """Groups and regulation objects that have not ended, in order: of all, those whose ids end alike."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stands:
    id: str
    stands: bool


OfStanding = v1.GroupFormed | v1.GroupEnded | v1.RegulationObjectFormed | v1.RegulationObjectEnded


def shares(event: OfStanding) -> dict[str, _Stands]:
    """The share that an id is in, and whether it stands."""
    id_ = event.group_id if isinstance(event, v1.GroupFormed | v1.GroupEnded) else event.object_id
    return {id_[-1]: _Stands(id_, isinstance(event, v1.GroupFormed | v1.RegulationObjectFormed))}


def evolve_standing(state: Standing | None, part: _Stands) -> Standing:
    """One more, or one less."""
    ids = state.ids if state else ()
    place = bisect_left(ids, part.id)
    behind = ids[place + 1 :] if ids[place : place + 1] == (part.id,) else ids[place:]
    return Standing((*ids[:place], *((part.id,) if part.stands else ()), *behind))


# The round


@dataclass(frozen=True, slots=True)
class Round:
    """A value that has not reached all."""

    after: str
    """The last one that was held against it; empty before the first."""
    next_at: datetime


def evolve(_state: Round | None, event: v1.GroupsReached) -> Round | None:
    """A round has come so far, or is over."""
    return Round(event.last or "", event.next_at) if event.next_at else None


def turn(ids: Iterable[str], *, after: str) -> tuple[list[str], bool]:
    """Whose turn it may be now, and whether others are left."""
    left = sorted(each for each in ids if each > after)
    return left[:GROUPS_A_STEP], len(left) > GROUPS_A_STEP


def part(members: Mapping[str, int]) -> list[str]:
    """Of those whose turn it may be, in order and by how many members they have, as many as a step takes."""
    found: list[str] = []
    many = 0
    for each, count in members.items():
        if many >= MEMBERS_A_STEP:
            break
        found.append(each)
        many += count
    return found


def name(key: str, valid_from: datetime) -> str:
    """The name of a policy's change."""
    return f"{key}/{values.time_text(valid_from)}"


def decide_ahead(event: v1.PolicySet) -> v1.GroupsReached:
    """The value is one to come: all are held against it from then."""
    return v1.GroupsReached(change=name(event.key, event.valid_from), groups=0, last=None, next_at=event.valid_from)


def decide_step(change: str, held: list[str], *, others_follow: bool, at: datetime) -> v1.GroupsReached:
    """These have been held against it."""
    return v1.GroupsReached(
        change=change,
        groups=len(held),
        last=held[-1] if held else None,
        next_at=at + PAUSE if others_follow else None,
    )
