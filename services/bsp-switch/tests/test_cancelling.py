"""Switches that are taken back or moved before their midnight."""

import pytest

from bsp_switch import store
from chassis.work import DeadlinePending
from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def announced(world, *points, start="04-15"):
    """A switch from A to B, of the world's two points unless said otherwise, announced on 04-01."""
    points = points or (world.point, world.other_point)
    scenario = world.held(*points)
    wish = v1.RequestSwitch(metering_points=points, start=world.day(start))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01", 12))
    return scenario


def cancel(world, scenario, *points, at="04-14", bsp="", switch=1, mode="all"):
    wish = v1.CancelSwitch(metering_points=points, mode=mode)
    return scenario.when(wish, subject=world.uuid(switch), sender=bsp or world.bsp_b, at=world.day(at, 23))


def move(world, scenario, *, start="04-20", at="04-02", bsp="", switch=1):
    wish = v1.MoveSwitch(start=world.day(start))
    return scenario.when(wish, subject=world.uuid(switch), sender=bsp or world.bsp_b, at=world.day(at, 12))


def cancelled(world, point="", **fields):
    return v1.SwitchCancelled.model_validate(
        {
            "switch_id": world.uuid(1),
            "metering_point_id": point or world.point,
            "outgoing": world.bsp_a,
            "incoming": world.bsp_b,
            "dso": world.dso,
            "brps": (world.brp,),
            "start": world.day("04-15"),
            "because": "incoming",
            "valid_to": None,
            **fields,
        }
    )


def holdings(world, scenario, point=""):
    state = scenario.state(store.POINT, point or world.point)
    return [row[1:] for row in store.POINT.rows[store.HOLDING_ROWS](point or world.point, state)]


# Cancelled


def test_the_incoming_bsp_takes_the_whole_switch_back_until_the_last_minute_without_notice(world):
    scenario = announced(world)

    cancel(world, scenario).then(cancelled(world), cancelled(world, world.other_point))
    assert scenario.state(store.SWITCH, world.uuid(1)).state == "cancelled"
    for point in (world.point, world.other_point):
        assert holdings(world, scenario, point) == [(world.day("01-05"), None, world.bsp_a)]
    scenario.until(world.day("06-01")).then()


def test_of_some_points_the_rest_takes_effect(world):
    scenario = announced(world)

    cancel(world, scenario, world.other_point).then(cancelled(world, world.other_point))
    scenario.until(world.day("04-15")).then(
        v1.SwitchTookEffect(
            switch_id=world.uuid(1),
            incoming=world.bsp_b,
            outgoing=(world.bsp_a,),
            start=world.day("04-15"),
            points=1,
        )
    )
    assert [bsp for _, _, bsp in holdings(world, scenario)] == [world.bsp_a, world.bsp_b]
    assert holdings(world, scenario, world.other_point) == [(world.day("01-05"), None, world.bsp_a)]


def test_an_own_end_of_the_outgoing_bsp_stands_when_the_switch_is_gone(world):
    scenario = world.held()
    end = v1.EndControl(metering_points=(world.point,), end=world.day("05-01"))
    scenario.when(end, subject=world.uuid(9), sender=world.bsp_a, at=world.day("03-30"))
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-15"))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01"))

    cancel(world, scenario).then(cancelled(world, valid_to=world.day("05-01")))
    assert holdings(world, scenario) == [(world.day("01-05"), world.day("05-01"), world.bsp_a)]


def test_a_move_out_after_the_midnight_matters_to_the_outgoing_bsp_once_the_switch_is_gone(world):
    scenario = announced(world, world.point)
    fact = world.record_supply(end_user=world.other_end_user, valid_from=world.day("04-20"))
    moved_out = scenario.when(fact, subject=world.point, at=world.day("04-02"))
    _, incoming = moved_out.then_only(v1.SupplyRecorded, v1.ControlEndAnnounced)
    assert (incoming.bsp, incoming.valid_from, incoming.valid_to) == (
        world.bsp_b,
        world.day("04-15"),
        world.day("04-20"),
    )

    _, outgoing = cancel(world, scenario).then_only(v1.SwitchCancelled, v1.ControlEndAnnounced)
    assert (outgoing.bsp, outgoing.because, outgoing.valid_to) == (world.bsp_a, "move-out", world.day("04-20"))


def test_once_it_is_gone_the_point_is_switched_and_given_up_as_before(world):
    scenario = announced(world, world.point).given(world.consent(world.uuid(3), bsp=world.bsp_c))
    cancel(world, scenario, at="04-02")

    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-17"))
    scenario.when(wish, subject=world.uuid(2), sender=world.bsp_c, at=world.day("04-03")).then_only(
        v1.SwitchRequested, v1.SwitchAnnounced
    )


@pytest.mark.rule("SWITCH_UNKNOWN")
@pytest.mark.parametrize("ask", [cancel, move])
def test_anothers_switch_and_none_are_one_answer(world, ask):
    scenario = announced(world)
    answers = {
        ask(world, scenario, bsp=world.bsp_a, at="04-02").refused("SWITCH_UNKNOWN").model_dump_json(),
        ask(world, scenario, bsp=world.bsp_c, at="04-02").refused("SWITCH_UNKNOWN").model_dump_json(),
        ask(world, scenario, switch=77, at="04-02").refused("SWITCH_UNKNOWN").model_dump_json(),
    }
    assert len(answers) == 1


@pytest.mark.rule("SWITCH_NOT_ANNOUNCED")
@pytest.mark.parametrize("ask", [cancel, move])
def test_what_has_taken_effect_or_is_cancelled_is_neither_cancelled_nor_moved(world, ask):
    effective = announced(world)
    with pytest.raises(DeadlinePending):
        ask(world, effective, at="04-15")
    effective.until(world.day("04-15"))
    ask(world, effective, at="04-15").refused("SWITCH_NOT_ANNOUNCED", actual="effective")

    gone = announced(world)
    cancel(world, gone, at="04-02")
    ask(world, gone, at="04-03").refused("SWITCH_NOT_ANNOUNCED", actual="cancelled")


@pytest.mark.rule("METERING_POINT_NOT_IN_SWITCH")
@pytest.mark.parametrize("mode", ["all", "each"])
def test_only_points_of_the_switch_are_cancelled_each_once(world, mode):
    scenario = announced(world)
    cancel(world, scenario, world.other_point, at="04-02")

    outcome = cancel(world, scenario, world.gsrn(9), world.other_point, world.point, mode=mode)
    outcome.refused_rows((0, "METERING_POINT_NOT_IN_SWITCH"), (1, "METERING_POINT_NOT_IN_SWITCH"))
    assert len(outcome.events) == (0 if mode == "all" else 1)


def test_the_operator_cancels_any_switch_with_a_reason(world):
    scenario = announced(world)

    wish = v1.CancelSwitchByOperator(metering_points=(world.point,), reason="Feil BSP")
    scenario.when(wish, subject=world.uuid(1), sender=world.operator, role=Role.TSO, at=world.day("04-02")).then(
        cancelled(world, because="operator", reason="Feil BSP")
    )


# Moved


def test_a_switch_is_moved_to_another_midnight_with_all_its_points(world):
    scenario = announced(world)

    outcome = move(world, scenario)
    moved, *told = outcome.then_only(
        v1.SwitchMoved, v1.SwitchCancelled, v1.SwitchAnnounced, v1.SwitchCancelled, v1.SwitchAnnounced
    )
    assert (moved.former_start, moved.start, moved.points) == (world.day("04-15"), world.day("04-20"), 2)
    assert told[0] == cancelled(world, because="moved")
    assert (told[1].start, told[1].notice_days, told[1].outgoing) == (world.day("04-20"), 18, world.bsp_a)
    assert holdings(world, scenario) == [
        (world.day("01-05"), world.day("04-20"), world.bsp_a),
        (world.day("04-20"), None, world.bsp_b),
    ]
    scenario.until(world.day("04-19", 23)).then()
    (effect,) = scenario.until(world.day("04-20")).then_only(v1.SwitchTookEffect)
    assert effect.points == 2


@pytest.mark.rule("SWITCH_NOTICE")
@pytest.mark.parametrize(("start", "limit", "actual"), [("04-16", 14, 13), ("04-14", 14, 11), ("05-01", 28, 28)])
def test_moving_is_given_notice_of_as_a_new_switch(world, start, limit, actual):
    move(world, announced(world), start=start, at="04-03").refused("SWITCH_NOTICE", limit=limit, actual=actual)


@pytest.mark.rule("SWITCH_UNCHANGED")
def test_a_switch_is_not_moved_to_where_it_is(world):
    move(world, announced(world, start="04-20"), start="04-20").refused("SWITCH_UNCHANGED")


@pytest.mark.rule("CONSENT_MISSING")
def test_where_one_point_cannot_move_none_does(world):
    scenario = announced(world).given(
        world.supply(world.other_point, end_user=world.other_end_user, valid_from=world.day("04-18"))
    )

    move(world, scenario).refused("CONSENT_MISSING", path="/metering_points")
    assert holdings(world, scenario)[0][1] == world.day("04-15")


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_a_switch_is_not_moved_behind_the_move_out_of_whom_the_outgoing_bsp_has_the_point_from(world):
    scenario = announced(world, world.point)
    fact = world.record_supply(end_user=world.other_end_user, valid_from=world.day("04-18"))
    scenario.when(fact, subject=world.point, at=world.day("04-02"))
    scenario.given(world.consent(world.uuid(7), bsp=world.bsp_b, end_user=world.other_end_user))

    move(world, scenario).refused("METERING_POINT_NOT_HELD")


def test_everyone_concerned_is_told_in_advance():
    told = {"incoming", "incoming_successor", "outgoing", "outgoing_successor", "dso", "brps", Role.TSO}
    for event, before in ((v1.SwitchAnnounced, set()), (v1.SwitchCancelled, {"told"})):
        assert {audience.field or audience.role for audience in event.audience} == told | before
    for event in (v1.ControlEndAnnounced, v1.ControlEndCancelled):
        assert {audience.field or audience.role for audience in event.audience} == {
            "bsp", "successor", "dso", "brps", Role.TSO,
        }  # fmt: skip
