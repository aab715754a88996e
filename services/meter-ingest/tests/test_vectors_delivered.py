"""The research's vectors on the calendar, transformation and estimation, each through what a recipient is delivered.

All of those topics in `vectors/metering.json`, whatever is added there; none has a way of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from contracts import calendar
from contracts.meter_ingest.v1 import PublishProfile
from contracts.values import make_eic_y, make_gsrn, parse_time, time_text
from meter_ingest.domain import asked, channel, counting, days, known, profiles, values
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.values import Version

pytestmark = pytest.mark.unit

TOPICS = {"calendar", "transform", "estimation"}
VECTORS = {
    one["id"]: one
    for one in json.loads((Path(__file__).parent / "vectors" / "metering.json").read_text(encoding="utf-8"))["vectors"]
    if one["topic"] in TOPICS
}
POINT = make_gsrn(1)
AREA = make_eic_y("NO3-NORD")
DAY = date(2026, 1, 15)
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)

Run = Callable[[Any, Any], None]
RUNS: dict[str, Run] = {}


def vector(*ids: str) -> Callable[[Run], Run]:
    def kept(run: Run) -> Run:
        RUNS.update(dict.fromkeys(ids, run))
        return run

    return kept


def wh(kwh: str) -> int:
    return int(Decimal(kwh) * 1000)


def deliver(
    local: date,
    came: Sequence[int],
    *,
    resolution: Any,
    wanted: Any = None,
    first: int = 0,
    direction: Any = "consumption",
    jip: Sequence[int] = (),
) -> Delivered:
    """A local day of a point that is settled as interval in this resolution, with what came of it from a step on."""
    day = days.day(local)
    fact = known.PointVersion(BEGAN, "dso", 0, grid_area=AREA, resolution=resolution, settlement="interval")
    period = channel.Period("dso", resolution, calendar.midnight(date(2020, 1, 1)))
    is_ = counting.settled_on((fact,), (period,), direction, local)
    width, encoded = values.encode(came)
    minutes = days.MINUTES[resolution]
    version = Version(
        POINT, direction, local, LATER, LATER, 0, 1, 0, "0", 1, minutes, first, "metered", width, encoded, b""
    )
    published: dict[str, Any] = {}
    if jip:
        command = PublishProfile(kind="jip", start=day.start, weights=tuple(jip))
        event = profiles.decide_published(None, command, grid_area=AREA, at=LATER)
        published = {key: profiles.evolve_day(None, part) for key, part in profiles.by_day(event).items()}
    (found,) = asked.delivered(
        {local: [version] if came else []},
        start=day.start,
        end=day.end,
        settled={local: is_},
        wanted=wanted,
        known={key: published.get(key) for key in asked.needed({local: is_}, wanted)},
    )
    return found


def in_fours(found: Delivered, count: int) -> list[list[int | None]]:
    return [list(found.values.wh[4 * number : 4 * number + 4]) for number in range(count)]


def test_every_vector_of_these_topics_is_run() -> None:
    assert RUNS.keys() == VECTORS.keys()


@pytest.mark.parametrize("id_", sorted(VECTORS))
def test_vector(id_: str) -> None:
    RUNS[id_](VECTORS[id_]["input"], VECTORS[id_]["expected"])


@vector("MV-06")
def _usage_day(given: Any, expected: Any) -> None:
    assert [one["day"] for one in expected["results"]] == given["days"]
    for one in expected["results"]:
        for resolution in ("PT60M", "PT15M"):
            found = deliver(date.fromisoformat(one["day"]), (), resolution=resolution)
            assert len(found.values.wh) == one[resolution]
            end = found.start + len(found.values.wh) * found.step
            assert [time_text(found.start), time_text(end)] == [one["start_utc"], one["end_utc"]]


@vector("MV-07", "MV-08")
def _sequence(given: Any, expected: Any) -> None:
    for one in expected["results"]:
        found = deliver(date.fromisoformat(given["day"]), (1,), resolution=one["resolution"], first=one["sequence"] - 1)
        (place,) = (place for place, value in enumerate(found.values.wh) if value is not None)
        start = found.start + place * found.step
        assert time_text(start) == one["start_utc"]
        assert start.astimezone(calendar.OSLO).isoformat() == one["start_local"]


@vector("MV-16")
def _flat(given: Any, expected: Any) -> None:
    hours = [wh(one) for one in given["hour_kwh"]]
    found = deliver(DAY, hours, resolution="PT60M", wanted="PT15M", direction="production", jip=(9, 3, 2, 1) * 5)
    assert in_fours(found, len(hours)) == [[wh(one) for one in quarters] for quarters in expected["quarters_kwh"]]
    assert set(found.values.origin) == {"flat", None}


@vector("MV-17")
def _by_profile(given: Any, expected: Any) -> None:
    cases = given["cases"]
    jip = [one for case in cases for one in case["jip_kwh"]]
    found = deliver(DAY, [wh(case["hour_kwh"]) for case in cases], resolution="PT60M", wanted="PT15M", jip=jip)
    assert in_fours(found, len(cases)) == [[wh(one) for one in quarters] for quarters in expected["quarters_kwh"]]
    for number, case in enumerate(cases):
        shaped = sum(case["jip_kwh"]) > 0
        assert found.values.origin[4 * number] == ("profile-6015" if shaped else "flat")
        assert found.values.profile[4 * number] == (f"jip|{AREA}|1" if shaped else None)


@vector("MV-18")
def _sums(given: Any, expected: Any) -> None:
    found = deliver(DAY, [wh(one) for one in given["quarters_kwh"]], resolution="PT15M", wanted="PT60M")
    assert (found.values.wh[0], found.values.origin[0]) == (wh(expected["hour_kwh"]), "sum")
    autumn = given["autumn_2026_10_25"]
    starts = {parse_time(text): wh(kwh) for text, kwh in expected["autumn"].items()}
    day = days.day_at(min(starts))
    first = (min(starts) - day.start) // days.QUARTER
    came = [wh(one) for one in autumn["first_02"] + autumn["second_02"]]
    hours = deliver(day.date, came, resolution="PT15M", wanted="PT60M", first=first)
    said = {hours.start + place * hours.step: one for place, one in enumerate(hours.values.wh) if one is not None}
    assert said == starts
    assert len({start.astimezone(calendar.OSLO).strftime("%H:%M") for start in starts}) == 1

    def counted(first_: date, last: date, resolution: Any) -> int:
        """The steps of days in a row, as they are delivered."""
        start, end = calendar.midnight(first_), calendar.midnight(last)
        is_ = counting.Settled("interval", resolution)
        settled = {one.date: is_ for one in days.days(start, end)}
        return sum(len(one.values.wh) for one in asked.delivered({}, start=start, end=end, settled=settled))

    for month in given["months_2026"]:
        period = date(2026, month, 1), date(2026, month + 1, 1)
        assert counted(*period, "PT60M") == expected["hours_in_month"][f"2026-{month:02}"]
        assert counted(*period, "PT15M") == expected["quarters_in_month"][f"2026-{month:02}"]
    assert counted(date(2026, 1, 1), date(2027, 1, 1), "PT60M") == expected["hours_in_year_2026"]
    assert timedelta(hours=expected["hours_in_year_2026"]) == timedelta(days=365)
