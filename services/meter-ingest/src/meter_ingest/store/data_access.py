"""Third parties' access: each by its id, what is granted of points, and whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from sqlalchemy import TIMESTAMP, Column, Index, MetaData, Table, Text

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import (
    DataAccessApproved,
    DataAccessPlaced,
    ReturnAddressAllowed,
    ReturnAddressWithdrawn,
)
from meter_ingest.domain import blocks, granted, grants, return_addresses

ACCESS_LAPSE = "data-access-lapse"
ACCESS_WARNING = "data-access-warning"
ACCESS_EXPIRY = "data-access-expiry"

METADATA = MetaData()
_TIME = TIMESTAMP(timezone=True)

DATA_ACCESS_ROWS = Table(
    "data_access",
    METADATA,
    Column("data_access_id", Text, primary_key=True),
    Column("third_party", Text, nullable=False),
    Column("metering_point_id", Text, nullable=False),
    Column("end_user", Text, nullable=False),
    Column("valid_from", _TIME, nullable=False),
    Column("until", _TIME),
    Index("data_access_by_third_party", "third_party", "data_access_id"),
    Index("data_access_by_end_user", "end_user", "data_access_id"),
    schema="own",
)
"""For the lists of one's own; empty text: nobody has approved it."""


def _rows(id: str, state: grants.DataAccess) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    yield id, state.third_party, state.metering_point_id, state.end_user, state.valid_from, state.until


def _deadlines(state: grants.DataAccess) -> Iterable[Deadline]:
    if (at := state.unanswered_at) is not None:
        yield Deadline(at, ACCESS_LAPSE)
    if (at := state.expires_at) is not None:
        yield Deadline(at, ACCESS_EXPIRY)
        if state.warn_at is not None:
            yield Deadline(state.warn_at, ACCESS_WARNING)


DATA_ACCESS = Kind(
    "data-access",
    grants.DataAccess,
    grants.evolve,
    dict.fromkeys(get_args(grants.About), SUBJECT),
    rows={DATA_ACCESS_ROWS: _rows},
    deadlines=_deadlines,
)
"""By its id."""

GRANTED = Kind(
    "granted",
    granted.Granted,
    granted.evolve,
    {DataAccessPlaced: lambda event: blocks.block_of(event.metering_point_id)},
    remembered=False,
)
"""By block: which accesses cover which periods of its points."""

GRANTED_BY = Kind(
    "granted-by",
    granted.GrantedBy,
    granted.evolve_by,
    {DataAccessApproved: lambda event: event.end_user},
    remembered=False,
)
"""By end user: the accesses that it has ever approved."""

RETURN_ADDRESSES = Kind(
    "return-addresses",
    return_addresses.ReturnAddresses,
    return_addresses.evolve,
    {ReturnAddressAllowed: SUBJECT, ReturnAddressWithdrawn: SUBJECT},
)
"""By third party."""

KINDS = (DATA_ACCESS, GRANTED, GRANTED_BY, RETURN_ADDRESSES)
