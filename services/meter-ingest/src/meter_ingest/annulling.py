"""Annulling all that rested on a source: the case shard goes along the activations of the days that may have read it.

Some at a time, so that what is said meanwhile does not wait (ADR 0013 does likewise).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from chassis.service import Due, Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import AnnulVerifications
from meter_ingest import looking, store
from meter_ingest.domain import annulment, awaited, blocks, ordering, series
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.annulment import Annulment, Step
from meter_ingest.domain.evidence import LINES
from meter_ingest.handlers import POLICIES_NEEDED, Needed, policies_in_force


def annul_needs(incoming: Incoming[AnnulVerifications]) -> Needed:
    """The annulment, and whose values were wrong."""
    return *POLICIES_NEEDED, (store.ANNULMENT, (incoming.subject,)), (store.PARTY, (incoming.data.dso,))


@dataclass(frozen=True, slots=True)
class Annulling:
    """The handlers."""

    after: Callable[[Work, str, datetime], Awaitable[None]]
    """What is to be done of an activation of which no run stands any more."""

    async def annul_verifications(self, work: Work, incoming: Incoming[AnnulVerifications]) -> None:
        """What a DSO had sent of a period was wrong."""
        command, at = incoming.data, incoming.at
        kept_years = (await policies_in_force(work)).whole("retention.marked-values-years", at=at)
        begun = annulment.decide_begun(
            await work.load(store.ANNULMENT, incoming.subject),
            command,
            party=await work.load(store.PARTY, command.dso),
            oldest=series.oldest_start(at, kept_years),
            at=at,
        )
        if begun is not None:
            await self._step(work, incoming.subject, begun, at=at)

    async def annulment_due(self, work: Work, due: Due) -> None:
        """The next activations' turn."""
        state = await work.load(store.ANNULMENT, due.id)
        assert state is not None
        await self._step(work, due.id, state, at=due.at)

    async def _step(self, work: Work, annulment_id: str, source: Annulment, *, at: datetime) -> None:
        left = annulment.days_left(source)
        now = left[: annulment.DAYS_A_STEP]
        found = await work.load_many(store.ADJUSTMENT, (one.isoformat() for one in now))
        of_days = {one.local: one.activations for one in found.values() if one}
        named = list(annulment.turn(source, now, of_days))
        await work.load_many(store.ACTIVATION, dict.fromkeys(id_ for _, id_ in named[: annulment.ACTIVATIONS_A_STEP]))
        last: tuple[date, str | None] = now[-1], None
        others_follow = len(now) < len(left)
        taken = points = annulled = 0
        for local, id_ in named:
            if not annulment.fits(taken, points):
                others_follow = True
                break
            taken, last = taken + 1, (local, id_)
            state = await work.load(store.ACTIVATION, id_)
            if state is not None and state.run is not None:
                points += len(state.points)
                if await _rests_on(work, state, source):
                    said = {"annulment_id": annulment_id, "dso": source.dso, "reason": source.reason}
                    await work.append(*ordering.annulled(state, "source-wrong", at=at, **said))
                    await self.after(work, id_, at)
                    annulled += 1
        else:
            last = now[-1], None
        step = Step(taken, annulled, *last, others_follow=others_follow)
        await work.append(annulment.decide_step(annulment_id, source, step, at=at))


async def _rests_on(work: Work, state: Activation, source: Annulment) -> bool:
    """Whether its run has read anything of what is wrong: mostly the first block of the DSO's tells."""
    held = awaited.concerned(state, state.points, await work.load_many(store.CONTROL, blocks.by_block(state.points)))
    series_of = (blocks.key(block, line) for block in blocks.by_block(held) for line in LINES)
    channels = await work.load_many(store.BLOCK, series_of)
    covered = await looking.covered_by_others(work, state)
    by_line = awaited.with_channel(state, held, channels, covered)
    wrong = list(annulment.stretches(state, source, by_line, channels, covered))
    named = list(dict.fromkeys(name for one in wrong for name in one.names))
    for some in (named[:1], named[1:]):
        if annulment.rests_on(source, wrong, await work.load_many(store.RECEIVED, some)):
            return True
    return False
