"""Values as a recipient asks for them, and profiles to make them by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.meter_ingest.v1 import ProfilePublished, PublishProfile
from contracts.registry.v1 import GridAreaDefined
from contracts.values import BiddingZone, make_eic_y, make_gsrn
from meter_ingest import store
from meter_ingest.domain import asked, counting, days, profiles, transform, values
from meter_ingest.domain import known as known_
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.values import Version

pytestmark = pytest.mark.unit

AREA = make_eic_y("NO3-NORD")
POINT = make_gsrn(1)
LOCAL = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25)]
HOURLY = Settled("interval", "PT60M", "PT60M", "profile-6015", AREA, "dso")
BY_QUARTER = Settled("interval", "PT15M", "PT15M", "none", AREA, "dso")


def version(
    local: date, wh: Sequence[int], *, minutes: int = 60, first: int = 0, order: int = 1, status: str = "metered"
) -> Version:
    width, encoded = values.encode(wh)
    at = datetime(2026, 11, 1, 0, order, tzinfo=UTC)
    return Version(
        POINT, "consumption", local, at, at, 0, order, 0, "0", order, minutes, first, status, width, encoded, b""
    )


def ask(local: date, *some: Version, settled: Settled = HOURLY, **more: Any) -> asked.Delivered:
    day = days.day(local)
    (found,) = asked.delivered(
        {local: some}, start=day.start, end=day.end, settled={local: settled}, **({"wanted": "PT15M"} | more)
    )
    return found


def published(number: int, local: date, weights: Sequence[int], *, hour: int = 0) -> ProfilePublished:
    start = days.day(local).start + timedelta(hours=hour)
    at = datetime(2026, 11, 1, 0, number, tzinfo=UTC)
    command = PublishProfile(kind="jip", start=start, weights=tuple(weights))
    return profiles.decide_published(
        profiles.Numbered(number - 1) if number > 1 else None, command, grid_area=AREA, at=at
    )


def known(*events: ProfilePublished) -> dict[str, profiles.OfDay | None]:
    found: dict[str, profiles.OfDay | None] = {}
    for event in events:
        for key, part in profiles.by_day(event).items():
            found[key] = profiles.evolve_day(found.get(key), part)
    return found


# What counts


def test_only_values_in_the_days_resolution_count() -> None:
    """Seed 004: what came in the other resolution stays, and counts again when the fact is corrected again."""
    local = LOCAL[0]
    both = (version(local, [40] * 24), version(local, [7] * 96, minutes=15, order=2))
    by_hour, by_quarter = ask(local, *both, wanted=None), ask(local, *both, settled=BY_QUARTER, wanted=None)
    assert (by_hour.values.resolution, set(by_hour.values.wh), set(by_hour.values.origin)) == (
        "PT60M",
        {40},
        {"metered"},
    )
    assert (by_quarter.values.resolution, set(by_quarter.values.wh), by_quarter.settled.counts) == (
        "PT15M",
        {7},
        "PT15M",
    )
    assert by_hour.revisions == (both[0].name,) * 24
    gone = ask(local, both[1])
    assert (set(gone.values.wh), set(gone.revisions), gone.settled.counts) == ({None}, {None}, "PT60M")


def test_each_day_comes_in_its_own_resolution_unless_another_is_asked_for() -> None:
    first, second = LOCAL[:2]
    some = {first: [version(first, [40] * 24)], second: [version(second, [10] * 92, minutes=15)]}
    is_ = {first: HOURLY, second: BY_QUARTER}
    start, end = days.day(first).start, days.day(second).end
    shapes = {
        wanted: [
            (one.values.resolution, len(one.values.wh), one.values.origin[0])
            for one in asked.delivered(some, start=start, end=end, settled=is_, wanted=wanted)
        ]
        for wanted in (None, "PT60M", "PT15M")
    }
    assert shapes == {
        None: [("PT60M", 24, "metered"), ("PT15M", 92, "metered")],
        "PT60M": [("PT60M", 24, "metered"), ("PT60M", 23, "sum")],
        "PT15M": [("PT15M", 96, "flat"), ("PT15M", 92, "metered")],
    }


def test_what_is_known_of_a_day_is_not_needed() -> None:
    found = ask(LOCAL[0], version(LOCAL[0], [8] * 24), settled=Settled(), wanted=None)
    assert (found.values.resolution, found.values.wh[0], found.settled.counts) == ("PT60M", 8, None)
    assert ask(LOCAL[0], settled=Settled(), wanted=None).values.wh == (None,) * 96


def test_a_window_is_of_whole_hours() -> None:
    day = days.day(LOCAL[0])
    with pytest.raises(transform.NotInWholeHours):
        asked.delivered({}, start=day.start + days.QUARTER, end=day.end, settled={})


def test_production_and_what_is_not_settled_are_flat_whatever_is_published() -> None:
    local = LOCAL[0]
    jip = known(published(1, local, [4, 3, 2, 1] * 24))
    for method in ("flat", None):
        is_ = Settled("interval", "PT60M", None, method, AREA, "dso")
        found = ask(local, version(local, [10] * 24), settled=is_, known=jip)
        assert (found.values.wh[:4], found.values.origin[0], found.values.profile[0]) == ((3, 3, 2, 2), "flat", None)


def test_each_value_says_which_version_it_comes_from() -> None:
    """A correction of one hour; the hours around it stay as they were."""
    local = LOCAL[0]
    old, new = version(local, [10] * 24), version(local, [11], first=5, order=2, status="estimated")
    found = ask(local, old, new)
    assert found.revisions == (*(old.name,) * 20, *(new.name,) * 4, *(old.name,) * 72)
    assert found.values.wh[20:24] == (3, 3, 3, 2)
    assert set(found.values.status[20:24]) == {"estimated"}
    before = ask(local, old, new, as_of=old.received_at)
    assert set(before.revisions) == {old.name}


def test_a_correction_back_in_time_ends_the_same_whatever_comes_first(world: Any, day_series: Any) -> None:
    """The point turns out to have been read per quarter: its hours count no more, its quarters do."""
    ends: list[Any] = []
    local = date(2026, 3, 29)
    at = world.local("2026-04-20")
    for serial, order in enumerate(("fact first", "more hours first"), 1):
        (point,) = world.points(serial)
        world.open([point], resolution="PT60M")
        hours = day_series(point, "2026-03-29", 40, resolution="PT60M")
        more = day_series(point, "2026-03-29", 44, resolution="PT60M", registered_at=at)
        quarters = day_series(point, "2026-03-29", 10, registered_at=at)
        world.send(hours, at=world.local("2026-03-30", "06:00"))
        if order == "more hours first":
            assert world.send(more, at=at)[0].rows == ()
        world.fact(point, resolution="PT15M", valid_from=world.local("2026-03-28"), at=at)
        if order == "fact first":
            assert [row.code for row in world.send(more, at=at)[0].rows] == ["SERIES_RESOLUTION_NOT_REGISTERED"]

        def deliver(wanted: Any = None, point: str = point) -> asked.Delivered:
            facts = known_.versions_of({point[:15]: world.scenario.state(store.POINTS, point[:15])}, point)
            periods = world.scenario.state(store.CHANNEL, point).lines["consumption"]
            day = days.day(local)
            (found,) = asked.delivered(
                {local: world.values.days[point, "consumption", local]},
                start=day.start,
                end=day.end,
                settled={local: counting.settled_on(facts, periods, "consumption", local)},
                wanted=wanted,
            )
            return found

        assert set(deliver().values.wh) == {None}, "the hours do not count, and the quarters have not come"
        world.send(quarters, at=at)
        found = deliver()
        assert found.settled.counts == "PT15M"
        ends.append((found.settled, found.values, deliver("PT60M").values))
    assert ends[0] == ends[1]
    assert set(ends[0][1].wh) == {10}
    assert set(ends[0][2].wh) == {40}


# Profiles


def test_a_new_version_of_a_profile_does_not_change_an_old_one() -> None:
    local = LOCAL[0]
    first, second = published(1, local, [4, 3, 2, 1] * 24), published(2, local, [1, 2, 3, 4] * 6, hour=6)
    hours = version(local, [10] * 24)
    found = ask(local, hours, known=known(first, second))
    assert found.values.wh == ((4, 3, 2, 1) * 6 + (1, 2, 3, 4) * 6 + (4, 3, 2, 1) * 12)
    names = [f"jip|{AREA}|{number}" for number in (1, 2, 1)]
    assert [found.values.profile[index] for index in (0, 24, 48)] == names
    then = ask(local, version(local, [10] * 24, order=0), known=known(first, second), as_of=first.published_at)
    assert then.values.wh == (4, 3, 2, 1) * 24
    assert set(then.values.profile) == {names[0]}


def test_what_is_needed_is_a_document_a_day() -> None:
    is_ = {LOCAL[0]: HOURLY, LOCAL[1]: BY_QUARTER}
    assert asked.needed(is_, "PT15M") == [f"jip|{AREA}|2026-03-28"]
    assert asked.needed(is_, "PT60M") == []


def test_a_profile_is_kept_by_local_day_and_numbered_by_area_and_kind(world: Any) -> None:
    def publish(kind: str, start: datetime, count: int, area: str = AREA) -> Any:
        command = PublishProfile(kind=kind, start=start, weights=tuple(range(1, count + 1)))
        (event,) = world.scenario.when(command, subject=area, sender=world.dso, at=world.local("2026-11-01")).then_only(
            ProfilePublished
        )
        return event

    start = world.local("2026-10-24", "23:00")
    first = publish("jip", start, 4 + 100 + 4)
    assert (first.version, first.subject, first.published_at) == (1, f"jip|{AREA}", world.local("2026-11-01"))
    assert [publish("jip", start, 4).version, publish("fppc", start, 4).version] == [2, 1]
    assert publish("jip", start, 4, make_eic_y("NO3-SOR")).version == 1
    found = {
        local: world.scenario.state(store.PROFILE, f"jip|{AREA}|2026-10-{local}").versions for local in (24, 25, 26)
    }
    assert [[(one.version, len(one.weights)) for one in some] for some in found.values()] == [
        [(1, 4), (2, 4)],
        [(1, 100)],
        [(1, 4)],
    ]
    assert [some[0].weights[0] for some in found.values()] == [1, 5, 105]


@pytest.mark.rule("PROFILE_NOT_WHOLE_HOURS", "PROFILE_TOO_LONG", "PROFILE_NOT_OVER", "PROFILE_WITHOUT_SHAPE")
def test_a_profile_that_nothing_could_be_made_by_is_refused(world: Any) -> None:
    at, start = world.local("2026-11-01"), world.local("2026-10-01")

    def publish(weights: Sequence[int], *, kind: str = "jip", start: datetime = start) -> Any:
        command = PublishProfile(kind=kind, start=start, weights=tuple(weights))
        return world.scenario.when(command, subject=AREA, sender=world.dso, at=at)

    publish([1] * 4, start=start + days.QUARTER).refused("PROFILE_NOT_WHOLE_HOURS")
    publish([1] * 5).refused("PROFILE_NOT_WHOLE_HOURS")
    publish([1] * (31 * 96 + 4)).then_only(ProfilePublished)
    publish([1] * (31 * 96 + 8)).refused("PROFILE_TOO_LONG", limit=31 * 96 + 4, actual=31 * 96 + 8)
    publish([1] * 8, start=at - timedelta(hours=1)).refused("PROFILE_NOT_OVER", actual="2026-11-01T01:00:00+01:00")
    publish([1, -1, 1, 1], kind="fppc").refused("PROFILE_WITHOUT_SHAPE", actual=-1)
    publish([0] * 4, kind="fppc").refused("PROFILE_WITHOUT_SHAPE", actual=0)
    publish([1, -1, 1, 1]).then_only(ProfilePublished)


@pytest.mark.rule("PROFILE_AREA_UNKNOWN")
def test_a_profile_of_an_area_that_nobody_defined_is_kept_and_noticed(world: Any) -> None:
    command = PublishProfile(kind="jip", start=world.local("2026-10-01"), weights=(1,) * 4)

    def publish() -> Any:
        return world.scenario.when(command, subject=AREA, sender=world.dso, at=world.local("2026-11-01"))

    unknown = publish()
    unknown.then_only(ProfilePublished)
    assert [(one.code, one.path, one.actual) for one in unknown.reasons] == [("PROFILE_AREA_UNKNOWN", "/subject", AREA)]
    world.scenario.given(GridAreaDefined(grid_area=AREA, name="x", zone=BiddingZone.NO3, dso=world.dso))
    assert publish().reasons == ()


# Energy


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_no_energy_appears_or_is_lost_whatever_came_and_is_asked_for(data: st.DataObject) -> None:
    """Corrections, holes, profiles that say something of some hours, days of 23, 24 and 25 hours."""
    local = data.draw(st.sampled_from(LOCAL))
    quarters = days.day(local).quarters
    minutes = data.draw(st.sampled_from([15, 60]))
    steps = quarters * 15 // minutes
    model: list[int | None] = [None] * steps
    some: list[Version] = []
    for order in range(data.draw(st.integers(0, 3))):
        first = data.draw(st.integers(0, steps - 1))
        wh = data.draw(st.lists(st.integers(0, 10**7), min_size=1, max_size=steps - first))
        some.append(version(local, wh, minutes=minutes, first=first, order=order + 1))
        model[first : first + len(wh)] = wh
    events: list[ProfilePublished] = []
    for number in range(data.draw(st.integers(0, 2))):
        hour = data.draw(st.integers(0, quarters // 4 - 1))
        most = quarters - 4 * hour
        weights = data.draw(st.lists(st.integers(-3, 10**6), min_size=4, max_size=most))
        events.append(published(number + 1, local, weights[: len(weights) // 4 * 4], hour=hour))
    is_ = HOURLY if minutes == 60 else BY_QUARTER
    some = data.draw(st.permutations(some))
    for wanted in ("PT15M", "PT60M"):
        found = ask(local, *some, settled=is_, wanted=wanted, known=known(*events)).values
        per_hour = 4 if wanted == "PT15M" else 1
        model_per_hour = 60 // minutes
        for hour in range(quarters // 4):
            came = model[hour * model_per_hour : (hour + 1) * model_per_hour]
            got = found.wh[hour * per_hour : (hour + 1) * per_hour]
            if None not in came:
                assert sum(one for one in got if one is not None) == sum(one for one in came if one is not None)
                assert None not in got
            elif minutes == 60 or wanted == "PT60M":
                assert set(got) == {None}
            else:
                assert list(got) == came
        assert [one is None for one in found.origin] == [one is None for one in found.wh]
        assert {one for one in found.profile if one} <= {f"jip|{AREA}|{event.version}" for event in events}
