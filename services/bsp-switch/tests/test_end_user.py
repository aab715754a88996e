"""An end user who moves or is no more: its consents end, also back-dated, also years after, also by the thousand."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from bsp_switch import store
from bsp_switch.domain import end_user_round
from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def moved(world, scenario, day, *, at, end_user="", point=""):
    wish = world.record_supply(end_user=end_user or world.other_end_user, valid_from=world.day(day))
    return scenario.when(wish, subject=point or world.point, sender=world.gln(50), at=world.day(at, 12))


def ended(world, scenario, day, *, at="09-01", end_user="", role=Role.DATAHUB):
    moment = world.day(day) if isinstance(day, str) else day
    wish = v1.RecordEndUserEnd(ended_from=moment)
    return scenario.when(
        wish, subject=end_user or world.end_user, sender=world.gln(50), role=role, at=world.day(at, 12)
    )


def holdings(world, scenario, point=""):
    state = scenario.state(store.POINT, point or world.point)
    return [row[1:] for row in store.POINT.rows[store.HOLDING_ROWS](point or world.point, state)]


def consents(scenario, consent_id):
    state = scenario.state(store.CONSENT, consent_id)
    return next(iter(store.CONSENT.rows[store.CONSENT_ROWS](consent_id, state)))[-1]


# Moving out


def test_a_move_out_ends_the_consents_of_every_bsp_for_the_point(world):
    scenario = world.held()

    outcome = moved(world, scenario, "04-10", at="04-20")
    assert [(each.consent_id, each.bsp, each.because, each.valid_to) for each in outcome.beside] == [
        (world.uuid(1000), world.bsp_a, "move-out", world.day("04-10")),
        (world.uuid(2000), world.bsp_b, "move-out", world.day("04-10")),
    ]
    assert consents(scenario, world.uuid(1000)) == world.day("04-10")


def test_years_after_it_ends_what_stood_all_the_while_and_a_correction_gives_it_back(world):
    scenario = world.held()
    years_after = datetime(2031, 5, 1, 12, tzinfo=UTC)
    wish = world.record_supply(end_user=world.other_end_user, valid_from=world.day("04-10"))
    told = scenario.when(wish, subject=world.point, sender=world.gln(50), at=years_after)
    assert [each.valid_to for each in told.beside] == [world.day("04-10")] * 2
    assert holdings(world, scenario) == [(world.day("01-05"), world.day("04-10"), world.bsp_a)]

    back = world.record_supply(valid_from=world.day("04-10"))
    told = scenario.when(back, subject=world.point, sender=world.gln(50), at=years_after + timedelta(days=1))
    assert [(type(each), each.valid_to) for each in told.beside] == [(v1.ConsentEndCancelled, None)] * 2
    assert holdings(world, scenario) == [(world.day("01-05"), None, world.bsp_a)]
    assert consents(scenario, world.uuid(1000)) is None


def test_a_later_date_moves_the_end(world):
    scenario = world.held()
    moved(world, scenario, "04-10", at="04-20")
    scenario.given(world.supply(valid_from=world.day("04-10")))

    outcome = moved(world, scenario, "04-15", at="04-21")
    assert {each.valid_to for each in outcome.beside} == {world.day("04-15")}


def test_who_has_not_moved_in_yet_keeps_the_consent_that_it_gave_ahead(world):
    scenario = world.scenario().given(
        world.consent(world.uuid(1), end_user=world.other_end_user), world.consent(world.uuid(2))
    )

    outcome = moved(world, scenario, "04-10", at="04-01")
    assert [each.consent_id for each in outcome.beside] == [world.uuid(2)]


def test_a_consent_for_future_points_goes_on_with_its_end_user(world):
    scenario = world.scenario().given(world.consent(world.uuid(1), future_points=True))

    assert moved(world, scenario, "04-10", at="04-01").beside == []


def test_whoever_records_a_consent_after_the_move_is_told_nothing_of_it(world):
    scenario = world.scenario()
    moved(world, scenario, "04-10", at="04-11")
    wish = v1.RecordConsent(
        metering_point_id=world.point,
        end_user=world.end_user,
        proof_sha256=world.proof,
        valid_from=world.day("01-05"),
    )

    outcome = scenario.when(wish, subject=world.uuid(1), sender=world.bsp_a, at=world.day("04-12"))
    outcome.then_only(v1.ConsentRecorded)
    assert outcome.beside == []


def test_what_a_fact_has_ended_neither_warns_nor_runs_out_but_does_again_once_that_is_corrected(world):
    warn = world.day("05-04")
    scenario = world.scenario().given(world.consent(world.uuid(1), valid_to=world.day("06-01"), warn_at=warn))
    moved(world, scenario, "04-10", at="04-20")
    assert scenario.until(world.day("05-10")).events == []

    moved(world, scenario, "04-10", at="05-11", end_user=world.end_user)
    assert [type(each) for each in scenario.until(world.day("06-01")).events] == [
        v1.ConsentExpiryApproached, v1.ConsentExpired,
    ]  # fmt: skip


@pytest.mark.rule("CONSENT_ENDED")
def test_what_a_move_has_ended_is_not_withdrawn(world):
    scenario = world.held()
    moved(world, scenario, "04-10", at="04-20")

    scenario.when(v1.WithdrawConsent(), subject=world.uuid(1000), sender=world.bsp_a, at=world.day("04-21")).refused(
        "CONSENT_ENDED"
    )


def test_facts_in_whatever_order_lead_to_the_same(world):
    third = world.uuid(102)
    facts = {
        "out": lambda scenario: moved(world, scenario, "06-10", at="09-01"),
        "out before": lambda scenario: moved(world, scenario, "04-10", at="09-01", end_user=third),
        "dead": lambda scenario: ended(world, scenario, "05-01", at="09-01"),
        "the next is dead": lambda scenario: ended(world, scenario, "05-15", at="09-01", end_user=third),
    }
    found = set()
    for order in permutations(facts):
        scenario = world.held()
        for name in order:
            facts[name](scenario)
        last = [scenario.state(store.CONSENT, world.uuid(serial)) for serial in (1000, 2000)]
        found.add((str(holdings(world, scenario)), *(str(sorted(each.ends.items())) for each in last)))
    assert len(found) == 1
    assert holdings(world, scenario) == [(world.day("01-05"), world.day("04-10"), world.bsp_a)]


# No more


def test_one_that_is_no_more_ends_its_consents_and_the_control_that_rests_on_them_back_dated(world):
    scenario = world.held()

    outcome = ended(world, scenario, "03-01", at="09-01")
    recorded, end, followed = outcome.then_only(v1.EndUserEndRecorded, v1.ControlEndAnnounced, v1.EndUserFollowed)
    assert recorded.ended_from == end.valid_to == world.day("03-01")
    assert (end.because, end.bsp) == ("move-out", world.bsp_a)
    assert followed.next_at is None
    assert {(each.bsp, each.because, each.valid_to) for each in outcome.beside} == {
        (bsp, "end-user", world.day("03-01")) for bsp in (world.bsp_a, world.bsp_b)
    }


def test_corrected_it_all_goes_on_in_the_past_too(world):
    scenario = world.held()
    ended(world, scenario, "03-01")

    again = ended(world, scenario, "04-01", at="09-02")
    assert holdings(world, scenario) == [(world.day("01-05"), world.day("04-01"), world.bsp_a)]
    assert {each.valid_to for each in again.beside} == {world.day("04-01")}
    never = ended(world, scenario, None, at="09-03", role=Role.TSO)
    assert holdings(world, scenario) == [(world.day("01-05"), None, world.bsp_a)]
    assert {type(each) for each in never.beside} == {v1.ConsentEndCancelled}


@pytest.mark.rule("END_USER_END_UNCHANGED")
def test_the_same_again_changes_nothing_and_says_so(world):
    scenario = world.held()
    ended(world, scenario, "03-01")

    outcome = ended(world, scenario, "03-01", at="09-02")
    assert outcome.events == outcome.beside == []
    assert outcome.reasons[0].code == "END_USER_END_UNCHANGED"


def test_a_fact_about_one_that_nobody_knows_is_taken(world):
    ended(world, world.scenario(), "03-01", end_user=world.uuid(999)).then_only(v1.EndUserEndRecorded)


@pytest.mark.rule("CONSENT_MISSING")
def test_nobody_takes_control_on_a_consent_of_one_that_is_no_more(world):
    scenario = world.scenario()
    ended(world, scenario, "03-01")
    scenario.given(world.consent(world.uuid(1)))

    claim = v1.ClaimControl(start=world.day("09-05"))
    scenario.when(claim, subject=world.point, sender=world.bsp_a, at=world.day("09-02")).refused("CONSENT_MISSING")


def test_a_switch_that_is_announced_on_its_consent_is_cancelled(world):
    scenario = world.held()
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("04-15"))
    scenario.when(wish, subject=world.uuid(1), sender=world.bsp_b, at=world.day("04-01", 12))

    outcome = ended(world, scenario, "04-10", at="04-09")
    _, cancelled, end, _ = outcome.then_only(
        v1.EndUserEndRecorded, v1.SwitchCancelled, v1.ControlEndAnnounced, v1.EndUserFollowed
    )
    assert (cancelled.incoming, end.bsp, end.valid_to) == (world.bsp_b, world.bsp_a, world.day("04-10"))


def test_a_fact_ahead_ends_them_ahead(world):
    scenario = world.held()

    _, end, _ = ended(world, scenario, "10-01", at="09-01").then_only(
        v1.EndUserEndRecorded, v1.ControlEndAnnounced, v1.EndUserFollowed
    )
    assert end.valid_to == world.day("10-01")


def test_its_points_elsewhere_end_too_where_a_consent_covered_future_ones(world):
    scenario = world.scenario().given(
        world.registered(world.other_point),
        world.supply(world.other_point, end_user=world.other_end_user),
        world.supply(world.other_point, valid_from=world.day("06-01")),
        world.consent(world.uuid(1), future_points=True),
    )
    claim = v1.ClaimControl(start=world.day("06-01"))
    scenario.when(claim, subject=world.other_point, sender=world.bsp_a, at=world.day("06-02"))

    _, end, _ = ended(world, scenario, "08-01").then_only(
        v1.EndUserEndRecorded, v1.ControlEndAnnounced, v1.EndUserFollowed
    )
    assert (end.metering_point_id, end.valid_to) == (world.other_point, world.day("08-01"))


def test_thousands_of_points_follow_in_rounds_and_a_correction_meanwhile_begins_anew(world, monkeypatch):
    monkeypatch.setattr(end_user_round, "POINTS_A_STEP", 2)
    # In blocks of their own, as ids that are far apart stand.
    points = [world.gsrn(100 * serial) for serial in range(1, 8)]
    scenario = world.held(*points)

    first = ended(world, scenario, "03-01")
    assert [each.points for each in first.events if isinstance(each, v1.EndUserFollowed)] == [2]
    # The others stand until their turn, but nobody takes control on such a consent any more.
    assert [holdings(world, scenario, point)[0][1] for point in points] == [world.day("03-01")] * 2 + [None] * 5

    moment = world.day("09-01", 12)
    scenario.until(moment + timedelta(seconds=1))
    assert [holdings(world, scenario, point)[0][1] for point in points] == [world.day("03-01")] * 4 + [None] * 3
    wish = v1.RecordEndUserEnd(ended_from=world.day("04-01"))
    scenario.when(
        wish, subject=world.end_user, sender=world.gln(50), role=Role.DATAHUB, at=moment + timedelta(seconds=1)
    )
    told = scenario.until(moment + timedelta(minutes=1))
    assert [holdings(world, scenario, point)[0][1] for point in points] == [world.day("04-01")] * 7
    assert all(
        scenario.state(store.CONSENT, world.uuid(1000 + serial)).until == world.day("04-01") for serial in range(7)
    )
    assert told.events[-1].next_at is None
