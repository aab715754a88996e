"""What BSPs do with their applications, and the TSO's word on whether they are complete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import Answer, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from prequal import store
from prequal.domain import application_completeness as completeness
from prequal.domain import applying, concentration, restricting, restriction, rules
from prequal.domain.application import Application, in_turn
from prequal.domain.product import known
from prequal.handlers.following import ask_dsos, ask_more, release_more, serve
from prequal.handlers.loading import POLICIES_NEEDED, Needs, dsos_of, is_taken, policies_at, there


def needs_apply(incoming: Incoming[v1.ApplyForPrequalification]) -> Needs:
    """Whatever may have this id, the BSP, and the group."""
    yield store.BSP, (incoming.sender,)
    yield store.PRODUCT, (incoming.data.product,)
    yield store.RESTRICTIONS_ON, (restriction.of("bsp", incoming.sender),)
    yield store.APPLICATION, (incoming.subject,)
    yield store.QUALIFICATION, (incoming.subject,)
    yield store.GROUP, (incoming.subject, incoming.data.group_id)
    yield store.APPROVAL, (incoming.data.group_id,)
    yield store.GRID, (incoming.data.group_id,)
    yield store.SPREAD, (incoming.data.group_id,)
    yield store.RECOGNISED, (incoming.sender,)
    yield store.DOCUMENT, (incoming.subject, *(one.document_id for one in incoming.data.evidence))
    yield from POLICIES_NEEDED


def needs_evidence(incoming: Incoming[v1.CompleteApplication | v1.AmendApplication]) -> Needs:
    """The application, and the documents that are named."""
    yield store.DOCUMENT, (one.document_id for one in incoming.data.evidence or ())
    yield from needs_application(incoming)


def needs_application(incoming: Incoming[Any]) -> Needs:
    """The application."""
    yield store.APPLICATION, (incoming.subject,)
    yield from POLICIES_NEEDED


async def terms_of(
    work: Work,
    incoming: Incoming[Any],
    *,
    bsp: str | None = None,
    documents: Iterable[v1.Evidence] = (),
    product: str | None = None,
) -> applying.Terms:
    """What a decision is made with, with a BSP's evidence and the documents that it names where they are asked for."""
    return applying.Terms(
        policies=await policies_at(work),
        at=incoming.at,
        position=incoming.position,
        recognised=await work.load(store.RECOGNISED, bsp) if bsp else None,
        product=known(await work.load(store.PRODUCT, product), product) if product else None,
        documents=await work.load_many(store.DOCUMENT, (one.document_id for one in documents)),
    )


async def own(work: Work, incoming: Incoming[Any]) -> Application:
    """The application of a BSP's command, which is its own and has its turn."""
    return in_turn(await work.load(store.APPLICATION, incoming.subject), incoming.data, bsp=incoming.sender)


async def apply_for_prequalification(work: Work, incoming: Incoming[v1.ApplyForPrequalification]) -> Answer:
    """A BSP applies for a group or a single point; the DSOs concerned are asked, each for its own points."""
    command = incoming.data
    bsp = await work.load(store.BSP, incoming.sender)
    group = await work.load(store.GROUP, command.group_id)
    standing = await work.load(store.APPROVAL, command.group_id)
    on_bsp = await work.load(store.RESTRICTIONS_ON, restriction.of("bsp", incoming.sender))
    suspensions = await work.load_many(store.RESTRICTION, on_bsp.ids if on_bsp else ())
    restricting.check_may_apply(suspensions.values(), product=command.product, bsp=incoming.sender)
    await work.append(
        *applying.decide_apply(
            command,
            application_id=incoming.subject,
            bsp=incoming.sender,
            taken=await is_taken(work, incoming.subject),
            qualified=bsp.qualified_for(incoming.at) if bsp else (),
            group=group,
            under_way=standing is not None and standing.under_way is not None,
            extends=standing.admitted if standing else None,
            terms=await terms_of(
                work, incoming, bsp=incoming.sender, documents=command.evidence, product=command.product
            ),
        )
    )
    received = there(await work.load(store.APPLICATION, incoming.subject))
    spread = await work.load(store.SPREAD, command.group_id)
    await work.append(*concentration.decide(received, spread, terms=await terms_of(work, incoming)))
    await ask_dsos(work, command.group_id, because="application", at=incoming.at)
    await ask_more(work, incoming.subject, at=incoming.at)
    former = await work.load(store.APPLICATION, received.extends) if received.extends else None
    noticed = await _noticed(work, incoming.subject)
    return Answer((*applying.replaces(received, former), *noticed.reasons))


async def complete_application(work: Work, incoming: Incoming[v1.CompleteApplication]) -> Answer:
    """A BSP supplies what was missing."""
    state = await own(work, incoming)
    named = (*state.evidence, *incoming.data.evidence)
    terms = await terms_of(work, incoming, bsp=state.bsp, documents=named)
    await work.append(*applying.decide_complete(state, incoming.data, terms=terms))
    await ask_more(work, incoming.subject, at=incoming.at)
    return await _noticed(work, incoming.subject)


async def amend_application(work: Work, incoming: Incoming[v1.AmendApplication]) -> Answer:
    """A BSP changes its application."""
    state = await own(work, incoming)
    group = there(await work.load(store.GROUP, state.group_id))
    named = state.evidence if incoming.data.evidence is None else incoming.data.evidence
    terms = await terms_of(work, incoming, bsp=state.bsp, documents=named)
    await work.append(*applying.decide_amend(state, incoming.data, group=group, terms=terms))
    await ask_more(work, incoming.subject, at=incoming.at)
    return await _noticed(work, incoming.subject)


async def _noticed(work: Work, application_id: str) -> Answer:
    """Accepted; where evidence is not stored, its BSP is told so."""
    state = there(await work.load(store.APPLICATION, application_id))
    count = len(state.not_stored)
    return Answer((rules.EVIDENCE_NOT_STORED.reason(path="/evidence", actual=count),) if count else ())


async def withdraw_application(work: Work, incoming: Incoming[v1.WithdrawApplication]) -> None:
    """A BSP takes an application back; who waits behind it in the queue moves up."""
    state = await own(work, incoming)
    dsos = await dsos_of(work, state.group_id)
    text = incoming.data.text
    await release_more(work, state.application_id, state.group_id)
    await work.append(*applying.decide_withdraw(state, because="withdrawn", text=text, dsos=dsos, at=incoming.at))
    if state.status == "queued":
        await serve(work, state.zone, at=incoming.at)


async def confirm_completeness(work: Work, incoming: Incoming[v1.ConfirmCompleteness]) -> None:
    """The TSO says that it is complete."""
    state = in_turn(await work.load(store.APPLICATION, incoming.subject), incoming.data)
    terms = await terms_of(work, incoming, product=state.product)
    await work.append(*completeness.decide_confirm(state, terms=terms))


async def request_missing(work: Work, incoming: Incoming[v1.RequestMissingPart]) -> None:
    """The TSO says what it lacks."""
    state = in_turn(await work.load(store.APPLICATION, incoming.subject), incoming.data)
    await work.append(*completeness.decide_request(state, incoming.data, terms=await terms_of(work, incoming)))


COMMANDS: dict[type[Command], On] = {
    v1.ApplyForPrequalification: On(apply_for_prequalification, needs_apply),
    v1.CompleteApplication: On(complete_application, needs_evidence),
    v1.AmendApplication: On(amend_application, needs_evidence),
    v1.WithdrawApplication: On(withdraw_application, needs_application),
    v1.ConfirmCompleteness: On(confirm_completeness, needs_application),
    v1.RequestMissingPart: On(request_missing, needs_application),
}
