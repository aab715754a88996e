"""Prices, who stands behind points, and runs of settlement."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import (
    ActivationAmended,
    ActivationOrdered,
    ActivationVerified,
    AdjustmentReopened,
    DeviationSettlementAnnulled,
    DeviationSettlementDrafted,
    DeviationSettlementPublished,
    ImbalanceAdjusted,
    NorgesprisRecorded,
    PricesPublished,
    SupplierDeviationSettled,
    ValuesAccepted,
    VerificationAnnulled,
)
from meter_ingest.domain import blocks
from meter_ingest.domain.settlement import adjustment, corrected, norgespris, prices, runs
from meter_ingest.store.foreign import VALUE_SHARD

ADJUSTMENT_DUE = "adjustment"


def _adjustment_deadlines(state: adjustment.OfDay) -> Iterable[Deadline]:
    due = adjustment.due_at(state)
    return () if due is None else (Deadline(due, ADJUSTMENT_DUE),)


def _area(event: DeviationSettlementPublished | DeviationSettlementAnnulled | SupplierDeviationSettled) -> str:
    return event.grid_area


PRICE_VERSIONS = Kind("price-versions", prices.Numbered, prices.evolve_numbered, {PricesPublished: SUBJECT})
"""By `kind|zone`."""

PRICES = Kind("prices", prices.OfDay, prices.evolve_day, {PricesPublished: prices.by_day})
"""By `kind|zone|date`: all versions of a day's prices."""

NORGESPRIS = Kind(
    "norgespris",
    norgespris.Norgespris,
    norgespris.evolve,
    {NorgesprisRecorded: lambda event: blocks.block_of(event.metering_point_id)},
)
"""By block."""

CORRECTED = Kind(
    "corrected",
    corrected.Corrected,
    corrected.evolve,
    {ValuesAccepted: corrected.of_days},
    of=VALUE_SHARD,
    remembered=False,
)
"""By date: the blocks and lines of which anything came after the balance was locked."""

DEVIATION = Kind(
    "deviation",
    runs.Run,
    runs.evolve,
    dict.fromkeys((DeviationSettlementDrafted, DeviationSettlementPublished, DeviationSettlementAnnulled), SUBJECT),
)
"""By run."""

SETTLED = Kind(
    "settled",
    runs.Settled,
    runs.evolve_settled,
    dict.fromkeys((DeviationSettlementPublished, DeviationSettlementAnnulled, SupplierDeviationSettled), _area),
)
"""By grid area: which published runs count of which days, and what rounding has left."""

ADJUSTMENT = Kind(
    "adjustment",
    adjustment.OfDay,
    adjustment.evolve,
    {
        **dict.fromkeys((ActivationOrdered, ActivationAmended), adjustment.dates),
        **dict.fromkeys((ActivationVerified, VerificationAnnulled), adjustment.reopened),
        **dict.fromkeys((AdjustmentReopened, ImbalanceAdjusted), SUBJECT),
    },
    deadlines=_adjustment_deadlines,
)
"""By date: the activations that touch it, and which versions of it have been run."""

KINDS = (PRICE_VERSIONS, PRICES, NORGESPRIS, CORRECTED, DEVIATION, SETTLED, ADJUSTMENT)
