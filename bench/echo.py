"""The bare echoes: what request and answer over the broker cost at least. `python -m bench.echo KIND BOOTSTRAP IN OUT`.

`faststream` takes one message a call into a pydantic model and does not wait for the broker to have its answer, with
FastStream's own defaults (the offset first, which loses messages). `aiokafka` does the same with batches of bytes.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from pydantic import BaseModel

from chassis import kafka
from contracts.registry.v1 import RecordMeteringPoint


class Said(BaseModel):
    """A command in its envelope."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    data: RecordMeteringPoint


async def faststream(bootstrap: str, inbound: str, outbound: str) -> None:
    """One message a call."""
    broker = kafka.broker(bootstrap, "bench-echo")

    @broker.subscriber(inbound, group_id=f"{inbound}.echo", auto_offset_reset="earliest")
    async def echo(message: Said) -> None:
        await broker.publish(message.model_dump_json().encode(), outbound, no_confirm=True)

    async with broker:
        await broker.start()
        await asyncio.Event().wait()


async def aiokafka(bootstrap: str, inbound: str, outbound: str) -> None:
    """Batches, many answers in flight, one commit per batch."""
    async with (
        kafka.reading(bootstrap, inbound, group=f"{inbound}.echo") as consumer,
        kafka.producing(bootstrap) as producer,
    ):
        while True:
            for records in (await consumer.getmany(timeout_ms=1000, max_records=500)).values():
                sends = [await producer.send(outbound, record.value) for record in records]
                await asyncio.gather(*sends)
                await consumer.commit()


KINDS = {"faststream": faststream, "aiokafka": aiokafka}


async def _main(kind: str, *where: str) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await KINDS[kind](*where)


if __name__ == "__main__":
    try:
        asyncio.run(_main(*sys.argv[1:]))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit(0)
