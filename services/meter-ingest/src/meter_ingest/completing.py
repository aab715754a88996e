"""Completeness as it changes: what each input changes in the book, what is said of it, who is reminded.

Whatever an input is, the blocks that it touches are counted anew, and only those (`domain/owed.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chassis.service import Answer, Due, Incoming, Kind
from chassis.work import Work
from contracts.meter_ingest.v1 import (
    CloseChannels,
    CompletenessCounted,
    DeclareDelay,
    LiftDelay,
    OpenChannels,
    ValuesAccepted,
)
from contracts.registry.v1 import (
    MemberPowerChanged,
    MemberRelocated,
    MeteringPointRecorded,
)
from contracts.values import Role
from meter_ingest import store
from meter_ingest.domain import blocks, completeness, control, counts, days, delivery, known, lines, owed, received
from meter_ingest.handlers import POLICIES_NEEDED, Needed, policies_in_force

_MOST_BACK = timedelta(days=62)
"""How far back what was counted moves when channels, places or holders change: further than a boundary can (D14)."""

Handler = Callable[[Work, Incoming[Any]], Awaitable[Answer | None]]
Days = Iterable[tuple[date, str]]
"""Local days of `block|line`."""


# What changes the counts


def values_needs(incoming: Incoming[ValuesAccepted]) -> Needed:
    """The blocks that a record touches, and where their points are."""
    touched = received.names(incoming.data)
    series = {name for _, name in touched}
    named = {name.partition("|")[0] for name in series}
    # What has come is named by whoever looks for activations.
    yield store.COUNTED, [blocks.key(*one) for one in touched]
    yield store.BLOCK, sorted(series)
    for kind in _PLACED:
        yield kind, sorted(named)


async def values_came(work: Work, incoming: Incoming[ValuesAccepted]) -> None:
    """Values came: their blocks' days are counted."""
    await _count(work, incoming.id, incoming.at, days_of=received.names(incoming.data))


def with_channels(decide: Handler) -> Handler:
    """Open or close channels, and count what is expected then."""

    async def decided(work: Work, incoming: Incoming[OpenChannels | CloseChannels]) -> Answer | None:
        answer = await decide(work, incoming)
        command = incoming.data
        since = command.valid_from if isinstance(command, OpenChannels) else command.valid_to
        line = lines.line(command.direction, command.product)
        series = [blocks.key(block, line) for block in blocks.by_block(command.metering_points)]
        await _count(work, incoming.id, incoming.at, series=series, days_of=_since(since, incoming.at, series))
        return answer

    return decided


def channels_needs(needs: Callable[[Incoming[Any]], Needed]) -> Callable[[Incoming[Any]], Needed]:
    """What deciding on channels needs, and counting them."""

    def named(incoming: Incoming[OpenChannels | CloseChannels]) -> Needed:
        yield from needs(incoming)
        command = incoming.data
        line = lines.line(command.direction, command.product)
        found = list(blocks.by_block(command.metering_points))
        yield store.EXPECTED, [blocks.key(block, line) for block in found]
        for kind in _PLACED:
            yield kind, found

    return named


def place_needs(incoming: Incoming[Any]) -> Needed:
    """Whether the point's block has channels at all."""
    yield store.LINES, (blocks.block_of(incoming.data.metering_point_id),)


async def place_changed(work: Work, incoming: Incoming[Any]) -> None:
    """Where a point lies, who holds it, or its group is said otherwise: what was counted since moves."""
    event: Any = incoming.data
    block = blocks.block_of(event.metering_point_id)
    found = await work.load(store.LINES, block)
    if found is None:
        return
    series = [blocks.key(block, line) for line in found.names]
    if isinstance(event, control.OfControl):
        since = control.since(event, await work.load(store.CONTROL, block))
    elif isinstance(event, MeteringPointRecorded):
        since = event.valid_from
    elif isinstance(event, MemberPowerChanged | MemberRelocated):
        # Neither its group nor where the point lies by what is said of the point itself.
        return
    else:
        memberships = await work.load(store.MEMBERSHIPS, block)
        since = known.since(event, memberships.groups.get(event.group_id) if memberships else None)
        if since is None:
            return
    counted = await _count(work, incoming.id, incoming.at, series=series, days_of=_since(since, incoming.at, series))
    if isinstance(event, MeteringPointRecorded):
        await _remind(work, event.metering_point_id, series, counted, at=incoming.at)


def counted_since(at: datetime) -> date:
    """From which day on what was counted moves at once."""
    return days.day_at(at - _MOST_BACK).date


async def count_earlier(work: Work, point: str, some: Sequence[date], *, at: datetime) -> None:
    """What a point is was said otherwise of days before those: they are counted, some at a time."""
    found = await work.load(store.LINES, blocks.block_of(point))
    if found is None or not some:
        return
    series = [blocks.key(blocks.block_of(point), line) for line in found.names]
    cause = blocks.key("recount", point, some[0], at.isoformat())
    counted = await _count(work, cause, at, days_of=[(day, name) for day in some for name in series])
    await _remind(work, point, series, counted, at=at)


async def _remind(
    work: Work, point: str, series: Sequence[str], counted: Iterable[CompletenessCounted], *, at: datetime
) -> None:
    """What a point is was said otherwise of days past, and what had come of it counts no longer."""
    fewer = {
        (one.scope.partition("/")[2], one.date)
        for event in counted
        for one in event.days
        if one.change.complete_series < 0 and one.scope.startswith(blocks.scope("dso", ""))
    }
    for dso, local in sorted(fewer):
        state = await work.load(store.DELIVERY, dso)
        waits = state is not None and (state.holds_back(local) or state.missing.get(local) is not None)
        if waits or days.complete_by(local) > at:
            continue
        await work.append(
            *completeness.decide_reminded(
                completeness.Completeness(dso, blocks=tuple(series)),
                local=local,
                channels=await work.load_many(store.BLOCK, series),
                received=await work.load_many(store.RECEIVED, [blocks.key(local, name) for name in series]),
                points=await work.load_many(store.POINTS, [blocks.block_of(point)]),
                again_at=await _again_at(work, local, at),
                only=point,
            )
        )


_PLACED: tuple[Kind[Any], ...] = (store.POINTS, store.CONTROL, store.MEMBERSHIPS)


async def _count(
    work: Work, cause: str, at: datetime, *, days_of: Days, series: Iterable[str] = ()
) -> Sequence[CompletenessCounted]:
    """Count blocks' days anew, and what is expected of blocks; then say what changed."""
    touched, expecting = list(dict.fromkeys(days_of)), list(series)
    keys = {one: blocks.key(*one) for one in touched}
    arrived = await work.load_many(store.RECEIVED, keys.values())
    came = [one for one in touched if arrived[keys[one]] is not None]
    named = dict.fromkeys((*expecting, *(block for _, block in came)))
    channels = await work.load_many(store.BLOCK, named)
    where = await _where(work, {name.partition("|")[0] for name in named})
    counted = await work.load_many(store.COUNTED, (keys[one] for one in came))
    expected = await work.load_many(store.EXPECTED, expecting)
    events = owed.decide_counted(
        cause,
        now={
            (day, name): counts.of_block(day, line, channels[name], arrived[keys[day, name]], where[block])
            for day, name in came
            for block, _, line in (name.partition("|"),)
        },
        before={one: counted[keys[one]] for one in came},
        expected={
            name: counts.expected_of_block(line, channels[name], where[block])
            for name in expecting
            for block, _, line in (name.partition("|"),)
        },
        expected_before=expected,
    )
    changed = [(one.scope, one.date) for event in events for one in event.days]
    # At once, not one by one as they are folded.
    owing = (one.scope for event in events for one in (*event.days, *event.expected))
    await work.load_many(store.OWED, dict.fromkeys(owing))
    await work.load_many(store.SCOPE_DAY, (owed.name(*one) for one in changed))
    await work.append(*events)
    await _say(work, changed, at=at)
    return events


async def _where(work: Work, named: Iterable[str]) -> Mapping[str, counts.Where]:
    found = sorted(named)
    points = await work.load_many(store.POINTS, found)
    controls = await work.load_many(store.CONTROL, found)
    memberships = await work.load_many(store.MEMBERSHIPS, found)
    return {block: counts.Where(block, points[block], controls[block], memberships[block]) for block in found}


def _since(since: datetime, at: datetime, series: Iterable[str]) -> list[tuple[date, str]]:
    """The days that have begun since a moment, of each block."""
    first = max(since, at - _MOST_BACK)
    return [(day.date, name) for day in days.days(first, at) for name in series] if first < at else []


# What is said


async def _say(work: Work, changed: Iterable[tuple[str, date]], *, at: datetime) -> None:
    for scope, local in changed:
        events = await _decide_changed(work, scope, local, at=at)
        await work.append(*events)
        kind, _, dso = scope.partition("/")
        if kind == "dso" and events and events[0].complete_series >= events[0].expected_series:
            state = await work.load(store.DELIVERY, dso)
            await work.append(*delivery.decide_arrived(state, dso, [local], at=at))


async def _decide_changed(work: Work, scope: str, local: date, *, at: datetime, deadline: bool = False) -> list[Any]:
    kind, _, id_ = scope.partition("/")
    dso = {"dso": id_, "grid-area": id_.rpartition("/")[2]}.get(kind)
    group = await work.load(store.GROUP, id_) if kind == "group" else None
    delay = await work.load(store.DELIVERY, dso) if dso else None
    return owed.decide_changed(
        scope,
        local,
        owed=await work.load(store.OWED, scope),
        state=await work.load(store.SCOPE_DAY, owed.name(scope, local)),
        bsp=group.bsp if group else None,
        delayed=delay is not None and delay.holds_back(local),
        at=at,
        deadline=deadline,
    )


async def day_due(work: Work, due: Due) -> None:
    """07:00: how the day before stands, for a scope."""
    state = await work.load(store.OWED, due.id)
    local = owed.next_day(state) if state else None
    assert local is not None
    await work.append(*await _decide_changed(work, due.id, local, at=due.at, deadline=True))


# Reminders


async def completeness_due(work: Work, due: Due) -> None:
    """07:00: how complete a DSO's day before is, and a reminder where something is missing."""
    state = await work.load(store.COMPLETENESS, due.id)
    local = completeness.next_day(state) if state else None
    assert state is not None
    assert local is not None
    standing = await work.load(store.DELIVERY, due.id)
    await work.append(
        *completeness.decide_published(
            state,
            local=local,
            channels=await work.load_many(store.BLOCK, state.blocks),
            received=await work.load_many(store.RECEIVED, (blocks.key(local, name) for name in state.blocks)),
            points=await _points(work, state),
            reminded=standing is None or not standing.holds_back(local),
            again_at=await _again_at(work, local, due.at),
        )
    )


async def reminder_due(work: Work, due: Due) -> None:
    """A DSO is reminded again of what is missing still; where nothing is, it owes nothing any more."""
    state = await work.load(store.DELIVERY, due.id)
    owing = await work.load(store.COMPLETENESS, due.id)
    assert state is not None
    assert owing is not None
    channels = await work.load_many(store.BLOCK, owing.blocks)
    points = await _points(work, owing)
    for local in delivery.due_days(state, due.at):
        arrived = await work.load_many(store.RECEIVED, (blocks.key(local, name) for name in owing.blocks))
        reminders = completeness.decide_reminded(
            owing,
            local=local,
            channels=channels,
            received=arrived,
            points=points,
            again_at=await _again_at(work, local, due.at),
        )
        ended = delivery.decide_arrived(state, due.id, [local], at=due.at, because="not-owed")
        await work.append(*(reminders or ended))


async def _points(work: Work, owing: completeness.Completeness) -> Mapping[str, known.Points | None]:
    """What the points are whose channels a DSO has."""
    return await work.load_many(store.POINTS, dict.fromkeys(name.partition("|")[0] for name in owing.blocks))


async def _again_at(work: Work, local: date, at: datetime) -> datetime | None:
    in_force = await policies_in_force(work)
    return delivery.again_at(
        local,
        at,
        every=in_force.whole("completeness.remind-every-days", at=at),
        last=in_force.whole("completeness.remind-last-days", at=at),
    )


# Delays


def delay_needs(incoming: Incoming[DeclareDelay | LiftDelay]) -> Needed:
    """The DSO, and what it owes."""
    return *POLICIES_NEEDED, (store.PARTY, (incoming.subject,)), (store.DELIVERY, (incoming.subject,))


async def declare_delay(work: Work, incoming: Incoming[DeclareDelay]) -> None:
    """A DSO's values will be late."""
    in_force = await policies_in_force(work)
    await work.append(
        *delivery.decide_declared(
            await work.load(store.DELIVERY, incoming.subject),
            incoming.data,
            dso=incoming.subject,
            by=_by(incoming),
            party=await work.load(store.PARTY, incoming.subject),
            at=incoming.at,
            most=in_force.whole("completeness.delay-max-days", at=incoming.at),
        )
    )


async def lift_delay(work: Work, incoming: Incoming[LiftDelay]) -> None:
    """They are late no longer."""
    await work.append(
        *delivery.decide_lifted(
            await work.load(store.DELIVERY, incoming.subject),
            dso=incoming.subject,
            by=_by(incoming),
            party=await work.load(store.PARTY, incoming.subject),
            at=incoming.at,
        )
    )


async def delay_due(work: Work, due: Due) -> None:
    """A delay's term is over: reminders begin again."""
    state = await work.load(store.DELIVERY, due.id)
    assert state is not None
    await work.append(delivery.lifted(state, due.id, "term-over", at=due.at))


def _by(incoming: Incoming[Any]) -> delivery.By:
    return delivery.By(incoming.sender, is_tso=incoming.sender_role == Role.TSO)
