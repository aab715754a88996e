"""Which meter values a BSP may read from before its control: as far back as consents go, never before the move-in."""

import pytest
from test_consent_proof import claim, record
from test_end_user import moved
from test_merger import cancel as call_off
from test_merger import known, merge
from test_switch import request

from bsp_switch import store
from bsp_switch.domain import history
from contracts.bsp_switch import v1
from contracts.values import Role

pytestmark = pytest.mark.unit


def said(outcome):
    """Of each `meter-access-changed`: the BSP, and of what it may read (from, to, until, consent)."""
    return [
        (event.bsp, [(one.valid_from, one.valid_to, one.until, one.consent_id) for one in event.earlier])
        for event in outcome.beside
        if isinstance(event, v1.MeterAccessChanged)
    ]


def cancel(world, scenario, *, at="04-02"):
    return scenario.when(
        v1.CancelSwitch(), subject=world.uuid(1), sender=world.bsp_b, role=Role.BSP, at=world.day(at, 12)
    )


def withdraw(world, scenario, consent, *, at, bsp=""):
    return scenario.when(
        v1.WithdrawConsent(), subject=world.uuid(consent), sender=bsp or world.bsp_a, role=Role.BSP, at=world.day(at, 9)
    )


@pytest.mark.parametrize(
    ("moved_in", "consent_from", "from_when"),
    [("01-01", "02-01", "02-01"), ("03-01", "02-01", "03-01"), ("01-01", "04-15", None)],
)
def test_values_are_read_from_the_move_in_and_as_far_back_as_the_consent_goes(world, moved_in, consent_from, from_when):
    scenario = world.opened().given(
        world.registered(),
        world.supply(end_user=world.other_end_user, valid_from=world.day("01-01")),
        world.supply(valid_from=world.day(moved_in)),
        world.consent(world.uuid(2), valid_from=world.day(consent_from)),
    )
    outcome = claim(world, scenario, world.point, "04-15", at="04-10")
    reach = [(world.day(from_when), world.day("04-15"), None, world.uuid(2))] if from_when else None
    assert said(outcome) == ([(world.bsp_a, reach)] if reach else [])


def test_it_is_said_at_the_announcement_to_the_incoming_bsp_alone_and_taken_back_with_it(world):
    scenario = world.held()
    outcome = request(world, scenario)
    assert said(outcome) == [(world.bsp_b, [(world.day("01-01"), world.day("04-15"), None, world.uuid(2000))])]
    (event,) = outcome.beside
    assert {each.field: getattr(event, each.field) for each in event.audience} == {
        "bsp": world.bsp_b,
        "successor": None,
    }
    assert world.bsp_a not in event.model_dump_json()
    assert said(cancel(world, scenario)) == [(world.bsp_b, [])]
    assert world.bsp_b not in scenario.state(store.POINT, world.point).earlier


def test_a_consent_to_read_history_reaches_back_and_no_longer_when_it_is_withdrawn(world):
    scenario = world.scenario().given(world.consent(valid_from=world.day("03-01")))
    claim(world, scenario, world.point, "04-01", at="03-28")
    flexibility = (world.day("03-01"), world.day("04-01"), None, world.uuid(0))

    outcome = record(world, scenario, 2, purpose="meter-history", valid_from=world.day("02-01"), at="04-05")
    history_of = (world.day("02-01"), world.day("04-01"), None, world.uuid(2))
    # What it reaches, the other need not be named for.
    assert said(outcome) == [(world.bsp_a, [history_of])]
    assert outcome.events[0].purpose == "meter-history"

    until = (*history_of[:2], world.day("05-02", 9), world.uuid(2))
    assert said(withdraw(world, scenario, 2, at="05-02")) == [(world.bsp_a, [until, flexibility])]


def test_a_consent_of_another_end_user_or_bsp_or_of_a_time_before_gives_nothing(world):
    scenario = world.scenario().given(world.consent(valid_from=world.day("04-01")))
    claim(world, scenario, world.point, "04-01", at="03-28")
    wish = {"purpose": "meter-history", "valid_from": world.day("02-01"), "at": "04-05"}
    assert said(record(world, scenario, 2, end_user=world.other_end_user, **wish)) == []
    assert said(record(world, scenario, 3, bsp=world.bsp_b, **wish)) == []
    assert said(record(world, scenario, 4, valid_to=world.day("03-01"), **wish)) == []
    assert len(said(record(world, scenario, 5, **wish))) == 1


def test_a_later_move_in_takes_it_back_and_the_end_of_control_says_nothing_more(world):
    scenario = world.scenario().given(world.consent())
    claim(world, scenario, world.point, "04-01", at="03-28")
    # Somebody else lived there until 02-01, as is learnt late.
    corrected = scenario.when(
        world.record_supply(end_user=world.other_end_user), subject=world.point, sender=world.gln(50),
        at=world.day("04-10"),
    )  # fmt: skip
    assert said(corrected) == [(world.bsp_a, [])]
    back = moved(world, scenario, "02-01", at="04-11", end_user=world.end_user)
    assert said(back) == [(world.bsp_a, [(world.day("02-01"), world.day("04-01"), None, world.uuid(0))])]
    # What ends its control ends this, too: whoever knows the one knows the other.
    assert said(moved(world, scenario, "05-01", at="04-20")) == []


def test_who_is_to_take_a_bsp_over_is_told_ahead_how_far_back_the_consents_of_both_reach(world):
    scenario = known(world, world.held())
    # Both have a consent of 01-01: one that reaches as far need not be named beside the other.
    outcome = merge(world, scenario)
    assert said(outcome) == [(world.bsp_b, [(world.day("01-01"), world.day("05-01"), None, world.uuid(1000))])]
    (event,) = outcome.beside
    assert (event.bsp, event.successor) == (world.bsp_b, None)
    assert said(call_off(world, scenario)) == [(world.bsp_b, [])]


def test_its_own_consent_reaches_back_and_so_does_what_it_takes_over(world):
    scenario = world.scenario().given(
        world.consent(valid_from=world.day("03-01")),
        world.consent(world.uuid(2), bsp=world.bsp_b, valid_from=world.day("02-01"), valid_to=world.day("06-01")),
    )
    claim(world, scenario, world.point, "04-01", at="03-28")
    outcome = merge(world, known(world, scenario), at="04-02")
    own = (world.day("02-01"), world.day("05-01"), world.day("06-01"), world.uuid(2))
    taken = (world.day("03-01"), world.day("05-01"), None, world.uuid(0))
    assert said(outcome) == [(world.bsp_b, [own, taken])]
    assert said(withdraw(world, scenario, 2, at="05-03", bsp=world.bsp_b)) == [
        (world.bsp_b, [(*own[:2], world.day("05-03", 9), world.uuid(2)), taken])
    ]


def test_what_is_withdrawn_after_the_merger_both_lose(world):
    scenario = known(world, world.held())
    merge(world, scenario)
    outcome = withdraw(world, scenario, 1000, at="05-03", bsp=world.bsp_b)
    found = {event.bsp: event for event in outcome.beside}
    assert found[world.bsp_a].successor == world.bsp_b
    until = found[world.bsp_b].earlier[0]
    assert (until.consent_id, until.until) == (world.uuid(2000), None)


def test_nothing_of_it_is_seen_in_anothers_history(world):
    access = v1.MeterAccessChanged(metering_point_id=world.point, bsp=world.bsp_b, earlier=())
    before = [(world.day("01-06"), world.supply()), (world.day("01-06"), world.claimed())]
    then = [*before, (world.day("02-01"), access)]
    assert history.seen(then, world.bsp_a) == history.seen(before, world.bsp_a)
