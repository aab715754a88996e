"""The person store: who end users are. Nothing of it leaves this schema but random ids and salted hashes.

What is to be forgotten follows from what the service has decided (`own.erased_person`, `own.erased_document`): so it
goes, too, when a former state of this store is put back.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bsp_switch.door.wishes import Wish, keep
from bsp_switch.handlers import persons
from chassis.service import Evidence
from contracts.bsp_switch import v1
from contracts.message import Event

TABLE: Final = "private.person"
_COLUMNS: Final = "end_user::text, party, name, birth_date, organisation_number, salt, sha256"


@dataclass(frozen=True, slots=True)
class Person:
    """Who an end user is: a person by birth date, or an organisation by number."""

    name: str
    birth_date: date | None
    organisation_number: str | None

    @property
    def proof(self) -> str:
        """What somebody must know who says to know it."""
        return f"born {self.birth_date}" if self.birth_date else f"number {self.organisation_number}"


def hashed(end_user: str, person: Person, salt: bytes) -> str:
    """The hash that the log has of it; without the salt, which goes with the person, it says nothing."""
    said = [end_user, person.name, person.birth_date and person.birth_date.isoformat(), person.organisation_number]
    return hashlib.sha256(salt + json.dumps(said, ensure_ascii=False).encode()).hexdigest()


async def find(connection: AsyncConnection, end_user: str) -> Person | None:
    """Who an end user is."""
    row = (
        await connection.execute(
            text("SELECT name, birth_date, organisation_number FROM private.person WHERE end_user = CAST(:id AS uuid)"),
            {"id": end_user},
        )
    ).one_or_none()
    return Person(*row) if row else None


async def enter(database: AsyncEngine, end_user: str, person: Person, *, party: str, wish: str) -> bool:
    """Store who an end user is, or correct it, and wish that it be said. False where the same stands already."""
    salt = secrets.token_bytes(32)
    sha256 = hashed(end_user, person, salt)
    async with database.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:id, 1))"), {"id": end_user})
        erased = await connection.scalar(text("SELECT 1 FROM own.erased_person WHERE end_user = :id"), {"id": end_user})
        # What stands still, but is to be forgotten, is entered anew.
        if erased is None and await find(connection, end_user) == person:
            return False
        await _forget(connection, "private.person.end_user = CAST(:id AS uuid)", id=end_user)
        await connection.execute(
            text(
                "INSERT INTO private.person (end_user, party, name, birth_date, organisation_number, salt, sha256)"
                " VALUES (CAST(:id AS uuid), :party, :name, :birth_date, :organisation_number, :salt, :sha256)"
            ),
            {
                "id": end_user,
                "party": party,
                "name": person.name,
                "birth_date": person.birth_date,
                "organisation_number": person.organisation_number,
                "salt": salt,
                "sha256": sha256,
            },
        )
        await keep(connection, Wish(wish, persons.RECORDED, end_user, {"party": party, "sha256": sha256}))
    return True


async def _forget(connection: AsyncConnection, where: str, **figures: str) -> None:
    await connection.execute(
        text(
            f"WITH gone AS (DELETE FROM private.person WHERE {where} RETURNING end_user, sha256)"  # noqa: S608
            " INSERT INTO private.former_person (end_user, sha256) SELECT end_user, sha256 FROM gone"
        ),
        figures,
    )


async def sweep(database: AsyncEngine) -> None:
    """Let go what is to be forgotten."""
    async with database.begin() as connection:
        # One that has come anew since is not decided on yet.
        await _forget(
            connection,
            "end_user IN (SELECT CAST(erased.end_user AS uuid) FROM own.erased_person AS erased WHERE NOT EXISTS"
            " (SELECT 1 FROM private.wish WHERE type = :recorded AND subject = erased.end_user))",
            recorded=persons.RECORDED,
        )
        erased = "SELECT CAST(document_id AS uuid) FROM own.erased_document"
        await connection.execute(text(f"DELETE FROM private.paper_part WHERE id IN ({erased})"))  # noqa: S608
        await connection.execute(
            text(
                f"UPDATE private.paper SET name = '', discarded = true WHERE NOT discarded AND id IN ({erased})"  # noqa: S608
            )
        )


# The proof of the private table


def _said(event: Event) -> Iterable[str]:
    if isinstance(event, v1.PersonRecorded):
        yield f"{event.end_user} {event.sha256}"


async def _stored(connection: AsyncConnection) -> Sequence[str]:
    """What stands, hashed anew, and what stood; but for what is not decided yet."""
    waiting = set(
        await connection.scalars(
            text("SELECT said ->> 'sha256' FROM private.wish WHERE type = :recorded"), {"recorded": persons.RECORDED}
        )
    )
    now = (await connection.execute(text(f"SELECT {_COLUMNS} FROM private.person"))).all()  # noqa: S608
    then = (await connection.execute(text("SELECT end_user::text, sha256 FROM private.former_person"))).all()
    lines = [
        f"{row.end_user} {hashed(row.end_user, Person(row.name, row.birth_date, row.organisation_number), row.salt)}"
        for row in now
        if row.sha256 not in waiting
    ]
    return [*lines, *(f"{row.end_user} {row.sha256}" for row in then if row.sha256 not in waiting)]


EVIDENCE = Evidence(_said, _stored)
