"""Resources and devices."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text, UniqueConstraint

from chassis.service import SUBJECT, Kind
from contracts.registry import v1
from registry.domain import coming, device, resource
from registry.store.metadata import METADATA

RESOURCE_ROWS = Table(
    "resource",
    METADATA,
    Column("resource_id", Text, primary_key=True),
    Column("metering_point_id", Text, nullable=False),
    Column("up_w", BigInteger, nullable=False),
    Column("down_w", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("technology", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("small", Boolean),
    Index("resource_by_metering_point", "metering_point_id"),
    schema="own",
)
"""`category` has all that it is, with commas; empty where its technology does not say."""

DEVICE_ROWS = Table(
    "device",
    METADATA,
    Column("resource_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("make", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("serial", Text, nullable=False),
    UniqueConstraint("key", name="device_once"),
    schema="own",
)
"""The devices in resources that are not terminated.

`key` is make, model and serial as a device is recognised by: without case and outer space.
"""


def _resource_rows(
    key: str, state: resource.Resource
) -> Iterator[tuple[str, str, int, int, str, str, str, bool | None]]:
    category = ",".join(state.category)
    yield (
        key,
        state.metering_point_id,
        state.up_w,
        state.down_w,
        state.status,
        state.technology,
        category,
        state.small,
    )


def _device_rows(key: str, state: resource.Resource) -> Iterator[tuple[str, str, str, str, str]]:
    if state.status == "terminated":
        return
    for each in state.devices:
        yield key, device.key(each), each.make, each.model, each.serial


RESOURCE = Kind(
    "resource",
    resource.Resource,
    resource.evolve,
    {
        v1.ResourceRegistered: SUBJECT,
        v1.ResourceUpdated: SUBJECT,
        v1.DevicesChanged: SUBJECT,
        v1.ResourceActivated: SUBJECT,
        v1.ResourcePaused: SUBJECT,
        v1.ResourceTerminated: SUBJECT,
        v1.ResourceSleepChanged: SUBJECT,
    },
    rows={RESOURCE_ROWS: _resource_rows, DEVICE_ROWS: _device_rows},
    since="recorded",
)

DEVICE = Kind(
    "device",
    device.RegisteredDevice,
    device.evolve,
    {
        v1.ResourceRegistered: device.places,
        v1.DevicesChanged: device.places,
        v1.ResourceTerminated: device.places,
    },
)
"""By `make|model|serial`, in lower case: the resource that a device is in."""

SERIAL = Kind(
    "serial",
    device.Serial,
    device.evolve_serial,
    {
        v1.ResourceRegistered: device.bearers,
        v1.DevicesChanged: device.bearers,
        v1.ResourceTerminated: device.bearers,
    },
    remembered=False,
)
"""By serial number, in lower case without spaces and marks: how many devices bear it."""


def _resource(event: coming.OfComing) -> str:
    return event.resource_id


COMING_RESOURCE = Kind(
    "coming-resource",
    coming.ComingResource,
    coming.evolve_resource,
    {
        v1.ResourceCommandAnnounced: _resource,
        v1.ResourceCommandTookEffect: _resource,
        v1.ResourceCommandLapsed: _resource,
    },
    remembered=False,
)
"""By resource: behind which point it is to be registered at a midnight to come."""

KINDS = (RESOURCE, DEVICE, SERIAL, COMING_RESOURCE)
