"""What each point of an activation delivered, read for imbalance adjustment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from chassis.work import Work
from meter_ingest import store, verifying
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.baselines import Lacking
from meter_ingest.domain.settlement.adjustment import Delivered
from meter_ingest.domain.verification import Run
from meter_ingest.handlers import Values


@dataclass(frozen=True, slots=True)
class FromValues:
    """`adjusting.Allocated`, from the values that a verification reads."""

    values: Values
    beside: bool = False
    """Computed on a thread: who asks at the door keeps nobody waiting who sends values."""

    async def __call__(self, work: Work, activation_id: str, as_of: Mapping[str, int]) -> Delivered | None:
        """As the verification allocates it, of values up to these positions; None where none counts or has a figure."""
        state = await work.load(store.ACTIVATION, activation_id)
        if state is None or state.bsp is None or state.run is None or state.cancelled:
            return None
        run = await verifying.Verifying(self.values).run_of(work, state, as_of)
        return await asyncio.to_thread(_delivered, state, run) if self.beside else _delivered(state, run)


def _delivered(state: Activation, run: Run) -> Delivered | None:
    if isinstance(run.primary, Lacking) or state.bsp is None or state.run is None:
        return None
    return Delivered(
        state.activation_id,
        state.bsp,
        state.run.number,
        state.run.revisions_sha256,
        run.quarters[0],
        {
            point: tuple(None if wh is None else run.towards * wh for wh in figures)
            for point, figures in run.allocated.items()
        },
    )
