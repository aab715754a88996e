"""What the case shard does with its inputs: load, decide, append."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from chassis.service import Answer, Due, Incoming, Kind
from chassis.work import Work
from contracts import policies
from contracts.meter_ingest.v1 import (
    CloseChannels,
    OpenChannels,
    OrderActivation,
    SetValidationRule,
    SetValueRetention,
    ValuesAccepted,
)
from contracts.policies import Policies
from contracts.values import Role
from meter_ingest import store
from meter_ingest.domain import (
    activation,
    blocks,
    channel,
    control,
    days,
    lines,
    received,
    retention,
    validation,
    verification,
)
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.arrived import Arrived, arrived
from meter_ingest.domain.series import SeriesDay
from meter_ingest.domain.values import Reading, Version


class Values(Protocol):
    """Reads values, which are in no document.

    What it gives depends on its arguments alone: only versions that the shards' positions in `as_of` cover, so that a
    decision taken again is the same.
    """

    async def read(
        self, points: Sequence[str], line: str, start: datetime, end: datetime, *, as_of: Mapping[str, int]
    ) -> Mapping[str, Reading]:
        """What counts in a window of whole quarters, by point; a point that nothing came of may be left out."""
        ...

    async def energies(
        self, points: Sequence[str], line: str, first: date, last: date, *, as_of: Mapping[str, int]
    ) -> Mapping[str, Mapping[date, int]]:
        """What counts of each whole local day in [first, last), in Wh, by point; a day with a hole is left out."""
        ...

    async def versions(self, keys: Sequence[SeriesDay], *, as_of: Mapping[str, int]) -> Sequence[Version]:
        """All versions of some days of points and lines."""
        ...


_MOST_BACK = timedelta(days=3 * 365)
"""How far back it is looked for what was verified: values are corrected no further either (`values.max-age-years`)."""

Needed = Iterable[tuple[Kind[Any], Iterable[str]]]
POLICIES_NEEDED = ((store.POLICIES, (policies.ID,)), (store.CHANGED_POLICIES, (policies.ID,)))


async def policies_in_force(work: Work) -> Policies:
    """The policies, as they are known now: what the register opened with, and what was changed since."""
    return policies.known(
        await work.load(store.POLICIES, policies.ID), await work.load(store.CHANGED_POLICIES, policies.ID)
    )


# Channels


def list_needs(incoming: Incoming[OpenChannels | CloseChannels]) -> Needed:
    """The points, their channels, and where those are folded into."""
    command = incoming.data
    named = list(blocks.by_block(command.metering_points))
    return (
        *POLICIES_NEEDED,
        (store.POINTS, named),
        (store.CHANNEL, command.metering_points),
        (store.BLOCK, [blocks.key(block, lines.line(command.direction, command.product)) for block in named]),
        (store.COMPLETENESS, (incoming.sender,)),
        (store.EXPIRY, store.EXPIRIES),
    )


async def open_channels(work: Work, incoming: Incoming[OpenChannels]) -> Answer:
    """A DSO will send values of these points."""
    command = incoming.data
    decided = channel.decide_open(
        command,
        sender=incoming.sender,
        points=await work.load_many(store.POINTS, blocks.by_block(command.metering_points)),
        channels=await work.load_many(store.CHANNEL, command.metering_points),
        at=incoming.at,
        freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
    )
    await work.append(*decided.events)
    return Answer(tuple(decided.reasons.values()), tuple(decided.rows))


async def close_channels(work: Work, incoming: Incoming[CloseChannels]) -> Answer:
    """A DSO sends no values of these points any more."""
    command = incoming.data
    decided = channel.decide_close(
        command,
        sender=incoming.sender,
        points=await work.load_many(store.POINTS, blocks.by_block(command.metering_points)),
        channels=await work.load_many(store.CHANNEL, command.metering_points),
        at=incoming.at,
        freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
    )
    await work.append(*decided.events)
    return Answer(tuple(decided.reasons.values()), tuple(decided.rows))


# How long values are kept


def retention_needs(incoming: Incoming[SetValueRetention]) -> Needed:
    """The points, how their values are kept, and what is gone already."""
    points = incoming.data.metering_points
    named = list(blocks.by_block(points))
    return (
        (store.POINTS, named),
        (store.RETENTION, named),
        (store.EXPIRY, store.EXPIRIES),
        (store.CHANNEL, points),
    )


async def set_value_retention(work: Work, incoming: Incoming[SetValueRetention]) -> Answer:
    """A DSO keeps values of its points longer, or the TSO of any."""
    command = incoming.data
    named = list(blocks.by_block(command.metering_points))
    decided = retention.decide_set(
        command,
        sender=incoming.sender,
        of_all=incoming.sender_role == Role.TSO,
        points=await work.load_many(store.POINTS, named),
        retentions=await work.load_many(store.RETENTION, named),
        expired=retention.expired_of((await work.load_many(store.EXPIRY, store.EXPIRIES)).items()),
        at=incoming.at,
    )
    await work.append(*decided.events)
    return Answer(tuple(decided.reasons.values()), tuple(decided.rows))


async def expiry_due(work: Work, due: Due) -> None:
    """A month begins: what of a class is kept no longer."""
    state = await work.load(store.EXPIRY, due.id)
    assert state is not None
    keep_years = retention.NAMED[due.id]
    years = (await policies_in_force(work)).whole(retention.POLICY[keep_years], at=due.at)
    await work.append(retention.decide_expired(keep_years, state, years=years, at=due.at))


# Validation


def rule_needs(_incoming: Incoming[SetValidationRule]) -> Needed:
    """All that was set of validation rules."""
    return ((store.VALIDATION, (validation.ID,)),)


async def set_validation_rule(work: Work, incoming: Incoming[SetValidationRule]) -> Answer:
    """The TSO changes a validation rule."""
    event = validation.decide_set(
        await work.load(store.VALIDATION, validation.ID),
        key=incoming.subject,
        wish=incoming.data,
        by=incoming.sender,
        at=incoming.at,
    )
    await work.append(event)
    return Answer(validation.notices(event))


# Activations


def order_needs(incoming: Incoming[OrderActivation]) -> Needed:
    """The activation, its group, and what may be delivered and bid."""
    group = (incoming.data.group_id,)
    return (store.ACTIVATION, (incoming.subject,)), (store.GROUP, group), (store.APPROVAL, group)


async def order_activation(work: Work, incoming: Incoming[OrderActivation]) -> Answer:
    """The TSO has ordered an activation."""
    events, notices = activation.decide_ordered(
        await work.load(store.ACTIVATION, incoming.subject),
        incoming.data,
        activation_id=incoming.subject,
        group=await work.load(store.GROUP, incoming.data.group_id),
        approval=await work.load(store.APPROVAL, incoming.data.group_id),
        at=incoming.at,
    )
    await work.append(*events)
    return Answer(notices)


def values_needs(incoming: Incoming[ValuesAccepted]) -> Needed:
    """Where what came is noted, and which activations it may touch."""
    names = [blocks.key(*one) for one in received.names(incoming.data)]
    return (
        *POLICIES_NEEDED,
        (store.HEARD, ("values",)),
        (store.RECEIVED, names),
        (store.WATCHED, [name.rpartition("|")[0] for name in names]),
    )


@dataclass(frozen=True, slots=True)
class Verifying:
    """The handlers that read values."""

    values: Values

    async def values_accepted(self, work: Work, incoming: Incoming[ValuesAccepted]) -> None:
        """Verify each activation of which the last expected value has come, or an already verified one was revised."""
        for activation_id, points in (await _touched(work, incoming.data)).items():
            state = await work.load(store.ACTIVATION, activation_id)
            if state is None or state.bsp is None or points.isdisjoint(state.points):
                continue
            whole = (state.run is None or not state.run.complete) and await _all_there(work, state)
            if whole or state.run is not None:
                await self._verify(work, state, "complete" if whole else "revision", at=incoming.at)

    async def verification_due(self, work: Work, due: Due) -> None:
        """09:00 on the day after: verify with what there is."""
        state = await work.load(store.ACTIVATION, due.id)
        assert state is not None
        await self._verify(work, state, "deadline", at=due.at)

    async def control_changed(self, work: Work, incoming: Incoming[control.OfControl]) -> None:
        """Who holds a point is said otherwise of what has been: what was verified since is verified anew."""
        event, at = incoming.data, incoming.at
        since = max(control.since(event), at - _MOST_BACK)
        if since >= at:
            return
        block = blocks.block_of(event.metering_point_id)
        touched = await work.load_many(store.WATCHED, (blocks.key(day.date, block) for day in days.days(since, at)))
        named = dict.fromkeys(key for watched in touched.values() if watched for key in watched.windows)
        for activation_id in named:
            state = await work.load(store.ACTIVATION, activation_id)
            if state is not None and state.run is not None and event.metering_point_id in state.points:
                await self._verify(work, state, "revision", at=at)

    async def _verify(self, work: Work, state: Activation, because: verification.Because, *, at: datetime) -> None:
        controls = await work.load_many(store.CONTROL, blocks.by_block(state.points))
        held = verification.concerned(state, state.points, controls)
        named = blocks.by_block(held)
        channels = await work.load_many(
            store.BLOCK, (blocks.key(block, line) for block in named for line in verification.LINES)
        )
        heard = await work.load(store.HEARD, "values")
        start, end = activation.window_of(state.start, state.end)
        readings: dict[tuple[str, str], Reading] = {}
        for line, points in verification.with_channel(state, held, channels).items():
            if not points:
                continue
            found = await self.values.read(points, line, start, end, as_of=heard.positions if heard else {})
            for point in points:
                readings[point, line] = found.get(point) or verification.nothing(start, end)
        in_force = await policies_in_force(work)
        await work.append(
            *verification.decide_verified(
                state,
                because=because,
                readings=readings,
                held=held,
                tolerance_pct=str(in_force.value("verification.tolerance-pct", at=at)),
            )
        )


async def _touched(work: Work, event: ValuesAccepted) -> dict[str, set[str]]:
    """The activations whose window a record changed anything in, with the points it brought there."""
    by_block: dict[str, list[Arrived]] = {}
    for came in arrived(event):
        if came.changed:
            for day in days.days(came.start, came.end):
                for block in came.places:
                    by_block.setdefault(blocks.key(day.date, block), []).append(came)
    touched: dict[str, set[str]] = {}
    for key, watched in (await work.load_many(store.WATCHED, by_block)).items():
        block = key.rpartition("|")[2]
        for activation_id, (start, end) in watched.windows.items() if watched else ():
            some = [came.places[block] for came in by_block[key] if came.start < end and start < came.end]
            if points := {block + place for places in some for place in places}:
                touched.setdefault(activation_id, set()).update(points)
    return touched


async def _all_there(work: Work, state: Activation) -> bool:
    """Whether the last expected value has come, of the points that its BSP holds.

    As values mostly come in the order of their points, the last block is looked at first: as long as it waits, nothing
    else is loaded.
    """
    named = list(blocks.by_block(state.points).items())
    touched = days.days(*activation.window_of(state.start, state.end))
    for some in (named[-1:], named[:-1]):
        series = [blocks.key(block, line) for block, _ in some for line in verification.LINES]
        channels = await work.load_many(store.BLOCK, series)
        received = await work.load_many(
            store.RECEIVED, (blocks.key(day.date, name) for day in touched for name in series)
        )
        controls = await work.load_many(store.CONTROL, (block for block, _ in some))
        held = [list(verification.concerned(state, points, controls)) for _, points in reversed(some)]
        if not all(verification.all_there(state, points, channels, received) for points in held if points):
            return False
    return True
