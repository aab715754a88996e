"""No order of messages, no race and no correction leaves what may never be: a plain model looks on (D1, D10, R10, R11).

Messages of participants, of the datahub and of `bsp-switch` come in any order, late, twice, and about the past.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registry_plain import Plain

from chassis.testing import Outcome, Scenario
from chassis.work import DeadlinePending
from contracts import calendar
from contracts.bsp_switch import v1 as bsp_switch
from contracts.registry import v1

pytestmark = pytest.mark.unit

POINTS = 7
GROUPS = 8
POWERS_W = (0, 100_000, 300_000, 499_999, 700_000, 999_999, 1_000_000)
TECHNOLOGIES = ("battery", "battery", "other", "solar", "solar-with-battery")
CATEGORIES = (None, "energy-storage", "mixed")
DAYS = (-40, -2, -1, 0, 1, 14, 27, 28, 60)
STEPS = (timedelta(), timedelta(hours=1), timedelta(days=1), timedelta(days=14), timedelta(days=29))


CAUSES = ("own", "consent", "move-out", "point-closed", "operator")
_BEGINS = (bsp_switch.ControlClaimed, bsp_switch.SwitchAnnounced)
_TAKEN_BACK = (bsp_switch.SwitchAnnounced, bsp_switch.ControlEndAnnounced)


def _begins(event: Any) -> tuple[str, datetime]:
    """Who is to hold a point, and since when."""
    if isinstance(event, bsp_switch.SwitchAnnounced):
        return event.incoming, event.start
    return event.bsp, event.valid_from


class Sequence:
    """A register, a plain model, and a hand that throws messages at it."""

    def __init__(self, world: ModuleType) -> None:
        self.world = world
        self.plain = Plain()
        self.now: datetime = world.noon(1, 10)
        self.scenario: Scenario = Scenario(world.SERVICE).given(
            world.opened(),
            world.onboarded(world.DSO, world.Role.DSO),
            world.area(),
            world.area(world.AREA_ELSEWHERE, "NO1"),
        )
        self.heard = len(self.scenario.log)
        self.held_back: list[Any] = []
        self.sent: dict[str, list[Any]] = {}
        """What `bsp-switch` has said of each point, whether or not it has arrived."""
        self.number = 0
        self.last: Callable[[], object] = lambda: None
        self.accepted = 0
        for number in range(POINTS):
            self.hear(world.recorded(world.point(number)))
            self.hear(world.claimed(world.point(number), at=world.midnight(1, 1)))
            self.hear(world.supplied(world.point(number)))
            self.sent[world.point(number)] = [world.claimed(world.point(number), at=world.midnight(1, 1))]
        for number in range(POINTS - 1):
            self.register(number, 4, 2)
        self.look()

    # How messages arrive

    def hear(self, event: Any) -> None:
        if type(event) in self.scenario.service.own_folds:
            self.scenario.given(event)
        else:
            if not isinstance(event, bsp_switch.SupplyRecorded):
                self.plain.holders[event.metering_point_id].hear(event)
            self.scenario.when(event, at=self.now)

    def command(self, command: Any, subject: str, sender: str) -> None:
        def send() -> Outcome:
            role = "operator" if sender == self.world.OPERATOR else ""
            return self.scenario.when(command, subject=subject, sender=sender, role=role, at=self.now)

        try:
            outcome = send()
        except DeadlinePending:
            # It waits for the passing of time, and is decided then.
            self.scenario.until(self.now)
            outcome = send()
        self.accepted += not outcome.rejected
        self.last = lambda: self.command(command, subject, sender)

    def look(self) -> None:
        """Fold what was said since, let time pass to now, and hold it against what must be."""
        self.scenario.until(self.now)
        for event in self.scenario.log[self.heard :]:
            self.plain.fold(event)
            assert getattr(event, "held_from", None) is None or event.held_from <= self.now, f"{event} came too early"
        self.heard = len(self.scenario.log)
        self.plain.check(self.now)

    # What may happen; a, b and c are anything

    def point(self, a: int) -> str:
        return self.world.point(a % POINTS)

    def group(self, a: int) -> str:
        return self.world.uuid(100 + a % GROUPS)

    def some_points(self, a: int) -> tuple[str, ...]:
        return tuple(self.world.point(n) for n in range(POINTS) if a >> n & 1) or (self.point(a),)

    def midnight(self, c: int) -> datetime:
        return calendar.add_local_days(calendar.next_midnight(self.now), DAYS[c % len(DAYS)])

    def record(self, a: int, b: int, c: int) -> None:
        """A fact, perhaps about the past: another zone, or the same."""
        area = self.world.NO_AREA if b % 7 == 0 else self.world.AREA_ELSEWHERE if b % 3 == 0 else self.world.AREA
        fact = v1.RecordMeteringPoint(
            grid_area=area, substation="Moholt", resolution="PT15M", agreed_power_w=1, valid_from=self.midnight(c)
        )
        self.command(fact, self.point(a), self.world.DATAHUB)

    def supply(self, a: int, b: int, c: int) -> None:
        brp = (self.world.BRP, self.world.OTHER_BRP)[b % 2]
        self.event(self.world.supplied(self.point(a), brp, self.midnight(c)), hold_back=c % 3 == 0)

    def switch(self, a: int, b: int, c: int) -> None:
        """Whoever holds a point hands it over at a midnight to come."""
        point = self.point(a)
        start = calendar.add_local_days(calendar.next_midnight(self.now), (0, 14, 15, 27)[b % 4])
        outgoing = self.plain.holders[point].at(start)
        if outgoing is not None:
            incoming = self.world.OTHER_BSP if outgoing == self.world.BSP else self.world.BSP
            parties = {"outgoing": outgoing, "incoming": incoming}
            self.control(self.world.switched(point, start).model_copy(update=parties), hold_back=c % 4 == 0)

    def claim(self, a: int, b: int, c: int) -> None:
        """Somebody claims a point: mostly one that nobody holds."""
        point, start = self.point(a), self.midnight(c)
        if self.plain.holders[point].at(start) is None or b % 16 == 0:
            bsp = (self.world.BSP, self.world.OTHER_BSP)[b % 3 == 0]
            self.control(self.world.claimed(point, bsp, start), hold_back=c % 5 == 0)

    def control_end(self, a: int, b: int, c: int) -> None:
        """Control that was said to be is to end, or was over long ago, or never begins."""
        point = self.point(a)
        begun = [each for each in self.sent[point] if isinstance(each, _BEGINS)]
        bsp, since = _begins(begun[b % len(begun)])
        valid_to = since if c % 7 == 0 else self.midnight(c)
        because = CAUSES[b % len(CAUSES)]
        end = self.world.control_ends(point, valid_to, bsp=bsp, since=since, because=because)
        self.control(end, hold_back=c % 4 == 0)

    def cancel(self, a: int, b: int, c: int) -> None:
        """An end, or a switch, is taken back: perhaps one that has not arrived, or was over long ago."""
        point = self.point(a)
        said = [each for each in self.sent[point] if isinstance(each, _TAKEN_BACK)]
        if not said:
            return
        one = said[b % len(said)]
        if isinstance(one, bsp_switch.SwitchAnnounced):
            parties = {"outgoing": one.outgoing, "incoming": one.incoming}
            self.control(self.world.unswitched(point, one.start).model_copy(update=parties), hold_back=c % 4 == 0)
        else:
            back = self.world.control_goes_on(point, bsp=one.bsp, since=one.valid_from, because=one.because)
            self.control(back, hold_back=c % 4 == 0)

    def control(self, event: Any, *, hold_back: bool) -> None:
        self.sent[event.metering_point_id].append(event)
        self.event(event, hold_back=hold_back)

    def event(self, event: Any, *, hold_back: bool) -> None:
        """A foreign event arrives now, or later than others that were sent after it."""
        if hold_back:
            self.held_back.append(event)
        else:
            self.hear(event)
            self.last = lambda: self.hear(event)

    def late(self, a: int, _b: int, _c: int) -> None:
        if self.held_back:
            self.hear(self.held_back.pop(a % len(self.held_back)))

    def register(self, a: int, b: int, c: int) -> None:
        self.number += 1
        up_w, down_w = POWERS_W[b % len(POWERS_W)], POWERS_W[c % len(POWERS_W)]
        # Some devices have been registered before.
        serial = f"S{self.number - (c % 7 == 0)}"
        wish = v1.RegisterResource(
            metering_point_id=self.point(a),
            technology=TECHNOLOGIES[b % len(TECHNOLOGIES)],
            up_w=up_w,
            down_w=down_w,
            devices=(v1.Device(make="Acme", model="X", serial=serial),),
        )
        self.command(wish, self.world.uuid(10_000 + self.number), (self.world.BSP, self.world.OTHER_BSP)[b % 5 == 0])

    def form(self, a: int, b: int, c: int) -> None:
        zone = ("NO3", "NO1")[b % 8 == 0]
        mode = ("each", "all")[c % 4 == 0]
        category = CATEGORIES[a % len(CATEGORIES)]
        wish = v1.FormGroup(zone=zone, metering_points=self.some_points(a), mode=mode, category=category)
        self.command(wish, self.group(b), (self.world.BSP, self.world.OTHER_BSP)[c % 3 == 0])

    def add(self, a: int, b: int, c: int) -> None:
        wish = v1.AddMembers(metering_points=self.some_points(a), mode=("each", "all")[c % 4 == 0])
        self.command(wish, self.group(b), (self.world.BSP, self.world.OTHER_BSP)[c % 3 == 0])

    def ahead(self, a: int, b: int, c: int) -> None:
        """Who gets points at a midnight to come lets them join a group of its own, perhaps one that is new."""
        bsp = (self.world.BSP, self.world.OTHER_BSP)[c % 3 > 0]
        coming = [
            point
            for point, holders in self.plain.holders.items()
            if holders.at(self.now) != bsp and any(holders.at(each) == bsp for each in holders.moments())
        ]
        group = self.group(b)
        points = tuple(coming[a % len(coming) :][: 1 + b % 3]) if coming else self.some_points(a)
        if group in self.plain.zones:
            own = [each for each, owner in self.plain.bsps.items() if owner == bsp] or [group]
            self.command(v1.AddMembers(metering_points=points, mode="each"), own[b % len(own)], bsp)
        else:
            self.command(v1.FormGroup(zone="NO3", metering_points=points, mode="each", activate=False), group, bsp)

    def remove(self, a: int, b: int, c: int) -> None:
        wish = v1.RemoveMembers(metering_points=self.some_points(a), mode=("each", "all")[c % 4 == 0])
        self.command(wish, self.group(b), self.world.BSP)

    def keep(self, a: int, b: int, _c: int) -> None:
        self.command(v1.KeepMembers(metering_points=self.some_points(a), mode="each"), self.group(b), self.world.BSP)

    def move(self, a: int, b: int, c: int) -> None:
        wish = v1.MoveMembers(
            from_group=self.group(b), metering_points=self.some_points(a), mode=("each", "all")[c % 4 == 0]
        )
        self.command(wish, self.group(b + 1 + c % 2), self.world.BSP)

    def split(self, a: int, b: int, _c: int) -> None:
        self.number += 1
        part = v1.NewGroup(group_id=self.group(b + 1), metering_points=self.some_points(a))
        self.command(v1.SplitGroup(into=(part,)), self.group(b), self.world.BSP)

    def merge(self, a: int, b: int, _c: int) -> None:
        self.command(v1.MergeGroups(groups=(self.group(a),)), self.group(b), self.world.BSP)

    def end(self, _a: int, b: int, _c: int) -> None:
        self.command(v1.EndGroup(), self.group(b), self.world.BSP)

    def alone(self, a: int, _b: int, c: int) -> None:
        self.number += 1
        wish = v1.FormRegulationObject(metering_point_id=self.point(a))
        bsp = (self.world.BSP, self.world.OTHER_BSP)[c % 3 == 0]
        self.command(wish, self.world.uuid(50_000 + self.number), bsp)

    def resource(self, a: int, b: int, c: int) -> None:
        """One that was registered changes."""
        wishes = (
            v1.UpdateResource(up_w=POWERS_W[c % len(POWERS_W)]),
            v1.UpdateResource(technology=TECHNOLOGIES[c % len(TECHNOLOGIES)]),
            v1.PauseResource(reason="A test"),
            v1.ActivateResource(),
            v1.TerminateResource(reason="A test"),
            v1.ChangeDevices(remove=(v1.Nameplate(make="Acme", model="X", serial=f"S{a % (self.number + 1)}"),)),
        )
        subject = self.world.uuid(10_000 + a % (self.number + 1))
        self.command(wishes[b % len(wishes)], subject, (self.world.BSP, self.world.OTHER_BSP)[c % 5 == 0])

    def resource_ahead(self, a: int, b: int, c: int) -> None:
        """Who gets a point at a midnight to come says something of what is behind it, or is to be."""
        coming = [
            (point, bsp)
            for point, holders in self.plain.holders.items()
            for bsp in (self.world.BSP, self.world.OTHER_BSP)
            if holders.at(self.now) != bsp
            and any(moment > self.now and holders.at(moment) == bsp for moment in holders.moments())
        ]
        if not coming:
            return
        point, bsp = coming[a % len(coming)]
        behind = [name for name, one in self.plain.resources.items() if one["point"] == point]
        waiting = [resource for there, resource, _, _ in self.plain.coming if there == point]
        subjects = sorted({*behind, *waiting})
        if b % 3 == 0 or not subjects:
            self.number += 1
            wish: Any = v1.RegisterResource(
                metering_point_id=point,
                technology=TECHNOLOGIES[c % len(TECHNOLOGIES)],
                up_w=POWERS_W[c % len(POWERS_W)],
                down_w=0,
                devices=(v1.Device(make="Acme", model="X", serial=f"S{self.number - (c % 5 == 0)}"),),
            )
            self.command(wish, self.world.uuid(10_000 + self.number), bsp)
            return
        wishes = (
            v1.UpdateResource(up_w=POWERS_W[c % len(POWERS_W)]),
            v1.PauseResource(reason="A test"),
            v1.ActivateResource(),
            v1.TerminateResource(reason="A test"),
            v1.ChangeDevices(add=(v1.Device(make="Acme", model="X", serial=f"S{c}"),)),
        )
        self.command(wishes[c % len(wishes)], subjects[b % len(subjects)], bsp)

    def area(self, a: int, b: int, c: int) -> None:
        """A grid area comes to lie in another zone, or back."""
        wish = v1.ChangeGridArea(zone=("NO3", "NO1")[b % 2], valid_from=self.midnight(c), reason="A border")
        self.command(wish, (self.world.AREA, self.world.AREA_ELSEWHERE)[a % 4 == 0], self.world.OPERATOR)

    def close(self, a: int, b: int, c: int) -> None:
        """A point is closed, or in operation again."""
        fact = v1.RecordMeteringPoint(
            grid_area=self.world.AREA,
            resolution="PT15M",
            agreed_power_w=1,
            active=b % 2 == 0,
            valid_from=self.midnight(c),
        )
        self.command(fact, self.point(a), self.world.DATAHUB)

    def again(self, _a: int, _b: int, _c: int) -> None:
        self.last()

    def wait(self, a: int, _b: int, _c: int) -> None:
        self.now += STEPS[a % len(STEPS)]

    ACTIONS = (
        *(register, register, resource, resource, resource, resource_ahead, resource_ahead, resource_ahead),
        *(ahead, ahead, ahead, form, form, add, add, remove, keep, move, move, split, merge, end, alone),
        *(record, close, close, area, supply, late, again, wait, wait, wait),
        *(switch, switch, claim, claim, control_end, control_end, cancel, cancel),
    )


STEP = st.tuples(
    st.integers(0, len(Sequence.ACTIONS) - 1), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=5, max_size=80))
def test_whatever_comes_in_whatever_order_nothing_is_left_that_may_not_be(world: ModuleType, steps: list[Any]) -> None:
    sequence = Sequence(world)
    for action, a, b, c in steps:
        Sequence.ACTIONS[action](sequence, a, b, c)
        sequence.look()
