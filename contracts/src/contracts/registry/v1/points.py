"""What a metering point is."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, party
from contracts.values import Role

# Commands


class RecordMeteringPoint(Command):
    """The datahub's or the grid company's fact: what a metering point is. Always accepted. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.DATAHUB, Role.DSO})
    subject_is: ClassVar = values.Gsrn

    grid_area: values.EicY
    substation: values.ShortText | None = None
    resolution: values.Resolution
    agreed_power_w: values.Watt
    valid_from: values.UtcTime


# Events


class MeteringPointRecorded(Event):
    """What a metering point is, from a moment. Without a known grid area it is incomplete: no zone and no DSO."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    metering_point_id: values.Gsrn
    grid_area: values.EicY
    zone: values.BiddingZone | None
    dso: values.Gln | None
    substation: str | None
    resolution: values.Resolution
    agreed_power_w: int
    valid_from: values.UtcTime
