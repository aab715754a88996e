"""What `registry` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from registry.handlers import grid, groups, parties, points, policies, resources

COMMANDS = {
    **parties.COMMANDS,
    **grid.COMMANDS,
    **points.COMMANDS,
    **resources.COMMANDS,
    **groups.COMMANDS,
    **policies.COMMANDS,
}
REACTIONS = {**groups.REACTIONS}
DEADLINES = {**groups.DEADLINES}
