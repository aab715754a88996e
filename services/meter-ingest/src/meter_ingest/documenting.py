"""Evidence of activations: what the case shard does about what the TSO asks for, and when it prepares it (R46)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.service import Due, Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import ActivationVerified, RequestEvidence
from meter_ingest import packing, sealing, store, verifying
from meter_ingest.domain import days, documentation, documented, evidence_answer, ordering, packet
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.documentation import Requested
from meter_ingest.handlers import POLICIES_NEEDED, Needed, Values, policies_in_force


def request_needs(incoming: Incoming[RequestEvidence]) -> Needed:
    """The evidence, its activation, and what was said of that; the group is known when it is loaded."""
    of = (incoming.data.activation_id,)
    return (
        *POLICIES_NEEDED,
        (store.EVIDENCE, (incoming.subject,)),
        (store.CAPACITY, (incoming.subject,)),
        (store.ACTIVATION, of),
        (store.ACTIVATION_TOLD, of),
        (store.EVIDENCE_OF, of),
    )


@dataclass(frozen=True, slots=True)
class Documenting:
    """The handlers that read values."""

    values: Values

    async def request(self, work: Work, incoming: Incoming[RequestEvidence]) -> None:
        """The TSO asks for evidence: it is prepared at once, where nothing misses; else the DSOs are told what does."""
        command, at = incoming.data, incoming.at
        of = await work.load(store.ACTIVATION, command.activation_id)
        told = documentation.events(await work.load(store.ACTIVATION_TOLD, command.activation_id))
        events = documentation.decide_requested(
            await work.load(store.EVIDENCE, incoming.subject),
            command,
            evidence_id=incoming.subject,
            of=of,
            told=told,
            taken=await work.load(store.CAPACITY, incoming.subject) is not None,
            required=(await policies_in_force(work)).value("evidence.required", at=at) is True,
            sender=incoming.sender,
            at=at,
        )
        if events and of is not None and (gone := await sealing.of_activation(work, of)):
            raise gone.refused(path="/activation_id", actual=ordering.stands(of))
        await work.append(*events)
        state = await work.load(store.EVIDENCE, incoming.subject)
        if not events or of is None or state is None:
            return
        found = documentation.current(told, command.run)
        if documentation.waits_for(state, found):
            await self._prepare(work, state, of, at=at)
        else:
            await self._tell(work, state, of, found, at=at)

    async def verified(self, work: Work, activation_id: str, at: datetime) -> None:
        """There is a new run, or none stands any more: what waits for one that is whole is prepared.

        So is, until its deadline, what documents another run, whatever the new one misses.
        """
        waiting = await work.load(store.EVIDENCE_OF, activation_id)
        for id_ in waiting.asked if waiting else ():
            state = await work.load(store.EVIDENCE, id_)
            of = await work.load(store.ACTIVATION, activation_id)
            assert state is not None
            assert of is not None
            told = documentation.events(await work.load(store.ACTIVATION_TOLD, activation_id))
            found = documentation.current(told, state.run)
            if documentation.waits_for(state, found):
                await self._prepare(work, state, of, at=at)
            elif documentation.is_superseded(state, found, at=at):
                await self._supersede(work, state, of, found, at=at)
            elif not state.version and found is not None and found.because == "deadline" and _lay_ahead(state, of):
                await self._tell(work, state, of, found, at=at)

    async def _supersede(
        self, work: Work, state: Requested, of: Activation, found: ActivationVerified | None, *, at: datetime
    ) -> None:
        if await sealing.of_activation(work, of):
            return
        await self._prepare(work, state, of, at=at)
        if found is not None:
            # It misses something; of what is whole nothing is owed.
            await self._tell(work, state, of, found, at=at)

    async def evidence_due(self, work: Work, due: Due) -> None:
        """Its deadline: it is prepared with what there is."""
        state = await work.load(store.EVIDENCE, due.id)
        assert state is not None
        of = await work.load(store.ACTIVATION, state.activation_id)
        assert of is not None
        if of.run is None and _may_be_verified(of, due.at):
            await verifying.Verifying(self.values).verify(work, of, at=due.at)
            of = await work.load(store.ACTIVATION, state.activation_id)
            assert of is not None
        await self._prepare(work, state, of, at=due.at)

    async def answered(self, work: Work, evidence_id: str, at: datetime) -> None:
        """Its BSP has answered: what was prepared before is prepared with that, if its values are there still."""
        state = await work.load(store.EVIDENCE, evidence_id)
        assert state is not None
        of = await work.load(store.ACTIVATION, state.activation_id)
        assert of is not None
        if state.version and not await sealing.of_activation(work, of):
            await self._prepare(work, state, of, run=documentation.of_answer(state), at=at)

    async def _tell(
        self, work: Work, state: Requested, of: Activation, found: ActivationVerified | None, *, at: datetime
    ) -> None:
        """What DSOs owe; of what lies ahead, or was not to be, that is nothing."""
        run = None
        if found is None:
            if not _may_be_verified(of, at):
                return
            heard = await work.load(store.HEARD, "values")
            run = await verifying.Verifying(self.values).run_of(work, of, heard.positions if heard else {})
        else:
            told = documentation.events(await work.load(store.ACTIVATION_TOLD, of.activation_id))
            doc = await packing.document(self.values, work, told, found)
            run = doc.run if doc else None
        members = documented.members(of, await work.load(store.GROUP, of.group_id))
        counts = documented.counts(documented.qualities(run, of), members)
        await work.append(*documentation.owed(state, of, counts))

    async def _prepare(
        self, work: Work, state: Requested, of: Activation, *, at: datetime, run: int | None = None
    ) -> None:
        told = documentation.events(await work.load(store.ACTIVATION_TOLD, of.activation_id))
        found = documentation.current(told, run or state.run)
        answer = evidence_answer.given(await work.load(store.ANSWER, evidence_answer.name(state.evidence_id)))
        asked = documentation.requests(state)
        own = [*asked, answer] if asked and answer else asked
        doc = await packing.document(self.values, work, told, found)
        members = tuple(map(packet.written, documented.members(of, await work.load(store.GROUP, of.group_id))))
        whole = documentation.is_whole(found)
        head = documentation.head(state, of, found, prepared_at=at)
        content = packing.core(head, told=[*told, *own], members=members, doc=doc, answer=answer)
        await work.append(
            documentation.prepared(
                head,
                whole=whole,
                late=documentation.is_late(state, whole=whole, at=at),
                counts=documented.counts(documented.qualities(doc.run if doc else None, of), members),
                members=members,
                events=len(told),
                requests=len(own),
                root_sha256=content.root,
                answer_sha256=packet.event_sha256(answer) if answer else None,
            )
        )


def _may_be_verified(of: Activation, at: datetime) -> bool:
    return of.bsp is not None and not of.cancelled and _over(of) <= at


def _lay_ahead(state: Requested, of: Activation) -> bool:
    return state.requested_at < _over(of)


def _over(of: Activation) -> datetime:
    return days.quarter_ceil(of.end) + days.QUARTER
