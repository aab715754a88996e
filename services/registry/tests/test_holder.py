"""Who holds a point when, whatever was said of it in whatever order."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing import START
from registry.domain import holder
from registry.domain.holder import Control, Holder

pytestmark = pytest.mark.unit

DAY = timedelta(days=1)
CAUSES = ("own", "consent", "move-out", "point-closed", "operator")


def day(number):
    return START + number * DAY


def fold(*events):
    state = None
    for event in events:
        state = holder.evolve(state, event)
    return state or Holder()


@pytest.fixture
def say(world):
    """What may be said of point 1, with days for moments; the BSP has claimed it from day 0."""
    gsrn = world.point(1)

    class Say:
        claim = staticmethod(lambda number, bsp=world.BSP: world.claimed(gsrn, bsp, day(number)))
        switch = staticmethod(lambda number: world.switched(gsrn, day(number)))
        unswitch = staticmethod(lambda number: world.unswitched(gsrn, day(number)))
        end = staticmethod(
            lambda number, why="own", since=0, bsp=world.BSP: world.control_ends(
                gsrn, day(number), because=why, since=day(since), bsp=bsp
            )
        )
        go_on = staticmethod(
            lambda why="own", since=0, bsp=world.BSP: world.control_goes_on(
                gsrn, because=why, since=day(since), bsp=bsp
            )
        )

    return Say


def test_control_ends_at_the_first_of_the_ends_that_stand(world, say):
    both = (say.claim(0), say.end(9, "consent"), say.end(5, "own"))

    assert list(fold(*both).controls()) == [Control(world.BSP, day(0), day(5))]
    assert fold(*both).by(world.BSP, day(4)) is not None
    assert fold(*both).by(world.BSP, day(5)) is None
    assert list(fold(*both, say.go_on("own")).controls()) == [Control(world.BSP, day(0), day(9))]
    assert list(fold(*both, say.go_on("own"), say.go_on("consent")).controls()) == [Control(world.BSP, day(0), None)]


def test_said_again_for_the_same_cause_the_later_one_counts(world, say):
    assert list(fold(say.claim(0), say.end(5), say.end(9)).controls()) == [Control(world.BSP, day(0), day(9))]


def test_a_cancelled_switch_restores_the_outgoing_hold_exactly(world, say):
    before = fold(say.claim(0), say.end(30, "consent"))
    switched = holder.evolve(before, say.switch(20))

    assert list(switched.controls()) == [
        Control(world.BSP, day(0), day(20)),
        Control(world.OTHER_BSP, day(20), None),
    ]
    assert switched.coming(world.OTHER_BSP, day(19)) == Control(world.OTHER_BSP, day(20), None)
    assert holder.evolve(switched, say.unswitch(20)) == before


def test_between_an_end_and_a_switch_nobody_holds_the_point(world, say):
    """D26: the outgoing BSP's consent ends before the midnight."""
    state = fold(say.claim(0), say.switch(20), say.end(10, "consent"))

    assert list(state.unheld()) == [(day(10), day(20))]
    assert state.by(world.BSP, day(10)) is None
    assert state.by(world.OTHER_BSP, day(20)) is not None
    assert state.ends_of(world.BSP, day(3)) == {"control-ended": day(10), "switch": day(20)}


def test_control_that_never_begins_leaves_the_point_to_whoever_claims_it(world, say):
    never = (say.claim(10), say.end(10, since=10))

    assert list(fold(*never).controls()) == []
    others = fold(*never, say.claim(5, world.OTHER_BSP))
    assert list(others.controls()) == [Control(world.OTHER_BSP, day(5), None)]
    # Claimed anew it is held.
    assert list(fold(*never, say.claim(10)).controls()) == [Control(world.BSP, day(10), None)]


def test_a_back_dated_end_ends_what_rests_on_it_but_not_before_it_began(world, say):
    state = fold(say.claim(0), say.end(2, "move-out"))

    assert state.ends_of(world.BSP, day(1)) == {"control-ended": day(2)}
    assert state.ends_of(world.BSP, day(7)) == {"control-ended": day(7)}


def test_control_that_goes_on_by_another_claim_of_the_same_bsp_does_not_end(world, say):
    state = fold(say.claim(0), say.end(10), say.claim(10), say.end(30, since=10))

    assert list(state.unheld()) == [(day(30), None)]
    assert state.ends_of(world.BSP, day(3)) == {"control-ended": day(30)}


def test_a_point_claimed_after_a_gap_was_held_by_nobody_between(world, say):
    state = fold(say.claim(0), say.end(10), say.claim(15, world.OTHER_BSP))

    assert list(state.unheld()) == [(day(10), day(15))]
    assert state.ends_of(world.BSP, day(3)) == {"control-ended": day(10)}
    assert state.ends_of(world.OTHER_BSP, day(15)) == {}


def test_what_rested_on_a_switch_that_is_cancelled_late_ends_where_it_began(world, say):
    state = fold(say.claim(0), say.switch(20), say.unswitch(20))

    assert state.ends_of(world.OTHER_BSP, day(21)) == {"control-ended": day(21)}


def said(world):
    """Claims, ends and a switch; each about another thing, some of them twice."""
    gsrn = world.point(1)
    moments = st.integers(0, 30).map(day)
    end = st.builds(lambda to, why: world.control_ends(gsrn, to, because=why), moments, st.sampled_from(CAUSES))
    ends = st.lists(end, max_size=3, unique_by=lambda event: event.because)
    again = st.builds(lambda at: world.claimed(gsrn, at=at), st.integers(31, 60).map(day))
    switch = st.builds(
        lambda at: world.switched(gsrn, at), st.integers(1, 60).map(lambda n: day(n) + timedelta(hours=1))
    )
    rest = st.tuples(ends, st.lists(again, max_size=1), st.lists(switch, max_size=1))
    events = rest.map(lambda parts: [world.claimed(gsrn), *parts[0], *parts[1], *parts[2]])
    return events.flatmap(
        lambda all_: st.tuples(st.just(all_), st.lists(st.sampled_from(all_), max_size=3), st.permutations(all_))
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_the_order_and_however_often_the_timeline_is_the_same(world, data):
    events, repeated, shuffled = data.draw(said(world))
    expected = list(fold(*events).controls())

    assert list(fold(*shuffled).controls()) == expected
    if all(one.valid_from < one.valid_to for one in events if hasattr(one, "because")):
        # What never began and is claimed again is another control.
        assert list(fold(*shuffled, *repeated).controls()) == expected
    for number in range(-1, 62):
        held_by = [control.bsp for control in expected if control.valid_from <= day(number)]
        state = fold(*shuffled)
        holding = {bsp for bsp in (world.BSP, world.OTHER_BSP) if state.by(bsp, day(number))}
        asleep = [each for each in state.unheld() if each[0] <= day(number) and (each[1] or day(99)) > day(number)]
        assert len(holding) <= 1
        assert bool(holding) != bool(asleep) or number < 0
        assert holding <= set(held_by)
