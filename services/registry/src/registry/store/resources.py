"""Resources and devices."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint

from chassis.service import SUBJECT, Kind
from contracts.registry import v1
from registry.domain import resource
from registry.store.metadata import METADATA

RESOURCE_ROWS = Table(
    "resource",
    METADATA,
    Column("resource_id", Text, primary_key=True),
    Column("metering_point_id", Text, nullable=False),
    Column("up_w", BigInteger, nullable=False),
    Column("down_w", BigInteger, nullable=False),
    Index("resource_by_metering_point", "metering_point_id"),
    schema="own",
)

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
"""`key` is make, model and serial as a device is recognised by: without case and outer space."""


def _resource_rows(key: str, state: resource.Resource) -> Iterator[tuple[str, str, int, int]]:
    yield key, state.metering_point_id, state.up_w, state.down_w


def _device_rows(key: str, state: resource.Resource) -> Iterator[tuple[str, str, str, str, str]]:
    for device in state.devices:
        yield key, resource.device_key(device), device.make, device.model, device.serial


RESOURCE = Kind(
    "resource",
    resource.Resource,
    resource.evolve,
    {v1.ResourceRegistered: SUBJECT},
    rows={RESOURCE_ROWS: _resource_rows, DEVICE_ROWS: _device_rows},
)

DEVICE = Kind(
    "device", resource.RegisteredDevice, resource.evolve_device, {v1.ResourceRegistered: resource.device_keys}
)
"""By `make|model|serial`, in lower case: the resource that a device is in."""

KINDS = (RESOURCE, DEVICE)
