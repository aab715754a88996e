"""What everybody may read: the energy of whole days, as it was said (`GET /public/energy`, unsigned)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, cast, get_args

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from chassis import store as documents
from chassis.door.pace import Pace
from chassis.door.rules import Turned
from chassis.door.serving import SAFE, Desk, refusal
from contracts.meter_ingest.v1 import Dimension, PublicFigure
from meter_ingest import store
from meter_ingest.domain import anonymity, out_rules, public_days
from meter_ingest.domain.public_days import Aggregate
from meter_ingest.out import asking
from meter_ingest.out.asking import Given

PATH: Final = "/public/energy"
LONGEST: Final = 31
"""Local days in one answer."""
A_MINUTE: Final = 60
"""Requests from one address."""
OF_ALL: Final = 600
"""Requests from all addresses together."""
_KEPT: Final = 400
"""Days that are kept in memory: what was said of one never changes."""
_NAMES: Final = frozenset({"dimension", "from", "to"})
_ALL: Final = "*"


@dataclass
class Public:
    """Answers anybody, as often as there is room for."""

    desk: Desk
    _pace: Pace = field(default_factory=Pace)
    _days: dict[date, Aggregate] = field(default_factory=dict[date, Aggregate])

    async def answer(self, request: Request) -> Response:
        """The figures of a dimension on the days of a period."""
        try:
            now = self.desk.gate.now()
            self._pace.take(request.client.host if request.client else "", a_minute=A_MINUTE, now=now)
            self._pace.take(_ALL, a_minute=OF_ALL, now=now)
            return await self._energy(request)
        except Turned as turned:
            return refusal(turned)

    async def _energy(self, request: Request) -> Response:
        given = Given.of(request, _NAMES)
        dimension, first, last = _dimension(given), given.day("from"), given.day("to")
        if last <= first:
            raise asking.invalid("to", "not behind `from`", "later than `from`")
        if last - first > timedelta(days=LONGEST):
            raise Turned(
                400, out_rules.QUERY_TOO_LONG, path="/query/to", limit=LONGEST, actual=(last - first).days, unit="days"
            )
        wanted = [first + timedelta(days=number) for number in range((last - first).days)]
        found = await self._said(wanted)
        content = msgspec.json.encode(told(dimension, wanted, found, f"{PATH}?{request.url.query}"))
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        # What is said stands for good; of what is not, it is soon asked again.
        seconds = 86_400 if len(found) == len(wanted) else 300
        headers = {**SAFE, "cache-control": f"public, max-age={seconds}", "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    async def _said(self, wanted: list[date]) -> dict[date, Aggregate]:
        found = {local: self._days[local] for local in wanted if local in self._days}
        if missing := [local for local in wanted if local not in found]:
            read = await aggregates(self.desk.database, missing)
            if len(self._days) + len(read) > _KEPT:
                self._days.clear()
            self._days |= read
            found |= read
        return found


async def aggregates(database: AsyncEngine, wanted: list[date]) -> dict[date, Aggregate]:
    """What was said of these days; of some nothing yet."""
    async with database.connect() as connection:
        # The transaction must have begun before the driver is asked past SQLAlchemy.
        await connection.execute(text("SELECT 1"))
        found = await documents.loader(connection)([(store.AGGREGATE, [public_days.name(one) for one in wanted])])
    states: list[Aggregate] = [one.state for one in found.values() if one.state is not None]
    return {one.day: one for one in states}


def told(dimension: Dimension, wanted: list[date], found: Mapping[date, Aggregate], link: str) -> dict[str, Any]:
    """The answer. Energy in whole Wh; shares in per cent of points, of four decimals."""
    return {
        "data": [
            {
                "type": "public-energy",
                "id": "/".join(map(str, (local, one.zone, one.line, one.dimension, one.key or "rest"))),
                "attributes": _attributes(local, one),
            }
            for local in wanted
            if local in found
            for one in found[local].figures
            if one.dimension == dimension
        ],
        "meta": {"dimension": dimension, "not_said_yet": [local for local in wanted if local not in found]},
        "links": {"self": link},
    }


def _attributes(local: date, one: PublicFigure) -> dict[str, Any]:
    return {
        "date": local,
        "zone": str(one.zone),
        "line": one.line,
        "key": one.key,
        "wh": one.wh,
        "points": one.points,
        "estimated_percent": anonymity.percent(one.estimated_points, one.points),
        "missing_percent": anonymity.percent(one.missing_points, one.points + one.missing_points),
    }


def _dimension(given: Given) -> Dimension:
    said = given.said.get("dimension", "zone")
    if said not in get_args(Dimension):
        raise asking.invalid("dimension", "no dimension", " or ".join(get_args(Dimension)))
    return cast("Dimension", said)
