"""Activations: ordered, expected, verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.meter_ingest.v1.baselines import BaselineMethod
from contracts.values import Role

Purpose = Literal["balancing", "special"]
ActivationType = Literal[
    "scheduled",
    "direct",
    "faster-activation",
    "faster-deactivation",
    "slower-activation",
    "period-shift",
    "disturbance",
    "non-standard",
    "bid-less",
]
ESETT_CODES: Final[Mapping[str, str]] = {
    "balancing": "Z31",
    "special": "Z35",
    "scheduled": "Z58",
    "direct": "Z59",
    "faster-activation": "Z60",
    "faster-deactivation": "Z61",
    "slower-activation": "Z62",
    "period-shift": "Z63",
    "disturbance": "Z74",
    "non-standard": "Z83",
    "bid-less": "Z89",
}
"""eSett's reason codes of mFRR volumes, by purpose and type (`metering.md` §6.1)."""
RAMP_S: Final = 600
"""Where the order does not say: ten minutes, of which no perfect delivery is a block (`metering.md` §6.3)."""
RampSeconds = Annotated[int, Field(ge=0, le=900)]
"""From nothing to the full power in a straight line, half of it before the period's start (its end) and half after it;
0: a block. At most a quarter, so that one neighbour on either side has all of it."""


def esett_codes(purpose: Purpose | None, activation_type: ActivationType | None) -> tuple[str, ...]:
    """The codes of what was said, the purpose's first."""
    return tuple(ESETT_CODES[one] for one in (purpose, activation_type) if one)


class OrderActivation(Command):
    """The TSO's fact: a group is to deliver this much in this period. Always accepted. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    direction: Literal["up", "down"]
    power_w: values.Watt
    period: values.Period
    purpose: Purpose | None = None
    activation_type: ActivationType | None = None
    ramp_s: RampSeconds = RAMP_S


class PartlyMembers(Part):
    """Points that are members in some of an activation's quarters, and not in others."""

    quarters: str
    """`0110`: in which of them."""
    metering_points: tuple[values.Gsrn, ...]


class ActivationOrdered(Event):
    """An activation, with a finding where it exceeds what may be bid."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln | None
    direction: Literal["up", "down"]
    power_w: int
    period: values.Period
    biddable_w: int
    metering_points: tuple[values.Gsrn, ...]
    """Who is a member in any of the period's quarters: what is verified."""
    findings: tuple[Literal["GROUP_UNKNOWN", "ABOVE_BIDDABLE", "AFTER_START"], ...] = ()
    purpose: Purpose | None = None
    activation_type: ActivationType | None = None
    esett_codes: tuple[str, ...] = ()
    """Of the purpose and the type."""
    ramp_s: RampSeconds = RAMP_S
    baseline_methods: tuple[BaselineMethod, ...] = ("meter-before",)
    """What was chosen for the group when it was ordered: the primary one, and what is shown beside it."""
    ordered_at: values.UtcTime | None = None
    """When it was ordered: what its BSP submits later is a correction."""
    baseline_versions: int | None = None
    """How many its BSP had submitted for the group by then (`baseline-submitted`)."""
    partly: tuple[PartlyMembers, ...] = ()
    """Those of `metering_points` that are not throughout."""


class SubstationEffect(Part):
    """The expected effect at one substation (or, where it is unknown, in the grid area)."""

    grid_area: values.EicY
    substation: str | None
    points: int
    power_w: int
    above: bool = False
    """The DSO's grid lies above the one that the points are connected to: the same power is in that one's effect."""


class LaterEffect(Part):
    """What is expected in other quarters than the first ones, as other members are in them."""

    quarters: str
    """`0110`: in which of the activation's quarters."""
    substations: tuple[SubstationEffect, ...]


class ExpectedEffect(Event):
    """What an activation will do in one DSO's grid; on the DSO's activation topic."""

    home: ClassVar = "effect_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    effect_id: str
    """`<activation>/<dso>`: the key that compaction keeps the latest of."""
    activation_id: values.Uuid
    group_id: values.Uuid
    dso: values.Gln
    direction: Literal["up", "down"]
    period: values.Period
    substations: tuple[SubstationEffect, ...]
    """Nothing, where what had been told of is not to be expected any more."""
    version: int = 1
    """Of the activation: one more whenever it is amended or cancelled, or what it knows of a member changes."""
    quarters: str | None = None
    """`0110`: in which of the activation's quarters `substations` holds; without it in all of them."""
    later: tuple[LaterEffect, ...] = ()
    """What holds in others of its quarters; in those that stand nowhere nothing is expected in this DSO's grid."""
