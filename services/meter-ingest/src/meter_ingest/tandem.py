"""How the two shards wait for each other.

A value shard decides its records on channels that cover all that stood in the log when it fetched them. The case
shard acts on a passing of time when it has the value shards' events for every record that stood in the log. While it
waits for that, a value shard does not wait for it: what the case shard has not decided yet, nobody has been told of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import text

from chassis import kafka
from chassis.consumer import Consumer
from chassis.record import Record
from contracts import topics

POLL_SECONDS = 0.01


class Tandem:
    """The case shard's and the value shard's consumers of one process."""

    def __init__(self) -> None:
        self._case: Consumer | None = None
        self._values: Consumer | None = None
        self._holding = False

    def case(self, consumer: Consumer) -> None:
        """The case shard's consumer."""
        self._case = consumer

    def values(self, consumer: Consumer) -> None:
        """The value shard's consumer."""
        self._values = consumer

    async def before_values(self, values: Consumer, _records: Sequence[Record]) -> None:
        """Wait until the case shard has decided what stands in the log now."""
        case = self._case
        assert case is not None
        own = topics.events("meter-ingest")
        names = [topics.full_name(values.namespace, name) for name in case.names if name != own]
        wanted = [kafka.TopicPartition(name, 0) for name in names]
        ends = await values.scout.ends(wanted)
        for partition, end in ends.items():
            while not self._holding and await case.reached(partition) < end:
                await asyncio.sleep(POLL_SECONDS)

    async def before_time(self, case: Consumer) -> None:
        """Wait until the value shard's events for every record that stands in the log now are decided here."""
        values = self._values
        assert values is not None
        self._holding = True
        try:
            if values.assigned():
                ingress = values.partitions(first=False)
                for partition, end in (await values.scout.ends(ingress)).items():
                    while await values.reached(partition) < end:
                        await asyncio.sleep(POLL_SECONDS)
            while not await self._published(values):
                await asyncio.sleep(POLL_SECONDS)
            await case.catch_up(case.partitions(first=True))
        finally:
            self._holding = False

    async def _published(self, values: Consumer) -> bool:
        async with values.engine.database.connect() as connection:
            found = await connection.scalar(
                text(
                    "SELECT w.ledger_position <= r.published_to FROM engine.writer w JOIN engine.relay r USING (shard)"
                    " WHERE w.shard = :shard"
                ),
                {"shard": values.engine.service.shard},
            )
        return bool(found)
