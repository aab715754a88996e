"""Keeps values where they are to lie: months made ahead, points of another class moved, expired months dropped.

What was erased goes here, too (`wiping`).

It decides nothing: it does, after the commit, what the case shard has decided; what it could not do it does the next
time, and after a start.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import store as documents
from chassis.process import Process
from contracts import calendar
from meter_ingest import partitions, read_log, store, wiping
from meter_ingest.domain.retention import CLASSES, ORDINARY, Expiry, after, month_of

LOG = logging.getLogger("flexregister")
POLL_SECONDS: Final = 2.0
AHEAD: Final = 2
"""Months that are there before their first value."""
AT_ONCE: Final = 200
"""Points that are moved in one transaction."""

_PASSED = text("SELECT passed_until FROM engine.writer WHERE shard = 'case'")
_ELSEWHERE = text(
    "SELECT r.metering_point_id AS point, r.keep_years AS years FROM own.value_retention r"
    " LEFT JOIN private.value_moved m USING (metering_point_id)"
    " WHERE r.keep_years <> coalesce(m.keep_years, :ordinary) ORDER BY r.keep_years, 1 LIMIT :most"
)
_GONE = text(
    "DELETE FROM private.value_version v USING own.value_retention r WHERE v.metering_point_id = r.metering_point_id"
    " AND r.metering_point_id = ANY(CAST(:points AS bigint[])) AND v.keep_years <> :years"
    " AND (v.day < r.kept_from OR v.day < :kept_from)"
)
_MOVE = text(
    "UPDATE private.value_version SET keep_years = :years"
    " WHERE metering_point_id = ANY(CAST(:points AS bigint[])) AND keep_years <> :years"
)
_MOVED = text(
    "INSERT INTO private.value_moved (metering_point_id, keep_years)"
    " SELECT p, :years FROM unnest(CAST(:points AS bigint[])) AS u(p)"
    " ON CONFLICT (metering_point_id) DO UPDATE SET keep_years = EXCLUDED.keep_years"
)


async def attend(running: Process) -> None:
    """Keep doing it, as the one that decides (`process.main(alongside=…)`)."""
    while True:
        try:
            consumer = running.consumers[0]
            if consumer.engine.epoch and consumer.assigned():
                await tend(running.database)
        except Exception as error:  # noqa: BLE001 - whatever is away comes back; the loop must outlive it
            LOG.warning("%s: keeping values: %s: %s", running.name, type(error).__name__, error)
        await asyncio.sleep(POLL_SECONDS)


async def tend(engine: AsyncEngine) -> None:
    """Once, all that is to be done now."""
    async with engine.connect() as connection:
        passed = await connection.scalar(_PASSED)
        found = await documents.loader(connection)([(store.EXPIRY, store.EXPIRIES)])
    expired: dict[int, Expiry] = {int(id_): document.state for (_, id_), document in found.items() if document.state}
    if passed is not None:
        month = month_of(calendar.local_date(passed))
        await partitions.ensure_months(engine, partitions.ahead(month, AHEAD))
    for years, state in expired.items():
        if state.through is not None:
            for name in await partitions.drop_expired(engine, years, state.through):
                LOG.info("dropped %s: its values are kept no longer", name)
    if erased := await wiping.wipe(engine):
        LOG.info("let go of %d stretches of values that were erased", erased)
    while await _move(engine, expired):
        pass
    if passed is not None:
        for name in await read_log.drop_expired(engine, at=passed):
            LOG.info("dropped %s: who read values then is kept no longer", name)


async def _move(engine: AsyncEngine, expired: Mapping[int, Expiry]) -> bool:
    """Move the values of some points to where their class lies. What has expired there is not brought back."""
    async with engine.begin() as connection:
        # As one that makes or drops months: two that move the same rows would stop each other.
        await connection.execute(partitions.LOCK)
        rows = (await connection.execute(_ELSEWHERE, {"ordinary": ORDINARY, "most": AT_ONCE})).all()
        for years in CLASSES:
            points = [row.point for row in rows if row.years == years]
            if points:
                through = expired[years].through if years in expired else None
                said = {"points": points, "years": years}
                await connection.execute(_GONE, said | {"kept_from": after(through) if through else date.min})
                await connection.execute(_MOVE, said)
                await connection.execute(_MOVED, said)
    return len(rows) == AT_ONCE
