"""How long values are kept, and whose are erased before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, Date, MetaData, SmallInteger, Table

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import (
    ChannelOpened,
    ErasureRecorded,
    OwnMeterOpened,
    ValueRetentionSet,
    ValuesErased,
    ValuesExpired,
)
from meter_ingest.domain import blocks, erasing, retention

EXPIRY_DUE = "expiry"
ERASURE_DUE = "erasure"

EXPIRIES = tuple(retention.NAMED)
"""The ids of the documents `EXPIRY`."""

METADATA = MetaData()

RETENTION_ROWS = Table(
    "value_retention",
    METADATA,
    Column("metering_point_id", BigInteger, primary_key=True),
    Column("keep_years", SmallInteger, nullable=False),
    Column("kept_from", Date),
    schema="own",
)
"""The points that were ever said to be of a class: `keeping` moves what lies elsewhere."""


def _retention_rows(block: str, state: retention.Retention) -> Iterable[tuple[Any, ...]]:
    return ((int(block + place), kept.keep_years, kept.kept_from) for place, kept in state.places.items())


RETENTION = Kind(
    "retention",
    retention.Retention,
    retention.evolve,
    {ValueRetentionSet: lambda event: blocks.block_of(event.metering_point_id)},
    rows={RETENTION_ROWS: _retention_rows},
)
"""By block: how long values are kept, where it was ever said."""

EXPIRY = Kind(
    "expiry",
    retention.Expiry,
    retention.evolve_expiry,
    {ChannelOpened: retention.opened, OwnMeterOpened: retention.opened, ValuesExpired: SUBJECT},
    deadlines=lambda state: (Deadline(retention.due_at(state), EXPIRY_DUE),),
    shared=True,
    remembered=False,
)
"""By class (`3`, `10`): which months are kept no longer."""

ERASED_ROWS = Table(
    "value_erased",
    METADATA,
    Column("metering_point_id", BigInteger, primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, primary_key=True),
    schema="own",
)
"""What is gone: `wiping` lets go of the rows."""


def _erased_rows(block: str, state: erasing.Erased) -> Iterable[tuple[Any, ...]]:
    return ((int(block + place), *span) for place, spans in state.places.items() for span in spans)


ERASED = Kind(
    "erased",
    erasing.Erased,
    erasing.evolve,
    {ValuesErased: lambda event: blocks.block_of(event.metering_point_id)},
    rows={ERASED_ROWS: _erased_rows},
)
"""By block: the days whose values were erased."""

ERASURE = Kind(
    "erasure",
    erasing.Erasure,
    erasing.evolve_erasure,
    {ErasureRecorded: SUBJECT},
    deadlines=lambda state: () if state.again_at is None else (Deadline(state.again_at, ERASURE_DUE),),
)
"""By end user: that its values are to be erased, and what waits."""

KINDS = (RETENTION, EXPIRY, ERASED, ERASURE)
