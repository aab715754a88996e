"""How long the values of a point are kept (D21), and which months are kept no longer.

There are two classes, called by the years that they began with: 3, and 10 for points that are marked. The policies say
how many years each is now. A month goes as a whole, for all points of a class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from contracts.meter_ingest.v1 import (
    ChannelOpened,
    KeepYears,
    OwnMeterOpened,
    SetValueRetention,
    ValueRetentionSet,
    ValuesExpired,
)
from meter_ingest.domain import blocks, days, known, rules
from meter_ingest.domain.channel import Block, Decided, decide_list
from meter_ingest.domain.evidence import LINES

ORDINARY: Final[KeepYears] = 3
MARKED: Final[KeepYears] = 10
CLASSES: Final[tuple[KeepYears, ...]] = (ORDINARY, MARKED)
NAMED: Final[dict[str, KeepYears]] = {str(years): years for years in CLASSES}
"""As they are the ids of documents."""
POLICY: Final = {ORDINARY: "retention.values-years", MARKED: "retention.marked-values-years"}


@dataclass(frozen=True, slots=True)
class Kept:
    """The class of a point. `kept_from`: what is older was gone before the point came into it."""

    keep_years: KeepYears
    kept_from: date | None


@dataclass(frozen=True, slots=True)
class Retention:
    """Of up to a hundred points, by place, those that were ever said to be of a class."""

    places: dict[str, Kept]


@dataclass(frozen=True, slots=True)
class Expiry:
    """When it is next looked at what of a class is kept no longer, and the youngest month (its first day) that is not.

    There are no values from before the first channel: it begins when those of its first month may be too old.
    """

    due: date
    through: date | None = None


def month_of(day: date) -> date:
    """A month by its first day."""
    return day.replace(day=1)


def after(month: date) -> date:
    """The month behind one, or behind that of a day."""
    return month_of(month_of(month) + timedelta(days=31))


def evolve(state: Retention | None, event: ValueRetentionSet) -> Retention:
    """Fold it into the block of the point."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    return Retention({**places, place: Kept(event.keep_years, event.kept_from)})


def opened(event: ChannelOpened | OwnMeterOpened) -> dict[str, tuple[KeepYears, date]]:
    """What each class's document gets of a channel: the class, and the first day of values."""
    first = days.day_at(event.valid_from).date
    return {str(years): (years, first) for years in CLASSES}


def evolve_expiry(state: Expiry | None, part: tuple[KeepYears, date] | ValuesExpired) -> Expiry:
    """The first channel begins it; then it is looked at once a month."""
    if isinstance(part, ValuesExpired):
        return Expiry(after(days.day_at(part.decided_at).date), part.month)
    years, first = part
    # No policy lets a class be kept for fewer years than it is called by.
    begins = after(first)
    due = begins.replace(year=begins.year + years)
    return state if state and (state.through or state.due <= due) else Expiry(due)


def due_at(state: Expiry) -> datetime:
    """The midnight at which a month begins."""
    return days.day(state.due).start


def class_of(block: Retention | None, point: str) -> KeepYears:
    """How a point's values are kept now."""
    kept = block.places.get(blocks.place_of(point)) if block else None
    return kept.keep_years if kept else ORDINARY


def marked(retentions: Mapping[str, Retention | None]) -> frozenset[str]:
    """Of blocks, the points whose values are kept longer."""
    return frozenset(
        block + place
        for block, state in retentions.items()
        if state is not None
        for place, kept in state.places.items()
        if kept.keep_years == MARKED
    )


def floor(kept: Kept | None, expired: Mapping[int, Expiry | None]) -> date | None:
    """The first day of which a point's values may still be there; None: nothing is gone."""
    expiry = expired.get(kept.keep_years if kept else ORDINARY)
    gone = after(expiry.through) if expiry and expiry.through else None
    found = [day for day in (gone, kept.kept_from if kept else None) if day is not None]
    return max(found, default=None)


def may_touch(expired: Mapping[int, Expiry | None], windows: Iterable[tuple[datetime, datetime]]) -> bool:
    """Whether anything of these periods may be gone of any point. None has ever lost more than its class has."""
    gone = max((after(one.through) for one in expired.values() if one and one.through), default=None)
    return gone is not None and any(start < days.day(gone).start for start, _ in windows)


def touches(
    point: str,
    windows: Iterable[tuple[datetime, datetime]],
    channels: Mapping[str, Block | None],
    retentions: Mapping[str, Retention | None],
    expired: Mapping[int, Expiry | None],
) -> bool:
    """Whether values of a point in any of these periods are gone: of what had a channel then."""
    block, place = blocks.block_of(point), blocks.place_of(point)
    retention = retentions.get(block)
    first = floor(retention.places.get(place) if retention else None, expired)
    if first is None:
        return False
    standing = (channels.get(blocks.key(block, line)) for line in LINES)
    periods = [one for of in standing if of for one in of.places.get(place, ())]
    until = days.day(first).start
    return any(one.overlaps(start, min(end, until)) for start, end in windows if start < until for one in periods)


def decide_set(
    command: SetValueRetention,
    *,
    sender: str,
    of_all: bool,
    points: Mapping[str, known.Points | None],
    retentions: Mapping[str, Retention | None],
    expired: Mapping[int, Expiry | None],
    at: datetime,
) -> Decided:
    """Keep values of points longer, or no longer than others. `of_all`: the sender may say so of any point: the TSO."""

    def decide(row: int, point: str, decided: Decided) -> None:
        found = known.point_at(points, point, at)
        block = retentions.get(blocks.block_of(point))
        if found is None or not (of_all or found.dso == sender):
            decided.refuse(row, rules.RETENTION_NOT_YOUR_POINT)
        elif class_of(block, point) == command.keep_years:
            decided.refuse(row, rules.RETENTION_UNCHANGED, actual=command.keep_years)
        else:
            kept = block.places.get(blocks.place_of(point)) if block else None
            decided.events.append(
                ValueRetentionSet(
                    metering_point_id=point,
                    dso=found.dso,
                    keep_years=command.keep_years,
                    kept_from=floor(kept, expired),
                    reason=command.reason,
                )
            )

    return decide_list(command.metering_points, command.mode, decide)


def decide_expired(keep_years: KeepYears, state: Expiry, *, years: int, at: datetime) -> ValuesExpired:
    """At the beginning of a month: the last month that is all older than so many years. It never goes back."""
    today = days.day_at(at).date
    month = month_of(today.replace(year=today.year - years, day=1) - timedelta(days=1))
    return ValuesExpired(
        keep_years=keep_years,
        month=max(month, state.through) if state.through else month,
        years=years,
        decided_at=at,
    )


def expired_of(states: Iterable[tuple[str, Expiry | None]]) -> dict[int, Expiry | None]:
    """The documents by class."""
    return {int(name): state for name, state in states}
