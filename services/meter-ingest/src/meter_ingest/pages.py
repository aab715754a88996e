"""What the operator's port has of values: `/values`, for `flexreg meter get`. What one may not see is as if unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from contracts.calendar import Resolution
from contracts.values import Role
from meter_ingest import delivering, own_queries, permission, permission_pages, queries, virtual_pages
from meter_ingest.domain import asked as delivered
from meter_ingest.domain import days, lines
from meter_ingest.domain import spans as spans_
from meter_ingest.domain.asked import Delivered
from meter_ingest.domain.spans import Span

if TYPE_CHECKING:
    from chassis.process import Process

MOST_DAYS: Final = 366
MOST_DAYS_OF_GROUP: Final = 31
"""Of a group's values, and of revisions."""
_NOT_FOUND: Final = {"error": "not found"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: of a point, a resource, a group or a virtual channel."""

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
    source: bool
    """Just as it came, whether it counts or not."""
    fill: bool
    """With what nobody sent estimated, and marked."""
    virtual: str = ""
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
            source=given.get("source") == "true",
            fill=given.get("fill") == "true",
            virtual=given.get("virtual", ""),
            device=given.get("device", ""),
        )
        if sum(map(bool, (asked.point, asked.resource, asked.group, asked.virtual))) != 1:
            raise queries.UnableToRead("one of point, resource, group and virtual is asked for")
        if asked.party and not asked.resource and lines.parts(asked.line)[2]:
            raise queries.UnableToRead("an own meter is asked for by its resource")
        if asked.revisions and asked.group:
            raise queries.UnableToRead("revisions are of one point")
        if asked.source and (asked.fill or asked.resolution):
            raise queries.UnableToRead("what came is given as it came: in its own resolution, with its holes")
        most = MOST_DAYS_OF_GROUP if asked.group or asked.revisions else MOST_DAYS
        if asked.end - asked.start > timedelta(days=most, hours=1):
            raise queries.UnableToRead(f"at most {most} days are given at once")
        return asked


def pages(running: Process) -> Sequence[BaseRoute]:
    """For `process.main`."""

    async def values(request: Request) -> Response:
        try:
            asked = Asked.parse(request.query_params)
            answered = virtual_pages.answer if asked.virtual else answer
            found = await answered(running.database, asked)
        except queries.UnableToRead as error:
            return JSONResponse({"error": str(error)}, 400)
        if found is not None and not asked.virtual:
            await _noted(running.database, asked, found)
        return JSONResponse(_NOT_FOUND, 404) if found is None else JSONResponse(to_jsonable_python(found))

    return [Route("/values", values), *permission_pages.pages(running)]


async def _noted(engine: AsyncEngine, asked: Asked, found: Mapping[str, Any]) -> None:
    """That the operator looked, and as whom."""
    reads = [
        permission.Read(one["metering_point_id"], found["line"], span["start"], span["end"], "operator", asked.party)
        for one in found.get("points") or [_revised(asked, found)]
        for span in one["periods"]
    ]
    async with engine.begin() as connection:
        reader = permission.Reader("", Role.OPERATOR)
        await permission.noted(connection, reader, reads, at=await queries.now(connection))


def _revised(asked: Asked, found: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**found, "periods": [{"start": asked.start, "end": asked.end}]}


async def answer(engine: AsyncEngine, asked: Asked) -> dict[str, Any] | None:
    """What counts, by point, with the parts of the period that it is given for; None where nothing may be said."""
    async with queries.reading_only(engine) as connection:
        readers = await permission.readers(connection, asked.party) if asked.party else None
        own = await own_queries.chosen(
            connection,
            asked.resource,
            device_id=asked.device,
            line=asked.line,
            readers=readers,
            start=asked.start,
            end=asked.end,
        )
        if own is not None:
            asked = replace(asked, line=own.line)
        spans = {own.point: own.spans} if own else await _spans(connection, asked)
        may = None
        if readers is not None and own is None:
            may = await permission.rights(connection, readers, list(spans), at=await queries.now(connection))
            spans = {
                point: spans_.both(parts, may.spans(point, asked.line, asked.start, asked.end))
                for point, parts in spans.items()
            }
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
        found = await _found(connection, asked, list(spans), may)
        cut = {
            point: [delivered.within(one, spans[point]) for one in some if _any_in(one, spans[point])]
            for point, some in found.items()
        }
        messages = await delivering.messages(connection, (one for some in cut.values() for one in some))
    numbers = {name: number for number, name in enumerate(messages)}
    return {
        "line": asked.line,
        "start": asked.start,
        "end": asked.end,
        "as_of": asked.as_of,
        "messages": [asdict(one) for one in messages.values()],
        "points": [
            {
                "metering_point_id": point,
                "periods": [{"start": first, "end": last} for first, last in spans[point]],
                "days": [_day(one, numbers, is_own=own is not None) for one in some],
                **({"resource_id": own.resource, "device_id": own.device_id} if own else {}),
            }
            for point, some in cut.items()
        ],
    }


async def _found(
    connection: AsyncConnection, asked: Asked, points: Sequence[str], may: permission.Rights | None
) -> Mapping[str, list[Delivered]]:
    if asked.source:
        return await delivering.sources(
            connection, points, start=asked.start, end=asked.end, line=asked.line, as_of=asked.as_of
        )
    return await delivering.of_points(
        connection,
        points,
        start=asked.start,
        end=asked.end,
        line=asked.line,
        resolution=asked.resolution,
        as_of=asked.as_of,
        fill=asked.fill,
        may=may,
    )


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
    touched = days.days(asked.start, asked.end)
    (settled,) = (await delivering.settled(connection, [point], asked.line, touched, as_of=asked.as_of)).values()
    found = await queries.revisions(
        connection,
        point,
        start=asked.start,
        end=asked.end,
        line=asked.line,
        as_of=asked.as_of,
        minutes={local: days.MINUTES[one.resolution] for local, one in settled.days.items() if one.resolution},
    )
    told: list[dict[str, Any]] = []
    for one in found:
        seen = [change for change in one.changes if any(first <= change.start < last for first, last in parts)]
        if seen:
            told.append({**asdict(one), "changes": [asdict(change) for change in seen]})
    return told


def _any_in(one: Delivered, spans: Sequence[Span]) -> bool:
    end = one.start + len(one.values.wh) * one.step
    return any(first < end and one.start < last for first, last in spans)


def _day(one: Delivered, numbers: Mapping[str, int], *, is_own: bool) -> dict[str, Any]:
    """A day, and what its values are from, run by run: so many steps, and the places of their messages.

    Of an own meter's quarters also how many samples each has, where not all, and whether its clock was wrong.
    """
    runs = [(some, len(list(steps))) for some, steps in groupby(one.sources)]
    return {
        "date": one.date,
        "start": one.start,
        "resolution": one.values.resolution,
        "counts": one.settled.counts,
        "settlement": one.settled.settlement,
        "method": one.settled.method,
        "grid_area": one.settled.grid_area,
        "values_wh": tuple(one.values.wh),
        "status": one.values.status,
        "origin": one.values.origin,
        "profile": one.values.profile if any(one.values.profile) else (),
        "basis": one.basis,
        "from": [{"steps": steps, "messages": [numbers[each.name] for each in some]} for some, steps in runs],
        **(own_queries.details(one) if is_own and one.values.resolution == "PT15M" else {}),
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
