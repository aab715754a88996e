"""The documents of the service, and the tables that keep what must not overlap from doing so."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from sqlalchemy import Column, DateTime, Index, MetaData, Table, Text, column, func
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from bsp_switch.domain import consent, known, point, switch
from chassis.service import SUBJECT, Deadline, Kind
from contracts import parties, policies
from contracts.bsp_switch import v1
from contracts.gateway import v1 as gateway
from contracts.registry import v1 as registry

SWITCH_MIDNIGHT = "switch-midnight"

METADATA = MetaData()
TIME = DateTime(timezone=True)


def _no_overlap(name: str) -> ExcludeConstraint:
    # Needs the extension btree_gist.
    return ExcludeConstraint(
        (column("metering_point_id"), "="),
        (func.tstzrange(column("valid_from"), column("valid_to")), "&&"),
        name=name,
        using="gist",
    )


HOLDING_ROWS = Table(
    "holding",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("valid_to", TIME),
    Column("bsp", Text, nullable=False),
    Index("holding_by_bsp", "bsp"),
    _no_overlap("holding_one_bsp_at_a_time"),
    schema="own",
)
"""Which BSP holds a metering point from when to when; one at a time (R13)."""

SUPPLY_ROWS = Table(
    "supply",
    METADATA,
    Column("metering_point_id", Text, primary_key=True),
    Column("valid_from", TIME, primary_key=True),
    Column("valid_to", TIME),
    Column("supplier", Text, nullable=False),
    Column("brp_consumption", Text, nullable=False),
    Column("brp_production", Text, nullable=False),
    Column("end_user", Text, nullable=False),
    _no_overlap("supply_one_at_a_time"),
    schema="own",
)
"""Who stands behind a metering point from when to when."""


def _holding_rows(id: str, state: point.Point) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    return ((id, holding.valid_from, holding.valid_to, holding.bsp) for holding in state.holdings)


def _supply_rows(id: str, state: point.Point) -> Iterable[tuple[Any, ...]]:  # noqa: A002 - the field's word
    return (
        (
            id,
            supply.valid_from,
            following.valid_from if following else None,
            supply.supplier,
            supply.brp_consumption,
            supply.brp_production,
            supply.end_user,
        )
        for supply, following in pairwise((*state.supplies, None))
        if supply
    )


def _switch_deadlines(state: switch.Switch) -> Iterable[Deadline]:
    if state.state == "announced":
        yield Deadline(due_at=state.start, name=SWITCH_MIDNIGHT)


# Own

POINT = Kind(
    name="point",
    state=point.Point,
    evolve=point.evolve,
    folds={v1.SupplyRecorded: SUBJECT, v1.ControlClaimed: SUBJECT, v1.SwitchAnnounced: SUBJECT},
    rows={HOLDING_ROWS: _holding_rows, SUPPLY_ROWS: _supply_rows},
)
CONSENT = Kind(name="consent", state=consent.Consent, evolve=consent.evolve, folds={v1.ConsentRecorded: SUBJECT})
CONSENTS = Kind(
    name="consents",
    state=consent.Consents,
    evolve=consent.evolve_all,
    folds={
        v1.ConsentRecorded: lambda event: consent.key(metering_point_id=event.metering_point_id, bsp=event.bsp),
    },
)
SWITCH = Kind(
    name="switch",
    state=switch.Switch,
    evolve=switch.evolve,
    folds={
        v1.SwitchRequested: SUBJECT,
        v1.SwitchAnnounced: lambda event: event.switch_id,
        v1.SwitchTookEffect: SUBJECT,
    },
    deadlines=_switch_deadlines,
)

# Known

PARTY = Kind(
    name="party",
    of="registry",
    state=parties.Party,
    evolve=parties.evolve,
    folds=dict.fromkeys(parties.STANDING, SUBJECT),
)
GRID_AREA = Kind(
    name="grid-area",
    of="registry",
    state=known.GridArea,
    evolve=known.evolve_grid_area,
    folds={registry.GridAreaDefined: SUBJECT, registry.GridAreaChanged: SUBJECT},
)
METERING_POINT = Kind(
    name="metering-point",
    of="registry",
    state=known.MeteringPoint,
    evolve=known.evolve_metering_point,
    folds={registry.MeteringPointRecorded: SUBJECT},
)
POLICIES = Kind(
    name="policies",
    of="gateway",
    state=policies.Said,
    evolve=policies.evolve,
    folds={gateway.RegisterOpened: lambda _: policies.ID, gateway.PoliciesAdded: lambda _: policies.ID},
)
CHANGED_POLICIES = Kind(
    name="changed-policies",
    of="registry",
    state=policies.Said,
    evolve=policies.evolve,
    folds={registry.PolicySet: lambda _: policies.ID},
)

OWN = (POINT, CONSENT, CONSENTS, SWITCH)
KNOWN = (PARTY, GRID_AREA, METERING_POINT, POLICIES, CHANGED_POLICIES)
KINDS: tuple[Kind[Any], ...] = (*OWN, *KNOWN)
