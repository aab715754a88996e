"""Which channel the balance is settled on, per local day (seed 004, `metering.md` §5).

What a metering point is says how it is settled and in which resolution; a channel of that line must be open. All of it
is by whole local days: a fact that begins within a day holds from the next one (the first fact from its own day on).
Nothing here remembers anything: whatever order facts come in, the same facts and channels give the same days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple, Protocol

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import CountingChannelChanged, CountingDays, Series
from meter_ingest.domain import days, lines, transform
from meter_ingest.domain.known import PointVersion
from meter_ingest.domain.transform import Method, Settlement


class Open(Protocol):
    """A stretch in which a channel is open: `channel.Period`."""

    @property
    def dso(self) -> str: ...  # noqa: D102
    @property
    def resolution(self) -> str: ...  # noqa: D102
    @property
    def valid_from(self) -> datetime: ...  # noqa: D102
    @property
    def valid_to(self) -> datetime | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Settled:
    """How one line of a metering point is settled on a local day."""

    settlement: Settlement | None = None
    """None: nobody has said; it is then settled as interval, as values are sent of it."""
    resolution: Resolution | None = None
    """What values of that day are in, whenever they come: the point's; of a line that is not settled the channel's."""
    counts: Resolution | None = None
    """The channel that the balance is settled on; None: none of this line's."""
    method: Method | None = None
    """How the line's values come to quarters."""
    grid_area: str | None = None
    """Whose profile they follow."""
    dso: str | None = None
    """Whose channel is open; None: none is."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which it is the same, half-open, from an Oslo midnight."""

    valid_from: datetime
    valid_to: datetime | None
    settled: Settled


Stretches = tuple[Stretch, ...]


def is_settled(line: str) -> bool:
    """Whether the balance can be settled on a line: on active energy of the settlement meter."""
    _, product, meter = lines.parts(line)
    return product == "active" and not meter


def fact_of(facts: Sequence[PointVersion], local: date) -> PointVersion | None:
    """What a point is on a local day. `facts`: in time, as `known.versions_of` has them."""
    whole = days.day(local)
    found: PointVersion | None = None
    for fact in facts:
        if fact.valid_from > whole.start and (found is not None or fact.valid_from >= whole.end):
            break
        found = fact
    return found


def resolution_of(is_: PointVersion | None, line: str, of_channel: Resolution | None) -> Resolution | None:
    """The resolution in which a line's values count on a day; all that asks goes by this.

    The point's, as it is known now for that day, whenever the values came; where nobody said, and of a line that the
    balance cannot be settled on, its channel's.
    """
    return is_.resolution if is_ is not None and is_.resolution is not None and is_settled(line) else of_channel


class Owed(NamedTuple):
    """What a channel makes of a local day."""

    resolution: Resolution
    """What its values count in."""
    owed: bool
    """Whether any are expected: of a point that is settled on them, and in use (`metering.md` §4.6)."""


def owed_on(facts: Sequence[PointVersion], of_channel: str, line: str, local: date) -> Owed:
    """What is expected of a local day of a line with an open channel. `facts`: in time."""
    is_ = facts[0] if len(facts) == 1 else fact_of(facts, local)
    found = resolution_of(is_, line, _by_channel(of_channel)) or "PT15M"
    return Owed(found, is_ is None or (is_.active and is_.settlement in (None, "interval")))


def counts_in(facts: Sequence[PointVersion], periods: Sequence[Open], line: str, local: date) -> Resolution | None:
    """The resolution in which a line's values count on a local day; None where nobody said."""
    return settled_on(facts, periods, line, local).resolution


def _by_channel(resolution: str) -> Resolution:
    return "PT60M" if resolution == "PT60M" else "PT15M"


def settled_on(facts: Sequence[PointVersion], periods: Sequence[Open], line: str, local: date) -> Settled:
    """How a line is settled on a local day. `periods`: its channels' (`channel.Block`, `channel.Channel`)."""
    whole = days.day(local)
    is_ = fact_of(facts, local)
    standing = next(
        (
            one
            for one in periods
            if one.valid_from <= whole.start and (one.valid_to is None or whole.end <= one.valid_to)
        ),
        None,
    )
    dso = standing.dso if standing else None
    resolution = resolution_of(is_, line, _by_channel(standing.resolution) if standing else None)
    if is_ is None or is_.resolution is None or not is_settled(line):
        return Settled(
            is_.settlement if is_ else None,
            resolution,
            grid_area=is_.grid_area if is_ else None,
            dso=dso,
        )
    found = Settled(is_.settlement, is_.resolution, grid_area=is_.grid_area, dso=dso)
    settlement = is_.settlement or "interval"
    if standing is None or not is_.active:
        return found
    direction, _, _ = lines.parts(line)
    method = transform.method_of(balance="PT15M", settlement=settlement, resolution=is_.resolution, direction=direction)
    counts = transform.counts(is_.resolution, settlement=settlement, resolution=is_.resolution, direction=direction)
    return replace(found, counts=is_.resolution if counts else None, method=method)


def other_than(
    series: Series, of_channel: str, facts: Sequence[PointVersion], parts: Sequence[tuple[days.Day, int, int]]
) -> str | None:
    """The resolution that the line has on the first of the series' days on which it is not the series' own.

    The point's on that day; the channel's where nobody said, and of what is not settled. `parts`: `series.Shape`.
    """
    if len(facts) == 1 or not facts or series.product != "active":
        # Mostly: one fact, which holds as long as there are channels.
        of_point = facts[0].resolution if facts and series.product == "active" else None
        has = of_point or of_channel
        return None if has == series.resolution else has
    for day, _, _ in parts:
        fact = fact_of(facts, day.date)
        has = fact.resolution if fact and fact.resolution else of_channel
        if has != series.resolution:
            return has
    return None


def profiled_on(series: Series, facts: Sequence[PointVersion]) -> date | None:
    """The first local day of a series on which its point is profiled: the balance is not settled on its values then."""
    if series.product != "active" or all(one.settlement != "profiled" for one in facts):
        return None
    for day in days.days(series.start, series.end):
        fact = fact_of(facts, day.date)
        if fact is not None and fact.settlement == "profiled":
            return day.date
    return None


# What was said of it


def timeline(facts: Sequence[PointVersion], periods: Sequence[Open], line: str) -> Stretches:
    """How a line is settled on all days on which a channel of it is open; nothing of a line that never is."""
    if not is_settled(line):
        return ()
    found: list[Stretch] = []
    for period in sorted(periods, key=lambda one: one.valid_from):
        begins = sorted({period.valid_from, *(at for at in _effective(facts) if _within(period, at))})
        for begin, end in zip(begins, (*begins[1:], period.valid_to), strict=True):
            settled = replace(settled_on(facts, (period,), line, days.day_at(begin).date), grid_area=None)
            found.append(Stretch(begin, end, settled))
    return _joined(one for one in found if one.valid_from != one.valid_to)


def changes(before: Stretches, after: Stretches) -> Stretches:
    """The days on which it is otherwise now, and how it is."""
    bounds = sorted({at for one in (*before, *after) for at in (one.valid_from, one.valid_to) if at is not None})
    found: list[Stretch] = []
    for begin, end in zip(bounds, (*bounds[1:], None), strict=True):
        now = _at(after, begin)
        if now is not None and now != _at(before, begin):
            found.append(Stretch(begin, end, now))
    return _joined(found)


def cut(stretches: Stretches, end: datetime) -> Stretches:
    """What of it lies before a moment."""
    return tuple(
        one if one.valid_to is not None and one.valid_to <= end else replace(one, valid_to=end)
        for one in stretches
        if one.valid_from < end
    )


def put(stretches: Stretches, new: Iterable[Stretch]) -> Stretches:
    """The same, with other days in place of those that stood."""
    for one in new:
        stretches = tuple(
            sorted((*_without(stretches, one.valid_from, one.valid_to), one), key=lambda each: each.valid_from)
        )
    return _joined(stretches)


def said(days_: Iterable[CountingDays], dso: str) -> Stretches:
    """What an event tells."""
    return tuple(
        Stretch(
            one.valid_from,
            one.valid_to,
            Settled(one.settlement, one.resolution, one.resolution if one.counts else None, one.method, dso=dso),
        )
        for one in days_
    )


def days_of(stretches: Stretches) -> tuple[CountingDays, ...]:
    """The same as an event tells it."""
    return tuple(
        CountingDays(
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            settlement=one.settled.settlement,
            resolution=one.settled.resolution,
            counts=one.settled.counts is not None,
            method=one.settled.method,
        )
        for one in stretches
    )


def decide_changed(
    point: str,
    facts: Sequence[PointVersion],
    lines_: Mapping[str, Sequence[Open]],
    told: Mapping[str, Stretches],
) -> list[CountingChannelChanged]:
    """What is otherwise than it was told, an event for each line and DSO. `lines_`: the channels, by line."""
    found: list[CountingChannelChanged] = []
    for line in sorted(lines_):
        direction, product, _ = lines.parts(line)
        changed = changes(told.get(line, ()), timeline(facts, lines_[line], line))
        for dso in dict.fromkeys(one.settled.dso for one in changed):
            if dso is not None:
                of_dso = tuple(one for one in changed if one.settled.dso == dso)
                found.append(
                    CountingChannelChanged(
                        metering_point_id=point, dso=dso, direction=direction, product=product, days=days_of(of_dso)
                    )
                )
    return found


def _effective(facts: Sequence[PointVersion]) -> list[datetime]:
    """The midnights from which facts hold."""
    found: list[datetime] = []
    for number, fact in enumerate(facts):
        day = days.day_at(fact.valid_from)
        found.append(day.start if not number or day.start == fact.valid_from else day.end)
    return found


def _within(period: Open, at: datetime) -> bool:
    return period.valid_from < at and (period.valid_to is None or at < period.valid_to)


def _at(stretches: Stretches, at: datetime) -> Settled | None:
    return next(
        (one.settled for one in stretches if one.valid_from <= at and (one.valid_to is None or at < one.valid_to)), None
    )


def _without(stretches: Stretches, start: datetime, end: datetime | None) -> Iterable[Stretch]:
    for one in stretches:
        if one.valid_from < start:
            yield cut((one,), start)[0]
        if end is not None and (one.valid_to is None or end < one.valid_to):
            yield replace(one, valid_from=max(one.valid_from, end))


def _joined(stretches: Iterable[Stretch]) -> Stretches:
    found: list[Stretch] = []
    for one in stretches:
        if found and (found[-1].valid_to, found[-1].settled) == (one.valid_from, one.settled):
            found[-1] = replace(found[-1], valid_to=one.valid_to)
        else:
            found.append(one)
    return tuple(found)
