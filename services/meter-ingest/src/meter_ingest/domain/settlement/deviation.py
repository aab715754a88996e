"""Deviations: (corrected - settled) · price, per point, line and quarter (avviksoppgjør, `metering.md` §7, MV-24).

*Settled* is the balance as it was locked at the end of the fifth day after: what had been received by then. What had
not come was not settled: it counts 0. *Corrected* is what counts as of the run. Hours are quarters by the profile that
was published as of each. Consumption counts positive, production negative. What was published of a day before is taken
off: a run carries the difference to it, in energy and, where a price was corrected, in money. Whether a point is
settled, and by whom it is supplied, is as it is known to the run. Only interval-settled points.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from meter_ingest.domain import asked, days, lines, profiles
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.days import Day
from meter_ingest.domain.settlement import money, prices
from meter_ingest.domain.values import Version

LOCKED_AFTER = timedelta(days=5)
"""D+5, counted to the end of that day (D24)."""
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was known: what had been received and published by a moment, of what the shards had been heard of."""

    at: datetime
    positions: Mapping[str, int] | None = None
    """None: all that had been received by then."""


class Known(NamedTuple):
    """What one point and line is made from on one local day."""

    point: str
    line: str
    versions: Sequence[Version]
    settled: Settled
    supplier: str | None


class Line(NamedTuple):
    """One quarter of one point and line that differs."""

    point: str
    line: str
    start: datetime
    settled_wh: int
    """What counted before: as locked, or as published last."""
    corrected_wh: int
    energy_wh: int
    """The difference, production counting negative."""
    price: prices.Price | None
    amount: Decimal
    """Exact; 0 where there is no price."""
    supplier: str | None
    dso: str | None


@dataclass(frozen=True, slots=True)
class OfDay:
    """What differs on one local day, and a hash over the names of all that it was computed from."""

    date: date
    lines: tuple[Line, ...]
    revisions: tuple[str, ...]


def lock_at(local: date) -> datetime:
    """When the balance of a day is locked."""
    return days.day(local + LOCKED_AFTER).end


def last_locked(at: datetime) -> date:
    """The last day whose balance is locked at a moment."""
    return days.day_at(at).date - LOCKED_AFTER - timedelta(days=1)


def is_settled(of: Settled) -> bool:
    """Whether deviations of such a line are settled: it counts in the balance, by interval."""
    return of.counts is not None and (of.settlement or "interval") == "interval"


def lines_of(
    of: Known,
    day: Day,
    *,
    now: AsOf,
    since: AsOf | None,
    price_days: prices.OfDay | None,
    known: profiles.Known,
    dso: str | None,
) -> tuple[list[Line], list[str]]:
    """The quarters of a point's day that differ, and the names of what was used.

    `since`: the run that was published of this day last; None: there is none, and it is held against the lock.
    """
    lock = AsOf(lock_at(day.date) - _MOMENT)
    made = [_quarters(of, day, as_of, known) for as_of in ((lock, since, now) if since else (lock, now))]
    names = dict.fromkeys(name for one in made for name in (*one.revisions, *one.values.profile) if name)
    sign = -1 if lines.parts(of.line)[0] == "production" else 1
    before_prices = prices.of_day(price_days, day, "imbalance-quarter", as_of=since.at if since else now.at)
    now_prices = prices.of_day(price_days, day, "imbalance-quarter", as_of=now.at)
    some: list[Line] = []
    columns = zip(made[0].values.wh, made[-2].values.wh, made[-1].values.wh, strict=True)
    for place, (locked, before, after) in enumerate(columns):
        locked_wh, before_wh, after_wh = locked or 0, before or 0, after or 0
        price, former = now_prices[place], before_prices[place]
        amount = _amount(sign * (after_wh - locked_wh), price)
        if since is not None:
            with money.exactly():
                amount -= _amount(sign * (before_wh - locked_wh), former)
        if before_wh == after_wh and not amount:
            continue
        start = day.start + place * days.QUARTER
        energy = sign * (after_wh - before_wh)
        some.append(Line(of.point, of.line, start, before_wh, after_wh, energy, price, amount, of.supplier, dso))
        names |= dict.fromkeys(one.version for one in (price, former) if one)
    return some, list(names) if some else []


def _amount(wh: int, price: prices.Price | None) -> Decimal:
    return money.ZERO if price is None else money.of(wh, price.nok_per_mwh)


def _quarters(of: Known, day: Day, as_of: AsOf, known: profiles.Known) -> asked.Delivered:
    upto = as_of.positions
    came = [one for one in of.versions if upto is None or one.position <= upto.get(one.shard, 0)]
    (found,) = asked.delivered(
        {day.date: came},
        start=day.start,
        end=day.end,
        settled={day.date: of.settled},
        wanted="PT15M",
        known=known,
        as_of=as_of.at,
    )
    return found


def of_day(
    some: Iterable[Known],
    local: date,
    *,
    now: AsOf,
    since: AsOf | None,
    price_days: prices.OfDay | None,
    known: profiles.Known,
    dso: str | None,
) -> OfDay:
    """All that differs on a local day, by point, line and quarter."""
    day = days.day(local)
    found: list[Line] = []
    names: dict[str, None] = {}
    for one in sorted(some, key=lambda each: (each.point, each.line)):
        if is_settled(one.settled):
            lines_, used = lines_of(one, day, now=now, since=since, price_days=price_days, known=known, dso=dso)
            found += lines_
            names |= dict.fromkeys(used)
    return OfDay(local, tuple(found), tuple(names))


# Sums


class Pair(NamedTuple):
    """What a supplier and a grid company have between them, to the øre and exactly."""

    supplier: str | None
    dso: str | None
    energy_wh: int
    exact: Decimal
    carried: Decimal
    """What rounding has left of what was published before."""
    amount: Decimal


Carried = Mapping[tuple[str | None, str | None], Decimal]
"""By supplier and grid company."""


def pairs(found: Iterable[OfDay], carried: Carried) -> list[Pair]:
    """By supplier and grid company, in order. The amounts add up to the total, with what is carried, rounded once."""
    energy: dict[tuple[str, str], int] = {}
    amounts: dict[tuple[str, str], list[Decimal]] = {}
    for line in _all(found):
        key = (line.supplier or "", line.dso or "")
        energy[key] = energy.get(key, 0) + line.energy_wh
        amounts.setdefault(key, []).append(line.amount)
    keys = sorted(energy)
    exact = [money.total(amounts[key]) for key in keys]
    left = [carried.get((supplier or None, dso or None), money.ZERO) for supplier, dso in keys]
    rounded = money.to_ore_together([money.total(both) for both in zip(exact, left, strict=True)])
    return [
        Pair(key[0] or None, key[1] or None, energy[key], *amounts_)
        for key, *amounts_ in zip(keys, exact, left, rounded, strict=True)
    ]


def lacking(found: Iterable[OfDay]) -> int:
    """How many quarters have no price, no supplier or no grid company."""
    return sum(one.price is None or one.supplier is None or one.dso is None for one in _all(found))


def sha256(found: Iterable[OfDay]) -> str:
    """Over the names of all versions used, a line each, sorted: what was used, not what it said."""
    names = sorted({name for day in found for name in day.revisions})
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _all(found: Iterable[OfDay]) -> Iterator[Line]:
    for day in found:
        yield from day.lines
