"""What is approved being less, or ending: by the BSP, by the TSO, or with its group."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.service import Due, Incoming, On
from chassis.work import Work
from contracts.message import Command
from contracts.prequal import v1
from contracts.values import Role
from prequal import store
from prequal.domain import approval, reduction
from prequal.domain.application import Application
from prequal.domain.reduction import By
from prequal.handlers import following
from prequal.handlers.loading import POLICIES_NEEDED, Needs, basis_of, there


def needs_approval(incoming: Incoming[Any]) -> Needs:
    """What stands for the group."""
    yield store.APPROVAL, (incoming.subject,)
    yield from POLICIES_NEEDED


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
    await following.deliverable_changed(work, incoming.subject, at=incoming.at)
    if there(admitted).kind == "flexibility-group":
        await following.serve(work, there(admitted).zone, at=incoming.at)


async def end_approval(work: Work, incoming: Incoming[v1.EndApproval]) -> None:
    """An approval is given up by its BSP, or ended by the TSO."""
    by = _by(incoming)
    admitted = await _admitted(work, incoming.subject)
    approved = reduction.approved_of(admitted, by, reasons=incoming.data.reasons)
    await following.end_approval(
        work,
        approved.group_id,
        because="tso" if by.is_tso else "given-up",
        by=by.gln,
        reasons=incoming.data.reasons,
        at=incoming.at,
    )


async def step_is_near(work: Work, due: Due) -> None:
    """A step that is to be lost has come near."""
    state = there(await work.load(store.APPROVAL, due.id))
    application = await _admitted(work, due.id)
    if application is None:
        await work.append(v1.MegawattStepLookSet(group_id=due.id, look_at=None))
        return
    basis = await basis_of(work, due.id, at=due.at)
    await work.append(*approval.decide_near(state, application=application, basis=basis))


async def end_with_group(work: Work, group_id: str, *, at: datetime) -> None:
    """A group is no more: nothing can be waited for, so its approval ends at once, without a grace period (D8)."""
    if await _admitted(work, group_id) is not None:
        await following.end_approval(work, group_id, because="group-ended", at=at)


COMMANDS: dict[type[Command], On] = {
    v1.ReduceApproval: On(reduce_approval, needs_approval),
    v1.EndApproval: On(end_approval, needs_approval),
}
DEADLINES = {store.STEP_LOOK: step_is_near}
