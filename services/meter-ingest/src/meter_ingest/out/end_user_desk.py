"""`/reads`: what was read of an end user's values, for who serves it; and whom a request is made on behalf of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from chassis.door.gate import Caller
from chassis.door.rules import Turned
from chassis.door.serving import Desk
from meter_ingest import queries, reads
from meter_ingest.domain import out_rules
from meter_ingest.domain.reach import SERVING
from meter_ingest.out import asking
from meter_ingest.out.answer import told

MOST: Final = 500
"""Reads in one answer."""
_ASKED: Final = frozenset({"end_user", "point", "from", "to", "after", "most"})


@dataclass
class OfEndUsers:
    """Answers for who serves an end user."""

    desk: Desk

    async def reads(self, request: Request, caller: Caller) -> Response:
        """Who read what of its values, in which role and on what ground, of the time in which it stood behind them."""
        given = asking.Given.of(request, _ASKED)
        end_user = served(given, caller)
        if not end_user:
            raise asking.invalid("end_user", "left out", "a UUID")
        asked = reads.Asked(
            end_user,
            given.gsrn("point"),
            given.moment("from"),
            given.moment("to"),
            _after(given),
            given.number("most", least=1, most=MOST),
        )
        async with queries.reading_only(self.desk.database) as connection:
            found, after = await reads.page(connection, asked)
        answer: dict[str, Any] = {"end_user": end_user, "reads": found}
        if after:
            answer["links"] = {"next": f"{request.url.path}?{urlencode({**given.said, 'after': after})}"}
        return told(answer)


def served(given: asking.Given, caller: Caller) -> str:
    """The end user that a request is made for; empty where it is the caller's own. Raises `Turned`."""
    end_user = given.id("end_user")
    if end_user:
        must_serve(caller, "/query/end_user")
    return end_user


def must_serve(caller: Caller, path: str) -> None:
    """Only who serves end users does. Raises `Turned`."""
    if not SERVING & set(caller.roles):
        raise Turned(403, out_rules.END_USER_NOT_SERVED, path=path, limit=", ".join(sorted(SERVING)))


def _after(given: asking.Given) -> reads.Place | None:
    try:
        return reads.Place.parse(given.said["after"]) if "after" in given.said else None
    except ValueError:
        raise asking.invalid("after", "no place", "as `links.next` has it") from None
