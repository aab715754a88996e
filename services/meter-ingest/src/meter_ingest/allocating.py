"""What each point of an activation delivered, read for imbalance adjustment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.work import Work
from meter_ingest import store
from meter_ingest.domain import activation, blocks, days, verification
from meter_ingest.domain.settlement import allocated
from meter_ingest.domain.settlement.adjustment import Delivered
from meter_ingest.domain.values import Reading
from meter_ingest.handlers import Values


@dataclass(frozen=True, slots=True)
class FromValues:
    """`adjusting.Allocated`, from the values that a verification reads."""

    values: Values

    async def __call__(self, work: Work, activation_id: str, as_of: Mapping[str, int]) -> Delivered | None:
        """By its current verification, of values up to these positions; None where it has not been verified."""
        state = await work.load(store.ACTIVATION, activation_id)
        if state is None or state.bsp is None or state.run is None:
            return None
        controls = await work.load_many(store.CONTROL, blocks.by_block(state.points))
        held = verification.concerned(state, state.points, controls)
        channels = await work.load_many(
            store.BLOCK, (blocks.key(block, line) for block in blocks.by_block(held) for line in verification.LINES)
        )
        start, end = activation.window_of(state.start, state.end)
        readings: dict[tuple[str, str], Reading] = {}
        for line, points in verification.with_channel(state, held, channels).items():
            found = await self.values.read(points, line, start, end, as_of=as_of) if points else {}
            for point in points:
                readings[point, line] = found.get(point) or verification.nothing(start, end)
        return Delivered(
            state.activation_id,
            state.bsp,
            state.run.number,
            state.run.revisions_sha256,
            days.quarter_floor(state.start),
            allocated.upwards(state, readings, held),
        )
