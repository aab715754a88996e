"""Lookups with proof: counted, answered and noted in one transaction.

One that finds nothing does the same work as one that finds something, whether there is such a point or not, and is
answered in the same words. So neither the answer nor the time it takes tells which points there are.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bsp_switch import store
from bsp_switch.domain import lookup, rules
from bsp_switch.door import heirs, person_store
from bsp_switch.door.wishes import Wish, keep
from bsp_switch.handlers import persons
from chassis.door import papers
from chassis.door.rules import Turned
from contracts import calendar

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a party may ask. A birth date is soon guessed by whoever may guess often."""

    an_hour: int = 600
    of_a_point_a_day: int = 5
    seconds: float = 0.1
    """Answers are given after so long, or a multiple of it: what is left of a difference in time is not seen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A lookup."""

    id: str
    party: str
    metering_point_id: str
    proof: str = ""
    """As `Person.proof` says it; empty of a point of the asker's own, of which nobody need be known."""


async def look(
    database: AsyncEngine, asked: Asked, *, limits: Limits, now: float, sandbox: bool
) -> lookup.Found | None:
    """What there is to tell, which is nothing where the proof is not that of the end user. Raises `Turned`.

    `now`: the machine's clock, which only the limits go by; in a sandbox the business goes by how far time has passed.
    """
    async with database.begin() as connection:
        if link := await heirs.heir(connection, asked.party):
            raise Turned(403, rules.BSP_TAKEN_OVER, actual=calendar.local_date(link.start).isoformat())
        found = None
        too_many = await count(connection, asked, limits, datetime.fromtimestamp(now, UTC))
        if too_many is None:
            passed = await papers.sandbox_time(connection, "") if sandbox else None
            at = datetime.fromtimestamp(passed / 1000 if passed else now, UTC)
            found, end_user = await _found(connection, asked, at)
            said = {
                "party": asked.party,
                "metering_point_id": asked.metering_point_id,
                "code": "found" if found else "not-found",
                **({"end_user": end_user} if end_user else {}),
            }
            await keep(connection, Wish(asked.id, persons.LOOKED_UP, asked.id, said))
    # Out here: what was noted of it stands.
    if too_many is not None:
        raise too_many
    return found


async def count(connection: AsyncConnection, asked: Asked, limits: Limits, now: datetime) -> Turned | None:
    """Count it, whatever comes of it; or note that it is refused, and say why. A restart forgets none of them."""
    too_many = await _count(connection, asked, limits, now)
    if too_many is not None:
        await _note_refused(connection, asked, now)
    return too_many


async def _count(connection: AsyncConnection, asked: Asked, limits: Limits, now: datetime) -> Turned | None:
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:party, 2))"), {"party": asked.party})
    await connection.execute(text("DELETE FROM private.asked WHERE asked_at <= :day"), {"day": day})
    counted = (
        await connection.execute(
            text(
                "SELECT count(*) FILTER (WHERE asked_at > :hour) AS an_hour,"
                " count(*) FILTER (WHERE metering_point_id = :point) AS of_point"
                " FROM private.asked WHERE party = :party"
            ),
            {"hour": hour, "point": asked.metering_point_id, "party": asked.party},
        )
    ).one()
    if counted.an_hour >= limits.an_hour:
        return Turned(429, rules.LOOKUPS_TOO_MANY, limit=limits.an_hour, unit="an hour")
    if counted.of_point >= limits.of_a_point_a_day:
        return Turned(429, rules.LOOKUPS_TOO_MANY, limit=limits.of_a_point_a_day, unit="of a point a day")
    await connection.execute(
        text(
            "INSERT INTO private.asked (id, party, metering_point_id, asked_at)"
            " VALUES (CAST(:id AS uuid), :party, :point, :now)"
        ),
        {"id": asked.id, "party": asked.party, "point": asked.metering_point_id, "now": now},
    )
    return None


async def _note_refused(connection: AsyncConnection, asked: Asked, now: datetime) -> None:
    """Have it said, once an hour of a party."""
    first = await connection.scalar(
        text(
            "INSERT INTO private.lookup_refused AS former (party, said_at) VALUES (:party, :now)"
            " ON CONFLICT (party) DO UPDATE SET said_at = :now WHERE former.said_at <= :hour RETURNING 1"
        ),
        {"party": asked.party, "now": now, "hour": now - timedelta(hours=1)},
    )
    if first is not None:
        said = {"party": asked.party, "metering_point_id": asked.metering_point_id}
        await keep(connection, Wish(asked.id, persons.REFUSED, asked.id, said))


async def _found(connection: AsyncConnection, asked: Asked, at: datetime) -> tuple[lookup.Found | None, str | None]:
    """What the asker is told, and whom the lookup concerns."""
    point = await papers.own_state(connection, store.POINT, asked.metering_point_id)
    registered = await papers.own_state(connection, store.METERING_POINT, asked.metering_point_id)
    behind = lookup.behind(point, at=at)
    # As many are looked up whatever there is, so that time tells nothing.
    named = [gln or "" for _, gln, _ in behind.named()] if behind else [""] * 3
    parties = {gln: state for gln in named for state in [await papers.own_state(connection, store.PARTY, gln)]}
    who = behind.end_user if behind else _NOBODY
    end_user = await papers.own_state(connection, store.END_USER, who)
    person = await person_store.find(connection, who)
    proven = hmac.compare_digest((person.proof if person else "").encode(), asked.proof.encode())
    found = lookup.found(
        asked.metering_point_id,
        point,
        end_user=end_user,
        parties=parties,
        registered=registered,
        asker=asked.party,
        at=at,
    )
    return found if proven else None, behind.end_user if behind else None
