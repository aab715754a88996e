"""Imbalance adjustment: quarter volumes by point, supplier, BRP and BSP, which all add up to the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from adjustment_given import Books
from deviation_given import supplied
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.meter_ingest import v1
from contracts.registry.v1 import GridAreaDefined
from contracts.values import BiddingZone, Role, make_eic_y, make_gln, make_gsrn
from meter_ingest import store
from meter_ingest.domain import blocks, days, known
from meter_ingest.domain import supplied as known_supply
from meter_ingest.domain.areas import GridArea
from meter_ingest.domain.settlement import adjustment
from meter_ingest.domain.settlement.deviation import AsOf

pytestmark = pytest.mark.unit

DAY = "2026-03-28"
SUPPLIER, OTHER = make_gln(31), make_gln(32)


def ordered(world: Any, *, direction: str = "up", clock: str = "10:00", activation: str = "") -> None:
    start = world.local(DAY, clock)
    at = start - timedelta(minutes=15)
    world.order(4000, start, start + timedelta(minutes=30), at=at, direction=direction, activation=activation)


def told(events: Sequence[Any]) -> list[v1.ImbalanceAdjusted]:
    return [one for one in events if isinstance(one, v1.ImbalanceAdjusted)]


@pytest.fixture
def points(world: Any, day_series: Any) -> list[str]:
    """Three points of two suppliers, of which the third is a plant; all in one group, and activated."""
    world.scenario.given(GridAreaDefined(grid_area=world.area, name="x", zone=BiddingZone.NO3, dso=world.dso))
    points = world.points(1, 2, 3)
    world.open(points[:2])
    world.open(points[2:], direction="production")
    for point, supplier in zip(points, (SUPPLIER, OTHER, OTHER), strict=True):
        supplied(world, point, supplier)
    world.formed()
    for point in points:
        world.joined(point)
    ordered(world)
    return points


def send(world: Any, day_series: Any, points: list[str], *figures: tuple[int, int], on: str = "2026-03-29") -> None:
    at = world.local(on, "06:30")
    for point, (before, during) in zip(points, figures, strict=False):
        wh = [during if quarter in (40, 41) else before for quarter in range(96)]
        way = {"direction": "production"} if point == points[-1] and len(points) == 3 else {}
        world.send(day_series(point, DAY, wh, registered_at=at, **way), at=at)


def test_a_days_volumes_are_drafted_locked_and_run_again(world: Any, day_series: Any, points: list[str]) -> None:
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    (draft,) = told(world.scenario.until(world.local("2026-03-29", "10:00")).events)
    assert (draft.version, draft.status, draft.points, draft.delivered_wh) == ("D+1", "draft", 3, 2 * (600 + 50 + 200))
    brp, of_production = make_gln(21), make_gln(22)
    assert [(one.supplier, one.brp, one.bsp, one.zone, one.delivered_wh) for one in draft.sums] == [
        (SUPPLIER, brp, world.bsp, "NO3", 1200),
        (OTHER, brp, world.bsp, "NO3", 100),
        (OTHER, of_production, world.bsp, "NO3", 400),
    ]
    assert [one.delivered_wh for one in draft.quarters] == [850, 850]

    send(world, day_series, points[:1], (1000, 300), on="2026-03-31")
    events = world.scenario.until(world.local("2026-04-03")).events
    (locked,) = told(events)
    assert (locked.version, locked.status, locked.delivered_wh) == ("D+5", "locked", 1900)
    parties = {(one.role, one.party): one.delivered_wh for one in events if isinstance(one, v1.PartyAdjusted)}
    assert parties == {
        ("supplier", SUPPLIER): 1400,
        ("supplier", OTHER): 500,
        ("brp", brp): 1500,
        ("brp", of_production): 400,
        ("bsp", world.bsp): 1900,
    }
    send(world, day_series, points[:1], (1000, 200), on="2026-04-08")
    (again,) = told(world.scenario.until(world.local("2026-04-11")).events)
    assert (again.version, again.status, again.delivered_wh) == ("D+13", "recalculated", 2100)
    assert told(world.scenario.until(world.local("2026-06-01")).events) == [], "nothing more, and no other day"
    assert [one.delivered_wh for one in world.scenario.state(store.ADJUSTMENT, DAY).runs] == [1700, 1900, 2100]


def test_it_is_what_the_verification_says_the_group_delivered_whatever_is_missing(
    world: Any, day_series: Any, points: list[str]
) -> None:
    """One point in thirds that do not go up, one without values: the parts add up to the event's figures."""
    at = world.local("2026-03-29", "06:30")
    world.send(day_series(points[0], DAY, [7, 13, 1] * 32), at=at)
    world.send(day_series(points[2], DAY, [5, 2, 11, 1] * 24, direction="production"), at=at)
    events = world.scenario.until(world.local("2026-03-29", "10:00")).events
    (verified,) = (one for one in events if isinstance(one, v1.ActivationVerified))
    (draft,) = told(events)
    assert verified.missing_points == 1
    assert [(one.start, one.delivered_wh) for one in draft.quarters] == [
        (one.start, one.delivered_wh) for one in verified.quarters
    ]
    assert [one.revisions_sha256 for one in draft.activations] == [verified.revisions_sha256]


def test_a_cancelled_activation_is_taken_off_by_the_next_version(
    world: Any, day_series: Any, points: list[str]
) -> None:
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    world.scenario.until(world.local("2026-03-29", "10:00"))
    at = world.local("2026-03-30")
    world.scenario.when(v1.CancelActivation(), subject=world.uuid(70), sender=world.tso, role="tso", at=at)
    events = world.scenario.until(world.local("2026-04-03")).events
    (locked,) = told(events)
    assert (locked.delivered_wh, locked.activations, locked.sums) == (0, (), ())
    parties = [(one.role, one.delivered_wh, one.quarters) for one in events if isinstance(one, v1.PartyAdjusted)]
    assert parties == [("supplier", 0, ())] * 2 + [("brp", 0, ())] * 2 + [("bsp", 0, ())], "who was told a sum is told"
    assert not [
        one for one in world.scenario.until(world.local("2026-04-11")).events if isinstance(one, v1.PartyAdjusted)
    ], "once"


def test_what_overlapping_activations_delivered_together_counts_once(
    world: Any, day_series: Any, points: list[str]
) -> None:
    start = world.local(DAY, "10:15")
    half_an_hour = timedelta(minutes=30)
    world.order(2000, start, start + half_an_hour, at=start - half_an_hour, activation=world.uuid(71))
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    (draft,) = told(world.scenario.until(world.local("2026-03-29", "10:00")).events)
    assert [(one.start, one.delivered_wh) for one in draft.quarters] == [
        (world.local(DAY, "10:00"), 850),
        (start, 850),
        (start + half_an_hour / 2, 0),
    ]
    assert len(draft.activations) == 2


def test_a_version_names_the_activations_that_are_not_verified_yet(
    world: Any, day_series: Any, points: list[str]
) -> None:
    """One that goes on after midnight is verified a day later."""
    start, end = world.local(DAY, "23:30"), world.local("2026-03-29", "00:30")
    world.order(2000, start, end, at=start - timedelta(minutes=30), activation=world.uuid(71))
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    (draft,) = told(world.scenario.until(world.local("2026-03-29", "10:00")).events)
    assert (draft.unverified, len(draft.activations)) == ((world.uuid(71),), 1)
    events = told(world.scenario.until(world.local("2026-04-03", "00:00")).events)
    (locked,) = (one for one in events if (str(one.local_date), one.version) == (DAY, "D+5"))
    assert (locked.unverified, len(locked.activations)) == ((), 2)


def test_a_run_without_a_figure_is_not_in_a_version_but_named(world: Any, points: list[str]) -> None:
    events = world.scenario.until(world.local("2026-03-29", "10:00")).events
    (verified,) = (one for one in events if isinstance(one, v1.ActivationVerified))
    (draft,) = told(events)
    assert (verified.lacking, draft.activations, draft.unverified) == ("missing", (), (world.uuid(70),))


@pytest.mark.parametrize(
    ("said", "versions"),
    [
        ("2026-03-30", [("D+5", "locked", "2026-04-03"), ("D+13", "recalculated", "2026-04-11")]),
        ("2026-04-05", [("D+13", "recalculated", "2026-04-11")]),
        ("2026-05-04", [("D+13", "recalculated", "2026-05-05")]),
    ],
)
def test_an_order_that_is_told_late_has_no_run_and_no_version_from_before_it_was_told(
    world: Any, day_series: Any, said: str, versions: list[tuple[str, str, str]]
) -> None:
    points = world.points(1, 2)
    world.open(points)
    world.formed()
    for point in points:
        world.joined(point)
    send(world, day_series, points, (1000, 400), (500, 450))
    at, start = world.local(said, "06:00"), world.local(DAY, "10:00")
    log = world.order(4000, start, start + timedelta(minutes=30), at=at).events
    log += world.scenario.until(world.local("2026-06-01")).events
    assert [one.at for one in log if isinstance(one, v1.ActivationVerified)] == [at]
    clock = "10:00" if said == "2026-05-04" else "00:00"
    assert [(one.version, one.status, one.at, one.delivered_wh) for one in told(log)] == [
        (version, status, world.local(day, clock), 1300) for version, status, day in versions
    ]
    assert any(isinstance(one, v1.PartyAdjusted) for one in log)


def test_what_is_verified_or_annulled_after_the_last_version_has_another_the_next_morning(
    world: Any, day_series: Any, points: list[str]
) -> None:
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    world.scenario.until(world.local("2026-04-20"))
    send(world, day_series, points[:1], (1000, 300), on="2026-04-20")
    send(world, day_series, points[:1], (1000, 200), on="2026-04-20")
    events = world.scenario.until(world.local("2026-05-01")).events
    (again,) = told(events)
    assert (again.version, again.status, again.at) == ("D+13", "recalculated", world.local("2026-04-21", "10:00"))
    assert (again.delivered_wh, again.unverified) == (2100, ())
    assert {one.version for one in events if isinstance(one, v1.PartyAdjusted)} == {"D+13"}
    at = world.local("2026-05-01", "12:00")
    world.scenario.when(v1.AnnulVerification(), subject=world.uuid(70), sender=world.tso, role="tso", at=at)
    (without,) = told(world.scenario.until(world.local("2026-06-01")).events)
    assert (without.at, without.delivered_wh) == (world.local("2026-05-02", "10:00"), 0)
    assert without.unverified == (world.uuid(70),)
    state = world.scenario.state(store.ADJUSTMENT, DAY)
    assert (adjustment.run_of(state, "D+13").delivered_wh, adjustment.run_of(state, "D+5").delivered_wh) == (0, 1700)


def test_what_was_delivered_downwards_counts_negative(world: Any, day_series: Any, points: list[str]) -> None:
    ordered(world, direction="down", clock="12:00", activation=world.uuid(71))
    at = world.local("2026-03-29", "06:30")
    for point in points[:2]:
        wh = [{40: 400, 41: 400, 48: 700, 49: 700}.get(quarter, 500) for quarter in range(96)]
        world.send(day_series(point, DAY, wh), at=at)
    world.send(day_series(points[2], DAY, 0, direction="production"), at=at)
    (draft,) = told(world.scenario.until(world.local("2026-03-29", "10:00")).events)
    assert [one.delivered_wh for one in draft.quarters] == [200, 200, -400, -400]
    assert len(draft.activations) == 2


def test_who_stands_behind_a_point_and_is_not_known_keeps_a_sum(world: Any, day_series: Any) -> None:
    points = world.points(1)
    world.open(points)
    world.formed()
    world.joined(points[0])
    ordered(world)
    send(world, day_series, points, (1000, 400))
    events = world.scenario.until(world.local("2026-03-29", "10:00")).events
    (draft,) = told(events)
    assert [(one.supplier, one.brp, one.zone, one.delivered_wh) for one in draft.sums] == [(None, None, None, 1200)]
    assert {one.role for one in events if isinstance(one, v1.PartyAdjusted)} == {"bsp"}


def test_quarters_of_a_brp_by_zone_and_of_a_supplier_by_grid_area(
    world: Any, day_series: Any, points: list[str]
) -> None:
    """Up and down in one day, which a day's sum does not show; one point lies in another grid area, and zone."""
    world.scenario.given(
        GridAreaDefined(grid_area=world.other_area, name="y", zone=BiddingZone.NO5, dso=world.other_dso)
    )
    world.fact(points[1], dso=world.other_dso, grid_area=world.other_area, valid_from=world.local("2026-01-02"))
    ordered(world, direction="down", clock="12:00", activation=world.uuid(71))
    at = world.local("2026-03-29", "06:30")
    for point in points[:2]:
        wh = [{40: 400, 41: 500, 48: 600, 49: 500}.get(quarter, 500) for quarter in range(96)]
        world.send(day_series(point, DAY, wh), at=at)
    world.send(day_series(points[2], DAY, 0, direction="production"), at=at)
    events = world.scenario.until(world.local("2026-03-29", "10:00")).events
    some = [one for one in events if isinstance(one, v1.VolumeAdjusted)]
    up, down = world.local(DAY, "10:00"), world.local(DAY, "12:00")
    each = [
        ("brp", make_gln(21), None, "NO3"),
        ("brp", make_gln(21), None, "NO5"),
        ("supplier", SUPPLIER, world.area, "NO3"),
        ("supplier", OTHER, world.other_area, "NO5"),
    ]
    found = {(one.role, one.party, one.grid_area, one.zone): one for one in some}
    for key in each:
        told_ = [(one.start, one.delivered_wh) for one in found[key].quarters]
        assert (told_, found[key].delivered_wh) == ([(up, 100), (down, -100)], 0), "none that is zero"
    assert found["bsp", world.bsp, None, "NO3"].volume_id == f"{DAY}/D+1/bsp/{world.bsp}/NO3"
    nothing = found["supplier", OTHER, world.area, "NO3"], found["brp", make_gln(22), None, "NO3"]
    assert [(one.quarters, one.delivered_wh) for one in nothing] == [((), 0)] * 2
    audience = {(one.field, one.role) for one in v1.VolumeAdjusted.audience}
    assert audience == {(None, Role.TSO), ("party", None)}, "no DSO: it settles nothing of it"
    # What was told of a place and is not there any more is said to be nothing: not so large a sum, but its quarters.
    supplied(world, points[1], make_gln(39))
    later = world.scenario.until(world.local("2026-04-03")).events
    (gone,) = [one for one in later if isinstance(one, v1.VolumeAdjusted) and one.party == OTHER and one.zone == "NO5"]
    assert (gone.version, gone.quarters, gone.changed_wh) == ("D+5", (), 0)


def test_events_name_no_point(world: Any, day_series: Any, points: list[str]) -> None:
    send(world, day_series, points, (1000, 400), (500, 450), (100, 300))
    said = world.scenario.until(world.local("2026-04-11")).events
    adjusted = [one for one in said if isinstance(one, v1.ImbalanceAdjusted | v1.PartyAdjusted | v1.VolumeAdjusted)]
    assert adjusted
    assert not any(point in one.model_dump_json() for one in adjusted for point in points)


# Sums


ACTIVATIONS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.dictionaries(
            st.integers(1, 9), st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9)), min_size=1, max_size=8)
        ),
        st.integers(-6, 98),
    ),
    max_size=5,
)
BEHIND = st.dictionaries(
    st.integers(1, 9), st.tuples(st.integers(30, 33), st.integers(20, 22), st.integers(0, 96), st.integers(0, 3))
)
"""By point: supplier, BRP, from which quarter on it is another's, and its grid area: two zones have three of them."""
AREAS = {
    make_eic_y(f"AREA-{number}"): GridArea(virtual=False, dsos=(), zones=((None, zone),) if zone else ())
    for number, zone in enumerate(("NO3", "NO3", "NO1", ""))
}


def behind_of(known_as: dict[int, Any], day: days.Day) -> adjustment.Behind:
    supplies, points = {}, {}
    for serial, (supplier, brp, since, area) in known_as.items():
        place = blocks.place_of(make_gsrn(serial))
        supplies[place] = (
            known_supply.Supply(day.start, make_gln(supplier), make_gln(brp), None, ""),
            known_supply.Supply(day.start + since * days.QUARTER, make_gln(39), None, None, ""),
        )
        points[place] = (known.PointVersion(day.start, None, 0, list(AREAS)[area]),)
    named = {blocks.block_of(make_gsrn(serial)) for serial in range(1, 10)}
    return adjustment.Behind(
        dict.fromkeys(named, known.Points(points)), dict.fromkeys(named, known_supply.Supplies(supplies)), AREAS
    )


@settings(deadline=None)
@given(st.lists(st.tuples(ACTIVATIONS, BEHIND), min_size=1, max_size=4))
def test_every_sum_of_every_version_is_the_same(versions: list[Any]) -> None:
    local = date.fromisoformat(DAY)
    day = days.day(local)
    state, books = adjustment.OfDay(local), Books()
    for activations, known_as in versions:
        some = [
            adjustment.Delivered(
                f"a{number}",
                make_gln(11 + bsp),
                1,
                "0" * 64,
                day.start + first * days.QUARTER,
                {make_gsrn(serial): wh for serial, wh in by_point.items()},
            )
            for number, (bsp, by_point, first) in enumerate(activations)
        ]
        found = adjustment.rows(local, some, behind_of(known_as, day))
        once: dict[Any, int] = {}
        for one in sorted(some, key=lambda one: (one.start, one.activation_id)):
            for point, figures in one.by_point.items():
                for place, wh in enumerate(figures):
                    start = one.start + place * days.QUARTER
                    if wh is not None and day.start <= start < day.end:
                        once.setdefault((point, start), wh)
        run, *others = adjustment.decide_adjusted(state, [], found, as_of=AsOf(day.end, {}))
        assert isinstance(run, v1.ImbalanceAdjusted)
        books.take(others)
        same(run, others, sum(once.values()))
        books.holds(run)
        state = adjustment.evolve(state, run)
    withheld = adjustment.decide_withheld(state, (), as_of=AsOf(day.end, {}))
    assert isinstance(withheld, v1.ImbalanceAdjusted)
    assert adjustment.evolve(state, withheld).runs[-1].volumes == state.runs[-1].volumes, "what was told stands"


def same(run: v1.ImbalanceAdjusted, others: Sequence[Any], whole: int) -> None:
    """By quarter, by whom it is of, and by party."""
    assert whole == run.delivered_wh == sum(one.delivered_wh for one in run.quarters)
    assert whole == sum(one.delivered_wh for one in run.sums)
    by_role: dict[str, int] = {}
    by_party: dict[tuple[str, str | None], int] = {}
    for one in others:
        if isinstance(one, v1.PartyAdjusted):
            assert one.delivered_wh == sum(each.delivered_wh for each in one.quarters)
            by_role[one.role] = by_role.get(one.role, 0) + one.delivered_wh
            by_party[one.role, one.party] = by_party.get((one.role, one.party), 0) + one.delivered_wh
        elif one.party:
            by_party[one.role, one.party] = by_party.get((one.role, one.party), 0) - one.delivered_wh
    assert not any(by_party.values()), "a party's places are together what it was told in all"
    assert by_role.get("bsp", 0) == whole
    for role in ("supplier", "brp"):
        unknown = sum(one.delivered_wh for one in run.sums if getattr(one, role) is None)
        assert by_role.get(role, 0) + unknown == whole
