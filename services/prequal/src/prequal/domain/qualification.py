"""Qualification of a BSP for a product (R41): it applies, the TSO decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import rules


@dataclass(frozen=True, slots=True)
class Qualification:
    """One application to be qualified."""

    bsp: str
    product: v1.Product
    contact_email: str
    contract_reference: str
    status: Literal["requested", "qualified", "not-qualified"] = "requested"


def evolve(state: Qualification | None, event: object) -> Qualification | None:
    """Fold an own event."""
    match event:
        case v1.QualificationRequested():
            return Qualification(event.bsp, event.product, event.contact_email, event.contract_reference)
        case v1.QualificationDecided() if state:
            return Qualification(
                state.bsp, state.product, state.contact_email, state.contract_reference, event.decision
            )
        case _:
            return state


@dataclass(frozen=True, slots=True)
class Bsp:
    """What a BSP is qualified for."""

    qualified: tuple[v1.Product, ...] = ()


def evolve_bsp(state: Bsp | None, event: v1.QualificationDecided) -> Bsp:
    """Fold `QualificationDecided`; the last decision for a product counts."""
    others = tuple(product for product in (state or Bsp()).qualified if product != event.product)
    return Bsp((*others, event.product) if event.decision == "qualified" else others)


def decide_apply(command: v1.ApplyForQualification, *, qualification_id: str, bsp: str, taken: bool) -> list[Event]:
    """A BSP applies. `taken`: the id belongs to something already. Refuses with ID_NOT_AVAILABLE."""
    if taken:
        raise rules.ID_NOT_AVAILABLE.refused(path="/subject")
    return [
        v1.QualificationRequested(
            qualification_id=qualification_id,
            bsp=bsp,
            product=command.product,
            contact_email=command.contact_email,
            contract_reference=command.contract_reference,
        )
    ]


def decide(state: Qualification | None, command: v1.DecideQualification, *, qualification_id: str) -> list[Event]:
    """The TSO decides, once. Refuses with QUALIFICATION_UNKNOWN, QUALIFICATION_ALREADY_DECIDED."""
    if state is None:
        raise rules.QUALIFICATION_UNKNOWN.refused()
    if state.status != "requested":
        raise rules.QUALIFICATION_ALREADY_DECIDED.refused(actual=state.status)
    return [
        v1.QualificationDecided(
            qualification_id=qualification_id,
            bsp=state.bsp,
            product=state.product,
            decision=command.decision,
            reasons=command.reasons,
        )
    ]
