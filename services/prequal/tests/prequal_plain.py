"""A plain model of what `prequal` has said: only what its events say, added up the slow way, by no code of its own.

It is told beside that who is a member of which group when, which is `registry`'s. What must hold stands at the end;
`within` is where further limits on what may be bid come in.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.message import Event
from contracts.prequal import v1

MINIMUM_W = STEP_W = 1_000_000
Pair = tuple[int, int]
Figures = tuple[int, int, int]
"""What a group applies for: up, down, and how fast."""
Restriction = v1.TemporaryLimitSet | v1.SuspensionSet


@dataclass
class Stay:
    """A point's membership: `registry`'s word."""

    group: str
    power: Pair
    since: datetime
    until: datetime | None = None
    area: str = ""

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass
class Wish:
    """An application."""

    group: str
    bsp: str
    turn: tuple[datetime, int]
    zone: str
    approved: Pair | None = None
    waits_at: int | None = None
    requested_w: int = 0
    overdue: bool = False


@dataclass
class OfZone:
    """A zone."""

    caps: dict[datetime, v1.ZoneCapSet] = field(default_factory=dict)
    cap_w: int | None = None
    changed: list[datetime] = field(default_factory=list)
    told: v1.ZoneVolumeChanged | None = None
    reserved: dict[str, int] = field(default_factory=dict)

    @property
    def used_w(self) -> int:
        return sum(self.reserved.values())

    @property
    def free_w(self) -> int:
        return (self.cap_w or 0) - self.used_w

    def cap_at(self, at: datetime) -> int | None:
        """By the dates of what was set: of those that cover a moment the one that began last."""
        covering = [
            (begin, cap)
            for begin, cap in self.caps.items()
            if begin <= at and not (cap.valid_to and cap.valid_to <= at)
        ]
        return max(covering, key=lambda one: one[0])[1].cap_w if covering else None


@dataclass
class Plain:
    """What the events so far say."""

    stays: dict[str, Stay] = field(default_factory=dict)
    wishes: dict[str, Wish] = field(default_factory=dict)
    qualified: set[str] = field(default_factory=set)
    zones: dict[str, OfZone] = field(default_factory=lambda: defaultdict(OfZone))
    approved: dict[str, tuple[str, Pair]] = field(default_factory=dict)
    """By group: the application it is approved by, and how much."""
    under_way: dict[str, str] = field(default_factory=dict)
    asked: dict[tuple[str, str], dict[str, Pair]] = field(default_factory=lambda: defaultdict(dict))
    """By group and DSO: the points it has been asked about and has not answered."""
    answers: dict[tuple[str, str], dict[str, Pair]] = field(default_factory=lambda: defaultdict(dict))
    more: dict[tuple[str, str], Figures] = field(default_factory=dict)
    """By group and DSO: what it has been asked about beyond what it has answered on."""
    told: dict[tuple[str, str], dict[str, Figures]] = field(default_factory=lambda: defaultdict(dict))
    """What the group applied for when it was asked about each of the points it has not answered."""
    agreed: dict[tuple[str, str], Figures] = field(default_factory=dict)
    """What it has answered on and not rejected."""
    biddable: dict[str, dict[datetime, v1.BiddableChanged]] = field(default_factory=lambda: defaultdict(dict))
    late: set[tuple[str, str, datetime]] = field(default_factory=set)
    standing: dict[str, Restriction] = field(default_factory=dict)
    """The temporary limits and suspensions that are not over."""
    steps_w: dict[datetime, int] = field(default_factory=dict)
    """What is bid is a multiple of: by the moment that it was set for."""
    decided: list[tuple[str, Pair]] = field(default_factory=list)
    """What was approved since it was last looked at."""
    restricted: int = 0
    entered: int = 0
    waited: int = 0

    def fold(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an event, on purpose in one place
        """One more event."""
        match event:
            case v1.QualificationDecided():
                (self.qualified.add if event.decision == "qualified" else self.qualified.discard)(event.bsp)
            case v1.QualificationEnded():
                self.qualified.discard(event.bsp)
            case v1.TemporaryLimitSet() | v1.SuspensionSet():
                assert event.subject not in self.standing
                self.standing[event.subject] = event
                self.restricted += 1
            case v1.TemporaryLimitChanged():
                changed = {"up_w": event.up_w, "down_w": event.down_w, "valid_to": event.valid_to}
                self.standing[event.subject] = self.standing[event.subject].model_copy(update=changed)
            case v1.TemporaryLimitLifted() | v1.TemporaryLimitEnded() | v1.SuspensionLifted() | v1.SuspensionEnded():
                del self.standing[event.subject]
            case v1.ApplicationReceived():
                assert event.bsp in self.qualified, "a BSP applied that is not qualified"
                assert event.group_id not in self.under_way, "two applications of a group at once"
                if event.group_id not in self.approved:
                    for dso in [dso for group, dso in (*self.asked, *self.answers) if group == event.group_id]:
                        self.asked.pop((event.group_id, dso), None)
                        self.answers.pop((event.group_id, dso), None)
                        self._forget(event.group_id, dso)
                turn = (event.complete_at, event.position)
                self.wishes[event.application_id] = Wish(event.group_id, event.bsp, turn, event.zone)
                self.under_way[event.group_id] = event.application_id
            case v1.GridAssessmentRequested():
                key = event.group_id, event.dso
                points = {point.metering_point_id: (point.up_w, point.down_w) for point in event.points}
                self.asked[key].update(points)
                figures = (event.applied_up_w or 0, event.applied_down_w or 0, event.ramp_w_per_minute or 0)
                self.told[key].update(dict.fromkeys(points, figures))
                if event.more_power:
                    assert not points
                    self.more[key] = figures
            case v1.GridAssessed():
                self._answered(event)
            case v1.GridAssessmentReleased():
                key = event.group_id, event.dso
                for point in event.points if event.concerned else [*self.asked[key], *self.answers[key]]:
                    self.asked[key].pop(point, None)
                    self.answers[key].pop(point, None)
                if event.more_power:
                    del self.more[key]
                elif not event.concerned:
                    self._forget(*key)
            case v1.GridAssessmentOverdue():
                key = (event.group_id, event.dso, event.due_at)
                assert key not in self.late, f"{key} is late twice"
                self.late.add(key)
            case v1.PrequalificationDecided():
                wish = self.wishes[event.application_id]
                assert wish.approved is None, "decided twice"
                if event.decision == "approved":
                    wish.approved = (event.up_w, event.down_w)
                    self.decided.append((event.group_id, wish.approved))
                else:
                    del self.under_way[event.group_id]
            case v1.PrequalificationOverdue():
                assert not self.wishes[event.application_id].overdue, "told twice that it is overdue"
                self.wishes[event.application_id].overdue = True
            case v1.ApplicationQueued():
                wish = self.wishes[event.application_id]
                wish.waits_at, wish.requested_w = event.place, event.requested_w
                self.waited += 1
            case v1.ApplicationLapsed():
                assert self.wishes[event.application_id].waits_at is not None, "it lapsed and did not wait"
                self.wishes[event.application_id].waits_at = None
                del self.under_way[event.group_id]
            case v1.VolumeReserved():
                self._entered(event)
            case v1.ApprovalReduced():
                assert self.approved[event.group_id][0] == event.application_id
                pair = (event.approved_up_w, event.approved_down_w)
                assert all(now <= was for now, was in zip(pair, self.approved[event.group_id][1], strict=True))
                self.approved[event.group_id] = (event.application_id, pair)
                self.zones[event.zone].reserved[event.group_id] = max(pair)
            case v1.ApprovalEnded():
                application, pair = self.approved.pop(event.group_id)
                assert (application, max(pair)) == (event.application_id, event.released_w)
                del self.zones[event.zone].reserved[event.group_id]
            case v1.BiddableChanged():
                self.biddable[event.group_id][event.valid_from] = event
            case v1.ZoneCapSet():
                zone = self.zones[event.zone]
                assert event.valid_from is not None
                zone.caps[event.valid_from] = event
                if not event.coming:
                    zone.cap_w = event.cap_w
            case v1.ZoneCapWithdrawn():
                del self.zones[event.zone].caps[event.valid_from]
            case v1.ZoneCapTookEffect():
                zone = self.zones[event.zone]
                assert event.since not in zone.changed, "a cap took effect twice"
                zone.changed.append(event.since)
                zone.cap_w = event.cap_w
            case v1.ZoneVolumeChanged():
                assert event != self.zones[event.zone].told, "nothing new was told"
                self.zones[event.zone].told = event
            case _:
                pass

    def _answered(self, event: v1.GridAssessed) -> None:
        key = event.group_id, event.dso
        points = event.points or (() if event.more_power else tuple(self.asked[key]))
        answered = [self.told[key][point] for point in points]
        if event.decision == "rejected":
            if answered and key not in self.agreed:
                self.agreed[key] = _most(answered)
        else:
            more = [self.more[key]] if event.more_power else []
            self.agreed[key] = _most([*answered, *more, self.agreed.get(key, (0, 0, 0))])
        if event.more_power or (key in self.more and _most([self.more[key], self.agreed[key]]) == self.agreed[key]):
            self.more.pop(key, None)
        for point in points:
            up_w, down_w = self.asked[key].pop(point)
            if event.decision == "rejected":
                up_w = down_w = 0
            for limit in event.limits:
                if limit.metering_point_id == point and limit.scope == "metering-point":
                    up_w = min(up_w, up_w if limit.up_w is None else limit.up_w)
                    down_w = min(down_w, down_w if limit.down_w is None else limit.down_w)
            self.answers[key][point] = (up_w, down_w)

    def _forget(self, group: str, dso: str) -> None:
        for one in (self.more, self.told, self.agreed):
            one.pop((group, dso), None)

    def _answered_on(self, group: str, approved: Pair, now: datetime) -> None:
        """Nothing is approved that a DSO was never asked about, but what comes from other points than its own."""
        for key, agreed in self.agreed.items():
            if key[0] != group:
                continue
            own = {*self.asked[key], *self.answers[key]}
            for way in (0, 1):
                others = sum(power[way] for point, power in self.allowed(group, now).items() if point not in own)
                assert approved[way] <= max(agreed[way], others), f"{key[1]} has answered on {agreed} alone"

    def _entered(self, event: v1.VolumeReserved) -> None:
        wish, zone = self.wishes[event.application_id], self.zones[event.zone]
        assert wish.approved == (event.approved_up_w, event.approved_down_w), "more than the TSO approved"
        for other_id, other in self.wishes.items():
            if other_id != event.application_id and other.zone == wish.zone and other.waits_at is not None:
                assert wish.turn < other.turn, "the queue was overtaken"
        before = zone.used_w
        zone.reserved[event.group_id] = event.reserved_w
        assert event.reserved_w == max(wish.approved)
        assert (zone.cap_w, zone.used_w) == (event.cap_w, event.used_w)
        assert zone.used_w <= before or zone.used_w <= zone.cap_w, f"{zone.used_w} W under a cap of {zone.cap_w} W"
        wish.waits_at = None
        self.approved[event.group_id] = (event.application_id, wish.approved)
        del self.under_way[event.group_id]
        self.entered += 1

    # What must hold

    def check(self, now: datetime) -> None:
        """All that may never be otherwise, when everything due by `now` is decided."""
        for name, zone in self.zones.items():
            self._zone(name, zone, now)
        for group, approved in self.decided:
            self._answered_on(group, approved, now)
        self.decided.clear()
        for group, steps in self.biddable.items():
            begun = [moment for moment in steps if moment <= now]
            if begun:
                self._may_bid(group, steps[max(begun)], now)
        for one in self.standing.values():
            if isinstance(one, v1.TemporaryLimitSet) and one.valid_from <= now < one.valid_to:
                self._within_place(one, now)
        for group in self.approved:
            assert any(moment <= now for moment in self.biddable[group]), "nobody was told what may be bid"

    def _zone(self, name: str, zone: OfZone, now: datetime) -> None:
        assert zone.cap_w == zone.cap_at(now), f"{name}: {zone.cap_w} W holds, {zone.cap_at(now)} W should"
        waiting = sorted(
            (wish for wish in self.wishes.values() if wish.zone == name and wish.waits_at is not None),
            key=lambda wish: wish.turn,
        )
        needs = [max(wish.approved or (0,)) - zone.reserved.get(wish.group, 0) for wish in waiting]
        assert [wish.waits_at for wish in waiting] == list(range(1, len(waiting) + 1)), f"{name}: places as told"
        assert [wish.requested_w for wish in waiting] == [max(0, need) for need in needs], f"{name}: needs as told"
        assert not needs or needs[0] > max(0, zone.free_w), f"{name}: the first waits although there is room"
        told = zone.told
        assert told is not None
        figures = (zone.cap_w or 0, zone.used_w, max(0, zone.free_w), max(0, -zone.free_w))
        assert (told.cap_w, told.used_w, told.free_w, told.deficit_w) == figures, f"{name}: as published"
        assert (told.waiting, told.waiting_w) == (len(waiting), sum(max(0, need) for need in needs))

    def _may_bid(self, group: str, step: v1.BiddableChanged, now: datetime) -> None:
        bid = (step.up_w, step.down_w)
        if bid == (0, 0):
            return
        assert group in self.approved, f"{group} may bid {bid} and is not approved"
        application, approved = self.approved[group]
        assert max(bid) >= MINIMUM_W, f"{group} may bid {bid}"
        begun = [moment for moment in self.steps_w if moment <= now]
        step_w = self.steps_w[max(begun)] if begun else STEP_W
        assert all(way % step_w == 0 for way in bid), f"{group} may bid {bid}, not in steps of {step_w}"
        assert self.wishes[application].bsp in self.qualified, f"the BSP of {group} is not qualified"
        most = self.within(group, now)
        for way in (0, 1):
            assert bid[way] <= min(approved[way], most[way]), (
                f"{group} may bid {bid}: {approved} approved, {most} there"
            )

    def _within_place(self, one: v1.TemporaryLimitSet, now: datetime) -> None:
        """All groups together need no more of a limited place than it allows, if elsewhere each delivers all it may."""
        for way, cap in enumerate((one.up_w, one.down_w)):
            needed = 0
            for group, steps in self.biddable.items():
                begun = [moment for moment in steps if moment <= now]
                bid = (steps[max(begun)].up_w, steps[max(begun)].down_w)[way] if begun else 0
                allowed = self.allowed(group, now).items()
                needed += max(
                    0, bid - sum(pair[way] for point, pair in allowed if not self._is_under(one, group, point))
                )
            assert cap is None or one.scope != "grid-area" or needed <= cap, f"{needed} W where {cap} W are allowed"

    def within(self, group: str, now: datetime) -> Pair:
        """No more than what is allowed the members together, and of those under a restriction no more than that."""
        allowed = self.allowed(group, now)
        most = [sum(pair[way] for pair in allowed.values()) for way in (0, 1)]
        for one in self.standing.values():
            if one.valid_from > now or (one.valid_to is not None and one.valid_to <= now):
                continue
            caps = (one.up_w, one.down_w) if isinstance(one, v1.TemporaryLimitSet) else (0, 0)
            under = [pair for point, pair in allowed.items() if self._is_under(one, group, point)]
            for way, cap in enumerate(caps):
                of_these = sum(pair[way] for pair in under)
                if cap is not None and of_these > cap:
                    most[way] = min(most[way], sum(pair[way] for pair in allowed.values()) - of_these + cap)
        return most[0], most[1]

    def _is_under(self, one: Restriction, group: str, point: str) -> bool:
        what = one.scope if isinstance(one, v1.TemporaryLimitSet) else one.target
        match what:
            case "metering-point":
                return one.key == point
            case "grid-area":
                return self.stays[point].area == one.key
            case "part":
                asked = point in self.asked[group, one.by] or point in self.answers[group, one.by]
                return one.key == group and asked
            case "group" | "group-product":
                return one.key == group
            case _:
                return group in self.approved and self.wishes[self.approved[group][0]].bsp == one.key

    def allowed(self, group: str, now: datetime) -> dict[str, Pair]:
        """By member: what all the DSOs that were asked have answered that it may deliver."""
        found: dict[str, Pair] = {}
        dsos = {dso for of, dso in (*self.asked, *self.answers) if of == group}
        for point, stay in self.stays.items():
            if stay.group != group or not stay.holds(now):
                continue
            said = [
                self.answers[group, dso].get(point, (0, 0))
                for dso in dsos
                if point in self.answers[group, dso] or point in self.asked[group, dso]
            ]
            if said:
                up_w, down_w = (min(stay.power[way], *(pair[way] for pair in said)) for way in (0, 1))
                found[point] = (up_w, down_w)
        return found


def _most(figures: list[Figures]) -> Figures:
    return max(one[0] for one in figures), max(one[1] for one in figures), max(one[2] for one in figures)


def told_once(events: list[Any]) -> bool:
    """Whether one decision said no more than once what a zone is like."""
    zones = [event.zone for event in events if isinstance(event, v1.ZoneVolumeChanged)]
    return len(zones) == len(set(zones))
