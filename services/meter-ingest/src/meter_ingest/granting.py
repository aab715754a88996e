"""Third parties' access: what the case shard does with its commands, with facts about end users, and as time passes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch.v1 import EndUserEndRecorded, SupplyRecorded
from contracts.meter_ingest import v1
from meter_ingest import store
from meter_ingest.domain import blocks, granted, granting, return_addresses, supplied
from meter_ingest.domain.grants import DataAccess
from meter_ingest.handlers import POLICIES_NEEDED, Needed, policies_in_force


async def request(work: Work, incoming: Incoming[v1.RequestDataAccess]) -> None:
    """A third party asks."""
    policies = await policies_in_force(work)
    addresses = await work.load(store.RETURN_ADDRESSES, incoming.sender)
    await work.append(
        *granting.decide_request(
            await work.load(store.DATA_ACCESS, incoming.subject),
            incoming.data,
            id_=incoming.subject,
            third_party=incoming.sender,
            addresses=addresses.allowed if addresses else (),
            at=incoming.at,
            answer_days=policies.whole("data-access.answer-working-days", at=incoming.at),
            history_years=policies.whole("data-access.history-years", at=incoming.at),
        )
    )


def request_needs(incoming: Incoming[v1.RequestDataAccess]) -> Needed:
    """The access, and the third party's addresses."""
    return (
        *POLICIES_NEEDED,
        (store.DATA_ACCESS, (incoming.subject,)),
        (store.RETURN_ADDRESSES, (incoming.sender,)),
    )


async def approve(work: Work, incoming: Incoming[v1.ApproveDataAccess]) -> None:
    """The end user lets it; what it covers of the point is said at once."""
    state = await work.load(store.DATA_ACCESS, incoming.subject)
    timeline = await _timeline(work, state.metering_point_id) if state else ()
    policies = await policies_in_force(work)
    events = granting.decide_approve(
        state,
        _by(incoming),
        timeline=timeline,
        at=incoming.at,
        warn_days=policies.whole("data-access.warn-days", at=incoming.at),
    )
    await work.append(*events)
    await _place_all(work, incoming.subject)


async def reject(work: Work, incoming: Incoming[v1.RejectDataAccess]) -> None:
    """The end user does not let it."""
    state = await work.load(store.DATA_ACCESS, incoming.subject)
    timeline = await _timeline(work, state.metering_point_id) if state else ()
    await work.append(*granting.decide_reject(state, _by(incoming), timeline=timeline, at=incoming.at))


async def revoke(work: Work, incoming: Incoming[v1.RevokeDataAccess]) -> None:
    """It ends now."""
    state = await work.load(store.DATA_ACCESS, incoming.subject)
    await work.append(*granting.decide_revoke(state, _by(incoming), at=incoming.at))


async def change(work: Work, incoming: Incoming[v1.ChangeDataAccess]) -> None:
    """Another level and end."""
    policies = await policies_in_force(work)
    await work.append(
        *granting.decide_change(
            await work.load(store.DATA_ACCESS, incoming.subject),
            incoming.data,
            _by(incoming),
            at=incoming.at,
            warn_days=policies.whole("data-access.warn-days", at=incoming.at),
            answer_days=policies.whole("data-access.answer-working-days", at=incoming.at),
        )
    )
    await _place_all(work, incoming.subject)


def access_needs(incoming: Incoming[Any]) -> Needed:
    """The access; its point is known when it is loaded."""
    return ((store.DATA_ACCESS, (incoming.subject,)),)


def changing_needs(incoming: Incoming[Any]) -> Needed:
    """The same, with policies."""
    return (*POLICIES_NEEDED, *access_needs(incoming))


async def allow(work: Work, incoming: Incoming[v1.AllowReturnAddress]) -> None:
    """A third party may have end users sent back there."""
    await work.append(
        *return_addresses.decide_allow(
            await work.load(store.RETURN_ADDRESSES, incoming.subject),
            incoming.data,
            third_party=incoming.subject,
            party=await work.load(store.PARTY, incoming.subject),
        )
    )


def allow_needs(incoming: Incoming[v1.AllowReturnAddress]) -> Needed:
    """The addresses, and the party."""
    return ((store.RETURN_ADDRESSES, (incoming.subject,)), (store.PARTY, (incoming.subject,)))


async def withdraw(work: Work, incoming: Incoming[v1.WithdrawReturnAddress]) -> None:
    """It may not any more."""
    state = await work.load(store.RETURN_ADDRESSES, incoming.subject)
    await work.append(*return_addresses.decide_withdraw(state, incoming.data, third_party=incoming.subject))


def withdraw_needs(incoming: Incoming[v1.WithdrawReturnAddress]) -> Needed:
    """The addresses."""
    return ((store.RETURN_ADDRESSES, (incoming.subject,)),)


# What is said of end users


async def supply_recorded(work: Work, incoming: Incoming[SupplyRecorded]) -> None:
    """Somebody else stands behind a point, or not: what accesses cover of it is said anew."""
    point = incoming.data.metering_point_id
    index = granted.of_point({(block := blocks.block_of(point)): await work.load(store.GRANTED, block)}, point)
    end_users = {one.end_user for one in await _timeline(work, point)}
    by = await work.load_many(store.GRANTED_BY, sorted(end_users))
    further = (id_ for one in by.values() if one for id_ in one.data_access_ids)
    await _place(work, dict.fromkeys((*index, *further)), point)


def supply_needs(incoming: Incoming[SupplyRecorded]) -> Needed:
    """The block's point, and what its end user has approved."""
    block = blocks.block_of(incoming.data.metering_point_id)
    return ((store.SUPPLY, (block,)), (store.GRANTED, (block,)), (store.GRANTED_BY, (incoming.data.end_user,)))


async def end_user_ended(work: Work, incoming: Incoming[EndUserEndRecorded]) -> None:
    """An end user is no more, or is after all: its accesses end, or go on."""
    by = await work.load(store.GRANTED_BY, incoming.data.end_user)
    found = await work.load_many(store.DATA_ACCESS, by.data_access_ids if by else ())
    for state in found.values():
        if state is not None:
            await work.append(*granting.decide_end_user(state, ended_from=incoming.data.ended_from))
            for point in state.points:
                await _place(work, (state.data_access_id,), point)


def end_user_needs(incoming: Incoming[EndUserEndRecorded]) -> Needed:
    """What it has approved."""
    return ((store.GRANTED_BY, (incoming.data.end_user,)),)


async def _place_all(work: Work, id_: str) -> None:
    """Say what an access covers of its point, and of all that its end user came to, where its term is another now."""
    state = await work.load(store.DATA_ACCESS, id_)
    if state is None or state.approved_at is None:
        return
    behind = await work.load(store.BEHIND, state.end_user) if state.future_points else None
    for point in dict.fromkeys((state.metering_point_id, *state.points, *(behind.points if behind else ()))):
        await _place(work, (id_,), point)


async def _place(work: Work, ids: Iterable[str], point: str) -> None:
    """Say what has changed in what accesses cover of a point."""
    block, timeline = blocks.block_of(point), await _timeline(work, point)
    said = granted.of_point({block: await work.load(store.GRANTED, block)}, point)
    found = await work.load_many(store.DATA_ACCESS, ids)
    for id_, state in found.items():
        if state is not None:
            await work.append(*granting.decide_placed(state, point, said.get(id_), timeline))


async def _timeline(work: Work, point: str) -> tuple[supplied.Supply, ...]:
    block = blocks.block_of(point)
    return supplied.of_point({block: await work.load(store.SUPPLY, block)}, point)


def _by(incoming: Incoming[Any]) -> granting.By:
    return granting.By(incoming.sender, incoming.sender_role, incoming.data.end_user)


# As time passes


async def lapse_due(work: Work, due: Due) -> None:
    """Nobody has answered."""
    await work.append(*granting.lapsed(await _standing(work, due)))


async def warning_due(work: Work, due: Due) -> None:
    """Its end is near."""
    await work.append(*granting.approached(await _standing(work, due)))


async def expiry_due(work: Work, due: Due) -> None:
    """Its term is over."""
    await work.append(*granting.expired(await _standing(work, due)))


async def _standing(work: Work, due: Due) -> DataAccess:
    state = await work.load(store.DATA_ACCESS, due.id)
    assert state is not None
    return state


COMMANDS = {
    v1.RequestDataAccess: On(request, request_needs),
    v1.ApproveDataAccess: On(approve, changing_needs),
    v1.RejectDataAccess: On(reject, access_needs),
    v1.RevokeDataAccess: On(revoke, access_needs),
    v1.ChangeDataAccess: On(change, changing_needs),
    v1.AllowReturnAddress: On(allow, allow_needs),
    v1.WithdrawReturnAddress: On(withdraw, withdraw_needs),
}
REACTIONS = {
    SupplyRecorded: On(supply_recorded, supply_needs),
    EndUserEndRecorded: On(end_user_ended, end_user_needs),
}
DEADLINES = {
    store.ACCESS_LAPSE: lapse_due,
    store.ACCESS_WARNING: warning_due,
    store.ACCESS_EXPIRY: expiry_due,
}
