"""Where the door answers: values, grants, reads, exports, evidence, settlement, and what everybody may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chassis.door.gate import Caller, Once
from chassis.door.rules import Turned
from chassis.door.serving import Desk, refusal
from contracts.values import time_text
from meter_ingest.domain import aggregate, out_rules
from meter_ingest.out import (
    asking,
    end_user_desk,
    evidence_desk,
    export_desk,
    grant_desk,
    openapi,
    other_values,
    public_desk,
    settlement_desk,
    summing,
    telling,
)
from meter_ingest.out.answer import told
from meter_ingest.out.asking import Given

_VALUES: Final = frozenset({"from", "to", "line", "resolution", "as_of", "days", "end_user"})
_SUMS: Final = frozenset({"from", "to", "line", "by", "as_of", "end_user"})

Handle = Callable[[Request, Caller], Awaitable[Response]]


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """All that there is."""
    one, exports, everybody = Reading(desk), export_desk.Exports(desk), public_desk.Public(desk)
    grants, others, settled = grant_desk.Grants(desk), other_values.Others(desk), settlement_desk.Settlement(desk)

    def at(path: str, handle: Handle, *methods: str) -> Route:
        return Route(path, answering(desk, handle), methods=list(methods))

    return (
        Route("/openapi.json", _described, methods=["GET"]),
        Route(public_desk.PATH, everybody.answer, methods=["GET"]),
        Route("/points/{id}/values", one.values, methods=["GET"]),
        at("/points/{id}/sums", one.sums, "GET"),
        at("/resources/{id}/values", others.of_resource, "GET"),
        at("/virtual/{id}/values", others.of_virtual, "GET"),
        at("/points/{id}/rights", grants.rights, "GET"),
        at("/points/{id}/facts", grants.facts, "GET"),
        at("/grants", grants.all, "GET"),
        at("/reads", end_user_desk.OfEndUsers(desk).reads, "GET"),
        at("/exports", exports.all, "GET", "POST"),
        at("/exports/{id}", exports.one, "GET", "DELETE"),
        at("/exports/{id}/files/{name}", exports.file, "GET"),
        at("/evidence/{id}", evidence_desk.Packets(desk).one, "GET"),
        at("/settlement/adjustments/{day}", settled.adjusted, "GET"),
        at("/settlement/deviations/{id}", settled.deviated, "GET"),
        at("/activations/{id}/allocation", settled.allocated, "GET"),
        at("/points/{id}/hours", settled.hours, "GET"),
    )


def answering(desk: Desk, handle: Handle) -> Callable[[Request], Awaitable[Response]]:
    """Let in and answer, or say why not."""

    async def answer(request: Request) -> Response:
        try:
            return await handle(request, await desk.admit(request))
        except Turned as turned:
            return refusal(turned)

    return answer


async def _described(_request: Request) -> Response:
    """What there is, for whoever has not come in yet."""
    return told(openapi.DOCUMENT)


@dataclass
class Reading:
    """Values and sums of one point."""

    desk: Desk

    async def values(self, request: Request) -> Response:
        """What counts of a line in a period: asked for most, so that the proof is used with the note of it."""
        try:
            caller, once = await self.desk.check(request)
            try:
                return await self._values(request, caller, once)
            finally:
                # Whatever is answered.
                await once.use()
        except Turned as turned:
            return refusal(turned)

    async def _values(self, request: Request, caller: Caller, once: Once) -> Response:
        given = Given.of(request, _VALUES)
        start, end = given.period()
        resolution = given.resolution()
        asking.in_whole_hours(resolution, start, end)
        asking.not_too_long(end - start, telling.LONGEST, "to")
        what = telling.Asked(
            asking.point_of(request),
            given.line(),
            start,
            end,
            resolution,
            given.moment("as_of"),
            given.number("days", least=1, most=telling.MOST_DAYS),
            end_user_desk.served(given, caller),
        )
        found = await telling.values(self.desk.database, caller, what, once)
        if found is None:
            raise Turned(404, out_rules.VALUES_NOT_FOUND)
        if found["to"] < end:
            found["links"] = {"next": _next(request, given, found["to"])}
        return told(found)

    async def sums(self, request: Request, caller: Caller) -> Response:
        """Sums of a line over local days, months or years."""
        given = Given.of(request, _SUMS)
        first, last, size = given.day("from"), given.day("to"), given.size()
        if last <= first:
            raise asking.invalid("to", "not behind `from`", "later than `from`")
        for name, local in (("from", first), ("to", last)):
            if aggregate.begin(local, size) != local:
                raise asking.invalid(name, f"not the first day of a {size}", f"the first day of a {size}")
        asking.not_too_long(last - first, summing.LONGEST, "to")
        end_user = end_user_desk.served(given, caller)
        what = summing.Asked(asking.point_of(request), given.line(), first, last, size, given.moment("as_of"), end_user)
        found = await summing.sums(self.desk.database, caller, what)
        if found is None:
            raise Turned(404, out_rules.VALUES_NOT_FOUND)
        return told(found)


def _next(request: Request, given: Given, start: datetime) -> str:
    return f"{request.url.path}?{urlencode({**given.said, 'from': time_text(start)})}"
