"""BSPs that apply to be qualified, and what becomes of it."""

from __future__ import annotations

from typing import Any

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from contracts.values import Role
from prequal import store
from prequal.domain import communication_test, completeness, qualification, settling
from prequal.domain import product as products
from prequal.handlers.following import qualification_changed
from prequal.handlers.loading import POLICIES_NEEDED, Needs, is_taken, policies_at, there

_MAY_HAVE_THE_ID = (store.QUALIFICATION, store.APPLICATION, store.GROUP)


def needs_apply(incoming: Incoming[v1.ApplyForQualification]) -> Needs:
    """Whatever may have this id, the BSP, and the product."""
    for kind in _MAY_HAVE_THE_ID:
        yield kind, (incoming.subject,)
    yield store.BSP, (incoming.sender,)
    yield store.PRODUCT, (incoming.data.product,)
    yield from POLICIES_NEEDED


def needs_qualification(incoming: Incoming[Any]) -> Needs:
    """The qualification."""
    yield store.QUALIFICATION, (incoming.subject,)
    yield from POLICIES_NEEDED


def needs_product(incoming: Incoming[Any]) -> Needs:
    """The product."""
    yield store.PRODUCT, (incoming.subject,)


async def offer_product(work: Work, incoming: Incoming[v1.OfferProduct]) -> None:
    """The TSO adds a product, or changes one."""
    await work.append(*products.decide_offer(incoming.data, code=incoming.subject))


async def withdraw_product(work: Work, incoming: Incoming[v1.WithdrawProduct]) -> None:
    """The TSO closes a product."""
    state = await work.load(store.PRODUCT, incoming.subject)
    await work.append(*products.decide_withdraw(state, incoming.data, code=incoming.subject))


async def apply_for_qualification(work: Work, incoming: Incoming[v1.ApplyForQualification]) -> None:
    """A BSP applies to be qualified."""
    await work.append(
        *qualification.decide_apply(
            incoming.data,
            qualification_id=incoming.subject,
            bsp=incoming.sender,
            taken=await is_taken(work, incoming.subject),
            known=await work.load(store.BSP, incoming.sender),
            offered=await work.load(store.PRODUCT, incoming.data.product),
            policies=await policies_at(work),
            at=incoming.at,
        )
    )


async def complete_qualification(work: Work, incoming: Incoming[v1.CompleteQualification]) -> None:
    """A BSP adds to its application."""
    state = await _may(work, incoming)
    events = completeness.decide_complete(state, incoming.data, policies=await policies_at(work), at=incoming.at)
    await work.append(*events)


async def request_missing(work: Work, incoming: Incoming[v1.RequestMissing]) -> None:
    """The TSO finds an application incomplete."""
    state = await _may(work, incoming)
    events = completeness.decide_missing(state, incoming.data, policies=await policies_at(work), at=incoming.at)
    await work.append(*events)


async def confirm_qualification(work: Work, incoming: Incoming[v1.ConfirmQualification]) -> None:
    """The TSO finds an application complete."""
    state = await _may(work, incoming)
    offered = await work.load(store.PRODUCT, state.product)
    events = completeness.decide_confirm(state, offered=offered, policies=await policies_at(work), at=incoming.at)
    await work.append(*events)


async def start_communication_test(work: Work, incoming: Incoming[v1.StartCommunicationTest]) -> None:
    """The TSO, or the BSP itself, wants to know whether its system answers."""
    state = await _may(work, incoming)
    await work.append(
        *communication_test.decide_start(
            state.test,
            qualification_id=incoming.subject,
            bsp=state.bsp,
            policies=await policies_at(work),
            at=incoming.at,
            command_id=incoming.id,
            position=incoming.position,
        )
    )


async def answer_communication_test(work: Work, incoming: Incoming[v1.AnswerCommunicationTest]) -> None:
    """The BSP's system answers."""
    state = await _may(work, incoming)
    await work.append(
        *communication_test.decide_answer(
            state.test, incoming.data, qualification_id=incoming.subject, bsp=state.bsp, at=incoming.at
        )
    )


async def decide_qualification(work: Work, incoming: Incoming[v1.DecideQualification]) -> None:
    """The TSO decides on a BSP."""
    state = await _may(work, incoming)
    await work.append(
        *qualification.decide_decide(
            state,
            incoming.data,
            known=await work.load(store.BSP, state.bsp),
            offered=await work.load(store.PRODUCT, state.product),
            policies=await policies_at(work),
            at=incoming.at,
        )
    )
    await qualification_changed(work, state.bsp, at=incoming.at)


async def withdraw_qualification(work: Work, incoming: Incoming[v1.WithdrawQualification]) -> None:
    """A BSP takes its application back, or gives its qualification up."""
    state = await _may(work, incoming)
    offered = await work.load(store.PRODUCT, state.product)
    await work.append(*qualification.decide_withdraw(state, incoming.data, offered=offered, at=incoming.at))
    await qualification_changed(work, state.bsp, at=incoming.at)


async def revoke_qualification(work: Work, incoming: Incoming[v1.RevokeQualification]) -> None:
    """The TSO takes a qualification away."""
    state = await _may(work, incoming)
    offered = await work.load(store.PRODUCT, state.product)
    await work.append(*qualification.decide_revoke(state, incoming.data, offered=offered, at=incoming.at))
    await qualification_changed(work, state.bsp, at=incoming.at)


async def settle_condition(work: Work, incoming: Incoming[v1.SettleCondition]) -> None:
    """The TSO finds a condition met, or does without it."""
    state = await _may(work, incoming)
    await work.append(*settling.decide_settle(state, incoming.data))


async def clock_reminds(work: Work, due: Due) -> None:
    """A time limit comes near."""
    state = there(await work.load(store.QUALIFICATION, due.id))
    await work.append(*completeness.decide_reminder(state, there(state.clock)))


async def condition_falls_due(work: Work, due: Due) -> None:
    """A condition's date comes near."""
    state = there(await work.load(store.QUALIFICATION, due.id))
    await work.append(*qualification.decide_condition_reminder(state, at=due.at))


async def condition_is_due(work: Work, due: Due) -> None:
    """A condition's date has come."""
    state = there(await work.load(store.QUALIFICATION, due.id))
    await work.append(*settling.decide_overdue(state, at=due.at))


async def clock_runs_out(work: Work, due: Due) -> None:
    """A time limit is over."""
    state = there(await work.load(store.QUALIFICATION, due.id))
    offered = await work.load(store.PRODUCT, state.product)
    await work.append(*completeness.decide_due(state, there(state.clock), offered=offered))
    await qualification_changed(work, state.bsp, at=due.at)


async def no_answer_came(work: Work, due: Due) -> None:
    """Nobody answered the communication test."""
    state = there(await work.load(store.QUALIFICATION, due.id))
    await work.append(
        *communication_test.decide_no_answer(there(state.test), qualification_id=due.id, bsp=state.bsp, at=due.at)
    )


async def _may(work: Work, incoming: Incoming[Any]) -> qualification.Qualification:
    """The qualification, if this command may be sent to it now by its sender."""
    state = await work.load(store.QUALIFICATION, incoming.subject)
    by_tso = incoming.sender_role == Role.TSO or Role.BSP not in incoming.data.senders
    return qualification.may(state, incoming.data, bsp=None if by_tso else incoming.sender)


COMMANDS: dict[type[Command], On] = {
    v1.OfferProduct: On(offer_product, needs_product),
    v1.WithdrawProduct: On(withdraw_product, needs_product),
    v1.ApplyForQualification: On(apply_for_qualification, needs_apply),
    v1.CompleteQualification: On(complete_qualification, needs_qualification),
    v1.RequestMissing: On(request_missing, needs_qualification),
    v1.ConfirmQualification: On(confirm_qualification, needs_qualification),
    v1.StartCommunicationTest: On(start_communication_test, needs_qualification),
    v1.AnswerCommunicationTest: On(answer_communication_test, needs_qualification),
    v1.DecideQualification: On(decide_qualification, needs_qualification),
    v1.WithdrawQualification: On(withdraw_qualification, needs_qualification),
    v1.RevokeQualification: On(revoke_qualification, needs_qualification),
    v1.SettleCondition: On(settle_condition, needs_qualification),
}
DEADLINES = {
    store.QUALIFICATION_REMINDER: clock_reminds,
    store.CONDITION_REMINDER: condition_falls_due,
    store.CONDITION_DUE: condition_is_due,
    store.QUALIFICATION_DUE: clock_runs_out,
    store.COMMUNICATION_TEST_DUE: no_answer_came,
}
