"""Switches: requested, moved, cancelled, effective; and objections to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bsp_switch import store
from bsp_switch.domain import merger, objection, rows, switch, switching
from bsp_switch.handlers.following import settle
from bsp_switch.handlers.identity import on_new
from bsp_switch.handlers.loading import (
    POLICIES,
    Wanted,
    acting,
    grounds,
    needs_points,
    standings,
    successions,
    terms,
)
from chassis.service import Answer, Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1
from contracts.message import Event


async def request_switch(work: Work, command: Incoming[v1.RequestSwitch]) -> Answer:
    """Announce the switch of what can be switched."""
    data, at = command.data, command.at
    merger.refuse_merged(await successions(work, (command.sender,)), bsp=command.sender, at=at)
    state = await work.load(store.SWITCH, command.subject)
    requested = switching.decide_request(
        state,
        data,
        switch_id=command.subject,
        incoming=command.sender,
        grounds=await grounds(work, data.metering_points, bsp=command.sender, start=data.start),
        at=at,
        terms=await terms(work, at=at),
    )
    return await _asked(work, requested, at=at)


def needs_request(command: Incoming[v1.RequestSwitch | v1.ExtendSwitch]) -> Wanted:
    """The switch, and all about the points that their ids alone tell."""
    yield store.SWITCH, (command.subject,)
    yield from needs_points(command.data.metering_points, bsp=command.sender)
    yield from POLICIES


async def extend_switch(work: Work, command: Incoming[v1.ExtendSwitch]) -> Answer:
    """Announce further points of the BSP's own switch."""
    data, at = command.data, command.at
    state = switch.announced(await _own(work, command))
    extended = switching.decide_extend(
        state,
        data,
        switch_id=command.subject,
        incoming=command.sender,
        grounds=await grounds(work, data.metering_points, bsp=command.sender, start=state.start),
        at=at,
        terms=await terms(work, at=at),
    )
    return await _asked(work, extended, at=at)


async def _own(
    work: Work, command: Incoming[v1.ExtendSwitch] | Incoming[v1.MoveSwitch] | Incoming[v1.CancelSwitch]
) -> switch.Switch:
    state = await work.load(store.SWITCH, command.subject)
    incoming = await acting(work, state.incoming, at=command.at) if state else None
    return switch.own(state, sender=command.sender, incoming=incoming)


async def _asked(work: Work, asked: rows.Rows[Event], *, at: datetime) -> Answer:
    await work.append(*asked.decided)
    announced = (event.subject for event in asked.decided if isinstance(event, v1.SwitchAnnounced))
    await settle(work, announced, at=at)
    return Answer((*switching.waits(asked.decided), *asked.reasons), asked.refused)


async def move_switch(work: Work, command: Incoming[v1.MoveSwitch]) -> None:
    """Announce its points anew."""
    data, at = command.data, command.at
    state = switch.announced(await _own(work, command))
    events = switching.decide_move(
        state,
        data,
        switch_id=command.subject,
        incoming=command.sender,
        grounds=await grounds(work, state.concerned, bsp=command.sender, start=data.start),
        at=at,
        terms=await terms(work, at=at),
    )
    await work.append(*events)
    await settle(work, state.concerned, at=at)


def needs_move(command: Incoming[v1.MoveSwitch]) -> Wanted:
    """The switch; it says what its points are."""
    yield store.SWITCH, (command.subject,)
    yield from POLICIES


async def cancel_switch(work: Work, command: Incoming[v1.CancelSwitch]) -> Answer:
    """Take points out of the BSP's own switch."""
    state = switch.to_come(await _own(work, command), at=command.at)
    return await _cancel(work, command, state)


async def cancel_by_operator(work: Work, command: Incoming[v1.CancelSwitchByOperator]) -> Answer:
    """Take points out of a switch."""
    state = switch.to_come(await work.load(store.SWITCH, command.subject), at=command.at)
    return await _cancel(work, command, state)


async def _cancel(
    work: Work, command: Incoming[v1.CancelSwitch] | Incoming[v1.CancelSwitchByOperator], state: switch.Switch
) -> Answer:
    points = switching.named(state, command.data.metering_points)
    cancelled = switching.decide_cancel(
        state, command.data, switch_id=command.subject, standings=await standings(work, points)
    )
    await work.append(*cancelled.decided)
    await settle(work, (event.subject for event in cancelled.decided), at=command.at)
    return Answer(cancelled.reasons, cancelled.refused)


def needs_cancel(command: Incoming[v1.CancelSwitch | v1.CancelSwitchByOperator]) -> Wanted:
    """The switch, and the points that are named."""
    yield store.SWITCH, (command.subject,)
    yield from needs_points(command.data.metering_points)


async def object_to_switch(work: Work, command: Incoming[v1.ObjectToSwitch]) -> Answer:
    """Tell everyone concerned that points of the switch are disputed."""
    of = await work.load(store.SWITCH, command.data.switch_id)
    disputed = objection.decide_object(
        await work.load(store.OBJECTION, command.subject),
        switch.as_of(of, await successions(work, of.parties), at=command.at) if of else None,
        command.data,
        objection_id=command.subject,
        sender=command.sender,
        role=command.sender_role,
        at=command.at,
    )
    await work.append(*disputed.decided)
    return Answer(disputed.reasons, disputed.refused)


def needs_object(command: Incoming[v1.ObjectToSwitch]) -> Wanted:
    """The objection and the switch."""
    yield store.OBJECTION, (command.subject,)
    yield store.SWITCH, (command.data.switch_id,)


async def resolve_objection(work: Work, command: Incoming[v1.ResolveObjection]) -> None:
    """Say what came of the objection; what is upheld does not pass."""
    state = objection.open_one(await work.load(store.OBJECTION, command.subject))
    of = await work.load(store.SWITCH, state.switch_id)
    assert of is not None
    events = objection.decide_resolve(
        replace(state, by=await acting(work, state.by, at=command.at)),
        switch.as_of(of, await successions(work, of.parties), at=command.at),
        command.data,
        objection_id=command.subject,
        standings=await standings(work, state.metering_points),
    )
    await work.append(*events)
    cancelled = (event.subject for event in events if isinstance(event, v1.SwitchCancelled | v1.SwitchLapsed))
    await settle(work, cancelled, at=command.at)


def needs_resolve(command: Incoming[v1.ResolveObjection]) -> Wanted:
    """The objection; it says what switch it is about."""
    yield store.OBJECTION, (command.subject,)


async def switch_midnight(work: Work, due: Due) -> None:
    """Say that the switch has taken effect."""
    state = await work.load(store.SWITCH, due.id)
    assert state is not None
    now = switch.as_of(state, await successions(work, state.parties), at=due.at)
    incoming = await work.load(store.PARTY, now.incoming)
    await work.append(*switch.decide_effect(now, switch_id=due.id, incoming=incoming))


async def objections_due(work: Work, due: Due) -> None:
    """Remind the TSO of what it has not decided."""
    state = await work.load(store.SWITCH, due.id)
    assert state is not None
    await work.append(*switch.decide_reminder(state, switch_id=due.id))


async def switch_lapse(work: Work, due: Due) -> None:
    """What the switch still waits for has not come in time."""
    state = await work.load(store.SWITCH, due.id)
    assert state is not None
    await settle(work, tuple(state.waiting), at=due.at)


COMMANDS = {
    v1.RequestSwitch: on_new(store.SWITCH, request_switch, needs_request),
    v1.ExtendSwitch: On(extend_switch, needs_request),
    v1.MoveSwitch: On(move_switch, needs_move),
    v1.CancelSwitch: On(cancel_switch, needs_cancel),
    v1.CancelSwitchByOperator: On(cancel_by_operator, needs_cancel),
    v1.ObjectToSwitch: on_new(store.OBJECTION, object_to_switch, needs_object),
    v1.ResolveObjection: On(resolve_objection, needs_resolve),
}
DEADLINES = {
    store.SWITCH_MIDNIGHT: switch_midnight,
    store.SWITCH_LAPSE: switch_lapse,
    store.OBJECTIONS_DUE: objections_due,
}
