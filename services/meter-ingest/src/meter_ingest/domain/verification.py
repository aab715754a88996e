"""What an activation delivered (`metering.md` §6, D19, D20, MV-22, MV-23).

Delivered upwards is what consumption fell, or production rose, under or over the baseline; downwards the opposite. Both
directions are put as consumption, production counting negative, so one formula holds. Integers throughout; shares are
rounded half up.

A point counts in the quarters in which it is a member, the BSP holds it (`control`), and it misses nothing
(`evidence`); the points that count in the same ones have one baseline together. The quarters that a baseline reads are
looked at whoever held the point then. The quarters on either side are shown because ramps reach into them (`ramps`):
what is held against the tolerance is the whole, with them; where other orders of the group reach into any of these
quarters, this one's share of it (`together`). They decide no result, and a point that counts at the edge of the
activation counts in the one beside it, too, whoever holds it there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

import numpy as np

from contracts.message import Event
from contracts.meter_ingest.v1 import ActivationVerified, OrderBeside, SubmittedMethod, VerifiedWhole
from contracts.values import Period
from meter_ingest.domain import allocation, baselines, days, evidence, ramps, readings, shown, together
from meter_ingest.domain.activation import Activation, windows_of
from meter_ingest.domain.evidence import Evidence
from meter_ingest.domain.readings import WORST, Ints, Readings
from meter_ingest.domain.shares import basis_points
from meter_ingest.domain.values import Quality, Reading

Because = Literal["complete", "deadline", "revision", "asked"]


@dataclass(frozen=True)
class Run:
    """All that a run is made from. What follows from it is computed once, when it is first asked for.

    `readings` by (point, line), for each channel that a point has, over the quarters of `windows_of`; a point without
    any is missing. `held`: the points that the BSP holds in some quarter of the activation, and in which; the others
    are none of its own. `covered`: the quarters that other activations of the group touch.
    """

    state: Activation
    readings: Mapping[tuple[str, str], Reading]
    held: Mapping[str, tuple[bool, ...]]
    plan: Mapping[datetime, int] = field(default_factory=dict[datetime, int])
    reported: Mapping[datetime, int] = field(default_factory=dict[datetime, int])
    corrected: Mapping[SubmittedMethod, Mapping[datetime, int]] = field(default_factory=dict)
    """What was submitted too late to count."""
    covered: frozenset[datetime] = frozenset()
    beside: tuple[OrderBeside, ...] = ()
    """Of those, and of others whose ramps reach that far: the orders with which this one shares quarters."""

    @cached_property
    def quarters(self) -> tuple[datetime, ...]:
        """The activation's own."""
        return self.ordered.starts[1:-1]

    @cached_property
    def ordered(self) -> ramps.Ordered:
        """What was ordered, with a neighbour on either side."""
        return ramps.ordered(self.state.power_w, self.state.start, self.state.end, self.state.ramp_s)

    @cached_property
    def asked(self) -> tuple[together.Asked | None, ...]:
        """What others of the group's orders ask for in the same quarters, where they do; as `ordered` has them."""
        return together.asked(self.state, self.beside)

    @cached_property
    def towards(self) -> int:
        """What counts as delivered: less consumption, or more."""
        return 1 if self.state.direction == "up" else -1

    @cached_property
    def read(self) -> dict[datetime, int]:
        """Where each quarter stands in what was read."""
        windows = windows_of(self.state, self.covered)
        found = [
            start + index * days.QUARTER for start, end in windows for index in range((end - start) // days.QUARTER)
        ]
        return {quarter: place for place, quarter in enumerate(found)}

    @cached_property
    def columns(self) -> Readings:
        """What was read, by column."""
        return readings.of(self.readings)

    @cached_property
    def looked(self) -> evidence.Looked:
        """At each point that the BSP holds."""
        held = {point: self.held[point] for point in self.state.points if point in self.held}
        own = self.read[self.quarters[0]]
        places = evidence.Places(range(own, own + len(self.quarters)), self._needed, len(self.read))
        return evidence.of_points(self.columns, held, places)

    @property
    def points(self) -> list[Evidence]:
        """Of each point that the BSP holds."""
        return self.looked.points

    @cached_property
    def sets(self) -> list[tuple[list[Evidence], tuple[bool, ...], baselines.Given]]:
        """The points that count in the same quarters, in which, and what is known of them together."""
        by_counts: dict[tuple[bool, ...], list[Evidence]] = {}
        for one in self.points:
            if any(one.counts):
                by_counts.setdefault(one.counts, []).append(one)
        return [(some, counts, self.given(some)) for counts, some in by_counts.items()]

    def given(self, some: Sequence[Evidence]) -> baselines.Given:
        """What is known of some points together."""
        sums: list[dict[datetime, int | None] | None] = []
        rows = np.array([one.row for one in some], np.int64)
        for lines, wh, rank in zip(self.looked.lines, self.looked.wh, self.looked.rank, strict=True):
            there = rows[lines[rows]]
            missing = (rank[there] == 0).any(axis=0).tolist()
            column = (
                None if misses else one for one, misses in zip(wh[there].sum(axis=0).tolist(), missing, strict=True)
            )
            sums.append(dict(zip(self.read, column, strict=True)) if len(there) else None)
        first, last = self.quarters[0], self.quarters[-1] + days.QUARTER
        return baselines.Given(first, last, *sums, plan=self.plan, reported=self.reported, covered=self.covered)

    def baseline(self, method: baselines.Method) -> tuple[int, ...] | baselines.Lacking:
        """The group's, per quarter of the activation, of the points that count in it."""
        if not self.points:
            return (0,) * len(self.quarters)
        sets = [(given, counts) for _, counts, given in self.sets]
        # What was submitted is of the whole group: it says nothing where the group is not whole in every quarter.
        partly = len(self.state.points) - sum(len(some) for some, counts, _ in self.sets if all(counts))
        return baselines.of_group(method, sets, missing_points=partly)

    @cached_property
    def metered(self) -> tuple[int, ...]:
        """Per quarter, of the points that count in it."""
        return tuple(
            sum(one.wh[index] or 0 for some, counts, _ in self.sets if counts[index] for one in some)
            for index in range(len(self.quarters))
        )

    @cached_property
    def primary(self) -> tuple[int, ...] | baselines.Lacking:
        """What counts."""
        return self.baseline(self.state.methods[0])

    @cached_property
    def allocated(self) -> dict[str, tuple[int | None, ...]]:
        """Wh delivered per quarter by point, None where it does not count; nothing, where the baseline lacks something.

        The points of a quarter add up to the group's figure of it, exactly.
        """
        if isinstance(self.primary, baselines.Lacking):
            return {}
        return allocation.allocate(self.points, self.primary, lambda one: self._own[one.row], towards=self.towards)

    @cached_property
    def _own(self) -> list[list[int]]:
        """Each point's own baseline by the primary method, as `baselines.compute` has it; 0 where there is none.

        What was submitted is of the whole group: there, a point's own is *meter before*.
        """
        method = self.state.methods[0]
        if method == "zero":
            return [[0] * len(self.quarters)] * len(self.points)
        if method == "sliding-window":
            return self._sliding().tolist()
        places = self._needed
        if method in ("plan", "reported"):
            first, last = self.quarters[0], self.quarters[-1] + days.QUARTER
            needed = baselines.required("meter-before", first, last, covered=self.covered)
            if len(needed) < baselines.QUARTERS:
                return [[0] * len(self.quarters)] * len(self.points)
            places = tuple(self.read[one] for one in needed)
        whole = self.looked.worst[:, places].min(axis=1, keepdims=True) > 0
        return np.where(whole, self._flat(places), 0).tolist()

    def _flat(self, places: Sequence[int]) -> Ints:
        """The mean of some quarters of each line, as a whole, then divided: the remainder to the earliest."""
        count = len(self.quarters)
        total = np.zeros((len(self.points), count), np.int64)
        for sign, wh in zip((1, -1), self.looked.wh, strict=True):
            share, left = np.divmod(wh[:, places].sum(axis=1, keepdims=True) * count // len(places), count)
            total += sign * (share + (np.arange(count) < left))
        return total

    def _sliding(self) -> Ints:
        """The mean of each point's last like days that miss nothing; 0 throughout, where it has too few."""
        looked = self.looked
        enough = np.ones(len(self.points), bool)
        parts: list[Ints] = []
        for like in baselines.like_days(self.quarters[0], self.quarters[-1] + days.QUARTER, covered=self.covered):
            places = np.array([[self.read[quarter] for quarter in day] for day in like], np.int64)
            if len(places) < baselines.LIKE_DAYS:
                enough[:] = False
                break
            whole = (looked.worst[:, places] > 0).all(axis=2)
            some = whole & (whole.cumsum(axis=1) <= baselines.LIKE_DAYS)
            enough &= some.sum(axis=1) == baselines.LIKE_DAYS
            used, made = ((wh[:, places] * some[:, :, None]).sum(axis=1) // baselines.LIKE_DAYS for wh in looked.wh)
            parts.append(used - made)
        zero = np.zeros((len(self.points), len(self.quarters)), np.int64)
        return np.where(enough[:, None], np.concatenate(parts, axis=1), 0) if enough.any() else zero

    @cached_property
    def _needed(self) -> tuple[int, ...]:
        first, last = self.quarters[0], self.quarters[-1] + days.QUARTER
        needed = baselines.required(self.state.methods[0], first, last, covered=self.covered)
        return tuple(self.read[one] for one in needed)

    @cached_property
    def revisions_sha256(self) -> str:
        """Over all that it is made from: versions of values, points that do not count throughout, what is covered."""
        held = [
            (point, "".join("01"[each] for each in self.held.get(point, ())))
            for point in self.state.points
            if not all(self.held.get(point, (False,)))
        ]
        others = [f"covered:{one.isoformat()}" for one in self.covered]
        others += [f"beside:{one.model_dump_json()}" for one in self.beside]
        others += [f"plan:{start.isoformat()}:{wh}" for start, wh in self.plan.items()]
        others += [f"reported:{start.isoformat()}:{wh}" for start, wh in self.reported.items()]
        return hashlib.sha256(self.columns.names(held, others)).hexdigest()


def decide_verified(
    run: Run,
    *,
    because: Because,
    tolerance_pct: str,
    as_of: Mapping[str, int] | None = None,
    at: datetime | None = None,
) -> list[Event]:
    """A verification run on what counts now, unless the current run already used exactly this.

    At its deadline, and when it is asked for, it is made again all the same.
    """
    was = run.state.run
    # Of members that are held throughout and nothing came of, the hash says nothing.
    is_same = was is not None and (was.revisions_sha256, was.points) == (run.revisions_sha256, len(run.points))
    if is_same and because not in ("deadline", "asked"):
        return []
    return [told(run, because=because, tolerance_pct=tolerance_pct, as_of=as_of or {}, at=at)]


def told(
    run: Run, *, because: Because, tolerance_pct: str, as_of: Mapping[str, int], at: datetime | None
) -> ActivationVerified:
    """What is published of a run."""
    state = run.state
    assert state.bsp is not None
    counts = Counter(one.worst for one in run.points)
    # Where nobody was a member nothing is 0: nothing is said.
    quarters = shown.quarters(run) if run.points else []
    neighbours = shown.neighbours(run) if quarters else []
    whole = shown.whole(quarters, neighbours)
    energy = _energy(run.points)
    is_whole = run.points and quarters and not counts["missing"]
    return ActivationVerified(
        activation_id=state.activation_id,
        group_id=state.group_id,
        bsp=state.bsp,
        run=max(state.runs, state.run.number if state.run else 0) + 1,
        because=because,
        result="incomplete" if not is_whole else "verified" if counts["measured"] == len(run.points) else "provisional",
        baseline_method=state.methods[0],
        quarters=tuple(quarters),
        points=len(run.points),
        measured_points=counts["measured"],
        derived_points=counts["derived"],
        estimated_points=counts["estimated"],
        missing_points=counts["missing"],
        derived_basis_points=basis_points(energy["derived"], sum(energy.values())),
        tolerance_pct=tolerance_pct,
        within_tolerance=_within(whole, tolerance_pct),
        revisions_sha256=run.revisions_sha256,
        judged="whole-with-ramps",
        version=state.version,
        neighbours=tuple(neighbours),
        whole=whole,
        measured_basis_points=basis_points(energy["measured"], sum(energy.values())),
        lacking="points-missing"
        if not run.points
        else run.primary.why
        if isinstance(run.primary, baselines.Lacking)
        else None,
        others=tuple(shown.others(run)),
        covered=shown.periods(run.covered),
        allocation_sha256=allocation.sha256(run.allocated, run.columns.salts()) if quarters else None,
        as_of=shown.read_up_to(as_of),
        apart=shown.apart(run),
        period=Period(start=state.start, end=state.end) if at else None,
        at=at,
        read_as=shown.read_as(run),
        beside=run.beside,
    )


def allocated(run: Run) -> dict[str, tuple[int, ...]]:
    """Wh delivered per quarter of the activation, by point: in a quarter they add up to the group's, exactly.

    By the primary baseline. 0 in a quarter in which a point does not count; one that counts in none is left out.
    """
    return {point: tuple(one or 0 for one in figures) for point, figures in run.allocated.items()}


def _energy(points: Iterable[Evidence]) -> dict[Quality, int]:
    """The energy that baselines rest on, by evidence; a point's once for each quarter in which it is looked at."""
    found: dict[Quality, int] = dict.fromkeys(WORST, 0)
    alike: Counter[tuple[Quality | None, ...]] = Counter()
    for one in points:
        alike[one.quality] += one.baseline_energy
    for qualities, energy in alike.items():
        for quality in qualities:
            if quality is not None:
                found[quality] += energy
    return found


def _within(whole: VerifiedWhole | None, tolerance_pct: str) -> bool:
    low, _, high = tolerance_pct.partition("..")
    return whole is not None and int(low) * 100 <= whole.basis_points <= int(high) * 100
