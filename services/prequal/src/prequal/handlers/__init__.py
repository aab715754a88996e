"""What `prequal` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from chassis.service import On
from contracts.message import Command, Event
from prequal.handlers import applications, assessments, qualification, readiness, restrictions, zones

COMMANDS: dict[type[Command], On] = {
    **qualification.COMMANDS,
    **zones.COMMANDS,
    **applications.COMMANDS,
    **assessments.COMMANDS,
    **restrictions.COMMANDS,
}
REACTIONS: dict[type[Event], On] = {**assessments.REACTIONS, **readiness.REACTIONS}
DEADLINES = {
    **zones.DEADLINES,
    **applications.DEADLINES,
    **assessments.DEADLINES,
    **readiness.DEADLINES,
    **restrictions.DEADLINES,
}
