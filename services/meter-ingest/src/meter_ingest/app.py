"""The service, put together: the case shard, which decides, and the value shard, which takes values in."""

from __future__ import annotations

from chassis.service import On, Service
from contracts.meter_ingest import v1
from sqlalchemy.ext.asyncio import AsyncEngine

from meter_ingest import handlers, shard, store
from meter_ingest.value_store import StoredValues


def case_shard(values: handlers.Values) -> Service:
    """The service that decides, with where it reads values."""
    verifying = handlers.Verifying(values)
    return Service(
        name="meter-ingest",
        shard="case",
        partition=0,
        kinds=store.KINDS,
        receipt=v1.Receipt,
        commands={
            v1.OpenChannels: On(handlers.open_channels, handlers.list_needs),
            v1.CloseChannels: On(handlers.close_channels, handlers.list_needs),
            v1.OrderActivation: On(handlers.order_activation, handlers.order_needs),
        },
        reactions={v1.ValuesAccepted: On(verifying.values_accepted, handlers.values_needs)},
        deadlines={
            store.COMPLETENESS_DUE: handlers.completeness_due,
            store.VERIFICATION_DUE: verifying.verification_due,
        },
    )


SERVICE = case_shard(StoredValues())
"""As it is declared; a process gives it its database (`compose`)."""

VALUES = Service(
    name="meter-ingest",
    shard="0",
    partition=1,
    kinds=(),
    receipt=v1.Receipt,
    bulk={v1.SendMeterValues.type: shard.take},
    uncounted=frozenset({v1.ValuesAccepted, v1.Receipt}),
)
"""The value shard. It owns no documents; it reads those of the case shard."""


def main() -> None:
    """Run the process."""
    from chassis import process  # noqa: PLC0415 - what only declares the service needs no broker

    from meter_ingest.settings import Settings  # noqa: PLC0415

    def compose(_settings: Settings, database: AsyncEngine) -> list[process.Shard]:
        return [process.Shard(case_shard(StoredValues(database))), process.Shard(VALUES)]

    process.main("meter-ingest", "meter_ingest", Settings, compose)
