"""Who stands behind a metering point: a timeline of the datahub's facts, each in force until the next begins.

A fact is always accepted (D27, D28). A late one stands where it belongs; one of the same moment corrects the former.
BRPs that it leaves out are derived (`derived`).
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bsp_switch.domain import rules
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.message import Reason
from contracts.parties import Party
from contracts.values import Role


@dataclass(frozen=True, slots=True)
class Supply:
    """The supplier, the BRP per direction and the end user from a moment."""

    valid_from: datetime
    supplier: str
    brp_consumption: str | None
    brp_production: str | None
    end_user: str
    unknown: tuple[str, ...] = ()
    """The parties named here that were not known when the fact came."""
    derived: tuple[v1.BalanceDirection, ...] = ()
    """The directions in which the BRP follows from the supplier and the grid area; None while nobody is known."""
    grid_area: str | None = None
    """Where it follows: the area that the point lies in."""
    carried: bool = False
    """Whether it goes on from the fact before it, and was not said of this moment."""

    @property
    def brps(self) -> tuple[str, ...]:
        """The BRPs, each once."""
        return tuple(dict.fromkeys(gln for gln in (self.brp_consumption, self.brp_production) if gln is not None))

    def says(self, other: Supply) -> bool:
        """Whether it is the same, whenever it began and whoever was known then."""
        return (
            self.supplier,
            self.brp_consumption,
            self.brp_production,
            self.end_user,
            self.derived,
            self.grid_area,
        ) == (
            other.supplier,
            other.brp_consumption,
            other.brp_production,
            other.end_user,
            other.derived,
            other.grid_area,
        )

    def named(self) -> tuple[tuple[str, str | None, Role], ...]:
        """The parties it names: (field, GLN, the role it is named in)."""
        return (
            ("supplier", self.supplier, Role.SUPPLIER),
            ("brp_consumption", self.brp_consumption, Role.BRP),
            ("brp_production", self.brp_production, Role.BRP),
        )

    def glns(self) -> tuple[str, ...]:
        """The parties it names."""
        return tuple(gln for _, gln, _ in self.named() if gln is not None)

    def missing(self, parties: Mapping[str, Party | None]) -> tuple[tuple[str, str | None], ...]:
        """What of it is not known: (field, GLN) of every party that is unknown, or may not act in that role now.

        The GLN is None where a BRP is to be derived and nobody is known to be responsible.
        """
        return tuple(
            (field, gln)
            for field, gln, role in self.named()
            if gln is None or (party := parties.get(gln)) is None or not party.may_be(role)
        )


def evolve(timeline: tuple[Supply, ...], event: v1.SupplyRecorded) -> tuple[Supply, ...]:
    """The timeline with the fact in its place."""
    new = Supply(
        valid_from=event.valid_from,
        supplier=event.supplier,
        brp_consumption=event.brp_consumption,
        brp_production=event.brp_production,
        end_user=event.end_user,
        unknown=tuple(event.unknown),
        derived=tuple(event.derived),
        grid_area=event.grid_area,
        carried=event.carried,
    )
    others = (supply for supply in timeline if supply.valid_from != new.valid_from)
    return tuple(sorted((*others, new), key=lambda supply: supply.valid_from))


def in_force(timeline: tuple[Supply, ...], *, at: datetime) -> Supply | None:
    """The fact in force at a moment; None before the first."""
    index = bisect.bisect_right(timeline, at, key=lambda supply: supply.valid_from)
    return timeline[index - 1] if index else None


def end_users(timeline: tuple[Supply, ...]) -> tuple[tuple[datetime, str], ...]:
    """Who the end user is from when: a change of supplier or BRP alone is none of it."""
    found: list[tuple[datetime, str]] = []
    for each in timeline:
        if not found or found[-1][1] != each.end_user:
            found.append((each.valid_from, each.end_user))
    return tuple(found)


def recorded(fact: Supply, *, metering_point_id: str, parties: Mapping[str, Party | None]) -> v1.SupplyRecorded:
    """The event that says it."""
    missing = (gln for _, gln in fact.missing(parties) if gln is not None)
    return v1.SupplyRecorded(
        metering_point_id=metering_point_id,
        supplier=fact.supplier,
        brp_consumption=fact.brp_consumption,
        brp_production=fact.brp_production,
        end_user=fact.end_user,
        valid_from=fact.valid_from,
        unknown=tuple(dict.fromkeys(missing)),
        derived=fact.derived,
        grid_area=fact.grid_area,
        carried=fact.carried,
    )


def stated(command: v1.RecordSupply) -> Supply:
    """The fact that a command states."""
    left_out: list[v1.BalanceDirection] = []
    if command.brp_consumption is None:
        left_out.append("consumption")
    if command.brp_production is None:
        left_out.append("production")
    return Supply(
        valid_from=command.valid_from,
        supplier=command.supplier,
        brp_consumption=command.brp_consumption,
        brp_production=command.brp_production,
        end_user=command.end_user,
        derived=tuple(left_out),
    )


def decide_record(
    timeline: tuple[Supply, ...],
    fact: Supply,
    *,
    metering_point_id: str,
    parties: Mapping[str, Party | None],
) -> tuple[list[v1.SupplyRecorded], tuple[Reason, ...]]:
    """Record the fact, with a notice for each party that the register does not know in its role, or at all (D27).

    A fact that stands already, word for word, changes nothing and makes no event; the receipt says so. Once a party it
    named has become known, the repeat is recorded: it is complete then.
    """
    notices = tuple(
        rules.PARTY_UNKNOWN.reason(path=f"/{field}", actual=gln)
        if gln is not None
        else rules.RESPONSIBILITY_UNKNOWN.reason(path=f"/{field}", limit=fact.grid_area, actual=fact.supplier)
        for field, gln in fact.missing(parties)
    )
    event = recorded(fact, metering_point_id=metering_point_id, parties=parties)
    if evolve(timeline, event) == timeline:
        day = calendar.local_date(fact.valid_from).isoformat()
        return [], (rules.SUPPLY_UNCHANGED.reason(path="/valid_from", actual=day), *notices)
    return [event], notices
