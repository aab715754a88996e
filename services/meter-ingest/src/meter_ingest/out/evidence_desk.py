"""`/evidence/{id}`: the packet of an activation's evidence or a group's capacity, for the TSO.

It is written down for each end user whose values it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from chassis import store as documents
from chassis.asking import UnableToAnswer
from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.door.serving import SAFE, Desk
from chassis.work import Work
from contracts import calendar, values
from contracts.values import Role
from meter_ingest import packing, permission, queries
from meter_ingest.domain import documentation_rules as rules
from meter_ingest.out import asking, rights
from meter_ingest.permission import Read, Reader

_ID: Final[TypeAdapter[str]] = TypeAdapter(values.Uuid)
GROUND: Final = "evidence"
_MOST: Final = 1_000_000


@dataclass
class Packets:
    """Answers about evidence."""

    desk: Desk

    async def one(self, request: Request, caller: Caller) -> Response:
        """The packet of the last version, or of `version`.

        Its ETag is the SHA-256 of its manifest, as `evidence-prepared` has it.
        """
        from meter_ingest.app import SERVICE  # noqa: PLC0415 - which puts this together, too

        given = asking.Given.of(request, ("version",))
        if Role.TSO not in caller.roles:
            # Whether there is such evidence or not.
            raise Turned(403, rules.EVIDENCE_NOT_YOURS)
        try:
            id_ = _ID.validate_python(request.path_params["id"])
        except ValidationError:
            raise Turned(404, rules.EVIDENCE_NOT_FOUND) from None
        version = given.number("version", least=1, most=_MOST) if "version" in given.said else None
        with self.desk.gate.transfer(caller.party):
            async with rights.reading_and_noting(self.desk.database) as connection:
                at = await queries.now(connection)
                try:
                    work = Work(SERVICE, documents.loader(connection))
                    made = await packing.make(connection, work, id_, version=version)
                except packing.KeptNoLonger as gone:
                    raise Turned(410, rules.EVIDENCE_GONE, limit=gone.root) from None
                except packing.Differs:
                    # Not what was asked is wrong, but the register.
                    raise
                except packing.NotPrepared as waits:
                    raise Turned(409, rules.EVIDENCE_NOT_PREPARED, limit=calendar.local_text(waits.due_at)) from None
                except UnableToAnswer:
                    raise Turned(404, rules.EVIDENCE_NOT_FOUND) from None
                reads = [Read(*one, GROUND, id_) for one in made.reads]
                await permission.noted(connection, Reader(caller.party, Role.TSO), reads, at=at)
        headers = {
            **SAFE,
            "etag": f'"{made.prepared.root_sha256}"',
            "content-disposition": f'attachment; filename="evidence-{id_}-{made.prepared.version}.jsonl"',
        }
        return Response(made.file, media_type="application/jsonl", headers=headers)
