"""What the operator's port has of permission: `/grants`, a party's or an end user's own; `/reads`, for an end user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from meter_ingest import permission, queries
from meter_ingest.domain.grants import DataAccess
from meter_ingest.domain.reach import ALWAYS

if TYPE_CHECKING:
    from chassis.process import Process


def pages(running: Process) -> Sequence[BaseRoute]:
    """For `process.main`."""

    async def grants(request: Request) -> Response:
        asked = request.query_params
        third_party, end_user = asked.get("third_party", ""), asked.get("end_user", "")
        if bool(third_party) == bool(end_user):
            return JSONResponse({"error": "one of third_party and end_user is asked for"}, 400)
        async with queries.reading_only(running.database) as connection:
            found = await listed(connection, third_party=third_party, end_user=end_user)
        return JSONResponse(to_jsonable_python({"grants": found}))

    async def reads(request: Request) -> Response:
        asked = request.query_params
        try:
            start = _moment(asked.get("from") or ALWAYS.isoformat())
            async with queries.reading_only(running.database) as connection:
                end = _moment(asked["to"]) if asked.get("to") else await queries.now(connection)
                found = await permission.reads_of(
                    connection, asked.get("end_user", ""), asked.get("point", ""), start=start, end=end
                )
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(to_jsonable_python({"reads": [asdict(one) for one in found]}))

    return [Route("/grants", grants), Route("/reads", reads)]


async def listed(connection: AsyncConnection, *, third_party: str = "", end_user: str = "") -> list[dict[str, Any]]:
    """One's own accesses, with their status now. A third party is not told who its end users are."""
    at = await queries.now(connection)
    found = await permission.grants_of(connection, third_party=third_party, end_user=end_user)
    return [_told(one, at) for one in found]


def _told(one: DataAccess, at: datetime) -> dict[str, Any]:
    return {
        "data_access_id": one.data_access_id,
        "third_party": one.third_party,
        "metering_point_id": one.metering_point_id,
        "status": one.status(at),
        "level": one.level,
        "valid_from": one.valid_from,
        "until": one.until,
        "purpose": one.purpose,
        "future_points": one.future_points,
        "points": one.points,
        "lapses_at": one.unanswered_at,
    }


def _moment(given: str) -> datetime:
    found = datetime.fromisoformat(given)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
