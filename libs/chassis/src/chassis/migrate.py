"""Brings a service's database to what this version needs. Safe to run by several processes at once, and again."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import schema, store
from chassis.service import Service


async def migrate(database: AsyncEngine, services: Iterable[Service], package: str) -> None:
    """Apply the chassis' and the package's migrations, and make what the services' declarations call for."""
    async with database.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(1179407949)"))
        await connection.run_sync(_upgrade, package)
        for service in services:
            for source in store.sources(service):
                await connection.execute(
                    text(
                        f"CREATE TABLE IF NOT EXISTS known.{schema.known_table(source)}"
                        " (kind text NOT NULL, id text NOT NULL, version bigint NOT NULL, state json NOT NULL,"
                        " PRIMARY KEY (kind, id))"
                    )
                )
            for table in ("writer", "relay"):
                await connection.execute(
                    text(f"INSERT INTO engine.{table} (shard) VALUES (:shard) ON CONFLICT DO NOTHING"),  # noqa: S608
                    {"shard": service.shard},
                )


def _upgrade(connection: Connection, package: str) -> None:
    ours = resources.files("chassis") / "migrations"
    theirs = resources.files(package) / "migrations" / "versions"
    config = Config()
    config.set_main_option("script_location", str(ours))
    config.set_main_option("path_separator", "newline")
    locations = [str(ours / "versions")] + ([str(theirs)] if theirs.is_dir() and package != "chassis" else [])
    config.set_main_option("version_locations", "\n".join(locations))
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")
