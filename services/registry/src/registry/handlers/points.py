"""Metering points. Load, decide, append."""

from __future__ import annotations

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.registry import v1
from contracts.values import Role
from registry import store
from registry.domain import area_points, facts, location, sleep
from registry.handlers.fit import follow
from registry.handlers.needs import Wanted


async def record_metering_point(work: Work, message: Incoming[v1.RecordMeteringPoint]) -> Answer:
    """Take in a fact, whatever it names."""
    wish = message.data
    from_datahub = message.sender_role == Role.DATAHUB
    state = await work.load(store.METERING_POINT, message.subject)
    events = facts.decide_record(
        state.facts if state else (),
        metering_point_id=message.subject,
        wish=wish,
        from_datahub=from_datahub,
        by_dso=message.sender if message.sender_role == Role.DSO else None,
        area=await work.load(store.GRID_AREA, wish.grid_area),
        nace_given=state.nace_given if state else {},
    )
    await work.append(*events)
    await follow(work, (message.subject,), at=message.at)
    state = await work.load(store.METERING_POINT, message.subject)
    if state is not None and state.resources and (state.asleep or not all(fact.active for fact in state.facts)):
        # By what it is now the point may be closed at other times than before.
        resources = await work.load_many(store.RESOURCE, state.resources)
        holder = await work.load(store.HOLDER, message.subject)
        await work.append(*sleep.decide_sleep(resources, holder=holder, point=state, at=message.at))
    return Answer(facts.notices(state.facts if state else (), wish, from_datahub=from_datahub))


def needs_record_metering_point(message: Incoming[v1.RecordMeteringPoint]) -> Wanted:
    """The point and its area."""
    yield store.METERING_POINT, (message.subject,)
    yield store.GRID_AREA, (message.data.grid_area,)
    yield store.AREA_POINTS, area_points.branches_of(message.data.grid_area, message.subject)


async def decide_nace(work: Work, message: Incoming[v1.DecideNace]) -> None:
    """A person says which code a code became."""
    state = await work.load(store.METERING_POINT, message.subject)
    events = facts.decide_nace(
        state.facts if state else (),
        metering_point_id=message.subject,
        wish=message.data,
        by_dso=None if message.sender_role == Role.OPERATOR else message.sender,
        at=message.at,
    )
    await work.append(*events)


def needs_decide_nace(message: Incoming[v1.DecideNace]) -> Wanted:
    """The point."""
    yield store.METERING_POINT, (message.subject,)


async def record_location(work: Work, message: Incoming[v1.RecordLocation]) -> Answer:
    """Keep what someone says of where a point lies."""
    wish = message.data
    state = await work.load(store.METERING_POINT, message.subject)
    events = location.decide_record(
        state,
        metering_point_id=message.subject,
        wish=wish,
        by=message.sender,
        role=message.sender_role,
        at=message.at,
    )
    await work.append(*events)
    await follow(work, (message.subject,), at=message.at)
    known = wish.substation_id is not None and await work.load(store.SUBSTATION, wish.substation_id) is not None
    state = await work.load(store.METERING_POINT, message.subject)
    assert state is not None
    return Answer(location.notices(state, wish, by=message.sender, substation_known=known, at=message.at))


def needs_record_location(message: Incoming[v1.RecordLocation]) -> Wanted:
    """The point and the substation."""
    yield store.METERING_POINT, (message.subject,)
    yield store.SUBSTATION, (message.data.substation_id,) if message.data.substation_id else ()


COMMANDS = {
    v1.RecordMeteringPoint: On(record_metering_point, needs_record_metering_point),
    v1.DecideNace: On(decide_nace, needs_decide_nace),
    v1.RecordLocation: On(record_location, needs_record_location),
}
