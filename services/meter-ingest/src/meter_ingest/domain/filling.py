"""Values that nobody sent, estimated for whoever asks for them; never kept, and never passed off as the DSO's.

What is put in is marked (`filled`), has nothing behind it that anyone sent, and says on what it rests. What came is
never touched, so whatever the DSO sends later, its own estimates too, stands in place of ours. By what there is:

1. the hour, where it came in the other resolution: its missing quarters are exactly the rest of it;
2. a period's volume (`volumes`): all that is missing of it is exactly the rest, in the shape of like days, else even;
3. like days: the same local hours of the same weekday of the four weeks before, the nearest first, then of the three
   days before;
4. the annual volume, evenly.

Where what came is more than the hour or the period has, these say nothing, and of such a period nothing is put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from contracts import calendar
from contracts.calendar import Resolution
from meter_ingest.domain import asked, days, gaps
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.gaps import Basis
from meter_ingest.domain.shares import split_exactly
from meter_ingest.domain.volumes import Volume

LIKE = (7, 14, 21, 28, 1, 2, 3)
"""How many days before a day those are that are like it, the most alike first."""
_DAYS_OF_YEAR = 365


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to go by."""

    other: Mapping[date, Delivered] = field(default_factory=dict[date, Delivered])
    """Whole days as they came in the resolution that does not count on them."""
    volumes: Sequence[Volume] = ()
    """Of periods whose days are all among those that are filled."""
    history: Mapping[date, Delivered] = field(default_factory=dict[date, Delivered])
    """Whole days before, as they count."""
    annual_wh: int | None = None
    shown: dict[tuple[date, str], Delivered] = field(default_factory=dict[tuple[date, str], Delivered])
    """Days of the history in the resolutions that were looked for, once made."""

    def like(self, local: date, resolution: Resolution) -> Delivered | None:
        """A day of the history in this resolution; nothing of a profiled day, which is a shape of others."""
        before = self.history.get(local)
        if before is None or before.settled.method == "fppc":
            return None
        if (local, resolution) not in self.shown:
            self.shown[local, resolution] = asked.in_resolution(before, resolution)
        return self.shown[local, resolution]


@dataclass(slots=True)
class _Open:
    """A day that is being filled."""

    day: Delivered
    wh: list[int | None]
    basis: list[Basis | None]

    def holes(self, until: datetime) -> list[int]:
        """The steps that nothing came of, of those that are over."""
        over = (until - self.day.start) // self.day.step
        return [index for index, wh in enumerate(self.wh) if wh is None and index < over]

    def put(self, index: int, wh: int, basis: Basis) -> None:
        """One step's estimate."""
        self.wh[index], self.basis[index] = wh, basis


def filled(some: Sequence[Delivered], by: Known, *, until: datetime) -> list[Delivered]:
    """Whole days, each in its own resolution (`asked.own`), their holes filled as far as there is anything to go by.

    `until`: what begins or ends later is not over, and stays open. Days without an open channel, and those of a
    profiled point, are left as they are: nothing is owed of them.
    """
    open_ = [
        _Open(one, list(one.values.wh), [None] * len(one.values.wh))
        for one in some
        if one.settled.dso is not None and one.settled.method != "fppc" and None in one.values.wh
    ]
    for one in open_:
        _by_hours(one, by.other.get(one.day.date), by, until)
    days_ = {one.date: one for one in some}
    contradicted: set[date] = set()
    for volume in by.volumes:
        contradicted |= _by_volume(volume, {one.day.date: one for one in open_}, days_, by, until)
    for one in open_:
        if one.day.date not in contradicted:
            _by_like_days(one, by, until)
    done = {one.day.date: _closed(one) for one in open_ if any(one.basis)}
    return [done.get(one.date, one) for one in some]


def _by_hours(one: _Open, other: Delivered | None, by: Known, until: datetime) -> None:
    """From the hours that came in the other resolution."""
    holes = set(one.holes(until))
    if other is None or not holes:
        return
    if one.day.values.resolution == "PT60M":
        sums = asked.in_resolution(other, "PT60M").values.wh
        for index in holes:
            if (wh := sums[index]) is not None:
                one.put(index, wh, "hour")
        return
    for hour, wh in enumerate(other.values.wh):
        here = [index for index in range(4 * hour, 4 * hour + 4) if index in holes]
        came = sum(got for got in one.wh[4 * hour : 4 * hour + 4] if got is not None)
        still_open = sum(got is None for got in one.wh[4 * hour : 4 * hour + 4])
        if wh is None or not here or len(here) != still_open or wh < came:
            continue
        shape = _shape([(one, index) for index in here], by)
        for index, part in zip(here, split_exactly(wh - came, shape or [1] * len(here)), strict=True):
            one.put(index, part, "hour")


def _by_volume(
    volume: Volume, open_: Mapping[date, _Open], days_: Mapping[date, Delivered], by: Known, until: datetime
) -> set[date]:
    """From what a period has altogether; the period's days, where more came than that."""
    local = [day.date for day in days.days(volume.start, volume.end)]
    # Energy that passed while there was no channel, or on profiled days, came in no values: it is not the gap's.
    if volume.end > until or any(one not in days_ or days_[one].settled.dso is None for one in local):
        return set()
    if any(days_[one].settled.method == "fppc" for one in local):
        return set()
    places = [(open_[one], index) for one in local if one in open_ for index in open_[one].holes(until)]
    if not places:
        return set()
    came = 0
    for one in local:
        came += sum(wh for wh in (open_[one].wh if one in open_ else days_[one].values.wh) if wh is not None)
    assert volume.wh is not None
    try:
        found = gaps.estimate(len(places), stands_wh=(came, volume.wh), history_wh=_shape(places, by))
    except gaps.UnableToEstimate:
        return set(local)
    for (one, index), wh in zip(places, found.wh, strict=True):
        one.put(index, wh, found.basis)
    return set()


def _by_like_days(one: _Open, by: Known, until: datetime) -> None:
    """From like days, step by step; else from the annual volume, evenly."""
    left: list[int] = []
    for index in one.holes(until):
        wh = _like(one.day, index, by)
        if wh is not None:
            one.put(index, wh, "history")
        else:
            left.append(index)
    steps_of_year = _DAYS_OF_YEAR * 24 * 60 // days.MINUTES[one.day.values.resolution]
    if left and by.annual_wh is not None:
        found = gaps.estimate(len(left), annual_wh=by.annual_wh, steps_of_year=steps_of_year)
        for index, wh in zip(left, found.wh, strict=True):
            one.put(index, wh, found.basis)


def _shape(places: Sequence[tuple[_Open, int]], by: Known) -> list[int] | None:
    """What like days have at these places; nothing where one of them is like nothing."""
    found = [wh for one, index in places if (wh := _like(one.day, index, by)) is not None]
    return found if len(found) == len(places) else None


def _like(day: Delivered, index: int, by: Known) -> int | None:
    """What came at the same local time of the day that is most alike."""
    clock = _clock(day, index)
    for back in LIKE:
        shown = by.like(day.date - timedelta(days=back), day.values.resolution)
        place = _place(shown, clock) if shown else None
        wh = shown.values.wh[place] if shown and place is not None else None
        if wh is not None:
            return wh
    return None


def _clock(day: Delivered, index: int) -> time:
    return (day.start + index * day.step).astimezone(calendar.OSLO).time()


def _place(day: Delivered, clock: time) -> int | None:
    """The step of a day that begins at a local time, the first of two; nothing where the day has no such time."""
    plain = (clock.hour * 60 + clock.minute) // days.MINUTES[day.values.resolution]
    return next((place for place in _around(plain, day) if _clock(day, place) == clock), None)


def _around(plain: int, day: Delivered) -> Sequence[int]:
    """Where a local time may be: an hour earlier or later, on the two days on which the clock is moved."""
    hour = 60 // days.MINUTES[day.values.resolution]
    return [place for place in (plain, plain - hour, plain + hour) if 0 <= place < len(day.values.wh)]


def _closed(one: _Open) -> Delivered:
    was = one.day.values
    put = [basis is not None for basis in one.basis]
    values = replace(
        was,
        wh=tuple(one.wh),
        origin=tuple("filled" if new else old for new, old in zip(put, was.origin, strict=True)),
    )
    return replace(one.day, values=values, basis=tuple(one.basis))
