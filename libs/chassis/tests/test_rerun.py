"""A service whose inbox is run again decides the same: same order, same bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import toy
from onlog import HOUR, T0, Log, prepared
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import kafka, parking, rerun, store
from chassis.engine import Engine
from chassis.record import Record
from contracts import topics

pytestmark = pytest.mark.bus


async def test_the_inbox_run_again_decides_the_same(
    kafka_bootstrap: str,
    namespace: str,
    database: AsyncEngine,
    new_database: Callable[[], Awaitable[str]],
    log: Log,
) -> None:
    """With a refusal, foreign events, deadlines, a command that waited for one, and one that was parked."""
    toy.BROKEN.clear()
    records = [
        log.count("a", 1, closes=True),
        log.named("a", "Anna"),
        log.count("a", -1),
        log.count("b", 2, closes=True, at=T0 + HOUR / 2),
        log.count("bad", 3),
        log.count("a", 4, at=T0 + 2 * HOUR),
        log.count("b", 5, also="bad", at=T0 + 2 * HOUR),
        log.time(T0 + 3 * HOUR),
        log.count("c", 6, at=T0 + 3 * HOUR),
    ]
    await kafka.apply(kafka_bootstrap, namespace, topics.catalogue())
    async with kafka.producing(kafka_bootstrap) as producer:
        for record in records:
            await producer.send_and_wait(topics.full_name(namespace, record.topic), record.value)
    engine = Engine(toy.SERVICE, database, "first")
    await engine.claim()
    toy.BROKEN.add("bad")
    for record in records:
        await engine.take([record])
    toy.BROKEN.clear()
    async with database.begin() as connection:
        row = next(row for row in await parking.waiting(connection, "") if row.reason == "failed")
        await parking.act(connection, "", row.key, "retry", list(toy.SERVICE.takes))
    await engine.revisit()

    again = store.connect(await new_database())
    await prepared(again)
    found = await rerun.rerun(
        toy.SERVICE,
        original=database,
        again=again,
        package="chassis",
        bootstrap=kafka_bootstrap,
        namespace=namespace,
    )
    assert found.difference == ""
    assert found.inputs == len(records) + 2, "and two deadlines"

    # It would notice a service that decides otherwise.
    other = store.connect(await new_database())
    await prepared(other)
    different = Engine(toy.SERVICE, other, "different")
    await different.claim()
    first = records[0]
    await different.take([Record(first.topic, 0, 0, first.stamp, first.value.replace(b'"by": 1', b'"by": 2'))])
    assert (await rerun.compare(toy.SERVICE, database, other)).difference
    await again.dispose()
    await other.dispose()
