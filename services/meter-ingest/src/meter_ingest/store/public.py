"""What is added up of the whole country, and what was said of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import AggregatePublished
from contracts.registry.v1 import MeteringPointRecorded
from meter_ingest import block_reader
from meter_ingest.domain import blocks, public_days, traits

PUBLIC_DUE = "public"


def _deadlines(state: public_days.Public) -> Iterable[Deadline]:
    due = public_days.due_at(state)
    return () if due is None else (Deadline(due, PUBLIC_DUE),)


TRAITS = Kind(
    "traits",
    traits.Traits,
    traits.evolve,
    {MeteringPointRecorded: lambda event: blocks.block_of(event.metering_point_id)},
    of="registry",
    read=block_reader.of(traits.Traits, tuple[traits.Trait, ...]),
)
"""By block: what kind of points it has."""

PUBLIC = Kind(
    "public",
    public_days.Public,
    public_days.evolve,
    dict.fromkeys(get_args(public_days.OfPublic), lambda _: public_days.ID),
    deadlines=_deadlines,
    remembered=False,
)
"""One document: how far it has come."""

AGGREGATE = Kind("aggregate", public_days.Aggregate, public_days.evolve_aggregate, {AggregatePublished: SUBJECT})
"""By `energy/<date>`: what was said of a day."""

KINDS = (PUBLIC, AGGREGATE)
FOREIGN = (TRAITS,)
