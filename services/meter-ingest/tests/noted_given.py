"""What stands in the log of reads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from meter_ingest.domain import lines

_READ = text(
    'SELECT DISTINCT metering_point_id, line, start, "end", about FROM private.read_log WHERE ground = :ground'
)


async def noted(engine: AsyncEngine, ground: str = "operator") -> set[tuple[str, str, datetime, datetime, str]]:
    """Points, lines and periods, and what is said with them, whoever read and however often."""
    async with engine.connect() as connection:
        rows = await connection.execute(_READ, {"ground": ground})
        return {(str(one[0]), lines.of_code(one[1]), *one[2:]) for one in rows}
