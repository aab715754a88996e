"""What `prequal` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from chassis.service import On
from contracts.message import Command, Event
from prequal.handlers import (
    applications,
    approvals,
    assessments,
    clocks,
    comments,
    decisions,
    documents,
    hierarchy,
    qualification,
    readiness,
    restrictions,
    rounds,
    zones,
)

COMMANDS: dict[type[Command], On] = zones.telling(
    {
        **qualification.COMMANDS,
        **zones.COMMANDS,
        **applications.COMMANDS,
        **decisions.COMMANDS,
        **approvals.COMMANDS,
        **assessments.COMMANDS,
        **documents.COMMANDS,
        **comments.COMMANDS,
        **restrictions.COMMANDS,
    }
)
INTERNAL: dict[str, On] = {**documents.INTERNAL}
REACTIONS: dict[type[Event], On] = zones.telling(
    {
        **decisions.REACTIONS,
        **assessments.REACTIONS,
        **hierarchy.REACTIONS,
        **readiness.REACTIONS,
        **rounds.REACTIONS,
    }
)
DEADLINES = zones.telling_when_due(
    {
        **qualification.DEADLINES,
        **zones.DEADLINES,
        **approvals.DEADLINES,
        **clocks.DEADLINES,
        **assessments.DEADLINES,
        **readiness.DEADLINES,
        **restrictions.DEADLINES,
        **rounds.DEADLINES,
    }
)
