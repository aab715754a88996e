"""What is known of others."""

from __future__ import annotations

from typing import Any, get_args

from chassis.service import Kind
from contracts import policies
from contracts.gateway import v1 as gateway
from contracts.registry import v1 as registry
from prequal.domain import known


def _group(event: Any) -> str:
    return event.group_id


GROUP = Kind(
    name="group",
    of="registry",
    state=known.Group,
    evolve=known.evolve_group,
    folds=dict.fromkeys((*get_args(known.OfGroup), *get_args(known.OfMember)), _group),
)


GRID_AREA = Kind(
    name="grid-area",
    of="registry",
    state=known.GridArea,
    evolve=known.evolve_grid_area,
    folds=dict.fromkeys((registry.GridAreaDefined, registry.GridAreaChanged), lambda event: event.grid_area),
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

KINDS = (GROUP, GRID_AREA, POLICIES, CHANGED_POLICIES)
