"""What `bsp-switch` has said of who a metering point's BRPs and end user are when. Who holds it stands in `holder`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contracts.bsp_switch import v1 as bsp_switch
from registry.domain import timeline


class Brps(NamedTuple):
    """The balance responsible parties of a point or a group, per direction."""

    consumption: str
    production: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who stands behind a point from a moment, until the next. A BRP that nobody knows yet is empty (D27)."""

    brp_consumption: str
    brp_production: str
    valid_from: datetime
    end_user: str = ""
    supplier: str = ""

    @property
    def brps(self) -> Brps:
        """Both directions."""
        return Brps(self.brp_consumption, self.brp_production)

    @property
    def complete(self) -> bool:
        """Whether the BRPs of both directions are known."""
        return all(self.brps)

    def is_other(self, brps: Brps) -> bool:
        """Whether the BRPs are others than these; nothing follows from one that is unknown."""
        return self.complete and self.brps != brps


@dataclass(frozen=True, slots=True)
class Supply:
    """A metering point's BRPs, in time."""

    deliveries: tuple[Delivery, ...]

    def at(self, moment: datetime) -> Delivery | None:
        """The BRPs at a moment."""
        return timeline.at(self.deliveries, moment)

    def differing(self, brps: Brps, moment: datetime) -> Delivery | None:
        """The first delivery at or after a moment with other BRPs than these."""
        return next((each for each in timeline.since(self.deliveries, moment) if each.is_other(brps)), None)

    def runs_without(self, brps: Brps) -> Iterator[tuple[datetime, datetime | None]]:
        """The periods in which the BRPs are others than these, each as long as it is unbroken."""
        start: datetime | None = None
        for each in self.deliveries:
            if each.is_other(brps):
                start = start or each.valid_from
            elif start is not None:
                yield start, each.valid_from
                start = None
        if start is not None:
            yield start, None


def evolve_supply(state: Supply | None, event: bsp_switch.SupplyRecorded) -> Supply:
    """A fact of the datahub; a repeated or late one finds its place."""
    brps = Brps(event.brp_consumption or "", event.brp_production or "")
    delivery = Delivery(*brps, event.valid_from, event.end_user, event.supplier)
    return Supply(timeline.put(state.deliveries if state else (), delivery))


@dataclass(frozen=True, slots=True)
class EndUser:
    """The metering points that an end user stands or stood behind; `Supply` says when."""

    metering_points: tuple[str, ...]


def evolve_end_user(state: EndUser | None, event: bsp_switch.SupplyRecorded) -> EndUser:
    """A point is, was or will be this end user's."""
    points = state.metering_points if state else ()
    return EndUser(points if event.metering_point_id in points else (*points, event.metering_point_id))
