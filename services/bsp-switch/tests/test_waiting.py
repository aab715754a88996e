"""A switch waits for a fact that is late, holds its place meanwhile, and passes or lapses (D15, D27)."""

import pytest

from bsp_switch import store
from bsp_switch.domain import lookup
from contracts.bsp_switch import v1
from contracts.gateway import v1 as gateway
from contracts.policies import DEFAULTS
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit


def incomplete(world, *points, missing="brp_consumption"):
    """A holds the points, B has consents, and the datahub has named a party that nobody knows from 04-10."""
    points = points or (world.point,)
    late = {missing: world.stranger, "valid_from": world.day("04-10")}
    return world.held(*points).given(*(world.supply(point, **late) for point in points))


def request(world, scenario, *points, start="04-15", at="04-01", bsp="", switch=1, mode="all"):
    command = v1.RequestSwitch(metering_points=points or (world.point,), start=world.day(start), mode=mode)
    return scenario.when(command, subject=world.uuid(switch), sender=bsp or world.bsp_b, at=world.day(at, 12))


def waits(world, **kw):
    scenario = incomplete(world, **kw)
    request(world, scenario).then_only(v1.SwitchRequested, v1.SwitchStalled)
    return scenario


def completed(world, scenario, *, at="04-05", **fields):
    fact = world.record_supply(**{"valid_from": world.day("04-10"), **fields})
    return scenario.when(fact, subject=world.point, sender="datahub", role=Role.DATAHUB, at=world.day(at, 12))


def lapsed(world, because, **fields):
    return v1.SwitchLapsed.model_validate(
        {
            "switch_id": world.uuid(1),
            "metering_point_id": world.point,
            "outgoing": world.bsp_a,
            "incoming": world.bsp_b,
            "dso": world.dso,
            "start": world.day("04-15"),
            "because": because,
            "brps": (world.stranger, world.brp),
            **fields,
        }
    )


def state(world, scenario, switch=1):
    return scenario.state(store.SWITCH, world.uuid(switch))


@pytest.mark.rule("SWITCH_WAITS")
def test_the_receipt_says_how_many_points_wait_and_until_when(world):
    scenario = incomplete(world, world.point, world.other_point)

    [notice] = request(world, scenario, world.gsrn(9), world.point, world.other_point, mode="each").reasons[:1]
    assert (notice.code, notice.actual, notice.limit) == ("SWITCH_WAITS", 2, "2026-04-08")
    assert not request(world, world.held()).reasons


@pytest.mark.parametrize("missing", ["supplier", "brp_consumption", "brp_production"])
def test_it_says_that_it_waits_what_for_and_until_when(world, missing):
    requested, stalled = request(world, incomplete(world, missing=missing)).then_only(
        v1.SwitchRequested, v1.SwitchStalled
    )

    assert (requested.points, requested.waiting) == (1, 1)
    assert (stalled.missing, stalled.lapses_at) == ((missing,), world.day("04-08"))
    assert (stalled.outgoing, stalled.incoming, stalled.consent_id) == (world.bsp_a, world.bsp_b, world.uuid(2000))
    assert (stalled.notice_days, stalled.notice_min_days) == (14, 14)


def test_everyone_who_is_told_of_an_announced_switch_is_told_of_one_that_waits(world):
    told = {
        event: {(each.field, each.role) for each in event.audience} for event in (v1.SwitchStalled, v1.SwitchLapsed)
    }
    announced = {(each.field, each.role) for each in v1.SwitchAnnounced.audience}
    assert told[v1.SwitchStalled] == announced
    assert told[v1.SwitchLapsed] == announced | {("told", None)}


@pytest.mark.rule("METERING_POINT_HELD_BY_OTHER")
@pytest.mark.parametrize("event", [v1.SwitchStalled, v1.SwitchLapsed, v1.SwitchAnnounced, v1.SwitchCancelled])
def test_neither_bsp_learns_from_it_who_the_other_is(event):
    hidden = {each.field: set(each.without) for each in event.audience}
    assert "outgoing" in hidden["incoming"]
    assert "incoming" in hidden["outgoing"]


def test_nothing_has_passed_while_it_waits(world):
    scenario = waits(world)

    (holding,) = scenario.state(store.POINT, world.point).holdings
    assert (holding.bsp, holding.valid_to) == (world.bsp_a, None)
    assert state(world, scenario).state == "waiting"


@pytest.mark.parametrize("at", ["04-05", "04-07"])
def test_it_is_announced_as_soon_as_the_fact_comes_with_the_notice_it_was_asked_with(world, at):
    scenario = waits(world)

    _, announced = completed(world, scenario, at=at).then_only(v1.SupplyRecorded, v1.SwitchAnnounced)

    assert announced.waited
    # The outgoing BSP was told 14 days ahead, though the announcement itself is later.
    assert (announced.notice_days, announced.notice_min_days) == (14, 14)
    assert state(world, scenario).state == "announced"
    scenario.until(world.day("04-14", 23)).then()
    (effect,) = scenario.until(world.day("04-15")).then_only(v1.SwitchTookEffect)
    assert (effect.points, effect.outgoing) == (1, (world.bsp_a,))


@pytest.mark.parametrize("said", ["onboarded", "roles", "status"])
def test_it_is_announced_as_soon_as_the_party_is_known(world, said):
    event = {
        "onboarded": registry.PartyOnboarded(party=world.stranger, name="Navn", roles=(Role.BRP,)),
        "roles": registry.PartyRolesChanged(
            party=world.stranger, before=(Role.DSO,), after=(Role.BRP,), status="active"
        ),
        "status": registry.PartyStatusChanged(
            party=world.stranger, roles=(Role.BRP,), before="suspended", after="active", reason="x"
        ),
    }[said]
    scenario = waits(world)

    (announced,) = scenario.when(event, at=world.day("04-03")).then_only(v1.SwitchAnnounced)
    assert announced.metering_point_id == world.point


def test_another_party_that_becomes_known_changes_nothing(world):
    scenario = waits(world)

    for role in (Role.BRP, Role.DSO):
        event = registry.PartyOnboarded(party=world.gln(77), name="Navn", roles=(role,))
        scenario.when(event, at=world.day("04-03")).then()
    assert state(world, scenario).state == "waiting"


def test_a_fact_that_is_incomplete_too_lets_it_wait_on(world):
    scenario = waits(world)

    completed(world, scenario, supplier=world.stranger).then_only(v1.SupplyRecorded)
    assert state(world, scenario).state == "waiting"


def test_it_lapses_when_the_fact_has_not_come_in_time(world):
    scenario = waits(world)

    scenario.until(world.day("04-07", 23, 59)).then()
    scenario.until(world.day("04-08")).then(lapsed(world, "late"))
    assert state(world, scenario).state == "cancelled"
    # What comes then comes too late.
    completed(world, scenario, at="04-08").then_only(v1.SupplyRecorded)
    scenario.until(world.day("05-01")).then()


def test_a_fact_of_the_moment_at_which_it_lapses_is_too_late_whichever_is_decided_first(world):
    scenario = waits(world)
    known = registry.PartyOnboarded(party=world.stranger, name="Navn", roles=(Role.BRP,))

    scenario.when(known, at=world.day("04-08")).then(lapsed(world, "late"))
    scenario.until(world.day("04-09")).then()


@pytest.mark.rule("SUPPLY_INCOMPLETE")
def test_where_the_operator_lets_nothing_wait_it_is_refused_as_a_claim_is(world):
    policy = next(each for each in DEFAULTS if each.key == "switch.lapse-days").model_copy(update={"value": 28})
    others = [each for each in DEFAULTS if each.key != "switch.lapse-days"]
    opened = gateway.RegisterOpened(operator=world.operator, operator_name="Registeret", policies=(*others, policy))

    request(world, incomplete(world).given(opened)).refused(
        "SUPPLY_INCOMPLETE", path="/metering_points", limit="2026-04-15"
    )


@pytest.mark.rule("SUPPLY_INCOMPLETE")
def test_a_claim_does_not_wait(world):
    scenario = world.scenario().given(world.consent(), world.supply(supplier=world.stranger))
    claim = v1.ClaimControl(start=world.day("04-02"))

    scenario.when(claim, subject=world.point, sender=world.bsp_a, at=world.day("04-01")).refused(
        "SUPPLY_INCOMPLETE", actual="supplier"
    )


# Its place


@pytest.mark.rule("SWITCH_PENDING")
def test_it_holds_its_place_until_it_lapses_whoever_asks(world):
    scenario = waits(world).given(world.consent(world.uuid(3), bsp=world.bsp_c))
    for bsp in (world.bsp_b, world.bsp_c):
        request(world, scenario, bsp=bsp, start="04-20", at="04-02", switch=2).refused("SWITCH_PENDING")
        claim = v1.ClaimControl(start=world.day("04-03"))
        scenario.when(claim, subject=world.point, sender=bsp, at=world.day("04-02")).refused("SWITCH_PENDING")
    end = v1.EndControl(metering_points=(world.point,), end=world.day("04-20"))
    scenario.when(end, subject=world.uuid(8), sender=world.bsp_a, at=world.day("04-02")).refused("SWITCH_PENDING")

    scenario.until(world.day("04-08"))
    completed(world, scenario, at="04-08")
    request(world, scenario, bsp=world.bsp_c, start="04-25", at="04-09", switch=2).then_only(
        v1.SwitchRequested, v1.SwitchAnnounced
    )


@pytest.mark.rule("CONSENT_MISSING")
def test_who_lacks_the_consent_is_not_told_that_anything_is_late_nor_waits_for_a_consent(world):
    """To wait for another end user than is known would give a place to whoever makes one up."""
    scenario = incomplete(world).given(
        world.consent(world.uuid(3), bsp=world.bsp_c, end_user=world.other_end_user),
        world.consent(world.uuid(4), bsp=world.bsp_c, end_user=world.other_end_user, point=world.gsrn(9)),
    )
    own = request(world, scenario, bsp=world.bsp_c)
    strange = request(world, scenario, world.gsrn(9), bsp=world.bsp_c, switch=2)

    assert own.refused("CONSENT_MISSING") == strange.refused("CONSENT_MISSING")


# What may happen meanwhile


def test_it_lapses_when_the_consent_is_withdrawn(world):
    scenario = waits(world)
    wish = v1.WithdrawConsent()

    outcome = scenario.when(wish, subject=world.uuid(2000), sender=world.bsp_b, at=world.day("04-03"))
    assert outcome.then_only(v1.ConsentWithdrawn, v1.SwitchLapsed)[1] == lapsed(world, "consent")


def test_it_goes_on_upon_another_consent_of_the_same_end_user(world):
    scenario = waits(world).given(world.consent(world.uuid(5), bsp=world.bsp_b))
    wish = v1.WithdrawConsent()
    scenario.when(wish, subject=world.uuid(2000), sender=world.bsp_b, at=world.day("04-03")).then_only(
        v1.ConsentWithdrawn
    )

    _, announced = completed(world, scenario).then_only(v1.SupplyRecorded, v1.SwitchAnnounced)
    assert announced.consent_id == world.uuid(5)


def test_it_lapses_when_the_end_user_moves_out_before_it(world):
    scenario = waits(world)

    _, ends, gone = completed(world, scenario, end_user=world.other_end_user).then_only(
        v1.SupplyRecorded, v1.ControlEndAnnounced, v1.SwitchLapsed
    )
    assert (ends.because, gone) == (
        "move-out",
        lapsed(world, "move-out", brps=(world.brp,), told=(world.stranger,)),
    )


def test_it_lapses_when_the_point_is_closed_before_it(world):
    scenario = waits(world)
    closed = world.registered().model_copy(update={"valid_from": world.day("04-12"), "active": False})

    _, gone = scenario.when(closed, at=world.day("04-03")).then_only(v1.ControlEndAnnounced, v1.SwitchLapsed)
    assert gone == lapsed(world, "point-closed")


def test_it_lapses_when_the_outgoing_bsp_holds_the_point_no_longer_until_then(world):
    """Nobody needs to wait for notice then: it can be claimed."""
    scenario = waits(world)
    wish = v1.WithdrawConsent()

    _, _, gone = scenario.when(wish, subject=world.uuid(1000), sender=world.bsp_a, at=world.day("04-03", 9)).then_only(
        v1.ConsentWithdrawn, v1.ControlEndAnnounced, v1.SwitchLapsed
    )
    assert gone == lapsed(world, "not-held")
    completed(world, scenario, at="04-04")
    claim = v1.ClaimControl(start=world.day("04-04"))
    scenario.when(claim, subject=world.point, sender=world.bsp_b, at=world.day("04-04", 13)).then_only(
        v1.ControlClaimed
    )


@pytest.mark.parametrize("by", ["incoming", "operator"])
def test_it_is_taken_back(world, by):
    scenario = waits(world)
    if by == "incoming":
        wish, sender, reason = v1.CancelSwitch(), world.bsp_b, None
    else:
        wish, sender, reason = v1.CancelSwitchByOperator(reason="x"), world.operator, "x"

    scenario.when(wish, subject=world.uuid(1), sender=sender, role=Role.TSO, at=world.day("04-03")).then(
        lapsed(world, by, reason=reason)
    )
    assert state(world, scenario).state == "cancelled"
    scenario.until(world.day("05-01")).then()


@pytest.mark.rule("SWITCH_NOTICE")
def test_it_is_moved_with_notice_and_waits_for_the_new_midnight(world):
    scenario = waits(world)
    short = v1.MoveSwitch(start=world.day("04-16"))
    scenario.when(short, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-03")).refused("SWITCH_NOTICE")

    move = v1.MoveSwitch(start=world.day("04-20"))
    _, gone, stalled = scenario.when(move, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-03")).then_only(
        v1.SwitchMoved, v1.SwitchLapsed, v1.SwitchStalled
    )
    assert (gone.because, stalled.lapses_at, stalled.notice_days) == ("moved", world.day("04-13"), 17)
    scenario.until(world.day("04-12")).then()
    scenario.until(world.day("04-13")).then_only(v1.SwitchLapsed)


def test_it_is_objected_to_and_an_upheld_objection_ends_it(world):
    scenario = waits(world)
    wish = v1.ObjectToSwitch(
        switch_id=world.uuid(1), metering_points=(world.point,), ground="no-consent", text="x", mode="all"
    )
    scenario.when(wish, subject=world.uuid(7), sender=world.bsp_a, role=Role.BSP, at=world.day("04-02")).then_only(
        v1.SwitchDisputed
    )
    upheld = v1.ResolveObjection(outcome="upheld", reason="x")

    outcome = scenario.when(upheld, subject=world.uuid(7), sender=world.operator, role=Role.TSO, at=world.day("04-03"))
    assert outcome.then_only(v1.ObjectionResolved, v1.SwitchLapsed)[1] == lapsed(world, "objection", reason="x")


def test_some_points_of_a_switch_wait_and_the_others_do_not(world):
    scenario = incomplete(world).given(
        world.registered(world.other_point),
        world.supply(world.other_point),
        world.claimed(world.other_point, consent_id=world.uuid(1)),
        world.consent(world.uuid(6), point=world.other_point, bsp=world.bsp_b),
    )
    requested, stalled, announced = request(world, scenario, world.point, world.other_point).then_only(
        v1.SwitchRequested, v1.SwitchStalled, v1.SwitchAnnounced
    )
    assert (requested.points, requested.waiting) == (2, 1)
    assert (stalled.metering_point_id, announced.metering_point_id) == (world.point, world.other_point)
    assert state(world, scenario).state == "announced"

    scenario.until(world.day("04-08")).then(lapsed(world, "late"))
    (effect,) = scenario.until(world.day("04-15")).then_only(v1.SwitchTookEffect)
    assert effect.points == 1


def test_what_ends_the_incoming_control_later_is_said_when_it_is_announced(world):
    scenario = waits(world)
    scenario.when(
        world.registered().model_copy(update={"valid_from": world.day("05-01"), "active": False}),
        at=world.day("04-03"),
    )

    _, announced, ends = completed(world, scenario).then_only(
        v1.SupplyRecorded, v1.SwitchAnnounced, v1.ControlEndAnnounced
    )
    assert (ends.bsp, ends.valid_from, ends.valid_to) == (announced.incoming, announced.start, world.day("05-01"))


@pytest.mark.rule("SWITCH_PENDING")
def test_a_claim_of_a_point_that_a_switch_waits_for_is_told_that_it_passes_and_not_when(world):
    scenario = waits(world).given(world.consent(world.uuid(3), bsp=world.bsp_c))

    wish = v1.ClaimControl(start=world.day("04-12"))
    outcome = scenario.when(wish, subject=world.point, sender=world.bsp_c, at=world.day("04-05"))
    reason = outcome.refused("SWITCH_PENDING", actual=None, limit=None)
    # Nor where it is announced.
    completed(world, scenario)
    again = scenario.when(wish, subject=world.point, sender=world.bsp_c, at=world.day("04-06"))
    assert again.refused("SWITCH_PENDING") == reason
    rows = request(world, scenario, bsp=world.bsp_c, start="04-25", at="04-07", switch=2).rows
    assert [(row.code, row.actual) for row in rows] == [("SWITCH_PENDING", None)]


def test_whoever_looks_up_a_point_that_a_switch_waits_for_is_told_that_it_passes(world):
    scenario = waits(world)

    for asker in (world.bsp_a, world.bsp_b, world.bsp_c):
        found = lookup.found(
            world.point,
            scenario.state(store.POINT, world.point),
            end_user=None,
            parties={},
            registered=None,
            asker=asker,
            at=world.day("04-02"),
        )
        assert found is not None
        assert found.control == "passing"
