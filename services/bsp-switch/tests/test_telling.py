"""Who is told of a switch: DSO and BRPs of its midnight, those who have become it since, and who was told before."""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def announced(world, scenario=None, *, start="04-15"):
    """A switch from A to B, announced on 04-01."""
    scenario = scenario or world.held()
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day(start))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01", 12))
    return scenario


def another_brp(world, scenario, brp="", *, valid_from="04-10", at="04-03"):
    brp = brp or world.other_brp
    fact = world.record_supply(brp_consumption=brp, brp_production=brp, valid_from=world.day(valid_from))
    return scenario.when(fact, subject=world.point, sender="datahub", role=Role.DATAHUB, at=world.day(at, 12))


def another_dso(world, scenario, dso, *, valid_from="04-10", at="04-03"):
    fact = world.registered(dso=dso).model_copy(update={"valid_from": world.day(valid_from)})
    return scenario.when(fact, at=world.day(at, 12))


def cancel(world, scenario, *, at="04-14"):
    return scenario.when(v1.CancelSwitch(), subject=world.uuid(1), sender=world.bsp_b, at=world.day(at, 12))


def told(world, **fields):
    return v1.SwitchNotified.model_validate(
        {
            "switch_id": world.uuid(1),
            "metering_point_id": world.point,
            "outgoing": world.bsp_a,
            "incoming": world.bsp_b,
            "dso": None,
            "brps": (),
            "start": world.day("04-15"),
            "lapses_at": None,
            **fields,
        }
    )


def test_a_brp_that_becomes_responsible_after_the_announcement_is_told_at_once(world):
    scenario = announced(world)

    said = another_brp(world, scenario).then_only(v1.SupplyRecorded, v1.SwitchNotified)

    assert said[1] == told(world, brps=(world.other_brp,))


def test_nobody_is_told_twice(world):
    scenario = announced(world)
    another_brp(world, scenario)

    another_brp(world, scenario, valid_from="04-11", at="04-04").then_only(v1.SupplyRecorded)
    # Nor one that was told before the other was.
    another_brp(world, scenario, world.brp, valid_from="04-12", at="04-05").then_only(v1.SupplyRecorded)


def test_one_that_becomes_responsible_after_the_midnight_is_not_told(world):
    another_brp(world, announced(world), valid_from="04-16").then_only(v1.SupplyRecorded)


def test_without_a_switch_under_way_nobody_is_told(world):
    another_brp(world, world.held()).then_only(v1.SupplyRecorded)
    passed = announced(world).until(world.day("04-15")).scenario
    another_brp(world, passed, at="04-16").then_only(v1.SupplyRecorded)


def test_who_was_told_of_the_switch_and_who_is_responsible_now_are_told_that_it_is_cancelled(world):
    scenario = announced(world)
    another_brp(world, scenario)

    (gone,) = cancel(world, scenario).then_only(v1.SwitchCancelled)

    assert (gone.brps, gone.told) == ((world.other_brp,), (world.brp,))
    assert scenario.state(store.POINT, world.point).told == ()


def test_those_of_before_are_not_told_whose_balance_it_is_in_now_nor_others_who_they_were():
    for event in (v1.SwitchCancelled, v1.SwitchLapsed):
        hidden = {each.field or each.role: set(each.without) for each in event.audience}
        assert hidden["told"] == {"told", "brps"}
        assert [each for each, without in hidden.items() if "told" not in without] == [Role.TSO]


def test_the_dso_of_another_grid_area_is_told_and_the_former_that_it_is_cancelled(world):
    scenario = announced(world)
    dso = world.gln(3)

    (said,) = another_dso(world, scenario, dso).then_only(v1.SwitchNotified)
    (gone,) = cancel(world, scenario).then_only(v1.SwitchCancelled)

    assert said == told(world, dso=dso)
    assert (gone.dso, gone.brps, gone.told) == (dso, (world.brp,), (world.dso,))


def test_a_brp_that_follows_from_who_is_responsible_in_the_area_is_told(world):
    scenario = world.opened().given(world.registered())
    derived = world.record_supply(brp_consumption=None, brp_production=None)
    for direction in ("consumption", "production"):
        scenario.when(world.record_responsibility(direction=direction), subject=world.grid_area, sender="datahub")
    scenario.when(derived, subject=world.point, sender="datahub", role=Role.DATAHUB)
    scenario.given(world.consent(), world.claimed(), world.consent(world.uuid(2), bsp=world.bsp_b))
    announced(world, scenario)

    fact = world.record_responsibility(brp=world.other_brp, valid_from=world.day("04-10"))
    outcome = scenario.when(fact, subject=world.grid_area, sender="datahub", at=world.day("04-03", 12))

    assert [each for each in outcome.events if isinstance(each, v1.SwitchNotified)] == [
        told(world, brps=(world.other_brp,))
    ]


def test_a_switch_that_is_moved_is_taken_back_from_those_told_and_told_to_those_of_the_new_midnight(world):
    scenario = announced(world)
    another_brp(world, scenario, valid_from="04-18").then_only(v1.SupplyRecorded)

    move = v1.MoveSwitch(start=world.day("04-20"))
    outcome = scenario.when(move, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-04", 12))

    _, gone, anew = outcome.then_only(v1.SwitchMoved, v1.SwitchCancelled, v1.SwitchAnnounced)
    assert (gone.brps, gone.told) == ((world.brp,), ())
    assert anew.brps == (world.other_brp,)
    (gone,) = cancel(world, scenario).then_only(v1.SwitchCancelled)
    assert (gone.brps, gone.told) == ((world.other_brp,), ())


# While it waits


def waits(world):
    """The same, but the supplier from 04-10 on is one that nobody knows."""
    scenario = world.held().given(world.supply(supplier=world.stranger, valid_from=world.day("04-10")))
    return announced(world, scenario)


def test_the_brps_that_are_known_are_told_of_a_switch_that_waits(world):
    scenario = world.held().given(world.supply(supplier=world.stranger, valid_from=world.day("04-10")))
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-15"))
    outcome = scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01", 12))

    _, stalled = outcome.then_only(v1.SwitchRequested, v1.SwitchStalled)
    assert stalled.brps == (world.brp,)
    audience = {each.field: set(each.without) for each in v1.SwitchStalled.audience}
    assert audience["brps"] == {"consent_id", "missing"}


def test_one_that_becomes_responsible_while_it_waits_is_told_that_it_does(world):
    scenario = waits(world)
    fact = world.record_supply(supplier=world.stranger, brp_production=world.other_brp, valid_from=world.day("04-10"))
    outcome = scenario.when(fact, subject=world.point, sender="datahub", at=world.day("04-02"))

    _, said = outcome.then_only(v1.SupplyRecorded, v1.SwitchNotified)
    assert said == told(world, brps=(world.other_brp,), lapses_at=world.day("04-08"))


def test_who_was_told_that_it_waits_is_told_that_it_lapses(world):
    scenario = waits(world)
    fact = world.record_supply(
        supplier=world.stranger,
        brp_consumption=world.other_brp,
        brp_production=world.other_brp,
        valid_from=world.day("04-10"),
    )
    scenario.when(fact, subject=world.point, sender="datahub", at=world.day("04-02"))

    (gone,) = scenario.until(world.day("04-08")).then_only(v1.SwitchLapsed)

    assert (gone.brps, gone.told) == ((world.other_brp,), (world.brp,))


def test_who_was_told_that_it_waits_is_told_if_it_is_cancelled_after_it_was_announced(world):
    scenario = waits(world)
    another_brp(world, scenario).then_only(v1.SupplyRecorded, v1.SwitchAnnounced)

    (gone,) = cancel(world, scenario).then_only(v1.SwitchCancelled)

    assert (gone.brps, gone.told) == ((world.other_brp,), (world.brp,))


def test_what_the_former_switch_told_is_not_carried_into_the_next(world):
    scenario = announced(world)
    another_brp(world, scenario)
    scenario.until(world.day("04-15"))
    scenario.given(world.consent(world.uuid(3), bsp=world.bsp_c))
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("05-15"))
    scenario.when(wish, subject=world.uuid(2), sender=world.bsp_c, at=world.day("05-01", 12))

    assert scenario.state(store.POINT, world.point).told == (world.dso, world.other_brp)
