"""Volumes of whole periods: what stands of each, revision by revision; and what a profiled point's become."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import calendar
from contracts.meter_ingest.v1 import (
    MeterStands,
    PeriodVolumeRecorded,
    PeriodVolumeWithdrawn,
    ProfilePublished,
    PublishProfile,
    RecordPeriodVolume,
    WithdrawPeriodVolume,
)
from contracts.values import make_eic_y
from meter_ingest import store
from meter_ingest.domain import asked, days, profiles, spread, volumes
from meter_ingest.domain.counting import Settled
from meter_ingest.domain.volumes import Volume

pytestmark = pytest.mark.unit

AREA = make_eic_y("NO3-NORD")
PROFILED = Settled("profiled", "PT60M", None, None, AREA)


@pytest.fixture
def point(world: Any) -> str:
    (point,) = world.points(1)
    world.fact(point, settlement_method="profiled", resolution="PT60M")
    return point


@pytest.fixture
def record(world: Any, point: str) -> Any:
    def record(wh: int = 700, start: str = "2026-03-23", end: str = "2026-03-30", *, hour: int = 8, **more: Any) -> Any:
        at = more.pop("at", world.local("2026-04-10"))
        sender = more.pop("sender", world.dso)
        command = RecordPeriodVolume.model_validate(
            {
                "start": world.local(start),
                "end": world.local(end),
                "wh": wh,
                "registered_at": world.local("2026-04-01", f"{hour:02}:00"),
            }
            | more
        )
        return world.scenario.when(command, subject=more.get("point", point), sender=sender, at=at)

    return record


@pytest.fixture
def withdraw(world: Any, point: str) -> Any:
    def withdraw(start: str = "2026-03-23", end: str = "2026-03-30", *, hour: int = 12, sender: str = "") -> Any:
        command = WithdrawPeriodVolume(
            start=world.local(start),
            end=world.local(end),
            reason="Wrong meter",
            registered_at=world.local("2026-04-01", f"{hour:02}:00"),
        )
        return world.scenario.when(
            command, subject=point, sender=sender or world.dso, at=world.local("2026-04-10", "01:00")
        )

    return withdraw


def standing(world: Any, point: str, **more: Any) -> list[tuple[int, int | None]]:
    found = volumes.standing(world.scenario.state(store.VOLUMES, volumes.key(point)), **more)
    return [(one.number, one.wh) for one in found]


# What is said of a period


def test_a_period_is_corrected_withdrawn_and_said_again_and_all_of_it_stays(
    world: Any, point: str, record: Any, withdraw: Any
) -> None:
    event = record(700).then_only(PeriodVolumeRecorded)[0]
    assert (event.subject, event.dso, event.revision, event.counts) == (f"{point}|consumption", world.dso, 1, True)
    record(720, hour=9, status="final-estimated").then_only(PeriodVolumeRecorded)
    assert standing(world, point) == [(2, 720)]
    withdrawn = withdraw().then_only(PeriodVolumeWithdrawn)[0]
    assert (withdrawn.revision, withdrawn.reason, standing(world, point)) == (3, "Wrong meter", [])
    withdraw(hour=13).refused("VOLUME_NOT_RECORDED")
    record(710, hour=14).then_only(PeriodVolumeRecorded)
    assert standing(world, point) == [(4, 710)]
    assert len(world.scenario.state(store.VOLUMES, volumes.key(point)).revisions) == 4
    assert standing(world, point, as_of=world.local("2026-04-09")) == []


def test_what_was_registered_later_counts_whatever_comes_first(world: Any, point: str, record: Any) -> None:
    record(720, hour=9)
    late = record(700, hour=8).then_only(PeriodVolumeRecorded)[0]
    assert (late.counts, standing(world, point)) == (False, [(1, 720)])


@pytest.mark.rule("VOLUME_OLDER_THAN_COUNTS")
def test_who_sends_an_older_correction_is_told_that_it_does_not_count(record: Any, withdraw: Any) -> None:
    assert record(720, hour=9).reasons == ()
    (notice,) = record(700, hour=8).reasons
    assert (notice.code, notice.path) == ("VOLUME_OLDER_THAN_COUNTS", "/registered_at")
    assert (notice.actual, notice.limit) == ("2026-04-01T08:00:00+02:00", "2026-04-01T09:00:00+02:00")
    assert record(730, hour=10).reasons == ()
    withdraw(hour=12)
    assert [one.code for one in record(740, hour=11).reasons] == ["VOLUME_OLDER_THAN_COUNTS"]


@pytest.mark.rule("VOLUME_NEGATIVE", "VOLUME_STANDS_FALL")
def test_neither_a_volume_nor_a_stand_is_negative_and_no_stand_falls(record: Any) -> None:
    record(-50).refused("VOLUME_NEGATIVE", path="/wh", actual=-50)
    record(-50, status="estimated").refused("VOLUME_NEGATIVE")
    record(-44, stands=MeterStands(from_wh=50, to_wh=6)).refused("VOLUME_STANDS_FALL", limit=50, actual=6)
    record(10, stands=MeterStands(from_wh=-4, to_wh=6)).refused("VOLUME_NEGATIVE", path="/stands/from_wh", actual=-4)
    record(0, stands=MeterStands(from_wh=6, to_wh=6)).then_only(PeriodVolumeRecorded)


@pytest.mark.rule("VOLUME_UNCHANGED")
def test_what_was_said_already_makes_no_revision(world: Any, point: str, record: Any) -> None:
    record(700)
    again = record(700)
    assert ([one.code for one in again.reasons], again.rejected, again.events) == (["VOLUME_UNCHANGED"], False, [])
    assert len(world.scenario.state(store.VOLUMES, volumes.key(point)).revisions) == 1


@pytest.mark.rule(
    "VOLUME_NOT_YOUR_POINT",
    "VOLUME_NOT_WHOLE_DAYS",
    "VOLUME_NOT_OVER",
    "VOLUME_TOO_OLD",
    "VOLUME_REGISTERED_AHEAD",
    "VOLUME_STANDS_CONTRADICT",
    "VOLUME_OVERLAPS",
    "VOLUME_NOT_RECORDED",
)
def test_a_volume_that_cannot_be_right_is_refused(world: Any, point: str, record: Any, withdraw: Any) -> None:
    record(sender=world.other_dso).refused("VOLUME_NOT_YOUR_POINT")
    withdraw(sender=world.other_dso).refused("VOLUME_NOT_YOUR_POINT")
    record(start="2025-12-20").refused("VOLUME_NOT_YOUR_POINT")
    record(start="2026-03-30").refused("VOLUME_NOT_WHOLE_DAYS")
    record(1, registered_at=world.local("2026-04-01")).then_only(PeriodVolumeRecorded)
    record(at=world.local("2026-03-29"), registered_at=world.local("2026-03-28")).refused("VOLUME_NOT_OVER")
    record(at=world.local("2029-03-24"), hour=10).refused("VOLUME_TOO_OLD")
    record(registered_at=world.local("2026-04-11")).refused("VOLUME_REGISTERED_AHEAD")
    stands = MeterStands(from_wh=1000, to_wh=1700)
    record(701, stands=stands).refused("VOLUME_STANDS_CONTRADICT", limit=700, actual=701)
    record(700, stands=stands).then_only(PeriodVolumeRecorded)
    record(10, start="2026-03-29", end="2026-03-31").refused("VOLUME_OVERLAPS")
    record(10, start="2026-03-30", end="2026-03-31").then_only(PeriodVolumeRecorded)
    withdraw("2026-03-23", "2026-03-24").refused("VOLUME_NOT_RECORDED")
    withdraw(hour=1).refused("VOLUME_NOT_RECORDED")


def test_a_period_begins_and_ends_at_a_local_midnight(world: Any, point: str) -> None:
    start, end = world.local("2026-03-28"), world.local("2026-03-30")
    for wrong in ({"start": start + timedelta(hours=1)}, {"end": end - timedelta(hours=1)}):
        command = RecordPeriodVolume.model_validate({"start": start, "end": end, "wh": 1, "registered_at": end} | wrong)
        world.scenario.when(command, subject=point, sender=world.dso, at=end).refused("VOLUME_NOT_WHOLE_DAYS")


def test_a_volume_is_no_value_of_a_channel(world: Any, record: Any) -> None:
    """It moves no completeness and is no evidence: nothing is written where values are read from."""
    record(700)
    assert world.values.days == {}
    assert not [key for key in world.scenario.documents if key[0] in {store.RECEIVED.name, store.SCOPE_DAY.name}]


# Spread over its days


def volume(start: date, end: date, wh: int, *, number: int = 1, status: Any = "metered") -> Volume:
    at = calendar.midnight(end) + timedelta(hours=9)
    return Volume(
        "p|consumption",
        calendar.midnight(start),
        calendar.midnight(end),
        number,
        wh,
        status,
        None,
        "dso",
        at,
        at,
        "t/0/5",
    )


def published(number: int, local: date, weights: Sequence[int], *, at: datetime | None = None) -> dict[str, Any]:
    command = PublishProfile(kind="fppc", start=days.day(local).start, weights=tuple(weights))
    moment = at or days.day(local).end + timedelta(days=20, minutes=number)
    event: ProfilePublished = profiles.decide_published(
        profiles.Numbered(number - 1), command, grid_area=AREA, at=moment
    )
    return profiles.by_day(event)


def known(*some: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for parts in some:
        for key, part in parts.items():
            found[key] = profiles.evolve_day(found.get(key), part)
    return found


def ask(some: Sequence[Volume], profile: dict[str, Any], first: date, last: date, **more: Any) -> list[asked.Delivered]:
    start, end = days.day(first).start, days.day(last).end
    local = [day.date for day in days.days(start, end)] + spread.touched(some)
    return asked.delivered(
        {},
        start=start,
        end=end,
        settled=more.pop("settled", dict.fromkeys(local, PROFILED)),
        known=profile,
        volumes=some,
        **more,
    )


FIRST, LAST = date(2026, 3, 28), date(2026, 3, 29)
"""The second has 23 hours."""


def test_a_period_is_spread_by_its_profile_and_says_by_which() -> None:
    """Seed 004: a profiled point has FPPC quarters, and their sums where hours are asked for."""
    shape = known(published(1, FIRST, [3] * 96), published(2, LAST, [1] * 92))
    (one,) = some = [volume(FIRST, date(2026, 3, 30), 3 * 96 + 92)]
    first, last = ask(some, shape, FIRST, LAST)
    assert (set(first.values.wh), set(last.values.wh), len(last.values.wh)) == ({3}, {1}, 92)
    assert (set(first.values.origin), set(first.values.status), first.settled.method) == ({"fppc"}, {"metered"}, "fppc")
    assert (first.values.profile[0], last.values.profile[0]) == (f"fppc|{AREA}|1", f"fppc|{AREA}|2")
    assert set(first.revisions) == {one.name}
    hours = ask(some, shape, FIRST, LAST, wanted="PT60M")
    assert [set(day.values.wh) for day in hours] == [{12}, {4}]
    assert {origin for day in hours for origin in day.values.origin} == {"fppc"}
    ids = {f"fppc|{AREA}|{local}" for local in (FIRST, LAST)}
    assert set(asked.needed(dict.fromkeys((FIRST, LAST), PROFILED), "PT60M", volumes=some)) == ids


def test_a_volume_is_not_spread_while_a_day_of_it_has_no_profile_or_is_not_profiled() -> None:
    some = [volume(FIRST, date(2026, 3, 30), 1000)]
    shape = known(published(1, FIRST, [3] * 96))
    assert set(ask(some, shape, FIRST, FIRST)[0].values.wh) == {None}
    whole = known(published(1, FIRST, [3] * 96), published(2, LAST, [1] * 92))
    mixed = {FIRST: PROFILED, LAST: Settled("interval", "PT15M", "PT15M", "none", AREA)}
    assert set(ask(some, whole, FIRST, FIRST, settled=mixed)[0].values.wh) == {None}
    assert ask(some, whole, FIRST, FIRST, settled=mixed)[0].settled.method is None
    then = days.day(FIRST).end + timedelta(days=20, minutes=1)
    assert set(ask(some, whole, FIRST, FIRST, as_of=then)[0].values.wh) == {None}, "one day was not published then"


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_what_is_spread_adds_up_to_the_volume_by_quarter_and_by_hour(data: st.DataObject) -> None:
    first = data.draw(st.sampled_from((date(2026, 3, 27), date(2026, 10, 23))))
    count = data.draw(st.integers(1, 4))
    local = [first + timedelta(days=number) for number in range(count)]
    wh = data.draw(st.integers(0, 10**9))
    shape: list[dict[str, Any]] = []
    for number, day in enumerate(local):
        quarters = days.day(day).quarters
        weights = data.draw(st.lists(st.integers(0, 10**5), min_size=quarters, max_size=quarters).filter(any))
        shape.append(published(number + 1, day, weights))
    some = [volume(first, local[-1] + timedelta(days=1), wh)]
    totals: list[int] = []
    for wanted in ("PT15M", "PT60M"):
        found = ask(some, known(*shape), first, local[-1], wanted=wanted)
        values = [one for day in found for one in day.values.wh]
        assert None not in values
        totals.append(sum(one or 0 for one in values))
    assert totals == [wh, wh]
