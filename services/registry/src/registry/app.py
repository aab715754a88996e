"""The service `registry`: what it decides and what it listens to."""

from __future__ import annotations

from chassis.service import Service
from contracts.registry import v1
from registry import handlers, store
from registry.settings import Settings

SERVICE = Service(
    name="registry",
    kinds=store.KINDS,
    receipt=v1.Receipt,
    commands=handlers.COMMANDS,
    reactions=handlers.REACTIONS,
    deadlines=handlers.DEADLINES,
)


def main() -> None:
    """Run the process in the role that the command line names."""
    from chassis import process  # noqa: PLC0415 - brings the broker and the database, which a rule test does not need

    process.main("registry", "registry", Settings, SERVICE)
