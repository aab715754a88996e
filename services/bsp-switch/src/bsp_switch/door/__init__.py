"""The HTTP door of `bsp-switch`: documents of consents, persons, and lookups with proof (ADR 0014, 0016)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from bsp_switch import store
from bsp_switch.door import heirs, person_store, wishes
from chassis import parking
from chassis.door import papers
from chassis.record import Record
from chassis.service import Raw
from contracts.bsp_switch import v1
from contracts.message import Event
from contracts.values import Role

if TYPE_CHECKING:
    from chassis.door.gate import Caller
    from chassis.door.papers import Paper
    from chassis.door.serving import Door
    from chassis.process import Process


def _opened(record: Record) -> Iterable[Raw]:
    yield from papers.opened(record) if "paper" in json.loads(record.value) else wishes.opened(record)


def _said(event: Event) -> Iterable[str]:
    match event:
        case v1.DocumentReceived():
            yield papers.line(event.document_id, event.sha256)
        case v1.DocumentDiscarded():
            yield papers.discarded_line(event.document_id)
        case v1.PersonErased():
            yield from (papers.discarded_line(id_) for id_ in event.documents)
        case _:
            return


RAW = {parking.INTERNAL: _opened}
EVIDENCE = {papers.TABLE: papers.evidence(_said), person_store.TABLE: person_store.EVIDENCE}


async def stands(connection: AsyncConnection, id_: str) -> papers.Stands:
    """What has been decided about a document."""
    state = await papers.own_state(connection, store.DOCUMENT, id_)
    if state is None:
        return "unknown"
    return "discarded" if not state.stands else "referred" if state.referred else "received"


async def may_read(connection: AsyncConnection, paper: Paper, caller: Caller) -> bool:
    """Whether another than who brought it in may: once a consent names it, the TSO, and whose consent it is now."""
    state = await papers.own_state(connection, store.DOCUMENT, paper.id)
    if state is None or not state.stands or not state.referred:
        return False
    return Role.TSO in caller.roles or await heirs.now(connection, paper.party) == caller.party


def door() -> Door:
    """The door as this service has it."""
    from bsp_switch.door.desks import beside  # noqa: PLC0415 - brings a server, which a test of the rules does not need
    from chassis.door.serving import Door  # noqa: PLC0415 - likewise

    return Door("bsp-switch", store.PARTY_KEY, store.PARTY, stands, may_read, beside=beside())


async def open_door(running: Process) -> None:
    """Keep the door open as long as the process lives."""
    await door().attend(running)
