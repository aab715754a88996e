"""Large metering points that take part individually. Load, decide, append."""

from __future__ import annotations

from dataclasses import replace

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from registry import store
from registry.domain import regulation_object
from registry.handlers import policies
from registry.handlers.loading import candidates, is_taken, terms_at
from registry.handlers.needs import Wanted


async def form_regulation_object(work: Work, message: Incoming[v1.FormRegulationObject]) -> None:
    """Let a large point take part individually."""
    (candidate,) = await candidates(work, (message.data.metering_point_id,), at=message.at)
    events = regulation_object.decide_form(
        object_id=message.subject,
        bsp=message.sender,
        taken=await is_taken(work, message.subject),
        wish=message.data,
        point=candidate.point,
        holder=candidate.holder,
        terms=await terms_at(work, message.at),
        at=message.at,
    )
    await work.append(*events)


def needs_form_regulation_object(message: Incoming[v1.FormRegulationObject]) -> Wanted:
    """The id, the point, and who holds it."""
    point = (message.data.metering_point_id,)
    yield store.GROUP, (message.subject,)
    yield store.REGULATION_OBJECT, (message.subject,)
    yield store.METERING_POINT, point
    yield store.HOLDER, point
    yield store.SUPPLY, point
    yield store.STANDING, (message.subject[-1:],)
    yield from policies.NEEDED


async def end_regulation_object(work: Work, message: Incoming[v1.EndRegulationObject]) -> None:
    """End it at a midnight."""
    state = await work.load(store.REGULATION_OBJECT, message.subject)
    if state is not None and (holder := await work.load(store.HOLDER, state.metering_point_id)) is not None:
        state = replace(state, bsp=holder.now(state.bsp, message.at))
    events = regulation_object.decide_end(
        state, object_id=message.subject, bsp=message.sender, valid_to=message.data.valid_to, at=message.at
    )
    await work.append(*events)


def needs_end_regulation_object(message: Incoming[v1.EndRegulationObject]) -> Wanted:
    """The object."""
    yield store.REGULATION_OBJECT, (message.subject,)


async def object_ends(work: Work, due: Due) -> None:
    """Its last moment has come."""
    state = await work.load(store.REGULATION_OBJECT, due.id)
    if state is not None:
        holder = await work.load(store.HOLDER, state.metering_point_id)
        state = replace(state, bsp=holder.now(state.bsp, due.at)) if holder is not None else state
        await work.append(*regulation_object.decide_over(state, object_id=due.id))


COMMANDS = {
    v1.FormRegulationObject: On(form_regulation_object, needs_form_regulation_object),
    v1.EndRegulationObject: On(end_regulation_object, needs_end_regulation_object),
}
DEADLINES = {store.OBJECT_ENDS: object_ends}
