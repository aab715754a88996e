"""What is said about the time that an application may take, and who kept it (SOGL art. 155, 159 and 182, D24)."""

from __future__ import annotations

from typing import ClassVar, Literal

from contracts import values
from contracts.message import Audience, Event, Part, everyone, party
from contracts.values import Role

ClockName = Literal["completeness", "missing-part", "decision", "split", "verification", "reassessment"]
"""The TSO says whether an application is complete; the BSP supplies what is missing; the TSO decides; the BSP splits
the group; what was approved for a time is verified; what was approved is assessed again."""

OwedBy = Literal["tso", "bsp"]


class Clock(Part):
    """Somebody owes something until the end of a local day."""

    clock: ClockName
    owed_by: OwedBy
    since: values.UtcTime
    due_at: values.UtcTime
    remind_at: values.UtcTime | None = None
    """When it is reminded of; None where that would be before it began."""
    paused_days: int = 0
    """So many local days it did not run, because the other one owed something; `due_at` is so much later."""


class StoppedClock(Part):
    """What was owed was done, or is owed no more.

    `kept`: in time. `late`: done, after `application-overdue` had told that time was up. `missed`: time is up, and it
    can be done no more. `void`: the case needs it no more.
    """

    clock: ClockName
    owed_by: OwedBy
    since: values.UtcTime
    due_at: values.UtcTime
    stopped_at: values.UtcTime
    paused_days: int = 0
    outcome: Literal["kept", "late", "missed", "void"]


class ApplicationReminded(Event):
    """A clock of an application will soon have run out: once for each clock."""

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    clock: ClockName
    owed_by: OwedBy
    due_at: values.UtcTime


class ApplicationOverdue(Event):
    """A clock of an application has run out and what was owed still is: once for each clock.

    Of the TSO's decision `prequalification-overdue` tells.
    """

    home: ClassVar = "application_id"
    case: ClassVar = "group_id"
    audience: ClassVar[tuple[Audience, ...]] = (party("bsp"), everyone(Role.TSO))

    application_id: values.Uuid
    group_id: values.Uuid
    bsp: values.Gln
    clock: ClockName
    owed_by: OwedBy
    due_at: values.UtcTime


class ClockStatisticPublished(Event):
    """How a clock was kept by those who owe: at most once a day, at the midnight after something changed. Public.

    The TSO and each DSO are named, the BSPs are one: how long a BSP takes is its competitors' business no more than
    that it has applied.
    """

    home: ClassVar = "statistic"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    statistic: str
    """`decision.tso`, `missing-part.bsp`, `dso-answer.7080000000029` …"""
    clock: Literal[
        "completeness",
        "missing-part",
        "decision",
        "reassessment",
        "dso-answer",
        "qualification-completeness",
        "qualification-missing-part",
        "qualification-decision",
    ]
    owed_by: str
    """`tso`, `bsp`, or a DSO's GLN."""
    due: int
    """Clocks that were kept or ran out."""
    kept: int
    missed: int
    median_days: int | None = None
    """Of what was done, late or not: the local days it took; of two in the middle the lower."""
    longest_days: int | None = None
    until: values.UtcTime
    """It counts what happened before this midnight."""
