"""No order of messages leaves what may never be: over a cap, past the queue, bid without a right to (D4 to D8, D11).

Messages of participants and facts of `registry` come in any order, twice, and over years; a plain model looks on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prequal_plain import Plain, Stay, told_once

from chassis.testing import Outcome
from chassis.work import DeadlinePending
from contracts import calendar
from contracts.prequal import v1
from contracts.registry import v1 as registry
from contracts.values import Role

pytestmark = pytest.mark.unit

POINTS = 12
GROUPS = 5
ZONES = ("NO3", "NO3", "NO3", "NO3", "NO1")
POWERS_W = (0, 700_000, 999_999, 1_200_000, 1_500_000, 2_500_000)
SHARES = (1, 1, 1, 2, 3)
CAPS_W = (0, 1_199_999, 2_000_000, 2_500_000, 3_999_999, 6_000_000)
DAYS = (0, 0, 1, 3, 20, 28, 40)
STEPS = (*(timedelta(hours=n) for n in (0, 1, 2, 7, 24)), timedelta(days=29), timedelta(days=95), timedelta(days=400))


class Sequence:
    """A register, a plain model, and a hand that throws messages at it."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.plain = Plain()
        self.now: datetime = world.oslo(1, 5, 9)
        world.scenario.given(world.area(world.AREA_2, world.DSO_2, parent=world.AREA_ABOVE))
        world.scenario.given(world.area(world.AREA_ABOVE, world.DSO_ABOVE))
        world.qualified(world.BSP_A)
        self.heard = 0
        self.number = 0
        self.applications: list[str] = []
        self.last: Callable[[], object] = lambda: None
        for n in range(GROUPS):
            world.group(self.group(n), zone=ZONES[n], bsp=self.bsp(n))
        for zone in set(ZONES):
            self.command(self._cap(3_000_000), zone, world.TSO, Role.TSO)

    def group(self, a: int) -> str:
        return self.world.id(100 + a % GROUPS)

    def bsp(self, a: int) -> str:
        return self.world.BSP_B if a % GROUPS == 1 else self.world.BSP_A

    # How messages arrive

    def hear(self, event: Any) -> None:
        outcome = self.world.scenario.when(event, at=self.now)
        assert told_once(outcome.beside)

    def command(self, command: Any, subject: str, sender: str, role: Role) -> None:
        def send() -> Outcome:
            return self.world.scenario.when(command, subject=subject, sender=sender, role=role, at=self.now)

        try:
            outcome = send()
        except DeadlinePending:
            # It waits for the passing of time, and is decided then.
            self.world.scenario.until(self.now)
            outcome = send()
        assert told_once(outcome.beside)
        self.last = lambda: self.command(command, subject, sender, role)

    def look(self) -> None:
        """What is due is decided, once; then all that was said is held against what must be."""
        for point, stay in self.plain.stays.items():
            if stay.until is not None and stay.until <= self.now and stay.group:
                self.hear(self._left(point, stay, stay.until))
                stay.group = ""
        self.world.scenario.until(self.now)
        for event in self.world.scenario.log[self.heard :]:
            self.plain.fold(event)
        self.heard = len(self.world.scenario.log)
        self.world.scenario.until(self.now).then()
        self.plain.check(self.now)

    # What may happen; a, b and c are anything

    def midnight(self, c: int) -> datetime:
        return calendar.add_local_days(calendar.next_midnight(self.now), DAYS[c % len(DAYS)])

    def join(self, a: int, b: int, c: int) -> None:
        n = a % POINTS
        point, group = self.world.point(n), self.group(b)
        stay = self.plain.stays.get(point)
        if stay is not None and stay.group:
            return
        up_w, down_w = POWERS_W[c % len(POWERS_W)], POWERS_W[c // 7 % len(POWERS_W)]
        since = self.now if c % 2 else self.midnight(c)
        place = {"area": self.world.AREA_2, "dso": self.world.DSO_2} if n % 3 == 0 else {}
        self.plain.stays[point] = Stay(group, (up_w, down_w), since, area=place.get("area", self.world.AREA_1))
        self.hear(
            self.world.joined(
                group, n, bsp=self.bsp(b), zone=ZONES[b % GROUPS], up_w=up_w, down_w=down_w, valid_from=since, **place
            )
        )

    def member(self, a: int) -> tuple[str, Stay] | None:
        members = [(point, stay) for point, stay in self.plain.stays.items() if stay.group and stay.until is None]
        return members[a % len(members)] if members else None

    def announce(self, a: int, _b: int, c: int) -> None:
        """A member is to leave at a midnight: by a switch, or because a border is moved (E8)."""
        if (found := self.member(a)) is not None:
            point, stay = found
            stay.until = max(self.midnight(c), calendar.next_midnight(stay.since))
            self.hear(
                registry.MembershipEndAnnounced(
                    group_id=stay.group, metering_point_id=point, bsp=self.world.BSP_A, dso=self.world.DSO_1,
                    valid_to=stay.until, because=("switch", "zone")[c % 2], declared_up_w=0, declared_down_w=0,
                )
            )  # fmt: skip

    def grow(self, a: int, b: int, _c: int) -> None:
        if (found := self.member(a)) is not None:
            point, stay = found
            stay.power = (POWERS_W[b % len(POWERS_W)], POWERS_W[b // 7 % len(POWERS_W)])
            self.hear(
                registry.MemberPowerChanged(
                    group_id=stay.group, metering_point_id=point, bsp=self.world.BSP_A, dso=self.world.DSO_1,
                    valid_from=self.now, up_w=stay.power[0], down_w=stay.power[1], declared_up_w=0, declared_down_w=0,
                    group_max_w=5_000_000, point_limit_w=1_000_000,
                )
            )  # fmt: skip

    def _left(self, point: str, stay: Stay, valid_to: datetime) -> registry.MembershipEnded:
        return registry.MembershipEnded(
            group_id=stay.group, metering_point_id=point, bsp=self.world.BSP_A, dso=self.world.DSO_1,
            valid_to=valid_to, because="switch", declared_up_w=0, declared_down_w=0,
        )  # fmt: skip

    def group_ends(self, a: int, _b: int, c: int) -> None:
        """A group without members ends; one takes its place under another name would be `registry`'s story."""
        group = self.group(a)
        if c % 8 == 0 and not any(stay.group == group for stay in self.plain.stays.values()):
            self.hear(
                registry.GroupEnded(
                    group_id=group, bsp=self.bsp(a), zone=ZONES[a % GROUPS], valid_to=self.now, because="left"
                )
            )

    def qualify(self, _a: int, _b: int, _c: int) -> None:
        self.world.qualified(self.world.BSP_A, self.world.BSP_B)

    def apply(self, a: int, b: int, c: int) -> None:
        self.number += 1
        application = self.world.id(1000 + self.number)
        members = [stay for stay in self.plain.stays.values() if stay.group == self.group(a)]
        up_w, down_w = (sum(stay.power[way] for stay in members) // SHARES[b % len(SHARES)] for way in (0, 1))
        wish = v1.ApplyForPrequalification(
            group_id=self.group(a), up_w=up_w, down_w=down_w if c % 2 else 0, ramp_w_per_minute=1
        )
        self.command(wish, application, self.bsp(a if c % 9 else a + 1), Role.BSP)
        self.applications.append(application)

    def assess(self, a: int, b: int, c: int) -> None:
        asked = [(key, points) for key, points in self.plain.asked.items() if points]
        more = [(key, {}) for key in self.plain.more]
        if not asked and not more:
            return
        (group, dso), points = (*asked, *more)[a % (len(asked) + len(more))]
        application = self.plain.under_way.get(group) or self.plain.approved.get(group, ("", ()))[0]
        if not points:
            decision = ("approved", "approved", "rejected")[b % 3]
            self.command(v1.AssessGrid(decision=decision, text="?", more_power=True), application, dso, Role.DSO)
            return
        named = tuple(points) if c % 3 else tuple(points)[:1]
        decision = ("approved", "approved", "approved", "limited", "rejected")[b % 5]
        limit = v1.GridLimit(metering_point_id=named[0], up_w=points[named[0]][0] // 2, down_w=0, reason_code="voltage")
        answer = v1.AssessGrid(
            decision=decision, points=named, limits=(limit,) if decision == "limited" else (), text="Looked at."
        )
        self.command(answer, application, dso, Role.DSO)

    def decide(self, a: int, b: int, c: int) -> None:
        open_ = [name for name, wish in self.plain.wishes.items() if wish.approved is None]
        if not open_:
            return
        application = open_[-1 - a % len(open_)]
        allowed = self.plain.allowed(self.plain.wishes[application].group, self.now).values()
        up_w, down_w = (sum(pair[way] for pair in allowed) for way in (0, 1))
        up_w = min(up_w, (up_w, 5_000_000, 2_000_000, 1_000_000)[b % 4])
        decision = "rejected" if c % 9 == 8 else "approved"
        wish = v1.DecidePrequalification(decision=decision, up_w=up_w, down_w=0 if c % 2 else down_w, reasons="So.")
        self.command(wish, application, self.world.TSO, Role.TSO)

    def story(self, a: int, b: int, c: int) -> None:
        """A group from its members to the TSO's approval without anything between: so queues become long."""
        group = self.group(a)
        for n in range(2):
            self.join(b + n, a, 2 * (c + n) + 1)
        self.look()
        self.apply(a, c, b | 1)
        self.look()
        for dso in (self.world.DSO_1, self.world.DSO_2, self.world.DSO_ABOVE):
            points, is_more = self.plain.asked.get((group, dso), {}), (group, dso) in self.plain.more
            if (points or is_more) and group in self.plain.under_way:
                answer = v1.AssessGrid(decision="approved", points=tuple(points), more_power=is_more)
                self.command(answer, self.plain.under_way[group], dso, Role.DSO)
                self.look()
        self.decide(0, b, 1)

    @staticmethod
    def _cap(cap_w: int, **dates: datetime | None) -> v1.SetZoneCap:
        return v1.SetZoneCap(cap_w=cap_w, reasons=("transfer-capacity",), assessment="What it takes.", **dates)

    def cap(self, a: int, b: int, c: int) -> None:
        begins = None if b % 3 else self.midnight(b)
        ends = calendar.add_local_days(begins or calendar.next_midnight(self.now), 1 + b % 30) if c % 4 == 0 else None
        wish = self._cap(CAPS_W[a % len(CAPS_W)], valid_from=begins, valid_to=ends)
        self.command(wish, ZONES[c % GROUPS], self.world.TSO, Role.TSO)

    def withdraw(self, a: int, _b: int, c: int) -> None:
        caps = [*self.plain.zones[ZONES[c % GROUPS]].caps]
        wish = v1.WithdrawZoneCap(valid_from=caps[a % len(caps)], reasons="Not so.")
        self.command(wish, ZONES[c % GROUPS], self.world.TSO, Role.TSO)

    def reduce(self, a: int, b: int, c: int) -> None:
        group = self.group(a)
        _, (up_w, down_w) = self.plain.approved.get(group, ("", (0, 0)))
        less_w = (0, 1, 500_000, 1_000_000)[b % 4]
        wish = v1.ReduceApproval(up_w=max(0, up_w - less_w), down_w=down_w * (c % 2), reasons="Less.")
        self.command(wish, group, *((self.world.TSO, Role.TSO) if c % 3 == 0 else (self.bsp(a), Role.BSP)))

    def end(self, a: int, _b: int, c: int) -> None:
        if c % 3 == 0:
            sender = (self.world.TSO, Role.TSO) if c % 2 else (self.bsp(a), Role.BSP)
            self.command(v1.EndApproval(reasons="No more."), self.group(a), *sender)

    def limit(self, a: int, b: int, c: int) -> None:
        """A DSO or the TSO limits for a time, now or later, what lies at a point, in a part, an area, or in a group."""
        scope, sender, role = (
            ("metering-point", self.world.DSO_1, Role.DSO),
            ("part", self.world.DSO_1, Role.DSO),
            ("group", self.world.TSO, Role.TSO),
            ("grid-area", self.world.DSO_1, Role.DSO),
        )[b % 4]
        on = {"group_id": self.group(a)}
        if b % 4 in {0, 3}:
            on = {"grid_area": self.world.AREA_1} if b % 4 else {"metering_point_id": self.world.point(a % POINTS)}
        begins = self.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + b % 30)
        wish = v1.SetTemporaryLimit(
            scope=scope, up_w=POWERS_W[c % len(POWERS_W)], valid_from=begins if c % 2 else None,
            valid_to=begins + timedelta(hours=1 + c), reason_code="line", **on,
        )  # fmt: skip
        self._restrict(wish, sender, role)

    def change(self, a: int, b: int, c: int) -> None:
        """Who set a limit allows more or less, or has it shared anew."""
        limits = [(id_, one) for id_, one in self.plain.standing.items() if isinstance(one, v1.TemporaryLimitSet)]
        if limits:
            id_, one = limits[a % len(limits)]
            up_w = None if c % 2 else POWERS_W[b % len(POWERS_W)]
            role = Role.TSO if one.by == self.world.TSO else Role.DSO
            self.command(v1.ChangeTemporaryLimit(up_w=up_w, share_anew=True), id_, one.by, role)

    def limit_area(self, a: int, b: int, c: int) -> None:
        """A DSO limits what may be delivered in its area, by all groups there together."""
        begins = self.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        wish = v1.SetTemporaryLimit(
            scope="grid-area", grid_area=self.world.AREA_1, up_w=1_000_000 * (1 + a % 6), reason_code="line",
            valid_from=begins if b % 2 else None, valid_to=begins + timedelta(days=1 + c % 20),
        )  # fmt: skip
        self._restrict(wish, self.world.DSO_1, Role.DSO)

    def suspend(self, a: int, b: int, c: int) -> None:
        """The TSO suspends a BSP or a group, a DSO its part of one; for a time, or until it is lifted."""
        ends = None if c % 2 else self.now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1 + c)
        target, sender, role, on = (
            ("bsp", self.world.TSO, Role.TSO, {"bsp": self.bsp(a)}),
            ("group-product", self.world.TSO, Role.TSO, {"group_id": self.group(a), "product": "mFRR"}),
            ("part", self.world.DSO_2, Role.DSO, {"group_id": self.group(a)}),
        )[b % 3]
        self._restrict(v1.SetSuspension(target=target, valid_to=ends, reason_code="system-issues", **on), sender, role)

    def _restrict(self, wish: Any, sender: str, role: Role) -> None:
        self.number += 1
        self.command(wish, self.world.id(5000 + self.number), sender, role)

    def lift(self, a: int, _b: int, _c: int) -> None:
        if self.plain.standing:
            id_, one = [*self.plain.standing.items()][a % len(self.plain.standing)]
            wish = v1.LiftTemporaryLimit() if isinstance(one, v1.TemporaryLimitSet) else v1.LiftSuspension()
            role = Role.TSO if one.by == self.world.TSO else Role.DSO
            self.command(wish, id_, one.by, role)

    def revoke(self, a: int, _b: int, c: int) -> None:
        if c % 4 == 0:
            wish = v1.RevokeQualification(reasons="No more.")
            self.command(wish, self.world.id(900 + a % 2), self.world.TSO, Role.TSO)

    def policy(self, _a: int, b: int, c: int) -> None:
        """Bids are in other steps, from now on or from a midnight."""
        since, step_kw = self.now if c % 2 else self.midnight(c), (1000, 500, 2000)[b % 3]
        self.plain.steps_w[since] = step_kw * 1000
        self.hear(
            registry.PolicySet(
                key="bid.step-kw", value=step_kw, unit="kW", valid_from=since, source="D3", reason="So.",
                owner="prequal", former=1000,
            )
        )  # fmt: skip

    def again(self, _a: int, _b: int, _c: int) -> None:
        self.last()

    def wait(self, a: int, _b: int, _c: int) -> None:
        self.now += STEPS[a % len(STEPS)]

    AROUND_A_PLACE = (
        *(story, story, story, limit_area, limit_area, change, change),
        *(join, grow, assess, announce, apply, decide, limit, suspend, lift, reduce, wait, wait),
    )
    """What changes who lies at a place and what may be bid there."""

    ACTIONS = (
        *(join, join, join, join, join, announce, grow, grow, group_ends, qualify),
        *(*(story,) * 6, apply, apply, *(assess,) * 4, *(decide,) * 4),
        *(limit, limit, limit, change, suspend, lift, lift, revoke, policy),
        *(cap, cap, cap, withdraw, *(reduce,) * 4, end, again, wait, wait),
    )


STEP = st.tuples(
    st.integers(0, len(Sequence.ACTIONS) - 1), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(STEP, min_size=10, max_size=120))
def test_whatever_comes_in_whatever_order_nothing_is_left_that_may_not_be(another_world: Any, steps: list[Any]) -> None:
    sequence = Sequence(another_world())
    sequence.look()
    for action, a, b, c in steps:
        Sequence.ACTIONS[action](sequence, a, b, c)
        sequence.look()


PLACED = st.tuples(
    st.integers(0, len(Sequence.AROUND_A_PLACE) - 1), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PLACED, min_size=10, max_size=60))
def test_all_groups_together_may_not_be_bid_more_than_a_limited_place_allows(
    another_world: Any, steps: list[Any]
) -> None:
    sequence = Sequence(another_world())
    for zone in set(ZONES):
        sequence.command(sequence._cap(50_000_000), zone, sequence.world.TSO, Role.TSO)
    for n in (0, 2, 3):
        # Two points each, in area 1, of 2.5 MW and 1.2 MW.
        sequence.story(n, 3 * n + 1, 5)
    sequence.look()
    for action, a, b, c in steps:
        Sequence.AROUND_A_PLACE[action](sequence, a, b, c)
        sequence.look()
