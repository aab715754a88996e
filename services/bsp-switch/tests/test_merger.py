"""A BSP is taken over: all that it has is another's from a midnight, and nobody else's rights change (ADR 0022)."""

import pytest

from bsp_switch import store
from bsp_switch.domain import succession
from bsp_switch.domain.point import valid
from contracts.bsp_switch import v1
from contracts.message import Event
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit

MERGER = 500
START = "05-01"


def known(world, scenario, *, roles=(Role.BSP,)):
    for bsp in (world.bsp_a, world.bsp_b, world.bsp_c):
        scenario.given(registry.PartyOnboarded(party=bsp, name="Navn", roles=roles))
    return scenario


def merge(world, scenario, *, at="04-01", start=START, bsp="", into="", merger=MERGER):
    wish = v1.MergeBsp(bsp=bsp or world.bsp_a, into=into or world.bsp_b, start=world.day(start), reason="Fusjon")
    return scenario.when(wish, subject=world.uuid(merger), sender=world.operator, role=Role.TSO, at=world.day(at, 12))


def cancel(world, scenario, *, at="04-10"):
    wish = v1.CancelBspMerger(reason="Likevel ikke")
    return scenario.when(wish, subject=world.uuid(MERGER), sender=world.operator, role=Role.TSO, at=world.day(at, 12))


def send(world, scenario, wish, subject, *, bsp, at, hour=12):
    return scenario.when(wish, subject=subject, sender=bsp, role=Role.BSP, at=world.day(at, hour))


def holder(world, scenario, at, point=""):
    held = valid(scenario.state(store.POINT, point or world.point), world.day(at, 1)).holdings
    return held[0].bsp if held else None


def rows(scenario, point):
    return [row[1:] for row in store.POINT.rows[store.HOLDING_ROWS](point, scenario.state(store.POINT, point))]


def test_it_is_announced_with_every_point_dated_ahead_and_comes_about_at_its_midnight(world):
    scenario = known(world, world.held(world.point, world.other_point))
    announced, one, other, step = merge(world, scenario).then_only(
        v1.BspMergerAnnounced,
        v1.ControlSuccessionAnnounced,
        v1.ControlSuccessionAnnounced,
        v1.PointsOfBspFollowed,
    )
    assert (announced.notice_days, announced.notice_min_days, step.points, step.next_at) == (30, 14, 2, None)
    assert {one.metering_point_id, other.metering_point_id} == {world.point, world.other_point}
    assert (one.bsp, one.successor, one.start) == (world.bsp_a, world.bsp_b, world.day(START))
    told = {each.field: getattr(one, each.field) for each in one.audience if each.field}
    assert told == {"bsp": world.bsp_a, "successor": world.bsp_b, "dso": world.dso, "brps": (world.brp,)}
    # Who holds it when is right from now on, and in the table that refuses overlaps.
    assert [holder(world, scenario, at) for at in ("04-02", "04-30", START, "12-01")] == [
        world.bsp_a, world.bsp_a, world.bsp_b, world.bsp_b,
    ]  # fmt: skip
    assert rows(scenario, world.point) == [
        (world.day("01-05"), world.day(START), world.bsp_a),
        (world.day(START), None, world.bsp_b),
    ]
    (merged,) = scenario.until(world.day(START)).then_only(v1.BspMerged)
    assert (merged.bsp, merged.into) == (world.bsp_a, world.bsp_b)


def test_until_its_midnight_the_one_commands_its_points_and_then_the_other(world):
    scenario = known(world, world.held())
    merge(world, scenario)
    give_up = v1.EndControl(metering_points=(world.point,), end=world.day("06-01"))
    refused = send(world, scenario, give_up, world.uuid(1), bsp=world.bsp_b, at="04-30")
    refused.refused("METERING_POINT_NOT_YOURS")
    scenario.until(world.day(START))
    send(world, scenario, give_up, world.uuid(2), bsp=world.bsp_a, at=START).refused("METERING_POINT_NOT_YOURS")
    (end,) = send(world, scenario, give_up, world.uuid(3), bsp=world.bsp_b, at=START).then_only(v1.ControlEndAnnounced)
    # Which control it is, is said by whom it began with; its successor is told.
    assert (end.bsp, end.valid_from, end.successor) == (world.bsp_a, world.day("01-05"), world.bsp_b)
    assert holder(world, scenario, "06-01") is None
    keep = v1.KeepControl(metering_points=(world.point,))
    send(world, scenario, keep, world.uuid(4), bsp=world.bsp_b, at="05-02").then_only(v1.ControlEndCancelled)
    assert holder(world, scenario, "06-02") == world.bsp_b


def test_cancelled_before_its_midnight_everything_is_as_it_was(world):
    scenario = known(world, world.held())
    before = scenario.state(store.POINT, world.point)
    merge(world, scenario)
    cancelled, taken_back, _ = cancel(world, scenario, at="04-30").then_only(
        v1.BspMergerCancelled, v1.ControlSuccessionCancelled, v1.PointsOfBspFollowed
    )
    assert (cancelled.merger_id, taken_back.successor) == (world.uuid(MERGER), world.bsp_b)
    assert scenario.state(store.POINT, world.point) == before
    assert scenario.until(world.day("06-01")).events == []
    # Another can be announced.
    merge(world, scenario, at="06-01", start="07-01", into=world.bsp_c, merger=501)
    assert holder(world, scenario, "07-01") == world.bsp_c


@pytest.mark.parametrize("start", ["04-20", START, "05-10"], ids=["before", "at", "after"])
def test_a_third_bsp_takes_a_point_over_as_if_there_were_no_merger(world, start):
    """Neither what it may ask for nor when it gets it is another; the other way round, too, it is told of nobody."""
    at = "04-05" if start != "05-10" else "04-20"
    scenario = known(world, world.held())
    consent = world.consent(world.uuid(3000), bsp=world.bsp_c)
    scenario.given(consent)
    merge(world, scenario)
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day(start))
    events = send(world, scenario, wish, world.uuid(1), bsp=world.bsp_c, at=at).then_only(
        v1.SwitchRequested, v1.SwitchAnnounced
    )
    announced = events[1]
    assert (announced.outgoing, announced.incoming) == (world.bsp_a, world.bsp_c)
    assert announced.outgoing_successor == (None if start == "04-20" else world.bsp_b)
    without = {each.field: each.without for each in announced.audience}
    assert {"outgoing", "outgoing_successor"} <= set(without["incoming"])
    assert {"incoming", "incoming_successor"} <= set(without["outgoing_successor"])
    assert holder(world, scenario, start) == world.bsp_c
    if start == "05-10":
        assert holder(world, scenario, "05-09") == world.bsp_b
        # After the midnight it is the successor that is told, that objects, that keeps the point.
        objection = v1.ObjectToSwitch(
            switch_id=world.uuid(1), metering_points=(world.point,), ground="no-consent", text="x"
        )
        send(world, scenario, objection, world.uuid(2), bsp=world.bsp_a, at="05-02").refused("SWITCH_UNKNOWN")
        send(world, scenario, objection, world.uuid(3), bsp=world.bsp_b, at="05-02").then_only(v1.SwitchDisputed)
    gone = send(world, scenario, v1.CancelSwitch(), world.uuid(1), bsp=world.bsp_c, at="04-21" if at > "04-06" else at)
    gone.then_only(v1.SwitchCancelled)
    assert holder(world, scenario, "05-20") == world.bsp_b


def test_a_switch_under_way_to_the_one_comes_to_the_other(world):
    """The incoming BSP is succeeded: who moves or cancels it after the midnight is its successor."""
    scenario = known(world, world.scenario())
    scenario.given(
        world.consent(bsp=world.bsp_c), world.claimed(bsp=world.bsp_c), world.consent(world.uuid(2), bsp=world.bsp_a)
    )
    merge(world, scenario)
    wish = v1.RequestSwitch(metering_points=(world.point,), start=world.day("05-10"))
    _, announced, said = send(world, scenario, wish, world.uuid(9), bsp=world.bsp_a, at="04-20").then_only(
        v1.SwitchRequested, v1.SwitchAnnounced, v1.ControlSuccessionAnnounced
    )
    assert (announced.incoming, announced.incoming_successor, said.successor) == (
        world.bsp_a, world.bsp_b, world.bsp_b,
    )  # fmt: skip
    assert holder(world, scenario, "05-10") == world.bsp_b
    scenario.until(world.day(START))
    to = v1.MoveSwitch(start=world.day("05-20"))
    send(world, scenario, to, world.uuid(9), bsp=world.bsp_a, at="05-02").refused("SWITCH_UNKNOWN")
    moved = send(world, scenario, to, world.uuid(9), bsp=world.bsp_b, at="05-02").events
    assert [type(event) for event in moved] == [v1.SwitchMoved, v1.SwitchCancelled, v1.SwitchAnnounced]
    # It rests on the consent that the other was given.
    assert (moved[0].incoming, moved[2].incoming, moved[2].consent_id) == (world.bsp_b, world.bsp_b, world.uuid(2))
    assert [holder(world, scenario, at) for at in ("05-19", "05-20")] == [world.bsp_c, world.bsp_b]


def test_consents_pass_and_are_one_with_the_successors_own(world):
    """No new consent is needed; one that the successor records carries control on; and it withdraws the former."""
    scenario = known(world, world.scenario())
    scenario.given(world.consent(valid_to=world.day("05-20")), world.claimed())
    merge(world, scenario)
    scenario.until(world.day(START))
    new = v1.RecordConsent(
        metering_point_id=world.point, end_user=world.end_user, proof_sha256=world.proof, valid_from=world.day("05-01")
    )
    send(world, scenario, new, world.uuid(9), bsp=world.bsp_b, at="05-02").then_only(v1.ConsentRecorded)
    expired, goes_on = scenario.until(world.day("05-21")).then_only(v1.ConsentExpired, v1.ControlConsentChanged)
    assert (expired.bsp, expired.successor) == (world.bsp_a, world.bsp_b)
    assert (goes_on.consent_id, goes_on.successor) == (world.uuid(9), world.bsp_b)
    assert holder(world, scenario, "06-01") == world.bsp_b


def test_the_successor_withdraws_a_consent_that_passed_and_control_ends(world):
    scenario = known(world, world.held())
    scenario.state(store.POINT, world.point)
    merge(world, scenario)
    scenario.until(world.day(START))
    withdraw, consent_id = v1.WithdrawConsent(), world.uuid(1000)
    send(world, scenario, withdraw, consent_id, bsp=world.bsp_a, at="05-02").refused("CONSENT_UNKNOWN")
    # Its own for the point goes on to carry it: the other's, given before, is one with it since the midnight.
    withdrawn, goes_on = send(world, scenario, withdraw, consent_id, bsp=world.bsp_b, at="05-02").then_only(
        v1.ConsentWithdrawn, v1.ControlConsentChanged
    )
    assert (withdrawn.successor, goes_on.consent_id) == (world.bsp_b, world.uuid(2000))
    end = send(world, scenario, withdraw, world.uuid(2000), bsp=world.bsp_b, at="05-03")
    assert [type(event) for event in end.events] == [v1.ConsentWithdrawn, v1.ControlEndAnnounced]
    assert holder(world, scenario, "05-05") is None


def test_what_comes_to_the_one_after_the_announcement_passes_too(world):
    scenario = known(world, world.scenario())
    merge(world, scenario).then_only(v1.BspMergerAnnounced)
    scenario.given(world.consent())
    claim = v1.ClaimControl(start=world.day("04-05"))
    send(world, scenario, claim, world.point, bsp=world.bsp_a, at="04-03").then_only(
        v1.ControlClaimed, v1.ControlSuccessionAnnounced
    )
    assert holder(world, scenario, START) == world.bsp_b
    cancel(world, scenario)
    assert holder(world, scenario, START) == world.bsp_a


def test_a_point_that_ends_before_the_midnight_is_not_succeeded_until_the_end_is_taken_back(world):
    scenario = known(world, world.held())
    give_up = v1.EndControl(metering_points=(world.point,), end=world.day("04-20"))
    send(world, scenario, give_up, world.uuid(1), bsp=world.bsp_a, at="03-20")
    merge(world, scenario).then_only(v1.BspMergerAnnounced, v1.PointsOfBspFollowed)
    assert holder(world, scenario, START) is None
    keep = v1.KeepControl(metering_points=(world.point,))
    send(world, scenario, keep, world.uuid(2), bsp=world.bsp_a, at="04-05").then_only(
        v1.ControlEndCancelled, v1.ControlSuccessionAnnounced
    )
    assert holder(world, scenario, START) == world.bsp_b


def test_the_points_of_a_large_bsp_follow_in_rounds_and_a_cancellation_begins_a_new_one(world, monkeypatch):
    monkeypatch.setattr(succession, "POINTS_A_STEP", 5)
    points = [world.gsrn(n) for n in range(1, 1202, 60)]
    scenario = known(world, world.held(*points))
    merge(world, scenario)
    states = [bool(scenario.state(store.POINT, each).successions) for each in points]
    assert 5 <= sum(states) < len(points)
    cancelled = cancel(world, scenario, at="04-01").events + scenario.until(world.day("04-02")).events
    assert sum(isinstance(event, v1.ControlSuccessionCancelled) for event in cancelled) == sum(states)
    assert not any(scenario.state(store.POINT, each).successions for each in points)
    merge(world, scenario, at="04-02", merger=501)
    scenario.until(world.day("04-03"))
    assert all(holder(world, scenario, START, each) == world.bsp_b for each in points)


def test_each_of_the_two_sees_its_own_period(world):
    scenario = known(world, world.held())
    merge(world, scenario)
    history = [(world.day("04-01"), event) for event in scenario.log if is_of(event, world.point)]
    one, other = (store.POINT.seen(history, bsp).periods for bsp in (world.bsp_a, world.bsp_b))
    assert [(each.valid_from, each.valid_to) for each in one] == [(world.day("01-05"), world.day(START))]
    assert [(each.valid_from, each.valid_to) for each in other] == [(world.day(START), None)]


def is_of(event: Event, point: str) -> bool:
    return type(event) in store.POINT.folds and event.subject == point


def test_a_successor_is_itself_taken_over_later(world):
    scenario = known(world, world.held())
    merge(world, scenario)
    scenario.until(world.day(START))
    merge(world, scenario, bsp=world.bsp_b, into=world.bsp_c, at="05-02", start="06-01", merger=501)
    assert [holder(world, scenario, at) for at in ("04-30", "05-31", "06-01")] == [
        world.bsp_a, world.bsp_b, world.bsp_c,
    ]  # fmt: skip


@pytest.mark.rule("BSP_TAKEN_OVER")
def test_who_is_taken_over_asks_for_nothing_of_its_own_after_it(world):
    scenario = known(world, world.scenario())
    scenario.given(world.consent())
    merge(world, scenario)
    scenario.until(world.day(START))
    consent = v1.RecordConsent(
        metering_point_id=world.point, end_user=world.end_user, proof_sha256=world.proof, valid_from=world.day("05-01")
    )
    switch = v1.RequestSwitch(metering_points=(world.point,), start=world.day("05-20"))
    claim = v1.ClaimControl(start=world.day("05-03"))
    for wish, subject in ((consent, world.uuid(1)), (switch, world.uuid(2)), (claim, world.point)):
        send(world, scenario, wish, subject, bsp=world.bsp_a, at="05-02").refused("BSP_TAKEN_OVER")
    # Its successor claims on the consent that passed.
    send(world, scenario, claim, world.point, bsp=world.bsp_b, at="05-02").then_only(v1.ControlClaimed)


@pytest.mark.rule("MERGER_NOTICE")
def test_it_is_given_notice_of(world):
    scenario = known(world, world.held())
    merge(world, scenario, at="04-18").refused("MERGER_NOTICE")
    assert merge(world, scenario, at="04-17").events


@pytest.mark.rule("MERGER_WITH_ITSELF")
def test_nobody_takes_itself_over(world):
    merge(world, known(world, world.held()), into=world.bsp_a).refused("MERGER_WITH_ITSELF")


@pytest.mark.rule("MERGER_BSP_UNKNOWN")
def test_only_a_bsp_is_taken_over(world):
    merge(world, known(world, world.held()), bsp=world.supplier).refused("MERGER_BSP_UNKNOWN")


@pytest.mark.rule("MERGER_INTO_INACTIVE")
def test_only_an_active_bsp_takes_over_but_a_suspended_one_is_taken_over(world):
    scenario = known(world, world.held())

    def suspend(bsp):
        scenario.given(
            registry.PartyStatusChanged(party=bsp, roles=(Role.BSP,), before="active", after="suspended", reason="x")
        )

    suspend(world.bsp_b)
    merge(world, scenario).refused("MERGER_INTO_INACTIVE")
    assert merge(world, scenario, bsp=world.bsp_b, into=world.bsp_c).events


@pytest.mark.rule("MERGER_UNDER_WAY")
@pytest.mark.parametrize(("bsp", "into"), [("a", "c"), ("b", "c"), ("c", "a"), ("b", "a")])
def test_neither_of_two_that_merge_merges_with_another_meanwhile(world, bsp, into):
    scenario = known(world, world.held())
    merge(world, scenario)
    who = {"a": world.bsp_a, "b": world.bsp_b, "c": world.bsp_c}
    merge(world, scenario, bsp=who[bsp], into=who[into], merger=501).refused("MERGER_UNDER_WAY")


@pytest.mark.rule("MERGER_UNDER_WAY")
def test_who_was_taken_over_takes_over_nobody(world):
    scenario = known(world, world.held())
    merge(world, scenario)
    scenario.until(world.day(START))
    again = merge(world, scenario, bsp=world.bsp_c, into=world.bsp_a, at="05-02", start="06-01", merger=501)
    again.refused("MERGER_UNDER_WAY")


@pytest.mark.rule("MERGER_UNKNOWN", "MERGER_NOT_ANNOUNCED")
def test_only_what_is_announced_is_cancelled(world):
    scenario = known(world, world.held())
    cancel(world, scenario).refused("MERGER_UNKNOWN")
    merge(world, scenario)
    scenario.until(world.day(START))
    cancel(world, scenario, at=START).refused("MERGER_NOT_ANNOUNCED")
