"""Documentation of groups' capacity: what the case shard does about what the TSO asks for, and when it prepares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.service import Due, Incoming
from chassis.work import Work
from contracts import calendar
from contracts.message import Rule
from contracts.meter_ingest.v1 import CapacityFacts, RequestCapacityEvidence
from meter_ingest import sealing, store
from meter_ingest.domain import (
    baseline_choice,
    baseline_series,
    blocks,
    capacity,
    capacity_evidence,
    capacity_facts,
    capacity_packet,
    days,
    evidence_answer,
    known,
    packet,
)
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.capacity_evidence import Requested
from meter_ingest.domain.evidence import LINES
from meter_ingest.domain.values import Version
from meter_ingest.handlers import POLICIES_NEEDED, Needed, Values, minutes_of, policies_in_force


def request_needs(incoming: Incoming[RequestCapacityEvidence]) -> Needed:
    """What has the id, and the group; its points are known when it is loaded."""
    group = (incoming.data.group_id,)
    return (
        *POLICIES_NEEDED,
        (store.CAPACITY, (incoming.subject,)),
        (store.CAPACITY_AWAITED, (incoming.subject,)),
        (store.EVIDENCE, (incoming.subject,)),
        (store.GROUP, group),
        (store.APPROVAL, group),
        (store.BASELINES, group),
    )


@dataclass(frozen=True, slots=True)
class Content:
    """All that follows from facts, with what it was made from."""

    documented: capacity.Documented
    plans: Mapping[str, Mapping[datetime, int]]
    values: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class DocumentingCapacity:
    """The handlers that read values."""

    values: Values

    async def request(self, work: Work, incoming: Incoming[RequestCapacityEvidence]) -> None:
        """The TSO asks: it is prepared at once, where nothing misses; else the DSOs are told what does."""
        command, at = incoming.data, incoming.at
        events = capacity_evidence.decide_requested(
            await work.load(store.CAPACITY, incoming.subject),
            command,
            evidence_id=incoming.subject,
            group=await work.load(store.GROUP, command.group_id),
            taken=await work.load(store.EVIDENCE, incoming.subject) is not None,
            required=(await policies_in_force(work)).value("evidence.required", at=at) is True,
            sender=incoming.sender,
            at=at,
        )
        await work.append(*events)
        state = await work.load(store.CAPACITY, incoming.subject)
        if not events or state is None:
            return
        if gone := await _sealed(work, await _facts(work, state)):
            raise gone.refused(path="/period", actual=f"{command.group_id}, {calendar.local_text(state.start)}")
        if state.end > at:
            return
        if await _has_come(work, state):
            await self._prepare(work, state, at=at)
        elif not await _is_told_later(work, state):
            await self._tell(work, state)

    async def values_came(self, work: Work, evidence_id: str, points: set[str], at: datetime) -> None:
        """Values of these points came, that it may wait for; or, until its deadline, corrections of what it shows."""
        state = await work.load(store.CAPACITY, evidence_id)
        if state is None or at < state.end:
            return
        if state.whole:
            if capacity_evidence.is_open(state, at):
                await self._corrected(work, state, points, at=at)
        elif await _has_come(work, state) and not await _sealed(work, await _known(work, state)):
            await self._prepare(work, state, at=at)

    async def _corrected(self, work: Work, state: Requested, points: set[str], *, at: datetime) -> None:
        facts = await _facts(work, state)
        shown = {point for point, _, _ in capacity_packet.keys(facts)}
        if points.isdisjoint(shown) or await _sealed(work, facts):
            return
        await self._prepare(work, state, at=at, anew=True)
        now = await work.load(store.CAPACITY, state.evidence_id)
        if now is not None and not now.whole:
            await self._tell(work, now)

    async def capacity_due(self, work: Work, due: Due) -> None:
        """Its deadline: it is prepared with what there is."""
        state = await work.load(store.CAPACITY, due.id)
        assert state is not None
        await self._prepare(work, state, at=due.at)

    async def owed_due(self, work: Work, due: Due) -> None:
        """The period, which lay ahead when it was asked for, is over: the DSOs are told what misses.

        Where nobody owes what does, there is nothing to wait for.
        """
        state = await work.load(store.CAPACITY, due.id)
        assert state is not None
        if not await self._tell(work, state):
            await self._prepare(work, state, at=due.at)

    async def _tell(self, work: Work, state: Requested) -> bool:
        found = await content(self.values, work, state.group_id, await _facts(work, state), as_known=True)
        owed = list(capacity_evidence.owed(state, found.documented))
        await work.append(*owed)
        return bool(owed)

    async def answered(self, work: Work, evidence_id: str, at: datetime) -> None:
        """Its BSP has answered: what was prepared before is prepared with that, if its values are there still."""
        state = await work.load(store.CAPACITY, evidence_id)
        assert state is not None
        if state.version and not await _sealed(work, await _known(work, state)):
            await self._prepare(work, state, at=at)

    async def _prepare(self, work: Work, state: Requested, *, at: datetime, anew: bool = False) -> None:
        """`anew`: of what is known now, also where it was whole."""
        is_now = anew or not state.facts
        facts = await (_facts if is_now else _known)(work, state)
        found = await content(self.values, work, state.group_id, facts, as_known=is_now)
        answer = evidence_answer.given(await work.load(store.ANSWER, evidence_answer.name(state.evidence_id)))
        head = capacity_evidence.head(state, prepared_at=at)
        told = [*capacity_evidence.events(state), *([answer] if answer else [])]
        core = capacity_packet.core(
            head, found.documented, plans=found.plans, content=found.values, told=told, answer=answer
        )
        await work.append(
            capacity_evidence.prepared(
                head,
                found.documented,
                late=found.documented.whole and (state.late if state.whole else at > state.due_at),
                events=len(told),
                root_sha256=core.root,
                answer_sha256=packet.event_sha256(answer) if answer else None,
            )
        )


async def content(
    values: Values, work: Work, group_id: str, facts: CapacityFacts, *, as_known: bool = False
) -> Content:
    """What follows from facts: the same whenever it is made, as long as there are the values.

    `as_known`: they are of now, and of what came in another resolution than counts now they are to say so.
    """
    as_of = {one.shard: one.position for one in facts.as_of}
    keys = capacity_packet.keys(facts)
    by_key: dict[tuple[str, str, Any], list[Version]] = {}
    for version in await values.versions(keys, as_of=as_of) if keys else ():
        by_key.setdefault((version.metering_point_id, version.line, version.day), []).append(version)
    if as_known:
        minutes = {line: await minutes_of(work, capacity.stays(facts), line) for line in LINES}
        facts = packet.written(capacity_facts.read_as(facts, by_key, minutes))
    told = capacity.told(facts, by_key)
    names = baseline_series.names(group_id, facts.period.start, facts.period.end)
    plans = capacity_facts.submitted(facts, await work.load_many(store.SUBMITTED, names))
    return Content(capacity.shown(facts, told), plans, told)


async def _sealed(work: Work, facts: CapacityFacts) -> Rule | None:
    return await sealing.of_days(work, capacity_packet.keys(facts))


async def _known(work: Work, state: Requested) -> CapacityFacts:
    # What was documented as whole stays so.
    return CapacityFacts.model_validate_json(state.facts) if state.facts else await _facts(work, state)


async def _facts(work: Work, state: Requested) -> CapacityFacts:
    group = await work.load(store.GROUP, state.group_id)
    named = list(blocks.by_block(capacity_evidence.members(group, state.start, state.end)))
    in_force = await policies_in_force(work)
    heard = await work.load(store.HEARD, "values")
    known_as = capacity_facts.Known(
        group,
        await work.load(store.APPROVAL, state.group_id),
        await work.load(store.BASELINES, state.group_id),
        baseline_choice.default_of(in_force.value("baseline.default", at=state.start)),
        await work.load_many(store.POINTS, named),
        await work.load_many(store.CONTROL, named),
        await work.load_many(store.BLOCK, [blocks.key(block, line) for block in named for line in LINES]),
        await _called(work, state),
        heard.positions if heard else {},
    )
    return capacity_facts.gathered(state, known_as)


async def _called(work: Work, state: Requested) -> list[Activation]:
    """The group's activations that may reach into the period."""
    start, end = state.start - days.QUARTER, state.end + days.QUARTER
    found = await work.load_many(store.CALLED, baseline_series.names(state.group_id, start, end))
    named = dict.fromkeys(id_ for one in found.values() if one for id_ in one.periods)
    return [one for one in (await work.load_many(store.ACTIVATION, named)).values() if one]


async def _is_told_later(work: Work, state: Requested) -> bool:
    awaited = await work.load(store.CAPACITY_AWAITED, state.evidence_id)
    return awaited is not None and awaited.tell_at is not None


async def _has_come(work: Work, state: Requested) -> bool:
    """Whether nothing misses: the last day is looked at first, for values come day by day."""
    facts = await _facts(work, state)
    stays, looked = capacity.stays(facts), capacity.series(facts)
    if not stays:
        return False
    series = [blocks.key(block, line) for block in blocks.by_block(stays) for line in LINES]
    minutes = {line: await minutes_of(work, stays, line) for line in LINES}
    for day in reversed(days.days(state.start, state.end)):
        found: Mapping[str, known.Received | None] = await work.load_many(
            store.RECEIVED, (blocks.key(day.date, name) for name in series)
        )
        if not capacity_facts.has_come(looked, stays, found, minutes, day):
            return False
    return True
