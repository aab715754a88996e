"""The grid: metering grid areas."""

from __future__ import annotations

from typing import ClassVar

from contracts import values
from contracts.message import Audience, Command, Event, everyone, party
from contracts.values import Role

# Commands


class DefineGridArea(Command):
    """Say what a metering grid area is. Subject: its EIC-Y."""

    senders: ClassVar = frozenset({Role.OPERATOR, Role.TSO})
    subject_is: ClassVar = values.EicY

    name: values.ShortText
    zone: values.BiddingZone
    dso: values.Gln
    parent: values.EicY | None = None


# Events


class GridAreaDefined(Event):
    """A metering grid area lies in this zone and belongs to this DSO."""

    home: ClassVar = "grid_area"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO), everyone(Role.OPERATOR))

    grid_area: values.EicY
    name: str
    zone: values.BiddingZone
    dso: values.Gln
    parent: values.EicY | None = None
