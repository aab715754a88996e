"""Caps, who waits for room, and what everyone is told of a zone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from chassis.service import Answer, Due, Incoming, On
from chassis.work import Work
from contracts import values
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import zone
from prequal.handlers.following import deliverable_changed, serve
from prequal.handlers.loading import POLICIES_NEEDED, Needs, there

What = TypeVar("What")


def needs_cap(incoming: Incoming[Any]) -> Needs:
    """The zone."""
    yield store.ZONE, (incoming.subject,)
    yield from POLICIES_NEEDED


async def set_zone_cap(work: Work, incoming: Incoming[v1.SetZoneCap]) -> None:
    """The TSO sets a zone's cap; where it holds now, who waits is served."""
    state = await work.load(store.ZONE, incoming.subject)
    named = values.BiddingZone(incoming.subject)
    await work.append(*zone.decide_cap(state, incoming.data, zone=named, at=incoming.at))
    await serve(work, incoming.subject, at=incoming.at)


async def withdraw_zone_cap(work: Work, incoming: Incoming[v1.WithdrawZoneCap]) -> None:
    """The TSO takes back a cap that has not begun."""
    state = await work.load(store.ZONE, incoming.subject)
    named = values.BiddingZone(incoming.subject)
    await work.append(*zone.decide_withdraw_cap(state, incoming.data, zone=named, at=incoming.at))


async def cap_changes(work: Work, due: Due) -> None:
    """Another cap holds from now on; who waits is served."""
    state = there(await work.load(store.ZONE, due.id))
    await work.append(*zone.decide_change(state, at=due.at))
    await serve(work, due.id, at=due.at)


async def queued_falls_below_minimum(work: Work, due: Due) -> None:
    """A midnight has come at which a waiting group can deliver too little."""
    state = there(await work.load(store.APPLICATION, due.id))
    await deliverable_changed(work, state.group_id, at=due.at)


# What everyone is told


def telling(handlers: Mapping[What, On]) -> dict[What, On]:
    """The same handlers; whatever one does to a zone, everyone is told once what came of it (R24)."""
    return {what: replace(on, handler=_then_tell(on.handler)) for what, on in handlers.items()}


def telling_when_due(
    handlers: Mapping[str, Callable[[Work, Due], Awaitable[None]]],
) -> dict[str, Callable[[Work, Due], Awaitable[None]]]:
    """The same for deadlines."""

    def then_tell(handler: Callable[[Work, Due], Awaitable[None]]) -> Callable[[Work, Due], Awaitable[None]]:
        async def told(work: Work, due: Due) -> None:
            await handler(work, due)
            await _tell(work)

        return told

    return {name: then_tell(handler) for name, handler in handlers.items()}


def _then_tell(
    handler: Callable[[Work, Incoming[Any]], Awaitable[Answer | None]],
) -> Callable[[Work, Incoming[Any]], Awaitable[Answer | None]]:
    async def told(work: Work, incoming: Incoming[Any]) -> Answer | None:
        answer = await handler(work, incoming)
        await _tell(work)
        return answer

    return told


async def _tell(work: Work) -> None:
    for kind, id_ in work.changed:
        # A zone that has no cap yet is nothing to be told of.
        if kind == store.ZONE.name and (state := await work.load(store.ZONE, id_)):
            await work.append(*zone.decide_tell(state))


COMMANDS: dict[type[Command], On] = {
    v1.SetZoneCap: On(set_zone_cap, needs_cap),
    v1.WithdrawZoneCap: On(withdraw_zone_cap, needs_cap),
}
DEADLINES = {store.CAP_CHANGE: cap_changes, store.QUEUE_LAPSE: queued_falls_below_minimum}
