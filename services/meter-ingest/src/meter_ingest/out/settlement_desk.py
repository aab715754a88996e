"""`/settlement/…`, `/activations/{id}/allocation`, `/points/{id}/hours`: settlement by point, for who may read it.

By `domain.settlement.rows_read`, or, of a point's hours, by what may be read of its values; noted for each end user.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, get_args
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from chassis import store as documents
from chassis.asking import UnableToAnswer
from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.door.serving import Desk
from chassis.work import Work
from contracts import values
from contracts.meter_ingest.v1 import AdjustmentVersion
from contracts.values import parse_time
from meter_ingest import queries, recounting, settlement_queries, store
from meter_ingest.domain import days, out_rules
from meter_ingest.domain.settlement import adjustment, rows_read
from meter_ingest.domain.settlement.billing import Hour
from meter_ingest.domain.spans import Span
from meter_ingest.out import asking, rights, settlement_rows
from meter_ingest.out.answer import told
from meter_ingest.out.settlement_rows import Page, Reading
from meter_ingest.permission import Reader, Rights

MOST: Final = 5000
"""Rows, or points, in one answer."""
MOST_DAYS: Final = 31
"""Local days of hours in one answer."""
LINE: Final = "consumption"
_ID: Final[TypeAdapter[str]] = TypeAdapter(values.Uuid)
_PAGED: Final = frozenset({"after", "most"})
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_AFTER_ADJUSTED: Final = re.compile(rf"({_UUID})(?:\.([0-9]{{18}})\.([0-9]{{1,3}}))?")
_AFTER_DEVIATED: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.([0-9]{18})\.([a-z.0-9]+)\.([0-9]{3}))?")
_AFTER_POINT: Final = re.compile(r"([0-9]{18})")


@dataclass
class Settlement:
    """Answers about settlement, by point."""

    desk: Desk

    async def adjusted(self, request: Request, caller: Caller) -> Response:
        """What was delivered in a day by each point in each quarter, as a version has it."""
        given = asking.Given.of(request, _PAGED | {"version"})
        version = given.said.get("version", "D+5")
        if version not in get_args(AdjustmentVersion):
            raise asking.invalid("version", "no version", " or ".join(get_args(AdjustmentVersion)))
        try:
            local = values.parse_date(request.path_params["day"])
        except ValueError:
            raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND) from None
        with self.desk.gate.transfer(caller.party):
            async with rights.reading_and_noting(self.desk.database) as connection:
                asked = await _reading(connection, caller, given, _AFTER_ADJUSTED)
                state = await asked.work.load(store.ADJUSTMENT, local.isoformat())
                ran = adjustment.run_of(state, version) if state else None
                own = {f"{one.role.value}|{one.party}" for one in asked.readers}
                sums = {name: wh for name, wh in ran.told.items() if name in own} if ran else {}
                whole = rows_read.of_activation(None, asked.readers) is not None
                if state is None or ran is None:
                    raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND)
                try:
                    page = await settlement_rows.of_adjustment(asked, state, ran)
                except settlement_rows.NoSuchPlace:
                    raise asking.invalid("after", "not a place in it", "as `links.next` has it") from None
                if not (sums or whole or page.rows or page.after or asked.after):
                    raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND)
                await rights.note(connection, await settlement_rows.reads(asked, page), at=asked.at)
        parties = [
            {"role": role, "delivered_wh": wh} for role, _, wh in ((*name.split("|"), wh) for name, wh in sums.items())
        ]
        answer = {
            "date": local,
            "version": version,
            "at": ran.at,
            "told": [*parties, *([{"role": "tso", "delivered_wh": ran.delivered_wh}] if whole else [])],
        }
        return _page(request, given, answer, page)

    async def deviated(self, request: Request, caller: Caller) -> Response:
        """The rows of a run of deviations; of a run that is annulled by now its status says so."""
        given = asking.Given.of(request, _PAGED)
        id_ = _id_of(request)
        with self.desk.gate.transfer(caller.party):
            async with rights.reading_and_noting(self.desk.database) as connection:
                asked = await _reading(connection, caller, given, _AFTER_DEVIATED)
                run = await asked.work.load(store.DEVIATION, id_)
                if run is None or not rows_read.may_see(run, asked.readers):
                    raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND)
                page = await settlement_rows.of_run(asked, run)
                if not (page.rows or page.after or asked.after) and not rows_read.of_activation(None, asked.readers):
                    raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND)
                await rights.note(connection, await settlement_rows.reads(asked, page), at=asked.at)
        answer = {
            "run_id": id_,
            "status": run.status,
            "grid_area": run.grid_area,
            "zone": run.zone,
            "first_day": run.first_day,
            "last_day": run.last_day,
            "at": run.at,
        }
        return _page(request, given, answer, page)

    async def allocated(self, request: Request, caller: Caller) -> Response:
        """What each point of an activation delivered in a run, computed again from what that run had read."""
        given = asking.Given.of(request, _PAGED | {"run"})
        id_ = _id_of(request)
        number = given.number("run", least=1, most=10**6) if "run" in given.said else None
        with self.desk.gate.transfer(caller.party):
            async with rights.reading_and_noting(self.desk.database) as connection:
                asked = await _reading(connection, caller, given, _AFTER_POINT)
                state = await asked.work.load(store.ACTIVATION, id_)
                allowed = rows_read.of_activation(state.bsp, asked.readers) if state else None
                if allowed is None:
                    raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND)
                wanted = {"activation_id": id_, "points": True, **({"run": number} if number else {})}
                try:
                    answer = await recounting.allocation_asked(connection, lambda: asked.work, wanted)
                except UnableToAnswer:
                    raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND) from None
                page = Page()
                left = sorted(
                    (one for one in answer.pop("points", ()) if one["metering_point_id"] > asked.after),
                    key=lambda one: one["metering_point_id"],
                )
                page.rows, further = left[: asked.most], left[asked.most :]
                page.after = page.rows[-1]["metering_point_id"] if further else None
                starts = [parse_time(one["start"]) for one in answer.get("run", {}).get("quarters", ())]
                page.read = [(one["metering_point_id"], start, allowed) for one in page.rows for start in starts]
                await rights.note(connection, await settlement_rows.reads(asked, page), at=asked.at)
        return _page(request, given, answer, page, "points")

    async def hours(self, request: Request, caller: Caller) -> Response:
        """A point's consumption by the hour, with what it is worth, of the days that the caller may read."""
        given = asking.Given.of(request, {"from", "to", "last_resort_since"})
        first, last = given.day("from"), given.day("to")
        since = given.day("last_resort_since") if "last_resort_since" in given.said else None
        if last <= first:
            raise asking.invalid("to", "not behind `from`", "later than `from`")
        if (count := (last - first).days) > MOST_DAYS:
            raise Turned(400, out_rules.QUERY_TOO_LONG, path="/query/to", limit=MOST_DAYS, actual=count, unit="days")
        point, start, end = asking.point_of(request), days.day(first).start, days.day(last).start
        async with rights.reading_and_noting(self.desk.database) as connection:
            at = await queries.now(connection)
            may = await rights.of(connection, caller.party, caller.roles, [point], at=at)
            spans = may.spans(point, LINE, start, end)
            if not spans:
                raise Turned(404, out_rules.VALUES_NOT_FOUND)
            work = _work(connection)
            locals_ = [first + timedelta(days=place) for place in range(count)]
            found = [await _day(connection, work, point, local, since, may, spans) for local in locals_]
            await rights.note(connection, may.reads(point, LINE, spans), at=at)
        return told({"metering_point_id": point, "line": LINE, "days": [one for one in found if one is not None]})


async def _day(
    connection: AsyncConnection,
    work: Work,
    point: str,
    local: date,
    since: date | None,
    may: Rights,
    spans: Sequence[Span],
) -> dict[str, Any] | None:
    day = days.day(local)
    if not any(start < day.end and day.start < end for start, end in spans):
        return None
    try:
        zone, settlement, some = await settlement_queries.hours_of(connection, work, point, local, since)
    except UnableToAnswer as error:
        return {"date": local, "zone": None, "because": str(error), **settlement_queries.hours_told(())}
    own = [one for one in some if _within(one, spans)]
    answer = settlement_queries.hours_told(own)
    if not any(one.level == "full" for of in may.by_role.values() for one in of.get(point, ())):
        # What its end user has chosen goes with the facts of the point, which are not the caller's.
        answer["hours"] = [{**one, "norgespris": None} for one in answer["hours"]]
    return {"date": local, "zone": zone, "settlement": settlement, **answer}


def _within(one: Hour, spans: Sequence[Span]) -> bool:
    return any(start <= one.start and one.start + timedelta(hours=1) <= end for start, end in spans)


def _work(connection: AsyncConnection) -> Work:
    from meter_ingest.app import SERVICE  # noqa: PLC0415 - which puts this together, too

    return Work(SERVICE, documents.loader(connection))


async def _reading(connection: AsyncConnection, caller: Caller, given: asking.Given, after: re.Pattern[str]) -> Reading:
    read = after.fullmatch(given.said["after"]) if "after" in given.said else None
    if "after" in given.said and read is None:
        raise asking.invalid("after", "not a place in it", "as `links.next` has it")
    place = [str(one) for one in read.groups() if one is not None] if read else []
    return Reading(
        connection,
        _work(connection),
        [Reader(caller.party, role) for role in caller.roles],
        await queries.now(connection),
        given.number("most", least=1, most=MOST),
        place[0] if place else "",
        tuple(place[1:]) or None,
    )


def _id_of(request: Request) -> str:
    try:
        return _ID.validate_python(request.path_params["id"])
    except ValidationError:
        raise Turned(404, out_rules.SETTLEMENT_NOT_FOUND) from None


def _page(request: Request, given: asking.Given, answer: dict[str, Any], page: Page, name: str = "rows") -> Response:
    found = {**answer, name: page.rows}
    if name == "rows":
        found["withheld"] = page.withheld
    if page.after is not None:
        found["links"] = {"next": f"{request.url.path}?{urlencode({**given.said, 'after': page.after})}"}
    return told(found)
