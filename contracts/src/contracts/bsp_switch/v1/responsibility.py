"""What is said about who is balance responsible for what a supplier supplies in a grid area (R44)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

BalanceDirection = Literal["consumption", "production"]

# Commands


class RecordBrpResponsibility(Command):
    """The datahub's fact: a BRP is responsible for a supplier's points in a grid area, in one direction, from a moment.

    Always accepted; in force until the next begins. Subject: the metering grid area.
    """

    senders: ClassVar = frozenset({Role.DATAHUB})
    subject_is: ClassVar = values.EicY

    supplier: values.Gln
    direction: BalanceDirection
    brp: values.Gln
    valid_from: values.Midnight


# Events


class BrpResponsibilityRecorded(Event):
    """A BRP is responsible for a supplier's points in a grid area from a moment. Points that follow it are told each.

    Those are the points of which the datahub names no BRP itself (`supply-recorded`, `derived`).
    """

    home: ClassVar = "responsibility_id"
    audience: ClassVar[tuple[Audience, ...]] = (
        party("supplier"),
        party("brp"),
        party("former_brp"),
        everyone(Role.TSO),
    )

    responsibility_id: str
    """The supplier and the grid area, `GLN|EIC`: one stream for both directions."""
    supplier: values.Gln
    grid_area: values.EicY
    direction: BalanceDirection
    brp: values.Gln
    former_brp: values.Gln | None
    """Who was responsible at that moment as far as was known before; None where nobody was."""
    valid_from: values.UtcTime
    unknown: tuple[values.Gln, ...] = ()
    """Parties named here that the register does not know: the fact is incomplete."""


class PointsOfResponsibilityUpdated(Event):
    """So many of a supplier's points in a grid area have been held against who is responsible for them now."""

    home: ClassVar = "responsibility_id"
    audience: ClassVar[tuple[Audience, ...]] = (everyone(Role.OPERATOR),)

    responsibility_id: str
    points: int
    last: values.Gsrn | None
    """The last of them, in the order of their ids."""
    next_at: values.UtcTime | None
    """When the next ones follow; None: all have been."""
