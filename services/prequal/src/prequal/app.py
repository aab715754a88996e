"""`prequal`, put together."""

from __future__ import annotations

from chassis.service import Service
from contracts.prequal import v1
from prequal import door, handlers, store

SERVICE = Service(
    name="prequal",
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
    from prequal.settings import Settings  # noqa: PLC0415 - likewise

    process.main("prequal", "prequal", Settings, SERVICE, alongside=[door.open_door])
