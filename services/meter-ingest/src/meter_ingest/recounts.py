"""A point's resolution was corrected back in time: the days on which other values count now are looked at anew.

What was counted of them, and the activations that may have read them, or wait for them, as after corrected values. The
first step is taken when it is said, the others at deadlines of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chassis.service import Due, Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import CountingChannelChanged
from contracts.registry.v1 import MeteringPointRecorded
from meter_ingest import completing, store
from meter_ingest.domain import blocks, recounted
from meter_ingest.domain.recounted import Recount
from meter_ingest.handlers import Needed
from meter_ingest.verifying import Verifying


def needs(incoming: Incoming[MeteringPointRecorded]) -> Needed:
    """Whether it is being looked at already."""
    yield store.RECOUNT, (incoming.data.metering_point_id,)


@dataclass(frozen=True, slots=True)
class Recounting:
    """The handlers, with who verifies."""

    verified: Verifying

    async def changed(
        self, work: Work, incoming: Incoming[MeteringPointRecorded], changed: Sequence[CountingChannelChanged]
    ) -> None:
        """Which values count was said otherwise of some days."""
        point, at = incoming.data.metering_point_id, incoming.at
        if not changed:
            return
        standing = await work.load(store.RECOUNT, point)
        state = recounted.begun(standing, changed, counted_since=completing.counted_since(at), at=at)
        if state is not None:
            await self._step(work, point, state, at=at)

    async def recount_due(self, work: Work, due: Due) -> None:
        """The next days' turn."""
        state = await work.load(store.RECOUNT, due.id)
        assert state is not None
        await self._step(work, due.id, state, at=due.at)

    async def _step(self, work: Work, point: str, state: Recount, *, at: datetime) -> None:
        now, block = recounted.turn(state), blocks.block_of(point)
        earlier = recounted.later(state, now)
        found = await work.load_many(store.WATCHED, [blocks.key(local, block) for local in (*now, *earlier)])
        watched = {local: found[blocks.key(local, block)] for local in (*now, *earlier)}
        seen = {id_ for local in earlier if (one := watched[local]) for id_ in one.windows}
        named = list(recounted.activations(state, now, watched, seen))
        taken = named[: recounted.ACTIVATIONS_A_STEP]
        last: tuple[date, str | None] = (now[-1], None) if len(taken) == len(named) else taken[-1]
        await completing.count_earlier(work, point, recounted.uncounted(state, now, last[0]), at=at)
        for _, id_ in taken:
            await self.verified.count_otherwise(work, id_, {point}, at=at)
        await work.append(recounted.decide_step(point, state, taken=len(taken), last=last, at=at))
