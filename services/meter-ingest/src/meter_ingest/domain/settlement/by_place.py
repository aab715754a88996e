"""A day's adjustment by quarter, party and place: of a BRP and of a BSP by bidding zone, of a supplier by grid area.

Imbalance settlement knows a BRP by bidding zone, and who supplies by grid area (MGA). All of it is of the same rows, so
that what is said of suppliers, of BRPs and of BSPs adds up to the same in each quarter. Each is a message of its own,
of no more than a day's quarters, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast

from contracts.meter_ingest.v1 import AdjustedQuarter, AdjustedSum, ImbalanceAdjusted, VolumeAdjusted
from contracts.values import BiddingZone
from meter_ingest.domain import blocks

if TYPE_CHECKING:
    from meter_ingest.domain.settlement.adjustment import Row

_Role = Literal["supplier", "brp", "bsp"]
ROLES: Final[tuple[_Role, ...]] = ("supplier", "brp", "bsp")


class Place(NamedTuple):
    """Whose volume it is, and where; empty: not known."""

    role: str
    party: str
    grid_area: str
    zone: str

    @property
    def key(self) -> str:
        """By which a day's document has it."""
        return "|".join(self)


def totals(sums: Iterable[AdjustedSum]) -> dict[str, int]:
    """What a run says of the day, by the keys of its places."""
    found: dict[str, int] = {}
    for one in sums:
        for place in _places(one):
            found[place.key] = found.get(place.key, 0) + one.delivered_wh
    return found


def told(run: ImbalanceAdjusted, found: Iterable[Row], before: Mapping[str, int]) -> Iterator[VolumeAdjusted]:
    """One for each place, also for those in which there was something in the version before."""
    of_places: dict[Place, list[Row]] = {Place(*key.split("|")): [] for key in before}
    for row in found:
        for place in _places(row):
            of_places.setdefault(place, []).append(row)
    for place in sorted(of_places):
        some = of_places[place]
        delivered_wh = sum(row.wh for row in some)
        where = place.grid_area if place.role == "supplier" else place.zone
        yield VolumeAdjusted(
            volume_id=blocks.scope(
                run.local_date.isoformat(), run.version, place.role, place.party or "-", where or "-"
            ),
            party=place.party or None,
            role=cast("_Role", place.role),
            grid_area=place.grid_area or None,
            zone=BiddingZone(place.zone) if place.zone else None,
            local_date=run.local_date,
            version=run.version,
            status=run.status,
            quarters=tuple(one for one in quarters(some) if one.delivered_wh),
            delivered_wh=delivered_wh,
            changed_wh=delivered_wh - before.get(place.key, 0),
        )


def quarters(found: Iterable[Row]) -> tuple[AdjustedQuarter, ...]:
    """By quarter, in order."""
    sums: dict[datetime, int] = {}
    for row in found:
        sums[row.start] = sums.get(row.start, 0) + row.wh
    return tuple(AdjustedQuarter(start=start, delivered_wh=sums[start]) for start in sorted(sums))


def _places(one: AdjustedSum | Row) -> Iterator[Place]:
    for role in ROLES:
        area = one.grid_area if role == "supplier" else None
        yield Place(role, getattr(one, role) or "", area or "", str(one.zone or ""))
