"""Who stands behind a metering point: a timeline of the datahub's facts, each in force until the next begins.

A fact is always accepted (D27, D28). A late one stands where it belongs; one of the same moment corrects the former.
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
    brp_consumption: str
    brp_production: str
    end_user: str
    unknown: tuple[str, ...] = ()
    """The parties named here that were not known when the fact came."""

    def named(self) -> tuple[tuple[str, str, Role], ...]:
        """The parties it names: (field, GLN, the role it is named in)."""
        return (
            ("supplier", self.supplier, Role.SUPPLIER),
            ("brp_consumption", self.brp_consumption, Role.BRP),
            ("brp_production", self.brp_production, Role.BRP),
        )

    def missing(self, parties: Mapping[str, Party | None]) -> tuple[tuple[str, str], ...]:
        """What of it is not known: (field, GLN) of every party that is unknown, or may not act in that role now."""
        return tuple(
            (field, gln)
            for field, gln, role in self.named()
            if (party := parties.get(gln)) is None or not party.may_be(role)
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


def decide_record(
    timeline: tuple[Supply, ...],
    command: v1.RecordSupply,
    *,
    metering_point_id: str,
    parties: Mapping[str, Party | None],
) -> tuple[list[v1.SupplyRecorded], tuple[Reason, ...]]:
    """Record the fact, with a notice for each party named that the register does not know in that role (D27).

    A fact that stands already, word for word, changes nothing and makes no event; the receipt says so. Once a party it
    named has become known, the repeat is recorded: it is complete then.
    """
    fact = Supply(
        valid_from=command.valid_from,
        supplier=command.supplier,
        brp_consumption=command.brp_consumption,
        brp_production=command.brp_production,
        end_user=command.end_user,
    )
    missing = fact.missing(parties)
    notices = tuple(rules.PARTY_UNKNOWN.reason(path=f"/{field}", actual=gln) for field, gln in missing)
    event = v1.SupplyRecorded(
        metering_point_id=metering_point_id,
        supplier=fact.supplier,
        brp_consumption=fact.brp_consumption,
        brp_production=fact.brp_production,
        end_user=fact.end_user,
        valid_from=fact.valid_from,
        unknown=tuple(dict.fromkeys(gln for _, gln in missing)),
    )
    if evolve(timeline, event) == timeline:
        day = calendar.local_date(fact.valid_from).isoformat()
        return [], (rules.SUPPLY_UNCHANGED.reason(path="/valid_from", actual=day), *notices)
    return [event], notices
