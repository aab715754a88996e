"""The catalogue of products, and who is qualified for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from contracts.message import Event
from contracts.prequal import v1
from prequal.domain import rules


@dataclass(frozen=True, slots=True)
class Product:
    """A product as it is offered, or was; and the BSPs that are qualified for it, in order of GLN."""

    terms: v1.ProductTerms
    offered: bool = True
    bsps: tuple[v1.QualifiedBsp, ...] = ()


def known(state: Product | None, code: str) -> Product | None:
    """A product as it stands: one that a register opens with needs no event."""
    if state is None and (terms := v1.FIRST_PRODUCTS.get(code)):
        return Product(terms)
    return state


def evolve(state: Product | None, event: object) -> Product | None:
    """Fold an own event."""
    match event:
        case v1.ProductOffered():
            return Product(event.terms, bsps=state.bsps if state else ())
        case v1.ProductClosed():
            before = known(state, event.product)
            return replace(before, offered=False) if before else None
        case v1.QualifiedBspsListed():
            before = known(state, event.product)
            return replace(before, bsps=event.bsps) if before else None
        case _:
            return state


def decide_offer(command: v1.OfferProduct, *, code: str) -> list[Event]:
    """The TSO adds a product, opens it again, or changes its terms; what was decided on other terms stands."""
    return [v1.ProductOffered(product=code, terms=command.terms)]


def decide_withdraw(state: Product | None, command: v1.WithdrawProduct, *, code: str) -> list[Event]:
    """The TSO closes a product. Refuses with PRODUCT_NOT_OFFERED."""
    offered(state, code, path="/subject")
    return [v1.ProductClosed(product=code, reasons=command.reasons)]


def offered(state: Product | None, code: str, *, path: str = "/product") -> Product:
    """The product, which must be open. Refuses with PRODUCT_NOT_OFFERED."""
    found = known(state, code)
    if found is None or not found.offered:
        raise rules.PRODUCT_NOT_OFFERED.refused(path=path, actual=code)
    return found


def listed(
    state: Product | None, *, code: str, bsp: str, qualified: bool, at: datetime, until: datetime | None = None
) -> list[Event]:
    """What everyone is told once a BSP is qualified from `at`, or no longer; nothing where that changes nothing."""
    before = known(state, code)
    former = before.bsps if before else ()
    since = next((one.valid_from for one in former if one.bsp == bsp), at)
    others = [one for one in former if one.bsp != bsp]
    if qualified:
        others.append(v1.QualifiedBsp(bsp=bsp, valid_from=since, valid_to=until))
    now = tuple(sorted(others, key=lambda one: one.bsp))
    return [] if now == former else [v1.QualifiedBspsListed(product=code, bsps=now)]
