"""Values by column at the door: a stream as a message that the value shard decides like any other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from contracts import columnar_rows, door
from contracts.columns import Columns
from contracts.message import Refused
from meter_ingest import apart
from meter_ingest.apart import Apart


@dataclass(slots=True)
class Item(door.Item):
    """A record of values that came by column. It has no command: the values stay where they came."""

    columns: Columns | None = None
    apart: Apart | None = None
    """What is wrong with single rows."""


def item(content: bytes) -> Item:
    """A stream as an item."""
    try:
        found = columnar_rows.read(content)
    except Refused as refused:
        return Item(reasons=refused.reasons)
    head = door.open_attributes(found.attributes)
    return Item(
        id=head.id,
        source=head.source,
        type=head.type,
        subject=head.subject,
        correlationid=head.correlationid,
        traceparent=head.traceparent,
        actingas=head.actingas,
        contenthash=hashlib.sha256(content).hexdigest(),
        reasons=head.reasons,
        columns=None if head.reasons else found.columns,
        apart=apart.of_columns(found.faults, found.count),
    )
