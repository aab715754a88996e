"""What `registry` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from registry.handlers import fit, grid, groups, parties, points, resources

COMMANDS = {
    **parties.COMMANDS,
    **grid.COMMANDS,
    **points.COMMANDS,
    **resources.COMMANDS,
    **groups.COMMANDS,
}
REACTIONS = {**groups.REACTIONS}
DEADLINES = {**groups.DEADLINES, **fit.DEADLINES, **grid.DEADLINES}
