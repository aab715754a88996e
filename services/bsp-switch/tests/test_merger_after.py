"""What is learnt after a merger of what was before it: of consents that had ended, and of control that had."""

import pytest
from test_consent_proof import record
from test_end_user import moved
from test_merger import known, merge
from test_meter_access import said
from test_move_out import closed
from test_switch import request

from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def claim(world, scenario, bsp, start, *, at):
    wish = v1.ClaimControl(start=world.day(start))
    return scenario.when(wish, subject=world.point, sender=bsp, role=Role.BSP, at=world.day(at, 12))


def told(outcome, kind):
    return [(one.bsp, one.valid_to, one.successor) for one in outcome.events + outcome.beside if type(one) is kind]


@pytest.mark.rule("CONSENT_MISSING")
def test_a_consent_that_a_move_out_had_ended_is_not_good_again_for_the_successor(world):
    scenario = known(world, world.scenario())
    record(world, scenario)
    moved(world, scenario, "01-10", at="01-20")
    moved(world, scenario, "01-15", at="01-21", end_user=world.end_user)
    merge(world, scenario, at="01-20", start="02-05")
    scenario.until(world.day("02-06"))

    claim(world, scenario, world.bsp_b, "04-01", at="03-30").refused("CONSENT_MISSING")
    # What the end user gives anew, to either, is as good as ever.
    record(world, scenario, 2, bsp=world.bsp_b, at="03-30", valid_from=world.day("03-30"))
    claimed, *_ = claim(world, scenario, world.bsp_b, "04-01", at="03-30").events
    assert claimed.consent_id == world.uuid(2)


@pytest.mark.rule("CONSENT_MISSING")
def test_nor_one_that_is_known_to_end_before_a_merger_to_come(world):
    scenario = known(world, world.scenario())
    record(world, scenario)
    moved(world, scenario, "04-02", at="03-28")
    moved(world, scenario, "04-04", at="03-28", end_user=world.end_user)
    merge(world, scenario, at="03-28", start="04-14")

    claim(world, scenario, world.bsp_a, "04-05", at="04-03").refused("CONSENT_MISSING")
    claim(world, scenario, world.bsp_b, "04-15", at="04-10").refused("CONSENT_MISSING")


def test_values_are_not_read_on_a_consent_that_had_ended_before_the_merger(world):
    scenario = known(world, world.scenario())
    record(world, scenario)
    moved(world, scenario, "01-10", at="01-20")
    moved(world, scenario, "01-15", at="01-21", end_user=world.end_user)
    merge(world, scenario, at="01-20", start="02-05")
    scenario.until(world.day("02-06"))
    record(world, scenario, 2, bsp=world.bsp_b, at="03-30", valid_from=world.day("03-30"))

    outcome = claim(world, scenario, world.bsp_b, "04-10", at="03-30")
    assert said(outcome) == [(world.bsp_b, [(world.day("03-30"), world.day("04-10"), None, world.uuid(2))])]


@pytest.mark.parametrize("fact", ["move-out", "point-closed"])
def test_what_ends_control_before_the_midnight_of_a_past_merger_is_told_to_who_holds_the_point(world, fact):
    scenario = known(world, world.held())
    merge(world, scenario)
    scenario.until(world.day("05-02"))

    def tell(*, back):
        if fact == "point-closed":
            return closed(world, scenario, since=world.day("04-20"), at="05-10", active=back)
        return moved(world, scenario, "04-20", at="05-10", end_user=world.end_user if back else world.other_end_user)

    outcome = tell(back=False)
    assert told(outcome, v1.ControlEndAnnounced) == [(world.bsp_a, world.day("04-20"), world.bsp_b)]
    of_a, to_b = world.bsp_a, world.bsp_b
    ended = [(of_a, world.day("04-20"), to_b), (world.bsp_b, world.day("04-20"), None)]
    assert told(outcome, v1.ConsentEnded) == (ended if fact == "move-out" else [])

    outcome = tell(back=True)
    assert told(outcome, v1.ControlEndCancelled) == [(of_a, None, to_b)]
    assert told(outcome, v1.ConsentEndCancelled) == (
        [(of_a, None, to_b), (world.bsp_b, None, None)] if fact == "move-out" else []
    )


def test_the_successor_is_told_what_it_may_read_where_a_switch_comes_after_the_merger(world):
    """A's point goes to C at 05-10; C is taken over by B at 05-01: B is told, C nothing any more."""
    scenario = known(world, world.held())
    record(world, scenario, 3, bsp=world.bsp_c)
    outcome = request(world, scenario, bsp=world.bsp_c, start="05-10", at="04-14")
    reach = (world.day("01-05"), world.day("05-10"), None, world.uuid(3))
    assert said(outcome) == [(world.bsp_c, [reach])]

    outcome = merge(world, scenario, bsp=world.bsp_c, at="04-15")
    # With its own consent, which goes further back.
    both = (world.day("01-01"), *reach[1:3], world.uuid(2000))
    assert said(outcome) == [(world.bsp_c, []), (world.bsp_b, [both])]
