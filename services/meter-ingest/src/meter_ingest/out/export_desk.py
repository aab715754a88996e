"""`/exports`: ordered, listed, fetched and deleted, each by the party alone that ordered it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.door.serving import SAFE, Desk, refusal
from contracts import validation, values
from contracts.message import Reason, Refused
from contracts.strict_json import fault, parse
from meter_ingest.domain import days, lines, out_rules
from meter_ingest.out import answer, asking, end_user_desk, jobs, planning, rights
from meter_ingest.out.jobs import Job, Made, Planned
from meter_ingest.out.order import Order

_ID: Final[TypeAdapter[str]] = TypeAdapter(values.Uuid)
_MOST: Final = 512 * 1024
"""Bytes of an order."""
_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})").fullmatch
_TYPES: Final = {
    "csv.zst": "application/zstd",
    "csv.gz": "application/gzip",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass
class Exports:
    """Answers about exports."""

    desk: Desk

    async def all(self, request: Request, caller: Caller) -> Response:
        """Order one, or list one's own."""
        asking.Given.of(request, ())
        if request.method == "POST":
            return await self._order(request, caller)
        async with self.desk.database.connect() as connection:
            found = [
                told(job, await jobs.made(connection, job.id)) for job in await jobs.of_party(connection, caller.party)
            ]
        return answer.told({"exports": found})

    async def _order(self, request: Request, caller: Caller) -> Response:
        asked = written(await self.desk.words(request, caller, most=_MOST))
        if asked.end_user:
            end_user_desk.must_serve(caller, "/body/end_user")
        now = planning.utc(self.desk.gate.now())
        with self.desk.gate.transfer(caller.party):
            try:
                job, new, made = await self._ordered(caller, asked, now)
            except IntegrityError:
                # The same id was ordered at the same time, as by who sends again because no answer came.
                job, new, made = await self._ordered(caller, asked, now)
        return answer.told(told(job, made), 201 if new else 200)

    async def _ordered(self, caller: Caller, asked: Order, now: datetime) -> tuple[Job, bool, dict[str, Made]]:
        async with rights.reading_and_noting(self.desk.database) as connection:
            job, new = await planning.order(connection, caller, asked, now=now)
            return job, new, await jobs.made(connection, job.id)

    async def one(self, request: Request, caller: Caller) -> Response:
        """How one stands; or it is deleted."""
        asking.Given.of(request, ())
        job = await self._own(request, caller)
        async with self.desk.database.begin() as connection:
            if request.method == "DELETE":
                await jobs.delete(connection, job.id)
                return Response(status_code=204, headers=SAFE)
            return answer.told(told(job, await jobs.made(connection, job.id)))

    async def file(self, request: Request, caller: Caller) -> Response:
        """A file, or the part of it that is asked for; gone where its owner may no longer read all of it."""
        asking.Given.of(request, ())
        job = await self._own(request, caller)
        file = next((one for one in jobs.planned(job) if one.name == request.path_params["name"]), None)
        if file is None:
            raise _not_found()
        if job.state == "revoked":
            raise _revoked()
        start, end = days.day(file.first).start, days.day(file.last).start
        if job.order.kind == "recorded":
            start, end = planning.ALWAYS
        if job.order.as_of is None:
            # No value is of a time that lay ahead then: nothing of that is in the file to be lost, or noted.
            end = max(start, min(end, job.as_of))
        async with rights.reading_and_noting(self.desk.database) as connection:
            made = (await jobs.made(connection, job.id)).get(file.name)
            if made is None:
                raise Turned(409, out_rules.EXPORT_FILE_NOT_READY)
            may = await planning.still(connection, job, start=start, end=end)
            if may is None:
                await jobs.said(connection, job.id, "revoked")
            elif request.method == "GET" and await jobs.note_once(connection, job.id, file.name):
                async for right in jobs.all_rights(connection, job.id, start=start, end=end):
                    spans = [(max(first, start), min(last, end)) for first, last in right.spans]
                    reads = may.reads(right.point, lines.of_code(right.line), spans)
                    await rights.note(connection, reads, at=may.at)
        if may is None:
            # Out here: that its files are gone stands.
            raise _revoked()
        return self._sent(request, caller, job, file, made)

    def _sent(self, request: Request, caller: Caller, job: Job, file: Planned, made: Made) -> Response:
        etag = f'"{made.sha256}"'
        headers = {
            **SAFE,
            "etag": etag,
            "accept-ranges": "bytes",
            "content-disposition": f'attachment; filename="{job.id}-{file.name}"',
        }
        first, last = 0, made.bytes
        asked = request.headers.get("range")
        # A unit that is not known is no question about a part.
        if asked is not None and asked.startswith("bytes=") and request.headers.get("if-range", etag) == etag:
            first, last = part(asked, made.bytes)
            headers["content-range"] = f"bytes {first}-{last - 1}/{made.bytes}"
        headers["content-length"] = str(last - first)
        status = 206 if "content-range" in headers else 200
        type_ = _TYPES[file.format]
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers, media_type=type_)
        bytes_ = jobs.parts(self.desk.database, job.id, file.name, first, last)
        return _Transfer(self.desk, caller, bytes_, status, headers, type_)

    async def _own(self, request: Request, caller: Caller) -> Job:
        try:
            id_ = _ID.validate_python(request.path_params["id"])
        except ValidationError:
            raise _not_found() from None
        async with self.desk.database.connect() as connection:
            job = await jobs.find(connection, id_)
        if job is None or job.party != caller.party or job.expires_at <= planning.utc(self.desk.gate.now()):
            raise _not_found()
        return job


class _Transfer(StreamingResponse):
    """A file on its way out: one of the transfers that there is room for."""

    def __init__(
        self, desk: Desk, caller: Caller, parts: Any, status: int, headers: dict[str, str], type_: str
    ) -> None:
        super().__init__(parts, status, headers, type_)
        self._desk, self._caller = desk, caller

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            with self._desk.gate.transfer(self._caller.party):
                await super().__call__(scope, receive, send)
        except Turned as turned:
            await refusal(turned)(scope, receive, send)


def part(asked: str, size: int) -> tuple[int, int]:
    """The bytes [first, last) of a `Range`: one part, which begins within the file. Raises `Turned`."""
    found = _RANGE(asked.strip())
    first, last = found.groups() if found else ("", "")
    if first and (not last or int(first) <= int(last)) and int(first) < size:
        return int(first), min(size, int(last) + 1) if last else size
    if found and not first and last and int(last) and size:
        return max(0, size - int(last)), size
    raise Turned(416, out_rules.EXPORT_RANGE_INVALID, path="/headers/range", limit=size, unit="bytes")


def written(body: bytes) -> Order:
    """An order; where it is not as it should be, what is wrong where. Raises `Turned`."""
    try:
        said = parse(body)
        if (wrong := fault(said)) is not None:
            raise _unreadable(wrong.reason())
    except Refused as refused:
        raise _unreadable(refused.reasons[0]) from None
    found = validation.read_as(Order, said, rule=out_rules.EXPORT_INVALID, under="body")
    if isinstance(found, Reason):
        raise Turned.because(400, found)
    return found


def _unreadable(why: Reason) -> Turned:
    nb, en = (f"{text[:1].lower()}{text[1:].rstrip('.')}" for text in (why.text_nb, why.text_en))
    return Turned.because(400, validation.in_words(out_rules.EXPORT_INVALID, "/body", nb, en))


def told(job: Job, made: dict[str, Made]) -> dict[str, Any]:
    """An export, as it stands in answers."""
    self = f"/exports/{job.id}"
    return {
        "id": job.id,
        "kind": job.order.kind,
        "state": job.state,
        "asked_at": job.asked_at,
        "expires_at": job.expires_at,
        "order": job.order.model_dump(mode="json", by_alias=True),
        "as_of": {"time": job.as_of, "positions": job.positions},
        "points": job.points,
        "files": [] if job.state == "revoked" else [_file(self, one, made.get(one.name)) for one in jobs.planned(job)],
        "links": {"self": self},
    }


def _file(self: str, file: Planned, made: Made | None) -> dict[str, Any]:
    said: dict[str, Any] = {"name": file.name, "month": file.first.replace(day=1), "format": file.format}
    if made is None:
        return {**said, "state": "waiting"}
    return {
        **said,
        "state": "ready",
        "values": made.rows,
        "bytes": made.bytes,
        "sha256": made.sha256,
        "link": f"{self}/files/{file.name}",
    }


def _not_found() -> Turned:
    return Turned(404, out_rules.EXPORT_NOT_FOUND)


def _revoked() -> Turned:
    return Turned(410, out_rules.EXPORT_REVOKED)
