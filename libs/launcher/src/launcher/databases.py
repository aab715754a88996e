"""Databases on a PostgreSQL server: one with a role of its own for each service, fresh ones for tests."""

from __future__ import annotations

import contextlib
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SCHEME = "postgresql+asyncpg"

# PostgreSQL cuts longer names off, silently.
_NAME_LIMIT = 63


class UnableToNameDatabase(Exception):
    """A namespace and a name make no usable name of a database."""


def database_name(*, namespace: str, name: str) -> str:
    """The database (and role) of a service in a namespace: lower case letters, digits and underscores."""
    made = re.sub(r"[^a-z0-9]+", "_", f"{namespace}_{name}".lower()).strip("_")
    if not made or len(made) > _NAME_LIMIT:
        raise UnableToNameDatabase(
            f"{namespace!r} and {name!r} make {made!r}: 1 to {_NAME_LIMIT} characters are needed"
        )
    return made


def with_database(url: str, *, database: str, user: str | None = None, password: str | None = None) -> str:
    """The same server's address with another database and, when given, another role."""
    parts = urlsplit(url)
    place = parts.netloc
    if user is not None:
        place = f"{quote(user, safe='')}:{quote(password or '', safe='')}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, place, f"/{database}", parts.query, ""))


def plain(url: str) -> str:
    """The address as asyncpg takes it, without SQLAlchemy's driver name."""
    return re.sub(r"^postgresql\+\w+://", "postgresql://", url)


class DatabaseServer:
    """Makes and drops databases with an administrator's address. Tied to no event loop: each call connects anew."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = re.sub(r"^postgres(ql)?(\+\w+)?://", f"{SCHEME}://", admin_url)

    def url(self, *, database: str, password: str) -> str:
        """The address of a database for the role that owns it, as SQLAlchemy takes it."""
        return with_database(self._admin_url, database=database, user=database, password=password)

    async def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            async with self._admin(timeout_s=5) as connection:
                return await connection.fetchval("select 1") == 1
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False

    async def ensure(self, *, database: str, password: str) -> str:
        """Make the database and its role unless they are there; give the role this password. Returns the address."""
        async with self._admin() as admin:
            if await admin.fetchval("select 1 from pg_roles where rolname = $1", database) is None:
                await admin.execute(f"create role {_quoted(database)} login")
            await admin.execute(f"alter role {_quoted(database)} password {_literal(password)}")
            if await admin.fetchval("select 1 from pg_database where datname = $1", database) is None:
                await _create(admin, database=database)
        return self.url(database=database, password=password)

    async def create(self, *, template: str | None = None) -> str:
        """A fresh database with a role of its own, optionally with all that another of this server holds.

        `template` is the address of a database that `create` made and that nobody is connected to.
        """
        name = f"t_{secrets.token_hex(6)}"
        password = secrets.token_urlsafe(12)
        async with self._admin() as admin:
            await admin.execute(f"create role {_quoted(name)} login password {_literal(password)}")
            source = None if template is None else urlsplit(template).path.lstrip("/")
            await _create(admin, database=name, template=source)
        if source is not None:
            # What was copied still belongs to the other's role.
            async with self._admin(database=name) as inside:
                await inside.execute(f"reassign owned by {_quoted(source)} to {_quoted(name)}")
                # "Owned" includes the template database itself, which is shared: give that back.
                await inside.execute(f"alter database {_quoted(source)} owner to {_quoted(source)}")
        return self.url(database=name, password=password)

    async def drop(self, url: str) -> None:
        """Drop a database and its role, whoever is still connected."""
        name = urlsplit(url).path.lstrip("/")
        async with self._admin() as admin:
            await admin.execute(f"drop database if exists {_quoted(name)} with (force)")
            await admin.execute(f"drop role if exists {_quoted(name)}")

    async def close_to_the_public(self) -> None:
        """Let no role into the server's own databases but the administrator."""
        async with self._admin() as admin:
            for database in ("postgres", "template1"):
                await admin.execute(f"revoke connect on database {database} from public")

    @contextlib.asynccontextmanager
    async def _admin(self, *, database: str | None = None, timeout_s: int = 30) -> AsyncGenerator[Any, None]:
        url = self._admin_url if database is None else with_database(self._admin_url, database=database)
        connection: Any = await asyncpg.connect(plain(url), timeout=timeout_s)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)


async def _create(admin: Any, *, database: str, template: str | None = None) -> None:
    source = f" template {_quoted(template)}" if template else ""
    await admin.execute(f"create database {_quoted(database)} owner {_quoted(database)}{source}")
    # Every role may connect to every database unless this is said.
    await admin.execute(f"revoke connect on database {_quoted(database)} from public")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
