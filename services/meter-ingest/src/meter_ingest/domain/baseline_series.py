"""What a BSP says that its group will use: plans, and what a method of its own gives (`metering.md` §6.4, §6.5).

Versions are only added. Of each quarter the version counts that was recorded last by the time the activation was
ordered; what was said later is a correction, shown beside it. They are kept by group and local day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts import calendar
from contracts.meter_ingest.v1 import BaselineSubmitted, SubmitBaseline, SubmittedMethod
from meter_ingest.domain import baseline_choice, baseline_rules, blocks, days, known
from meter_ingest.domain.baseline_choice import Baselines, Chosen

_SUBMITTED: tuple[SubmittedMethod, ...] = ("plan", "reported")


@dataclass(frozen=True, slots=True)
class Version:
    """What one version says of a local day."""

    number: int
    method: SubmittedMethod
    recorded_at: datetime
    start: datetime
    wh: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """All that was said of a group's local day, the first said first."""

    versions: tuple[Version, ...] = ()


def names(group_id: str, start: datetime, end: datetime) -> list[str]:
    """The `group|date` of the days that a period touches."""
    return [blocks.key(group_id, day.date) for day in days.days(start, end)]


def submitted(event: BaselineSubmitted) -> dict[str, Version]:
    """What a version says, by `group|date`."""
    found: dict[str, Version] = {}
    for day in days.days(event.period.start, event.period.end):
        start, end = max(day.start, event.period.start), min(day.end, event.period.end)
        first = (start - event.period.start) // days.QUARTER
        wh = event.wh[first : first + (end - start) // days.QUARTER]
        name = blocks.key(event.group_id, day.date)
        found[name] = Version(event.version, event.method, event.recorded_at, start, wh)
    return found


def evolve(state: Submitted | None, version: Version) -> Submitted:
    """One more."""
    return Submitted((*(state.versions if state else ()), version))


Said = Mapping[datetime, int]
"""Wh by the start of a quarter."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A period that an activation was ordered, or amended, to have, and what had been said by then."""

    start: datetime
    end: datetime
    at: datetime
    versions: int | None = None
    """How many its BSP had submitted: at a clock that stands still, a later one is later, too. None: not kept."""

    def reaches(self, quarter: datetime) -> bool:
        """Whether it is one of its quarters, or one on either side, into which its ramps reach."""
        first, last = days.quarter_floor(self.start), days.quarter_ceil(self.end)
        return first - days.QUARTER <= quarter < last + days.QUARTER

    def counts(self, version: Version) -> bool:
        """Whether it was submitted before the order; before the start, where the order was told after that."""
        in_time = version.recorded_at <= baseline_choice.until(self.at, self.start)
        return in_time and (self.versions is None or version.number <= self.versions)


@dataclass(frozen=True, slots=True)
class Agreed:
    """How an activation is verified: by which methods, and what its BSP had submitted."""

    methods: Chosen
    """The primary one first."""
    counting: Mapping[SubmittedMethod, Said] = field(default_factory=dict[SubmittedMethod, Said])
    """By method: what counts of the activation and its two neighbours."""
    corrected: Mapping[SubmittedMethod, Said] = field(default_factory=dict[SubmittedMethod, Said])
    """Those quarters of which something else was said too late to count: shown beside it (§6.5)."""
    versions: tuple[int, ...] = ()
    """Those that count, in order: a run is of exactly these."""


def agreed(
    methods: Chosen,
    found: Mapping[str, Submitted | None],
    *,
    ordered: Sequence[Ordered],
    start: datetime,
    end: datetime,
) -> Agreed:
    """Of an activation in [start, end). `found`: by `names`; `ordered`: the periods that were said of it, in order.

    Each quarter as it stood when an order first reached it: whoever knows the order submits nothing for it any more,
    whatever it is amended to.
    """
    first, last = days.quarter_floor(start) - days.QUARTER, days.quarter_ceil(end) + days.QUARTER
    counted: dict[SubmittedMethod, Said] = {}
    corrected: dict[SubmittedMethod, Said] = {}
    versions: set[int] = set()
    for method in _SUBMITTED:
        if method in methods:
            by_then, by_now = _said(found, method, ordered), _said(found, method, ())
            here = {quarter: one for quarter, one in sorted(by_then.items()) if first <= quarter < last}
            counted[method] = {quarter: wh for quarter, (wh, _) in here.items()}
            versions |= {number for _, number in here.values()}
            corrected[method] = {
                quarter: one[0]
                for quarter, one in sorted(by_now.items())
                if first <= quarter < last and one != here.get(quarter)
            }
    return Agreed(methods, counted, corrected, tuple(sorted(versions)))


def _said(
    found: Mapping[str, Submitted | None], method: SubmittedMethod, ordered: Sequence[Ordered]
) -> dict[datetime, tuple[int, int]]:
    """Per quarter what was said last before an order first reached it, and in which version."""
    said: dict[datetime, tuple[int, int]] = {}
    for state in found.values():
        for version in state.versions if state else ():
            for index, wh in enumerate(version.wh if version.method == method else ()):
                quarter = version.start + index * days.QUARTER
                first = next((one for one in ordered if one.reaches(quarter)), None)
                if first is None or first.counts(version):
                    said[quarter] = (wh, version.number)
    return said


def decide_submitted(
    state: Baselines | None,
    command: SubmitBaseline,
    *,
    group_id: str,
    group: known.Group | None,
    sender: str,
    ahead_days: int,
    at: datetime,
) -> BaselineSubmitted:
    """One more version, of quarters that have not begun."""
    if group is None or group.bsp != sender:
        raise baseline_rules.BASELINE_GROUP_UNKNOWN.refused(path="/subject", actual=group_id)
    start, end = command.period.start, command.period.end
    for name, moment in (("start", start), ("end", end)):
        if not calendar.is_quarter(moment):
            raise baseline_rules.BASELINE_NOT_QUARTERS.refused(
                path=f"/period/{name}", actual=calendar.local_text(moment)
            )
    if start < at:
        raise baseline_rules.BASELINE_BEGUN.refused(
            path="/period/start", limit=calendar.local_text(at), actual=calendar.local_text(start)
        )
    latest = calendar.after_days(at, ahead_days)
    if end > latest:
        raise baseline_rules.BASELINE_TOO_FAR.refused(
            path="/period/end", limit=calendar.local_text(latest), actual=calendar.local_text(end)
        )
    count = (end - start) // days.QUARTER
    if len(command.wh) != count:
        raise baseline_rules.BASELINE_COUNT.refused(path="/wh", limit=count, actual=len(command.wh))
    return BaselineSubmitted(
        group_id=group_id,
        bsp=sender,
        method=command.method,
        version=(state.versions if state else 0) + 1,
        period=command.period,
        wh=command.wh,
        recorded_at=at,
    )
