"""What a change of the validation rules would do to the values of a day that has been: counted, without effect.

A series here is what counts of one line of a point on the day, or what is kept aside of it. What was refused was not
kept, so a milder rule cannot be shown what it would have let in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from meter_ingest.domain import days, known, lines, validation, values
from meter_ingest.domain.checks import NOTHING, Plan, Verdict
from meter_ingest.domain.values import Version

EXAMPLES: Final = 5
"""So many for each DSO."""

Piece = tuple[int, Sequence[int]]
"""The first step of a day, and values without holes from there on."""


@dataclass(slots=True)
class Counts:
    """Of one DSO: series by what becomes of them, now and then."""

    series: int = 0
    now: Counter[str] = field(default_factory=Counter[str])
    then: Counter[str] = field(default_factory=Counter[str])
    examples: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(slots=True)
class Effect:
    """Counts series by series; what it holds does not grow with them."""

    now: Plan
    then: Plan
    local: date
    by_dso: dict[str, Counts] = field(default_factory=dict[str, Counts])
    by_rule: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    def look(
        self,
        point: str,
        line: str,
        standing: Sequence[Version],
        aside: Sequence[Version],
        at: known.PointVersion | None,
    ) -> None:
        """One line of a point: its versions, and those kept aside, as far as no later one counts instead."""
        last = max((one.order for one in standing), default=None)
        waiting = [one for one in aside if last is None or one.order > last]
        for some, is_aside in ((standing, False), (waiting, True)):
            if some:
                minutes, found = pieces(some)
                self._count(point, line, minutes, found, at, aside=is_aside)

    def _count(
        self,
        point: str,
        line: str,
        minutes: int,
        found: Sequence[Piece],
        at: known.PointVersion | None,
        *,
        aside: bool,
    ) -> None:
        counts = self.by_dso.setdefault((at.dso if at else None) or "", Counts())
        now, then = (self._verdict(plan, line, minutes, found, at) for plan in (self.now, self.then))
        counts.series += 1
        for side, verdict in (("now", now), ("then", then)):
            (counts.now if side == "now" else counts.then)[verdict.consequence] += 1
            for rule in {one.rule for one in verdict.findings}:
                self.by_rule.setdefault(rule, Counter())[side] += 1
        if now.consequence != then.consequence and len(counts.examples) < EXAMPLES:
            first = (then if then.findings else now).findings[0]
            counts.examples.append(
                {
                    "metering_point_id": point,
                    "line": line,
                    "kept_aside": aside,
                    "now": now.consequence,
                    "then": then.consequence,
                    "rule": first.rule,
                    "limit": first.limit,
                    "actual": first.actual,
                    "unit": first.unit,
                }
            )

    def _verdict(
        self, plan: Plan, line: str, minutes: int, found: Iterable[Piece], at: known.PointVersion | None
    ) -> Verdict:
        direction, product, _ = lines.parts(line)
        resolution = "PT15M" if minutes == 15 else "PT60M"
        limits = plan.limits(direction, product, resolution, at.settlement if at else None)
        whole = days.day(self.local)
        each = [limits.verdict(some, minutes, [(whole, first, len(some))], at) for first, some in found]
        return max(each, key=lambda one: validation.SEVERITY.index(one.consequence), default=NOTHING)

    def told(self) -> dict[str, Any]:
        """As JSON: `{date, dsos: [{dso, series, now, then, examples}], rules: {key: {now, then}}}`."""
        return {
            "date": self.local.isoformat(),
            "dsos": [
                {
                    "dso": dso,
                    "series": counts.series,
                    "now": _figures(counts.now),
                    "then": _figures(counts.then),
                    "examples": counts.examples,
                }
                for dso, counts in sorted(self.by_dso.items())
            ],
            "rules": {
                rule: {"now": counted["now"], "then": counted["then"]} for rule, counted in sorted(self.by_rule.items())
            },
        }


def pieces(versions: Iterable[Version]) -> tuple[int, list[Piece]]:
    """What counts of a day in the step of the version that counts most; versions in other steps are left out."""
    ordered = sorted(versions, key=lambda one: one.order)
    minutes = ordered[-1].minutes
    steps: dict[int, int] = {}
    for one in ordered:
        if one.minutes == minutes:
            steps.update(enumerate(values.decode(one.width, one.wh), one.first))
    found: list[tuple[int, list[int]]] = []
    for step in sorted(steps):
        if found and found[-1][0] + len(found[-1][1]) == step:
            found[-1][1].append(steps[step])
        else:
            found.append((step, [steps[step]]))
    return minutes, [(first, some) for first, some in found]


def _figures(counts: Counter[str]) -> dict[str, int]:
    return {"accepted": counts["off"], **{name: counts[name] for name in validation.SEVERITY[1:]}}
