from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from launcher.databases import plain, with_database

if TYPE_CHECKING:
    from launcher.postgres import Postgres
    from launcher.pytest_plugin import NewDatabase

pytestmark = pytest.mark.store


async def _fetch(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(plain(url))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_a_role_can_open_its_own_database_and_no_other(own_postgres: Postgres) -> None:
    registry = await own_postgres.service_database(service="registry")
    prequal = await own_postgres.service_database(service="prequal")

    assert await _fetch(registry, "select current_user || ' ' || current_database()") == "registry registry"
    for other in (urlsplit(prequal).path[1:], "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _fetch(with_database(registry, database=other), "select 1")


async def test_a_wrong_password_is_refused(own_postgres: Postgres) -> None:
    url = await own_postgres.service_database(service="registry")

    with pytest.raises(asyncpg.InvalidPasswordError):
        await _fetch(with_database(url, database="registry", user="registry", password="guess"), "select 1")


async def test_a_services_database_is_made_once(own_postgres: Postgres) -> None:
    url = await own_postgres.service_database(service="registry")
    await _fetch(url, "create table kept (it int)")

    assert await own_postgres.service_database(service="registry") == url
    assert await _fetch(url, "select count(*) from kept") == 0


async def test_what_is_committed_survives_kill_9(own_postgres: Postgres) -> None:
    url = await own_postgres.service_database(service="registry")
    await _fetch(url, "create table kept as select 42 as it")

    await own_postgres.kill()
    assert not await own_postgres.server.answers()
    await own_postgres.restart()

    assert await _fetch(url, "select it from kept") == 42


async def test_a_frozen_server_goes_on(own_postgres: Postgres) -> None:
    own_postgres.freeze()
    assert not await own_postgres.server.answers()
    own_postgres.resume()

    assert await own_postgres.server.answers()


async def test_a_fresh_database_can_hold_what_a_template_does(new_database: NewDatabase) -> None:
    template = await new_database()
    await _fetch(template, "create schema own create table thing (it int)")
    await _fetch(template, "create extension btree_gist")

    fresh = await new_database(template=template)

    assert await _fetch(fresh, "alter table own.thing add column more int") is None
    assert await _fetch(fresh, "select count(*) from own.thing") == 0
    # The template is its owner's as before.
    assert await _fetch(template, "drop table own.thing") is None
