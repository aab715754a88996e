"""What is said about who stands behind a metering point."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.bsp_switch.v1.responsibility import BalanceDirection
from contracts.message import Audience, Command, Event, party
from contracts.values import Role


class RecordSupply(Command):
    """The datahub's fact: who stands behind a metering point from a moment. Always accepted. Subject: its GSRN.

    A BRP that is left out is the one who is responsible for the supplier in the point's grid area
    (`record-brp-responsibility`), and changes with that; one that is named stays.
    """

    senders: ClassVar = frozenset({Role.DATAHUB})
    subject_is: ClassVar = values.Gsrn

    supplier: values.Gln
    brp_consumption: values.Gln | None = None
    brp_production: values.Gln | None = None
    end_user: values.Uuid
    valid_from: values.Midnight


class SupplyRecorded(Event):
    """Who stands behind a metering point from a moment.

    Where a BRP is derived, and becomes another without a word about the point, the rest is carried: said again.
    """

    home: ClassVar = "metering_point_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("supplier"),)

    metering_point_id: values.Gsrn
    supplier: values.Gln
    brp_consumption: values.Gln | None
    brp_production: values.Gln | None
    """None: to be derived, and nobody is known to be responsible."""
    end_user: values.Uuid
    valid_from: values.UtcTime
    unknown: tuple[values.Gln, ...] = ()
    """Parties named here that the register does not know: the fact is incomplete."""
    derived: tuple[BalanceDirection, ...] = ()
    """Of which directions the BRP follows from the supplier and the grid area."""
    grid_area: values.EicY | None = None
    """Where it follows from them: the area that the point lies in then; None while that is unknown."""
    carried: bool = False
    """Whether it goes on from the fact before it, and was not said of this moment."""
