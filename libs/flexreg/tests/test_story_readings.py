"""The values: how many there are, and that what they say of the two activations is what the story says."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from contracts import calendar
from flexreg.story import cast as who
from flexreg.story import readings
from flexreg.story.readings import ORDINARY_DAY, SHORT_DAY, START_A, START_B
from flexreg.story.steps import metering

pytestmark = pytest.mark.unit

CAST = who.cast()
QUARTER = timedelta(minutes=15)


def quarter_sums(series: list[readings.Series], *starts: datetime) -> list[int]:
    """The Wh of these quarters over all series; an hour as four equal quarters."""
    first = calendar.midnight(SHORT_DAY)
    sums = [0] * len(starts)
    for one in series:
        steps = 1 if one["resolution"] == "PT15M" else 4
        for place, start in enumerate(starts):
            value, rest = divmod(one["values_wh"][(start - first) // (steps * QUARTER)], steps)
            assert rest == 0
            sums[place] += value
    return sums


def delivered(series: list[readings.Series], start: datetime) -> list[tuple[int, int]]:
    """Per quarter of the activation: the baseline and what was delivered."""
    before = quarter_sums(series, *(start - place * QUARTER for place in (4, 3, 2, 1)))
    during = quarter_sums(series, start, start + QUARTER)
    baseline = sum(before) // 4
    return [(baseline, baseline - metered) for metered in during]


@pytest.mark.parametrize(("day", "quarters", "hours"), [(ORDINARY_DAY, 96, 24), (SHORT_DAY, 92, 23)])
def test_a_day_has_as_many_values_as_it_has_steps(day, quarters, hours):
    near, far = readings.of_dso_1(CAST, day), readings.of_dso_2(CAST, day)
    assert [len(one["values_wh"]) for one in near] == [quarters] * 270
    assert [len(one["values_wh"]) for one in far] == [quarters] * (150 + 296) + [hours] * 24
    assert min(value for one in (*near, *far) for value in one["values_wh"]) >= 0


def test_a_delivers_96_and_98_percent():
    series = readings.of_dso_1(CAST, SHORT_DAY) + readings.of_dso_2(CAST, SHORT_DAY)[:150]
    assert delivered(series, START_A) == [(630_000, 480_000), (630_000, 490_000)]


def test_a_is_as_steady_before_its_activation_as_a_baseline_wants():
    series = readings.of_dso_1(CAST, SHORT_DAY)
    sums = quarter_sums(series, *(START_A - place * QUARTER for place in (4, 3, 2, 1)))
    assert len(set(sums)) == 1


def test_no_point_delivers_more_than_it_may():
    places = {one["metering_point_id"]: one for one in readings.of_dso_2(CAST, SHORT_DAY)}
    for points, most in ((CAST.limited, 3_000), (CAST.rejected, 0), (CAST.far[34:], 5_000)):
        for point in points:
            for _, fell in delivered([places[point.id]], START_A):
                assert 0 <= 4 * fell <= most


def test_b_delivers_what_is_said_of_its_three_runs():
    first = readings.as_first_sent(CAST)[150:]
    counted = [one for one in first if len(one["values_wh"]) != 24]
    assert len(counted) == 295 + 23
    assert delivered(counted, START_B) == [(477_000, 238_060), (477_000, 238_840)]
    complete = [*counted, *readings.afterwards(CAST)]
    assert delivered(complete, START_B) == [(480_000, 239_220), (480_000, 240_000)]
    right = readings.of_dso_2(CAST, SHORT_DAY)[150:]
    assert delivered(right, START_B) == [(480_000, 240_000), (480_000, 240_000)]


def test_the_correction_says_what_is_right():
    correction = readings.correction(CAST, registered_at=calendar.at_local(SHORT_DAY, "12:00"))
    right = readings.of_dso_2(CAST, SHORT_DAY)[150 + readings.CORRECTED]
    wrong = readings.as_first_sent(CAST)[150]
    place = (START_B - calendar.midnight(SHORT_DAY)) // QUARTER
    assert correction["metering_point_id"] == right["metering_point_id"] == wrong["metering_point_id"]
    assert correction["values_wh"] == [right["values_wh"][place]]
    pairs = zip(right["values_wh"], wrong["values_wh"], strict=True)
    assert [number for number, (one, other) in enumerate(pairs) if one != other] == [place]


def test_one_series_is_missing_and_one_has_an_hour_too_many():
    first, whole = readings.as_first_sent(CAST), readings.of_dso_2(CAST, SHORT_DAY)
    assert len(first) == 469
    ids = {one["metering_point_id"] for one in first}
    assert {one["metering_point_id"] for one in whole} - ids == {CAST.of_b[readings.MISSING].id}
    assert [one["metering_point_id"] for one in first if len(one["values_wh"]) == 24] == [CAST.hourly[0].id]
    assert [one["metering_point_id"] for one in readings.afterwards(CAST)] == [
        CAST.of_b[readings.MISSING].id,
        CAST.hourly[0].id,
    ]


def test_a_record_is_small_enough():
    records = readings.records(readings.of_dso_2(CAST, SHORT_DAY), title="2026-03-29")
    assert [len(record["data"]["series"]) for record in records] == [100, 100, 100, 100, 70]
    assert records[-1]["subject"] == "2026-03-29 5/5"


def test_the_effect_of_a_is_two_megawatts_to_the_watt():
    assert sum(power for _, power in metering.EFFECT_W.values()) == 2_000_000
    shares = metering.shares_of_a(CAST)
    for dso, (points, power) in metering.EFFECT_W.items():
        assert sum(count for count, _ in shares[dso].values()) == points
        assert sum(watts for _, watts in shares[dso].values()) == power
