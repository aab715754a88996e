"""Metering points on their way into a group: who fits is taken, row by row (R4, R5, R10, R11, R14, D1 to D3, D9)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts import values
from contracts.message import Event, Reason
from contracts.registry import v1
from registry.domain import category, location, rules
from registry.domain import group as groups
from registry.domain.facts import Fact
from registry.domain.group import Group
from registry.domain.holder import Control, Holder
from registry.domain.known import Brps, Delivery, Supply
from registry.domain.membership import CONTROL, announce
from registry.domain.metering_point import MeteringPoint
from registry.domain.power import Power
from registry.domain.rows import Fault, Rows
from registry.domain.terms import Terms


@dataclass(frozen=True, slots=True)
class Candidate:
    """A metering point that is to join, with all that is known of it."""

    metering_point_id: str
    point: MeteringPoint | None
    holder: Holder | None
    supply: Supply | None
    brp_left: str | None = None
    """A BRP of the point's that has left the register."""


@dataclass(frozen=True, slots=True)
class Source:
    """The group that members come from."""

    group_id: str
    group: Group


@dataclass(frozen=True, slots=True)
class Joiner:
    """A row that stands, with the facts it was decided on."""

    metering_point_id: str
    fact: Fact
    zone: values.BiddingZone
    dso: str
    power: Power
    hold: Control
    switch_at: datetime | None
    """When a switch takes the point away again, as far as is announced."""
    delivery: Delivery
    source: Source | None
    ends: dict[v1.WhyEnd, datetime]
    """What else will end its membership, as far as is known."""
    category: tuple[v1.Category, ...] = ()
    """What the active resources behind it are."""
    other_brp: Delivery | None = None
    """Where a group may be mixed: other BRPs than the group's that it has or will have."""
    ahead: bool = False
    """Its BSP holds the point from a midnight to come, and it joins then."""


@dataclass(slots=True)
class Intake:
    """Takes the rows of one command in their order into one group.

    `brps`: what the members share, None while there is none. `power`: the group's sum, with those taken so far.
    `promised`:
    what stands behind those who are to join at a midnight to come. `seen`: the points that stand in the command so
    far, shared where it fills several groups.
    """

    bsp: str
    zone: values.BiddingZone
    brps: Brps | None
    power: Power
    terms: Terms
    at: datetime
    mode: v1.Mode = "all"
    rows: Rows = field(default_factory=lambda: Rows("/metering_points"))
    seen: set[str] = field(default_factory=set)
    promised: Power = field(default_factory=Power)
    category: v1.GroupCategory | None = None
    """What the BSP says that its group is made of."""
    joiners: list[Joiner] = field(default_factory=list)
    ahead: list[Joiner] = field(default_factory=list)
    later: list[int] = field(default_factory=list)
    """The rows of those ahead."""

    def take(self, candidates: Iterable[tuple[int, Candidate]], *, source: Source | None = None) -> None:
        """Go through the rows, by number: each joins, or is refused for the first rule that it breaks.

        With a `source` they are members of that group, and leave it.
        """
        for row, candidate in candidates:
            if (fault := self.take_one(row, candidate, source)) is not None:
                self.rows.refuse(row, fault, candidate.metering_point_id)

    def take_one(self, row: int, candidate: Candidate, source: Source | None = None) -> Fault | None:
        """It joins, or this is the first rule that it breaks."""
        if candidate.metering_point_id in self.seen:
            return Fault(rules.METERING_POINT_REPEATED)
        self.seen.add(candidate.metering_point_id)
        joiner = self._joiner(candidate, source)
        if isinstance(joiner, Joiner):
            joiner = self._fitting(row, candidate, joiner)
        if isinstance(joiner, Fault):
            return joiner
        if candidate.brp_left is not None:
            self.rows.notice(row, Fault(rules.BRP_HAS_LEFT, actual=candidate.brp_left))
        if joiner.ahead:
            self.ahead.append(joiner)
            self.later.append(row)
            self.promised += joiner.power
        else:
            self.joiners.append(joiner)
            self.power += joiner.power
            self.brps = self.brps or joiner.delivery.brps
        return None

    def above_max(self, path: str) -> list[Reason]:
        """Why all of them together do not fit; empty if they do."""
        if self.power.size_w <= self.terms.group_max_w:
            return []
        limit = self.terms.group_max_w
        return [rules.GROUP_ABOVE_MAX.reason(path=path, limit=limit, actual=self.power.size_w, unit="W")]

    def check(self) -> None:
        """Raise if the command as a whole cannot stand. If it does, those ahead are told so."""
        if self.mode == "all" and (large := self.above_max(self.rows.path)):
            raise self.rows.refusal(*large)
        if self.rows.refused and (self.mode == "all" or not (self.joiners or self.ahead)):
            raise self.rows.refusal()
        for row, joiner in zip(self.later, self.ahead, strict=True):
            since = values.time_text(joiner.hold.valid_from)
            self.rows.notice(row, Fault(rules.METERING_POINT_JOINS_LATER, limit=since))

    def events(self, group_id: str, state: Group) -> list[Event]:
        """One event per membership, each with the sums after it, then what is known ahead of them."""
        events: list[v1.MemberJoined | v1.MemberBrpChanged] = []
        power = state.power
        for joiner in self.joiners:
            power += joiner.power
            events.append(self._joined(group_id, joiner, power))
            if joiner.other_brp is not None and joiner.other_brp.brps != joiner.delivery.brps:
                events.append(brp_changed(group_id, joiner.metering_point_id, self.bsp, joiner.other_brp))
        later = (self._announced(group_id, joiner) for joiner in self.ahead)
        return [*events, *self._ends(group_id, state, events), *later]

    def _announced(self, group_id: str, joiner: Joiner) -> v1.JoinAnnounced:
        return v1.JoinAnnounced(
            group_id=group_id,
            metering_point_id=joiner.metering_point_id,
            bsp=self.bsp,
            dso=joiner.dso,
            up_w=joiner.power.up_w,
            down_w=joiner.power.down_w,
            valid_from=joiner.hold.valid_from,
            group_max_w=self.terms.group_max_w,
            point_limit_w=self.terms.point_limit_w,
        )

    def _joined(self, group_id: str, joiner: Joiner, power: Power) -> v1.MemberJoined:
        return v1.MemberJoined(
            group_id=group_id,
            metering_point_id=joiner.metering_point_id,
            bsp=self.bsp,
            zone=joiner.zone,
            grid_area=joiner.fact.grid_area,
            dso=joiner.dso,
            substation=joiner.fact.substation,
            up_w=joiner.power.up_w,
            down_w=joiner.power.down_w,
            valid_from=self.at,
            valid_to=joiner.switch_at,
            declared_up_w=power.up_w,
            declared_down_w=power.down_w,
            group_max_w=self.terms.group_max_w,
            point_limit_w=self.terms.point_limit_w,
            held_from=joiner.hold.valid_from,
            brp_consumption=joiner.delivery.brp_consumption,
            brp_production=joiner.delivery.brp_production,
            from_group=joiner.source.group_id if joiner.source else None,
        )

    def _ends(
        self, group_id: str, state: Group, joined: Iterable[v1.MemberJoined | v1.MemberBrpChanged]
    ) -> list[Event]:
        """Ends that are known already, each with the group's sums from then."""
        ending = [joiner for joiner in self.joiners if joiner.ends]
        if not ending:
            return []
        for event in joined:
            state = groups.evolve(state, event)
        events: list[Event] = []
        for joiner in ending:
            for because, valid_to in sorted(joiner.ends.items()):
                end = announce(state, group_id, joiner.metering_point_id, because=because, valid_to=valid_to)
                state = groups.evolve(state, end)
                events.append(end)
        return events

    def _joiner(self, candidate: Candidate, source: Source | None) -> Joiner | Fault:  # noqa: PLR0911 - one return for each rule
        """What the point itself must be, whatever the group."""
        point, holder = candidate.point, candidate.holder
        if source is not None and candidate.metering_point_id not in source.group.members:
            return Fault(rules.NOT_A_MEMBER)
        hold = self._control(holder, source)
        # Unknown and not held are answered alike: what others have is not revealed.
        if point is None or holder is None or hold is None:
            return Fault(rules.METERING_POINT_NOT_HELD)
        ahead = hold.valid_from > self.at
        since = hold.valid_from if ahead else self.at
        fact = point.fact(since)
        if fact is None or fact.zone is None or fact.dso is None:
            return Fault(rules.METERING_POINT_INCOMPLETE)
        if fact.virtual or not fact.active:
            return Fault(rules.METERING_POINT_VIRTUAL if fact.virtual else rules.METERING_POINT_INACTIVE)
        power = point.expected(self.bsp, since) if ahead else point.behind
        if not point.resources and not power.size_w:
            return Fault(rules.METERING_POINT_HAS_NO_RESOURCE)
        if power.size_w >= self.terms.point_limit_w:
            return Fault(
                rules.METERING_POINT_TOO_LARGE_FOR_GROUP,
                limit=self.terms.point_limit_w,
                actual=power.size_w,
                unit="W",
            )
        if (taken := _taken(point, ahead=ahead, source=source)) is not None:
            return taken
        delivery = candidate.supply.at(since) if candidate.supply else None
        if delivery is None or not delivery.complete:
            return Fault(rules.METERING_POINT_BRP_UNKNOWN)
        ends = _carried(candidate.metering_point_id, source)
        ends.update(holder.ends_of(self.bsp, since))
        return Joiner(
            candidate.metering_point_id,
            replace(fact, substation=location.location_of(point, at=since)),
            fact.zone,
            fact.dso,
            power,
            hold,
            ends.pop("switch", None),
            delivery,
            source,
            ends,
            category=point.category,
            ahead=ahead,
        )

    def _control(self, holder: Holder | None, source: Source | None) -> Control | None:
        """Since when its BSP holds the point, or, where it does not yet, from when it will."""
        if holder is None:
            return None
        hold = holder.by(self.bsp, self.at)
        return holder.coming(self.bsp, self.at) if hold is None and source is None else hold

    def _fitting(self, row: int, candidate: Candidate, joiner: Joiner) -> Joiner | Fault:
        """Whether the point fits this group."""
        if joiner.zone != self.zone:
            return Fault(rules.METERING_POINT_WRONG_ZONE, limit=self.zone, actual=joiner.zone)
        # Who moves between groups of one category has been taken in already, whatever has come behind its point since.
        moved = joiner.source is not None and joiner.source.group.category == self.category
        if not moved and (other_category := category.differing(self.category, joiner.category)) is not None:
            return Fault(rules.GROUP_CATEGORY_DIFFERENT, limit=self.category, actual=other_category)
        brps = self.brps or joiner.delivery.brps
        # Now, or as far ahead as is known: nobody joins who would have to leave.
        since = joiner.hold.valid_from if joiner.ahead else self.at
        other = candidate.supply.differing(brps, since) if candidate.supply else None
        if other is not None and self.terms.single_brp:
            return _other_brp(brps, other)
        power = self.power + joiner.power + (self.promised if joiner.ahead else Power())
        if (self.mode == "each" or joiner.ahead) and power.size_w > self.terms.group_max_w:
            return Fault(rules.GROUP_ABOVE_MAX, limit=self.terms.group_max_w, actual=power.size_w, unit="W")
        if other is not None:
            self.rows.notice(row, _other_brp(brps, other))
        return replace(joiner, other_brp=other)


def brp_changed(group_id: str, metering_point_id: str, bsp: str, delivery: Delivery) -> v1.MemberBrpChanged:
    """A member of a group that may be mixed has, or will have, these BRPs."""
    return v1.MemberBrpChanged(
        group_id=group_id,
        metering_point_id=metering_point_id,
        bsp=bsp,
        brp_consumption=delivery.brp_consumption,
        brp_production=delivery.brp_production,
        since=delivery.valid_from,
    )


def _taken(point: MeteringPoint, *, ahead: bool, source: Source | None) -> Fault | None:
    """Whether it takes part otherwise. What another BSP does with the point until then ends with its control."""
    if point.regulation_object is not None and not ahead:
        return Fault(rules.METERING_POINT_TAKES_PART_ALONE)
    if source is None and (point.joining if ahead else point.membership) is not None:
        return Fault(rules.METERING_POINT_ALREADY_IN_GROUP)
    return None


def _carried(metering_point_id: str, source: Source | None) -> dict[v1.WhyEnd, datetime]:
    """What its last membership was to end by, and this one will.

    Leaving the one group is not leaving the other; how long its control lasts, and what the point is, is told anew.
    """
    if source is None:
        return {}
    ends = source.group.members[metering_point_id].ends
    return {why: end for why, end in ends.items() if why not in {"left", "zone", "virtual", "deactivated", *CONTROL}}


def _other_brp(brps: Brps, other: Delivery) -> Fault:
    consumption = other.brps.consumption != brps.consumption
    return Fault(
        rules.BRP_DIFFERENT,
        limit=brps.consumption if consumption else brps.production,
        actual=other.brps.consumption if consumption else other.brps.production,
    )
