"""Volumes of whole periods: what passed through a meter between two readings of its stand (BRS-NO-312, BRS-NO-332)."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, Part, party
from contracts.meter_ingest.v1.lines import EnergyDirection
from contracts.meter_ingest.v1.series import ValueStatus
from contracts.values import Role


class MeterStands(Part):
    """The meter's stands at both ends of a period, in Wh."""

    from_wh: values.StrictInt
    to_wh: values.StrictInt


class RecordPeriodVolume(Command):
    """The DSO says how much active energy passed in a period of whole local days. Subject: the metering point.

    The same period said again is a correction; of two the one with the later `registered_at` counts.
    """

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Gsrn

    direction: EnergyDirection = "consumption"
    start: values.UtcTime
    end: values.UtcTime
    wh: values.StrictInt
    stands: MeterStands | None = None
    status: ValueStatus = "metered"
    registered_at: values.UtcTime


class WithdrawPeriodVolume(Command):
    """The DSO takes back what it said of a period. Subject: the metering point."""

    senders: ClassVar = frozenset({Role.DSO})
    subject_is: ClassVar = values.Gsrn

    direction: EnergyDirection = "consumption"
    start: values.UtcTime
    end: values.UtcTime
    reason: values.NameText
    registered_at: values.UtcTime


class PeriodVolumeRecorded(Event):
    """A period's volume, kept as one more revision of that period."""

    home: ClassVar = "series"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    series: str
    """`<metering point>|<direction>`"""
    metering_point_id: values.Gsrn
    dso: values.Gln
    direction: EnergyDirection
    start: values.UtcTime
    end: values.UtcTime
    wh: int
    stands: MeterStands | None = None
    status: ValueStatus
    revision: int
    """Given by the register, one after the other for a point and direction, withdrawals too."""
    counts: bool
    """False where what was said of the period has a later `registered_at`."""
    registered_at: values.UtcTime
    recorded_at: values.UtcTime
    record: str
    """Where the message stands that said so: topic/partition/offset."""


class PeriodVolumeWithdrawn(Event):
    """What was said of a period counts no more; it stays among its revisions."""

    home: ClassVar = "series"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"),)

    series: str
    """`<metering point>|<direction>`"""
    metering_point_id: values.Gsrn
    dso: values.Gln
    direction: EnergyDirection
    start: values.UtcTime
    end: values.UtcTime
    reason: str
    revision: int
    registered_at: values.UtcTime
    recorded_at: values.UtcTime
    record: str
    """Where the message stands that said so: topic/partition/offset."""
