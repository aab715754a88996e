"""A plain model of what `bsp-switch` has said: only what its events say, added up the slow way, by no code of its own.

It is what a stranger would make of the log: who holds which point when, on whose consent, and what each switch is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from contracts import calendar
from contracts.bsp_switch import v1
from contracts.message import Event
from contracts.registry import v1 as registry
from contracts.values import Role


@dataclass
class Hold:
    """A BSP's control of a point, as it was said."""

    bsp: str
    valid_from: datetime
    switch: str | None = None
    passes_at: datetime | None = None
    ends: dict[str, datetime] = field(default_factory=dict)
    announced: Any = None
    """What a switch announced of it."""

    @property
    def until(self) -> datetime | None:
        return min((*self.ends.values(), *([self.passes_at] if self.passes_at else [])), default=None)

    @property
    def lives(self) -> bool:
        return self.until is None or self.valid_from < self.until

    def at(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.until is None or moment < self.until)


@dataclass
class Plain:
    """What the events so far say."""

    holds: dict[str, list[Hold]] = field(default_factory=lambda: defaultdict(list))
    users: dict[str, dict[datetime, str]] = field(default_factory=lambda: defaultdict(dict))
    active: dict[str, dict[datetime, bool]] = field(default_factory=lambda: defaultdict(dict))
    consents: dict[str, Any] = field(default_factory=dict)
    until: dict[str, datetime | None] = field(default_factory=dict)
    """When each consent ends."""
    left: dict[str, dict[str, datetime]] = field(default_factory=dict)
    """When facts ended each consent, by cause."""
    ended: dict[str, datetime | None] = field(default_factory=dict)
    """From when each end user is no more."""
    switches: dict[str, set[str]] = field(default_factory=dict)
    """The points that are to pass, or have passed."""
    starts: dict[str, datetime] = field(default_factory=dict)
    waiting: dict[str, Any] = field(default_factory=dict)
    """By point: what it was told that it waits for."""
    supplies: dict[str, dict[datetime, Any]] = field(default_factory=lambda: defaultdict(dict))
    known: dict[str, set[Role]] = field(default_factory=dict)
    """Parties in their roles, while they are active."""
    effective: set[str] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    """Objections."""
    lost: dict[str, Any] = field(default_factory=dict)
    """By point: the announcement of the switch that a fact cancelled, and that nobody took out or replaced since."""
    mergers: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    """Those that stand: who is taken over, by whom, when."""
    merged: set[str] = field(default_factory=set)
    heirs: dict[str, dict[str, tuple[str, datetime]]] = field(default_factory=lambda: defaultdict(dict))
    """By point and BSP: who was said to succeed it there, and when."""

    def fold(self, event: Event) -> None:  # noqa: C901, PLR0912, PLR0915 - one case an event, on purpose in one place
        """One more event."""
        match event:
            case v1.SupplyRecorded():
                self.users[event.metering_point_id][event.valid_from] = event.end_user
                self.supplies[event.metering_point_id][event.valid_from] = event
            case registry.PartyOnboarded():
                self.known[event.party] = set(event.roles)
            case registry.PartyStatusChanged():
                self.known[event.party] = set(event.roles) if event.after == "active" else set()
            case registry.MeteringPointRecorded():
                self.active[event.metering_point_id][event.valid_from] = event.active
            case v1.ConsentRecorded():
                self.consents[event.consent_id] = event
                self.until[event.consent_id] = event.valid_to
                self.left[event.consent_id] = {}
            case v1.ConsentEnded():
                assert self.left[event.consent_id].get(event.because) != event.valid_to, "said already"
                self.left[event.consent_id][event.because] = event.valid_to
            case v1.ConsentEndCancelled():
                del self.left[event.consent_id][event.because]
            case v1.EndUserEndRecorded():
                self.ended[event.end_user] = event.ended_from
            case v1.ConsentWithdrawn():
                self.until[event.consent_id] = event.valid_to
            case v1.ControlClaimed():
                assert event.metering_point_id not in self.waiting, "claimed while a switch waits"
                self.lost.pop(event.metering_point_id, None)
                holds = self.holds[event.metering_point_id]
                holds[:] = [one for one in holds if (one.bsp, one.valid_from) != (event.bsp, event.valid_from)]
                holds.append(Hold(event.bsp, event.valid_from))
            case v1.SwitchRequested():
                self.switches[event.switch_id] = set()
                self.starts[event.switch_id] = event.start
            case v1.SwitchMoved():
                self.starts[event.switch_id] = event.start
                self._forget(event.switch_id)
            case v1.SwitchStalled():
                point = event.metering_point_id
                self.lost.pop(point, None)
                assert event.start == self.starts[event.switch_id]
                assert point not in self.waiting, "waits twice"
                assert event.missing == self.missing(point, event.start) != (), "waits for what is known"
                assert self._last(point, event.outgoing, event.start).lives
                assert not any(one.lives and one.valid_from >= event.start for one in self.holds[point])
                self.waiting[point] = event
            case v1.SwitchLapsed():
                wait = self.waiting.pop(event.metering_point_id)
                assert (wait.switch_id, wait.start) == (event.switch_id, event.start)
            case v1.SwitchAnnounced():
                wait = self.waiting.pop(event.metering_point_id, None)
                assert (wait is not None) == event.waited, "announced over one that waits"
                if wait is not None:
                    assert (wait.switch_id, wait.start, wait.outgoing, wait.notice_days) == (
                        event.switch_id,
                        event.start,
                        event.outgoing,
                        event.notice_days,
                    )
                was = self.lost.pop(event.metering_point_id, None)
                assert event.notice_days >= event.notice_min_days
                if event.restored:
                    kept = {"restored": True, "waited": False, "dso": event.dso, "brps": event.brps}
                    kept |= {"outgoing_successor": event.outgoing_successor}
                    kept |= {"incoming_successor": event.incoming_successor, "consent_id": event.consent_id}
                    assert was.model_copy(update=kept) == event, "restored otherwise than it was announced"
                else:
                    assert not self.missing(event.metering_point_id, event.start), "announced upon an incomplete fact"
                assert event.start == self.starts[event.switch_id]
                assert event.switch_id not in self.effective, "announced after its midnight"
                outgoing = self._last(event.metering_point_id, event.outgoing, event.start, lives=not event.restored)
                gap = outgoing.until is not None and outgoing.until < event.start
                assert event.restored or not gap, "announced with a gap"
                outgoing.passes_at = event.start
                hold = Hold(event.incoming, event.start, event.switch_id, announced=event)
                self.holds[event.metering_point_id].append(hold)
                self.switches[event.switch_id].add(event.metering_point_id)
            case v1.SwitchCancelled():
                assert event.switch_id not in self.effective, "cancelled after its midnight"
                holds = self.holds[event.metering_point_id]
                (incoming,) = [one for one in holds if (one.switch, one.valid_from) == (event.switch_id, event.start)]
                holds.remove(incoming)
                (outgoing,) = [one for one in holds if (one.bsp, one.passes_at) == (event.outgoing, event.start)]
                outgoing.passes_at = None
                assert outgoing.until == event.valid_to, "what the outgoing BSP is left with is not what stands"
                self.switches[event.switch_id].remove(event.metering_point_id)
                if event.because in {"move-out", "point-closed"}:
                    self.lost[event.metering_point_id] = incoming.announced
            case v1.SwitchAbandoned():
                was = self.lost.pop(event.metering_point_id)
                assert (was.switch_id, was.start) == (event.switch_id, event.start), "abandoned what was not lost"
            case v1.SwitchTookEffect():
                assert event.points == len(self.switches[event.switch_id]) > 0
                assert event.switch_id not in self.effective, "effective twice"
                self.effective.add(event.switch_id)
            case v1.ControlEndAnnounced():
                hold = self._hold(event)
                assert event.valid_from <= event.valid_to, "ends before it begins"
                assert hold.ends.get(event.because) != event.valid_to, "said already"
                hold.ends[event.because] = event.valid_to
            case v1.ControlEndCancelled():
                hold = self._hold(event)
                del hold.ends[event.because]
                assert hold.until == event.valid_to, "what is left is not what stands"
            case v1.BspMergerAnnounced():
                assert event.bsp not in {bsp for bsp, _, _ in self.mergers.values()}, "taken over twice"
                self.mergers[event.merger_id] = (event.bsp, event.into, event.start)
            case v1.BspMergerCancelled():
                assert event.merger_id not in self.merged, "cancelled after its midnight"
                del self.mergers[event.merger_id]
            case v1.BspMerged():
                assert event.merger_id not in self.merged, "merged twice"
                self.merged.add(event.merger_id)
            case v1.ControlSuccessionAnnounced():
                assert self.mergers[event.merger_id] == (event.bsp, event.successor, event.start)
                assert event.bsp not in self.heirs[event.metering_point_id], "said already"
                self.heirs[event.metering_point_id][event.bsp] = (event.successor, event.start)
            case v1.ControlSuccessionCancelled():
                assert event.merger_id not in self.mergers
                del self.heirs[event.metering_point_id][event.bsp]
            case v1.SwitchDisputed():
                self.open.add(event.objection_id)
            case v1.ObjectionResolved():
                self.open.remove(event.objection_id)
                if event.outcome == "upheld":
                    self._forget(event.switch_id, event.metering_points)
            case _:
                pass
        if isinstance(event, v1.ControlClaimed | v1.SwitchAnnounced | v1.ControlEndAnnounced | v1.ControlEndCancelled):
            self.one_at_a_time(event.metering_point_id)

    def _hold(self, event: Any) -> Hold:
        found = [
            one
            for one in self.holds[event.metering_point_id]
            if (one.bsp, one.valid_from) == (event.bsp, event.valid_from)
        ]
        assert len(found) == 1, f"{event.type} of a control that was never said"
        return found[0]

    def _last(self, point: str, bsp: str, start: datetime, *, lives: bool = True) -> Hold:
        found = [one for one in self.holds[point] if one.bsp == bsp and one.valid_from < start]
        alive = [one for one in found if one.lives]
        return max(alive if lives else alive or found, key=lambda one: one.valid_from)

    def _forget(self, switch: str, points: tuple[str, ...] | None = None) -> None:
        for point, one in list(self.lost.items()):
            if one.switch_id == switch and (points is None or point in points):
                del self.lost[point]

    # What must hold

    def holder(self, point: str, moment: datetime) -> str | None:
        """Who holds a point at a moment, as was said of this point."""
        who = next((one.bsp for one in self.holds[point] if one.lives and one.at(moment)), None)
        while who in self.heirs[point] and self.heirs[point][who][1] <= moment:
            who = self.heirs[point][who][0]
        return who

    def now(self, bsp: str | None, moment: datetime) -> str | None:
        """Who a BSP is at a moment, by the mergers that stand."""
        found = [into for who, into, start in self.mergers.values() if who == bsp and start <= moment]
        return self.now(found[0], moment) if found else bsp

    def periods(self, point: str) -> list[tuple[datetime, datetime | None, str]]:
        """Who holds it from when to when, by the mergers that stand: from, to, BSP."""
        found: list[tuple[datetime, datetime | None, str]] = []
        for hold in self.holds[point]:
            cuts = {start for _, _, start in self.mergers.values() if start > hold.valid_from and hold.at(start)}
            starts = [hold.valid_from, *sorted(cuts)]
            for start, end in zip(starts, [*starts[1:], hold.until], strict=True):
                who = self.now(hold.bsp, start)
                if found and found[-1][1] == start and found[-1][2] == who and start in cuts:
                    found[-1] = (found[-1][0], end, who or "")
                elif hold.lives:
                    found.append((start, end, who or ""))
        return found

    def user(self, point: str, moment: datetime) -> str | None:
        """Who stands behind a point at a moment."""
        known = [since for since in self.users[point] if since <= moment]
        who = self.users[point][max(known)] if known else None
        ended = self.ended.get(who) if who else None
        return f"{who}, who is no more" if ended is not None and ended <= moment else who

    def missing(self, point: str, moment: datetime) -> tuple[str, ...]:
        """The fields of what is said of a point's supply at a moment that name somebody unknown."""
        since = max(one for one in self.supplies[point] if one <= moment)
        fact = self.supplies[point][since]
        roles = {"supplier": Role.SUPPLIER, "brp_consumption": Role.BRP, "brp_production": Role.BRP}
        return tuple(field for field, role in roles.items() if role not in self.known.get(getattr(fact, field), set()))

    def is_active(self, point: str, moment: datetime) -> bool:
        """Whether a point is in operation at a moment."""
        facts = self.active[point]
        known = [since for since in facts if since <= moment]
        return facts[max(known)] if known else facts[min(facts)]

    def consented(self, point: str, bsp: str, moment: datetime) -> bool:
        """Whether a BSP has a consent, valid then, of whoever stands behind a point at a moment."""
        return any(
            (self.now(one.bsp, moment), one.end_user) == (self.now(bsp, moment), self.user(point, moment))
            and (one.metering_point_id == point or self.reaches(one, point, moment))
            and one.valid_from <= moment
            and (one.future_points or not self.left_since(one, moment))
            and ((until := self.until[key]) is None or moment < until)
            for key, one in self.consents.items()
        )

    def left_since(self, consent: v1.ConsentRecorded, moment: datetime) -> bool:
        """Whether its end user has stood behind its point while it was valid, and then did not, by a moment."""
        facts = sorted(self.users[consent.metering_point_id].items())
        return any(
            before == consent.end_user != who and consent.valid_from < at <= moment
            for (_, before), (at, who) in pairwise(facts)
        )

    def reaches(self, consent: v1.ConsentRecorded, point: str, moment: datetime) -> bool:
        """Whether a consent covers another point: its end user came to stand behind it since, and before now."""
        facts = sorted(self.users[point].items())
        came = [at for (at, who), (_, before) in zip(facts, [(None, None), *facts], strict=False) if who != before]
        return consent.future_points and any(
            consent.valid_from <= at <= moment and self.users[point][at] == consent.end_user for at in came
        )

    def one_at_a_time(self, point: str) -> None:
        """No two BSPs hold a point at once, not even between two events of one decision."""
        alive = sorted((one for one in self.holds[point] if one.lives), key=lambda one: one.valid_from)
        for earlier, later in pairwise(alive):
            assert earlier.until is not None, f"{earlier} has no end, and {later} begins"
            assert earlier.until <= later.valid_from, f"{earlier} and {later} at once"

    def check(self, now: datetime) -> None:  # noqa: C901 - in one place, on purpose
        """All that may never be otherwise, when everything due by `now` is decided."""
        for point, holds in self.holds.items():
            self.one_at_a_time(point)
            for hold in holds:
                if hold.lives:
                    self._has_its_reasons(point, hold, now)
                else:
                    assert hold.switch is None or hold.valid_from <= now, f"{hold} never begins: it was to be cancelled"
                self._ends_for_a_reason(point, hold)
            for moment in (now, *(start for _, _, start in self.mergers.values())):
                who = next((one.bsp for one in holds if one.lives and one.at(moment)), None)
                assert self.holder(point, moment) == self.now(who, moment), (
                    f"{point} at {moment}: a merger was not said"
                )
        for merger, (_, _, start) in self.mergers.items():
            assert (merger in self.merged) == (start <= now), f"{merger} came about too early, late, or never"
        for key, ends in self.left.items():
            one = self.consents[key]
            for because, end in ends.items():
                stays = (because, self.user(one.metering_point_id, end)) == ("move-out", one.end_user)
                assert not stays, f"{one} ended by a move-out at {end}"
                if because == "end-user":
                    assert (ended := self.ended[one.end_user]) is not None
                    assert end == max(ended, one.valid_from), f"{one} ended at {end}"
        for point, wait in self.waiting.items():
            self._waits_rightly(point, wait, now)
        for point, one in self.lost.items():
            self._lost_rightly(point, one, now)
        for switch, start in self.starts.items():
            due = start <= now and bool(self.switches[switch])
            assert (switch in self.effective) == due, f"{switch} of {start} is effective too early, late, or never"

    def _merge_rightly(self, now: datetime) -> None:
        for merger, (_, _, start) in self.mergers.items():
            assert (merger in self.merged) == (start <= now), f"{merger} came about too early, late, or never"
            for point, holds in self.holds.items():
                for moment in (now, start):
                    who = next((one.bsp for one in holds if one.lives and one.at(moment)), None)
                    assert self.holder(point, moment) == self.now(who, moment), f"{point} at {moment}: not said"

    def _waits_rightly(self, point: str, wait: Any, now: datetime) -> None:
        """It neither passes too late nor waits in vain: fact, consent, point and outgoing BSP are looked at anew."""
        assert now < wait.lapses_at < wait.start, f"{wait} is to have lapsed"
        assert self.missing(point, wait.start), f"{wait} though all is known"
        assert self.consented(point, wait.incoming, wait.start), f"{wait} without a consent"
        assert self.is_active(point, wait.start), f"{wait} though the point is closed"
        outgoing = self._last(point, wait.outgoing, wait.start)
        assert outgoing.until is None or outgoing.until >= wait.start, f"{wait} and nobody to take it from"
        assert "own" not in outgoing.ends or outgoing.ends["own"] >= wait.start, "a gap that the outgoing BSP made"
        assert not any(one.lives and one.valid_from > now for one in self.holds[point]), f"{wait} has lost its place"

    def _lost_rightly(self, point: str, one: v1.SwitchAnnounced, now: datetime) -> None:
        """A fact has cancelled it, and still does: in whatever order the facts were told."""
        taken = any(hold.lives and hold.at(one.start) and hold.bsp != one.outgoing for hold in self.holds[point])
        outgoing = self._last(point, one.outgoing, one.start, lives=False)
        given_up = outgoing.ends.get("own", one.start) < one.start
        later = any(hold.lives and hold.valid_from > outgoing.valid_from for hold in self.holds[point])
        if one.start > now and not taken and not given_up and not later and self.is_active(point, one.start):
            assert not self._rests(point, one), f"{one} stays cancelled, and nothing hinders it"

    def _rests(self, point: str, one: v1.SwitchAnnounced) -> bool:
        """Whether the consent that a switch was announced on is valid at its start."""
        others, self.consents = self.consents, {one.consent_id: self.consents[one.consent_id]}
        try:
            return self.consented(point, one.incoming, one.start)
        finally:
            self.consents = others

    def _has_its_reasons(self, point: str, hold: Hold, now: datetime) -> None:
        for moment in midnights(hold.valid_from, min(hold.until or now, now)):
            assert self.is_active(point, moment), f"{hold} though the point is closed at {moment}"
            assert self.consented(point, hold.bsp, moment), f"{hold} without a consent at {moment}"

    def _ends_for_a_reason(self, point: str, hold: Hold) -> None:
        if hold.passes_at is not None and "own" in hold.ends:
            assert hold.ends["own"] >= hold.passes_at, "a gap that the outgoing BSP made"
        moved = hold.ends.get("move-out")
        if moved is not None and not self._another(point, hold, moved):
            before = self.user(point, hold.valid_from)
            now = self.user(point, moved)
            assert moved == hold.valid_from or before != now, f"{hold} ends for a move-out, and {now} stayed"
        closed = hold.ends.get("point-closed")
        if closed is not None and not self._another(point, hold, closed):
            assert not self.is_active(point, closed), f"{hold} ends because of {closed}, when the point is not closed"

    def _another(self, point: str, hold: Hold, moment: datetime) -> bool:
        return any(one is not hold and one.lives and one.at(moment) for one in self.holds[point])


def midnights(first: datetime, last: datetime) -> list[datetime]:
    """Every Oslo midnight from the first moment, which is one, to before the last."""
    found: list[datetime] = []
    moment = first
    while moment < last:
        found.append(moment)
        moment = calendar.next_midnight(moment + timedelta(hours=1))
    return found
