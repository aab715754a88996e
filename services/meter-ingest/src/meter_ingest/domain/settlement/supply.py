"""What `bsp-switch` has said of who stands behind metering points: their suppliers and BRPs, by block. No end user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.bsp_switch.v1 import SupplyRecorded
from meter_ingest.domain import blocks


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who it is from a moment, until the next; empty: a BRP that nobody knows yet (D27)."""

    valid_from: datetime
    supplier: str
    brp_consumption: str
    brp_production: str


@dataclass(frozen=True, slots=True)
class Supply:
    """Up to a hundred metering points, by place: deliveries in time."""

    places: dict[str, tuple[Delivery, ...]]


def evolve(state: Supply | None, event: SupplyRecorded) -> Supply:
    """A fact takes its place in time, whenever it comes; one for the same moment replaces."""
    places = state.places if state else {}
    place = blocks.place_of(event.metering_point_id)
    delivery = Delivery(event.valid_from, event.supplier, event.brp_consumption or "", event.brp_production or "")
    others = (one for one in places.get(place, ()) if one.valid_from != event.valid_from)
    return Supply({**places, place: tuple(sorted((*others, delivery), key=lambda one: one.valid_from))})


def at(supplies: Mapping[str, Supply | None], point: str, moment: datetime) -> Delivery | None:
    """Who stands behind a point at a moment; None where nobody was said. `supplies`: by block."""
    block = supplies.get(blocks.block_of(point))
    found: Delivery | None = None
    for one in block.places.get(blocks.place_of(point), ()) if block else ():
        if one.valid_from <= moment:
            found = one
    return found
