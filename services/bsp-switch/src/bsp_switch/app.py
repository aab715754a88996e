"""The service, put together."""

from __future__ import annotations

from bsp_switch import door, handlers, store
from bsp_switch.settings import Settings
from chassis.service import Service
from contracts.bsp_switch import v1

SERVICE = Service(
    name="bsp-switch",
    kinds=store.KINDS,
    receipt=v1.Receipt,
    commands=handlers.COMMANDS,
    reactions=handlers.REACTIONS,
    deadlines=handlers.DEADLINES,
    raw=door.RAW,
    internal=handlers.INTERNAL,
    evidence=door.EVIDENCE,
)


def main() -> None:
    """Run the process in the role that the command line names."""
    from chassis import process  # noqa: PLC0415 - brings broker and database, which a test of the rules does not need

    process.main("bsp-switch", "bsp_switch", Settings, SERVICE, alongside=[door.open_door])
