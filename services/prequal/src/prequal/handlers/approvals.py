"""What is approved being less, or ending: by the BSP, by the TSO, or with its group."""

from __future__ import annotations

from typing import Any

from chassis.service import Incoming, On
from chassis.work import Work
from contracts.message import Command, Event
from contracts.prequal import v1
from contracts.registry import v1 as registry
from contracts.values import Role
from prequal import store
from prequal.domain import approval, reduction
from prequal.domain.application import Application
from prequal.domain.reduction import By
from prequal.handlers.following import deliverable_changed, serve
from prequal.handlers.loading import POLICIES_NEEDED, Needs, basis_of, there


def needs_approval(incoming: Incoming[Any]) -> Needs:
    """What stands for the group."""
    yield store.APPROVAL, (incoming.subject,)
    yield from POLICIES_NEEDED


def needs_ended(incoming: Incoming[registry.GroupEnded]) -> Needs:
    """What stands for the group."""
    yield store.APPROVAL, (incoming.data.group_id,)


async def _admitted(work: Work, group_id: str) -> Application | None:
    """The application that a group is approved by."""
    standing = await work.load(store.APPROVAL, group_id)
    return await work.load(store.APPLICATION, standing.admitted) if standing and standing.admitted else None


def _by(incoming: Incoming[Any]) -> By:
    return By(incoming.sender, is_tso=incoming.sender_role == Role.TSO)


async def reduce_approval(work: Work, incoming: Incoming[v1.ReduceApproval]) -> None:
    """Less is approved: what may be bid follows, and who waits is served."""
    admitted = await _admitted(work, incoming.subject)
    basis = await basis_of(work, incoming.subject, at=incoming.at) if admitted else None
    await work.append(*reduction.decide(admitted, incoming.data, by=_by(incoming), basis=basis))
    await deliverable_changed(work, incoming.subject, at=incoming.at)
    await serve(work, there(admitted).zone, at=incoming.at)


async def end_approval(work: Work, incoming: Incoming[v1.EndApproval]) -> None:
    """An approval is given up by its BSP, or ended by the TSO."""
    by = _by(incoming)
    admitted = await _admitted(work, incoming.subject)
    approved = reduction.approved_of(admitted, by, reasons=incoming.data.reasons)
    await work.append(
        *approval.decide_end(
            there(await work.load(store.APPROVAL, incoming.subject)),
            application=approved,
            basis=await basis_of(work, incoming.subject, at=incoming.at),
            because="tso" if by.is_tso else "given-up",
            by=by.gln,
            reasons=incoming.data.reasons,
        )
    )
    await serve(work, approved.zone, at=incoming.at)


async def group_ended(work: Work, incoming: Incoming[registry.GroupEnded]) -> None:
    """A group is no more: nothing can be waited for, so its approval ends at once, without a grace period (D8)."""
    group_id = incoming.data.group_id
    admitted = await _admitted(work, group_id)
    if admitted is None:
        return
    await work.append(
        *approval.decide_end(
            there(await work.load(store.APPROVAL, group_id)),
            application=admitted,
            basis=await basis_of(work, group_id, at=incoming.at),
            because="group-ended",
        )
    )
    await serve(work, admitted.zone, at=incoming.at)


COMMANDS: dict[type[Command], On] = {
    v1.ReduceApproval: On(reduce_approval, needs_approval),
    v1.EndApproval: On(end_approval, needs_approval),
}
REACTIONS: dict[type[Event], On] = {registry.GroupEnded: On(group_ended, needs_ended)}
