"""Less of an approval, or none any more: by its BSP, or by the TSO (D4, D16)."""

from __future__ import annotations

from typing import NamedTuple

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import rules
from prequal.domain.application import Application
from prequal.domain.approval import Basis
from prequal.domain.power import Power


class By(NamedTuple):
    """Who wishes it: the TSO may for any group, a BSP for its own."""

    gln: str
    is_tso: bool


def approved_of(state: Application | None, by: By, *, reasons: str) -> Application:
    """The application that stands, of a group that this party may speak for, with reasons.

    Refuses with APPROVAL_UNKNOWN (also where it is another's: it is not revealed), APPROVAL_REASON_MISSING.
    """
    if state is None or state.status != "admitted" or not (by.is_tso or state.bsp == by.gln):
        raise rules.APPROVAL_UNKNOWN.refused(path="/subject")
    if not reasons.strip():
        raise rules.APPROVAL_REASON_MISSING.refused(path="/reasons")
    return state


def decide(state: Application | None, command: v1.ReduceApproval, *, by: By, basis: Basis | None) -> list[Event]:
    """So much stays approved; what is more than that is free.

    Refuses with APPROVAL_UNKNOWN, APPROVAL_REASON_MISSING, NOT_A_REDUCTION, REDUCED_BELOW_MINIMUM.
    """
    application = approved_of(state, by, reasons=command.reasons)
    assert basis is not None, "what is approved has a group"
    former, power = application.approved, Power(command.up_w, command.down_w)
    rules.refuse_above(rules.NOT_A_REDUCTION, power, limit=former)
    if power == former:
        raise rules.NOT_A_REDUCTION.refused(
            path=rules.larger(power), limit=former.size_w, actual=power.size_w, unit="W"
        )
    if power.size_w < basis.minimum_w:
        raise rules.REDUCED_BELOW_MINIMUM.refused(
            path=rules.larger(power), limit=basis.minimum_w, actual=power.size_w, unit="W"
        )
    return [
        v1.ApprovalReduced(
            group_id=application.group_id,
            application_id=application.application_id,
            bsp=application.bsp,
            dsos=basis.grid.dsos,
            zone=application.zone,
            by=by.gln,
            reasons=command.reasons,
            approved_up_w=power.up_w,
            approved_down_w=power.down_w,
            former_up_w=former.up_w,
            former_down_w=former.down_w,
            reserved_w=power.size_w,
            released_w=former.size_w - power.size_w,
            minimum_w=basis.minimum_w,
        )
    ]
