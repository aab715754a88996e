"""`/grants`, and what a point is to the caller: `/points/{id}/rights`, `/points/{id}/facts`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.door.serving import Desk
from contracts.values import Role
from meter_ingest import permission, queries, store
from meter_ingest.domain import blocks, facts, known, out_rules
from meter_ingest.domain.reach import SERVING
from meter_ingest.out import asking, end_user_desk, rights
from meter_ingest.out.answer import told
from meter_ingest.permission import Read, Readable, Reader

MOST: Final = 500
"""Grants in one answer."""
_ASKED: Final = frozenset({"end_user", "after", "most"})


@dataclass
class Grants:
    """Answers about who may read what, not about values."""

    desk: Desk

    async def all(self, request: Request, caller: Caller) -> Response:
        """A third party's own; or, for who serves end users, what waits for one, and what it has approved."""
        given = asking.Given.of(request, _ASKED)
        after, end_user = given.id("after"), given.id("end_user")
        most = given.number("most", least=1, most=MOST)
        whose = {"third_party": caller.party} if Role.THIRD_PARTY in caller.roles else {}
        if end_user:
            # Of whom it does not serve it has none, like of whom there is not.
            whose = {"end_user": end_user} if SERVING & set(caller.roles) else {}
        async with queries.reading_only(self.desk.database) as connection:
            own = await permission.grant_ids(connection, **whose)
            if "end_user" in whose:
                at = await queries.now(connection)
                own = sorted({*own, *await permission.waiting_ids(connection, end_user, at=at)})
            ids = [id_ for id_ in own if id_ > after]
            found = await permission.listed(connection, ids[:most])
        answer: dict[str, Any] = {"grants": found}
        if ids[most:]:
            query = urlencode({**given.said, "after": ids[most - 1]})
            answer["links"] = {"next": f"{request.url.path}?{query}"}
        return told(answer)

    async def rights(self, request: Request, caller: Caller) -> Response:
        """What the caller may read of a point now, in each of its roles, and on what ground."""
        end_user = end_user_desk.served(asking.Given.of(request, {"end_user"}), caller)
        point = asking.point_of(request)
        async with queries.reading_only(self.desk.database) as connection:
            at = await queries.now(connection)
            may = await rights.of(connection, caller.party, caller.roles, [point], at=at, end_user=end_user)
        found = [
            {"role": reader.role, **asdict(one)} for reader, of in may.by_role.items() for one in of.get(point, ())
        ]
        if not found:
            raise Turned(404, out_rules.VALUES_NOT_FOUND)
        return told({"metering_point_id": point, "at": at, "rights": found})

    async def facts(self, request: Request, caller: Caller) -> Response:
        """What a point is, in the periods of which the caller may know; its estimated annual volume is noted."""
        end_user = end_user_desk.served(asking.Given.of(request, {"end_user"}), caller)
        point = asking.point_of(request)
        async with rights.reading_and_noting(self.desk.database) as connection:
            at = await queries.now(connection)
            may = await rights.of(connection, caller.party, caller.roles, [point], at=at, end_user=end_user)
            some = [one for of in may.by_role.values() for one in of.get(point, ())]
            spans = facts.full(some)
            if not some:
                raise Turned(404, out_rules.VALUES_NOT_FOUND)
            if not spans:
                raise Turned(403, out_rules.FACTS_NOT_GRANTED)
            found = await _facts(connection, point, some)
            reads: dict[Reader, list[Read]] = {}
            for one in found["annual_volumes"]:
                for reader, each in may.reads(point, one["line"], [(one["start"], one["end"])]).items():
                    reads.setdefault(reader, []).extend(each)
            await rights.note(connection, reads, at=at)
        return told({"metering_point_id": point, "at": at, **found})


async def _facts(connection: AsyncConnection, point: str, some: list[Readable]) -> dict[str, Any]:
    block, place = blocks.block_of(point), blocks.place_of(point)
    versions = known.versions_of({block: await queries.document(connection, store.POINTS, block)}, point)
    traits = await queries.document(connection, store.TRAITS, block)
    channel = await queries.document(connection, store.CHANNEL, point)
    open_ = channel.lines if channel else {}
    dsos = sorted({blocks.key(block, periods[-1].dso) for periods in open_.values() if periods})
    annual = await queries.documents_of(connection, store.ANNUAL, dsos) if dsos else {}
    of_point = facts.facts(versions, traits.places.get(place, ()) if traits else (), facts.full(some))
    return {
        "facts": [asdict(one) for one in of_point],
        "channels": [asdict(one) for one in facts.channels(open_, some)],
        "annual_volumes": [asdict(one) for one in facts.annuals(point, annual, open_, some)],
    }
