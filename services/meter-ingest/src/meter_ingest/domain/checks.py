"""What a series looks like, held against the validation rules in force (`metering.md` §4.2(7), (8)).

The rules are made into plain limits once for all series of a kind of line. Of a series nothing but its greatest value,
its zeros and its first hours are looked at, as long as these are not suspicious. What is found depends on the series,
the rules and what its point is, never on other series: no order of messages can change it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from contracts.message import Rule, Scalar
from contracts.meter_ingest.v1 import Check, Consequence
from meter_ingest.domain import days, known, plausible, rules, validation
from meter_ingest.domain.validation import ValidationRule

Parts = Sequence[tuple[days.Day, int, int]]
"""Of a series by local day: the day, its first step in it, and how many."""

TEXTS: Final[dict[Check, Rule]] = {
    "agreed-power": rules.SERIES_VALUE_ABOVE_LIMIT,
    "fuse": rules.SERIES_VALUE_ABOVE_FUSE,
    "spike": rules.SERIES_SPIKE,
    "zero-run": rules.SERIES_ZERO_RUN,
    "flat-quarters": rules.SERIES_FLAT_QUARTERS,
}
"""What a receipt says of each."""
_HOUR: Final = 60


class Finding(NamedTuple):
    """What one rule found, with the figures that a receipt says.

    No value is among them: receipts are kept for ever, and it stands at its step in what was sent.
    """

    rule: str
    """The validation rule's key."""
    check: Check
    consequence: Consequence
    limit: Scalar
    actual: Scalar
    unit: str
    step: int | None = None
    """Which value of the series; None: the series as a whole."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found of a series, of each check by the gravest rule, the gravest first."""

    findings: tuple[Finding, ...] = ()
    hourly: frozenset[date] = frozenset()
    """The local days of which the quarters look as if an hour had been divided: they are no evidence for a quarter."""

    @property
    def consequence(self) -> Consequence:
        """The gravest."""
        return self.findings[0].consequence if self.findings else "off"

    def after(self, *, confirmed: bool) -> Consequence:
        """What becomes of the series: what its sender confirms is not kept aside, but what is refused stays so."""
        found = self.consequence
        return "warn" if confirmed and found == "quarantine" else found


NOTHING: Final = Verdict()


@dataclass(frozen=True, slots=True)
class Limits:
    """The rules for one kind of line, gravest first."""

    agreed: tuple[ValidationRule, ...] = ()
    fuse: tuple[ValidationRule, ...] = ()
    spike: tuple[ValidationRule, ...] = ()
    zero_run: tuple[ValidationRule, ...] = ()
    flat: tuple[ValidationRule, ...] = ()
    least_agreed: int = 0
    """The lowest percentage of agreed power that anything is looked for above; 0: there is none."""
    least_fuse: int = 0

    def verdict(self, values: Sequence[int], minutes: int, parts: Parts, point: known.PointVersion | None) -> Verdict:
        """Of a series of at least one value, ≥ 0, in steps of `minutes`."""
        found: list[Finding] = []
        most = max(values)
        if point is not None:
            agreed, fuse = point.agreed_power_w * minutes, (point.fuse_w or 0) * minutes
            # Percent of W and minutes: 6,000 of them are a Wh.
            if self.least_agreed and 0 < agreed * self.least_agreed < most * 6000:
                found += _above(self.agreed, values, most, agreed)
            if self.least_fuse and 0 < fuse * self.least_fuse < most * 6000:
                found += _above(self.fuse, values, most, fuse)
            if self.spike and (limit := agreed or fuse):
                found += _spikes(self.spike, values, most, limit)
        if self.zero_run:
            found += _zero_runs(self.zero_run, values, minutes)
        hourly: frozenset[date] = frozenset()
        if self.flat:
            flat, hourly = _flat(self.flat, values, parts)
            found += flat
        if not found:
            return NOTHING
        found.sort(key=lambda one: -validation.SEVERITY.index(one.consequence))
        return Verdict(tuple(found), hourly)

    def most(self, minutes: int, point: known.PointVersion | None) -> int | None:
        """The greatest value that nothing is said of, whatever its neighbours are; None: nothing is of any."""
        if point is None:
            return None
        agreed, fuse = point.agreed_power_w * minutes, (point.fuse_w or 0) * minutes
        each: list[int] = []
        if self.least_agreed and agreed > 0:
            each.append(agreed * self.least_agreed // 6000)
        if self.least_fuse and fuse > 0:
            each.append(fuse * self.least_fuse // 6000)
        if limit := agreed or fuse:
            each += (limit * one.thresholds["limit-percent"] // 6000 for one in self.spike)
        return min(each, default=None)


class Plan:
    """The rules of one moment, as limits by kind of line."""

    def __init__(self, some: Iterable[ValidationRule]) -> None:
        others = validation.FIXED | validation.OF_DAYS
        self.rules = tuple(one for one in some if one.consequence != "off" and one.check not in others)
        self._limits: dict[tuple[str, str, str, str | None], Limits] = {}

    def limits(self, direction: str, product: str, resolution: str, settlement_method: str | None) -> Limits:
        """For such a line of a point that is settled like this."""
        key = (direction, product, resolution, settlement_method)
        found = self._limits.get(key)
        if found is None:
            found = self._limits[key] = _limits([one for one in self.rules if one.covers(*key)])
        return found


class Plans:
    """What was set and ships, as a plan for every moment: made once a batch."""

    def __init__(self, state: validation.Validation | None = None) -> None:
        self._state = state
        self._moments = state.moments() if state else []
        self._plans: dict[int, Plan] = {}

    def at(self, moment: datetime) -> Plan:
        """Of the rules in force then."""
        place = bisect_right(self._moments, moment)
        found = self._plans.get(place)
        if found is None:
            found = self._plans[place] = Plan(validation.in_force(self._state, moment))
        return found


def _limits(some: Sequence[ValidationRule]) -> Limits:
    by: dict[str, list[ValidationRule]] = {}
    for one in sorted(some, key=lambda one: (-validation.SEVERITY.index(one.consequence), one.key)):
        by.setdefault(one.check, []).append(one)
    agreed, fuse = tuple(by.get("agreed-power", ())), tuple(by.get("fuse", ()))
    return Limits(
        agreed=agreed,
        fuse=fuse,
        spike=tuple(by.get("spike", ())),
        zero_run=tuple(by.get("zero-run", ())),
        flat=tuple(by.get("flat-quarters", ())),
        least_agreed=min((one.thresholds["percent"] for one in agreed), default=0),
        least_fuse=min((one.thresholds["percent"] for one in fuse), default=0),
    )


def _above(some: Sequence[ValidationRule], values: Sequence[int], most: int, watt_minutes: int) -> list[Finding]:
    for one in some:
        limit = watt_minutes * one.thresholds["percent"] // 6000
        if most > limit:
            return [Finding(one.key, one.check, one.consequence, limit, None, "Wh", values.index(most))]
    return []


def _spikes(some: Sequence[ValidationRule], values: Sequence[int], most: int, watt_minutes: int) -> list[Finding]:
    """A value alone: far above those on both sides. At the ends of a series there is only one side."""
    if len(values) < 2:
        return []
    for one in some:
        floor, times = watt_minutes * one.thresholds["limit-percent"] // 6000, one.thresholds["percent"]
        if most <= floor:
            continue
        for step, value in enumerate(values):
            if value > floor:
                beside = max((*values[max(0, step - 1) : step], *values[step + 1 : step + 2]))
                if value * 100 > beside * times:
                    return [Finding(one.key, one.check, one.consequence, floor, None, "Wh", step)]
    return []


def _zero_runs(some: Sequence[ValidationRule], values: Sequence[int], minutes: int) -> list[Finding]:
    for one in some:
        steps = one.thresholds["hours"] * _HOUR // minutes
        # A run of so many steps has one of every so many.
        if 0 in values[steps - 1 :: steps]:
            longest, last = _longest_run(values)
            if longest >= steps:
                hours = longest * minutes // _HOUR
                limit = one.thresholds["hours"]
                return [Finding(one.key, one.check, one.consequence, limit, hours, "h", last - longest)]
    return []


def _longest_run(values: Sequence[int]) -> tuple[int, int]:
    """How many zeros in a row at most, and the step behind the first such run."""
    longest = run = end = 0
    for step, value in enumerate(values):
        run = 0 if value else run + 1
        if run > longest:
            longest, end = run, step + 1
    return longest, end


def _flat(some: Sequence[ValidationRule], values: Sequence[int], parts: Parts) -> tuple[list[Finding], frozenset[date]]:
    for one in some:
        at = 0
        found: list[tuple[date, int]] = []
        share, same = one.thresholds["share-basis-points"], one.thresholds["same-wh"]
        hours, levels = one.thresholds["hours"], one.thresholds["levels"]
        for day, first, count in parts:
            # Days begin on a whole hour; what comes before the part's first one, or behind its last, is no hour.
            part = values[at + -first % 4 : at + count]
            if plausible.hourly(part, share=share, fewest=hours, same=same, levels=levels):
                found.append((day.date, at))
            at += count
        if found:
            day, step = found[0]
            finding = Finding(one.key, one.check, one.consequence, share, day.isoformat(), "", step)
            return [finding], frozenset(day for day, _ in found)
    return [], frozenset()
