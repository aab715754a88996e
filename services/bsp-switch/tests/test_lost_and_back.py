"""Switches that facts cancel, and that come back with them before their midnight: and those that do not."""

import pytest

from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def announced(world, *points):
    """A switch from A to B at 04-15, announced on 04-01."""
    scenario = world.held(*(points or (world.point,)))
    wish = v1.RequestSwitch(metering_points=points or (world.point,), start=world.day("04-15"))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01"))
    return scenario


def told(world, scenario, since, *, active, at="04-05"):
    fact = world.registered().model_copy(update={"valid_from": world.day(since), "active": active})
    return scenario.when(fact, at=world.day(at))


def test_a_point_that_is_closed_and_opened_before_the_midnight_passes_though_nobody_holds_it_in_between(world):
    scenario = announced(world)
    told(world, scenario, "04-10", active=False).then_only(v1.SwitchCancelled, v1.ControlEndAnnounced)

    (back,) = told(world, scenario, "04-12", active=True).then_only(v1.SwitchAnnounced)
    assert (back.restored, back.start, back.outgoing, back.incoming) == (
        True,
        world.day("04-15"),
        world.bsp_a,
        world.bsp_b,
    )
    assert (back.switch_id, back.notice_days, back.notice_min_days) == (world.uuid(1), 14, 14)
    (effect,) = scenario.until(world.day("04-16")).then_only(v1.SwitchTookEffect)
    assert effect.points == 1


def test_told_the_other_way_round_it_never_falls(world):
    scenario = announced(world)
    told(world, scenario, "04-12", active=True).then()

    (end,) = told(world, scenario, "04-10", active=False).then_only(v1.ControlEndAnnounced)
    assert (end.bsp, end.because, end.valid_to) == (world.bsp_a, "point-closed", world.day("04-10"))


def test_a_closing_that_is_taken_back_gives_back_both(world):
    scenario = announced(world)
    told(world, scenario, "04-10", active=False)

    kept, back = told(world, scenario, "04-10", active=True, at="04-14").then_only(
        v1.ControlEndCancelled, v1.SwitchAnnounced
    )
    assert (kept.bsp, kept.valid_to, back.restored) == (world.bsp_a, None, True)


def test_it_does_not_come_back_after_its_midnight(world):
    scenario = announced(world)
    told(world, scenario, "04-10", active=False)

    told(world, scenario, "04-10", active=True, at="04-16").then_only(v1.ControlEndCancelled)


def test_it_comes_back_on_no_other_consent(world):
    scenario = announced(world)
    told(world, scenario, "04-10", active=False)
    scenario.when(
        v1.WithdrawConsent(), subject=world.uuid(2000), sender=world.bsp_b, role=Role.BSP, at=world.day("04-06")
    ).then_only(v1.ConsentWithdrawn)
    anew = v1.RecordConsent(
        metering_point_id=world.point,
        end_user=world.end_user,
        proof_sha256=world.proof,
        valid_from=world.day("04-07"),
    )
    scenario.when(anew, subject=world.uuid(77), sender=world.bsp_b, at=world.day("04-07"))

    told(world, scenario, "04-12", active=True, at="04-08").then()


def test_what_the_incoming_bsp_has_called_off_does_not_come_back(world):
    scenario = announced(world, world.point, world.other_point)
    told(world, scenario, "04-10", active=False)
    scenario.when(v1.CancelSwitch(), subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-06")).then_only(
        v1.SwitchCancelled, v1.SwitchAbandoned
    )

    told(world, scenario, "04-12", active=True, at="04-08").then()


def test_nor_what_an_upheld_objection_was_to(world):
    scenario = announced(world)
    objection = v1.ObjectToSwitch(
        switch_id=world.uuid(1), metering_points=(world.point,), ground="no-consent", text="Ingen underskrift"
    )
    scenario.when(objection, subject=world.uuid(5), sender=world.bsp_a, at=world.day("04-03"))
    told(world, scenario, "04-10", active=False)
    upheld = v1.ResolveObjection(outcome="upheld", reason="Etter undersøkelse")
    scenario.when(upheld, subject=world.uuid(5), sender=world.operator, role=Role.TSO, at=world.day("04-06"))

    told(world, scenario, "04-12", active=True, at="04-08").then()


def test_nor_where_the_outgoing_bsp_has_given_the_point_up_before(world):
    scenario = announced(world)
    told(world, scenario, "04-14", active=False)
    wish = v1.EndControl(metering_points=(world.point,), end=world.day("04-10"))
    scenario.when(wish, subject=world.uuid(9), sender=world.bsp_a, at=world.day("04-06")).then_only(
        v1.ControlEndAnnounced
    )

    told(world, scenario, "04-14", active=True, at="04-08").then_only(v1.ControlEndCancelled)


def test_nor_in_the_place_of_a_later_switch(world):
    scenario = announced(world)
    told(world, scenario, "04-15", active=False)
    scenario.given(world.consent(world.uuid(3000), bsp=world.bsp_c))
    told(world, scenario, "04-15", active=True, at="04-05").then_only(v1.ControlEndCancelled, v1.SwitchAnnounced)
    told(world, scenario, "04-15", active=False, at="04-05")
    told(world, scenario, "04-16", active=True, at="04-05").then()
    wish = v1.ClaimControl(start=world.day("04-16"))
    scenario.when(wish, subject=world.point, sender=world.bsp_c, at=world.day("04-06")).then_only(v1.ControlClaimed)

    told(world, scenario, "04-15", active=True, at="04-08")
    assert not any(isinstance(event, v1.SwitchAnnounced) for event in scenario.log[-3:])
