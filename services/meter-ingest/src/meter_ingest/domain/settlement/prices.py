"""Published prices by zone and local day: which version says what of which hours or quarters.

As with profiles (`domain.profiles`), a version is never changed; what replaces it for some hours is the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from contracts.calendar import DAY, local_text
from contracts.meter_ingest.v1 import PriceKind, PricesPublished, PublishPrices
from meter_ingest.domain import blocks, days, settlement_rules
from meter_ingest.domain.days import Day

_HOUR = timedelta(hours=1)
STEP: Mapping[PriceKind, timedelta] = {
    "day-ahead-hour": _HOUR,
    "day-ahead-quarter": days.QUARTER,
    "imbalance-quarter": days.QUARTER,
}
_MOST = 31 * DAY + _HOUR
"""The longest month: October, with its day of 25 hours."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """How many versions of one kind and zone there are."""

    last: int


@dataclass(frozen=True, slots=True)
class Published:
    """What one version says of a local day, a price a step; None: nothing."""

    version: int
    published_at: datetime
    source: str
    start: datetime
    nok_per_mwh: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class OfDay:
    """All versions of one kind, zone and local day, the oldest first."""

    kind: PriceKind
    zone: str
    versions: tuple[Published, ...]


class Price(NamedTuple):
    """A price in NOK/MWh, and what said it: `imbalance-quarter|NO3|7`, from where."""

    nok_per_mwh: Decimal
    version: str
    source: str


def name(kind: PriceKind, zone: str) -> str:
    """What its versions are numbered by."""
    return blocks.key(kind, zone)


def key(kind: PriceKind, zone: str, local: date) -> str:
    """The id of a day's document."""
    return blocks.key(kind, zone, local)


def of_day(known: OfDay | None, day: Day, kind: PriceKind, *, as_of: datetime | None = None) -> list[Price | None]:
    """Per step of the day the newest version that has a price of it, of those published by a moment."""
    step = STEP[kind]
    found: list[Price | None] = [None] * ((day.end - day.start) // step)
    for one in known.versions if known else ():
        if as_of is None or one.published_at <= as_of:
            version = blocks.key(kind, known.zone if known else "", one.version)
            first = (one.start - day.start) // step
            for place, price in enumerate(one.nok_per_mwh, first):
                if price is not None:
                    found[place] = Price(price, version, one.source)
    return found


def decide_published(state: Numbered | None, command: PublishPrices, *, zone: str, at: datetime) -> PricesPublished:
    """The next version of a zone's prices; they may be of what is to come."""
    step = STEP[command.kind]
    end = command.start + len(command.prices_nok_mwh) * step
    floor = days.hour_floor(command.start) if step == _HOUR else days.quarter_floor(command.start)
    if floor != command.start:
        raise settlement_rules.PRICES_NOT_ON_STEP.refused(path="/start", actual=local_text(command.start))
    if end - command.start > _MOST:
        actual = len(command.prices_nok_mwh)
        raise settlement_rules.PRICES_TOO_MANY.refused(path="/prices_nok_mwh", limit=_MOST // step, actual=actual)
    return PricesPublished(
        prices=name(command.kind, zone),
        kind=command.kind,
        zone=zone,  # pyright: ignore[reportArgumentType] - the envelope's subject has been checked
        version=(state.last if state else 0) + 1,
        source=command.source,
        start=command.start,
        prices_nok_mwh=command.prices_nok_mwh,
        published_at=at,
    )


def evolve_numbered(_state: Numbered | None, event: PricesPublished) -> Numbered:
    """Count the versions."""
    return Numbered(event.version)


def by_day(event: PricesPublished) -> dict[str, OfDay]:
    """What each day's document gets of a version."""
    step = STEP[event.kind]
    figures = tuple(None if one is None else Decimal(one) for one in event.prices_nok_mwh)
    end = event.start + len(figures) * step
    found: dict[str, OfDay] = {}
    for day in days.days(event.start, end):
        start = max(event.start, day.start)
        first, last = (start - event.start) // step, (min(end, day.end) - event.start) // step
        part = Published(event.version, event.published_at, event.source, start, figures[first:last])
        found[key(event.kind, event.zone, day.date)] = OfDay(event.kind, event.zone, (part,))
    return found


def evolve_day(state: OfDay | None, part: OfDay) -> OfDay:
    """A version stands beside those before it."""
    return part if state is None else OfDay(part.kind, part.zone, (*state.versions, *part.versions))
