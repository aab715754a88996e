"""What is known of others."""

from __future__ import annotations

from typing import Any, get_args

from chassis.service import Kind
from contracts import policies
from contracts.gateway import v1 as gateway
from contracts.prequal import v1
from contracts.registry import v1 as registry
from prequal.domain import known


def _group(event: Any) -> str:
    return event.group_id


GROUP = Kind(
    name="group",
    of="registry",
    state=known.Group,
    evolve=known.evolve_group,
    folds={
        **dict.fromkeys((*get_args(known.OfGroup), *get_args(known.OfMember)), _group),
        **dict.fromkeys(get_args(known.OfObject), lambda event: event.object_id),
    },
)
"""Flexibility groups, and regulation objects of one point."""

SPREAD = Kind(
    name="spread",
    of="registry",
    state=v1.Spread,
    evolve=known.evolve_spread,
    folds={registry.GroupMeasured: _group},
    remembered=False,
)
"""By group: where its power lies."""


GRID_AREA = Kind(
    name="grid-area",
    of="registry",
    state=known.GridArea,
    evolve=known.evolve_grid_area,
    folds=dict.fromkeys((registry.GridAreaDefined, registry.GridAreaChanged), lambda event: event.grid_area),
)


GROUPS_IN_AREA = Kind(
    name="groups-in-area",
    of="registry",
    state=known.Ids,
    evolve=known.evolve_groups_in_area,
    folds=dict.fromkeys(get_args(known.Lying), lambda event: event.grid_area),
    remembered=False,
)
"""By grid area: the groups that have, or ever had, a member there."""

GROUPS_WITH = Kind(
    name="groups-with",
    of="registry",
    state=known.Ids,
    evolve=known.evolve_groups_in_area,
    folds=dict.fromkeys((*get_args(known.OfBsp), *get_args(known.Lying)), known.group_with),
    remembered=False,
)
"""By BSP, successor, metering point and substation (`known.group_with`): the groups that have, or ever had, it."""

SUBSTATION = Kind(
    name="substation",
    of="registry",
    state=known.Substation,
    evolve=known.evolve_substation,
    folds=dict.fromkeys((registry.SubstationDefined, registry.SubstationChanged), lambda event: event.substation_id),
)

SUBSTATIONS_BELOW = Kind(
    name="substations-below",
    of="registry",
    state=known.Ids,
    evolve=known.evolve_substations_below,
    folds=dict.fromkeys((registry.SubstationDefined, registry.SubstationChanged), lambda event: event.parent or ()),
    remembered=False,
)
"""By substation: those that it feeds, or ever fed."""

AREAS_BELOW = Kind(
    name="areas-below",
    of="registry",
    state=known.Ids,
    evolve=known.evolve_areas_below,
    folds=dict.fromkeys((registry.GridAreaDefined, registry.GridAreaChanged), lambda event: event.parent or ()),
    remembered=False,
)
"""By grid area: those that are, were or will be right below it."""

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

KINDS = (
    GROUP,
    SPREAD,
    GRID_AREA,
    GROUPS_IN_AREA,
    GROUPS_WITH,
    SUBSTATION,
    SUBSTATIONS_BELOW,
    AREAS_BELOW,
    POLICIES,
    CHANGED_POLICIES,
)
