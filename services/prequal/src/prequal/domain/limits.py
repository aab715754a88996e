"""What a group can deliver within its limits, now and from every announced moment on (R36, R38, D4, D12).

A limit caps the sum of some members: of a metering point, of those at a substation or in a grid area, of a DSO's part,
of the whole group. The smaller scope goes first; what it leaves is what the larger one sees. For nested scopes the
result is the exact minimum, for scopes that cross it is never too much. Members under the same limits are added up
before that, so limits cost per limit and moment, not per member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from contracts.prequal import v1
from prequal.domain import known
from prequal.domain.grid import Grid
from prequal.domain.power import NONE, Power

_ORDER = {scope: place for place, scope in enumerate(get_args(v1.LimitScope))}


@dataclass(frozen=True, slots=True)
class Limit:
    """What some members of a group may deliver together, half-open in time; a direction that is None is not limited."""

    kind: Literal["assessment", "temporary-limit", "suspension"]
    scope: v1.LimitScope
    key: str | None
    """The metering point, substation or grid area; None where the scope needs none."""
    by: str
    """Who set it, GLN; of a `part`, whose part it is."""
    reason_code: str
    up_w: int | None
    down_w: int | None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    limit_id: str | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether it is in force at a moment."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_to is None or moment < self.valid_to)


class Taken(NamedTuple):
    """What a limit takes from what the limits before it left."""

    limit: Limit
    power: Power


class Stage(NamedTuple):
    """What the group can deliver from a moment on, until the next stage, and what limits took."""

    moment: datetime
    power: Power
    taken: tuple[Taken, ...] = ()


def standing(grid: Grid) -> tuple[Limit, ...]:
    """The limits in the DSOs' answers that are on more than a point, or on a period."""
    return tuple(
        Limit(
            kind="assessment",
            scope=one.scope,
            key=one.metering_point_id or one.substation,
            by=dso,
            reason_code=one.reason_code,
            up_w=one.up_w,
            down_w=one.down_w,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
        )
        for dso, part in sorted(grid.parts.items())
        for one in part.limits
    )


def deliverable(group: known.Group, grid: Grid, limits: Sequence[Limit], *, at: datetime) -> Power:
    """What the group can deliver at a moment."""
    return deliverable_from(group, grid, limits, at=at)[0].power


def deliverable_from(group: known.Group, grid: Grid, limits: Iterable[Limit], *, at: datetime) -> list[Stage]:
    """What the group can deliver at `at`, and from every later moment at which that may change, in order of time.

    A point that is not allowed anything, because not every DSO asked has answered, counts 0 W (D11, D29).
    """
    coming = [limit for limit in limits if limit.valid_to is None or limit.valid_to > at]
    coming.sort(key=_turn)
    now, changes = _sums(group, grid.allowed, _Masks(coming, grid), at=at)
    moments = {*changes, *(edge for limit in coming for edge in (limit.valid_from, limit.valid_to) if edge)}
    stages = [_stage(at, now, coming)]
    for moment in sorted(moment for moment in moments if moment > at):
        for mask, power in changes.get(moment, {}).items():
            now[mask] = now.get(mask, NONE) + power
        stages.append(_stage(moment, now, coming))
    return stages


def _turn(limit: Limit) -> tuple[int, str, int, str]:
    """The smaller scope first; of one scope the larger cap, so that each that takes something shows what."""
    caps = [cap for cap in (limit.up_w, limit.down_w) if cap is not None]
    return _ORDER[limit.scope], limit.key or limit.by, -max(caps, default=0), limit.limit_id or limit.by


class _Masks:
    """Which of the limits a member is under, as a bit mask."""

    def __init__(self, limits: Sequence[Limit], grid: Grid) -> None:
        self.all = 0
        self.keyed: dict[str, dict[str, int]] = {"metering-point": {}, "substation": {}, "grid-area": {}}
        self.parts: list[tuple[int, frozenset[str]]] = []
        for bit, limit in enumerate(limits):
            mask = 1 << bit
            if limit.scope == "group":
                self.all |= mask
            elif limit.scope == "part":
                part = grid.parts.get(limit.by)
                self.parts.append((mask, part.points if part else frozenset()))
            else:
                of_scope = self.keyed[limit.scope]
                of_scope[limit.key or ""] = of_scope.get(limit.key or "", 0) | mask

    def of(self, point: str, stay: known.Membership) -> int:
        mask = self.all | self.keyed["metering-point"].get(point, 0)
        mask |= self.keyed["substation"].get(stay.substation or "", 0) | self.keyed["grid-area"].get(stay.grid_area, 0)
        for part, points in self.parts:
            if point in points:
                mask |= part
        return mask


def _sums(
    group: known.Group, allowed: Mapping[str, Power], masks: _Masks, *, at: datetime
) -> tuple[dict[int, Power], dict[datetime, dict[int, Power]]]:
    """What the members under the same limits count together at `at`, and how that changes from when on."""
    limited = bool(masks.all or masks.parts or any(masks.keyed.values()))
    now: dict[int, list[int]] = {}
    changes: dict[datetime, dict[int, list[int]]] = {}

    def change(moment: datetime, mask: int, up: int, down: int) -> None:
        total = changes.setdefault(moment, {}).setdefault(mask, [0, 0])
        total[0] += up
        total[1] += down

    members = group.members
    for point, limit in allowed.items():
        for stay in members.get(point, ()):
            up, down, power = limit.up_w, limit.down_w, stay.power
            # Not min(): this runs for each of up to 2,000 points at every join and leave.
            if power.up_w < up:  # noqa: PLR1730
                up = power.up_w
            if power.down_w < down:  # noqa: PLR1730
                down = power.down_w
            mask = masks.of(point, stay) if limited else 0
            valid_to = stay.valid_to
            if valid_to is not None:
                if valid_to <= at:
                    continue
                change(valid_to, mask, -up, -down)
            if stay.valid_from <= at:
                total = now.setdefault(mask, [0, 0])
                total[0] += up
                total[1] += down
            else:
                change(stay.valid_from, mask, up, down)
    return (
        {mask: Power(up, down) for mask, (up, down) in now.items()},
        {moment: {mask: Power(up, down) for mask, (up, down) in each.items()} for moment, each in changes.items()},
    )


def _stage(moment: datetime, sums: Mapping[int, Power], limits: Sequence[Limit]) -> Stage:
    left = dict(sorted(sums.items()))
    taken: list[Taken] = []
    for bit, limit in enumerate(limits):
        if not limit.holds(moment):
            continue
        under = [mask for mask in left if mask & 1 << bit]
        up = _take(left, under, "up_w", limit.up_w)
        down = _take(left, under, "down_w", limit.down_w)
        if up or down:
            taken.append(Taken(limit, Power(up, down)))
    return Stage(moment, known.total(left.values()), tuple(taken))


def _take(left: dict[int, Power], under: Sequence[int], direction: Literal["up_w", "down_w"], cap: int | None) -> int:
    """Reduce the members under a limit to its cap in one direction; how much that was."""
    if cap is None:
        return 0
    over = max(0, sum(getattr(left[mask], direction) for mask in under) - cap)
    rest = over
    for mask in under:
        power = left[mask]
        less = min(rest, getattr(power, direction))
        rest -= less
        left[mask] = power - (Power(less, 0) if direction == "up_w" else Power(0, less))
    return over
