"""Who may join a group: forming one, and letting metering points join (R4 to R6, R10, R11, R14, D1 to D3, D9, D10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts import values
from contracts.message import Event
from contracts.registry import v1
from registry.domain import location, rules
from registry.domain.facts import Fact
from registry.domain.group import Group
from registry.domain.known import Brps, Delivery, Hold, Holder, Supply
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


@dataclass(frozen=True, slots=True)
class Joining:
    """What came of the rows: the events, and what is wrong with the rest."""

    events: list[Event]
    rows: Rows


@dataclass(frozen=True, slots=True)
class _Joiner:
    """A row that stands, with the facts it was decided on."""

    metering_point_id: str
    fact: Fact
    zone: values.BiddingZone
    dso: str
    power: Power
    hold: Hold
    hold_to: datetime | None
    delivery: Delivery


def decide_form(
    *,
    group_id: str,
    bsp: str,
    taken: bool,
    wish: v1.FormGroup,
    candidates: Sequence[Candidate],
    terms: Terms,
    at: datetime,
) -> Joining:
    """Form a group of several points. Its BRPs are those of its first member (D9)."""
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    intake = _Intake(bsp=bsp, zone=wish.zone, brps=None, power=Power(), terms=terms, at=at, mode=wish.mode)
    intake.take(candidates)
    points = len(intake.joiners) if wish.mode == "each" else len(set(wish.metering_points))
    if points < terms.min_members:
        few = rules.GROUP_NEEDS_SEVERAL_POINTS.reason(path="/metering_points", limit=terms.min_members, actual=points)
        raise intake.rows.refusal(few)
    intake.check()
    brps = intake.joiners[0].delivery.brps
    formed = v1.GroupFormed(
        group_id=group_id,
        bsp=bsp,
        name=wish.name,
        zone=wish.zone,
        brp_consumption=brps.consumption,
        brp_production=brps.production,
        min_members=terms.min_members,
    )
    return Joining([formed, *intake.events(group_id)], intake.rows)


def decide_add(
    state: Group | None,
    *,
    group_id: str,
    bsp: str,
    mode: v1.Mode,
    candidates: Sequence[Candidate],
    terms: Terms,
    at: datetime,
) -> Joining:
    """Let points join a group of the sender's. A group that has become empty takes the BRPs of the first (D9)."""
    if state is None or state.bsp != bsp:
        raise rules.GROUP_NOT_YOURS.refused()
    brps = state.brps if state.members else None
    intake = _Intake(bsp=bsp, zone=state.zone, brps=brps, power=state.power, terms=terms, at=at, mode=mode)
    intake.take(candidates)
    intake.check()
    return Joining(intake.events(group_id), intake.rows)


class _Intake:
    """Takes the rows of one command in their order."""

    def __init__(
        self,
        *,
        bsp: str,
        zone: values.BiddingZone,
        brps: Brps | None,
        power: Power,
        terms: Terms,
        at: datetime,
        mode: v1.Mode,
    ) -> None:
        self.bsp = bsp
        self.zone = zone
        self.brps = brps
        self.before = power
        self.power = power
        self.terms = terms
        self.at = at
        self.mode = mode
        self.joiners: list[_Joiner] = []
        self.rows = Rows("/metering_points")

    def take(self, candidates: Sequence[Candidate]) -> None:
        """Go through the rows: each joins, or is refused for the first rule that it breaks."""
        seen: set[str] = set()
        for row, candidate in enumerate(candidates):
            repeated = candidate.metering_point_id in seen
            seen.add(candidate.metering_point_id)
            joiner = Fault(rules.METERING_POINT_REPEATED) if repeated else self._joiner(candidate)
            if isinstance(joiner, _Joiner):
                joiner = self._fitting(row, candidate, joiner)
            if isinstance(joiner, Fault):
                self.rows.refuse(row, joiner)
                continue
            self.joiners.append(joiner)
            self.power += joiner.power
            self.brps = self.brps or joiner.delivery.brps

    def check(self) -> None:
        """Raise if the command as a whole cannot stand."""
        if self.mode == "all" and self.power.size_w > self.terms.group_max_w:
            raise self.rows.refusal(
                rules.GROUP_ABOVE_MAX.reason(
                    path="/metering_points", limit=self.terms.group_max_w, actual=self.power.size_w, unit="W"
                )
            )
        if self.rows.refused and (self.mode == "all" or not self.joiners):
            raise self.rows.refusal()

    def events(self, group_id: str) -> list[Event]:
        """One event per membership, each with the sums after it."""
        events: list[Event] = []
        power = self.before
        for joiner in self.joiners:
            power += joiner.power
            events.append(
                v1.MemberJoined(
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
                    valid_to=joiner.hold_to,
                    declared_up_w=power.up_w,
                    declared_down_w=power.down_w,
                    group_max_w=self.terms.group_max_w,
                    point_limit_w=self.terms.point_limit_w,
                    held_from=joiner.hold.valid_from,
                    brp_consumption=joiner.delivery.brp_consumption,
                    brp_production=joiner.delivery.brp_production,
                )
            )
        return events

    def _joiner(self, candidate: Candidate) -> _Joiner | Fault:  # noqa: PLR0911 - one return for each rule
        """What the point itself must be, whatever the group."""
        point, holder = candidate.point, candidate.holder
        hold = holder.by(self.bsp, self.at) if holder else None
        # Unknown and not held are answered alike: what others have is not revealed.
        if point is None or holder is None or hold is None:
            return Fault(rules.METERING_POINT_NOT_HELD)
        fact = point.fact(self.at)
        if fact is None or fact.zone is None or fact.dso is None:
            return Fault(rules.METERING_POINT_INCOMPLETE)
        if fact.virtual:
            return Fault(rules.METERING_POINT_VIRTUAL)
        if not fact.active:
            return Fault(rules.METERING_POINT_INACTIVE)
        lies = replace(fact, substation=location.location_of(point, at=self.at))
        if not point.resources:
            return Fault(rules.METERING_POINT_HAS_NO_RESOURCE)
        power = point.behind
        if power.size_w >= self.terms.point_limit_w:
            return Fault(
                rules.METERING_POINT_TOO_LARGE_FOR_GROUP,
                limit=self.terms.point_limit_w,
                actual=power.size_w,
                unit="W",
            )
        if point.membership is not None:
            return Fault(rules.METERING_POINT_ALREADY_IN_GROUP)
        delivery = candidate.supply.at(self.at) if candidate.supply else None
        if delivery is None:
            return Fault(rules.METERING_POINT_BRP_UNKNOWN)
        return _Joiner(
            candidate.metering_point_id, lies, fact.zone, fact.dso, power, hold, holder.end_of(hold), delivery
        )

    def _fitting(self, row: int, candidate: Candidate, joiner: _Joiner) -> _Joiner | Fault:
        """Whether the point fits this group."""
        if joiner.zone != self.zone:
            return Fault(rules.METERING_POINT_WRONG_ZONE, limit=self.zone, actual=joiner.zone)
        other = self._other_brp(candidate.supply, joiner)
        if other is not None and self.terms.single_brp:
            return other
        power = self.power + joiner.power
        if self.mode == "each" and power.size_w > self.terms.group_max_w:
            return Fault(rules.GROUP_ABOVE_MAX, limit=self.terms.group_max_w, actual=power.size_w, unit="W")
        if other is not None:
            self.rows.notice(row, other)
        return joiner

    def _other_brp(self, supply: Supply | None, joiner: _Joiner) -> Fault | None:
        """Another BRP than the group's, now or as far ahead as is known: nobody joins who would have to leave."""
        brps = self.brps or joiner.delivery.brps
        other = supply.differing(brps, self.at) if supply else None
        if other is None:
            return None
        consumption = other.brps.consumption != brps.consumption
        return Fault(
            rules.BRP_DIFFERENT,
            limit=brps.consumption if consumption else brps.production,
            actual=other.brps.consumption if consumption else other.brps.production,
        )
