"""Activations: what the case shard does about what the TSO says of them, and when it verifies them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.service import Answer, Due, Incoming
from chassis.work import Work
from contracts.message import Event
from contracts.meter_ingest.v1 import (
    AmendActivation,
    AnnulVerification,
    CancelActivation,
    OrderActivation,
    ValuesAccepted,
    VerificationAnnulled,
    VerifyAgain,
)
from meter_ingest import looking, sealing, store
from meter_ingest.domain import (
    baseline_choice,
    blocks,
    called,
    control,
    days,
    known,
    ordering,
    received,
    verification,
)
from meter_ingest.domain.activation import Activation
from meter_ingest.handlers import POLICIES_NEEDED, Needed, Values, policies_in_force, steps_of

_MOST_BACK = timedelta(days=3 * 365)
"""How far back it is looked for what was verified: values are corrected no further either (`values.max-age-years`)."""


def order_needs(incoming: Incoming[OrderActivation]) -> Needed:
    """The activation, its group, and what may be delivered and bid."""
    group = (incoming.data.group_id,)
    return (
        *POLICIES_NEEDED,
        (store.ACTIVATION, (incoming.subject,)),
        (store.GROUP, group),
        (store.APPROVAL, group),
        (store.BASELINES, group),
    )


async def _order(work: Work, incoming: Incoming[OrderActivation]) -> Answer:
    events, notices = ordering.decide_ordered(
        await work.load(store.ACTIVATION, incoming.subject),
        incoming.data,
        activation_id=incoming.subject,
        of=await _group(work, incoming.data.group_id, start=incoming.data.period.start),
        at=incoming.at,
    )
    await work.append(*events)
    return Answer(notices)


def change_needs(incoming: Incoming[AmendActivation | CancelActivation | AnnulVerification | VerifyAgain]) -> Needed:
    """The activation; its group is known when it is loaded."""
    return *POLICIES_NEEDED, (store.ACTIVATION, (incoming.subject,)), (store.HEARD, ("values",))


async def _group(work: Work, group_id: str, *, start: datetime) -> ordering.Group:
    in_force = await policies_in_force(work)
    return ordering.Group(
        await work.load(store.GROUP, group_id),
        await work.load(store.APPROVAL, group_id),
        await work.load(store.BASELINES, group_id),
        baseline_choice.default_of(in_force.value("baseline.default", at=start)),
    )


def member_needs(incoming: Incoming[known.OfMember]) -> Needed:
    """Whether its group was ever called for since."""
    group = (incoming.data.group_id,)
    return (store.CALLED_LAST, group), (store.GROUP, group)


def values_needs(incoming: Incoming[ValuesAccepted]) -> Needed:
    """Where what came is noted, and which activations it may touch."""
    names = [blocks.key(*one) for one in received.names(incoming.data)]
    return (
        *POLICIES_NEEDED,
        (store.HEARD, ("values",)),
        (store.RECEIVED, names),
        (store.WATCHED, [name.rpartition("|")[0] for name in names]),
    )


@dataclass(frozen=True, slots=True)
class Verifying:
    """The handlers that read values."""

    values: Values
    after: Callable[[Work, str, datetime], Awaitable[None]] | None = None
    """What else is to be done of an activation when there is a new run of it, or none stands any more."""
    beside: Callable[[Work, str, set[str], datetime], Awaitable[None]] | None = None
    """What is to be done of what waits for values, and is no activation."""

    async def order_activation(self, work: Work, incoming: Incoming[OrderActivation]) -> Answer:
        """The TSO has ordered an activation."""
        answer = await _order(work, incoming)
        await self._called(work, incoming.subject, at=incoming.at)
        return answer

    async def amend_activation(self, work: Work, incoming: Incoming[AmendActivation]) -> Answer:
        """The TSO has amended an activation: what has come already of what it is now is not waited for again."""
        state = await work.load(store.ACTIVATION, incoming.subject)
        start = incoming.data.period.start
        of = await _group(work, state.group_id, start=start) if state else ordering.Group(None, None)
        events, notices = ordering.decide_amended(state, incoming.data, of=of, at=incoming.at)
        await work.append(*events)
        now = await work.load(store.ACTIVATION, incoming.subject)
        if events and now is not None:
            if now.bsp is not None:
                await self._anew(work, now, at=incoming.at)
            await self._called(work, incoming.subject, at=incoming.at, was=state)
            await self._ended(work, events, incoming.subject, at=incoming.at)
        return Answer(notices)

    async def cancel_activation(self, work: Work, incoming: Incoming[CancelActivation]) -> Answer:
        """The TSO has cancelled an activation."""
        state = await work.load(store.ACTIVATION, incoming.subject)
        events, notices = ordering.decide_cancelled(state, at=incoming.at)
        await work.append(*events)
        if events:
            await self._called(work, incoming.subject, at=incoming.at)
            await self._ended(work, events, incoming.subject, at=incoming.at)
        return Answer(notices)

    async def annul_verification(self, work: Work, incoming: Incoming[AnnulVerification]) -> None:
        """What was verified counts no more: it had read what was wrong."""
        events = ordering.decide_annulled(await work.load(store.ACTIVATION, incoming.subject), at=incoming.at)
        await work.append(*events)
        await self._ended(work, events, incoming.subject, at=incoming.at)

    async def verify_again(self, work: Work, incoming: Incoming[VerifyAgain]) -> None:
        """The TSO asks for a run on what counts now."""
        state = ordering.check_again(await work.load(store.ACTIVATION, incoming.subject), at=incoming.at)
        if gone := await sealing.of_activation(work, state):
            raise gone.refused(path="/subject", actual=ordering.stands(state))
        await self._verify(work, state, "asked", at=incoming.at)

    async def _ended(self, work: Work, events: Sequence[Event], activation_id: str, *, at: datetime) -> None:
        """Where its run was annulled, and there is no other by now."""
        if self.after is not None and any(isinstance(event, VerificationAnnulled) for event in events):
            state = await work.load(store.ACTIVATION, activation_id)
            if state is not None and state.run is None:
                await self.after(work, activation_id, at)

    async def _called(self, work: Work, activation_id: str, *, at: datetime, was: Activation | None = None) -> None:
        """The group's other activations, where a run may have read a quarter of this one, as it is or was.

        Of an activation that has not begun no run can have read anything.
        """
        now = await work.load(store.ACTIVATION, activation_id)
        begun = [one for one in (now, was) if one is not None and one.start <= at]
        found = await work.load_many(store.CALLED, (name for one in begun for name in called.later(one)))
        others = dict.fromkeys(id_ for one in found.values() if one for id_ in one.periods)
        for id_ in others:
            state = await work.load(store.ACTIVATION, id_) if id_ != activation_id else None
            if state is not None and state.run is not None:
                await self._revise(work, state, "revision", at=at)

    async def values_accepted(self, work: Work, incoming: Incoming[ValuesAccepted]) -> None:
        """Verify each activation of which the last expected value has come, or an already verified one was revised."""
        for activation_id, points in (await looking.touched(work, incoming.data)).items():
            await self.count_otherwise(work, activation_id, points, at=incoming.at, sender=incoming.data.sender)

    async def count_otherwise(
        self, work: Work, activation_id: str, points: set[str], *, at: datetime, sender: str | None = None
    ) -> None:
        """What counts of points is otherwise than it was: whoever may have read it, or waits for it.

        `sender`: whose values came; None: it was said of the points.
        """
        state = await work.load(store.ACTIVATION, activation_id)
        if state is None and self.beside is not None:
            await self.beside(work, activation_id, points, at)
        if state is None or state.bsp is None or state.cancelled or points.isdisjoint(state.points):
            return
        whole = (state.run is None or not state.run.complete) and await looking.all_there(work, state)
        if whole or state.run is not None:
            await self._revise(work, state, "complete" if whole else "revision", at=at, sender=sender)

    async def verification_due(self, work: Work, due: Due) -> None:
        """09:00 on the day after, or when it is told after that: verify with what there is."""
        state = await work.load(store.ACTIVATION, due.id)
        assert state is not None
        await self._verify(work, state, "deadline", at=due.at)

    async def verifications_next(self, work: Work, ids: Sequence[str]) -> None:
        """What the next of them reads is on its way while one is computed; all their documents are fetched at once."""
        states = [state for state in (await work.load_many(store.ACTIVATION, ids)).values() if state and state.bsp]
        if not states or states[0].activation_id in work.coming:
            return
        if (store.CALLED.name, called.names(states[0])[0]) not in work.documents:
            await work.prefetch(needed for state in states for needed in looking.read_of(state))
        asked = await looking.asked(work, states[0])
        heard = await work.load(store.HEARD, "values")
        begun = await self.values.begin(asked.by_line, asked.windows, as_of=heard.positions if heard else {})
        work.coming[states[0].activation_id] = asked, begun

    async def verify(self, work: Work, state: Activation, *, at: datetime) -> None:
        """A run on what counts now: for who needs one."""
        await self._verify(work, state, "asked", at=at)

    async def run_of(self, work: Work, state: Activation, as_of: Mapping[str, int]) -> verification.Run:
        """All that a verification is made from, of values up to these positions: for who needs more than its event."""
        return await self._run(work, state, as_of)

    async def control_changed(self, work: Work, incoming: Incoming[control.OfControl]) -> None:
        """Who holds a point is said otherwise of what has been: what was verified since is verified anew."""
        event, at = incoming.data, incoming.at
        block = blocks.block_of(event.metering_point_id)
        since = max(control.since(event, await work.load(store.CONTROL, block)), at - _MOST_BACK)
        if since >= at:
            return
        touched = await work.load_many(store.WATCHED, (blocks.key(day.date, block) for day in days.days(since, at)))
        named = dict.fromkeys(key for watched in touched.values() if watched for key in watched.windows)
        for activation_id in named:
            state = await work.load(store.ACTIVATION, activation_id)
            if state is not None and state.run is not None and event.metering_point_id in state.points:
                await self._revise(work, state, "revision", at=at)

    async def _revise(
        self, work: Work, state: Activation, because: verification.Because, *, at: datetime, sender: str | None = None
    ) -> None:
        """Another run, unless there was one of values that are gone now: what is published of those stands.

        `sender`: whose values came, who is told so.
        """
        if state.runs and (gone := await sealing.of_activation(work, state)):
            await work.append(ordering.decide_not_renewed(state, gone, sender=sender, at=at))
        else:
            await self._verify(work, state, because, at=at)

    async def membership_said(self, work: Work, incoming: Incoming[known.OfMember]) -> None:
        """What is said of a member reaches activations that were ordered before: they have the members that were.

        What was verified of them is verified anew; what has come of it now is not waited for again.
        """
        event, at = incoming.data, incoming.at
        last = await work.load(store.CALLED_LAST, event.group_id)
        since = known.since(event, await work.load(store.GROUP, event.group_id)) if last else None
        if last is None or since is None:
            return
        since = max(since, at - _MOST_BACK)
        found = await work.load_many(store.CALLED, called.since(event.group_id, since, last))
        periods = {id_: end for one in found.values() if one for id_, (_, end) in one.periods.items()}
        for activation_id in [id_ for id_, end in periods.items() if since < end]:
            state = await work.load(store.ACTIVATION, activation_id)
            assert state is not None
            of = await _group(work, state.group_id, start=state.start)
            because = ordering.MEMBER_FACTS.get(type(event), "membership")
            events = ordering.decide_member(state, event.metering_point_id, because, of=of, at=at)
            await work.append(*events)
            now = await work.load(store.ACTIVATION, activation_id)
            if events and now is not None and (now.run is not None or not now.source_wrong):
                await self._anew(work, now, at=at)

    async def _anew(self, work: Work, state: Activation, *, at: datetime) -> None:
        """What was verified; or what has not been, where all has come of what it is now."""
        if state.run is not None:
            await self._revise(work, state, "revision", at=at)
        elif days.quarter_ceil(state.end) + days.QUARTER <= at and await looking.all_there(work, state):
            await self._verify(work, state, "complete", at=at)

    async def _verify(self, work: Work, state: Activation, because: verification.Because, *, at: datetime) -> None:
        told = [(kind, (state.activation_id,)) for kind in (store.ACTIVATION_TOLD, store.EVIDENCE_OF)]
        await work.prefetch((*looking.read_of(state), *told))
        heard = await work.load(store.HEARD, "values")
        as_of = heard.positions if heard else {}
        run = await self._run(work, state, as_of)
        in_force = await policies_in_force(work)
        # Of the activation, not of the run: a correction three years later is held against the same.
        tolerance_pct = str(in_force.value("verification.tolerance-pct", at=state.start))
        events = verification.decide_verified(run, because=because, tolerance_pct=tolerance_pct, as_of=as_of, at=at)
        await work.append(*events)
        if events and self.after is not None:
            await self.after(work, state.activation_id, at)

    async def _run(self, work: Work, state: Activation, as_of: Mapping[str, int]) -> verification.Run:
        await work.prefetch(looking.read_of(state))
        was, begun = work.coming.pop(state.activation_id, (None, None))
        asked = await looking.asked(work, state, was)
        steps = await steps_of(work, asked.by_line, asked.windows)
        readings = await self.values.read(asked.by_line, asked.windows, as_of=as_of, steps=steps, begun=begun)
        said = await looking.agreed(work, state)
        return verification.Run(
            state,
            readings,
            asked.held,
            plan=said.counting.get("plan", {}),
            reported=said.counting.get("reported", {}),
            corrected=said.corrected,
            covered=asked.covered,
            beside=await looking.orders_beside(work, state),
        )
