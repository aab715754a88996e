"""Who stands behind a point is said otherwise after a day's last version: the day has another, which adds up, too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from adjustment_given import Books
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_adjustment import DAY, OTHER, SUPPLIER, send, told
from test_adjustment import points as points  # noqa: PLC0414 - a fixture
from test_erasing import erase, stands_behind
from test_reopened import DAYS, ORDERED, Story

from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.meter_ingest.v1 import (
    AdjustmentReopened,
    ErasureRecorded,
    ImbalanceAdjusted,
    PartyAdjusted,
    ValuesErased,
    VolumeAdjusted,
)
from contracts.values import make_gln
from meter_ingest import store
from meter_ingest.domain import days, verification

pytestmark = pytest.mark.unit

LATE = "2026-04-20"
THIRD = make_gln(33)


def said(world: Any, point: str, supplier: str, *, since: datetime, at: datetime, **others: Any) -> list[Any]:
    fact = {"metering_point_id": point, "supplier": supplier, "brp_consumption": make_gln(21), "valid_from": since}
    fact |= {"brp_production": make_gln(22), "end_user": world.uuid(5), **others}
    return world.scenario.when(SupplyRecorded.model_validate(fact), at=at).events


def of(kind: type[Any], events: Sequence[Any]) -> list[Any]:
    return [one for one in events if isinstance(one, kind)]


def settled(world: Any, day_series: Any, points: list[str]) -> None:
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    world.scenario.until(world.local(LATE))


def test_a_supplier_that_is_corrected_after_the_last_version_has_the_day_run_again(
    world: Any, day_series: Any, points: list[str]
) -> None:
    settled(world, day_series, points)
    at = world.local(LATE, "12:00")
    (reopened,) = of(AdjustmentReopened, said(world, points[0], THIRD, since=world.local("2026-03-01"), at=at))
    assert (reopened.local_date, reopened.at, reopened.because) == (date.fromisoformat(DAY), at, "supply")
    again = said(world, points[1], THIRD, since=world.local("2026-03-01"), at=at + timedelta(hours=1))
    assert not of(AdjustmentReopened, again), "it is run once, of all that is said until then"
    events = world.scenario.until(world.local("2026-05-15")).events
    (run,) = told(events)
    assert (run.version, run.status, run.at) == ("D+13", "recalculated", world.local("2026-04-21", "10:00"))
    assert {(one.supplier, one.delivered_wh) for one in run.sums} == {(THIRD, 1300), (OTHER, 400)}
    parties = {(one.role, one.party): (one.delivered_wh, one.changed_wh) for one in of(PartyAdjusted, events)}
    assert parties == {
        ("supplier", SUPPLIER): (0, -1200),
        ("supplier", OTHER): (400, -100),
        ("supplier", THIRD): (1300, 1300),
        ("brp", make_gln(21)): (1300, 0),
        ("brp", make_gln(22)): (400, 0),
        ("bsp", world.bsp): (1700, 0),
    }


def test_a_brp_that_is_corrected_from_within_the_activation_moves_its_quarters_from_there_on(
    world: Any, day_series: Any, points: list[str]
) -> None:
    settled(world, day_series, points)
    said(world, points[0], SUPPLIER, since=world.local(DAY, "10:15"), at=world.local(LATE), brp_consumption=THIRD)
    events = world.scenario.until(world.local("2026-05-15")).events
    (run,) = told(events)
    assert {(one.supplier, one.brp, one.delivered_wh) for one in run.sums} >= {
        (SUPPLIER, make_gln(21), 600),
        (SUPPLIER, THIRD, 600),
    }
    changed = {(one.role, one.party): one.changed_wh for one in of(PartyAdjusted, events)}
    assert (changed["brp", make_gln(21)], changed["brp", THIRD], changed["supplier", SUPPLIER]) == (-600, 600, 0)


@pytest.mark.parametrize(
    "fact",
    [
        {"point": 0, "supplier": SUPPLIER, "since": "2026-03-01", "end_user": 9},
        {"point": 0, "supplier": THIRD, "since": "2026-03-29"},
        {"point": 3, "supplier": THIRD, "since": "2026-03-01"},
    ],
    ids=["another end user alone", "since after the day", "of a point that was no member"],
)
def test_what_moves_nothing_of_a_day_has_it_not_run_again(
    world: Any, day_series: Any, points: list[str], fact: Any
) -> None:
    world.points(4)
    settled(world, day_series, points)
    point, since = world.gsrn(fact["point"] + 1), world.local(fact["since"])
    others = {"end_user": world.uuid(fact["end_user"])} if "end_user" in fact else {}
    assert not of(AdjustmentReopened, said(world, point, fact["supplier"], since=since, at=world.local(LATE), **others))
    assert not told(world.scenario.until(world.local("2026-05-15")).events)


def test_a_fact_that_another_follows_moves_only_what_lies_between(
    world: Any, day_series: Any, points: list[str]
) -> None:
    settled(world, day_series, points)
    at = world.local(LATE)
    first = said(world, points[0], SUPPLIER, since=world.local("2026-03-20"), at=at)
    second = said(world, points[0], THIRD, since=world.local("2026-03-01"), at=at)
    assert not of(AdjustmentReopened, [*first, *second])


def test_until_the_last_version_there_is_no_other_than_those_to_come(
    world: Any, day_series: Any, points: list[str]
) -> None:
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    world.scenario.until(world.local("2026-04-10"))
    assert not of(
        AdjustmentReopened, said(world, points[0], THIRD, since=world.local(DAY), at=world.local("2026-04-10"))
    )
    (run,) = told(world.scenario.until(world.local("2026-05-15")).events)
    assert (run.at, run.sums[-1].supplier) == (world.local("2026-04-11"), THIRD)


def test_values_that_a_day_is_run_again_from_are_erased_after_it(
    world: Any, day_series: Any, points: list[str]
) -> None:
    """A fact that moves the point to another supplier, and says that its end user has left."""
    stands_behind(world, points[0], world.uuid(501), "2026-01-05")
    settled(world, day_series, points)
    erase(world, world.uuid(501), at=LATE)
    at = world.local(LATE, "12:00")
    events = said(world, points[0], THIRD, since=world.local("2026-02-01"), at=at, end_user=world.uuid(501))
    events += said(world, points[0], THIRD, since=world.local("2026-04-01"), at=at, end_user=world.uuid(502))
    assert of(AdjustmentReopened, events)
    assert not of(ValuesErased, events)
    (held,) = of(ErasureRecorded, events)[-1].held
    due = world.local("2026-04-21", "10:00")
    assert (held.because, held.until) == ("not-settled", due + timedelta(seconds=1))
    rest = [type(one) for one in world.scenario.until(world.local("2026-05-15")).events]
    assert rest.index(ImbalanceAdjusted) < rest.index(ValuesErased)
    assert not any(one.values_erased for one in told(world.scenario.log))


SUPPLIERS = (make_gln(31), make_gln(32), THIRD)
FACTS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from(("2026-01-01", "2026-02-01", *DAYS, "2026-03-29", "2026-04-02")),
        st.sampled_from(("00:00", "10:00", "10:15", "10:30")),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, late=st.booleans())
def test_whatever_is_said_of_supply_each_day_ends_as_it_is_known_and_adds_up_before_and_after(
    world: Any, day_series: Any, facts: list[Any], late: bool
) -> None:
    story = Story(type(world)(), day_series)
    world = story.world
    supply = {point: {world.local("2026-01-01"): SUPPLIERS[point % 2]} for point in range(4)}
    at = world.local("2026-04-20" if late else "2026-04-03", "12:00")
    for point, supplier, local, clock, hours in facts:
        world.scenario.until(at)
        supply[point][world.local(local, clock)] = SUPPLIERS[supplier]
        said(world, story.points[point], SUPPLIERS[supplier], since=world.local(local, clock), at=at)
        at += timedelta(hours=hours)
    world.scenario.until(at + timedelta(days=14))
    known = by_supplier(story, supply)
    log = world.scenario.log
    for local in {one.local_date for one in told(log)}:
        runs = [one for one in told(log) if one.local_date == local]
        shares: dict[tuple[str, str], int] = {}
        version, books = -1, Books()
        for one in log:
            if isinstance(one, ImbalanceAdjusted) and one.local_date == local:
                if version >= 0:
                    books.holds(runs[version])
                version += 1
            elif isinstance(one, VolumeAdjusted) and one.local_date == local:
                books.take([one])
            elif isinstance(one, PartyAdjusted) and one.local_date == local:
                shares[one.role, one.party] = shares.get((one.role, one.party), 0) + (one.changed_wh or 0)
                assert shares[one.role, one.party] == one.delivered_wh, "changes add up to what counts"
            elif version >= 0 and shares:
                check(shares, runs[version].delivered_wh)
        check(shares, runs[-1].delivered_wh)
        books.holds(runs[-1])
        assert len({one.delivered_wh for one in runs[1:]}) == 1, "what was delivered is the same, whoever supplied it"
        found = {party: wh for (role, party), wh in shares.items() if role == "supplier" and wh}
        assert found == {party: wh for party, wh in known.get(local, {}).items() if wh}
        state = world.scenario.state(store.ADJUSTMENT, local.isoformat())
        assert {
            key.partition("|")[2]: wh for key, wh in state.runs[-1].told.items() if key[:8] == "supplier" and wh
        } == found


def check(shares: dict[tuple[str, str], int], delivered_wh: int) -> None:
    for role in ("supplier", "brp", "bsp"):
        assert sum(wh for (one, _), wh in shares.items() if one == role) == delivered_wh


def by_supplier(story: Story, supply: dict[int, dict[datetime, str]]) -> dict[date, dict[str, int]]:
    """What each supplier's points delivered in a day, by the last runs and who was last said to supply each quarter."""
    last = {event.activation_id: (event, run) for event, run in story.runs()}
    once: dict[tuple[str, datetime], int] = {}
    for number, (_, _, _, way) in sorted(enumerate(ORDERED), key=lambda one: (one[1][1], one[1][2])):
        event, run = last[story.activation(number)]
        for point, figures in verification.allocated(run).items():
            for quarter, wh in zip(event.quarters, figures, strict=True):
                if wh is not None:
                    once.setdefault((point, quarter.start), wh if way == "up" else -wh)
    found: dict[date, dict[str, int]] = {}
    for (point, start), wh in once.items():
        of_point = supply[story.points.index(point)]
        supplier = of_point[max(moment for moment in of_point if moment <= start)]
        of_day = found.setdefault(days.day_at(start).date, {})
        of_day[supplier] = of_day.get(supplier, 0) + wh
    return found
