"""What other services have said."""

from __future__ import annotations

from bsp_switch.domain import known
from chassis.service import SUBJECT, Kind
from contracts import parties, policies
from contracts.gateway import v1 as gateway
from contracts.registry import v1 as registry

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

KINDS = (PARTY, GRID_AREA, METERING_POINT, POLICIES, CHANGED_POLICIES)
