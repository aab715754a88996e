"""What the operator's port has of values: `/values`, for `flexreg meter get`. What one may not see is as if unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from contracts.calendar import Resolution
from meter_ingest import own_queries, queries
from meter_ingest.domain import lines, visible
from meter_ingest.domain.transform import Derived
from meter_ingest.domain.visible import Span

if TYPE_CHECKING:
    from chassis.process import Process

MOST_DAYS: Final = 366
MOST_DAYS_OF_GROUP: Final = 31
"""Of a group's values, and of revisions."""
_NOT_FOUND: Final = {"error": "not found"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: of a point, a resource or a group."""

    point: str
    resource: str
    group: str
    start: datetime
    end: datetime
    line: str
    resolution: Resolution | None
    as_of: datetime | None
    party: str
    revisions: bool
    device: str = ""
    """Of a resource's own meters, the one that is asked for."""

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Asked:
        """From the query. Raises `queries.UnableToRead`."""
        resolution = given.get("resolution") or None
        if resolution is not None and resolution not in get_args(Resolution):
            raise queries.UnableToRead(f"there are {', '.join(get_args(Resolution))}, not {resolution}")
        asked = cls(
            point=given.get("point", ""),
            resource=given.get("resource", ""),
            group=given.get("group", ""),
            start=_moment(given, "from"),
            end=_moment(given, "to"),
            line=_line(given.get("line") or queries.DEFAULT_LINE),
            resolution=cast("Resolution | None", resolution),
            as_of=_moment(given, "as_of") if given.get("as_of") else None,
            party=given.get("as", ""),
            revisions=given.get("revisions") == "true",
            device=given.get("device", ""),
        )
        if sum(map(bool, (asked.point, asked.resource, asked.group))) != 1:
            raise queries.UnableToRead("one of point, resource and group is asked for")
        if asked.party and not asked.resource and lines.parts(asked.line)[2]:
            raise queries.UnableToRead("an own meter is asked for by its resource")
        if asked.revisions and asked.group:
            raise queries.UnableToRead("revisions are of one point")
        most = MOST_DAYS_OF_GROUP if asked.group or asked.revisions else MOST_DAYS
        if asked.end - asked.start > timedelta(days=most, hours=1):
            raise queries.UnableToRead(f"at most {most} days are given at once")
        return asked


def pages(running: Process) -> Sequence[BaseRoute]:
    """For `process.main`."""

    async def values(request: Request) -> Response:
        try:
            asked = Asked.parse(request.query_params)
            found = await answer(running.database, asked)
        except queries.UnableToRead as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(_NOT_FOUND, 404) if found is None else JSONResponse(to_jsonable_python(found))

    return [Route("/values", values)]


async def answer(engine: AsyncEngine, asked: Asked) -> dict[str, Any] | None:
    """What counts, by point, with the parts of the period that it is given for; None where nothing may be said."""
    async with queries.reading_only(engine) as connection:
        own = await own_queries.chosen(
            connection,
            asked.resource,
            device_id=asked.device,
            line=asked.line,
            party=asked.party,
            start=asked.start,
            end=asked.end,
        )
        if own is not None:
            asked = replace(asked, line=own.line)
        spans = {own.point: own.spans} if own else await _spans(connection, asked)
        if asked.party and own is None:
            seen = await queries.seen_by(connection, list(spans), party=asked.party, start=asked.start, end=asked.end)
            spans = {point: visible.both(parts, seen[point]) for point, parts in spans.items()}
        spans = {point: parts for point, parts in spans.items() if parts}
        if not spans:
            return None
        if asked.revisions:
            (point,) = spans
            return {
                "metering_point_id": point,
                "line": asked.line,
                "revisions": await _revisions(connection, asked, spans),
            }
        resolution = asked.resolution or ("PT15M" if asked.group else None)
        found = await queries.of_points(
            connection,
            list(spans),
            start=asked.start,
            end=asked.end,
            line=asked.line,
            resolution=resolution,
            as_of=asked.as_of,
        )
        more = await own_queries.details(connection, own, found, start=asked.start, end=asked.end, as_of=asked.as_of)
    given = {point: queries.within(one, spans[point], start=asked.start) for point, one in found.items()}
    return {
        "line": asked.line,
        "start": asked.start,
        "end": asked.end,
        "as_of": asked.as_of,
        "points": [_point(point, one, spans[point]) | more for point, one in given.items()],
    }


async def _spans(connection: AsyncConnection, asked: Asked) -> dict[str, list[Span]]:
    """The points, each with the parts of the period that it is asked for in; an unknown point is none."""
    if asked.group:
        return await queries.members(connection, asked.group, start=asked.start, end=asked.end)
    point = asked.point or await queries.point_of(connection, asked.resource)
    if point is None or not await queries.is_known(connection, point):
        return {}
    return {point: [(asked.start, asked.end)]}


async def _revisions(
    connection: AsyncConnection, asked: Asked, spans: Mapping[str, Sequence[Span]]
) -> list[dict[str, Any]]:
    ((point, parts),) = spans.items()
    found = await queries.revisions(
        connection, point, start=asked.start, end=asked.end, line=asked.line, as_of=asked.as_of
    )
    told: list[dict[str, Any]] = []
    for one in found:
        seen = [change for change in one.changes if any(first <= change.start < last for first, last in parts)]
        if seen:
            told.append({**asdict(one), "changes": [asdict(change) for change in seen]})
    return told


def _point(point: str, found: Derived, spans: Sequence[Span]) -> dict[str, Any]:
    return {
        "metering_point_id": point,
        "resolution": found.resolution,
        "periods": [{"start": first, "end": last} for first, last in spans],
        "values_wh": found.wh,
        "status": found.status,
        "origin": found.origin,
        "profile": found.profile if any(found.profile) else (),
    }


def _line(given: str) -> str:
    try:
        lines.code(given)
    except (ValueError, IndexError):
        raise queries.UnableToRead(f"{given} is no line: consumption, production, consumption.reactive …") from None
    return given


def _moment(given: Mapping[str, str], name: str) -> datetime:
    try:
        found = datetime.fromisoformat(given.get(name, ""))
    except ValueError:
        raise queries.UnableToRead(f"{name} is no moment: {given.get(name)!r}") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
