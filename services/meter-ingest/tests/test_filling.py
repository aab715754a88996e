"""Gaps filled for whoever asks: exactly the rest where what passed is known, always marked, never over what came.

And what holds of all that is delivered, filled or not, whatever came in whatever resolution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import calendar
from contracts.meter_ingest.v1 import PublishProfile
from contracts.values import make_eic_y, make_gsrn
from meter_ingest.domain import asked, days, filling, profiles, values
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.values import Version
from meter_ingest.domain.volumes import Volume

pytestmark = pytest.mark.unit

AREA = make_eic_y("NO3-NORD")
POINT = make_gsrn(1)
HOURLY = Settled("interval", "PT60M", "PT60M", "profile-6015", AREA, "dso")
BY_QUARTER = Settled("interval", "PT15M", "PT15M", "none", AREA, "dso")
DAY = date(2026, 3, 20)
"""A Friday."""
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def version(local: date, wh: Sequence[int], *, minutes: int = 15, first: int = 0, order: int = 1) -> Version:
    width, encoded = values.encode(wh)
    at = datetime(2026, 11, 1, 0, order, tzinfo=UTC)
    return Version(
        POINT, "consumption", local, at, at, 0, order, 0, "0", order, minutes, first, "metered", width, encoded, b""
    )


def volume(first: date, last: date, wh: int) -> Volume:
    start, end = days.day(first).start, days.day(last).end
    return Volume("p|consumption", start, end, 1, wh, "metered", None, "dso", end, end, "t/0/5")


def own(some: Mapping[date, Sequence[Version]], is_: Settled | Mapping[date, Settled]) -> list[Delivered]:
    """The days from the first to the last."""
    local = sorted(some)
    start, end = days.day(local[0]).start, days.day(local[-1]).end
    settled = is_ if isinstance(is_, Mapping) else {day.date: is_ for day in days.days(start, end)}
    return asked.own(some, start=start, end=end, settled=settled)


def fill(day: Delivered, **known: Any) -> Delivered:
    until = known.pop("until", LATER)
    (found,) = filling.filled([day], filling.Known(**known), until=until)
    return found


def history(*some: Delivered) -> dict[date, Delivered]:
    return {one.date: one for one in some}


def test_a_hole_is_filled_like_the_same_weekday_and_says_so() -> None:
    (day,) = own({DAY: [version(DAY, [9] * 92)]}, BY_QUARTER)
    (week,) = own({DAY - 7 * calendar.DAY: [version(DAY - 7 * calendar.DAY, range(96))]}, BY_QUARTER)
    (yesterday,) = own({DAY - calendar.DAY: [version(DAY - calendar.DAY, [1] * 96)]}, BY_QUARTER)
    found = fill(day, history=history(week, yesterday))
    assert found.values.wh == (9,) * 92 + (92, 93, 94, 95)
    assert found.values.origin[90:93] == ("metered", "metered", "filled")
    assert (found.values.status[91], found.values.status[92]) == ("metered", None)
    assert (found.basis[91], found.basis[92]) == (None, "history")
    assert (found.sources[91][0].name, found.sources[92]) == (day.sources[0][0].name, ())
    assert fill(day, history=history(yesterday)).values.wh[92:] == (1, 1, 1, 1)
    assert day.values.wh[92] is None, "what is delivered without asking for it stays as it came"


def test_on_the_days_when_the_clock_is_moved_it_is_the_same_local_hour() -> None:
    for moved, doubled in ((date(2026, 3, 29), 0), (date(2026, 10, 25), 4)):
        before = moved - 7 * calendar.DAY
        (day,) = own({moved: [version(moved, [9] * 4)]}, BY_QUARTER)
        (week,) = own({before: [version(before, [index // 4 for index in range(96)])]}, BY_QUARTER)
        wh = [one for one in fill(day, history=history(week)).values.wh[4:] if one is not None]
        hours = [hour for hour in range(24) if moved.month != 3 or hour != 2]
        expected = [hour for hour in hours for _ in range(8 if doubled and hour == 2 else 4)]
        assert wh == expected[4:]


def test_an_hour_that_came_is_what_its_missing_quarters_add_up_to() -> None:
    some = {DAY: [version(DAY, [10] * 50), version(DAY, [50] * 24, minutes=60, order=2)]}
    (day,) = own(some, BY_QUARTER)
    hours = asked.sources(some, start=day.start, end=days.day(DAY).end, settled={DAY: BY_QUARTER})[-1]
    found = fill(day, other={DAY: hours})
    assert found.values.wh[48:56] == (10, 10, 15, 15, 13, 13, 12, 12)
    assert found.basis[48:51] == (None, None, "hour")
    assert set(asked.in_resolution(found, "PT60M").values.wh[12:]) == {50}
    (whole,) = own(some, HOURLY)
    (holed,) = own({DAY: [version(DAY, [10] * 50)]}, HOURLY)
    quarters = asked.sources(some, start=day.start, end=days.day(DAY).end, settled={DAY: HOURLY})[0]
    assert fill(whole, other={DAY: quarters}) is whole
    assert fill(holed, other={DAY: quarters}).values.wh == (40,) * 12 + (None,) * 12


def test_an_hour_that_is_less_than_what_came_of_it_says_nothing() -> None:
    some = {DAY: [version(DAY, [10] * 94), version(DAY, [15] * 24, minutes=60, order=2)]}
    (day,) = own(some, BY_QUARTER)
    hours = asked.sources(some, start=day.start, end=days.day(DAY).end, settled={DAY: BY_QUARTER})[-1]
    assert fill(day, other={DAY: hours}) == day


def test_what_is_missing_of_a_period_is_exactly_the_rest_of_its_volume() -> None:
    second = DAY + calendar.DAY
    some = own({DAY: [version(DAY, [10] * 90)], second: [version(second, [10] * 92)]}, BY_QUARTER)
    known = filling.Known(volumes=[volume(DAY, second, 1820 + 105)])
    found = filling.filled(some, known, until=LATER)
    assert [sum(wh or 0 for wh in day.values.wh) for day in found] == [900 + 65, 920 + 40]
    assert {one for day in found for one in day.basis} == {None, "stands"}
    before = {local - 7 * calendar.DAY: [version(local - 7 * calendar.DAY, range(96))] for local in (DAY, second)}
    known = filling.Known(volumes=known.volumes, history=history(*own(before, BY_QUARTER)))
    shaped = filling.filled(some, known, until=LATER)
    assert sum(wh or 0 for day in shaped for wh in day.values.wh) == 1820 + 105
    assert {one for day in shaped for one in day.basis} == {None, "stands-and-history"}
    assert shaped[0].values.wh != found[0].values.wh


def test_where_more_came_than_the_period_has_nothing_is_put_in() -> None:
    (day,) = own({DAY: [version(DAY, [10] * 90)]}, BY_QUARTER)
    (week,) = own({DAY - 7 * calendar.DAY: [version(DAY - 7 * calendar.DAY, [1] * 96)]}, BY_QUARTER)
    assert fill(day, volumes=[volume(DAY, DAY, 899)], history=history(week)) == day


def test_the_annual_volume_is_the_last_to_go_by_and_without_it_a_hole_stays() -> None:
    (day,) = own({DAY: [version(DAY, [9] * 20, minutes=60)]}, HOURLY)
    found = fill(day, annual_wh=8_760_000)
    assert (found.values.wh[20:], set(found.basis[20:])) == ((1000,) * 4, {"annual-volume"})
    assert fill(day) == day


def test_what_is_not_over_or_owed_of_nobody_is_left() -> None:
    (day,) = own({DAY: [version(DAY, [9] * 20, minutes=60)]}, HOURLY)
    until = day.start + timedelta(hours=22)
    assert fill(day, annual_wh=8_760_000, until=until).values.wh[20:] == (1000, 1000, None, None)
    closed = Settled("interval", "PT60M", "PT60M", "profile-6015", AREA, None)
    (nobodys,) = own({DAY: [version(DAY, [9] * 20, minutes=60)]}, closed)
    assert fill(nobodys, annual_wh=8_760_000) == nobodys


def test_the_dsos_own_estimate_stands_in_place_of_ours() -> None:
    first = version(DAY, [9] * 92)
    own_estimate = version(DAY, [3] * 4, first=92, order=2)._replace(status="final-estimated")
    (day,) = own({DAY: [first, own_estimate]}, BY_QUARTER)
    assert fill(day, annual_wh=8_760_000) is day
    assert day.values.origin[92:] == ("final-estimated",) * 4


def test_an_hour_filled_in_part_is_filled_and_a_filled_hour_stays_so_in_quarters() -> None:
    (day,) = own({DAY: [version(DAY, [9] * 95)]}, BY_QUARTER)
    hours = asked.in_resolution(fill(day, annual_wh=8_760_000), "PT60M")
    assert (hours.values.wh[22:], hours.values.origin[22:]) == ((36, 27 + 250), ("sum", "filled"))
    assert (hours.values.status[22:], hours.basis[22:]) == (("metered", None), (None, "annual-volume"))
    assert [len(some) for some in hours.sources[22:]] == [1, 1], "three of its quarters came"
    (holed,) = own({DAY: [version(DAY, [9] * 23, minutes=60)]}, HOURLY)
    quarters = asked.in_resolution(fill(holed, annual_wh=8_760_000), "PT15M")
    assert (set(quarters.values.origin[88:92]), set(quarters.values.origin[92:])) == ({"flat"}, {"filled"})
    assert set(quarters.basis[92:]) == {"annual-volume"}


LOCAL = (date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30)), (date(2026, 10, 24), date(2026, 10, 25))


@st.composite
def mixtures(draw: st.DrawFn) -> tuple[dict[date, list[Version]], dict[date, Settled], dict[str, Any], list[Volume]]:
    """Days in a row: versions of quarters and hours among each other, how they count, profiles, a period's volume."""
    local = draw(st.sampled_from(LOCAL))
    some: dict[date, list[Version]] = {}
    is_: dict[date, Settled] = {}
    published: dict[str, Any] = {}
    for day in local:
        is_[day] = draw(st.sampled_from((HOURLY, BY_QUARTER)))
        some[day] = []
        for order in range(draw(st.integers(0, 4))):
            minutes = draw(st.sampled_from((15, 60)))
            most = days.day(day).quarters * 15 // minutes
            first = draw(st.integers(0, most - 1))
            wh = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=most - first))
            some[day].append(version(day, wh, minutes=minutes, first=first, order=order + 1))
        some[day] = draw(st.permutations(some[day]))
        if draw(st.booleans()):
            weights = draw(st.lists(st.integers(-2, 1000), min_size=8, max_size=8))
            command = PublishProfile(kind="jip", start=days.day(day).start, weights=tuple(weights))
            for key, part in profiles.by_day(
                profiles.decide_published(None, command, grid_area=AREA, at=LATER)
            ).items():
                published[key] = profiles.evolve_day(published.get(key), part)
    wh = draw(st.none() | st.integers(0, 10**9))
    return some, is_, published, [] if wh is None else [volume(local[0], local[-1], wh)]


@settings(deadline=None, max_examples=80)
@given(mixtures())
def test_whatever_came_quarters_and_hours_agree_and_nothing_is_invented(mixture: Any) -> None:
    some, is_, published, period = mixture
    local = sorted(some)
    window: dict[str, Any] = {"start": days.day(local[0]).start, "end": days.day(local[-1]).end}
    plain = asked.own(some, **window, settled=is_)
    by_quarter, by_hour = (
        asked.delivered(some, **window, settled=is_, wanted=wanted, known=published) for wanted in ("PT15M", "PT60M")
    )
    for day, quarters, hours in zip(plain, by_quarter, by_hour, strict=True):
        _agree(quarters, hours)
        # A plain model: the newest in the day's own resolution, step by step.
        minutes = 15 if is_[day.date] is BY_QUARTER else 60
        model: list[int | None] = [None] * (days.day(day.date).quarters * 15 // minutes)
        for one in sorted(some[day.date], key=lambda each: each.order):
            if one.minutes == minutes:
                model[one.first : one.first + len(one.wh) // one.width] = values.decode(one.width, one.wh)
        assert list(day.values.wh) == model
        assert [bool(from_) for from_ in day.sources] == [wh is not None for wh in model]
        assert not any("filled" in each.values.origin or each.basis for each in (day, quarters, hours))
    came = asked.sources(some, **window, settled=is_)
    own_ = {one.date: one.values.resolution for one in plain}
    known = filling.Known(
        other={one.date: one for one in came if one.values.resolution != own_[one.date]}, volumes=period
    )
    filled = filling.filled(plain, known, until=LATER)
    for before, after in zip(plain, filled, strict=True):
        assert all(old in {None, new} for old, new in zip(before.values.wh, after.values.wh, strict=True))
        put = [old is None and new is not None for old, new in zip(before.values.wh, after.values.wh, strict=True)]
        assert put == [origin == "filled" for origin in after.values.origin]
        assert put == [one is not None for one in after.basis or (None,) * len(put)]
        _agree(asked.in_resolution(after, "PT15M", known=published), asked.in_resolution(after, "PT60M"))
    bases = {one for day in filled for one in day.basis}
    if bases & {"stands"}:
        (one,) = period
        assert sum(wh for day in filled for wh in day.values.wh if wh is not None) == one.wh


def _agree(quarters: Delivered, hours: Delivered) -> None:
    for number, hour in enumerate(hours.values.wh):
        parts = quarters.values.wh[4 * number : 4 * number + 4]
        assert hour == (None if None in parts else sum(one or 0 for one in parts))
        assert (hours.values.origin[number] == "filled") == ("filled" in quarters.values.origin[4 * number :][:4]) or (
            hour is None
        )
