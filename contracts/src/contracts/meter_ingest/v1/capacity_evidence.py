"""Documentation of a group's capacity over a period that the TSO asks for, whether it was activated or not (R46)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.meter_ingest.v1.activations import RampSeconds
from contracts.meter_ingest.v1.baselines import BaselineMethod
from contracts.meter_ingest.v1.documentation import EvidenceCounts, EvidenceFinding
from contracts.meter_ingest.v1.verifications import ReadAs, ReadUpTo
from contracts.values import Role


class RequestCapacityEvidence(Command):
    """The TSO asks for what a group's meters show over a period, by a deadline. Subject: a new UUID.

    The same again with a later deadline is more time.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    group_id: values.Uuid
    period: values.Period
    """Whole quarters, at most 7 days; it may lie ahead, the deadline behind it."""
    due_at: values.UtcTime


class CapacityEvidenceRequested(Event):
    """Documentation of a group's capacity is asked for, or more time is given for it."""

    home: ClassVar = "capacity_evidence_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    capacity_evidence_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    period: values.Period
    metering_points: tuple[values.Gsrn, ...]
    """Its members in the period, as they were known then."""
    requested_at: values.UtcTime
    due_at: values.UtcTime
    asked_by: values.Gln | None = None
    """None: it was asked for before this was said."""


class CapacityEvidenceOwed(Event):
    """What one DSO owes of such documentation: values of points in its grid, which are due and not there."""

    home: ClassVar = "owed_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    owed_id: str
    """`<evidence>/<dso>`."""
    capacity_evidence_id: values.Uuid
    group_id: values.Uuid
    dso: values.Gln
    period: values.Period
    due_at: values.UtcTime
    points: int
    quarters: int
    """That miss a value, summed over the points."""


class CapacityMembers(Part):
    """Members with the same stay in the group, while they lay in the same place and declared the same power.

    A point stands in several where it came again, or anything of this changed.
    """

    dso: values.Gln | None
    grid_area: values.EicY | None
    substation: str | None
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None
    """As it was known when the documentation was prepared; it may reach beyond the period."""
    metering_points: tuple[values.Gsrn, ...]
    up_w: tuple[int, ...]
    """What each declared, in the order of the points; likewise the following."""
    down_w: tuple[int, ...]
    agreed_power_w: tuple[int, ...]
    """What each may draw from the grid when it first counts in the period; 0: it is not known."""


class CapacityApproved(Part):
    """What was approved, and what could be bid, from a moment on."""

    valid_from: values.UtcTime
    approved_up_w: int | None
    """None: it was not yet noted here."""
    approved_down_w: int | None
    biddable_up_w: int
    biddable_down_w: int


class CapacityBaseline(Part):
    """By which methods the group's activations are verified from a moment on, the primary one first."""

    valid_from: values.UtcTime | None
    """None: nothing was chosen; it is the policy."""
    methods: tuple[BaselineMethod, ...]


class CapacityCalled(Part):
    """An activation of the group that reaches into the period: what its meters show there is not what it has left."""

    activation_id: values.Uuid
    period: values.Period
    ramp_s: RampSeconds = 0
    """Half of it reaches out of the period at both ends."""


class CapacityApart(Part):
    """Points that do not simply have a channel of consumption throughout, at the group's BSP."""

    metering_points: tuple[values.Gsrn, ...]
    held: tuple[values.Period, ...]
    """In which parts of the period they are members, and the BSP's."""
    consumption: tuple[values.Period, ...]
    """In which parts of the period they have such a channel."""
    production: tuple[values.Period, ...]


class CapacityFacts(Part):
    """All but the values that the documentation is made from, as it was known then."""

    period: values.Period
    members: tuple[CapacityMembers, ...]
    approved: tuple[CapacityApproved, ...]
    baselines: tuple[CapacityBaseline, ...]
    submitted: Annotated[int, Field(ge=0)]
    """How many versions of plans and reported baselines there were."""
    called: tuple[CapacityCalled, ...]
    apart: tuple[CapacityApart, ...]
    as_of: tuple[ReadUpTo, ...]
    read_as: tuple[ReadAs, ...] = ()
    """The days of points of which what had come in another resolution than counted was left out."""


class CapacityShown(Part):
    """What the meters show in one direction, over the quarters in which the group was called for nothing.

    Up: the load that was there to lay off. Down: the production that was there, and what load there was room for under
    agreed power. At most what each member declared; what was not measured shows nothing.
    """

    quarters: int
    """In which something could be bid; the others are not looked at."""
    short: int
    """So many of them show less than could be bid."""
    least_w: int | None
    """Shown in the lowest of them; None where there are none."""


class CapacityEvidencePrepared(Event):
    """The documentation is there for the TSO to fetch, also where something is missing. A later version replaces it."""

    home: ClassVar = "capacity_evidence_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    capacity_evidence_id: values.Uuid
    version: int
    group_id: values.Uuid
    bsp: values.Gln
    result: Literal["whole", "incomplete"]
    findings: tuple[EvidenceFinding, ...] = ()
    """Late: after the deadline. Incomplete: values are missing, or there was no member."""
    requested_at: values.UtcTime
    due_at: values.UtcTime
    prepared_at: values.UtcTime
    counts: tuple[EvidenceCounts, ...]
    """By DSO: who owes what is missing."""
    up: CapacityShown
    down: CapacityShown
    facts: CapacityFacts
    events: int
    """How many requests are within, from the first, with the BSP's answer; in older ones without that."""
    root_sha256: str
    """Of the packet: over its manifest, which has the SHA-256 of each part."""
    answer_sha256: str | None = None
    """Of what the BSP's answer says, which is within; None: it had not answered."""
