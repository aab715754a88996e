"""What `registry` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from chassis.service import On
from contracts.message import Command, Event
from registry.handlers import fit, grid, groups, parties, points, policies, resources

COMMANDS: dict[type[Command], On] = {
    **parties.COMMANDS,
    **grid.COMMANDS,
    **points.COMMANDS,
    **resources.COMMANDS,
    **groups.COMMANDS,
    **policies.COMMANDS,
}
REACTIONS: dict[type[Event], On] = {**groups.REACTIONS}
DEADLINES = {**groups.DEADLINES, **fit.DEADLINES, **grid.DEADLINES}
