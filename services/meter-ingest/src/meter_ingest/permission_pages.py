"""What the operator's port has of permission: `/grants`, a party's or an end user's own; `/reads`, for an end user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic_core import to_jsonable_python
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from meter_ingest import permission, queries
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
            ids = await permission.grant_ids(connection, third_party=third_party, end_user=end_user)
            found = await permission.listed(connection, ids)
        return JSONResponse(to_jsonable_python({"grants": found}))

    async def reads(request: Request) -> Response:
        asked = request.query_params
        if not (asked.get("end_user") and asked.get("point")):
            return JSONResponse({"error": "end_user and point are asked for"}, 400)
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


def _moment(given: str) -> datetime:
    found = datetime.fromisoformat(given)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
