"""What is said about the products that a BSP can qualify for: the catalogue, which the TSO keeps."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from contracts import values
from contracts.message import Audience, Command, Event, Part, everyone
from contracts.values import Role

PRODUCT_PATTERN: Final = "^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$"
_PRODUCT: Final = re.compile(PRODUCT_PATTERN[1:-1], re.ASCII).fullmatch


def product_code(text: str) -> str:
    """Check the form of a product's code; whether there is such a product is for the catalogue to say."""
    if len(text) > 40 or _PRODUCT(text) is None:
        raise PydanticCustomError("product_form", "a product's code is written like mFRR-D: letters, digits, hyphens")
    return text


Product = Annotated[
    str,
    Field(strict=True),
    AfterValidator(product_code),
    WithJsonSchema({"type": "string", "pattern": PRODUCT_PATTERN, "maxLength": 40}),
]
"""A product's code, as the catalogue has it: `mFRR`."""

BspFact = Literal[
    "contact-email",
    "contract-reference",
    "operations-contact",
    "settlement-agreement",
    "balance-responsibility",
    "trading-licence",
    "financial-security",
    "user-agreement",
]
"""What a BSP may have to show: the fields of its application for qualification."""

GroupFact = Literal["ramp", "evidence", "test-activation"]
"""What an application for a group may have to hold."""

FullActivation = Annotated[int, Field(strict=True, ge=1, le=86_400)]
Step = Annotated[int, Field(strict=True, ge=1, le=999_999_999_999)]


class ProductTerms(Part):
    """What a product is, and what it asks for."""

    name_nb: values.NameText
    name_en: values.NameText
    full_activation_s: FullActivation
    """From order to full power, in seconds."""
    minimum_w: values.Watt
    """The smallest bid."""
    step_w: Step
    bsp_shows: tuple[BspFact, ...] = Field(default=(), max_length=20)
    """Without these an application for qualification is not complete."""
    group_shows: tuple[GroupFact, ...] = Field(default=(), max_length=20)
    """Without these a group's application is not complete."""


_SHOWN: Final[tuple[BspFact, ...]] = (
    "contact-email",
    "contract-reference",
    "operations-contact",
    "settlement-agreement",
    "balance-responsibility",
)

FIRST_PRODUCTS: Final[dict[str, ProductTerms]] = {
    "mFRR": ProductTerms(
        name_nb="Manuelle frekvensgjenopprettingsreserver",
        name_en="Manual frequency restoration reserves",
        full_activation_s=750,
        minimum_w=1_000_000,
        step_w=1_000_000,
        bsp_shows=_SHOWN,
        group_shows=("ramp",),
    ),
    # Slower than the standard product; the figure is ours, until the TSO says another.
    "mFRR-D": ProductTerms(
        name_nb="Manuelle frekvensgjenopprettingsreserver, driftsforstyrrelser",
        name_en="Manual frequency restoration reserves, disturbances",
        full_activation_s=900,
        minimum_w=1_000_000,
        step_w=1_000_000,
        bsp_shows=_SHOWN,
        group_shows=("ramp",),
    ),
}
"""The products that a register opens with; no event says them."""


class OfferProduct(Command):
    """The TSO adds a product, offers a closed one again, or changes one's terms. Subject: the product's code."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = Product

    terms: ProductTerms


class WithdrawProduct(Command):
    """The TSO closes a product: nobody can qualify for it any more; who is qualified stays so. Subject: its code."""

    senders: ClassVar = frozenset({Role.TSO})
    subject_is: ClassVar = Product

    reasons: values.LongText


class ProductOffered(Event):
    """BSPs can qualify for this product, on these terms. Published to everyone."""

    home: ClassVar = "product"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    product: Product
    terms: ProductTerms


class ProductClosed(Event):
    """Nobody can qualify for this product any more. Published to everyone."""

    home: ClassVar = "product"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    product: Product
    reasons: str


class QualifiedBsp(Part):
    """A BSP that is qualified, in `[valid_from, valid_to)`; without `valid_to` until further notice."""

    bsp: values.Gln
    valid_from: values.UtcTime
    valid_to: values.UtcTime | None = None


class QualifiedBspsListed(Event):
    """All BSPs that are qualified for a product, in order of GLN; the latest counts. Published to everyone."""

    home: ClassVar = "product"
    audience: ClassVar[tuple[Audience, ...]] = tuple(everyone(role) for role in Role)

    product: Product
    bsps: tuple[QualifiedBsp, ...]
