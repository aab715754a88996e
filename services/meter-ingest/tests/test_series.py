"""Series of values: what is refused, what is noticed, and what counts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.meter_ingest.v1 import Series, StatusRun
from contracts.registry import v1 as registry
from contracts.values import BiddingZone
from meter_ingest.domain import days, refusals, series, values
from meter_ingest.domain.values import Version

pytestmark = pytest.mark.unit

DAY = "2026-03-28"


@pytest.fixture
def at(world: Any) -> datetime:
    return world.local("2026-03-29", "06:30")


@pytest.fixture
def point(world: Any) -> str:
    (point,) = world.points(1)
    world.open([point])
    return point


def refused(world: Any, some: Series, at: datetime, code: str, **figures: object) -> None:
    decided = world.decide(world.record(some, at=at))
    assert decided.event is None
    assert decided.status == "rejected"
    (reason,) = decided.reasons
    assert reason.code == code
    for name, value in figures.items():
        assert getattr(reason, name) == value
    assert [(row.row, row.code) for row in decided.rows] == [(0, code)]
    assert decided.versions == ()


@pytest.mark.parametrize(
    ("day", "resolution", "count"),
    [
        ("2026-03-28", "PT60M", 24),
        ("2026-03-28", "PT15M", 96),
        ("2026-03-29", "PT60M", 23),
        ("2026-03-29", "PT15M", 92),
        ("2026-10-25", "PT60M", 25),
        ("2026-10-25", "PT15M", 100),
    ],
)
def test_a_local_day_has_as_many_values_as_it_has_steps(world: Any, day: str, resolution: str, count: int) -> None:
    """MV-06."""
    (point,) = world.points(1)
    world.open([point], resolution=resolution)
    start, end = days.day(date.fromisoformat(day)).start, days.day(date.fromisoformat(day)).end
    some = Series(
        metering_point_id=point,
        resolution=resolution,
        start=start,
        end=end,
        values_wh=(1,) * count,
        registered_at=end,
    )
    decided = world.decide(world.record(some, at=end))
    assert decided.event.series[0].count == count


def test_the_nth_step_is_n_steps_after_the_days_start() -> None:
    """MV-07, MV-08."""
    spring, autumn = days.day(date(2026, 3, 29)), days.day(date(2026, 10, 25))
    assert (spring.start + 8 * days.QUARTER).isoformat() == "2026-03-29T01:00:00+00:00"
    assert (autumn.start + 12 * days.QUARTER).isoformat() == "2026-10-25T01:00:00+00:00"
    assert (spring.quarters, autumn.quarters) == (92, 100)


def test_deadlines_are_local() -> None:
    """MV-09."""
    due = [days.complete_by(date(2026, *day)).isoformat() for day in ((3, 28), (10, 24), (6, 10))]
    assert due == ["2026-03-29T05:00:00+00:00", "2026-10-25T06:00:00+00:00", "2026-06-11T05:00:00+00:00"]


@pytest.mark.rule("SERIES_POINT_UNKNOWN")
def test_a_point_that_is_unknown_or_not_ones_own_or_no_id_is_the_same(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    theirs = world.points(2, dso=world.other_dso)[0]
    world.open([theirs], sender=world.other_dso)
    some = day_series(point, DAY, 1)
    for id_ in (theirs, world.gsrn(3)):
        refused(world, some.model_copy(update={"metering_point_id": id_}), at, "SERIES_POINT_UNKNOWN", limit=None)


@pytest.mark.rule("SERIES_POINT_NO_ID")
def test_what_is_no_id_is_told_so(world: Any, at: datetime, point: str, day_series: Any) -> None:
    some = day_series(point, DAY, 1)
    for id_ in ("", "\x00", point[:15], f"{point}0", "\u0667" * 18, "0" * 18):
        wrong = some.model_copy(update={"metering_point_id": id_})
        refused(world, wrong, at, "SERIES_POINT_NO_ID", limit=18, actual=None)


@pytest.mark.rule("SERIES_POINT_CHECK_DIGIT")
def test_a_wrong_check_digit_is_told_with_the_right_one(world: Any, at: datetime, point: str, day_series: Any) -> None:
    wrong = str((int(point[-1]) + 1) % 10)
    some = day_series(point, DAY, 1, metering_point_id=point[:-1] + wrong)
    refused(world, some, at, "SERIES_POINT_CHECK_DIGIT", limit=point[-1], actual=wrong)


@pytest.mark.rule("SERIES_VALUE_IMPOSSIBLE")
def test_no_point_has_more_than_four_gigawatt_whatever_is_known_of_it(
    world: Any, at: datetime, day_series: Any
) -> None:
    (point,) = world.points(1, power_w=0)
    world.open([point])
    most = (10**9,) + (0,) * 95
    assert world.decide(world.record(day_series(point, DAY, most), at=at)).event
    for wh in (10**9 + 1, 10**12, 2**63 - 1):
        some = day_series(point, DAY, 5).model_copy(update={"values_wh": (0, wh) + (0,) * 94})
        path, said = "/series/0/values_wh/1", wh if wh < 2**53 else str(wh)
        refused(world, some, at, "SERIES_VALUE_IMPOSSIBLE", limit=10**9, actual=said, path=path, unit="Wh")


@pytest.mark.rule("SERIES_REGISTERED_AHEAD")
def test_a_registration_to_come_is_refused_but_for_clocks_that_differ(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    """It would count over every honest correction until then."""
    ahead = at + refusals.AHEAD
    assert world.decide(world.record(day_series(point, DAY, 1, registered_at=ahead), at=at)).event
    wrong = day_series(point, DAY, 2, registered_at=ahead + timedelta(seconds=1))
    refused(world, wrong, at, "SERIES_REGISTERED_AHEAD", path="/series/0/registered_at")


@pytest.mark.rule("SERIES_NOT_AUTHORISED")
def test_a_point_that_was_ones_own_at_another_time_is_not_unknown(world: Any, at: datetime, day_series: Any) -> None:
    """Of a point that the sender never had it learns nothing; of one that it had, it knows already."""
    (point,) = world.points(2)
    moved = registry.MeteringPointRecorded(
        metering_point_id=point,
        grid_area=world.other_area,
        zone=BiddingZone.NO3,
        dso=world.other_dso,
        substation=None,
        resolution="PT15M",
        agreed_power_w=20_000,
        valid_from=world.local("2026-03-28"),
    )
    world.scenario.given(moved)
    refused(world, day_series(point, DAY, 1), at, "SERIES_NOT_AUTHORISED", limit=None, actual=None)


@pytest.mark.rule("SERIES_STATUSES_WRONG")
def test_statuses_run_by_run_cover_all_values(world: Any, at: datetime, point: str, day_series: Any) -> None:
    runs = ({"status": "metered", "count": 90}, {"status": "estimated", "count": 5})
    some = day_series(point, DAY, 1, statuses=runs)
    refused(world, some, at, "SERIES_STATUSES_WRONG", limit=96, actual=95)


def test_a_series_with_several_statuses_is_kept_run_by_run(world: Any, point: str, day_series: Any) -> None:
    runs = (
        {"status": "metered", "count": 100},
        {"status": "estimated", "count": 60},
        {"status": "temporary", "count": 28},
    )
    whole = tuple(range(96 + 92))
    some = day_series(
        point, DAY, whole, end=world.local("2026-03-30"), statuses=runs, registered_at=world.local("2026-03-30")
    )
    decided = world.decide(world.record(some, at=world.local("2026-03-30")))
    (accepted,) = decided.event.series
    assert (accepted.status, accepted.statuses, accepted.count) == ("metered", some.statuses, 188)
    assert [(one.day.day, one.first, len(one.wh) // one.width, one.status) for one in decided.versions] == [
        (28, 0, 96, "metered"),
        (29, 0, 4, "metered"),
        (29, 4, 60, "estimated"),
        (29, 64, 28, "temporary"),
    ]
    assert [number for one in decided.versions for number in values.decode(one.width, one.wh)] == list(whole)
    second = world.values.days[point, "consumption", date(2026, 3, 29)]
    counted = values.merge(second, 0, 92)
    assert (counted.wh, counted.status[3:5], counted.quality[3:5]) == (
        list(whole[96:]),
        ["metered", "estimated"],
        ["measured", "estimated"],
    )
    again = world.decide(world.record(some, at=world.local("2026-03-30", "01:00")))
    assert not again.event.series[0].changed


@pytest.mark.rule("SERIES_NO_CHANNEL")
def test_values_need_a_channel_over_the_whole_period(world: Any, at: datetime, point: str, day_series: Any) -> None:
    other = world.points(2)[0]
    refused(world, day_series(other, DAY, 1), at, "SERIES_NO_CHANNEL")
    refused(world, day_series(point, "2026-03-27", 1), at, "SERIES_NO_CHANNEL")
    refused(world, day_series(point, DAY, 1, direction="production"), at, "SERIES_NO_CHANNEL")
    world.close([point], valid_to=world.local("2026-03-29"))
    assert world.decide(world.record(day_series(point, DAY, 1), at=at)).event
    refused(world, day_series(point, "2026-03-29", 1), at + timedelta(days=1), "SERIES_NO_CHANNEL")


@pytest.mark.rule("SERIES_RESOLUTION_WRONG")
def test_the_resolution_is_the_channels(world: Any, at: datetime, point: str, day_series: Any) -> None:
    some = day_series(point, DAY, 1, resolution="PT60M")
    refused(world, some, at, "SERIES_RESOLUTION_WRONG", limit="PT15M", actual="PT60M")


@pytest.mark.rule("SERIES_NOT_ALIGNED")
def test_a_period_is_of_whole_steps(world: Any, at: datetime, point: str, day_series: Any) -> None:
    """MV-11."""
    some = day_series(point, DAY, 1)
    start = some.start + timedelta(minutes=7)
    refused(world, some.model_copy(update={"start": start}), at, "SERIES_NOT_ALIGNED", limit=15)
    hourly = some.model_copy(update={"start": some.start + timedelta(minutes=15), "resolution": "PT60M"})
    refused(world, hourly, at, "SERIES_NOT_ALIGNED", limit=60)


@pytest.mark.rule("SERIES_PERIOD_INVALID")
@pytest.mark.rule("SERIES_PERIOD_NOT_OVER")
@pytest.mark.rule("SERIES_PERIOD_TOO_OLD")
def test_a_period_ends_after_its_start_and_lies_in_the_last_three_years(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    """MV-11."""
    some = day_series(point, DAY, 1)
    refused(world, some.model_copy(update={"end": some.start}), at, "SERIES_PERIOD_INVALID", path="/series/0/end")
    soon, over = "2026-03-28T23:59:59+01:00", "2026-03-29T00:00:00+01:00"
    refused(world, some, some.end - timedelta(seconds=1), "SERIES_PERIOD_NOT_OVER", limit=soon, actual=over)
    assert world.decide(world.record(some, at=some.end)).event
    old = day_series(point, "2023-03-29", 1)
    oldest = "2023-03-29T06:30:00+02:00"
    refused(world, old, at, "SERIES_PERIOD_TOO_OLD", path="/series/0/start", limit=oldest)
    leap = datetime.fromisoformat("2028-02-29T12:00:00+00:00")
    assert series.oldest_start(leap, 3).isoformat() == "2025-02-28T12:00:00+00:00"


@pytest.mark.rule("SERIES_COUNT_WRONG")
def test_there_is_one_value_a_step(world: Any, point: str, day_series: Any) -> None:
    """MV-10; 24 hours on the 23-hour day."""
    at = world.local("2026-03-30", "06:30")
    refused(world, day_series(point, "2026-03-29", (1,) * 96), at, "SERIES_COUNT_WRONG", limit=92, actual=96)
    refused(world, day_series(point, "2026-03-29", ()), at, "SERIES_COUNT_WRONG", limit=92, actual=0)
    hourly = world.points(2)[0]
    world.open([hourly], resolution="PT60M")
    some = day_series(hourly, "2026-03-29", (1,) * 24, resolution="PT60M")
    refused(world, some, at, "SERIES_COUNT_WRONG", limit=23, actual=24)


@pytest.mark.rule("SERIES_VALUE_NEGATIVE")
def test_no_value_is_negative(world: Any, at: datetime, point: str, day_series: Any) -> None:
    refused(world, day_series(point, DAY, (1,) * 95 + (-2,)), at, "SERIES_VALUE_NEGATIVE", limit=0, actual=None)


@pytest.mark.rule("SERIES_VALUE_ABOVE_LIMIT")
def test_more_than_the_agreed_power_is_noticed_and_accepted(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    world.points(1, power_w=20_000)
    assert world.decide(world.record(day_series(point, DAY, 5000), at=at)).reasons == ()
    decided = world.decide(world.record(day_series(point, DAY, 5001), at=at))
    assert (decided.status, decided.rows) == ("accepted", ())
    (notice,) = decided.reasons
    assert (notice.code, notice.limit, notice.actual) == ("SERIES_VALUE_ABOVE_LIMIT", 5000, None)


def test_a_bad_series_does_not_sink_the_others_and_each_text_stands_once(
    world: Any, at: datetime, point: str, day_series: Any
) -> None:
    good, bad = day_series(point, DAY, 3), day_series(world.gsrn(7), DAY, 1)
    record = world.record(bad, good, bad, at=at)
    decided = world.decide(record)
    assert decided.status == "partly-accepted"
    assert [row.row for row in decided.rows] == [0, 2]
    assert [reason.path for reason in decided.reasons] == ["/series/0/metering_point_id"]
    event = decided.event
    assert (event.record, event.position, event.refused) == (record.ingressposition, record.position, 2)
    (accepted,) = event.series
    assert (accepted.sum_wh, accepted.count, accepted.changed) == (288, 96, True)
    assert decided.versions[0].series == 1
    assert accepted.salted_sha256 == values.salted(
        b"salt", decided.versions[0].wh, point=point, line="consumption", start=good.start, minutes=15
    )


def test_a_series_over_several_days_is_kept_by_local_day(world: Any, point: str, day_series: Any) -> None:
    some = day_series(point, DAY, 1).model_copy(
        update={
            "start": world.local(DAY, "12:00"),
            "end": world.local("2026-03-30", "06:00"),
            "values_wh": tuple(range(48 + 92 + 24)),
        }
    )
    versions = world.decide(world.record(some, at=world.local("2026-03-30", "07:00"))).versions
    assert [(one.day.day, one.first, len(one.wh) // one.width) for one in versions] == [
        (28, 48, 48),
        (29, 0, 92),
        (30, 0, 24),
    ]
    assert [number for one in versions for number in values.decode(one.width, one.wh)] == list(some.values_wh)


def test_cumulative_resends_make_no_revision_of_what_is_known(world: Any, point: str, day_series: Any) -> None:
    """MV-13: option A; 1, then 1-2, then 1-3 with the first one corrected."""
    start = world.local(DAY, "09:00")
    whole = day_series(point, DAY, 1)

    def first(*figures: int, minute: int) -> Any:
        changes = {
            "start": start,
            "end": start + len(figures) * days.QUARTER,
            "values_wh": figures,
            "registered_at": world.local(DAY, f"10:{minute}"),
        }
        return whole.model_copy(update=changes)

    at = world.local(DAY, "12:00")
    changed = [
        world.decide(world.record(first(*figures, minute=minute), at=at)).event.series[0].changed
        for figures, minute in (
            ((10_000,), 20),
            ((10_000, 11_500), 35),
            ((10_250, 11_500, 9750), 50),
            ((10_250, 11_500, 9750), 55),
        )
    ]
    assert changed == [True, True, True, False]
    ((_, versions),) = world.values.days.items()
    counted = values.merge(versions, 36, 40)
    assert counted.wh == [10_250, 11_500, 9750, None]
    assert [one.position if one else None for one in counted.by] == [3, 2, 3, None]


def test_what_counts_is_as_of_the_last_position_heard(world: Any, point: str, day_series: Any) -> None:
    """MV-14."""
    for position, (figure, status, registered) in enumerate(
        ((125, "temporary", "04-01"), (118, "estimated", "04-03"), (119, "metered", "04-20")), 1
    ):
        some = day_series(point, DAY, figure, status=status, registered_at=world.local(f"2026-{registered}", "05:30"))
        decided = world.decide(world.record(some, at=world.local(f"2026-{registered}", "06:00")))
        assert decided.versions[0].position == position
    ((_, versions),) = world.values.days.items()
    found = [values.merge([one for one in versions if one.position <= upto], 0, 96) for upto in range(4)]
    assert [one.wh[0] for one in found] == [None, 125, 118, 119]
    assert [one.quality[0] for one in found] == ["missing", "estimated", "estimated", "measured"]


@pytest.mark.rule("SERIES_DOWNGRADED")
def test_metered_values_are_not_silently_replaced_by_others(world: Any, point: str, day_series: Any) -> None:
    def sent(status: str, registered: str, **changes: Any) -> list[str]:
        some = day_series(point, DAY, 118, status=status, registered_at=world.local(f"2026-{registered}", "05:30"))
        some = some.model_copy(update=changes)
        decided = world.decide(world.record(some, at=world.local("2026-04-21", "06:00")))
        assert decided.status == "accepted"
        return [reason.code for reason in decided.reasons]

    assert sent("estimated", "04-02") == []
    assert sent("metered", "04-03") == []
    # Of before: it does not count.
    assert sent("temporary", "04-02") == ["SERIES_OLDER_THAN_COUNTS"]
    assert sent("estimated", "04-04") == ["SERIES_DOWNGRADED"]
    # There is nothing metered left to take the place of.
    assert sent("temporary", "04-05") == []
    assert sent("metered", "04-06") == []
    runs = (StatusRun(status="metered", count=95), StatusRun(status="temporary", count=1))
    assert sent("metered", "04-07", statuses=runs) == ["SERIES_DOWNGRADED"]


def test_hours_become_quarters_that_add_up() -> None:
    """MV-16."""
    assert [values.flat(hour) for hour in (10_000, 3001, 3, 1, 0)] == [
        [2500, 2500, 2500, 2500],
        [751, 750, 750, 750],
        [1, 1, 1, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_values_are_kept_in_four_bytes_where_that_is_enough() -> None:
    assert values.encode([0, 1, 2**31 - 1]) == (4, bytes(4) + b"\x01\x00\x00\x00" + b"\xff\xff\xff\x7f")
    width, encoded = values.encode([1, 2**31])
    assert (width, len(encoded), values.decode(width, encoded)) == (8, 16, (1, 2**31))


@given(st.integers(0, 2**53))
def test_the_quarters_of_an_hour_are_the_hour(hour: int) -> None:
    assert sum(values.flat(hour)) == hour
    assert max(values.flat(hour)) - min(values.flat(hour)) <= 1


def version(order: int, first: int, figures: list[int], status: str, minutes: int) -> Version:
    moment = datetime.fromisoformat("2026-03-29T00:00:00+00:00") + timedelta(minutes=order)
    width, wh = values.encode(figures)
    day = days.day_at(datetime.fromisoformat("2026-10-25T12:00:00+00:00")).date
    return Version(
        "p", "consumption", day, moment, moment, 0, order, 0, "0", order, minutes, first, status, width, wh, b""
    )


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 20),
            st.lists(st.integers(0, 3), min_size=1, max_size=5),
            st.sampled_from(["metered", "estimated"]),
            st.sampled_from([15, 60]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_order_of_processing_changes_what_counts(parts: list[Any]) -> None:
    """Against a plain model: the greatest version that says anything of a quarter says what counts."""
    day = days.day_at(datetime.fromisoformat("2026-10-25T12:00:00+00:00"))
    versions = [version(order, *part) for order, part in enumerate(parts)]
    plain: list[int | None] = [None] * day.quarters
    for one in versions:
        figures = values.quarters(one.minutes, values.decode(one.width, one.wh))
        begin = one.first * one.minutes // 15
        plain[begin : begin + len(figures)] = figures
    merged = [values.merge(some, 0, day.quarters) for some in permutations(versions)]
    assert all(one == merged[0] for one in merged)
    assert merged[0].wh == plain
    for first, last in ((0, 3), (1, 8), (5, 6), (30, 60)):
        window = values.merge(versions, first, last)
        assert (window.wh, window.by) == (plain[first:last], merged[0].by[first:last])
