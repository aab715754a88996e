"""Channels: of which points, in which line and resolution, a DSO sends values, and on which days.

A `Channel` document holds one point, all lines: it is what opening and closing is decided on. A `Block` holds the
same for a hundred points in one line: what is looked up when values come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from contracts.message import Event, Reason, Refused, RefusedRow, Rule, Scalar
from contracts.meter_ingest.v1 import (
    ChannelClosed,
    ChannelOpened,
    CloseChannels,
    CountingChannelChanged,
    OpenChannels,
    ValueRetentionSet,
    ValuesErased,
)
from meter_ingest.domain import blocks, counting, days, known, rules
from meter_ingest.domain.counting import Stretches
from meter_ingest.domain.lines import line


@dataclass(frozen=True, slots=True)
class Period:
    """One stretch of a channel: half-open, from an Oslo midnight."""

    dso: str
    resolution: str
    valid_from: datetime
    valid_to: datetime | None = None

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the whole of a period lies in it."""
        return self.valid_from <= start and (self.valid_to is None or end <= self.valid_to)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether any of a period lies in it."""
        return self.valid_from < end and (self.valid_to is None or start < self.valid_to)


Periods = tuple[Period, ...]


def covering(periods: Periods, start: datetime, end: datetime) -> Period | None:
    """The one that the whole of a period lies in: nearly always the last."""
    for one in reversed(periods):
        if one.covers(start, end):
            return one
    return None


@dataclass(frozen=True, slots=True)
class Channel:
    """The channels of one point, by line."""

    lines: dict[str, Periods]
    told: dict[str, Stretches] = field(default_factory=dict)
    """On which days the balance is settled on it, as was said."""


@dataclass(frozen=True, slots=True)
class Block:
    """The channels of up to a hundred points in one line, by place (`blocks.place_of`)."""

    places: dict[str, Periods]


@dataclass
class Decided:
    """What became of a list command."""

    events: list[Event] = field(default_factory=list)
    reasons: dict[str, Reason] = field(default_factory=dict)
    rows: list[RefusedRow] = field(default_factory=list)

    def refuse(self, row: int, rule: Rule, *, limit: Scalar = None, actual: Scalar = None) -> None:
        """Refuse one row; a reason's text stands once, with the figures of the first row it refused."""
        if rule.key not in self.reasons:
            self.reasons[rule.key] = rule.reason(path=f"/metering_points/{row}", limit=limit, actual=actual)
        self.rows.append(RefusedRow(row=row, code=rule.key, actual=actual))


def evolve(
    state: Channel | None,
    event: ChannelOpened | ChannelClosed | CountingChannelChanged | ValueRetentionSet | ValuesErased,
) -> Channel:
    """Fold one point's channels, and what was said of which of them count.

    How long its values are kept, and that some are erased, is only counted here, as events of the same point.
    """
    state = state or Channel({})
    if isinstance(event, ValueRetentionSet | ValuesErased):
        return state
    name = line(event.direction, event.product)
    told = state.told.get(name, ())
    if isinstance(event, ChannelClosed):
        told = counting.cut(told, event.valid_to)
    else:
        new = event.counting if isinstance(event, ChannelOpened) else event.days
        told = counting.put(told, counting.said(new, event.dso))
    told_of = {**state.told, name: told} if told else state.told
    if isinstance(event, CountingChannelChanged):
        return replace(state, told=told_of)
    return Channel({**state.lines, name: _folded(state.lines.get(name, ()), event)}, told_of)


def evolve_block(state: Block | None, event: ChannelOpened | ChannelClosed) -> Block:
    """Fold the same into the block of the point."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    return Block({**places, place: _folded(places.get(place, ()), event)})


def _folded(periods: Periods, event: ChannelOpened | ChannelClosed) -> Periods:
    if isinstance(event, ChannelOpened):
        return (*periods, Period(event.dso, event.resolution, event.valid_from))
    return (*periods[:-1], replace(periods[-1], valid_to=event.valid_to))


def decide_open(
    command: OpenChannels,
    *,
    sender: str,
    points: Mapping[str, known.Points | None],
    channels: Mapping[str, Channel | None],
    at: datetime,
    freeze_days: int,
) -> Decided:
    """Open channels for the points that the sender is the DSO of. `points` by block, `channels` by point.

    A boundary of the past stands (D14): a channel begins at most `timeline.freeze-days` back.
    """
    _not_frozen("/valid_from", command.valid_from, at=at, freeze_days=freeze_days)

    def decide(row: int, point: str, decided: Decided) -> None:
        found = known.point_at(points, point, command.valid_from)
        name = line(command.direction, command.product)
        periods = _periods(channels, point, name)
        standing = next((one for one in periods if one.valid_to is None or command.valid_from < one.valid_to), None)
        if found is None or found.dso != sender:
            decided.refuse(row, rules.CHANNEL_NOT_YOUR_POINT)
        elif standing is not None:
            opened = days.day_at(standing.valid_from).date.isoformat()
            decided.refuse(row, rules.CHANNEL_ALREADY_OPEN, actual=opened)
        else:
            period = Period(sender, command.resolution, command.valid_from)
            stretches = counting.timeline(known.versions_of(points, point), (period,), name)
            decided.events.append(
                ChannelOpened(
                    metering_point_id=point,
                    dso=sender,
                    direction=command.direction,
                    product=command.product,
                    resolution=command.resolution,
                    valid_from=command.valid_from,
                    counting=counting.days_of(stretches),
                )
            )

    return decide_list(command.metering_points, command.mode, decide)


def decide_close(
    command: CloseChannels,
    *,
    sender: str,
    points: Mapping[str, known.Points | None],
    channels: Mapping[str, Channel | None],
    at: datetime,
    freeze_days: int,
) -> Decided:
    """Close channels. The DSO that opened a channel may close it, and so may the DSO that has the point by then."""
    _not_frozen("/valid_to", command.valid_to, at=at, freeze_days=freeze_days)

    def decide(row: int, point: str, decided: Decided) -> None:
        found = known.point_at(points, point, command.valid_to)
        periods = _periods(channels, point, line(command.direction, command.product))
        last = periods[-1] if periods else None
        if (found is None or found.dso != sender) and (last is None or last.dso != sender):
            decided.refuse(row, rules.CHANNEL_NOT_YOUR_POINT)
        elif last is None or last.valid_to is not None:
            decided.refuse(row, rules.CHANNEL_NOT_OPEN)
        elif command.valid_to <= last.valid_from:
            earliest = days.day_at(last.valid_from).date + timedelta(days=1)
            asked = days.day_at(command.valid_to).date
            decided.refuse(row, rules.CHANNEL_PERIOD_INVALID, limit=earliest.isoformat(), actual=asked.isoformat())
        else:
            decided.events.append(
                ChannelClosed(
                    metering_point_id=point,
                    dso=last.dso,
                    direction=command.direction,
                    product=command.product,
                    valid_to=command.valid_to,
                )
            )

    return decide_list(command.metering_points, command.mode, decide)


def expected(block: Block, local: date, dso: str) -> Iterable[tuple[str, str]]:
    """The places of which this DSO owes values of a local day, with the resolution."""
    whole = days.day(local)
    for place, periods in block.places.items():
        for period in periods:
            if period.dso == dso and period.overlaps(whole.start, whole.end):
                yield place, period.resolution


def decide_list(points: Sequence[str], mode: str, decide: Callable[[int, str, Decided], None]) -> Decided:
    """Decide a list command point by point; all or each, as it says."""
    decided = Decided()
    met: set[str] = set()
    for row, point in enumerate(points):
        if point in met:
            decided.refuse(row, rules.METERING_POINT_REPEATED)
            continue
        met.add(point)
        decide(row, point, decided)
    if decided.rows and (mode == "all" or not decided.events):
        raise Refused(*decided.reasons.values(), rows=tuple(decided.rows))
    return decided


def _periods(channels: Mapping[str, Channel | None], point: str, name: str) -> Periods:
    channel = channels.get(point)
    return channel.lines.get(name, ()) if channel else ()


def _not_frozen(path: str, asked: datetime, *, at: datetime, freeze_days: int) -> None:
    earliest = days.day_at(at).date - timedelta(days=freeze_days)
    if asked < days.day(earliest).start:
        raise rules.CHANNEL_PERIOD_INVALID.refused(
            path=path, limit=earliest.isoformat(), actual=days.day_at(asked).date.isoformat()
        )
