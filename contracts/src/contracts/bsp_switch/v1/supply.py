"""What is said about who stands behind a metering point."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, party
from contracts.values import Role


class RecordSupply(Command):
    """The datahub's fact: who stands behind a metering point from a moment. Always accepted. Subject: its GSRN."""

    senders: ClassVar = frozenset({Role.DATAHUB})
    subject_is: ClassVar = values.Gsrn

    supplier: values.Gln
    brp_consumption: values.Gln
    brp_production: values.Gln
    end_user: values.Uuid
    valid_from: values.Midnight


class SupplyRecorded(Event):
    """Who stands behind a metering point from a moment."""

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("supplier"),)

    metering_point_id: values.Gsrn
    supplier: values.Gln
    brp_consumption: values.Gln
    brp_production: values.Gln
    end_user: values.Uuid
    valid_from: values.UtcTime
    unknown: tuple[values.Gln, ...] = ()
    """Parties named here that the register does not know: the fact is incomplete."""
