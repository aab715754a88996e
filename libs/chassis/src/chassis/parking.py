"""Inputs without a position: those that cannot be decided, those behind them, and those that wait for a deadline.

A parked input's bytes are never changed. The operator mends code or policy and releases it; a command may be
dropped instead, which is a decision with a receipt.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.record import Input, Record
from chassis.service import Incoming, On
from chassis.work import Key, Work
from contracts.message import Rule

INTERNAL = "internal"
"""The `topic` of inputs that a process gives itself; their bytes, which say their `stamp`, are kept in the inbox."""

DROPPED_BY_OPERATOR = Rule(
    key="DROPPED_BY_OPERATOR",
    number="",
    text_nb="Meldingen kunne ikke behandles og er lagt bort av registerets operatør.",
    text_en="The message could not be processed and was dropped by the register's operator.",
    fix_nb="Ta kontakt med operatøren, og send meldingen på nytt med ny id når feilen er rettet.",
    fix_en="Contact the operator, and send the message again with a new id once the fault is mended.",
    retryable=True,
)


@dataclass(frozen=True, slots=True)
class Parked:
    """One input that waits. `held`: what it touched, as `kind/id`; whatever touches the same waits behind it."""

    key: str
    reason: Literal["failed", "behind", "deadline"]
    held: tuple[str, ...]
    what: str
    id: str
    record: Record
    error: str
    action: str = ""

    @classmethod
    def of(
        cls, item: Input, *, reason: Literal["failed", "behind", "deadline"], held: Iterable[Key], error: str
    ) -> Parked:
        """An input that could not be decided now."""
        names = tuple(sorted(f"{kind}/{id_}" for kind, id_ in held))
        return cls(item.key, reason, names, item.incoming.type, item.incoming.id, item.record, error)


def keys(held: Iterable[str]) -> set[Key]:
    """`kind/id` as keys."""
    return {(kind, id_) for kind, _, id_ in (name.partition("/") for name in held)}


def describe(error: BaseException) -> str:
    """The last line of an error, short enough to be shown."""
    return f"{type(error).__name__}: {error}"[:1000]


def dropped(item: Input) -> Input:
    """The same command, decided by refusing it."""

    async def refuse(_work: Work, _incoming: Incoming[Any]) -> None:
        raise DROPPED_BY_OPERATOR.refused()

    return replace(item, kind="command", on=On(refuse), error=None)


async def held(connection: AsyncConnection, shard: str) -> set[Key]:
    """All that parked and waiting inputs hold."""
    rows = await connection.execute(
        text("SELECT DISTINCT unnest(held) FROM engine.parked WHERE shard = :shard"), {"shard": shard}
    )
    return keys(rows.scalars())


async def park(connection: AsyncConnection, shard: str, rows: Sequence[Parked]) -> None:
    """Store inputs that wait, in order."""
    await connection.execute(
        text(
            "INSERT INTO engine.parked"
            " (shard, key, arrival, reason, held, what, id, topic, part, off, stamp, headers, body, error, since)"
            " VALUES (:shard, :key, nextval('engine.arrival'), :reason, CAST(:held AS text[]), :what, :id, :topic,"
            " :part, :off, :stamp, CAST(:headers AS json), :body, :error, clock_timestamp())"
            " ON CONFLICT (shard, key) DO UPDATE SET reason = EXCLUDED.reason, held = EXCLUDED.held,"
            " error = EXCLUDED.error"
        ),
        [
            {
                "shard": shard,
                "key": row.key,
                "reason": row.reason,
                "held": list(row.held),
                "what": row.what,
                "id": row.id,
                "topic": row.record.topic,
                "part": row.record.part,
                "off": row.record.off,
                "stamp": row.record.stamp,
                "headers": json.dumps([[name, value.hex()] for name, value in row.record.headers]),
                "body": row.record.value,
                "error": row.error,
            }
            for row in rows
        ],
    )


async def waiting(connection: AsyncConnection, shard: str) -> list[Parked]:
    """All that waits, in order of arrival."""
    rows = await connection.execute(
        text(
            "SELECT key::text AS key, reason, held, what, id, topic, part, off, stamp, headers, body, error, action"
            " FROM engine.parked WHERE shard = :shard ORDER BY arrival"
        ),
        {"shard": shard},
    )
    return [
        Parked(
            key=row.key,
            reason=row.reason,
            held=tuple(row.held),
            what=row.what,
            id=row.id,
            record=Record(
                row.topic,
                row.part,
                row.off,
                row.stamp,
                row.body,
                tuple((name, bytes.fromhex(value)) for name, value in row.headers),
            ),
            error=row.error,
            action=row.action,
        )
        for row in rows
    ]


async def act(
    connection: AsyncConnection, shard: str, key: str, action: Literal["retry", "drop"], commands: Collection[str]
) -> str:
    """An operator releases or drops; returns what became of it: `ok`, `unknown` or `cannot-drop`.

    Only a command may be dropped: a foreign event has happened, and a deadline must be decided.
    """
    row = (
        await connection.execute(
            text("SELECT what FROM engine.parked WHERE shard = :shard AND key::text = :key AND reason = 'failed'"),
            {"shard": shard, "key": key},
        )
    ).one_or_none()
    if row is None:
        return "unknown"
    if action == "drop" and row.what not in commands:
        return "cannot-drop"
    await connection.execute(
        text("UPDATE engine.parked SET action = :action WHERE shard = :shard AND key::text = :key"),
        {"shard": shard, "key": key, "action": action},
    )
    return "ok"


async def remove(connection: AsyncConnection, shard: str, which: Sequence[str]) -> None:
    """These wait no longer."""
    await connection.execute(
        text("DELETE FROM engine.parked WHERE shard = :shard AND key = ANY(CAST(:keys AS uuid[]))"),
        {"shard": shard, "keys": list(which)},
    )


async def back(connection: AsyncConnection, shard: str, key: str, touched: set[Key], error: str) -> None:
    """It failed again: it waits for the operator."""
    await connection.execute(
        text(
            "UPDATE engine.parked SET action = '', reason = 'failed', error = :error, held = CAST(:held AS text[])"
            " WHERE shard = :shard AND key::text = :key"
        ),
        {"shard": shard, "key": key, "error": error, "held": sorted(f"{kind}/{id_}" for kind, id_ in touched)},
    )


async def attempt(connection: AsyncConnection, shard: str, key: str) -> tuple[int, str]:
    """Record an attempt before it is made, so that one that kills the process is known after the restart."""
    row = (
        await connection.execute(
            text(
                "INSERT INTO engine.attempt (shard, key, count) VALUES (:shard, :key, 1)"
                " ON CONFLICT (shard, key) DO UPDATE SET count = attempt.count + 1 RETURNING count, error"
            ),
            {"shard": shard, "key": key},
        )
    ).one()
    count, error = row
    return int(count), error or "the process ended while this was being decided"


async def failed(connection: AsyncConnection, shard: str, key: str, error: str) -> None:
    """Say why the attempt failed."""
    await connection.execute(
        text("UPDATE engine.attempt SET error = :error WHERE shard = :shard AND key::text = :key"),
        {"shard": shard, "key": key, "error": error},
    )


async def forget(connection: AsyncConnection, shard: str, which: Sequence[str]) -> None:
    """These were decided: their attempts no longer matter."""
    await connection.execute(
        text("DELETE FROM engine.attempt WHERE shard = :shard AND key = ANY(CAST(:keys AS uuid[]))"),
        {"shard": shard, "keys": list(which)},
    )
