"""Switches that facts cancel and that do not come back: called off meanwhile, objected to, or whose BSP is one no more.

And control that a correction would give back to who is a BSP no more.
"""

import pytest
from test_lost_and_back import announced, told
from test_merger import known, merge

from bsp_switch import store
from contracts.bsp_switch import v1
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit


def lost(world, *points):
    """A switch from A to B at 04-15, of which the first point, closed at 04-10, is lost."""
    scenario = announced(world, *points)
    told(world, scenario, "04-10", active=False)
    return scenario


def restored(outcome):
    return [event for event in outcome.events if isinstance(event, v1.SwitchAnnounced) and event.restored]


def send(world, scenario, wish, *, sender="", role=Role.BSP, at="04-06", subject=1):
    return scenario.when(
        wish, subject=world.uuid(subject), sender=sender or world.bsp_b, role=role, at=world.day(at, 12)
    )


def objection(world, *points):
    return v1.ObjectToSwitch(
        switch_id=world.uuid(1), metering_points=points or (world.point,), ground="no-consent", text="x"
    )


def leaves(world, scenario, bsp, how):
    """A party is a BSP no more, or may not act for now."""
    if how == "roles":
        fact = registry.PartyRolesChanged(party=bsp, before=(Role.BSP,), after=(Role.SUPPLIER,), status="active")
    else:
        fact = registry.PartyStatusChanged(party=bsp, roles=(Role.BSP,), before="active", after=how, reason="x")
    scenario.given(fact)


# Called off


@pytest.mark.parametrize("points", [(), ("named",)])
def test_who_was_to_have_it_calls_it_off_and_it_does_not_come_back(world, points):
    scenario = lost(world)
    wish = v1.CancelSwitch(metering_points=(world.point,) if points else ())
    (gone,) = send(world, scenario, wish).then_only(v1.SwitchAbandoned)
    assert (gone.because, gone.incoming, gone.outgoing, gone.start) == (
        "incoming", world.bsp_b, world.bsp_a, world.day("04-15"),
    )  # fmt: skip
    without = {each.field: each.without for each in gone.audience}
    assert "outgoing" in without["incoming"]
    assert {"incoming", "because", "reason"} <= set(without["outgoing"])

    told(world, scenario, "04-12", active=True, at="04-08").then()
    send(world, scenario, v1.CancelSwitch()).refused("SWITCH_NOT_ANNOUNCED")


def test_the_operator_calls_it_off_and_says_why(world):
    scenario = lost(world)
    wish = v1.CancelSwitchByOperator(reason="Etter avtale")
    (gone,) = send(world, scenario, wish, sender=world.operator, role=Role.TSO).then_only(v1.SwitchAbandoned)
    assert (gone.because, gone.reason) == ("operator", "Etter avtale")
    told(world, scenario, "04-12", active=True, at="04-08").then()


def test_of_a_portfolio_what_is_named_is_called_off_and_nothing_else(world):
    scenario = lost(world, world.point, world.other_point)
    wish = v1.CancelSwitch(metering_points=(world.other_point,))
    send(world, scenario, wish).then_only(v1.SwitchCancelled)
    assert restored(told(world, scenario, "04-12", active=True, at="04-08"))


def test_all_of_a_portfolio_is_what_is_announced_and_what_may_come_back(world):
    scenario = lost(world, world.point, world.other_point)
    cancelled, gone = send(world, scenario, v1.CancelSwitch()).then_only(v1.SwitchCancelled, v1.SwitchAbandoned)
    assert (cancelled.metering_point_id, gone.metering_point_id) == (world.other_point, world.point)
    told(world, scenario, "04-12", active=True, at="04-08").then()


@pytest.mark.rule("SWITCH_NOT_ANNOUNCED", "METERING_POINT_NOT_IN_SWITCH")
def test_after_its_midnight_and_where_its_place_is_taken_there_is_nothing_to_call_off(world):
    scenario = lost(world)
    send(world, scenario, v1.CancelSwitch(), at="04-16").refused("SWITCH_NOT_ANNOUNCED")
    send(world, scenario, objection(world), sender=world.bsp_a, at="04-16", subject=5).refused("SWITCH_NOT_ANNOUNCED")

    scenario = lost(world)
    scenario.given(world.consent(world.uuid(3000), bsp=world.bsp_c))
    scenario.given(world.registered().model_copy(update={"valid_from": world.day("04-16")}))
    claim = v1.ClaimControl(start=world.day("04-16"))
    scenario.when(claim, subject=world.point, sender=world.bsp_c, at=world.day("04-06"))
    wish = v1.CancelSwitch(metering_points=(world.point,))
    send(world, scenario, wish).refused("METERING_POINT_NOT_IN_SWITCH")


# Objected to


@pytest.mark.parametrize("who", ["outgoing", "operator"])
def test_what_is_lost_is_objected_to_and_upheld_it_does_not_come_back(world, who):
    scenario = lost(world)
    by, role = (world.bsp_a, Role.BSP) if who == "outgoing" else (world.operator, Role.TSO)
    (disputed,) = send(world, scenario, objection(world), sender=by, role=role, subject=5).then_only(v1.SwitchDisputed)
    assert disputed.metering_points == (world.point,)
    upheld = v1.ResolveObjection(outcome="upheld", reason="x")
    send(world, scenario, upheld, sender=world.operator, role=Role.TSO, subject=5).then_only(v1.ObjectionResolved)
    told(world, scenario, "04-12", active=True, at="04-08").then()


def test_the_objection_stands_when_it_comes_back_and_its_being_upheld_cancels_it(world):
    scenario = lost(world)
    send(world, scenario, objection(world), sender=world.bsp_a, subject=5)
    assert restored(told(world, scenario, "04-12", active=True, at="04-08"))
    assert scenario.state(store.SWITCH, world.uuid(1)).disputed
    (reminded,) = scenario.until(world.day("04-14")).then_only(v1.ObjectionsReminded)
    assert reminded.objections == (world.uuid(5),)
    upheld = v1.ResolveObjection(outcome="upheld", reason="x")
    _, gone = send(world, scenario, upheld, sender=world.operator, role=Role.TSO, subject=5, at="04-14").then_only(
        v1.ObjectionResolved, v1.SwitchCancelled
    )
    assert gone.because == "objection"


@pytest.mark.rule("SWITCH_UNKNOWN", "OBJECTION_STANDS")
def test_a_stranger_has_nothing_to_object_to_and_nobody_twice(world):
    scenario = lost(world)
    send(world, scenario, objection(world), sender=world.bsp_c, subject=5).refused("SWITCH_UNKNOWN")
    send(world, scenario, objection(world), sender=world.bsp_a, subject=5)
    again = send(world, scenario, objection(world), sender=world.bsp_a, subject=6)
    again.refused("OBJECTION_STANDS")


# No BSP any more


@pytest.mark.parametrize("how", ["terminated", "roles"])
def test_it_does_not_come_back_to_who_is_a_bsp_no_more(world, how):
    scenario = known(world, lost(world))
    leaves(world, scenario, world.bsp_b, how)
    (gone,) = told(world, scenario, "04-12", active=True, at="04-08").then_only(v1.SwitchAbandoned)
    assert (gone.because, gone.incoming) == ("not-bsp", world.bsp_b)
    # Nor when it is one again.
    known(world, scenario)
    told(world, scenario, "04-11", active=True, at="04-09").then()


def test_under_suspension_it_comes_back_as_an_announced_one_goes_on(world):
    scenario = known(world, lost(world))
    leaves(world, scenario, world.bsp_b, "suspended")
    assert restored(told(world, scenario, "04-12", active=True, at="04-08"))
    scenario.until(world.day("04-16")).then_only(v1.SwitchTookEffect, v1.SwitchIncomingSuspended)


def test_it_comes_back_to_who_has_taken_over_a_bsp_that_is_one_no_more(world):
    scenario = known(world, announced(world))
    merge(world, scenario, bsp=world.bsp_b, into=world.bsp_c, at="04-01", start="04-15")
    told(world, scenario, "04-10", active=False)
    leaves(world, scenario, world.bsp_b, "terminated")
    (back,) = restored(told(world, scenario, "04-12", active=True, at="04-08"))
    assert back.incoming_successor == world.bsp_c


@pytest.mark.parametrize("how", ["terminated", "roles"])
@pytest.mark.parametrize("fact", ["move-out", "point-closed"])
def test_control_is_not_given_back_to_who_is_a_bsp_no_more(world, fact, how):
    def tell(scenario, *, back, at):
        if fact == "point-closed":
            return told(world, scenario, "04-03", active=back, at=at)
        end_user = world.end_user if back else world.other_end_user
        wish = world.record_supply(end_user=end_user, valid_from=world.day("04-03"))
        return scenario.when(wish, subject=world.point, sender=world.gln(50), at=world.day(at))

    scenario = known(world, world.held())
    tell(scenario, back=False, at="04-05")
    leaves(world, scenario, world.bsp_a, how)
    outcome = tell(scenario, back=True, at="04-08")
    stays, corrected = (each for each in outcome.events if not isinstance(each, v1.SupplyRecorded))
    assert (type(stays), stays.because, stays.bsp) == (v1.ControlEndAnnounced, "not-bsp", world.bsp_a)
    assert stays.valid_to == world.day("04-03")
    assert (type(corrected), corrected.because, corrected.valid_to) == (v1.ControlEndCancelled, fact, stays.valid_to)
    # Another may have it.
    claim = v1.ClaimControl(start=world.day("04-09"))
    scenario.when(claim, subject=world.point, sender=world.bsp_b, at=world.day("04-08", 12)).then_only(
        v1.ControlClaimed
    )
    # It is said once.
    tell(scenario, back=False, at="04-10")
    assert not any(
        isinstance(each, v1.ControlEndAnnounced) and each.because == "not-bsp"
        for each in tell(scenario, back=True, at="04-11").events
    )


def test_under_suspension_it_is(world):
    scenario = known(world, world.held())
    told(world, scenario, "04-03", active=False)
    leaves(world, scenario, world.bsp_a, "suspended")
    (back,) = told(world, scenario, "04-03", active=True, at="04-08").then_only(v1.ControlEndCancelled)
    assert back.valid_to is None
