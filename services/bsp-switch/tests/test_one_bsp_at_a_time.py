"""No order of messages, no race and no correction leaves what may never be: a plain model looks on (R13, R31, D14).

Commands of participants, facts of the datahub and of `registry`, and the operator's corrections come in any order,
late, twice, about the past, and across the nights on which the clocks are moved.
"""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from switch_plain import Plain, midnights

from bsp_switch import store
from bsp_switch.domain.point import Point, evolve
from chassis.work import DeadlinePending
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit

POINTS = 2
DAYS = (-40, -9, -7, -2, -1, 0, 0, 1, 5, 13, 14, 15, 20, 27)
STEPS = (timedelta(), timedelta(hours=7), timedelta(days=1), timedelta(days=2), timedelta(days=8), timedelta(days=15))
BEGINS = ("03-20", "06-01", "10-19")
"""Days before the clocks are moved, and one in between."""


class Sequence:
    """A register, a plain model, and a hand that throws messages at it."""

    def __init__(self, world, begins, *, late=False, merging=False):
        self.world, self.plain = world, Plain()
        self.now = world.day(begins, 12)
        self.began = calendar.add_local_days(calendar.next_midnight(self.now), -60)
        self.bsps = (world.bsp_a, world.bsp_b, world.bsp_c)
        self.points = tuple(world.gsrn(n + 1) for n in range(POINTS))
        self.scenario = world.opened()
        self.heard = 0
        self.number = 0
        self.last = lambda: None
        self.sent = 0
        for bsp in self.bsps:
            self.scenario.given(registry.PartyOnboarded(party=bsp, name="Navn", roles=(Role.BSP,)))
        roles = {world.supplier: Role.SUPPLIER, world.brp: Role.BRP, world.other_brp: Role.BRP}
        for party, role in roles.items():
            self.plain.fold(registry.PartyOnboarded(party=party, name="Navn", roles=(role,)))
        for point in self.points:
            self.hear(world.registered(point))
            self.command(world.record_supply(end_user=world.uuid(700)), point, "datahub")
            for bsp in self.bsps[:2] if merging else self.bsps:
                self.record_consent(point, bsp, world.uuid(700), self.began, None)
        self.command(v1.ClaimControl(start=self.midnight(5)), self.points[0], self.bsps[0])
        self.look()
        if merging:
            # B has consents, and C, who takes it over, has none of its own.
            self.merge(1, 2, 0)
            self.look()
        if late:
            self.now += timedelta(days=1)
            self.be_late(0, 1, 1)
            self.fold()
            assert self.plain.waiting
            self.look()

    # How messages arrive

    def hear(self, event):
        # What was said before it comes before it; the other services are not asked.
        self.fold()
        self.plain.fold(event)
        self.scenario.when(event, at=self.now)

    def command(self, command, subject, sender, role=""):
        role = role or ("bsp" if sender in self.bsps else "tso")
        before = self.held() if role == "bsp" else None

        def send():
            return self.scenario.when(command, subject=subject, sender=sender, role=role, at=self.now)

        try:
            outcome = send()
        except DeadlinePending:
            self.scenario.until(self.now)
            before = before and self.held()
            outcome = send()
        self.sent += not outcome.rejected
        if before is not None:
            self.leaves_the_past_alone(before, command, sender)
        self.last = lambda: self.command(command, self.new() if is_new(command) else subject, sender, role)

    def held(self):
        self.fold()
        moments = midnights(self.began, self.now)
        return {(point, at): self.plain.holder(point, at) for point in self.points for at in moments}

    def leaves_the_past_alone(self, before, command, sender):
        for (point, at), holder in self.held().items():
            if isinstance(command, v1.ClaimControl) and before[point, at] is None and holder == sender:
                assert calendar.days_between(calendar.local_date(at), calendar.local_date(self.now)) <= 7
            else:
                assert holder == before[point, at], f"{command} of {sender} changed who held {point} at {at}"

    def fold(self):
        for event in self.scenario.log[self.heard :]:
            self.plain.fold(event)
        self.heard = len(self.scenario.log)

    def look(self):
        """Let time pass to now, fold what was said since, and hold it against what must be."""
        self.scenario.until(self.now)
        self.fold()
        self.plain.check(self.now)
        for each in self.points:
            state = self.scenario.state(store.POINT, each) or Point()
            rows = list(store.POINT.rows[store.HOLDING_ROWS](each, state))
            assert sorted(row[1:] for row in rows) == sorted(self.plain.periods(each))

    # What may happen; a, b and c are anything

    def new(self):
        self.number += 1
        return self.world.uuid(10_000 + self.number)

    def midnight(self, c):
        return calendar.add_local_days(calendar.next_midnight(self.now), DAYS[c % len(DAYS)])

    def some(self, a):
        return self.points if a % 3 == 0 else (self.points[a % POINTS],)

    def of(self, ids, a):
        return ids[-1 - a % min(len(ids), 3)] if ids else self.world.uuid(9)

    def record_consent(self, point, bsp, end_user, valid_from, valid_to, *, future_points=False):
        self.command(
            v1.RecordConsent(
                metering_point_id=point,
                end_user=end_user,
                proof_sha256=self.world.proof,
                valid_from=valid_from,
                valid_to=valid_to,
                future_points=future_points,
            ),
            self.new(),
            bsp,
        )

    def consent(self, a, b, c):
        valid_from = self.midnight(c) + timedelta(hours=b % 5)
        valid_to = valid_from + timedelta(days=1 + b % 40, hours=c % 3) if b % 2 else None
        self.record_consent(
            self.points[a % POINTS],
            self.bsps[b % 3],
            self.world.uuid(700 + c % 2),
            valid_from,
            valid_to,
            future_points=a % 5 == 0,
        )

    def withdraw(self, a, b, _c):
        ids = [key for key in self.plain.consents if self.plain.until[key] is None or a % 4 == 0]
        sender = (*self.bsps, self.world.operator)[b % 4]
        self.command(v1.WithdrawConsent(), self.of(ids, a), sender)

    def supply(self, a, b, c):
        brp = (self.world.other_brp, self.world.brp, self.world.stranger, self.world.brp)[b % 4]
        end_user = self.world.uuid(700 + (b % 8 == 0))
        fact = self.world.record_supply(end_user=end_user, brp_consumption=brp, valid_from=self.midnight(c))
        self.command(fact, self.points[a % POINTS], "datahub")

    def correct(self, a, b, _c):
        """A fact that was told is told otherwise."""
        point = self.points[a % POINTS]
        moments = sorted(self.plain.users[point])
        fact = self.world.record_supply(
            end_user=self.world.uuid(700 + (b % 3 == 0)), valid_from=moments[b % len(moments)]
        )
        self.command(fact, point, "datahub")

    def no_more(self, a, b, c):
        """An end user is no more, or is after all."""
        end = self.midnight(c) if b % 3 else None
        self.command(v1.RecordEndUserEnd(ended_from=end), self.world.uuid(700 + a % 2), self.world.gln(50))

    def be_late(self, a, b, c):
        """The datahub names, from before or at a midnight that may be switched at, a party that is not known."""
        start = calendar.add_local_days(calendar.next_midnight(self.now), 13 + c % 14)
        point = self.points[a % POINTS]
        # Who is no more may still be named by the datahub.
        who = (self.plain.user(point, start) or self.world.end_user).partition(",")[0]
        fact = self.world.record_supply(end_user=who, brp_production=self.world.stranger, valid_from=start)
        self.command(fact, point, "datahub")
        wish = v1.RequestSwitch(metering_points=(point,), start=start, mode="each")
        self.command(wish, self.new(), self.bsps[b % 3])

    def onboard(self, _a, b, _c):
        """Who was not known is, or is no more."""
        known = Role.BRP in self.plain.known.get(self.world.stranger, set())
        if known and b % 2:
            self.hear(
                registry.PartyStatusChanged(
                    party=self.world.stranger, roles=(Role.BRP,), before="active", after="suspended", reason="x"
                )
            )
        else:
            self.hear(registry.PartyOnboarded(party=self.world.stranger, name="Navn", roles=(Role.BRP,)))

    def close(self, a, b, c):
        moments = [self.midnight(c) + timedelta(hours=c % 2), *sorted(self.plain.active[self.points[a % POINTS]])]
        fact = self.world.registered(self.points[a % POINTS]).model_copy(
            update={"valid_from": moments[b % len(moments)], "active": b % 5 != 0}
        )
        self.hear(fact)
        self.last = lambda: self.hear(fact)

    def claim(self, a, b, c):
        self.command(v1.ClaimControl(start=self.midnight(c)), self.points[a % POINTS], self.bsps[b % 3])

    def end(self, a, b, c):
        end = self.midnight(c) if c % 4 else None
        self.command(v1.EndControl(metering_points=self.some(a), end=end, mode="each"), self.new(), self.bsps[b % 3])

    def keep(self, a, b, _c):
        self.command(v1.KeepControl(metering_points=self.some(a), mode="each"), self.new(), self.bsps[b % 3])

    def switch(self, a, b, c):
        start = calendar.add_local_days(calendar.next_midnight(self.now), 13 + c % 14)
        wish = v1.RequestSwitch(metering_points=self.some(a), start=start, mode="each")
        self.command(wish, self.new(), self.bsps[b % 3])

    def extend(self, a, b, _c):
        wish = v1.ExtendSwitch(metering_points=self.some(a), mode="each")
        self.command(wish, self.of(list(self.plain.starts), a), self.bsps[b % 3])

    def cancel(self, a, b, _c):
        some = self.some(a) if b % 2 else ()
        self.command(
            v1.CancelSwitch(metering_points=some, mode="each"), self.of(list(self.plain.starts), a), self.bsps[b % 3]
        )

    def move(self, a, b, c):
        start = calendar.add_local_days(calendar.next_midnight(self.now), 13 + c % 14)
        self.command(v1.MoveSwitch(start=start), self.of(list(self.plain.starts), a), self.bsps[b % 3])

    def dispute(self, a, b, _c):
        wish = v1.ObjectToSwitch(
            switch_id=self.of(list(self.plain.starts), a),
            metering_points=self.some(b),
            ground="no-consent",
            text="x",
            mode="each",
        )
        self.command(wish, self.new(), (*self.bsps, self.world.operator)[b % 4])

    def resolve(self, a, b, _c):
        outcome = ("upheld", "dismissed")[b % 2]
        wish = v1.ResolveObjection(outcome=outcome, reason="x")
        self.command(wish, self.of(sorted(self.plain.open), a), self.world.operator)

    def operate(self, a, b, c):
        """The operator corrects."""
        point = self.points[a % POINTS]
        ends = [one.ends["operator"] for one in self.plain.holds[point] if "operator" in one.ends]
        wishes = (
            v1.EndControlByOperator(end=self.midnight(c), reason="x"),
            v1.KeepControlByOperator(end=self.of(ends, c) if ends else self.midnight(c), reason="x"),
            v1.KeepControlByOperator(end=self.of(ends, c) if ends else self.midnight(c), reason="x"),
            v1.ClaimControlByOperator(bsp=self.bsps[c % 3], start=self.midnight(c), reason="x"),
        )
        self.command(wishes[b % 4], point, self.world.operator)
        if b % 16 == 0:
            wish = v1.CancelSwitchByOperator(reason="x")
            self.command(wish, self.of(list(self.plain.starts), a), self.world.operator)

    def merge(self, a, b, c):
        start = calendar.add_local_days(calendar.next_midnight(self.now), 13 + c % 10)
        wish = v1.MergeBsp(bsp=self.bsps[a % 3], into=self.bsps[b % 3], start=start, reason="x")
        self.command(wish, self.new(), self.world.operator)

    def call_off(self, a, _b, _c):
        ids = [key for key in self.plain.mergers if key not in self.plain.merged]
        self.command(v1.CancelBspMerger(reason="x"), self.of(ids, a), self.world.operator)

    def again(self, _a, _b, _c):
        self.last()

    def wait(self, a, _b, _c):
        self.now += STEPS[a % len(STEPS)]

    ACTIONS = (
        *(consent, consent, withdraw, supply, correct, no_more, close),
        *(
            claim,
            claim,
            end,
            keep,
            switch,
            switch,
            switch,
            be_late,
            be_late,
            onboard,
            extend,
            cancel,
            move,
            dispute,
            resolve,
            operate,
            merge,
            merge,
            call_off,
        ),
        *(again, wait, wait, wait),
    )


def is_new(command):
    """Whether its subject is a new id each time."""
    return isinstance(
        command, v1.RecordConsent | v1.EndControl | v1.KeepControl | v1.RequestSwitch | v1.ObjectToSwitch | v1.MergeBsp
    )


STEP = st.tuples(
    st.integers(0, len(Sequence.ACTIONS) - 1), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(BEGINS), st.booleans(), st.lists(STEP, min_size=5, max_size=60))
@example("03-20", True, [(0, 0, 0, 0), (0, 0, 0, 0), (23, 1, 44, 0), (3, 0, 0, 0), (0, 0, 0, 0)])
def test_whatever_comes_in_whatever_order_nothing_is_left_that_may_not_be(world, begins, late, steps):
    # The example: the BSP of a waiting switch is taken over, and then has the switch no more.
    sequence = Sequence(world, begins, late=late)
    for action, a, b, c in steps:
        Sequence.ACTIONS[action](sequence, a, b, c)
        sequence.look()


AROUND = tuple(
    Sequence.ACTIONS.index(each)
    for each in (
        *(Sequence.supply, Sequence.supply, Sequence.correct, Sequence.consent, Sequence.withdraw, Sequence.claim),
        *(Sequence.claim, Sequence.switch, Sequence.end, Sequence.no_more, Sequence.wait, Sequence.call_off),
    )
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(BEGINS),
    st.lists(
        st.tuples(st.sampled_from(AROUND), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)),
        min_size=5,
        max_size=40,
    ),
)
@example("06-01", [(3, 1, 0, 3), (3, 1, 1, 6), (27, 5, 0, 0), (7, 1, 2, 6), (27, 4, 0, 0)])
@example("06-01", [(3, 1, 0, 7), (3, 1, 1, 8), (27, 5, 0, 0), (7, 1, 2, 7), (27, 4, 0, 0)])
def test_nor_is_there_around_a_merger_of_a_bsp_that_has_consents_into_one_that_has_none(world, begins, steps):
    # The examples: the end user of B's consent moves out and in again before the midnight; after it C claims on it.
    sequence = Sequence(world, begins, merging=True)
    for action, a, b, c in steps:
        Sequence.ACTIONS[action](sequence, a, b, c)
        sequence.look()


@pytest.mark.parametrize("day", ["03-20", "10-19"])
def test_facts_in_another_order_lead_to_the_same_holders(world, day):
    """What the datahub and `registry` say of a month, told in every order, ends at one and the same timeline."""
    start = world.day(day)
    facts = [
        (end_user, calendar.add_local_days(start, days)) for end_user, days in ((701, 4), (700, 8), (701, 12), (700, 4))
    ]

    def after(order):
        sequence = Sequence(world, day)
        for end_user, at in order:
            fact = world.record_supply(end_user=world.uuid(end_user), valid_from=at)
            sequence.command(fact, sequence.points[0], "datahub")
            sequence.look()
        return sequence.held()

    # The last word on one moment counts, so those two keep their order.
    orders = [order for order in itertools.permutations(facts) if order.index(facts[0]) < order.index(facts[3])]
    assert len({tuple(sorted(after(order).items(), key=str)) for order in orders}) == 1


@pytest.mark.parametrize("day", ["03-20", "10-19"])
def test_an_announced_switch_stands_or_not_in_whatever_order_facts_are_told(world, day):
    """A point that is closed and opened, and where its end user comes and goes, back-dated and ahead of the switch."""
    tomorrow = calendar.next_midnight(world.day(day, 12))
    start = calendar.add_local_days(tomorrow, 15)

    def active(days, is_active):
        def tell(sequence):
            fact = world.registered(sequence.points[0]).model_copy(
                update={"valid_from": calendar.add_local_days(tomorrow, days), "active": is_active}
            )
            sequence.hear(fact)

        return tell

    def behind(days, end_user):
        def tell(sequence):
            fact = world.record_supply(
                end_user=world.uuid(end_user), valid_from=calendar.add_local_days(tomorrow, days)
            )
            sequence.command(fact, sequence.points[0], "datahub")

        return tell

    def after(order):
        sequence = Sequence(world, day)
        sequence.now += timedelta(days=1)
        sequence.look()
        wish = v1.RequestSwitch(metering_points=sequence.points[:1], start=start, mode="each")
        sequence.command(wish, sequence.new(), world.bsp_b)
        for tell in order:
            tell(sequence)
            sequence.look()
        moments = midnights(sequence.began, calendar.add_local_days(start, 20))
        standing = bool(sequence.plain.switches[world.uuid(sequence.number + 10_000)])
        return standing, *(sequence.plain.holder(sequence.points[0], at) for at in moments)

    for facts, stands in (
        ((active(4, False), active(8, True), active(17, False)), True),
        ((active(-3, False), active(1, True), active(3, False), active(9, True)), True),
        ((active(4, False), active(8, True), active(14, False), active(16, True)), False),
        ((active(0, False), active(8, True), active(-1, True)), True),
        ((active(4, False), active(8, True), behind(6, 700)), True),
        ((active(4, False), active(8, True), behind(10, 701), behind(19, 700)), False),
    ):
        found = {after(order) for order in itertools.permutations(facts)}
        assert len(found) == 1
        assert next(iter(found))[0] is stands


def test_a_switch_leaves_neither_gap_nor_overlap(world):
    claimed = evolve(None, world.claimed())
    announced = v1.SwitchAnnounced(
        switch_id=world.uuid(1),
        metering_point_id=world.point,
        outgoing=world.bsp_a,
        incoming=world.bsp_b,
        dso=world.dso,
        start=world.day("04-15"),
        consent_id=world.uuid(2),
        notice_days=14,
        notice_min_days=14,
    )

    outgoing, incoming = evolve(claimed, announced).holdings
    assert outgoing.valid_to == incoming.valid_from == world.day("04-15")
