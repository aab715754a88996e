"""Activations: ordered, expected, verified."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role


class OrderActivation(Command):
    """The TSO's fact: a group is to deliver this much in this period. Always accepted. Subject: a new UUID."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    direction: Literal["up", "down"]
    power_w: values.Watt
    period: values.Period


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
    """The members as of the period's start: what is verified."""
    findings: tuple[Literal["GROUP_UNKNOWN", "ABOVE_BIDDABLE", "AFTER_START"], ...] = ()


class SubstationEffect(Part):
    """The expected effect at one substation (or, where it is unknown, in the grid area)."""

    grid_area: values.EicY
    substation: str | None
    points: int
    power_w: int


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


class VerifiedQuarter(Part):
    """One quarter of an activation, of the points of which everything is there.

    Energies in Wh of consumption, production counting negative.
    """

    start: values.UtcTime
    ordered_wh: int
    baseline_wh: int
    metered_wh: int
    delivered_wh: int
    delivered_basis_points: int
    """Delivered / ordered in 1/100 of a percent, not clipped."""


class ActivationVerified(Event):
    """A verification run. Every later run replaces the one before as the current one; all are kept."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    run: int
    because: Literal["complete", "deadline", "revision"]
    result: Literal["verified", "provisional", "incomplete"]
    baseline_method: Literal["meter-before"]
    quarters: tuple[VerifiedQuarter, ...]
    points: int
    measured_points: int
    derived_points: int
    """Points with hourly values only."""
    estimated_points: int
    missing_points: int
    derived_basis_points: int
    """Share of the baseline energy that rests on hourly values."""
    tolerance_pct: str
    """The policy it was held against (D19)."""
    within_tolerance: bool
    """Whether every quarter is; reported, without consequence by itself."""
    revisions_sha256: str
    """Over the exact revisions used."""
