"""Which channel the balance is settled on, and what is told when a point's facts are corrected."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.meter_ingest.v1 import ChannelOpened, CountingChannelChanged
from contracts.values import make_gln, make_gsrn
from meter_ingest import store
from meter_ingest.domain import channel, codes, counting, days, known, rules
from meter_ingest.domain.known import PointVersion

pytestmark = pytest.mark.unit

DSO = make_gln(2)
DAYS = [date(2026, 3, 26) + timedelta(days=number) for number in range(6)]
"""Around the day with 23 hours."""


def midnight(text: str) -> datetime:
    return days.day(date.fromisoformat(text)).start


def fact(since: str | datetime, **changes: Any) -> PointVersion:
    at = midnight(since) if isinstance(since, str) else since
    return PointVersion(at, DSO, 1000, **{"grid_area": "a", "resolution": "PT60M", **changes})


def settled(local: str, *facts: PointVersion, line: str = "consumption", resolution: str = "PT60M") -> counting.Settled:
    open_ = (channel.Period(DSO, resolution, midnight("2026-03-26")),)
    return counting.settled_on(facts, open_, line, date.fromisoformat(local))


@pytest.mark.parametrize(
    ("line", "settlement", "resolution", "counts", "method"),
    [
        ("consumption", "interval", "PT60M", "PT60M", "profile-6015"),
        ("production", "interval", "PT60M", "PT60M", "flat"),
        ("consumption", "interval", "PT15M", "PT15M", "none"),
        ("consumption", "profiled", "PT60M", None, "fppc"),
        ("production", "profiled", "PT60M", None, None),
        ("consumption", "not-settled", "PT15M", None, None),
        ("consumption", None, "PT60M", "PT60M", "profile-6015"),
        ("consumption.reactive", "interval", "PT60M", None, None),
        ("consumption.active.1", "interval", "PT60M", None, None),
    ],
)
def test_what_counts_follows_from_settlement_resolution_direction_and_line(
    line: str, settlement: Any, resolution: Any, counts: str | None, method: str | None
) -> None:
    found = settled("2026-03-28", fact("2026-01-01", settlement=settlement, resolution=resolution), line=line)
    assert (found.counts, found.method) == (counts, method)


def test_without_a_channel_or_a_point_in_use_nothing_counts() -> None:
    assert settled("2026-03-25", fact("2026-01-01")).counts is None
    assert settled("2026-03-26", fact("2026-01-01")).counts == "PT60M"
    closed = settled("2026-03-28", fact("2026-01-01"), fact("2026-03-28", active=False))
    assert (closed.counts, closed.method, closed.resolution) == (None, None, "PT60M")


def test_a_fact_from_within_a_day_holds_from_the_next() -> None:
    noon = midnight("2026-03-28") + timedelta(hours=12)
    facts = (fact("2026-01-01"), fact(noon, resolution="PT15M"))
    assert [settled(one, *facts).resolution for one in ("2026-03-28", "2026-03-29")] == ["PT60M", "PT15M"]
    assert settled("2026-03-28", fact(noon)).resolution == "PT60M", "the first one holds from its own day"


def test_opening_a_channel_tells_from_when_the_balance_is_settled_on_it(world: Any) -> None:
    (point,) = world.points(1)
    world.fact(point, settlement_method="not-settled", valid_from=world.local("2026-04-01"))
    (opened,) = world.open([point]).then_only(ChannelOpened)
    assert [(one.valid_from, one.valid_to, one.counts, one.method) for one in opened.counting] == [
        (world.local("2026-03-28"), world.local("2026-04-01"), True, "none"),
        (world.local("2026-04-01"), None, False, None),
    ]
    (reactive,) = world.open([point], product="reactive").then_only(ChannelOpened)
    assert reactive.counting == ()


def test_a_resolution_changed_back_in_time_tells_which_days_are_otherwise(world: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    back = {"resolution": "PT60M", "valid_from": world.local("2026-03-29")}
    (changed,) = world.fact(point, at=world.local("2026-04-15"), **back).then_only(CountingChannelChanged)
    assert (changed.metering_point_id, changed.dso, changed.direction) == (point, world.dso, "consumption")
    (only,) = changed.days
    assert (only.valid_from, only.valid_to) == (world.local("2026-03-29"), None)
    assert (only.resolution, only.counts, only.method) == ("PT60M", True, "profile-6015")
    world.fact(point, at=world.local("2026-04-15"), **back).then_only()
    until = {"resolution": "PT15M", "valid_from": world.local("2026-04-03")}
    (changed,) = world.fact(point, at=world.local("2026-04-16"), **until).then_only(CountingChannelChanged)
    (only,) = changed.days
    assert (only.valid_from, only.resolution, only.method) == (world.local("2026-04-03"), "PT15M", "none")


def test_what_does_not_concern_settlement_is_not_told(world: Any) -> None:
    (point,) = world.points(1, 2)[:1]
    world.open([point])
    world.fact(point, agreed_power_w=9000, substation="T9", valid_from=world.local("2026-03-30")).then_only()
    world.fact(world.gsrn(2), resolution="PT60M", valid_from=world.local("2026-03-30")).then_only()


def test_days_on_which_the_channel_is_closed_are_not_told(world: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    world.close([point])
    world.fact(point, resolution="PT60M", valid_from=world.local("2026-03-30")).then_only()
    (changed,) = world.fact(point, resolution="PT60M", valid_from=world.local("2026-03-29")).then_only(
        CountingChannelChanged
    )
    assert [(one.valid_from, one.valid_to) for one in changed.days] == [
        (world.local("2026-03-29"), world.local("2026-03-30"))
    ]


def test_each_dso_is_told_its_own_days(world: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    world.close([point])
    world.fact(point, dso=world.other_dso, valid_from=world.local("2026-03-30"))
    world.open([point], sender=world.other_dso, valid_from=world.local("2026-03-30"))
    world.fact(point, dso=world.dso, settlement_method="not-settled", valid_from=world.local("2026-01-01"))
    changed = world.fact(
        point, dso=world.other_dso, settlement_method="not-settled", valid_from=world.local("2026-03-30")
    ).then_only(CountingChannelChanged)
    assert [one.dso for one in changed] == [world.other_dso]
    told = world.scenario.state(store.CHANNEL, point).told["consumption"]
    assert [(one.settled.dso, one.settled.counts) for one in told] == [(world.dso, None), (world.other_dso, None)]


CHANGES: tuple[dict[str, Any], ...] = (
    {"valid_from": midnight("2026-03-29"), "resolution": "PT60M"},
    {"valid_from": midnight("2026-03-30"), "resolution": "PT15M", "settlement_method": "not-settled"},
    {"valid_from": midnight("2026-03-28"), "resolution": "PT60M", "settlement_method": "profiled"},
)


def test_corrections_in_any_order_end_in_the_same_days_and_tell_all_of_it(world: Any) -> None:
    ends: list[Any] = []
    for number, order in enumerate(permutations(CHANGES), 1):
        (point,) = world.points(number)
        world.open([point])
        original = world.recorded[point]
        for changes in order:
            world.recorded[point] = original
            world.fact(point, **changes)
        ends.append(world.scenario.state(store.CHANNEL, point).told["consumption"])
    assert all(one == ends[0] for one in ends)
    assert [(one.settled.counts, one.settled.method) for one in ends[0]] == [
        (None, "fppc"),
        ("PT60M", "profile-6015"),
        (None, None),
    ]


RESOLUTIONS = st.sampled_from(["PT15M", "PT60M"])
SETTLEMENTS = st.sampled_from([None, "interval", "profiled", "not-settled"])


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6 * 24), RESOLUTIONS, SETTLEMENTS), min_size=1, max_size=6),
    st.integers(0, 4),
    st.integers(1, 3),
    st.data(),
)
def test_the_days_told_are_the_days_as_they_are(
    said: list[tuple[int, Any, Any]], opened: int, open_days: int, data: st.DataObject
) -> None:
    """However facts come, what was told adds up to what each day is; told once, nothing is told again."""
    begins = midnight("2026-03-26")
    first, last = DAYS[opened], DAYS[opened] + timedelta(days=open_days)
    periods = (channel.Period(DSO, "PT60M", days.day(first).start, days.day(last).start),)
    told: counting.Stretches = ()
    facts: list[PointVersion] = []
    for hours, resolution, settlement in data.draw(st.permutations(said)):
        at = begins + timedelta(hours=hours)
        new = PointVersion(at, DSO, 1, resolution=resolution, settlement=settlement)
        facts = sorted([*(one for one in facts if one.valid_from != at), new], key=lambda one: one.valid_from)
        for event in counting.decide_changed(make_gsrn(1), facts, {"consumption": periods}, {"consumption": told}):
            told = counting.put(told, counting.said(event.days, event.dso))
        assert not counting.decide_changed(make_gsrn(1), facts, {"consumption": periods}, {"consumption": told})
    assert told == counting.timeline(facts, periods, "consumption")
    for local in DAYS:
        start = days.day(local).start
        of_day = [one.settled for one in told if one.valid_from <= start and (not one.valid_to or start < one.valid_to)]
        is_ = counting.settled_on(facts, periods, "consumption", local)
        assert of_day == ([is_] if is_.dso else [])


@pytest.mark.rule("SERIES_RESOLUTION_NOT_REGISTERED")
def test_values_are_in_the_resolution_that_the_point_has_that_day(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point], resolution="PT60M", registered=False)
    at = world.local("2026-04-01")
    hours = day_series(point, "2026-03-28", 4, resolution="PT60M")
    decided = world.decide(world.record(hours, at=at))
    (reason,) = decided.reasons
    assert (reason.code, reason.limit, reason.actual) == ("SERIES_RESOLUTION_NOT_REGISTERED", "PT15M", "PT60M")
    assert codes.of(reason.code) == codes.of(rules.SERIES_RESOLUTION_WRONG.key) == "EH075"
    assert world.decide(world.record(day_series(point, "2026-03-28", 1), at=at)).event is not None


def test_a_late_correction_is_in_the_resolution_of_its_day(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point])
    world.fact(point, resolution="PT60M", valid_from=world.local("2026-03-30"))
    at = world.local("2026-04-20")

    def codes_of(*some: Any) -> list[str]:
        return [row.code for row in world.decide(world.record(*some, at=at)).rows]

    assert codes_of(day_series(point, "2026-03-29", 1), day_series(point, "2026-03-30", 1, resolution="PT60M")) == []
    assert codes_of(day_series(point, "2026-03-29", 1, resolution="PT60M")) == ["SERIES_RESOLUTION_WRONG"]
    assert codes_of(day_series(point, "2026-03-30", 1)) == ["SERIES_RESOLUTION_NOT_REGISTERED"]
    both = day_series(point, "2026-03-29", 1)
    both = both.model_copy(update={"end": both.end + timedelta(hours=24), "values_wh": (1,) * (92 + 96)})
    assert codes_of(both) == ["SERIES_RESOLUTION_NOT_REGISTERED"]


def test_reactive_energy_goes_by_its_channel(world: Any, day_series: Any) -> None:
    (point,) = world.points(1)
    world.open([point], product="reactive", resolution="PT60M", registered=False)
    some = day_series(point, "2026-03-28", 1, resolution="PT60M", product="reactive")
    named = f"{point[:15]}|consumption.reactive"
    block = world.scenario.documents[store.BLOCK.name, named].state
    facts = known.versions_of({point[:15]: world.scenario.state(store.POINTS, point[:15])}, point)
    parts = ((days.day(date(2026, 3, 28)), 0, 24),)
    (period,) = block.places[point[15:]]
    assert counting.other_than(some, period.resolution, facts, parts) is None
    assert counting.other_than(some.model_copy(update={"product": "active"}), "PT60M", facts, parts) == "PT15M"
