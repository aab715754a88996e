"""The HTTP door of `meter-ingest`, the way out: values, sums, and exports of many values (ADR 0035).

Every answer goes by what the caller may read (`permission.readable`), and is written down for the end user. What there
is not, and what is not the caller's, are answered alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from meter_ingest import store

if TYPE_CHECKING:
    from chassis.door.serving import Door
    from chassis.process import Process

NAME = "meter-ingest"
A_MINUTE = 1200
"""Requests of one party: who wants more orders an export."""


def door() -> Door:
    """The door as this service has it: no documents, and what `desks` has."""
    from chassis.door.gate import Limits  # noqa: PLC0415 - brings a server, which a test of the rules does not need
    from chassis.door.serving import Beside, Door  # noqa: PLC0415 - likewise
    from meter_ingest.out import desks  # noqa: PLC0415 - likewise

    limits = Limits(seconds=600, a_minute=A_MINUTE)
    return Door(NAME, store.PARTY_KEY, store.PARTY, limits=limits, beside=Beside(desks.routes))


async def open_door(running: Process) -> None:
    """Keep the door open as long as the process lives."""
    await door().attend(running)
