"""Documentation that the TSO asks for: of an activation, what was metered and what followed from it (R46)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone, party
from contracts.values import Role

EvidenceFinding = Literal["METER_EVIDENCE_LATE", "METER_EVIDENCE_INCOMPLETE"]


class RequestEvidence(Command):
    """The TSO asks for an activation's evidence by a deadline. Subject: a new UUID.

    The same again with a later deadline is more time.
    """

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = values.Uuid

    activation_id: values.Uuid
    run: Annotated[int, Field(ge=1)] | None = None
    """A verification that there has been; without one, that which counts when the evidence is prepared."""
    due_at: values.UtcTime


class EvidenceRequested(Event):
    """Evidence is asked for, or more time is given for it."""

    home: ClassVar = "evidence_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    evidence_id: values.Uuid
    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln | None
    run: int | None
    period: values.Period
    requested_at: values.UtcTime
    due_at: values.UtcTime
    asked_by: values.Gln | None = None
    """None: it was asked for before this was said."""


class EvidenceOwed(Event):
    """What one DSO owes of evidence that is asked for: values of points in its grid, which are not there yet."""

    home: ClassVar = "owed_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("dso"), everyone(Role.TSO))

    owed_id: str
    """`<evidence>/<dso>`."""
    evidence_id: values.Uuid
    activation_id: values.Uuid
    dso: values.Gln
    period: values.Period
    due_at: values.UtcTime
    points: int
    """So many points miss something of the period, or of the quarters that the baseline is from."""
    quarters: int
    """Quarters of the period that cannot count for it, summed over them."""


class EvidenceCounts(Part):
    """How complete the values of the points in one DSO's grid are, counted point by point; no point is named."""

    dso: values.Gln | None
    """None: it is not known."""
    points: int
    points_missing: int
    """That miss something, and count in fewer quarters."""
    measured: int
    """Quarters of points, by evidence; likewise the following."""
    estimated: int
    derived: int
    missing: int


class EvidenceMembers(Part):
    """Members of the group when the activation began that have all of this in common."""

    dso: values.Gln | None
    grid_area: values.EicY | None
    substation: str | None
    valid_from: values.UtcTime | None
    valid_to: values.UtcTime | None
    """The membership, as it was known when the evidence was prepared."""
    metering_points: tuple[values.Gsrn, ...]


class EvidencePrepared(Event):
    """The evidence is there for the TSO to fetch, also where something is missing. A later version replaces it."""

    home: ClassVar = "evidence_id"
    case: ClassVar = "activation_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    evidence_id: values.Uuid
    version: int
    activation_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln | None
    run: int | None
    """The verification that it documents; None where there is none."""
    result: Literal["whole", "incomplete"]
    findings: tuple[EvidenceFinding, ...] = ()
    """Late: after the deadline. Incomplete: something misses, or there is no verification."""
    requested_at: values.UtcTime
    due_at: values.UtcTime
    prepared_at: values.UtcTime
    counts: tuple[EvidenceCounts, ...]
    """By DSO: who owes what is missing."""
    members: tuple[EvidenceMembers, ...]
    events: int
    """How many events of the activation are within, from its first."""
    root_sha256: str
    """Of the packet: over its manifest, which has the SHA-256 of each part."""
    requests: int = 0
    """How many events of the evidence itself follow those: its requests, and the BSP's answer. None in older ones."""
    answer_sha256: str | None = None
    """Of what the BSP's answer says, which is within; None: it had not answered."""
