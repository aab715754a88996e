"""End users who move, points that are closed, and the corrections of both (E15, E20)."""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1

pytestmark = pytest.mark.unit


def moved(world, scenario, *, since, at, end_user="", **fields):
    fact = world.record_supply(end_user=end_user or world.other_end_user, valid_from=world.day(since), **fields)
    return scenario.when(fact, subject=world.point, at=world.day(at, 12))


def closed(world, scenario, *, since, at, active=False):
    fact = world.registered().model_copy(update={"valid_from": since, "active": active})
    return scenario.when(fact, at=world.day(at, 12))


def claim(world, scenario, *, start, at, bsp=""):
    wish = v1.ClaimControl(start=world.day(start))
    return scenario.when(wish, subject=world.point, sender=bsp or world.bsp_a, at=world.day(at, 12))


def switching(world):
    scenario = world.held()
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-15"))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01", 12))
    return scenario


def ended(world, valid_to, because="move-out", **fields):
    return v1.ControlEndAnnounced.model_validate(
        {
            "metering_point_id": world.point,
            "bsp": world.bsp_a,
            "dso": world.dso,
            "brps": (world.brp,),
            "valid_from": world.day("01-05"),
            "valid_to": valid_to,
            "because": because,
            **fields,
        }
    )


def holdings(world, scenario):
    state = scenario.state(store.POINT, world.point)
    return [row[1:] for row in store.POINT.rows[store.HOLDING_ROWS](world.point, state)]


# Moved out


@pytest.mark.parametrize(
    ("since", "at"), [("03-10", "03-15"), ("03-10", "03-01"), ("01-10", "12-01"), ("03-30", "04-02")]
)
def test_control_ends_when_the_end_user_moved_out_told_before_after_or_long_after(world, since, at):
    scenario = world.held()

    _, end = moved(world, scenario, since=since, at=at).then_only(v1.SupplyRecorded, v1.ControlEndAnnounced)
    assert end == ended(world, world.day(since))
    assert holdings(world, scenario) == [(world.day("01-05"), world.day(since), world.bsp_a)]


def test_moved_out_before_control_began_it_never_was(world):
    scenario = world.held()

    _, end = moved(world, scenario, since="01-03", at="06-01").then_only(v1.SupplyRecorded, v1.ControlEndAnnounced)
    assert end == ended(world, world.day("01-05"))
    assert holdings(world, scenario) == []


def test_a_change_of_supplier_or_brp_alone_does_not_touch_control(world):
    moved(
        world,
        world.held(),
        since="03-10",
        at="03-15",
        end_user=world.end_user,
        supplier=world.stranger,
        brp_consumption=world.other_brp,
    ).then_only(v1.SupplyRecorded)


def test_a_consent_of_the_new_end_user_does_not_carry_the_former_control_on_but_a_new_claim(world):
    scenario = world.held().given(world.consent(world.uuid(7), end_user=world.other_end_user))

    moved(world, scenario, since="03-10", at="03-12").then_only(v1.SupplyRecorded, v1.ControlEndAnnounced)
    claim(world, scenario, start="03-10", at="03-13").then_only(v1.ControlClaimed)
    assert holdings(world, scenario) == [
        (world.day("01-05"), world.day("03-10"), world.bsp_a),
        (world.day("03-10"), None, world.bsp_a),
    ]


def test_a_correction_that_the_end_user_did_not_change_takes_the_end_back_also_after_it(world):
    scenario = world.held()
    moved(world, scenario, since="03-10", at="03-15")

    _, kept = moved(world, scenario, since="03-10", at="05-01", end_user=world.end_user).then_only(
        v1.SupplyRecorded, v1.ControlEndCancelled
    )
    assert (kept.because, kept.valid_from, kept.valid_to) == ("move-out", world.day("01-05"), None)
    assert holdings(world, scenario) == [(world.day("01-05"), None, world.bsp_a)]


@pytest.mark.parametrize("day", ["03-05", "03-20"])
def test_a_correction_of_the_day_moves_the_end(world, day):
    scenario = world.held()
    moved(world, scenario, since="03-10", at="03-15")
    if day > "03-10":
        moved(world, scenario, since=day, at="03-16").then_only(v1.SupplyRecorded)
        outcome = moved(world, scenario, since="03-10", at="03-16", end_user=world.end_user)
    else:
        outcome = moved(world, scenario, since=day, at="03-16")

    outcome.then_only(v1.SupplyRecorded, v1.ControlEndAnnounced)
    assert outcome.events[1] == ended(world, world.day(day))
    assert holdings(world, scenario) == [(world.day("01-05"), world.day(day), world.bsp_a)]


def test_who_moves_back_in_does_not_bring_control_back(world):
    scenario = world.held()
    moved(world, scenario, since="03-10", at="03-15")

    moved(world, scenario, since="03-20", at="03-21", end_user=world.end_user).then_only(v1.SupplyRecorded)


def test_a_correction_does_not_reach_over_who_has_come_since(world):
    scenario = world.held()
    moved(world, scenario, since="03-10", at="03-15")
    moved(world, scenario, since="03-12", at="03-15", end_user=world.end_user)
    scenario.given(world.consent(world.uuid(77), bsp=world.bsp_b, valid_from=world.day("03-12")))
    claim(world, scenario, start="03-14", at="03-16", bsp=world.bsp_b).then_only(v1.ControlClaimed)

    _, end = moved(world, scenario, since="03-10", at="05-01", end_user=world.end_user).then_only(
        v1.SupplyRecorded, v1.ControlEndAnnounced
    )
    assert end == ended(world, world.day("03-14"))
    assert holdings(world, scenario) == [
        (world.day("01-05"), world.day("03-14"), world.bsp_a),
        (world.day("03-14"), None, world.bsp_b),
    ]


def test_a_correction_gives_all_back_where_who_came_since_had_the_wrong_consent(world):
    scenario = world.held()
    moved(world, scenario, since="03-10", at="03-15")
    scenario.given(world.consent(world.uuid(7), bsp=world.bsp_b, end_user=world.other_end_user))
    claim(world, scenario, start="03-14", at="03-16", bsp=world.bsp_b).then_only(v1.ControlClaimed)

    _, lost, kept = moved(world, scenario, since="03-10", at="05-01", end_user=world.end_user).then_only(
        v1.SupplyRecorded, v1.ControlEndAnnounced, v1.ControlEndCancelled
    )
    assert (lost.bsp, lost.valid_from, lost.valid_to) == (world.bsp_b, world.day("03-14"), world.day("03-14"))
    assert (kept.bsp, kept.valid_to) == (world.bsp_a, None)
    # And round again.
    _, lost, kept = moved(world, scenario, since="03-10", at="05-02").then_only(
        v1.SupplyRecorded, v1.ControlEndAnnounced, v1.ControlEndCancelled
    )
    assert (lost.bsp, lost.valid_to, kept.bsp) == (world.bsp_a, world.day("03-10"), world.bsp_b)
    assert holdings(world, scenario) == [
        (world.day("01-05"), world.day("03-10"), world.bsp_a),
        (world.day("03-14"), None, world.bsp_b),
    ]


def test_a_move_out_before_the_midnight_cancels_the_switch_and_ends_the_outgoing_control(world):
    scenario = switching(world)

    _, cancelled, end = moved(world, scenario, since="04-10", at="04-12").then_only(
        v1.SupplyRecorded, v1.SwitchCancelled, v1.ControlEndAnnounced
    )
    assert (cancelled.because, cancelled.start) == ("move-out", world.day("04-15"))
    assert end == ended(world, world.day("04-10"))
    # What only a fact has cancelled comes back with it, as it was announced.
    *_, restored = moved(world, scenario, since="04-10", at="04-13", end_user=world.end_user).then_only(
        v1.SupplyRecorded, v1.ControlEndCancelled, v1.SwitchAnnounced
    )
    assert (restored.restored, restored.start, restored.notice_days) == (True, world.day("04-15"), 14)
    scenario.until(world.day("06-01")).then_only(v1.SwitchTookEffect)


def test_a_switch_on_the_next_end_users_consent_stands_until_that_one_does_not_move_in(world):
    scenario = world.held().given(world.consent(world.uuid(7), bsp=world.bsp_b, end_user=world.other_end_user))
    moved(world, scenario, since="04-15", at="03-30")
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-15"))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01")).then_only(
        v1.SwitchRequested, v1.SwitchAnnounced
    )

    _, cancelled, kept = moved(world, scenario, since="04-15", at="04-10", end_user=world.end_user).then_only(
        v1.SupplyRecorded, v1.SwitchCancelled, v1.ControlEndCancelled
    )
    assert (cancelled.because, cancelled.valid_to) == ("move-out", world.day("04-15"))
    assert kept.valid_to is None


def test_a_move_out_from_before_a_switch_that_took_effect_ends_both(world):
    scenario = switching(world)
    scenario.until(world.day("04-15"))

    _, first, second = moved(world, scenario, since="04-10", at="05-01").then_only(
        v1.SupplyRecorded, v1.ControlEndAnnounced, v1.ControlEndAnnounced
    )
    assert (first.bsp, first.valid_to) == (world.bsp_a, world.day("04-10"))
    assert (second.bsp, second.valid_from, second.valid_to) == (world.bsp_b, world.day("04-15"), world.day("04-15"))
    moved(world, scenario, since="04-10", at="05-02", end_user=world.end_user).then_only(
        v1.SupplyRecorded, v1.ControlEndCancelled, v1.ControlEndCancelled
    )
    assert holdings(world, scenario) == [
        (world.day("01-05"), world.day("04-15"), world.bsp_a),
        (world.day("04-15"), None, world.bsp_b),
    ]


# Closed


def test_a_point_that_is_closed_is_held_by_nobody_from_then(world):
    scenario = world.held()

    closed(world, scenario, since=world.day("03-10", 9), at="03-15").then(
        ended(world, world.day("03-10", 9), "point-closed")
    )
    closed(world, scenario, since=world.day("03-10", 9), at="03-16").then()
    (kept,) = closed(world, scenario, since=world.day("03-10", 9), at="03-17", active=True).then_only(
        v1.ControlEndCancelled
    )
    assert (kept.because, kept.valid_to) == ("point-closed", None)


def test_a_point_in_operation_again_is_claimed_anew(world):
    scenario = world.held()
    closed(world, scenario, since=world.day("03-10"), at="03-10")

    closed(world, scenario, since=world.day("03-20"), at="03-20", active=True).then()
    claim(world, scenario, start="03-20", at="03-21").then_only(v1.ControlClaimed)


@pytest.mark.rule("METERING_POINT_CLOSED")
@pytest.mark.parametrize(("since", "start"), [("03-10", "03-10"), ("03-10", "03-11"), ("03-12", "03-11")])
def test_a_point_that_is_closed_at_the_start_or_since_is_not_claimed(world, since, start):
    scenario = world.scenario().given(world.consent())
    closed(world, scenario, since=world.day(since), at="03-12")

    claim(world, scenario, start=start, at="03-13").refused("METERING_POINT_CLOSED")


def test_a_point_that_is_to_be_closed_is_claimed_until_then(world):
    scenario = world.scenario().given(world.consent())
    closed(world, scenario, since=world.day("04-10"), at="03-12")

    _, end = claim(world, scenario, start="03-13", at="03-13").then_only(v1.ControlClaimed, v1.ControlEndAnnounced)
    assert (end.because, end.valid_to) == ("point-closed", world.day("04-10"))


@pytest.mark.rule("METERING_POINT_CLOSED")
def test_without_a_consent_nobody_learns_that_a_point_is_closed(world):
    scenario = world.scenario()
    closed(world, scenario, since=world.day("03-10"), at="03-12")

    claim(world, scenario, start="03-13", at="03-13").refused("CONSENT_MISSING")


def test_a_closed_point_does_not_pass(world):
    scenario = switching(world)

    cancelled, end = closed(world, scenario, since=world.day("04-12"), at="04-10").then_only(
        v1.SwitchCancelled, v1.ControlEndAnnounced
    )
    assert (cancelled.because, end.because, end.valid_to) == ("point-closed", "point-closed", world.day("04-12"))


def test_what_a_point_is_otherwise_does_not_touch_control(world):
    closed(world, world.held(), since=world.day("03-10"), at="03-10", active=True).then()


# Moved out, and in again


@pytest.mark.rule("CONSENT_MISSING")
def test_who_moves_in_again_consents_anew(world):
    scenario = world.scenario().given(world.consent())
    moved(world, scenario, since="01-06", at="01-20")
    moved(world, scenario, since="01-08", at="01-20", end_user=world.end_user)
    claim(world, scenario, start="01-25", at="01-20").refused("CONSENT_MISSING")
    scenario.given(world.consent(world.uuid(77), valid_from=world.day("01-10")))
    (claimed,) = claim(world, scenario, start="01-25", at="01-20").then_only(v1.ControlClaimed)
    assert claimed.consent_id == world.uuid(77)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_switch_is_cancelled_in_whatever_order_it_is_told_that_somebody_was_away(world, order):
    scenario = switching(world)
    facts = (("03-20", world.other_end_user), ("04-04", world.end_user))
    events = [
        event
        for n in order
        for event in moved(world, scenario, since=facts[n][0], at="04-06", end_user=facts[n][1]).events
    ]
    assert [type(each) for each in events].count(v1.SwitchCancelled) == 1
    assert [row[1] for row in holdings(world, scenario)] == [world.day("03-20")]
