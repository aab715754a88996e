"""Prices and Norgespris: load, decide, append."""

from __future__ import annotations

from chassis.service import Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import NorgesprisRecorded, PublishPrices, RecordNorgespris
from meter_ingest import store
from meter_ingest.domain import blocks
from meter_ingest.domain.settlement import prices
from meter_ingest.handlers import Needed


def prices_needs(incoming: Incoming[PublishPrices]) -> Needed:
    """How many versions there are."""
    return ((store.PRICE_VERSIONS, (prices.name(incoming.data.kind, incoming.subject),)),)


async def publish_prices(work: Work, incoming: Incoming[PublishPrices]) -> None:
    """The TSO publishes prices of a bidding zone."""
    command, zone = incoming.data, incoming.subject
    state = await work.load(store.PRICE_VERSIONS, prices.name(command.kind, zone))
    await work.append(prices.decide_published(state, command, zone=zone, at=incoming.at))


async def record_norgespris(work: Work, incoming: Incoming[RecordNorgespris]) -> None:
    """The datahub's fact, always accepted."""
    command = incoming.data
    await work.append(
        NorgesprisRecorded(
            norgespris=blocks.key("norgespris", incoming.subject),
            metering_point_id=incoming.subject,
            valid_from=command.valid_from,
            valid_to=command.valid_to,
        )
    )
