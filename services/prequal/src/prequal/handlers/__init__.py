"""What `prequal` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from chassis.service import On
from contracts.message import Command, Event
from prequal.handlers import applications, approvals, assessments, qualification, readiness, zones

COMMANDS: dict[type[Command], On] = zones.telling(
    {
        **qualification.COMMANDS,
        **zones.COMMANDS,
        **applications.COMMANDS,
        **approvals.COMMANDS,
        **assessments.COMMANDS,
    }
)
REACTIONS: dict[type[Event], On] = zones.telling(
    {**approvals.REACTIONS, **assessments.REACTIONS, **readiness.REACTIONS}
)
DEADLINES = zones.telling_when_due(
    {**zones.DEADLINES, **applications.DEADLINES, **assessments.DEADLINES, **readiness.DEADLINES}
)
