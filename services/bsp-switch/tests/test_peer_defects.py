"""The defects that were found by running Elhub's FIS, each tried on this service (peer-fis.md §2.4, §2.6).

The numbers are the document's.
"""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def send(world, scenario, wish, subject, *, sender="", at="04-01", role=Role.BSP):
    return scenario.when(wish, subject=subject, sender=sender or world.bsp_b, role=role, at=world.day(at, 12))


def switch(world, scenario, *, start, at, bsp="", number=1):
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day(start))
    return send(world, scenario, wish, world.uuid(number), sender=bsp, at=at)


def holdings(world, scenario):
    state = scenario.state(store.POINT, world.point)
    return [row[1:] for row in store.POINT.rows[store.HOLDING_ROWS](world.point, state)]


def taken_over(world):
    """A held the point, B has held it since 04-15, and A's consent still stands."""
    scenario = world.held().given(world.consent(world.uuid(3), bsp=world.bsp_c))
    switch(world, scenario, start="04-15", at="04-01")
    scenario.until(world.day("04-15"))
    return scenario


@pytest.mark.rule("METERING_POINT_NOT_YOURS")
@pytest.mark.rule("METERING_POINT_HELD_BY_OTHER")
def test_1_who_has_lost_a_point_does_not_take_it_back_by_taking_the_end_back(world):
    scenario = taken_over(world)
    before = holdings(world, scenario)

    keep = v1.KeepControl(metering_points=(world.point,))
    send(world, scenario, keep, world.uuid(9), sender=world.bsp_a, at="06-15").refused("METERING_POINT_NOT_YOURS")
    claim = v1.ClaimControl(start=world.day("06-15"))
    send(world, scenario, claim, world.point, sender=world.bsp_a, at="06-15").refused("METERING_POINT_HELD_BY_OTHER")
    assert holdings(world, scenario) == before


@pytest.mark.rule("SWITCH_NOTICE")
@pytest.mark.parametrize("start", ["03-22", "04-02", "04-14"])
def test_2_notice_given_once_is_not_shortened_by_moving_the_start(world, start):
    scenario = world.held()
    switch(world, scenario, start="04-17", at="04-01")

    send(world, scenario, v1.MoveSwitch(start=world.day(start)), world.uuid(1)).refused("SWITCH_NOTICE", limit=14)
    # Neither by cancelling and requesting anew.
    send(world, scenario, v1.CancelSwitch(), world.uuid(1)).then_only(v1.SwitchCancelled)
    switch(world, scenario, start=start, at="04-01", number=2).refused("SWITCH_NOTICE", limit=14)


@pytest.mark.rule("SWITCH_NOT_ANNOUNCED")
@pytest.mark.rule("CONTROL_END_PAST")
def test_3_what_has_been_is_not_undone_by_a_participant(world):
    scenario = taken_over(world)
    before = holdings(world, scenario)

    send(world, scenario, v1.CancelSwitch(), world.uuid(1), at="06-15").refused("SWITCH_NOT_ANNOUNCED")
    send(world, scenario, v1.MoveSwitch(start=world.day("07-01")), world.uuid(1), at="06-15").refused(
        "SWITCH_NOT_ANNOUNCED"
    )
    for end in ("04-15", "06-01", "06-15"):
        wish = v1.EndControl(metering_points=(world.point,), end=world.day(end))
        send(world, scenario, wish, world.uuid(9), at="06-15").refused("CONTROL_END_PAST")
    assert holdings(world, scenario) == before


@pytest.mark.rule("SWITCH_PENDING")
def test_4_what_is_agreed_for_later_is_not_wiped_by_who_comes_in_between(world):
    claimed = world.scenario().given(
        world.consent(), world.claimed(start="04-28"), world.consent(world.uuid(3), bsp=world.bsp_c)
    )
    claim = v1.ClaimControl(start=world.day("04-02"))
    send(world, claimed, claim, world.point, sender=world.bsp_c).refused("SWITCH_PENDING")
    assert holdings(world, claimed) == [(world.day("04-28"), None, world.bsp_a)]

    announced = world.held().given(world.consent(world.uuid(3), bsp=world.bsp_c))
    switch(world, announced, start="04-28", at="04-01")
    switch(world, announced, start="04-15", at="04-01", bsp=world.bsp_c, number=2).refused("SWITCH_PENDING")
    assert [bsp for _, _, bsp in holdings(world, announced)] == [world.bsp_a, world.bsp_b]


def test_5_what_is_taken_back_says_so_in_an_event_of_its_own(world):
    scenario = world.held()
    switch(world, scenario, start="04-15", at="04-01")

    send(world, scenario, v1.CancelSwitch(), world.uuid(1)).then_only(v1.SwitchCancelled)
    end = v1.EndControl(metering_points=(world.point,))
    send(world, scenario, end, world.uuid(8), sender=world.bsp_a).then_only(v1.ControlEndAnnounced)
    keep = v1.KeepControl(metering_points=(world.point,))
    send(world, scenario, keep, world.uuid(9), sender=world.bsp_a).then_only(v1.ControlEndCancelled)


def test_6_everyone_concerned_is_told_of_a_switch_when_it_is_announced_not_when_it_is_in_force(world):
    _, announced = switch(world, world.held(), start="04-15", at="04-01").then_only(
        v1.SwitchRequested, v1.SwitchAnnounced
    )
    told = {audience.field: getattr(announced, audience.field) for audience in announced.audience if audience.field}
    told = {field: who for field, who in told.items() if who is not None}
    assert told == {"incoming": world.bsp_b, "outgoing": world.bsp_a, "dso": world.dso, "brps": (world.brp,)}


def test_what_a_bsp_is_told_of_a_switch_does_not_say_who_the_other_one_is():
    for event in (v1.SwitchAnnounced, v1.SwitchCancelled, v1.SwitchTookEffect):
        without = {audience.field: audience.without for audience in event.audience}
        assert "outgoing" in without["incoming"]
        assert "incoming" in without["outgoing"]
    assert "consent_id" in {each.field: each.without for each in v1.SwitchAnnounced.audience}["outgoing"]


@pytest.mark.parametrize("at", ["02-01", "12-01"])
def test_7_a_correction_of_the_brp_alone_takes_effect_and_leaves_control_alone(world, at):
    scenario = world.held()
    before = holdings(world, scenario)
    fact = world.record_supply(brp_production=world.other_brp)

    send(world, scenario, fact, world.point, sender=world.gln(50), at=at, role=Role.DATAHUB).then_only(
        v1.SupplyRecorded
    )
    (only,) = scenario.state(store.POINT, world.point).supplies
    assert only.brp_production == world.other_brp
    assert holdings(world, scenario) == before


@pytest.mark.rule("PARTY_UNKNOWN")
def test_7_a_correction_of_who_is_responsible_takes_effect_and_what_is_unknown_in_it_is_reported_not_dropped(world):
    """Same supplier, same area, same start, another BRP; and one that nobody knows."""
    scenario = world.opened().given(world.registered())
    for direction in ("consumption", "production"):
        fact = world.record_responsibility(direction=direction)
        send(world, scenario, fact, world.grid_area, sender=world.gln(50), role=Role.DATAHUB)
    left_out = world.record_supply(brp_consumption=None, brp_production=None)
    send(world, scenario, left_out, world.point, sender=world.gln(50), role=Role.DATAHUB)
    for brp in (world.other_brp, world.stranger):
        fact = world.record_responsibility(brp=brp)
        outcome = send(world, scenario, fact, world.grid_area, sender=world.gln(50), at="04-02", role=Role.DATAHUB)
        (now,) = scenario.state(store.POINT, world.point).supplies
        assert (now.brp_consumption, now.brp_production) == (brp, world.brp)
    assert ("PARTY_UNKNOWN", world.stranger) in {(one.code, one.actual) for one in outcome.reasons}


def test_a_change_of_end_user_ends_control_instead_of_asking_the_bsp_to(world):
    """§2.5: there a notice, here an end."""
    fact = world.record_supply(end_user=world.other_end_user, valid_from=world.day("03-01"))

    send(world, world.held(), fact, world.point, sender=world.gln(50), role=Role.DATAHUB).then_only(
        v1.SupplyRecorded, v1.ControlEndAnnounced
    )
