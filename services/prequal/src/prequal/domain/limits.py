"""What a group can deliver within its limits, now and from every announced moment on (R36, R38, D4, D12).

A limit caps the sum of some members: of a metering point, of those at a substation or in a grid area, of a DSO's part,
of the whole group. What can be delivered is the most that obeys them all (`capped`): for nested limits the minimum in
the tree, and one limit more never leaves more. Each is told with what it takes from what the ones before it left, where
there are fewer members first. Members under the same limits are added up before that, so limits cost per limit and
moment, not per member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from contracts.prequal import v1
from prequal.domain import known
from prequal.domain.capped import Cap, are_nested, left_after_all, left_after_each
from prequal.domain.grid import Grid
from prequal.domain.power import NONE, Power

_ORDER = {scope: place for place, scope in enumerate(get_args(v1.LimitScope))}

Members = Mapping[str, Sequence[known.Membership]]
"""Stays by metering point."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What some members of a group may deliver together, half-open in time; a direction that is None is not limited."""

    kind: Literal["assessment", "temporary-limit", "suspension", "qualification", "temporary-approval"]
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
    places: tuple[str, ...] = ()
    """Of a substation or grid area: all that it covers, those below it too; none: just the one."""
    product: v1.Product | None = None
    """None: whatever the group is approved for."""

    def holds(self, moment: datetime) -> bool:
        """Whether it is in force at a moment."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_to is None or moment < self.valid_to)


class Taken(NamedTuple):
    """What a limit takes from what the limits before it left."""

    limit: Limit
    power: Power


class Stage(NamedTuple):
    """What members can deliver from a moment on, until the next stage, and what stands between."""

    moment: datetime
    power: Power
    taken: tuple[Taken, ...] = ()
    declared: Power = NONE
    """What they declare. Less `unassessed`, less what answers on single points take, less `taken`, it is `power`."""
    unassessed: Power = NONE
    """What of it waits for a DSO's answer (D11, D29)."""


def standing(grid: Grid, lines: Mapping[str, Sequence[str]] | None = None) -> tuple[Limit, ...]:
    """The limits in the DSOs' answers that are on more than a point, or on a period.

    `lines`: by a member's substation, itself and those above it; a limit on one covers all that it feeds.
    """
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
            places=tuple(place for place, line in sorted((lines or {}).items()) if one.substation in line),
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
    return Within(grid, limits, at=at).stages(group.members)


class Within:
    """Limits on the members of one group, from a moment on; whoever is asked about, they are looked up once."""

    def __init__(self, grid: Grid, limits: Iterable[Limit], *, at: datetime) -> None:
        self.at = at
        self.limits = [limit for limit in limits if limit.valid_to is None or limit.valid_to > at]
        self._allowed = grid.allowed
        self._open = frozenset(point for part in grid.parts.values() for point in part.questions)
        self._masks = _Masks(self.limits, grid) if self.limits else None

    def stages(self, members: Members) -> list[Stage]:
        """What these members can deliver together, if no others do."""
        sums = self.sums((point, stay) for point, stays in members.items() for stay in stays)
        order = self._order(sums.counts)
        nested = are_nested(sums.counts, order)
        stages: list[Stage] = []
        for moment in self._moments(sums, order):
            sums.step(moment)
            stages.append(self._stage(moment, sums, order, nested=nested))
        return stages

    def powers(self, parts: Sequence[Sums]) -> list[tuple[datetime, Power]]:
        """The same of members whose `sums` are these, without what stands between; only moments that may differ."""
        sums = parts[0] if len(parts) == 1 and not parts[0].changes else Sums.of(parts)
        order = self._order(sums.counts)
        powers: list[tuple[datetime, Power]] = []
        before: list[int] = []
        for moment in self._moments(sums, order):
            held = [bit for bit in order if self.limits[bit].holds(moment)]
            if powers and held == before and moment not in sums.changes:
                continue
            sums.step(moment)
            before = held
            powers.append((moment, Power(self._left(sums, held, 0), self._left(sums, held, 1))))
        return powers

    def _moments(self, sums: Sums, order: Iterable[int]) -> list[datetime]:
        """`at`, and when something changes after it."""
        used = [self.limits[bit] for bit in order]
        edges = {edge for limit in used for edge in (limit.valid_from, limit.valid_to) if edge}
        return [self.at, *sorted(moment for moment in {*sums.changes, *edges} if moment > self.at)]

    def _left(self, sums: Sums, held: Iterable[int], place: Literal[0, 1]) -> int:
        now = {mask: row[place] for mask, row in sums.now.items()}
        total = sum(now.values())
        name = ("up_w", "down_w")[place]
        caps = [Cap(bit, cap) for bit in held if (cap := getattr(self.limits[bit], name)) is not None]
        if all(cap.at_most >= total for cap in caps):
            return total
        return left_after_all({mask: now[mask] for mask in sorted(now)}, caps)

    def _order(self, counts: Mapping[int, int]) -> list[int]:
        """The limits that some of the members are under, where there are fewer members first."""
        sizes = {
            bit: sum(count for mask, count in counts.items() if mask >> bit & 1) for bit in range(len(self.limits))
        }
        return sorted(
            (bit for bit, size in sizes.items() if size), key=lambda bit: (sizes[bit], _turn(self.limits[bit]))
        )

    def sums(self, stays: Iterable[tuple[str, known.Membership]]) -> Sums:
        """What members under the same limits count together at `at`, and how that changes from when on.

        `stays`: metering point and stay.
        """
        at, masks, allowed, waiting = self.at, self._masks, self._allowed, self._open
        sums = Sums()
        now, counts = sums.now, sums.counts
        for point, stay in stays:
            limit = allowed.get(point, NONE)
            allowed_up, allowed_down = limit.up_w, limit.down_w
            valid_to, power = stay.valid_to, stay.power
            if valid_to is not None and valid_to <= max(at, stay.valid_from):
                continue
            declared_up, declared_down = power.up_w, power.down_w
            # No min(), no loop over the figures: this runs for each of up to 2,000 points at every join and leave.
            up = allowed_up if allowed_up < declared_up else declared_up  # noqa: FURB136
            down = allowed_down if allowed_down < declared_down else declared_down  # noqa: FURB136
            mask = masks.of(point, stay) if masks else 0
            if mask not in counts:
                counts[mask] = 0
                now[mask] = [0] * 6
            counts[mask] += 1
            if valid_to is None and stay.valid_from <= at and point not in waiting:
                total = now[mask]
                total[0] += up
                total[1] += down
                total[2] += declared_up
                total[3] += declared_down
                continue
            row = [up, down, declared_up, declared_down, 0, 0]
            if point in waiting:
                row[4:] = declared_up - up, declared_down - down
            if valid_to is not None:
                sums.change(valid_to, mask, row, sign=-1)
            if stay.valid_from <= at:
                _add(now, mask, row)
            else:
                sums.change(stay.valid_from, mask, row)
        return sums

    def _stage(self, moment: datetime, sums: Sums, order: Sequence[int], *, nested: bool) -> Stage:
        masks = sorted(sums.now)
        held = [bit for bit in order if self.limits[bit].holds(moment)]
        left = [0, 0]
        takes = {bit: [0, 0] for bit in held}
        for place, name in enumerate(("up_w", "down_w")):
            caps = [Cap(bit, cap) for bit in held if (cap := getattr(self.limits[bit], name)) is not None]
            levels = left_after_each({mask: sums.now[mask][place] for mask in masks}, caps, nested=nested)
            left[place] = levels[-1]
            for cap, before, after in zip(caps, levels, levels[1:], strict=False):
                takes[cap.bit][place] = before - after
        taken = tuple(Taken(self.limits[bit], Power(*powers)) for bit, powers in takes.items() if any(powers))
        rows = sums.now.values()
        return Stage(
            moment,
            Power(*left),
            taken,
            declared=Power(sum(row[2] for row in rows), sum(row[3] for row in rows)),
            unassessed=Power(sum(row[4] for row in rows), sum(row[5] for row in rows)),
        )


def _turn(limit: Limit) -> tuple[int, str, int, str]:
    """Of as many members the smaller scope first, then the larger cap: so each that takes something shows what."""
    caps = [cap for cap in (limit.up_w, limit.down_w) if cap is not None]
    return _ORDER[limit.scope], limit.key or limit.by, -max(caps, default=0), limit.limit_id or limit.by


class Sums:
    """What members count, declare and wait for, up and down (six figures), by the limits they are under (a bit mask).

    `now`, and how it changes from later moments on; `counts` their stays.
    """

    def __init__(self) -> None:
        self.now: dict[int, list[int]] = {}
        self.changes: dict[datetime, dict[int, list[int]]] = {}
        self.counts: dict[int, int] = {}

    @classmethod
    def of(cls, parts: Iterable[Sums]) -> Sums:
        """Those of several members together."""
        found = cls()
        for part in parts:
            for mask, row in part.now.items():
                _add(found.now, mask, row)
            for mask, count in part.counts.items():
                found.counts[mask] = found.counts.get(mask, 0) + count
            for moment, rows in part.changes.items():
                for mask, row in rows.items():
                    found.change(moment, mask, row)
        return found

    def change(self, moment: datetime, mask: int, row: Sequence[int], *, sign: Literal[1, -1] = 1) -> None:
        """So much more, or less, from a moment on."""
        _add(self.changes.setdefault(moment, {}), mask, row, sign=sign)

    def step(self, moment: datetime) -> None:
        """Go on to a moment."""
        for mask, row in self.changes.get(moment, {}).items():
            _add(self.now, mask, row)


def _add(to: dict[int, list[int]], mask: int, row: Sequence[int], *, sign: Literal[1, -1] = 1) -> None:
    total = to.setdefault(mask, [0] * 6)
    for place, figure in enumerate(row):
        total[place] += sign * figure


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
                for key in limit.places or (limit.key or "",):
                    of_scope[key] = of_scope.get(key, 0) | mask

    def of(self, point: str, stay: known.Membership) -> int:
        mask = self.all | self.keyed["metering-point"].get(point, 0)
        mask |= self.keyed["substation"].get(stay.substation or "", 0) | self.keyed["grid-area"].get(stay.grid_area, 0)
        for part, points in self.parts:
            if point in points:
                mask |= part
        return mask
