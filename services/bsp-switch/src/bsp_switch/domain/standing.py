"""All that decides about control of one metering point, and the events that are said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bsp_switch.domain import known, merger, point, supply
from bsp_switch.domain.consent import Consents
from bsp_switch.domain.control import Holding
from bsp_switch.domain.lost import Lost
from bsp_switch.domain.merger import Succession, Successions
from bsp_switch.domain.point import Point
from contracts.bsp_switch import v1
from contracts.bsp_switch.v1 import WhyControlEnds, WhySwitchAbandoned, WhySwitchCancelled, WhySwitchLapsed


@dataclass(frozen=True, slots=True)
class Standing:
    """A point as it stands: its timelines, its holders' consents, and what the registry knows of it."""

    metering_point_id: str
    point: Point
    consents: Mapping[str, Consents]
    """By BSP: at least those of every BSP that holds, held or is to hold the point."""
    registered: known.MeteringPoint | None
    areas: Mapping[str, known.GridArea | None]
    """At least those that the point lies or lay in."""
    ended: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """By end user that stands or stood behind it: from when it is no more."""
    successions: Successions = field(default_factory=dict[str, Succession | None])
    """By BSP, of all those named here: who takes it over."""

    regains: bool = False
    """Whether the switch that facts have cancelled here still has a place for the point."""
    former_bsps: frozenset[str] = frozenset()
    """Of those to whom facts may give the point back, and of their successors: who is a BSP no more."""

    def after(self, *events: point.Event) -> Standing:
        """As it stands when these have happened."""
        state = self.point
        for event in events:
            state = point.evolve(state, event)
        return replace(self, point=state)

    def dso(self, at: datetime) -> str | None:
        """Whose grid it lies in at a moment; None while that is unknown (D27)."""
        return known.dso(self.registered, self.areas, at=at) if self.registered else None

    def brps(self, at: datetime) -> tuple[str, ...]:
        """Who is balance responsible for it at a moment, each once, as far as is known."""
        behind = supply.in_force(self.point.supplies, at=at)
        return behind.brps if behind else ()

    def told(self, start: datetime) -> tuple[str, ...]:
        """Who was told of the switch under way, at `start`, as its DSO or BRP, and is neither any more."""
        concerned = {self.dso(start), *self.brps(start)}
        return tuple(each for each in self.point.told if each not in concerned)

    def giving_to(self, incoming: Holding) -> Holding:
        """The holding that passes to one that an announced switch begins."""
        return next(each for each in self.point.holdings if each.passes_at == incoming.valid_from)

    # What is said

    def end_announced(
        self,
        holding: Holding,
        because: WhyControlEnds,
        end: datetime,
        *,
        at: datetime,
        consent_id: str | None = None,
        reason: str | None = None,
    ) -> v1.ControlEndAnnounced:
        """A holding is to end, or has ended, as is said at a moment: to whoever holds the point then, too."""
        return v1.ControlEndAnnounced(
            metering_point_id=self.metering_point_id,
            bsp=holding.bsp,
            dso=self.dso(end),
            valid_from=holding.valid_from,
            valid_to=end,
            because=because,
            consent_id=consent_id,
            reason=reason,
            brps=self.brps(end),
            successor=self.successor(holding.bsp, max(end, at)),
        )

    def end_cancelled(
        self, holding: Holding, because: WhyControlEnds, *, at: datetime, reason: str | None = None
    ) -> v1.ControlEndCancelled:
        """What was to end a holding is taken back; likewise."""
        return v1.ControlEndCancelled(
            metering_point_id=self.metering_point_id,
            bsp=holding.bsp,
            dso=self.dso(holding.ends[because]),
            valid_from=holding.valid_from,
            valid_to=holding.without(because).valid_to,
            because=because,
            reason=reason,
            brps=self.brps(holding.ends[because]),
            successor=self.successor(holding.bsp, max(holding.ends[because], at)),
        )

    def switch_cancelled(
        self, incoming: Holding, because: WhySwitchCancelled, *, reason: str | None = None
    ) -> v1.SwitchCancelled:
        """Control does not pass to this holding, which an announced switch would have begun."""
        assert incoming.switch_id is not None
        start = incoming.valid_from
        outgoing = self.giving_to(incoming)
        return v1.SwitchCancelled(
            switch_id=incoming.switch_id,
            metering_point_id=self.metering_point_id,
            outgoing=outgoing.bsp,
            incoming=incoming.bsp,
            dso=self.dso(start),
            start=start,
            because=because,
            valid_to=replace(outgoing, passes_at=None).valid_to,
            reason=reason,
            brps=self.brps(start),
            told=self.told(start),
            outgoing_successor=outgoing.successor(start),
            incoming_successor=incoming.successor(start),
        )

    def switch_restored(self, lost: Lost) -> v1.SwitchAnnounced:
        """What a fact had cancelled passes after all."""
        return v1.SwitchAnnounced(
            switch_id=lost.switch_id,
            metering_point_id=self.metering_point_id,
            outgoing=lost.outgoing[0],
            incoming=lost.incoming,
            dso=self.dso(lost.start),
            start=lost.start,
            consent_id=lost.consent_id,
            notice_days=lost.notice_days,
            notice_min_days=lost.notice_min_days,
            brps=self.brps(lost.start),
            restored=True,
            outgoing_successor=self.successor(lost.outgoing[0], lost.start),
            incoming_successor=self.successor(lost.incoming, lost.start),
        )

    def switch_abandoned(
        self, lost: Lost, because: WhySwitchAbandoned, *, reason: str | None = None
    ) -> v1.SwitchAbandoned:
        """What a fact had cancelled does not come back."""
        return v1.SwitchAbandoned(
            switch_id=lost.switch_id,
            metering_point_id=self.metering_point_id,
            outgoing=lost.outgoing[0],
            incoming=lost.incoming,
            start=lost.start,
            because=because,
            reason=reason,
            outgoing_successor=self.successor(lost.outgoing[0], lost.start),
            incoming_successor=self.successor(lost.incoming, lost.start),
        )

    def switch_lapsed(self, because: WhySwitchLapsed, *, reason: str | None = None) -> v1.SwitchLapsed:
        """What waits does not pass."""
        wait = self.point.waiting
        assert wait is not None
        return v1.SwitchLapsed(
            switch_id=wait.switch_id,
            metering_point_id=self.metering_point_id,
            outgoing=wait.outgoing,
            incoming=wait.incoming,
            dso=self.dso(wait.start),
            start=wait.start,
            because=because,
            reason=reason,
            brps=self.brps(wait.start),
            told=self.told(wait.start),
            outgoing_successor=self.successor(wait.outgoing, wait.start),
            incoming_successor=self.successor(wait.incoming, wait.start),
        )

    def successor(self, bsp: str, at: datetime) -> str | None:
        """Who has taken a BSP over by a moment, if anybody has."""
        heir = merger.now(self.successions, bsp, at=at)
        return heir if heir != bsp else None

    def is_bsp(self, bsp: str, at: datetime) -> bool:
        """Whether a BSP, or who has taken it over by a moment, is one still. One under suspension is."""
        return (self.successor(bsp, at) or bsp) not in self.former_bsps

    def waits_for(self, switch_id: str) -> bool:
        """Whether it waits, as a point of this switch."""
        return self.point.waiting is not None and self.point.waiting.switch_id == switch_id

    def lost_by(self, switch_id: str) -> Lost | None:
        """What a switch has lost here, if nothing has taken its place since."""
        lost = self.point.lost
        return lost if lost is not None and lost.switch_id == switch_id else None

    def passing(self, switch_id: str) -> Holding:
        """The holding that a switch, which is announced, begins."""
        return next(each for each in reversed(self.point.holdings) if each.switch_id == switch_id)
