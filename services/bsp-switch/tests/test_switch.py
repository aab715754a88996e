"""Switches of BSP."""

import pytest

from bsp_switch import store
from chassis.work import DeadlinePending
from contracts.bsp_switch import v1
from contracts.registry import v1 as registry

pytestmark = pytest.mark.unit


def request(world, scenario, *points, start="04-15", at="04-01", hour=12, bsp="", switch=1, mode="all"):
    command = v1.RequestSwitch(metering_points=points or (world.point,), start=world.day(start), mode=mode)
    return scenario.when(command, subject=world.uuid(switch), sender=bsp or world.bsp_b, at=world.day(at, hour))


def announced(world, point="", **fields):
    return v1.SwitchAnnounced.model_validate(
        {
            "switch_id": world.uuid(1),
            "metering_point_id": point or world.point,
            "outgoing": world.bsp_a,
            "incoming": world.bsp_b,
            "dso": world.dso,
            "brps": (world.brp,),
            "start": world.day("04-15"),
            "consent_id": world.uuid(2000),
            "notice_days": 14,
            "notice_min_days": 14,
            **fields,
        }
    )


def test_a_switch_is_announced_point_by_point(world):
    scenario = world.held(world.point, world.other_point)

    request(world, scenario, world.point, world.other_point).then(
        v1.SwitchRequested(switch_id=world.uuid(1), incoming=world.bsp_b, start=world.day("04-15"), points=2),
        announced(world),
        announced(world, world.other_point, consent_id=world.uuid(2001)),
    )
    outgoing, incoming = scenario.state(store.POINT, world.point).holdings
    assert (outgoing.bsp, outgoing.valid_to) == (world.bsp_a, world.day("04-15"))
    assert (incoming.bsp, incoming.valid_from, incoming.valid_to) == (world.bsp_b, world.day("04-15"), None)


def test_the_midnight_is_told_once_for_the_whole_switch(world):
    scenario = world.held(world.point, world.other_point)
    request(world, scenario, world.point, world.other_point)

    scenario.until(world.day("04-14", 23, 59)).then()
    scenario.until(world.day("04-15")).then(
        v1.SwitchTookEffect(
            switch_id=world.uuid(1),
            incoming=world.bsp_b,
            outgoing=(world.bsp_a,),
            start=world.day("04-15"),
            points=2,
        )
    )
    scenario.until(world.day("06-01")).then()


def test_every_outgoing_bsp_is_named_once(world):
    scenario = world.held(world.point, world.other_point)
    third = world.gsrn(3)
    scenario.given(
        world.registered(third),
        world.supply(third),
        world.claimed(third, bsp=world.bsp_c),
        world.consent(world.uuid(2002), point=third, bsp=world.bsp_b),
    )
    request(world, scenario, world.point, third, world.other_point)

    (effect,) = scenario.until(world.day("04-15")).then_only(v1.SwitchTookEffect)
    assert (effect.outgoing, effect.points) == ((world.bsp_a, world.bsp_c), 3)


@pytest.mark.rule("SWITCH_NOTICE")
@pytest.mark.parametrize(
    ("start", "limit", "actual"), [("04-14", 14, 13), ("04-15", None, 14), ("04-28", None, 27), ("04-29", 28, 28)]
)
@pytest.mark.parametrize("hour", [0, 23])
def test_a_switch_is_given_notice_of_14_to_28_local_days(world, start, limit, actual, hour):
    outcome = request(world, world.held(), start=start, hour=hour)

    if limit is None:
        assert outcome.then_only(v1.SwitchRequested, v1.SwitchAnnounced)[1].notice_days == actual
    else:
        outcome.refused("SWITCH_NOTICE", path="/start", limit=limit, actual=actual, unit="days")


@pytest.mark.rule("SWITCH_NOTICE")
def test_the_notice_is_counted_in_local_days_across_the_23_hour_day(world):
    request(world, world.held(), at="03-20", hour=23, start="04-03").then_only(v1.SwitchRequested, v1.SwitchAnnounced)


@pytest.mark.rule("CONSENT_MISSING")
def test_a_switch_needs_the_consent_of_the_end_user_at_the_start(world):
    scenario = world.held().given(world.supply(end_user=world.other_end_user, valid_from=world.day("04-15")))

    request(world, scenario).refused("CONSENT_MISSING", limit="2026-04-15", path="/metering_points")
    request(world, scenario, bsp=world.bsp_c).refused("CONSENT_MISSING")
    scenario.given(world.consent(world.uuid(7), bsp=world.bsp_b, end_user=world.other_end_user))
    request(world, scenario).then_only(v1.SwitchRequested, v1.SwitchAnnounced)


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_a_point_that_nobody_holds_is_claimed_instead(world):
    scenario = world.scenario().given(world.consent(bsp=world.bsp_b))

    request(world, scenario).refused("METERING_POINT_NOT_HELD", limit="2026-04-15")


@pytest.mark.rule("METERING_POINT_ALREADY_YOURS")
def test_a_bsp_does_not_switch_to_itself(world):
    request(world, world.held(), bsp=world.bsp_a).refused("METERING_POINT_ALREADY_YOURS")


@pytest.mark.rule("METERING_POINT_UNKNOWN")
def test_what_hinders_a_claim_hinders_a_switch(world):
    held = (world.claimed(), world.consent(world.uuid(2), bsp=world.bsp_b))

    request(world, world.opened().given(world.supply(), *held)).refused("METERING_POINT_UNKNOWN")


@pytest.mark.rule("SWITCH_PENDING")
@pytest.mark.parametrize("bsp", ["bsp_b", "bsp_c"])
@pytest.mark.parametrize("start", ["04-16", "04-15", "04-29"])
def test_while_a_switch_is_announced_no_other_is_whoever_asks_and_for_whatever_midnight(world, bsp, start):
    scenario = world.held().given(world.consent(world.uuid(3), bsp=world.bsp_c))
    request(world, scenario).then_only(v1.SwitchRequested, v1.SwitchAnnounced)

    at = "04-01" if start == "04-15" else "04-02"
    sender = getattr(world, bsp)
    request(world, scenario, bsp=sender, start=start, at=at, switch=2).refused("SWITCH_PENDING")
    scenario.when(
        v1.ClaimControl(start=world.day("04-15")), subject=world.point, sender=sender, at=world.day("04-08")
    ).refused("SWITCH_PENDING")


@pytest.mark.rule("SWITCH_PENDING")
def test_from_its_midnight_on_the_incoming_bsp_is_the_one_to_switch_from(world):
    scenario = world.held().given(world.consent(world.uuid(3), bsp=world.bsp_c))
    request(world, scenario)
    request(world, scenario, bsp=world.bsp_c, at="04-14", start="04-29", hour=23, switch=2).refused("SWITCH_PENDING")
    scenario.until(world.day("04-15"))

    _, second = request(world, scenario, bsp=world.bsp_c, at="04-15", start="04-29", hour=0, switch=2).then_only(
        v1.SwitchRequested, v1.SwitchAnnounced
    )
    assert (second.outgoing, second.incoming) == (world.bsp_b, world.bsp_c)


def test_what_comes_after_the_midnight_waits_until_the_switch_has_taken_effect(world):
    scenario = world.held().given(world.consent(world.uuid(3), bsp=world.bsp_c))
    request(world, scenario)

    with pytest.raises(DeadlinePending):
        request(world, scenario, bsp=world.bsp_c, at="04-15", start="04-29", hour=0, switch=2)
    with pytest.raises(DeadlinePending):
        scenario.when(
            v1.ClaimControl(start=world.day("04-15")), subject=world.point, sender=world.bsp_c, at=world.day("04-15")
        )


@pytest.mark.rule("ID_NOT_AVAILABLE")
def test_a_switchs_id_is_new(world):
    scenario = world.held(world.point, world.other_point)
    request(world, scenario)

    request(world, scenario, world.other_point).refused("ID_NOT_AVAILABLE")


@pytest.mark.rule("METERING_POINT_REPEATED")
@pytest.mark.parametrize("mode", ["all", "each"])
def test_a_point_stands_in_the_list_once(world, mode):
    outcome = request(world, world.held(), world.point, world.point, mode=mode)

    outcome.refused_rows((1, "METERING_POINT_REPEATED"))
    assert outcome.rejected == (mode == "all")
    assert len(outcome.events) == (0 if mode == "all" else 2)


def test_in_mode_all_one_refused_row_refuses_the_whole_and_each_text_stands_once(world):
    free, strange, more = world.gsrn(3), world.gsrn(4), world.gsrn(5)
    scenario = world.held().given(
        world.registered(free), world.supply(free), world.consent(world.uuid(3), point=free, bsp=world.bsp_b)
    )

    outcome = request(world, scenario, strange, world.point, free, more)

    outcome.refused("METERING_POINT_NOT_HELD", path="/metering_points")
    outcome.refused_rows((0, "CONSENT_MISSING"), (2, "METERING_POINT_NOT_HELD"), (3, "CONSENT_MISSING"))
    assert [reason.code for reason in outcome.reasons] == ["CONSENT_MISSING", "METERING_POINT_NOT_HELD"]


def test_in_mode_each_the_good_rows_happen(world):
    strange = world.gsrn(4)

    outcome = request(world, world.held(), strange, world.point, mode="each")

    requested, _ = outcome.then_only(v1.SwitchRequested, v1.SwitchAnnounced)
    assert requested.points == 1
    outcome.refused_rows((0, "CONSENT_MISSING"))


def test_in_mode_each_without_a_good_row_there_is_no_switch(world):
    outcome = request(world, world.held(), world.gsrn(4), mode="each")

    outcome.refused("CONSENT_MISSING")
    outcome.refused_rows((0, "CONSENT_MISSING"))


def test_the_dso_is_that_of_the_grid_area_at_the_start(world):
    moved = world.gln(3)
    scenario = world.held().given(world.registered(dso=moved).model_copy(update={"valid_from": world.day("04-15")}))

    assert request(world, scenario, start="04-15").then_only(v1.SwitchRequested, v1.SwitchAnnounced)[1].dso == moved


def test_a_point_in_an_unknown_grid_area_is_switched_without_a_dso_until_the_area_is_defined(world):
    incomplete = world.held().given(world.registered(dso=None))
    assert request(world, incomplete).then_only(v1.SwitchRequested, v1.SwitchAnnounced)[1].dso is None

    defined = world.held().given(
        world.registered(dso=None),
        registry.GridAreaDefined(grid_area=world.grid_area, name="Vest", zone="NO3", dso=world.dso),
    )
    assert request(world, defined).then_only(v1.SwitchRequested, v1.SwitchAnnounced)[1].dso == world.dso


def test_a_switch_is_told_the_dso_whose_the_area_is_at_its_midnight(world):
    first, second = world.gln(3), world.gln(4)
    area = registry.GridAreaDefined(grid_area=world.grid_area, name="Vest", zone="NO3", dso=world.dso)
    # Told out of order.
    changes = [
        registry.GridAreaChanged(
            grid_area=world.grid_area, name="Vest", zone="NO3", dso=dso, valid_from=world.day(day), freeze_days=14
        )
        for dso, day in ((second, "04-17"), (first, "04-16"))
    ]
    for start, dso in (("04-15", world.dso), ("04-16", first), ("04-17", second)):
        scenario = world.held().given(area, *changes)
        assert request(world, scenario, start=start).then_only(v1.SwitchRequested, v1.SwitchAnnounced)[1].dso == dso


def test_the_table_holds_one_bsp_at_a_time(world):
    scenario = world.held()
    request(world, scenario)

    rows = list(store.POINT.rows[store.HOLDING_ROWS](world.point, scenario.state(store.POINT, world.point)))
    assert rows == [
        (world.point, world.day("01-05"), world.day("04-15"), world.bsp_a),
        (world.point, world.day("04-15"), None, world.bsp_b),
    ]
    assert all(len(row) == len(store.HOLDING_ROWS.columns) for row in rows)
