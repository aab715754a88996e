"""Verifications: what an activation delivered, by what evidence, and what it was made from."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.calendar import Resolution
from contracts.message import Audience, Event, Part, everyone, party
from contracts.meter_ingest.v1.activations import RampSeconds
from contracts.meter_ingest.v1.baselines import BaselineMethod
from contracts.values import Role


class VerifiedQuarter(Part):
    """One quarter of an activation or beside it, of the points of which what it takes is there.

    Energies in Wh of consumption, production counting negative.
    """

    start: values.UtcTime
    ordered_wh: int
    """As a block: the power from the period's first second to its last; nothing in a neighbour."""
    baseline_wh: int
    metered_wh: int
    delivered_wh: int
    """Of the group, whatever of its orders it was for."""
    delivered_basis_points: int
    """Delivered / ordered in 1/100 of a percent, not clipped; of what is delivered for several orders, the share."""
    expected_wh: int | None = None
    """What of the whole falls here if it is delivered with the order's ramps."""
    expected_basis_points: int | None = None
    """Delivered / expected, likewise."""
    together_wh: int | None = None
    """Where other orders of the group reach in (`beside`): what all of them ask for, in this one's direction."""
    share_wh: int | None = None
    """There: what of `delivered_wh` is for this order, in its direction; all orders' are what was delivered."""
    measured_wh: int | None = None
    """What of `delivered_wh` is of points that are measured in this quarter."""
    measured_points: int = 0
    derived_points: int = 0
    estimated_points: int = 0
    missing_points: int = 0
    """The points that are to count in this quarter, by evidence in it: that of the baseline and its own."""


class VerifiedWhole(Part):
    """An activation and its neighbours together, as far as they are there."""

    ordered_wh: int
    expected_wh: int
    delivered_wh: int
    """In the activation's own quarters; its share, where other orders reach in."""
    with_neighbours_wh: int
    """Likewise."""
    basis_points: int
    """`with_neighbours_wh` / `expected_wh` in 1/100 of a percent, not clipped."""


class OtherQuarter(Part):
    """One quarter by another baseline than the primary one."""

    start: values.UtcTime
    baseline_wh: int
    delivered_wh: int
    delivered_basis_points: int
    expected_basis_points: int
    share_wh: int | None = None


class OtherBaseline(Part):
    """What was delivered by another baseline, of the same points in the same quarters."""

    method: BaselineMethod
    quarters: tuple[OtherQuarter, ...]
    lacking: str | None = None
    """Why there are none."""
    corrected: bool = False
    """By what its BSP submitted too late to count (`metering.md` §6.5)."""


class OrderBeside(Part):
    """Another order of the group that reaches into an activation's quarters or those beside it, as it stood then."""

    activation_id: values.Uuid
    direction: Literal["up", "down"]
    power_w: int
    period: values.Period
    ramp_s: RampSeconds


class ReadUpTo(Part):
    """How far one shard's values were read."""

    shard: str
    position: int


class ApartPoints(Part):
    """Points that do not count in every quarter with consumption alone, as all others do."""

    quarters: str
    """`0110`: in which of the activation's quarters its BSP holds them."""
    lines: tuple[Literal["consumption", "production"], ...]
    """Of which there is a channel in the window."""
    metering_points: tuple[values.Gsrn, ...]


class ReadAs(Part):
    """Local days of points of which what had come in another resolution was left out: it did not count."""

    line: Literal["consumption", "production"]
    date: values.LocalDate
    through: values.LocalDate | None = None
    """The last of the days, which all counted alike; None: it is one."""
    resolution: Resolution
    """In which values counted on them."""
    metering_points: tuple[values.Gsrn, ...]


class ActivationVerified(Event):
    """A verification run. Every later run replaces the one before as the current one; all are kept."""

    home: ClassVar = "activation_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    run: int
    because: Literal["complete", "deadline", "revision", "asked"]
    result: Literal["verified", "provisional", "incomplete"]
    baseline_method: BaselineMethod
    quarters: tuple[VerifiedQuarter, ...]
    points: int
    measured_points: int
    """By a point's worst quarter."""
    derived_points: int
    """Points with hourly values only."""
    estimated_points: int
    missing_points: int
    derived_basis_points: int
    """Share of the baseline energy that rests on hourly values."""
    tolerance_pct: str
    """The policy that held when the activation began (D19)."""
    within_tolerance: bool
    """Whether what is judged is; reported, without consequence by itself."""
    revisions_sha256: str
    """Over the exact revisions used."""
    judged: Literal["each-as-block", "whole-with-ramps"] = "each-as-block"
    """What was held against the tolerance: each quarter's share of the block, or `whole.basis_points`."""
    version: int = 1
    """Of the activation."""
    neighbours: tuple[VerifiedQuarter, ...] = ()
    """The quarters before and after, where anything is known of them."""
    whole: VerifiedWhole | None = None
    measured_basis_points: int | None = None
    """Share of the baseline energy that is measured."""
    lacking: str | None = None
    """Why the primary baseline says nothing, and there are no quarters."""
    others: tuple[OtherBaseline, ...] = ()
    covered: tuple[values.Period, ...] = ()
    """What other activations of the group touch, and no baseline reads."""
    allocation_sha256: str | None = None
    """Over what each point delivered in each quarter, salted with the values' own salts."""
    as_of: tuple[ReadUpTo, ...] = ()
    """From here it can be run again, as long as its values are kept."""
    apart: tuple[ApartPoints, ...] = ()
    period: values.Period | None = None
    """The activation's."""
    at: values.UtcTime | None = None
    read_as: tuple[ReadAs, ...] = ()
    beside: tuple[OrderBeside, ...] = ()
    """With which it is held against what was delivered."""
