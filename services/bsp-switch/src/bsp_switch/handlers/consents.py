"""Consents: recorded, withdrawn, run out; and what rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bsp_switch import store
from bsp_switch.domain import consent, merger
from bsp_switch.domain.consent import Consent
from bsp_switch.handlers.following import go_round, settle
from bsp_switch.handlers.identity import on_new
from bsp_switch.handlers.loading import POLICIES, Wanted, in_force, needs_points, successions
from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1


async def record_consent(work: Work, command: Incoming[v1.RecordConsent]) -> None:
    """Take the consent as it is given; what was to end for want of it goes on."""
    state, named = await work.load(store.CONSENT, command.subject), command.data.proof_document_id
    merger.refuse_merged(await successions(work, (command.sender,)), bsp=command.sender, at=command.at)
    policies = await in_force(work)
    events = consent.decide_record(
        state,
        command.data,
        consent_id=command.subject,
        bsp=command.sender,
        at=command.at,
        warn_days=policies.whole("consent.warn-days", at=command.at),
        attested=policies.value("consent.attestation", at=command.at) == "required",
        document=await work.load(store.DOCUMENT, named) if named else None,
    )
    await work.append(*events)
    await settle(work, (command.data.metering_point_id,), at=command.at)
    if command.data.future_points:
        await go_round(work, command.data.end_user, at=command.at)


def needs_record(command: Incoming[v1.RecordConsent]) -> Wanted:
    """The consent, its document, the point, and the BSP's consents for it."""
    yield store.CONSENT, (command.subject,)
    if command.data.proof_document_id:
        yield store.DOCUMENT, (command.data.proof_document_id,)
    yield from needs_points((command.data.metering_point_id,), bsp=command.sender)
    yield from POLICIES


async def withdraw_consent(work: Work, command: Incoming[v1.WithdrawConsent]) -> None:
    """End the consent now, and what rests on it at the next midnight."""
    state = await work.load(store.CONSENT, command.subject)
    events = consent.decide_withdraw(
        state,
        sender=command.sender,
        role=command.sender_role,
        at=command.at,
        successor=await _successor(work, state, at=command.at),
    )
    await work.append(*events)
    await _settle_all(work, events, at=command.at)


def needs_withdraw(command: Incoming[v1.WithdrawConsent]) -> Wanted:
    """The consent; it says what point it is about."""
    yield store.CONSENT, (command.subject,)


async def warning_due(work: Work, due: Due) -> None:
    """Warn the BSP that the consent runs out."""
    state = await work.load(store.CONSENT, due.id)
    assert state is not None
    await work.append(*consent.decide_warning(state, successor=await _successor(work, state, at=due.at)))


async def expiry_due(work: Work, due: Due) -> None:
    """The last day of the consent has begun: what rests on it alone ends with the day."""
    state = await work.load(store.CONSENT, due.id)
    assert state is not None
    events = consent.decide_expired(state, successor=await _successor(work, state, at=due.at))
    await work.append(*events)
    await _settle_all(work, events, at=due.at)


async def _successor(work: Work, state: Consent | None, *, at: datetime) -> str | None:
    if state is None:
        return None
    heir = merger.now(await successions(work, (state.bsp,)), state.bsp, at=at)
    return heir if heir != state.bsp else None


async def _settle_all(work: Work, events: Sequence[v1.ConsentWithdrawn | v1.ConsentExpired], *, at: datetime) -> None:
    """What rests on consents that have ended: at their points, and at others where they covered future ones."""
    for event in events:
        await settle(work, (event.metering_point_id,), at=at)
        if event.end_user is not None:
            await go_round(work, event.end_user, at=at)


COMMANDS = {
    v1.RecordConsent: on_new(store.CONSENT, record_consent, needs_record),
    v1.WithdrawConsent: On(withdraw_consent, needs_withdraw),
}
DEADLINES = {store.CONSENT_WARNING: warning_due, store.CONSENT_EXPIRY: expiry_due}
