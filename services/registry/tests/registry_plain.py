"""A plain model of what `registry` has said: only what its events say, added up the slow way, by no code of its own.

It is what a stranger would make of the log: who is in which group when, what each counts, what each point is. Beside it
stands what `bsp-switch` has said of who holds which point, asked moment by moment.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts import technologies
from contracts.bsp_switch import v1 as bsp_switch
from contracts.message import Event
from contracts.registry import v1

GROUP_MAX_W = 5_000_000
POINT_LIMIT_W = 1_000_000


@dataclass
class Stay:
    """One membership, as it was said."""

    group: str
    valid_from: datetime
    power: tuple[int, int]
    until: datetime | None = None
    """Since when it is over."""
    ends: dict[str, datetime] = field(default_factory=dict)
    marks: dict[str, datetime] = field(default_factory=dict)
    """By when it must leave, and why."""


@dataclass
class Alone:
    """A regulation object, as it was said."""

    bsp: str
    valid_from: datetime
    ends: dict[str, datetime] = field(default_factory=dict)


CONTROL = ("switch", "control-ended")


@dataclass
class Holders:
    """What was said of who holds one point: by BSP and midnight, in the order in which it was said."""

    starts: dict[tuple[str, datetime], bool] = field(default_factory=dict)
    """And whether a switch brings it."""
    ends: dict[tuple[str, datetime], dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))

    def hear(self, event: Any) -> None:
        """One more word."""
        match event:
            case bsp_switch.ControlClaimed():
                self._start((event.bsp, event.valid_from), switch=False)
            case bsp_switch.SwitchAnnounced():
                self._start((event.incoming, event.start), switch=True)
            case bsp_switch.SwitchCancelled():
                key = (event.incoming, event.start)
                self.starts = {each: switch for each, switch in self.starts.items() if each != key or not switch}
                self.ends.pop(key, None)
            case bsp_switch.ControlEndAnnounced():
                self.ends[event.bsp, event.valid_from][event.because] = event.valid_to
            case bsp_switch.ControlEndCancelled():
                self.ends[event.bsp, event.valid_from].pop(event.because, None)
            case _:
                raise AssertionError(event)

    def _start(self, key: tuple[str, datetime], *, switch: bool) -> None:
        if key in self.starts and self._never(key):
            # It never began, and is said again: another control.
            del self.starts[key]
            self.ends.pop(key, None)
        if self.starts.get(key) is not switch:
            self.starts.pop(key, None)
            self.starts[key] = switch

    def _never(self, key: tuple[str, datetime]) -> bool:
        return any(end <= key[1] for end in self.ends[key].values())

    def at(self, moment: datetime) -> str | None:
        """Who holds the point at a moment."""
        begun = [key for key in list(self.starts) if key[1] <= moment and not self._never(key)]
        if not begun:
            return None
        last = max(start for _, start in begun)
        holds = [key for key in begun if key[1] == last][-1]
        return None if any(end <= moment for end in self.ends[holds].values()) else holds[0]

    def moments(self) -> list[datetime]:
        """Every moment at which anything may change."""
        ends = (end for some in self.ends.values() for end in some.values())
        return sorted({*(start for _, start in self.starts), *ends})

    def lost(self, bsp: str, since: datetime) -> datetime | None:
        """The first moment from one on at which another holds the point, or nobody."""
        moments = (since, *(each for each in self.moments() if each > since))
        return next((each for each in moments if self.at(each) != bsp), None)


@dataclass
class Plain:
    """What the events so far say."""

    stays: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[str, dict[datetime, Any]] = field(default_factory=lambda: defaultdict(dict))
    zones: dict[str, str] = field(default_factory=dict)
    declared: dict[str, tuple[int, int]] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    alone: dict[str, Alone] = field(default_factory=dict)
    """By metering point: the regulation object that it is by itself."""
    holders: dict[str, Holders] = field(default_factory=lambda: defaultdict(Holders))
    bsps: dict[str, str] = field(default_factory=dict)
    """By group."""
    joining: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """By metering point: the group it is to join, and when."""
    ended: set[str] = field(default_factory=set)
    categories: dict[str, str | None] = field(default_factory=dict)
    """By group: what it is said to be made of."""
    coming: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    """What waits for a midnight: point, resource, BSP, and when."""

    def fold(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an event, on purpose in one place
        """One more event."""
        match event:
            case v1.MeteringPointRecorded():
                self.facts[event.metering_point_id][event.valid_from] = event
            case v1.GroupFormed():
                self.zones[event.group_id] = event.zone
                self.declared[event.group_id] = (0, 0)
                self.bsps[event.group_id] = event.bsp
                self.categories[event.group_id] = event.category
            case v1.MemberJoined():
                stay = Stay(event.group_id, event.valid_from, (event.up_w, event.down_w))
                if event.valid_to is not None:
                    stay.ends["switch"] = event.valid_to
                assert event.group_id not in self.ended, f"{event.group_id} has ended, and somebody joins"
                self._of_category(event)
                self.stays[event.metering_point_id].append(stay)
                self._sums(event)
                if self.joining.get(event.metering_point_id) == (event.group_id, event.valid_from):
                    del self.joining[event.metering_point_id]
            case v1.JoinAnnounced():
                assert event.metering_point_id not in self.joining, f"{event.metering_point_id} is to join twice"
                self.joining[event.metering_point_id] = (event.group_id, event.valid_from)
            case v1.JoinLapsed():
                assert self.joining.pop(event.metering_point_id) == (event.group_id, event.valid_from)
            case v1.MemberPowerChanged():
                self._open(event).power = (event.up_w, event.down_w)
                self._sums(event)
            case v1.MembershipEndAnnounced():
                self._open(event).ends[event.because] = event.valid_to
            case v1.MembershipEndCancelled():
                del self._open(event).ends[event.because]
            case v1.MemberMustLeave():
                self._open(event).marks[event.because] = event.leave_by
            case v1.MemberMayStay():
                del self._open(event).marks[event.because]
            case v1.MembershipEnded():
                self._open(event).until = event.valid_to
                self._sums(event)
            case v1.ResourceRegistered():
                self.resources[event.resource_id] = {
                    "point": event.metering_point_id,
                    "power": (event.up_w, event.down_w),
                    "devices": event.devices,
                    "active": event.status == "active",
                    "asleep": (),
                    "technology": event.technology,
                }
                self._commanded(event)
            case v1.ResourceCommandAnnounced():
                self.coming.append(self._said(event))
            case v1.ResourceCommandTookEffect() | v1.ResourceCommandLapsed():
                self.coming.remove(self._said(event))
            case v1.ResourceSleepChanged():
                self.resources[event.resource_id]["asleep"] = event.periods
            case v1.ResourceUpdated():
                self.resources[event.resource_id]["power"] = (event.after.up_w, event.after.down_w)
                self.resources[event.resource_id]["technology"] = event.after.technology
                self._commanded(event)
            case v1.DevicesChanged():
                self.resources[event.resource_id]["devices"] = event.devices
                self._commanded(event)
            case v1.ResourceActivated():
                self.resources[event.resource_id]["active"] = True
                self._commanded(event)
            case v1.ResourcePaused():
                self.resources[event.resource_id] |= {"active": False, "asleep": ()}
                self._commanded(event)
            case v1.ResourceTerminated():
                self._commanded(event)
                self.resources[event.resource_id] |= {"active": False, "devices": (), "asleep": ()}
            case v1.RegulationObjectFormed():
                self.alone[event.metering_point_id] = Alone(event.bsp, event.valid_from)
                if event.valid_to is not None:
                    self.alone[event.metering_point_id].ends["switch"] = event.valid_to
            case v1.RegulationObjectEndAnnounced():
                self.alone[event.metering_point_id].ends[event.because] = event.valid_to
            case v1.RegulationObjectEndCancelled():
                del self.alone[event.metering_point_id].ends[event.because]
            case v1.RegulationObjectEnded():
                del self.alone[event.metering_point_id]
            case v1.GroupEnded():
                assert not self.members(event.group_id), f"{event.group_id} has ended with members"
                self.ended.add(event.group_id)
            case _:
                pass

    def _open(self, event: Any) -> Stay:
        stay = self.stays[event.metering_point_id][-1]
        assert stay.group == event.group_id, f"{event.type} of a point that is in another group"
        assert stay.until is None, f"{event.type} of a membership that is over"
        return stay

    def _sums(self, event: Any) -> None:
        self.declared[event.group_id] = (event.declared_up_w, event.declared_down_w)

    @staticmethod
    def _said(event: Any) -> tuple[str, str, str, datetime]:
        return event.metering_point_id, event.resource_id, event.bsp, event.valid_from

    def _commanded(self, event: Any) -> None:
        """Nobody commands a resource but who holds its point since a moment that is said."""
        holds = self.holders[event.metering_point_id].at(event.held_from)
        assert holds == event.bsp, f"{event.type}: by {event.bsp}, since {event.held_from} it is held by {holds}"

    def _of_category(self, event: Any) -> None:
        declared = self.categories[event.group_id]
        if declared in {None, "mixed"} or (event.from_group and self.categories[event.from_group] == declared):
            return
        active = [one for one in self.resources.values() if one["active"] and one["point"] == event.metering_point_id]
        found = {each for one in active for each in technologies.categories(one["technology"])}
        assert found <= {declared}, f"{event.metering_point_id} is {found}, and joins a group of {declared}"

    # What must hold

    def members(self, group: str) -> dict[str, Stay]:
        """Who is in it and has not been said to be out."""
        return {
            point: stays[-1]
            for point, stays in self.stays.items()
            if stays and stays[-1].group == group and stays[-1].until is None
        }

    def zone(self, point: str, at: datetime) -> str | None:
        """Where a point lies at a moment, on the facts said so far."""
        known = [moment for moment in self.facts[point] if moment <= at]
        return self.facts[point][max(known)].zone if known else None

    def active(self, point: str, at: datetime) -> bool:
        """Whether it is in operation at a moment, on the facts said so far."""
        known = [moment for moment in self.facts[point] if moment <= at]
        return not known or self.facts[point][max(known)].active

    def behind(self, point: str) -> tuple[int, int]:
        """What is active behind a point."""
        powers = [one["power"] for one in self.resources.values() if one["point"] == point and one["active"]]
        return sum(up for up, _ in powers), sum(down for _, down in powers)

    def check(self, now: datetime) -> None:
        """All that may never be otherwise, when everything due by `now` is decided."""
        for point, stays in self.stays.items():
            self._one_at_a_time(point, stays)
        for group, zone in self.zones.items():
            members = self.members(group)
            sums = tuple(sum(stay.power[side] for stay in members.values()) for side in (0, 1))
            assert sums == self.declared[group], (
                f"{group}: its members add up to {sums}, it says {self.declared[group]}"
            )
            assert max(sums) <= GROUP_MAX_W, f"{group} declares {sums}"
            for point, stay in members.items():
                self._may_be_in(point, stay, zone, now)
                self._held(point, self.bsps[group], stay.valid_from, stay.ends)
        for point, alone in self.alone.items():
            self._held(point, alone.bsp, alone.valid_from, alone.ends)
            assert not [end for end in alone.ends.values() if end <= now], f"{point} takes part alone after its end"
        for point, (group, moment) in self.joining.items():
            assert now < moment, f"{point} should have joined {group}"
            assert self.holders[point].at(moment) == self.bsps[group], f"{point} is to join {group} of another BSP"
        for point, resource, bsp, moment in self.coming:
            assert now < moment, f"what {bsp} said of {resource} should have been decided at {moment}"
            assert self.holders[point].at(moment) == bsp, f"{bsp} does not get {point} at {moment}"
        self._resources()
        self._sleeping()

    def _held(self, point: str, bsp: str, since: datetime, ends: dict[str, datetime]) -> None:
        """Whatever rests on a BSP's control is known to end exactly where that does."""
        told = min((end for why, end in ends.items() if why in CONTROL), default=None)
        lost = self.holders[point].lost(bsp, since)
        assert told == lost, f"{point}: control ends {lost}, what rests on it {told}"

    def _sleeping(self) -> None:
        """An active resource is awake exactly while somebody holds its point, and it is not closed."""
        for name, one in self.resources.items():
            holders = self.holders[one["point"]]
            first = min((start for _, start in holders.starts), default=None)
            for moment in [*holders.moments(), *self.facts[one["point"]]] if one["active"] else ():
                asleep = any(
                    each.valid_from <= moment and (each.valid_to is None or moment < each.valid_to)
                    for each in one["asleep"]
                )
                nobody = first is not None and first <= moment and holders.at(moment) is None
                closed = not self.active(one["point"], moment)
                assert asleep == (nobody or closed), f"{name} sleeps at {moment}: {asleep}; {nobody=}, {closed=}"

    @staticmethod
    def _one_at_a_time(point: str, stays: list[Stay]) -> None:
        over: datetime | None = None
        for place, stay in enumerate(stays):
            assert place == 0 or (over is not None and over <= stay.valid_from), f"{point} is in two groups at once"
            over = stay.until
            assert over is None or stay.valid_from <= over, f"{point}: a membership ends before it begins"

    def _may_be_in(self, point: str, stay: Stay, zone: str, now: datetime) -> None:
        due = [end for end in (*stay.ends.values(), *stay.marks.values()) if end <= now]
        assert not due, f"{point} should be out since {min(due)}"
        assert point not in self.alone, f"{point} is in a group and takes part alone"
        assert self.active(point, now), f"{point} is closed, and in {stay.group}"
        lies = self.zone(point, now)
        assert lies in {zone, None}, f"{point} lies in {lies}, its group in {zone}"
        large = max(self.behind(point)) >= POINT_LIMIT_W
        assert large == ("size" in stay.marks), f"{point} has {self.behind(point)} behind it, marks {stay.marks}"

    def _resources(self) -> None:
        live: dict[tuple[str, str, str], str] = {}
        for name, one in self.resources.items():
            assert not one["active"] or one["devices"], f"{name} is active without a device"
            for device in one["devices"]:
                key = (device.make, device.model, device.serial)
                assert live.setdefault(key, name) == name, f"{key} is in {name} and in {live[key]}"
