"""What `registry` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from registry.handlers import grid, groups, members, parties, points, regrouping, regulation_objects, resources

COMMANDS = {
    **parties.COMMANDS,
    **grid.COMMANDS,
    **points.COMMANDS,
    **resources.COMMANDS,
    **groups.COMMANDS,
    **regrouping.COMMANDS,
    **regulation_objects.COMMANDS,
}
REACTIONS = {**members.REACTIONS}
DEADLINES = {**members.DEADLINES, **regulation_objects.DEADLINES}
