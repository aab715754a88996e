"""What `registry` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from chassis.service import On
from contracts.message import Command, Event
from registry.handlers import (
    control,
    fit,
    grid,
    group_successions,
    groups,
    keys,
    members,
    midnight,
    parties,
    points,
    policy_rounds,
    regrouping,
    regulation_objects,
    resending,
    resources,
)

COMMANDS: dict[type[Command], On] = {
    **parties.COMMANDS,
    **keys.COMMANDS,
    **resending.COMMANDS,
    **grid.COMMANDS,
    **points.COMMANDS,
    **resources.COMMANDS,
    **groups.COMMANDS,
    **regrouping.COMMANDS,
    **regulation_objects.COMMANDS,
    **policy_rounds.COMMANDS,
}
REACTIONS: dict[type[Event], On] = {**control.REACTIONS, **members.REACTIONS, **group_successions.REACTIONS}
DEADLINES = {
    **control.DEADLINES,
    **members.DEADLINES,
    **midnight.DEADLINES,
    **regulation_objects.DEADLINES,
    **fit.DEADLINES,
    **grid.DEADLINES,
    **policy_rounds.DEADLINES,
    **group_successions.DEADLINES,
}
