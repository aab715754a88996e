"""The rows that follow from documents, in PostgreSQL as the migrations make it."""

import pytest
from sqlalchemy import inspect, select

from chassis import migrate
from chassis import store as chassis_store
from contracts.registry import v1
from registry import store

pytestmark = pytest.mark.store


@pytest.fixture
async def database(world, new_database):
    connected = chassis_store.connect(await new_database())
    await migrate.migrate(connected, [world.SERVICE], "registry")
    yield connected
    await connected.dispose()


async def test_the_migrations_make_the_tables_that_are_declared(database):
    def columns(connection):
        made = inspect(connection)
        return {
            table.name: {(one["name"], one["nullable"]) for one in made.get_columns(table.name, schema=table.schema)}
            for table in store.METADATA.sorted_tables
        }

    async with database.connect() as connection:
        found = await connection.run_sync(columns)
    assert found == {
        table.name: {(column.name, column.nullable) for column in table.columns}
        for table in store.METADATA.sorted_tables
    }


async def test_a_device_that_a_terminated_resource_freed_has_one_row(world, register, database):
    register.given(*world.points((1,)))
    first = world.resource(world.point(1))
    register.when(v1.TerminateResource(reason="Sold"), subject=first.resource_id, sender=world.BSP)
    again = v1.RegisterResource(
        metering_point_id=world.point(1), technology="pumped-hydro", up_w=1, down_w=0, devices=first.devices
    )
    register.when(again, subject=world.uuid(1), sender=world.BSP).then_only(v1.ResourceRegistered)

    async with database.begin() as connection:
        for (kind, id_), document in register.documents.items():
            if kind == store.RESOURCE.name:
                for table, rows in store.RESOURCE.rows.items():
                    for row in rows(id_, document.state):
                        await connection.execute(table.insert().values(row))
        devices = (await connection.execute(select(store.DEVICE_ROWS.c.resource_id))).scalars().all()
        resources = (await connection.execute(select(store.RESOURCE_ROWS).order_by("resource_id"))).all()

    assert devices == [world.uuid(1)]
    assert [(row.status, row.technology, row.category, row.small) for row in resources] == [
        ("active", "pumped-hydro", "energy-storage", True),
        ("terminated", "battery", "energy-storage", None),
    ]
