"""What each party has to do, and by when: one table, from the events that are published anyway.

There are no events of tasks' own. That something is to be done is said to whoever is to do it when it arises (a DSO is
asked, with a due date), and that it is done when it is; a second event beside each would say the same again, could
differ from the first, and would have to be kept in step by every handler. So a task is a fold of what is said, and a
test holds that whoever has a task is told of every event that begins or ends it. Who adds an event adds a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from contracts.message import Event
from contracts.prequal import v1
from contracts.values import Role
from prequal.domain import conditions

What = Literal[
    "answer-grid-assessment",
    "revise-assessment",
    "confirm-completeness",
    "complete-application",
    "decide-application",
    "split-group",
    "verify-approval",
    "reassess-approval",
    "confirm-qualification",
    "complete-qualification",
    "answer-communication-test",
    "decide-qualification",
    "meet-conditions",
    "settle-conditions",
    "restore-minimum",
    "regain-qualification",
    "review-unqualified-approval",
]

TSO: Final = "tso"
"""Whose task it is where an event is for everyone in that role."""
_FIELDS: Final[Mapping[Role, tuple[str, ...]]] = {Role.DSO: ("dso", "dsos"), Role.BSP: ("bsp",)}


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a party has to do."""

    party: str
    """A GLN, or `tso`."""
    what: What
    subject: str
    """What the command that does it is about."""
    case_id: str
    due_at: datetime | None
    """When it is late; None where nothing says when."""


DueAt = Callable[[Any], datetime | None]
Holds = Callable[[Any], bool]


def always(_event: Event) -> bool:
    """Whatever the event says."""
    return True


@dataclass(frozen=True)
class Duty:
    """One line: whose task it is, what it is about, which events begin it (and when it is due) and which end it.

    `begins` says anew where the task stands already; an event that begins it under `only` and does not hold, ends it.
    """

    what: What
    of: Role
    about: str
    """The events' field that holds the subject."""
    begins: Mapping[type[Event], DueAt]
    ends: Mapping[type[Event], Holds]
    only: Mapping[type[Event], Holds] = field(default_factory=dict[type[Event], Holds])
    case: str = "group_id"
    """The events' field that holds the case."""
    one_per: str | None = None
    """The events' field of which a party has one such task at a time, where that is not the subject."""

    def parties(self, event: Event) -> tuple[str, ...]:
        """Whose task the event begins or ends."""
        if self.of == Role.TSO:
            return (TSO,)
        named = next(getattr(event, name) for name in _FIELDS[self.of] if hasattr(event, name))
        return (named,) if isinstance(named, str) else tuple(named)


def _unqualified(what: What, of: Role) -> Duty:
    """What is to be done while an approved group's BSP is not qualified, before the approval ends by that."""
    return Duty(
        what,
        of=of,
        about="application_id",
        begins={v1.ApprovalEndAnnounced: lambda event: event.ends_at},
        ends={v1.ApprovalEndCancelled: always, v1.ApprovalEnded: always},
    )


def _conditions(what: What, of: Role) -> Duty:
    """What is to be done while a qualification has conditions with a date: one task, due by the first date left."""

    def due_at(event: v1.QualificationDecided | v1.QualificationConditionSettled) -> datetime | None:
        if isinstance(event, v1.QualificationConditionSettled):
            return event.next_due_at
        return conditions.first_due(conditions.of(event.conditions))

    begins: tuple[type[Event], ...] = (v1.QualificationDecided, v1.QualificationConditionSettled)
    return Duty(
        what,
        of=of,
        about="qualification_id",
        case="qualification_id",
        begins=dict.fromkeys(begins, due_at),
        only=dict.fromkeys(begins, lambda event: due_at(event) is not None),
        ends={v1.QualificationEnded: always},
    )


_CLOCKED: Final[tuple[type[Event], ...]] = (
    v1.ApplicationReceived,
    v1.CompletenessConfirmed,
    v1.MissingPartRequested,
    v1.ApplicationCompleted,
    v1.ApplicationAmended,
    v1.SplitRequired,
    v1.SplitSettled,
    v1.PrequalificationDecided,
    v1.ApprovalVerified,
    v1.ReassessmentRequired,
    v1.ApprovalReassessed,
)
"""Each says which clocks of the application run from then on."""
_OVER: Final[tuple[type[Event], ...]] = (
    v1.ApplicationWithdrawn,
    v1.ApplicationLapsed,
    v1.ApplicationReplaced,
    v1.ApprovalEnded,
)


def _of_clock(what: What, of: Role, name: v1.ClockName) -> Duty:
    """What is owed while a clock of an application runs."""

    def due_at(event: Any) -> datetime | None:
        return next((clock.due_at for clock in event.clocks if clock.clock == name), None)

    return Duty(
        what,
        of=of,
        about="application_id",
        begins=dict.fromkeys(_CLOCKED, due_at),
        only=dict.fromkeys(_CLOCKED, lambda event: due_at(event) is not None),
        ends=dict.fromkeys(_OVER, always),
    )


DUTIES: Final[tuple[Duty, ...]] = (
    Duty(
        # Of a group that grows, another application may be the one that it answers in.
        "answer-grid-assessment",
        of=Role.DSO,
        about="application_id",
        one_per="group_id",
        begins={v1.GridAssessmentRequested: lambda event: event.due_at},
        ends={
            v1.GridAssessed: lambda event: event.dso not in event.still_asked,
            v1.GridAssessmentReleased: lambda event: event.dso not in event.still_asked and not event.still_open,
            # Where another application stands, they are still asked.
            v1.PrequalificationDecided: lambda event: event.decision == "rejected" and event.extends is None,
            v1.ApplicationWithdrawn: lambda event: event.extends is None,
            v1.ApplicationLapsed: lambda event: event.extends is None,
            v1.ApprovalEnded: always,
        },
    ),
    Duty(
        "revise-assessment",
        of=Role.DSO,
        about="application_id",
        one_per="group_id",
        begins={v1.GridAssessmentReopened: lambda _event: None},
        ends={
            v1.GridAssessed: lambda event: event.revised,
            v1.GridAssessmentReleased: lambda event: not event.concerned,
            v1.ApprovalEnded: always,
            v1.ApplicationWithdrawn: lambda event: event.extends is None,
            v1.ApplicationLapsed: lambda event: event.extends is None,
        },
    ),
    _of_clock("confirm-completeness", Role.TSO, "completeness"),
    _of_clock("complete-application", Role.BSP, "missing-part"),
    _of_clock("decide-application", Role.TSO, "decision"),
    _of_clock("split-group", Role.BSP, "split"),
    _of_clock("verify-approval", Role.TSO, "verification"),
    _of_clock("reassess-approval", Role.TSO, "reassessment"),
    Duty(
        "confirm-qualification",
        of=Role.TSO,
        about="qualification_id",
        case="qualification_id",
        begins={
            v1.QualificationRequested: lambda event: event.confirm_by,
            v1.QualificationFactsAdded: lambda event: event.confirm_by,
        },
        # Facts that are not all that was asked for leave it with the BSP.
        only={v1.QualificationFactsAdded: lambda event: event.confirm_by is not None},
        ends={
            v1.MissingFactsRequested: always,
            v1.QualificationConfirmed: always,
            v1.QualificationDecided: always,
            v1.QualificationWithdrawn: always,
        },
    ),
    Duty(
        "complete-qualification",
        of=Role.BSP,
        about="qualification_id",
        case="qualification_id",
        begins={v1.MissingFactsRequested: lambda event: event.answer_by},
        ends={
            v1.QualificationFactsAdded: lambda event: event.confirm_by is not None,
            v1.QualificationConfirmed: always,
            v1.QualificationWithdrawn: always,
        },
    ),
    Duty(
        "answer-communication-test",
        of=Role.BSP,
        about="qualification_id",
        case="qualification_id",
        begins={v1.CommunicationTestStarted: lambda event: event.due_at},
        ends={v1.CommunicationTested: always},
    ),
    Duty(
        "decide-qualification",
        of=Role.TSO,
        about="qualification_id",
        case="qualification_id",
        begins={v1.QualificationConfirmed: lambda event: event.decide_by},
        ends={v1.QualificationDecided: always, v1.QualificationWithdrawn: always},
    ),
    _conditions("meet-conditions", Role.BSP),
    _conditions("settle-conditions", Role.TSO),
    Duty(
        # The group leaves the queue then, unless it can deliver the minimum again (D6).
        "restore-minimum",
        of=Role.BSP,
        about="application_id",
        begins={v1.ApplicationQueued: lambda event: event.lapses_at},
        only={v1.ApplicationQueued: lambda event: event.lapses_at is not None},
        ends={v1.VolumeReserved: always, v1.ApplicationLapsed: always},
    ),
    _unqualified("regain-qualification", Role.BSP),
    _unqualified("review-unqualified-approval", Role.TSO),
)
"""All that any party can have to do."""

Change = tuple[Task, bool]
"""A task, and whether it stands now."""


def events() -> tuple[type[Event], ...]:
    """The events that begin or end a task."""
    return tuple(dict.fromkeys(one for duty in DUTIES for one in (*duty.begins, *duty.ends)))


def changes(event: Event) -> dict[str, Change]:
    """What an event changes, by the task's id: `what/subject/party` (or `one_per` instead of the subject)."""
    found: dict[str, Change] = {}
    for duty in DUTIES:
        due_at = duty.begins.get(type(event))
        if due_at is None and not duty.ends.get(type(event), _never)(event):
            continue
        stands = due_at is not None and duty.only.get(type(event), always)(event)
        for party in duty.parties(event):
            subject = str(getattr(event, duty.about))
            due = due_at(event) if due_at is not None else None
            task = Task(party, duty.what, subject, str(getattr(event, duty.case)), due)
            one = getattr(event, duty.one_per) if duty.one_per else subject
            found[f"{duty.what}/{one}/{party}"] = (task, stands)
    return found


def evolve(_state: Task | None, change: Change) -> Task | None:
    """A task that is done is no more; what it was is in its history."""
    task, stands = change
    return task if stands else None


def _never(_event: Event) -> bool:
    return False
