"""Control that a BSP gives up and keeps, and what the operator says of it."""

import pytest

from bsp_switch import store
from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def end(world, scenario, *points, end="01-20", at="01-10", bsp="", mode="all"):
    wish = v1.EndControl(metering_points=points or (world.point,), end=end and world.day(end), mode=mode)
    return scenario.when(wish, subject=world.uuid(50), sender=bsp or world.bsp_a, at=world.day(at, 12))


def keep(world, scenario, *points, at="01-11", bsp=""):
    wish = v1.KeepControl(metering_points=points or (world.point,))
    return scenario.when(wish, subject=world.uuid(51), sender=bsp or world.bsp_a, at=world.day(at, 12))


def claim(world, scenario, *, start, at, bsp=""):
    wish = v1.ClaimControl(start=world.day(start))
    return scenario.when(wish, subject=world.point, sender=bsp or world.bsp_b, at=world.day(at, 12))


def operate(world, scenario, wish, *, at="06-01"):
    return scenario.when(wish, subject=world.point, sender=world.operator, role=Role.TSO, at=world.day(at, 12))


def switch(world, scenario, *, start="04-15", at="04-01", bsp=""):
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day(start))
    return scenario.when(wish, subject=world.uuid(1), sender=bsp or world.bsp_b, at=world.day(at, 12))


def ended(world, point="", **fields):
    return v1.ControlEndAnnounced.model_validate(
        {
            "metering_point_id": point or world.point,
            "bsp": world.bsp_a,
            "dso": world.dso,
            "brps": (world.brp,),
            "valid_from": world.day("01-05"),
            "valid_to": world.day("01-20"),
            "because": "own",
            **fields,
        }
    )


def kept(world, **fields):
    return v1.ControlEndCancelled.model_validate(
        {
            "metering_point_id": world.point,
            "bsp": world.bsp_a,
            "dso": world.dso,
            "brps": (world.brp,),
            "valid_from": world.day("01-05"),
            "valid_to": None,
            "because": "own",
            **fields,
        }
    )


def holdings(world, scenario):
    rows = store.POINT.rows[store.HOLDING_ROWS](world.point, scenario.state(store.POINT, world.point))
    return [(bsp, valid_from, valid_to) for _, valid_from, valid_to, bsp in rows]


# By the BSP


def test_a_bsp_gives_up_its_points_from_a_midnight_and_then_nobody_holds_them(world):
    scenario = world.held(world.point, world.other_point)

    end(world, scenario, world.point, world.other_point).then(ended(world), ended(world, world.other_point))
    assert holdings(world, scenario) == [(world.bsp_a, world.day("01-05"), world.day("01-20"))]
    ends = list(store.POINT.rows[store.CONTROL_END_ROWS](world.point, scenario.state(store.POINT, world.point)))
    assert ends == [(world.point, world.bsp_a, world.day("01-05"), "own", world.day("01-20"))]
    assert all(len(row) == len(store.CONTROL_END_ROWS.columns) for row in ends)


def test_without_a_midnight_it_is_the_next_one_also_across_the_23_hour_day(world):
    end(world, world.held(), end=None, at="03-28").then(ended(world, valid_to=world.day("03-29")))
    end(world, world.held(), end=None, at="03-29").then(ended(world, valid_to=world.day("03-30")))


def test_said_again_the_midnight_moves(world):
    scenario = world.held()
    end(world, scenario)

    end(world, scenario, end="02-01").then(ended(world, valid_to=world.day("02-01")))
    end(world, scenario, end="01-15").then(ended(world, valid_to=world.day("01-15")))
    assert holdings(world, scenario) == [(world.bsp_a, world.day("01-05"), world.day("01-15"))]


@pytest.mark.rule("CONTROL_END_PAST")
@pytest.mark.parametrize("day", ["01-10", "01-05", "01-01"])
def test_what_has_been_is_not_given_up(world, day):
    end(world, world.held(), end=day).refused("CONTROL_END_PAST", path="/end", limit="2026-01-11")


@pytest.mark.rule("METERING_POINT_NOT_YOURS")
def test_unknown_and_not_yours_is_one_answer(world):
    free = world.scenario()
    over = world.held()
    end(world, over, end="01-11")
    answers = {
        end(world, scenario, point, bsp=bsp, at="01-12").refused("METERING_POINT_NOT_YOURS").model_dump_json()
        for scenario, point, bsp in [
            (world.held(), world.gsrn(77), world.bsp_a),
            (world.held(), world.point, world.bsp_b),
            (free, world.point, world.bsp_a),
            (over, world.point, world.bsp_a),
        ]
    }
    assert len(answers) == 1


@pytest.mark.rule("CONTROL_END_STANDS")
@pytest.mark.parametrize("later", ["01-20", "01-25"])
def test_what_ends_already_is_not_given_up_again(world, later):
    scenario = world.held().given(
        world.supply(end_user=world.other_end_user, valid_from=world.day("01-20")),
    )
    scenario.given(ended(world, because="move-out"))

    end(world, scenario, end=later).refused("CONTROL_END_STANDS")
    end(world, scenario, end="01-19").then_only(v1.ControlEndAnnounced)


@pytest.mark.rule("CONTROL_END_STANDS")
def test_the_same_end_twice_is_said_once(world):
    scenario = world.held()
    end(world, scenario)

    end(world, scenario).refused("CONTROL_END_STANDS")


@pytest.mark.rule("METERING_POINT_REPEATED")
@pytest.mark.parametrize("mode", ["all", "each"])
def test_a_list_is_decided_row_by_row(world, mode):
    outcome = end(world, world.held(), world.gsrn(9), world.point, world.point, mode=mode)

    outcome.refused_rows((0, "METERING_POINT_NOT_YOURS"), (2, "METERING_POINT_REPEATED"))
    assert outcome.rejected == (mode == "all")
    assert len(outcome.events) == (0 if mode == "all" else 1)


def test_a_claim_that_has_not_begun_is_given_up_where_it_begins_and_never_was(world):
    scenario = world.scenario().given(
        world.consent(), world.claimed(start="01-20"), world.consent(world.uuid(2), bsp=world.bsp_b)
    )

    end(world, scenario).then(ended(world, valid_from=world.day("01-20")))
    assert holdings(world, scenario) == []
    claim(world, scenario, start="01-15", at="01-11").then_only(v1.ControlClaimed)
    keep(world, scenario, at="01-12").refused("SWITCH_PENDING")
    assert holdings(world, scenario) == [(world.bsp_b, world.day("01-15"), None)]


@pytest.mark.rule("SWITCH_PENDING")
def test_the_outgoing_bsp_makes_no_gap_before_an_announced_switch(world):
    scenario = world.held()
    switch(world, scenario)

    for day in ("04-10", "04-15", "04-20"):
        end(world, scenario, end=day, at="04-02").refused("SWITCH_PENDING")


def test_an_end_is_kept_before_it_comes(world):
    scenario = world.held()
    end(world, scenario)

    keep(world, scenario).then(kept(world))
    assert holdings(world, scenario) == [(world.bsp_a, world.day("01-05"), None)]


@pytest.mark.rule("METERING_POINT_NOT_YOURS")
def test_an_end_that_has_come_is_not_kept_and_neither_is_anothers(world):
    scenario = world.held()
    end(world, scenario)

    keep(world, scenario, bsp=world.bsp_b).refused("METERING_POINT_NOT_YOURS")
    keep(world, scenario, at="01-20").refused("METERING_POINT_NOT_YOURS")


@pytest.mark.rule("CONTROL_NOT_GIVEN_UP")
def test_what_was_not_given_up_is_not_kept(world):
    keep(world, world.held()).refused("CONTROL_NOT_GIVEN_UP")


@pytest.mark.rule("SWITCH_PENDING")
def test_what_another_has_claimed_from_the_end_on_is_not_kept_and_who_it_is_is_not_said(world):
    scenario = world.held()
    end(world, scenario)
    claim(world, scenario, start="01-20", at="01-10").then_only(v1.ControlClaimed)

    reason = keep(world, scenario).refused("SWITCH_PENDING")
    assert world.bsp_b not in reason.model_dump_json()
    end(world, scenario, end="01-25").refused("SWITCH_PENDING")


def test_what_else_ends_control_is_said_when_the_own_end_is_taken_back(world):
    scenario = world.held()
    end(world, scenario)
    fact = world.record_supply(end_user=world.other_end_user, valid_from=world.day("02-01"))
    scenario.when(fact, subject=world.point, at=world.day("01-10", 13)).then_only(v1.SupplyRecorded)

    cancelled, announced = keep(world, scenario).then_only(v1.ControlEndCancelled, v1.ControlEndAnnounced)
    assert cancelled == kept(world)
    assert (announced.because, announced.valid_to) == ("move-out", world.day("02-01"))


def test_who_holds_a_point_is_asked_of_any_moment(world):
    scenario = world.held()
    switch(world, scenario)
    scenario.when(v1.WithdrawConsent(), subject=world.uuid(1000), sender=world.bsp_a, at=world.day("04-10", 12))

    def at(day, hour=0):
        view = scenario.view(store.POINT, world.point, world.day(day, hour))
        return [(held.bsp, held.valid_to) for held in view.holdings], [fact.end_user for fact in view.supplies]

    assert at("01-01") == ([], [world.end_user])
    assert at("04-10", 23) == ([(world.bsp_a, world.day("04-11"))], [world.end_user])
    assert at("04-11") == ([], [world.end_user])
    assert at("04-15") == ([(world.bsp_b, None)], [world.end_user])


# Claims and switches beside an end


@pytest.mark.rule("METERING_POINT_HELD_BY_OTHER")
def test_a_point_is_claimed_from_where_it_is_given_up_and_not_before(world):
    scenario = world.held()
    end(world, scenario)

    claim(world, scenario, start="01-19", at="01-10").refused("METERING_POINT_HELD_BY_OTHER")
    claim(world, scenario, start="01-20", at="01-10").then_only(v1.ControlClaimed)
    assert holdings(world, scenario) == [
        (world.bsp_a, world.day("01-05"), world.day("01-20")),
        (world.bsp_b, world.day("01-20"), None),
    ]


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_a_switch_after_the_end_is_no_switch(world):
    scenario = world.held()
    end(world, scenario, end="04-10", at="04-01")

    switch(world, scenario).refused("METERING_POINT_NOT_HELD")


def test_a_switch_at_the_end_stands_also_when_the_end_is_taken_back(world):
    scenario = world.held()
    end(world, scenario, end="04-15", at="04-01")
    switch(world, scenario).then_only(v1.SwitchRequested, v1.SwitchAnnounced)

    keep(world, scenario, at="04-02").then(kept(world, valid_to=world.day("04-15")))
    assert holdings(world, scenario)[0] == (world.bsp_a, world.day("01-05"), world.day("04-15"))


# By the operator


@pytest.mark.rule("METERING_POINT_NOT_HELD")
def test_the_operator_ends_control_at_any_midnight_it_stood(world):
    scenario = world.held()

    operate(world, scenario, v1.EndControlByOperator(end=world.day("01-04"), reason="x")).refused(
        "METERING_POINT_NOT_HELD", path="/end", limit="2026-01-04"
    )
    operate(world, scenario, v1.EndControlByOperator(end=world.day("02-01"), reason="Feil")).then(
        ended(world, valid_to=world.day("02-01"), because="operator", reason="Feil")
    )
    assert holdings(world, scenario) == [(world.bsp_a, world.day("01-05"), world.day("02-01"))]


def test_the_operator_ends_control_where_it_began_and_takes_that_back(world):
    scenario = world.held()
    operate(world, scenario, v1.EndControlByOperator(end=world.day("01-05"), reason="Feil")).then_only(
        v1.ControlEndAnnounced
    )
    assert holdings(world, scenario) == []

    operate(world, scenario, v1.KeepControlByOperator(end=world.day("01-05"), reason="Riktig likevel")).then(
        kept(world, because="operator", reason="Riktig likevel")
    )
    assert holdings(world, scenario) == [(world.bsp_a, world.day("01-05"), None)]


def test_the_operator_ends_what_came_by_a_switch_and_the_outgoing_bsp_does_not_come_back(world):
    scenario = world.held()
    switch(world, scenario)
    scenario.until(world.day("04-15"))

    (event,) = operate(world, scenario, v1.EndControlByOperator(end=world.day("04-15"), reason="x")).then_only(
        v1.ControlEndAnnounced
    )
    assert (event.bsp, event.valid_from, event.valid_to) == (world.bsp_b, world.day("04-15"), world.day("04-15"))
    assert holdings(world, scenario) == [(world.bsp_a, world.day("01-05"), world.day("04-15"))]
    # The operator gives it back, on the consent that still stands.
    wish = v1.ClaimControlByOperator(bsp=world.bsp_a, start=world.day("04-15"), reason="Innsigelsen tatt til følge")
    (claimed,) = operate(world, scenario, wish).then_only(v1.ControlClaimed)
    assert (claimed.bsp, claimed.consent_id, claimed.reason) == (
        world.bsp_a,
        world.uuid(1000),
        "Innsigelsen tatt til følge",
    )
    assert holdings(world, scenario)[-1] == (world.bsp_a, world.day("04-15"), None)


def test_the_operator_ends_an_announced_switch_at_its_midnight_by_cancelling_it(world):
    scenario = world.held()
    switch(world, scenario)

    wish = v1.EndControlByOperator(end=world.day("04-15"), reason="x")
    (event,) = operate(world, scenario, wish, at="04-02").then_only(v1.SwitchCancelled)
    assert (event.because, event.reason, event.valid_to) == ("operator", "x", None)


@pytest.mark.rule("CONTROL_END_UNKNOWN")
def test_only_the_operators_own_end_is_taken_back(world):
    scenario = world.held()
    end(world, scenario)

    operate(world, scenario, v1.KeepControlByOperator(end=world.day("01-20"), reason="x")).refused(
        "CONTROL_END_UNKNOWN", path="/end", actual="2026-01-20"
    )


@pytest.mark.rule("METERING_POINT_HELD_BY_OTHER")
def test_the_operator_takes_nothing_back_over_who_came_since(world):
    scenario = world.held()
    operate(world, scenario, v1.EndControlByOperator(end=world.day("02-01"), reason="x"), at="02-01")
    claim(world, scenario, start="02-03", at="02-02").then_only(v1.ControlClaimed)

    operate(world, scenario, v1.KeepControlByOperator(end=world.day("02-01"), reason="x")).refused(
        "METERING_POINT_HELD_BY_OTHER"
    )


@pytest.mark.rule("CONSENT_MISSING")
def test_the_operator_gives_nothing_without_a_consent_that_has_lasted_since(world):
    scenario = world.scenario().given(
        world.consent(world.uuid(1), valid_to=world.day("03-01")),
        world.consent(world.uuid(2), valid_from=world.day("04-01")),
    )
    wish = v1.ClaimControlByOperator(bsp=world.bsp_a, start=world.day("02-01"), reason="x")
    operate(world, scenario, wish).refused("CONSENT_MISSING")

    wish = v1.ClaimControlByOperator(bsp=world.bsp_a, start=world.day("04-01"), reason="x")
    operate(world, scenario, wish).then_only(v1.ControlClaimed)


# Given up, and claimed anew


@pytest.mark.rule("METERING_POINT_ALREADY_YOURS")
@pytest.mark.parametrize("since", ["01-05", "01-20"])
def test_a_point_that_is_to_be_given_up_is_claimed_anew_from_then_and_not_before(world, since):
    """Held already, or from a claim that is dated ahead."""
    scenario = world.scenario().given(world.consent(), world.claimed(start=since))
    end(world, scenario, end="01-25", at="01-10")

    reason = claim(world, scenario, start="01-24", at="01-11", bsp=world.bsp_a).refused("METERING_POINT_ALREADY_YOURS")
    assert "keep-control" in reason.fix_en
    claim(world, scenario, start="01-25", at="01-11", bsp=world.bsp_a).then_only(v1.ControlClaimed)
    state = scenario.state(store.POINT, world.point)
    assert [row[1:] for row in store.POINT.rows[store.HOLDING_ROWS](world.point, state)] == [
        (world.day(since), world.day("01-25"), world.bsp_a),
        (world.day("01-25"), None, world.bsp_a),
    ]


@pytest.mark.rule("SWITCH_PENDING")
def test_nobody_else_claims_it_behind_a_claim_that_is_dated_ahead(world):
    scenario = world.scenario().given(
        world.consent(), world.claimed(start="01-20"), world.consent(world.uuid(2), bsp=world.bsp_b)
    )
    end(world, scenario, end="01-25", at="01-10")
    claim(world, scenario, start="01-25", at="01-11").refused("SWITCH_PENDING")


def test_what_was_given_up_and_is_taken_back_lasts_without_a_claim(world):
    scenario = world.held()
    end(world, scenario, end="01-25", at="01-10")
    keep(world, scenario).then(kept(world))
