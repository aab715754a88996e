"""Objections to switches."""

import pytest

from bsp_switch import store
from bsp_switch.domain.point import valid
from contracts.bsp_switch import v1
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit


def announced(world):
    """A switch of two points from A, and one from C, to B at 04-15."""
    third = world.gsrn(3)
    scenario = world.held(world.point, world.other_point)
    scenario.given(
        world.registered(third),
        world.supply(third),
        world.consent(world.uuid(3000), point=third, bsp=world.bsp_c),
        world.claimed(third, bsp=world.bsp_c, consent_id=world.uuid(3000)),
        world.consent(world.uuid(2002), point=third, bsp=world.bsp_b),
    )
    wish = v1.RequestSwitch(metering_points=(world.point, world.other_point, third), start=world.day("04-15"))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01"))
    return scenario


def object_to(world, scenario, *points, sender="", role="", at="04-05", objection=5, switch=1, mode="all"):
    wish = v1.ObjectToSwitch(
        switch_id=world.uuid(switch),
        metering_points=points or (world.point,),
        ground="no-consent",
        text="Ingen underskrift",
        mode=mode,
    )
    return scenario.when(
        wish, subject=world.uuid(objection), sender=sender or world.bsp_a, role=role or Role.BSP, at=world.day(at)
    )


def resolve(world, scenario, outcome, *, at="04-10", objection=5):
    wish = v1.ResolveObjection(outcome=outcome, reason="Etter undersøkelse")
    return scenario.when(
        wish, subject=world.uuid(objection), sender=world.operator, role=Role.TSO, at=world.day(at, 12)
    )


def disputed(world, *points, **fields):
    return v1.SwitchDisputed.model_validate(
        {
            "objection_id": world.uuid(5),
            "switch_id": world.uuid(1),
            "metering_points": points or (world.point,),
            "by": world.bsp_a,
            "for_end_user": False,
            "incoming": world.bsp_b,
            "start": world.day("04-15"),
            "ground": "no-consent",
            "text": "Ingen underskrift",
            **fields,
        }
    )


def rows(world, scenario):
    return list(
        store.OBJECTION.rows[store.OBJECTION_ROWS](world.uuid(5), scenario.state(store.OBJECTION, world.uuid(5)))
    )


def test_the_outgoing_bsp_objects_and_the_clock_goes_on(world):
    scenario = announced(world)

    object_to(world, scenario).then(disputed(world))
    assert rows(world, scenario) == [(world.uuid(5), world.uuid(1), world.bsp_a, "open", world.day("04-15"))]
    assert scenario.state(store.SWITCH, world.uuid(1)).disputed == {world.uuid(5): (world.point,)}
    _, effect = scenario.until(world.day("04-15")).then_only(v1.ObjectionsReminded, v1.SwitchTookEffect)
    assert effect.points == 3


def test_the_tso_objects_for_the_end_user_of_any_point(world):
    third = world.gsrn(3)

    object_to(world, announced(world), third, sender=world.operator, role=Role.TSO).then(
        disputed(world, third, by=world.operator, for_end_user=True)
    )


def test_upheld_before_the_midnight_the_points_do_not_pass(world):
    scenario = announced(world)
    object_to(world, scenario, world.point, world.other_point)

    resolved, first, second = resolve(world, scenario, "upheld").then_only(
        v1.ObjectionResolved, v1.SwitchCancelled, v1.SwitchCancelled
    )
    assert (resolved.outcome, resolved.too_late, resolved.by) == ("upheld", False, world.bsp_a)
    assert [(one.metering_point_id, one.because, one.valid_to) for one in (first, second)] == [
        (world.point, "objection", None),
        (world.other_point, "objection", None),
    ]
    (effect,) = scenario.until(world.day("04-15")).then_only(v1.SwitchTookEffect)
    assert (effect.points, effect.outgoing) == (1, (world.bsp_c,))


def test_dismissed_the_switch_goes_on_and_everyone_is_told(world):
    scenario = announced(world)
    object_to(world, scenario)

    (resolved,) = resolve(world, scenario, "dismissed").then_only(v1.ObjectionResolved)
    assert resolved.outcome == "dismissed"
    assert rows(world, scenario)[0][3] == "dismissed"
    assert scenario.state(store.SWITCH, world.uuid(1)).disputed == {}
    assert {audience.field or audience.role for audience in resolved.audience} == {"by", "incoming", Role.TSO}


def test_undecided_at_the_midnight_it_stays_open_and_upheld_then_it_changes_nothing_by_itself(world):
    scenario = announced(world)
    object_to(world, scenario)
    scenario.until(world.day("04-15"))
    assert rows(world, scenario)[0][3] == "open"

    (resolved,) = resolve(world, scenario, "upheld", at="04-20").then_only(v1.ObjectionResolved)
    assert resolved.too_late
    assert scenario.state(store.POINT, world.point).holdings[-1].bsp == world.bsp_b


def test_upheld_for_what_was_cancelled_meanwhile_only_the_rest_is_cancelled(world):
    scenario = announced(world)
    object_to(world, scenario, world.point, world.other_point)
    wish = v1.CancelSwitch(metering_points=(world.point,))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-06"))

    _, cancelled = resolve(world, scenario, "upheld").then_only(v1.ObjectionResolved, v1.SwitchCancelled)
    assert cancelled.metering_point_id == world.other_point


def test_a_switch_that_is_wholly_cancelled_leaves_the_objection_to_be_decided(world):
    scenario = announced(world)
    object_to(world, scenario)
    scenario.when(v1.CancelSwitch(), subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-06"))

    (resolved,) = resolve(world, scenario, "upheld").then_only(v1.ObjectionResolved)
    assert not resolved.too_late


@pytest.mark.rule("SWITCH_UNKNOWN")
def test_who_gives_up_nothing_does_not_learn_that_there_is_a_switch(world):
    scenario = announced(world)
    stranger = world.gln(14)
    answers = {
        object_to(world, scenario, sender=sender, switch=switch).refused("SWITCH_UNKNOWN").model_dump_json()
        for sender, switch in ((stranger, 1), (world.bsp_a, 77), (world.bsp_b, 1))
    }
    assert len(answers) == 1


@pytest.mark.rule("METERING_POINT_NOT_IN_SWITCH")
def test_only_what_one_gives_up_oneself_is_objected_to(world):
    scenario = announced(world)

    outcome = object_to(world, scenario, world.gsrn(3), world.gsrn(9), world.point, mode="each")
    outcome.refused_rows((0, "METERING_POINT_NOT_IN_SWITCH"), (1, "METERING_POINT_NOT_IN_SWITCH"))
    outcome.then(disputed(world))


@pytest.mark.rule("OBJECTION_STANDS")
def test_one_objection_a_point_at_a_time(world):
    scenario = announced(world)
    object_to(world, scenario)

    object_to(world, scenario, objection=6).refused("OBJECTION_STANDS")
    resolve(world, scenario, "dismissed")
    object_to(world, scenario, objection=6, at="04-11").then_only(v1.SwitchDisputed)


@pytest.mark.rule("SWITCH_NOT_ANNOUNCED")
def test_after_the_midnight_it_is_too_late(world):
    scenario = announced(world)
    scenario.until(world.day("04-15"))

    object_to(world, scenario, at="04-15").refused("SWITCH_NOT_ANNOUNCED", path="/switch_id")


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_an_objections_id_is_new(world):
    scenario = announced(world)
    object_to(world, scenario)

    object_to(world, scenario, world.other_point).refused("ID_NOT_AVAILABLE")


@pytest.mark.rule("OBJECTION_UNKNOWN")
@pytest.mark.rule("OBJECTION_RESOLVED")
def test_an_objection_is_decided_once(world):
    scenario = announced(world)
    resolve(world, scenario, "upheld").refused("OBJECTION_UNKNOWN")
    object_to(world, scenario)
    resolve(world, scenario, "dismissed")

    resolve(world, scenario, "upheld", at="04-11").refused("OBJECTION_RESOLVED", actual="dismissed")


def test_a_disputed_switch_that_is_moved_stays_disputed(world):
    scenario = announced(world)
    object_to(world, scenario)
    scenario.when(
        v1.MoveSwitch(start=world.day("04-25")), subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-06")
    )

    _, cancelled = resolve(world, scenario, "upheld").then_only(v1.ObjectionResolved, v1.SwitchCancelled)
    assert cancelled.start == world.day("04-25")


def test_the_tso_is_reminded_a_day_before_the_midnight_of_what_it_has_not_decided(world):
    scenario = announced(world)
    object_to(world, scenario)
    object_to(world, scenario, world.other_point, objection=6)
    resolve(world, scenario, "dismissed", objection=6)
    assert scenario.until(world.day("04-13", 23)).events == []
    (due,) = scenario.until(world.day("04-14")).then_only(v1.ObjectionsReminded)
    assert (due.switch_id, due.start, due.objections) == (world.uuid(1), world.day("04-15"), (world.uuid(5),))
    assert [each.role for each in due.audience] == [Role.TSO]
    # Once; and whoever has decided is not reminded.
    scenario.until(world.day("04-15")).then_only(v1.SwitchTookEffect)


def test_a_reminder_follows_the_switch_where_it_has_moved_and_is_none_of_one_decided(world):
    scenario = announced(world)
    object_to(world, scenario)
    scenario.when(
        v1.MoveSwitch(start=world.day("04-20")), subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-06")
    )
    assert scenario.until(world.day("04-18", 23)).events == []
    (due,) = scenario.until(world.day("04-19")).then_only(v1.ObjectionsReminded)
    assert due.start == world.day("04-20")

    decided = announced(world)
    object_to(world, decided)
    resolve(world, decided, "dismissed")
    decided.until(world.day("04-15")).then_only(v1.SwitchTookEffect)


def test_an_objection_of_the_last_day_is_reminded_of_at_once(world):
    scenario = announced(world)
    object_to(world, scenario, at="04-14")
    (due,) = scenario.until(world.day("04-14", 1)).then_only(v1.ObjectionsReminded)
    assert due.objections == (world.uuid(5),)


@pytest.mark.parametrize("status", ["active", "suspended", None])
def test_a_switch_of_a_bsp_that_is_suspended_goes_on_and_the_tso_and_that_bsp_are_told(world, status):
    scenario = announced(world)
    if status:
        scenario.given(registry.PartyOnboarded(party=world.bsp_b, name="Navn", roles=(Role.BSP,)))
    if status == "suspended":
        stopped = {"party": world.bsp_b, "before": "active", "after": status, "reason": "x", "roles": (Role.BSP,)}
        scenario.given(registry.PartyStatusChanged.model_validate(stopped))
    events = scenario.until(world.day("04-15")).events
    assert [type(each) for each in events] == [
        v1.SwitchTookEffect,
        *([v1.SwitchIncomingSuspended] if status == "suspended" else []),
    ]
    if status == "suspended":
        told = events[-1]
        assert (told.incoming, told.points) == (world.bsp_b, 3)
        assert [(each.field, each.role) for each in told.audience] == [("incoming", None), (None, Role.TSO)]
    assert valid(scenario.state(store.POINT, world.point), world.day("04-15", 1)).holdings[0].bsp == world.bsp_b


def test_what_is_objected_to_has_the_midnight_that_the_switch_is_moved_to(world):
    scenario = announced(world)
    object_to(world, scenario)
    object_to(world, scenario, world.other_point, objection=6)
    resolve(world, scenario, "dismissed", at="04-05", objection=6)

    move = v1.MoveSwitch(start=world.day("04-22"))
    moved = scenario.when(move, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-06")).events[0]

    assert moved.disputed == (world.uuid(5),)
    assert rows(world, scenario) == [(world.uuid(5), world.uuid(1), world.bsp_a, "open", world.day("04-22"))]
    # What was decided about was about the midnight of then.
    assert scenario.state(store.OBJECTION, world.uuid(6)).start == world.day("04-15")
