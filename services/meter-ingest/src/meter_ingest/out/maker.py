"""`python -m meter_ingest exports`: makes the files of exports, in a process of its own beside the one that decides.

It reads and writes the same database and no topic, so that it needs no broker, and no migration of its own. With
`METER_INGEST_EXPORTS_APART=1` the process that takes values in makes none itself. Of several, one makes at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import store
from meter_ingest.out import making
from meter_ingest.settings import Settings

LOG = logging.getLogger("flexregister")
ROLE: Final = "exports"
_LOCK: Final = text("SELECT pg_try_advisory_lock(1447119215)")


def main() -> None:
    """Run until told to stop."""
    logging.basicConfig(level=os.environ.get("FLEXREG_LOG", "INFO"), format="%(asctime)s %(levelname)s %(message)s")
    settings = Settings()  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - from the environment
    asyncio.run(_run(settings.database_url.get_secret_value()))


async def _run(url: str) -> None:
    task = asyncio.create_task(attend(store.connect(url)))
    for number in (signal.SIGINT, signal.SIGTERM):
        # The file that is under way is begun again by the next one.
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    LOG.info("meter-ingest %s has begun", ROLE)
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def attend(database: AsyncEngine) -> None:
    """Keep making, as the one that makes."""
    while True:
        try:
            async with database.connect() as held:
                # The lock is the connection's: with it, it is gone.
                await held.execution_options(isolation_level="AUTOCOMMIT")
                while await held.scalar(_LOCK):
                    await making.tend(database, datetime.now(UTC))
                    await asyncio.sleep(making.POLL_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever is away comes back; the loop must outlive it
            LOG.warning("meter-ingest: exports: %s: %s", type(error).__name__, error)
        await asyncio.sleep(making.POLL_SECONDS)
