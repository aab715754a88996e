"""What `bsp-switch` does with each command, foreign event and deadline: load, decide, append."""

from __future__ import annotations

from bsp_switch.handlers import (
    consents,
    control,
    documents,
    end_users,
    mergers,
    persons,
    responsibility,
    supply,
    switches,
)
from chassis.service import On
from contracts.message import Command, Event

COMMANDS: dict[type[Command], On] = {
    **supply.COMMANDS,
    **responsibility.COMMANDS,
    **consents.COMMANDS,
    **control.COMMANDS,
    **switches.COMMANDS,
    **end_users.COMMANDS,
    **persons.COMMANDS,
    **mergers.COMMANDS,
}
INTERNAL: dict[str, On] = {**documents.INTERNAL, **persons.INTERNAL}
REACTIONS: dict[type[Event], On] = {**supply.REACTIONS}
DEADLINES = {
    **responsibility.DEADLINES,
    **consents.DEADLINES,
    **switches.DEADLINES,
    **end_users.DEADLINES,
    **mergers.DEADLINES,
}
