"""What a BSP may see of a point: its own periods, as they were known while they lasted."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import to_json
from test_one_bsp_at_a_time import BEGINS, STEP, Sequence

from bsp_switch import store
from bsp_switch.domain import history
from contracts.bsp_switch import v1

pytestmark = pytest.mark.unit


def announced(world):
    return v1.SwitchAnnounced(
        switch_id=world.uuid(1),
        metering_point_id=world.point,
        outgoing=world.bsp_a,
        incoming=world.bsp_b,
        dso=world.dso,
        start=world.day("04-15"),
        consent_id=world.uuid(2),
        notice_days=14,
        notice_min_days=14,
    )


def told(world, *further):
    """A holds the point from 01-05, from 04-15 on B does."""
    return [
        (world.day("01-06"), world.supply()),
        (world.day("01-06"), world.claimed()),
        (world.day("04-01"), announced(world)),
        *further,
    ]


def test_each_sees_its_own_period_and_neither_who_comes_after_nor_who_came_before(world):
    later = world.supply(supplier=world.stranger, valid_from=world.day("05-01"))
    early = world.supply(brp_consumption=world.other_brp, valid_from=world.day("02-01"))
    said = told(world, (world.day("04-02"), early), (world.day("04-20"), later))
    (mine,) = history.seen(said, world.bsp_a).periods
    (theirs,) = history.seen(said, world.bsp_b).periods

    assert (mine.valid_from, mine.valid_to) == (world.day("01-05"), world.day("04-15"))
    assert [(one.valid_from, one.valid_to, one.brp_consumption) for one in mine.behind] == [
        (world.day("01-05"), world.day("02-01"), world.brp),
        (world.day("02-01"), world.day("04-15"), world.other_brp),
    ]
    assert [(one.valid_from, one.valid_to, one.supplier) for one in theirs.behind] == [
        (world.day("04-15"), world.day("05-01"), world.supplier),
        (world.day("05-01"), None, world.stranger),
    ]
    assert world.stranger not in to_json(mine).decode()
    assert history.seen(said, world.bsp_c) is None


def test_what_is_learnt_of_a_period_when_it_is_over_does_not_reach_who_has_lost_the_point(world):
    correction = world.supply(supplier=world.stranger, valid_from=world.day("02-01"))
    before = history.seen(told(world), world.bsp_a)
    assert history.seen(told(world, (world.day("04-16"), correction)), world.bsp_a) == before
    # While it lasts it is told, also between the announcement and the midnight.
    assert history.seen(told(world, (world.day("04-14"), correction)), world.bsp_a) != before


def test_what_is_said_of_its_own_control_is_seen_also_when_that_is_over(world):
    ended = v1.ControlEndAnnounced(
        metering_point_id=world.point, bsp=world.bsp_a, dso=world.dso, valid_from=world.day("01-05"),
        valid_to=world.day("03-01"), because="move-out",
    )  # fmt: skip
    moved = world.supply(end_user=world.other_end_user, valid_from=world.day("03-01"))
    said = told(world, (world.day("05-01"), moved), (world.day("05-01"), ended))
    (mine,) = history.seen(said, world.bsp_a).periods
    assert (mine.valid_to, mine.ends) == (world.day("03-01"), {"move-out": world.day("03-01")})
    assert world.other_end_user not in to_json(mine).decode()


def test_a_switch_that_was_cancelled_leaves_the_incoming_bsp_nothing_to_see(world):
    cancelled = v1.SwitchCancelled(
        switch_id=world.uuid(1), metering_point_id=world.point, outgoing=world.bsp_a, incoming=world.bsp_b,
        dso=world.dso, start=world.day("04-15"), because="incoming", valid_to=None,
    )  # fmt: skip
    assert history.seen(told(world, (world.day("04-03"), cancelled)), world.bsp_b) is None


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(BEGINS), st.lists(STEP, min_size=5, max_size=40))
def test_whatever_happens_nobody_sees_anothers_id_or_end_user_nor_beyond_its_own_period(world, begins, steps):
    sequence = Sequence(world, begins)
    times = [sequence.now] * len(sequence.scenario.log)
    for action, a, b, c in steps:
        Sequence.ACTIONS[action](sequence, a, b, c)
        sequence.look()
        times += [sequence.now] * (len(sequence.scenario.log) - len(times))
    folded = store.POINT.folds
    for each in sequence.points:
        said = [
            (at, event)
            for at, event in zip(times, sequence.scenario.log, strict=True)
            if type(event) in folded and event.subject == each
        ]
        state = sequence.scenario.state(store.POINT, each)
        for bsp in sequence.bsps:
            found = history.seen(said, bsp)
            held = [
                (since, until)
                for one in state.holdings
                if one.lives
                for holder, since, until in one.periods()
                if holder == bsp
            ]
            assert [(one.valid_from, one.valid_to) for one in found.periods] == held if found else not held
            text = to_json(found).decode()
            assert not [other for other in sequence.bsps if other != bsp and other in text]
            for period in found.periods if found else ():
                users = {one.end_user for one in period.behind} - {None}
                assert len(users) <= 1, "the one whose consent it has"
                for one in period.behind:
                    assert period.valid_from <= one.valid_from
                    assert period.valid_to is None or (one.valid_to is not None and one.valid_to <= period.valid_to)
