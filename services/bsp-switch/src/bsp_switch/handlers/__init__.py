"""What `bsp-switch` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from bsp_switch.handlers import consents, control, responsibility, supply, switches
from chassis.service import On
from contracts.message import Command, Event

COMMANDS: dict[type[Command], On] = {
    **supply.COMMANDS,
    **responsibility.COMMANDS,
    **consents.COMMANDS,
    **control.COMMANDS,
    **switches.COMMANDS,
}
REACTIONS: dict[type[Event], On] = {**supply.REACTIONS}
DEADLINES = {**responsibility.DEADLINES, **consents.DEADLINES, **switches.DEADLINES}
