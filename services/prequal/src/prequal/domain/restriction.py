"""Temporary limits and suspensions, what they are on, and where they stand (R38, R39, E17).

Both are the same thing: a limit, for a suspension of 0 W, on what members of some groups deliver together, in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from contracts.prequal import v1
from prequal.domain.application import Application
from prequal.domain.bsp import Bsp
from prequal.domain.limits import Limit
from prequal.domain.power import Power

What = v1.LimitScope | v1.SuspensionTarget

KEYS: Final[dict[What, str]] = {
    "metering-point": "metering_point_id",
    "substation": "substation",
    "grid-area": "grid_area",
    "part": "group_id",
    "group": "group_id",
    "group-product": "group_id",
    "bsp": "bsp",
    "bsp-product": "bsp",
}
"""What it is on, by scope or target: the field of the command that names it."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A temporary limit or a suspension, with the groups it has hit."""

    what: What
    key: str
    """The metering point, substation, grid area, group or BSP."""
    limit: Limit
    text: str
    told: tuple[str, ...] = ()
    """Of a limit: the DSOs in whose grid it is."""
    bsp: str | None = None
    """Of a suspension: whose it is, where that is told."""
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """By group: the DSOs that were told with it."""
    shares: dict[str, tuple[int | None, int | None]] = field(default_factory=dict[str, tuple[int | None, int | None]])
    """Of a limit on a substation or grid area, by group: what it may deliver of it, up and down; not named: nothing."""
    could: dict[str, Power] = field(default_factory=dict[str, Power])
    """By group, until the limit is shared: what could be activated of it there, as far as that is reckoned."""
    held_back: tuple[str, ...] = ()
    """The groups that have been told less than their share: others may still have what makes up the rest."""
    is_over: bool = False

    @property
    def kind(self) -> v1.RestrictionKind:
        """Which of the two it is."""
        return "suspension" if self.limit.kind == "suspension" else "temporary-limit"

    @property
    def is_shared(self) -> bool:
        """Whether all groups under it share what it allows."""
        return self.limit.scope in {"substation", "grid-area"}

    def of_group(self, group_id: str) -> tuple[int | None, int | None]:
        """What it leaves a group, up and down; None: that direction is not limited."""
        limit = self.limit
        if not self.is_shared:
            return limit.up_w, limit.down_w
        up_w, down_w = self.shares.get(group_id, (0, 0))
        return None if limit.up_w is None else up_w, None if limit.down_w is None else down_w

    @property
    def valid_from(self) -> datetime:
        """When it begins; it always does."""
        assert self.limit.valid_from is not None
        return self.limit.valid_from


OfLimit = v1.TemporaryLimitSet | v1.TemporaryLimitChanged | v1.TemporaryLimitLifted | v1.TemporaryLimitEnded
"""What says where it stands, and since or until when."""
OfSuspension = v1.SuspensionSet | v1.SuspensionLifted | v1.SuspensionEnded


def evolve(
    state: Restriction | None,
    event: OfLimit
    | OfSuspension
    | v1.TemporaryLimitShared
    | v1.GroupsReached
    | v1.GroupRestricted
    | v1.GroupRestrictionEnded,
) -> Restriction | None:
    """Fold an own event."""
    if isinstance(event, v1.TemporaryLimitSet):
        limit = Limit(
            kind="temporary-limit",
            scope=event.scope,
            key=event.key if event.scope in {"metering-point", "substation", "grid-area"} else None,
            by=event.by,
            reason_code=event.reason_code,
            up_w=event.up_w,
            down_w=event.down_w,
            valid_from=event.valid_from,
            valid_to=event.valid_to,
            limit_id=event.limit_id,
        )
        return Restriction(what=event.scope, key=event.key, limit=limit, text=event.text, told=event.dsos)
    if isinstance(event, v1.SuspensionSet):
        return _suspended(event)
    return _evolve(state, event) if state else None


def _evolve(state: Restriction, event: object) -> Restriction:
    match event:
        case v1.GroupRestricted():
            others = tuple(each for each in state.held_back if each != event.group_id)
            is_less = state.is_shared and (event.up_w, event.down_w) != state.of_group(event.group_id)
            return replace(
                state,
                groups={**state.groups, event.group_id: event.dsos},
                held_back=(*others, event.group_id) if is_less else others,
            )
        case v1.GroupRestrictionEnded():
            groups = {group: dsos for group, dsos in state.groups.items() if group != event.group_id}
            held_back = tuple(each for each in state.held_back if each != event.group_id)
            return replace(state, groups=groups, held_back=held_back)
        case v1.TemporaryLimitChanged():
            limit = replace(state.limit, up_w=event.up_w, down_w=event.down_w, valid_to=event.valid_to)
            # What it allows is shared anew.
            return replace(state, limit=limit, text=event.text, shares={}, could={}, held_back=())
        case v1.GroupsReached():
            could = {one.group_id: Power(one.up_w, one.down_w) for one in event.could}
            return replace(state, could={**state.could, **could})
        case v1.TemporaryLimitShared():
            shares = {one.group_id: (one.up_w, one.down_w) for one in event.shares}
            return replace(state, shares={**state.shares, **shares}, could={})
        case _:
            return replace(state, is_over=True)


def _suspended(event: v1.SuspensionSet) -> Restriction:
    scope: v1.LimitScope = event.target if event.target in ("metering-point", "part") else "group"
    limit = Limit(
        kind="suspension",
        scope=scope,
        key=event.key if scope == "metering-point" else None,
        by=event.by,
        reason_code=event.reason_code,
        up_w=0,
        down_w=0,
        valid_from=event.valid_from,
        valid_to=event.valid_to,
        limit_id=event.suspension_id,
        product=event.product,
    )
    return Restriction(what=event.target, key=event.key, limit=limit, text=event.text, bsp=event.bsp)


# What there is at a place


@dataclass(frozen=True, slots=True)
class Standing:
    """The restrictions that are on one thing (`of`), not over yet, by id."""

    ids: tuple[str, ...] = ()


def of(what: What, key: str) -> str:
    """The index that a restriction stands in: a group's or a BSP's are one, whatever of it they are on."""
    return f"{KEYS[what]}|{key}"


def reckoned(event: v1.GroupsReached) -> tuple[str, ...]:
    """The limit that a step of a change is of, if it says what could be activated there."""
    return (event.change.partition("/")[2],) if event.could else ()


def left(event: v1.GroupRestrictionEnded) -> tuple[str, ...]:
    """The restriction that does not hit a group any more though it stands; one that is over keeps whom it has hit."""
    return (event.restriction_id,) if event.because == "elsewhere" else ()


Leaves = tuple[int | None, int | None]
"""What a limit leaves a group, up and down; None: that direction is not limited."""


def tighter(one: Leaves, other: Leaves) -> Leaves:
    """The smaller of the two in each direction."""
    up_w, down_w = (
        min((cap for cap in caps if cap is not None), default=None) for caps in zip(one, other, strict=True)
    )
    return up_w, down_w


def where(event: OfLimit | OfSuspension) -> str:
    """The same, of an event."""
    return of(event.target if isinstance(event, OfSuspension) else event.scope, event.key)


def evolve_standing(state: Standing | None, event: OfLimit | OfSuspension) -> Standing:
    """A restriction begins to stand, or is over."""
    others = tuple(each for each in (state or Standing()).ids if each != event.subject)
    over = isinstance(
        event, v1.TemporaryLimitLifted | v1.TemporaryLimitEnded | v1.SuspensionLifted | v1.SuspensionEnded
    )
    return Standing(others if over else (*others, event.subject))


def unverified(application: Application) -> tuple[Limit, ...]:
    """What may be bid from the end of what was approved for a time, while it is not verified: nothing."""
    running = application.clock("verification")
    if running is None:
        return ()
    return (
        Limit(
            kind="temporary-approval",
            scope="group",
            key=None,
            by=application.bsp,
            reason_code="not-verified",
            up_w=0,
            down_w=0,
            valid_from=running.clock.due_at,
            product=application.product,
        ),
    )


def unqualified(
    bsp: Bsp | None,
    *,
    gln: str,
    products: Iterable[str],
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Limit, ...]:
    """What a BSP may bid of each product while it is not qualified for it, from `at` on as far as is known: nothing.

    `since`, `until`: when a group becomes its own, or is its own no more, where that is announced.
    """

    def within(gap: tuple[datetime | None, datetime | None]) -> tuple[datetime | None, datetime | None]:
        begins = [moment for moment in (gap[0], since) if moment]
        ends = [moment for moment in (gap[1], until) if moment]
        return max(begins, default=None), min(ends, default=None)

    return tuple(
        Limit(
            kind="qualification",
            scope="group",
            key=None,
            by=gln,
            reason_code="not-qualified",
            up_w=0,
            down_w=0,
            valid_from=begin,
            valid_to=end,
            product=product,
        )
        for product in products
        for begin, end in map(within, (bsp or Bsp()).gaps(product, at))
        if begin is None or end is None or begin < end
    )
