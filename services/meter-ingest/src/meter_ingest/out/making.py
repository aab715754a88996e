"""Makes the files of exports, one after the other; deletes what has expired.

It decides nothing. A file is there whole or not at all, as it is written in one transaction: after a crash the job goes
on with the file that was under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.process import Process
from meter_ingest.domain import days
from meter_ingest.out import jobs, planning, segments
from meter_ingest.out.jobs import Job, Made, Planned, Right
from meter_ingest.out.segments import Chunk

LOG = logging.getLogger("flexregister")
POLL_SECONDS: Final = 1.0
_TURN_SECONDS: Final = 0.001
"""So long a thread waits for another to let go of the interpreter: mostly they need it for less, and five times as long
is usual, for which a file waited at each turn, and so did whoever decides beside it."""
Item = TypeVar("Item")


async def attend(running: Process) -> None:
    """Keep doing it, as the one that decides (`process.main(alongside=…)`), unless another process does (`maker`)."""
    settings: Any = running.settings
    if settings.exports_apart:
        return
    while True:
        try:
            consumer = running.consumers[0]
            if consumer.engine.epoch and consumer.assigned():
                await tend(running.database, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - whatever is away comes back; the loop must outlive it
            LOG.warning("%s: exports: %s: %s", running.name, type(error).__name__, error)
        await asyncio.sleep(POLL_SECONDS)


async def tend(engine: AsyncEngine, now: datetime) -> int:
    """All that is to be done at a moment of the machine's clock; how many files were made."""
    async with engine.begin() as connection:
        await jobs.delete_expired(connection, now)
    count = 0
    while await one(engine):
        count += 1
    return count


async def one(engine: AsyncEngine) -> bool:
    """Make the next file; whether there was one to make, or a job that has none left."""
    async with engine.begin() as connection:
        job = await jobs.unfinished(connection)
        if job is None:
            return False
        made = await jobs.made(connection, job.id)
        left = [file for file in jobs.planned(job) if file.name not in made]
        if not left:
            await jobs.said(connection, job.id, "ready")
            return False
    await make(engine, job, left[0])
    return True


async def make(engine: AsyncEngine, job: Job, file: Planned) -> None:
    """Write a file: while some points are read, others are written, and others' bytes put into the store."""
    # What writes is large, and needed only where something is exported.
    from meter_ingest.out import files  # noqa: PLC0415

    sink, rows, parts = files.Sink(), 0, 0
    to = files.writer(file.format, sink, versions=job.order.kind == "recorded")

    async def written() -> AsyncGenerator[tuple[int, list[bytes]]]:
        async with contextlib.aclosing(ahead(chunks(reading, job, file))) as some:
            async for chunk in some:
                yield await asyncio.to_thread(to.write, chunk), sink.taken()
        await asyncio.to_thread(to.close)
        yield 0, sink.taken(last=True)

    async with engine.connect() as connection, engine.connect() as reading:
        if not await jobs.is_making(connection, job.id):
            return
        await reading.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        async with _turns(), contextlib.aclosing(ahead(written())) as some:
            async for count, whole in some:
                await jobs.put_parts(connection, job.id, file.name, parts, whole)
                rows, parts = rows + count, parts + len(whole)
        await jobs.put_made(connection, job.id, Made(file.name, rows, sink.size, sink.sha256))
        # What is revoked has lost its parts already: these would stay.
        if await jobs.is_making(connection, job.id, held=True):
            await connection.commit()


@contextlib.asynccontextmanager
async def _turns() -> AsyncGenerator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


async def ahead(some: AsyncGenerator[Item]) -> AsyncGenerator[Item]:
    """The same, of which the next is made while one is used. When it is closed nothing is under way any more."""
    under_way = asyncio.ensure_future(anext(some, None))
    try:
        while (one := await under_way) is not None:
            under_way = asyncio.ensure_future(anext(some, None))
            yield one
    finally:
        under_way.cancel()
        await asyncio.wait([under_way])
        await some.aclose()


async def chunks(connection: AsyncConnection, job: Job, file: Planned) -> AsyncGenerator[Chunk]:
    """A file's points, line by line and in order, so many at once."""
    start, end = days.day(file.first).start, days.day(file.last).start
    is_received = job.order.kind == "recorded"
    if is_received:
        start, end = planning.ALWAYS
    for line in await jobs.lines_of(connection, job.id):
        after = 0
        while some := await _next(connection, job, line, after, start, end):
            after = int(some[-1].point)
            read = segments.received if is_received else segments.of_month
            yield await read(connection, job, some, file.first, file.last)


async def _next(
    connection: AsyncConnection, job: Job, line: int, after: int, start: datetime, end: datetime
) -> list[Right]:
    return await jobs.rights(connection, job.id, line, after=after, most=segments.AT_ONCE, start=start, end=end)
