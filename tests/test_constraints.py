"""What must be unique or must not overlap is refused by PostgreSQL too, whatever the code above it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import bsp_switch.app
import registry.app
from chassis import migrate, store
from chassis.service import Service

pytestmark = pytest.mark.store

FIRST, LATER = "'2026-01-01T00:00:00Z'", "'2026-02-01T00:00:00Z'"


@pytest.mark.parametrize(
    ("service", "package", "first", "second", "constraint"),
    [
        (
            registry.app.SERVICE,
            "registry",
            f"INSERT INTO own.membership VALUES ('p', 'g1', {FIRST}, NULL)",
            f"INSERT INTO own.membership VALUES ('p', 'g2', {LATER}, NULL)",
            "membership",
        ),
        (
            registry.app.SERVICE,
            "registry",
            "INSERT INTO own.device VALUES ('r1', 'a|b|c', 'a', 'b', 'c')",
            "INSERT INTO own.device VALUES ('r2', 'a|b|c', 'a', 'b', 'c')",
            "device_once",
        ),
        (
            registry.app.SERVICE,
            "registry",
            "INSERT INTO own.party VALUES ('p1', 'A', 'active', NULL, 'x')",
            "INSERT INTO own.party VALUES ('p2', 'B', 'active', NULL, 'x')",
            "party_of_eic",
        ),
        (
            registry.app.SERVICE,
            "registry",
            f"INSERT INTO own.regulation_object VALUES ('o1', 'p', 'b', {FIRST}, NULL)",
            f"INSERT INTO own.regulation_object VALUES ('o2', 'p', 'b', {LATER}, NULL)",
            "regulation_object",
        ),
        (
            bsp_switch.app.SERVICE,
            "bsp_switch",
            f"INSERT INTO own.responsibility VALUES ('s', 'a', 'consumption', {FIRST}, NULL, 'b1')",
            f"INSERT INTO own.responsibility VALUES ('s', 'a', 'consumption', {LATER}, NULL, 'b2')",
            "responsibility_one_at_a_time",
        ),
        (
            bsp_switch.app.SERVICE,
            "bsp_switch",
            f"INSERT INTO own.holding (metering_point_id, bsp, valid_from) VALUES ('p', 'b1', {FIRST})",
            f"INSERT INTO own.holding (metering_point_id, bsp, valid_from) VALUES ('p', 'b2', {LATER})",
            "holding",
        ),
        (
            bsp_switch.app.SERVICE,
            "bsp_switch",
            f"INSERT INTO own.supply VALUES ('p', {FIRST}, NULL, 's1', 'x', 'x', 'e')",
            f"INSERT INTO own.supply VALUES ('p', {LATER}, NULL, 's2', 'x', 'x', 'e')",
            "supply",
        ),
    ],
)
async def test_a_second_one_is_refused(
    new_database: Callable[[], Awaitable[str]],
    service: Service,
    package: str,
    first: str,
    second: str,
    constraint: str,
) -> None:
    database = store.connect(await new_database())
    await migrate.migrate(database, [service], package)
    async with database.begin() as connection:
        await connection.execute(text(first))
    with pytest.raises(IntegrityError, match=constraint):
        async with database.begin() as connection:
            await connection.execute(text(second))
    await database.dispose()
