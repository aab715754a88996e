"""What a metering point is: facts, always accepted."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis import asking
from contracts.registry import v1
from contracts.values import BiddingZone
from registry import store
from registry.domain import timeline
from registry.domain.holder import Hold

pytestmark = pytest.mark.unit


def record(world, register, *, grid_area="", valid_from=None, substation="Moholt"):
    wish = v1.RecordMeteringPoint(
        grid_area=grid_area or world.AREA,
        substation=substation,
        resolution="PT15M",
        agreed_power_w=20_000,
        valid_from=valid_from or world.midnight(1, 1),
    )
    return register.when(wish, subject=world.point(1))


def test_a_point_in_a_known_area_has_its_zone_and_dso(world, register):
    outcome = record(world, register)

    outcome.then(world.recorded(world.point(1)))
    assert outcome.reasons == ()


@pytest.mark.rule("GRID_AREA_UNKNOWN")
def test_a_point_in_an_unknown_area_is_accepted_as_incomplete_with_a_notice(world, register):
    outcome = record(world, register, grid_area=world.NO_AREA)

    outcome.then(world.recorded(world.point(1), grid_area=world.NO_AREA, zone=None))
    (notice,) = outcome.reasons
    assert (notice.code, notice.path, notice.actual) == ("GRID_AREA_UNKNOWN", "/grid_area", world.NO_AREA)


def test_a_fact_sent_again_with_a_known_area_completes_the_point(world, register):
    record(world, register, grid_area=world.NO_AREA)
    record(world, register).then(world.recorded(world.point(1)))

    (fact,) = register.state(store.METERING_POINT, world.point(1)).facts
    assert (fact.zone, fact.dso) == (BiddingZone.NO3, world.DSO)


def test_the_same_fact_again_says_nothing_new(world, register):
    record(world, register)
    record(world, register).then()


def test_a_late_fact_finds_its_place(world, register):
    record(world, register, valid_from=world.midnight(3, 1), substation="Ny")
    record(world, register, valid_from=world.midnight(2, 1), substation="Gammel")

    state = register.state(store.METERING_POINT, world.point(1))
    assert [fact.substation for fact in state.facts] == ["Gammel", "Ny"]
    assert state.fact(world.midnight(1, 31)) is None
    assert state.fact(world.midnight(2, 28)).substation == "Gammel"
    assert state.fact(world.midnight(3, 1)).substation == "Ny"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ABC")), max_size=20), st.integers(-1, 13))
def test_a_timeline_says_the_last_word_on_each_moment(world_start, entries, asked):
    holds = ()
    for hours, bsp in entries:
        holds = timeline.put(holds, Hold(bsp, world_start + timedelta(hours=hours)))
    truth = {hours: bsp for hours, bsp in entries if hours <= asked}

    found = timeline.at(holds, world_start + timedelta(hours=asked))

    assert (found.bsp if found else None) == (truth[max(truth)] if truth else None)
    starts = [hold.valid_from for hold in holds]
    assert starts == sorted(set(starts))
    if found is not None:
        assert timeline.since(holds, world_start + timedelta(hours=asked))[0] is found


@pytest.fixture(scope="module")
def world_start():
    from chassis.testing import START

    return START


def test_a_list_finds_points_by_whether_they_are_or_were_active():
    """Whatever the time of the fact; true and false are compared as they are written."""
    of, column = store.METERING_POINT.finds["fact.active"]
    assert (of.name, asking.as_text(column)) == ("metering_point_id", "active::text")
    assert asking.as_text(store.METERING_POINT.finds["fact.dso"][1]) == "dso"
