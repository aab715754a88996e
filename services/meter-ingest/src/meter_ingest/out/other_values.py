"""Values that no balance is settled on: `/resources/{id}/values`, of own meters, and `/virtual/{id}/values`.

By the same policy as those of metering points, and noted for the same end users: what a virtual channel is computed
from is read with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.door.serving import Desk
from contracts.calendar import Resolution
from contracts.values import time_text
from meter_ingest import own_queries, permission, queries, store, virtual_pages
from meter_ingest.domain import out_rules, own_meters
from meter_ingest.out import asking, end_user_desk, fresh, rights, telling
from meter_ingest.out.answer import told
from meter_ingest.permission import Read, Reader, Rights

VIRTUAL: Final = "virtual"
"""The ground in the log of reads; with it the virtual channel that was read."""
_OF_RESOURCE: Final = frozenset({"from", "to", "line", "device", "resolution", "as_of", "days", "end_user"})
_SERIES: Final = ("metering_point_id", "resolution", "periods", "values_wh", "status", "origin")
_OF_VIRTUAL: Final = frozenset({"from", "to", "resolution", "as_of"})


@dataclass
class Others:
    """Answers about values that are no settlement meter's."""

    desk: Desk

    async def of_resource(self, request: Request, caller: Caller) -> Response:
        """What a resource's own meter showed."""
        given = asking.Given.of(request, _OF_RESOURCE)
        start, last, resolution = _period(given, telling.LONGEST)
        most = given.number("days", least=1, most=telling.MOST_DAYS)
        end_user = end_user_desk.served(given, caller)
        what = telling.Asked("", given.line(), start, last, resolution, given.moment("as_of"), most, end_user)
        resource, end = asking.id_of(request), what.page_end
        async with rights.reading_and_noting(self.desk.database) as connection:
            at, stamp = await fresh.moment(connection)
            readers = [Reader(caller.party, role, what.end_user) for role in caller.roles]
            device, what, may = await _own(connection, resource, given.said.get("device", ""), what, readers, at=at)
            spans = may.spans(what.point, what.line, what.start, end)
            found, page = await telling.days_of(connection, what, spans, stamp)
            await rights.note(connection, may.reads(what.point, what.line, spans), at=at)
        for said, one in zip(page["days"], found, strict=True):
            said.update(own_queries.details(one) if one.values.resolution == "PT15M" else {})
        answer = {"resource_id": resource, "device_id": device, **page}
        if end < what.end:
            query = urlencode({**given.said, "from": time_text(end)})
            answer["links"] = {"next": f"{request.url.path}?{query}"}
        return told(answer)

    async def of_virtual(self, request: Request, caller: Caller) -> Response:
        """What a virtual channel's values are, and how they were computed."""
        given = asking.Given.of(request, _OF_VIRTUAL)
        start, end, resolution = _period(given, telling.MOST_DAYS)
        virtual, as_of = asking.id_of(request), given.moment("as_of")
        async with rights.reading_and_noting(self.desk.database) as connection:
            at, stamp = await fresh.moment(connection)
            readers = [Reader(caller.party, role) for role in caller.roles]
            found = await virtual_pages.seen(
                connection, virtual, readers, start=start, end=end, resolution=resolution or "PT15M", as_of=as_of
            )
            if found is None:
                raise Turned(404, out_rules.VALUES_NOT_FOUND)
            for reader, some in found.by_reader.items():
                await permission.noted(connection, reader, [Read(*one, VIRTUAL, virtual) for one in some], at=at)
        answer = {
            "virtual_id": virtual,
            "line": found.told["line"],
            "from": start,
            "to": end,
            "as_of": as_of,
            "fresh": stamp.told(),
            "definitions": found.told["definitions"],
            "series": [{name: one[name] for name in _SERIES} for one in found.told["points"]],
        }
        return told(answer)


async def _own(
    connection: AsyncConnection,
    resource: str,
    device: str,
    what: telling.Asked,
    readers: list[Reader],
    *,
    at: datetime,
) -> tuple[str, telling.Asked, Rights]:
    """The own meter that is asked for, and what may be read of it. Raises `Turned`."""
    meters = await queries.document(connection, store.OWN_METERS, resource)
    found: dict[str, tuple[telling.Asked, Rights]] = {}
    if meters is not None:
        for name, line in own_meters.lines_of(meters, device_id=device, asked=what.line).items():
            point = meters.metering_point_id
            by_role = {
                one: {point: await permission.readable_of_own_meter(connection, one, meters, line, at=at)}
                for one in readers
            }
            if Rights(at, by_role).spans(point, line, what.start, what.end):
                found[name] = replace(what, point=point, line=line), Rights(at, by_role)
    if not found:
        raise Turned(404, out_rules.VALUES_NOT_FOUND)
    if len(found) > 1:
        raise asking.invalid("device", "left out, and there are several", f"one of {', '.join(sorted(found))}")
    ((name, (own, may)),) = found.items()
    return name, own, may


def _period(given: asking.Given, most: int) -> tuple[datetime, datetime, Resolution | None]:
    start, end = given.period()
    resolution = given.resolution()
    asking.in_whole_hours(resolution, start, end)
    asking.not_too_long(end - start, most, "to")
    return start, end, resolution
