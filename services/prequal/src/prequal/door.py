"""The HTTP door of `prequal`: documents come in here, and whoever is entitled reads them (ADR 0014)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import parking
from chassis.door import papers
from contracts.message import Event
from contracts.prequal import v1
from contracts.values import Role
from prequal import store

if TYPE_CHECKING:
    from chassis.door.gate import Caller
    from chassis.door.papers import Paper
    from chassis.door.serving import Door
    from chassis.process import Process


def _said(event: Event) -> Iterable[str]:
    match event:
        case v1.DocumentReceived():
            yield papers.line(event.document_id, event.sha256)
        case v1.DocumentDiscarded():
            yield papers.discarded_line(event.document_id)
        case _:
            return


RAW = {parking.INTERNAL: papers.opened}
EVIDENCE = {papers.TABLE: papers.evidence(_said)}


async def stands(connection: AsyncConnection, id_: str) -> papers.Stands:
    """What has been decided about a document."""
    state = await papers.own_state(connection, store.DOCUMENT, id_)
    if state is None:
        return "unknown"
    return "discarded" if state.discarded else "referred" if state.cases else "received"


async def may_read(connection: AsyncConnection, paper: Paper, caller: Caller) -> bool:
    """Whether another than who brought it in may read it.

    The TSO, as soon as it is evidence; a DSO that is asked where it is evidence that DSOs may see.
    """
    state = await papers.own_state(connection, store.DOCUMENT, paper.id)
    if state is None or state.discarded:
        return False
    if Role.TSO in caller.roles and state.cases:
        return True
    if Role.DSO in caller.roles:
        for on in (on for on, visible in state.cases.items() if visible):
            application = await papers.own_state(connection, store.APPLICATION, on)
            grid = await papers.own_state(connection, store.GRID, application.group_id) if application else None
            if grid is not None and caller.party in grid.parts:
                return True
    return False


def door() -> Door:
    """The door as this service has it."""
    from chassis.door.serving import Door  # noqa: PLC0415 - brings a server, which a test of the rules does not need

    return Door("prequal", store.PARTY_KEY, store.PARTY, stands, may_read)


async def open_door(running: Process) -> None:
    """Keep the door open as long as the process lives."""
    await door().attend(running)
