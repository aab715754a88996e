"""What other services have said."""

from __future__ import annotations

from typing import get_args

from chassis.service import SUBJECT, Kind
from contracts import policies
from contracts.bsp_switch import v1 as bsp_switch
from contracts.gateway import v1 as gateway
from registry.domain import group_succession, holder, known

POLICIES_ID = policies.ID


def _policies(_event: gateway.RegisterOpened | gateway.PoliciesAdded) -> str:
    return POLICIES_ID


HOLDER = Kind(
    "holder",
    holder.Holder,
    holder.evolve,
    dict.fromkeys(get_args(holder.OfControl), SUBJECT),
    of="bsp-switch",
    valid=holder.valid,
)
"""By metering point: which BSP holds it, in time."""

SUPPLY = Kind("supply", known.Supply, known.evolve_supply, {bsp_switch.SupplyRecorded: SUBJECT}, of="bsp-switch")
"""By metering point: its BRPs and its end user, in time."""

END_USER = Kind(
    "end-user",
    known.EndUser,
    known.evolve_end_user,
    {bsp_switch.SupplyRecorded: lambda event: event.end_user},
    of="bsp-switch",
)
"""By end user: the points that are, were or will be theirs; `SUPPLY` says when."""

MERGER = Kind(
    "merger",
    group_succession.Merger,
    group_succession.evolve_merger,
    dict.fromkeys(get_args(group_succession.OfMerger), lambda event: event.bsp),
    of="bsp-switch",
)
"""By BSP that is taken over."""

POLICIES = Kind(
    "policies",
    policies.Said,
    policies.evolve,
    {gateway.RegisterOpened: _policies, gateway.PoliciesAdded: _policies},
    of="gateway",
)
"""What the register opened with; what commands changed since stands beside it (`CHANGED_POLICIES`)."""

KINDS = (HOLDER, SUPPLY, END_USER, MERGER, POLICIES)
